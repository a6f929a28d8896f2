"""Pieces of a formula as it is written: how tightly they bind, how large they are, where they may be broken.

Sizes are estimates, in em of the text's font; they decide parentheses and line breaks, nothing else. TeX's own verdict
(an overfull line) is heard later, by `build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

from solver.typeset.forms import SIZES, Delimiter, Form, Fraction, Stretched, beside, form, joined, lowered, raised


class Level(IntEnum):
    """How tightly a piece binds, loosest first."""

    LOGIC = 0
    RELATION = 1
    SUM = 2
    NEGATIVE = 3
    SLASH = 4
    ODOT = 5
    PRODUCT = 6
    SCRIPT = 7
    ATOM = 8


@dataclass(frozen=True)
class Chunk:
    """A form that is never broken inside; a line may end before it at the price `penalty`, or never."""

    form: Form
    width: float
    penalty: int | None = None


@dataclass(frozen=True)
class Box:
    """A piece of a formula.

    `open`: it reaches to the right (a sum's body, the argument of a bare log), so that a factor written after it would
    be taken in. `scripted`: it takes a superscript as it stands. `parens` is the size of the largest parentheses in
    it, `height` how tall it is (a line of text is 1).
    """

    chunks: tuple[Chunk, ...]
    level: Level = Level.ATOM
    height: float = 1.0
    parens: int = 0
    open: bool = False
    scripted: bool = False

    @cached_property
    def form(self) -> Form:
        return beside(*(chunk.form for chunk in self.chunks))

    @property
    def tex(self) -> str:
        return self.form.tex

    @property
    def width(self) -> float:
        return sum(chunk.width for chunk in self.chunks)

    @property
    def solid(self) -> Box:
        """The same piece, never broken."""
        return replace(self, chunks=(Chunk(self.form, self.width),))

    def before(self, penalty: int) -> Box:
        """The same piece, before which a line may end."""
        first, *rest = self.chunks
        return replace(self, chunks=(replace(first, penalty=penalty), *rest))


def atom(piece: Form | str, width: float, height: float = 1.0, *, scripted: bool = True) -> Box:
    return Box((Chunk(form(piece), width),), Level.ATOM, height, scripted=scripted)


def sign(piece: Form | str, width: float) -> Box:
    """An operator's sign, or anything that is only glue."""
    return Box((Chunk(form(piece), width),))


def row(boxes: Iterable[Box], level: Level, *, open: bool = False) -> Box:
    """Boxes side by side."""
    parts = tuple(boxes)
    chunks: list[Chunk] = []
    for part in parts:
        for number, chunk in enumerate(part.chunks):
            # a sign belongs to what follows it, unless a line may end there
            if chunks and chunk.penalty is None and number == 0:
                last = chunks.pop()
                chunks.append(Chunk(beside(last.form, chunk.form), last.width + chunk.width, last.penalty))
            else:
                chunks.append(chunk)
    return Box(
        tuple(chunks),
        level,
        max((p.height for p in parts), default=1.0),
        max((p.parens for p in parts), default=0),
        open,
    )


# --- parentheses --------------------------------------------------------------------------------------------------

_CLOSE = {
    "(": ")", "[": "]", r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\{": r"\}", r"\langle": r"\rangle",
}  # fmt: skip
_HEIGHTS = (1.45, 1.75, 2.15, 3.6, 4.2)
"""The tallest content that each size of parenthesis holds."""

NEST = 9
"""What a pair of parentheses adds to the price of a line break inside."""


def fence(inner: Box, opening: str = "(", *, light: bool = False) -> Box:
    """The piece in parentheses of the right size. `light` ones, of a function's argument, do not enlarge others."""
    closing = _CLOSE[opening]
    tall = next((k for k, limit in enumerate(_HEIGHTS) if inner.height <= limit), None)
    if tall is None:
        held = Stretched(opening, inner.form, closing)
        return Box((Chunk(held, inner.width + 1.4),), Level.ATOM, inner.height, len(SIZES), scripted=True)
    size = max(tall, min(inner.parens, 2))
    left, right = Delimiter(opening, size), Delimiter(closing, size, closing=True)
    body = [replace(c, penalty=None if c.penalty is None else c.penalty + NEST) for c in inner.chunks]
    breadth = (0.55 if "V" in opening else 0.36) + 0.12 * size
    first, *rest = body
    chunks = [Chunk(beside(left, first.form), first.width + breadth), *rest]
    last = chunks.pop()
    chunks.append(Chunk(beside(last.form, right), last.width + breadth, last.penalty))
    parens = max(inner.parens, size) if light else max(inner.parens, size) + 1
    return Box(tuple(chunks), Level.ATOM, max(inner.height, 1.0), parens, scripted=True)


def group(box: Box, least: Level) -> Box:
    """The piece as it stands where it binds at least so tightly, else in parentheses."""
    return box if box.level >= least else fence(box)


# --- scripts and fractions ----------------------------------------------------------------------------------------

SMALL = 0.72


def superscript(base: Box, above: Box) -> Box:
    kept = base if base.scripted and base.level >= Level.ATOM else fence(base)
    *front, last = kept.chunks
    scripted = Chunk(raised(last.form, above.form), last.width + SMALL * above.width, last.penalty)
    return Box((*front, scripted), Level.SCRIPT, max(kept.height, 1.25), kept.parens)


def subscript(base: Box, below: Sequence[Box], separator: str = "") -> Box:
    r"""`base_{below}`; the base must take it as it stands."""
    *front, last = base.chunks
    inside = joined((box.form for box in below), separator)
    wide = SMALL * (sum(box.width for box in below) + 0.2 * bool(separator) * len(below))
    return replace(base, chunks=(*front, Chunk(lowered(last.form, inside), last.width + wide, last.penalty)))


def fraction(above: Box, below: Box, *, small: bool = False, cell: bool = False) -> Box:
    r"""`\frac`; `small` ones come out in the size of text, those of a `cell` are kept large."""
    scale = SMALL if small else 1.0
    width = scale * max(above.width, below.width) + 0.24
    height = scale * (above.height + below.height) + 0.25
    parens = max(above.parens, below.parens)
    return Box((Chunk(Fraction(above.form, below.form, cell), width),), Level.ATOM, height, parens)


# --- line breaks --------------------------------------------------------------------------------------------------


def break_lines(box: Box, first: float, rest: float) -> list[Box]:
    """The piece as lines no wider than `first`, then `rest`: the cheapest breaks, and of these the fewest.

    A chunk wider than its line stands alone on it. Every line but the first begins with the operator it was broken at.
    """
    chunks = box.chunks
    best: list[tuple[float, int] | None] = [None] * (len(chunks) + 1)
    best[0] = (0.0, -1)
    for end in range(1, len(chunks) + 1):
        width, term, last = 0.0, False, chunks[end].penalty or 0 if end < len(chunks) else 0
        for start in range(end - 1, -1, -1):
            width += chunks[start].width
            # within a product or parentheses only where the sum around them has been broken first
            cut = last + NEST if term and last >= NEST else 0
            term = term or chunks[start].penalty == 0
            opened = best[start]
            if opened is None or (start and chunks[start].penalty is None):
                continue
            room = first if start == 0 else rest
            price = opened[0] + _price(chunks[start], start) + cut + 1000 * max(0.0, width - room)
            found = best[end]
            if found is None or price < found[0]:
                best[end] = (price, start)
    cuts = [len(chunks)]
    while cuts[0] > 0:
        previous = best[cuts[0]]
        assert previous is not None, "the first line may always start"
        cuts.insert(0, previous[1])
    return [replace(box, chunks=chunks[a:b]) for a, b in pairwise(cuts)]


def _price(chunk: Chunk, start: int) -> float:
    return 10.0 + (chunk.penalty or 0) if start else 0.0

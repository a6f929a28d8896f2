r"""Whole formulas, equations and derivations: `a = b`, `= b`, chains `a = b = c`, and the lines of an `align`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from solver.expr.limits import too_big
from solver.expr.nodes import Idx, Node, free_indices
from solver.expr.read import Scope
from solver.expr.shapes import Shape, is_single, transpose
from solver.expr.sizes import ONE, Size
from solver.latex.atoms import (
    Atom,
    Break,
    Fence,
    Gap,
    Grid,
    Items,
    Letter,
    Number,
    Prose,
    Scripted,
    Sign,
    Word,
    bare,
    is_sign,
    span_of,
)
from solver.latex.errors import LatexError, Span
from solver.latex.expressions import Expressions
from solver.latex.holes import alone, entrywise, shown
from solver.latex.lookup import function_word
from solver.latex.scripts import split
from solver.latex.structure import layout


@dataclass(frozen=True)
class LatexLine:
    """One equation, or (`lhs` None) a next right side; `words` is what was said beside it.

    A line that cannot be read has its `error` and no right side, and its left side where that can be read. A line
    without an equals sign has only a left side.
    """

    lhs: Node | None
    rhs: Node | None
    start: int
    end: int
    words: str = ""
    error: LatexError | None = None


@dataclass(frozen=True)
class Equations:
    """Reads the lines of one text in one scope; `introduce` lets them bring in free indices of their own."""

    scope: Scope
    define: Mapping[str, Node] = field(default_factory=dict)
    introduce: bool = False

    def value(self, items: Items, span: Span) -> tuple[Node, tuple[Idx, ...]]:
        """The pieces as one value, and the free indices they introduce."""
        reader = Expressions(self.scope, self.define, self.introduce)
        node = alone(reader.expression(items, span))
        return self.checked(reader, node, span), tuple(reader.new.values())

    def equation(self, segments: list[Items], span: Span) -> list[Node]:
        """The sides of a chain of equations, of one shape."""
        reader = Expressions(self.scope, self.define, self.introduce)
        sides: list[Node] = []
        for segment in segments:
            place = span_of(segment, span)
            sides.append(reader.expression(_annotated(reader, segment, place), place))
            self.annotation(reader, segment, sides[-1], place)
        sides = [alone(side) for side in entrywise(sides)]
        for before, after, segment in zip(sides, sides[1:], segments[1:], strict=False):
            _same_shape(before.shape, after.shape, span_of(segment, span))
        return [self.checked(reader, side, span_of(each, span)) for side, each in zip(sides, segments, strict=True)]

    def checked(self, reader: Expressions, node: Node, span: Span) -> Node:
        """The node, where every size is known, no index is both bound and free, and it is of a reasonable size."""
        if too_big(node):
            raise LatexError.at(span, "the formula is too long or nested too deeply")
        reader.holes.check(node)
        for index in sorted(free_indices(node), key=lambda index: index.name):
            if index.name in reader.rebound:
                place = reader.rebound[index.name]
                raise LatexError.at(place, f"{index.name} stands both bound and free", "choose another index")
        return node

    def annotation(self, reader: Expressions, segment: Items, node: Node, span: Span) -> None:
        r"""What `\in \mathbb{R}^{m \times n}` says must be so."""
        said = _membership(segment)
        if said is None:
            return
        sizes = [_size(reader, side, span) for side in split(bare(said), "times")]
        shape: Shape = (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], ONE)
        vector = len(sizes) == 1 and node.shape and ONE in node.shape and sizes[0] in node.shape
        if len(sizes) > 2 or (node.shape != shape and not vector):
            raise LatexError.unfit(span, f"this is {shown(node.shape)} and is said to be {shown(shape)}")


def _size(reader: Expressions, items: Items, span: Span) -> Size:
    size = reader.expression(items, span_of(items, span)).size
    if size is None:
        raise LatexError.at(span_of(items, span), "a size is made of declared sizes and whole numbers")
    return size


def _same_shape(left: Shape, right: Shape, span: Span) -> None:
    if left == right or (is_single(left) and is_single(right)):
        return
    cure = r"transpose one of them: ^\top" if left == transpose(right) else ""
    raise LatexError.unfit(span, f"the left side is {shown(left)} and the right side {shown(right)}", cure)


def _membership(segment: Items) -> Items | None:
    r"""The superscript of the ℝ in `… \in \mathbb{R}^{…}`, if the segment ends so."""
    match segment:
        case (*_, Sign(text="in"), Scripted(base=Letter(text="R", style="blackboard"), sub=None, sup=tuple() as sup)):
            return sup
    return None


def _annotated(reader: Expressions, segment: Items, span: Span) -> Items:
    return segment[:-2] if _membership(segment) is not None else segment


# --- from a text to lines -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the text: its formula, and the words beside it."""

    items: Items
    words: str
    span: Span


def rows_of(text: str) -> list[Row]:
    """The lines of a text: of its `align`, between line breaks, or the one there is."""
    items = layout(text)
    whole = Span(0, len(text))
    rows: list[list[Atom]] = [[]]
    for item in items:
        if isinstance(item, Break):
            if not item.column:
                rows.append([])
        elif isinstance(item, Grid) and item.kind == "lines":
            rows[-1].extend(_cells(item.rows[0]))
            rows.extend(_cells(row) for row in item.rows[1:])
        else:
            rows[-1].append(item)
    return [_row(tuple(row), whole) for row in rows if any(not isinstance(item, Gap) for item in row)]


def _cells(row: tuple[Items, ...]) -> list[Atom]:
    return [item for cell in row for item in cell]


def _row(items: Items, whole: Span) -> Row:
    """The line without the words before and after it, its number and its full stop."""
    span = span_of(items, whole)
    words: list[str] = []
    while items and isinstance(items[0], (Prose, Gap)):
        words.extend([items[0].text] if isinstance(items[0], Prose) else [])
        items = items[1:]
    for place, item in enumerate(items):
        if place and _is_remark(items, place):
            words.extend(getattr(each, "text", "") for each in items[place:])
            items = items[:place]
            break
        if isinstance(item, Gap) and _is_number(items[place + 1 :]):
            items = items[:place]
            break
    while items and (isinstance(items[-1], Gap) or is_sign(items[-1], ",", ".", ";")):
        items = items[:-1]
    return Row(tuple(item for item in items if not isinstance(item, Gap)), " ".join(filter(None, words)), span)


def _is_remark(items: Items, place: int) -> bool:
    """Whether words begin here that go on to the end of the line."""
    item = items[place]
    if isinstance(item, Prose):
        return True
    spaced = isinstance(items[place - 1], Gap) or is_sign(items[place - 1], ",")
    follows = items[place + 1] if place + 1 < len(items) else None
    called = isinstance(follows, (Fence, Scripted))
    return (
        isinstance(item, Word) and item.style == "text" and spaced and not called and function_word(item.text) is None
    )


def _is_number(items: Items) -> bool:
    r"""Whether an equation's number ends the line: `\quad (3)`."""
    rest = [item for item in items if not isinstance(item, Gap)]
    return len(rest) == 1 and isinstance(rest[0], Fence) and [type(i) for i in bare(rest[0].items)] == [Number]


def segments_of(row: Row) -> list[list[Items]]:
    """The chains of a line, each as its sides: `⇒` begins a new chain, `:=` is an equals sign."""
    chains: list[list[Items]] = []
    for chain in split(_joined_signs(row.items), "=>"):
        if not chain:
            continue
        sides = [_stripped(side) for side in split(chain, "=")]
        for side in sides[1:]:
            if not side:
                raise LatexError.at(span_of(chain, row.span), "nothing stands beside this equals sign")
        chains.append(sides)
    if not chains:
        raise LatexError.at(row.span, "no formula stands in this line")
    return chains


def _joined_signs(items: Items) -> Items:
    """The pieces with `:=` and `=:` as one equals sign."""
    kept: list[Atom] = []
    for place, item in enumerate(items):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        if not (is_sign(item, ":") and (is_sign(before, "=") or is_sign(after, "="))):
            kept.append(item)
    return tuple(kept)


def _stripped(items: Items) -> Items:
    while items and is_sign(items[-1], ",", ".", ";"):
        items = items[:-1]
    return items


def read_row(equations: Equations, row: Row) -> list[LatexLine]:
    """The equations of one line; what cannot be read is a line with its error."""
    lines: list[LatexLine] = []
    try:
        chains = segments_of(row)
    except LatexError as error:
        return [LatexLine(None, None, row.span.start, row.span.end, row.words, error)]
    for chain in chains:
        filled = [side for side in chain if side]
        spans = [span_of(side, row.span) for side in filled]
        try:
            sides: list[Node | None] = list(equations.equation(filled, row.span))
        except LatexError as error:
            left = _alone(equations, filled[0], row.span) if len(filled) == len(chain) > 1 else None
            lines.append(LatexLine(left, None, spans[0].start, spans[-1].end, row.words, error))
            continue
        if len(chain) > len(filled):
            lines.append(LatexLine(None, sides[0], spans[0].start, spans[0].end, row.words))
        elif len(sides) == 1:
            lines.append(LatexLine(sides[0], None, spans[0].start, spans[0].end, row.words))
        else:
            lines.append(LatexLine(sides[0], sides[1], spans[0].start, spans[1].end, row.words))
        done = 1 if len(chain) > len(filled) or len(sides) == 1 else 2
        lines.extend(
            LatexLine(None, side, place.start, place.end)
            for side, place in zip(sides[done:], spans[done:], strict=True)
        )
    return lines


def _alone(equations: Equations, side: Items, span: Span) -> Node | None:
    """The left side of an equation whose right side cannot be read; None where it cannot be read either."""
    try:
        return equations.equation([side], span)[0]
    except LatexError:
        return None


def read_lines(equations: Equations, text: str) -> list[LatexLine]:
    """All lines of a text, in order."""
    try:
        rows = rows_of(text)
    except LatexError as error:
        return _apart(equations, text, error)
    return [line for row in rows for line in read_row(equations, row)]


# --- a text that cannot be laid out as a whole --------------------------------------------------------------------

_OPENING = re.compile(r"\s*\\begin\s*\{([a-z]+\*?)\}")
_CLOSING = re.compile(r"\\end\s*\{([a-z]+\*?)\}\s*\Z")
_PIECE = re.compile(r"\\(?:\\|begin\b|end\b|.)|[{}]", re.DOTALL)


def _apart(equations: Equations, text: str, error: LatexError) -> list[LatexLine]:
    """The lines read one by one, so that what is amiss in one of them costs only that one."""
    pieces = _pieces(text)
    if len(pieces) == 1:
        sign = text.find("=")
        left = _whole(equations, text[:sign]) if sign > 0 else None
        return [LatexLine(left, None, 0, len(text), "", error)]
    lines: list[LatexLine] = []
    for start, end in pieces:
        lines.extend(_shifted(line, start) for line in read_lines(equations, text[start:end]))
    return lines


def _whole(equations: Equations, text: str) -> Node | None:
    """The one formula of a text; None where it cannot be read."""
    try:
        rows = rows_of(text)
        return equations.value(rows[0].items, rows[0].span)[0] if len(rows) == 1 else None
    except LatexError:
        return None


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the lines of an `align` stand: between line breaks outside braces and environments."""
    opening, closing = _OPENING.match(text), _CLOSING.search(text)
    start, end = (opening.end(), closing.start()) if opening and closing else (0, len(text))
    marks = [(found.start(), found.end(), found[0]) for found in _PIECE.finditer(text, start, end)]
    balanced = sum((mark == "{") - (mark == "}") for *_, mark in marks) == 0
    depth = 0
    found = []
    for first, last, mark in marks:
        if mark in ("{", "}"):
            depth += balanced * (1 if mark == "{" else -1)
        elif mark in (r"\begin", r"\end"):
            depth += 1 if mark == r"\begin" else -1
        elif mark == r"\\" and depth == 0:
            found.append((start, first))
            start = last
    return [(a, b) for a, b in (*found, (start, end)) if text[a:b].strip()] or [(start, end)]


def _shifted(line: LatexLine, by: int) -> LatexLine:
    """The line at its place in the whole text."""
    error = line.error
    if error is not None:
        moved = LatexError(error.message, error.start + by, error.end + by, error.hint)
        moved.misfit = error.misfit
        error = moved
    return replace(line, start=line.start + by, end=line.end + by, error=error)

"""Formulas as they are laid out, before anything is known of what they mean: letters, scripts, fractions, brackets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from solver.latex.errors import Span


@dataclass(frozen=True)
class Atom:
    """A piece of a formula and its place in the text."""

    span: Span = field(compare=False)


Items = tuple[Atom, ...]
"""Pieces side by side."""


@dataclass(frozen=True)
class Letter(Atom):
    r"""One letter, `x` or `theta`, with its style; `variant` tells `\varphi` from `\phi`."""

    text: str
    style: str = ""
    variant: bool = False


@dataclass(frozen=True)
class Number(Atom):
    text: str
    style: str = ""


@dataclass(frozen=True)
class Word(Atom):
    r"""A name of several letters: `\log`, `\operatorname{softmax}`, `\mathrm{prev}`, `\text{CE}`.

    `letters` holds its letters where they may also be meant one by one (`\mathbf{xW}`).
    """

    text: str
    style: str = ""
    letters: Items = ()


@dataclass(frozen=True)
class Prose(Atom):
    """Words that are no name."""

    text: str


@dataclass(frozen=True)
class Sign(Atom):
    """An operator, a relation, a comma."""

    text: str


@dataclass(frozen=True)
class Gap(Atom):
    r"""A wide space."""


@dataclass(frozen=True)
class Break(Atom):
    r"""The end of a line, `\\`, or of a column, `&`."""

    column: bool


@dataclass(frozen=True)
class Dots(Atom):
    kind: str


@dataclass(frozen=True)
class Group(Atom):
    """Braces, which are not seen."""

    items: Items


@dataclass(frozen=True)
class Fence(Atom):
    """Brackets, by the opening one (`(`, `[`, `{`, `|`, `||`, `<`); `box` is a brace under the items or a box."""

    kind: str
    items: Items


@dataclass(frozen=True)
class Frac(Atom):
    above: Items
    below: Items


@dataclass(frozen=True)
class Root(Atom):
    degree: Items
    body: Items


@dataclass(frozen=True)
class Accent(Atom):
    kind: str
    body: Items


@dataclass(frozen=True)
class BigSign(Atom):
    r"""`\sum` or `\prod`, without its limits."""

    kind: str


@dataclass(frozen=True)
class Grid(Atom):
    """A matrix (`kind` is its bracket, or empty), `cases`, aligned `lines` or a `stack` of limits."""

    kind: str
    rows: tuple[tuple[Items, ...], ...]


@dataclass(frozen=True)
class Scripted(Atom):
    """A piece with what hangs on it; `sub` and `sup` are None where there is none."""

    base: Atom
    sub: Items | None = None
    sup: Items | None = None
    primes: int = 0


def span_of(items: Sequence[Atom], otherwise: Span) -> Span:
    """From the beginning of the first to the end of the last."""
    return items[0].span.to(items[-1].span) if items else otherwise


def bare(items: Items) -> Items:
    """The pieces without wide spaces and without braces around the whole."""
    items = tuple(item for item in items if not isinstance(item, Gap))
    while len(items) == 1 and isinstance(items[0], Group):
        items = tuple(item for item in items[0].items if not isinstance(item, Gap))
    return items


def is_sign(atom: Atom | None, *texts: str) -> bool:
    return isinstance(atom, Sign) and atom.text in texts


def is_letter(atom: Atom | None, *texts: str) -> bool:
    return isinstance(atom, Letter) and atom.text in texts

r"""What a formula looks like, as a tree of letters, scripts, fractions, fences and grids, which LaTeX and MathML print.

The writer of formulas decides what stands where, which parentheses are needed and how large they are; a `Form` holds
these decisions, and its printers (`Form.tex` here, `mathml`) make none. A `Token` is one LaTeX token, with the spaces
that stand around it in a readable source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

SIZES = ("", r"\bigl", r"\Bigl", r"\biggl", r"\Biggl")
"""The commands that enlarge an opening parenthesis, by its size; a closing one has `r` for `l`."""


class Form:
    """A piece of a formula. `tex` is its LaTeX."""

    @cached_property
    def tex(self) -> str:
        return _tex(self)

    def __str__(self) -> str:
        return self.tex


@dataclass(frozen=True)
class Token(Form):
    r"""One LaTeX token: a letter, digits, a sign, a space (`x`, `12`, ` \odot `, `\,`)."""

    text: str


Face = Literal["mathrm", "mathbf", "mathbb", "operatorname", "text"]


@dataclass(frozen=True)
class Word(Form):
    r"""Letters that are read as one: `\operatorname{softmax}`, `\mathrm{prev}`, `\mathbf{1}`, `\text{if }`."""

    text: str
    face: Face = "mathrm"


@dataclass(frozen=True)
class Bold(Form):
    of: Form
    command: str = r"\bm"


@dataclass(frozen=True)
class Accented(Form):
    r"""A letter under `\hat`, `\bar`, …"""

    of: Form
    accent: str


@dataclass(frozen=True)
class Row(Form):
    """Pieces side by side."""

    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Script(Form):
    """A base with what stands below and above at its right; under and over a sum's sign in a display."""

    base: Form
    below: Form | None = None
    above: Form | None = None


@dataclass(frozen=True)
class Primed(Form):
    of: Form
    order: int


@dataclass(frozen=True)
class Fraction(Form):
    r"""`large` ones keep the size of a display where others would shrink."""

    above: Form
    below: Form
    large: bool = False


@dataclass(frozen=True)
class Root(Form):
    of: Form


@dataclass(frozen=True)
class Delimiter(Form):
    """One parenthesis of a size: what it encloses stands beside it, and lines may break there."""

    text: str
    size: int = 0
    closing: bool = False


@dataclass(frozen=True)
class Stretched(Form):
    """A pair of parentheses as tall as what they hold."""

    opening: str
    of: Form
    closing: str


@dataclass(frozen=True)
class Grid(Form):
    """Rows of cells: a matrix in brackets, cases behind a brace, lines under a sum."""

    rows: tuple[tuple[Form, ...], ...]
    kind: Literal["bmatrix", "cases", "substack"]
    roomy: bool = False


@dataclass(frozen=True)
class Marked(Form):
    """A part struck out, brought out, or with its shape written under it."""

    of: Form
    kind: Literal["cancel", "focus", "shape"]
    shape: Form | None = None


def form(piece: Form | str) -> Form:
    """A piece that is a token where it is only text."""
    return Token(piece) if isinstance(piece, str) else piece


def beside(*pieces: Form | str) -> Form:
    """Pieces side by side, rows among them opened; one piece is itself."""
    parts: list[Form] = []
    for piece in map(form, pieces):
        parts.extend(piece.parts if isinstance(piece, Row) else () if piece == NOTHING else (piece,))
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def joined(pieces: Iterable[Form], separator: str) -> Form:
    """Pieces with a sign between them."""
    found: list[Form | str] = []
    for piece in pieces:
        found += [separator, piece] if found and separator else [piece]
    return beside(*found)


def raised(base: Form, above: Form) -> Form:
    """The base with a superscript at its last piece, beside a subscript that it has already."""
    match base:
        case Row((*front, last)):
            return beside(*front, raised(last, above))
        case Script(inner, below, None):
            return Script(inner, below, above)
    return Script(base, None, above)


def lowered(base: Form, below: Form) -> Form:
    """The base with a subscript at its last piece."""
    match base:
        case Row((*front, last)):
            return beside(*front, lowered(last, below))
    return Script(base, below)


NOTHING = Token("")


# --- LaTeX ------------------------------------------------------------------------------------------------------------


def _tex(form: Form) -> str:
    match form:
        case Token(text):
            return text
        case Word(text, face):
            return rf"\{face}{{{text}}}"
        case Bold(of, command):
            return f"{command}{{{of.tex}}}"
        case Accented(of, accent):
            return rf"\{accent}{{{of.tex}}}"
        case Row(parts):
            return side_by_side(part.tex for part in parts)
        case Script(base, below, above):
            scripts = ("" if below is None else f"_{{{below.tex}}}") + ("" if above is None else f"^{{{above.tex}}}")
            return base.tex + scripts
        case Primed(of, order):
            return of.tex + "'" * order
        case Fraction(above, below, large):
            command = r"\dfrac" if large else r"\frac"
            return f"{command}{{{above.tex}}}{{{below.tex}}}"
        case Root(of):
            return rf"\sqrt{{{of.tex}}}"
        case Delimiter(text, size, closing):
            return (SIZES[size][:-1] + "r" if size and closing else SIZES[size]) + text
        case Stretched(opening, of, closing):
            return rf"\left{opening}{of.tex}\right{closing}"
        case Grid():
            return _grid(form)
        case Marked(of, "shape", shape):
            return rf"\shaped{{{of.tex}}}{{{'' if shape is None else shape.tex}}}"
        case Marked(of, kind):
            return rf"\{kind}{{{of.tex}}}"
    raise TypeError(f"no LaTeX for a {type(form).__name__}")


def _grid(grid: Grid) -> str:
    lines = (r" \\[4pt] " if grid.roomy else r" \\ ").join(
        " & ".join(cell.tex for cell in cells) for cells in grid.rows
    )
    if grid.kind == "substack":
        return rf"\substack{{{lines}}}"
    return rf"\begin{{{grid.kind}}} {lines} \end{{{grid.kind}}}"


def side_by_side(pieces: Iterable[str]) -> str:
    r"""Pieces of LaTeX side by side: `\log` before a letter needs a space."""
    found = ""
    for piece in pieces:
        command = found.rsplit("\\", 1)[-1] if "\\" in found else ""
        found = f"{found} {piece}" if command.isalpha() and piece[:1].isalpha() else found + piece
    return found


def grid(rows: Sequence[Sequence[Form]], kind: Literal["bmatrix", "cases", "substack"], roomy: bool = False) -> Grid:
    return Grid(tuple(tuple(cells) for cells in rows), kind, roomy)

"""The page as data: what stands on it and in which order, and nothing of how it looks.

Formulas are nodes and words are `Words`, so that each target (LaTeX now, HTML later) writes them in its own way. A
template only lays these out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from solver.expr.nodes import Node, Path
from solver.expr.shapes import Shape
from solver.language.catalogue import Catalogue
from solver.spec.problem import Figure, Problem, Space
from solver.spec.texts import Piece
from solver.typeset.setting import Context, Mark

Style = Literal["right", "over"]
"""Where a line's reason stands: at the right, or over the equals sign."""


@dataclass(frozen=True)
class Words:
    """Words with formulas among them."""

    pieces: tuple[Piece, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pieces)


@dataclass(frozen=True)
class LineView:
    """`lhs relation rhs`, with its reason and number. `lhs` is None where the line goes on from the one before."""

    lhs: Node | None
    rhs: Node
    reason: Words = Words()
    number: int | None = None
    relation: Literal["=", ":="] = "="
    name: Node | None = None
    """The name given to the right side here (`=: δ`)."""
    marks: Mapping[Path, Mark] = field(default_factory=dict)
    routine: bool = False
    """Whether it only tidies the line before."""
    rule: str = ""
    """The name of its rule."""
    steps: tuple[LineView, ...] = ()
    """The single steps that the line is made of, where it is more than one."""


@dataclass(frozen=True)
class ChainView:
    lines: tuple[LineView, ...]
    title: Words = Words()
    intro: Words = Words()
    given: tuple[Node, ...] = ()
    style: Style = "right"


@dataclass(frozen=True)
class CasesView:
    """Chains to stand side by side."""

    chains: tuple[ChainView, ...]


@dataclass(frozen=True)
class AnswerBox:
    """`lhs = sides[0] = …`, framed; `lhs` is None for a value without a name."""

    lhs: Node | None
    sides: tuple[Node, ...]
    shape: Shape = ()


@dataclass(frozen=True)
class DerivationView:
    blocks: tuple[ChainView | CasesView, ...]
    title: Words = Words()
    """The route's name, where a part is derived by more than one."""
    intro: Words = Words()
    closing: Words = Words()
    notes: tuple[Words, ...] = ()
    answer: AnswerBox | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading in words, and the formula it computes."""

    heading: Words
    formula: Node | None = None


@dataclass(frozen=True)
class TableView:
    """A table of values; the first cell of each row is its label."""

    corner: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class ShapesView:
    """Names with what they are, their shapes, and how many entries they have."""

    rows: tuple[tuple[Node, Words, Shape, Node], ...]


@dataclass(frozen=True)
class FigureView:
    """A figure to be drawn: `file` is its name without an ending, unique on the sheet."""

    figure: Figure
    problem: Problem
    file: str
    caption: Words


@dataclass(frozen=True)
class Earning:
    """How the points of a part are earned by one route: lines whose reasons say how many, and what is said in words."""

    title: Words
    chain: ChainView | None = None
    others: tuple[Words, ...] = ()


@dataclass(frozen=True)
class PartView:
    id: str
    label: str
    ask: Words
    intro: Words = Words()
    hint: Words = Words()
    remark: Words = Words()
    points: str = ""
    derivations: tuple[DerivationView, ...] = ()
    answers: tuple[AnswerBox, ...] = ()
    """The final formulas, each once."""
    table: TableView | None = None
    shapes: ShapesView | None = None
    closing: Words = Words()
    """What the part has found, in a sentence."""
    code: str = ""
    """The source of a program that is the answer."""
    figures: tuple[FigureView, ...] = ()
    space: Space | None = None
    """Room for the answer on the handout."""
    earning: tuple[Earning, ...] = ()
    """What earns the part's points, by route."""


@dataclass(frozen=True)
class SettingView:
    """The names of the problem: definitions with their shapes, symbols and sizes with what they are."""

    definitions: tuple[tuple[Node, Node, Shape], ...] = ()
    symbols: tuple[tuple[Node, Words, Shape], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.definitions or self.symbols)


@dataclass(frozen=True)
class ProblemView:
    name: str
    title: Words
    context: Context
    setting: SettingView
    parts: tuple[PartView, ...]
    source: Words = Words()
    intro: Words = Words()
    number: int | None = None
    """The problem's number on its sheet; None where it is alone."""
    figures: tuple[FigureView, ...] = ()


@dataclass(frozen=True)
class Record:
    """What was verified, for the footer: lines, sample points a line, the record's digest, the program's version."""

    lines: int
    verified: int
    points: int
    digest: str
    version: str


@dataclass(frozen=True)
class SheetView:
    title: str
    course: str
    intro: Words
    problems: tuple[ProblemView, ...]
    record: Record
    catalogue: Catalogue
    heading: Words = Words()
    """The title with its formulas; `title` is plain."""
    author: str = ""

    @property
    def figures(self) -> tuple[FigureView, ...]:
        """Every figure of the sheet, in order."""
        return tuple(
            figure
            for problem in self.problems
            for figure in (*problem.figures, *(figure for part in problem.parts for figure in part.figures))
        )

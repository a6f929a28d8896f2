"""What a problem file says, once it has been read: plain data, every expression already a typed node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Literal

from solver.expr.nodes import Idx, Node, Sym
from solver.expr.shapes import SCALAR, Shape
from solver.expr.sizes import Size
from solver.spec.traits import TRAITS as TRAITS

if TYPE_CHECKING:
    from solver.spec.mistakes import Mistake

Layout = Literal["row", "column"]
ROUTES: tuple[str, ...] = ("cases", "index", "chain", "differential", "kronecker", "matrix", "scalar", "identity")
"""The names that `by:` knows."""


@dataclass(frozen=True)
class Place:
    """Where something stands in a file: 1-based line and column."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Symbol:
    """A declared symbol: data with a shape and traits, or an abstract elementwise function (`function` is set)."""

    name: str
    shape: Shape = SCALAR
    traits: tuple[str, ...] = ()
    about: str = ""
    function: Literal["elementwise"] | None = None

    @property
    def node(self) -> Sym:
        return Sym(self.name, self.shape)


# --- asks: one class each -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gradient:
    """The gradient of a scalar, laid out as its variable is."""

    of: Node
    wrt: Node
    structured: bool = False


@dataclass(frozen=True)
class Jacobian:
    """The Jacobian: rows are the outputs, columns the inputs."""

    of: Node
    wrt: Node


@dataclass(frozen=True)
class Hessian:
    """The second derivatives of a scalar; two variables give the mixed block."""

    of: Node
    wrt: tuple[Node, Node]


@dataclass(frozen=True)
class Derivative:
    """The derivative by a scalar, of order 1 or more."""

    of: Node
    wrt: Node
    order: int = 1


@dataclass(frozen=True)
class Differential:
    """The differential of an expression in the differentials of `wrt`."""

    of: Node
    wrt: tuple[Node, ...]


@dataclass(frozen=True)
class Simplify:
    """A simpler form of the expression; `answer` names the form."""

    expression: Node


@dataclass(frozen=True)
class Prove:
    """`lhs == rhs`, by rewriting."""

    lhs: Node
    rhs: Node


@dataclass(frozen=True)
class Shapes:
    """The shapes of the symbols and definitions named, or of all."""

    of: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Count:
    """How many entries the named symbols hold together."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class AuthoredLine:
    """One line of an authored derivation: `lhs` is None for a next right side.

    `rhs` is None for a line that has a `mistake`, and for a left side alone, which the next line goes on from.
    """

    lhs: Node | None
    rhs: Node | None
    text: str
    place: Place
    reason: str = ""
    facts: tuple[str, ...] = ()
    mistake: Mistake | None = None
    """Why the line cannot be judged: it could not be read, or (`misfit`) its shapes not combined."""
    misfit: bool = False


@dataclass(frozen=True)
class Steps:
    """An authored derivation, to be judged line by line."""

    lines: tuple[AuthoredLine, ...]

    @property
    def counted(self) -> tuple[AuthoredLine, ...]:
        """The lines as they are numbered: a left side alone belongs to the line after it."""
        return tuple(line for line in self.lines if line.rhs is not None or line.mistake is not None)


@dataclass(frozen=True)
class TableRow:
    """Values to put in: names of symbols and definitions to decimal texts or lists of them."""

    values: Mapping[str, object]
    label: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The sizes that the lists' lengths settle."""


@dataclass(frozen=True)
class Discuss:
    """Words, and a table of what float64 really gives: each column an expression, each row an input."""

    columns: tuple[tuple[str, Node], ...] = ()
    rows: tuple[TableRow, ...] = ()


@dataclass(frozen=True)
class Implement:
    """Code for the forward pass and gradients, generated from verified formulas."""

    of: Node
    wrt: tuple[Node, ...]
    name: str = "network"


Ask = (
    Gradient | Jacobian | Hessian | Derivative | Differential | Simplify | Prove | Shapes | Count | Steps | Discuss
    | Implement
)  # fmt: skip


# --- figures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A figure computed from expressions of the problem.

    `kind` names a drawing of the typesetting room; `options` are its checked settings (nodes already read), as the
    kind's own model defines them.
    """

    kind: str
    options: Mapping[str, object]
    caption: str = ""
    place: Place | None = None


# --- the page -----------------------------------------------------------------------------------------------------

PAPERS: tuple[str, ...] = ("a4", "letter")
SIZES: tuple[str, ...] = ("normal", "large")


@dataclass(frozen=True)
class Space:
    """Room for an answer: ruled `lines`, or so many `cm`, `mm` or `in` left blank."""

    amount: float
    unit: Literal["lines", "cm", "mm", "in"]

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}"


# --- the problem --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One part: a question and how to answer it.

    `by` lists routes; empty means the route that reads best. `answer` is the form that the last line must reach.
    """

    id: str
    kind: str
    ask: Ask
    text: str
    by: tuple[str, ...] = ()
    answer: Node | None = None
    answer_place: Place | None = None
    indices: tuple[Idx, ...] = ()
    """The indices that the ask's own `of` and `wrt` introduce, in the order they are named."""
    given: tuple[Node, ...] = ()
    intro: str = ""
    hint: str = ""
    remark: str = ""
    points: float | None = None
    space: Space | None = None
    """Room for the answer on the handout."""
    figures: tuple[Figure, ...] = ()
    place: Place | None = None

    @property
    def unread(self) -> tuple[AuthoredLine, ...]:
        """The author's own lines that cannot be judged."""
        return tuple(line for line in self.ask.lines if line.mistake) if isinstance(self.ask, Steps) else ()


@dataclass(frozen=True)
class Problem:
    """A problem: its setting and its parts. `digest` is of the file's bytes."""

    file: FilePath
    name: str
    title: str
    layout: Layout
    symbols: Mapping[str, Symbol]
    define: Mapping[str, Node]
    indices: Mapping[str, Size]
    parts: tuple[Part, ...]
    dims: Mapping[str, str] = field(default_factory=dict)
    given: tuple[Node, ...] = ()
    source: str = ""
    intro: str = ""
    digest: str = ""
    figures: tuple[Figure, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each symbol and definition is declared, for messages."""
    about: Mapping[str, str] = field(default_factory=dict)
    """Words for names of `define`, where the file has them."""


@dataclass(frozen=True)
class Sheet:
    """A folder of problems, in the order of `sheet.yaml`."""

    folder: FilePath
    name: str
    title: str
    course: str
    problems: tuple[Problem, ...]
    intro: str = ""
    language: str = "en"
    author: str = ""
    paper: str = "a4"
    size: str = "normal"
    space: Space | None = None
    """Room for the answers of parts that do not ask for their own."""

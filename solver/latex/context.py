"""What reading a formula needs to know and to remember, and the reader as the parts of it see one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from solver.expr.nodes import Idx, Node, Sym, substitute, symbols
from solver.expr.read import Scope
from solver.expr.shapes import ShapeError
from solver.latex.atoms import Atom, Gap, Items, span_of
from solver.latex.errors import LatexError, Span
from solver.latex.holes import Holes
from solver.latex.names import Look, Names

MAX_DEPTH = 50


@dataclass
class Cursor:
    """A place in a row of pieces; wide spaces are passed over."""

    items: Items
    whole: Span
    position: int = 0

    @staticmethod
    def over(items: Items, otherwise: Span) -> Cursor:
        kept = tuple(item for item in items if not isinstance(item, Gap))
        return Cursor(kept, span_of(kept, otherwise))

    @property
    def peek(self) -> Atom | None:
        return self.items[self.position] if self.position < len(self.items) else None

    def ahead(self, count: int) -> Atom | None:
        place = self.position + count
        return self.items[place] if place < len(self.items) else None

    def next(self) -> Atom:
        if self.position >= len(self.items):
            raise LatexError(
                "the formula breaks off here: something is missing", max(self.whole.end - 1, 0), self.whole.end
            )
        self.position += 1
        return self.items[self.position - 1]

    def since(self, start: int) -> Span:
        """From the piece at a position to the last one taken."""
        return span_of(self.items[start : max(self.position, start + 1)], self.whole)


@dataclass
class Reader(ABC):
    """One formula being read: the names it may use, the indices bound around the place, the sizes yet unknown."""

    scope: Scope
    define: Mapping[str, Node]
    introduce: bool = False
    names: Names = field(init=False)
    holes: Holes = field(init=False, default_factory=Holes)
    bound: dict[Look, Idx] = field(init=False, default_factory=dict)
    new: dict[Look, Idx] = field(init=False, default_factory=dict)
    """Free indices that the formula itself introduced, where it may."""
    rebound: dict[str, Span] = field(init=False, default_factory=dict)
    """Names of the indices that the formula binds, and where."""
    known: dict[int, Node] = field(init=False, default_factory=dict)
    """Brackets that have been read already, to see whether they hold an argument or a factor."""
    depth: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.names = Names.of(self.scope, self.define)

    @abstractmethod
    def expression(self, items: Items, span: Span) -> Node:
        """All the pieces as one value."""

    @abstractmethod
    def condition(self, items: Items, span: Span) -> Node:
        """All the pieces as one condition."""

    @abstractmethod
    def term(self, cursor: Cursor) -> Node:
        """The next summand, its sign included."""

    @abstractmethod
    def run(self, cursor: Cursor) -> Node:
        """The next factors side by side, up to a sign."""

    @abstractmethod
    def factor(self, cursor: Cursor) -> Node:
        """The next factor, with its scripts and arguments."""

    @abstractmethod
    def side_by_side(self, cursor: Cursor) -> Node:
        """The next factors without any sign between them."""

    @abstractmethod
    def is_function(self, atom: Atom) -> bool:
        """Whether the piece is the name of a function."""

    @contextmanager
    def deeper(self, span: Span) -> Iterator[None]:
        """One level further in; LatexError beyond a depth that no formula of the field has."""
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                raise LatexError.at(span, f"the formula is nested more than {MAX_DEPTH} deep")
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def binding(self, bound: Mapping[Look, Idx]) -> Iterator[None]:
        """Inside, the letters stand for these indices."""
        outer = self.bound
        self.bound = {**outer, **bound}
        try:
            yield
        finally:
            self.bound = outer

    def folded(self, node: Node) -> Node:
        """The node with what is the value of a definition called by its name."""
        for name, value in self.define.items():
            if not isinstance(value, Sym):
                node = substitute(node, {value: Sym(name, value.shape)})
        return node

    def rests_on(self, name: str) -> frozenset[str]:
        """All names that a definition rests on, without itself."""
        found: set[str] = set()
        pending = [name]
        while pending:
            value = self.define.get(pending.pop())
            fresh = symbols(value) - found if value is not None else frozenset()
            found |= fresh
            pending.extend(fresh)
        return frozenset(found)


@contextmanager
def fitting(span: Span) -> Iterator[None]:
    """Values that do not fit are an error at this place."""
    try:
        yield
    except ShapeError as error:
        raise LatexError.unfit(span, error.message, error.hint) from None

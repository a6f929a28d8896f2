"""Nodes: the immutable typed trees of the problem language.

A node never rewrites itself: what is built is what stands. The two normalisations a constructor makes are those the
text form cannot tell apart: sums, products and matrix products are flat (they are associative), and a number is a
non-negative terminating decimal (`1/3` is a quotient of two numbers, `-3` a negation). Every node knows its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeVar, cast

from solver.expr import shapes
from solver.expr.functions import FUNCTIONS, Function
from solver.expr.shapes import SCALAR, Shape, ShapeError, describe
from solver.expr.sizes import ONE, Size

Path = tuple[int, ...]
"""Where a part stands in a node: the child's number at each level from the root."""


N = TypeVar("N", bound="Node")


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """A part of a formula. Equal nodes are the same formula, letter by letter (bound indices included)."""

    def __post_init__(self) -> None:
        held: tuple[str, ...] = self.__match_args__
        key = (type(self).__name__, *[getattr(self, name) for name in held])
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_hash", hash(key))
        object.__setattr__(self, "shape", self._shape())

    shape = cast(Shape, None)

    def __reduce__(self) -> tuple[object, ...]:
        # what a node knows of itself is not sent from process to process: where hashes differ, it would be wrong
        held: tuple[str, ...] = self.__match_args__
        return type(self), tuple(getattr(self, name) for name in held)

    def _shape(self) -> Shape:
        return SCALAR

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        """The same operation on other children."""
        return self

    @property
    def size(self) -> Size | None:
        """The size that this scalar denotes, where it is built from sizes and whole numbers only."""
        return None

    # what stands in a node is asked for again and again, of the same nodes in formula after formula: each knows it

    @cached_property
    def kinds(self) -> frozenset[type[Node]]:
        """The kinds of nodes that stand in it, its own among them."""
        return frozenset((type(self),)).union(*[child.kinds for child in self.children])

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols and definitions that stand in it."""
        return frozenset[str]().union(*[child.symbols for child in self.children])

    @cached_property
    def free(self) -> frozenset[Idx]:
        """The indices that stand free in it."""
        return frozenset[Idx]().union(*[child.free for child in self.children])

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Node)
            and self._hash == other._hash  # type: ignore[attr-defined]
            and self._key == other._key  # type: ignore[attr-defined]
        )

    def __hash__(self) -> int:
        return cast(int, self._hash)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        from solver.expr.write import write

        return f"<{write(self)}>"


# --- leaves -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Num(Node):
    """A non-negative terminating decimal."""

    value: Fraction

    @property
    def size(self) -> Size | None:
        return Size.of(int(self.value)) if self.value.denominator == 1 else None


@dataclass(frozen=True, eq=False, repr=False)
class Const(Node):
    """A named number: `pi`."""

    name: str


@dataclass(frozen=True, eq=False, repr=False)
class Sym(Node):
    """A declared symbol or a name of `define`."""

    name: str
    declared: Shape = SCALAR

    def _shape(self) -> Shape:
        return self.declared

    @cached_property
    def symbols(self) -> frozenset[str]:
        return frozenset((self.name,))


@dataclass(frozen=True, eq=False, repr=False)
class SizeSym(Node):
    """A size, as a number in an expression."""

    name: str

    @property
    def size(self) -> Size | None:
        return Size.of(self.name)


@dataclass(frozen=True, eq=False, repr=False)
class Idx(Node):
    """An index, free or bound, that runs from 1 to `range`."""

    name: str
    range: Size

    @cached_property
    def free(self) -> frozenset[Idx]:
        return frozenset((self,))


# --- arithmetic ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class _Flat(Node):
    args: tuple[Node, ...]

    def __post_init__(self) -> None:
        flat = tuple(part for arg in self.args for part in (arg.args if type(arg) is type(self) else (arg,)))
        if len(flat) < 2:
            raise ValueError(f"{type(self).__name__} needs two operands")
        object.__setattr__(self, "args", flat)
        super().__post_init__()

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return type(self)(children)


@dataclass(frozen=True, eq=False, repr=False)
class Add(_Flat):
    """`a + b + …`, broadcasting; a difference is a sum with a `Neg`."""

    def _shape(self) -> Shape:
        return shapes.broadcast([arg.shape for arg in self.args])

    @property
    def size(self) -> Size | None:
        total = Size.of(0)
        for arg in self.args:
            if arg.size is None:
                return None
            total = total + arg.size
        return total


@dataclass(frozen=True, eq=False, repr=False)
class Mul(_Flat):
    """`a * b * …`: scalar factors, or the elementwise (Hadamard) product, broadcasting."""

    def _shape(self) -> Shape:
        return shapes.broadcast([arg.shape for arg in self.args])

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        """The product of the new factors, in an order in which they fit."""
        flat = tuple(part for child in children for part in (child.args if isinstance(child, Mul) else (child,)))
        return _product(_fitting(flat))

    @property
    def size(self) -> Size | None:
        total = ONE
        for arg in self.args:
            if arg.size is None:
                return None
            total = total * arg.size
        return total


@dataclass(frozen=True, eq=False, repr=False)
class MatMul(_Flat):
    """`A @ B @ …`: the matrix product."""

    def _shape(self) -> Shape:
        shape = self.args[0].shape
        for arg in self.args[1:]:
            shape = shapes.matmul(shape, arg.shape)
        return shape

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        """The product of the new factors; a 1×1 factor that has become a number scales the others."""
        numbers = [child for child in children if not child.shape]
        rest = [child for child in children if child.shape]
        return mul(*numbers, *([matmul(*rest)] if rest else [])) if numbers else MatMul(children)


@dataclass(frozen=True, eq=False, repr=False)
class _Unary(Node):
    arg: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.arg,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return type(self)(*children)


@dataclass(frozen=True, eq=False, repr=False)
class Neg(_Unary):
    """`-a`."""

    def _shape(self) -> Shape:
        return self.arg.shape

    @property
    def size(self) -> Size | None:
        return None if self.arg.size is None else -self.arg.size


@dataclass(frozen=True, eq=False, repr=False)
class Transpose(_Unary):
    """`A.T`."""

    def _shape(self) -> Shape:
        return shapes.transpose(self.arg.shape)


@dataclass(frozen=True, eq=False, repr=False)
class _Binary(Node):
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return type(self)(*children)

    def _shape(self) -> Shape:
        return shapes.broadcast([self.left.shape, self.right.shape])


@dataclass(frozen=True, eq=False, repr=False)
class Div(_Binary):
    """`a / b`, elementwise."""

    @property
    def size(self) -> Size | None:
        number = self.right.size.number if self.right.size is not None else None
        if self.left.size is None or not number:
            return None
        return self.left.size.scaled(Fraction(1, number))


@dataclass(frozen=True, eq=False, repr=False)
class Pow(_Binary):
    """`a ** b`, elementwise."""

    @property
    def size(self) -> Size | None:
        power = self.right.size.number if self.right.size is not None else None
        if self.left.size is None or power is None or not 0 <= power <= 8:
            return None
        whole = ONE
        for _ in range(power):
            whole = whole * self.left.size
        return whole


# --- entries ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class At(Node):
    """`x[i]`, `W[j, i]`, `W[j, :]`, `U[:, o]`: entries start at 1 and `None` stands for `:`.

    One index reads a vector along its length, whichever way it lies.
    """

    arg: Node
    at: tuple[Node | None, ...]

    def _shape(self) -> Shape:
        shape = self.arg.shape
        if not shape:
            raise ShapeError("a scalar has no entries")
        if any(index is not None and index.shape for index in self.at):
            raise ShapeError("an index must be a scalar")
        match self.at:
            case (None,) | (None, None):
                raise ShapeError("`[:]` picks nothing out", "name an index")
            case (_,):
                if not shapes.is_vector(shape):
                    raise ShapeError(
                        f"one index for a matrix of shape {describe(shape)}", "write `W[i, j]`, `W[i, :]` or `W[:, j]`"
                    )
                return SCALAR
            case (None, _):
                return (shape[0], ONE)
            case (_, None):
                return (ONE, shape[1])
            case (_, _):
                return SCALAR
        raise ShapeError("a matrix has two indices")

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.arg, *(index for index in self.at if index is not None))

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        """The entry of the new value; a 1×1 value that has become a number is its own entry."""
        if not children[0].shape:
            return children[0]
        rest = iter(children[1:])
        return At(children[0], tuple(None if index is None else next(rest) for index in self.at))


@dataclass(frozen=True, eq=False, repr=False)
class Big(Node):
    """`sum(body for index in range if condition)`, or `prod`: the sum over the index's whole range."""

    kind: Literal["sum", "prod"]
    body: Node
    index: Idx
    condition: Node | None = None

    def _shape(self) -> Shape:
        return self.body.shape

    @cached_property
    def free(self) -> frozenset[Idx]:
        return super().free - {self.index}

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body,) if self.condition is None else (self.body, self.condition)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Big(self.kind, children[0], self.index, children[1] if len(children) > 1 else None)


@dataclass(frozen=True, eq=False, repr=False)
class Table(Node):
    """`matrix(body for i in m for j in n)`: the m×n matrix whose entry at (i, j) is `body`."""

    body: Node
    row: Idx
    column: Idx

    def _shape(self) -> Shape:
        if not shapes.is_single(self.body.shape):
            raise ShapeError(f"an entry must be a scalar, not {describe(self.body.shape)}")
        return (self.row.range, self.column.range)

    @cached_property
    def free(self) -> frozenset[Idx]:
        return super().free - {self.row, self.column}

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Table(children[0], self.row, self.column)


# --- conditions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Cmp(_Binary):
    """A comparison, elementwise: `==`, `!=`, `<`, `<=`, `>`, `>=`."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Cmp(children[0], children[1], self.op)


@dataclass(frozen=True, eq=False, repr=False)
class Logic(Node):
    """`a and b`, `a or b`, `not a`."""

    op: Literal["and", "or", "not"]
    args: tuple[Node, ...]

    def _shape(self) -> Shape:
        return shapes.broadcast([arg.shape for arg in self.args])

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Logic(self.op, children)


# --- functions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Call(Node):
    """A function of the table; `axis` is set wherever the function goes along or lies along one."""

    name: str
    args: tuple[Node, ...]
    axis: int | None = None

    @property
    def function(self) -> Function:
        return FUNCTIONS[self.name]

    def _shape(self) -> Shape:
        return self.function.shape(self.args, self.axis)

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Call(self.name, children, self.axis)


@dataclass(frozen=True, eq=False, repr=False)
class Apply(Node):
    """A declared abstract function, elementwise: `f(x)`, and `f_prime(x)` (order 1), `f_second(x)` (order 2)."""

    name: str
    arg: Node
    order: int = 0

    def _shape(self) -> Shape:
        return self.arg.shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.arg,)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return Apply(self.name, children[0], self.order)


# --- derivatives --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class D(Node):
    """`D(f, x)`: the unevaluated derivative of `f` by the symbol, defined name or entry `x`.

    `f` is read as a function of `x` through every definition it rests on, and everything else is held fixed: a defined
    name that is differentiated by is a free variable. Laid out as `shapes.derivative` says.
    """

    of: Node
    by: Node

    def _shape(self) -> Shape:
        return shapes.derivative(self.of.shape, self.by.shape)

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.of, self.by)

    def rebuild(self, children: tuple[Node, ...]) -> Node:
        return D(*children)


@dataclass(frozen=True, eq=False, repr=False)
class Dif(_Unary):
    """`d(A)`: the differential, the first-order change of `A` when the variables of the question change."""

    def _shape(self) -> Shape:
        return self.arg.shape


# --- building -----------------------------------------------------------------------------------------------------


def num(value: int | Fraction) -> Node:
    """The number, as nodes: negative ones as a negation, fractions that do not terminate as a quotient."""
    value = Fraction(value)
    if value < 0:
        return Neg(num(-value))
    if value.denominator == 1:
        return Num(value)
    return Div(Num(Fraction(value.numerator)), Num(Fraction(value.denominator)))


ZERO_NODE = Num(Fraction(0))
ONE_NODE = Num(Fraction(1))


def add(*args: Node) -> Node:
    """The sum of any number of terms: none is 0, one is itself."""
    return ZERO_NODE if not args else args[0] if len(args) == 1 else Add(args)


def mul(*args: Node) -> Node:
    """The elementwise product of any number of factors, in an order in which they fit: none is 1, one is itself.

    Of a column and a row alone, as are left of `a bᵀ ⊙ C` without C, it is the matrix `a bᵀ`.
    """
    return ONE_NODE if not args else args[0] if len(args) == 1 else _product(_fitting(args))


def _product(factors: tuple[Node, ...]) -> Node:
    if shapes.beside(factors):
        return Mul(factors)
    columns = [factor for factor in factors if shapes.is_column(factor.shape)]
    rows = [factor for factor in factors if shapes.is_row(factor.shape)]
    numbers = [factor for factor in factors if factor not in columns and factor not in rows]
    return mul(*numbers, MatMul((mul(*columns), mul(*rows))))


def _fitting(factors: tuple[Node, ...]) -> tuple[Node, ...]:
    """The factors, matrices first where a row and a column meet: they do so in a matrix only."""
    if shapes.beside(factors):
        return factors
    return tuple(sorted(factors, key=lambda factor: shapes.is_single(factor.shape) or shapes.is_vector(factor.shape)))


def matmul(*args: Node) -> Node:
    return args[0] if len(args) == 1 else MatMul(args)


def call(name: str, *args: Node, axis: int | None = None) -> Call:
    return Call(name, args, axis)


def from_size(size: Size) -> Node:
    """The size, as a number in an expression: `Size(2*d + 1)` gives `2*d + 1`."""
    terms: list[Node] = []
    for monomial, value in size.terms:
        factors: list[Node] = []
        magnitude = abs(value)
        if magnitude.numerator != 1 or not monomial:
            factors.append(num(magnitude.numerator))
        for name, power in monomial:
            factors.append(SizeSym(name) if power == 1 else Pow(SizeSym(name), num(power)))
        term = mul(*factors)
        if magnitude.denominator != 1:
            term = Div(term, num(magnitude.denominator))
        terms.append(Neg(term) if value < 0 else term)
    return add(*terms)


# --- walking ------------------------------------------------------------------------------------------------------


def walk(node: Node) -> Iterator[Node]:
    """The node and every part of it, parents first."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))


def places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every part with its place, parents first."""
    waiting = [(path, node)]
    while waiting:
        place, part = waiting.pop()
        yield place, part
        children = part.children
        for number in range(len(children) - 1, -1, -1):
            waiting.append(((*place, number), children[number]))


def first_places(node: Node) -> Iterator[tuple[Path, Node]]:
    """Every part once, with the first of its places, parents first: equal parts hold equal parts."""
    seen: set[Node] = set()
    waiting: list[tuple[Path, Node]] = [((), node)]
    while waiting:
        place, part = waiting.pop()
        if part not in seen:
            seen.add(part)
            yield place, part
            children = part.children
            for number in range(len(children) - 1, -1, -1):
                waiting.append(((*place, number), children[number]))


def places_of(node: Node, kind: type[N]) -> Iterator[tuple[Path, N]]:
    """Every part of a kind with its place, parents first; where there is none, it is not looked for."""
    waiting: list[tuple[Path, Node]] = [((), node)] if kind in node.kinds else []
    while waiting:
        place, part = waiting.pop()
        if isinstance(part, kind):
            yield place, part
        children = part.children
        for number in range(len(children) - 1, -1, -1):
            if kind in children[number].kinds:
                waiting.append(((*place, number), children[number]))


def at(node: Node, path: Path) -> Node:
    """The part at a place; IndexError where there is none."""
    for number in path:
        node = node.children[number]
    return node


def replace_at(node: Node, path: Path, part: Node) -> Node:
    """The node with the part at `path` replaced."""
    if not path:
        return part
    first, *rest = path
    children = list(node.children)
    children[first] = replace_at(children[first], tuple(rest), part)
    return node.rebuild(tuple(children))


def transform(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """The node with `change` tried on every part, parents first; a changed part is not entered again."""
    changed = change(node)
    if changed is not None:
        return changed
    if not node.children:
        return node
    children = tuple(transform(child, change) for child in node.children)
    return node if all(a is b for a, b in zip(children, node.children, strict=True)) else node.rebuild(children)


def substitute(node: Node, values: dict[Node, Node]) -> Node:
    """The node with every part that is a key replaced by its value: an index where it stands free."""
    if not any(isinstance(key, Idx) for key in values):
        return transform(node, values.get)

    def change(part: Node) -> Node | None:
        bound = _bound(part)
        if part not in values and any(index in values for index in bound):
            free = {key: value for key, value in values.items() if key not in bound}
            return part.rebuild(tuple(substitute(child, free) for child in part.children))
        return values.get(part)

    return transform(node, change)


def _bound(node: Node) -> tuple[Idx, ...]:
    """The indices that the node itself binds."""
    match node:
        case Big(index=index):
            return (index,)
        case Table(row=row, column=column):
            return (row, column)
    return ()


def contains(node: Node, part: Node) -> bool:
    return any(each == part for each in walk(node))


def free_indices(node: Node) -> frozenset[Idx]:
    """The indices that stand free in the node."""
    return node.free


def symbols(node: Node) -> frozenset[str]:
    """The names of the symbols and definitions that stand in the node."""
    return node.symbols

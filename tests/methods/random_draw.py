"""Random well-typed expressions from the language's own table.

A `Draw` makes expressions of a wanted shape; each row of the table of functions is met, its arguments within its
domain and away from where it has no derivative.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from solver.expr.functions import FUNCTIONS, Function
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
    add,
    call,
    free_indices,
    from_size,
    num,
    walk,
)
from solver.expr.shapes import SCALAR, Shape, is_single, is_vector, numel
from solver.expr.sizes import ONE, Size

DOMAINS = {
    None: "node", "cos(x) != 0": "node", "sin(x) != 0": "fraction", "x > 0": "positive", "abs(x) < 1": "small",
    "x > 1": "above_one", "x > -1": "positive", "x > 0 and x < 1": "fraction",
}  # fmt: skip
"""Which kind of argument a function with this domain is given."""
ENTRYWISE = tuple(row for row in FUNCTIONS.values() if row.kind == "elementwise" and row.params == ("x",))
MATRICES, VECTORS, SCALARS, LETTERS = "ABCEGHKPQRSTUVWXYZ", "abuvwxyz", "cgpqst", "ijklr"
OF_VECTORS = ("one-hot", "simplex", "positive", "probability", "nonzero", "plus-minus-one")
OF_SQUARES = ("symmetric", "positive-definite", "invertible", "diagonal", "triangular", "orthogonal", "positive")
TYING = frozenset({
    "ones", "zeros", "eye", "basis", "commutation", "tril", "diag", "relu", "sign", "indicator", "where", "maximum",
    "minimum", "delta", "max", "min",
})  # fmt: skip
"""Functions that make entries equal."""
OF_SCALARS = ("positive", "probability", "nonnegative", "nonzero")


@dataclass
class Draw:
    """One problem in the making; `layout` says how vectors lie, `m` and `n` are its sizes."""

    rng: random.Random
    layout: str
    m: Size
    n: Size
    declared: dict[str, tuple[Shape, tuple[str, ...]]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    define: dict[str, Node] = field(default_factory=dict)
    bound: list[Idx] = field(default_factory=list)

    # --- leaves -----------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one_of(self, *makers: Callable[[Shape, int], Node], shape: Shape, depth: int) -> Node:
        return self.rng.choice(makers)(shape, depth)

    def symbol(self, shape: Shape, trait: str = "") -> Node:
        """A symbol of the shape, or a name that is defined: one that is there, or a new one."""
        if is_single(shape):
            shape, trait = SCALAR, trait if trait in OF_SCALARS else "nonzero" if trait else ""
        there: list[Node] = [
            Sym(name, known) for name, (known, traits) in self.declared.items()
            if known == shape and (trait in traits if trait else True)
        ]  # fmt: skip
        if not trait:
            there += [Sym(name, value.shape) for name, value in self.define.items() if value.shape == shape]
        if there and (len(there) > 2 or self.chance(0.7)):
            return self.rng.choice(there)
        letters = SCALARS if not shape else VECTORS if is_vector(shape) else MATRICES
        free = [letter for letter in letters if letter not in self.declared]
        if not free and there:
            return self.rng.choice(there)
        free = free or [next(name for n in range(1, 99) if (name := f"{letters[0]}{n}") not in self.declared)]
        possible = OF_SCALARS if not shape else OF_VECTORS if is_vector(shape) else OF_SQUARES
        if shape and shape[0] != shape[1] and not is_vector(shape):
            possible = ("one-hot", "simplex", "full-rank", "positive", "probability")
        traits = (trait,) if trait else (self.rng.choice(possible),) if self.chance(0.15) else ()
        self.declared[free[0]] = (shape, traits)
        return Sym(free[0], shape)

    def leaf(self, shape: Shape, depth: int = 0) -> Node:
        """A symbol; now and then a number, a size, or a matrix made of sizes."""
        if not self.chance(0.1):
            return self.symbol(shape)
        if is_single(shape):
            size: Node = SizeSym(self.rng.choice(sorted(self.n.names))) if self.n.names else num(3)
            return self.rng.choice((num(2), Div(num(1), num(3)), num(Fraction(1, 4)), Const("pi"), size))
        if is_vector(shape) and self.chance(0.5):
            axis = 1 if shape[0] == ONE else 0
            place = next((i for i in self.bound if i.range == numel(shape)), ONE_NODE)
            return call("basis", place, from_size(numel(shape)), axis=axis)
        if shape[0] == shape[1] and self.chance(0.7):
            return call("eye", from_size(shape[0]))
        return call(self.rng.choice(("ones",) * 9 + ("zeros",)), *map(from_size, shape))

    def vector(self, size: Size) -> Shape:
        return (ONE, size) if self.layout == "row" else (size, ONE)

    def shape(self) -> Shape:
        """A shape that something is drawn in: mostly a plain one."""
        m, n = self.m, self.n
        plain = [(m, n), (n, n), (n, m), self.vector(m), self.vector(n), self.vector(n)]
        return self.rng.choice([*plain, *plain, (m + n, ONE), (m, m + n), (m * n, ONE), (n + n, n)])

    # --- expressions ------------------------------------------------------------------------------------------------

    def node(self, shape: Shape, depth: int) -> Node:
        """An expression of the shape, about `depth` operations deep."""
        if depth <= 0 or self.chance(0.05):
            return self.leaf(shape)
        if is_single(shape):
            makers = [self.sum, self.product, self.function, self.quotient, self.power, *[self.reduced] * 6]
            makers += [self.entry] if self.bound else []
            return self.rng.choice(makers)(SCALAR, depth)
        makers = [self.sum, self.product, self.function, self.quotient, self.power, self.scaled, self.transposed]
        makers += [self.matmul] * 3 + [self.special] * 4 + [self.broadcast]
        return self.rng.choice(makers)(shape, depth)

    def sum(self, shape: Shape, depth: int) -> Node:
        left, right = self.apart(shape, depth - 1, depth - 1)
        return Add((left, Neg(right) if self.chance(0.5) else right))

    def apart(self, shape: Shape, first: int, second: int) -> tuple[Node, Node]:
        """Two that differ: a difference of equals is zero, and its norm has no gradient."""
        left = self.node(shape, first)
        for _ in range(4):
            right = self.node(shape, second)
            if right != left:
                return left, right
        return left, Mul((num(3), left))

    def product(self, shape: Shape, depth: int) -> Node:
        return Mul((self.node(shape, depth - 1), self.node(shape, depth - 2)))

    def scaled(self, shape: Shape, depth: int) -> Node:
        factor = num(self.rng.choice((2, 3))) if self.chance(0.3) else self.node(SCALAR, depth - 2)
        return Mul((factor, self.node(shape, depth - 1)))

    def quotient(self, shape: Shape, depth: int) -> Node:
        below = self.rng.choice((SCALAR, shape))
        return Div(self.node(shape, depth - 1), self.positive(below, depth - 2))

    def broadcast(self, shape: Shape, depth: int) -> Node:
        """A matrix with a row, a column or a number, by `+`, `*` or `/`."""
        thin = self.rng.choice(((ONE, shape[1]), (shape[0], ONE), SCALAR))
        left = self.node(shape, depth - 1)
        match self.rng.choice("+*/"):
            case "+":
                return Add((left, self.node(thin, depth - 2)))
            case "*":
                return Mul((left, self.node(thin, depth - 2)))
        return Div(left, self.positive(thin, depth - 2))

    def function(self, shape: Shape, depth: int) -> Node:
        """A function of the table, or an abstract one, entry by entry; or a choice by a condition."""
        kind = self.rng.random()
        if kind < 0.08:
            self.functions.add("f")
            return Apply("f", self.node(shape, depth - 1))
        if kind < 0.25:
            name = self.rng.choice(("where", "where", "indicator", "maximum", "minimum", "leaky_relu", "elu"))
            return self.chosen(name, shape, depth)
        row = self.rng.choice(ENTRYWISE)
        return self.of(row, shape, depth)

    def of(self, row: Function, shape: Shape, depth: int) -> Node:
        return call(row.name, getattr(self, DOMAINS[row.domain])(shape, depth - 1))

    def chosen(self, name: str, shape: Shape, depth: int) -> Node:
        match name:
            case "where":
                return call("where", self.condition(shape, depth - 1), *self.apart(shape, depth - 1, depth - 2))
            case "indicator":
                return Mul((call("indicator", self.condition(shape, depth - 2)), self.node(shape, depth - 1)))
            case "maximum" | "minimum":
                left, right = self.apart(shape, depth - 1, depth - 2)
                return call(name, left, num(self.rng.choice((0, 1))) if self.chance(0.3) else right)
        slope = num(Fraction(1, 100) if name == "leaky_relu" else 1) if self.chance(0.5) else self.symbol(SCALAR)
        return call(name, self.node(shape, depth - 1), slope)

    def condition(self, shape: Shape, depth: int) -> Node:
        """A condition that is not settled by an equality of data."""
        op: Any = self.rng.choice(("<", ">", "<=", ">="))
        plain = Cmp(self.node(shape, depth), self.symbol(SCALAR) if self.chance(0.3) else num(0), op)
        if self.chance(0.8):
            return plain
        if self.chance(0.4):
            return Logic("not", (plain,))
        return Logic(self.rng.choice(("and", "or")), (plain, Cmp(self.symbol(shape), num(1), "<")))

    def power(self, shape: Shape, depth: int) -> Node:
        if self.chance(0.6):
            return Pow(self.node(shape, depth - 1), num(self.rng.choice((2, 2, 3))))
        exponent = self.rng.choice((Neg(num(1)), Neg(num(2)), num(Fraction(1, 2)), self.symbol(SCALAR), None))
        if exponent is None:
            return Pow(num(2), self.node(shape, depth - 1))
        return Pow(self.positive(shape, depth - 1), exponent)

    # --- arguments within a domain ------------------------------------------------------------------------------------

    def positive(self, shape: Shape, depth: int) -> Node:
        match self.rng.randrange(5):
            case 0:
                return self.symbol(shape, "positive")
            case 1:
                return call("exp", self.node(shape, depth - 1))
            case 2:
                return call("softplus", self.node(shape, depth - 1))
        return self.above_one(shape, depth)

    def above_one(self, shape: Shape, depth: int) -> Node:
        return Add((num(self.rng.choice((1, 2))), Pow(self.node(shape, depth - 1), num(2))))

    def fraction(self, shape: Shape, depth: int) -> Node:
        if self.chance(0.4):
            return self.symbol(shape, "probability")
        return call("sigmoid", self.node(shape, depth - 1))

    def small(self, shape: Shape, depth: int) -> Node:
        if self.chance(0.4):
            return self.fraction(shape, depth)
        return Div(call(self.rng.choice(("sin", "tanh")), self.node(shape, depth - 1)), num(2))

    def regular(self, size: Size, depth: int) -> Node:
        """A square matrix that has an inverse."""
        match self.rng.randrange(5):
            case 0:
                return self.symbol((size, size), "positive-definite")
            case 1:
                left = self.node((size, self.m), depth - 2)
                return Add((call("eye", from_size(size)), MatMul((left, Transpose(left)))))
            case 2:
                return Add((self.symbol((size, size)), Mul((self.symbol(SCALAR), call("eye", from_size(size))))))
        return self.symbol((size, size), self.rng.choice(("", "invertible", "symmetric")))

    # --- numbers from vectors and matrices --------------------------------------------------------------------------

    def reduced(self, shape: Shape, depth: int) -> Node:
        """A number made from a vector or matrix, or summed over an index."""
        kind = self.rng.choice(
            ("sum", "sum", "mean", "prod", "max", "min", "norm2", "norm", "norm1", "logsumexp", "tr", "tr", "dot",
             "product", "quadratic", "det", "logdet", "indexed", "indexed", "pick", "vec", "loss")
        )  # fmt: skip
        inner = self.shape()
        match kind:
            case "norm2":
                return Pow(call("norm", self.spread(inner, depth - 1)), num(2))
            case "logsumexp":
                return call("logsumexp", self.node(self.vector(self.n), depth - 1))
            case "tr":
                return call("tr", self.node((self.n, self.n), depth - 1))
            case "det" | "logdet":
                return call(kind, self.regular(self.n, depth - 1))
            case "dot":
                shape = self.vector(self.n)
                return call("dot", self.node(shape, depth - 1), self.node(shape, depth - 2))
            case "product":
                return MatMul((self.node((ONE, self.n), depth - 1), self.node((self.n, ONE), depth - 2)))
            case "quadratic":
                x = self.node(self.vector(self.n), depth - 2)
                row, column = (x, Transpose(x)) if self.layout == "row" else (Transpose(x), x)
                return MatMul((row, self.node((self.n, self.n), depth - 2), column))
            case "indexed":
                return self.indexed(depth)
            case "pick":
                return At(self.node(self.vector(self.n), depth - 1), (self.place(self.n),))
            case "vec":
                left, right = (call("vec", self.node((self.m, self.n), depth - 2)) for _ in range(2))
                middle = [call("commutation", from_size(self.n), from_size(self.m))] if self.chance(0.3) else []
                return MatMul((Transpose(left), *middle, right))
            case "loss":
                shape = self.rng.choice((self.vector(self.n), (self.m, self.n)))
                softmax = self.along("log_softmax", shape, depth)
                return Neg(call("sum", Mul((self.symbol(shape, "one-hot"), softmax))))
        return call(
            kind, self.spread(inner, depth - 1) if kind in ("max", "min", "norm") else self.node(inner, depth - 1)
        )

    def spread(self, shape: Shape, depth: int) -> Node:
        """An array without entries that are always equal or zero: there neither the largest nor a norm has a slope."""
        for _ in range(6):
            node = self.node(shape, depth)
            if not TYING & {part.name for part in self.opened(node) if isinstance(part, Call)}:
                return node
        return self.symbol(shape)

    def opened(self, node: Node) -> Iterator[Node]:
        """Every part of the node, and of the names in it."""
        for part in walk(node):
            yield part
            if isinstance(part, Sym) and part.name in self.define:
                yield from self.opened(self.define[part.name])

    def place(self, size: Size) -> Node:
        """An index, where one is bound; else the first or the last."""
        known = [i for i in self.bound if i.range == size]
        if known and self.chance(0.8):
            return self.rng.choice(known)
        return self.rng.choice((ONE_NODE, from_size(size)))

    @contextmanager
    def over(self, size: Size) -> Iterator[Idx]:
        index = Idx(next(letter for letter in LETTERS if all(i.name != letter for i in self.bound)), size)
        self.bound.append(index)
        yield index
        self.bound.remove(index)

    def indexed(self, depth: int) -> Node:
        """A sum or product over one index or two, with a condition on them now and then."""
        if len(self.bound) > 2:
            return self.entry(SCALAR, depth)
        size = self.rng.choice((self.m, self.n, self.n))
        with self.over(size) as index:
            condition: Node | None = None
            others = [i for i in self.bound[:-1] if i.range == size]
            if others and self.chance(0.5):
                op: Any = self.rng.choice(("!=", "!=", ">=", "<", "<="))
                condition = Cmp(index, self.rng.choice(others), op)
            elif self.chance(0.1):
                condition = Cmp(index, ONE_NODE, "!=")
            if len(self.bound) < 3 and self.chance(0.35):
                body = self.indexed(depth - 1)
            else:
                body = self.entry(SCALAR, depth - 1)
            if index not in free_indices(body):
                body = Mul((body, self.read(index)))
            return Big("prod" if self.chance(0.1) else "sum", body, index, condition)

    def entry(self, shape: Shape, depth: int) -> Node:
        """A number that depends on the indices that are bound."""
        index = self.rng.choice(self.bound)
        if depth <= 0:
            return self.read(index)
        match self.rng.randrange(7):
            case 0 | 1:
                return Mul((self.read(index), self.entry(shape, depth - 1)))
            case 2:
                return Add((self.read(index), Neg(self.entry(shape, depth - 1))))
            case 3:
                row = self.rng.choice(ENTRYWISE)
                argument = self.entry(shape, depth - 1)
                safe = {"positive": call("exp", argument), "above_one": Add((num(2), Pow(argument, num(2))))}
                safe |= {"fraction": call("sigmoid", argument), "small": Div(call("tanh", argument), num(2))}
                return call(row.name, safe.get(DOMAINS[row.domain], argument))
            case 4:
                return Pow(Add((self.read(index), Neg(self.node(SCALAR, depth - 2)))), num(2))
            case 5 if len({i.range for i in self.bound}) < len(self.bound):
                other = next(i for i in self.bound if i is not index and any(i.range == k.range for k in self.bound))
                twin = next((i for i in self.bound if i is not other and i.range == other.range), other)
                return Mul((call("delta", other, twin), self.read(index)))
            case 6:
                return At(self.node(self.vector(index.range), depth - 1), (index,))
        return self.read(index)

    def read(self, index: Idx) -> Node:
        """An entry of a symbol at the index: of a vector, of a matrix, the next one, a row's sum, the number itself."""
        size = index.range
        match self.rng.randrange(9):
            case 0 | 1 | 2:
                return At(self.symbol(self.vector(size)), (index,))
            case 3 | 4:
                other = self.rng.choice((self.m, self.n))
                return At(self.symbol((size, other)), (index, self.place(other)))
            case 5:
                return At(self.symbol(self.vector(size + 1)), (Add((index, ONE_NODE)) if self.chance(0.7) else index,))
            case 6:
                whole = At(self.symbol((size, self.m)), (index, None))
                return call(self.rng.choice(("sum", "norm", "logsumexp")), whole, axis=None)
            case 7:
                return MatMul((At(self.symbol((size, self.m)), (index, None)), self.symbol((self.m, ONE))))
        return Mul((index, At(self.symbol(self.vector(size)), (index,))))

    # --- vectors and matrices -----------------------------------------------------------------------------------------

    def matmul(self, shape: Shape, depth: int) -> Node:
        inner = self.rng.choice((self.m, self.n))
        left, right = self.rng.choice(((depth - 1, depth - 2), (depth - 2, depth - 1)))
        return MatMul((self.node((shape[0], inner), left), self.node((inner, shape[1]), right)))

    def transposed(self, shape: Shape, depth: int) -> Node:
        return Transpose(self.node((shape[1], shape[0]), depth - 1))

    def along(self, name: str, shape: Shape, depth: int) -> Node:
        """The softmax family: of a vector, of each sample, or along a named axis."""
        axis = None if is_vector(shape) else self.rng.choice((0, 1))
        return call(name, self.node(shape, depth - 1), axis=axis)

    def special(self, shape: Shape, depth: int) -> Node:
        rows, columns = shape
        makers: list[Callable[[Shape, int], Node]] = [self.softmax, self.table]
        if rows == columns:
            makers += [self.square] * 4
        if ONE in shape:
            makers += [self.line] * 3
        else:
            makers += [self.filled] * 2
        makers += [self.stacked] * 3
        return self.rng.choice(makers)(shape, depth)

    def softmax(self, shape: Shape, depth: int) -> Node:
        return self.along(self.rng.choice(("softmax", "log_softmax")), shape, depth)

    def square(self, shape: Shape, depth: int) -> Node:
        size = shape[0]
        match self.rng.choice(("inv", "diag", "power", "inverse power", "tril", "kron")):
            case "inv":
                return call("inv", self.regular(size, depth - 1))
            case "diag":
                return call("diag", self.node(self.vector(size), depth - 1))
            case "power":
                return call("matrix_power", self.node(shape, depth - 2), num(self.rng.choice((2, 2, 3))))
            case "inverse power":
                return call("matrix_power", self.regular(size, depth - 1), Neg(num(self.rng.choice((1, 2)))))
            case "tril":
                return call("tril", self.node(shape, depth - 1))
        return call("kron", self.node(SCALAR, depth - 2), self.node(shape, depth - 1))

    def line(self, shape: Shape, depth: int) -> Node:
        """A row or a column: reduced along an axis, a row or a column of a matrix, a diagonal."""
        along = 0 if shape[0] == ONE else 1
        size = numel(shape)
        other = self.rng.choice((self.m, self.n))
        wide = (other, size) if along == 0 else (size, other)
        match self.rng.choice(("reduce", "reduce", "pick", "diag")):
            case "reduce":
                name = self.rng.choice(("sum", "sum", "mean", "prod", "max", "min", "logsumexp"))
                draw = self.spread if name in ("max", "min") else self.node
                return call(name, draw(wide, depth - 1), axis=along)
            case "pick":
                place = self.place(other)
                return At(self.node(wide, depth - 1), (place, None) if along == 0 else (None, place))
        return call("diag", self.node((size, size), depth - 1), axis=1 - along)

    def filled(self, shape: Shape, depth: int) -> Node:
        rows, columns = shape
        match self.rng.choice(("outer", "pinv", "tril")):
            case "outer":
                return call(
                    "outer", self.node(self.vector(rows), depth - 2), self.node(self.vector(columns), depth - 1)
                )
            case "pinv" if {rows, columns} == {self.m, self.n}:
                return call("pinv", self.symbol((columns, rows), "full-rank"))
        return call("tril", self.node(shape, depth - 1))

    def stacked(self, shape: Shape, depth: int) -> Node:
        """Two blocks, a Kronecker product or stacked columns, where the shape is made of two sizes."""
        rows, columns = shape
        m, n = self.m, self.n
        for side in (0, 1):
            if shape[side] in (m + n, n + n):
                first = m if shape[side] == m + n else n
                parts = [(size, columns) if side == 0 else (rows, size) for size in (first, n)]
                blocks = [self.node(part, depth - 1 - number) for number, part in enumerate(parts)]
                return call("hstack" if side else "vstack", *blocks)
        if shape == (m * n, ONE):
            if self.chance(0.5):
                return call("vec", self.node((m, n), depth - 1))
            return call("kron", self.node((m, ONE), depth - 1), self.node((n, ONE), depth - 2))
        if rows != columns and ONE not in shape:
            return call("kron", self.node((rows, ONE), depth - 1), self.node((ONE, columns), depth - 2))
        return self.function(shape, depth)

    def table(self, shape: Shape, depth: int) -> Node:
        """`matrix(… for i in m for j in n)`."""
        if ONE in shape or len(self.bound) > 1:
            return self.function(shape, depth)
        with self.over(shape[0]) as row, self.over(shape[1]) as column:
            return Table(add(self.entry(SCALAR, depth - 1), At(self.symbol(shape), (row, column))), row, column)

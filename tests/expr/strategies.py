"""Random well-typed formulas of every kind, in both layouts, for laws that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from hypothesis import strategies as st

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
    from_size,
)
from solver.expr.read import Scope
from solver.expr.shapes import SCALAR, Shape, is_single
from solver.expr.sizes import ONE, Size

Layout = Literal["row", "column"]
N, M, D_, THREE = Size.of("n"), Size.of("m"), Size.of("d"), Size.of(3)
LENGTHS = (N, M, THREE, D_ * 2, N - 1)
SHAPES: tuple[Shape, ...] = (SCALAR, (ONE, N), (N, ONE), (N, N), (M, N), (N, M), (M, ONE), (ONE, M), (ONE, ONE))


def _scope(layout: Layout) -> Scope:
    def vector(length: Size) -> Shape:
        return (ONE, length) if layout == "row" else (length, ONE)

    shapes: dict[str, Shape] = dict.fromkeys(("a", "b", "t", "lam", "β"), SCALAR)
    shapes |= {"x": vector(N), "y": vector(N), "u": vector(M), "w": vector(THREE), "v": vector(D_ * 2)}
    shapes |= {
        "A": (N, N),
        "B": (N, N),
        "P": (M, N),
        "Q": (N, M),
        "W": (D_ * 2, THREE),
        "D": (N - 1, M),
        "e": (ONE, ONE),
    }
    return Scope(
        symbols={name: Sym(name, shape) for name, shape in shapes.items()},
        layout=layout,
        sizes=frozenset({"n", "m", "d"}),
        indices={"i": Idx("i", N), "j": Idx("j", N), "r": Idx("r", M)},
        functions=frozenset({"f", "φ"}),
    )


SCOPES: dict[Layout, Scope] = {"row": _scope("row"), "column": _scope("column")}
_UNARY = tuple(
    name for name, row in FUNCTIONS.items() if row.kind == "elementwise" and row.params == ("x",) and not row.defaults
)
_WITH_SLOPE = tuple(name for name, row in FUNCTIONS.items() if row.kind == "elementwise" and row.defaults)
_WHOLE = ("sum", "mean", "prod", "max", "min", "logsumexp")


class Maker:
    """Draws formulas of a wanted shape; every choice is one of hypothesis's, so that failures shrink."""

    def __init__(self, draw: Callable[..., object], layout: Layout) -> None:
        self.draw = draw
        self.scope = SCOPES[layout]

    def one(self, *choices: object) -> object:
        return self.draw(st.sampled_from(choices))

    def length(self) -> Size:
        return self.one(*LENGTHS)  # type: ignore[return-value]

    def value(self, shape: Shape, depth: int, bound: tuple[Idx, ...] = ()) -> Node:
        """A formula of the shape; its free indices are declared or `bound`."""
        if depth <= 0 or self.draw(st.integers(0, 9)) == 0:
            return self.leaf(shape, bound)
        kinds = [self.arithmetic, self.arithmetic, self.elementwise, self.unary, self.indexed]
        kinds += [self.to_scalar, self.entry] if not shape else [self.product, self.matrix, self.matrix]
        return self.one(*kinds)(shape, depth - 1, bound)  # type: ignore[operator]

    # --- leaves ---------------------------------------------------------------------------------------------------

    def leaf(self, shape: Shape, bound: tuple[Idx, ...]) -> Node:
        named = [symbol for symbol in self.scope.symbols.values() if symbol.shape == shape]
        if not shape:
            number = Fraction(self.draw(st.integers(0, 10**6)), 10 ** self.draw(st.integers(0, 4)))  # type: ignore
            large = Num(Fraction(10) ** self.draw(st.integers(-40, 40)) * 7)  # type: ignore[operator]
            return self.one(*named, Num(number), large, Const("pi"), SizeSym("n"), *self.indices(bound))  # type: ignore
        made = [Call(name, (from_size(shape[0]), from_size(shape[1]))) for name in ("ones", "zeros")]
        if shape[0] == shape[1]:
            made.append(Call("eye", (from_size(shape[0]),)))
        if ONE in shape:
            axis = 0 if shape[1] == ONE else 1
            length = shape[1 - axis] if shape != (ONE, ONE) else ONE
            length = shape[0] * shape[1] if length == ONE else length
            made.append(Call("basis", (ONE_NODE, from_size(length)), axis))
        return self.one(*named, *named, *made)  # type: ignore[return-value]

    def indices(self, bound: tuple[Idx, ...]) -> list[Idx]:
        return [*self.scope.indices.values(), *bound]

    def index(self, length: Size, bound: tuple[Idx, ...]) -> Node:
        """An index of an array of that length."""
        fitting = [index for index in self.indices(bound) if index.range == length]
        shifted = Add((self.one(*self.indices(bound)), self.one(ONE_NODE, Neg(ONE_NODE), SizeSym("m"))))  # type: ignore
        twice = Add((Mul((Num(Fraction(2)), self.one(*self.indices(bound)))), Neg(ONE_NODE)))  # type: ignore
        return self.one(*fitting, *fitting, ONE_NODE, from_size(length), self.scope.symbols["a"], shifted, twice)  # type: ignore

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def partner(self, shape: Shape) -> Shape:
        """A shape that broadcasts to the wanted one."""
        if not shape:
            return SCALAR
        return self.one(shape, shape, SCALAR, (ONE, shape[1]), (shape[0], ONE))  # type: ignore[return-value]

    def arithmetic(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        first = self.value(shape, depth, bound)
        second = self.value(self.partner(shape), depth, bound)
        match self.one("add", "subtract", "mul", "three", "div", "pow", "neg"):
            case "add":
                return Add((first, second))
            case "subtract":
                return Add((first, Neg(second)))
            case "mul":
                return Mul((first, second))
            case "three":
                return self.one(Add, Mul)((first, second, self.value(self.partner(shape), depth, bound)))  # type: ignore
            case "div":
                return Div(first, second)
            case "pow":
                # with a symbol in it: an exponent of numbers only is bounded
                varying = Mul((self.scope.symbols["t"], self.value(SCALAR, min(depth, 1), bound)))
                half = Div(ONE_NODE, Num(Fraction(2)))
                return Pow(first, self.one(Num(Fraction(2)), Neg(ONE_NODE), half, varying, Neg(varying)))  # type: ignore
        return Neg(first)

    def product(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        lengths = [shape[0], *(self.length() for _ in range(self.one(1, 1, 2))), shape[1]]  # type: ignore
        pairs = pairwise(lengths)
        return MatMul(tuple(self.value((rows, columns), depth, bound) for rows, columns in pairs))

    def elementwise(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        arg = self.value(shape, depth, bound)
        match self.one("unary", "unary", "slope", "two", "where", "indicator", "abstract"):
            case "unary":
                return Call(self.one(*_UNARY), (arg,))  # type: ignore[arg-type]
            case "slope":
                slope = self.one(Num(Fraction(1, 100)), ONE_NODE, self.value(SCALAR, depth, bound))
                return Call(self.one(*_WITH_SLOPE), (arg, slope))  # type: ignore[arg-type]
            case "two":
                return Call(self.one("maximum", "minimum"), (arg, self.value(self.partner(shape), depth, bound)))  # type: ignore
            case "where":
                other = self.value(self.partner(shape), depth, bound)
                return Call("where", (self.condition(self.partner(shape), depth, bound), arg, other))
            case "indicator":
                return Call("indicator", (self.condition(shape, depth, bound),))
        return Apply(self.one("f", "φ"), arg, self.one(0, 1, 2))  # type: ignore[arg-type]

    def unary(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        if self.one(True, False):
            return Dif(self.value(shape, depth, bound))
        turned: Shape = (shape[1], shape[0]) if shape else SCALAR
        return Transpose(self.value(turned, depth, bound))

    def condition(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        if depth > 0 and self.draw(st.integers(0, 3)) == 0:
            op = self.one("and", "or", "not")
            count = 1 if op == "not" else self.one(2, 3)
            return Logic(op, tuple(self.condition(shape, depth - 1, bound) for _ in range(count)))  # type: ignore
        left, right = self.value(shape, depth - 1, bound), self.value(shape, depth - 1, bound)
        return Cmp(left, right, self.one("==", "!=", "<", "<=", ">", ">="))  # type: ignore[arg-type]

    # --- indices --------------------------------------------------------------------------------------------------

    def indexed(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        index = Idx(f"k{len(bound)}", self.one(N, M, THREE, N - 1))  # type: ignore[arg-type]
        inside = (*bound, index)
        if shape and self.one(True, False):
            row, column = Idx(f"k{len(bound)}", shape[0]), Idx(f"l{len(bound)}", shape[1])
            body = self.value(self.one(SCALAR, SCALAR, (ONE, ONE)), depth, (*bound, row, column))  # type: ignore
            return Table(body, row, column)
        condition = self.condition(SCALAR, min(depth, 1), inside) if self.one(True, False) else None
        return Big(self.one("sum", "prod"), self.value(shape, depth, inside), index, condition)  # type: ignore[arg-type]

    def entry(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        length = self.length()
        if self.one(True, False):
            lies: Shape = self.one((ONE, length), (length, ONE))  # type: ignore[assignment]
            return At(self.value(lies, depth, bound), (self.index(length, bound),))
        other = self.length()
        at = (self.index(length, bound), self.index(other, bound))
        return At(self.value((length, other), depth, bound), at)

    # --- functions of matrices ------------------------------------------------------------------------------------

    def to_scalar(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        length, other = self.length(), self.length()

        def matrix() -> Node:
            return self.value((length, other), depth, bound)

        def square() -> Node:
            return self.value((length, length), depth, bound)

        match self.one("whole", "square", "norm", "dot", "delta", "derivative"):
            case "whole":
                return Call(self.one(*_WHOLE), (matrix(),))  # type: ignore[arg-type]
            case "square":
                return Call(self.one("tr", "det", "logdet"), (square(),))  # type: ignore[arg-type]
            case "norm":
                return Call(self.one("norm", "norm1"), (matrix(),))  # type: ignore[arg-type]
            case "dot":
                lies: Shape = self.one((ONE, length), (length, ONE))  # type: ignore[assignment]
                return Call("dot", (self.value(lies, depth, bound), self.value((length, ONE), depth, bound)))
            case "delta":
                return Call("delta", (self.index(N, bound), self.index(N, bound)))
        by = self.one(self.scope.symbols["t"], At(self.scope.symbols["A"], (ONE_NODE, self.index(N, bound))))
        return D(self.value(SCALAR, depth, bound), by)  # type: ignore[arg-type]

    def matrix(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        rows, columns = shape  # type: ignore[misc]
        length = self.length()
        kinds = ["along", "pinv", "tril", "kron", "outer", "derivative"]
        kinds += ["hstack"] if columns != ONE else []
        kinds += ["vstack"] if rows != ONE else []
        kinds += ["row"] if rows == ONE and columns != ONE else []
        kinds += ["column"] if columns == ONE and rows != ONE else []
        kinds += ["square"] if rows == columns else []

        def value(m: Size, n: Size) -> Node:
            return self.value((m, n), depth, bound)

        match self.one(*kinds):
            case "along":
                axis = self.one(None, 0, 1)
                return Call(self.one("softmax", "log_softmax"), (value(rows, columns),), axis)  # type: ignore[arg-type]
            case "pinv":
                return Call("pinv", (value(columns, rows),))
            case "tril":
                return Call("tril", (value(rows, columns),))
            case "hstack":
                return Call("hstack", (value(rows, columns - 1), value(rows, ONE)))
            case "vstack":
                return Call("vstack", (value(rows - 1, columns), value(ONE, columns)))
            case "kron":
                return Call("kron", (value(rows, ONE), value(ONE, columns)))
            case "outer":
                return Call("outer", (value(rows, ONE), value(columns, ONE)))
            case "derivative":
                return self.derivative(shape, depth, bound)
            case "row":
                return self.row(columns, length, depth, bound)
            case "column":
                return self.column(rows, length, depth, bound)
        return self.square(rows, depth, bound)

    def derivative(self, shape: Shape, depth: int, bound: tuple[Idx, ...]) -> Node:
        """A gradient by a name of the shape, a derivative by a scalar, or a second one."""
        named = [symbol for symbol in self.scope.symbols.values() if symbol.shape == shape]
        gradients = [D(self.value(SCALAR, depth, bound), symbol) for symbol in named]
        if is_single(shape):
            return self.one(*gradients)  # type: ignore[return-value]
        by_scalar = D(self.value(shape, depth, bound), self.scope.symbols["b"])
        return self.one(by_scalar, D(by_scalar, self.scope.symbols["t"]), *gradients)  # type: ignore[return-value]

    def row(self, columns: Size, other: Size, depth: int, bound: tuple[Idx, ...]) -> Node:
        arg = self.value((other, columns), depth, bound)
        match self.one("reduced", "at", "diag", "basis"):
            case "reduced":
                return Call(self.one(*_WHOLE), (arg,), 0)  # type: ignore[arg-type]
            case "at":
                return At(arg, (self.index(other, bound), None))
            case "diag":
                return Call("diag", (self.value((columns, columns), depth, bound),), 1)
        return Call("basis", (self.index(columns, bound), from_size(columns)), 1)

    def column(self, rows: Size, other: Size, depth: int, bound: tuple[Idx, ...]) -> Node:
        arg = self.value((rows, other), depth, bound)
        match self.one("reduced", "at", "diag", "basis", "vec"):
            case "reduced":
                return Call(self.one(*_WHOLE), (arg,), 1)  # type: ignore[arg-type]
            case "at":
                return At(arg, (None, self.index(other, bound)))
            case "diag":
                return Call("diag", (self.value((rows, rows), depth, bound),), 0)
            case "vec":
                return Call("vec", (self.value((ONE, rows), depth, bound),))
        return Call("basis", (self.index(rows, bound), from_size(rows)), 0)

    def square(self, length: Size, depth: int, bound: tuple[Idx, ...]) -> Node:
        arg = self.value((length, length), depth, bound)
        match self.one("inv", "matrix_power", "diag", "commutation", "at"):
            case "inv":
                return Call("inv", (arg,))
            case "matrix_power":
                return Call("matrix_power", (arg, self.one(Num(Fraction(3)), SizeSym("n"), Neg(ONE_NODE))))  # type: ignore
            case "diag":
                lies: Shape = self.one((ONE, length), (length, ONE))  # type: ignore[assignment]
                return Call("diag", (self.value(lies, depth, bound),))
            case "commutation":
                return Call("commutation", (ONE_NODE, from_size(length)))
        return Call("diag", (At(arg, (ONE_NODE, None)),)) if length != ONE else arg


@st.composite
def expressions(draw: Callable[..., object], layout: Layout = "row", depth: int = 4) -> Node:
    """A well-typed formula in `SCOPES[layout]`, of any of SHAPES."""
    return Maker(draw, layout).value(draw(st.sampled_from(SHAPES)), depth)  # type: ignore[arg-type]


@st.composite
def conditions(draw: Callable[..., object], layout: Layout = "row", depth: int = 3) -> Node:
    """A condition on scalars in `SCOPES[layout]`."""
    return Maker(draw, layout).condition(SCALAR, depth, ())

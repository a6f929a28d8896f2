r"""Whether two formulas are the same, but for what LaTeX cannot show.

Both are brought to one form, and the forms compared; every step to it is an equation that holds for all values. Order
stays: sums and products are not rearranged, except that scalars are gathered in front of the matrices they multiply.

    log_sigmoid(x)             log(sigmoid(x)), and so for the softmax; logdet(X), log|det X|
    logsumexp(x)               log(sum(exp(x))), for a vector
    sum(A), max(A)             over the entries, the indices carried inward; so are those of (A + B)[i, j]
    matrix(…) with dots        its entries at the places that are shown
    delta(i, j)                the indicator of i = j
    1×1                        a scalar
    bound indices              numbered from the outside
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    At,
    Big,
    Call,
    Cmp,
    Dif,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Table,
    Transpose,
    from_size,
    matmul,
    num,
    substitute,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE, Size
from solver.latex.entries import entry, simple

Form = tuple[object, ...]
"""A formula as nested tuples, equal exactly for the same formulas."""

FULL = 4
"""Up to this many rows and columns a matrix shows all of its entries."""


def same(left: Node, right: Node) -> bool:
    """Whether the formulas are the same; True implies that their values are equal."""
    return left == right or form(left) == form(right)


def form(node: Node) -> Form:
    """The formula without what LaTeX cannot show."""
    return _form(node, {})


Bound = Mapping[Idx, int]


def _form(node: Node, bound: Bound) -> Form:
    match node:
        case Idx() if node in bound:
            return ("bound", bound[node])
        case Num(value):
            return ("number", value)
        case Add(args):
            return ("sum", *(_form(arg, bound) for arg in args))
        case Mul() | MatMul():
            return _product(node, bound)
        case Pow(left, right):
            return _power(left, right, bound)
        case Transpose(arg):
            return _transposed(arg, bound)
        case At(arg, at):
            inner = entry(arg, at)
            return _form(inner, bound) if inner != node else _entry(arg, at, bound)
        case Big(kind, body, index, condition):
            inside = {**bound, index: len(bound)}
            limit = () if condition is None else (_form(condition, inside),)
            return ("big", kind, str(index.range), _form(body, inside), *limit)
        case Table():
            return _table(node, bound)
        case Call():
            return _call(node, bound)
        case Dif(At(arg, at)) if None in at:
            return _entry(Dif(arg), at, bound)
        case Dif(Transpose(arg)):
            return ("transposed", _form(Dif(arg), bound))
    return _plain(node, bound)


def _plain(node: Node, bound: Bound) -> Form:
    """The node's kind and what stands in it that is no part, then its parts."""
    names = tuple(getattr(node, name) for name in ("name", "op", "order", "axis", "range") if hasattr(node, name))
    return (type(node).__name__, *map(str, names), *(_form(child, bound) for child in node.children))


def _place(node: Node, bound: Bound) -> Form:
    """An index or a size: `n - 1` and `-1 + n` are one."""
    return ("size", str(node.size)) if node.size is not None else _form(node, bound)


def _entry(arg: Node, at: tuple[Node | None, ...], bound: Bound) -> Form:
    return ("entry", _form(arg, bound), *(("all",) if index is None else _place(index, bound) for index in at))


# --- products -----------------------------------------------------------------------------------------------------


def _product(node: Node, bound: Bound) -> Form:
    """The scalar factors in their order, then the matrices: multiplied, or entry by entry."""
    scalars: list[Node] = []
    matrices: list[Node] = []
    _gather(node, scalars, matrices)
    found = [*_decimals(scalars, bound)]
    forms = [_factor(matrix, bound) for matrix in matrices]
    if len(found) + len(forms) == 1:
        return (found + forms)[0]
    return ("product", tuple(found), tuple(forms))


def _gather(node: Node, scalars: list[Node], matrices: list[Node]) -> None:
    """Sorts the factors of a product; a matrix product gives up its scalar factors."""
    for factor in node.children if isinstance(node, Mul) else (node,):
        if isinstance(factor, Mul):
            _gather(factor, scalars, matrices)
        elif isinstance(factor, MatMul):
            left = _without_scalars(factor, scalars)
            if left is not None:
                (scalars if is_single(left.shape) else matrices).append(left)
        else:
            (scalars if is_single(factor.shape) else matrices).append(factor)


def _without_scalars(node: MatMul, scalars: list[Node]) -> Node | None:
    """The matrix product of what is left when scalars, and scalar factors of its factors, are taken out."""
    left: list[Node] = []
    for factor in node.args:
        own: list[Node] = []
        inner: list[Node] = []
        if isinstance(factor, Mul):
            _gather(factor, own, inner)
        if is_single(factor.shape):
            scalars.append(factor)
        elif len(inner) == 1:
            scalars.extend(own)
            left.extend(inner[0].args if isinstance(inner[0], MatMul) else inner)
        else:
            left.append(factor)
    return matmul(*left) if left else None


def _factor(node: Node, bound: Bound) -> Form:
    """A factor; a matrix product that has given up its scalars as its own factors in their order."""
    if isinstance(node, MatMul):
        return ("chain", *(_form(factor, bound) for factor in node.args))
    return _form(node, bound)


def _decimals(factors: list[Node], bound: Bound) -> Iterator[Form]:
    """The factors, a number times a power of ten as one number: `1.5 × 10⁻⁸`."""
    waiting = list(reversed(factors))
    while waiting:
        factor = waiting.pop()
        match factor, waiting[-1] if waiting else None:
            case Num(value), Pow(Num(base), exponent) if base == 10 and _whole(exponent) is not None:
                waiting.pop()
                yield ("number", value * Fraction(10) ** (_whole(exponent) or 0))
            case _:
                yield _factor(factor, bound)


def _whole(node: Node) -> int | None:
    match node:
        case Num(value) if value.denominator == 1 and value <= 400:
            return int(value)
        case Neg(Num(value)) if value.denominator == 1 and value <= 400:
            return -int(value)
    return None


def _power(left: Node, right: Node, bound: Bound) -> Form:
    exponent = _whole(right)
    if left == num(10) and exponent is not None:
        return ("number", Fraction(10) ** exponent)
    return ("power", _form(left, bound), _form(right, bound))


def _transposed(arg: Node, bound: Bound) -> Form:
    if isinstance(arg, Call) and arg.name == "basis":
        return _form(Call("basis", arg.args, 1 - (arg.axis or 0)), bound)
    return ("transposed", _form(arg, bound))


# --- functions ----------------------------------------------------------------------------------------------------


def _call(node: Call, bound: Bound) -> Form:
    args = node.args
    match node.name:
        case "log_sigmoid" | "log_softmax":
            inner = Call(node.name.removeprefix("log_"), args, node.axis)
            return _form(Call("log", (inner,)), bound)
        case "log" if isinstance(args[0], Call) and args[0].name == "abs":
            inside = args[0].args[0]
            if isinstance(inside, Call) and inside.name == "det":
                return _form(Call("logdet", inside.args), bound)
        case "logsumexp" if is_vector(args[0].shape) and _axis(node) is None:
            return _form(Call("log", (Call("sum", (Call("exp", args),)),)), bound)
        case "delta":
            return _form(Call("indicator", (Cmp(args[0], args[1], "=="),)), bound)
        case "matrix_power" if _whole(args[1]) == -1 and not is_single(args[0].shape):
            return _form(Call("inv", args[:1]), bound)
        case "inv" | "matrix_power" if is_single(args[0].shape):
            return _power(args[0], args[1] if len(args) > 1 else Neg(ONE_NODE), bound)
        case "sum" | "prod" | "max" | "min" if node.axis is None or is_vector(args[0].shape):
            return _over_entries(node, bound)
        case "eye" | "ones" | "zeros" | "commutation":
            return ("made", node.name, *(_place(arg, bound) for arg in args))
        case "basis":
            return ("made", "basis", node.axis, *(_place(arg, bound) for arg in args))
        case "hstack" | "vstack" if len(args) == 1:
            return _form(args[0], bound)
        case "hstack" | "vstack":
            return _stacked(node, bound)
    return ("call", node.name, _axis(node), *(_form(arg, bound) for arg in args))


def _axis(node: Call) -> int | None:
    """The axis, where it is not the only one there is."""
    shape = node.args[0].shape
    along = 1 if shape and shape[0] == ONE else 0
    return None if is_vector(shape) and node.function.takes_axis and node.axis == along else node.axis


def _over_entries(node: Call, bound: Bound) -> Form:
    """`sum(A)` as an indexed sum; so for the product, the largest and the smallest entry."""
    argument = node.args[0]
    if is_single(argument.shape):
        return _form(argument, bound)
    rows, columns = argument.shape  # type: ignore[misc]
    along = 1 if rows == ONE else 0
    if is_vector(argument.shape) and node.axis not in (None, along):
        return _form(argument, bound)
    lengths = [size for size in (rows, columns) if size != ONE]
    indices = [Idx(f" {len(bound) + k}", size) for k, size in enumerate(lengths)]
    body = entry(argument, tuple(indices))
    inside = {**bound, **{index: len(bound) + k for k, index in enumerate(indices)}}
    result = _form(body, inside)
    for index in reversed(indices):
        result = ("big", node.name, str(index.range), result)
    return result


# --- matrices -----------------------------------------------------------------------------------------------------


def _stacked(node: Call, bound: Bound) -> Form:
    """Blocks side by side and above one another; a matrix of scalars as its entries."""
    rows = node.args if node.name == "vstack" else (node,)
    cells = [row.args if isinstance(row, Call) and row.name == "hstack" else (row,) for row in rows]
    if all(is_single(cell.shape) for row in cells for cell in row):
        return ("entries", *(tuple(_form(cell, bound) for cell in row) for row in cells))
    return ("blocks", node.name, *(_form(arg, bound) for arg in node.args))


def _table(node: Table, bound: Bound) -> Form:
    """The entries at the places that are shown: all of them, or the first two and the last, both ways."""
    rows, columns = _shown(node.row.range), _shown(node.column.range)
    if is_single(node.shape):
        return _form(_at(node, ONE, ONE), bound)
    entries = tuple(tuple(_form(_at(node, i, j), bound) for j in columns) for i in rows)
    whole = all(size.number is not None and size.number <= FULL for size in (node.row.range, node.column.range))
    return ("entries", *entries) if whole else ("table", str(node.row.range), str(node.column.range), *entries)


def _at(node: Table, row: Size, column: Size) -> Node:
    return simple(substitute(node.body, {node.row: from_size(row), node.column: from_size(column)}))


def _shown(length: Size) -> list[Size]:
    if length.number is not None and length.number <= FULL:
        return [Size.of(k) for k in range(1, length.number + 1)]
    return [Size.of(1), Size.of(2), length]

"""Words of matrix factors: what cancels in them, what stands apart; functions as the products and pieces they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from solver.expr.nodes import (
    Call,
    Cmp,
    Div,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
    symbols,
)
from solver.expr.shapes import Shape, columns, is_single, rows
from solver.expr.sizes import ONE, Size

MAX_POWER = 8
"""A matrix power is taken factor by factor up to this exponent."""


def by_indicators(node: Call) -> Node | None:
    """A function in pieces, by indicators: `|x| = x sign x`, `max(0, x) = x 𝟙(x > 0)`, cases by their conditions."""
    match node.name, node.args:
        case "abs", (arg,):
            return mul(arg, call("sign", arg))
        case "relu", (arg,):
            return mul(arg, call("indicator", Cmp(arg, num(0), ">")))
        case "maximum", (zero, arg) | (arg, zero) if zero == num(0):
            return mul(arg, call("indicator", Cmp(arg, num(0), ">")))
        case "tril", (arg,) if not is_ones(arg) and arg.shape:
            return mul(call("tril", call("ones", from_size(arg.shape[0]), from_size(arg.shape[1]))), arg)
        case "indicator", (Logic("not", (condition,)),):
            return add(num(1), Neg(call("indicator", condition)))
        case "where", (condition, yes, no):
            held = call("indicator", condition)
            return add(mul(held, yes), no, Neg(mul(held, no)))
    return None


def of_indices(node: Node) -> bool:
    """Whether no data stand in it: a condition on indices and sizes, which has no edge to leave out."""
    return not symbols(node)


def is_ones(node: Node) -> bool:
    """Whether the matrix is `ones(m, n)`."""
    return isinstance(node, Call) and node.name == "ones"


def of_product(node: Call) -> Node | None:
    """The inverse, determinant or whole power of a product, a transpose, an inverse, by those of its parts."""
    arg = node.args[0]
    square = isinstance(arg, MatMul) and all(rows(f.shape) == columns(f.shape) for f in arg.args)
    match node.name, arg:
        case "matrix_power", _:
            match node.args[1]:
                case Num(value) if value.denominator == 1 and 1 <= value <= MAX_POWER:
                    return matmul(*([arg] * int(value)))
        case "inv", Call("inv", (inner,)):
            return inner
        case "inv", Call("matrix_power", (inner, Num(value))) if value.denominator == 1 and 1 <= value <= MAX_POWER:
            return matmul(*([call("inv", inner)] * int(value)))
        case "det", Call("matrix_power", (inner, power)):
            return Pow(call("det", inner), power)
        case "logdet", Call("matrix_power", (inner, power)):
            return mul(power, call("logdet", inner))
        case "inv" | "det", Mul(args) if sum(not is_single(f.shape) for f in args) == 1:
            number = mul(*(f for f in args if is_single(f.shape)))
            inner = next(f for f in args if not is_single(f.shape))
            if node.name == "inv":
                return Div(call("inv", inner), number)
            return mul(Pow(number, from_size(rows(arg.shape))), call("det", inner))
        case "inv", Transpose(inner):
            return Transpose(call("inv", inner))
        case "inv", MatMul(args) if square:
            return MatMul(tuple(call("inv", f) for f in reversed(args)))
        case "det" | "logdet", Transpose(inner):
            return call(node.name, inner)
        case "det", Call("inv", (inner,)):
            return Div(num(1), call("det", inner))
        case "logdet", Call("inv", (inner,)):
            return Neg(call("logdet", inner))
        case "det", MatMul(args) if square:
            return mul(*(call("det", f) for f in args))
        case "logdet", MatMul(args) if square:
            return add(*(call("logdet", f) for f in args))
    return None


def without_inverses(word: tuple[Node, ...]) -> tuple[Node, ...]:
    """The word without a matrix that stands beside its inverse."""
    for k, (left, right) in enumerate(pairwise(word)):
        if undo_each_other(left, right) or undo_each_other(right, left):
            return without_inverses((*word[:k], *word[k + 2 :]))
    for k, (left, middle, right) in enumerate(zip(word, word[1:], word[2:], strict=False)):
        if left == right and call("pinv", left) == middle:
            return without_inverses((*word[: k + 1], *word[k + 3 :]))
    return word


def without_ones(word: tuple[Node, ...]) -> tuple[tuple[Node, ...], tuple[Size, ...]]:
    """The word with matrices of ones side by side as one, and the sizes that come out: `1 1ᵀ 1 1ᵀ = n 1 1ᵀ`."""
    for k, (left, right) in enumerate(pairwise(word)):
        if is_ones(left) and is_ones(right):
            one = call("ones", from_size(rows(left.shape)), from_size(columns(right.shape)))
            rest, counts = without_ones((*word[:k], one, *word[k + 2 :]))
            return rest, (columns(left.shape), *counts)
    return word, ()


def apart(node: Node) -> tuple[Node, ...]:
    """Beside other factors a matrix of ones is a column times a row: `1 1ᵀ x` has the number `1ᵀ x` in it."""
    if not is_ones(node) or ONE in node.shape:
        return (node,)
    return call("ones", from_size(rows(node.shape)), num(1)), call("ones", num(1), from_size(columns(node.shape)))


def numbers_within(word: tuple[Node, ...], shape: Shape) -> Iterator[tuple[tuple[Node, ...], tuple[Node, ...]]]:
    """The numbers that stand in a product of matrices, each with what is left: `u (vᵀ A u) wᵀ`."""
    if is_single(shape):
        return
    # before which factors the product could be cut between a column and a row
    cuts = [k for k in range(len(word) + 1) if (rows(word[k].shape) if k < len(word) else columns(shape)) == ONE]
    for start, end in reversed(list(pairwise(cuts))):
        if end - start < len(word):
            yield word[start:end], (word := (*word[:start], *word[end:]))


def undo_each_other(left: Node, right: Node) -> bool:
    """Whether the product of the two is the identity: `A A⁻¹`, `A⁻ᵀ Aᵀ`."""
    match left, right:
        case Call("inv", (arg,)), _ if arg == right:
            return True
        case Transpose(Call("inv", (arg,))), Transpose(other) if arg == other:
            return True
    return False


def identity_beside(node: Node) -> Node:
    """The identity matrix that may stand to the left of the node."""
    return call("eye", from_size(rows(node.shape)))


def summed(part: Node) -> Node:
    """The sum of all entries, as a product where it is one.

    `Σ a_i b_i = a bᵀ`, `Σ A_ij B_ij = tr(Aᵀ B)`, `Σ v_i = 1ᵀ v`.
    """
    match part:
        case Mul((left, right)) if left.shape == right.shape == part.shape and not any(
            isinstance(f, Pow | Div) for f in (left, right)
        ):
            if rows(part.shape) == ONE:
                return MatMul((left, Transpose(right)))
            if columns(part.shape) == ONE:
                return MatMul((Transpose(left), right))
            return call("tr", MatMul((Transpose(left), right)))
        case Pow(base, Num(value)) if value == 2 and base.shape == part.shape and not isinstance(base, Pow | Div):
            return summed(Mul((base, base)))
        case Mul() | Pow() | Div():
            return call("sum", part)
    high, wide = rows(part.shape), columns(part.shape)
    before = () if high == ONE else (call("ones", num(1), from_size(high)),)
    after = () if wide == ONE else (call("ones", from_size(wide), num(1)),)
    return matmul(*before, part, *after) if before or after else call("sum", part)


def wider(first: Shape, second: Shape) -> Shape:
    """The shape of a sum: a row among matrices is as high as they are."""
    if not first or not second:
        return first or second
    return tuple(one if one != ONE else other for one, other in zip(first, second, strict=True))  # type: ignore[return-value]

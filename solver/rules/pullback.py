"""The gradient of a loss, pulled back through one operation.

With `J` a scalar and `U = f(V, …)`, `pull` turns the gradient `G = ∂J/∂U` into what `V` receives at one of its places:
`U = AVB` gives `Aᵀ G Bᵀ`, `U = f(V)` entry by entry gives `G ⊙ f′(V)`, and so on (Magnus & Neudecker, Matrix
Differential Calculus, ch. 9; Griewank & Walther, Evaluating Derivatives, ch. 3). A gradient lies as its variable does.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Div,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Path,
    Pow,
    Table,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
    substitute,
)
from solver.expr.shapes import Shape, columns, is_column, is_row, is_single, numel, rows
from solver.expr.sizes import ONE, Size
from solver.rules import tensors
from solver.rules.algebra import zeros
from solver.rules.calculus import slope
from solver.rules.letters import captured, fresh
from solver.rules.others import may_vanish, other_factors, product_of_others, share
from solver.rules.setting import Setting, fresh_index


class NoPullback(Exception):
    """An operation that no gradient is known through; the message names it."""


def pull_to(node: Node, gradient: Node, path: Path, setting: Setting) -> Node:
    """What the part at `path` receives, when `node` receives `gradient`."""
    if not path:
        return gradient
    match node:
        case Pow(Call("norm", (inside,)), Num(value)) if value == 2 and path[:2] == (0, 0):
            # a squared norm has a gradient at zero too, where the norm itself has none: 2 X, without a quotient
            return pull_to(inside, times(gradient, num(2), inside), path[2:], setting)
        case Big("sum", body, index, condition):
            if captured(index, gradient):
                other = fresh_index(index, node, gradient)
                body = substitute(body, {index: other})
                condition = None if condition is None else substitute(condition, {index: other})
                index = other
            inner = pull_to(body, gradient, path[1:], setting)
            return Big("sum", inner, index, condition)
        case Big("prod", body, index, condition) if path[0] == 0 and not captured(index, gradient):
            others = other_factors(node, index, setting) if may_vanish(body, setting) else Div(node, body)
            inner = pull_to(body, times(gradient, others), path[1:], setting)
            return Big("sum", inner, index, condition)
        case Table(body, row, column):
            entry = At(gradient, (row, column))
            inner = pull_to(body, entry, path[1:], setting)
            return Big("sum", Big("sum", inner, column), row)
    return pull_to(node.children[path[0]], pull(node, gradient, path[0], setting), path[1:], setting)


def pull(node: Node, g: Node, k: int, setting: Setting) -> Node:
    """What the child number `k` of `node` receives, when `node` receives `g`."""
    child = node.children[k]
    match node:
        case Call("where" | "indicator" | "sign") if node.name != "where" or k == 0:
            # constant between the places where the condition changes
            return zeros(child.shape)
        case Cmp() | Logic():
            return zeros(child.shape)
        case Add():
            return gathered(g, child.shape)
        case Neg():
            return Neg(g)
        case Mul(args):
            return reduce(times(g, *args[:k], *args[k + 1 :]), child.shape)
        case Div(left, right) if k == 0:
            return reduce(Div(g, right), left.shape)
        case Div(left, right):
            return reduce(Neg(Div(times(g, left), Pow(right, num(2)))), right.shape)
        case Pow(base, exponent) if k == 0:
            return reduce(times(g, exponent, lowered(base, exponent)), base.shape)
        case Pow(base, exponent):
            return reduce(times(g, node, call("log", base)), exponent.shape)
        case MatMul(args):
            return sandwich(args[:k], g, args[k + 1 :], child.shape)
        case Transpose():
            turned = tensors.transposed(g)
            return turned if tensors.transposes(turned) <= tensors.transposes(g) else transposed(g)
        case Apply(name, arg, order) if order < 2:
            return times(g, Apply(name, arg, order + 1))
        case Call("where", (condition, _, _)) if k == 1:
            return reduce(times(call("indicator", condition), g), child.shape)
        case Call("where", (condition, _, _)) if k == 2:
            return reduce(times(call("indicator", Logic("not", (condition,))), g), child.shape)
        case Call() if node.function.kind == "elementwise":
            outer = slope(node, k)
            if outer is not None:
                return reduce(times(g, outer), child.shape)
        case Call(name, args) if (
            all(is_single(arg.shape) for arg in args) and (factor := _of_number(node, k)) is not None
        ):
            return zeros(child.shape) if factor == ZERO_NODE else times(g, factor)
        case Call("prod") if may_vanish(child, setting):
            return times(g, product_of_others(node, setting))
        case Call("max" | "min"):
            # the largest entry receives it, the others nothing
            return times(g, share(node, setting))
        case Call("kron", (left, right)) if not left.shape or not right.shape:
            # with a number it is the product
            return reduce(times(g, (right, left)[k]), child.shape)
        case Call(name):
            rule = _MATRIX.get(name)
            if rule is not None:
                return rule(node, g, k, setting)
        case At(arg, at) if k == 0:
            return spread_entry(g, arg.shape, at)
    from solver.expr.write import write

    raise NoPullback(f"no gradient is known through `{write(node)}`")


def _of_number(node: Call, k: int) -> Node | None:
    """The slope of a function of arrays where all of them have one entry: its own entry is their sum and their product,
    its size the norm, its log-determinant `log |x|`."""
    match node.name, node.args:
        case "sum" | "mean" | "prod" | "max" | "min" | "logsumexp" | "tr" | "det" | "diag" | "vec" | "tril", _:
            return ONE_NODE
        case "softmax" | "log_softmax", _:
            return ZERO_NODE
        case "norm" | "norm1", (x,):
            return call("sign", x)
        case "logdet", (x,):
            return Div(ONE_NODE, x)
        case "inv" | "pinv", (x,):
            return Neg(Div(ONE_NODE, Pow(x, num(2))))
        case "dot" | "outer" | "kron", (left, right):
            return (right, left)[k]
    return None


# --- shapes of gradients ------------------------------------------------------------------------------------------


def times(*factors: Node) -> Node:
    """The elementwise product, ones left out where the shape allows, and a sign in front."""
    whole = mul(*factors)
    bare = [part for f in factors for part in _factors(f.arg if isinstance(f, Neg) else f)]
    minus = sum(isinstance(f, Neg) for f in factors) % 2
    for kept in (mul(*(f for f in bare if not _ones(f))), mul(*(f for f in bare if f != ONE_NODE)), mul(*bare)):
        if kept.shape == whole.shape or (is_single(kept.shape) and is_single(whole.shape)):
            return Neg(kept) if minus else kept
    return whole


def _factors(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Mul) else (node,)


def _ones(node: Node) -> bool:
    return node == ONE_NODE or (isinstance(node, Call) and node.name == "ones")


def lowered(base: Node, exponent: Node) -> Node:
    """`u^(n−1)`."""
    match exponent:
        case Num(value) if value == 2:
            return base
        case Num(value):
            return Pow(base, num(value - 1))
    return Pow(base, add(exponent, Neg(num(1))))


def reduce(g: Node, shape: Shape) -> Node:
    """A gradient summed over what its variable was broadcast along: a bias receives the sum over the samples."""
    if g.shape == shape or (is_single(g.shape) and is_single(shape)):
        return g
    if is_single(shape):
        return call("sum", g)
    if not g.shape or is_single(g.shape):
        return times(g, filled(shape))
    axis = None
    if rows(shape) == ONE and rows(g.shape) != ONE:
        axis = 0
    elif columns(shape) == ONE and columns(g.shape) != ONE:
        axis = 1
    if axis is not None:
        return call("sum", g, axis=axis)
    return spread(g, shape)


def gathered(g: Node, shape: Shape) -> Node:
    """A gradient summed over the rows or columns that a vector was added to: `1ᵀ G` or `G 1`."""
    if not shape or not g.shape or is_single(shape) or is_single(g.shape) or g.shape == shape:
        return reduce(g, shape)
    if rows(shape) == ONE and rows(g.shape) != ONE:
        return matmul(filled((ONE, rows(g.shape))), g)
    if columns(shape) == ONE and columns(g.shape) != ONE:
        return matmul(g, filled((columns(g.shape), ONE)))
    return reduce(g, shape)


def filled(shape: Shape) -> Node:
    """All ones, in a shape."""
    return call("ones", from_size(shape[0]), from_size(shape[1])) if shape else ONE_NODE


def spread(g: Node, shape: Shape) -> Node:
    """The gradient repeated over a shape that it broadcasts to: `1 g` for a row, `g 1ᵀ` for a column."""
    if not shape or g.shape == shape:
        return g
    if is_single(g.shape):
        return times(g, filled(shape))
    if rows(g.shape) == ONE:
        return MatMul((filled((rows(shape), ONE)), g))
    return MatMul((g, filled((ONE, columns(shape)))))


def transposed(g: Node) -> Node:
    match g:
        case Transpose(arg):
            return arg
        case _ if is_single(g.shape):
            return g
    return Transpose(g)


def sandwich(before: tuple[Node, ...], g: Node, after: tuple[Node, ...], shape: Shape) -> Node:
    """`Aᵀ G Bᵀ`: what the middle of `A V B` receives."""
    left = [transposed(a) for a in reversed(before)]
    right = [transposed(a) for a in reversed(after)]
    if is_single(g.shape):
        # the gradient of a 1×1 product is a number
        if not left and not right:
            return g
        product = matmul(*left, *right)
        return times(g, product)
    return matmul(*left, g, *right)


def spread_entry(g: Node, shape: Shape, at: tuple[Node | None, ...]) -> Node:
    """The gradient of an entry, a row or a column, put back where it was taken from."""
    high, wide = from_size(rows(shape)), from_size(columns(shape))
    if len(at) == 2 and (is_row(shape) or is_column(shape)):
        # a row or a column has one index; the whole of it is itself
        at = (at[1] if is_row(shape) else at[0],)
        if at == (None,):
            return g
    match at:
        case (index,) if index is not None:
            axis = 1 if rows(shape) == ONE else 0
            return times(g, call("basis", index, from_size(numel(shape)), axis=axis))
        case (row, None) if row is not None:
            basis = call("basis", row, high, axis=0)
            return times(g, basis) if is_single(g.shape) else MatMul((basis, g))
        case (None, column) if column is not None:
            basis = call("basis", column, wide, axis=1)
            return times(g, basis) if is_single(g.shape) else MatMul((g, basis))
        case (row, column) if row is not None and column is not None:
            place = MatMul((call("basis", row, high, axis=0), call("basis", column, wide, axis=1)))
            return times(g, place)
    raise NoPullback("an entry without an index")


# --- functions of matrices ----------------------------------------------------------------------------------------


def _sum(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return spread(g, node.args[0].shape)


def _mean(node: Call, g: Node, k: int, setting: Setting) -> Node:
    shape = node.args[0].shape
    count = numel(shape) if node.axis is None else columns(shape) if node.axis else rows(shape)
    return spread(Div(g, from_size(count)), shape)


def _prod(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return Div(times(g, node), node.args[0])


def _along(node: Call, part: Node) -> Node:
    """The sum along each sample, as the function goes."""
    return call("sum", part, axis=node.axis)


def _softmax(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return mul(node, add(g, Neg(_along(node, times(g, node)))))


def _log_softmax(node: Call, g: Node, k: int, setting: Setting) -> Node:
    probabilities = call("softmax", *node.args, axis=node.axis)
    if isinstance(g, Neg):
        # the positive term first
        return add(mul(probabilities, _along(node, spread(g.arg, node.shape))), g)
    return add(g, Neg(mul(probabilities, _along(node, spread(g, node.shape)))))


def _logsumexp(node: Call, g: Node, k: int, setting: Setting) -> Node:
    (arg,) = node.args
    if node.axis is not None and (rows, columns)[node.axis](arg.shape) == ONE:
        # each sample has one entry, which is its own value
        return g
    return times(g, call("softmax", arg, axis=node.axis if not _is_vector(arg) else None))


def _is_vector(node: Node) -> bool:
    return is_row(node.shape) or is_column(node.shape)


def _tr(node: Call, g: Node, k: int, setting: Setting) -> Node:
    shape = node.args[0].shape
    return times(g, call("eye", from_size(shape[0])) if shape else ONE_NODE)


def _det(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return times(g, node, Transpose(call("inv", node.args[0])))


def _logdet(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return times(g, Transpose(call("inv", node.args[0])))


def _inv(node: Call, g: Node, k: int, setting: Setting) -> Node:
    turned = Transpose(node)
    return Neg(MatMul((turned, g, turned)))


def _matrix_power(node: Call, g: Node, k: int, setting: Setting) -> Node:
    """`Σ_r (Aᵀ)^(r−1) G (Aᵀ)^(n−r)`, r from 1 to n."""
    if k != 0:
        raise NoPullback("no gradient is known through the exponent of a matrix power")
    base, exponent = node.args
    turned = Transpose(base)

    def power(n: int) -> tuple[Node, ...]:
        return () if n == 0 else (turned,) if n == 1 else (call("matrix_power", turned, num(n)),)

    match exponent:
        case Num(value) if value.denominator == 1 and 1 <= value <= 12:
            n = int(value)
            return add(*(matmul(*power(r), g, *power(n - 1 - r)) for r in range(n)))
        case Num(value) if value == 0:
            return zeros(base.shape)
        case Neg(Num(value)) if value.denominator == 1 and 1 <= value <= 12:
            # (A⁻¹)ᵏ, and then through the inverse
            inverse = call("inv", base)
            return _inv(inverse, _matrix_power(call("matrix_power", inverse, exponent.arg), g, 0, setting), 0, setting)
    size = exponent.size
    if size is None or size.number is not None:
        raise NoPullback("a matrix power with this exponent; a whole number or a size has a rule")
    r = fresh(size, setting, node, g, letters="rs")
    return Big(
        "sum",
        MatMul(
            (
                call("matrix_power", turned, add(r, Neg(num(1)))),
                g,
                call("matrix_power", turned, add(exponent, Neg(r))),
            )
        ),
        r,
    )


def _norm(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return times(g, Div(node.args[0], node))


def _norm1(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return times(g, call("sign", node.args[0]))


def _pinv(node: Call, g: Node, k: int, setting: Setting) -> Node:
    """`−P Gᵀ P + (I − A P) G P Pᵀ + Pᵀ P G (I − P A)`, transposed where it stands so, with P = A⁺."""
    (arg,) = node.args
    high, wide = (call("eye", from_size(size)) for size in arg.shape)
    turned = Transpose(node)
    left, right = add(high, Neg(MatMul((arg, node)))), add(wide, Neg(MatMul((node, arg))))
    return add(
        Neg(MatMul((turned, g, turned))),
        matmul(left, transposed(g), node, turned),
        matmul(turned, node, transposed(g), right),
    )


def lying_as(vector: Node, shape: Shape) -> Node:
    """The vector, turned to lie as the shape does."""
    return vector if vector.shape == shape else transposed(vector)


def _dot(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return times(g, lying_as(node.args[1 - k], node.args[k].shape))


def _outer(node: Call, g: Node, k: int, setting: Setting) -> Node:
    left, right = node.args
    if k == 0:
        return lying_as(MatMul((g, lying_as(right, (numel(right.shape), ONE)))), left.shape)
    return lying_as(MatMul((lying_as(left, (ONE, numel(left.shape))), g)), right.shape)


def _diag(node: Call, g: Node, k: int, setting: Setting) -> Node:
    shape = node.args[0].shape
    if _is_vector(node.args[0]):
        return call("diag", g, axis=1 if rows(shape) == ONE else 0)
    return call("diag", g)


def _tril(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return call("tril", g)


def _hstack(node: Call, g: Node, k: int, setting: Setting) -> Node:
    """The columns that the part filled: `G [0; I; 0]`."""
    return matmul(g, _selection(node, k, axis=1))


def _vstack(node: Call, g: Node, k: int, setting: Setting) -> Node:
    return matmul(_selection(node, k, axis=0), g)


def _selection(node: Call, k: int, axis: int) -> Node:
    widths = [arg.shape[axis] if arg.shape else ONE for arg in node.args]
    wide = widths[k]

    def block(count: Size) -> Node:
        high, broad = (count, wide) if axis else (wide, count)
        return call("zeros", from_size(high), from_size(broad))

    blocks = [call("eye", from_size(w)) if n == k else block(w) for n, w in enumerate(widths)]
    return call("vstack" if axis else "hstack", *blocks)


def _vec(node: Call, g: Node, k: int, setting: Setting) -> Node:
    """The stack taken apart again: entry (i, j) of the matrix is entry i + m(j − 1) of the stack."""
    shape = node.args[0].shape
    high = rows(shape)
    i = fresh(high, setting, node, g, letters="ipr")
    j = fresh(columns(shape), setting, node, g, i, letters="jqs")
    place = add(i, mul(from_size(high), add(j, Neg(num(1))))) if high != ONE else j
    return Table(At(g, (place,)), i, j)


def _kron(node: Call, g: Node, k: int, setting: Setting) -> Node:
    """Block sums: `∂J/∂A_ij = Σ_kl G_{(i−1)p+k, (j−1)q+l} B_kl`, and likewise for B."""
    left, right = node.args
    (m, n), (p, q) = left.shape, right.shape  # type: ignore[misc]
    i = fresh(m, setting, node, g, letters="i")
    j = fresh(n, setting, node, g, i, letters="j")
    r = fresh(p, setting, node, g, i, j, letters="k")
    s = fresh(q, setting, node, g, i, j, r, letters="l")

    def place(outer: Node, size: Size, inner: Node) -> Node:
        return add(mul(from_size(size), add(outer, Neg(num(1)))), inner)

    entry = At(g, (place(i, p, r), place(j, q, s)))
    if k == 0:
        return Table(Big("sum", Big("sum", mul(entry, At(right, (r, s))), s), r), i, j)
    return Table(Big("sum", Big("sum", mul(entry, At(left, (i, j))), j), i), r, s)


_MATRIX: dict[str, Callable[[Call, Node, int, Setting], Node]] = {
    "sum": _sum, "mean": _mean, "prod": _prod, "softmax": _softmax, "log_softmax": _log_softmax,
    "logsumexp": _logsumexp, "tr": _tr, "det": _det, "logdet": _logdet, "inv": _inv, "pinv": _pinv, "matrix_power": _matrix_power,
    "norm": _norm, "norm1": _norm1, "dot": _dot, "outer": _outer, "diag": _diag, "tril": _tril, "hstack": _hstack,
    "vstack": _vstack, "vec": _vec, "kron": _kron,
}  # fmt: skip
"""One entry a function: what its argument receives. A function that is not here has no known pullback."""

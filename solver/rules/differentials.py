"""Differentials: `d` of every construct of the language, one rule each, on `d(A)`.

Here `d(A)` is the first-order change of `A` when the variables of the question change; what does not vary has
differential 0 (Magnus & Neudecker, Matrix Differential Calculus, ch. 8). A defined name is opened by its definition,
which is the plan's business.
"""

from __future__ import annotations

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Dif,
    Div,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Table,
    Transpose,
    add,
    call,
    mul,
    num,
)
from solver.expr.shapes import is_column, is_row, is_vector
from solver.expr.sizes import ONE
from solver.rules.algebra import is_zero, zeros
from solver.rules.calculus import slope
from solver.rules.determinants import (
    determinant,
    inverse,
    log_determinant,
    norm,
    power_of_matrix,
    pseudo_inverse,
    squared_norm,
    trace_of_power,
)
from solver.rules.others import may_vanish, other_factors, product_of_others, share
from solver.rules.pullback import lowered, spread
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting

COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook"


def differential_of(node: Node, setting: Setting) -> Node:
    """`d(node)`, or zero where it does not vary."""
    return Dif(node) if setting.varies(node) else zeros(node.shape)


def _moving(parts: tuple[Node, ...], setting: Setting) -> list[int]:
    return [number for number, part in enumerate(parts) if setting.varies(part)]


def _with(parts: tuple[Node, ...], number: int) -> tuple[Node, ...]:
    """The parts with `d` at one of them."""
    return (*parts[:number], Dif(parts[number]), *parts[number + 1 :])


# --- linear -------------------------------------------------------------------------------------------------------


@rule(
    "differential of a constant", r"\mathrm{d}c = 0", words="{c} does not vary", routine=True,
    source=f"{COOKBOOK}, (33)", applies=["d(2) -> 0", "d(eye(n)) -> zeros(n, n)"], refuses=["d(a)", "d(A + 1)"],
)  # fmt: skip
def constant(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(arg) if not setting.varies(arg):
            return Rewrite(zeros(arg.shape), (("c", arg),))
    return None


@rule(
    "differential of a step", r"\mathrm{d}\,\mathbb{1}(x > 0) = 0", words="it is constant away from its jumps",
    routine=True, applies=["d(indicator(a > 0)) -> 0", "d(sign(x)) -> zeros(1, n)"], refuses=["d(a)", "d(abs(a))"],
)  # fmt: skip
def step(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("indicator" | "sign" | "delta") | Cmp() | Logic() as arg):
            return zeros(arg.shape)
    return None


@rule(
    "differential of a sum", r"\mathrm{d}(A + B) = \mathrm{d}A + \mathrm{d}B", source=f"{COOKBOOK}, (35)",
    words="sum rule",
    applies=["d(A + B) -> d(A) + d(B)", "d(A - x) -> d(A) - d(x)",
             "d(A + x - y.T) -> d(A) + ones(n, 1) @ d(x) - d(y.T) @ ones(1, n)"],
    refuses=["d(A)", "d(A @ B)"],
)  # fmt: skip
def sum_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Add(args) as whole):
            # a row beside a column repeats along the matrix that stands with them, also when its differential is zero
            mixed = any(is_row(arg.shape) for arg in args) and any(is_column(arg.shape) for arg in args)
            shape = whole.shape if mixed else ()
            return add(*(Neg(spread(Dif(a.arg), shape)) if isinstance(a, Neg) else spread(Dif(a), shape) for a in args))
    return None


@rule(
    "constant factor in a differential", r"\mathrm{d}(c\,A) = c\,\mathrm{d}A", source=f"{COOKBOOK}, (34)",
    words="constant factors stay", routine=True,
    applies=["d(2*A) -> 2*d(A)", "d(-A) -> -d(A)", "d(A/2) -> d(A)/2", "d(ones(1, n) @ A) -> ones(1, n) @ d(A)"],
    refuses=["d(a*A)", "d(A)", "d(2/a)", "d(A @ B)"],
)  # fmt: skip
def constant_factor(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Neg(arg)):
            return Neg(Dif(arg))
        case Dif(Mul(args) | MatMul(args) as product):
            moving = _moving(args, setting)
            if len(moving) == 1:
                return product.rebuild(_with(args, moving[0]))
        case Dif(Div(left, right)) if setting.varies(left) and not setting.varies(right):
            return Div(Dif(left), right)
    return None


@rule(
    "differential of a transpose", r"\mathrm{d}(A^\top) = (\mathrm{d}A)^\top", source=f"{COOKBOOK}, (44)", routine=True,
    words="d and the transpose change places", applies=["d(A.T) -> d(A).T"], refuses=["d(A)"],
)  # fmt: skip
def transpose_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Transpose(arg)):
            return Transpose(Dif(arg))
    return None


_LINEAR = ("sum", "mean", "tr", "vec", "diag", "tril")


@rule(
    "differential of a linear map", r"\mathrm{d}\operatorname{tr}(A) = \operatorname{tr}(\mathrm{d}A)", routine=True,
    source=f"{COOKBOOK}, (36)", words="d goes inside a linear map",
    applies=["d(tr(A)) -> tr(d(A))", "d(sum(x)) -> sum(d(x))", "d(diag(x)) -> diag(d(x))", "d(vec(A)) -> vec(d(A))",
             "d(A[i, j]) -> d(A)[i, j]", "d(sum(x[i] for i in n)) -> sum(d(x[i]) for i in n)",
             "d(hstack(A, B)) -> hstack(d(A), d(B))"],
    refuses=["d(tr(matrix_power(A, 3)))", "d(exp(x))", "d(prod(x))"],
)  # fmt: skip
def linear_map(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("tr", (Call("matrix_power", _),))):
            return None
        case Dif(Call(name, (arg,)) as function) if name in _LINEAR:
            return function.rebuild((Dif(arg),))
        case Dif(Call("hstack" | "vstack", args) as stack):
            return stack.rebuild(tuple(Dif(arg) for arg in args))
        case Dif(At(arg, at)) if not any(index is not None and setting.varies(index) for index in at):
            return At(Dif(arg), at)
        case Dif(Big("sum", body, index, condition)):
            return Big("sum", Dif(body), index, condition)
        case Dif(Table(body, row, column)):
            return Table(Dif(body), row, column)
    return None


# --- products and quotients ---------------------------------------------------------------------------------------


@rule(
    "differential of a product", r"\mathrm{d}(A B) = (\mathrm{d}A)\,B + A\,\mathrm{d}B", source=f"{COOKBOOK}, (37)",
    words="product rule",
    applies=["d(A @ B) -> d(A) @ B + A @ d(B)", "d(a*x) -> d(a)*x + a*d(x)",
             "d(dot(x, y)) -> dot(d(x), y) + dot(x, d(y))",
             "d(kron(A, B)) -> kron(d(A), B) + kron(A, d(B))"],
    refuses=["d(2*A)", "d(A)", "d(a/b)"],
)  # fmt: skip
def product_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Mul(args) | MatMul(args) as product) if len(moving := _moving(args, setting)) > 1:
            return add(*(product.rebuild(_with(args, number)) for number in moving))
        case Dif(Call("kron", (left, right))) if not left.shape or not right.shape:
            # with a number it is the product
            return Dif(Mul((left, right)))
        case Dif(Call("dot" | "outer" | "kron", args) as product):
            return add(*(product.rebuild(_with(args, number)) for number in _moving(args, setting)))
    return None


@rule(
    "differential of a quotient", r"\mathrm{d}\frac{u}{v} = \frac{\mathrm{d}u}{v} - \frac{u\,\mathrm{d}v}{v^2}",
    words="quotient rule",
    applies=["d(a/b) -> d(a)/b - a*d(b)/b**2", "d(2/a) -> -(2*d(a)/a**2)",
             "d(x/sum(x)) -> d(x)/sum(x) - x*d(sum(x))/sum(x)**2"],
    refuses=["d(a/2)", "d(a)"],
)  # fmt: skip
def quotient_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Div(left, right)) if setting.varies(right):
            below = Dif(right)
            second = Div(below if left == ONE_NODE else mul(left, below), Pow(right, num(2)))
            return add(Div(Dif(left), right), Neg(second)) if setting.varies(left) else Neg(second)
    return None


@rule(
    "differential of a power", r"\mathrm{d}(u^n) = n\,u^{n-1}\,\mathrm{d}u", words="power rule",
    applies=["d(a**3) -> 3*a**2*d(a)", "d(x**2) -> 2*x*d(x)", "d(2**a) -> 2**a*log(2)*d(a)"],
    refuses=["d(a)", "d(norm(x)**2)"],
)  # fmt: skip
def power_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Pow(Call("norm"), Num(value))) if value == 2:
            return None
        case Dif(Pow(base, exponent) as power):
            terms: list[Node] = []
            if setting.varies(base):
                terms.append(mul(exponent, lowered(base, exponent), Dif(base)))
            if setting.varies(exponent):
                terms.append(mul(power, call("log", base), Dif(exponent)))
            return add(*terms)
    return None


# --- entry by entry -----------------------------------------------------------------------------------------------


def _times_slope(outer: Node, inner: Node) -> Node:
    """`f′ ⊙ du`, with `1/v ⊙ du` written as `du / v`."""
    match outer:
        case Neg(arg):
            return Neg(_times_slope(arg, inner))
        case Div(left, right) if left == ONE_NODE:
            return Div(inner, right)
        case Num(value) if value == 1:
            return inner
    return mul(outer, inner)


@rule(
    "differential entry by entry", r"\mathrm{d}f(u) = f'(u) \odot \mathrm{d}u", words="chain rule, entry by entry",
    source="Magnus & Neudecker, Matrix Differential Calculus, ch. 8",
    applies=["d(exp(x)) -> exp(x)*d(x)", "d(log(a)) -> d(a)/a", "d(f(x)) -> f_prime(x)*d(x)",
             "d(tanh(A)) -> (1 - tanh(A)**2)*d(A)",
             "d(maximum(a, b)) -> indicator(a > b)*d(a) + indicator(b >= a)*d(b)"],
    refuses=["d(softmax(x))", "d(a)", "d(sum(x))", "d(log(softmax(x)))", "d(log(det(A)))"],
)  # fmt: skip
def entrywise(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(Apply(name, arg, order)) if order < 2:
            return Rewrite(mul(Apply(name, arg, order + 1), Dif(arg)), (("u", arg),))
        case Dif(Call("log", (Call("det" | "softmax"),))):
            return None
        case Dif(Call("where", (condition, a, b))):
            parts = (differential_of(a, setting), differential_of(b, setting))
            return Rewrite(call("where", condition, *parts), (("u", a),))
        case Dif(Call(args=args) as function) if function.function.kind == "elementwise":
            moving = _moving(args, setting)
            slopes = [slope(function, number) for number in moving]
            if not moving or any(outer is None for outer in slopes):
                return None
            terms = [
                _times_slope(outer, Dif(args[number]))
                for number, outer in zip(moving, slopes, strict=True)
                if outer is not None and not is_zero(outer)
            ]
            return Rewrite(add(*terms) if terms else zeros(function.shape), (("u", args[moving[0]]),))
    return None


# --- along samples ------------------------------------------------------------------------------------------------


def whole_sum(node: Node, axis: int | None) -> Node:
    """The sum along each sample: of a vector that is one sample, a number."""
    one_sample = axis is None or (is_vector(node.shape) and node.shape[1 - axis] == ONE)
    return call("sum", node, axis=None if one_sample else axis)


@rule(
    "differential of the softmax", r"\mathrm{d}s = s \odot (\mathrm{d}x - (s \cdot \mathrm{d}x)\,\mathbf{1})",
    words="derivative of the softmax",
    applies=["d(softmax(x)) -> softmax(x)*(d(x) - sum(softmax(x)*d(x)))",
             "d(softmax(A)) -> softmax(A)*(d(A) - sum(softmax(A)*d(A), axis=1))"],
    refuses=["d(exp(x))", "d(log_softmax(x))"],
)  # fmt: skip
def softmax(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(Call("softmax", (arg,), axis) as s):
            inner = add(Dif(arg), Neg(whole_sum(mul(s, Dif(arg)), axis)))
            return Rewrite(mul(s, inner), (("s", s),))
    return None


@rule(
    "differential of log-sum-exp",
    r"\mathrm{d}\operatorname{logsumexp}(x) = \operatorname{softmax}(x) \cdot \mathrm{d}x",
    words="the derivative of log-sum-exp is the softmax",
    applies=["d(logsumexp(x)) -> sum(softmax(x)*d(x))",
             "d(logsumexp(A, axis=0)) -> sum(softmax(A, axis=0)*d(A), axis=0)"],
    refuses=["d(log(sum(exp(x))))", "d(softmax(x))"],
)  # fmt: skip
def logsumexp(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(Call("logsumexp", (arg,), axis) as function):
            s = call("softmax", arg, axis=axis)
            return Rewrite(call("sum", mul(s, Dif(arg)), axis=axis), (("x", arg), ("f", function)))
    return None


@rule(
    "differential of the largest entry", r"\mathrm{d}\max_i x_i = \sum_i \mathbb{1}(x_i = \max_k x_k)\,\mathrm{d}x_i",
    words="only the largest entry moves the maximum",
    applies=["d(max(x)) -> sum(indicator(x == max(x))*d(x))",
             "d(min(A, axis=1)) -> sum(indicator(A == min(A, axis=1))*d(A), axis=1)",
             "d(max(A + A.T)) -> sum(indicator(A + A.T == max(A + A.T))/sum(indicator(A + A.T == max(A + A.T)))*d(A + A.T))"],
    refuses=["d(maximum(a, b))", "d(x)"],
)  # fmt: skip
def extreme(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("max" | "min", (arg,), axis) as largest):
            return call("sum", mul(share(largest, setting), Dif(arg)), axis=axis)
    return None


@rule(
    "differential of a product of entries", r"\mathrm{d}\prod_i x_i = \prod_i x_i \sum_i \frac{\mathrm{d}x_i}{x_i}",
    words="logarithmic differentiation", applies=["d(prod(x)) -> prod(x)*sum(d(x)/x)"], refuses=["d(sum(x))"],
)  # fmt: skip
def product_of_entries(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("prod", (arg,), axis) as product) if may_vanish(arg, setting):
            return call("sum", mul(product_of_others(product, setting), Dif(arg)), axis=axis)
        case Dif(Call("prod", (arg,), axis) as product):
            return mul(product, call("sum", Div(Dif(arg), arg), axis=axis))
        case Dif(Big("prod", body, index, condition) as product) if may_vanish(body, setting):
            return Big("sum", mul(other_factors(product, index, setting), Dif(body)), index, condition)
        case Dif(Big("prod", body, index, condition) as product):
            return mul(product, Big("sum", Div(Dif(body), body), index, condition))
    return None


LINEAR = (constant, step, sum_rule, constant_factor, transpose_rule, linear_map)
"""What is done on sight: no line of its own is needed for the differential of a linear map."""

NONLINEAR = (
    log_determinant, squared_norm, trace_of_power, product_rule, quotient_rule, power_rule, softmax, logsumexp,
    entrywise, extreme, product_of_entries, norm, inverse, determinant, power_of_matrix, pseudo_inverse,
)  # fmt: skip
"""What is worth saying, in this order: special forms before the general ones that they are made of."""

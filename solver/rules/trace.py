"""Inner products with a differential: the named identities that bring `dJ` to `tr(Gᵀ dX)`.

The rules here move the differential to the end of an inner product and peel off what stands around it. Every rule is an
identity for any matrices; that one of them holds a differential only says where to look.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Big,
    Call,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    walk,
)
from solver.expr.shapes import beside, columns, is_single
from solver.expr.sizes import ONE
from solver.rules.inner import Inner, inner, moves, pair, turned
from solver.rules.letters import fresh, instantiate
from solver.rules.pullback import filled, reduce, spread
from solver.rules.rule import rule
from solver.rules.setting import Setting

COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook"


@rule(
    "symmetric by its form", r"(A^\top A)^\top = A^\top A", words="it is symmetric by its form", routine=True,
    applies=["diag(x).T -> diag(x)", "inv(A.T @ A).T -> inv(A.T @ A)", "eye(n).T -> eye(n)", "(A @ A.T).T -> A @ A.T"],
    refuses=["A.T", "inv(A).T", "(A @ B).T"],
)  # fmt: skip
def symmetric_form(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose(arg) if not isinstance(arg, Transpose) and turned(arg) == arg:
            return arg
    return None


# --- linearity ----------------------------------------------------------------------------------------------------


@rule(
    "linearity of the inner product", r"\operatorname{tr}(A (B + C)) = \operatorname{tr}(A B) + \operatorname{tr}(A C)",
    source=f"{COOKBOOK}, (15)", words="term by term", routine=True,
    applies=["tr(A @ (d(B) + d(C))) -> tr(A @ d(B)) + tr(A @ d(C))",
             "sum(x*(d(y) - d(u))) -> sum(x*d(y)) + sum(x*(-d(u)))",
             "sum(d(A) + d(x)) -> sum(d(A)) + sum(ones(n, 1) @ d(x))",
             "x @ (d(A) + d(B)) @ y.T -> x @ d(A) @ y.T + x @ d(B) @ y.T"],
    refuses=["tr(A @ B)", "tr(A @ d(B))", "d(a) + d(b)"],
)  # fmt: skip
def linearity(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or not isinstance(found.moving, Add):
        return None
    return add(*(found.around(_full(part, found)) for part in found.moving.args))


def _full(part: Node, found: Inner) -> Node:
    """A term of a sum, repeated over the shape of the sum where nothing beside it has that shape."""
    if found.kind != "sum":
        return spread(part, found.moving.shape)
    if found.before and mul(*found.before, part).shape == found.whole:
        return part
    return spread(part, found.whole)


@rule(
    "sum over terms", r"\sum_i (a_i + b_i) = \sum_i a_i + \sum_i b_i", words="term by term", routine=True,
    applies=["sum(d(x[i]) + d(y[i]) for i in n) -> sum(d(x[i]) for i in n) + sum(d(y[i]) for i in n)",
             "sum(-d(x[i]) for i in n) -> -sum(d(x[i]) for i in n)"],
    refuses=["sum(x[i] for i in n)", "sum(d(x[i]) for i in n)"],
)  # fmt: skip
def indexed_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Add(args), index, condition) if moves(node.body):
            return add(*(Big("sum", arg, index, condition) for arg in args))
        case Big("sum", Neg(arg), index, condition) if moves(arg):
            return Neg(Big("sum", arg, index, condition))
    return None


@rule(
    "multiply out a differential", r"c\,(\mathrm{d}a + \mathrm{d}b) = c\,\mathrm{d}a + c\,\mathrm{d}b", routine=True,
    words="multiply out", applies=["a*(d(b) + d(c)) -> a*d(b) + a*d(c)", "(d(b) - d(c))/a -> d(b)/a + (-d(c))/a",
                                   "-(d(a) + d(b)) -> -d(a) - d(b)"],
    refuses=["a*(b + c)", "x*(d(y) + d(u))"],
)  # fmt: skip
def multiply_out(node: Node, setting: Setting) -> Node | None:
    if not is_single(node.shape):
        return None
    match node:
        case Mul(args):
            for number, arg in enumerate(args):
                if isinstance(arg, Add) and moves(arg):
                    return add(*(mul(*args[:number], part, *args[number + 1 :]) for part in arg.args))
        case Div(Add(args) as left, right) if moves(left):
            return add(*(Div(part, right) for part in args))
        case Neg(Add(args) as arg) if moves(arg):
            return add(*(part.arg if isinstance(part, Neg) else Neg(part) for part in args))
    return None


@rule(
    "number out of an inner product", r"\operatorname{tr}(c\,A) = c \operatorname{tr}(A)", source=f"{COOKBOOK}, (14)",
    words="numbers come out", routine=True,
    applies=["tr(A @ (a*d(B))) -> a*tr(A @ d(B))", "tr((2*A) @ d(B)) -> 2*tr(A @ d(B))",
             "sum(x*d(y)/a) -> sum(x*d(y))/a", "sum(x*d(a)) -> sum(x)*d(a)",
             "tr(d(A)/2) -> tr(d(A))/2"],
    refuses=["tr(A @ d(B))", "sum(x*y)", "sum(x*d(y))"],
)  # fmt: skip
def number_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (Div(left, right),), None) if moves(left) and is_single(right.shape) and left.shape:
            return Div(call("sum", left), right)
    found = inner(node)
    if found is None:
        return None
    if found.kind == "sum" and found.before:
        factors = (*found.before, found.moving)
        numbers = [f for f in factors if is_single(f.shape)]
        rest = [f for f in factors if not is_single(f.shape)]
        if numbers and rest and mul(*rest).shape == found.whole:
            return (
                mul(*numbers[:-1], call("sum", mul(*rest)), numbers[-1])
                if moves(numbers[-1])
                else mul(*numbers, call("sum", mul(*rest)))
            )
    if found.kind != "sum":
        for number, factor in enumerate(found.before):
            front = _front(factor)
            if front is not None:
                before = (*found.before[:number], front[1], *found.before[number + 1 :])
                return front[0](found.build(*before, found.moving, *found.after))
    match found.moving:
        case Mul(args):
            numbers = [f for f in args if is_single(f.shape)]
            rest = [f for f in args if not is_single(f.shape)]
            if numbers and rest and mul(*rest).shape == found.moving.shape:
                whole = found.around(mul(*rest))
                still = [f for f in numbers if not moves(f)]
                return mul(*still, whole, *(f for f in numbers if moves(f)))
        case Div(left, right) if is_single(right.shape) and not is_single(left.shape):
            return Div(found.around(left), right)
        case Div(left, right) if is_single(left.shape) and not is_single(right.shape):
            return mul(found.around(Div(ONE_NODE, right)), left)
    return None


def _front(factor: Node) -> tuple[Callable[[Node], Node], Node] | None:
    """How the number in a factor stands in front of a product, and the factor without it; None where it has none."""
    match factor:
        case Mul(args) if not is_single(factor.shape):
            numbers = [f for f in args if is_single(f.shape)]
            rest = [f for f in args if not is_single(f.shape)]
            if numbers and mul(*rest).shape == factor.shape:
                return lambda whole: mul(*numbers, whole), mul(*rest)
        case Div(left, right) if is_single(right.shape) and not is_single(left.shape):
            return lambda whole: Div(whole, right), left
    return None


# --- the named identities -----------------------------------------------------------------------------------------


@rule(
    "trace of a number", r"\operatorname{tr}(a) = a", words="a number is its own trace", routine=True,
    applies=["tr(x @ y.T) -> x @ y.T", "tr(x @ d(y).T) -> x @ d(y).T", "sum(x @ d(y).T) -> x @ d(y).T"],
    refuses=["tr(A)", "sum(x)"],
)  # fmt: skip
def trace_of_number(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum" | "mean", (arg,)) if is_single(arg.shape):
            return arg
        case Call("tr", (arg,)) if is_single(arg.shape):
            found = inner(node)
            # with factors behind what moves, the trace is about to turn round
            return None if found is not None and found.after else arg
    return None


@rule(
    "trace of an outer product", r"\operatorname{tr}(u v^\top A) = v^\top A u", source=f"{COOKBOOK}, (16)",
    words="the trace is cyclic",
    applies=["tr(x.T @ y) -> y @ x.T", "tr(A @ x.T @ y @ B) -> y @ B @ A @ x.T"], refuses=["tr(A @ B)", "tr(x @ y.T)"],
)  # fmt: skip
def trace_of_outer(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("tr", (MatMul(args),)) if not is_single(node.args[0].shape):
            k = next((k for k in range(1, len(args)) if columns(args[k - 1].shape) == ONE), None)
            return None if k is None else matmul(*args[k:], *args[:k])
    return None


@rule(
    "number as a trace", r"a^\top B c = \operatorname{tr}(a^\top B c)", words="a number is its own trace",
    applies=["x @ d(A) @ y.T -> tr(x @ d(A) @ y.T)", "d(x) @ y.T -> tr(d(x) @ y.T)"],
    refuses=["x @ A @ y.T", "x @ d(A)", "x @ d(y.T)"],
)  # fmt: skip
def number_as_trace(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "row" or not found.after:
        return None
    if not found.before and isinstance(found.moving, Transpose):
        return None
    return call("tr", node)


@rule(
    "transpose of a number", r"(\mathrm{d}x)^\top a = a^\top \mathrm{d}x", words="a number equals its transpose",
    applies=["d(x.T).T @ y.T -> y @ d(x.T)"], refuses=["x @ d(y.T)", "d(x) @ y.T", "d(A).T @ B"],
)  # fmt: skip
def transpose_of_number(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "row" or found.before or not found.after:
        return None
    match found.moving:
        case Transpose(arg):
            return matmul(turned(matmul(*found.after)), arg)
    return None


@rule(
    "cyclic trace", r"\operatorname{tr}(A B C) = \operatorname{tr}(C A B)", source=f"{COOKBOOK}, (16)",
    words="the trace is cyclic", applies=["tr(A @ d(B) @ C) -> tr(C @ A @ d(B))", "tr(d(A) @ B) -> tr(B @ d(A))"],
    refuses=["tr(A @ d(B))", "tr(A @ B)", "sum(A @ d(B) @ C)"],
)  # fmt: skip
def cyclic(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "tr" or not found.after:
        return None
    return call("tr", matmul(*found.after, *found.before, found.moving))


@rule(
    "trace of a transpose", r"\operatorname{tr}(A B^\top) = \operatorname{tr}(A^\top B)", source=f"{COOKBOOK}, (13)",
    words="the trace of the transpose is the same",
    applies=["tr(A @ d(B).T) -> tr(A.T @ d(B))", "tr(d(A).T) -> tr(d(A))", "sum(A*d(B).T) -> sum(A.T*d(B))",
             "x @ d(y).T -> tr(x.T @ d(y))"],
    refuses=["tr(A @ d(B))", "tr(d(A).T @ B)"],
)  # fmt: skip
def trace_of_transpose(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.after or not isinstance(found.moving, Transpose):
        return None
    arg = found.moving.arg
    if found.kind == "sum":
        before = (spread(mul(*found.before), found.whole),) if found.before else ()
        return call("sum", mul(*(turned(g) for g in before), arg))
    return call("tr", matmul(*(turned(p) for p in reversed(found.before)), arg))


@rule(
    "trace of a Hadamard product", r"\operatorname{tr}(A^\top (B \odot C)) = \operatorname{tr}((A \odot B)^\top C)",
    source=f"{COOKBOOK}, 9.3", words="tr(Aᵀ(B ⊙ C)) = tr((A ⊙ B)ᵀC)",
    applies=["tr(A.T @ (B*d(C))) -> tr((A*B).T @ d(C))", "tr(B*d(A)) -> tr((eye(n)*B).T @ d(A))",
             "tr(A @ (d(B)/C)) -> tr((A.T/C).T @ d(B))", "x @ (y.T*d(u.T)) -> (x.T*y.T).T @ d(u.T)"],
    refuses=["tr(A @ d(B))", "tr((B*d(A)) @ C)", "sum(B*d(A))", "tr(A @ (a*d(B)))"],
)  # fmt: skip
def hadamard(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.after or found.kind == "sum":
        return None
    match found.moving:
        case Mul(args) if not any(is_single(arg.shape) for arg in args):
            number = next(k for k, arg in enumerate(args) if moves(arg))
            gradient, part = mul(found.gradient, *args[:number], *args[number + 1 :]), args[number]
        case Div(part, right) if not is_single(right.shape) and not is_single(part.shape):
            gradient = Div(found.gradient, right)
        case _:
            return None
    even = all(piece.shape == part.shape for piece in (part.args if isinstance(part, Add) else ()))
    return pair(gradient, part, found.kind if part.shape == gradient.shape and even else "sum")


@rule(
    "quotient in a sum", r"\sum A \odot \frac{B}{C} = \sum \frac{A}{C} \odot B", routine=True,
    words="the denominator belongs to the other factor",
    applies=["sum(x*(d(y)/u)) -> sum(x/u*d(y))", "sum(d(x)/y) -> sum(1/y*d(x))"], refuses=["sum(x*d(y))",
                                                                                           "sum(d(x)/a)"],
)  # fmt: skip
def quotient_in_sum(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "sum":
        return None
    match found.moving:
        case Div(left, right) if not is_single(right.shape) and not is_single(left.shape):
            before = mul(*found.before)
            if not beside((before, right)):
                # a row and a column meet in a matrix only
                before = mul(call("ones", *map(from_size, left.shape)), before)
            return call("sum", mul(Div(before, right), left))
    return None


@rule(
    "sum as a trace", r"\sum A \odot B = \operatorname{tr}(A^\top B)",
    words="the sum of the entries of A ⊙ B is tr(AᵀB)", source=f"{COOKBOOK}, 9.3",
    applies=["sum(A*d(B)) -> tr(A.T @ d(B))", "sum(d(M)) -> tr(ones(n, m) @ d(M))", "sum(x.T*d(y.T)) -> x @ d(y.T)"],
    refuses=["sum(A*B)", "tr(d(A))", "sum(A*d(x))"],
)  # fmt: skip
def sum_as_trace(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "sum" or found.moving.shape != found.whole:
        return None
    return pair(found.gradient, found.moving, "tr")


@rule(
    "sum over copies", r"\sum_{ij} A_{ij}\,b_j = \sum_j \Big(\sum_i A_{ij}\Big) b_j",
    words="what repeats collects the sum over its copies",
    applies=["sum(A*d(x)) -> sum(sum(A, axis=0)*d(x))", "sum(A*d(x.T)) -> sum(sum(A, axis=1)*d(x.T))"],
    refuses=["sum(A*d(B))", "sum(x*d(y))"],
)  # fmt: skip
def sum_over_copies(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "sum" or found.moving.shape == found.whole or is_single(found.moving.shape):
        return None
    return call("sum", mul(reduce(found.gradient, found.moving.shape), found.moving))


@rule(
    "sum along an axis", r"\sum_i a_i \sum_j B_{ij} = \sum_{ij} a_i\,B_{ij}", words="one sum over all entries",
    applies=["sum(x*sum(d(A), axis=0)) -> sum(x*d(A))", "sum(sum(d(A), axis=1)) -> sum(d(A))"],
    refuses=["sum(A*sum(d(B), axis=0))", "sum(d(A))"],
)  # fmt: skip
def sum_of_sums(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind != "sum":
        return None
    match found.moving:
        case Call("sum", (arg,), axis) if axis is not None and found.whole == found.moving.shape:
            return call("sum", mul(*found.before, arg))
    return None


@rule(
    "sum as a product with ones", r"\sum_i A_{ij} = (\mathbf{1}^\top A)_j", words="a sum is a product with ones",
    applies=["tr(A @ sum(d(B), axis=1) @ x) -> tr(A @ d(B) @ ones(n, 1) @ x)",
             "x @ sum(d(A), axis=1) -> x @ d(A) @ ones(n, 1)"],
    refuses=["sum(d(A), axis=0)", "tr(A @ d(B))"],
)  # fmt: skip
def sum_with_ones(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.kind == "sum":
        return None
    match found.moving:
        case Call("sum", (arg,), axis) if axis is not None and arg.shape:
            rows, columns = arg.shape
            with_ones = matmul(filled((ONE, rows)), arg) if axis == 0 else matmul(arg, filled((columns, ONE)))
            return found.around(with_ones)
    return None


# --- over an index ------------------------------------------------------------------------------------------------


def renamed(total: Big, beside: tuple[Node, ...], setting: Setting) -> tuple[Node, Idx, Node | None]:
    """Body, index and condition of a sum, its letter changed where it stands in what comes beside the body."""
    index = total.index
    letters = {
        letter.name
        for factor in beside
        for part in walk(factor)
        for letter in ((part,) if isinstance(part, Idx) else (part.index,) if isinstance(part, Big) else ())
    }
    if index.name not in letters:
        return total.body, index, total.condition
    other = fresh(index.range, setting, total, *beside)
    condition = None if total.condition is None else instantiate(total.condition, index, other, setting)
    return instantiate(total.body, index, other, setting), other, condition


@rule(
    "sum out of an inner product", r"\operatorname{tr}\Big(A \sum_i B_i\Big) = \sum_i \operatorname{tr}(A B_i)",
    words="term by term", routine=True,
    applies=["tr(A @ sum(d(B)*x[i] for i in n)) -> sum(tr(A @ (d(B)*x[i])) for i in n)"],
    refuses=["tr(A @ d(B))", "sum(d(x[i]) for i in n)"],
)  # fmt: skip
def sum_out(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or not isinstance(found.moving, Big) or found.moving.kind != "sum":
        return None
    body, index, condition = renamed(found.moving, (*found.before, *found.after), setting)
    return Big("sum", found.around(body), index, condition)

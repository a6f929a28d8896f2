"""Sums taken apart: linear maps and products drawn over the terms of a sum."""

from __future__ import annotations

from solver.expr.nodes import Add, Call, MatMul, Mul, Neg, Node, add, matmul, mul
from solver.expr.shapes import is_single
from solver.rules.rule import rule
from solver.rules.setting import Setting


@rule(
    "sum term by term", r"\sum (a + b) = \sum a + \sum b",
    applies=["sum(x + y) -> sum(x) + sum(y)", "tr(A - B) -> tr(A) - tr(B)"], refuses=["sum(x*y)", "sum(x + 1)"],
)  # fmt: skip
def sum_of_terms(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum" | "tr" | "mean", (Add(args) as inner,)) if all(arg.shape == inner.shape for arg in args):
            return add(*(Neg(node.rebuild((a.arg,))) if isinstance(a, Neg) else node.rebuild((a,)) for a in args))
    return None


@rule(
    "distribute", r"a\,(b + c) = a\,b + a\,c",
    applies=["x*(y + u) -> x*y + x*u", "a*(b - c) -> a*b - a*c", "-(a + b) -> -a - b"],
    refuses=["x*y", "a + b", "x*(y + 1)"],
)  # fmt: skip
def distribute(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args):
            for number, arg in enumerate(args):
                if isinstance(arg, Add) and all(_wide(args, number, t, node) for t in arg.args):
                    return add(
                        *(
                            Neg(mul(*args[:number], t.arg, *args[number + 1 :]))
                            if isinstance(t, Neg)
                            else mul(*args[:number], t, *args[number + 1 :])
                            for t in arg.args
                        )
                    )
        case Neg(Add(args)):
            return add(*(t.arg if isinstance(t, Neg) else Neg(t) for t in args))
    return None


def _wide(args: tuple[Node, ...], number: int, term: Node, whole: Node) -> bool:
    """Whether the term alone gives a product of the whole shape, without a 1 that only filled it."""
    if is_single(term.shape) and not is_single(whole.shape):
        return False
    return mul(*args[:number], term, *args[number + 1 :]).shape == whole.shape


@rule(
    "distribute a matrix product", r"A\,(B + C) = A\,B + A\,C",
    applies=["A @ (B + C) -> A @ B + A @ C", "(x - y) @ A -> x @ A - y @ A"], refuses=["A @ B", "A @ (B + 1)"],
)  # fmt: skip
def distribute_product(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, arg in enumerate(node.args):
        if isinstance(arg, Add) and all(t.shape == arg.shape for t in arg.args):
            before, after = node.args[:number], node.args[number + 1 :]
            return add(
                *(
                    Neg(matmul(*before, t.arg, *after)) if isinstance(t, Neg) else matmul(*before, t, *after)
                    for t in arg.args
                )
            )
    return None


@rule(
    "number times a sum over entries", r"\sum_i y_i\,c = c \sum_i y_i",
    applies=["sum(x*logsumexp(y)) -> sum(x)*logsumexp(y)"], refuses=["sum(x*y)", "sum(x)"],
)  # fmt: skip
def scalar_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (Mul(args),), None):
            outside = [a for a in args if is_single(a.shape)]
            inside = [a for a in args if not is_single(a.shape)]
            if outside and inside and node.args[0].shape == mul(*inside).shape:
                return mul(node.rebuild((mul(*inside),)), *outside)
    return None


SPREAD = (distribute, sum_of_terms, scalar_out)
"""From inside out: products over sums, sums over terms, numbers out of sums."""

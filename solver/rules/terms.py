"""Sums taken apart: linear maps and products drawn over the terms of a sum."""

from __future__ import annotations

from solver.expr.nodes import Add, Big, Call, Div, MatMul, Mul, Neg, Node, Num, Transpose, add, matmul, mul
from solver.expr.shapes import is_single
from solver.rules.algebra import zeros
from solver.rules.fractions import bare
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
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


@rule(
    "minus a difference", r"-(a - b) = b - a", routine=True,
    applies=["-(a - b) -> b - a", "-(a - b - c) -> b - a + c",
             "-(a*(b - c)) -> a*(c - b)", "-(A @ (x - y).T/a) -> A @ (y - x).T/a"],
    refuses=["-(a + b)", "a - b", "-(a*(1 - b))", "-(a - (-b))"],
)  # fmt: skip
def minus_difference(node: Node, setting: Setting) -> Node | None:
    """A minus goes into a difference and turns it round."""
    match node:
        case Neg(Add(args) as arg) if any(isinstance(term, Neg) for term in args):
            return _turned(arg, bare=True)
        case Neg(arg):
            return _turned(arg)
    return None


def _turned(node: Node, bare: bool = False) -> Node | None:
    """The node with the opposite sign, where a difference in it can be turned round; `1 - p` is left as it is."""
    match node:
        case Add(args) if any(isinstance(term, Neg) for term in args) and (bare or not isinstance(args[0], Neg | Num)):
            turned = [term.arg if isinstance(term, Neg) else Neg(term) for term in args]
            first = next((term for term in turned if not isinstance(term, Neg)), None)
            if first is None:
                return None
            turned.remove(first)
            return add(first, *turned)
        case Mul(args) | MatMul(args):
            for number, arg in enumerate(args):
                after = _turned(arg)
                if after is not None:
                    return node.rebuild((*args[:number], after, *args[number + 1 :]))
        case Div(left, right):
            after = _turned(left)
            return None if after is None else Div(after, right)
        case Big("sum", body, index, condition):
            after = _turned(body)
            return None if after is None else Big("sum", after, index, condition)
        case Transpose(arg) | Call("sum" | "tr" | "mean", (arg,)):
            after = _turned(arg)
            return None if after is None else node.rebuild((after,))
    return None


@rule(
    "minus of a sum", r"-(a + b) = -a - b", routine=True,
    applies=["-(a + b) -> -a - b", "-(a - b) -> -a + b"], refuses=["-a", "a - b", "-(a*b)"],
)  # fmt: skip
def minus_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Neg(Add(args)):
            return add(*(arg.arg if isinstance(arg, Neg) else Neg(arg) for arg in args))
    return None


@rule(
    "sum of negatives", r"-a - b = -(a + b)", routine=True,
    applies=["-a - b -> -(a + b)"], refuses=["a - b", "-a"],
)  # fmt: skip
def all_negative(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add(args) if all(isinstance(arg, Neg) for arg in args):
            return Neg(add(*(arg.arg for arg in args if isinstance(arg, Neg))))
    return None


@rule(
    "opposite terms", r"a + b - a = b", words="{c} cancels",
    applies=["a + b - a -> b", "a*b - c - b*a -> -c", "a - a -> 0"], refuses=["a - b", "a + a"],
)  # fmt: skip
def cancel_opposites(node: Node, setting: Setting) -> Rewrite | None:
    """Two terms that differ by their sign only; the letters that vanish are the capture."""
    if not isinstance(node, Add):
        return None
    normalizer = Normalizer()
    for number, term in enumerate(node.args):
        for other in range(number + 1, len(node.args)):
            left, right = term, node.args[other]
            if isinstance(left, Neg) == isinstance(right, Neg):
                continue
            bare = [part.arg if isinstance(part, Neg) else part for part in (left, right)]
            if normalizer.same(*bare):
                kept = [arg for k, arg in enumerate(node.args) if k not in (number, other)]
                after = add(*kept) if kept else zeros(node.shape)
                return Rewrite(after, (("c", bare[0]),)) if after.shape == node.shape else None
    return None


@rule(
    "sign out of a sum", r"\sum_i (-u_i) = -\sum_i u_i", routine=True,
    applies=["sum(-x[i] for i in n) -> -sum(x[i] for i in n)"], refuses=["sum(x[i] for i in n)"],
)  # fmt: skip
def sign_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Neg(arg), index, condition):
            return Neg(Big("sum", arg, index, condition))
    return None


SPREAD = (distribute, sum_of_terms, scalar_out)
"""From inside out: products over sums, sums over terms, numbers out of sums."""


@rule(
    "common matrix factor", r"A B + A C = A (B + C)", words="factor out {A}",
    applies=["A @ B - A @ C -> A @ (B - C)", "B @ A + C @ A -> (B + C) @ A", "-(A @ B) - A @ C -> -(A @ (B + C))",
             "A.T @ x.T - A.T @ B @ y.T -> A.T @ (x.T - B @ y.T)", "x - y @ A + u @ A -> x + (u - y) @ A"],
    refuses=["A @ B + B @ A", "A @ B + A", "A @ B + C", "ones(n, 1) @ x + ones(n, 1) @ y"],
)  # fmt: skip
def common_matrix(node: Node, setting: Setting) -> Rewrite | None:
    """The matrix that most terms begin with, or else end with, out of these."""
    if not isinstance(node, Add):
        return None
    words = [inside.args if isinstance(inside := bare(arg), MatMul) else () for arg in node.args]
    best: list[int] = []
    first = True
    for begins in (True, False):
        for factor in dict.fromkeys(word[0 if begins else -1] for word in words if word):
            same = [k for k, word in enumerate(words) if word and word[0 if begins else -1] == factor]
            if len(same) > max(len(best), 1) and not _fills(factor):
                best, first = same, begins
    if not best:
        return None
    factor = words[best[0]][0 if first else -1]
    rests = [matmul(*(words[k][1:] if first else words[k][:-1])) for k in best]
    if any(rest.shape != rests[0].shape for rest in rests):
        return None
    minus = [isinstance(node.args[k], Neg) for k in best]
    if not all(minus):
        rests = [Neg(rest) if negative else rest for rest, negative in zip(rests, minus, strict=True)]
        rests.sort(key=lambda rest: isinstance(rest, Neg))
    inner = add(*rests)
    product: Node = matmul(factor, inner) if first else matmul(inner, factor)
    product = Neg(product) if all(minus) else product
    kept = [arg for k, arg in enumerate(node.args) if k not in best]
    before = sum(k not in best for k in range(best[0]))
    return Rewrite(add(*kept[:before], product, *kept[before:]), (("A", factor),))


def _fills(node: Node) -> bool:
    """Whether the matrix only repeats or picks: nobody draws it out."""
    return isinstance(node, Call) and node.name in ("ones", "basis", "eye")

"""Products in which the denominators of a sum cancel against the other factors."""

from __future__ import annotations

from fractions import Fraction

from solver.expr.nodes import Add, Div, MatMul, Mul, Neg, Node, Num, Transpose, add, call, mul, walk
from solver.expr.shapes import is_single, is_vector
from solver.rules.fractions import bare, cancel, powers, terms
from solver.rules.inner import turned
from solver.rules.letters import lettered
from solver.rules.normal import Normalizer
from solver.rules.rule import rule
from solver.rules.setting import Setting


@rule(
    "multiply out the fractions", r"\left(\frac{y}{p} - \frac{1 - y}{1 - p}\right) p\,(1 - p) = y - p",
    words="multiply out, the denominators cancel",
    applies=["(a/b - c/s)*b*s -> a*s - c*b", "(a/b - c/s)/t*b*s -> (a*s - c*b)/t", "(a/b - (1 - a)/(1 - b))*b*(1 - b) -> a - b", "(a/b + c)*b*t -> (a + c*b)*t"],
    refuses=["(a/b + c)*t", "(x/a + y)*u", "(a + b)*c", "a/b*b", "(a/b - c/s)*b"],
)  # fmt: skip
def multiply_out_fractions(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Mul):
        return None
    for number, arg in enumerate(node.args):
        total, under = (arg.left, arg.right) if isinstance(arg, Div) else (arg, None)
        if not isinstance(total, Add) or not any(isinstance(bare(term), Div) for term in total.args):
            continue
        others = [*node.args[:number], *node.args[number + 1 :]]
        below = {base for term in total.args if isinstance(b := bare(term), Div) for base, _ in powers(b.right)}
        cancelling = [o for o in others if all(base in below for base, _ in powers(o))]
        kept = [o for o in others if o not in cancelling]
        cleared = _cleared(total, cancelling, setting)
        if cancelling and cleared is not None:
            after = mul(cleared if under is None else Div(cleared, under), *kept)
            if after.shape == node.shape or (is_single(after.shape) and is_single(node.shape)):
                return after
    return None


def _cleared(total: Add, factors: list[Node], setting: Setting) -> Node | None:
    """The sum times the factors, without fractions; None where one is left."""
    products: list[Node] = []
    for term in total.args:
        inside = bare(term)
        above, under = (inside.left, inside.right) if isinstance(inside, Div) else (inside, Num(Fraction(1)))
        product: Node = Div(mul(above, *factors), under) if isinstance(inside, Div) else mul(above, *factors)
        rewrite = cancel(product, setting)
        product = product if rewrite is None else rewrite.after
        if any(
            isinstance(part, Div) and part.right.size is None and not isinstance(part.right, Num)
            for part in walk(product)
        ):
            return None
        products.append(Neg(product) if isinstance(term, Neg) else product)
    whole = add(*products)
    simpler = _positive_first(lettered(Normalizer().canonical(whole), whole))
    return simpler if _weight(simpler) < _weight(whole) else whole


def _positive_first(node: Node) -> Node:
    match node:
        case Add(args) if isinstance(args[0], Neg):
            return add(*sorted(args, key=lambda term: isinstance(term, Neg)))
    return node


def _weight(node: Node) -> int:
    return sum(1 for _ in walk(node))


@rule(
    "denominators in an inner product", r"\left(u - \frac{y}{p}\right)^\top p = u^\top p - \sum_i y_i",
    words="the denominators cancel",
    applies=["(x - y/u) @ u.T -> x @ u.T - sum(y)", "(y/u) @ u.T -> sum(y)", "u @ (y/u).T -> sum(y)"],
    refuses=["(x - y/u) @ v.T", "x @ u.T", "(y/u).T @ u", "(a/u) @ u.T"],
)  # fmt: skip
def inner_denominators(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul((left, right)) if is_single(node.shape) and is_vector(right.shape) and not is_single(right.shape):
            for fractions, other, before in ((left, right, True), (right, left, False)):
                row, turn = (fractions.arg, True) if isinstance(fractions, Transpose) else (fractions, False)
                below = turned(other)
                held = [t for t in terms(row) if _over(t, turned(below) if turn else below)]
                if held:
                    sums = [_signed_sum(term) for term in held]
                    rest = [term for term in terms(row) if term not in held]
                    if not rest:
                        return add(*sums)
                    kept = Transpose(add(*rest)) if turn else add(*rest)
                    return add(MatMul((kept, other)) if before else MatMul((other, kept)), *sums)
    return None


def _over(term: Node, below: Node) -> bool:
    """Whether the term is a vector of quotients by `below`."""
    inside = bare(term)
    return isinstance(inside, Div) and inside.right == below and inside.left.shape == below.shape


def _signed_sum(term: Node) -> Node:
    inside = bare(term)
    assert isinstance(inside, Div)
    return Neg(call("sum", inside.left)) if isinstance(term, Neg) else call("sum", inside.left)

"""Sums multiplied out where that makes them shorter, and a number cancelled in every term of one."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from solver.expr.nodes import Add, Call, Div, MatMul, Mul, Neg, Node, Num, add, mul, num, walk
from solver.rules.letters import lettered
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting

MAX_PARTS = 80
"""A longer sum is left as it stands: nobody would see what has cancelled."""


@rule(
    "shorter multiplied out", r"a\,b + (1 - a)\,b = b", words="multiply out and collect terms",
    applies=["1 - a - b*(1 - c) - (1 - a)*(1 - c) + b*(1 - c) -> c - a*c", "2*(x - u) - 2*(x - v) -> 2*v - 2*u",
             "a*b + (1 - a)*b -> b", "b + b -> 2*b"],
    refuses=["a*(b - c)", "(1 - a)*b - c*x", "a*b + a*c", "(a + b)*(a - c) + 1", "A @ (B + C) + A"],
)  # fmt: skip
def multiplied_out(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add) or not (
        any(map(_product_with_sum, node.args)) or len(set(node.args)) < len(node.args)
    ):
        return None
    if sum(1 for _ in walk(node)) > MAX_PARTS:
        return None
    plain = lettered(Normalizer().canonical(node), node)
    terms = plain.args if isinstance(plain, Add) else (plain,)
    after = add(*[t for t in terms if not isinstance(t, Neg)], *[t for t in terms if isinstance(t, Neg)])
    cancelled = len(terms) < _terms(node) and _weight(after) <= _weight(node)
    return after if cancelled and after.shape == node.shape else None


def _terms(node: Node) -> int:
    """How many terms there are when products of sums are multiplied out."""
    match node:
        case Add(args):
            return sum(map(_terms, args))
        case Mul(args):
            return prod(map(_terms, args))
        case Neg(arg) | Div(arg, _):
            return _terms(arg)
    return 1


def _product_with_sum(node: Node) -> bool:
    match node:
        case Neg(arg) | Div(arg, _):
            return _product_with_sum(arg)
        case Mul(args):
            return any(isinstance(arg, Add) for arg in args)
    return False


def _weight(node: Node) -> int:
    return sum(1 for _ in walk(node))


@rule(
    "root in a fraction", r"\frac{\sqrt a}{a} = \frac{1}{\sqrt a}", words="cancel {v}",
    applies=["sqrt(a)/a -> 1/sqrt(a)", "b*sqrt(a + c)*x/(n*(a + c)) -> b*x/(n*sqrt(a + c))"],
    refuses=["sqrt(a)/b", "a/sqrt(a)", "sqrt(a)"],
)  # fmt: skip
def root_in_fraction(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Div):
        return None
    above = list(node.left.args) if isinstance(node.left, Mul) else [node.left]
    below = list(node.right.args) if isinstance(node.right, Mul) else [node.right]
    for root in above:
        if isinstance(root, Call) and root.name == "sqrt" and root.args[0] in below:
            above.remove(root)
            below[below.index(root.args[0])] = root
            after = Div(mul(*above), mul(*below))
            return Rewrite(after, (("v", root),)) if after.shape == node.shape else None
    return None


@rule(
    "number in every term", r"\frac{2a + 4b}{2} = a + 2b", words="cancel {c} in every term",
    applies=["(2*a - 2*b)/2 -> a - b", "(4*x + 2*(A @ x.T).T)/2 -> 2*x + (A @ x.T).T"],
    refuses=["(2*a - b)/2", "(2*a - 2*b)/a", "2*a/2"],
)  # fmt: skip
def number_in_terms(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Div(Add(args), Num(value) as number) if value.denominator == 1 and value > 1:
            divided = [_divided(arg, value) for arg in args]
            if all(part is not None for part in divided):
                return Rewrite(add(*(part for part in divided if part is not None)), (("c", number),))
    return None


def _divided(term: Node, value: Fraction) -> Node | None:
    """The term by a number that its coefficient is a multiple of."""
    match term:
        case Neg(arg):
            inner = _divided(arg, value)
            return None if inner is None else Neg(inner)
        case Mul((Num(first), *rest)) if (first / value).denominator == 1:
            return mul(*rest) if first == value else mul(num(first / value), *rest)
        case MatMul((first, *rest)):
            inner = _divided(first, value)
            return None if inner is None else MatMul((inner, *rest))
    return None

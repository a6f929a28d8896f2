"""Conditions on data as people write them, and two indicators that exclude each other as cases."""

from __future__ import annotations

from typing import Literal

from solver.expr.nodes import Add, Call, Cmp, Logic, Mul, Neg, Node, Num, call, mul, num, symbols, walk
from solver.rules.algebra import is_zero
from solver.rules.letters import lettered
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
_FLIPPED: dict[str, Comparison] = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_OTHERWISE: dict[str, Comparison] = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}


def _of_data(node: Cmp) -> bool:
    return node.op in _FLIPPED and bool(symbols(node))


@rule(
    "condition by the difference", r"a\,x > (a - 1)\,x \iff x > 0", words="what stands on both sides cancels",
    applies=["indicator(a*x > (a - 1)*x) -> indicator(x > 0)", "indicator((a - 1)*x >= a*x) -> indicator(x <= 0)"],
    refuses=["indicator(x > y)", "indicator(x > 0)", "indicator(i > j)"],
)  # fmt: skip
def condition_by_difference(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("indicator", (Cmp(left, right, op) as condition,)) if _of_data(condition) and not is_zero(right):
            if left.shape != right.shape:
                return None
            difference = Add((left, Neg(right)))
            plain = lettered(Normalizer().canonical(difference), difference)
            if _weight(plain) >= _weight(left):
                return None
            if isinstance(plain, Neg):
                return call("indicator", Cmp(plain.arg, num(0), _FLIPPED[op]))
            return call("indicator", Cmp(plain, num(0), op))
    return None


@rule(
    "condition on the margin", r"1 - m > 0 \iff m < 1", words="the condition solved for {m}", routine=True,
    applies=["indicator(1 - x > 0) -> indicator(x < 1)", "indicator(2 - a*x >= 0) -> indicator(a*x <= 2)"],
    refuses=["indicator(x - 1 > 0)", "indicator(1 - x > a)", "indicator(1 - x - y > 0)", "indicator(a - x > 0)"],
)  # fmt: skip
def condition_on_margin(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("indicator", (Cmp(Add((Num() as number, Neg(margin))), right, op),)) if is_zero(right):
            if op in _FLIPPED:
                return Rewrite(call("indicator", Cmp(margin, number, _FLIPPED[op])), (("m", margin),))
    return None


@rule(
    "indicators as cases", r"a\,\mathbb{1}(c) + b\,\mathbb{1}(\lnot c) = \begin{cases} a & c \\ b \end{cases}",
    words="one of two cases holds",
    applies=["x*indicator(y > 0) + a*u*indicator(y <= 0) -> where(y > 0, x, a*u)",
             "a*indicator(b > 0) + (a - 1)*indicator(not b > 0) -> where(b > 0, a, a - 1)"],
    refuses=["x*indicator(y > 0) + u*indicator(x > 0)", "a*indicator(b > 0) + c", "a*indicator(b > 0) + c*indicator(b < 0)"],
)  # fmt: skip
def as_cases(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add((first, second)):
            one, other = _piece(first), _piece(second)
            if one is not None and other is not None and _excluded(one[0], other[0]):
                after = call("where", one[0], one[1], other[1])
                return after if after.shape == node.shape else None
    return None


def _piece(term: Node) -> tuple[Node, Node] | None:
    """The condition of the only indicator in a product, and the other factors."""
    match term:
        case Neg(arg):
            inner = _piece(arg)
            return None if inner is None else (inner[0], Neg(inner[1]))
        case Mul(args):
            held = [arg for arg in args if isinstance(arg, Call) and arg.name == "indicator"]
            rest = [arg for arg in args if arg not in held]
            return (held[0].args[0], mul(*rest)) if len(held) == 1 and rest else None
    return None


def _excluded(one: Node, other: Node) -> bool:
    """Whether the second condition is that the first does not hold."""
    match one, other:
        case _, Logic("not", (inner,)):
            return inner == one
        case Cmp(left, right, op), Cmp(a, b, that) if op in _OTHERWISE:
            return (left, right) == (a, b) and that == _OTHERWISE[op]
    return False


def _weight(node: Node) -> int:
    return sum(1 for _ in walk(node))


CONDITIONS = (condition_by_difference, condition_on_margin, as_cases)

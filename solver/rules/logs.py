"""Logarithms that are known by a better form: of a softmax, of a sigmoid, of a sum of exponentials."""

from __future__ import annotations

from solver.expr.nodes import ONE_NODE, Add, Call, Neg, Node, add, call
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def _opened(node: Node, setting: Setting) -> Node:
    """The value of a defined name that is no variable of the question; anything else as it stands."""
    value = setting.value_of(node)
    return node if value is None else value


@rule(
    "log of the softmax", r"\log \operatorname{softmax}(x) = x - \operatorname{logsumexp}(x)",
    words="log softmax(x) = x − logsumexp(x)",
    applies=["log(softmax(x)) -> x - logsumexp(x)", "log_softmax(A) -> A - logsumexp(A, axis=1)"],
    refuses=["log(x)", "softmax(x)", "log(sigmoid(x))"],
)  # fmt: skip
def softmax(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("log", (inside,)):
            value = _opened(inside, setting)
        case Call("log_softmax"):
            value = node
        case _:
            return None
    match value:
        case Call("softmax" | "log_softmax", (arg,), axis) if arg.shape:
            return Rewrite(add(arg, Neg(call("logsumexp", arg, axis=axis))), (("s", value),))
    return None


@rule(
    "log of the sigmoid", r"\log \sigma(x) = \log\sigma(x),\quad \log(1 - \sigma(x)) = \log\sigma(x) - x",
    words="1 − σ(x) = e^{−x} σ(x)",
    applies=["log(sigmoid(a)) -> log_sigmoid(a)", "log(1 - sigmoid(x)) -> log_sigmoid(x) - x"],
    refuses=["log(1 + sigmoid(a))", "log(a)", "log(1 - a)"],
)  # fmt: skip
def sigmoid(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("log", (Add((one, Neg(inside))),)) if one == ONE_NODE:
            turned = True
        case Call("log", (inside,)):
            turned = False
        case _:
            return None
    match _opened(inside, setting):
        case Call("sigmoid", (arg,)) as s:
            log = call("log_sigmoid", arg)
            return Rewrite(add(log, Neg(arg)) if turned else log, (("s", s),))
    return None


@rule(
    "log of a sum of exponentials", r"\log \sum_i e^{x_i} = \operatorname{logsumexp}(x)", words="log-sum-exp",
    applies=["log(sum(exp(x))) -> logsumexp(x)", "log(sum(exp(A), axis=1)) -> logsumexp(A, axis=1)"],
    refuses=["log(sum(x))", "log(exp(x))", "log(sum(exp(A)))"],
)  # fmt: skip
def sum_of_exponentials(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (inside,)):
            match _opened(inside, setting):
                case Call("sum", (Call("exp", (arg,)),), axis) if axis is not None or arg.shape and 1 in _lengths(arg):
                    return call("logsumexp", arg, axis=axis)
    return None


def _lengths(node: Node) -> tuple[int | None, ...]:
    return tuple(size.number for size in node.shape)


LOGARITHMS = (softmax, sigmoid, sum_of_exponentials)
"""Tried on what stands under a differential before its rules are."""

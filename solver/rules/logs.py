"""Differentials of logarithms that have a better form: of a softmax, of a sigmoid, of a sum of exponentials."""

from __future__ import annotations

from solver.expr.nodes import ONE_NODE, Add, At, Call, Dif, Neg, Node, add, call
from solver.expr.shapes import is_vector
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def _opened(node: Node, setting: Setting) -> Node:
    """The value of a defined name that is no variable of the question; anything else as it stands."""
    value = setting.value_of(node)
    return node if value is None else value


@rule(
    "log of the softmax",
    r"\mathrm{d}\log \operatorname{softmax}(x) = \mathrm{d}x - \mathrm{d}\operatorname{logsumexp}(x)",
    words="log softmax(x) = x − log Σ exp(x)",
    applies=["d(log(softmax(x))) -> d(x) - d(logsumexp(x))", "d(log(softmax(x)[i])) -> d(x)[i] - d(logsumexp(x))",
             "d(log_softmax(A)) -> d(A) - d(logsumexp(A, axis=1))"],
    refuses=["d(log(x))", "log(softmax(x))", "d(log(sigmoid(x)))"],
)  # fmt: skip
def softmax(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(Call("log", (At(inside, (index,)),))) | Dif(At(Call("log", (inside,)), (index,))):
            match _opened(inside, setting):
                case Call("softmax", (arg,), axis) as s if is_vector(arg.shape):
                    entry = At(Dif(arg), (index,))
                    return Rewrite(add(entry, Neg(Dif(call("logsumexp", arg, axis=axis)))), (("s", s),))
            return None
        case Dif(Call("log", (inside,))):
            value = _opened(inside, setting)
        case Dif(Call("log_softmax") as value):
            pass
        case _:
            return None
    match value:
        case Call("softmax" | "log_softmax", (arg,), axis) if arg.shape:
            return Rewrite(add(Dif(arg), Neg(Dif(call("logsumexp", arg, axis=axis)))), (("s", value),))
    return None


@rule(
    "log of the sigmoid", r"\mathrm{d}\log(1 - \sigma(x)) = \mathrm{d}\log\sigma(x) - \mathrm{d}x",
    words="log(1 − σ(x)) = log σ(x) − x",
    applies=["d(log(sigmoid(a))) -> d(log_sigmoid(a))", "d(log(1 - sigmoid(x))) -> d(log_sigmoid(x)) - d(x)"],
    refuses=["d(log(1 + sigmoid(a)))", "d(log(a))", "log(sigmoid(a))"],
)  # fmt: skip
def sigmoid(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Dif(Call("log", (Add((one, Neg(inside))),))) if one == ONE_NODE:
            turned = True
        case Dif(Call("log", (inside,))):
            turned = False
        case _:
            return None
    match _opened(inside, setting):
        case Call("sigmoid", (arg,)) as s:
            log = Dif(call("log_sigmoid", arg))
            if turned:
                return Rewrite(add(log, Neg(Dif(arg))), (("s", s),))
            return Rewrite(log, (("s", s),), told="log sigmoid")
    return None


@rule(
    "log of a sum of exponentials", r"\mathrm{d}\log \sum_i e^{x_i} = \mathrm{d}\operatorname{logsumexp}(x)",
    words="log-sum-exp",
    applies=["d(log(sum(exp(x)))) -> d(logsumexp(x))", "d(log(sum(exp(A), axis=1))) -> d(logsumexp(A, axis=1))"],
    refuses=["d(log(sum(x)))", "d(log(exp(x)))", "d(log(sum(exp(A))))"],
)  # fmt: skip
def sum_of_exponentials(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("log", (inside,))):
            match _opened(inside, setting):
                case Call("sum", (Call("exp", (arg,)),), axis) if axis is not None or (
                    arg.shape and 1 in _lengths(arg)
                ):
                    return Dif(call("logsumexp", arg, axis=axis))
    return None


def _lengths(node: Node) -> tuple[int | None, ...]:
    return tuple(size.number for size in node.shape)


LOGARITHMS = (softmax, sigmoid, sum_of_exponentials)
"""Tried on a differential before the general rules are."""

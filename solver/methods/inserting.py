"""An inverse of a sum on one side of an equation: it is put before (or behind) the other side with the sum beside it.

`A (I + B A)⁻¹ = (I + A B)⁻¹ (I + A B) A (I + B A)⁻¹ = (I + A B)⁻¹ A`: what the sum makes of the other side is worked
out by the rules that multiply out and cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from solver.expr.derivation import Chain, Reason, Step
from solver.expr.nodes import Add, Call, MatMul, Node, call, from_size, matmul
from solver.expr.shapes import rows
from solver.methods.argument import Argument
from solver.methods.meeting import MATRICES, join, near
from solver.rules.names import open_all
from solver.rules.normal import Normalizer
from solver.rules.setting import Setting

Around = Callable[[Node], Node]
"""What a part is put into: `x ↦ N⁻¹ x`."""


def insert(setting: Setting, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """From one side to the other through a sum and its inverse; None where neither side begins or ends in one."""
    for start, goal in ((lhs, rhs), (rhs, lhs)):
        for inverse, rest, left in _outer(open_all(goal, setting)):
            argument = _through(Argument(setting, start), goal, inverse, rest, left)
            if argument is not None:
                if start == lhs:
                    return (argument.chain(),)
                closing = Argument(setting, lhs)
                closing.put(rhs, Reason("as shown"))
                return argument.chain(), closing.chain()
    return None


def _outer(goal: Node) -> list[tuple[Call, Node, bool]]:
    """The inverses of sums that stand first or last, what is left without them, and whether they stand first."""
    word = goal.args if isinstance(goal, MatMul) else (goal,)
    found: list[tuple[Call, Node, bool]] = []
    for inverse, rest, left in ((word[0], word[1:], True), (word[-1], word[:-1], False)):
        if isinstance(inverse, Call) and inverse.name == "inv" and isinstance(inverse.args[0], Add):
            found.append((inverse, matmul(*rest) if rest else call("eye", from_size(rows(inverse.shape))), left))
    return found


def _through(argument: Argument, goal: Node, inverse: Call, rest: Node, left: bool) -> Argument | None:
    """The argument, gone on from its start to the goal; None where the sum does not make `rest` of the start."""
    total = inverse.args[0]

    def around(part: Node) -> Node:
        return matmul(inverse, part) if left else matmul(part, inverse)

    start = argument.now
    inner = Argument(argument.setting, matmul(total, start) if left else matmul(start, total))
    argument.put(around(inner.start), Reason("insert a sum and its inverse", (("A", total),)))
    for stage in MATRICES:
        if near(inner, rest):
            break
        stage(inner)
    else:
        if not Normalizer(spread=True).same(inner.now, rest):
            return None
        join(inner, rest)
    argument.steps += [_within(step, around) for step in inner.steps]
    if not near(argument, goal):
        join(argument, goal)
    return argument


def _within(step: Step, around: Around) -> Step:
    """The same step on a part of a larger formula, which is put in as a whole."""
    lhs, rhs = around(step.lhs), around(step.rhs)
    if step.children:
        return replace(step, lhs=lhs, rhs=rhs, place=(), children=tuple(_within(s, around) for s in step.children))
    return replace(step, lhs=lhs, rhs=rhs, place=(), after=rhs)

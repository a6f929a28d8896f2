"""A derivative on the left side of an equation: worked out by a route, and led on to the right side."""

from __future__ import annotations

from dataclasses import replace

from solver.expr.derivation import Chain, Derivation
from solver.expr.nodes import D, Node
from solver.methods.argument import Argument, CannotDerive
from solver.methods.meeting import meet
from solver.methods.routes import able, route
from solver.methods.task import Task
from solver.spec import problem as spec


def work_out(task: Task, question: D, rhs: Node) -> Derivation | None:
    """The derivative by the first route from whose result a way leads to the other side; None where none does."""
    kind, ask = _ask(question)
    for answer in (rhs, None):
        inner = replace(task, part=replace(task.part, kind=kind, ask=ask, answer=answer))
        for name in able(kind):
            try:
                derivation = route(name).derive(inner)
            except CannotDerive:
                continue
            if derivation.question == question and (found := _led_on(task, derivation, rhs)) is not None:
                return found
    return None


def _ask(question: D) -> tuple[str, spec.Ask]:
    """What the derivative would be asked for as."""
    of, by = question.of, question.by
    if not by.shape:
        order = 1
        while isinstance(of, D) and of.by == by:
            order, of = order + 1, of.of
        return "derivative", spec.Derivative(of, by, order)
    if isinstance(of, D):
        return "hessian", spec.Hessian(of.of, (of.by, by))
    return ("gradient", spec.Gradient(of, by)) if not of.shape else ("jacobian", spec.Jacobian(of, by))


def _led_on(task: Task, derivation: Derivation, rhs: Node) -> Derivation | None:
    """The derivation, its last chain led on to the right side; None where no way is known."""
    last = derivation.blocks[-1] if derivation.blocks else None
    if not isinstance(last, Chain):
        return None
    if derivation.result != rhs:
        further = meet(Argument(task.setting, derivation.result), Argument(task.setting, rhs))
        if further is None:
            return None
        last = replace(last, steps=(*last.steps, *further.steps))
    return replace(derivation, result=rhs, route="identity", blocks=(*derivation.blocks[:-1], last))

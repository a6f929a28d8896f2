"""The route `differential`: `d` of the loss, pushed down to the variables and read off from `dJ = tr(Gᵀ dX)`."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Chain, Derivation
from solver.expr.nodes import D, Dif, Node, Sym
from solver.expr.shapes import is_single
from solver.methods.argument import Argument, CannotDerive
from solver.methods.collecting import collect, conclude
from solver.methods.deltas import finished, named, opened
from solver.methods.earlier import from_earlier
from solver.methods.jacobians import jacobian, repeated
from solver.methods.reaching import reach
from solver.methods.reading import counted_once, derivation, gradient_chain, gradient_words
from solver.methods.settling import expand_only, open_line, settle, to_trace
from solver.methods.stacking import PLAIN
from solver.methods.task import Route, Task
from solver.methods.walk import Walk
from solver.rules.algebra import TIDY
from solver.rules.gradients import like_terms, symmetric
from solver.rules.setting import base
from solver.spec import problem as spec

NAME = "differential"


def plan(task: Task) -> Derivation:
    """The differential first; then, for a gradient or a Jacobian, what stands beside `dX`."""
    match task.ask:
        case spec.Gradient(of, wrt, structured=True):
            chains, _ = gradient(task, of, wrt, (base(wrt),))
            return counted_once(task, of, wrt, chains, NAME)
        case spec.Gradient(of, wrt) | spec.Derivative(of, wrt, 1) | spec.Jacobian(of, wrt) if is_single(of.shape):
            chains, _ = gradient(task, of, wrt, (base(wrt),), task.answer)
            return derivation(D(of, wrt), NAME, chains, (base(wrt),), gradient_words(task, base(wrt)))
        case spec.Jacobian(of, wrt) | spec.Gradient(of, wrt) | spec.Derivative(of, wrt, 1):
            return jacobian(task, of, wrt, PLAIN, NAME)
        case spec.Hessian(of, wrt):
            return repeated(task, of, wrt, PLAIN, NAME, gradient)
        case spec.Derivative(of, wrt, order):
            return repeated(task, of, (wrt,) * order, PLAIN, NAME, gradient)
        case spec.Differential(of, wrt):
            return differential(task, of, tuple(base(each) for each in wrt))
    raise CannotDerive("`differential` takes derivatives and differentials")


def gradient(
    task: Task, of: Node, wrt: Node, variables: tuple[Sym, ...], answer: Node | None = None
) -> tuple[Sequence[Chain], Node]:
    """`dJ = … = tr(Gᵀ dX)`, so `∂J/∂X = G`."""
    walk = _walk(task, of, variables)
    from_earlier(walk, task)
    descend(walk)
    whole = conclude(walk, base(wrt))
    first = finished(walk)
    last = gradient_chain(task, of, wrt, whole, first, answer, lambda argument: opened(argument, walk.deltas))
    return (*first, last), last.result


def _walk(task: Task, of: Node, variables: tuple[Sym, ...]) -> Walk:
    return Walk(Argument(task.setting.letting(*variables), Dif(of)), variables)


def descend(walk: Walk) -> None:
    """From the loss to the variables: the highest pending differential collected, taken apart and settled."""
    while (target := walk.highest()) is not None:
        collect(walk, target)
        named(walk, target)
        step(walk, target)


def step(walk: Walk, target: Node) -> None:
    """The differential of one thing opened, and the terms brought to inner products."""
    collect(walk, target)
    to_trace(walk, target)
    open_line(walk, target)
    settle(walk)


def differential(task: Task, of: Node, variables: tuple[Sym, ...]) -> Derivation:
    """`dJ` as a sum of traces, one for each variable; of a matrix, its differential with nothing but `dX` left."""
    walk = _walk(task, of, variables)
    if is_single(of.shape):
        from_earlier(walk, task)
        while (target := walk.highest()) is not None:
            step(walk, target)
        for variable in variables:
            conclude(walk, variable)
        walk.argument.line(lambda: walk.argument.exhaust((symmetric, like_terms, *TIDY)))
    else:
        while (target := walk.highest()) is not None:
            expand_only(walk, target)
    if task.answer is not None:
        reach(walk.argument, task.answer)
    return derivation(Dif(of), NAME, (walk.argument.chain(),), variables)


ROUTE = Route(
    NAME, plan, (spec.Gradient, spec.Derivative, spec.Differential, spec.Jacobian, spec.Hessian),
    "differentials, brought to tr(Gᵀ dX) by the named identities of the trace", counts_once=True,
)  # fmt: skip

"""The route `differential`: `d` of the loss, pushed down to the variables and read off from `dJ = tr(Gᵀ dX)`."""

from __future__ import annotations

from solver.expr.derivation import Chain, Derivation, Fact, Reason
from solver.expr.nodes import At, D, Dif, Node, Sym
from solver.expr.shapes import is_single
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish, fold, reach
from solver.methods.collecting import collect, conclude
from solver.methods.settling import open_line, settle, to_trace
from solver.methods.task import Route, Task
from solver.methods.walk import Walk
from solver.rules.algebra import TIDY
from solver.rules.gradients import SIMPLER
from solver.rules.setting import base
from solver.spec import problem as spec


def plan(task: Task) -> Derivation:
    """The differential first; then, for a gradient, what stands beside `dX`."""
    match task.ask:
        case spec.Gradient(of, wrt) | spec.Derivative(of, wrt, 1) if is_single(of.shape):
            return gradient(task, of, wrt)
        case spec.Differential(of, wrt) if is_single(of.shape):
            return of_scalar(task, of, wrt)
    raise CannotDerive("not yet")


def _walk(task: Task, of: Node, variables: tuple[Sym, ...]) -> Walk:
    return Walk(Argument(task.setting.letting(*variables), Dif(of)), variables)


def descend(walk: Walk) -> None:
    """From the loss to the variables: the highest pending differential collected, taken apart and settled."""
    while (target := walk.highest()) is not None:
        collect(walk, target)
        to_trace(walk, target)
        open_line(walk, target)
        settle(walk)


def gradient(task: Task, of: Node, wrt: Node) -> Derivation:
    """`dJ = … = tr(Gᵀ dX)`, so `∂J/∂X = G`."""
    variable = base(wrt)
    walk = _walk(task, of, (variable,))
    descend(walk)
    whole = conclude(walk, variable)
    first = walk.argument.chain()
    question = D(of, wrt)
    argument = Argument(task.setting, question)
    facts = facts_of(first)
    read = Reason("read off the gradient", (("J", of), ("X", variable)))
    if wrt == variable:
        argument.put(whole, read, facts=facts)
    else:
        assert isinstance(wrt, At)
        argument.put(At(D(of, variable), wrt.at), Reason("entry of the gradient"))
        argument.put(whole, read, (0,), facts)
    end(argument, task)
    last = argument.chain()
    return Derivation(question, last.result, "differential", (first, last), variables=(variable,))


def facts_of(chain: Chain) -> tuple[Fact, ...]:
    """The facts that the lines of a chain rest on."""
    return tuple(dict.fromkeys(fact for step in chain.steps for fact in step.facts))


def end(argument: Argument, task: Task) -> None:
    """The last lines: facts used, names put back, and the form of the answer."""
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER)))
    fold(argument, frozenset(task.problem.define))
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER)))
    finish(argument, task.answer)


def of_scalar(task: Task, of: Node, wrt: tuple[Node, ...]) -> Derivation:
    """`dJ` as a sum of traces, one for each variable."""
    variables = tuple(base(each) for each in wrt)
    walk = _walk(task, of, variables)
    descend(walk)
    for variable in variables:
        conclude(walk, variable)
    if task.answer is not None:
        reach(walk.argument, task.answer)
    chain: Chain = walk.argument.chain()
    return Derivation(Dif(of), chain.result, "differential", (chain,), variables=variables)


ROUTE = Route(
    "differential", plan, (spec.Gradient, spec.Derivative, spec.Differential, spec.Jacobian, spec.Hessian),
    "differentials, brought to tr(Gᵀ dX) by the named identities of the trace",
)  # fmt: skip

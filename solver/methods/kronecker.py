"""The route `kronecker`: everything stacked, `vec(dF) = M vec(dX)`, and the Jacobian `M` read off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.expr.derivation import Chain, Derivation
from solver.expr.nodes import Call, D, Node, Sym
from solver.expr.shapes import is_single
from solver.methods import collecting
from solver.methods.argument import Argument, CannotDerive
from solver.methods.deltas import finished, named, opened
from solver.methods.earlier import from_earlier
from solver.methods.jacobians import descend, jacobian, repeated, start
from solver.methods.reaching import reach
from solver.methods.reading import counted_once, derivation, gradient_chain, gradient_words
from solver.methods.stacking import OF_SCALARS, WITH_VEC, collect, open_line, settle, tidy, to_stack
from solver.methods.task import Route, Task
from solver.methods.walk import Walk
from solver.rules.inner import turned
from solver.rules.setting import base
from solver.rules.stacks import with_one
from solver.rules.vec import is_column, of_column, of_row
from solver.spec import problem as spec

NAME = "kronecker"


def plan(task: Task) -> Derivation:
    """The stacked differential first; then what is read off from it."""
    match task.ask:
        case spec.Gradient(of, wrt, structured=True):
            chains, _ = gradient(task, of, wrt, (base(wrt),))
            return counted_once(task, of, wrt, chains, NAME)
        case spec.Gradient(of, wrt) | spec.Jacobian(of, wrt) if is_single(of.shape):
            chains, _ = gradient(task, of, wrt, (base(wrt),), task.answer)
            return derivation(D(of, wrt), NAME, chains, (base(wrt),), gradient_words(task, base(wrt)))
        case spec.Jacobian(of, wrt) | spec.Gradient(of, wrt):
            return jacobian(task, of, wrt, WITH_VEC, NAME)
        case spec.Hessian(of, wrt):
            return repeated(task, of, wrt, WITH_VEC, NAME, gradient)
        case spec.Differential(of, wrt):
            return differential(task, of, tuple(base(each) for each in wrt))
    raise CannotDerive("`kronecker` stacks differentials: gradients, Jacobians, Hessians and differentials")


def gradient(
    task: Task, of: Node, wrt: Node, variables: tuple[Sym, ...], answer: Node | None = None
) -> tuple[Sequence[Chain], Node]:
    """`dJ = vec(G)ᵀ vec(dX)`, so `∂J/∂X = G`."""
    variable = base(wrt)
    walk = start(task, of, variables, OF_SCALARS)
    from_earlier(walk, task, "vec")
    descend_from_number(walk, named)
    whole = collecting.conclude(walk, variable, "vec")
    match whole:
        case Call("vec", (row,)) if row.shape == variable.shape[::-1]:
            whole = turned(row)
    first = finished(walk)
    last = gradient_chain(task, of, wrt, whole, first, answer, lambda argument: _unstacked(argument, walk))
    return (*first, last), last.result


def _unstacked(argument: Argument, walk: Walk) -> None:
    """Names opened, and stacks of vectors written as the vectors."""
    opened(argument, walk.deltas)
    argument.line(lambda: argument.exhaust((of_column, of_row)))


def descend_from_number(walk: Walk, naming: Callable[[Walk, Node], object] = lambda walk, target: None) -> None:
    """From the loss to the variables, every gradient on the way stacked where a matrix product needs it."""
    while (target := walk.highest()) is not None:
        collecting.collect(walk, target)
        naming(walk, target)
        to_stack(walk, target)
        open_line(walk, target, OF_SCALARS)
        settle(walk, OF_SCALARS)


def differential(task: Task, of: Node, variables: tuple[Sym, ...]) -> Derivation:
    """`vec(dF) = Σ M vec(dX)`, one term a variable."""
    if not is_single(of.shape) and not is_column(of):
        raise CannotDerive("`kronecker` gives stacked differentials: ask for that of `vec(…)`")
    style = OF_SCALARS if is_single(of.shape) else WITH_VEC
    walk = start(task, of, variables, style)
    question, argument = walk.argument.start, walk.argument
    if style is OF_SCALARS:
        descend_from_number(walk)
        for variable in variables:
            collecting.conclude(walk, variable, "vec")
    else:
        tidy(walk, style)
        descend(walk, style)
        for variable in variables:
            collect(walk, variable)
    if task.answer is None or not reach(argument, task.answer):
        argument.line(lambda: argument.exhaust((with_one,)))
    return derivation(question, NAME, (argument.chain(),), variables)


ROUTE = Route(
    NAME, plan, (spec.Gradient, spec.Jacobian, spec.Hessian, spec.Differential),
    "vec and Kronecker products: vec(AXB) = (Bᵀ ⊗ A) vec X", counts_once=True,
)  # fmt: skip

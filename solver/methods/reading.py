"""Reading off: from a differential to the gradient or the Jacobian that stands beside `dX`, and the last lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.expr.derivation import Chain, Derivation, Fact, Reason
from solver.expr.nodes import At, Call, D, Node, Path, Sym, walk
from solver.methods.argument import Argument
from solver.methods.ending import finish, fold
from solver.methods.task import Task
from solver.rules.algebra import TIDY
from solver.rules.gradients import SIMPLER
from solver.rules.setting import base
from solver.rules.shorter import SHORTER
from solver.rules.stacks import CLEAN
from solver.rules.trace import symmetric_form


def facts_of(*chains: Chain) -> tuple[Fact, ...]:
    """The facts that the lines of chains rest on."""
    return tuple(dict.fromkeys(fact for chain in chains for step in chain.steps for fact in step.facts))


def end(argument: Argument, task: Task, answer: Node | None) -> None:
    """The last lines: facts used, names put back, and the form of the answer."""
    argument.line(lambda: argument.exhaust((*TIDY, symmetric_form, *SHORTER, *SIMPLER)))
    fold(argument, frozenset(task.problem.define))
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER)))
    finish(argument, answer)


def gradient_chain(
    task: Task,
    of: Node,
    wrt: Node,
    whole: Node,
    first: Sequence[Chain],
    answer: Node | None,
    prepare: Callable[[Argument], None] = lambda argument: None,
) -> Chain:
    """The last chain: the gradient is what stands beside `dX` in the differential that `first` works out."""
    variable = base(wrt)
    argument = Argument(task.setting, D(of, wrt))
    place: Path = ()
    if isinstance(wrt, At):
        argument.put(At(D(of, variable), wrt.at), Reason("entry of the gradient"))
        place = (0,)
    argument.put(whole, Reason("read off the gradient", (("J", of), ("X", variable))), place, facts_of(*first))
    prepare(argument)
    end(argument, task, answer)
    return argument.chain()


def jacobian_chain(task: Task, argument: Argument, matrix: Node, first: Sequence[Chain], answer: Node | None) -> Chain:
    """The last chain: the Jacobian is the matrix beside the stack of `dX`; `argument` stands at `∂f/∂X`."""
    match argument.now:
        case D(of, by):
            captures = (("f", of), ("X", by))
    argument.put(matrix, Reason("read off the Jacobian", captures), (), facts_of(*first))
    if answer is None or not any(isinstance(part, Call) and part.name in ("kron", "vec") for part in walk(answer)):
        argument.line(lambda: argument.exhaust((*CLEAN, *TIDY)))
    end(argument, task, answer)
    return argument.chain()


def derivation(
    task: Task, question: Node, route: str, chains: Sequence[Chain], variables: tuple[Sym, ...]
) -> Derivation:
    return Derivation(question, chains[-1].result, route, tuple(chains), variables=variables)

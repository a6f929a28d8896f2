"""Reading off: from a differential to the gradient or the Jacobian that stands beside `dX`, and the last lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.expr.derivation import Chain, Derivation, Fact, Reason
from solver.expr.nodes import At, Call, D, Dif, Neg, Node, Path, Sym, Transpose, add, call, from_size, mul, places, walk
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish
from solver.methods.task import Task
from solver.rules.algebra import TIDY
from solver.rules.cancelling import CANCELLING
from solver.rules.deltas import COLLAPSE
from solver.rules.entries import entry_by_entry, entry_of_outer, entry_of_special
from solver.rules.gradients import SIMPLER
from solver.rules.rule import Rule
from solver.rules.setting import base
from solver.rules.shorter import SHORTER, diagonal_of_transpose, fill, known_total, picked, transpose_of_number
from solver.rules.slices import entry_of_number, entry_of_stack, line_of
from solver.rules.stacks import CLEAN
from solver.rules.trace import symmetric_form
from solver.rules.written import product_of_ones


def facts_of(*chains: Chain) -> tuple[Fact, ...]:
    """The facts that the lines of chains rest on."""
    return tuple(dict.fromkeys(fact for chain in chains for step in chain.steps for fact in step.facts))


def parts_of(chain: Chain) -> set[Node]:
    """What stands in a chain, with the steps inside its lines."""
    found = set(walk(chain.start))
    waiting = list(chain.steps)
    while waiting:
        step = waiting.pop()
        found.update(walk(step.rhs))
        waiting.extend(step.children)
    return found


def rested_on(chains: Sequence[Chain]) -> list[Chain]:
    """Only the chains that the last one rests on: what an earlier part gave may make others needless."""
    kept = [chains[-1]]
    later = parts_of(kept[0])
    for chain in reversed(chains[:-1]):
        if chain.start in later or chain.name in later:
            kept.append(chain)
            later |= parts_of(chain)
    return kept[::-1]


ENTRIES = (
    line_of,
    entry_by_entry,
    entry_of_special,
    entry_of_outer,
    entry_of_number,
    entry_of_stack,
    picked,
    *COLLAPSE,
    *TIDY,
)
"""An entry, a row or a column of a gradient, taken as far inside as no sum is needed."""


def end(argument: Argument, answer: Node | None, shorter: Sequence[Rule] = SHORTER) -> None:
    """The last lines: facts used, names put back, and the form of the answer."""
    if isinstance(argument.now, At):
        argument.line(lambda: argument.exhaust(ENTRIES), Reason("entries"))
    argument.line(lambda: argument.exhaust((*TIDY, symmetric_form, *shorter, *SIMPLER, known_total, *CANCELLING)))
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
    argument.put(whole, Reason("read off the gradient", (("J", of), ("dX", Dif(variable)))), place, facts_of(*first))
    prepare(argument)
    end(argument, answer)
    return argument.chain()


def counted_once(task: Task, of: Node, wrt: Node, chains: Sequence[Chain], route: str) -> Derivation:
    """`G + Gᵀ − I ⊙ G`: an entry of a symmetric matrix off the diagonal stands at two places and receives both."""
    if not isinstance(wrt, Sym) or not {"symmetric", "positive-definite"} & set(task.setting.traits(wrt)):
        raise CannotDerive("`structured` is for a symmetric symbol, and this one is not declared symmetric")
    free = D(of, wrt)
    eye = call("eye", from_size(wrt.shape[0]))  # type: ignore[misc]
    question = add(free, Transpose(free), Neg(mul(eye, free)))
    argument = Argument(task.setting, question)

    def put_in() -> None:
        while (path := next((p for p, part in places(argument.now) if part == free), None)) is not None:
            argument.put(chains[-1].result, Reason("established", (("g", free),)), path, facts_of(*chains))

    argument.line(put_in)
    argument.line(lambda: argument.exhaust((diagonal_of_transpose, transpose_of_number, *TIDY)))
    end(argument, task.answer)
    return Derivation(
        question, argument.now, route, (*chains, argument.chain()), variables=(wrt,),
        intro=Reason("both places"),
    )  # fmt: skip


def jacobian_chain(task: Task, argument: Argument, matrix: Node, first: Sequence[Chain], answer: Node | None) -> Chain:
    """The last chain: the Jacobian is the matrix beside the stack of `dX`; `argument` stands at `∂f/∂X`."""
    match argument.now:
        case D(of, by):
            captures = (("f", of), ("dX", Dif(by)))
    argument.put(matrix, Reason("read off the Jacobian", captures), (), facts_of(*first))
    if answer is None or not any(isinstance(part, Call) and part.name in ("kron", "vec") for part in walk(answer)):
        argument.line(lambda: argument.exhaust((*CLEAN, *TIDY)))
    # `I − 1 s` keeps its ones: among matrices a row that repeats is written out
    end(argument, answer, (*(rule for rule in SHORTER if rule is not fill), product_of_ones))
    return argument.chain()


def derivation(
    question: Node, route: str, chains: Sequence[Chain], variables: tuple[Sym, ...], intro: Reason | None = None
) -> Derivation:
    """The chains as one argument; the last one answers the question."""
    return Derivation(question, chains[-1].result, route, tuple(chains), variables=variables, intro=intro)


def gradient_words(task: Task, variable: Sym) -> Reason | None:
    """How a gradient is found; nothing where an earlier part has gone the same way."""
    if any(isinstance(part, Dif) for each in task.earlier for part in walk(each.question)):
        return None
    return Reason("open the differentials", (("x", variable),))


def jacobian_words(variable: Sym, stacked: bool) -> Reason:
    """How a Jacobian is found."""
    return Reason("matrix of stacked differentials" if stacked else "matrix of the differential", (("x", variable),))

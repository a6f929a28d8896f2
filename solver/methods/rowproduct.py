"""A row vector times a Jacobian, by the Jacobian's two cases: the first entry with what cancels, then any entry."""

from __future__ import annotations

from solver.expr.derivation import Chain, Derivation, Reason, Step, facts_of
from solver.expr.nodes import At, D, Idx, Node, Num, Sym, num, substitute, walk
from solver.expr.shapes import is_vector
from solver.methods.argument import CannotDerive
from solver.methods.backward import Backward
from solver.methods.ending import finish
from solver.methods.entrywise import Known, work_out
from solver.methods.expand import one_and_the_rest, opening, reach_entry, write_out
from solver.methods.indexing import Frame, Indexed, as_entry, close
from solver.methods.lemmas import Lemmas
from solver.methods.task import Task


def row_product(task: Task, expression: Node) -> Derivation:
    """The entries of the product, in which the Jacobian's cases are put; for a whole vector, the entries together."""
    frame = Frame.of(expression.shape, task.setting, expression)
    if frame.indices and not is_vector(expression.shape):
        raise CannotDerive("`cases` simplifies the entries of a vector, and this is a matrix")
    entry = frame.entry(expression) if frame.indices else expression
    index = entry.at[-1] if isinstance(entry, At) else None
    if not isinstance(index, Idx | Num):
        raise CannotDerive("`cases` simplifies an entry `(v @ D(f, x))[i]`, or a vector of them")
    lemmas = Lemmas(task)
    earlier = Backward(task, expression, Sym("")).known

    def known(node: D) -> object:
        return earlier(node) or lemmas.known(node)

    chains: list[Chain] = []
    general = _worked(task, entry, known)  # type: ignore[arg-type]
    if isinstance(index, Idx) and not frame.indices:
        first = _worked(task, substitute(entry, {index: num(1)}), known)  # type: ignore[arg-type]
        reach_entry(first, None)
        chains.append(first.chain(title=Reason("the first entry"), intro=Reason("what cancels")))
    if not frame.indices:
        reach_entry(general, task.answer)
        if chains:
            _in_the_same_way(general)
        chains.append(general.chain(title=Reason("every entry") if chains else None))
        return _derived(expression, lemmas, chains)
    as_entry(general, frame)
    chains.append(general.chain(title=Reason("every entry")))
    closing = close(task.setting, expression, frame, chains[-1], facts_of(chains[-1].steps))
    finish(closing, task.answer)
    return _derived(expression, lemmas, [*chains, closing.chain()])


def _worked(task: Task, entry: Node, known: Known) -> Indexed:
    argument = Indexed(task.setting, entry)
    argument.line(lambda: write_out(argument), opening)
    if not any(isinstance(part, D) for part in walk(argument.now)):
        raise CannotDerive("there is no derivative whose cases could be told apart")
    work_out(argument, known)
    one_and_the_rest(argument)
    return argument


def _in_the_same_way(argument: Indexed) -> None:
    """After its first line the argument is that of the first entry: one line, its steps kept as details."""
    opening_line, *rest = argument.steps
    made = tuple(rest)
    if len(made) > 1:
        line = Step(made[0].lhs, made[-1].rhs, Reason("in the same way"), (), None, facts_of(made), made)
        argument.steps[:] = [opening_line, line]


def _derived(expression: Node, lemmas: Lemmas, chains: list[Chain]) -> Derivation:
    return Derivation(
        expression, chains[-1].result, "cases", (*lemmas.blocks, *chains), lemmas.definitions,
        intro=lemmas.intro,
    )  # fmt: skip

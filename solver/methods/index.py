"""The route `index`: entries, indexed sums, deltas collapsed by their ranges, and the way back to matrix form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from solver.expr.derivation import Chain, Derivation, Reason, facts_of
from solver.expr.nodes import At, Big, D, Node, Sym, free_indices, walk
from solver.expr.shapes import is_single, is_vector
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.backward import Backward
from solver.methods.deltas import opened
from solver.methods.ending import absorb_order, finish
from solver.methods.entrywise import factor, settle, work_out
from solver.methods.expand import simplify
from solver.methods.indexing import Frame, Indexed, as_entry, close, entry_question, seen_as
from solver.methods.reading import counted_once, rested_on
from solver.methods.splitting import split_cases
from solver.methods.task import Route, Task
from solver.rules.algebra import TIDY
from solver.rules.cancelling import CANCELLING
from solver.rules.gradients import SIMPLER
from solver.rules.recognise import matrix_of
from solver.rules.setting import base
from solver.rules.shorter import known_total
from solver.spec import problem as spec

BACK = Reason("backwards by entries")


def plan(task: Task) -> Derivation:
    """The question for one entry, worked out in indexed sums; then the entries together, as a matrix."""
    match task.ask:
        case spec.Gradient(of, wrt, structured=True):
            free = plan(replace(task, part=replace(task.part, ask=spec.Gradient(of, wrt), answer=None)))
            return counted_once(task, of, wrt, [block for block in free.blocks if isinstance(block, Chain)], "index")
        case spec.Simplify():
            return simplify(task)
    question = task.question()
    assert isinstance(question, D)
    _fits_a_matrix(question)
    setting = task.setting
    frame, entry = entry_question(question, setting)
    blocks, argument, deltas = _differentiated(task, frame, entry)
    return ended(task, question, frame, blocks, argument, deltas)


def _fits_a_matrix(question: D) -> None:
    """A Jacobian with four indices is stacked in the language; entry by entry it is no table."""
    of, by = question.of, question.by
    if is_single(of.shape) or is_single(by.shape) or (is_vector(of.shape) and is_vector(by.shape)):
        return
    raise CannotDerive(
        f"the Jacobian of `{write(of)}` by `{write(by)}` has more than two indices: ask for an entry, as "
        '`{of: "F[k, l]", wrt: "X[i, j]"}`'
    )


def _differentiated(task: Task, frame: Frame, entry: Node) -> tuple[tuple[Chain, ...], Indexed, Mapping[Sym, Node]]:
    """The chains before it, the chain that works out the entry, and the names given to gradients on the way."""
    match entry:
        case D(of, by) if is_single(of.shape) and not any(isinstance(part, D) for part in walk(of)):
            walk_back = Backward(task, of, base(by), whole=bool(frame.indices), naming=True)
            argument = walk_back.run(by)
            return tuple(walk_back.chains), argument, walk_back.deltas
        case D(D(of, first), by) if is_single(of.shape) and not any(isinstance(part, D) for part in walk(of)):
            return *_twice(task, entry, of, first, frame), {}
        case _:
            argument = Indexed(task.setting, entry)
            work_out(argument, Backward(task, entry, Sym("")).known)
    settle(argument)
    split_cases(argument)
    return (), argument, {}


def _twice(task: Task, entry: D, of: Node, first: Node, frame: Frame) -> tuple[tuple[Chain, ...], Indexed]:
    """The first derivative as a chain of its own, and then its derivative."""
    walk_back = Backward(task.varying(first, entry.by), of, base(first), whole=bool(frame.indices))
    inner = walk_back.run(first)
    factor(inner)
    chain = inner.chain()
    argument = Indexed(task.setting, entry)
    argument.put(chain.result, Reason("established", (("g", chain.start),)), (0,), facts_of(chain.steps))
    work_out(argument, walk_back.known)
    settle(argument)
    return tuple(rested_on((*walk_back.chains, chain, argument.chain()))[:-1]), argument


def ended(
    task: Task, question: D, frame: Frame, blocks: tuple[Chain, ...], argument: Indexed,
    deltas: Mapping[Sym, Node] = MappingProxyType({}),
) -> Derivation:  # fmt: skip
    """The entry brought to its form; for a vector or matrix, the entries together, and their names opened."""
    if not frame.indices:
        factor(argument)
        _finish_entry(argument, task.answer)
        chain = argument.chain()
        return Derivation(question, chain.result, "index", (*blocks, chain))
    as_entry(argument, frame)
    chain = argument.chain()
    facts = tuple(dict.fromkeys(fact for block in (*blocks, chain) for step in block.steps for fact in step.facts))
    closing = close(task.setting, question, frame, chain, facts)
    opened(closing, deltas)
    if closing.line(lambda: closing.exhaust((*SIMPLER, *TIDY, known_total, *CANCELLING))):
        absorb_order(closing)
    finish(closing, task.answer)
    last = closing.chain()
    intro = BACK if len(blocks) > 1 and not isinstance(question.of, D) else None
    return Derivation(question, last.result, "index", (*blocks, chain, last), intro=intro)


def _finish_entry(argument: Argument, answer: Node | None) -> None:
    """The answer's form: with its sums as they stand, or as matrix products."""
    if answer is None and not free_indices(argument.start):
        found = matrix_of(argument.now, None, None, argument.setting)
        if found is not None and any(isinstance(part, Big) for part in walk(argument.now)):
            argument.put(found, seen_as(found))
    finish(argument, answer)


def fits(task: Task) -> bool:
    """A question about an entry, or one with indexed sums in it."""
    match task.ask:
        case spec.Gradient(of, wrt) | spec.Derivative(of, wrt) | spec.Jacobian(of, wrt):
            return isinstance(wrt, At) or any(isinstance(part, Big) for part in walk(of))
    return False


ROUTE = Route(
    "index", plan, (spec.Gradient, spec.Jacobian, spec.Hessian, spec.Derivative, spec.Simplify),
    "indexed sums: differentiate an entry, collapse the deltas, and go back to matrix form", fits, True,
)  # fmt: skip

"""The route `cases`: a derivative on its diagonal and off it, by the quotient rule and the Kronecker delta.

Then one line with both, for a whole Jacobian the matrix and its closed form; for a loss the sum over its terms, split
where the cases differ; for a product with a row vector the first entry and then any.
"""

from __future__ import annotations

from solver.expr.derivation import Cases, Chain, Derivation, Reason, facts_of
from solver.expr.nodes import At, Call, D, Idx, Node, Table
from solver.expr.shapes import is_single, is_vector
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish
from solver.methods.entrywise import CLEAN, factor, settle, work_out
from solver.methods.index import ended
from solver.methods.indexing import Frame, Indexed, entry_question
from solver.methods.lemma import TwoCases, shared_parts, written_out
from solver.methods.lemmas import Lemmas, own_index
from solver.methods.reaching import reach
from solver.methods.rowproduct import row_product
from solver.methods.splitting import rejoin, split_cases
from solver.methods.task import Route, Task
from solver.rules.entries import entry_by_entry
from solver.rules.recognise import as_delta, matrix_of_entries
from solver.rules.setting import Setting, base
from solver.spec import problem as spec


def plan(task: Task) -> Derivation:
    """The two cases side by side, the line with both, the matrix; or what is made of them."""
    match task.ask:
        case spec.Simplify(expression):
            return row_product(task, expression)
    question = task.question()
    if not isinstance(question, D) or isinstance(question.of, D):
        raise CannotDerive("`cases` differentiates once")
    frame, entry = entry_question(question, task.setting)
    asked = _inside(entry, task.setting)
    own = own_index(asked, task.setting)
    if own is None:
        return _loss(task, question, frame, asked)
    lemma = TwoCases(task.setting, asked, own, keep_own=not isinstance(task.ask, spec.Gradient))
    both = lemma.both(task.setting)
    if not frame.indices:
        _finish(both, lemma, task.answer)
        chain = both.chain()
        return _derived(question, (*lemma.blocks, chain), lemma)
    chain = both.chain()
    return _derived(question, (*lemma.blocks, chain, _matrix(task, question, frame, chain)), lemma)


def _inside(asked: Node, setting: Setting) -> D:
    """The derivative of an entry by an entry of one vector, `∂(log s)_i` as `∂ log s_i`."""
    if not isinstance(asked, D) or not isinstance(asked.by, At) or len(asked.by.at) != 1:
        raise CannotDerive("`cases` differentiates by the entries of one vector")
    if not is_vector(base(asked.by).shape) or not is_single(asked.of.shape):
        raise CannotDerive("`cases` tells the entries of one vector apart")
    argument = Indexed(setting, asked)
    argument.exhaust((entry_by_entry,), (0,))
    assert isinstance(argument.now, D)
    return argument.now


def _derived(question: Node, blocks: tuple[Chain | Cases, ...], lemma: TwoCases | Lemmas) -> Derivation:
    last = blocks[-1]
    assert isinstance(last, Chain)
    return Derivation(question, last.result, "cases", blocks, lemma.definitions, intro=lemma.intro)


# --- endings --------------------------------------------------------------------------------------------------------


def _finish(argument: Argument, lemma: TwoCases, answer: Node | None) -> None:
    """The line with both cases, or the answer's form, which may have a delta in it."""
    if answer is None or reach(argument, answer):
        return
    now = argument.now
    if isinstance(now, Call) and now.name == "where" and isinstance(lemma.other, Idx):
        mark = len(argument.steps)
        _, yes, no = now.args
        argument.put(as_delta(lemma.own, lemma.other, yes, no, argument.setting), Reason("with a delta"))
        if reach(argument, answer):
            return
        del argument.steps[mark:]
    finish(argument, answer)


def _matrix(task: Task, question: D, frame: Frame, both: Chain) -> Chain:
    """The matrix of the entries, with dots, and its closed form."""
    argument = Indexed(task.setting, question)

    def build() -> None:
        argument.put(frame.table(both.start, task.setting), Reason("entries"))
        argument.put(both.result, Reason("established", (("g", both.start),)), (0,), facts_of(both.steps))

    argument.line(build, Reason("entries together"))
    if not isinstance(task.answer, Table):
        argument.line(lambda: _closed(argument))
    finish(argument, task.answer)
    return argument.chain()


def _closed(argument: Indexed) -> None:
    argument.apply(matrix_of_entries)
    argument.exhaust(CLEAN)


# --- losses ---------------------------------------------------------------------------------------------------------


def _loss(task: Task, question: D, frame: Frame, asked: D) -> Derivation:
    """A scalar: its terms' derivatives by cases, then the sum of all terms, split where the cases differ."""
    lemmas = Lemmas(task)
    argument = Indexed(task.setting, asked)
    work_out(argument, lemmas.known)
    if lemmas.blocks:
        split_cases(argument)
        settle(argument)
        rejoin(argument)
        factor(argument)
        derivation = ended(task, question, frame, (), argument)
        lemmas.keep_met(derivation.blocks)
    if not lemmas.blocks:
        raise CannotDerive(
            f"no term of `{write(question.of)}` has two cases to tell apart: each rests on one entry, or on all alike"
        )
    blocks = (*lemmas.blocks, *derivation.blocks)
    return _derived(question, blocks, lemmas)


def fits(task: Task) -> bool:
    """A Jacobian of one vector by another whose entries share a sum: the softmax and its kin."""
    if not isinstance(task.ask, spec.Jacobian):
        return False
    try:
        question = task.question()
        _, entry = entry_question(question, task.setting)
        asked = _inside(entry, task.setting)
        own = own_index(asked, task.setting)
        return own is not None and bool(shared_parts(written_out(asked, task.setting), asked.by, own, task.setting))
    except CannotDerive:
        return False


ROUTE = Route(
    "cases", plan, (spec.Jacobian, spec.Gradient, spec.Derivative, spec.Simplify),
    "the diagonal and the rest apart, by the quotient rule and the Kronecker delta", fits,
)  # fmt: skip

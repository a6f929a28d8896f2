"""Simplifying an expression entry by entry: entries written out, derivatives put in, terms cancelled and collected."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Derivation, Reason, Step, facts_of
from solver.expr.nodes import Add, At, D, MatMul, Neg, Node, Num, Sym, places, walk
from solver.expr.write import write
from solver.methods.argument import CannotDerive
from solver.methods.backward import Backward
from solver.methods.ending import finish
from solver.methods.entrywise import CLEAN, factor, settle, telling, work_out
from solver.methods.indexing import Frame, Indexed, as_entry, close
from solver.methods.task import Task
from solver.rules.algebra import TIDY
from solver.rules.deltas import known_case, known_delta, under_condition
from solver.rules.entries import OPENING, sum_over_entries
from solver.rules.fractions import factor_out
from solver.rules.gradients import SIMPLER, like_terms, positive_first
from solver.rules.indexed import value_at
from solver.rules.normal import Normalizer
from solver.rules.recognise import sum_as_product
from solver.rules.setting import Setting
from solver.rules.sums import complete_sum, factor_out_of_sum, split_at
from solver.rules.terms import cancel_opposites, distribute
from solver.spec import problem as spec


def simplify(task: Task) -> Derivation:
    """The expression, or one entry of it, in indexed sums; then in the answer's form or as a matrix expression."""
    assert isinstance(task.ask, spec.Simplify)
    expression = task.ask.expression
    setting = task.setting
    frame = Frame.of(expression.shape, setting, expression)
    argument = Indexed(setting, frame.entry(expression) if frame.indices else expression)
    argument.line(lambda: write_out(argument), opening)
    work_out(argument, Backward(task, expression, Sym("")).known)
    if any(isinstance(part, D) for part in walk(argument.now)):
        raise CannotDerive("a derivative is left that `index` cannot work out")
    if _literal_entry(argument.start):
        one_and_the_rest(argument)
    settle(argument)
    factor(argument)
    if not frame.indices:
        reach_entry(argument, task.answer)
        chain = argument.chain()
        return Derivation(expression, chain.result, "index", (chain,))
    as_entry(argument, frame)
    chain = argument.chain()
    if not chain.steps:
        raise CannotDerive(f"the entries of `{write(expression)}` cannot be written out")
    if chain.result == chain.start:
        raise CannotDerive(f"written out entry by entry, `{write(expression)}` comes back to itself")
    closing = close(setting, expression, frame, chain, facts_of(chain.steps))
    closing.line(lambda: closing.exhaust((*SIMPLER, *TIDY)))
    finish(closing, task.answer)
    last = closing.chain()
    return Derivation(expression, last.result, "index", (chain, last))


# --- writing out ----------------------------------------------------------------------------------------------------


def write_out(argument: Indexed) -> None:
    """The name asked about by its definition, every name that a derivative is hidden in; products as sums."""
    top = argument.now.arg if isinstance(argument.now, At) else argument.now
    while True:
        for path, part in places(argument.now):
            if (value := _worth_opening(part, top, argument.setting)) is not None:
                argument.put(value, Reason("definition", (("name", _name(part)),)), path)
                break
            if any(argument.apply(rule, path) for rule in (*OPENING, sum_over_entries)):
                break
        else:
            argument.exhaust(TIDY)
            return


def _name(part: Node) -> Node:
    return part.arg if isinstance(part, At) else part


def _worth_opening(part: Node, top: Node, setting: Setting) -> Node | None:
    found = value_at(part, setting)
    if found is None:
        return None
    value, symbol = found
    return value if symbol == top or _hides_derivative(symbol, setting) else None


def _hides_derivative(symbol: Sym, setting: Setting) -> bool:
    return any(
        isinstance(part, D)
        for name in setting.rests_on(symbol.name)
        if name in setting.define
        for part in walk(setting.define[name])
    )


def opening(steps: Sequence[Step]) -> Reason:
    return next((step.reason for step in steps if step.reason.rule == "definition"), telling(steps))


# --- one entry with a number ----------------------------------------------------------------------------------------


def _literal_entry(node: Node) -> bool:
    """`z[1]`: an entry by number, which shows what happens to one term of the sum."""
    return isinstance(node, At) and all(isinstance(index, Num) for index in node.at)


def one_and_the_rest(argument: Indexed) -> None:
    """The sum split where its terms differ, completed again, and what cancels shown."""
    known = (known_delta, known_case, under_condition)
    if not argument.line(lambda: _split(argument)):
        return
    argument.line(lambda: argument.exhaust((factor_out_of_sum, *known, *CLEAN)), telling)
    argument.line(lambda: argument.exhaust((complete_sum, factor_out_of_sum, *CLEAN)))
    argument.line(lambda: _aligned(argument), _factored)
    argument.line(lambda: argument.exhaust((cancel_opposites, *CLEAN)))
    argument.line(lambda: argument.exhaust((like_terms, positive_first, *CLEAN)))


def _split(argument: Indexed) -> None:
    if argument.apply_first((split_at,)):
        argument.exhaust((known_delta, known_case, under_condition, *TIDY))


def _aligned(argument: Indexed) -> None:
    """Multiplied out, common factors in front, and terms that will cancel written alike."""
    argument.exhaust((distribute, *CLEAN))
    argument.exhaust((factor_out, *CLEAN))
    normalizer = Normalizer()
    for path, part in places(argument.now):
        if not isinstance(part, Add):
            continue
        for number, term in enumerate(part.args):
            twin = next((t for t in part.args[:number] if _opposite(t, term, normalizer)), None)
            if twin is not None:
                like = twin.arg if isinstance(twin, Neg) else Neg(twin)
                argument.put(like, Reason("reorder"), (*path, number), routine=True)


def _factored(steps: Sequence[Step]) -> Reason:
    """That a common factor was drawn out, where one was."""
    return next((step.reason for step in steps if step.reason.rule == factor_out.name), telling(steps))


def _opposite(left: Node, right: Node, normalizer: Normalizer) -> bool:
    if isinstance(left, Neg) == isinstance(right, Neg):
        return False
    bare = [part.arg if isinstance(part, Neg) else part for part in (left, right)]
    return normalizer.same(*bare)


# --- the answer's form ----------------------------------------------------------------------------------------------


def reach_entry(argument: Indexed, answer: Node | None) -> None:
    """The answer's form, with sums as they stand or as matrix products."""
    if answer is None:
        mark = len(argument.steps)
        argument.line(lambda: argument.exhaust((sum_as_product, *CLEAN)))
        if not any(isinstance(part, MatMul) for part in walk(argument.now)):
            # `Σ_k v_k` is read as it stands
            del argument.steps[mark:]
        return
    finish(argument, answer)

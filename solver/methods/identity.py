"""The route `identity`: one side rewritten into the other, or an expression into a simpler form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solver.expr.derivation import Chain, Derivation, Reason, Step
from solver.expr.nodes import At, Call, Div, Idx, Node, Sym, Table, at, places, replace_at, symbols, walk
from solver.expr.shapes import is_vector, numel
from solver.expr.sizes import ONE
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import alike, definitions, finish, reach
from solver.methods.task import Route, Task
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.cancelling import CANCELLING
from solver.rules.entries import entry
from solver.rules.explog import exp_of_sum, log_of_exp, log_of_product, log_of_quotient, log_of_softmax
from solver.rules.factored import of_kronecker
from solver.rules.fractions import cancel
from solver.rules.gradients import SIMPLER, logistic
from solver.rules.names import open_function
from solver.rules.normal import Normalizer
from solver.rules.rule import Rule, all_rules
from solver.rules.setting import fresh_index
from solver.rules.shorter import known_total
from solver.rules.sums import factor_out_of_sum
from solver.spec import problem as spec

SEARCH_LIMIT = 400
"""Formulas looked at before a search by named rules gives up."""


def plan(task: Task) -> Derivation:
    """From the left side to the right, or to the answer's form."""
    match task.ask:
        case spec.Prove(lhs, rhs):
            return _prove(task, lhs, rhs)
        case spec.Simplify(expression):
            return _simplify(task, expression)
    raise CannotDerive("`identity` proves equations and simplifies expressions")


def _prove(task: Task, lhs: Node, rhs: Node) -> Derivation:
    for attempt in (_directly, _by_named_rules, _meeting, _entrywise):
        blocks = attempt(task, lhs, rhs)
        if blocks is not None:
            return Derivation(lhs, rhs, "identity", blocks)
    raise CannotDerive(f"no chain of rules is known from `{write(lhs)}` to `{write(rhs)}`")


def _simplify(task: Task, expression: Node) -> Derivation:
    if task.answer is not None:
        for attempt in (_directly, _by_named_rules, _meeting, _entrywise):
            blocks = attempt(task, expression, task.answer)
            if blocks is not None:
                return Derivation(expression, task.answer, "identity", blocks)
    argument = Argument(task.setting, expression)
    _open_names(argument)
    simplify(argument)
    finish(argument, task.answer)
    chain = argument.chain()
    return Derivation(expression, chain.result, "identity", (chain,))


def _open_names(argument: Argument) -> None:
    def build() -> None:
        for _ in range(200):
            for path, part in places(argument.now):
                if isinstance(part, Sym) and part.name in argument.setting.define:
                    argument.put(argument.setting.define[part.name], Reason("definition", (("name", part),)), path)
                    break
            else:
                return

    argument.line(build)


# --- ways from one side to the other ------------------------------------------------------------------------------


def _directly(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """By arithmetic, or by names put back."""
    argument = Argument(task.setting, lhs)
    if Normalizer().same(lhs, rhs) and any(isinstance(part, Call) for part in walk(lhs)):
        blocks = _by_named_rules(task, lhs, rhs)
        if blocks is not None:
            return blocks
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER, of_kronecker, known_total, *CANCELLING)))
    if reach(argument, rhs) and len(argument.steps) <= 3:
        telling = [s for s in argument.steps if s.reason.rule == "definitions of functions"]
        return None if telling else (argument.chain(),)
    return None


def _by_named_rules(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """A search, breadth first: every rule at every place, until the other side stands there."""
    frontier: list[Argument] = [Argument(task.setting, lhs)]
    seen = {lhs}
    rules = all_rules()
    # a part stands in many of the formulas, and the rules make the same of it in each
    fitting: dict[Node, list[Rule]] = {}
    for _ in range(3):
        grown: list[Argument] = []
        for argument in frontier:
            for path, part in places(argument.now):
                if part not in fitting:
                    rewrites = ((rule, rule(part, task.setting)) for rule in rules)
                    fitting[part] = [rule for rule, made in rewrites if made and made.after.shape == part.shape]
                for rule in fitting[part]:
                    if len(seen) > SEARCH_LIMIT:
                        return None
                    other = Argument(task.setting, lhs, list(argument.steps))
                    other.apply(rule, path)
                    if other.now == rhs:
                        return (other.chain(),)
                    if other.now not in seen:
                        seen.add(other.now)
                        grown.append(other)
        frontier = grown
    return None


def simplify(argument: Argument) -> None:
    """Definitions of functions opened, exponentials split, constants drawn out, fractions cancelled, logs opened."""
    argument.line(lambda: argument.exhaust((log_of_softmax,)))
    argument.line(lambda: argument.exhaust((entry, *TIDY)), _opened)
    argument.line(lambda: argument.exhaust((exp_of_sum, *TIDY)))
    argument.line(lambda: argument.exhaust((factor_out_of_sum, *TIDY)))
    argument.line(lambda: argument.exhaust((cancel, *TIDY)))
    argument.line(lambda: argument.exhaust((log_of_quotient, log_of_product)))
    argument.line(lambda: argument.exhaust((log_of_exp, *TIDY)))
    argument.line(lambda: argument.exhaust((collect_powers, *(r for r in SIMPLER if r is not logistic), *TIDY)))


def _opened(steps: Sequence[Step]) -> Reason:
    """The reason of a line that writes entries out: the function whose definition it needed."""
    for step in steps:
        for part in walk(at(step.lhs, step.place)):
            if isinstance(part, Call) and part.function.definition and part.function.kind in ("along", "reduction"):
                return Reason("definition of a function", (("f", part),))
    return Reason("entries")


def _meeting(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """Both sides rewritten to one form; the second half of the chain is read backwards."""
    sides = []
    for side in (lhs, rhs):
        argument = Argument(task.setting, side)
        argument.line(lambda a=argument: a.exhaust((open_function, *TIDY)))  # type: ignore[misc]
        simplify(argument)
        sides.append(argument)
    left, right = sides
    if not definitions(task.setting, True).same(left.now, right.now):
        return None
    if left.now != right.now:
        if alike(left.now, right.now):
            left.put(right.now, Reason("rename the index"), routine=True)
        else:
            left.put(right.now, Reason("common denominator" if _quotients(left.now) else "collect terms"))
    back = [_reversed(step) for step in reversed(right.steps)]
    return (Chain(lhs, (*left.steps, *back)),)


def _quotients(node: Node) -> bool:
    return any(isinstance(part, Div) for part in walk(node))


def _reversed(step: Step) -> Step:
    """The same equation, read from right to left."""
    children = tuple(_reversed(child) for child in reversed(step.children))
    if children:
        return replace(step, lhs=step.rhs, rhs=step.lhs, children=children, place=(), after=None)
    before = at(step.lhs, step.place)
    try:
        whole = replace_at(step.rhs, step.place, before) != step.lhs
    except (IndexError, ValueError):
        whole = True
    if whole:
        return replace(step, lhs=step.rhs, rhs=step.lhs, place=(), after=step.lhs)
    return replace(step, lhs=step.rhs, rhs=step.lhs, after=before)


def _entrywise(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """Vectors and matrices are equal when their entries are."""
    if not lhs.shape or lhs.shape != rhs.shape:
        return None
    rows, columns = lhs.shape
    used = (lhs, rhs, *(Sym(name) for name in (*symbols(lhs), *symbols(rhs))))
    if is_vector(lhs.shape):
        where: tuple[Idx, ...] = (fresh_index(Idx("i", numel(lhs.shape)), *used, letters="i"),)
    else:
        first = fresh_index(Idx("i", rows), *used, letters="i")
        where = (first, fresh_index(Idx("j", columns), *used, first, letters="j"))
    left, right = At(lhs, where), At(rhs, where)
    inner = _meeting(task, left, right)
    if inner is None or columns == rows == ONE:
        return None
    row, column = (where[0], Idx("_", ONE)) if len(where) == 1 and rows != ONE else (Idx("_", ONE), where[0])
    if len(where) == 2:
        row, column = where
    closing = Argument(task.setting, lhs)
    closing.line(lambda: _gather(closing, left, right, rhs, row, column), Reason("equal entry by entry"))
    return (*inner, closing.chain())


def _gather(closing: Argument, left: Node, right: Node, rhs: Node, row: Idx, column: Idx) -> None:
    """A matrix is the matrix of its entries: `A = (A_ij) = (B_ij) = B`."""
    closing.put(Table(left, row, column), Reason("matrix of its entries"))
    closing.put(right, Reason("established", (("g", left),)), (0,))
    closing.put(rhs, Reason("matrix of its entries"))


ROUTE = Route(
    "identity", plan, (spec.Prove, spec.Simplify), "one side rewritten into the other by named rules", lambda task: True
)

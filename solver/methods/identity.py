"""The route `identity`: one side rewritten into the other, or an expression into a simpler form."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.expr.derivation import Cases, Chain, Derivation, Reason
from solver.expr.nodes import At, D, Idx, Node, Sym, Table, call, num, places, symbols
from solver.expr.shapes import is_single, is_vector, numel
from solver.expr.sizes import ONE
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.arriving import same_angles
from solver.methods.bysigns import both, by_signs
from solver.methods.ending import finish
from solver.methods.inserting import insert
from solver.methods.meeting import joined, meet, near, open_names, simplify
from solver.methods.reaching import reach
from solver.methods.task import Route, Task
from solver.methods.workedout import work_out
from solver.rules.algebra import TIDY
from solver.rules.cancelling import CANCELLING
from solver.rules.factored import of_kronecker
from solver.rules.few import entry_of_blocks, few
from solver.rules.gradients import SIMPLER
from solver.rules.reflected import addition, known_angle
from solver.rules.rule import Rule, all_rules
from solver.rules.setting import Setting, fresh_index
from solver.rules.shorter import known_total
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
    if isinstance(lhs, D) and (found := work_out(task, lhs, rhs)) is not None:
        return found
    for attempt in WAYS:
        blocks = attempt(task, lhs, rhs)
        if blocks is not None:
            return Derivation(lhs, rhs, "identity", tuple(blocks))
    raise CannotDerive(f"no chain of rules is known from `{write(lhs)}` to `{write(rhs)}`")


def _simplify(task: Task, expression: Node) -> Derivation:
    if task.answer is not None:
        for attempt in WAYS:
            blocks = attempt(task, expression, task.answer)
            if blocks is not None:
                return Derivation(expression, task.answer, "identity", tuple(blocks))
    argument = Argument(task.setting, expression)
    argument.line(lambda: open_names(argument))
    simplify(argument)
    finish(argument, task.answer)
    chain = argument.chain()
    return Derivation(expression, chain.result, "identity", (chain,))


Way = Callable[[Task, Node, Node], Sequence[Chain | Cases] | None]


# --- ways from one side to the other ------------------------------------------------------------------------------


def _directly(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """In a line or two: by what cancels on sight, then the order of terms; or, of numbers, by arithmetic."""
    argument = _tidied(task, lhs)
    if len(argument.steps) <= 2 and near(argument, rhs):
        return (argument.chain(),)
    return None


def _by_arithmetic(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """By the laws of arithmetic alone, all at once."""
    argument = _tidied(task, lhs)
    return (argument.chain(),) if reach(argument, rhs) else None


def _tidied(task: Task, lhs: Node) -> Argument:
    argument = Argument(task.setting, lhs)
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER, of_kronecker, known_total, *CANCELLING)))
    return argument


def _by_one_rule(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """One rule at one place, where that is all, read forwards or backwards."""
    forwards = _by_named_rules(task, lhs, rhs, 1)
    backwards = _by_named_rules(task, rhs, lhs, 1) if forwards is None else None
    if backwards is None:
        return forwards
    return (joined(Argument(task.setting, lhs), Argument(task.setting, rhs, list(backwards[0].steps))),)


def _by_named_rules(task: Task, lhs: Node, rhs: Node, depth: int = 3) -> tuple[Chain, ...] | None:
    """A search, breadth first: every rule at every place, until the other side stands there."""
    frontier: list[Argument] = [Argument(task.setting, lhs)]
    seen = {lhs}
    rules = all_rules()
    # a part stands in many of the formulas, and the rules make the same of it in each
    fitting: dict[Node, list[Rule]] = {}
    for _ in range(depth):
        grown: list[Argument] = []
        for argument in frontier:
            for path, part in places(argument.now):
                if part not in fitting:
                    rewrites = ((rule, rule(part, task.setting)) for rule in rules)
                    fitting[part] = [rule for rule, made in rewrites if made and _fits(made.after, part)]
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


def _inserting(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """Through a sum beside its inverse."""
    return insert(task.setting, lhs, rhs)


def _fits(after: Node, before: Node) -> bool:
    return after.shape == before.shape or (is_single(after.shape) and is_single(before.shape))


def _meeting(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """Both sides rewritten to one form."""
    chain = meet(Argument(task.setting, lhs), Argument(task.setting, rhs))
    return None if chain is None else (chain,)


def _entrywise(task: Task, lhs: Node, rhs: Node) -> tuple[Chain | Cases, ...] | None:
    """Vectors and matrices are equal when their entries are."""
    if not lhs.shape or lhs.shape != rhs.shape:
        return None
    rows, columns = lhs.shape
    if is_vector(lhs.shape) and few(numel(lhs.shape).number):
        return _each(task, lhs, rhs)
    used = (lhs, rhs, *(Sym(name) for name in (*symbols(lhs), *symbols(rhs))))
    if is_vector(lhs.shape):
        where: tuple[Idx, ...] = (fresh_index(Idx("i", numel(lhs.shape)), *used, letters="i"),)
    else:
        first = fresh_index(Idx("i", rows), *used, letters="i")
        where = (first, fresh_index(Idx("j", columns), *used, first, letters="j"))
    left, right = At(lhs, where), At(rhs, where)
    if columns == rows == ONE:
        return None
    inner: tuple[Chain | Cases, ...] | None = _meeting(task, left, right)
    if inner is None and (cases := by_signs(task.setting, left, right)) is not None:
        inner = (cases, both(task.setting, cases))
    if inner is None:
        return None
    row, column = (where[0], Idx("_", ONE)) if len(where) == 1 and rows != ONE else (Idx("_", ONE), where[0])
    if len(where) == 2:
        row, column = where
    closing = Argument(task.setting, lhs)
    closing.line(lambda: _gather(closing, left, right, rhs, row, column), Reason("equal entry by entry"))
    return (*inner, closing.chain())


def _each(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """A vector of two or three entries: each by itself, then all of them side by side."""
    count = numel(lhs.shape).number
    assert count is not None
    pairs = [(At(lhs, (num(k),)), _entry_at(rhs, k, task.setting)) for k in range(1, count + 1)]
    chains = []
    for left, right in pairs:
        inner = _meeting(task, left, right)
        if inner is None:
            return None
        chains += [chain for chain in inner if chain.steps]
    closing = Argument(task.setting, lhs)
    closing.line(lambda: _beside(closing, pairs, rhs), Reason("equal entry by entry"))
    return (*chains, closing.chain())


def _entry_at(vector: Node, place: int, setting: Setting) -> Node:
    """The entry by its number, as it stands where the vector is written entry by entry."""
    whole = At(vector, (num(place),))
    found = entry_of_blocks(whole, setting)
    return whole if found is None else found.after


def _beside(closing: Argument, pairs: list[tuple[At, Node]], rhs: Node) -> None:
    """A vector is its entries side by side: `x = (x_1 x_2) = (y_1 y_2) = y`."""
    stack = "vstack" if rhs.shape[1] == ONE else "hstack"  # type: ignore[misc]
    closing.put(call(stack, *(left for left, _ in pairs)), Reason("matrix of its entries"))
    for k, (left, right) in enumerate(pairs):
        if closing.now.children[k] != right:
            closing.put(right, Reason("established", (("g", left),)), (k,))
    closing.put(rhs, Reason("matrix of its entries"))


def _gather(closing: Argument, left: Node, right: Node, rhs: Node, row: Idx, column: Idx) -> None:
    """A matrix is the matrix of its entries: `A = (A_ij) = (B_ij) = B`."""
    closing.put(Table(left, row, column), Reason("matrix of its entries"))
    closing.put(right, Reason("established", (("g", left),)), (0,))
    closing.put(rhs, Reason("matrix of its entries"))


def _by_signs(task: Task, lhs: Node, rhs: Node) -> tuple[Chain | Cases, ...] | None:
    """On either side of the place where pieces change."""
    cases = by_signs(task.setting, lhs, rhs) if is_single(lhs.shape) else None
    return None if cases is None else (cases,)


def _by_angles(task: Task, lhs: Node, rhs: Node) -> tuple[Chain, ...] | None:
    """By the addition theorems and sin² + cos² = 1."""
    argument = Argument(task.setting, lhs)
    if not same_angles(lhs, rhs, task.setting):
        return None
    argument.line(lambda: argument.exhaust((addition, known_angle, *TIDY)))
    argument.line(lambda: argument.put(rhs, Reason("trigonometry")))
    return (argument.chain(),)


WAYS: tuple[Way, ...] = (
    _directly, _by_one_rule, _inserting, _meeting, _entrywise, _by_signs, _by_angles, _by_named_rules, _by_arithmetic,
)  # fmt: skip
"""Ways from one side to the other, the one that reads best first."""

ROUTE = Route(
    "identity", plan, (spec.Prove, spec.Simplify), "one side rewritten into the other by named rules", lambda task: True
)

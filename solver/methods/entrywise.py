"""Working out derivatives of entries, a thought a line: differentiate, collapse the deltas, draw constants out."""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.derivation import Fact, Reason
from solver.expr.nodes import Big, Call, D, Idx, Node, Path, Table, places, walk
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.calculus import (
    chain_rule,
    constant,
    constant_factor,
    exponent_rule,
    known_derivative,
    power_rule,
    product_rule,
    quotient_rule,
    reciprocal_rule,
    several_arguments,
    sum_rule,
    under_the_sum,
    variable,
    within_cases,
)
from solver.rules.deltas import COLLAPSE
from solver.rules.fractions import cancel
from solver.rules.gradients import cancel_in_product, fraction_in_product, like_terms
from solver.rules.indexed import (
    log_softmax_derivative,
    logsumexp_derivative,
    named_function,
    open_entry_inside,
    open_name_inside,
    piecewise_constant,
    softmax_derivative,
)
from solver.rules.setting import Setting
from solver.rules.sums import entries_sum_to_one, factor_out_of_sum, product_of_many, sum_of_constant

MAX_LINES = 40

Known = Callable[[D], tuple[Node, Reason, tuple[Fact, ...]] | None]
"""What an earlier line or part has shown a derivative to be: the result, the reason to give, the facts it rests on."""

VANISHING = (constant, variable, piecewise_constant)
BY_NAME = (log_softmax_derivative, logsumexp_derivative, softmax_derivative, named_function)
"""Functions whose derivative is told in their own terms, under the names they have."""
LINEAR = (sum_rule, constant_factor, under_the_sum)
OPENING = (open_name_inside, open_entry_inside)
VISIBLE = (
    known_derivative, quotient_rule, reciprocal_rule, product_rule, power_rule, chain_rule, several_arguments,
    exponent_rule, within_cases, product_of_many,
)  # fmt: skip
ORDER = (*VANISHING, *BY_NAME, *LINEAR, *OPENING, *VISIBLE)
"""In this order: what vanishes, what is known by name, what is linear; a name is opened only when nothing else helps."""
ON_SIGHT = (*VANISHING, *LINEAR, *OPENING)
"""What an affine expression needs: no line of its own."""
SHOWN = frozenset((*BY_NAME, *VISIBLE))


def nothing_known(node: D) -> None:
    return None


def work_out(argument: Argument, known: Known = nothing_known) -> None:
    """Every derivative in the line worked out, one level of rules a line."""
    for _ in range(MAX_LINES):
        if not any(isinstance(part, D) for part in walk(argument.now)):
            return
        before = argument.now
        argument.line(lambda: _level(argument, known))
        if argument.now == before:
            stuck = next(part for _, part in reversed(list(places(argument.now))) if isinstance(part, D))
            raise CannotDerive(refusal(stuck))
    raise CannotDerive("the derivative does not come to an end within a page; try the route `chain` or `differential`")


def refusal(stuck: D) -> str:
    """What cannot be differentiated entry by entry, and which route can."""
    names = {part.name for part in walk(stuck.of) if isinstance(part, Call)}
    if names & {"det", "logdet", "inv", "pinv", "matrix_power"}:
        return f"`{write(stuck.of)}` has no simple entries; the routes `differential` and `matrix` can differentiate it"
    return f"the entries of `{write(stuck.of)}` cannot be written out; the routes `chain` and `differential` may"


def _level(argument: Argument, known: Known) -> None:
    """One line: each derivative goes through one rule that is worth showing, affine ones are finished on sight."""
    bound = _bound(argument.now)
    late: set[Node] = set()
    settled: set[Node] = set()
    while (found := _next(argument.now, settled)) is not None:
        path, part = found
        put = known(part)
        if put is not None:
            after, reason, facts = put
            argument.put(after, reason, path, facts)
            continue
        if part in late and not _affine(part, argument.setting):
            settled.add(part)
            continue
        rule = next((r for r in (ON_SIGHT if part in late else ORDER) if argument.apply(r, path)), None)
        if rule is None:
            settled.add(part)
        elif rule in SHOWN or part in late:
            last = argument.steps[-1].after
            assert last is not None
            late |= {new for new in walk(last) if isinstance(new, D)}
    _collapse_new(argument, bound)
    argument.exhaust(TIDY)


def _next(node: Node, settled: set[Node]) -> tuple[Path, D] | None:
    """A derivative that holds no other and does not wait for the next line."""
    for path, part in places(node):
        if isinstance(part, D) and part not in settled and not any(isinstance(p, D) for p in walk(part.of)):
            return path, part
    return None


def _affine(part: D, setting: Setting) -> bool:
    """Whether the derivative needs nothing but linearity and entries written out."""
    scratch = Argument(setting, part)
    scratch.exhaust(ON_SIGHT)
    return not any(isinstance(each, D) for each in walk(scratch.now))


def _bound(node: Node) -> set[Idx]:
    found: set[Idx] = set()
    for part in walk(node):
        match part:
            case Big(index=index):
                found.add(index)
            case Table(row=row, column=column):
                found |= {row, column}
    return found


def _collapse_new(argument: Argument, old: set[Idx]) -> None:
    """Sums that writing out entries has just brought in collapse at once."""
    while True:
        for path, part in places(argument.now):
            if isinstance(part, Big) and part.index not in old and any(argument.apply(rule, path) for rule in COLLAPSE):
                break
        else:
            return


def settle(argument: Argument) -> None:
    """After differentiation: factors cancel, deltas collapse, constants leave the sums, facts are used."""
    argument.line(lambda: argument.exhaust((cancel_in_product, cancel, fraction_in_product, *TIDY)))
    argument.line(lambda: argument.exhaust((*COLLAPSE, *TIDY)))
    argument.line(lambda: argument.exhaust((factor_out_of_sum, *TIDY)))
    argument.line(lambda: argument.exhaust((entries_sum_to_one, sum_of_constant, *TIDY)))
    argument.line(lambda: argument.exhaust((like_terms, collect_powers, cancel_in_product, cancel, *TIDY)))

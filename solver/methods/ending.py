"""Endings: tidying, folding names back, factoring, or reaching the form that an answer has."""

from __future__ import annotations

from collections import Counter

from solver.expr.nodes import (
    Add,
    Big,
    Call,
    Neg,
    Node,
    Num,
    free_indices,
    places,
    walk,
)
from solver.methods.argument import Argument
from solver.methods.arriving import conclude
from solver.methods.naming import fold, fold_quotients
from solver.methods.reaching import OUT_OF_SUMS
from solver.rules.algebra import TIDY, collect_powers, power_of_product
from solver.rules.cancelling import (
    denominator_out,
    factor_out_fractions,
    numbers_before,
    piece_and_indicator,
    sign_by_absolute_value,
)
from solver.rules.conditions import CONDITIONS
from solver.rules.fractions import cancel, factor_out
from solver.rules.gradients import (
    cancel_in_product,
    fraction_in_product,
    hyperbolic_tangent,
    logistic,
    number_in_product,
    number_out_of_sum,
    transpose_back,
)
from solver.rules.multiplied import multiplied_out, number_in_terms, root_in_fraction
from solver.rules.powers import powers_of_one_base
from solver.rules.reflected import from_reflected, opposite
from solver.rules.signs import two_values
from solver.rules.sums import (
    constant_terms,
    sum_of_constant,
)
from solver.rules.terms import common_matrix, minus_difference
from solver.rules.trace import trace_of_outer
from solver.rules.written import diagonal_back, of_diagonal


def tidy(argument: Argument) -> None:
    """Zeros, ones, signs and numbers worked out, as routine steps."""
    argument.exhaust(TIDY)


def finish(argument: Argument, answer: Node | None) -> None:
    """The chain's end: in the answer's form where one is given, else tidied, folded and factored.

    Where no named steps lead to the answer the chain ends in its own form, and the judge will say that the answer was
    not reached, or is wrong.
    """
    argument.line(lambda: tidy(argument))
    if answer is not None:
        conclude(argument, answer)
        return
    fold(argument)
    fold_quotients(argument)
    argument.line(lambda: argument.exhaust((multiplied_out, number_in_terms, *TIDY)))
    argument.line(lambda: argument.exhaust((*CONDITIONS, *TIDY)))
    argument.line(lambda: argument.exhaust((*NAMED, *TIDY)))
    argument.line(lambda: argument.exhaust((power_of_product, cancel_in_product, cancel, collect_powers, *TIDY)))
    argument.line(lambda: argument.exhaust((powers_of_one_base, *TIDY)))
    argument.line(lambda: argument.exhaust((*two_values(argument.now, argument.setting), *TIDY)))
    argument.line(lambda: argument.exhaust((trace_of_outer, *TIDY)))
    argument.line(lambda: _sums_in_order(argument) and argument.exhaust(LAST))
    for rule in (factor_out, factor_out_fractions, common_matrix):
        # the order of factors is no line of its own where another one has just been made
        argument.line(lambda rule=rule: argument.exhaust((rule, *TIDY)) and argument.exhaust(LAST))  # type: ignore[misc]
    argument.line(lambda: argument.exhaust((multiplied_out, *TIDY)) and argument.exhaust((factor_out, *LAST)))
    if argument.line(lambda: argument.exhaust(LAST)):
        absorb_order(argument)
    argument.line(lambda: _reflect(argument))
    match argument.now:
        case Neg(Add((Neg(), *_))):
            argument.line(lambda: argument.apply(minus_difference))
    fold(argument)
    argument.line(lambda: argument.exhaust((transpose_back, of_diagonal, diagonal_back, *TIDY)))


def absorb_order(argument: Argument) -> None:
    """How a product is written is no line of its own: it belongs to the line before."""
    last = argument.steps[-1]
    if {step.reason.rule for step in last.children or (last,)} <= ORDER:
        argument.absorb()


def _sums_in_order(argument: Argument) -> bool:
    """What an index does not reach leaves its sum; a number in every term is counted."""
    mark = len(argument.steps)
    argument.exhaust(OUT_OF_SUMS)
    for path, part in reversed(list(places(argument.now))):
        match part:
            case Big("sum", Add(args), index, _) if all(
                isinstance(a, Num) for a in args if index not in free_indices(a)
            ):
                argument.apply(constant_terms, path)
    argument.exhaust((*OUT_OF_SUMS, sum_of_constant))
    return len(argument.steps) > mark


def _reflect(argument: Argument) -> None:
    """`1 − σ(−x)` as `σ(x)`, where `σ(−x)` stands nowhere else: `σ(−x)(1 − σ(−x))` is the better form of a slope."""
    while True:
        counted = Counter(walk(argument.now))
        alone = [path for path, part in places(argument.now) if _alone(part, counted)]
        if not any(argument.apply(from_reflected, path) for path in alone[:1]):
            return


def _alone(part: Node, counted: Counter[Node]) -> bool:
    match part:
        case Add((_, Neg(Call() as function))):
            return counted[function] == counted[part] and opposite(function.args[0]) is not None
    return False


NAMED = (logistic, hyperbolic_tangent, sign_by_absolute_value, number_out_of_sum, root_in_fraction)
"""Quotients that have a name, or cancel."""

LAST = (
    denominator_out, numbers_before, piece_and_indicator, collect_powers, fraction_in_product, number_in_product, *TIDY,
)  # fmt: skip
"""The order in which a product is written: numbers, matrices, one denominator."""
ORDER = frozenset(
    rule.name for rule in (denominator_out, numbers_before, fraction_in_product, number_in_product, *TIDY)
)

"""Sums over cases: split at the index where the cases differ, each case worked out, and put together again."""

from __future__ import annotations

from solver.expr.nodes import Big, Call, Div, Node, walk
from solver.methods.argument import Argument
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.deltas import known_case, under_condition
from solver.rules.fractions import cancel, number_into_fraction, split_fraction
from solver.rules.gradients import cancel_in_product, fraction_in_product, like_terms, positive_first
from solver.rules.sums import (
    complete_sum,
    entries_sum_to_one,
    factor_out_of_sum,
    join_sum,
    picked_out,
    split_at,
    split_partial,
)
from solver.rules.terms import cancel_opposites, distribute, minus_of_sum, sign_out

CANCELLED = (cancel_in_product, number_into_fraction, fraction_in_product, cancel, *TIDY)


def has_cases(argument: Argument) -> bool:
    """Whether a sum runs over cases that differ at one value of its index."""
    return any(
        isinstance(part, Big) and any(isinstance(inner, Call) and inner.name == "where" for inner in walk(part.body))
        for part in walk(argument.now)
    )


def _shortened(argument: Argument) -> None:
    """What cancels is cancelled, and what a sum's terms share drawn out of it."""
    if any(isinstance(part, Div) for part in walk(argument.now)):
        argument.exhaust(CANCELLED)
    argument.exhaust((split_partial, sign_out, factor_out_of_sum, *TIDY))


def split_cases(argument: Argument) -> None:
    """`Σ_l a_l { b_k, l = k; c_l, l ≠ k` as `a_k b_k + Σ_{l≠k} a_l c_l`, worked out and joined to one sum."""
    if not has_cases(argument):
        return
    argument.line(lambda: argument.exhaust((split_at, known_case, under_condition, *TIDY)))
    argument.line(lambda: _shortened(argument))
    argument.line(lambda: argument.exhaust((distribute, collect_powers, *TIDY)))
    rejoin(argument)


def rejoin(argument: Argument) -> None:
    """`u_k + Σ_{l≠k} u_l` as `Σ_l u_l`, and what is known of the whole sum: wherever the missing term stands by now."""
    argument.line(lambda: argument.exhaust((join_sum, *TIDY)))
    argument.line(lambda: argument.exhaust((entries_sum_to_one, like_terms, positive_first, *TIDY)))
    _complete(argument)


def _complete(argument: Argument) -> None:
    """`Σ_{l≠k} u_l` as `Σ_l u_l − u_k` where the term taken off cancels, or makes the formula no longer."""
    if not _partial(argument.now):
        return
    mark, before = len(argument.steps), _weight(argument.now)
    argument.line(lambda: argument.exhaust((complete_sum, minus_of_sum, *TIDY)))
    argument.line(lambda: _apart(argument))
    argument.line(lambda: argument.exhaust((cancel_opposites, like_terms, *TIDY)))
    if _partial(argument.now) or _weight(argument.now) > before:
        del argument.steps[mark:]


def _apart(argument: Argument) -> None:
    """Every product and every fraction of a sum as a sum of its own."""
    for rules in ((distribute,), (number_into_fraction,), (distribute, fraction_in_product, split_fraction)):
        argument.exhaust((*rules, *TIDY))


def _partial(node: Node) -> bool:
    """Whether a sum leaves a term out."""
    return any(isinstance(part, Big) and picked_out(part.condition, part.index) is not None for part in walk(node))


def _weight(node: Node) -> int:
    return sum(1 for _ in walk(node))

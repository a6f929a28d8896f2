"""Sums over cases: split at the index where the cases differ, each case worked out, and put together again."""

from __future__ import annotations

from solver.expr.nodes import Big, Call, Div, walk
from solver.methods.argument import Argument
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.deltas import known_case, under_condition
from solver.rules.fractions import cancel, number_into_fraction
from solver.rules.gradients import cancel_in_product, fraction_in_product, like_terms, positive_first
from solver.rules.sums import entries_sum_to_one, factor_out_of_sum, join_sum, split_at, split_partial
from solver.rules.terms import distribute, sign_out

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
    argument.line(lambda: argument.exhaust((join_sum, *TIDY)))
    argument.line(lambda: argument.exhaust((entries_sum_to_one, like_terms, positive_first, *TIDY)))

"""Both sides of an equation brought to one form: a chain down from the left side, and up again to the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from solver.expr.derivation import Chain, Reason, Step
from solver.expr.nodes import Big, Call, Div, Neg, Node, Sym, at, places, replace_at, walk
from solver.expr.shapes import ShapeError, is_single
from solver.expr.write import write
from solver.methods.argument import Argument
from solver.methods.reaching import alike, arrive, definitions
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.cancelling import CANCELLING
from solver.rules.entries import entry
from solver.rules.expanding import SQUARES, number_within, one_bar
from solver.rules.explog import (
    exp_of_sum,
    exponential_out,
    log_of_exp,
    log_of_power,
    log_of_product,
    log_of_quotient,
    log_of_softmax,
)
from solver.rules.factored import of_kronecker
from solver.rules.fractions import cancel, terms
from solver.rules.gradients import (
    SIMPLER,
    like_terms,
    logistic,
    number_in_product,
    number_out_of_sum,
    positive_first,
    softmax_sums,
    sums_to_one,
    symmetric,
    transpose_entrywise,
    transpose_product,
)
from solver.rules.inverses import TRACES, beside_inverse
from solver.rules.names import open_all, open_function
from solver.rules.normal import Normalizer
from solver.rules.reflected import REFLECTIONS, by_absolute_value, pythagoras
from solver.rules.rule import Rule
from solver.rules.stacks import kron_times_stack, merged
from solver.rules.sums import factor_out_of_sum
from solver.rules.terms import (
    cancel_opposites,
    distribute,
    distribute_product,
    minus_of_sum,
    scalar_out,
    sum_of_terms,
)
from solver.rules.written import WRITTEN, average, mean_of_terms, ones_times_vector, product_of_ones

MAX_ROUNDS = 6
"""How often products are multiplied out and cancelled before a side counts as not coming to rest."""

Stage = Callable[[Argument], object]

FACTS = (sums_to_one, softmax_sums, symmetric)
CANCEL = (*FACTS, *TRACES, *(rule for rule in CANCELLING), beside_inverse, product_of_ones, ones_times_vector)
EXPAND = (
    transpose_product, transpose_entrywise, *SQUARES, distribute_product, distribute, minus_of_sum, sum_of_terms,
    scalar_out, number_in_product, number_out_of_sum, number_within, one_bar,
)  # fmt: skip


def _line(*rules: Rule) -> Stage:
    return lambda argument: argument.line(lambda: argument.exhaust((*rules, *TIDY)))


def _names(argument: Argument) -> None:
    argument.line(lambda: open_names(argument))


def open_names(argument: Argument) -> None:
    """Every name of `define` by what it stands for."""
    for _ in range(200):
        for path, part in places(argument.now):
            if isinstance(part, Sym) and part.name in argument.setting.define:
                argument.put(argument.setting.define[part.name], Reason("definition", (("name", part),)), path)
                break
        else:
            return


def _opened(steps: Sequence[Step]) -> Reason:
    """The reason of a line that writes entries out: the function whose definition it needed."""
    for step in steps:
        for part in walk(at(step.lhs, step.place)):
            if isinstance(part, Call) and part.function.definition and part.function.kind in ("along", "reduction"):
                return Reason("definition of a function", (("f", part),))
    return Reason("entries")


ENTRIES: tuple[Stage, ...] = (
    _line(log_of_softmax),
    lambda argument: argument.line(lambda: argument.exhaust((entry, *TIDY)), _opened),
    _line(exp_of_sum),
    _line(factor_out_of_sum),
    _line(cancel),
    _line(log_of_quotient, log_of_product, log_of_power),
    _line(log_of_exp),
    _line(exponential_out),
    _line(log_of_product),
    _line(log_of_exp),
    lambda argument: argument.line(
        lambda: argument.exhaust((collect_powers, *(r for r in SIMPLER if r is not logistic), *TIDY))
    ),
)
"""Exponentials split, constants drawn out, fractions cancelled, logarithms opened."""

FUNCTIONS: tuple[Stage, ...] = (
    _names,
    _line(*REFLECTIONS, by_absolute_value),
    _line(open_function),
    _line(*REFLECTIONS, pythagoras),
    *ENTRIES,
)
"""Functions by their definitions, then as above."""

MATRICES: tuple[Stage, ...] = (
    _names,
    _line(*WRITTEN),
    _line(*CANCEL),
    _line(merged, kron_times_stack, of_kronecker),
    _line(log_of_softmax, log_of_quotient, log_of_product, log_of_power),
    *(
        stage
        for _ in range(MAX_ROUNDS)
        for stage in (_line(mean_of_terms), _line(*EXPAND), _line(*CANCEL), _line(cancel_opposites, like_terms))
    ),
    _line(positive_first),
)
"""Products multiplied out, what cancels cancelled, over and over."""

MEANS: tuple[Stage, ...] = (_names, _line(average), *MATRICES[1:])

TIERS: tuple[tuple[Stage, ...], ...] = (MATRICES, MEANS, ENTRIES, FUNCTIONS)
"""The forms in which two sides may meet, the one that reads best first."""


def simplify(argument: Argument) -> None:
    """Exponentials split, constants drawn out, fractions cancelled, logarithms opened."""
    for stage in ENTRIES:
        stage(argument)


def meet(start: Argument, goal: Argument) -> Chain | None:
    """A chain between what two arguments start at, by the first form in which they meet; None where there is none."""
    for stages in TIERS:
        left, right = (Argument(each.setting, each.start, list(each.steps)) for each in (start, goal))
        for side in (left, right):
            for stage in stages:
                if near(left, right.now):
                    return joined(left, right)
                stage(side)
        if definitions(left.setting, True).same(left.now, right.now):
            if not right.steps[len(goal.steps) + 1 :] and arrive(left, goal.now):
                # the right side is what it is: nothing to go up again
                return joined(left, goal)
            join(left, right.now)
            return joined(left, right)
    return None


def near(argument: Argument, target: Node) -> bool:
    """The last line, where it is no more than the order of terms and factors, and names put back."""
    if argument.now == target:
        return True
    return alike_terms(argument.now, open_all(target, argument.setting)) and arrive(argument, target)


def alike_terms(left: Node, right: Node) -> bool:
    """Whether two sums have the same terms, but for the order of factors; numbers need only be equal by arithmetic."""
    if not any(_matrix(part) for side in (left, right) for part in walk(side)):
        return True
    normalizer = Normalizer(spread=True)
    rest = list(terms(right))
    for term in terms(left):
        twin = next((each for each in rest if _same_term(term, each, normalizer)), None)
        if twin is None:
            return False
        rest.remove(twin)
    return not rest


def _matrix(node: Node) -> bool:
    return isinstance(node, Big) or not is_single(node.shape)


def _same_term(left: Node, right: Node, normalizer: Normalizer) -> bool:
    """Whether two terms are equal and made of the same letters: nothing is multiplied out or cancelled between them."""
    return _letters(left) == _letters(right) and normalizer.same(left, right)


def _letters(node: Node) -> list[str]:
    return sorted(type(part).__name__ if isinstance(part, Neg) else write(part)
                  for part in walk(node) if isinstance(part, Neg) or not part.children)  # fmt: skip


def join(argument: Argument, target: Node) -> None:
    """The last line between two forms that are equal by arithmetic."""
    if argument.now == target:
        return
    if alike(argument.now, target):
        argument.put(target, Reason("rename the index"), routine=True)
    else:
        quotients = any(isinstance(part, Div) for part in walk(argument.now))
        argument.put(target, Reason("common denominator" if quotients else "collect terms"))


def joined(left: Argument, right: Argument) -> Chain:
    """Down the left side, and up the right one."""
    return Chain(left.start, (*left.steps, *(reversed_step(step) for step in reversed(right.steps))))


def reversed_step(step: Step) -> Step:
    """The same equation, read from right to left."""
    children = tuple(reversed_step(child) for child in reversed(step.children))
    if children:
        return replace(step, lhs=step.rhs, rhs=step.lhs, children=children, place=(), after=None)
    before = at(step.lhs, step.place)
    try:
        whole = replace_at(step.rhs, step.place, before) != step.lhs
    except (IndexError, ShapeError, ValueError):
        whole = True
    if whole:
        return replace(step, lhs=step.rhs, rhs=step.lhs, place=(), after=step.lhs)
    return replace(step, lhs=step.rhs, rhs=step.lhs, after=before)

"""Both sides of an equation brought to one form: a chain down from the left side, and up again to the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from solver.expr.derivation import Chain, Fact, Reason, Step
from solver.expr.nodes import Big, Call, D, Div, Idx, Neg, Node, Sym, at, places, replace_at, symbols, walk
from solver.expr.shapes import ShapeError, is_single
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.entrywise import CLEAN, settle, telling
from solver.methods.expand import opening
from solver.methods.exponentials import approach
from solver.methods.indexing import Indexed
from solver.methods.reaching import alike, arrive, definitions
from solver.methods.scalar import differentiate
from solver.rules.algebra import TIDY, collect_powers, power_of_product
from solver.rules.averages import sum_of_powers
from solver.rules.cancelling import CANCELLING
from solver.rules.deltas import COLLAPSE
from solver.rules.double import change_letters, into_the_sum, order_of_sums
from solver.rules.entries import OPENING, entry, sum_over_entries
from solver.rules.expanding import SQUARES, number_within, one_bar, product_as_sum, square_of_sum
from solver.rules.explog import (
    exp_of_log,
    exp_of_sum,
    exponential_out,
    log_of_exp,
    log_of_power,
    log_of_product,
    log_of_quotient,
    log_of_softmax,
    one_fraction_in_log,
    open_logsumexp,
    power_apart,
)
from solver.rules.factored import determinant_apart, of_kronecker
from solver.rules.few import FEW_TERMS
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
from solver.rules.pseudo import full_rank, penrose
from solver.rules.reflected import REFLECTIONS, absolute_apart, addition, by_absolute_value, pythagoras
from solver.rules.rule import Rule
from solver.rules.setting import Setting
from solver.rules.stacks import kron_times_stack, merged
from solver.rules.sums import entries_sum_to_one, factor_out_of_sum, minus_out_of_sum, split_sum, sum_of_constant
from solver.rules.terms import (
    cancel_opposites,
    distribute,
    distribute_product,
    minus_of_sum,
    scalar_out,
    sum_of_terms,
)
from solver.rules.written import (
    WRITTEN,
    average,
    linear_apart,
    mean_of_terms,
    of_diagonal,
    ones_times_vector,
    orthogonal_determinant,
    product_of_ones,
)

MAX_ROUNDS = 6
"""How often products are multiplied out and cancelled before a side counts as not coming to rest."""

Stage = Callable[[Argument], object]

FACTS = (sums_to_one, softmax_sums, symmetric)
CANCEL = (*FACTS, penrose, *TRACES, *CANCELLING, product_of_ones, ones_times_vector)
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
    _line(*FEW_TERMS, entry),
    _line(exp_of_log),
    _line(exp_of_sum),
    _line(factor_out_of_sum, sum_of_constant, entries_sum_to_one),
    _line(cancel),
    _line(one_fraction_in_log),
    _line(log_of_quotient, log_of_product, log_of_power),
    _line(log_of_exp),
    _line(exp_of_log),
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
    lambda argument: _derivatives(argument),
    _line(*REFLECTIONS, by_absolute_value),
    _line(absolute_apart, power_apart),
    _line(open_function, open_logsumexp),
    _line(*REFLECTIONS),
    _line(addition, *REFLECTIONS),
    _line(square_of_sum, distribute, power_of_product, collect_powers),
    _line(pythagoras),
    *ENTRIES,
)
"""Functions by their definitions, then as above."""

MATRICES: tuple[Stage, ...] = (
    _names,
    _line(*WRITTEN),
    _line(*CANCEL, of_diagonal, orthogonal_determinant),
    _line(full_rank),
    _line(linear_apart, merged, kron_times_stack, of_kronecker, determinant_apart),
    _line(log_of_softmax, log_of_quotient, log_of_product, log_of_power),
    *(
        stage
        for _ in range(MAX_ROUNDS)
        for stage in (
            _line(mean_of_terms),
            _line(*EXPAND),
            _line(*CANCEL, beside_inverse),
            _line(cancel_opposites, like_terms),
        )
    ),
    _line(positive_first),
)
"""Products multiplied out, what cancels cancelled, over and over."""

MEANS: tuple[Stage, ...] = (_names, _line(average), *MATRICES[1:])

INDEXED: tuple[Stage, ...] = (
    _names,
    lambda argument: argument.line(lambda: _written_out(argument), opening),
    lambda argument: argument.line(lambda: argument.exhaust((*COLLAPSE, *CLEAN)), telling),
    lambda argument: settle(argument, join=False),
    _line(log_of_softmax, log_of_quotient, log_of_product, log_of_power),
    _line(square_of_sum, distribute, minus_of_sum),
    _line(split_sum, minus_out_of_sum, factor_out_of_sum, sum_of_constant),
    _line(sum_of_powers),
    lambda argument: settle(argument, join=False),
    _line(into_the_sum),
    _line(order_of_sums),
    _line(change_letters),
    _line(like_terms, cancel_opposites),
)
"""Entry by entry, sums over indices split."""


def _written_out(argument: Argument) -> None:
    argument.exhaust((*OPENING, sum_over_entries, product_as_sum, *TIDY))


def _derivatives(argument: Argument) -> None:
    """Derivatives by scalars, worked out where textbook rules can."""
    for _ in range(MAX_ROUNDS):
        paths = [path for path, part in places(argument.now) if isinstance(part, D) and not part.by.shape]
        if not paths:
            return
        try:
            differentiate(argument, paths[-1])
        except CannotDerive:
            return


TIERS: tuple[tuple[Stage, ...], ...] = (MATRICES, MEANS, ENTRIES, FUNCTIONS, INDEXED)
"""The forms in which two sides may meet, the one that reads best first."""


def simplify(argument: Argument) -> None:
    """Exponentials split, constants drawn out, fractions cancelled, logarithms opened."""
    for stage in ENTRIES:
        stage(argument)


def meet(start: Argument, goal: Argument) -> Chain | None:
    """A chain between what two arguments start at, by the first form in which they meet; None where there is none."""
    for stages in TIERS:
        left, right = (Indexed(each.setting, each.start, list(each.steps)) for each in (start, goal))
        marks = []
        for stage in stages:
            if (met := _met(left, goal)) is not None:
                return met
            stage(left)
            marks.append(len(left.steps))
        for stage, mark in zip(stages, marks, strict=True):
            stage(right)
            so_far = Indexed(left.setting, left.start, left.steps[:mark])
            if (met := _met(so_far, right)) is not None:
                return met
        if (met := _met(left, right)) is not None:
            return met
        if definitions(left.setting, False).same(left.now, right.now):
            if not right.steps[len(goal.steps) + 1 :] and arrive(left, goal.now):
                # the right side is what it is: nothing to go up again
                return joined(left, goal)
            if not approach(left, right):
                join(left, right.now)
            return joined(left, right)
    return None


LEAPS = frozenset(("collect terms", "multiply out", "factor"))
"""Reasons of a line in which arithmetic has done more than one thing."""


def _met(left: Argument, right: Argument) -> Chain | None:
    """The chain, where the last lines are near each other; what would be a leap between fractions is argued."""
    mark = len(left.steps)
    if not near(left, right.now):
        return None
    if len(left.steps) > mark and left.steps[-1].reason.rule in LEAPS:
        before, goal = (
            Argument(each.setting, each.start, list(steps))
            for each, steps in ((left, left.steps[:mark]), (right, right.steps))
        )
        if approach(before, goal):
            return joined(before, goal)
    return joined(left, right)


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
    """What stands in a node, but for the order and for the letters of indices."""
    kept = (part for part in walk(node) if isinstance(part, Neg) or not part.children)
    return sorted(type(part).__name__ if isinstance(part, Neg | Idx) else write(part) for part in kept)


def join(argument: Argument, target: Node) -> None:
    """The last line between two forms that are equal by arithmetic."""
    if argument.now == target:
        return
    if alike(argument.now, target):
        argument.rearrange(target, Reason("rename the index"))
    else:
        quotients = any(isinstance(part, Div) for part in walk(argument.now))
        argument.put(target, Reason("common denominator" if quotients else "collect terms"))


def joined(left: Argument, right: Argument) -> Chain:
    """Down the left side, and up the right one."""
    steps = (*left.steps, *(reversed_step(step) for step in reversed(right.steps)))
    return Chain(left.start, tuple(_with_values(step, left.setting) for step in steps))


def _with_values(step: Step, setting: Setting) -> Step:
    """The step, citing what gives a value to what it brings in: `0 = log q - log q` needs `q > 0`."""
    before = set(walk(step.lhs))
    new = symbols(step.rhs) - symbols(step.lhs)
    for part in walk(step.rhs):
        if part not in before and isinstance(part, Call) and part.function.domain:
            new |= symbols(part)
    facts = tuple(
        Fact(name, trait)
        for name in sorted(new & setting.symbols.keys())
        for trait in ("positive", "probability", "nonnegative", "simplex")
        if trait in setting.symbols[name].traits
    )
    children = tuple(_with_values(child, setting) for child in step.children)
    return replace(step, facts=tuple(dict.fromkeys((*step.facts, *facts))), children=children)


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

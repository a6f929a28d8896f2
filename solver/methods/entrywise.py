"""Working out derivatives of entries, a thought a line: differentiate, collapse the deltas, draw constants out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from solver.expr.derivation import Fact, Reason, Step
from solver.expr.nodes import (
    Add,
    At,
    Big,
    Call,
    D,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Path,
    Table,
    add,
    at,
    free_indices,
    places,
    walk,
)  # fmt: skip
from solver.expr.shapes import is_single
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.rules.algebra import TIDY, collect_powers, power_of_product
from solver.rules.averages import deviations, sum_beside_sum
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
from solver.rules.clearing import multiply_out_fractions
from solver.rules.deltas import COLLAPSE, known_delta
from solver.rules.entries import entry_by_entry, plain_entry, sum_over_entries
from solver.rules.fractions import cancel, factor_out, join_fractions, number_into_fraction, split_fraction
from solver.rules.gradients import (
    cancel_in_product,
    fraction_in_product,
    hyperbolic_tangent,
    like_terms,
    number_first,
    positive_first,
)  # fmt: skip
from solver.rules.indexed import (
    extreme_derivative,
    log_softmax_derivative,
    log_softmax_entry,
    logsumexp_derivative,
    named_function,
    norm_derivative,
    open_entry_inside,
    open_name_inside,
    piecewise_constant,
    softmax_derivative,
)
from solver.rules.letters import fresh, instantiate
from solver.rules.powers import powers_of_one_base, product_without_factor
from solver.rules.setting import Setting, base
from solver.rules.slices import entry_of_number
from solver.rules.sums import (
    constant_terms,
    entries_sum_to_one,
    factor_out_of_sum,
    minus_out_of_sum,
    product_of_many,
    split_sum,
    sum_of_constant,
    sum_of_zeros,
)
from solver.rules.terms import all_negative, distribute, minus_difference

MAX_LINES = 40

Known = Callable[[D], tuple[Node, Reason, tuple[Fact, ...]] | None]
"""What an earlier line or part has shown a derivative to be: the result, the reason to give, the facts it rests on."""

VANISHING = (constant, variable, piecewise_constant)
BY_NAME = (
    log_softmax_derivative, logsumexp_derivative, softmax_derivative, norm_derivative, extreme_derivative,
    named_function,
)  # fmt: skip
"""Functions whose derivative is told in their own terms, under the names they have."""
LINEAR = (sum_rule, constant_factor, under_the_sum)
OPENING = (open_name_inside, open_entry_inside)
VISIBLE = (
    known_derivative, quotient_rule, reciprocal_rule, product_rule, power_rule, chain_rule, several_arguments,
    exponent_rule, within_cases, product_of_many,
)  # fmt: skip
ORDER = (*VANISHING, *BY_NAME, *LINEAR, *OPENING, *VISIBLE)
"""In this order: what vanishes, what is known by name, what is linear; names are opened when nothing else helps."""
ON_SIGHT = (*VANISHING, *LINEAR, *OPENING)
"""What an affine expression needs: no line of its own."""
SHOWN = frozenset((*BY_NAME, *VISIBLE))


CLEAN = (plain_entry, minus_out_of_sum, sum_of_zeros, known_delta, *TIDY)
CANCEL = (
    hyperbolic_tangent, power_of_product, cancel_in_product, cancel, fraction_in_product, product_without_factor,
    powers_of_one_base,
)  # fmt: skip
ORDERLY = (number_first, all_negative, minus_difference, positive_first)
"""A difference is written with its positive term first."""


def nothing_known(node: D) -> None:
    return None


def work_out(argument: Argument, known: Known = nothing_known) -> None:
    """Every derivative in the line worked out, one level of rules a line."""
    if isinstance(argument.now, D) and known(argument.now) is None:
        open_loss(argument, known)
    for _ in range(MAX_LINES):
        if not any(isinstance(part, D) for part in walk(argument.now)):
            return
        before = argument.now
        argument.line(lambda: _level(argument, known), telling)
        if argument.now == before:
            stuck = next(part for _, part in reversed(list(places(argument.now))) if isinstance(part, D))
            raise CannotDerive(refusal(stuck))
    raise CannotDerive("the derivative does not come to an end within a page")


def open_loss(argument: Argument, known: Known = nothing_known) -> None:
    """What is differentiated, written out: a name by its definition, reductions as sums over entries."""
    if isinstance(argument.now, D) and all(rule(argument.now, argument.setting) is None for rule in BY_NAME):
        argument.line(lambda: _write_out(argument), _opened)
    argument.line(lambda: _logarithms(argument, known))


def _logarithms(argument: Argument, known: Known) -> None:
    """The logarithm of a softmax that moves with the variable as a difference, which is differentiated term by term."""
    while isinstance(asked := argument.now, D):
        for path, part in places(asked.of, (0,)):
            given = base(asked.by).name in argument.setting.define and base(asked.by) in walk(part)
            if given or not argument.setting.depends(part, asked.by):
                continue
            if log_softmax_entry(part, argument.setting) and known(D(part, asked.by)) is None:
                argument.apply(log_softmax_entry, path)
                break
        else:
            return


_WHOLE = ("norm", "max", "min")
"""Functions whose derivative keeps them whole."""


def _write_out(argument: Argument) -> None:
    argument.apply(open_name_inside)
    while True:
        for path, part in places(argument.now):
            if (
                path[:1] != (0,)
                or _within_entry(argument.now, path)
                or (isinstance(part, Call) and part.name in _WHOLE)
            ):
                continue
            if argument.apply(sum_over_entries, path) or (
                isinstance(part, At) and not _residual(part.arg) and argument.apply(entry_by_entry, path)
            ):
                break
        else:
            return


def _within_entry(node: Node, path: Path) -> bool:
    """Whether the place is inside of what an entry, a norm or a maximum is taken of: that is opened in its turn."""
    for number in path:
        if (isinstance(node, At) and number == 0) or (isinstance(node, Call) and node.name in _WHOLE):
            return True
        node = node.children[number]
    return False


def _residual(node: Node) -> bool:
    """A sum with a matrix product in it stays whole: it is differentiated, and recognised, as one."""
    return isinstance(node, Add) and not is_single(node.shape) and any(isinstance(part, MatMul) for part in walk(node))


def _opened(steps: Sequence[Step]) -> Reason:
    named = next((step for step in steps if step.reason.rule == "definition in a derivative"), None)
    if named is not None:
        return Reason("definition", named.reason.captures)
    return telling(steps)


def refusal(stuck: D) -> str:
    """What cannot be differentiated entry by entry."""
    names = {part.name for part in walk(stuck.of) if isinstance(part, Call)}
    if names & {"det", "logdet", "inv", "pinv", "matrix_power"}:
        return f"`{write(stuck.of)}` has no simple entries"
    return f"the entries of `{write(stuck.of)}` cannot be written out"


def telling(steps: Sequence[Step]) -> Reason:
    """What a reader wants to be told of a line: the rule that is worth showing, else what was put in, else a sum."""
    shown = {rule.name for rule in SHOWN}
    collapsed = {rule.name for rule in COLLAPSE}
    for wanted in (
        lambda step: step.reason.rule in shown,
        lambda step: step.reason.rule.startswith("part "),
        lambda step: step.reason.rule == "established",
        lambda step: not step.routine and step.reason.rule in collapsed,
        lambda step: not step.routine,
        lambda step: step.reason.rule == factor_out_of_sum.name,
    ):
        found = next((step for step in steps if wanted(step)), None)
        if found is not None:
            return found.reason
    return steps[0].reason


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
    argument.exhaust((*CLEAN, fraction_in_product))
    if not any(isinstance(part, D) for part in walk(argument.now)):
        argument.exhaust((entry_of_number,))
    if not any(isinstance(part, D | Big) for part in walk(argument.now)):
        argument.exhaust((*ORDERLY, *CLEAN))


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


def settle(argument: Argument, join: bool = True) -> None:
    """After differentiation: factors cancel, deltas collapse, constants leave the sums, facts are used.

    Sums that share a factor become one where `join`.
    """
    argument.line(lambda: argument.exhaust((multiply_out_fractions, *CANCEL, join_fractions, *CLEAN)))
    argument.line(lambda: argument.exhaust((*COLLAPSE, *CLEAN)), telling)
    argument.line(lambda: _weighted(argument), telling)
    argument.line(lambda: argument.exhaust((sum_beside_sum, minus_difference, *CLEAN)))
    argument.line(lambda: argument.exhaust((deviations, constant_terms, factor_out_of_sum, *CLEAN)), telling)
    argument.line(lambda: argument.exhaust((deviations, entries_sum_to_one, sum_of_constant, *ORDERLY, *CLEAN)))
    if join:
        argument.line(lambda: _joined(argument), Reason("one sum"))
    argument.line(lambda: argument.exhaust((like_terms, collect_powers, *CANCEL, *ORDERLY, *CLEAN)))
    argument.line(lambda: _factor_sums(argument))


def _weighted(argument: Argument) -> None:
    """`Σ_k y_k (a_k − c) = Σ_k y_k a_k − c Σ_k y_k`, where the weights are known to sum to a number."""
    for path, part in list(places(argument.now)):
        if not isinstance(part, Big):
            continue
        # terms of a sum are terms of the sum around it
        around = path[:-1] if path and isinstance(at(argument.now, path[:-1]), Add) else path
        inside = path[len(around) :]
        scratch = Argument(argument.setting, at(argument.now, around))
        if not (scratch.apply(distribute, (*inside, 0)) and scratch.apply(split_sum, inside)):
            continue
        scratch.exhaust((factor_out_of_sum, *CLEAN))
        if any(isinstance(each, Big) and entries_sum_to_one(each, argument.setting) for each in walk(scratch.now)):
            for step in scratch.steps:
                assert step.after is not None
                argument.put(step.after, step.reason, (*around, *step.place), step.facts, step.routine)
            return


def _joined(argument: Argument) -> None:
    """`Σ_l p_l w_l − Σ_k y_k w_k = Σ_k (p_k − y_k) w_k`: two sums over the same range that share a factor."""
    for path, part in list(places(argument.now)):
        if not isinstance(part, Add):
            continue
        for first, second in combinations(range(len(part.args)), 2):
            one, other = part.args[first], part.args[second]
            body = _common_body(one, other, argument.setting)
            if body is not None:
                kept = [arg for number, arg in enumerate(part.args) if number not in (first, second)]
                argument.put(add(body, *kept), Reason("one sum"), path)
                return


def _common_body(one: Node, other: Node, setting: Setting) -> Node | None:
    """The sum of two sums, each perhaps with a minus, as one whose body is a product; None where it is none."""
    (sign, first), (contrary, second) = (_signed(each) for each in (one, other))
    if not (isinstance(first, Big) and isinstance(second, Big)) or {first.kind, second.kind} != {"sum"}:
        return None
    if first.condition or second.condition or first.index.range != second.index.range:
        return None
    index = first.index if first.index not in free_indices(second) else fresh(first.index.range, setting, first, second)
    bodies = [instantiate(each.body, each.index, index, setting) for each in (first, second)]
    scratch = Argument(
        setting, add(*(Neg(b) if minus else b for b, minus in zip(bodies, (sign, contrary), strict=True)))
    )
    scratch.exhaust((factor_out, positive_first, *CLEAN))
    return Big("sum", scratch.now, index) if isinstance(scratch.now, Mul) else None


def _signed(term: Node) -> tuple[bool, Node]:
    return (True, term.arg) if isinstance(term, Neg) else (False, term)


def _factor_sums(argument: Argument) -> None:
    """Common factors drawn out within sums, so that each body is one product."""
    while True:
        inside = [path for path, part in places(argument.now) if isinstance(part, Big)]
        if not any(argument.apply_first((factor_out,), path) for path in inside):
            break
    argument.exhaust((*ORDERLY, *CLEAN))


def factor(argument: Argument) -> None:
    """Common factors of the terms drawn out, in one line."""
    argument.line(lambda: argument.exhaust((factor_out, *ORDERLY, *CLEAN)))


def multiply_out(argument: Argument) -> None:
    """Products of sums multiplied out, in one line."""
    argument.line(lambda: argument.exhaust((number_into_fraction, distribute, *CLEAN)))


def divide_out(argument: Argument) -> None:
    """Fractions of sums split, each term cancelled, in one line."""
    argument.line(
        lambda: argument.exhaust((number_into_fraction, split_fraction, collect_powers, *CANCEL, *ORDERLY, *CLEAN))
    )

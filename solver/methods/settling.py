"""Terms of `dJ` brought to inner products with one differential each, by the named identities, and collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from solver.expr.derivation import Reason, Step
from solver.expr.nodes import Call, Dif, MatMul, Node, Sym
from solver.expr.shapes import is_single
from solver.methods.walk import Walk, spine
from solver.methods.where import OUTSIDE, SPINE, STILL, Where
from solver.rules.algebra import TIDY
from solver.rules.cancelling import deviations
from solver.rules.differentials import NONLINEAR, entrywise
from solver.rules.factored import differential_of_kronecker
from solver.rules.fractions import one_bar_for_numbers
from solver.rules.gradients import broadcast, softmax_sums, sum_of_ones
from solver.rules.inner import inner
from solver.rules.logs import LOGARITHMS
from solver.rules.pieces import ADJOINTS, AS_PRODUCTS, gather
from solver.rules.rule import Rule
from solver.rules.shorter import known_total, square_of_root
from solver.rules.trace import (
    cyclic,
    hadamard,
    indexed_sum,
    linearity,
    multiply_out,
    number_as_trace,
    number_out,
    quotient_in_sum,
    sum_as_trace,
    sum_of_sums,
    sum_out,
    sum_over_copies,
    sum_with_ones,
    trace_of_number,
    trace_of_transpose,
    transpose_of_number,
)

TERMS = (*AS_PRODUCTS, multiply_out, linearity, indexed_sum, number_out, sum_out, quotient_in_sum, trace_of_number)
"""Done on sight: products written out, sums taken apart, numbers drawn to the front."""

DATA = (softmax_sums, sum_of_ones, *TIDY)
"""What is known of numbers, where no differential stands inside."""

NAMED = (
    sum_over_copies, sum_of_sums, sum_with_ones, transpose_of_number, number_as_trace, cyclic,
    trace_of_transpose, hadamard, *ADJOINTS, gather,
)  # fmt: skip
"""One line each, in the order in which they bring a differential to the end of its product and free it."""


def tidy(walk: Walk) -> None:
    """Sums taken apart, numbers drawn out, zeros and ones dropped."""
    while walk.repeat(lambda: walk.first(DATA, OUTSIDE)) | walk.repeat(lambda: walk.first(TERMS)):
        pass
    walk.repeat(lambda: walk.first((square_of_root,), OUTSIDE))
    walk.repeat(lambda: walk.first((one_bar_for_numbers,)))
    walk.repeat(lambda: walk.first((broadcast,), STILL))


def open_line(walk: Walk, target: Node, tidy: Callable[[Walk], None] = tidy) -> None:
    """One line: the differential of `target`, taken apart into terms; a logarithm's own form is shown before that."""
    mark = len(walk.argument.steps)

    def build() -> None:
        walk.expand(target)
        walk.call_by_name()
        if _opens_logarithm(walk.argument.steps[mark:]):
            walk.repeat(lambda: walk.first(DATA, OUTSIDE))
        else:
            tidy(walk)

    told(walk, build)
    walk.argument.line(lambda: tidy(walk), Reason("multiply out"))


def _opens_logarithm(steps: Sequence[Step]) -> bool:
    names = {rule.name for rule in LOGARITHMS}
    return any(step.reason.rule in names for step in steps)


def expand_only(walk: Walk, target: Node) -> None:
    """One line: the differential of `target`, and nothing moved."""

    def build() -> None:
        walk.expand(target)
        walk.call_by_name()
        walk.repeat(lambda: walk.first(DATA, OUTSIDE))

    told(walk, build)


def told(walk: Walk, build: Callable[[], None]) -> None:
    """What `build` records as one line, with the reason that a reader wants to be told."""
    mark = len(walk.argument.steps)
    walk.argument.line(build)
    made = walk.argument.steps[mark:]
    if made and made[0].children:
        walk.argument.steps[mark] = replace(made[0], reason=_telling(made[0].children))


def _telling(details: Sequence[Step]) -> Reason:
    """What a reader wants to be told of a line: a rule that is no linear map, else the definition that was opened."""
    logarithms = frozenset(rule.name for rule in LOGARITHMS)
    worth = frozenset(rule.name for rule in (differential_of_kronecker, *NONLINEAR))
    ranks = (logarithms, frozenset({"log sigmoid"}), worth)
    first = next((step for names in ranks for step in details if step.reason.rule in names), None)
    if first is not None and first.reason.rule == entrywise.name and details[0].reason.rule == "definition":
        name, value = dict(details[0].reason.captures)["name"], details[0].after
        if isinstance(value, Call) and len(value.args) == 1 and isinstance(value.args[0], Sym):
            kind = "scalar function shown" if is_single(value.shape) else "entrywise function shown"
            return Reason(kind, (("u", name), ("e", value)))
    return (first or next((step for step in details if not step.routine), details[0])).reason


def settle(walk: Walk) -> None:
    """Every term an inner product with a bare differential; one named identity a line."""
    while (
        _line(walk, known_total, OUTSIDE)
        or _line(walk, deviations, OUTSIDE)
        or any(_line(walk, rule, SPINE) for rule in NAMED)
        or _line(walk, sum_as_trace, OF_PRODUCTS)
    ):
        pass


def _of_product(part: Node) -> bool:
    product = inner(part)
    return product is not None and isinstance(product.moving, MatMul)


OF_PRODUCTS = Where(_of_product, SPINE.below)
"""The sums over entries that must become traces: a matrix product stands around the differential."""


def _line(walk: Walk, rule: Rule, where: Where) -> bool:
    """One line: a named identity wherever it applies, and what follows from it on sight."""

    def build() -> None:
        if walk.repeat(lambda: walk.first((rule,), where)):
            tidy(walk)

    return walk.argument.line(build)


def to_trace(walk: Walk, of: Node) -> None:
    """`sum(G ⊙ d(of))` as a trace, in a line, where matrix products come next."""
    for path, part in spine(walk.argument.now):
        found = inner(part)
        if found is not None and found.kind == "sum" and found.moving == Dif(of) and walk.linear_product(of):
            walk.argument.apply(sum_as_trace, path)
            return

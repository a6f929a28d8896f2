"""Terms of `dJ` brought to inner products with one differential each, by the named identities, and collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from solver.expr.derivation import Reason, Step
from solver.expr.nodes import ONE_NODE, Add, Dif, Div, MatMul, Neg, Node, Path, Transpose, add, at, call, mul
from solver.expr.shapes import is_single
from solver.expr.write import write
from solver.methods.argument import CannotDerive
from solver.methods.walk import Walk, outside, spine
from solver.rules.algebra import TIDY, zeros
from solver.rules.differentials import NONLINEAR
from solver.rules.gradients import broadcast, softmax_sums, sum_of_ones, sums_to_one
from solver.rules.logs import LOGARITHMS
from solver.rules.pieces import ADJOINTS, AS_PRODUCTS, factored, gather
from solver.rules.pullback import times
from solver.rules.rule import Rule
from solver.rules.trace import (
    cyclic,
    hadamard,
    indexed_sum,
    inner,
    linearity,
    moves,
    multiply_out,
    number_as_trace,
    number_out,
    pair,
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

DATA = (softmax_sums, sum_of_ones, broadcast, *TIDY)
"""What is known of numbers, where no differential stands inside."""

NAMED = (
    sums_to_one, sum_over_copies, sum_of_sums, sum_with_ones, transpose_of_number, number_as_trace, cyclic, trace_of_transpose,
    hadamard, *ADJOINTS, gather,
)  # fmt: skip
"""One line each, in the order in which they bring a differential to the end of its product and free it."""


def _tidy(walk: Walk) -> None:
    """Sums taken apart, numbers drawn out, zeros and ones dropped."""
    while walk.repeat(lambda: walk.first(TERMS)) | walk.repeat(lambda: walk.first_anywhere(DATA)):
        pass


def open_line(walk: Walk, target: Node) -> None:
    """One line: the differential of `target`, taken apart into terms."""
    mark = len(walk.argument.steps)

    def build() -> None:
        walk.expand(target)
        walk.call_by_name()
        _tidy(walk)

    walk.argument.line(build)
    made = walk.argument.steps[mark:]
    if made and made[0].children:
        walk.argument.steps[mark] = replace(made[0], reason=_telling(made[0].children))


def _telling(details: Sequence[Step]) -> Reason:
    """What a reader wants to be told of a line: a rule that is no linear map, else the definition that was opened."""
    worth = {rule.name for rule in (*LOGARITHMS, *NONLINEAR)}
    first = next((step for step in details if step.reason.rule in worth), None)
    return (first or next((step for step in details if not step.routine), details[0])).reason


def settle(walk: Walk) -> None:
    """Every term an inner product with a bare differential; one named identity a line."""
    while any(_line(walk, (rule,)) for rule in NAMED) or _line(walk, (sum_as_trace,), of_products):
        pass


def of_products(part: Node) -> bool:
    """Whether a sum over entries must become a trace: a matrix product stands around the differential."""
    found = inner(part)
    return found is not None and isinstance(found.moving, MatMul)


def _line(walk: Walk, rules: Sequence[Rule], where: Callable[[Node], bool] | None = None) -> bool:
    """One line: a named identity wherever it applies, and what follows from it on sight."""

    def attempt() -> bool:
        for path, part in outside(walk.argument.now):
            if (where is None or where(part)) and any(walk.argument.apply(rule, path) for rule in rules):
                return True
        return False

    def build() -> None:
        if walk.repeat(attempt):
            _tidy(walk)

    return walk.argument.line(build)


# --- terms --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """`weight · ⟨G, d(of)⟩`: `kind` is that of the inner product, `number` where `of` is a scalar."""

    weight: Node | None
    gradient: Node
    of: Node
    kind: str

    @property
    def whole(self) -> Node:
        """The gradient with its weight."""
        return scaled(self.weight, self.gradient)


def scaled(weight: Node | None, node: Node) -> Node:
    """A number times a gradient, signs and denominators outside."""
    match weight:
        case None:
            return node
        case Neg(arg):
            return Neg(scaled(arg, node))
        case Div(left, right):
            return Div(node if left == ONE_NODE else scaled(left, node), right)
    return weight if node == ONE_NODE else times(weight, node)


def terms(node: Node) -> list[Term]:
    """The terms of a settled right side; none for zero."""
    return [_term(part) for part in (node.args if isinstance(node, Add) else (node,)) if moves(part)]


def _term(node: Node) -> Term:
    found = factored(node)
    if found is not None:
        weight, core = found
        if isinstance(core, Dif):
            return Term(weight, ONE_NODE, core.arg, "number")
        product = inner(core)
        if product is not None and isinstance(product.moving, Dif) and not product.after:
            return Term(weight, product.gradient, product.moving.arg, product.kind)
    raise CannotDerive(f"the differential route met `{write(node)}`, which no identity it knows brings to the form tr(Gᵀ dX)")


def positive_first(parts: Sequence[Node]) -> list[Node]:
    """`ŷ − y`, not `−y + ŷ`."""
    return [part for part in parts if not isinstance(part, Neg)] + [part for part in parts if isinstance(part, Neg)]


def collect(walk: Walk, of: Node) -> bool:
    """The terms in `d(of)` as one, in a line; False where there is one at most."""
    found = terms(walk.argument.now)
    same = [term for term in found if term.of == of]
    if len(same) < 2:
        return False
    total = add(*positive_first([term.whole for term in same]))
    kinds = {term.kind for term in same}
    one = _paired(total, of, kinds.pop() if len(kinds) == 1 else "tr")
    parts = walk.argument.now.args  # type: ignore[attr-defined]
    first = next(k for k, part in enumerate(parts) if part_of(part) == of)
    kept = [part for part in parts if part_of(part) != of]
    after = add(*kept[:first], one, *kept[first:])
    reason = Reason("collect differentials", (("x", of),))

    def build() -> None:
        walk.argument.put(after, reason)
        _tidy(walk)
        simplify(walk)

    return walk.argument.line(build, reason)


def part_of(node: Node) -> Node:
    return _term(node).of


def _paired(gradient: Node, of: Node, kind: str) -> Node:
    if kind == "number" or is_single(of.shape):
        return mul(gradient, Dif(of))
    return pair(gradient, Dif(of), "sum" if kind == "sum" else "tr")


def simplify(walk: Walk) -> None:
    """Entrywise expressions multiplied out and collected, where that makes them shorter."""


def conclude(walk: Walk, of: Node) -> Node:
    """The one term in `d(of)` as `tr(Gᵀ d(of))`; what `G` is."""
    collect(walk, of)
    now = walk.argument.now
    parts = now.args if isinstance(now, Add) else (now,)
    number = next((k for k, part in enumerate(parts) if moves(part) and part_of(part) == of), None)
    if number is None:
        return zeros(of.shape)
    path = (number,) if isinstance(now, Add) else ()
    if _term(parts[number]).kind == "sum":
        walk.argument.line(lambda: _trace(walk, path))
    term = _term(at(walk.argument.now, path))
    whole = term.whole
    if term.kind != "number" and not (isinstance(whole, Transpose) and term.weight is None):
        product = MatMul((Transpose(whole), Dif(of)))
        wanted = product if is_single(product.shape) else call("tr", product)
        reason = "transpose of a product" if term.weight is None else "number into the product"
        walk.argument.put(wanted, Reason(reason), path)
    return whole


def to_trace(walk: Walk, of: Node) -> None:
    """`sum(G ⊙ d(of))` as a trace, in a line, where matrix products come next."""
    for path, part in spine(walk.argument.now):
        found = inner(part)
        if found is not None and found.kind == "sum" and found.moving == Dif(of) and walk.linear_product(of):
            walk.argument.apply(sum_as_trace, path)
            return


def _trace(walk: Walk, path: Path) -> None:
    for place, part in spine(at(walk.argument.now, path)):
        if sum_as_trace(part, walk.argument.setting) is not None:
            walk.argument.apply(sum_as_trace, (*path, *place))
            return

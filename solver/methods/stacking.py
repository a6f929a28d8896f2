"""Differentials of vectors and matrices brought to `vec(dF) = M vec(dX)`, one named identity a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.expr.derivation import Reason
from solver.expr.nodes import (
    ONE_NODE,
    Call,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
)
from solver.expr.shapes import derivative, is_single, numel
from solver.expr.write import write
from solver.methods import settling
from solver.methods.argument import CannotDerive
from solver.methods.collecting import combined, parts_of
from solver.methods.settling import TERMS
from solver.methods.walk import Walk, spine
from solver.methods.weights import Weight, shared
from solver.methods.where import OUTSIDE, SPINE, STILL, Where
from solver.rules import numbers, stacks, vec
from solver.rules.algebra import TIDY, zeros
from solver.rules.gradients import (
    broadcast,
    softmax_sums,
    sum_of_ones,
    transpose_entrywise,
    transpose_product,
)
from solver.rules.inner import inner, moves
from solver.rules.pieces import AS_PRODUCTS, gather, unstack
from solver.rules.rule import Rule
from solver.rules.shorter import known_total
from solver.rules.trace import cyclic, sum_of_sums, sum_over_copies, transpose_of_number

DATA = (softmax_sums, sum_of_ones, *TIDY)


@dataclass(frozen=True)
class Style:
    """How stacks are written: with `vec`, or for vectors without it, a row as its transpose."""

    sight: tuple[Rule, ...]
    named: tuple[Rule, ...]
    entries: bool = False
    """Whether sums over entries stay as they are until a matrix product comes."""


PLAIN = Style(
    (*AS_PRODUCTS, *vec.AS_PRODUCTS, vec.axis_sum, vec.of_column, vec.of_row, transpose_product, transpose_entrywise,
     transpose_of_number, vec.filled_sum, vec.linear, vec.over_sum, vec.number_out, vec.sum_out, vec.grouped,
     stacks.with_one),
    (vec.inner_product, vec.of_hadamard, vec.gather),
)  # fmt: skip
WITH_VEC = Style(
    (*AS_PRODUCTS, *vec.AS_PRODUCTS, vec.axis_sum, vec.of_column, transpose_of_number, *vec.LINEAR),
    (vec.inner_product, vec.of_product, vec.of_hadamard, vec.commuted, vec.of_kron, vec.gather),
)
BY_NUMBER = Style((*AS_PRODUCTS, vec.over_sum, vec.number_out, vec.grouped, *numbers.BY_NUMBER), ())
"""For what depends on one number alone: `dF = F′ dt`, without stacks."""
OF_SCALARS = Style(
    (*TERMS, *vec.AS_PRODUCTS, vec.of_column, *vec.LINEAR),
    (sum_over_copies, sum_of_sums, transpose_of_number, cyclic, vec.inner_product, *stacks.BACK, vec.axis_sum,
     vec.of_product, vec.of_hadamard, vec.commuted, vec.of_kron, gather, vec.gather, unstack),
    entries=True,
)  # fmt: skip
"""For the differential of a number: entries are summed as long as nothing but entries is in play."""


def tidy(walk: Walk, style: Style) -> None:
    """Sums taken apart, numbers drawn out, zeros and ones dropped."""
    while walk.repeat(lambda: walk.first(DATA, OUTSIDE)) | walk.repeat(lambda: walk.first(style.sight)):
        pass
    walk.repeat(lambda: walk.first((broadcast,), STILL))


def open_line(walk: Walk, target: Node, style: Style) -> None:
    """One line: the differential of `target`, taken apart into terms."""
    settling.open_line(walk, target, lambda walk: tidy(walk, style))


def to_stack(walk: Walk, of: Node) -> None:
    """`sum(G ⊙ d(of))` as a product of stacks, in a line, where matrix products come next."""
    for path, part in spine(walk.argument.now):
        found = inner(part)
        if found is not None and found.kind == "sum" and found.moving == Dif(of) and walk.linear_product(of):
            walk.argument.apply(vec.inner_product, path)
            return


def settle(walk: Walk, style: Style) -> None:
    """Every term a matrix times a bare stack; one named identity a line."""
    while _line(walk, known_total, style) or any(_line(walk, rule, style) for rule in style.named):
        pass


def _line(walk: Walk, rule: Rule, style: Style) -> bool:
    where = NO_ENTRIES if rule is vec.inner_product and style.entries else PLACES.get(rule.name, SPINE)

    def build() -> None:
        if walk.repeat(lambda: walk.first((rule,), where)):
            tidy(walk, style)

    return walk.argument.line(build)


HEADS = Where(SPINE.here, lambda node: () if isinstance(node, Call) else SPINE.below(node))
"""The parts of the spine that stand in no stack and no sum: a matrix times a stack is peeled from outside."""


def _no_entry(part: Node) -> bool:
    found = inner(part)
    return found is not None and not (found.kind == "sum" and isinstance(found.moving, Dif))


NO_ENTRIES = Where(_no_entry, SPINE.below)
"""Where an inner product must be stacked: a trace, or a sum over the entries of a product."""

PLACES: dict[str, Where] = {known_total.name: OUTSIDE, vec.of_product.name: HEADS, vec.of_hadamard.name: HEADS}
"""Where a rule is tried, other than on the whole spine."""


# --- terms --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """`weight · matrix · core`, with `core` the stack of `d(of)`; `matrix` is None for the identity.

    Where `of` is a number the core is `d(of)`, and `matrix` a column (None for 1).
    """

    weight: Weight
    matrix: Node | None
    core: Node
    of: Node

    @property
    def whole(self) -> Node:
        """The matrix with its weight."""
        if self.matrix is None:
            return self.weight.times(
                ONE_NODE if is_single(self.of.shape) else call("eye", from_size(numel(self.of.shape)))
            )
        return self.weight.times(self.matrix)


def _core(node: Node) -> Node | None:
    """What the bare stack is of; None for anything else."""
    match node:
        case Dif(arg):
            return arg
        case Call("vec", (Dif(arg),)) | Transpose(Dif(arg)):
            return arg
    return None


def term(node: Node, weight: Weight | None = None) -> Term | None:
    """The node as a settled term; None for anything else."""
    weight = weight or Weight()
    of = _core(node)
    if of is not None:
        return Term(weight, None, node, of)
    match node:
        case Neg(arg):
            return term(arg, Weight.of(Neg(ONE_NODE)) * weight)
        case Div(left, right) if moves(left) and is_single(right.shape):
            return term(left, Weight.of(Div(ONE_NODE, right)) * weight)
        case MatMul(args) if (of := _core(args[-1])) is not None and not any(moves(arg) for arg in args[:-1]):
            return Term(weight, matmul(*args[:-1]), args[-1], of)
        case Mul(args):
            places = [number for number, arg in enumerate(args) if moves(arg)]
            if len(places) != 1:
                return None
            part = args[places[0]]
            rest = [arg for number, arg in enumerate(args) if number != places[0]]
            numbers = [arg for arg in rest if is_single(arg.shape)]
            matrices = [arg for arg in rest if not is_single(arg.shape)]
            scale = weight * Weight.of(mul(*numbers))
            if not matrices:
                return term(part, scale)
            if is_single(part.shape) and (of := _core(part)) is not None:
                return Term(scale, mul(*matrices), part, of)
    return None


def collect(walk: Walk, of: Node) -> bool:
    """The terms in `d(of)` as one, in a line; False where there is one at most."""
    parts = parts_of(walk.argument.now)
    known = [term(part) if moves(part) else None for part in parts]
    same = [each for each in known if each is not None and each.of == of]
    if len(same) < 2:
        return False
    first = next(number for number, each in enumerate(known) if each is not None and each.of == of)
    kept = [part for part, each in zip(parts, known, strict=True) if each is None or each.of != of]
    after = add(*kept[:first], _together(same), *kept[first:])
    return walk.argument.put(after, Reason("collect differentials", (("dX", Dif(of)),)))


def _together(same: Sequence[Term]) -> Node:
    common = shared([each.weight for each in same])
    wholes = [Term(Weight(), each.matrix, each.core, each.of).whole for each in same]
    total = combined(
        [(each.weight.without(common), whole) for each, whole in zip(same, wholes, strict=True)], wholes[0]
    )
    return common.times(mul(total, same[0].core) if is_single(same[0].of.shape) else matmul(total, same[0].core))


def matrix_of(walk: Walk, of: Node, rows: Node) -> Node:
    """The matrix beside the stack of `d(of)`; zeros where it does not appear."""
    collect(walk, of)
    mine = []
    for part in parts_of(walk.argument.now):
        found = term(part) if moves(part) else None
        if moves(part) and found is None:
            raise CannotDerive(f"no identity at hand writes `{write(part)}` as a matrix times a stack")
        if found is not None and found.of == of:
            mine.append(found)
    if not mine:
        return zeros(derivative(rows.shape, of.shape))
    (found,) = mine
    return found.whole

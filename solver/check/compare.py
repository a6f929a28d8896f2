"""Equal or not, at sample points: no tolerances, but balls that contain zero and are tiny, or that exclude it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from flint import arb

from solver.check.balls import BITS, Array, each, finite, precision, undefined
from solver.check.dimensions import sizes_in
from solver.check.sample import Sample, aligned
from solver.check.verdicts import Counterexample, Value
from solver.expr.nodes import Idx, Node
from solver.expr.shapes import describe, is_single

DIGITS = 17


class Found(Enum):
    """What one point says of two sides."""

    EQUAL = "equal"
    SKIPPED = "the left side has no value"
    VAGUE = "not decided at the highest precision"


@dataclass(frozen=True)
class Difference:
    """The sides differ: by their values, or the right side has none where the left side has."""

    counterexample: Counterexample
    undefined: bool


@dataclass(frozen=True)
class Summary:
    """What all points say: how many compared, the first difference, how many could not be decided."""

    points: int
    difference: Difference | None = None
    vague: int = 0


def misfit(lhs: Node, rhs: Node) -> str:
    """Why two sides cannot be equal by their shapes; empty when they fit."""
    if lhs.shape == rhs.shape or (is_single(lhs.shape) and is_single(rhs.shape)):
        return ""
    return f"the left side is {_kind(lhs)}, the right side {_kind(rhs)}"


def _kind(node: Node) -> str:
    return f"{describe(node.shape)}" if node.shape else "a scalar"


def over(
    samples: Iterable[Sample], lhs: Node, rhs: Node, given: Sequence[Node], always: Sequence[Node], seed: str
) -> Summary:
    """Both sides at all points, for all values of the free indices under which the line is `given`.

    Of the conditions that hold `always`, those count whose indices stand in the line.
    """
    points = vague = 0
    conditions = (*given, *always)
    free: dict[str, Idx] | None = None
    for sample in samples:
        # the points of one derivation share the meaning of its names
        free = sample.meaning.free(lhs, rhs, *given) if free is None else free
        if _all_agree(sample, lhs, rhs, free, conditions):
            points += 1
            continue
        compared = 0
        for indices in sample.assignments(free, conditions, random.Random(seed)):
            found = at(sample, lhs, rhs, indices)
            if isinstance(found, Difference):
                return Summary(points + 1, found, vague)
            compared += found is Found.EQUAL
            vague += found is Found.VAGUE
        points += compared > 0
    return Summary(points, None, vague)


def _all_agree(sample: Sample, lhs: Node, rhs: Node, free: Mapping[str, Idx], conditions: Sequence[Node]) -> bool:
    """Whether both sides are equal at every value of the indices, at the first precision: the common case, at once."""
    if not sample.few(free):
        return False
    mask = sample.allowed(free, conditions)
    if not mask.any():
        return False
    bits = BITS[sample.start]
    names = tuple(free)
    left, right = (aligned(table, own, names) for own, table in (sample.table(lhs, bits), sample.table(rhs, bits)))
    with precision(bits):
        tiny = arb(2) ** (-(bits // 2))
        agree = each(lambda x, y: _agree(x, y, tiny), left, right).astype(np.bool_).all(axis=(-2, -1))
    return bool(np.broadcast_to(agree, mask.shape)[mask].all())


def _agree(x: Any, y: Any, tiny: Any) -> bool:
    difference = x - y
    return bool(difference.is_finite() and difference.contains(0) and difference.rad() <= tiny * (1 + abs(x)))


def at(sample: Sample, lhs: Node, rhs: Node, indices: Mapping[str, int]) -> Found | Difference:
    """Both sides at one point, with more bits until they are told apart or agree to half of them."""
    for bits in BITS[sample.start :]:
        left = sample.value(lhs, indices, bits)
        if undefined(left):
            return Found.SKIPPED
        right = sample.value(rhs, indices, bits)
        if undefined(right):
            return _difference(sample, lhs, rhs, indices, left, right)
        if not (finite(left) and finite(right)):
            continue
        with precision(bits):
            if any(not d.contains(0) for d in (left - right).flat):
                return _difference(sample, lhs, rhs, indices, left, right)
            tiny = arb(2) ** (-(bits // 2))
            if all(_agree(x, y, tiny) for x, y in zip(left.flat, right.flat, strict=True)):
                return Found.EQUAL
    return Found.VAGUE


def _difference(
    sample: Sample, lhs: Node, rhs: Node, indices: Mapping[str, int], left: Array, right: Array
) -> Difference:
    no_value = undefined(right)
    rank = [_rank(x, y) for x, y in zip(left.flat, right.flat, strict=True)]
    flat = rank.index(max(rank))
    entry = (flat // left.shape[1] + 1, flat % left.shape[1] + 1) if left.size > 1 else None
    counterexample = Counterexample(
        sizes={name: sample.point.sizes[name] for name in sizes_in(sample.meaning, (lhs, rhs))},
        indices=dict(indices),
        values=_values(sample, lhs, rhs),
        lhs=_decimals(left, lhs),
        rhs=_decimals(right, rhs),
        entry=entry,
        difference="" if no_value else decimal(left.flat[flat] - right.flat[flat]),
    )
    return Difference(counterexample, no_value)


def _rank(x: Any, y: Any) -> float:
    difference = x - y
    return float("inf") if not difference.is_finite() else abs(float(difference.mid()))


def _values(sample: Sample, *nodes: Node) -> dict[str, Value]:
    """The data that the sides rest on, and directions of differentials where they do."""
    reach = frozenset[str]().union(*(sample.meaning.dependence(node).reach for node in nodes))
    values: dict[str, Value] = {}
    for name, value in sample.point.values.items():
        if name in reach and name not in sample.point.sizes:
            symbol = sample.meaning.symbols[name]
            values[name] = _decimals(each(arb, value), symbol.node)
    return values


def _decimals(value: Array, node: Node) -> Value:
    with precision(BITS[0]):
        rows = tuple(tuple(decimal(entry) for entry in row) for row in value)
    return rows[0][0] if not node.shape else rows


def decimal(x: Any) -> str:
    """The middle of a ball, as a decimal; `undefined` for NaN."""
    if x.is_nan():
        return "undefined"
    if x.is_zero():
        return "0"
    if not x.is_finite():
        return "unknown"
    text = str(arb(x.mid()).str(DIGITS, radius=False))
    mantissa, _, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{exponent}" if exponent else mantissa

"""A sample point at work: values of formulas at every precision, and the values its indices take."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from solver.check.balls import Array, finite, precision, undefined
from solver.check.evaluate import Evaluator
from solver.check.meaning import Meaning
from solver.check.point import Point
from solver.check.scope import Outside
from solver.expr.derivation import Fact
from solver.expr.nodes import Idx, Node

BITS = (128, 320, 832, 2048)
"""Precisions, from the first to the last that is tried."""

MAX_ASSIGNMENTS = 48


@dataclass
class Sample:
    """A point with an evaluator for each precision."""

    point: Point
    meaning: Meaning
    watch: Callable[[], None] | None = None
    start: int = 0
    """Where in `BITS` the sample begins."""
    used: frozenset[Fact] = frozenset()
    """Declared traits that were drawn because the question is undefined without them."""
    _evaluators: dict[int, Evaluator] = field(default_factory=dict)

    def at(self, bits: int) -> Evaluator:
        if bits not in self._evaluators:
            self._evaluators[bits] = Evaluator(self.meaning, self.point, watch=self.watch)
        return self._evaluators[bits]

    def value(self, node: Node, indices: Mapping[str, int], bits: int) -> Array:
        with precision(bits):
            return self.at(bits).value(node, indices)

    def holds(self, condition: Node, indices: Mapping[str, int]) -> bool | None:
        """Whether a condition holds, at the first precision that can tell."""
        for bits in BITS[self.start :]:
            with precision(bits):
                found = self.at(bits).holds(condition, indices)
            if found is not None:
                return found
        return None

    def assignments(
        self, indices: Mapping[str, Idx], given: Sequence[Node], rng: random.Random
    ) -> list[dict[str, int]]:
        """Values for the indices that satisfy the conditions: all where there are few, else some of every pattern."""
        names = list(indices)
        lengths = [indices[name].range.at(self.point.sizes) for name in names]
        total = 1
        for length in lengths:
            total *= length
        if total <= MAX_ASSIGNMENTS:
            candidates = [dict(zip(names, v, strict=True)) for v in product(*(range(1, n + 1) for n in lengths))]
        else:
            candidates = _some(names, lengths, rng)
        return [c for c in candidates if all(self._satisfied(condition, c) for condition in given)][:MAX_ASSIGNMENTS]

    def _satisfied(self, condition: Node, indices: Mapping[str, int]) -> bool:
        free = self.meaning.free(condition)
        if not free.keys() <= indices.keys():
            return True
        try:
            return self.holds(condition, indices) is True
        except Outside:
            return False


def _some(names: list[str], lengths: list[int], rng: random.Random) -> list[dict[str, int]]:
    """Random assignments, half of them with two indices equal: what happens on a diagonal must not be missed."""
    found = []
    for number in range(8 * MAX_ASSIGNMENTS):
        values = [rng.randint(1, length) for length in lengths]
        if number % 2 and len(names) > 1:
            a, b = rng.sample(range(len(names)), 2)
            values[a] = min(values[b], lengths[a])
        found.append(tuple(values))
    return [dict(zip(names, values, strict=True)) for values in dict.fromkeys(found)]


def state(sample: Sample, node: Node, indices: Mapping[str, int]) -> str:
    """Whether a formula has a value at a point: `defined`, `undefined`, `vague` or `outside`."""
    for bits in BITS[:2]:
        try:
            value = sample.value(node, indices, bits)
        except Outside:
            return "outside"
        if undefined(value):
            return "undefined"
        if finite(value):
            return "defined"
    return "vague"

"""A sample point at work: values of formulas at every precision, and the values its indices take."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.balls import BITS, Array, finite, precision, undefined
from solver.check.evaluate import MAX_GRID, Evaluator
from solver.check.jets import Mask
from solver.check.meaning import Meaning
from solver.check.point import Point
from solver.expr.derivation import Fact
from solver.expr.nodes import Idx, Node

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

    def table(self, node: Node, bits: int) -> tuple[tuple[str, ...], Array]:
        """The values for all values of the formula's indices, as `Evaluator.table` gives them."""
        with precision(bits):
            return self.at(bits).table(node)

    def holds(self, condition: Node, indices: Mapping[str, int]) -> bool | None:
        """Whether a condition holds, at the first precision that can tell."""
        for bits in BITS[self.start :]:
            with precision(bits):
                found = self.at(bits).holds(condition, indices)
            if found is not None:
                return found
        return None

    def few(self, indices: Mapping[str, Idx]) -> bool:
        """Whether all values of these indices are looked at."""
        return math.prod(self._lengths(indices)) <= MAX_GRID

    def _lengths(self, indices: Mapping[str, Idx]) -> list[int]:
        return [index.range.at(self.point.sizes) for index in indices.values()]

    def allowed(self, indices: Mapping[str, Idx], given: Sequence[Node]) -> Mask:
        """Where all conditions that speak of these indices hold: an axis for each index, in their order."""
        names = tuple(indices)
        mask = np.ones(self._lengths(indices), dtype=np.bool_)
        for condition in given:
            if self.meaning.free(condition).keys() <= indices.keys():
                with precision(BITS[self.start]):
                    own, holding = self.at(BITS[self.start]).mask(condition)
                mask = mask & aligned(holding, own, names)
        return mask

    def assignments(
        self, indices: Mapping[str, Idx], given: Sequence[Node], rng: random.Random
    ) -> list[dict[str, int]]:
        """Values for the indices that satisfy the conditions: all where there are few, else some of every pattern."""
        names = list(indices)
        if self.few(indices):
            return [
                dict(zip(names, (int(k) + 1 for k in place), strict=True))
                for place in np.argwhere(self.allowed(indices, given))
            ]
        candidates = _some(names, self._lengths(indices), rng)
        return [c for c in candidates if all(self._satisfied(condition, c) for condition in given)][:MAX_ASSIGNMENTS]

    def _satisfied(self, condition: Node, indices: Mapping[str, int]) -> bool:
        free = self.meaning.free(condition)
        return not free.keys() <= indices.keys() or self.holds(condition, indices) is True


def aligned(array: NDArray[Any], own: tuple[str, ...], names: tuple[str, ...]) -> NDArray[Any]:
    """The array, whose first axes are the indices `own`, with an axis for each of `names`."""
    if own == names:
        return array
    order = sorted(range(len(own)), key=lambda k: names.index(own[k]))
    array = np.moveaxis(array, order, range(len(own)))
    return array[tuple(slice(None) if name in own else None for name in names)]


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


def states(sample: Sample, node: Node, assignments: Sequence[Mapping[str, int]]) -> set[str]:
    """What a formula's values at a point are: `defined`, `undefined`, `vague`, as many of these as occur."""
    if sample.few(sample.meaning.free(node)) and finite(sample.table(node, BITS[0])[1]):
        return {"defined"}
    return {_state(sample, node, indices) for indices in assignments}


def _state(sample: Sample, node: Node, indices: Mapping[str, int]) -> str:
    # what cancels at every precision is found to be zero at the last
    for bits in (*BITS[:2], BITS[-1]):
        value = sample.value(node, indices, bits)
        if undefined(value):
            return "undefined"
        if finite(value):
            return "defined"
    return "vague"

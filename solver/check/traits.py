"""Traits as facts: what each implies, whether values have it, and drawing values that have it and nothing more.

A fact is a declared trait or a weaker consequence of one (`sums-to-one` of one-hot data). On a matrix, `one-hot`,
`simplex` and `sums-to-one` speak of each sample: rows or columns, as the problem's vectors lie.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq

from solver.check.balls import Array, full
from solver.expr.shapes import Shape, is_row, is_vector
from solver.spec.problem import Layout

PER_SAMPLE = ("one-hot", "simplex", "sums-to-one")
IMPLIES: dict[str, tuple[str, ...]] = {
    **{f"one-hot{lie}": (f"simplex{lie}", "binary") for lie in ("", "-rows", "-columns")},
    **{f"simplex{lie}": (f"sums-to-one{lie}", "nonnegative") for lie in ("", "-rows", "-columns")},
    "binary": ("nonnegative", "integer"),
    "plus-minus-one": ("nonzero", "integer"),
    "probability": ("positive",),  # strictly between 0 and 1: its logarithm is what it is declared for
    "positive": ("nonnegative", "nonzero"),
    "negative": ("nonzero",),
    "positive-definite": ("symmetric", "invertible"),
    "diagonal": ("symmetric", "triangular"),
    "orthogonal": ("invertible",),
    "invertible": ("full-rank",),
}
VALUES = frozenset({"positive", "nonnegative", "nonzero", "negative", "probability"})
"""Traits that say where functions of the entries are defined."""
DOMAIN = VALUES | {"invertible", "full-rank", "positive-definite"}


def canonical(trait: str, shape: Shape, layout: Layout) -> str:
    """The trait with its direction: `one-hot` of a batch is `one-hot-rows` or `one-hot-columns`."""
    if trait in PER_SAMPLE and shape and not is_vector(shape):
        return f"{trait}-rows" if layout == "row" else f"{trait}-columns"
    for name in PER_SAMPLE:
        along = "-rows" if is_row(shape) else "-columns"
        if is_vector(shape) and trait == name + along:
            return name
    return trait


def closure(traits: Iterable[str]) -> frozenset[str]:
    """The traits and all that they imply."""
    found: set[str] = set()
    waiting = list(traits)
    while waiting:
        trait = waiting.pop()
        if trait not in found:
            found.add(trait)
            waiting.extend(IMPLIES.get(trait, ()))
    return frozenset(found)


# --- numbers --------------------------------------------------------------------------------------------------------


@dataclass
class Numbers:
    """Numbers that coincide with nothing: odd multiples of a power of 1/2, away from 0 and 1, no size used twice.

    The power is fine enough that sums of a few of them are hardly ever 0, and coarse enough that they can be read.
    """

    rng: random.Random
    positive: bool = False
    small: bool = False
    scale: fmpq = field(default_factory=lambda: fmpq(1))

    def __post_init__(self) -> None:
        self._stream = self._magnitudes()

    def _magnitudes(self) -> Iterator[fmpq]:
        denominator = 1024
        while True:
            top = denominator if self.small else 7 * denominator // 4
            below, above = denominator - denominator // 16, denominator + denominator // 16
            fresh = [*range(denominator // 8 + 1, below, 2), *range(above + 1, top, 2)]
            # few of them are ever asked for: each is picked as it is wanted
            while fresh:
                place = self.rng.randrange(len(fresh))
                fresh[place], fresh[-1] = fresh[-1], fresh[place]
                yield fmpq(fresh.pop(), denominator)
            # a finer grid shares no number with this one: all numerators are odd
            denominator *= 2

    def magnitude(self) -> fmpq:
        return next(self._stream) * self.scale

    def sign(self) -> int:
        return 1 if self.positive or self.rng.random() < 0.5 else -1

    def signed(self) -> fmpq:
        return self.magnitude() * self.sign()


def draw(shape: tuple[int, int], traits: frozenset[str], numbers: Numbers) -> Array:
    """Values with the traits (a closure of them), generic otherwise."""
    rows, columns = shape
    for lie, samples in (("", 1), ("-rows", rows), ("-columns", columns)):
        if f"sums-to-one{lie}" in traits:
            length = rows * columns // samples
            drawn = [_summing_to_one(length, lie, traits, numbers) for _ in range(samples)]
            array = _array(drawn, samples, length)
            return array.T if lie == "-columns" else array.reshape(rows, columns)
    if "orthogonal" in traits:
        return _orthogonal(rows, columns, numbers)
    array = _array([[_entry(traits, numbers) for _ in range(columns)] for _ in range(rows)], rows, columns)
    if "positive-definite" in traits:
        return np.asarray(array.T @ array + _identity(columns))
    if "symmetric" in traits:
        array = np.where(np.tri(rows, columns, dtype=np.bool_), array, array.T)
    if "diagonal" in traits:
        array = np.where(np.eye(rows, columns, dtype=np.bool_), array, full(fmpq(0), 1, 1))
    elif "triangular" in traits:
        lower = np.tri(rows, columns, dtype=np.bool_)
        kept = lower if numbers.rng.random() < 0.5 else np.tri(columns, rows, dtype=np.bool_).T
        array = np.where(kept, array, full(fmpq(0), 1, 1))
    return array


def _entry(traits: frozenset[str], numbers: Numbers) -> fmpq:
    rng = numbers.rng
    if "binary" in traits:
        return fmpq(rng.randrange(2))
    if "plus-minus-one" in traits:
        return fmpq(rng.choice((-1, 1)))
    sign = 1 if {"nonnegative", "positive"} & traits else -1 if "negative" in traits else numbers.sign()
    if "integer" in traits:
        return fmpq(sign * rng.randrange(2, 8))
    if "probability" in traits:
        return numbers.magnitude() / numbers.scale * fmpq(1, 2)
    return numbers.magnitude() * sign


def _summing_to_one(length: int, lie: str, traits: frozenset[str], numbers: Numbers) -> list[fmpq]:
    rng = numbers.rng
    if f"one-hot{lie}" in traits or "binary" in traits:
        hot = rng.randrange(length)
        return [fmpq(int(k == hot)) for k in range(length)]
    if "nonnegative" in traits:
        cuts = sorted(rng.sample(range(1, 128 * length), length - 1))
        return [fmpq(b - a, 128 * length) for a, b in zip([0, *cuts], [*cuts, 128 * length], strict=True)]
    while True:
        first = [numbers.signed() for _ in range(length - 1)]
        last = 1 - sum(first, fmpq(0))
        if last != 0:
            return [*first, last]


def _orthogonal(rows: int, columns: int, numbers: Numbers) -> Array:
    """Columns (or rows, where they are fewer) of a product of two or three reflections `I − 2vvᵀ/(vᵀv)`.

    One alone is symmetric, and its own inverse; with two or three, the determinant has either sign.
    """
    size = max(rows, columns)
    product = _identity(size)
    for _ in range(numbers.rng.choice((2, 3))):
        v = _array([[numbers.signed()] for _ in range(size)], size, 1)
        product = product @ (_identity(size) - v @ v.T * (2 / (v.T @ v)[0, 0]))
    return np.asarray(product[:rows, :columns])


def _identity(size: int) -> Array:
    return _array([[fmpq(int(i == j)) for j in range(size)] for i in range(size)], size, size)


def _array(entries: list[list[fmpq]], rows: int, columns: int) -> Array:
    array = full(None, rows, columns)
    for i, row in enumerate(entries):
        for j, entry in enumerate(row):
            array[i, j] = entry
    return array


# --- values that are given ------------------------------------------------------------------------------------------


def has(trait: str, value: Array) -> bool:
    """Whether all entries of a value certainly have the sign that a trait speaks of."""
    entries: list[Any] = list(value.flat)
    match trait:
        case "positive":
            return all(x > 0 for x in entries)
        case "nonnegative":
            return all(x >= 0 for x in entries)
        case "negative":
            return all(x < 0 for x in entries)
        case "nonzero":
            return all(x > 0 or x < 0 for x in entries)
        case "probability":
            return all(x > 0 and x < 1 for x in entries)
    raise ValueError(f"{trait} is not a sign")

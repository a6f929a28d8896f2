"""Traits: what each implies, and that drawn values have it and nothing more."""

from __future__ import annotations

import random

import numpy as np
import pytest
from flint import fmpq

from solver.check import traits
from solver.check.traits import Numbers, canonical, closure, draw, has
from solver.expr.sizes import ONE, Size
from solver.spec.problem import TRAITS

ROW, COLUMN = (ONE, Size.of("n")), (Size.of("n"), ONE)
BATCH = (Size.of("m"), Size.of("n"))


def _drawn(trait: str, shape: tuple[int, int] = (4, 4), seed: int = 0):
    return draw(shape, closure((trait,)), Numbers(random.Random(seed)))


def _product(array):
    return array @ array.T


CHECKS = {
    "one-hot": lambda a: sorted(a.flat) == [0] * (a.size - 1) + [1],
    "one-hot-rows": lambda a: all(sorted(row) == [0] * (len(row) - 1) + [1] for row in a),
    "one-hot-columns": lambda a: all(sorted(row) == [0] * (len(row) - 1) + [1] for row in a.T),
    "simplex": lambda a: sum(a.flat) == 1 and min(a.flat) >= 0,
    "simplex-rows": lambda a: all(sum(row) == 1 and min(row) >= 0 for row in a),
    "simplex-columns": lambda a: all(sum(row) == 1 and min(row) >= 0 for row in a.T),
    "sums-to-one": lambda a: sum(a.flat) == 1,
    "sums-to-one-rows": lambda a: all(sum(row) == 1 for row in a),
    "sums-to-one-columns": lambda a: all(sum(row) == 1 for row in a.T),
    "probability": lambda a: all(0 < x < 1 for x in a.flat),
    "positive": lambda a: all(x > 0 for x in a.flat),
    "negative": lambda a: all(x < 0 for x in a.flat),
    "nonnegative": lambda a: all(x >= 0 for x in a.flat),
    "nonzero": lambda a: all(x != 0 for x in a.flat),
    "integer": lambda a: all(x.q == 1 for x in a.flat),
    "binary": lambda a: set(a.flat) <= {0, 1},
    "plus-minus-one": lambda a: set(a.flat) <= {-1, 1},
    "symmetric": lambda a: (a == a.T).all(),
    "positive-definite": lambda a: (a == a.T).all() and min(np.linalg.eigvalsh(_floats(a))) > 0,
    "orthogonal": lambda a: (_product(a) == np.array(np.eye(len(a), dtype=int), dtype=object)).all(),
    "diagonal": lambda a: all(a[i, j] == 0 for i in range(len(a)) for j in range(len(a)) if i != j),
    "triangular": lambda a: _lower(a) or _lower(a.T),
    "invertible": lambda a: abs(np.linalg.det(_floats(a))) > 1e-9,
    "full-rank": lambda a: np.linalg.matrix_rank(_floats(a)) == min(a.shape),
}


def _floats(array):
    return np.array([[float(x.p) / float(x.q) for x in row] for row in array])


def _lower(a) -> bool:
    return all(a[i, j] == 0 for i in range(len(a)) for j in range(i + 1, len(a)))


def test_every_trait_of_the_language_has_a_check_here_and_can_be_drawn():
    assert set(TRAITS) - {"constant"} <= CHECKS.keys()
    named = set(traits.IMPLIES) | {implied for each in traits.IMPLIES.values() for implied in each}
    assert named <= CHECKS.keys()


@pytest.mark.parametrize("trait", CHECKS)
def test_drawn_values_have_the_trait(trait):
    for seed in range(20):
        assert CHECKS[trait](_drawn(trait, seed=seed)), (trait, seed)


@pytest.mark.parametrize("trait", CHECKS)
def test_and_all_that_it_implies(trait):
    for implied in closure((trait,)):
        assert CHECKS[implied](_drawn(trait)), (trait, implied)


@pytest.mark.parametrize(
    ("trait", "others"),
    [
        ("sums-to-one", ["nonnegative", "binary", "simplex"]),
        ("sums-to-one-rows", ["nonnegative", "sums-to-one-columns", "one-hot-rows"]),
        ("simplex", ["one-hot", "binary"]),
        ("nonnegative", ["integer", "symmetric", "sums-to-one"]),
        ("symmetric", ["positive", "diagonal", "positive-definite"]),
        ("positive-definite", ["diagonal", "orthogonal", "positive"]),
        ("triangular", ["symmetric", "diagonal"]),
        ("diagonal", ["positive", "invertible-by-accident"]),
        ("invertible", ["symmetric", "orthogonal", "triangular"]),
        ("integer", ["nonnegative", "binary"]),
        ("binary", ["one-hot"]),
        ("nonzero", ["positive", "negative", "integer"]),
    ],
)
def test_and_nothing_stronger(trait, others):
    for other in others:
        if other in CHECKS:
            assert not all(CHECKS[other](_drawn(trait, seed=seed)) for seed in range(20)), (trait, other)


def test_triangular_is_lower_at_one_point_and_upper_at_another():
    lower = {_lower(_drawn("triangular", seed=seed)) for seed in range(20)}
    assert lower == {True, False}


def test_traits_of_samples_lie_as_the_vectors_do():
    assert canonical("one-hot", ROW, "row") == canonical("one-hot", COLUMN, "row") == "one-hot"
    assert canonical("one-hot", BATCH, "row") == "one-hot-rows"
    assert canonical("simplex", BATCH, "column") == "simplex-columns"
    assert canonical("sums-to-one", BATCH, "column") == "sums-to-one-columns"
    assert canonical("one-hot-rows", ROW, "row") == "one-hot"
    assert canonical("one-hot-columns", COLUMN, "column") == "one-hot"
    assert canonical("symmetric", BATCH, "row") == "symmetric"


def test_numbers_coincide_with_nothing():
    numbers = Numbers(random.Random(1))
    drawn = [numbers.magnitude() for _ in range(500)]
    assert len(set(drawn)) == 500
    assert all(abs(x) > fmpq(1, 9) and abs(x - 1) > fmpq(1, 20) for x in drawn)
    assert {Numbers(random.Random(seed)).sign() for seed in range(20)} == {-1, 1}
    assert {Numbers(random.Random(seed), positive=True).sign() for seed in range(20)} == {1}
    small = Numbers(random.Random(1), small=True)
    assert all(small.magnitude() < 1 for _ in range(100))


@pytest.mark.parametrize(
    ("trait", "entries", "expected"),
    [
        ("positive", [1, 2], True),
        ("positive", [1, 0], False),
        ("nonnegative", [1, 0], True),
        ("negative", [-1, -2], True),
        ("nonzero", [-1, 2], True),
        ("nonzero", [-1, 0], False),
        ("probability", [0.5], True),
        ("probability", [1.5], False),
    ],
)
def test_signs_can_be_seen_in_values(trait, entries, expected):
    assert has(trait, np.array([entries], dtype=object)) is expected

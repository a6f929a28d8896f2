"""Determinants and inverses against exact rational arithmetic, and their jets against the product rule."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from solver.check import jets, linear
from solver.check.balls import precision
from solver.check.jets import Jet, TooLarge


def _matrix(rows):
    return jets.constant(np.array([[arb(x) for x in row] for row in rows], dtype=object))


def _det(rows) -> int:
    """The sum over permutations, straight from the definition."""
    total = 0
    for order in permutations(range(len(rows))):
        inversions = sum(a > b for k, b in enumerate(order) for a in order[:k])
        product = (-1) ** inversions
        for i, j in enumerate(order):
            product *= rows[i][j]
        total += product
    return total


square = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(square)
def test_the_determinant_is_the_sum_over_permutations_exactly(rows):
    with precision(128):
        found = linear.determinant(_matrix(rows)).value[0, 0]
    assert found.is_exact()
    assert found == _det(rows)


@given(square)
def test_the_inverse_undoes_the_matrix_or_does_not_exist(rows):
    with precision(128):
        matrix = _matrix(rows)
        found = linear.inverse(matrix)
        if _det(rows) == 0:
            assert all(x.is_nan() for x in found.value.flat)
            return
        product = jets.matmul(matrix, found).value
        expected = linear.identity(len(rows))
        assert all(
            (x - y).contains(0) and (x - y).rad() < 1e-20 for x, y in zip(product.flat, expected.flat, strict=True)
        )


def test_the_characteristic_polynomial_has_trace_and_determinant():
    coefficients = [float(c.value[0, 0]) for c in linear.characteristic(_matrix([[2, 1], [7, 5]]))]
    assert coefficients == [1, -7, 3]


def test_a_matrix_inverse_has_the_slope_of_its_own_product_rule():
    with precision(128):
        rows = [[2, 1, 0], [1, 3, 1], [1, 0, 4]]
        value = _matrix(rows).value
        direction = np.array([[arb(fmpq(i + 2 * j + 1, 7)) for j in range(3)] for i in range(3)], dtype=object)
        moving = Jet({(): value, (1,): direction[None]})
        inverse = linear.inverse(moving)
        # A·A⁻¹ does not move
        slope = jets.matmul(moving, inverse).parts[(1,)]
        assert all(x.contains(0) and x.rad() < 1e-20 for x in slope.flat)
        assert any(not x.contains(0) for x in inverse.parts[(1,)].flat)


def test_powers_and_their_limits():
    matrix = _matrix([[1, 1], [0, 1]])
    assert [[float(x) for x in row] for row in linear.power(matrix, 5).value] == [[1, 5], [0, 1]]
    assert [[float(x) for x in row] for row in linear.power(matrix, -2).value] == [[1, -2], [0, 1]]
    assert [[float(x) for x in row] for row in linear.power(matrix, 0).value] == [[1, 0], [0, 1]]
    with pytest.raises(TooLarge):
        linear.power(matrix, 10**9)


def test_the_log_of_a_negative_determinant_is_of_its_absolute_value():
    with precision(128):
        found = linear.log_absolute_determinant(_matrix([[0, 2], [2, 0]])).value[0, 0]
        assert (found - arb(4).log()).contains(0)
        assert linear.log_absolute_determinant(_matrix([[1, 2], [2, 4]])).value[0, 0].is_nan()


def test_a_pseudo_inverse_of_lower_rank_is_not_claimed():
    with precision(128):
        found = linear.pseudo_inverse(_matrix([[1, 2], [2, 4], [3, 6]]))
        assert all(not x.is_nan() and not x.is_finite() for x in found.value.flat)


def test_kronecker_products_are_numpys():
    left, right = [[1, 2], [3, 4], [5, 6]], [[1, -1, 2]]
    found = linear.kronecker(_matrix(left), _matrix(right)).value
    assert [[int(float(x)) for x in row] for row in found] == np.kron(left, right).tolist()

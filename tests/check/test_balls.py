"""Balls: exact where they can be, undefined or vague where they must be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb, ctx

import solver.check
from solver.check import balls
from solver.check.balls import (
    PRIMITIVES,
    UNDEFINED,
    VAGUE,
    ball,
    full,
    matrix_product,
    power,
    powers,
    precision,
    reciprocal,
    taylor,
    transposed,
)

AROUND_ZERO = arb(0, 1e-9)


def test_the_precision_is_put_back_even_after_an_error():
    before = ctx.prec, ctx.cap
    inside = []

    def fail():
        inside.append(ctx.prec)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), precision(777):
        fail()
    assert inside == [777]
    assert (ctx.prec, ctx.cap) == before


def test_flints_globals_are_set_in_one_place():
    modules = sorted(Path(solver.check.__file__).parent.glob("*.py"))
    setting = [module.name for module in modules if "ctx." in module.read_text()]
    assert setting == ["balls.py"]


def test_a_ball_around_a_rational_is_tight():
    with precision(128):
        assert ball(Fraction(3, 8)).is_exact()
        assert (ball(Fraction(1, 3)) * 3 - 1).contains(0)
        assert ball(Fraction(1, 3)).rad() < arb(2) ** -120


@pytest.mark.parametrize(
    ("x", "kind"),
    [(arb(0), "undefined"), (AROUND_ZERO, "vague"), (VAGUE, "vague"), (UNDEFINED, "undefined"), (arb(2), "finite")],
)
def test_a_reciprocal_knows_zero_from_perhaps_zero(x, kind):
    assert _kind(reciprocal(x)) == kind


@pytest.mark.parametrize(
    ("x", "exponent", "kind"),
    [
        (arb(-2), arb(3), "finite"),
        (arb(-2), arb(-1), "finite"),
        (arb(-2), arb(0.5), "undefined"),
        (arb(0), arb(0), "finite"),
        (arb(0), arb(-1), "undefined"),
        (arb(0), arb(0.5), "finite"),
        (arb(0), arb(-0.5), "undefined"),
        (AROUND_ZERO, arb(0.5), "vague"),
        (AROUND_ZERO, arb(-1), "vague"),
        (AROUND_ZERO, arb(2), "finite"),
        (AROUND_ZERO, arb(7), "finite"),
        (UNDEFINED, arb(0.5), "undefined"),
        (VAGUE, arb(2), "vague"),
        (arb(2), UNDEFINED, "undefined"),
    ],
)
def test_powers_of_numbers_of_every_sign(x, exponent, kind):
    assert _kind(power(x, exponent)) == kind


def test_the_coefficients_of_a_power_end_where_the_power_does():
    assert [float(c) for c in powers(arb(-2), arb(3), 5)] == [-8, 12, -6, 1, 0, 0]
    assert [float(c) for c in powers(arb(0), arb(2), 3)] == [0, 0, 1, 0]
    assert [float(c) for c in powers(arb(-2), arb(-1), 2)] == [-0.5, -0.25, -0.125]


@pytest.mark.parametrize("name", PRIMITIVES)
def test_primitives_have_a_value_and_slopes_inside_their_domain(name):
    with precision(128):
        series = taylor(name, ball(Fraction(3, 8)), 3)
        assert len(series) == 4
        assert all(c.is_finite() and c.rad() < arb(2) ** -100 for c in series)


@pytest.mark.parametrize(
    ("name", "x", "kinds"),
    [
        ("log", arb(-1), ["undefined", "undefined"]),
        ("log", arb(0), ["undefined", "undefined"]),
        ("log", AROUND_ZERO, ["vague", "vague"]),
        ("sqrt", arb(0), ["finite", "undefined"]),
        ("sqrt", arb(-1), ["undefined", "undefined"]),
        ("arcsin", arb(1), ["finite", "undefined"]),
        ("arccos", arb(-1), ["finite", "undefined"]),
        ("arcsin", arb(1.5), ["undefined", "undefined"]),
        ("arccos", arb(1, 1e-9), ["vague", "vague"]),
        ("exp", VAGUE, ["vague", "vague"]),
        ("exp", UNDEFINED, ["undefined", "undefined"]),
        ("erf", UNDEFINED, ["undefined", "undefined"]),
    ],
)
def test_primitives_at_and_beyond_the_edge_of_their_domain(name, x, kinds):
    assert [_kind(c) for c in taylor(name, x, 1)] == kinds


def test_vague_and_undefined_survive_arithmetic_and_undefined_wins():
    assert _kind(VAGUE * 0) == _kind(VAGUE - VAGUE) == _kind(VAGUE + 1) == "vague"
    assert _kind(VAGUE + UNDEFINED) == _kind(UNDEFINED * 0) == "undefined"


def test_rows_of_coefficients_become_arrays_by_place():
    first, second = transposed([[1, 2], [3, 4], [5, 6]], (1, 3))
    assert first.tolist() == [[1, 3, 5]]
    assert second.tolist() == [[2, 4, 6]]


def _kind(x) -> str:
    return "undefined" if x.is_nan() else "finite" if x.is_finite() else "vague"


# --- products ---------------------------------------------------------------------------------------------------------


def _sparse(rows: int, columns: int) -> balls.Array:
    """A number in every seventh place, and a row and a column without any."""
    array = full(balls.ZERO, rows, columns)
    for k in range(0, rows * columns, 7):
        if k // columns != 3 and k % columns != 4:
            array.flat[k] = arb(k + 1) / 3
    return array


def test_large_products_with_zeros_are_the_products():
    with precision(128):
        f, g = _sparse(60, 50), np.stack([_sparse(50, 20), _sparse(50, 20) + arb(1)])
        assert f.size * g.shape[-1] > balls.LARGE
        found, dense = matrix_product(f, g), f @ g
    assert found.shape == dense.shape == (2, 60, 20)
    assert all((x - y).contains(0) and (x - y).rad() < 1e-15 for x, y in zip(found.flat, dense.flat, strict=True))
    assert all(x.is_zero() for x in found[:, 3].flat)


def test_zeros_do_not_hide_what_has_no_value():
    f, g = _sparse(60, 50), full(arb(1), 50, 20)
    g[4, 0] = UNDEFINED
    found = matrix_product(f, g)
    assert all(x.is_nan() for x in found[:, 0].flat)
    assert not any(x.is_nan() for x in found[:, 1:].flat)

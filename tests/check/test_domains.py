"""Where formulas have no value: other points are drawn; a right side without one is wrong; no point is undecided."""

from __future__ import annotations

import pytest
from check_helpers import desk

BENCH = desk({"t": "", "s": "", "u": ", positive", "x": "1 n", "A": "n n", "M": "m n", "P": "n n, positive-definite"})

RESAMPLED = (
    # the left side has a value only at some points: those are looked for
    ("log(t)", "2*log(sqrt(t))"), ("sqrt(t - 5)**2", "t - 5"), ("arcsin(t)", "pi/2 - arccos(t)"),
    ("sqrt(1 - t**2)", "cos(arcsin(t))"), ("log(s - t)", "log((s - t)**2)/2"), ("log(log(t))", "log(log(t**2)/2)"),
    ("arccosh(t)", "log(t + sqrt(t**2 - 1))"), ("t**s", "exp(s*log(t))"), ("log(det(A))", "logdet(A)"),
    ("log(det(P))", "logdet(P)"), ("sum(log(x))", "log(prod(x))"), ("logit(t)", "log(t) - log(1 - t)"),
    ("sqrt(-t)", "sqrt(abs(t))"), ("log(-t - 2)", "log(abs(t) - 2)"),
    # points are never at a kink, at a pole or singular
    ("D(relu(t), t)", "indicator(t > 0)"), ("D(abs(t), t)", "t/abs(t)"), ("t*t/t", "t"), ("A @ inv(A)", "eye(n)"),
    ("D(maximum(s, t), t)", "indicator(t > s)"), ("D(max(x), x[1])", "prod(indicator(x[1] >= x[k]) for k in n)"),
    ("sum(x/x)", "n"), ("D(norm(x), x)", "x/norm(x)"),
)  # fmt: skip
VALUELESS = (
    # the right side has no value at some points where the left side has one
    ("t", "exp(log(t))"), ("abs(t)", "sqrt(t)**2"), ("log(t**2)", "2*log(t)"), ("t", "t*log(-1)/log(-1)"),
    ("log(s*t)", "log(s) + log(t)"), ("t", "sin(arcsin(t))"), ("x", "exp(log(x))"), ("det(A)", "exp(log(det(A)))"),
    ("0", "t - t + 0/(t - t)"), ("det(M.T @ M)", "det(M.T @ M)**2*det(inv(M.T @ M))"),
)  # fmt: skip
NOWHERE = (
    ("log(-t**2)", "has no value at the points tried"), ("sqrt(-1 - t**2)", "has no value"),
    ("log(t) + log(-t)", "has no value"), ("1/(t - t)", "has no value"), ("arcsin(2 + t**2)", "has no value"),
    ("inv(x.T @ x)", "has no value"),
)  # fmt: skip


@pytest.mark.parametrize(("left", "right"), RESAMPLED)
def test_points_without_a_value_are_drawn_again(left: str, right: str) -> None:
    found = BENCH.equal(left, right)
    assert found.verdict == "verified", found.message
    assert found.points >= 2


@pytest.mark.parametrize(("left", "right"), RESAMPLED)
def test_a_wrong_line_is_found_where_points_are_rare(left: str, right: str) -> None:
    found = BENCH.equal(left, f"({right})*2")
    assert found.verdict == "wrong"
    assert found.counterexample is not None
    assert "undefined" not in str(found.counterexample)


@pytest.mark.parametrize(("left", "right"), VALUELESS)
def test_a_right_side_without_a_value_is_wrong_and_says_so(left: str, right: str) -> None:
    found = BENCH.equal(left, right)
    assert found.verdict == "wrong"
    assert "the right side has no value where the left side has one" in found.message
    assert "undefined" in found.message


@pytest.mark.parametrize(("left", "reason"), NOWHERE)
def test_without_any_point_it_is_undecided_and_says_why(left: str, reason: str) -> None:
    found = BENCH.equal(left, left)
    assert found.verdict == "undecided"
    assert reason in found.message
    assert f"`{left}`" in found.message


@pytest.mark.parametrize("function", ["norm(z)", "sum(sqrt(z*z))", "sum((z*z)**(1/2))", "norm1(z)", "sum(relu(z))"])
def test_what_is_no_slope_at_zero_is_none_where_zero_has_a_name(function: str) -> None:
    bench = desk({"x": "1 n"}, {"z": "x - x"})
    found = bench.equal(f"D({function}, z)", "0*z")
    assert found.verdict == "undecided"
    assert "has no value" in found.message
    assert bench.equal("D(sum(softsign(z)), z)", "ones(1, n)").verdict == "verified"


def test_where_the_right_side_has_more_values_nothing_is_wrong() -> None:
    assert BENCH.equal("exp(log(t))", "t").verdict == "verified"
    assert BENCH.equal("2*log(t)", "log(t**2)").verdict == "verified"


@pytest.mark.parametrize("given", ["t > 3 and t < 2", "t**2 < 0", "t == s and t != s"])
def test_assumptions_that_cannot_be_met_are_named(given: str) -> None:
    found = desk({"t": "", "s": ""}, given=[given]).equal("t", "t")
    assert found.verdict == "undecided"
    assert "no point was found at which" in found.message


def test_assumptions_on_sizes_that_cannot_be_met_are_named() -> None:
    found = desk({"M": "m n"}, given=["m > n", "n > m"]).equal("M", "M")
    assert found.verdict == "undecided"
    assert "sizes" in found.message

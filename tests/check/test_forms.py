"""Forms: what is the same answer in another order, and what is another answer."""

from __future__ import annotations

import pytest
from check_helpers import desk
from hypothesis import given
from hypothesis import strategies as st

from solver.check.forms import same_form
from solver.expr.nodes import Add, Mul

DESK = desk({"a": "", "b": "", "c": "", "x": "1 n", "u": "1 n", "A": "n n", "B": "n n"}, {"s": "softmax(x)"})
IJ = {"i": "n", "j": "n"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a + b - c", "-c + b + a"),
        ("a * b * c", "c * a * b"),
        ("-a*b", "(-a)*b"),
        ("-a*b", "a*(-b)"),
        ("-(-a)", "a"),
        ("(-a)*(-b)", "a*b"),
        ("a*b/c", "a*(b/c)"),
        ("a/c*b", "b*a/c"),
        ("-(a/b)", "(-a)/b"),
        ("a/b/c", "a/(b*c)"),
        ("2*a*3", "6*a"),
        ("1*a", "a"),
        ("(a + b)*c", "c*(b + a)"),
        ("s[i]*(1 - s[i])", "(1 - s[i])*s[i]"),
        ("sum(x[k] for k in n)", "sum(x[l] for l in n)"),
        ("sum(sum(A[k, l] for l in n) for k in n)", "sum(sum(A[l, k] for k in n) for l in n)"),
        ("sum(x[k]*u[k] for k in n if k != i)", "sum(u[l]*x[l] for l in n if i != l)"),
        ("matrix(A[i, j]*x[i] for i in n for j in n)", "matrix(x[k]*A[k, l] for k in n for l in n)"),
        ("2 * A @ B", "(2 * A) @ B"),
        ("A @ (-B)", "-(A @ B)"),
        ("A @ B / a", "(A / a) @ B"),
        ("a * A @ B", "A @ (a * B)"),
        ("where(i == j, a, b)", "where(j == i, a, b)"),
        ("delta(i, j)*a", "a*delta(j, i)"),
        ("indicator(a > b)", "indicator(b < a)"),
        ("indicator(a > 0 and b > 0)", "indicator(b > 0 and a > 0)"),
    ],
)
def test_one_form(left, right):
    assert same_form(DESK(left, **IJ), DESK(right, **IJ))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a - b", "b - a"),
        ("a*(b + c)", "a*b + a*c"),
        ("s", "softmax(x)"),
        ("a/b", "b/a"),
        ("a**2", "a*a"),
        ("A @ B", "B @ A"),
        ("A * B", "A @ B"),
        ("A.T", "A"),
        ("x[i]", "x[j]"),
        ("sum(x[k] for k in n)", "sum(x)"),
        ("sum(x[k] for k in n)", "prod(x[k] for k in n)"),
        ("sum(x[k]*u[i] for k in n)", "sum(x[k]*u[k] for k in n)"),
        ("sum(sum(A[k, l] for l in n) for k in n)", "sum(sum(A[l, k] for l in n) for k in n)"),
        ("sum(A, axis=0)", "sum(A, axis=1)"),
        ("A[i, :]", "A[:, i].T"),
        ("where(i == j, a, b)", "where(i == j, b, a)"),
        ("where(i == j, a, b)", "where(i != j, a, b)"),
        ("indicator(a > b)", "indicator(a < b)"),
        ("indicator(a > b)", "indicator(a >= b)"),
        ("sin(a)", "cos(a)"),
        ("a + b", "a*b"),
        ("-(a + b)", "-a - b"),
        ("a/0", "b/0"),
    ],
)
def test_another_form(left, right):
    assert not same_form(DESK(left, **IJ), DESK(right, **IJ))


terms = st.lists(
    st.sampled_from(("a", "b", "c", "a*b", "-a", "2*c", "a/b", "sin(a)", "-(b*c)")), min_size=2, max_size=5
)


@given(terms, st.randoms(use_true_random=False))
def test_no_order_of_terms_or_factors_matters(texts, rng):
    nodes = [DESK(text) for text in texts]
    shuffled = rng.sample(nodes, len(nodes))
    assert same_form(Add(tuple(nodes)), Add(tuple(shuffled)))
    assert same_form(Mul(tuple(nodes)), Mul(tuple(shuffled)))

"""A true line and a false neighbour for every kind of node."""

from __future__ import annotations

import inspect

import pytest
from check_helpers import desk

from solver.expr import nodes
from solver.expr.nodes import Node, walk

DESK = desk(
    {"x": "1 n", "u": "1 n", "c": "m 1", "A": "m n", "B": "n k", "S": "n n", "t": "", "s": "", "w": "5 1",
     "Y": "m k", "b": "1 k"},
    {"z": "A @ B + b", "h": "sigmoid(z)", "J": "sum(h * Y)", "p": "softmax(x)", "q": "-log(p[o])"},
    indices={"o": "n"},
    functions=("f", "g"),
)  # fmt: skip
IJ = {"i": "m", "j": "n", "r": "n"}

LINES = [
    # node classes the line is about, left, right, a wrong right
    ("Num", "0.5 + 0.25", "3/4", "0.7500001"),
    ("Const", "sin(pi/6)", "1/2", "0.5236"),
    ("Sym Add Neg", "t - s + t", "2*t - s", "2*t + s"),
    ("SizeSym", "sum(ones(m, n))", "m*n", "m*m"),
    ("SizeSym", "sum(1/n for i in n)", "1", "n"),
    ("Mul", "x * u * 2", "u * x + x * u", "u * x"),
    ("Mul", "A * x", "A @ diag(x)", "A * x * x"),
    ("Mul", "A * c", "diag(c) @ A", "A * c * c"),
    ("MatMul", "(A @ B) @ Y.T", "A @ (B @ Y.T)", "A @ (2 * B @ Y.T)"),
    ("MatMul Transpose", "(S @ S).T", "S.T @ S.T", "S @ S"),
    ("Transpose", "x @ u.T", "u @ x.T", "u @ u.T"),
    ("Transpose", "A.T[j, i]", "A[i, j]", "A[i, r]"),
    ("Div", "x / t", "(1/t) * x", "t * x"),
    ("Div", "1 / (x * u)", "(1/x) * (1/u)", "1/x + 1/u"),
    ("Pow", "(t*s)**3", "t**3 * s**3", "t**3 * s**2"),
    ("Pow", "x**-2", "1/(x*x)", "1/x"),
    ("Pow", "(t**2)**(1/2)", "abs(t)", "t"),
    ("Pow", "exp(t)**s", "exp(t*s)", "exp(t)*s"),
    ("At Idx", "(x + u)[j]", "x[j] + u[j]", "x[j] + u[r]"),
    ("At", "(A @ B)[i, :]", "A[i, :] @ B", "A[i, :] @ (B + B)"),
    ("At", "(A @ B).T[:, i]", "B.T @ A[i, :].T", "B.T @ (A[i, :] + x).T"),
    ("At", "diag(x)[j, r]", "where(j == r, x[j], 0)", "x[j]"),
    ("At", "w[2] + w[3]", "w[3] + w[2]", "w[3] + w[4]"),
    ("Big", "sum(x[l] * u[l] for l in n)", "dot(x, u)", "sum(x) * sum(u)"),
    ("Big", "sum(x[l] for l in n if l != j)", "sum(x) - x[j]", "sum(x)"),
    ("Big", "sum(A[i, l] * B[l, 1] for l in n)", "(A @ B)[i, 1]", "(A @ B)[1, 1]"),
    ("Big", "sum(sum(A[a, l] for l in n) for a in m)", "sum(A)", "sum(x)"),
    ("Big", "prod(x[l] for l in n)", "prod(x)", "sum(x)"),
    ("Big", "sum(x for l in n)", "n * x", "x"),
    ("Big", "sum(x[l] for l in n if x[l] > 0) + sum(x[l] for l in n if x[l] < 0)", "sum(x)", "0"),
    ("Table", "matrix(x[a] * u[l] for a in n for l in n)", "outer(x, u)", "outer(u, x)"),
    ("Table", "matrix(A[a, l] for l in n for a in m)", "A.T", "2 * A.T"),
    ("Cmp Call", "indicator(t > s) + indicator(t < s)", "1", "0"),
    ("Cmp", "indicator(x >= u)", "1 - indicator(x < u)", "indicator(x <= u)"),
    ("Cmp", "sum(indicator(l <= j) for l in n)", "j", "j + 1"),
    ("Logic", "indicator(t > 0 and s > 0)", "indicator(t > 0) * indicator(s > 0)", "indicator(t > 0)"),
    ("Logic", "indicator(t > 0 or s > 0)", "1 - indicator(t <= 0 and s <= 0)", "indicator(s > 0)"),
    ("Logic", "indicator(not t > 0)", "indicator(t < 0)", "indicator(t > 0)"),
    ("Call", "where(j == r, x[j], u[r])", "delta(j, r)*x[j] + (1 - delta(j, r))*u[r]", "x[j]"),
    ("Apply", "f(x)[j]", "f(x[j])", "g(x[j])"),
    ("Apply", "f(t) + g(t)", "g(t) + f(t)", "f(t) + g(s)"),
    ("D Apply", "D(f(g(t)), t)", "f_prime(g(t)) * g_prime(t)", "f_prime(g(t))"),
    ("D Apply", "D(f_prime(t), t)", "f_second(t)", "f_prime(t)"),
    ("D", "D(f(x), x)", "diag(f_prime(x))", "f_prime(x).T @ ones(1, n)"),
    ("D", "D(dot(x, u), x)", "u", "x"),
    ("D", "D(x @ S @ x.T, x)", "x @ (S + S.T)", "2 * x @ S"),
    ("D", "D(S @ x.T, x)", "S", "S.T"),
    ("D", "D(c.T @ c, c)", "2 * c", "c"),
    ("D", "D(x @ A.T @ A @ x.T, A)", "2 * A @ x.T @ x", "A @ x.T @ x"),
    ("Sym", "q * x[o] * u[j]", "-log(p[o]) * x[o] * u[j]", "-log(p[o]) * x[j] * u[j]"),
    ("Sym", "q * A[i, o]", "-log(p[o]) * A[i, o]", "-log(p[j]) * A[i, o]"),
    ("D", "D(t * x, t)", "x", "t * x"),
    ("D", "D(A * t, t)", "A", "t * A"),
    ("D", "D(tr(A.T @ A), A)", "2 * A", "A"),
    ("D", "D(sum(A), A[i, j])", "1", "A[i, j]"),
    ("D", "D(A, A)", "kron(eye(n), eye(m))", "0 * kron(eye(n), eye(m))"),
    ("D", "D(vec(A @ B), B)", "kron(eye(k), A)", "-kron(eye(k), A)"),
    ("D", "D(A @ B, A)", "kron(B.T, eye(m))", "2*kron(B.T, eye(m))"),
    ("D", "D(vec(A.T), A)", "commutation(m, n)", "commutation(n, m)"),
    ("D", "D(x @ u.T, x[j])", "u[j]", "u[r]"),
    ("D", "D(x * t, x[j])", "t * basis(j, n)", "t * basis(r, n)"),
    ("D", "D(sum(A * A), A[i, :])", "2 * A[i, :]", "A[i, :]"),
    ("D", "D(sum(A * A), A[:, j])", "2 * A[:, j]", "A[:, j] * A[:, r]"),
    ("D", "D(D(t**3 * s, t), s)", "3 * t**2", "3 * t**2 * s"),
    ("D", "D(D(sum(exp(x)), x), x)", "diag(exp(x))", "diag(x)"),
    # definitions are followed, and what is differentiated by is free
    ("D", "D(J, z)", "Y * h * (1 - h)", "Y * h"),
    ("D", "D(J, h)", "Y", "Y * h"),
    ("D", "D(J, B)", "A.T @ D(J, z)", "B * sum(D(J, z))"),
    ("D", "D(J, b)", "ones(1, m) @ D(J, z)", "D(J, z)[1, :]"),
    ("D", "D(h, z[i, 2])", "D(h, z[i, 2])", "0 * D(h, z[i, 2])"),
    ("D", "D(sum(h), z[i, 1])", "h[i, 1] * (1 - h[i, 1])", "h[i, 1]"),
    ("D", "D(D(J, z)[i, 1], B[j, 1])", "A[i, j] * Y[i, 1] * h[i, 1]*(1 - h[i, 1])*(1 - 2*h[i, 1])", "0"),
    ("D", "D(q, x[j])", "p[j] - delta(j, o)", "p[j]"),
    ("D", "D(p[o], x[o])", "p[o] * (1 - p[o])", "-p[o]*p[j]"),
    ("Dif", "d(sum(x * u))", "dot(u, d(x))", "dot(x, d(x))"),
    ("Dif", "d(J)", "tr(D(J, B).T @ d(B)) + tr(D(J, b).T @ d(b))", "tr(D(J, B).T @ d(B))"),
    ("Dif", "d(u * t)", "0 * u", "u"),
    ("Dif", "d(d(x @ S @ x.T))", "2 * d(x) @ S @ d(x).T", "d(x) @ S @ d(x).T"),
    ("Dif", "d(D(sum(x**3), x))", "6 * x * d(x)", "3 * x * d(x)"),
    ("Dif", "D(d(sum(x * x)), x)", "2 * d(x)", "2 * x"),
]  # fmt: skip


def _options(text: str) -> dict:
    options: dict = {name: size for name, size in IJ.items() if f"{name}" in text}
    return {**options, "variables": ("x", "B", "b")}


@pytest.mark.parametrize(("lhs", "rhs"), [(lhs, rhs) for _, lhs, rhs, _ in LINES])
def test_a_true_line_is_verified(lhs, rhs):
    found = DESK.equal(lhs, rhs, **_options(lhs + rhs))
    assert found.verdict == "verified", found.message
    assert found.points >= 4


@pytest.mark.parametrize(("lhs", "wrong"), [(lhs, wrong) for _, lhs, _, wrong in LINES])
def test_its_wrong_neighbour_is_wrong_and_shown(lhs, wrong):
    found = DESK.equal(lhs, wrong, **_options(lhs + wrong))
    assert found.verdict == "wrong", found.message
    if "shapes" not in found.message:
        assert found.counterexample is not None
        assert str(found.counterexample) in found.message


def test_every_node_class_has_a_line():
    classes = {
        name
        for name, each in inspect.getmembers(nodes, inspect.isclass)
        if issubclass(each, Node) and each is not Node and not name.startswith("_")
    }
    named = {name for kinds, *_ in LINES for name in kinds.split()}
    assert classes == named
    for kinds, lhs, rhs, _ in LINES:
        indices = dict(IJ)
        present = {type(part).__name__ for text in (lhs, rhs) for part in walk(DESK(text, **indices))}
        assert set(kinds.split()) <= present, lhs

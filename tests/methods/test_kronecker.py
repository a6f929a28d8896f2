"""The route `kronecker`: vec(dF) = M vec(dX), and gradients that come back in the shape of their variable."""

from pathlib import Path

import pytest
from asked import Asked, lines, rules, why
from gradients import GRADIENTS, Case
from test_differential import HESSIANS, JACOBIANS, STRUCTURED, deep

from solver.check.judge import judge
from solver.expr.write import write
from solver.methods import CannotDerive, derive

LAYER = "h:H W:H,Dy b:Dy y:Dy:one-hot"


@pytest.mark.parametrize("case", GRADIENTS[::3], ids=lambda case: case.name)
def test_every_third_gradient_of_the_table(case: Case, tmp_path: Path):
    problem = case.problem(tmp_path)
    derivation = derive(problem, problem.parts[0], "kronecker")
    judgement = judge(problem, problem.parts[0], derivation)
    assert judgement.verdict == "verified", why(judgement)


def test_the_differential_of_a_layer(tmp_path: Path):
    answer = "kron(W.T, eye(1)) @ vec(d(h)) + kron(eye(Dy), h) @ vec(d(W)) + vec(d(b))"
    asked = Asked(LAYER, 'differential: {of: "vec(h @ W + b)", wrt: [h, W, b]}', (), "row", answer)
    derivation, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert rules(derivation)[-1] == "vec of a product"


def test_a_gradient_is_stacked_where_matrices_are_multiplied(tmp_path: Path):
    define = ("theta = h @ W + b", "yhat = softmax(theta)", "J = -sum(y*log(yhat))")
    asked = Asked(LAYER, "gradient: {of: J, wrt: W}", define, "row", "h.T @ (yhat - y)")
    derivation, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert lines(derivation)[-6:] == [
        "vec(yhat - y).T @ vec(d(theta))",
        "vec(yhat - y).T @ vec(h @ d(W))",
        "vec(yhat - y).T @ kron(eye(Dy), h) @ vec(d(W))",
        "vec(h.T @ (yhat - y)).T @ vec(d(W))",
        "D(J, W)",
        "h.T @ (yhat - y)",
    ]


MATRIX_JACOBIANS = (
    ("A:m,n X:n,p B:p,q", "A @ X @ B", "kron(B.T, A)"),
    ("X:n,n", "X @ X", "kron(X.T, eye(n)) + kron(eye(n), X)"),
    ("X:n,n", "inv(X)", "-kron(inv(X).T, inv(X))"),
    ("X:m,n", "X.T", "commutation(m, n)"),
    ("X:m,n A:m,n", "A*X", "diag(vec(A))"),
    ("X:m,n", "tanh(X)", "diag(vec(1 - tanh(X)**2))"),
    ("X:n,d", "X @ X.T", "kron(X, eye(n)) + kron(eye(n), X) @ commutation(n, d)"),
    ("X:n,d", "softmax(X)", ""),
    ("X:n,d", "sum(X**2, axis=0)", ""),
    ("X:n,n", "diag(X)", ""),
    ("X:n,n", "tr(X)*X", "vec(X) @ vec(eye(n)).T + tr(X)*eye(n**2)"),
    ("X:n,n", "X[1, :]", ""),
    ("X:2,2 C:1,2", "kron(X, C)", ""),
    ("X:2,2 C:1,2", "kron(C, X)", ""),
    ("X:n,d Y:n,e", "hstack(X, Y)", ""),
    ("X:m,n", "pinv(X)", ""),
    ("X:n,n", "matrix_power(X, 3)", ""),
)


@pytest.mark.parametrize(("symbols", "of", "answer"), MATRIX_JACOBIANS)
def test_jacobians_of_matrices(symbols: str, of: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'jacobian: {{of: "{of}", wrt: X}}', (), "column", answer)
    _, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize(("symbols", "of", "layout", "answer"), JACOBIANS)
def test_jacobians_of_vectors(symbols: str, of: str, layout: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'jacobian: {{of: "{of}", wrt: x}}', (), layout, answer)
    _, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize(("symbols", "of", "wrt", "define", "answer"), HESSIANS)
def test_hessians(symbols: str, of: str, wrt: str, define: tuple[str, ...], answer: str, tmp_path: Path):
    asked = Asked(symbols, f'hessian: {{of: "{of}", wrt: {wrt}}}', define, "column", answer)
    _, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize(
    ("of", "answer"), [("logdet(X)", "-(commutation(n, n) @ kron(inv(X).T, inv(X)))"), ("tr(X.T @ X)", "2*eye(n**2)")]
)
def test_hessians_by_a_matrix(of: str, answer: str, tmp_path: Path):
    asked = Asked("X:n,n", f'hessian: {{of: "{of}", wrt: X}}', (), "column", answer)
    _, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize(("symbols", "of", "answer"), STRUCTURED)
def test_the_entries_of_a_symmetric_matrix_counted_once(symbols: str, of: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'gradient: {{of: "{of}", wrt: X, structured: true}}', (), "column", answer)
    _, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_a_deep_network(tmp_path: Path):
    derivation, judgement = deep(6).by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "delta_h" in " ".join(lines(derivation))
    assert "delta" not in write(derivation.result)


@pytest.mark.parametrize(
    ("ask", "names"),
    [
        ('differential: {of: "X @ X", wrt: [X]}', "ask for that of `vec"),
        ('jacobian: {of: "X @ X", wrt: "X[1, 2]"}', "by one entry"),
    ],
)
def test_what_it_cannot_do_it_says(ask: str, names: str, tmp_path: Path):
    with pytest.raises(CannotDerive, match=names):
        Asked("X:n,n", ask).by("kronecker", tmp_path)

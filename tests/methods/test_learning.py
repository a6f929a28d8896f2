"""What problems of machine learning have asked for: forms that an answer may have, and that a result ends in."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked import Asked, why

from solver.check.judge import judge
from solver.expr.write import write
from solver.methods import CannotDerive, derive


def test_a_condition_counts_at_its_edge_where_nothing_is_differentiated(tmp_path: Path):
    with pytest.raises(CannotDerive):
        Asked("x", 'prove: "indicator(x > 0) == indicator(x >= 0)"').by("identity", tmp_path)
    _, judgement = Asked("x", "derivative: {of: relu(x), wrt: x}", answer="indicator(x >= 0)").by("scalar", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_one_minus_a_sigmoid_of_the_opposite_is_the_sigmoid(tmp_path: Path):
    asked = Asked("U:d,k v:d", 'gradient: {of: "-sum(log(sigmoid(-U[:, j].T @ v)) for j in k)", wrt: v}')
    derivation, judgement = asked.by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == "sum(sigmoid(U[:, j].T @ v)*U[:, j] for j in k)"


ENDINGS = (
    (Asked("x:d w:d b y::binary", "gradient: {of: L, wrt: w}",
           ("z = w.T @ x + b", "p = sigmoid(z)", "L = -y*log(p) - (1 - y)*log(1 - p)")), "(p - y)*x"),
    (Asked("X:n,d w:d y:n:plus-minus-one b", "derivative: {of: J, wrt: b}",
           ("J = sum(maximum(0, 1 - y*(X @ w + b)))",)), "-sum(indicator(y*(X @ w + b) < 1)*y)"),
    (Asked("A:m,d x:d b:m k::positive", "gradient: {of: J, wrt: x}",
           ("r = A @ x - b", "J = sum(where(abs(r) <= k, r**2/2, k*abs(r) - k**2/2))")),
     "A.T @ where(abs(r) <= k, r, k*sign(r))"),
    (Asked("X:n,d w:d y:n q::probability", "gradient: {of: J, wrt: w}",
           ("u = y - X @ w", "J = sum(maximum(q*u, (q - 1)*u))")), "-X.T @ where(u > 0, q, q - 1)"),
    (Asked("X:n,d G:n,d g:d eps::positive", "gradient: {of: L, wrt: X}",
           ("mu = mean(X, axis=0)", "v = mean((X - mu)**2, axis=0)", "Z = (X - mu)/sqrt(v + eps)", "L = sum(G*(g*Z))"),
           layout="row"), "g/sqrt(v + eps)*(G - Z*sum(G*Z, axis=0)/n - ones(1, n) @ G / n)"),
    (Asked("z:k", "gradient: {of: H, wrt: z}", ("p = softmax(z)", "H = -sum(p*log(p))")), "p*(-H - log(p))"),
    (Asked("x:d G1:k,d E1:k,d t", "gradient: {of: L, wrt: G1}",
           ("p = softmax(G1 @ x)", "e = E1 @ x", "y = p.T @ e", "L = (y - t)**2/2")),
     "(y - t) * p * (e - y) @ x.T"),
    (Asked("R:n,c x:n m:c", 'derivative: {of: Q, wrt: "m[k]"}',
           ("Q = -sum(R[i, j]*(x[i] - m[j])**2 for i in n for j in c)/2",)), "sum(R[i, k]*(x[i] - m[k]) for i in n)"),
    (Asked("x", "derivative: {of: log(1 + exp(2*x))/2, wrt: x}"), "sigmoid(2*x)"),
    (Asked("X:n,p b:p y:n w:n", "gradient: {of: J, wrt: w}", ("r = y - X @ b", "J = r.T @ diag(w) @ r / 2")), "r**2/2"),
)  # fmt: skip


def test_a_differential_knows_a_symmetric_matrix(tmp_path: Path):
    asked = Asked("w:d m:d S:d,d:symmetric", 'differential: {of: "(w - m).T @ S @ (w - m)/2", wrt: w}')
    derivation, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "S.T" not in write(derivation.result)


@pytest.mark.parametrize(("asked", "form"), ENDINGS, ids=lambda value: value if isinstance(value, str) else "")
def test_without_an_answer_the_last_line_is_what_a_textbook_has(asked: Asked, form: str, tmp_path: Path):
    problem = asked.problem(tmp_path)
    derivation = derive(problem, problem.parts[0])
    judgement = judge(problem, problem.parts[0], derivation)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == form

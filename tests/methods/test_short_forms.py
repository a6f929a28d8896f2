"""Results in the short form that textbooks print, reached without being asked for."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from asked import Asked, why

from solver.expr.write import write


@dataclass(frozen=True)
class Form:
    """A question by a route, and the text of its result."""

    name: str
    route: str
    asked: Asked
    result: str


FORMS = (
    Form("a name of the transposed function", "chain",
         Asked("W:n,h x:n y:h", 'gradient: {of: "sigmoid(x.T @ W) @ y", wrt: x}', ("u = sigmoid(W.T @ x)",)),
         "W @ (y*u*(1 - u))"),
    Form("diagonal matrices around", "chain",
         Asked("A:n,n B:n,n x:n", 'gradient: {of: "tr(diag(x) @ A @ diag(x) @ B)", wrt: x}'),
         "(B.T*A + A.T*B) @ x"),
    Form("log det of a power", "differential",
         Asked("X:n,n", 'gradient: {of: "logdet(matrix_power(X, 3))", wrt: X}'), "3*inv(X).T"),
    Form("log det of a product", "differential",
         Asked("A:n,n B:n,n X:n,n", "gradient: {of: logdet(A @ X @ B), wrt: X}"), "inv(X).T"),
    Form("log det of a diagonal matrix", "chain", Asked("d:n:positive", "gradient: {of: logdet(diag(d)), wrt: d}"),
         "1/d"),
    Form("no 2 - I", "differential", Asked("X:n,n:symmetric", "gradient: {of: det(X), wrt: X, structured: true}"),
         "2*det(X)*inv(X) - det(X)*eye(n)*inv(X)"),
    Form("no I - 1/n", "chain", Asked("x:n", 'gradient: {of: "x.T @ (eye(n) - ones(n, n)/n) @ x", wrt: x}'),
         "2*((eye(n) - ones(n, n)/n) @ x)"),
    Form("a Kronecker product with a number", "kronecker",
         Asked("A:n,n x:n", 'jacobian: {of: "x @ (x.T @ A @ x)", wrt: x}'),
         "x.T @ A @ x * eye(n) + x @ x.T @ (A.T + A)"),
    Form("a number of the size 1 by 1 leaves a sum", "chain",
         Asked("a:n x:n", 'gradient: {of: "sum((a.T @ x)*x)", wrt: x}'), "a.T @ x + sum(x)*a"),
    Form("twice by a number", "differential",
         Asked("A:n,n B:n,n t", 'derivative: {of: "logdet(A + t*B)", wrt: t, order: 2}'),
         "-tr(inv(A + t*B) @ B @ inv(A + t*B) @ B)"),
    Form("a matrix, twice by a number", "differential",
         Asked("A:n,n B:n,n t", 'derivative: {of: "inv(A + t*B)", wrt: t, order: 2}'),
         "2*(inv(A + t*B) @ B @ inv(A + t*B) @ B @ inv(A + t*B))"),
    Form("a sine of twice the angle", "scalar", Asked("x", 'derivative: {of: "sin(x)**2", wrt: x}', answer="sin(2*x)"),
         "sin(2*x)"),
    Form("sine and cosine in a fraction", "scalar",
         Asked("x", 'derivative: {of: "sin(x)/(1 + cos(x))", wrt: x}', answer="1/(1 + cos(x))"), "1/(1 + cos(x))"),
    Form("as many as there are samples", "chain",
         Asked("v:d U:V,d C:m,V:one-hot-rows", "gradient: {of: J, wrt: v}",
               ("p = softmax(v @ U.T)", "J = -sum(C @ log(p).T)"), "row", "(m*p - sum(C, axis=0)) @ U"),
         "(m*p - sum(C, axis=0)) @ U"),
    Form("a graph's Laplacian", "chain",
         Asked("S:n,n:symmetric x:n", 'gradient: {of: "sum(S[i, j]*(x[i] - x[j])**2 for i in n for j in n)/2", wrt: x}',
               ("Lap = diag(S @ ones(n)) - S",), answer="2*Lap @ x"), "2 * Lap @ x"),
    Form("a power and its base", "chain",
         Asked("x:n:positive", "gradient: {of: prod(x)**(1/n), wrt: x}", answer="prod(x)**(1/n)/(n*x)"),
         "prod(x)**(1/n)/(n*x)"),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_form_of_a_result(form: Form, tmp_path: Path):
    derivation, judgement = form.asked.by(form.route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == form.result

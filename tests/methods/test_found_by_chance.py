"""What random problems have brought to light, each in its smallest form: right by every route named, or refused."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from asked import Asked, why

from solver.expr.write import write
from solver.methods import CannotDerive


@dataclass(frozen=True)
class Found:
    """A problem, the routes that must get it right, and those that must say that they cannot."""

    name: str
    asked: Asked
    right: tuple[str, ...]
    refuse: tuple[str, ...] = field(default=())


FOUND = (
    Found("an entry of a symmetric matrix counted once",
          Asked("A:n,n:symmetric", "gradient: {of: logdet(A), wrt: A, structured: true}"),
          ("differential", "kronecker", "chain", "matrix"), ("cases", "scalar")),
    Found("a second derivative beside a symmetric matrix",
          Asked("A:n,n:symmetric", "hessian: {of: logdet(A), wrt: A}"), ("kronecker",)),
    Found("an entry of a gradient at a symmetric matrix",
          Asked("A:n,n:symmetric", 'gradient: {of: logdet(A), wrt: "A[k, l]"}'), ("chain", "differential")),
    Found("by a name that the loss rests on",
          Asked("a", "derivative: {of: L, wrt: h}", ("h = a**2", "L = sin(h)")),
          ("scalar", "chain", "index", "matrix")),
    Found("by an entry of such a name",
          Asked("a: C:n,n", 'gradient: {of: L, wrt: "h[k, l]"}', ("h = a*eye(n)", "L = det(C + h)")),
          ("chain", "differential"), ("matrix",)),
    Found("a sum over some of the entries",
          Asked("b: a:m+1", "derivative: {of: L, wrt: b}", ("L = sum(b*a[i] for i in m)",)),
          ("index", "differential", "scalar")),
    Found("a condition between matrices",
          Asked("B:n,n C:n,n", 'gradient: {of: "tr(where(C @ B <= 0, B @ B, C))", wrt: B}'),
          ("chain", "differential", "index")),
    Found("an inverse power", Asked("A:n,n B:n,n", 'gradient: {of: "tr(matrix_power(A, -2) @ B)", wrt: A}'),
          ("chain", "differential", "kronecker")),
    Found("a product of entries some of which are zero",
          Asked("A:n,m", 'gradient: {of: "prod(A * tril(ones(n, m)))", wrt: A}'),
          ("chain", "differential", "kronecker")),
    Found("such a product along an axis",
          Asked("A:n,m", 'gradient: {of: "sum(prod(relu(A), axis=0) + prod(relu(A), axis=1).T @ ones(n, m))", wrt: A}'),
          ("chain", "differential", "kronecker")),
    Found("a function at whose kink zeros lie", Asked("A:n,n", "gradient: {of: norm1(tril(A @ A)), wrt: A}"),
          ("chain", "differential")),
    Found("the step of a name", Asked("a:n b:n c", 'jacobian: {of: "L[i]", wrt: "a[j]"}',
                                      ("h = indicator(a < c)", "L = h*b + a")), ("index",)),
    Found("variables that rest on one another",
          Asked("u:n", "hessian: {of: L, wrt: [h, o]}", ("h = u**3", "o = h + exp(h)", "L = sum(o**2)")),
          ("index",), ("differential", "kronecker")),
    Found("two sums that want one letter",
          Asked("a:n b:n u:n", "gradient: {of: L, wrt: a}",
                ("h = dot(softmax(a), b)", "L = h*dot(softmax(2*a), u)")), ("cases", "chain")),
    Found("cases beside a free index", Asked("A:n,m a:m B:n,m", "gradient: {of: L, wrt: a}",
                                             ("h = B*log_softmax(A + a, axis=1)", "L = sum(h)"), "row"),
          ("cases", "chain")),
    Found("a number that scales a matrix, summed",
          Asked("a:n A:n,k b:k", "jacobian: {of: L, wrt: b}",
                ("L = a.T @ matrix(sum(A[i, r]*b[r] for r in k)*j*a[j] for i in n for j in n)",)),
          ("kronecker", "index")),
)  # fmt: skip


RIGHT = [pytest.param(f.asked, route, id=f"{f.name}, {route}") for f in FOUND for route in f.right]
REFUSED = [pytest.param(f.asked, route, id=f"{f.name}, {route}") for f in FOUND for route in f.refuse]


@pytest.mark.parametrize(("asked", "route"), RIGHT)
def test_right(asked: Asked, route: str, tmp_path: Path):
    derivation, judgement = asked.by(route, tmp_path)
    assert judgement.verdict == "verified", (write(derivation.result), why(judgement))


@pytest.mark.parametrize(("asked", "route"), REFUSED)
def test_refused(asked: Asked, route: str, tmp_path: Path):
    with pytest.raises(CannotDerive, match=r"differential|index"):
        asked.by(route, tmp_path)

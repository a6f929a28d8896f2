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
    Found("a matrix beside a row in one term and a column in another",
          Asked("A:n,n a:n", 'gradient: {of: "sum(A.T * A @ sin(a))", wrt: A}'), ("differential", "kronecker")),
    Found("a name whose definition the gradient by it looks like",
          Asked("a:n", "hessian: {of: L, wrt: h}", ("h = a.T", "L = h @ eye(n) @ a")),
          ("index", "differential", "kronecker")),
    Found("a fact in what an introduced name stands for",
          Asked("c A:n,n:diagonal", 'gradient: {of: "sum(log_sigmoid(kron(c, A.T)))", wrt: A}'), ("chain",)),
    Found("a fact of the variable used under its derivative",
          Asked("A:n,n:diagonal B:n,m", "gradient: {of: L, wrt: A}",
                ("o = (A @ B).T", "L = det(eye(n) + A @ B @ o)")), ("matrix", "chain", "differential")),
    Found("a second derivative of the smallest entry",
          Asked("A:n,n a:n b:3", 'hessian: {of: "min(A @ outer(a, b))", wrt: a}'), ("index", "differential")),
    Found("larger of two matrices, below a triangle's edge",
          Asked("B:n,n:positive-definite", 'jacobian: {of: L, wrt: "B[k, l]"}',
                ("o = 3*B", "L = 3*tril(maximum(B + o, B))")), ("index",)),
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
    Found("a condition turned to lie as a row",
          Asked("a:1,m u:m,1 v:m,1 w:m,1",
                'gradient: {of: "norm(where(a.T < 1 and u < 1, v*a.T, w))**2", wrt: a}'), ("index",)),
    Found("the largest of entries written in another way",
          Asked("A:3,3 B:3,3 c", "gradient: {of: L, wrt: B}",
                ("L = max((A @ B * B) @ (basis(1, 3, axis=0)/softplus(c)))",)),
          ("chain", "matrix", "index", "differential", "kronecker")),
    Found("unit vectors of a longer space",
          Asked("b:n+1 u:n", 'gradient: {of: "sum(b[i]*u[i]**2 for i in n)", wrt: b}'),
          ("differential", "kronecker", "index")),
    Found("what is used of a name held fixed",
          Asked("b:n c u:n:one-hot", "gradient: {of: L, wrt: b}",
                ("o = b/softplus(c)", "L = -sum(u*log_softmax(o*b))")), ("index", "chain")),
    Found("one entry read of an array with a domain",
          Asked("A:3,2:probability", 'gradient: {of: "o[1]", wrt: A}', ("o = logit(A)[:, 2]",)),
          ("differential", "index")),
    Found("an entry of a gradient that uses a fact",
          Asked("a:n B:n,n u:n:one-hot", 'gradient: {of: "-sum(u*log_softmax(B @ a))", wrt: "a[k]"}'),
          ("chain",)),
    Found("the smallest entry of a diagonal matrix",
          Asked("a:n", "gradient: {of: min(diag(4*a)), wrt: a}", (), "row"),
          ("chain", "differential")),
    Found("a step beside a matrix",
          Asked("B:m,n p c", 'gradient: {of: "tr(B.T @ B) - indicator(norm1(B) < p and c < 1)*c", wrt: B}'),
          ("matrix",)),
    Found("a stack of a matrix that lies otherwise",
          Asked("A:m,n B:m,n", 'gradient: {of: "vec(B).T @ commutation(n, m) @ vec(A)", wrt: A}'),
          ("chain",), ("kronecker",)),
    Found("a letter bound over another range",
          Asked("A:m,m b:m u:n+1", "gradient: {of: L, wrt: \"b[k]\"}",
                ("L = sum(sum(A[j, :] @ b * u[k] for j in m for k in n)*b[i] for i in m)",)),
          ("chain", "differential", "index")),
    Found("rows and columns that change places",
          Asked("A:n,n", "gradient: {of: L, wrt: A}",
                ("h = matrix(A[i, 1] + A[i, j] for i in n for j in n)", "L = sum(log_sigmoid(h))")),
          ("index", "chain")),
    Found("entries of a matrix read across",
          Asked("C:n,n a:n", "gradient: {of: tr(C @ (C/(2 + a**2))), wrt: C}", (), "row"), ("index", "chain")),
    Found("a condition on a row beside a matrix",
          Asked("a:n b:k A:k,n u:n w:n", "gradient: {of: L, wrt: A}",
                ("L = where(a < 0, b @ A, u)**2 @ w.T",), "row"), ("index", "chain")),
    Found("a row and a column that meet in a matrix",
          Asked("A:n,n u:n w:n", "gradient: {of: L, wrt: A}",
                ("h = sin(A)", "L = u @ arctanh(h/2) @ w.T"), "row"), ("index", "chain", "differential")),
    Found("a row drawn out of a factor beside a column",
          Asked("a:n E:n,n C:n,n c b:n", "hessian: {of: L, wrt: b}",
                ("L = (a @ E * b) @ exp(C)**c @ (a @ E * b).T",), "row"), ("index", "kronecker")),
    Found("a Kronecker product with a number",
          Asked("c b:n A:n,n", 'gradient: {of: "b.T @ kron(c, A @ A) @ b", wrt: A}'),
          ("chain", "differential", "kronecker")),
    Found("a number added to every entry",
          Asked("b:n u:n c", 'derivative: {of: "b + dot(b, u)*c", wrt: c}'), ("differential", "index")),
    Found("cases where a letter is bound already",
          Asked("a:m A:n,m", "gradient: {of: L, wrt: a}",
                ("L = sum(softmax(matrix(j*a[j] + A[i, j] for i in n for j in m), axis=1))**2",)),
          ("cases", "chain")),
    Found("an entry of a number on the way",
          Asked("a:n,1", 'gradient: {of: "arcsinh((basis(1, n, axis=1) @ a)**2)", wrt: "a[k]"}', (), "row"),
          ("chain",)),
    Found("cases of a table whose letter is free outside",
          Asked("a:m A:m,n B:m,n", "gradient: {of: L, wrt: a}",
                ("L = sum(B*log_softmax(matrix(i*a[i] + A[i, j] for i in m for j in n), axis=0))",), "row"),
          ("cases", "index")),
    Found("a shared sum that stands in a condition only",
          Asked("a:n,1 c b:n", 'gradient: {of: "logsumexp(where(log_softmax(a).T < c, b, a.T))", wrt: a}', (), "row"),
          ("cases", "chain")),
    Found("the larger of a matrix and itself",
          Asked("A:n,n", "gradient: {of: L, wrt: A}", ("h = indicator(eye(n) >= 0)*A", "L = tr(maximum(h, A))")),
          ("differential", "kronecker"), ("chain", "index")),
    Found("a soft sign of zero",
          Asked("g", "jacobian: {of: L, wrt: g}", ("o = zeros(2, 1)/g", "zeta = o.T", "L = softsign(zeta)"), "row"),
          ("index",)),
    Found("a product of sums, which one index leaves empty",
          Asked("B:n,2 u:n", 'gradient: {of: "prod(sum(u[i]*B[j, 1] for j in n if j != i) for i in n)", wrt: u}'),
          ("index", "differential", "kronecker")),
    Found("a kink at a product with a matrix of zeros",
          Asked("A:n,m B:m,m", "gradient: {of: L, wrt: B}", ("o = B @ zeros(m, n)", "L = norm1(A @ o)")),
          ("differential",), ("chain", "index")),
    Found("many sums in one line",
          Asked("A:2*m,2*m B:2*m,2*m", 'gradient: {of: L, wrt: "B[k, l]"}',
                ("h = sinh(2**A)", "L = tr(tril(h) + matrix_power(B @ B, 3))")), ("index",)),
    Found("a matrix over a row and a column",
          Asked("b:1,m A:m,n:full-rank u:n", 'differential: {of: "max(pinv(A)/(1 + u**2)/softplus(b))", wrt: A}'),
          ("differential", "kronecker")),
    Found("the other factors of a product, differentiated again",
          Asked("A:n,n c", "hessian: {of: L, wrt: \"A[k, l]\"}", ("L = prod(diag(A, axis=1))*c",)), ("index",)),
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

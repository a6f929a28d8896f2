"""Proofs and simplifications that courses ask for: proved, every line verified, and argued, not asserted."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from asked import Asked, lines, rules, why

from solver.expr.derivation import Cases, Step
from solver.language.catalogue import catalogue, saying
from solver.methods import CannotDerive
from solver.rules.rule import all_rules
from solver.typeset.page import worded

WORDS = saying({rule.name: rule.words for rule in all_rules()}, catalogue("en"))
MATRICES = "A:m,n B:n,m C:n,n x:n y:n u:n b:n c"
TALL = "X:m,n:full-rank y:m"
HAT = ("H = X @ inv(X.T @ X) @ X.T",)
CENTERING = ("H = eye(n) - ones(n, n)/n",)


@dataclass(frozen=True)
class Proof:
    """An equation to be proved, and rules that its argument has to name."""

    equation: str
    symbols: str
    define: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    def asked(self) -> Asked:
        return Asked(self.symbols, f'prove: "{self.equation}"', self.define, given=self.given)


PROOFS = (
    Proof("mean(x**2) - mean(x)**2 == mean((x - mean(x))**2)", "x:n", by=("mean term by term", "square of a sum")),
    Proof("sum((x - mean(x))**2) == sum(x**2) - n*mean(x)**2", "x:n"),
    Proof("sum((x - c)**2) == sum((x - mean(x))**2) + n*(mean(x) - c)**2", "x:n c", by=("square of a sum",)),
    Proof("mean((x - mean(x))*(y - mean(y))) == mean(x*y) - mean(x)*mean(y)", "x:n y:n", by=("mean term by term",)),
    Proof("softplus(x) - softplus(-x) == x", "x", by=("exponential out of a sum", "logarithm of a product")),
    Proof("gelu(x) - gelu(-x) == x", "x", by=("odd function",)),
    Proof("relu(x) - relu(-x) == x", "x", by=("piece by an absolute value", "even function")),
    Proof("maximum(x, y) + minimum(x, y) == x + y", "x y", by=("piece by an absolute value",)),
    Proof("sin(x)**2 + cos(x)**2 == 1", "x", by=("Pythagoras",)),
    Proof("softmax(x)[1] == sigmoid(x[1] - x[2])", "x:2", by=("term by term",)),
    Proof("softmax(vstack(a, 0)) == vstack(sigmoid(a), 1 - sigmoid(a))", "a x:n", by=("term by term",)),
    Proof("logsumexp(x) == x[1] + softplus(x[2] - x[1])", "x:2", by=("log-sum-exp", "exponential out of a sum")),
    Proof("pinv(A) @ A @ pinv(A) == pinv(A)", MATRICES, by=("pseudo-inverse beside its matrix",)),
    Proof("(A @ pinv(A)).T == A @ pinv(A)", MATRICES, by=("pseudo-inverse beside its matrix",)),
    Proof("pinv(C) == inv(C)", "C:n,n:invertible", by=("pseudo-inverse of full rank",)),
    Proof("X.T @ (X @ pinv(X) @ y - y) == zeros(n, 1)", TALL, given=("m > n",), by=("pseudo-inverse of full rank",)),
    Proof("X @ pinv(X) == eye(m)", TALL, given=("m < n",), by=("pseudo-inverse of full rank", "inverse cancels")),
    Proof("sum(p*log(p/q)) == sum(p[i]*(log(p[i]) - log(q[i])) for i in n)", "p:n:simplex q:n:positive",
          by=("logarithm of a quotient",)),
    Proof("leaky_relu(x, b) == maximum(x, b*x)", "x b::probability", by=("in this case",)),
    Proof("leaky_relu(x, a) == maximum(x, a*x)", "x a::positive", given=("a < 1",), by=("in this case",)),
    Proof("leaky_relu(v, b) == maximum(v, b*v)", "v:n b::probability", by=("in this case", "both cases")),
    Proof("elu(x, a) == relu(x) - a*relu(1 - exp(x))", "x a::positive", by=("in this case",)),
    Proof("relu(a*x) == a*relu(x)", "x a::positive", by=("in this case",)),
    Proof("softplus(x) == maximum(x, 0) + log(1 + exp(-abs(x)))", "x", by=("in this case",)),
    Proof("1 + tan(x)**2 == 1/cos(x)**2", "x", by=("trigonometry",)),
    Proof("cos(x)**4 - sin(x)**4 == cos(2*x)", "x", by=("trigonometry",)),
    Proof("sin(x + pi/2) == cos(x)", "x", by=("addition theorem",)),
    Proof("1 + tan(x)**2 == 1/cos(x)**2", "x", by=("trigonometry",)),
    Proof("cos(x)**4 - sin(x)**4 == cos(2*x)", "x", by=("trigonometry",)),
    Proof("sin(x + pi/2) == cos(x)", "x", by=("addition theorem",)),
    Proof("x.T @ Lap @ x == sum(S[i, j]*(x[i] - x[j])**2 for i in n for j in n)/2", "S:n,n:symmetric x:n",
          ("Lap = diag(S @ ones(n)) - S",), ("letters of a double sum",)),
    Proof("sum(S[i, j]*(x[i] - x[j])*(y[i] - y[j]) for i in n for j in n) == 2*x.T @ (diag(S @ ones(n)) - S) @ y",
          "S:n,n:symmetric x:n y:n", by=("letters of a double sum",)),
    Proof("log(prod(x)) == sum(log(x))", "x:n:positive", by=("logarithm of a power",)),
    Proof("H @ H == H", "x:n", CENTERING, ("distribute a matrix product", "product of ones")),
    Proof("H @ x == x - mean(x)", "x:n", CENTERING),
    Proof("H @ ones(n, 1) == zeros(n, 1)", "x:n", CENTERING),
    Proof("H @ H == H", TALL, HAT, ("inverse cancels",)),
    Proof("H @ X == X", TALL, HAT, ("inverse cancels",)),
    Proof("tr(H) == n", TALL, HAT, ("cyclic trace to cancel",)),
    Proof("(eye(m) - H) @ (eye(m) - H) == eye(m) - H", TALL, HAT, ("distribute a matrix product",)),
    Proof("X.T @ (y - X @ w) == zeros(n, 1)", TALL, ("w = inv(X.T @ X) @ X.T @ y",), ("inverse cancels",)),
    Proof("Q @ Q == eye(n)", "u:n", ("Q = eye(n) - 2*u @ u.T/(u.T @ u)",), ("distribute a matrix product",)),
    Proof("det(C + u @ y.T) == det(C)*(1 + y.T @ inv(C) @ u)", "C:n,n:invertible u:n y:n",
          by=("matrix out of a determinant", "Sylvester's determinant identity")),
    Proof("det(eye(m) + A @ B) == det(eye(n) + B @ A)", MATRICES, by=("Sylvester's determinant identity",)),
    Proof("norm(x + y)**2 + norm(x - y)**2 == 2*norm(x)**2 + 2*norm(y)**2", MATRICES,
          by=("squared norm as a product", "distribute a matrix product")),
    Proof("dot(x, y) == (norm(x + y)**2 - norm(x - y)**2)/4", MATRICES, by=("squared norm as a product",)),
    Proof("norm(c*x) == abs(c)*norm(x)", MATRICES, by=("norm of a multiple",)),
    Proof("norm(x @ y.T) == norm(x)*norm(y)", MATRICES, by=("norm of an outer product",)),
    Proof("tr(Q.T @ C @ Q) == tr(C)", "Q:n,n:orthogonal C:n,n", by=("cyclic trace to cancel", "orthogonal")),
    Proof("tr(S @ (C - C.T)) == 0", "S:n,n:symmetric C:n,n", by=("trace of the transpose",)),
    Proof("diag(x) @ C @ diag(y) == (x @ y.T)*C", MATRICES, by=("diagonal matrices around a matrix",)),
    Proof("tr(A @ C @ A.T @ D) == vec(A).T @ kron(C.T, D) @ vec(A)", "A:m,n C:n,n D:m,m"),
    Proof("x.T @ P @ x - 2*(b.T @ x) == (x - inv(P) @ b).T @ P @ (x - inv(P) @ b) - b.T @ inv(P) @ b",
          "x:n b:n P:n,n:positive-definite", by=("symmetric",)),
    Proof("sum(x[i]*y[i] for i in n) == x.T @ y", MATRICES, by=("sum as a product",)),
    Proof("sum(p*log(p/q)) == sum(p*log(p)) - sum(p*log(q))", "p:n:positive q:n:positive",
          by=("logarithm of a quotient",)),
    Proof("KL == CE - H", "p:n:simplex q:n:simplex",
          ("KL = sum(p*log(p/q))", "CE = -sum(p*log(q))", "H = -sum(p*log(p))"), ("logarithm of a quotient",)),
    Proof("-sum(y*log(softmax(z))) == logsumexp(z) - dot(y, z)", "y:n:one-hot z:n", by=("sums to one",)),
    Proof("-sum(y*log(p)) == sum(p*(log(p) - log(q))) - sum(p*log(p)) + sum(p*log(q)) - sum(y*log(p))",
          "p:n:positive q:n:positive y:n"),
    Proof("A @ inv(eye(n) + B @ A) == inv(eye(m) + A @ B) @ A", MATRICES,
          by=("insert a sum and its inverse", "term of a sum beside its inverse", "opposite terms")),
    Proof("inv(X.T @ X + lam*eye(n)) @ X.T == X.T @ inv(X @ X.T + lam*eye(m))", "X:m,n lam::positive",
          by=("insert a sum and its inverse",)),
    Proof("inv(C + U @ E @ V) == inv(C) - inv(C) @ U @ inv(inv(E) + V @ inv(C) @ U) @ V @ inv(C)",
          "C:n,n:invertible U:n,k E:k,k:invertible V:k,n", by=("term of a sum beside its inverse",)),
    Proof("inv(C + u @ v.T) == inv(C) - inv(C) @ u @ v.T @ inv(C)/(1 + v.T @ inv(C) @ u)",
          "C:n,n:invertible u:n v:n", by=("insert a sum and its inverse",)),
    Proof("inv(A + B) == inv(A) @ inv(inv(A) + inv(B)) @ inv(B)", "A:n,n:invertible B:n,n:invertible"),
    Proof("inv(inv(A) + inv(B)) == A @ inv(A + B) @ B", "A:n,n:invertible B:n,n:invertible"),
    Proof("D(x*sigmoid(x), x) == f + sigmoid(x)*(1 - f)", "x", ("f = x*sigmoid(x)",), ("product rule",)),
    Proof("D(sigmoid(x), x) == sigmoid(x)*sigmoid(-x)", "x", by=("reciprocal rule",)),
    Proof("D(x.T @ C @ x, x) == (C + C.T) @ x", MATRICES),
    Proof("D(D(norm(A @ x - b)**2, x), x) == 2*A.T @ A", "A:m,n b:m x:n"),
    Proof("D(sigmoid(x), x) + D(sigmoid(-x), x) == 0", "x"),
    Proof("logit(sigmoid(x)) == x", "x", by=("one fraction in a logarithm",)),
    Proof("sigmoid(logit(q)) == q", "q::probability", by=("exponential of a logarithm",)),
    Proof("sigmoid(x) == (1 + tanh(x/2))/2", "x", by=("definition of a function",)),
    Proof("x.T @ (A*E) @ y == tr(diag(x) @ A @ diag(y) @ E.T)", "A:m,n E:m,n x:m y:n",
          by=("number by entries", "collapse the delta")),
    Proof("tr(A @ (B*E)) == tr((A.T*B).T @ E)", "A:n,m B:m,n E:m,n", by=("sum over entries",)),
    Proof("norm(X @ w - y)**2 == sum((X[i, :] @ w - y[i])**2 for i in m)", "X:m,n w:n y:m", by=("number by entries",)),
    Proof("sum((x[i] - x[j])**2 for i in n for j in n) == 2*n*sum((x[i] - mean(x))**2 for i in n)", "x:n",
          by=("square of a sum",)),
    Proof("vec(x @ y.T) == kron(y, x)", "x:m y:n"),
    Proof("kron(C + E, A) == kron(C, A) + kron(E, A)", "A:m,n C:n,n E:n,n", by=("linear map term by term",)),
    Proof("vec(A.T) == commutation(m, n) @ vec(A)", MATRICES, by=("stack of a transpose",)),
    Proof("kron(A, kron(B, C)) == kron(kron(A, B), C)", MATRICES, by=("Kronecker product of three",)),
    Proof("inv(eye(n) + inv(C)) == C @ inv(C + eye(n))", "C:n,n:invertible", by=("insert a sum and its inverse",)),
    Proof("y.T @ y - y.T @ H @ y == norm(y - H @ y)**2", TALL, HAT, ("inverse cancels", "symmetric")),
    Proof("sum(2*k - 1 for k in n) == n**2", "x:n", by=("sum of powers",)),
    Proof("cos(x + y) == cos(x)*cos(y) - sin(x)*sin(y)", "x y", by=("addition theorem",)),
    Proof("cos(2*x) == 1 - 2*sin(x)**2", "x", by=("addition theorem", "Pythagoras")),
    Proof("(a*b)**t == a**t*b**t", "a::positive b::positive t", by=("power of a product of positive numbers",)),
    Proof("exp(t*log(a)) == a**t", "a::positive t", by=("exponential of a logarithm",)),
    Proof("abs(x*y) == abs(x)*abs(y)", "x y", by=("absolute value of a product",)),
    Proof("softmax(log(p)) == p", "p:n:simplex", by=("entries sum to one",)),
    Proof("log(exp(x)/(exp(x) + exp(y))) == -softplus(y - x)", "x y", by=("exponential out of a sum",)),
    Proof("det(Q)**2 == 1", "Q:n,n:orthogonal", by=("determinant of an orthogonal matrix",)),
    Proof("inv(diag(x)) @ x == ones(n, 1)", "x:n:nonzero", by=("function of a diagonal matrix",)),
)  # fmt: skip


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.equation)
def test_a_proof_is_found_and_argued(proof: Proof, tmp_path: Path):
    derivation, judgement = proof.asked().by("identity", tmp_path)
    assert judgement.verdict == "verified", (lines(derivation), why(judgement))
    assert set(proof.by) <= _named(derivation.blocks), rules(derivation)
    assert all(worded(step.reason, WORDS, {}) for step in _steps(derivation.blocks))


def _named(blocks) -> set[str]:  # type: ignore[no-untyped-def]
    """The rules that a derivation names, in its lines and in their details."""
    return {step.reason.rule for step in _steps(blocks)}


def _steps(blocks) -> list[Step]:  # type: ignore[no-untyped-def]
    """Every step, the details too."""
    chains = [chain for block in blocks for chain in (block.chains if isinstance(block, Cases) else (block,))]
    waiting = [step for chain in chains for step in chain.steps]
    found = []
    while waiting:
        step = waiting.pop()
        found.append(step)
        waiting += step.children
    return found


def test_a_piece_without_a_sign_is_left_alone(tmp_path: Path):
    # a slope above 1 makes the other branch the larger one
    with pytest.raises(CannotDerive):
        Proof("leaky_relu(x, a) == maximum(x, a*x)", "x a::positive").asked().by("identity", tmp_path)


def test_a_sum_is_multiplied_out_before_its_terms_cancel(tmp_path: Path):
    derivation, _ = Proof("H @ H == H", "x:n", CENTERING).asked().by("identity", tmp_path)
    assert len(lines(derivation)) > 3, lines(derivation)


@pytest.mark.parametrize("equation", ["x.T @ C @ x == 0", "norm(x)**2 == sum(x)**2", "det(C + C) == 2*det(C)"])
def test_what_is_not_so_is_not_proved(equation: str, tmp_path: Path):
    with pytest.raises(CannotDerive, match="no chain of rules"):
        Proof(equation, MATRICES).asked().by("identity", tmp_path)


def test_a_trace_of_a_product_turns_round(tmp_path: Path):
    derivation, judgement = Asked("A:m,n B:n,m", "prove: tr(A @ B) == tr(B @ A)").by("identity", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert rules(derivation) == ["cyclic trace"]


FRACTIONS = (
    ("tanh(x) == 2*sigmoid(2*x) - 1", ["expand the fraction", "add and subtract", "split the fraction"]),
    ("(exp(2*x) - 1)/(exp(2*x) + 1) == tanh(x)", ["expand the fraction"]),
    ("cosh(x)**2 + sinh(x)**2 == cosh(2*x)", ["common denominator", "multiply out"]),
    ("tanh(2*x) == 2*tanh(x)/(1 + tanh(x)**2)", ["expand the fraction", "factor", "split the fraction"]),
    ("sigmoid(x)*(1 - sigmoid(x)) == (1 - tanh(x/2)**2)/4", ["common denominator", "expand the fraction"]),
    ("1 - tanh(x)**2 == 1/cosh(x)**2", ["common denominator", "multiply out"]),
)  # fmt: skip


@pytest.mark.parametrize(("equation", "named"), FRACTIONS)
def test_quotients_of_exponentials_do_not_meet_in_a_leap(equation: str, named: list[str], tmp_path: Path):
    derivation, judgement = Asked("x", f'prove: "{equation}"').by("identity", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    said = rules(derivation)
    assert [rule for rule in named if rule not in said] == [], lines(derivation)


def test_quotients_of_other_things_meet_as_before(tmp_path: Path):
    derivation, judgement = Asked("x y", 'prove: "exp(x)/(exp(x) + exp(y)) == sigmoid(x - y)"').by("identity", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "expand the fraction" not in rules(derivation)

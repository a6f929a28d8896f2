"""The table of functions against the judge: every definition, every derivative, and their wrong neighbours."""

from __future__ import annotations

import pytest
from check_helpers import desk

from solver.check.balls import PRIMITIVES
from solver.check.calls import MATRICES, SPECIAL
from solver.check.evaluate import Evaluator
from solver.check.meaning import Meaning
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Call, D, Neg, Sym, mul, num
from solver.expr.read import Scope, read

PARAMETERS = desk({"x": "", "a": "", "b": ""})
SLOPES = [
    (function, number)
    for function in FUNCTIONS.values()
    if function.kind == "elementwise"
    for number in range(len(function.derivative))
    # the derivative of an indicator by its condition means nothing
    if function.params != ("c",)
]


def _slope(function, number):
    names = {name: Sym(name) for name in function.params}
    return read(function.derivative[number], Scope(names))


def _call(function):
    return Call(function.name, tuple(Sym(name) for name in function.params))


def _equal(lhs, rhs):
    from solver.check.judge import equal

    return equal(PARAMETERS.problem, lhs, rhs)


@pytest.mark.parametrize(("function", "number"), SLOPES, ids=lambda x: getattr(x, "name", x))
def test_the_tables_derivative_is_the_derivative(function, number):
    lhs = D(_call(function), Sym(function.params[number]))
    found = _equal(lhs, _slope(function, number))
    assert found.verdict == "verified", found.message


@pytest.mark.parametrize(("function", "number"), SLOPES, ids=lambda x: getattr(x, "name", x))
def test_a_wrong_sign_or_factor_in_the_table_would_be_caught(function, number):
    lhs = D(_call(function), Sym(function.params[number]))
    slope = _slope(function, number)
    flat = slope == num(0)
    for wrong in (num(1),) if flat else (Neg(slope), mul(num(2), slope), num(0)):
        assert _equal(lhs, wrong).verdict == "wrong", wrong


@pytest.mark.parametrize(
    "name", [f.name for f in FUNCTIONS.values() if f.kind == "elementwise" and f.definition is not None]
)
def test_a_function_equals_its_definition_and_not_its_double(name):
    function = FUNCTIONS[name]
    definition = read(function.definition or "", Scope({param: Sym(param) for param in function.params}))
    if name != "sign":
        assert _equal(_call(function), definition).verdict == "verified"
    assert _equal(_call(function), mul(num(2), definition)).verdict == "wrong"


def test_every_function_of_the_table_has_a_meaning_here():
    known = set(PRIMITIVES) | set(SPECIAL) | set(MATRICES)
    lacking = [f.name for f in FUNCTIONS.values() if f.definition is None and f.name not in known]
    assert lacking == []
    assert set(PRIMITIVES) <= FUNCTIONS.keys()
    assert known <= FUNCTIONS.keys()


def test_the_derivative_column_is_not_read():
    """The judge judges the table; it must not learn from it."""
    from pathlib import Path

    import solver.check

    for module in sorted(Path(solver.check.__file__).parent.glob("*.py")):
        text = module.read_text()
        for line in text.splitlines():
            assert ".derivative" not in line or "shapes.derivative" in line, f"{module.name}: {line}"


MATRIX = desk(
    {"x": "1 n", "u": "1 n", "c": "n 1", "A": "m n", "B": "n m", "S": "n n", "P": "k n", "t": ""},
)
IDENTITIES = [
    # function, left, right, wrong
    ("softmax", "softmax(x)", "exp(x)/sum(exp(x))", "exp(x)"),
    ("softmax", "softmax(A)[2, :]", "softmax(A[2, :])", "softmax(A[1, :])"),
    ("softmax", "sum(softmax(A), axis=1)", "ones(m, 1)", "0 * ones(m, 1)"),
    ("softmax", "D(softmax(x), x)", "diag(softmax(x)) - softmax(x).T @ softmax(x)", "diag(softmax(x))"),
    ("log_softmax", "log_softmax(x)", "log(softmax(x))", "softmax(x)"),
    ("log_softmax", "D(log_softmax(x), x)", "eye(n) - ones(n, 1) @ softmax(x)", "eye(n) - softmax(x).T @ ones(1, n)"),
    ("logsumexp", "logsumexp(x)", "log(sum(exp(x)))", "sum(x)"),
    ("logsumexp", "D(logsumexp(x), x)", "softmax(x)", "exp(x)"),
    ("sum", "sum(A)", "ones(1, m) @ A @ ones(n, 1)", "sum(B @ A)"),
    ("sum", "sum(A, axis=0)", "ones(1, m) @ A", "A[1, :]"),
    ("sum", "sum(A, axis=1)", "A @ ones(n, 1)", "A[:, 1]"),
    ("prod", "D(prod(x), x)", "prod(x) / x", "prod(x) * x"),
    ("prod", "prod(A, axis=0)[1]", "prod(A[:, 1])", "prod(A[:, 2])"),
    ("mean", "mean(A)", "sum(A)/(m*n)", "sum(A)/n"),
    ("mean", "mean(A, axis=0)", "sum(A, axis=0)/m", "sum(A, axis=0)/n"),
    ("max", "max(x)", "-min(-x)", "min(x)"),
    ("max", "max(A, axis=1)[2]", "max(A[2, :])", "max(A[1, :])"),
    ("max", "sum(D(max(x), x))", "1", "n"),
    ("min", "min(t * ones(1, n) + x)", "t + min(x)", "min(x)"),
    ("tr", "tr(A @ B)", "tr(B @ A)", "tr(A @ B) + t"),
    ("tr", "D(tr(S @ S), S)", "2 * S.T", "2 * S"),
    ("det", "det(S @ S)", "det(S)**2", "det(S)"),
    ("det", "det(t * S)", "t**n * det(S)", "t * det(S)"),
    ("det", "D(det(S), S)", "det(S) * inv(S).T", "det(S) * inv(S)"),
    ("logdet", "logdet(S.T @ S)", "2 * logdet(S)", "logdet(S)"),
    ("logdet", "D(logdet(S), S)", "inv(S).T", "inv(S)"),
    ("inv", "inv(S) @ S", "eye(n)", "2 * eye(n)"),
    ("inv", "D(inv(S), S)", "-kron(inv(S).T, inv(S))", "kron(inv(S).T, inv(S))"),
    ("pinv", "A @ pinv(A) @ A", "A", "2 * A"),
    ("pinv", "pinv(A).T", "pinv(A.T)", "A"),
    ("matrix_power", "matrix_power(S, 3)", "S @ S @ S", "S @ S"),
    ("matrix_power", "matrix_power(S, -1)", "inv(S)", "S"),
    ("matrix_power", "D(tr(matrix_power(S, 3)), S)", "3 * matrix_power(S, 2).T", "3 * matrix_power(S, 2)"),
    ("norm", "norm(A)**2", "tr(A.T @ A)", "norm(A)"),
    ("norm", "D(norm(x), x)", "x / norm(x)", "x"),
    ("norm1", "norm1(x)", "sum(abs(x))", "abs(sum(x))"),
    ("norm1", "D(norm1(x), x)", "sign(x)", "ones(1, n)"),
    ("dot", "dot(x, c)", "x @ c", "2 * dot(x, c)"),
    ("dot", "D(dot(x, x), x)", "2 * x", "x"),
    ("outer", "outer(x, u)", "x.T @ u", "u.T @ x"),
    ("diag", "diag(x)", "x.T * eye(n)", "ones(n, n) * x"),
    ("diag", "diag(S)[2]", "S[2, 2]", "S[1, 1]"),
    ("diag", "D(tr(diag(x)), x)", "ones(1, n)", "x"),
    ("vec", "vec(A @ S)", "kron(S.T, eye(m)) @ vec(A)", "kron(S, eye(m)) @ vec(A)"),
    ("kron", "kron(A, x)[1, 1]", "A[1, 1] * x[1]", "A[1, 1] * x[2]"),
    ("kron", "kron(A, B).T", "kron(A.T, B.T)", "kron(B.T, A.T)"),
    ("tril", "tril(S) + tril(S.T).T - S", "diag(diag(S))", "S"),
    ("tril", "D(sum(tril(S)), S)", "tril(ones(n, n))", "tril(ones(n, n)).T"),
    ("hstack", "hstack(S, A.T)", "vstack(S.T, A).T", "hstack(S, A.T) * 2"),
    ("vstack", "vstack(A, P) @ c", "vstack(A @ c, P @ c)", "vstack(A @ c, -P @ c)"),
    ("ones", "ones(m, n) * t", "t + zeros(m, n)", "zeros(m, n)"),
    ("zeros", "zeros(m, n) + A", "A", "zeros(m, n)"),
    ("eye", "eye(m) @ A @ eye(n)", "A", "2 * A"),
    ("basis", "basis(i, n)[j]", "delta(i, j)", "1"),
    ("basis", "x @ basis(i, n).T", "x[i]", "x[j]"),
    ("commutation", "commutation(m, n) @ vec(A)", "vec(A.T)", "vec(A)"),
    ("delta", "sum(delta(i, l) * x[l] for l in n)", "x[i]", "x[j]"),
    ("indicator", "indicator(x > 0) * abs(x)", "relu(x)", "abs(x)"),
    ("where", "where(x > 0, x, 0 * x)", "relu(x)", "x"),
    ("where", "D(where(t > 0, t**2, -t), t)", "where(t > 0, 2*t, -1)", "2*t"),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "wrong"), [row[1:] for row in IDENTITIES], ids=[row[0] for row in IDENTITIES])
def test_functions_of_matrices_and_along_samples(lhs, rhs, wrong):
    right = MATRIX.equal(lhs, rhs, i="n", j="n")
    assert right.verdict == "verified", right.message
    assert MATRIX.equal(lhs, wrong, i="n", j="n").verdict == "wrong"


def test_every_function_of_matrices_is_in_the_list():
    others = {f.name for f in FUNCTIONS.values() if f.kind != "elementwise"} | {"indicator", "where"}
    assert {row[0] for row in IDENTITIES} == others


def test_column_vectors_and_batches_lie_the_other_way():
    columns = desk({"x": "n 1", "X": "n m"}, layout="column")
    assert columns.equal("softmax(X)[:, 2]", "softmax(X[:, 2])").verdict == "verified"
    assert columns.equal("D(softmax(x), x)", "diag(softmax(x)) - softmax(x) @ softmax(x).T").verdict == "verified"
    assert columns.equal("sum(softmax(X), axis=1)", "ones(n, 1)").verdict == "wrong"


def test_definitions_are_read_once_and_not_for_all_time():
    """Caches belong to a judgement, not to the module."""
    meaning = Meaning.of(PARAMETERS.problem)
    assert meaning.body("tanh", None) is meaning.body("tanh", None)
    assert meaning.plain.body("tanh", None) is meaning.body("tanh", None)
    other = Meaning.of(PARAMETERS.problem)
    assert other._bodies == {}
    assert isinstance(Evaluator, type)

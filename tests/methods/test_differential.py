"""The route `differential`: dJ to tr(GᵀdX), every line verified; Jacobians, Hessians; what it says where it cannot."""

from pathlib import Path

import pytest
from asked import Asked, lines, rules, why
from gradients import GRADIENTS, Case

from solver.check.judge import judge
from solver.expr.derivation import Chain, Fact
from solver.expr.nodes import Add, D, Div, Sym, walk
from solver.expr.write import write
from solver.methods import CannotDerive, Established, derive

NETWORK = (
    "z = x @ W1 + b1", "h = sigmoid(z)", "theta = h @ W2 + b2", "yhat = softmax(theta)", "J = -sum(y*log(yhat))",
)  # fmt: skip
LAYERS = "x:Dx W1:Dx,H b1:H W2:H,Dy b2:Dy"


def network(wrt: str, answer: str = "", trait: str = ":one-hot") -> Asked:
    return Asked(f"{LAYERS} y:Dy{trait}", f"gradient: {{of: J, wrt: {wrt}}}", NETWORK, "row", answer)


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: case.name)
def test_every_gradient_of_the_table(case: Case, tmp_path: Path):
    problem = case.problem(tmp_path)
    derivation = derive(problem, problem.parts[0], "differential")
    judgement = judge(problem, problem.parts[0], derivation)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize(
    ("wrt", "answer"),
    [
        ("W2", "h.T @ (yhat - y)"),
        ("b2", "yhat - y"),
        ("W1", "x.T @ ((yhat - y) @ W2.T*h*(1 - h))"),
        ("b1", "(yhat - y) @ W2.T*h*(1 - h)"),
        ("x", "((yhat - y) @ W2.T*h*(1 - h)) @ W1.T"),
    ],
)
def test_one_hidden_layer(wrt: str, answer: str, tmp_path: Path):
    _, judgement = network(wrt, answer).by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert Fact("y", "sums-to-one") in judgement.traits_used


def test_the_argument_reads_as_a_teacher_writes_it(tmp_path: Path):
    derivation, _ = network("W1").by("differential", tmp_path)
    assert lines(derivation) == [
        "d(J)",
        "-sum(y*(d(theta) - sum(yhat*d(theta))))",
        "-sum(y*d(theta)) + sum(y)*sum(yhat*d(theta))",
        "-sum(y*d(theta)) + sum(yhat*d(theta))",
        "sum((yhat - y)*d(theta))",
        "tr((yhat - y).T @ d(theta))",
        "tr((yhat - y).T @ d(h) @ W2)",
        "tr(W2 @ (yhat - y).T @ d(h))",
        "tr(W2 @ (yhat - y).T @ (h*(1 - h)*d(z)))",
        "tr(((yhat - y) @ W2.T * h * (1 - h)).T @ d(z))",
        "tr(((yhat - y) @ W2.T * h * (1 - h)).T @ x @ d(W1))",
        "tr((x.T @ ((yhat - y) @ W2.T * h * (1 - h))).T @ d(W1))",
        "D(J, W1)",
        "x.T @ ((yhat - y) @ W2.T * h * (1 - h))",
    ]
    assert rules(derivation)[:2] == ["log of the softmax", "multiply out"]
    assert rules(derivation)[6:9] == ["cyclic trace", "entrywise function shown", "trace of a Hadamard product"]


def test_a_gradient_that_the_differential_went_through_is_not_worked_out_again(tmp_path: Path):
    asked = network("W1")
    first, _ = asked.by("differential", tmp_path)
    shown = Established.of("first", first, asked.problem(tmp_path).define)
    for route, line in (
        ("differential", "tr((yhat - y).T @ d(theta))"),
        ("kronecker", "vec(yhat - y).T @ vec(d(theta))"),
    ):
        second, judgement = network("W2").by(route, tmp_path, shown)
        assert judgement.verdict == "verified", why(judgement)
        assert lines(second)[1] == line
        assert rules(second)[0] == "part (first)"


def test_without_the_trait_nothing_is_assumed(tmp_path: Path):
    derivation, judgement = network("theta", trait="").by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == "sum(y)*yhat - y"


def test_an_earlier_part_is_put_in(tmp_path: Path):
    asked = network("W2")
    define = asked.problem(tmp_path).define
    loss, theta = (Sym(name, define[name].shape) for name in ("J", "theta"))
    result, _ = network("theta").by("differential", tmp_path)
    known = Established("b", D(loss, theta), result.result, (Fact("y", "sums-to-one"),))
    derivation, judgement = asked.by("differential", tmp_path, (known,))
    assert judgement.verdict == "verified", why(judgement)
    assert rules(derivation)[0] == "part (b)"
    assert len(lines(derivation)) == 6


def test_an_earlier_part_that_is_not_all_of_the_loss_is_not_put_in(tmp_path: Path):
    ridge = Asked(
        "x:n W:n,m y:m:one-hot",
        "gradient: {of: J, wrt: W}",
        ("z = x @ W", "J = -sum(y*log(softmax(z))) + sum(W**2)"),
        "row",
    )
    define = ridge.problem(tmp_path).define
    wrong = Established("a", D(Sym("J"), Sym("z", define["z"].shape)), define["z"], ())
    derivation, judgement = ridge.by("differential", tmp_path, (wrong,))
    assert judgement.verdict == "verified", why(judgement)
    assert "part (a)" not in rules(derivation)


JACOBIANS = (
    ("x:n", "softmax(x)", "row", "diag(softmax(x)) - softmax(x).T @ softmax(x)"),
    ("x:n", "softmax(x)", "column", "diag(softmax(x)) - softmax(x) @ softmax(x).T"),
    ("x:n", "log_softmax(x)", "row", "eye(n) - ones(n, 1) @ softmax(x)"),
    ("x:n W:n,m b:m", "sigmoid(x @ W + b)", "row", "diag(sigmoid(x @ W + b)*(1 - sigmoid(x @ W + b))) @ W.T"),
    ("x:n", "x/norm(x)", "column", "(eye(n) - x @ x.T/norm(x)**2)/norm(x)"),
    ("x:n A:n,n", "(x.T @ A @ x)*x", "column", "x @ x.T @ A.T + x @ x.T @ A + (x.T @ A @ x)*eye(n)"),
    ("x:n y:m", "vstack(x, y)", "column", "vstack(eye(n), zeros(m, n))"),
    ("x:n f:function", "f(x)", "column", "diag(f_prime(x))"),
)


@pytest.mark.parametrize(("symbols", "of", "layout", "answer"), JACOBIANS)
def test_jacobians(symbols: str, of: str, layout: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'jacobian: {{of: "{of}", wrt: x}}', (), layout, answer)
    _, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_the_derivative_of_a_matrix_by_a_number(tmp_path: Path):
    asked = Asked(
        "A:n,n B:n,n t", 'jacobian: {of: "inv(A + t*B)", wrt: t}', (), "column", "-(inv(A + t*B) @ B @ inv(A + t*B))"
    )
    _, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


HESSIANS = (
    ("A:m,n x:n b:m", "norm(A @ x - b)**2", "x", (), "2*A.T @ A"),
    ("A:n,n x:n", "x.T @ A @ x", "x", (), "A + A.T"),
    ("A:n,n:symmetric x:n", "x.T @ A @ x", "x", (), "2*A"),
    ("x:n", "logsumexp(x)", "x", (), "diag(softmax(x)) - softmax(x) @ softmax(x).T"),
    ("x:n y:m A:n,m", "x.T @ A @ y", "[x, y]", (), "A"),
    ("x", "exp(x**2)", "x", (), ""),
    (
        "X:n,d w:d y:n",
        "L",
        "w",
        ("p = sigmoid(X @ w)", "L = -sum(y*log(p) + (1 - y)*log(1 - p))"),
        "X.T @ diag(p*(1 - p)) @ X",
    ),
    ("A:m,d x:d b:m", "sum(log(cosh(A @ x - b)))", "x", (), "A.T @ diag(1 - tanh(A @ x - b)**2) @ A"),
)


@pytest.mark.parametrize(("symbols", "of", "wrt", "define", "answer"), HESSIANS)
def test_hessians(symbols: str, of: str, wrt: str, define: tuple[str, ...], answer: str, tmp_path: Path):
    asked = Asked(symbols, f'hessian: {{of: "{of}", wrt: {wrt}}}', define, "column", answer)
    _, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


DIFFERENTIALS = (
    ("h:H W:H,m b:m", "h @ W + b", "[h, W, b]", "d(h) @ W + h @ d(W) + d(b)"),
    ("X:n,n A:n,n", "inv(X) @ A", "[X]", "-(inv(X) @ d(X) @ inv(X) @ A)"),
    ("X:n,n", "logdet(X)", "[X]", "tr(inv(X) @ d(X))"),
    ("x:n y:n", "x @ y.T", "[x, y]", ""),
)


@pytest.mark.parametrize(("symbols", "of", "wrt", "answer"), DIFFERENTIALS)
def test_differentials(symbols: str, of: str, wrt: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'differential: {{of: "{of}", wrt: {wrt}}}', (), "row", answer)
    derivation, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert len(derivation.variables) == wrt.count(",") + 1


STRUCTURED = (
    ("X:n,n:symmetric", "logdet(X)", "2*inv(X) - eye(n)*inv(X)"),
    ("X:n,n:symmetric A:n,n", "tr(A @ X)", "A + A.T - eye(n)*A"),
)


@pytest.mark.parametrize(("symbols", "of", "answer"), STRUCTURED)
def test_the_entries_of_a_symmetric_matrix_counted_once(symbols: str, of: str, answer: str, tmp_path: Path):
    asked = Asked(symbols, f'gradient: {{of: "{of}", wrt: X, structured: true}}', (), "column", answer)
    _, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def deep(layers: int) -> Asked:
    values = [f"h{k} = tanh({f'h{k - 1}' if k > 1 else 'x'} @ W{k})" for k in range(1, layers + 1)]
    weights = " ".join(f"W{k}:n,n" for k in range(1, layers + 1))
    return Asked(f"x:n {weights}", "gradient: {of: J, wrt: W1}", (*values, f"J = sum(h{layers}**2)"), "row")


def test_long_gradients_get_names_and_the_argument_grows_with_the_layers_only(tmp_path: Path):
    sizes = []
    for layers in (4, 8, 16):
        derivation, judgement = deep(layers).by("differential", tmp_path)
        assert judgement.verdict == "verified", why(judgement)
        chains = [block for block in derivation.blocks if isinstance(block, Chain)]
        assert any(chain.name is not None for chain in chains)
        before_the_end = [line for chain in chains[:-1] for line in (write(step.rhs) for step in chain.steps)]
        sizes.append(sum(map(len, before_the_end)))
    assert sizes[2] - sizes[1] < 2.5 * (sizes[1] - sizes[0])


REFUSED = (
    ("X:n,n a:n", 'jacobian: {of: "X @ a", wrt: X}', "stacked"),
    ("X:n,n", 'hessian: {of: "logdet(X)", wrt: X}', "stack"),
    ("x:n A:n,n", 'gradient: {of: "tr(A)", wrt: A, structured: true}', "symmetric"),
)


@pytest.mark.parametrize(("symbols", "ask", "names"), REFUSED)
def test_what_it_cannot_do_it_says(symbols: str, ask: str, names: str, tmp_path: Path):
    with pytest.raises(CannotDerive, match=names):
        Asked(symbols, ask).by("differential", tmp_path)


def test_a_broken_line_is_caught(tmp_path: Path):
    from dataclasses import replace

    from solver.expr.nodes import Transpose

    asked = Asked("A:n,n X:n,n", 'gradient: {of: "tr(A @ X)", wrt: X}')
    problem = asked.problem(tmp_path)
    derivation = derive(problem, problem.parts[0], "differential")
    last = derivation.blocks[-1]
    assert isinstance(last, Chain)
    wrong = Transpose(last.result)
    steps = (*last.steps[:-1], replace(last.steps[-1], rhs=wrong, after=wrong))
    broken = replace(derivation, blocks=(*derivation.blocks[:-1], replace(last, steps=steps)), result=wrong)
    assert judge(problem, problem.parts[0], broken).verdict == "wrong"


def test_a_number_goes_into_a_fraction_and_logarithms_say_what_they_are(tmp_path: Path):
    ridge, judgement = Asked("x:n a:", 'gradient: {of: "a/2*norm(x)**2", wrt: x}').by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert lines(ridge)[1] == "a*sum(x*d(x))"
    sigmoid, judgement = Asked("x:n", "gradient: {of: sum(log(sigmoid(x))), wrt: x}").by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert rules(sigmoid)[0] == "log sigmoid"


def test_fractions_are_not_nested_and_what_is_zero_goes_at_once(tmp_path: Path):
    """Layer normalisation: one bar a term, and no `dμ` through the variance, where deviations sum to zero."""
    define = ("m = mean(x)", "v = mean((x - m)**2)", "u = (x - m)/sqrt(v + c)", "L = sum((g*u - t)**2)")
    asked = Asked("x:D g:D t:D c::positive", "gradient: {of: L, wrt: x}", define, "row")
    derivation, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    steps = [step for block in derivation.blocks if isinstance(block, Chain) for step in block.steps]
    terms = [term for step in steps if isinstance(step.rhs, Add) for term in step.rhs.args]
    assert len(terms) > 8
    for term in terms:
        bars = [part for part in walk(term) if isinstance(part, Div)]
        assert not any(isinstance(inner, Div) for bar in bars for child in bar.children for inner in walk(child)), term
    zero = next(k for k, step in enumerate(steps) if step.reason.rule == "deviations from a mean")
    assert not any("sum(x - m)" in write(step.rhs) for step in steps[zero:])
    assert zero < len(steps) - 4


def test_constants_beside_a_vector_leave_no_zeros(tmp_path: Path):
    asked = Asked("X:d,n mu:d S:d,d", "gradient: {of: l, wrt: mu}", ("R = X - mu", "l = tr(R.T@S@R)"))
    derivation, judgement = asked.by("kronecker", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert not any("zeros" in line for line in lines(derivation))

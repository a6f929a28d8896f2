"""Every gradient of the table, by the routes that go from the loss back: all lines verified, all routes agreeing."""

from dataclasses import replace
from pathlib import Path

import pytest
from asked import Asked, lines, rules, why
from gradients import GRADIENTS, Case

from solver.check.code import verdict as run_code
from solver.check.judge import equal, judge
from solver.expr.nodes import Dif, Sym
from solver.expr.write import write
from solver.methods import CannotDerive, derive
from solver.methods.argument import Argument
from solver.methods.differential import step
from solver.methods.walk import Walk
from solver.rules.setting import Setting


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: case.name)
def test_chain(case: Case, tmp_path: Path):
    problem = case.problem(tmp_path)
    part = problem.parts[0]
    derivation = derive(problem, part, "chain")
    judgement = judge(problem, part, derivation)
    wrong = [line.message for line in judgement.lines if line.verdict != "verified"]
    assert judgement.verdict == "verified", (judgement.replay_errors, wrong)


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: case.name)
def test_matrix_agrees_with_chain_or_says_what_it_met(case: Case, tmp_path: Path):
    problem = case.problem(tmp_path)
    part = problem.parts[0]
    try:
        derivation = derive(problem, part, "matrix")
    except CannotDerive as refusal:
        if "`" not in str(refusal):
            pytest.fail(f"a refusal names what it met: {refusal}")
        return
    judgement = judge(problem, part, derivation)
    assert judgement.verdict == "verified", judgement.replay_errors
    if case.answer:
        return  # both have reached it
    other = derive(problem, part, "chain")
    facts = judgement.traits_used
    assert equal(problem, derivation.result, other.result, part=part, facts=facts).verdict == "verified"


@pytest.mark.parametrize("route", ["chain", "matrix", "index"])
@pytest.mark.parametrize(
    ("of", "answer"), [("tr(A @ X)", "A + A.T - eye(n)*A"), ("a.T @ X @ a", "2*a @ a.T - diag(a**2)")]
)
def test_the_entries_of_a_symmetric_matrix_counted_once(route: str, of: str, answer: str, tmp_path: Path):
    ask = f'gradient: {{of: "{of}", wrt: X, structured: true}}'
    _, judgement = Asked("X:n,n:symmetric A:n,n a:n", ask, answer=answer).by(route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_a_defined_matrix_is_no_constant_to_textbook_rules(tmp_path: Path):
    ask = 'gradient: {of: "sum(softmax(S)*B)", wrt: S}'
    with pytest.raises(CannotDerive, match="the scalar rules cannot differentiate"):
        Asked("A:n,n B:n,n", ask, ("S = A @ A",)).by("scalar", tmp_path)


def test_one_name_stands_for_one_value_in_all_gradients_of_a_module(tmp_path: Path):
    define = ("i1 = sigmoid(W @ x + U @ h)", "g1 = tanh(V @ x + U @ h)", "L = norm(i1*g1)**2")
    ask = "implement: {of: L, wrt: [W, V, U, h], name: cell}"
    derivation, judgement = Asked("x:d h:m W:m,d V:m,d U:m,m", ask, define).by("implement", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    names = [each.name for each in derivation.definitions]
    assert len(names) == len(set(names)) > 0


def test_a_column_receives_a_column_with_no_product_left_transposed(tmp_path: Path):
    define = ("q = x.T @ A @ x", "r = sqrt(q)", "L = (a.T @ x)/r")
    derivation, judgement = Asked("A:n,n:symmetric a:n x:n", "gradient: {of: L, wrt: x}", define).by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    said = lines(derivation)
    assert "D(L, q)*(A @ x) + D(L, q)*(A.T @ x)" in " ".join(said)
    assert not [line for line in said if ").T" in line]


def test_powers_that_meet_when_a_name_is_put_in_are_one(tmp_path: Path):
    define = ("q = x.T @ x", "r = sqrt(q)", "L = (a.T @ x)/r")
    derivation, _ = Asked("a:n x:n", "gradient: {of: L, wrt: x}", define).by("chain", tmp_path)
    said = lines(derivation)
    assert any("r**3" in line for line in said)
    assert not any("r**2*r" in line for line in said)


@pytest.mark.parametrize("route", ["scalar", "chain", "index", "differential"])
@pytest.mark.parametrize(
    ("of", "answer"),
    [
        ("sum(x[i]*log(a) - a for i in n)", "sum(x)/a - n"),
        ("sum((a*x[i] + b)**2 for i in n)", "2*(a*sum(x**2) + b*sum(x))"),
    ],
)
def test_a_sum_over_samples_reaches_the_form_with_the_sums_taken_apart(
    route: str, of: str, answer: str, tmp_path: Path
):
    ask = f'derivative: {{of: "{of}", wrt: a}}'
    _, judgement = Asked("x:n a::positive b", ask, answer=answer).by(route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_without_an_answer_a_sum_keeps_its_terms_together_and_numbers_leave_it(tmp_path: Path):
    ask = 'derivative: {of: "sum((a*x[i] + b - y[i])**2 for i in n)/n", wrt: b}'
    for route in ("scalar", "chain"):
        derivation, _ = Asked("x:n y:n a b", ask).by(route, tmp_path)
        assert write(derivation.result) == "2*sum(a*x[i] + b - y[i] for i in n)/n"


def test_deltas_collapse_by_every_route_and_a_letter_of_the_question_is_bound_nowhere(tmp_path: Path):
    for route in ("scalar", "index"):
        derivation, judgement = Asked("x:n", 'gradient: {of: L, wrt: "x[i]"}', ("L = sum(x[i]**2 for i in n)",)).by(
            route, tmp_path
        )
        assert judgement.verdict == "verified", why(judgement)
        assert write(derivation.result) == "2*x[i]"
        assert not any("for i in" in line for line in lines(derivation))


def test_what_is_of_the_first_degree_is_no_quadratic_form(tmp_path: Path):
    for define, reason in ((("L = norm(A @ B - B @ A)**2",), "linear"), (("L = tr(A.T @ B @ A)",), "quadratic")):
        derivation, _ = Asked("A:n,n B:n,n", "gradient: {of: L, wrt: A}", define).by("chain", tmp_path)
        assert any(rule == f"gradient of a {reason} form" for rule in rules(derivation))


ENDINGS = (
    # a focal loss: one power of each base, and no minus before a sum that begins with one
    (Asked("z c::positive", "derivative: {of: L, wrt: z}", ("L = -(1 - sigmoid(z))**c*log(sigmoid(z))",)),
     "scalar", "c*log(sigmoid(z))*sigmoid(z)*(1 - sigmoid(z))**c - (1 - sigmoid(z))**(c + 1)"),
    # a triplet loss: what a common factor leaves is put together
    (Asked("a:d p:d m:d c", "gradient: {of: L, wrt: a}", ("s = norm(a - p)**2 - norm(a - m)**2 + c", "L = relu(s)")),
     "chain", "indicator(s > 0)*(2*m - 2*p)"),
    # what the terms of a Poisson loss share
    (Asked("X:n,d w:d r:n", "gradient: {of: L, wrt: w}", ("L = sum(exp(X @ w)) - r.T @ X @ w",)), "chain",
     "X.T @ (exp(X @ w) - r)"),
    (Asked("x b", "derivative: {of: L, wrt: x}", ("L = x*log(1) + x**2*exp(0) + sqrt(4)*x + b",)), "scalar", "2*x + 2"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "route", "end"), ENDINGS, ids=lambda value: value if isinstance(value, str) else "")
def test_an_ending_is_put_together(asked: Asked, route: str, end: str, tmp_path: Path):
    derivation, judgement = asked.by(route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == end


def test_the_order_of_factors_is_no_line_of_its_own(tmp_path: Path):
    define = ("r = x - mean(x)", "q = sqrt(mean(r**2) + b)", "L = g.T @ (r/q)")
    derivation, _ = Asked("x:n g:n b::positive", "gradient: {of: L, wrt: x}", define).by("chain", tmp_path)
    assert "numbers before matrices" not in rules(derivation)


def test_gradients_of_a_module_share_the_names_of_their_parts(tmp_path: Path):
    define = ("h = relu(x @ A + a)", "p = softmax(h @ B + b)", "L = -sum(y*log(p))")
    ask = "implement: {of: L, wrt: [A, a, B, b], name: network}"
    asked = Asked("x:d A:d,m a:m B:m,k b:k y:k:one-hot", ask, define, layout="row")
    _, judgement = asked.by("implement", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


@pytest.mark.parametrize("route", ["chain", "differential", "index"])
def test_a_mask_counts_once(route: str, tmp_path: Path):
    define = ("E = M*(R - U @ V)", "L = norm(E)**2/2")
    asked = Asked("R:m,n M:m,n:binary U:m,k V:k,n", "gradient: {of: L, wrt: U}", define, answer="-E @ V.T")
    derivation, judgement = asked.by(route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "square of zero or one" in rules(derivation)
    unmasked = Asked("R:m,n M:m,n U:m,k V:k,n", "gradient: {of: L, wrt: U}", define, answer="-E @ V.T")
    assert unmasked.by(route, tmp_path)[1].verdict == "wrong"


def test_the_square_of_a_label_of_one_or_minus_one_is_one(tmp_path: Path):
    asked = Asked("X:n,d w:d y:n:plus-minus-one", 'hessian: {of: "sum(softplus(-y*(X @ w)))", wrt: w}')
    derivation, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result).startswith("X.T @ diag(sigmoid(-y*(X @ w))*(1 - sigmoid(-y*(X @ w)))) @ X")


@pytest.mark.parametrize("answer", ["t*(a.T @ a - tr(inv(K)))", "t*tr(a @ a.T - inv(K))", ""])
def test_a_marginal_likelihood_by_its_noise(answer: str, tmp_path: Path):
    define = ("K = C + t**2*eye(n)", "a = inv(K) @ y", "L = -y.T @ inv(K) @ y/2 - logdet(K)/2")
    asked = Asked("C:n,n:positive-definite y:n t::positive", "derivative: {of: L, wrt: t}", define, answer=answer)
    derivation, judgement = asked.by("differential", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert ").T" not in write(derivation.result)


def test_a_symmetric_gradient_is_its_own_transpose(tmp_path: Path):
    define = ("K = X @ X.T + t*eye(n)", "L = y.T @ inv(K) @ y")
    asked = Asked("X:n,d y:n t::positive", "gradient: {of: L, wrt: X}", define)
    derivation, judgement = asked.by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == "-2*(inv(K) @ y @ y.T @ inv(K) @ X)"


@pytest.mark.parametrize("route", ["chain", "differential", "index", "kronecker"])
@pytest.mark.parametrize(("of", "answer"), [("log(prod(x**q))", "q/x"), ("log(sum(x**a))", "a*x**(a - 1)/sum(x**a)")])
def test_symbolic_powers_of_one_base_meet(route: str, of: str, answer: str, tmp_path: Path):
    asked = Asked("x:n:positive q:n a", f'gradient: {{of: "{of}", wrt: x}}', answer=answer)
    derivation, judgement = asked.by(route, tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    if "prod" in of:
        assert "powers of one base" in rules(derivation)


def test_differentials_that_one_rule_opens_are_one_line(tmp_path: Path):
    asked = Asked("x y", "gradient: {of: r, wrt: x}", ("r = sqrt(x**2 + y**2)",))
    problem = asked.problem(tmp_path)
    setting = Setting.of(problem)
    x, y = Sym("x", ()), Sym("y", ())
    walk = Walk(Argument(setting.letting(x, y), Dif(Sym("r", ()))), (x, y))
    while (target := walk.highest()) is not None:
        step(walk, target)
    assert [write(each.rhs) for each in walk.argument.steps] == [
        "d(x**2)/(2*r) + d(y**2)/(2*r)", "2*x*d(x)/(2*r) + 2*y*d(y)/(2*r)"
    ]  # fmt: skip


def test_the_letters_of_a_normal_form_are_not_shown(tmp_path: Path):
    ask = 'gradient: {of: "sum(maximum(0, 1 - (h[i] - h[j])) for i in n for j in n if i < j)", wrt: h}'
    for route in ("chain", "differential", "index", "kronecker"):
        derivation, judgement = Asked("h:n", ask).by(route, tmp_path)
        assert judgement.verdict == "verified", why(judgement)
        assert "_" not in " ".join(lines(derivation))


def test_the_logarithm_of_a_named_softmax_is_written_with_its_name(tmp_path: Path):
    define = ("p = softmax(z)", "L = -sum(t*(1 - p)**2*log(p))")
    derivation, judgement = Asked("z:n t:n:one-hot", "gradient: {of: L, wrt: z}", define).by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "log(p)" in write(derivation.result)
    assert "softmax" not in write(derivation.result)


@pytest.mark.parametrize(
    "of", ["prod(1 + x[i]**2 for i in n)", "prod(relu(x[i])*a for i in n)", "prod(x[i]*A[i, j] for i in n for j in n)"]
)
def test_a_gradient_through_an_indexed_product(of: str, tmp_path: Path):
    _, judgement = Asked("x:n a A:n,n", f'gradient: {{of: "{of}", wrt: x}}').by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


SUMS = (
    ("w:m b: t:n", "sum((sum(w[j]*x[i + j - 1] for j in m) + b - t[i])**2 for i in n)/2", "[w, x, b]"),
    (
        "w:m X:n,m y:n:plus-minus-one",
        "sum(softplus(-y[i]*(X[i, :] @ w)) for i in n) + prod(1 + w[j]**2 for j in m)",
        "[w, X]",
    ),
    ("t:n", "sum(maximum(0, 1 - (t[i] - t[j])) for i in n for j in n if i < j)", "[t]"),
    ("w:m X:n,m", "sum(gelu(X @ w)) + sum(normal_cdf(w)) + sum(k*w[k]**2 for k in m)", "[w]"),
)


@pytest.mark.parametrize(("symbols", "loss", "wrt"), SUMS)
def test_a_program_with_sums_over_entries_agrees_with_differences(symbols: str, loss: str, wrt: str, tmp_path: Path):
    if "x[i" in loss:
        symbols += " x:n+m-1"
    asked = Asked(symbols, f"implement: {{of: L, wrt: {wrt}, name: sums}}", (f"L = {loss}",))
    derivation, judgement = asked.by("implement", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert derivation.code is not None
    problem = asked.problem(tmp_path)
    assert not run_code(problem, problem.parts[0], derivation.code, 0)
    wrong = replace(derivation.code, source=derivation.code.source.replace("range(n)", "range(n - 1)", 1))
    if wrong != derivation.code:
        assert run_code(problem, problem.parts[0], wrong, 0)


def test_a_wrong_line_in_a_derivation_is_caught(tmp_path: Path):
    from solver.expr.derivation import Chain
    from solver.expr.nodes import Neg

    case = next(c for c in GRADIENTS if c.name == "ridge")
    problem = case.problem(tmp_path)
    derivation = derive(problem, problem.parts[0], "chain")
    last = derivation.blocks[-1]
    assert isinstance(last, Chain)
    step = last.steps[-1]
    broken = replace(last, steps=(*last.steps[:-1], replace(step, rhs=Neg(step.rhs))))
    wrong = replace(derivation, blocks=(*derivation.blocks[:-1], broken), result=Neg(step.rhs))
    assert judge(problem, problem.parts[0], wrong).verdict == "wrong"

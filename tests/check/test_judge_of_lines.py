"""Verdicts on single lines: leaks, domains, kinks, precision, indices, and that chance plays no part."""

from __future__ import annotations

import time

import pytest
from check_helpers import desk

from solver.expr.derivation import Fact

SOFTMAX = desk(
    {"theta": "1 D", "y": "1 D, one-hot", "p": "1 D, simplex"},
    {"yhat": "softmax(theta)", "CE": "-sum(y * log(yhat))"},
)
BATCH = desk({"X": "n D", "Y": "n D, one-hot", "W": "D k"}, {"P": "softmax(X)", "L": "-sum(Y * log(P))/n"})
SCALARS = desk(
    {"t": "", "s": "", "lam": ", positive", "pr": ", probability", "neg": ", negative", "k": ", integer",
     "A": "n n, symmetric", "Q": "n n, orthogonal", "S": "n n, positive-definite", "T": "n n, diagonal",
     "e": "1 n, plus-minus-one", "bits": "1 n, binary"},
)  # fmt: skip

# --- leaks ------------------------------------------------------------------------------------------------------------

LEAKS = [
    # desk, left, right, the fact that the line forgot
    (SOFTMAX, "D(CE, theta)", "yhat - y", Fact("y", "sums-to-one")),
    (SOFTMAX, "sum(y)", "1", Fact("y", "sums-to-one")),
    (SOFTMAX, "sum(y * y)", "1", Fact("y", "one-hot")),
    (SOFTMAX, "y * y", "y", Fact("y", "binary")),
    (SOFTMAX, "abs(y)", "y", Fact("y", "nonnegative")),
    (SOFTMAX, "sum(p) + 1", "2", Fact("p", "sums-to-one")),
    (BATCH, "D(L, X)", "(P - Y)/n", Fact("Y", "sums-to-one-rows")),
    (SCALARS, "sqrt(lam**2)", "lam", Fact("lam", "positive")),
    (SCALARS, "log(lam**2)", "2*log(lam)", Fact("lam", "positive")),
    (SCALARS, "abs(neg)", "-neg", Fact("neg", "negative")),
    (SCALARS, "D(tr(A @ A), A)", "2*A", Fact("A", "symmetric")),
    (SCALARS, "Q.T @ Q", "eye(n)", Fact("Q", "orthogonal")),
    (SCALARS, "S", "S.T", Fact("S", "symmetric")),
    (SCALARS, "abs(det(S))", "det(S)", Fact("S", "positive-definite")),
    (SCALARS, "T", "diag(diag(T))", Fact("T", "diagonal")),
    (SCALARS, "sum(e * e)", "n", Fact("e", "plus-minus-one")),
    (SCALARS, "bits**2", "bits", Fact("bits", "binary")),
    (SCALARS, "sin(pi*k)", "0", Fact("k", "integer")),
    (SCALARS, "abs(log(pr))", "-log(pr)", Fact("pr", "probability")),
]


@pytest.mark.parametrize(("bench", "lhs", "rhs", "fact"), LEAKS)
def test_a_line_that_forgets_a_fact_is_wrong_and_told_which(bench, lhs, rhs, fact):
    found = bench.equal(lhs, rhs)
    if fact.trait == "integer":
        # sin(πk) is zero, and no number of digits shows it
        assert found.verdict == "wrong"
        return
    assert (found.verdict, found.missing) == ("wrong", (fact,)), found.message
    assert "assumption leak" in found.message
    assert found.counterexample is not None


@pytest.mark.parametrize(("bench", "lhs", "rhs", "fact"), LEAKS)
def test_the_same_line_with_the_fact_is_verified(bench, lhs, rhs, fact):
    found = bench.equal(lhs, rhs, [(fact.symbol, fact.trait)])
    assert found.verdict == "verified", found.message


def test_two_facts_that_are_needed_together_are_both_named():
    found = SCALARS.equal("A @ S", "(S @ A).T + 0*sum(e*e) + (sum(e*e) - n)*A", [])
    assert found.verdict == "wrong"
    assert {fact.symbol for fact in found.missing} >= {"A", "S", "e"}


def test_a_stronger_fact_will_do_too():
    assert SOFTMAX.equal("D(CE, theta)", "yhat - y", [("y", "one-hot")]).verdict == "verified"
    assert SOFTMAX.equal("D(CE, theta)", "yhat - y", [("y", "simplex")]).verdict == "verified"


def test_a_fact_of_another_symbol_will_not_do():
    found = SOFTMAX.equal("D(CE, theta)", "yhat - y", [("p", "sums-to-one")])
    assert found.verdict == "wrong"
    assert found.missing == (Fact("y", "sums-to-one"),)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([("theta", "sums-to-one")], "the problem does not say so of theta"),
        ([("p", "one-hot")], "the problem does not say so of p"),
        ([("nobody", "positive")], "nobody is not a symbol"),
        ([("yhat", "one-hot")], "cannot be assumed"),
    ],
)
def test_facts_that_the_problem_does_not_grant_cannot_be_cited(facts, words):
    found = SOFTMAX.equal("sum(yhat)", "1", facts)
    assert found.verdict == "wrong"
    assert words in found.message


def test_the_sign_of_a_defined_name_may_be_said_if_it_is_so():
    lhs, rhs = "log(yhat * sum(yhat))", "log(yhat) + log(sum(yhat))"
    assert SOFTMAX.equal(lhs, rhs, [("yhat", "positive")]).verdict == "verified"
    # of one class alone the probability is 1
    assert SOFTMAX.equal(lhs, rhs, [("yhat", "probability")]).verdict == "wrong"
    for untrue in ("negative", "nonzero-sum"):
        found = SOFTMAX.equal(lhs, rhs, [("yhat", untrue)])
        assert found.verdict == "wrong"
    found = SOFTMAX.equal("CE", "CE + 0", [("CE", "positive")])
    assert "which is not so" in found.message


def test_a_wrong_line_is_not_excused_by_traits():
    found = SOFTMAX.equal("D(CE, theta)", "y - yhat")
    assert (found.verdict, found.missing) == ("wrong", ())
    assert "y" in found.counterexample.values
    assert found.counterexample.sizes.keys() == {"D"}


# --- domains ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ("D(log(t), t)", "1/t"),
        ("log(t) + log(s)", "log(t*s)"),
        ("D(sum(log(bits + e)), bits)", "1/(bits + e)"),
        ("arcsin(t) + arccos(t)", "pi/2"),
        ("D(arcsin(t*s), t)", "s/sqrt(1 - t**2*s**2)"),
        ("sqrt(1 - t**2)**2", "1 - t**2"),
        ("sqrt(t - 5)**2", "t - 5"),
        ("D(log(det(A)), A)", "inv(A).T"),
        ("D(log(pr) + log(1 - pr), pr)", "1/pr - 1/(1 - pr)"),
        ("exp(log(det(S)))", "det(S)"),
        ("t**s", "exp(s*log(t))"),
        ("t**k", "t**(k - 1)*t"),
        ("D(t**k, t)", "k*t**(k - 1)"),
        ("matrix_power(A, k)", "matrix_power(A, k - 1) @ A"),
    ],
)
def test_points_are_drawn_where_the_left_side_has_a_value(lhs, rhs):
    found = SCALARS.equal(lhs, rhs)
    assert found.verdict == "verified", found.message


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ("log(t*s)", "log(t) + log(s)"),
        ("t", "sqrt(t)**2"),
        ("t", "exp(log(t))"),
        ("t", "t + 0/(s - s)"),
        ("sin(arcsin(t/100))", "t/100 + 0*arcsin(t)"),
        ("logdet(A)", "log(det(A))"),
        ("D(t*abs(s - s + t), t)", "D(t*abs(s - s + t), t) + 0*log(s)"),
        ("bits", "bits + 0*matrix_power(A - A, -1)[1, 1]"),
    ],
)
def test_a_right_side_without_a_value_is_wrong_and_says_so(lhs, rhs):
    found = SCALARS.equal(lhs, rhs)
    assert found.verdict == "wrong"
    assert "the right side has no value where the left side has one" in found.message
    assert "undefined" in str(found.counterexample)


@pytest.mark.parametrize(
    ("lhs", "reason"),
    [
        ("1/(t - t)", "has no value at the points tried"),
        ("log(-t**2)", "has no value at the points tried"),
        ("inv(outer(e, e))", "has no value at the points tried"),
        ("arcsin(2 + t**2)", "has no value at the points tried"),
    ],
)
def test_a_left_side_that_never_has_a_value_is_undecided_with_the_reason(lhs, reason):
    found = SCALARS.equal(lhs, lhs)
    assert found.verdict == "undecided"
    assert reason in found.message


@pytest.mark.parametrize(
    "given", [["lam > 1"], ["t > 5"], ["t < -3"], ["t > 1 and t < 3/2"], ["t + s > 0", "t - s > 0"], ["t != s"]]
)
def test_assumptions_hold_at_every_point(given):
    bench = desk({"t": "", "s": "", "lam": ""}, given=given)
    condition = " * ".join(f"indicator({text})" for text in given)
    assert bench.equal(condition, "1").verdict == "verified"
    # and nothing beyond the assumptions does
    assert bench.equal("indicator(lam > 1.2)", "1").verdict == "wrong"
    assert bench.equal("indicator(t > 6)", "1").verdict == "wrong"


def test_assumptions_of_sign_can_be_used_without_being_cited():
    bench = desk({"t": ""}, given=["t > 0"])
    assert bench.equal("sqrt(t**2)", "t").verdict == "verified"
    assert bench.equal("sqrt(t**2)", "t", [("t", "positive")]).verdict == "verified"
    assert bench.equal("sqrt(t**2)", "-t").verdict == "wrong"


def test_assumptions_that_contradict_each_other_leave_no_point():
    bench = desk({"t": ""}, given=["t > 1", "t < 1/2"])
    found = bench.equal("t", "t")
    assert found.verdict == "undecided"
    assert "t < 1/2" in found.message or "t > 1" in found.message


def test_assumptions_on_sizes_hold():
    bench = desk({"A": "m n"}, given=["m > n"])
    assert bench.equal("inv(A.T @ A) @ A.T", "pinv(A)").verdict == "verified"
    assert bench.equal("indicator(m > n)", "1").verdict == "verified"
    impossible = desk({"A": "m n"}, given=["m > n", "n > m"])
    found = impossible.equal("A", "A")
    assert found.verdict == "undecided"
    assert "sizes" in found.message


# --- kinks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lhs", "rhs", "wrong"),
    [
        ("D(relu(t), t)", "indicator(t > 0)", "1"),
        ("D(relu(t*s), t)", "s*indicator(t*s > 0)", "s"),
        ("D(abs(t), t)", "t/abs(t)", "1"),
        ("D(maximum(t, s), t)", "indicator(t > s)", "1"),
        ("D(minimum(t, s), s)", "indicator(s < t)", "0"),
        ("D(leaky_relu(t, s), s)", "where(t > 0, 0, t)", "0"),
        ("D(elu(t), t)", "where(t > 0, 1, exp(t))", "1"),
        ("D(norm1(e), e)", "sign(e)", "ones(1, n)"),
    ],
)
def test_every_branch_of_a_kinked_function_is_visited(lhs, rhs, wrong):
    for seed in range(12):
        assert SCALARS.equal(lhs, rhs, seed=seed).verdict == "verified"
        assert SCALARS.equal(lhs, wrong, seed=seed).verdict == "wrong"


def test_exactly_on_a_kink_there_is_a_value_and_no_derivative():
    assert SCALARS.equal("relu(t - t)", "0").verdict == "verified"
    assert SCALARS.equal("sign(t - t)", "0").verdict == "verified"
    assert SCALARS.equal("abs(t - t) + t", "t").verdict == "verified"
    bench = desk({"x": "1 n", "t": ""})
    # relu(0·…) does not move, so nothing is undefined; relu at 0 that moves has no slope
    assert bench.equal("D(relu(0 * t), t)", "0").verdict == "verified"
    square = desk({"A": "n n"})
    assert square.equal("D(norm1(tril(A)), A)", "sign(tril(A))").verdict == "verified"
    found = bench.equal("0", "D(relu(t - 1/2 - (t - 1/2)) , t)")
    assert found.verdict == "verified"
    kinked = desk({"t": ""}, {"u": "t - t"})
    assert kinked.equal("0", "D(relu(u), u)").verdict == "wrong"
    assert "no value" in kinked.equal("0", "D(relu(u), u)").message


# --- precision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lhs", "rhs", "verdict"),
    [
        # cancellation that swallows all digits of the first precision
        ("(1 + exp(-200)*t) - 1", "exp(-200)*t", "verified"),
        ("((1 + exp(-200)*t) - 1) * exp(200)", "t", "verified"),
        ("((1 + exp(-200)*t) - 1) * exp(200)", "2*t", "wrong"),
        # sides that differ by little
        ("t + exp(-60)", "t", "wrong"),
        ("t + exp(-100)", "t", "wrong"),
        ("((1 + exp(-500)*t) - 1) * exp(500)", "t", "verified"),
        ("((1 + exp(-500)*t) - 1) * exp(500)", "2*t", "wrong"),
        # what is written alike on both sides of a comparison is equal, though no number of digits says so
        ("indicator(sin(t) == sin(t))", "1", "verified"),
        ("t", "t*(1 + 2**(-70))", "wrong"),
        ("sin(t)**2 + cos(t)**2", "1", "verified"),
        ("exp(40*t)/exp(40*t)", "1", "verified"),
        # what is 0 at every precision is 0
        ("indicator(exp(t)*exp(-t) == 1)", "1", "verified"),
        ("indicator(exp(t)*exp(-t) == 1)", "0", "wrong"),
        ("indicator(exp(t)*exp(-t) != 1 + exp(-500))", "1", "verified"),
        ("sign(sin(t)**2 + cos(t)**2 - 1)", "0", "verified"),
        ("sign(sin(t)**2 + cos(t)**2 - 1 + exp(-500))", "0", "wrong"),
        ("0", "where(t > 0, sign(sin(t)**2 + cos(t)**2 - 1), 0)", "verified"),
        ("t", "where(t > 0, t, t/(sin(t)**2 + cos(t)**2 - 1))", "wrong"),
        ("sqrt(sin(t)**2 + cos(t)**2 - 1)", "0", "verified"),
        ("D(abs(sin(t)**2 + cos(t)**2 - 1), t)", "0", "verified"),
        ("t", "t + D(abs(sin(t)**2 + cos(t)**2 - 1 + t - t), t)", "verified"),
        # log(1 + x) of a tiny x
        ("log(1 + exp(-exp(9 + t**2)))*exp(exp(9 + t**2))", "1", "verified"),
        ("1/softplus(-exp(9 + t**2))", "1/log(1 + exp(-exp(9 + t**2)))", "verified"),
        ("D(log(1 + t**2), t, t)", "2/(1 + t**2) - 4*t**2/(1 + t**2)**2", "verified"),
        ("D(log(1 + t**2), t, t)", "2/(1 + t**2) + 4*t**2/(1 + t**2)**2", "wrong"),
        ("D(log(1 + t**2), t, t, t)", "16*t**3/(1 + t**2)**3 - 12*t/(1 + t**2)**2", "verified"),
        # beyond every range
        ("exp(exp(exp(9 + t**2)))", "exp(exp(exp(9 + t**2))) + t", "undecided"),
        # on either side of a kink that cannot be told, one and the same
        ("relu(sin(t)**2 + cos(t)**2 - 1)", "0", "verified"),
        ("maximum(exp(t), exp(2*t)*exp(-t))", "exp(t)", "verified"),
        ("D(maximum(exp(t), exp(2*t)*exp(-t)), t)", "exp(t)", "verified"),
        ("D(maximum(exp(t), exp(2*t)*exp(-t)), t)", "2*exp(t)", "wrong"),
        ("D(relu(1 - exp(t)*exp(-t) + t - s), t)", "indicator(t > s)", "verified"),
        ("s", "s + D(relu(1 - exp(t)*exp(-t)), t)", "verified"),
    ],
)
def test_the_precision_is_raised_until_it_can_be_told(lhs, rhs, verdict):
    found = SCALARS.equal(lhs, rhs)
    assert found.verdict == verdict, found.message


def test_small_differences_are_shown_though_the_decimals_agree():
    found = SCALARS.equal("t + exp(-60)", "t")
    assert found.counterexample.lhs == found.counterexample.rhs
    assert found.counterexample.difference.endswith("e-27")
    assert "they differ by" in found.message


# --- indices and sizes ------------------------------------------------------------------------------------------------


def test_conditions_on_indices_limit_the_line():
    lhs, general = "D(yhat[i], theta[j])", "-yhat[i]*yhat[j]"
    assert SOFTMAX.equal(lhs, general, i="D", j="D", given=["i != j"]).verdict == "verified"
    assert SOFTMAX.equal(lhs, general, i="D", j="D").verdict == "wrong"
    diagonal = "yhat[i]*(1 - yhat[i])"
    assert SOFTMAX.equal(lhs, diagonal, i="D", j="D", given=["i == j"]).verdict == "verified"
    found = SOFTMAX.equal(lhs, diagonal, i="D", j="D")
    assert found.verdict == "wrong"
    assert found.counterexample.indices.keys() == {"i", "j"}
    assert found.counterexample.indices["i"] != found.counterexample.indices["j"]


def test_lines_with_more_indices_than_can_all_be_tried():
    bench = desk({"x": "1 n", "t": ""}, {"p": "softmax(x)", "q": "x[o]"}, indices={"o": "n"})
    names = dict.fromkeys("abcdefghk", "n")
    tail = "*".join(f"x[{name}]" for name in names)
    right = f"p[a]*(delta(a, b) - p[b])*q*({tail})"
    assert bench.equal(f"D(p[a], x[b])*x[o]*({tail})", right, **names).verdict == "verified"
    assert bench.equal(f"D(p[a], x[b])*x[a]*({tail})", right, **names).verdict == "wrong"
    diagonal = f"where(a == b, 1, p[a])*({tail})"
    assert bench.equal(f"p[a]*({tail})", diagonal, given=["a != b"], **names).verdict == "verified"
    assert bench.equal(f"p[a]*({tail})", diagonal, **names).verdict == "wrong"


def test_a_line_that_no_index_satisfies_is_not_called_verified():
    found = SOFTMAX.equal("yhat[i]", "yhat[j]", i="D", j="D", given=["i != j", "i == j"])
    assert found.verdict == "undecided"


def test_entries_beyond_the_end_are_skipped_on_the_left_and_wrong_on_the_right():
    bench = desk({"x": "1 n"})
    assert bench.equal("x[i + 1] - x[i]", "-(x[i] - x[i + 1])", i="n").verdict == "verified"
    found = bench.equal("x[i]", "x[i] + 0*x[i + 1]", i="n")
    assert found.verdict == "wrong"
    assert "the right side has no value" in found.message
    assert found.counterexample.indices == {"i": found.counterexample.sizes["n"]}
    # and an entry that no size reaches is never there
    assert bench.equal("x[i]", "x[i] + 0*x[0*i]", i="n").verdict == "wrong"
    assert bench.equal("x[5]", "x[2 + 3]").verdict == "verified"
    guarded = bench.equal("sum(where(l < n, x[l + 1], 0) for l in n)", "sum(x) - x[1]")
    assert guarded.verdict == "verified"


def test_a_transpose_cannot_hide_in_a_square():
    """Sizes that may differ do, so that what fits only by accident does not."""
    bench = desk({"A": "m n", "B": "n m"})
    assert bench.equal("tr(A @ B)", "sum(A * B.T)").verdict == "verified"
    assert bench.equal("sum(A @ B)", "sum(B @ A)").verdict == "wrong"


def test_shapes_must_agree_and_one_by_one_is_a_scalar():
    bench = desk({"x": "1 n", "A": "n m"})
    found = bench.equal("A", "A.T")
    assert found.verdict == "wrong"
    assert "n×m" in found.message
    assert "m×n" in found.message
    assert bench.equal("x @ x.T", "sum(x*x)").verdict == "verified"
    assert bench.equal("sum(x)", "x").verdict == "wrong"


def test_labels_stay_within_the_range_they_pick_from():
    bench = desk({"P": "n k", "labels": "n 1, integer", "c": ", integer", "v": "1 k"})
    picked = "sum(P[r, labels[r]] for r in n)"
    spread = "sum(sum(P[r, j] for j in k if j == labels[r]) for r in n)"
    assert bench.equal(picked, spread).verdict == "verified"
    assert bench.equal("v[c]", "sum(delta(j, c)*v[j] for j in k)").verdict == "verified"
    assert bench.equal("D(logsumexp(v) - v[c], v[j])", "softmax(v)[j] - indicator(j == c)", j="k").verdict == "verified"
    assert bench.equal("D(logsumexp(v) - v[c], v[j])", "softmax(v)[j]", j="k").verdict == "wrong"


def test_an_index_of_a_definition_is_not_captured_by_a_sum():
    bench = desk({"x": "1 n"}, {"q": "x[o]"}, indices={"o": "n"})
    # q is x[o] with the o of the problem, whatever a sum around it calls its index
    from solver.check.judge import equal
    from solver.expr.nodes import Big, Idx
    from solver.expr.sizes import Size

    captured = Big("sum", bench("q"), Idx("o", Size.of("n")))
    assert equal(bench.problem, captured, bench("n * q")).verdict == "verified"
    assert equal(bench.problem, captured, bench("sum(x)")).verdict == "wrong"


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lhs", "words"),
    [
        ("d(t)", "nothing says which symbols vary"),
        ("A[t, 1]", "must be a whole number"),
        ("matrix_power(A, 10**9)", "is not computed"),
        ("D(matrix_power(A, t), t)", "no derivative by its exponent"),
        ("kron(kron({0}, {0}), kron({0}, {0}))".format("kron(kron(A, A), kron(A, A))"), "too many entries"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error_with_a_sentence(lhs, words):
    node_free = SCALARS.equal(lhs, lhs)
    assert node_free.verdict == "error"
    assert words in node_free.message


def test_a_name_that_lies_otherwise_than_it_is_declared_is_an_error():
    from solver.check.judge import equal
    from solver.expr.nodes import Sym, Transpose

    bench = desk({"x": "1 n"})
    fallen = Sym("x", tuple(reversed(bench("x").shape)))  # type: ignore[arg-type]
    found = equal(bench.problem, fallen, Transpose(bench("x")))
    assert found.verdict == "error"
    assert "does not have the shape" in found.message
    found = equal(bench.problem, Sym("nobody"), bench("sum(x)"))
    assert (found.verdict, found.message) == ("error", "nobody is neither declared nor defined")


def test_a_derivative_by_what_is_no_name_is_an_error():
    from solver.check.judge import equal
    from solver.expr.nodes import D, Idx
    from solver.expr.sizes import Size

    for by in (SCALARS("2*t"), SCALARS("t*t"), Idx("i", Size.of(3)), SCALARS("1")):
        found = equal(SCALARS.problem, D(SCALARS("t**2"), by), SCALARS("t"))
        assert found.verdict == "error"
        assert "a name or an entry of one" in found.message


def test_data_too_large_to_draw_is_refused():
    bench = desk({"A": "3000 3000"})
    found = bench.equal("A", "A")
    assert found.verdict == "error"
    assert "symbolic sizes" in found.message


def test_a_time_limit_ends_in_no_verdict():
    bench = desk({"A": "5 5", "B": "5 5"})
    started = time.monotonic()
    found = bench.equal("D(D(tr(inv(A @ B)), A), B)", "zeros(25, 25)", limit_seconds=0.01)
    assert found.verdict == "undecided"
    assert "time limit" in found.message
    assert time.monotonic() - started < 20


def test_hopeless_nesting_is_an_error_and_no_traceback():
    from solver.check.judge import equal
    from solver.expr.nodes import Call, Sym

    node = Sym("t")
    for _ in range(300):
        node = Call("sin", (node,))
    # deep, and evaluated all the same or refused in words
    assert equal(SCALARS.problem, node, node).verdict in ("verified", "error")


# --- chance -----------------------------------------------------------------------------------------------------------

VERDICTS = [
    (SOFTMAX, "D(CE, theta)", "sum(y)*yhat - y", "verified"),
    (SOFTMAX, "D(CE, theta)", "yhat - y", "wrong"),
    (BATCH, "D(L, W)", "zeros(D, k)", "verified"),
    (SCALARS, "log(t*s)", "log(t) + log(s)", "wrong"),
    (SCALARS, "D(relu(t*s), t)", "s", "wrong"),
    (SCALARS, "sqrt(t**2)", "t", "wrong"),
    (SCALARS, "t*s/abs(t*s)", "1", "wrong"),
    (SCALARS, "t/abs(t)", "s/abs(s)", "wrong"),
    (SCALARS, "log(lam)", "log(lam**2)/2", "verified"),
    (SCALARS, "inv(A @ S)", "inv(S) @ inv(A)", "verified"),
    (SCALARS, "tr(A @ S @ T)", "tr(T @ S @ A)", "wrong"),
]


@pytest.mark.parametrize(("bench", "lhs", "rhs", "verdict"), VERDICTS)
def test_no_verdict_depends_on_the_seed(bench, lhs, rhs, verdict):
    found = {bench.equal(lhs, rhs, seed=seed).verdict for seed in range(30)}
    assert found == {verdict}


def test_the_same_seed_gives_the_same_counterexample_and_another_seed_another():
    first, again, other = (SCALARS.equal("t", "s", seed=seed).counterexample for seed in (7, 7, 8))
    assert first == again
    assert first != other

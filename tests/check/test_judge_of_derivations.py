"""Whole derivations before the judge: lines and details, facts that travel, answers, traits, limits, independence."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from check_helpers import chain, derivation, desk, line

import solver.check
from solver.check.judge import judge
from solver.expr.derivation import Chain, Definition, Derivation, Fact, Reason, Step
from solver.expr.nodes import At, Idx, Sym
from solver.spec.problem import Part, Simplify

NETWORK = desk(
    {"x": "1 Dx", "W1": "Dx H", "b1": "1 H", "W2": "H Dy", "b2": "1 Dy", "y": "1 Dy, one-hot"},
    {"h": "sigmoid(x @ W1 + b1)", "theta": "h @ W2 + b2", "yhat": "softmax(theta)", "J": "-sum(y * log(yhat))"},
)
ONE = ("y", "sums-to-one")


def output_layer() -> Chain:
    """`∂J/∂θ = ŷ − y`, in two lines, the second of which uses Σ y = 1."""
    start, middle, end = NETWORK("D(J, theta)"), NETWORK("sum(y)*yhat - y"), NETWORK("yhat - y")
    return Chain(start, (line(start, middle), line(middle, end, ONE)))


def first_layer(**fields) -> Chain:
    """`∂J/∂x` from `∂J/∂θ`: the earlier result is put in where it stands."""
    texts = (
        "D(J, x)",
        "(D(J, theta) @ W2.T * h * (1 - h)) @ W1.T",
        "((yhat - y) @ W2.T * h * (1 - h)) @ W1.T",
    )
    start, middle, end = (NETWORK(text) for text in texts)
    into = (0, 0, 0)
    put = Step(middle, end, Reason("part (a)"), into, NETWORK("yhat - y"), fields.pop("facts", ()))
    return Chain(start, (line(start, middle), put))


def test_a_network_by_the_chain_rule_is_verified():
    found = judge(NETWORK.problem, None, derivation(output_layer(), first_layer()))
    assert found.verdict == "verified", (found.message, found.replay_errors)
    assert [each.verdict for each in found.lines] == ["verified"] * 4
    assert found.message == ""
    assert found.first_wrong is None
    assert found.points == 4


def test_facts_travel_with_the_result_that_rests_on_them():
    found = judge(NETWORK.problem, None, derivation(output_layer(), first_layer()))
    assert found.lines[-1].facts == (Fact(*ONE),)
    assert found.traits_used == (Fact(*ONE),)
    # without the earlier chain, the same line is a leak
    alone = judge(NETWORK.problem, None, derivation(first_layer()))
    assert alone.verdict == "wrong"
    assert alone.lines[-1].missing == (Fact(*ONE),)
    cited = judge(NETWORK.problem, None, derivation(first_layer(facts=(Fact(*ONE),))))
    assert cited.verdict == "verified"


def test_a_line_that_forgets_its_fact_is_the_headline():
    start, middle, end = NETWORK("D(J, theta)"), NETWORK("sum(y)*yhat - y"), NETWORK("yhat - y")
    found = judge(NETWORK.problem, None, derivation(Chain(start, (line(start, middle), line(middle, end)))))
    assert found.verdict == "wrong"
    assert found.first_wrong is found.lines[1]
    assert "sum(y) == 1" in found.message


def test_one_slip_is_one_wrong_line_though_later_lines_are_right_again():
    texts = ("D(J, theta)", "sum(y)*yhat - y", "sum(y)*yhat + y", "sum(y)*yhat - y")
    found = judge(NETWORK.problem, None, derivation(chain(*(NETWORK(text) for text in texts))))
    assert [each.verdict for each in found.lines] == ["verified", "wrong", "wrong"]
    assert found.first_wrong is found.lines[1]
    # the result is right, and the derivation fails all the same
    assert found.result.verdict == "verified"
    assert found.verdict == "wrong"


def test_details_are_judged_under_their_line():
    start, middle, end = NETWORK("D(J, theta)"), NETWORK("sum(y)*yhat - y"), NETWORK("yhat - y")
    whole = Step(start, end, Reason("softmax with cross-entropy"), children=output_layer().steps)
    found = judge(NETWORK.problem, None, derivation(Chain(start, (whole,))))
    assert found.verdict == "verified"
    assert [(each.depth, each.step.lhs, each.step.rhs) for each in found.lines] == [
        (0, start, end),
        (1, start, middle),
        (1, middle, end),
    ]
    # the line may use what its details cite
    assert found.lines[0].facts == (Fact(*ONE),)


def test_a_wrong_detail_fails_a_line_that_is_right_by_itself():
    start, end = NETWORK("D(J, theta)"), NETWORK("sum(y)*yhat - y")
    detour = (line(start, NETWORK("sum(y)*yhat + y")), line(NETWORK("sum(y)*yhat + y"), end))
    whole = Step(start, end, Reason("r"), children=detour)
    found = judge(NETWORK.problem, None, derivation(Chain(start, (whole,))))
    assert [each.verdict for each in found.lines] == ["verified", "wrong", "wrong"]
    assert found.verdict == "wrong"


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_name_given_to_a_result_stands_for_it():
    delta = Sym("delta2", NETWORK("theta").shape)
    first = replace(output_layer(), name=delta)
    start = NETWORK("D(J, b2)")
    second = Chain(start, (line(start, delta, ONE),))
    found = judge(NETWORK.problem, None, derivation(first, second))
    assert found.verdict == "verified", (found.message, found.replay_errors)
    wrong = Chain(NETWORK("D(J, W2)"), (line(NETWORK("D(J, W2)"), NETWORK("yhat.T @ yhat")),))
    assert judge(NETWORK.problem, None, derivation(first, wrong)).verdict == "wrong"


def test_an_entry_can_be_given_a_name():
    indices = {"j": "Dy", "k": "H"}
    at = NETWORK
    entry = At(Sym("e", at("theta").shape), (Idx("j", at("y[j]", **indices).at[0].range),))
    start, end = at("D(J, theta[j])", **indices), at("sum(y)*yhat[j] - y[j]", **indices)
    first = Chain(start, (line(start, end),), name=entry)
    second_start = at("D(J, W2[k, j])", **indices)
    second = Chain(second_start, (line(second_start, at("h[k]", **indices)),))
    assert judge(NETWORK.problem, None, derivation(first, second)).verdict == "wrong"
    from solver.expr.nodes import Mul

    right = Chain(second_start, (line(second_start, Mul((at("h[k]", **indices), entry))),))
    found = judge(NETWORK.problem, None, derivation(first, right))
    assert found.verdict == "verified", (found.message, found.replay_errors)


def test_names_of_the_derivation_are_followed_by_derivatives():
    z = Definition(Sym("z", NETWORK("h").shape), NETWORK("x @ W1 + b1"))
    start = NETWORK("D(J, b1)")
    from solver.expr.nodes import D

    # J does not rest on this z, which is a name beside it: its derivative by z is zero, not the gradient
    beside = Derivation(
        start, D(NETWORK("J"), z.name), "test", (Chain(start, (line(start, D(NETWORK("J"), z.name)),)),), (z,)
    )
    assert judge(NETWORK.problem, None, beside).verdict == "wrong"
    # restated through z, it does
    restated = replace(beside, restated=(Definition(NETWORK("h"), _sigmoid(z.name)),))
    found = judge(NETWORK.problem, None, restated)
    assert found.verdict == "verified", (found.message, found.replay_errors)
    untrue = replace(beside, restated=(Definition(NETWORK("h"), z.name),))
    assert judge(NETWORK.problem, None, untrue).verdict == "wrong"


def _sigmoid(node):
    from solver.expr.nodes import Call

    return Call("sigmoid", (node,))


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "verdict", "value"),
    [
        ("yhat - y", "verified", "verified"),
        ("-y + yhat", "verified", "verified"),
        # the value is right, the form is not the instructor's
        ("yhat*sum(y) - y", "wrong", "verified"),
        ("softmax(theta) - y", "wrong", "verified"),
        ("y - yhat", "wrong", "wrong"),
        ("yhat + y", "wrong", "wrong"),
        ("(yhat - y).T", "wrong", "wrong"),
    ],
)
def test_the_answer_is_reached_in_value_and_in_form(answer, verdict, value):
    part = Part("a", "gradient", Simplify(NETWORK("J")), "", answer=NETWORK(answer))
    found = judge(NETWORK.problem, part, derivation(output_layer()))
    assert found.answer is not None
    assert (found.verdict, found.answer.verdict) == (verdict, value), found.message
    assert (found.message == "") == (verdict == "verified")
    given = judge(NETWORK.problem, None, derivation(output_layer()), answer=NETWORK(answer))
    assert given.verdict == verdict


def test_the_answers_value_may_rest_on_what_is_declared():
    start, general = NETWORK("D(J, theta)"), NETWORK("sum(y)*yhat - y")
    found = judge(NETWORK.problem, None, derivation(chain(start, general)), answer=NETWORK("yhat - y"))
    assert found.answer is not None
    assert found.answer.verdict == "verified"
    assert found.verdict == "wrong"
    assert "not the answer's form" in found.message


def test_an_answer_with_another_sign_is_shown_where_it_differs():
    found = judge(NETWORK.problem, None, derivation(output_layer()), answer=NETWORK("yhat + y"))
    assert found.answer is not None
    assert found.answer.counterexample is not None
    assert found.answer.counterexample.entry is not None
    assert {"x", "W1", "y"} <= found.answer.counterexample.values.keys()


# --- traits, limits, errors -------------------------------------------------------------------------------------------


def test_traits_that_nothing_needs_are_mentioned():
    bench = desk({"y": "1 n, one-hot", "lam": ", positive", "X": "m n, positive", "A": "n n, symmetric"})
    at = bench
    found = judge(bench.problem, None, derivation(chain(at("sum(log(X))"), at("sum(log(X)) + 0*lam"))))
    assert found.verdict == "verified"
    assert set(found.unused_traits) == {Fact("y", "one-hot"), Fact("lam", "positive"), Fact("A", "symmetric")}
    cited = derivation(Chain(at("sum(y)*lam"), (line(at("sum(y)*lam"), at("lam"), ONE),)))
    assert Fact("y", "one-hot") not in judge(bench.problem, None, cited).unused_traits


def test_a_derivation_out_of_time_is_undecided_line_by_line():
    found = judge(NETWORK.problem, None, derivation(output_layer(), first_layer()), limit_seconds=0.0)
    assert found.verdict == "undecided"
    assert {each.verdict for each in found.lines} == {"undecided"}
    assert "time limit" in found.message


def test_a_differential_without_variables_is_an_error():
    start = NETWORK("d(J)")
    nothing = derivation(chain(start, NETWORK("tr((yhat*sum(y) - y).T @ d(theta))")))
    found = judge(NETWORK.problem, None, nothing)
    assert found.verdict == "error"
    assert "which symbols vary" in found.message
    varying = replace(nothing, variables=(NETWORK("W2"), NETWORK("b2")))
    assert judge(NETWORK.problem, None, varying).verdict == "verified"


def test_a_differential_holds_for_the_variables_named_and_no_others():
    start = NETWORK("d(J)")
    by_one = derivation(chain(start, NETWORK("tr((h.T @ (yhat*sum(y) - y)).T @ d(W2))")), variables=(NETWORK("W2"),))
    assert judge(NETWORK.problem, None, by_one).verdict == "verified"
    by_two = replace(by_one, variables=(NETWORK("W2"), NETWORK("b2")))
    assert judge(NETWORK.problem, None, by_two).verdict == "wrong"


def test_a_defined_name_that_varies_is_free():
    """With θ among the variables, d(J) is what dθ makes of it, whatever θ is made of."""
    start = NETWORK("d(J)")
    by_theta = derivation(chain(start, NETWORK("tr((yhat*sum(y) - y).T @ d(theta))")), variables=(NETWORK("theta"),))
    assert judge(NETWORK.problem, None, by_theta).verdict == "verified"
    beside = replace(by_theta, variables=(NETWORK("theta"), NETWORK("W2")))
    assert judge(NETWORK.problem, None, beside).verdict == "verified"
    alone = replace(by_theta, variables=(NETWORK("x"),))
    assert judge(NETWORK.problem, None, alone).verdict == "verified"
    directions = derivation(chain(NETWORK("d(theta)"), NETWORK("h @ d(W2)")), variables=(NETWORK("W2"),))
    assert judge(NETWORK.problem, None, directions).verdict == "verified"
    cut = replace(directions, variables=(NETWORK("theta"), NETWORK("W2")))
    assert judge(NETWORK.problem, None, cut).verdict == "wrong"


def test_a_second_differential_of_a_variable_is_zero_though_the_name_has_a_definition():
    start = NETWORK("d(d(sum(theta * theta)))")
    twice = derivation(chain(start, NETWORK("2*sum(d(theta) * d(theta))")), variables=(NETWORK("theta"), NETWORK("x")))
    assert judge(NETWORK.problem, None, twice).verdict == "verified"


def test_a_line_that_has_no_value_at_the_questions_points_gets_points_of_its_own():
    bench = desk({"X": "m n", "t": ""})
    start = bench("sum(log(X))")
    aside = chain(start, bench("sum(log(X)) + 0*t"))
    wrong = chain(start, bench("sum(log(2*X))"))
    question = chain(bench("t*sum(X)"), bench("sum(X)*t"))
    assert [each.verdict for each in judge(bench.problem, None, derivation(aside, question)).lines] == ["verified"] * 2
    assert judge(bench.problem, None, derivation(wrong, question)).lines[0].verdict == "wrong"


def test_an_equation_may_be_the_question():
    left, right = NETWORK("sum(yhat)"), NETWORK("1")
    found = judge(NETWORK.problem, None, Derivation(left, right, "test", (chain(left, right),)))
    assert found.verdict == "verified"
    assert found.result.verdict == "verified"


def test_no_verdict_of_a_derivation_depends_on_the_seed():
    sound, broken = derivation(output_layer(), first_layer()), derivation(first_layer())
    assert {judge(NETWORK.problem, None, sound, seed=seed).verdict for seed in range(30)} == {"verified"}
    assert {judge(NETWORK.problem, None, broken, seed=seed).lines[-1].missing for seed in range(30)} == {(Fact(*ONE),)}


# --- independence -----------------------------------------------------------------------------------------------------


def test_the_judge_knows_nothing_of_rules_and_methods():
    root = Path(solver.check.__file__).parent
    modules = sorted(root.rglob("*.py"))
    assert len(modules) > 15
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                room = name.split(".")[1] if name.startswith("solver.") else ""
                assert room in ("", "check", "expr", "spec"), f"{module.name} imports {name}"
                assert name.split(".")[0] != "sympy", module.name

"""Differentials and the identities of the trace: true for the judge, and the inner products they speak of."""

import pytest
from judged import examples, verdict

import solver.rules.differentials
import solver.rules.logs
import solver.rules.pieces
import solver.rules.shorter
import solver.rules.trace  # noqa: F401
from solver.expr.read import read
from solver.expr.write import write
from solver.rules.examples import SETTING, scope_for
from solver.rules.inner import inner, turned
from solver.rules.rule import RULES, Rule

TOPICS = ("differentials", "determinants", "trace", "pieces", "logs", "shorter")
EXAMPLES = examples(*TOPICS)


def node(text: str):
    return read(text, scope_for(text))


def test_there_are_examples_of_every_topic():
    assert {rule.topic for rule, _ in EXAMPLES} == set(TOPICS)
    assert len(EXAMPLES) > 120


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_rule_is_true(rule: Rule, example: str):
    before = node(example.split(" -> ")[0])
    rewrite = rule(before, SETTING)
    assert rewrite is not None
    found = verdict(example, rewrite.facts)
    assert found.verdict == "verified", found.message


def test_the_judge_sees_a_wrong_identity():
    assert verdict("tr(A @ d(B)) -> tr(A.T @ d(B))").verdict == "wrong"
    assert verdict("tr(A.T @ (B*d(C))) -> tr((A*C).T @ d(B))").verdict == "wrong"


@pytest.mark.parametrize(
    ("text", "transpose"),
    [
        ("A @ B.T", "B @ A.T"),
        ("(A @ x.T).T", "A @ x.T"),
        ("A*B", "(A*B).T"),
        ("A.T*B.T", "A*B"),
        ("inv(A.T)", "inv(A)"),
        ("inv(A @ A.T)", "inv(A @ A.T)"),
        ("diag(x)", "diag(x)"),
        ("hstack(A, B)", "vstack(A.T, B.T)"),
        ("ones(m, n)", "ones(n, m)"),
        ("a", "a"),
    ],
)
def test_a_transpose_is_pushed_where_that_is_shorter(text: str, transpose: str):
    assert write(turned(node(text))) == transpose


@pytest.mark.parametrize(
    ("text", "kind", "gradient"),
    [
        ("tr(A @ d(X))", "tr", "A.T"),
        ("tr(d(X))", "tr", "eye(n)"),
        ("sum(A*d(X)*B)", "sum", "A*B"),
        ("sum(x*d(A))", "sum", "ones(n, 1) @ x"),
        ("x @ A @ d(y.T)", "row", "A.T @ x.T"),
    ],
)
def test_an_inner_product_knows_what_stands_before_its_differential(text: str, kind: str, gradient: str):
    found = inner(node(text))
    assert found is not None
    assert (found.kind, write(found.gradient)) == (kind, gradient)


@pytest.mark.parametrize("text", ["tr(A @ B)", "tr(d(A) @ d(B))", "A @ d(X)", "sum(a)"])
def test_nothing_else_is_an_inner_product(text: str):
    assert inner(node(text)) is None


def test_a_fact_about_the_data_is_cited():
    rewrite = RULES["total of one"](node("sum((1 - a)*p + a/n)"), SETTING)
    assert rewrite is not None
    assert [(fact.symbol, fact.trait) for fact in rewrite.facts] == [("p", "sums-to-one")]
    assert verdict("sum((1 - a)*p + a/n) -> 1").verdict == "wrong"
    assert verdict("sum((1 - a)*p + a/n) -> 1", rewrite.facts).verdict == "verified"


def test_what_does_not_vary_has_no_differential():
    still = SETTING.letting(node("X"))
    assert write(RULES["differential of a constant"](node("d(A @ x.T)"), still).after) == "zeros(n, 1)"
    assert write(RULES["constant factor in a differential"](node("d(A @ X @ B)"), still).after) == "A @ d(X) @ B"
    assert RULES["differential of a product"](node("d(A @ X @ B)"), still) is None

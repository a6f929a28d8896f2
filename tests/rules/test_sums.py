"""Entries, indexed sums, deltas and the way back to matrices: true for the judge, and refused where ranges differ."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from judged import examples

import solver.rules.averages
import solver.rules.clearing
import solver.rules.deltas
import solver.rules.indexed
import solver.rules.recognise
import solver.rules.terms  # noqa: F401
from solver.check.judge import equal
from solver.check.verdicts import Comparison
from solver.expr.nodes import Add, At, Big, Cmp, Idx, Neg, Node, Num, Table, add, call, free_indices, mul, num
from solver.expr.read import read
from solver.expr.sizes import Size
from solver.expr.write import write
from solver.rules.deltas import collapse_delta, in_range
from solver.rules.examples import SETTING, scope_for
from solver.rules.indexed import log_softmax_derivative
from solver.rules.letters import distinct, fresh, instantiate
from solver.rules.normal import Normalizer
from solver.rules.recognise import matrix_of_entries
from solver.rules.rule import Rule
from solver.rules.sums import entries_sum_to_one, within
from solver.spec.problem import Problem

TOPICS = ("entries", "sums", "deltas", "indexed", "recognise", "clearing", "averages")
EXAMPLES = examples(*TOPICS)
PROBLEM = Problem(
    Path("rules.yaml"), "rules", "The examples of rules", "row", SETTING.symbols, SETTING.define, {}, (), digest="sums"
)
N = Size.of("n")


def node(text: str) -> Node:
    return read(text, scope_for(text))


def judged(before: Node, after: Node, facts: tuple[object, ...] = ()) -> Comparison:
    return equal(PROBLEM, before, after, facts=facts)  # type: ignore[arg-type]


def test_there_are_examples_of_every_topic():
    assert {rule.topic for rule, _ in EXAMPLES} == set(TOPICS)
    assert len(EXAMPLES) > 100


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_rule_is_true(rule: Rule, example: str):
    before, after = (read(side, scope_for(example)) for side in example.split(" -> "))
    rewrite = rule(before, SETTING)
    assert rewrite is not None
    if any(isinstance(side, Cmp) for side in (before, after)):
        return  # a condition has no value to compare
    found = judged(before, after, rewrite.facts)
    assert found.verdict == "verified", found.message


def test_the_judge_sees_a_delta_collapsed_to_the_wrong_index():
    assert judged(node("sum(delta(i, k)*x[i] for i in n)"), node("x[j]")).verdict == "wrong"


def test_the_sum_to_one_is_cited_and_needed():
    rewrite = entries_sum_to_one(node("sum(p[i] for i in n)"), SETTING)
    assert rewrite is not None
    assert [fact.trait for fact in rewrite.facts] == ["sums-to-one"]
    assert judged(node("sum(p[i] for i in n)"), num(1)).verdict == "wrong"


# --- ranges ---------------------------------------------------------------------------------------------------------


def shifted(by: int, size: Size = N) -> Node:
    index = Idx("k", size)
    return index if not by else add(index, num(by) if by > 0 else Neg(num(-by)))


@pytest.mark.parametrize(
    ("value", "size", "inside"),
    [
        (shifted(0), N, True),
        (shifted(1), N, False),
        (shifted(1), N + 1, True),
        (shifted(-1), N, False),
        (shifted(0), N - 1, False),
        (shifted(0, N - 1), N, True),
        (num(1), N, True),
        (num(4), Size.of(3), False),
        (Idx("q", Size.of("m")), N, False),
    ],
)
def test_whether_an_index_lies_in_a_range(value: Node, size: Size, inside: bool):
    assert within(value, size, SETTING) is inside


@pytest.mark.parametrize(
    ("value", "size", "condition"),
    [
        (shifted(0), N, "1 == 1"),
        (shifted(-1), N, "k >= 2"),
        (shifted(1), N, "k <= n - 1"),
        (shifted(0), N - 1, "k <= n - 1"),
        (shifted(-2), N - 3, "k >= 3 and k <= n - 1"),
    ],
)
def test_the_condition_under_which_a_delta_is_hit(value: Node, size: Size, condition: str):
    found = in_range(value, Idx("i", size), SETTING)
    assert found is not None
    assert write(found) == condition


# --- letters --------------------------------------------------------------------------------------------------------


def test_a_bound_letter_never_captures():
    inner = node("sum(A[i, k]*x[k] for k in n)")
    put = instantiate(inner, Idx("i", N), Idx("k", N), SETTING)
    assert {index.name for index in free_indices(put)} == {"k"}
    assert isinstance(put, Big)
    assert put.index.name != "k"


def test_a_fresh_letter_is_no_name_of_the_setting():
    assert fresh(N, SETTING, letters="xna").name not in {"x", "n", "a"}


def test_nested_sums_over_one_letter_are_told_apart():
    twice = distinct(node("sum(x[k]*y[k] for k in n)"), frozenset("k"), SETTING)
    assert isinstance(twice, Big)
    assert twice.index.name != "k"


# --- recognised products --------------------------------------------------------------------------------------------


def products(rng: random.Random) -> Node:
    """A sum over one or two indices of a product of entries at them, at i and at j."""
    i, j, k, q = (Idx(name, N) for name in ("i", "j", "k", "q"))
    matrices = [node(name) for name in "ABCX"]
    vectors = [node(name) for name in "xyuv"]

    def entry() -> Node:
        kind = rng.random()
        if kind < 0.6:
            return At(rng.choice(matrices), tuple(rng.sample((i, j, k, q), 2)))
        inside = At(rng.choice(vectors), (rng.choice((i, j, k, q)),))
        return inside if kind < 0.85 else call(rng.choice(("exp", "tanh")), inside)

    body = mul(*(entry() for _ in range(rng.choice((2, 3, 4)))))
    if rng.random() < 0.3:
        body = Add((body, mul(Num(num(2).value), entry())))  # type: ignore[attr-defined]
    return Table(Big("sum", Big("sum", body, q), k), i, j)


def test_what_is_recognised_as_a_matrix_product_is_equal_to_it():
    rng = random.Random(4)
    found = 0
    for _ in range(60):
        table = products(rng)
        rewrite = matrix_of_entries(table, SETTING)
        if rewrite is None:
            continue
        found += 1
        verdict = judged(table, rewrite.after)
        assert verdict.verdict == "verified", (write(table), write(rewrite.after), verdict.message)
    assert found > 40


def test_a_delta_over_another_range_is_left_alone():
    assert collapse_delta(node("sum(delta(i, q)*x[i] for i in n)"), SETTING) is None


def test_log_softmax_of_another_variable_is_left_alone():
    assert log_softmax_derivative(node("D(log_softmax(y)[i], x[k])"), SETTING) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum((exp(sum(x[j]*A[k, j] for j in n))/sum(exp(sum(A[l, j]*x[j] for j in n)) for l in n) - y[k])*u[k]"
         " for k in n)",
         "sum(exp(sum(x[j]*A[k, j] for j in n))*u[k] for k in n)/sum(exp(sum(A[l, k]*x[k] for k in n)) for l in n)"
         " - sum(y[k]*u[k] for k in n)"),
        ("sum(x[i]*sum(y[j] for j in n) for i in n)", "sum(y[j] for j in n)*sum(x[k] for k in n)"),
        ("sum(x[i]*prod(y[j]*sum(u[k]*A[j, k] for k in n) for j in n) for i in n)",
         "prod(y[k]*sum(u[i]*A[k, i] for i in n) for k in n)*sum(x[j] for j in n)"),
    ],
)  # fmt: skip
def test_one_normal_form_for_a_sum_within_a_sum_and_outside_it(left: str, right: str):
    assert Normalizer().same(*(read(text, scope_for(text)) for text in (left, right)))


def test_bound_letters_do_not_capture_each_other():
    texts = ("sum(sum(A[i, j]*x[j] for j in n)*y[i] for i in n)", "sum(sum(A[j, i]*x[j] for j in n)*y[i] for i in n)")
    assert not Normalizer().same(*(read(text, scope_for(text)) for text in texts))

"""Stacks and Kronecker products: every rule true for the judge, and what a stacked gradient comes back to."""

import pytest
from judged import examples, verdict

import solver.rules.numbers
import solver.rules.stacks
import solver.rules.vec  # noqa: F401
from solver.expr.read import read
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.rules.examples import scope_for
from solver.rules.rule import Rule
from solver.rules.stacks import unstacked

TOPICS = ("vec", "stacks", "numbers")
EXAMPLES = examples(*TOPICS)
M, N = Size.of("m"), Size.of("n")


def test_there_are_examples_of_every_topic():
    assert {rule.topic for rule, _ in EXAMPLES} == set(TOPICS)
    assert len(EXAMPLES) > 60


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_rule_is_true(rule: Rule, example: str):
    found = verdict(example)
    assert found.verdict == "verified", found.message


def test_the_judge_sees_a_wrong_identity():
    assert verdict("vec(A @ d(X) @ B) -> kron(B, A) @ vec(d(X))").verdict == "wrong"
    assert verdict("vec(d(M).T) -> commutation(n, m) @ vec(d(M))").verdict == "wrong"


@pytest.mark.parametrize(
    ("row", "shape", "gradient"),
    [
        ("vec(M).T", (M, N), "M"),
        ("x", (N, ONE), "x.T"),
        ("x", (ONE, N), "x"),
        ("vec(x).T", (ONE, N), "x"),
    ],
)
def test_a_stacked_gradient_comes_back(row: str, shape: tuple[Size, Size], gradient: str):
    found = unstacked(read(row, scope_for(row)), shape)
    assert found is not None
    assert write(found) == gradient


def test_any_other_row_does_not_come_back_by_itself():
    assert unstacked(read("ones(1, m*n)", scope_for("ones(1, m*n)")), (M, N)) is None

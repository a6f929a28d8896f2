"""Problems that read well and ask too much: each part ends in a sentence, and the parts beside it go on."""

from __future__ import annotations

import pytest

from solver.sheets import Answered, check, read
from solver.workers import GIB, Limits

SYMBOLS = """
symbols:
  a: {}
  b: {}
  x: {shape: [n]}
  A: {shape: [n, n]}
  B: {shape: [300, 300]}
  y: {shape: [n], is: simplex}
define: {p: "exp(exp(exp(exp(a**2 + 9))))"}
parts:
"""
HURT = (
    # id, what is asked, the verdict, what is said
    ("tower", "derivative: {of: p, wrt: a}", "undecided", "could not be computed at the points tried"),
    ("dense", 'prove: "B @ B @ B == matrix_power(B, 3)"', "error", "more than 40000 entries"),
    ("identity", 'simplify: "tr(eye(10000))"', "error", "too many entries"),
    ("kronecker", 'simplify: "kron(B, B)"', "error", "more than 40000 entries"),
    ("power", 'gradient: {of: "tr(matrix_power(A, 900))", wrt: A}', "error", "to the power 900 is not computed"),
    ("nowhere", 'simplify: "log(-a**2 - 1)"', "undecided", "has no value at the points tried"),
    ("polynomial", 'prove: "(a + b)**1000*(1 + b)**1000 == 0"', "wrong", "what is to be proved is not so"),
    ("false", 'prove: "a + b == a - b"', "wrong", "what is to be proved is not so: `a + b` is not `a - b`: at a = "),
    ("sum", 'prove: "sum(y) == 2"', "wrong", "what is to be proved is not so"),
)
SOUND = (
    ("terms", 'simplify: "sum(a for i in 10000 for j in 10000)"'),
    ("high", 'derivative: {of: "a**1000", wrt: a}'),
    ("small", "simplify: a + a, answer: 2*a"),
)
LIMITS = Limits(seconds=20, memory=2 * GIB)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answered]:
    """All of them in one problem, each within the limits of a part."""
    parts = [f"  - {{id: {name}, {asked}}}\n" for name, asked, *_ in (*HURT, *SOUND)]
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(SYMBOLS.lstrip("\n") + "".join(parts), encoding="utf-8")
    found = read([path])
    assert [mistake.render() for each in found for mistake in each.mistakes] == []
    return {each.question.part.id: each for each in check(found, limits=LIMITS)}


@pytest.mark.parametrize(("name", "verdict", "message"), [(each[0], *each[2:]) for each in HURT])
def test_a_part_that_asks_too_much_ends_in_a_sentence(
    answers: dict[str, Answered], name: str, verdict: str, message: str
) -> None:
    (outcome,) = answers[name].outcomes
    assert not outcome.bug
    assert "was cut off" not in outcome.message
    assert outcome.verdict == verdict
    assert message in outcome.message


@pytest.mark.parametrize("name", [each[0] for each in SOUND])
def test_the_parts_beside_it_go_on(answers: dict[str, Answered], name: str) -> None:
    assert answers[name].verified, answers[name].outcomes[0].message

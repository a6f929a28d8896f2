"""The sheets that come with the program: every part verified, and no sign in an answer can be changed unnoticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from solver.expr.nodes import Add, Neg, Node, places, replace_at
from solver.sheets import read
from solver.solve import Outcome, Question, solve
from solver.spec.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
PROBLEMS = [problem for found in read([ROOT / "problems"]) for problem in found.readable]
ANSWERS = [(problem, part.id) for problem in PROBLEMS for part in problem.parts if part.answer is not None]


def name(value: object) -> str:
    return f"{value.file.parent.name}-{value.name}" if isinstance(value, Problem) else str(value)


def test_the_sheets_read() -> None:
    found = read([ROOT / "problems"])
    assert len(found) > 4
    assert [mistake.render() for each in found for mistake in each.mistakes] == []
    assert len(ANSWERS) > 30


@pytest.mark.parametrize("problem", PROBLEMS, ids=name)
def test_every_part_is_verified(problem: Problem) -> None:
    before: list[tuple[Question, tuple[Outcome, ...]]] = []
    for part in problem.parts:
        question = Question(problem, part)
        outcomes = solve(question, before)
        for outcome in outcomes:
            assert outcome.verdict == "verified", f"{part.id}, {outcome.route}: {outcome.message}\n{outcome.bug}"
        before.append((question, outcomes))


@pytest.mark.parametrize(("problem", "part_id"), ANSWERS, ids=name)
def test_a_changed_sign_is_noticed(problem: Problem, part_id: str) -> None:
    part = next(each for each in problem.parts if each.id == part_id)
    assert part.answer is not None
    route = part.by[:1]
    (outcome,) = solve(Question(problem, replace(part, answer=_other_sign(part.answer), by=route)), ())
    assert outcome.verdict == "wrong"
    assert outcome.judgement is not None
    assert outcome.judgement.answer is not None
    assert outcome.judgement.answer.counterexample is not None
    assert all(line.verdict == "verified" for line in outcome.judgement.lines)


def _other_sign(answer: Node) -> Node:
    """The answer with the sign of one term changed, or its own where it has no terms."""
    for path, node in places(answer):
        if isinstance(node, Add):
            last = node.args[-1]
            changed = last.arg if isinstance(last, Neg) else Neg(last)
            return replace_at(answer, path, Add((*node.args[:-1], changed)))
    return answer.arg if isinstance(answer, Neg) else Neg(answer)

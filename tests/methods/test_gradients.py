"""Every gradient of the table, by the routes that go from the loss back: all lines verified, all routes agreeing."""

from pathlib import Path

import pytest
from gradients import GRADIENTS, Case

from solver.check.judge import equal, judge
from solver.methods import CannotDerive, derive

UNKNOWN_TO_CHAIN = {"pinvA"}


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: case.name)
def test_chain(case: Case, tmp_path: Path):
    problem = case.problem(tmp_path)
    part = problem.parts[0]
    if case.name in UNKNOWN_TO_CHAIN:
        with pytest.raises(CannotDerive, match="no gradient is known through"):
            derive(problem, part, "chain")
        return
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
    other = derive(problem, part, "chain")
    facts = judgement.traits_used
    assert equal(problem, derivation.result, other.result, part=part, facts=facts).verdict == "verified"


def test_a_wrong_line_in_a_derivation_is_caught(tmp_path: Path):
    from dataclasses import replace

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

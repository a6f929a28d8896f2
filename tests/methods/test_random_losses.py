"""Random problems by every route that answers them: no wrong line, no crash, all routes agreeing."""

import pytest
from random_losses import Said, Tally, attempt, reason, table, told
from random_problems import draw, drawn_functions, text
from third_opinion import differs

from solver.expr.functions import FUNCTIONS
from solver.methods import derive

SEEDS = range(24)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_route_is_right_or_says_that_it_cannot(seed: int):
    outcome = attempt(seed)
    assert outcome.good, told(outcome, 60)


def test_the_draw_repeats_and_varies():
    texts = {text(seed) for seed in SEEDS}
    assert len(texts) == len(SEEDS)
    assert text(3) == text(3)


def test_the_draw_meets_the_whole_table_and_every_ask_about_derivatives():
    problems = []
    met: set[str] = set()
    for seed in range(3000):
        problems.append(draw(seed))
        met |= drawn_functions(problems[-1][0])
        if seed > 300 and met >= FUNCTIONS.keys():
            break
    assert met >= FUNCTIONS.keys()
    assert met >= {
        "Add",
        "Mul",
        "MatMul",
        "Div",
        "Pow",
        "Neg",
        "Transpose",
        "At",
        "Big",
        "Table",
        "Apply",
        "Cmp",
        "Logic",
    }
    assert {part.kind for _, part in problems} == {"gradient", "jacobian", "hessian", "derivative", "differential"}
    assert {problem.layout for problem, _ in problems} == {"row", "column"}


def test_a_wrong_result_is_seen_by_differences():
    found = [differs(*_with_result(seed, wrong)) for seed in range(12) for wrong in (False, True)]
    right, wrong = found[::2], found[1::2]
    assert any(each == "" for each in right)
    assert not any(right)
    assert any(wrong)


def _with_result(seed: int, wrong: bool):
    from dataclasses import replace

    from solver.expr.nodes import Mul, num

    problem, part = draw(seed)
    derivation = derive(problem, part)
    result = Mul((num(3), derivation.result)) if wrong else derivation.result
    return problem, replace(derivation, result=result), seed


def test_a_refusal_is_counted_by_its_words():
    words = "no gradient is known through `max(…)`, which `index` has"
    assert reason("no gradient is known through `max(A @ B)`, which `index` has") == words
    outcome = attempt(0)
    tally = Tally()
    tally.add(type(outcome)(0, "gradient", {"chain": Said("refused", words), "index": Said("verified")}))
    assert f"chain: 1 × {words}" in table(tally, 1.0)
    assert tally.bad == []

"""The rubric: what earns points, how they are shared out, and that they add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typeset_helpers import network_problem, sheet_view, softmax_problem

from solver.language.catalogue import catalogue
from solver.spec.texts import plain
from solver.typeset.rubric import MOST, apportioned, in_words
from solver.typeset.view import Earning, Words

ENGLISH = catalogue("en")
STEP, RESULT, ANSWER = (1, True), (2, True), (3, True)


@pytest.mark.parametrize(
    ("candidates", "points", "shares"),
    [
        ([STEP, STEP, ANSWER], 4, [1, 1, 2]),
        ([STEP, RESULT, STEP, ANSWER], 6, [1, 2, 1, 2]),
        ([STEP, STEP, ANSWER], 3, [1, 1, 1]),
        ([STEP, STEP, ANSWER], 1, [0.5, 0, 0.5]),
        ([STEP, ANSWER], 2.5, [0.5, 2]),
        ([STEP, ANSWER], 0.3, [0, 0.3]),
        ([STEP, ANSWER], 0, [0, 0]),
        ([ANSWER], None, [100]),
        ([STEP, ANSWER], None, [25, 75]),
        # a rule that has earned before waits for those that have not; the later of equals stays out
        ([STEP, (1, False), STEP, STEP, STEP, ANSWER], 8, [1, 0, 1, 1, 1, 4]),
        ([STEP, STEP, STEP, STEP, STEP, STEP, ANSWER], 5, [1, 1, 1, 1, 0, 0, 1]),
    ],
)  # fmt: skip
def test_points_are_shared_out_by_weight(
    candidates: list[tuple[int, bool]], points: float | None, shares: list[float]
) -> None:
    assert apportioned(candidates, points) == shares


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=20),
    st.one_of(st.none(), st.integers(0, 40), st.floats(0, 20).map(lambda x: round(x, 2))),
)
def test_the_shares_add_up_and_the_answer_has_the_most(
    candidates: list[tuple[int, bool]], points: float | None
) -> None:
    shares = apportioned([*candidates, ANSWER], points)
    assert sum(shares) == pytest.approx(100 if points is None else points)
    assert sum(share > 0 for share in shares) <= MOST
    assert shares[-1] == pytest.approx(max(shares)) or 3 in [weight for weight, _ in candidates]


def _said(earning: Earning) -> list[tuple[str, int | None]]:
    assert earning.chain is not None
    return [(plain(line.reason.pieces), line.number) for line in earning.chain.lines]


def test_the_lines_that_matter_earn_the_points_of_a_part() -> None:
    part = sheet_view(softmax_problem()).problems[0].parts[0]
    (way,) = part.earning
    assert _said(way) == [
        ("1 point: quotient rule", 1), ("1 point: factor", 3), ("1 point: fold the names", 5),
        ("1 point: one matrix for the diagonal, one for all products", 7),
    ]  # fmt: skip
    assert way.chain is not None
    assert all(line.lhs is not None for line in way.chain.lines)


def test_a_part_without_points_is_shared_out_in_percent() -> None:
    (way,) = sheet_view(network_problem()).problems[0].parts[0].earning
    said = _said(way)
    assert [number for _, number in said] == [1, 2, 3, 4, 6]
    assert sum(float(words.partition(" %")[0]) for words, _ in said) == 100


def test_a_discussion_earns_by_what_its_remark_says() -> None:
    part = sheet_view(softmax_problem()).problems[0].parts[2]
    (way,) = part.earning
    assert way.chain is None
    assert plain(way.others[0].pieces).startswith("100 %: Subtracting the largest entry first")
    said = in_words(Words(("We see it.",)), 1, ENGLISH)
    assert plain(said.others[0].pieces) == "1 point: We see it."

"""Replay: a derivation of true lines whose chain is broken fails, for each way in which a chain can break."""

from __future__ import annotations

from dataclasses import replace

import pytest
from check_helpers import chain, derivation, desk, line

from solver.check.judge import judge
from solver.check.replay import instance, replay
from solver.expr.derivation import Cases, Chain, Definition, Derivation, Reason, Step
from solver.expr.nodes import Add, Sym

DESK = desk({"a": "", "b": "", "c": "", "x": "1 n", "y": "1 n, one-hot"}, {"s": "softmax(x)"})
IJ = {"i": "n", "j": "n"}


def at(text: str):
    return DESK(text, **IJ)


def condition(text: str):
    return DESK.condition(text, **IJ)


def small(lhs: str, rhs: str, place: tuple[int, ...], after: str) -> Step:
    return Step(at(lhs), at(rhs), Reason("r"), place, at(after))


SOUND = derivation(chain(at("a*(b + c)"), at("a*b + a*c"), at("a*c + a*b")))


def test_a_sound_chain_has_nothing_against_it():
    assert replay(DESK.problem, SOUND) == ()
    assert judge(DESK.problem, None, SOUND).verdict == "verified"


def test_a_part_may_be_rewritten_where_it_stands():
    steps = (
        small("a*(b + c) + sin(a)", "a*(c + b) + sin(a)", (0, 1), "c + b"),
        small("a*(c + b) + sin(a)", "a*c + a*b + sin(a)", (0,), "a*c + a*b"),
    )
    sound = Chain(at("a*(b + c) + sin(a)"), steps)
    assert replay(DESK.problem, derivation(sound)) == ()


ALL_TRUE_BUT_BROKEN = {
    "a line that does not start where the one before it ended": (
        derivation(Chain(at("a + b"), (line(at("a + b"), at("b + a")), line(at("a - a + b + a"), at("a + b + 0"))))),
        "the line before it ends in",
    ),
    "a chain that does not start at its start": (
        replace(derivation(Chain(at("a + b"), (line(at("b + a"), at("a + b + 0")),))), question=at("a + b")),
        "starts from",
    ),
    "a step that says it changed another part than it did": (
        derivation(Chain(at("a*b + c"), (small("a*b + c", "c + b*a", (0,), "b*a"),))),
        "gives `b*a + c`",
    ),
    "a step at a place that is not there": (
        derivation(Chain(at("a + b"), (small("a + b", "b + a", (5, 1), "b + a"),))),
        "there is no part at",
    ),
    "a step that puts in what does not fit": (
        derivation(Chain(at("x"), (Step(at("x @ x.T"), at("x"), Reason("r"), (1,), at("x")),))),
        "there is no part at",
    ),
    "a step that does not say what was put in": (
        derivation(Chain(at("a + b"), (Step(at("a + b"), at("b + a"), Reason("r")),))),
        "does not say what was put in",
    ),
    "details that end elsewhere": (
        derivation(
            Chain(
                at("a + b"),
                (Step(at("a + b"), at("b + a"), Reason("r"), children=(line(at("a + b"), at("b + a + 0")),)),),
            )
        ),
        "the details end in",
    ),
    "details that start elsewhere": (
        derivation(
            Chain(
                at("a + b"),
                (Step(at("a + b"), at("b + a"), Reason("r"), children=(line(at("a + b + 0"), at("b + a")),)),),
            )
        ),
        "detail 1 starts from",
    ),
    "a result that is not where the chain ends": (
        replace(derivation(chain(at("a + b"), at("b + a"))), result=at("b + a + 0")),
        "the last chain ends in",
    ),
    "a last chain that is not about the question": (
        replace(derivation(chain(at("a + b"), at("b + a"))), question=at("a + b + 0")),
        "the last chain starts at",
    ),
    "an earlier chain that nothing uses": (
        derivation(chain(at("sin(b)"), at("sin(b) + 0")), chain(at("a + b"), at("b + a"))),
        "chain 1 is not used",
    ),
    "no argument at all": (
        Derivation(at("a + b"), at("b + a"), "test", ()),
        "no argument",
    ),
}


@pytest.mark.parametrize(("broken", "words"), ALL_TRUE_BUT_BROKEN.values(), ids=ALL_TRUE_BUT_BROKEN.keys())
def test_a_broken_chain_of_true_lines_fails(broken, words):
    judgement = judge(DESK.problem, None, broken)
    if words != "there is no part at":
        assert all(each.verdict == "verified" for each in judgement.lines)
    assert judgement.verdict == "wrong"
    assert any(words in error for error in judgement.replay_errors), judgement.replay_errors
    assert judgement.message


# --- names and earlier results --------------------------------------------------------------------------------------


def test_an_earlier_chain_is_used_by_its_start_its_name_or_an_instance():
    first = chain(at("D(s[i], x[j])"), at("s[i]*(delta(i, j) - s[j])"))
    by_start = chain(at("2*D(s[i], x[j])"), at("2*(s[i]*(delta(i, j) - s[j]))"))
    assert replay(DESK.problem, derivation(first, by_start)) == ()
    renamed = chain(at("D(s[j], x[i])"), at("s[j]*(delta(j, i) - s[i])"))
    assert replay(DESK.problem, derivation(first, renamed)) == ()
    named = replace(chain(at("sin(a)*b"), at("b*sin(a)")), name=Sym("q"))
    by_name = chain(at("b*sin(a) + c"), Add((Sym("q"), at("c"))))
    found = derivation(named, by_name)
    assert replay(DESK.problem, found) == ()
    assert judge(DESK.problem, None, found).verdict == "verified"


def test_a_name_must_be_new():
    taken = derivation(
        replace(chain(at("sin(a)"), at("sin(a) + 0")), name=Sym("b")), chain(at("sin(a) + c"), at("c + sin(a)"))
    )
    assert any("`b` is named twice" in error for error in replay(DESK.problem, taken))
    twice = derivation(
        replace(chain(at("sin(a)"), at("sin(a) + 0")), name=Sym("q")),
        replace(chain(at("cos(a)"), at("cos(a) + 0")), name=Sym("q")),
        chain(at("sin(a) + cos(a)"), at("cos(a) + sin(a)")),
    )
    assert any("`q` is named twice" in error for error in replay(DESK.problem, twice))
    redefined = replace(SOUND, definitions=(Definition(Sym("s", at("s").shape), at("x")),))
    assert any("`s` is named twice" in error for error in replay(DESK.problem, redefined))


def test_a_name_must_not_rest_on_itself():
    circular = replace(SOUND, definitions=(Definition(Sym("p"), Sym("q")), Definition(Sym("q"), Sym("p"))))
    judgement = judge(DESK.problem, None, circular)
    assert judgement.verdict == "error" or judgement.replay_errors
    assert any("rests on itself" in error for error in judgement.replay_errors)


def test_a_problems_name_given_to_a_chain_must_be_what_the_problem_says():
    right = derivation(
        replace(chain(at("exp(x)/sum(exp(x))"), at("softmax(x)")), name=at("s")),
        chain(at("a*(exp(x)/sum(exp(x)))"), at("a*s")),
    )
    assert judge(DESK.problem, None, right).verdict == "verified"
    false = derivation(
        replace(chain(at("exp(x)"), at("1*exp(x)")), name=at("s")),
        chain(at("a*exp(x)"), at("exp(x)*a")),
    )
    judgement = judge(DESK.problem, None, false)
    assert judgement.verdict == "wrong"
    assert any("not what the problem defines" in error for error in judgement.replay_errors)


def test_instances_rename_free_indices_alone():
    pattern = at("D(s[i], x[j])")
    assert instance(pattern, at("D(s[j], x[i])")) == {"i": at("j"), "j": at("i")}
    assert instance(pattern, at("D(s[i], x[i])")) == {"i": at("i"), "j": at("i")}
    assert instance(at("D(s[i], x[i])"), pattern) is None
    assert instance(pattern, at("s[i]")) is None
    assert instance(at("sum(x[k] for k in n)"), at("sum(y[k] for k in n)")) is None
    assert instance(at("sin(x[i])"), at("cos(x[i])")) is None
    assert instance(at("sum(x[k]*y[i] for k in n)"), at("sum(x[k]*y[j] for k in n)")) == {"i": at("j")}


# --- cases ----------------------------------------------------------------------------------------------------------

QUESTION = at("D(s[i], x[j])")
SAME = Chain(QUESTION, (line(QUESTION, at("s[i]*(1 - s[i])")),), given=(condition("i == j"),))
OTHER = Chain(QUESTION, (line(QUESTION, at("-s[i]*s[j]")),), given=(condition("i != j"),))
BOTH = at("where(i == j, s[i]*(1 - s[i]), -s[i]*s[j])")


def by_cases(*chains, result=BOTH, more=()) -> Derivation:
    return Derivation(QUESTION, result, "cases", (Cases(chains), *more))


def test_cases_that_cover_everything_and_meet_in_one_result():
    assert judge(DESK.problem, None, by_cases(SAME, OTHER)).verdict == "verified"


def test_cases_may_be_gathered_by_a_chain_that_goes_on():
    gathered = chain(BOTH, at("s[i]*(delta(i, j) - s[j])"))
    found = by_cases(SAME, OTHER, result=gathered.result, more=(gathered,))
    judgement = judge(DESK.problem, None, found)
    assert judgement.verdict == "verified", (judgement.replay_errors, judgement.message)
    from_question = chain(QUESTION, BOTH, at("s[i]*(delta(i, j) - s[j])"))
    found = by_cases(SAME, OTHER, result=from_question.result, more=(from_question,))
    assert judge(DESK.problem, None, found).verdict == "verified"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (by_cases(SAME), "do not cover everything"),
        (by_cases(SAME, replace(OTHER, given=(condition("i < j"),))), "do not cover everything"),
        (by_cases(SAME, OTHER, replace(OTHER, given=(condition("i < j"),))), "do not exclude each other"),
        (by_cases(SAME, replace(OTHER, given=())), "does not say when it holds"),
        (by_cases(SAME, OTHER, result=at("s[i]*(delta(i, j) - s[j])")), "which the result has"),
        (by_cases(SAME, OTHER, result=at("where(i == j, s[i]*(1 - s[i]), -s[j]*s[i] + 0)")), "no case ends in"),
        (by_cases(SAME, OTHER, result=at("s[i]*(1 - s[i])")), "which the result does not have"),
        (by_cases(SAME, replace(OTHER, start=at("D(s[i], x[i])"))), "a case starts at"),
        (by_cases(SAME, OTHER, result=at("s[i]"), more=(chain(at("s[i]"), at("s[i]")),)), "no case ends in"),
    ],
)
def test_cases_that_do_not_make_an_argument(found, words):
    judgement = judge(DESK.problem, None, found)
    assert judgement.verdict == "wrong"
    assert any(words in error for error in judgement.replay_errors), judgement.replay_errors


def test_cases_swapped_in_the_result_are_wrong_in_value():
    swapped = by_cases(SAME, OTHER, result=at("where(i == j, -s[i]*s[j], s[i]*(1 - s[i]))"))
    judgement = judge(DESK.problem, None, swapped)
    assert judgement.replay_errors == ()
    assert judgement.result.verdict == "wrong"
    assert judgement.verdict == "wrong"


def test_a_line_of_a_case_is_held_to_its_case_only():
    judgement = judge(DESK.problem, None, by_cases(SAME, OTHER))
    assert [each.given for each in judgement.lines] == [SAME.given, OTHER.given]
    exchanged = by_cases(replace(SAME, given=OTHER.given), replace(OTHER, given=SAME.given))
    assert {each.verdict for each in judge(DESK.problem, None, exchanged).lines} == {"wrong"}

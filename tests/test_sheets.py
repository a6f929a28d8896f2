"""The stages between reading and building: what a part may rest on, the gate, the order in which files appear."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from worked_helpers import PROBLEM, Does, derive, sheet

import solver.solve
from solver import output, pages, report, sheets, upkeep
from solver.check.verdicts import Judgement
from solver.expr.derivation import Chain, Derivation
from solver.expr.nodes import D, Idx, Mul, Sym, at
from solver.expr.read import Scope, read
from solver.expr.sizes import ONE, Size
from solver.methods import Established
from solver.pages import NotVerified, Page, passed
from solver.record import Checked, Record
from solver.sheets import Answered
from solver.solve import Outcome, Question, solve
from solver.spec.problem import Gradient, Part, Place, Problem, Sheet

TWO_PARTS = PROBLEM + PROBLEM.partition("parts:\n")[2].replace("slope", "again")


@pytest.fixture
def read_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sheet:
    """A sheet with two parts, derived by the small engine."""
    monkeypatch.setattr(solver.solve, "derive", derive)
    (found,) = sheets.read([sheet(tmp_path, TWO_PARTS)])
    assert found.sheet is not None
    return found.sheet


def answers(given: Sheet) -> list[Answered]:
    (problem,) = given.problems
    questions = [Question(problem, part) for part in problem.parts]
    return [Answered(given.name, question, solve(question, ())) for question in questions]


# --- what a part may rest on ------------------------------------------------------------------------------------------


def test_a_part_may_use_what_earlier_parts_have_shown_and_nothing_else(
    read_sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Established] = []

    def listen(problem: Problem, part: Part, route: str | None, earlier: tuple[Established, ...]) -> Derivation:
        heard.extend(earlier)
        return derive(problem, part, route, earlier)

    monkeypatch.setattr(solver.solve, "derive", listen)
    first, second = answers(read_sheet)
    (good,) = first.outcomes
    solve(second.question, [(first.question, (replace(good, verdict="wrong"),))])
    assert heard == []
    solve(second.question, [(first.question, (good, good))])
    assert good.derivation is not None
    assert heard == list(Established.of("slope", good.derivation, first.question.problem.define))
    assert heard


# --- the gate ---------------------------------------------------------------------------------------------------------


def spoilt(outcome: Outcome, what: str) -> Outcome | None:
    judgement = outcome.judgement
    assert isinstance(judgement, Judgement)
    match what:
        case "verdict":
            return replace(outcome, verdict="undecided")
        case "line":
            lines = (replace(judgement.lines[0], verdict="undecided"), *judgement.lines[1:])
            return replace(outcome, judgement=replace(judgement, lines=lines))
        case "chain":
            return replace(outcome, judgement=replace(judgement, replay_errors=("broken",)))
        case "unjudged":
            return replace(outcome, judgement=None)
    return None


def test_the_gate_opens_for_a_sheet_that_is_verified(read_sheet: Sheet) -> None:
    assert passed(read_sheet, answers(read_sheet))


@pytest.mark.parametrize("what", ["verdict", "line", "chain", "unjudged", "unanswered"])
def test_the_gate_is_shut_by_one_fault(read_sheet: Sheet, tmp_path: Path, what: str) -> None:
    first, second = answers(read_sheet)
    bad = spoilt(second.outcomes[0], what)
    spoiled = [first, replace(second, outcomes=(bad,) if bad else ())]
    assert not passed(read_sheet, spoiled)
    (target,), _ = upkeep.targets([read_sheet.folder], tmp_path / "build", ("solutions",))
    with pytest.raises(NotVerified):
        pages.typeset(read_sheet, spoiled, target)


def test_the_gate_wants_every_part(read_sheet: Sheet) -> None:
    assert not passed(read_sheet, answers(read_sheet)[:1])


# --- build ------------------------------------------------------------------------------------------------------------


def test_the_pdf_appears_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (target,), _ = upkeep.targets([sheet(tmp_path)], tmp_path / "build", ("solutions",))
    order: list[str] = []
    monkeypatch.setattr(output, "replace", lambda path, content: order.append(path.name))
    files = {"solutions.pdf": b"", "z.pdf": b"", "solutions.tex": b""}
    pages.build(Page(files, Record("s", "solutions", {}, {}, Checked(1, 1, 1, 1))), target)
    assert order == ["solutions.json", "z.pdf", "solutions.tex", "solutions.pdf"]


# --- reports ----------------------------------------------------------------------------------------------------------


def test_an_annotation_cannot_be_broken_out_of() -> None:
    finding = report.Finding(Place("a,b:c%\n.yaml", 3, 4), "wrong", "100 %\n::stop-commands::x")
    expected = "::error file=a%2Cb%3Ac%25%0A.yaml,line=3,col=4,title=wrong::100 %25%0A::stop-commands::x"
    assert report.annotation(finding) == expected


def test_free_indices_stand_in_the_order_in_which_the_ask_names_them() -> None:
    n = Size.of("N")
    x, i, j = Sym("x", (ONE, n)), Idx("i", n), Idx("j", n)
    scope = Scope({"x": x}, "row", frozenset({"N"}), {"i": i, "j": j})
    entry, other = read("x[j]", scope), read("x[i]", scope)
    question = D(entry, other)
    result = Mul((other, entry))
    part = Part("a", "gradient", Gradient(entry, other), "", indices=(j, i))
    assert at(result, (0,)) == other
    assert report.free(part, Derivation(question, result, "index", (Chain(result, ()),))) == ["j", "i"]


@pytest.mark.parametrize("route", [Does.HONEST, Does.SLIP])
def test_lines_are_counted_as_printed(read_sheet: Sheet, route: str) -> None:
    (problem,) = read_sheet.problems
    (outcome,) = solve(Question(problem, replace(problem.parts[0], by=(route,))), ())
    assert [line.depth for line in outcome.lines] == [0]

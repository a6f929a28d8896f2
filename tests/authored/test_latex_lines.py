r"""Lines in LaTeX, and the verdict on each line: for people, with the place in the file, and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver import pages, report
from solver.sheets import Answered
from solver.solve import Question, solve
from solver.spec.load import load_problem
from solver.spec.mistakes import Mistakes
from solver.spec.problem import Sheet
from solver.typeset import page
from solver.typeset.view import ChainView, Record

HEADER = """\
title: Least squares
notation: {vectors: row}
symbols:
  X: {shape: [N, D]}
  W_1: {shape: [D, K]}
  y: {shape: [N, K]}
  p: {shape: [K], is: simplex}
  x: {}
  lam: {is: positive}
define:
  yhat: X @ W_1
  J: sum((yhat - y)**2)/2
  s: sigmoid(x)
parts:
  - id: a
"""
FIRST = HEADER.count("\n") + 1


def answered(folder: Path, body: str) -> Answered:
    """The part whose keys `body` gives, its first line being line FIRST of the file."""
    file = folder / "p.yaml"
    file.write_text(HEADER + "\n".join(f"    {line}" for line in body.split("\n")) + "\n", encoding="utf-8")
    problem = load_problem(file)
    question = Question(problem, problem.parts[0])
    return Answered("sheet", question, solve(question, ()))


def said(each: Answered) -> list[tuple[str, str]]:
    """The verdict and message of every line, as the JSON report has them."""
    (part,) = json.loads(report.as_json([each]))["parts"]
    return [(line["verdict"], line["message"] or "") for line in part["lines"]]


def steps(*lines: str) -> str:
    return "\n".join(("steps:", *(f"  - {line}" for line in lines)))


def test_lines_in_both_languages_are_one_derivation(tmp_path: Path) -> None:
    each = answered(
        tmp_path,
        steps(
            r"$\frac{\partial J}{\partial W_1} = X^\top (\hat{y} - y)$",
            r"$= X^\top(X W_1 - y)$",
            "= X.T @ X @ W_1 - X.T @ y",
            r"$\dfrac{\partial J}{\partial \mathbf{W}_1} = \mathbf X^{\mathsf T}\bigl(\hat{\bm y} - \bm y\bigr)$",
            r"'\[ \nabla_{W_1} J = X^T \hat y - X^T y. \]'",
        ),
    )
    assert each.verified, report.as_json([each])
    assert [verdict for verdict, _ in said(each)] == ["verified"] * 5
    (part,) = json.loads(report.as_json([each]))["parts"]
    assert part["lines"][1]["lhs"] == "X.T @ (yhat - y)"
    assert part["lines"][2]["rule"] == "distribute a matrix product"


ALIGNED = (
    r"\begin{aligned}", r"  \frac{\partial J}{\partial W_1}", r"    &= X^\top (\hat{y} - y) && \text{chain rule} \\",
    r"    &= X^\top \hat{y} - X^\top y \label{eq:last}", r"\end{aligned}",
)  # fmt: skip


@pytest.mark.parametrize(
    "rows", [ALIGNED, ("$$", *ALIGNED, "$$"), (r"\begin{align*}", *ALIGNED[1:-1], r"\end{align*}")]
)
def test_an_align_is_pasted_whole_and_each_of_its_rows_is_a_line(tmp_path: Path, rows: tuple[str, ...]) -> None:
    each = answered(tmp_path, "\n".join(("steps:", "  - |", *(f"    {row}" for row in rows))))
    assert each.verified
    (part,) = json.loads(report.as_json([each]))["parts"]
    first, second = part["lines"]
    assert (first["reason"], second["lhs"], second["rhs"]) == ("chain rule", first["rhs"], "X.T @ yhat - X.T @ y")
    extra = len(rows) - len(ALIGNED)
    assert first["place"]["line"] == FIRST + 3 + extra // 2
    assert second["place"]["line"] == first["place"]["line"] + 2


def test_a_left_side_alone_begins_a_derivation(tmp_path: Path) -> None:
    each = answered(tmp_path, steps("D(s, x)", "= s*(1 - s)", r"$\frac{\partial J}{\partial y}$", "$= y - X W_1$"))
    assert each.verified
    assert len(said(each)) == 2


VERDICTS = (
    # the line, its verdict, what is said of it, what is marked in the file
    ("D(s, x) = s*(1 - s)", "verified", "", ""),
    ("$s' = s(1 - s)$", "cannot read", "s", ""),
    (r"$\frac{ds}{dx} = s(1 + s)$", "wrong", "sign: `s*(1 - s)` would be right here", ""),
    (r"$X W_1 = W_1 X$", "does not fit", "the shapes D×K and N×D do not fit in this product", "W_1 X"),
    (r"$X W_1 = y^\top$", "does not fit", "the left side is N×K and the right side K×N", r"y^\top"),
    ("X @ W_1 = y.T", "does not fit", "the left side is N×K and the right side K×N", "X @ W_1 = y.T"),
    ("X @ W_1 = W_1 @ X", "does not fit", "the inner sizes differ in D×K @ N×D", "W_1 @ X"),
    (r"$\sum_{k} p_k = 1$", "wrong", "assumption leak", ""),
    (r"$s = \foo(x)$", "cannot read", r"unknown command \foo", r"\foo"),
    (r"$s = \sigma(z)$", "cannot read", "the index or name z is not declared", "z"),
    (r"$s = \frac{1}{1 + e^{-x}$", "cannot read", "never closed", "{1 + e"),
    (r"\frac{1}{2} = s", "cannot read", r"LaTeX stands between dollars", "\\"),
    (r"$s = x", "cannot read", "the closing mark of this LaTeX is missing", "$s"),
    ("$s$ = $x$", "cannot read", "means nothing in a formula", "$ = "),
    ("s*(1 - s)", "cannot read", "there is no equals sign in this line", "s*(1 - s)"),
    ("= s*(1 - s)", "cannot read", "a first line has a left side too", "= s*(1 - s)"),
    (r"$\log(-s) = \log(-s)$", "undecided", "no value", ""),
)


@pytest.mark.parametrize(("line", "verdict", "message", "marked"), VERDICTS, ids=[line for line, *_ in VERDICTS])
def test_a_line_has_one_verdict_and_the_others_have_their_own(
    tmp_path: Path, line: str, verdict: str, message: str, marked: str
) -> None:
    quoted = "'" + line.replace("'", "''") + "'"
    each = answered(tmp_path, steps(quoted, "D(s, x) = s - s**2"))
    first, second = said(each)
    assert first[0] == verdict, first
    assert message in first[1]
    assert second == ("verified", "")
    found = list(report.findings([each]))
    if verdict == "verified":
        assert found == []
        return
    assert each.outcomes[0].verdict in ("wrong", "undecided")
    assert found[0].kind == verdict
    assert found[0].place.line == FIRST + 1
    if verdict in ("cannot read", "does not fit"):
        assert marked == "" or found[0].place.column == 10 + quoted[1:].index(marked.replace("'", "''"))
        shown, caret = found[0].details[:2]
        assert shown[caret.index("^") :].startswith(marked.replace("'", "''"))
        assert set(caret.strip()) == {"^"}


def test_what_follows_an_unread_line_goes_on_from_its_left_side(tmp_path: Path) -> None:
    each = answered(tmp_path, steps(r"$\frac{ds}{dx} = \foo$", "= s*(1 + s)", r"$= s - s^2$", "= s*(1 - s)"))
    assert [verdict for verdict, _ in said(each)] == ["cannot read", "wrong", "verified", "verified"]
    assert each.outcomes[0].verdict == "wrong"
    kinds = [(finding.kind, finding.place.line - FIRST) for finding in report.findings([each])]
    assert kinds == [("cannot read", 1), ("wrong", 2)]


def test_one_slip_is_one_report(tmp_path: Path) -> None:
    each = answered(tmp_path, steps("x*(x + 1) = x**2 + 2*x", "= 2*x + x**2", "= x**2 + x", "= x + x**2"))
    assert [verdict for verdict, _ in said(each)] == ["wrong", "verified", "verified", "verified"]
    (outcome,) = each.outcomes
    assert outcome.verdict == "wrong"
    assert outcome.judgement is not None
    assert "the final line is right again, but line 1 is not" in outcome.judgement.replay_errors


def test_lines_are_claims_of_their_own(tmp_path: Path) -> None:
    """A line that says again what the first one began with is judged as it stands, and none has to serve another."""
    each = answered(
        tmp_path, steps("D(s, x) = s*(1 + s)", "D(s, x) = s*(1 - s)", "x + lam = lam + x", "D(s, x) = s - s**2")
    )
    assert [verdict for verdict, _ in said(each)] == ["wrong", "verified", "verified", "verified"]


def test_a_counterexample_names_the_entry_and_by_how_much(tmp_path: Path) -> None:
    each = answered(tmp_path, steps("D(J, y) = y"))
    (part,) = json.loads(report.as_json([each]))["parts"]
    found: dict[str, Any] = part["lines"][0]["counterexample"]
    row, column = (k - 1 for k in found["entry"])
    apart = float(found["lhs"][row][column]) - float(found["rhs"][row][column])
    assert float(found["difference"]) == pytest.approx(apart)
    assert apart != 0


def test_a_derivation_is_printed_with_the_rules_that_explain_it(tmp_path: Path) -> None:
    each = answered(tmp_path, steps(r"$\frac{ds}{dx} = s(1 - s)$", "{line: = s - s**2, reason: multiply out}"))
    problem, (outcome,) = each.question.problem, each.outcomes
    assert outcome.derivation is not None
    sheet = Sheet(tmp_path, "sheet", "Sheet", "", (problem,))
    worked = {(problem.name, "a"): [outcome.derivation]}
    shown = page.view(sheet, worked, Record(0, 0, 0, "", ""), pages.language("en", tmp_path))
    (chain,) = shown.problems[0].parts[0].derivations[0].blocks
    assert isinstance(chain, ChainView)
    first, second = (line.reason.pieces for line in chain.lines)
    assert "".join(map(str, first)).startswith("derivative of ")
    assert second == ("multiply out",)


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [r"$X^\top(\hat{y} - y)$", r"'$$\mathbf{X}^{\top}(\hat{\bm y} - \bm y).$$'", r'"$X^T(\\hat y - y)$"']
)
def test_an_answer_in_latex_is_reached(tmp_path: Path, answer: str) -> None:
    each = answered(tmp_path, f"gradient: {{of: J, wrt: W_1}}\nanswer: {answer}")
    assert each.verified


ANSWERS = (
    (r"$X^\top(\hat{y} - z)$", "the index or name z is not declared", "", 19),
    (r"$X(\hat{y} - y)$", "the shapes N×D and N×K do not fit in this product", r"transpose the first factor: ^\top", 2),
    (r"$y$", "the answer is N×K, and the question asks for D×K", "", 1),
    (r"$J = X^\top(\hat{y} - y)$", "an equation, where one value is wanted", "write its right side alone", 2),
    (r"$X^\top", "the closing mark of this LaTeX is missing", "write it as `$…$`", 1),
)


@pytest.mark.parametrize(("answer", "message", "hint", "column"), ANSWERS, ids=[answer for answer, *_ in ANSWERS])
def test_an_answer_in_latex_that_cannot_be_is_a_mistake_with_its_place(
    tmp_path: Path, answer: str, message: str, hint: str, column: int
) -> None:
    with pytest.raises(Mistakes) as raised:
        answered(tmp_path, f"gradient: {{of: J, wrt: W_1}}\nanswer: {answer}")
    (mistake,) = raised.value.mistakes
    assert message in mistake.message
    assert hint in mistake.hint
    assert (mistake.place.line, mistake.place.column) == (FIRST + 1, 12 + column)


def test_a_row_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    rows = (
        r"\begin{align}", r"  \nabla_{W_1} J &= X^\top (\hat{y} - y) \\", r"    &= X^\top \foo{y} \\",
        r"    &= X^\top \hat{y} - X^\top y \\", r"    &= X^\top \frac{\hat{y} - y \\", r"    &= X^\top(X W_1 - y)",
        r"\end{align}",
    )  # fmt: skip
    each = answered(tmp_path, "\n".join(("steps:", "  - |", *(f"    {row}" for row in rows))))
    assert [verdict for verdict, _ in said(each)] == ["verified", "cannot read", "verified", "cannot read", "verified"]
    assert [finding.place.line - FIRST for finding in report.findings([each])] == [4, 6]

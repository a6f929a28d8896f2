"""Templates: typed values only, three kinds of sheet, no solutions in a handout, a sheet's own templates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from typeset_helpers import network_problem, node, scalar_problem, sheet_view, softmax_problem

from solver.expr.nodes import Node, walk
from solver.spec.problem import Space
from solver.typeset.latex import latex
from solver.typeset.layout import grouped, rows, side_by_side
from solver.typeset.render import KINDS, MEASURE, environment, render
from solver.typeset.templates import TemplateMistake
from solver.typeset.tex import NotTypeset, Text
from solver.typeset.view import CasesView, ChainView, LineView, SheetView, Words

VIEW = sheet_view(softmax_problem(), network_problem(), scalar_problem())


def test_a_sheet_is_written_the_same_way_twice() -> None:
    for kind in KINDS:
        assert render(VIEW, kind) == render(VIEW, kind)


def test_a_derivations_lines_are_readable_in_the_latex() -> None:
    written = render(VIEW)
    assert (
        r"\step{z_{1}}{= v_{1}\sigma_{1}(1 - \sigma_{1}) - \sum_{j \neq 1} v_{j}\sigma_{j}\sigma_{1}}{column 1}{8}"
        in written
    )
    assert r"\step{}{= \sigma_{1}\biggl(v_{1} - \cancel{v_{1}\sigma_{1}}" in written
    assert r"\eqqcolon \bm{\delta}_{2}" in written
    assert r"50 \% of the trouble is gone \& no digit is lost" in written
    assert "31 of 31 lines verified, 9 points each" in written
    assert "% problem: jacobian, part: a" in written


def formulas(view: SheetView) -> set[str]:
    """Everything that only a solution may say: right sides, answers, reasons, remarks."""
    found: set[str] = set()
    for problem in view.problems:
        for part in problem.parts:
            for answer in part.answers:
                found |= {latex(side, problem.context).tex for side in answer.sides}
            found |= {str(piece) for piece in part.remark.pieces if isinstance(piece, str)}
            for derivation in part.derivations:
                for block in derivation.blocks:
                    for chain in block.chains if isinstance(block, CasesView) else (block,):
                        found |= {latex(line.rhs, problem.context).tex for line in chain.lines}
    return found


def test_a_handout_holds_the_questions_and_nothing_of_the_solutions() -> None:
    handout, solutions = render(VIEW, "handout"), render(VIEW, "solutions")
    asked = {
        latex(part, problem.context, style="inline").tex
        for problem in VIEW.problems
        for each in problem.parts
        for piece in each.ask.pieces
        if isinstance(piece, Node)
        for part in walk(piece)
    }
    secret = formulas(VIEW) - asked
    assert len(secret) > 15
    assert sum(formula in solutions for formula in secret) > 10
    assert not [formula for formula in secret if formula in handout]
    assert r"\begin{derivation}" not in handout.split(r"\begin{document}")[1]
    assert "Find the Jacobian of" in handout


def test_answers_hold_the_final_formulas_without_an_argument() -> None:
    answers = render(VIEW, "answers").split(r"\begin{document}")[1]
    assert r"\operatorname{diag}(\bm{\sigma}) - \bm{\sigma}^{\top}\,\bm{\sigma}" in answers
    assert r"\begin{derivation}" not in answers
    assert "quotient rule" not in answers


def test_room_for_answers_is_left_on_request() -> None:
    assert r"\answerspace" not in render(VIEW, "handout").split(r"\begin{document}")[1]
    parts = tuple(replace(part, space=Space(60, "mm")) for part in VIEW.problems[0].parts)
    roomy = replace(VIEW, problems=(replace(VIEW.problems[0], parts=parts),))
    assert render(roomy, "handout").count("\\answerspace{60mm}\n") == len(parts) > 2


def test_hostile_words_stay_words() -> None:
    problem, worked = scalar_problem()
    evil = r"\input{/etc/passwd} $x$ \end{document} % {{ 7*7 }} <( 1 )> #1"
    made = sheet_view((replace(problem, title=evil, intro=evil, source=evil), worked))
    for kind in KINDS:
        written = render(replace(made, title=evil, course=evil), kind)
        assert r"\input{/etc" not in written
        assert written.count(r"\end{document}") == 1
        assert r"\textbackslash{}input\{/etc/passwd\}" in written


def test_a_sheets_own_template_wins(tmp_path: Path) -> None:
    (tmp_path / "answers.tex.j2").write_text("Only <( sheet.title|text )>.")
    assert render(VIEW, "answers", search=(tmp_path,)) == "Only Softmax and backpropagation.\n"
    (tmp_path / "answers.tex.j2").write_text(
        '<% extends "base.tex.j2" %><% block colours %>\\definecolor{ink}{HTML}{AA0000}<% endblock %>'
    )
    assert "AA0000" in render(VIEW, "answers", search=(tmp_path,))


def test_a_template_is_no_way_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.tex.j2").write_text("SECRET")
    (tmp_path / "sheet").mkdir()
    (tmp_path / "sheet" / "answers.tex.j2").symlink_to(tmp_path / "secret.tex.j2")
    with pytest.raises(TemplateMistake, match="not a link"):
        render(VIEW, "answers", search=(tmp_path / "sheet",))
    (tmp_path / "sheet" / "answers.tex.j2").unlink()
    (tmp_path / "sheet" / "answers.tex.j2").write_text('<% include "../secret.tex.j2" %>')
    with pytest.raises(TemplateMistake, match="no template"):
        render(VIEW, "answers", search=(tmp_path / "sheet",))


def test_a_template_may_extend_the_one_that_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "handout.tex.j2").write_text(
        '<% extends "worked/handout.tex.j2" %><% block colours %>\\definecolor{ink}{HTML}{AA0000}<% endblock %>'
    )
    made = render(VIEW, "handout", search=(tmp_path,))
    assert "AA0000" in made
    assert r"\partheading" in made.split(r"\begin{document}")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ok\n<% if %>", r"answers\.tex\.j2:2: .*"),
        ("<( nothing )>", r"answers\.tex\.j2:1: 'nothing' is undefined"),
        ("\n\n<( sheet.title )>", r"answers\.tex\.j2:3: a template wrote a bare str"),
        ('<% extends "other.tex.j2" %>', r"there is no template `other\.tex\.j2`: ours are called"),
        ("<( ''.__class__.__mro__ )>", r"access to attribute '__class__' of 'str' object is unsafe"),
        ("<% for k in range(10**9) %>x<% endfor %>", "Range too big"),
        ("<( (1).real/0 )>", "ZeroDivisionError"),
    ],
)
def test_what_is_amiss_in_an_own_template_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "answers.tex.j2").write_text(text)
    with pytest.raises(TemplateMistake, match=said):
        render(VIEW, "answers", search=(tmp_path,))


@pytest.mark.parametrize(
    ("template", "value", "cure"),
    [
        ("<( value )>", "words", r"\| text"),
        ("<( value )>", 7, r"\| text"),
        ("<( value )>", node("a"), r"node \| math"),
        ("<( value )>", Words(("a",)), r"words \| prose"),
    ],
)
def test_a_bare_value_in_a_template_is_refused_with_its_cure(template: str, value: object, cure: str) -> None:
    with pytest.raises(NotTypeset, match=cure):
        environment().from_string(template).render(value=value)


def test_typed_values_and_what_macros_made_pass() -> None:
    template = "<% macro m(x) %>[<( x )>]<% endmacro %><( m(value) )><( 'a_b'|text )>"
    assert environment().from_string(template).render(value=Text(r"\TeX")) == r"[\TeX]a\_b"


def test_an_undefined_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("<( nothing )>").render()


# --- rows ---------------------------------------------------------------------------------------------------------


def test_chains_without_a_word_between_them_are_aligned_together() -> None:
    blocks = grouped(VIEW.problems[1].parts[0].derivations[0])
    assert len(blocks) == 1
    assert isinstance(blocks[0], ChainView)
    assert len(blocks[0].lines) == 6
    assert len(grouped(VIEW.problems[0].parts[0].derivations[0])) == 2


def test_only_the_last_row_of_a_broken_line_has_the_reason_and_number() -> None:
    context = VIEW.problems[0].context
    long = node(" + ".join(f"exp(x[{k}])*v[{k}]" for k in range(1, 20)))
    made = rows(ChainView((LineView(node("z[1]"), long, Words(("why",)), 3),)), context, MEASURE)
    assert len(made) > 1
    assert [row.last for row in made] == [False] * (len(made) - 1) + [True]
    assert [row.number.tex for row in made] == [""] * (len(made) - 1) + ["3"]
    assert [row.reason.tex for row in made] == [""] * (len(made) - 1) + ["why"]
    assert all(row.penalty == 10000 for row in made[:-1])


def test_a_left_side_too_wide_to_stand_before_its_relation_gets_rows_of_its_own() -> None:
    wide = node(" + ".join(f"exp(x[{k}])*v[{k}]" for k in range(1, 9)))
    made = rows(ChainView((LineView(wide, node("a"), Words(), 1),)), VIEW.problems[0].context, MEASURE)
    assert made[0].lhs.tex == ""
    assert made[-1].rhs.tex == "= a"


def test_two_short_cases_stand_side_by_side_and_wide_ones_do_not() -> None:
    context = VIEW.problems[0].context
    short = ChainView((LineView(node("a"), node("b"), Words(("why",)), 1),))
    assert side_by_side(CasesView((short, short)), context, MEASURE)
    assert not side_by_side(CasesView((short, short, short)), context, MEASURE)
    block = VIEW.problems[0].parts[0].derivations[0].blocks[0]
    assert isinstance(block, CasesView)
    assert not side_by_side(block, context, MEASURE)

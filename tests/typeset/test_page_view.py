"""The page as data: lines, numbers, names, marks, answers, tables, settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typeset_helpers import (
    chain,
    derivation,
    network_problem,
    node,
    scalar_problem,
    scope,
    sheet_view,
    softmax_problem,
)

from solver.expr.derivation import Chain, Code, Definition, Reason, Step
from solver.expr.nodes import Neg, Node, Sym, Table
from solver.expr.numeric import NumericError
from solver.expr.write import write
from solver.language.catalogue import catalogue
from solver.spec.problem import Count, Discuss, Shapes, TableRow
from solver.typeset.page import worded
from solver.typeset.selection import cancelled, folded, shape_marks, steps_shown
from solver.typeset.view import CasesView, ChainView, DerivationView, LineView, PartView, SheetView, Words


def parts(made: SheetView) -> list[PartView]:
    return [part for problem in made.problems for part in problem.parts]


def lines(shown: DerivationView) -> list[LineView]:
    chains: list[ChainView] = []
    for block in shown.blocks:
        chains += block.chains if isinstance(block, CasesView) else (block,)
    return [line for each in chains for line in each.lines]


def test_lines_are_numbered_through_a_problem_and_a_left_side_stands_once() -> None:
    made = sheet_view(softmax_problem(), network_problem())
    numbers = [[line.number for part in p.parts for d in part.derivations for line in lines(d)] for p in made.problems]
    assert numbers == [list(range(1, 12)), list(range(1, 7))]
    first = lines(made.problems[0].parts[0].derivations[0])
    assert [line.lhs is None for line in first] == [False, True, True, False, True, False, True]


def test_the_answer_frames_the_question_its_matrix_with_dots_and_the_closed_form() -> None:
    box = parts(sheet_view(softmax_problem()))[0].answers[0]
    assert box.lhs is not None
    assert [isinstance(side, Table) for side in box.sides] == [True, False]
    assert box.shape == ()
    gradient = parts(sheet_view(network_problem()))[0].answers[0]
    assert len(gradient.sides) == 1
    assert [str(size) for size in gradient.shape] == ["1", "Dx"]


def test_the_name_of_a_chain_stands_on_its_last_line() -> None:
    shown = lines(parts(sheet_view(network_problem()))[0].derivations[0])
    assert [line.name.name if isinstance(line.name, Sym) else None for line in shown] == [
        "delta2", None, None, "delta1", None, None,
    ]  # fmt: skip


def test_labels_are_the_ids_where_all_are_short_and_letters_elsewhere() -> None:
    assert [part.label for part in parts(sheet_view(softmax_problem()))] == ["a", "b", "c"]
    assert [part.label for part in parts(sheet_view(scalar_problem()))] == ["a", "b"]
    problem, worked = scalar_problem()
    alone = replace(problem, parts=problem.parts[:1])
    assert [part.label for part in parts(sheet_view((alone, worked)))] == [""]


def test_a_reason_names_an_earlier_part_as_the_page_does() -> None:
    problem, worked = scalar_problem()
    argument = derivation(chain("softmax(x + c)[i]", ("softmax(x)[i]", "part (derivative)")), route="identity")
    made = sheet_view((problem, {**worked, ("tanh", "shift"): (argument,)}))
    assert lines(parts(made)[1].derivations[0])[0].reason == Words(("part (a)",))


def test_routes_are_named_where_there_are_several_and_one_answer_is_shown_once() -> None:
    problem, worked = softmax_problem()
    argument = worked["jacobian", "b"][0]
    made = sheet_view((problem, {("jacobian", "b"): (argument, replace(argument, route="matrix"))}))
    part = parts(made)[1]
    assert [d.title.pieces for d in part.derivations] == [("In index notation",), ("In matrix form",)]
    assert len(part.answers) == 1


def test_definitions_and_restated_names_come_before_the_chains_without_numbers() -> None:
    problem, worked = softmax_problem()
    new = Definition(Sym("u"), node("sum(exp(x))"), "the denominator")
    old = Definition(Sym("J"), node("log(a)"))
    argument = replace(worked["jacobian", "b"][0], definitions=(new,), restated=(old,))
    shown = parts(sheet_view((problem, {("jacobian", "b"): (argument,)})))[1].derivations[0].blocks[0]
    assert isinstance(shown, ChainView)
    assert shown.intro == Words(("We write",))
    assert [(line.relation, line.number) for line in shown.lines] == [(":=", None), ("=", None)]


# --- detail -------------------------------------------------------------------------------------------------------


def step(before: str, after: str, rule: str, *, routine: bool = False, children: tuple[Step, ...] = ()) -> Step:
    return Step(node(before), node(after), Reason(rule), routine=routine, children=children)


STEPS = (
    step("a + b", "b + a", "order", routine=True),
    step("b + a", "c", "rule", children=(step("b + a", "b", "first"), step("b", "c", "second"))),
    step("c", "c + 0", "tidy", routine=True),
    step("c + 0", "c*1", "tidy", routine=True),
)


def test_detail_folds_routine_steps_shows_lines_or_single_rules() -> None:
    assert [s.reason.rule for s in steps_shown(STEPS, 1)] == ["order", "rule", "tidy", "tidy"]
    assert [s.reason.rule for s in steps_shown(STEPS, 2)] == ["order", "first", "second", "tidy", "tidy"]
    (only,) = steps_shown(STEPS, 0)
    assert (only.lhs, only.rhs, only.reason.rule) == (node("a + b"), node("c*1"), "rule")


def test_few_lines_leave_the_bookkeeping_to_the_reader() -> None:
    steps = (step("a", "b", "affine map"), step("b", "c", "established"), step("c", "c + 0", "reorder"))
    (only,) = steps_shown(steps, 0)
    assert (only.lhs, only.rhs, only.reason.rule) == (node("a"), node("c + 0"), "affine map")
    assert len(steps_shown(steps, 1)) == 3


def test_folding_keeps_a_chain_that_is_all_routine_as_one_line() -> None:
    (only,) = folded(STEPS[2:])
    assert (only.lhs, only.rhs, only.reason.rule) == (node("c"), node("c*1"), "tidy")
    assert folded(()) == ()


# --- marks --------------------------------------------------------------------------------------------------------


def marked(before: str, after: str) -> set[tuple[int, ...]]:
    return set(cancelled(step(before, after, "rule")))


def test_terms_that_cancel_are_struck_out_on_the_line_before() -> None:
    assert marked("a*(v[1] - b + c + b)", "a*(v[1] + c)") == {(1, 1, 0), (1, 3)}
    assert marked("a*b/(a*c)", "b/c") == {(0, 0), (1, 0)}
    shown = lines(parts(sheet_view(softmax_problem()))[1].derivations[0])
    assert [sorted(line.marks) for line in shown][:3] == [[], [(1, 1, 0), (1, 3)], []]


@pytest.mark.parametrize(
    ("before", "after"),
    [("a + b - c", "a"), ("a - b + b", "(a - b + b)*1"), ("a/b", "c"), ("(a + b)/(a + c)", "b/c"),
     ("a*b/(a*c)", "a*b/(a*c) + 0")],
)  # fmt: skip
def test_what_does_not_cancel_is_not_struck_out(before: str, after: str) -> None:
    assert marked(before, after) == set()


def test_shapes_stand_under_the_factors_of_a_long_product_once() -> None:
    value: Node = node("(yhat - y) @ A*x*(1 - x)")
    assert sorted(shape_marks(value)) == [(0, 0), (0, 1), (1,), (2,)]
    assert sorted(shape_marks(Neg(value))) == [(0, 0, 0), (0, 0, 1), (0, 1), (0, 2)]
    assert shape_marks(node("x*y")) == {}
    assert shape_marks(node("x @ A")) == {}
    twice = derivation(
        chain("D(J, x)", ("(yhat - y) @ A*x", "one"), name="v"), chain("D(J, y)", ("(yhat - y) @ A*x", "two"))
    )
    problem, _ = softmax_problem()
    shown = lines(parts(sheet_view((problem, {("jacobian", "b"): (twice,)})))[1].derivations[0])
    assert [bool(line.marks) for line in shown] == [True, False]


# --- reasons ------------------------------------------------------------------------------------------------------


def test_reasons_take_their_captures_where_the_words_name_them() -> None:
    words = replace(catalogue("en"), reasons={"affine": "{y} is affine in {x}", "quotient rule": "quotient rule"})
    reason = Reason("affine", (("y", node("a")), ("x", node("b"))))
    assert worded(reason, words, {}) == [node("a"), " is affine in ", node("b")]
    assert worded(Reason("quotient rule"), words, {}) == ["quotient rule"]
    with pytest.raises(KeyError):
        worded(Reason("no such reason"), words, {})


def test_short_reasons_of_scalar_derivations_stand_over_the_equals_sign() -> None:
    def styles(**options: object) -> list[str]:
        made = parts(sheet_view(scalar_problem(), **options))
        return [
            block.style for part in made for d in part.derivations for block in d.blocks if isinstance(block, ChainView)
        ]

    assert styles() == ["over", "right"]
    assert styles(reasons="right") == ["right", "right"]
    assert styles(reasons="over") == ["over", "over"]


# --- tables and settings ------------------------------------------------------------------------------------------


def cells(made: SheetView) -> list[list[object]]:
    table = parts(made)[2].table
    assert table is not None
    return [[cell.pieces[0] for cell in row[1:]] for row in table.rows]


def test_a_discussion_shows_what_float64_gives() -> None:
    assert cells(sheet_view(softmax_problem())) == [
        ["[0.5, 0.5]", "[0.5, 0.5]", "0.6931", "−0"],
        ["[0.5, 0.5]", "[0.5, 0.5]", "0.6931", "−0"],
        ["[nan, 0]", "[1, 0]", "inf", "nan"],
    ]


def test_a_table_without_a_value_it_needs_is_refused_by_name() -> None:
    problem, worked = softmax_problem()
    ask = Discuss((("loss", node("a + 1")),), (TableRow({"x": ["0", "0"]}),))
    wanting = replace(problem, parts=(*problem.parts[:2], replace(problem.parts[2], ask=ask)))
    with pytest.raises(NumericError, match=r"'loss'.*a has no value"):
        sheet_view((wanting, worked))


def test_shapes_and_counts_show_a_table_of_the_names_asked_about() -> None:
    problem, worked = network_problem()
    some = replace(problem.parts[0], ask=Count((Sym("W1", problem.symbols["W1"].shape),)))
    every = replace(problem.parts[0], id="d", ask=Shapes())
    made = parts(sheet_view((replace(problem, parts=(some, every)), worked)))
    assert made[0].shapes is not None
    assert made[1].shapes is not None
    assert [row[0].name for row in made[0].shapes.rows if isinstance(row[0], Sym)] == ["W1"]
    assert len(made[1].shapes.rows) == len(problem.symbols) + len(problem.define)


def test_a_count_repeats_no_table_and_sizes_stand_in_the_order_of_the_shape() -> None:
    problem, worked = network_problem()
    w2 = Sym("W2", problem.symbols["W2"].shape)
    shown = replace(problem.parts[0], ask=Shapes((w2,)))
    counted = replace(problem.parts[0], id="d", ask=Count((w2,)))
    made = parts(sheet_view((replace(problem, parts=(shown, counted)), worked)))
    assert made[0].shapes is not None
    assert [write(row[3]) for row in made[0].shapes.rows] == ["*".join(map(str, w2.shape))]
    assert made[1].shapes is None


def test_the_setting_says_traits_that_the_authors_words_do_not() -> None:
    setting = sheet_view(softmax_problem()).problems[0].setting
    said = {row[0].name: row[1].pieces for row in setting.symbols if isinstance(row[0], Sym)}
    assert said["t"] == ("the label", ", ", "one-hot")
    assert said["x"] == ("the logits",)


def test_a_scalar_of_which_nothing_is_said_is_not_listed() -> None:
    setting = sheet_view(scalar_problem()).problems[0].setting
    assert [row[0].name for row in setting.symbols if isinstance(row[0], Sym)] == ["x"]


def test_a_chain_without_steps_is_one_line() -> None:
    bare = Chain(node("a + b"), ())
    argument = derivation(bare)
    problem, _ = softmax_problem()
    shown = lines(parts(sheet_view((problem, {("jacobian", "b"): (argument,)})))[1].derivations[0])
    assert [(line.lhs, line.rhs) for line in shown] == [(None, node("a + b"))]
    assert scope().layout == "row"


def test_a_program_is_the_answer_of_its_part_and_its_formulas_are_not_framed() -> None:
    problem, worked = softmax_problem()
    program = Code("network", "def f(x):\n    return x", node("J"), ())
    argument = replace(worked["jacobian", "b"][0], code=program)
    part = parts(sheet_view((problem, {("jacobian", "b"): (argument,)})))[1]
    assert part.code == program.source
    assert part.answers == ()

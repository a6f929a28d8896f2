"""Problem files that are right: what each key gives."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest
from spec_helpers import SETTING, mistakes, part, problem, spots, written

from solver.expr.nodes import At, Idx, Node, Num, Sym
from solver.expr.shapes import SCALAR
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.spec import problem as spec
from solver.spec.load import load_problem

D, H = Size.of("D"), Size.of("H")

EVERYTHING = r"""
title: Softmax of `x`
source: 'A course, \S 3'
notation: {vectors: row}
dims: {D: number of classes}
symbols:
  x: {shape: [D], about: the logits}
  y: {shape: [D], is: [one-hot, constant], about: no label}
  W: {shape: [2*D, 3]}
  f: {function: elementwise, about: any}
  t: {}
define:
  L: -sum(y * log(p))
  p: {is: softmax(x), about: the prediction `p`}
indices: {o: D}
given: [o != 1, D > 2]
intro: |
  Words with `x[o]`
  and $5.
figure:
  plot: {curves: [tanh(t), {slope: 1 - tanh(t)**2}], over: {t: [-4, 4]}, caption: two curves}
parts:
  - id: gradient
    ask: The gradient of `L` by `x`?
    gradient: {of: L, wrt: x}
    by: [cases, matrix]
    answer: p - y
    given: o != 2
    intro: before
    hint: a hint
    remark: after
    points: 2.5
    figures:
      - heatmap: {of: diag(p) - p.T @ p, at: {x: [t, 0, 1e-3], t: 2}}
      - plot: {curves: {the softmax: softmax(x)}, over: {s: [0, 1]}, at: {x: [s, 0]}}
"""


@pytest.fixture
def everything(tmp_path: Path) -> spec.Problem:
    return problem(tmp_path, EVERYTHING)


def test_the_head_of_a_file(everything: spec.Problem, tmp_path: Path) -> None:
    found = everything
    assert (found.title, found.source, found.name) == ("Softmax of `x`", r"A course, \S 3", "problem")
    assert (found.layout, found.dims) == ("row", {"D": "number of classes"})
    assert found.intro == "Words with `x[o]`\nand $5."
    assert found.indices == {"o": D}
    assert [write(condition) for condition in found.given] == ["o != 1", "D > 2"]
    assert found.digest == hashlib.sha256((tmp_path / "problem.yaml").read_bytes()).hexdigest()
    assert found.about == {"p": "the prediction `p`"}
    assert found.places["p"] == spec.Place(str(tmp_path / "problem.yaml"), 14, 3)


def test_symbols_have_shapes_and_traits(everything: spec.Problem) -> None:
    symbols = everything.symbols
    assert symbols["x"] == spec.Symbol("x", (ONE, D), (), "the logits")
    assert symbols["y"] == spec.Symbol("y", (ONE, D), ("one-hot", "constant"), "no label")
    assert symbols["W"].shape == (D + D, Size.of(3))
    assert symbols["f"] == spec.Symbol("f", SCALAR, (), "any", "elementwise")
    assert symbols["t"] == spec.Symbol("t")


def test_definitions_stand_after_what_they_rest_on(everything: spec.Problem) -> None:
    assert list(everything.define) == ["p", "L"]
    assert write(everything.define["L"]) == "-sum(y*log(p))"


def test_a_part(everything: spec.Problem) -> None:
    (found,) = everything.parts
    x = Sym("x", (ONE, D))
    assert (found.id, found.kind, found.text) == ("gradient", "gradient", "The gradient of `L` by `x`?")
    assert found.ask == spec.Gradient(Sym("L"), x)
    assert found.by == ("cases", "matrix")
    assert found.answer is not None
    assert write(found.answer) == "p - y"
    assert found.answer_place is not None
    assert (found.answer_place.line, found.answer_place.column) == (27, 13)
    assert [write(condition) for condition in found.given] == ["o != 2"]
    assert (found.intro, found.hint, found.remark, found.points) == ("before", "a hint", "after", 2.5)


def test_figures_come_with_what_they_draw(everything: spec.Problem) -> None:
    (plot,) = everything.figures
    t = Sym("t")
    assert (plot.kind, plot.caption, plot.options["over"]) == ("plot", "two curves", (t, -4.0, 4.0))
    assert curves(plot) == [("", "tanh(t)"), ("slope", "1 - tanh(t)**2")]
    heat, labelled = everything.parts[0].figures
    assert heat.options["at"] == {"x": (t, Num(Fraction(0)), Num(Fraction(1, 1000))), "t": Num(Fraction(2))}
    assert heat.options["sizes"] == {"D": 3}
    assert curves(labelled) == [("the softmax", "softmax(x)")]
    assert labelled.options["over"] == (Sym("s"), 0.0, 1.0)
    assert labelled.options["sizes"] == {"D": 2}


def curves(figure: spec.Figure) -> list[tuple[str, str]]:
    drawn = figure.options["curves"]
    assert isinstance(drawn, tuple)
    return [(label, write(node)) for label, node in drawn]


def test_what_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "parts: [{simplify: 1 + 1}, {simplify: 2}]", "my_first-one.yaml")
    found = load_problem(path)
    assert (found.title, found.layout, found.source, found.intro) == ("My first one", "column", "", "")
    assert [(each.id, each.text, each.by, each.answer) for each in found.parts] == [
        ("a", "", (), None),
        ("b", "", (), None),
    ]


def test_vectors_lie_as_the_notation_says(tmp_path: Path) -> None:
    column = problem(tmp_path, "symbols: {x: {shape: [D]}}\nparts: [{simplify: x}]")
    assert column.symbols["x"].shape == (D, ONE)


def ask(folder: Path, *lines: str) -> spec.Part:
    return problem(folder, part(*lines)).parts[0]


X, A, B = Sym("x", (ONE, D)), Sym("A", (D, D)), Sym("B", (D, H))
L, C = Sym("L"), Sym("c")
Ii, Ij = Idx("i", D), Idx("j", D)

ASKS: list[tuple[str, str, object]] = [
    ("gradient", "{of: L, wrt: A, structured: true}", spec.Gradient(L, A, True)),
    ("gradient", '{of: "p[i]", wrt: "x[j]"}', spec.Gradient(At(Sym("p", (ONE, D)), (Ii,)), At(X, (Ij,)))),
    ("gradient", '{of: L, wrt: "A[:, i]"}', spec.Gradient(L, At(A, (None, Ii)))),
    ("jacobian", "{of: p, wrt: x}", spec.Jacobian(Sym("p", (ONE, D)), X)),
    ("hessian", "{of: L, wrt: x}", spec.Hessian(L, (X, X))),
    ("hessian", "{of: L, wrt: [x, A]}", spec.Hessian(L, (X, A))),
    ("derivative", '{of: L, wrt: "x[1]", order: 2}', spec.Derivative(L, At(X, (Num(Fraction(1)),)), 2)),
    ("differential", "{of: L, wrt: [A, B]}", spec.Differential(L, (A, B))),
    ("differential", "{of: L, wrt: x}", spec.Differential(L, (X,))),
    ("simplify", "x", spec.Simplify(X)),
    ("prove", "L = c", spec.Prove(L, C)),
    ("prove", "x[i] == x[i]", spec.Prove(At(X, (Ii,)), At(X, (Ii,)))),
    ("shapes", "all", spec.Shapes()),
    ("shapes", "true", spec.Shapes()),
    ("shapes", "[x, L]", spec.Shapes((X, L))),
    ("count", "[A, B]", spec.Count((A, B))),
    ("count", "A", spec.Count((A,))),
    ("discuss", "true", spec.Discuss()),
    ("discuss", "", spec.Discuss()),
    ("discuss", "{}", spec.Discuss()),
    ("implement", "{of: L, wrt: [A, x], name: net}", spec.Implement(L, (A, X), "net")),
    ("implement", "{of: L, wrt: A}", spec.Implement(L, (A,), "network")),
]


@pytest.mark.parametrize(("kind", "value", "wanted"), ASKS)
def test_every_ask(tmp_path: Path, kind: str, value: str, wanted: object) -> None:
    found = ask(tmp_path, f"{kind}: {value}")
    assert found.kind == kind
    assert found.ask == wanted


def test_an_ask_introduces_the_indices_it_names(tmp_path: Path) -> None:
    found = ask(
        tmp_path,
        'jacobian: {of: "p[i]", wrt: "x[j]"}',
        "answer: where(i == j, p[i]*(1 - p[i]), -p[i]*p[j])",
        "ask: The entry at `i`, `j`.",
        "given: i != j",
    )
    assert found.indices == (Ii, Ij)


def test_a_whole_number_symbol_may_be_an_index(tmp_path: Path) -> None:
    assert ask(tmp_path, "simplify: x[n]").ask == spec.Simplify(At(X, (Sym("n"),)))


def test_authored_lines(tmp_path: Path) -> None:
    found = problem(
        tmp_path,
        part(
            "steps:",
            "  - D(L, x) = p - y",
            "  - == p - y",
            '  - {line: "= p - y", reason: "the label `y`", facts: sum(y) == 1}',
            r"  - $\frac{\partial L}{\partial x} = p - y$",
            "  - = p - qq",
            "  - = p @ y",
        ),
    ).parts[0]
    assert isinstance(found.ask, spec.Steps)
    first, second, third, latex, unread, unfit = found.ask.lines
    assert (text(first.lhs), text(first.rhs), first.place.line, first.place.column) == ("D(L, x)", "p - y", 15, 9)
    assert (second.lhs, text(second.rhs)) == (None, "p - y")
    assert (third.lhs, text(third.rhs), third.reason, third.facts) == (None, "p - y", "the label `y`", ("sum(y) == 1",))
    assert (latex.lhs, latex.rhs, latex.mistake) == (first.lhs, first.rhs, None)
    assert latex.text == r"\frac{\partial L}{\partial x} = p - y"
    assert (latex.place.line, latex.place.column) == (18, 10)
    assert (unread.rhs, unread.place.line, unread.place.column, unread.misfit) == (None, 19, 15, False)
    assert unread.mistake is not None
    assert unread.mistake.message == "`qq` is not declared"
    assert (unfit.rhs, unfit.misfit) == (None, True)
    assert unfit.mistake is not None
    assert "inner sizes differ" in unfit.mistake.message


def text(node: Node | None) -> str | None:
    return None if node is None else write(node)


def test_values_of_a_table_stay_the_texts_that_were_written(tmp_path: Path) -> None:
    found = problem(
        tmp_path,
        """\
        notation: {vectors: row}
        symbols:
          x: {shape: [D]}
          A: {shape: [D, H]}
          c: {}
        define: {p: softmax(x)}
        parts:
          - discuss:
              table:
                columns: {naive: exp(x)/sum(exp(x)) @ A, the `p`: p*c*H}
                rows:
                  - {label: tiny, x: [1e-320, 1000.50], A: [[1, 2, 3], [4, 5, 6]], c: -0.10}
                  - {p: [0, 1], x: [1, 0], A: [[1], [0]], c: 1}
        """,
    )
    (found_part,) = found.parts
    assert isinstance(found_part.ask, spec.Discuss)
    assert [label for label, _ in found_part.ask.columns] == ["naive", "the `p`"]
    tiny, given = found_part.ask.rows
    assert tiny.values == {"x": ("1e-320", "1000.50"), "A": (("1", "2", "3"), ("4", "5", "6")), "c": "-0.10"}
    assert (tiny.label, tiny.sizes) == ("tiny", {"D": 2, "H": 3})
    assert given.values["p"] == ("0", "1")


def test_a_size_that_no_list_settles_is_given(tmp_path: Path) -> None:
    row = "discuss: {table: {columns: {a: c * D}, rows: [{c: 1%s}]}}"
    (found,) = mistakes(tmp_path, part(row % ""))
    assert "no value is given for the size `D`" in found.message
    (found,) = mistakes(tmp_path, part(row % ", D: two"))
    assert "`D` is a size" in found.message
    read = problem(tmp_path, part(row % ", D: 3")).parts[0].ask
    assert isinstance(read, spec.Discuss)
    assert read.rows[0].sizes == {"D": 3}


def test_every_mistake_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        titel: Softmax
        symbols:
          x: {shape: [D], is: one-hott, about: the `logits`}
          A: {shape: [n, m], is: symmetric}
        define:
          a: b
          b: a
          p: softmax(xx)
          L: -sum(p * q)
        parts:
          - ask: Derive `L`, then `pp`.
            gradient: {of: L, wrt: zz}
            by: caess
          - answer: x.T
            gradient: {of: sum(x), wrt: x}
            remark: |
              Two lines,
              `A @ A` and `x
        """,
    )
    assert spots(found) == [
        (1, 1), (3, 23), (3, 45), (4, 26), (6, 3), (8, 14), (11, 28), (12, 28), (13, 9), (14, 13), (18, 8), (18, 19),
    ]  # fmt: skip
    assert [each.render().count("\n") >= 2 for each in found] == [True] * len(found)


def test_what_rests_on_a_mistake_is_not_reported_again(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        symbols: {x: {shape: [D +]}}
        define: {p: softmax(x), L: sum(p)}
        parts:
          - {gradient: {of: L, wrt: x}, answer: p, ask: about `p`}
        """,
    )
    assert spots(found) == [(1, 25)]


@pytest.mark.parametrize("text", [SETTING + "parts: [{simplify: x}]\n", "\ufeff" + part("simplify: x")])
def test_line_ends_and_marks_of_other_systems(tmp_path: Path, text: str) -> None:
    path = tmp_path / "problem.yaml"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert load_problem(path).parts[0].ask == spec.Simplify(X)

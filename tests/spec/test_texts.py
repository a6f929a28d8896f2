"""Texts: mathematics between backticks, words around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec_helpers import part, problem

from solver.expr.nodes import At, Cmp, Idx, Node, SizeSym, Sym
from solver.expr.shapes import SCALAR
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.spec.texts import FunctionName, OpenBacktick, Piece, pieces, spans

D = Size.of("D")

# a text, its pieces: words in quotes, mathematics as the problem language writes it
TEXTS: list[tuple[str, list[str]]] = [
    ("words", ["'words'"]),
    ("", []),
    ("The `x` here", ["'The '", "x", "' here'"]),
    ("`x``y`", ["x", "y"]),
    ("costs $5, 100 % & \\alpha_1 {b} #1", ["'costs $5, 100 % & \\\\alpha_1 {b} #1'"]),
    ("`x` = `p`", ["x", "' = '", "p"]),
    ("`p = softmax(x)`", ["p == softmax(x)"]),
    ("`sum(p) == 1`", ["sum(p) == 1"]),
    ("`c > 0` and `sum(x, axis=1)`", ["c > 0", "' and '", "sum(x, axis=1)"]),
    ("`where(c == 1, c, n)`", ["where(c == 1, c, n)"]),
    ("`D(L, x)`, `d(x)`", ["D(L, x)", "', '", "d(x)"]),
    ("`softmax`, `ln`, `f`, `f(x)`", ["<softmax>", "', '", "<log>", "', '", "<f abstract>", "', '", "f(x)"]),
    ("`x[i]` of part `D`", ["x[i]", "' of part '", "D"]),
]


@pytest.mark.parametrize(("text", "wanted"), TEXTS)
def test_the_pieces_of_a_text(tmp_path: Path, text: str, wanted: list[str]) -> None:
    found = problem(tmp_path, part('jacobian: {of: "p[i]", wrt: "x[j]"}'))
    assert [shown(piece) for piece in pieces(found, found.parts[0], text)] == wanted


def shown(piece: Piece) -> str:
    match piece:
        case FunctionName(name, abstract):
            return f"<{name}{' abstract' if abstract else ''}>"
        case Node():
            return write(piece)
    return repr(piece)


def test_pieces_are_typed_in_the_problem_s_own_names(tmp_path: Path) -> None:
    found = problem(tmp_path, part('jacobian: {of: "p[i]", wrt: "x[j]"}'))
    x = Sym("x", (ONE, D))
    assert pieces(found, found.parts[0], "`x[i]``L = c``D`") == (
        At(x, (Idx("i", D),)),
        Cmp(Sym("L", SCALAR), Sym("c"), "=="),
        SizeSym("D"),
    )


def test_a_name_of_the_problem_wins_over_a_function_s(tmp_path: Path) -> None:
    found = problem(tmp_path, "symbols: {exp: {}}\nparts: [{simplify: exp(exp)}]")
    assert pieces(found, None, "`exp`") == (Sym("exp"),)


@given(st.text("ab `\n"))
def test_the_spans_of_a_text_are_the_text(text: str) -> None:
    if text.count("`") % 2:
        with pytest.raises(OpenBacktick) as caught:
            list(spans(text))
        assert text[caught.value.position] == "`"
        return
    found = list(spans(text))
    assert "".join(f"`{text[s.start : s.end]}`" if s.mathematics else text[s.start : s.end] for s in found) == text
    assert all(s.mathematics or s.start < s.end for s in found)

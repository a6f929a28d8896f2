"""Lines broken before operators, none wider than its room, nothing lost; estimates near what TeX measures."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typeset_helpers import CONTEXT, node
from typeset_tex import needs_tex

from solver.typeset.box import Box, Chunk, break_lines
from solver.typeset.build import compile_pdf
from solver.typeset.latex import last_line, latex, lines, measure
from solver.typeset.layout import rows
from solver.typeset.view import ChainView, LineView

LONG = [
    " + ".join(f"a*exp(x[{k}])*b" for k in range(1, 12)),
    "s[i]*(" + " - ".join(f"v[{k}]*s[{k}]*s[i]" for k in range(1, 15)) + ")",
    "((yhat - y) @ A.T*x*(1 - x)) @ (((yhat - y) @ A.T*x*(1 - x)).T @ ((yhat - y) @ A.T*x*(1 - x)))",
    " @ ".join(["(A - B)", "X.T"] * 8),
]


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("room", [16.0, 22.0, 30.0])
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(text: str, room: float) -> None:
    value = node(text)
    made = lines(value, CONTEXT, room, room - 2)
    assert len(made) > 1
    assert "".join(line.tex for line in made) == latex(value, CONTEXT).tex
    for line in made:
        assert line.tex.count("{") == line.tex.count("}")


def test_a_short_formula_stays_whole() -> None:
    assert len(lines(node("a + b"), CONTEXT, 10, 8)) == 1


def test_a_fraction_longer_than_a_line_is_written_with_a_slash_and_broken() -> None:
    long = node(f"({LONG[0]})/b")
    assert latex(long, CONTEXT).tex.endswith("/b")
    made = lines(long, CONTEXT, 22.0, 20.0)
    assert len(made) > 1
    assert latex(node("(a + b)/b"), CONTEXT).tex.startswith(r"\frac")


def test_what_is_left_of_the_last_line_is_told() -> None:
    short, long = node("a + b"), node(LONG[0])
    assert last_line(short, CONTEXT, 30.0, 20.0) == 30.0 - measure(short, CONTEXT)
    made = lines(long, CONTEXT, 22.0, 20.0)
    assert len(made) > 1
    assert 0 <= last_line(long, CONTEXT, 22.0, 20.0) < 20.0


@pytest.mark.parametrize(("room", "count"), [(60.0, 1), (12.5, 2)])
def test_a_name_that_does_not_fit_behind_its_formula_takes_a_line_of_its_own(room: float, count: int) -> None:
    """The formula is not broken for it."""
    line = LineView(None, node("(yhat - y) @ A.T * x"), number=1, name=node("x"))
    made = rows(ChainView((line, line)), CONTEXT, room)
    assert [r"\eqqcolon" in row.rhs.tex for row in made] == [False, True][-count:] * 2


def test_a_sum_is_broken_before_the_parentheses_in_its_terms() -> None:
    """Though there are fewer lines where the second term begins on the first."""
    second = "x.T @ ((yhat - y)*x*(1 - x)*(1 - y)*(1 - x*y)*(1 - yhat))"
    room = measure(node(second), CONTEXT) - 1.0
    made = lines(node(f"x.T @ ((yhat - y)*x) + {second}"), CONTEXT, room, room)
    assert len(made) == 3
    assert made[1].tex.lstrip().startswith(r"+ \bm{x}^{\top}")


def test_sums_break_before_products_and_outside_before_inside() -> None:
    first, *rest = lines(node("a*b*c + (a + b)*c + a*b*c + (a + b)*c"), CONTEXT, 10, 10)
    assert rest
    assert all(line.tex.startswith((" + ", " - ")) for line in rest)
    assert all(line.tex.count("(") == line.tex.count(")") for line in (first, *rest))


@given(
    st.lists(st.tuples(st.floats(0.1, 5), st.integers(0, 9)), min_size=1, max_size=12), st.floats(5, 20)
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_breaking_keeps_every_chunk_in_order_and_fits_where_it_can(parts: list[tuple[float, int]], room: float) -> None:
    chunks = tuple(Chunk(f"[{k}]", width, penalty if k else None) for k, (width, penalty) in enumerate(parts))
    made = break_lines(Box(chunks), room, room)
    assert tuple(chunk for line in made for chunk in line.chunks) == chunks
    # a hair too wide costs less than another line
    assert all(line.width <= room + 0.05 or len(line.chunks) == 1 for line in made)


SIZED = [
    "D(softmax(x)[i], x[j])", "((yhat - y) @ A.T*x*(1 - x)) @ B", "-sum(y*log(yhat))", "a*tanh(a)",
    "exp(x[i])/sum(exp(x[k]) for k in N)", "diag(s) - s.T @ s", "norm(x - y)**2/2", "log(a/b)", "(a/b)**2 + sqrt(a)",
    "matrix(where(i == j, s[i]*(1 - s[i]), -s[i]*s[j]) for i in N for j in N)", "where(i == j, a, b)",
    "kron(A, B) @ vec(X)", "indicator(x > 0)*x", "sum(y[l]*s[l] for l in N if l != k)", "tr((yhat - y).T @ d(x))",
]  # fmt: skip


@needs_tex
def test_estimated_widths_are_near_those_that_tex_measures() -> None:
    formulas = [latex(node(text), CONTEXT).tex for text in SIZED]
    body = "\n".join(rf"\setbox0\hbox{{$\displaystyle {tex}$}}\typeout{{WIDTH \the\wd0}}" for tex in formulas)
    done = compile_pdf(
        r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}\usepackage{mathpazo,tgpagella}\usepackage{amsmath,"
        r"amssymb,bm}\begin{document}." + body + r"\end{document}"
    )
    measured = [float(width) / 10.95 for width in re.findall(r"WIDTH ([\d.]+)pt", done.log)]
    assert len(measured) == len(SIZED)
    for text, width in zip(SIZED, measured, strict=True):
        assert measure(node(text), CONTEXT) == pytest.approx(width, rel=0.16), text

"""What the writer writes is read back as what it was written from: random formulas in both layouts."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from roundtrip import Layout, context, hidden, problem, varying
from strategies import SCOPES, expressions

from solver.expr.read import read
from solver.readback import difference
from solver.typeset.latex import latex, lines

EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
"""How many formulas of each layout are tried: the same ones every time, or as many others as EXAMPLES asks for."""


@pytest.mark.parametrize("layout", ["row", "column"])
@given(data=st.data())
@settings(
    max_examples=EXAMPLES, derandomize="EXAMPLES" not in os.environ, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_a_random_formula_is_read_back(layout: Layout, data: st.DataObject) -> None:
    node = data.draw(expressions(layout, depth=3))
    assume(not list(hidden(node, layout)))
    tex = " ".join(line.tex for line in lines(node, context(layout), 26, 24))
    assert difference(problem(layout), node, tex, SCOPES[layout], varying(layout)) == ""


@pytest.mark.parametrize(
    ("layout", "text", "printed"),
    [
        ("row", "2*x*(y @ x.T)", r"2\bm{x} \cdot \bm{y}\bm{x}^{\top}"),
        ("row", "A*(1/n)*B", r"\bm{A} \odot \frac{1}{n}\,\bm{B}"),
        ("column", "softmax(A, axis=None)", r"\operatorname{softmax}_{\mathrm{all}}(\bm{A})"),
        ("column", "basis(i, n, axis=1) @ x", r"\mathbf{e}_{i}^{\top}\,\bm{x}"),
        ("column", "sum(indicator(not x > 0)*x)", r"\sum_{i} \mathbb{1}\bigl[\lnot (x_{i} > 0)\bigr]\,x_{i}"),
        ("column", "lam*a", r"\lambda a"),
        ("column", "i + sum(x)", r"i + \sum_{j} x_{j}"),
    ],
)
def test_what_was_once_misread(layout: Layout, text: str, printed: str) -> None:
    node = read(text, SCOPES[layout])
    tex = latex(node, context(layout)).tex
    assert tex == printed
    assert difference(problem(layout), node, tex, SCOPES[layout], varying(layout)) == ""

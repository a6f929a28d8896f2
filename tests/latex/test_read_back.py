"""What the writer writes is read back as what it was written from: random formulas in both layouts."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from roundtrip import Layout, context, hidden, problem, varying
from strategies import SCOPES, expressions

from solver.readback import difference
from solver.typeset.latex import lines

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

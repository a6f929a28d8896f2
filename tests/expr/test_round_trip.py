"""What is written reads back to the same node."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import SCOPES, Layout, conditions, expressions

from solver.expr import nodes
from solver.expr.nodes import Node, walk
from solver.expr.read import read, read_condition
from solver.expr.write import write

CALM = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.parametrize("layout", ["row", "column"])
def test_every_formula_reads_back(layout: Layout) -> None:
    met: set[str] = set()

    @CALM
    @given(expressions(layout))
    def law(node: Node) -> None:
        met.update(type(part).__name__ for part in walk(node))
        text = write(node)
        assert read(text, SCOPES[layout]) == node, text
        assert write(read(text, SCOPES[layout])) == text

    law()
    kinds = {name for name, kind in vars(nodes).items() if isinstance(kind, type) and issubclass(kind, Node)}
    assert met == {name for name in kinds if name != "Node" and not name.startswith("_")}


@CALM
@given(st.sampled_from(["row", "column"]).flatmap(lambda layout: st.tuples(st.just(layout), conditions(layout))))
def test_every_condition_reads_back(case: tuple[Layout, Node]) -> None:
    layout, node = case
    assert read_condition(write(node), SCOPES[layout]) == node

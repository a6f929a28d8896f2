"""What a node knows of itself is what a look through it finds, also in another process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from strategies import expressions

from solver.expr.nodes import Big, D, Idx, Node, Sym, Table, first_places, places, places_of, walk

CALM = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def _free(node: Node) -> frozenset[Idx]:
    if isinstance(node, Idx):
        return frozenset((node,))
    bound = {node.index} if isinstance(node, Big) else {node.row, node.column} if isinstance(node, Table) else set()
    return frozenset(index for child in node.children for index in _free(child)) - bound


@CALM
@given(expressions("row"))
def test_a_node_knows_what_stands_in_it(node: Node) -> None:
    for part in walk(node):
        assert part.kinds == {type(each) for each in walk(part)}
        assert part.symbols == {each.name for each in walk(part) if isinstance(each, Sym)}
        assert part.free == _free(part)


@CALM
@given(expressions("row"))
def test_places_are_found_in_order(node: Node) -> None:
    everywhere = list(places(node))
    first: dict[Node, tuple[int, ...]] = {}
    for path, part in everywhere:
        first.setdefault(part, path)
    assert list(first_places(node)) == [(path, part) for part, path in first.items()]
    for kind in (D, Sym, Big):
        assert list(places_of(node, kind)) == [(path, part) for path, part in everywhere if isinstance(part, kind)]


MADE = """if True:
    from solver.expr.nodes import Big, Idx, Mul, Sym, At, free_indices, symbols
    from solver.expr.sizes import Size
    m = Size.of("m")
    i, a = Idx("i", m), Sym("a", (Size.of(1), m))
    body = Mul((At(a, (i,)), Idx("j", m)))
    node = Big("sum", body, i)
    free_indices(body), free_indices(node), symbols(node)
"""


def test_a_node_is_itself_in_a_process_that_hashes_otherwise() -> None:
    there: dict[str, Node] = {}
    exec(MADE, there)
    send = "\nimport pickle, sys\nsys.stdout.buffer.write(pickle.dumps(node))\n"
    env = {**os.environ, "PYTHONHASHSEED": "1"}
    sent = subprocess.run([sys.executable, "-c", MADE + send], env=env, capture_output=True, check=True).stdout
    assert pickle.loads(sent) in {there["node"]}

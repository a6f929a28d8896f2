"""Equality with a largest entry, in float64: `x == max(x)` says which entry it is, also where `x` is rounded apart.

A line may have written the entries in another way than the largest of them, and then rounding parts what is equal. The
judge is exact and needs none of this; figures and generated programs do.
"""

from __future__ import annotations

from collections.abc import Mapping

from solver.expr.nodes import Call, Cmp, Node, Sym, walk

ROUNDING = (1e-9, 1e-12)
"""How far apart two numbers may be that are equal but for rounding: relative to them, and where they are nearly 0."""


def picks_extreme(node: Cmp, define: Mapping[str, Node]) -> bool:
    """Whether the condition is an equality with a largest or smallest entry, by its name or written out."""
    return node.op in ("==", "!=") and any(_extreme(side, define) for side in node.children)


def _extreme(node: Node, define: Mapping[str, Node]) -> bool:
    for part in walk(node):
        match part:
            case Call("max" | "min"):
                return True
            case Sym(name) if name in define and _extreme(define[name], define):
                return True
    return False

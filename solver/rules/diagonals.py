"""Sums of diagonal matrices."""

from __future__ import annotations

from solver.expr.nodes import Add, Call, Neg, Node, add, call
from solver.expr.shapes import is_vector
from solver.rules.rule import rule
from solver.rules.setting import Setting


@rule(
    "sum of diagonal matrices", r"\operatorname{diag}(a) - \operatorname{diag}(b) = \operatorname{diag}(a - b)",
    words="diagonal matrices add up entry by entry",
    applies=["diag(x) - diag(y) -> diag(x - y)", "diag(x) + diag(y) + diag(u) -> diag(x + y + u)"],
    refuses=["diag(x) - x.T @ x", "diag(x) + eye(n)", "diag(x)"],
)  # fmt: skip
def sum_of_diagonals(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add(args):
            bare = [arg.arg if isinstance(arg, Neg) else arg for arg in args]
            if not all(
                isinstance(each, Call) and each.name == "diag" and is_vector(each.args[0].shape) for each in bare
            ):
                return None
            inside = [
                Neg(each.children[0]) if isinstance(arg, Neg) else each.children[0]
                for arg, each in zip(args, bare, strict=True)
            ]
            if len({each.shape for each in inside}) == 1:
                return call("diag", add(*inside))
    return None

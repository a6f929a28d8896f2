"""Means: what is left of a sum when its average has been taken off."""

from __future__ import annotations

from solver.expr.nodes import ZERO_NODE, Add, At, Big, Call, Neg, Node, free_indices, from_size, mul
from solver.rules.entries import entry_by_entry, entry_of_reduction, sum_over_entries
from solver.rules.indexed import value_at
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


@rule(
    "deviations sum to zero", r"\sum_i (x_i - \bar x) = 0", words="deviations from the mean sum to 0",
    applies=["sum(x[i] - mean(x) for i in n) -> 0", "sum((x - mean(x))[i] for i in n) -> 0",
             "sum(A[i, j] - mean(A, axis=0)[j] for i in n) -> 0"],
    refuses=["sum(x[i] - mean(y) for i in n)", "sum(x[i] - a for i in n)", "sum(A[i, j] - mean(A, axis=0)[j] for j in n)"],
)  # fmt: skip
def deviations(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", At(arg=Add()) as body, index, None) if (
            opened_body := entry_by_entry(body, setting)
        ) is not None:
            return deviations(Big("sum", opened_body.after, index), setting)
        case Big("sum", Add((entry, Neg(mean))), index, None) | Big("sum", Add((Neg(mean), entry)), index, None):
            opened = None if index in free_indices(mean) else _mean(mean, setting)
            if opened is None:
                return None
            spread = Add((Big("sum", entry, index), Neg(mul(from_size(index.range), opened))))
            if Normalizer().same(spread, ZERO_NODE):
                return Rewrite(ZERO_NODE, (("m", mean),))
    return None


def _mean(node: Node, setting: Setting) -> Node | None:
    """A mean written out as a sum over entries; None for anything else."""
    found = value_at(node, setting)
    value = node if found is None else found[0]
    inner = value.children[0] if not isinstance(value, Call) and value.children else value
    if not isinstance(inner, Call) or inner.name != "mean":
        return None
    for each in (entry_of_reduction, sum_over_entries):
        rewrite = each(value, setting)
        if rewrite is not None:
            return rewrite.after
    return None

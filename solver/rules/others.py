"""Entries that are zero or equal whatever the data: products without division, kinks, shares in the largest entry."""

from __future__ import annotations

from solver.expr.nodes import (
    At,
    Big,
    Call,
    Cmp,
    Div,
    Idx,
    Logic,
    Node,
    Num,
    Sym,
    Table,
    call,
    walk,
)
from solver.expr.shapes import columns, rows
from solver.rules import generic
from solver.rules.letters import fresh, instantiate
from solver.rules.setting import Setting

_ZEROS = frozenset({
    "eye", "zeros", "basis", "commutation", "tril", "diag", "delta", "relu", "indicator", "where", "maximum", "minimum",
    "log_softmax",
})  # fmt: skip
"""Functions whose values have entries that are zero, at generic data or where a size is 1."""
_SPARSE = frozenset({
    "one-hot", "one-hot-rows", "one-hot-columns", "binary", "nonnegative", "diagonal", "triangular", "simplex",
})  # fmt: skip


def may_vanish(node: Node, setting: Setting) -> bool:
    """Whether some entry may be zero, as far as its making shows."""
    for part in walk(node):
        match part:
            case Call(name) if name in _ZEROS:
                return True
            case Num(value) if value == 0:
                return True
            case Big("sum", condition=condition) if condition is not None:
                # at size 1 it may be empty
                return True
            case Sym(name) if name in setting.define:
                if may_vanish(setting.define[name], setting):
                    return True
            case Sym() if _SPARSE & set(setting.traits(part)):
                return True
    return generic.vanishes_somewhere(node, setting)


def other_factors(product: Big, index: Idx, setting: Setting) -> Node:
    """`Π_{k≠i} u_k`: what the factor at `index` is multiplied by in `Π_i u_i`, under the product's condition."""
    other = fresh(index.range, setting, product, index)
    condition: Node = Cmp(other, index, "!=")
    if product.condition is not None:
        condition = Logic("and", (instantiate(product.condition, product.index, other, setting), condition))
    return Big("prod", instantiate(product.body, product.index, other, setting), other, condition)


def product_of_others(product: Call, setting: Setting) -> Node:
    """`Π_{k≠i} x_k` for each i: what each entry is multiplied by in `prod(x)`, along its axis."""
    x = product.args[0]
    i = fresh(rows(x.shape), setting, product, letters="ipr")
    j = fresh(columns(x.shape), setting, product, i, letters="jqs")
    k = fresh(i.range, setting, product, i, j, letters="k")
    m = fresh(j.range, setting, product, i, j, k, letters="l")
    match product.axis:
        case 0:
            entry = Big("prod", At(x, (k, j)), k, Cmp(k, i, "!="))
        case 1:
            entry = Big("prod", At(x, (i, m)), m, Cmp(m, j, "!="))
        case _:
            other = Logic("or", (Cmp(k, i, "!="), Cmp(m, j, "!=")))
            entry = Big("prod", Big("prod", At(x, (k, m)), m, other), k)
    return Table(entry, i, j)


def share(largest: Call, setting: Setting) -> Node:
    """What each entry has in the largest one: 1 for it, 0 for the others; entries that are always equal share it."""
    (arg,) = largest.args
    mark = call("indicator", Cmp(arg, largest, "=="))
    return Div(mark, call("sum", mark, axis=largest.axis)) if generic.ties(arg, setting) else mark

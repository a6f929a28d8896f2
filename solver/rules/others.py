"""Entries that are zero or equal whatever the data: products without division, kinks, shares in the largest entry."""

from __future__ import annotations

from solver.expr.nodes import (
    Add,
    At,
    Big,
    Call,
    Cmp,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Table,
    Transpose,
    call,
    walk,
)
from solver.expr.shapes import columns, is_vector, rows
from solver.rules import generic
from solver.rules.letters import fresh, instantiate
from solver.rules.setting import Setting, fresh_index

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


def has_zeros(node: Node, setting: Setting) -> bool:
    """Whether some entry is zero at generic data: of a triangle or a ReLU, not of a product with a matrix."""
    match node:
        case Call("eye" | "zeros" | "basis" | "commutation" | "tril" | "relu" | "indicator" | "delta"):
            return True
        case Num(value):
            return value == 0
        case Sym(name) if name in setting.define:
            return has_zeros(setting.define[name], setting)
        case Call("diag", (arg,)) if is_vector(arg.shape):
            return True
        case Call("where", (_, *branches)) | Call("maximum" | "minimum", branches):
            return any(has_zeros(branch, setting) for branch in branches)
        case MatMul(args):
            return any(all_zero(arg, setting) for arg in args)
        case Mul(args) | Call("kron" | "outer" | "hstack" | "vstack", args):
            return any(has_zeros(arg, setting) for arg in args)
        case Add(args):
            return all(has_zeros(arg, setting) for arg in args)
        case Neg(arg) | Transpose(arg) | At(arg=arg) | Div(arg, _) | Pow(arg, _) | Call("vec" | "diag", (arg,)):
            return has_zeros(arg, setting)
        case Call(args=(arg, *_)) if node.function.kind == "elementwise":
            return has_zeros(arg, setting)
    return False


def all_zero(node: Node, setting: Setting) -> bool:
    """Whether every entry is zero whatever the data: of what is multiplied by a matrix of zeros."""
    match node:
        case Call("zeros"):
            return True
        case Num(value):
            return value == 0
        case Sym(name) if name in setting.define:
            return all_zero(setting.define[name], setting)
        case Mul(args) | MatMul(args) | Call("kron" | "outer" | "dot", args):
            return any(all_zero(arg, setting) for arg in args)
        case Add(args) | Call("hstack" | "vstack", args):
            return all(all_zero(arg, setting) for arg in args)
        case Neg(arg) | Transpose(arg) | At(arg=arg) | Div(arg, _):
            return all_zero(arg, setting)
        case Pow(arg, Num(value)):
            return value > 0 and all_zero(arg, setting)
        case Call("vec" | "diag" | "tril" | "sum" | "mean" | "tr" | "relu" | "abs", (arg,)):
            return all_zero(arg, setting)
    return False


def at_a_kink(value: Node, name: Sym, setting: Setting) -> bool:
    """Whether the value has no slope by the name: zeros or ties of what it stands for lie at a kink of the value."""
    return any(
        kinked(part, arg, setting)
        for part in walk(value)
        if isinstance(part, Call)
        for arg in part.args
        if setting.depends(arg, name)
    )


def kinked(function: Call, arg: Node, setting: Setting) -> bool:
    """Whether the argument lies at a kink of the function whatever the data."""
    if function.name in ("max", "min"):
        return has_zeros(arg, setting) or generic.ties(arg, setting)
    return (function.name == "norm1" or bool(function.function.kinks)) and has_zeros(arg, setting)


def other_factors(product: Big, index: Idx, setting: Setting) -> Node:
    """`Π_{k≠i} u_k`: what the factor at `index` is multiplied by in `Π_i u_i`, under the product's condition."""
    other = fresh(index.range, setting, product, index)
    condition: Node = Cmp(other, index, "!=")
    if product.condition is not None:
        condition = Logic("and", (instantiate(product.condition, product.index, other, setting), condition))
    return Big("prod", instantiate(product.body, product.index, other, setting), other, condition)


def product_of_others(product: Call) -> Node:
    """`Π_{k≠i} x_k` for each i: what each entry is multiplied by in `prod(x)`, along its axis."""
    x = product.args[0]
    i = fresh_index(Idx("i", rows(x.shape)), product, letters="ipr")
    j = fresh_index(Idx("j", columns(x.shape)), product, i, letters="jqs")
    k = fresh_index(i, product, i, j, letters="k")
    m = fresh_index(j, product, i, j, k, letters="l")
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

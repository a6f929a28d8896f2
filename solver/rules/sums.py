"""Indexed sums: taken apart, constants drawn out, sums to one, and products of many factors."""

from __future__ import annotations

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    At,
    Big,
    Call,
    Cmp,
    D,
    Div,
    Idx,
    Mul,
    Neg,
    Node,
    Num,
    SizeSym,
    Sym,
    Transpose,
    add,
    free_indices,
    from_size,
    mul,
)
from solver.expr.shapes import is_vector
from solver.expr.sizes import Size
from solver.rules.algebra import is_zero
from solver.rules.entries import place
from solver.rules.fractions import factors
from solver.rules.gradients import samples
from solver.rules.letters import captured, fresh, instantiate
from solver.rules.normal import Normalizer
from solver.rules.others import other_factors
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def picked_out(condition: Node | None, index: Idx) -> Node | None:
    """`k` where the condition of a sum over `index` is `index != k`; None for any other condition."""
    match condition:
        case Cmp(left, right, "!=") if left == index and index not in free_indices(right):
            return right
        case Cmp(left, right, "!=") if right == index and index not in free_indices(left):
            return left
    return None


def within(value: Node, size: Size, setting: Setting) -> bool:
    """Whether an index expression certainly lies in 1 … size: an index of that range, shifted or not; a label."""
    match value:
        case Num(number):
            last = size.number
            return number.denominator == 1 and number >= 1 and (last is None or number <= last)
        case Idx(range=limit):
            return limit == size or _at_most(limit, size)
        case Sym() | At(arg=Sym()):
            return "integer" in setting.traits(value.arg if isinstance(value, At) else value)
        case SizeSym():
            return value.size == size
        case Add((Idx(range=limit), shift)) if shift.size is not None and shift.size.number is not None:
            return shift.size.number >= 0 and _at_most(limit + shift.size, size)
    return False


def _at_most(left: Size, right: Size) -> bool:
    difference = (right - left).number
    return difference is not None and difference >= 0


# --- sums taken apart -----------------------------------------------------------------------------------------------


@rule(
    "sum of a sum", r"\sum_i (a_i + b_i) = \sum_i a_i + \sum_i b_i", words="split the sum",
    applies=["sum(x[i] + y[i] for i in n) -> sum(x[i] for i in n) + sum(y[i] for i in n)",
             "sum(x[i] - y[i] for i in n) -> sum(x[i] for i in n) - sum(y[i] for i in n)"],
    refuses=["sum(x[i]*y[i] for i in n)", "sum(x + y)"], routine=True,
)  # fmt: skip
def split_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Add(args), index, condition):
            return add(
                *(
                    Neg(Big("sum", a.arg, index, condition)) if isinstance(a, Neg) else Big("sum", a, index, condition)
                    for a in args
                )
            )
    return None


@rule(
    "constant terms of a sum", r"\sum_i (c + u_i) = n\,c + \sum_i u_i", words="split the sum", routine=True,
    applies=["sum(a + x[i] for i in n) -> sum(a for i in n) + sum(x[i] for i in n)",
             "sum(x[i] - x[k] for i in n) -> sum(x[i] for i in n) - sum(x[k] for i in n)"],
    refuses=["sum(x[i] + y[i] for i in n)", "sum(a*x[i] for i in n)", "sum(a + x[i] - y[i] for i in n)"],
)  # fmt: skip
def constant_terms(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Add(args), index, condition) if sum(index in free_indices(arg) for arg in args) < min(
            2, len(args)
        ):
            groups = [[a for a in args if (index in free_indices(a)) == moving] for moving in (False, True)]
            first = index in free_indices(args[0])
            parts = [add(*group) for group in (reversed(groups) if first else groups) if group]
            return add(*(_sum_with_sign(part, index, condition) for part in parts))
    return None


def _sum_with_sign(part: Node, index: Idx, condition: Node | None) -> Node:
    if isinstance(part, Neg):
        return Neg(Big("sum", part.arg, index, condition))
    return Big("sum", part, index, condition)


@rule(
    "partial sum of a sum", r"\sum_{l \neq k} (a_l + b_l) = \sum_{l \neq k} a_l + \sum_{l \neq k} b_l",
    words="split the sum", routine=True,
    applies=["sum(x[l] + y[l] for l in n if l != k) -> sum(x[l] for l in n if l != k) + sum(y[l] for l in n if l != k)"],
    refuses=["sum(x[l] + y[l] for l in n)", "sum(x[l]*y[l] for l in n if l != k)"],
)  # fmt: skip
def split_partial(node: Node, setting: Setting) -> Node | None:
    """Each part of a sum with a term left out may find its own missing term."""
    match node:
        case Big("sum", Add(), _, Cmp()):
            rewrite = split_sum(node, setting)
            return None if rewrite is None else rewrite.after
    return None


@rule(
    "minus out of a sum", r"\sum_i (-u_i) = -\sum_i u_i", routine=True,
    applies=["sum(-x[i] for i in n) -> -sum(x[i] for i in n)"], refuses=["sum(x[i] for i in n)", "sum(-x)"],
)  # fmt: skip
def minus_out_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Neg(body), index, condition):
            return Neg(Big("sum", body, index, condition))
    return None


@rule(
    "constant out of a sum", r"\sum_i c\,u_i = c \sum_i u_i", words="draw {c} out of the sum",
    applies=["sum(a*x[i] for i in n) -> a*sum(x[i] for i in n)", "sum(x[i]/a for i in n) -> sum(x[i] for i in n)/a",
             "sum(x[j]*x[i] for i in n) -> x[j]*sum(x[i] for i in n)",
             "sum(y[i]*(x[i]/(2*a)) for i in n) -> sum(y[i]*x[i] for i in n)/(2*a)",
             "sum(2*x[i]*(y[i]/a) for i in n) -> 2*sum(x[i]*y[i] for i in n)/a"],
    refuses=["sum(x[i]*y[i] for i in n)", "sum(x[i] for i in n)", "sum(x[i]/y[i] for i in n)"], routine=True,
)  # fmt: skip
def factor_out_of_sum(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", Mul() | Div() as body, index, condition) if index in free_indices(body):
            outside, above, below = _split_product(body, index)
            if not outside and not below:
                return None
            inside = mul(*above)
            total: Node = mul(*outside, Big("sum", inside, index, condition))
            constant = mul(*outside)
            if below:
                total, constant = Div(total, mul(*below)), Div(constant, mul(*below))
            return Rewrite(total, (("c", constant),))
    return None


def _split_product(body: Node, index: Idx) -> tuple[list[Node], list[Node], list[Node]]:
    """The factors that do not depend on the index, those that do, and the constant factors of denominators."""
    outside: list[Node] = []
    inside: list[Node] = []
    below: list[Node] = []
    for factor in factors(body):
        if index not in free_indices(factor):
            outside.append(factor)
        elif isinstance(factor, Div) and (loose := [f for f in factors(factor.right) if index not in free_indices(f)]):
            below += loose
            kept = [f for f in factors(factor.right) if index in free_indices(f)]
            out, within_, deeper = _split_product(factor.left, index)
            outside += out
            below += deeper
            rest = mul(*within_)
            inside += [Div(rest, mul(*kept))] if kept else within_
        else:
            inside.append(factor)
    return outside, inside, below


@rule(
    "sum of zeros", r"\sum_i 0 = 0", routine=True,
    applies=["sum(0 for i in n) -> 0", "sum(0 for i in n if i != j) -> 0"], refuses=["sum(1 for i in n)", "sum(x)"],
)  # fmt: skip
def sum_of_zeros(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", body) if is_zero(body):
            return body
    return None


@rule(
    "sum of a constant", r"\sum_{i=1}^{n} c = n\,c",
    applies=["sum(a for i in n) -> n*a", "sum(1 for i in n) -> n", "sum(a for i in n if i != j) -> (n - 1)*a"],
    refuses=["sum(x[i] for i in n)", "sum(a for i in n if i > j)"],
)  # fmt: skip
def sum_of_constant(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", body, index, condition) if index not in free_indices(body):
            if condition is None:
                count = from_size(index.range)
            elif (k := picked_out(condition, index)) is not None and within(k, index.range, setting):
                count = add(from_size(index.range), Neg(ONE_NODE))
            else:
                return None
            return count if body == ONE_NODE else mul(count, body)
    return None


# --- one term and the rest ------------------------------------------------------------------------------------------


def chosen_at(node: Node, index: Idx) -> Node | None:
    """The value at which the node makes a choice about `index`: `k` in a δ_lk or in a case `l = k`."""
    match node:
        case Call("delta", (left, right)) | Cmp(left, right, "==" | "!="):
            for one, other in ((left, right), (right, left)):
                if one == index and index not in free_indices(other):
                    return other
    for child in node.children:
        found = chosen_at(child, index)
        if found is not None:
            bound = {node.index.name} if isinstance(node, Big) else set()
            return None if bound & {i.name for i in free_indices(found)} else found
    return None


@rule(
    "one term and the rest", r"\sum_l u_l = u_k + \sum_{l \neq k} u_l", words="split the sum at {l} = {k}",
    applies=["sum(where(l == k, x[k], y[l]) for l in n) -> where(k == k, x[k], y[k])"
             " + sum(where(l == k, x[k], y[l]) for l in n if l != k)"],
    refuses=["sum(x[l] for l in n)", "sum(x[l] for l in n if l != k)"],
)  # fmt: skip
def split_at(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", body, index, None) if (k := chosen_at(body, index)) is not None:
            if within(k, index.range, setting):
                rest = Big("sum", body, index, Cmp(index, k, "!="))
                return Rewrite(add(instantiate(body, index, k, setting), rest), (("l", index), ("k", k)))
    return None


@rule(
    "complete the sum", r"\sum_{l \neq k} u_l = \sum_l u_l - u_k", words="complete the sum over {l}",
    applies=["sum(x[l] for l in n if l != k) -> sum(x[l] for l in n) - x[k]"],
    refuses=["sum(x[l] for l in n)", "sum(x[l] for l in n if l > k)"],
)  # fmt: skip
def complete_sum(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", body, index, condition) if (k := picked_out(condition, index)) is not None:
            if within(k, index.range, setting):
                left_out = instantiate(body, index, k, setting)
                return Rewrite(add(Big("sum", body, index), Neg(left_out)), (("l", index),))
    return None


@rule(
    "put the term back", r"u_k + \sum_{l \neq k} u_l = \sum_l u_l", words="put the term {l} = {k} back into the sum",
    applies=["x[k] + sum(x[l] for l in n if l != k) -> sum(x[l] for l in n)",
             "a*x[k] + y[j] + a*sum(x[l] for l in n if l != k) -> a*sum(x[l] for l in n) + y[j]"],
    refuses=["x[j] + sum(x[l] for l in n if l != k)", "x[k] + sum(x[l] for l in n)"],
)  # fmt: skip
def join_sum(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Add):
        return None
    for number, term in enumerate(node.args):
        found = _partial(term)
        if found is None:
            continue
        whole, missing, index, k = found
        if not within(k, index.range, setting):
            continue
        for other, candidate in enumerate(node.args):
            if other != number and Normalizer().same(candidate, instantiate(missing, index, k, setting)):
                first, second = sorted((number, other))
                kept = [arg for place, arg in enumerate(node.args) if place != second]
                kept[first] = whole
                return Rewrite(add(*kept), (("l", index), ("k", k)))
    return None


def _partial(term: Node) -> tuple[Node, Node, Idx, Node] | None:
    """`c Σ_{l≠k} u_l` as the whole `c Σ_l u_l`, the term's form `c u_l`, the index and k."""
    if isinstance(term, Neg):
        inner = _partial(term.arg)
        return None if inner is None else (Neg(inner[0]), Neg(inner[1]), *inner[2:])
    parts = list(factors(term))
    for number, factor in enumerate(parts):
        match factor:
            case Big("sum", body, index, condition) if (k := picked_out(condition, index)) is not None:
                whole = mul(*parts[:number], Big("sum", body, index), *parts[number + 1 :])
                return whole, mul(*parts[:number], body, *parts[number + 1 :]), index, k
    return None


# --- facts ----------------------------------------------------------------------------------------------------------


@rule(
    "entries sum to one", r"\sum_i y_i = 1", words="the entries of {y} sum to 1",
    applies=["sum(p[i] for i in n) -> 1", "sum(softmax(x)[i] for i in n) -> 1",
             "sum(softmax(A, axis=1)[i, j] for j in n) -> 1"],
    refuses=["sum(x[i] for i in n)", "sum(softmax(A, axis=1)[i, j] for i in n)", "sum(p[i]*x[i] for i in n)"],
)  # fmt: skip
def entries_sum_to_one(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", At(arg=y) as entry, index, None) if (where := place(entry)) is not None:
            row, column = where
            across = [axis for axis, place_ in enumerate((row, column)) if place_ == index]
            if len(across) != 1 or index in free_indices(y):
                return None
            axis = across[0]
            if y.shape[axis] != index.range:
                return None
            known = total(y, axis, setting)
            if known is not None and Normalizer().same(known[0], ONE_NODE):
                return Rewrite(ONE_NODE, (("y", y),), known[1], samples(y, axis))
    return None


def total(y: Node, axis: int, setting: Setting) -> tuple[Node, tuple[Fact, ...]] | None:
    """The sum of the entries along an axis, where traits and linearity tell it, and the facts that it rests on."""
    if _is_softmax(y, axis, setting):
        return ONE_NODE, ()
    fact = sums_to_one(y, axis, setting)
    if fact is not None:
        return ONE_NODE, (fact,)
    match y:
        case Sym(name) if (value := setting.known(name)) is not None:
            return total(value, axis, setting)
        case Neg(arg) if (inner := total(arg, axis, setting)) is not None:
            return Neg(inner[0]), inner[1]
        case Div(left, right) if not right.shape and (inner := total(left, axis, setting)) is not None:
            return Div(inner[0], right), inner[1]
        case Mul(args) if sum(bool(arg.shape) for arg in args) == 1:
            moving = next(arg for arg in args if arg.shape)
            if (inner := total(moving, axis, setting)) is not None:
                return mul(*(inner[0] if arg is moving else arg for arg in args)), inner[1]
        case Add(args):
            parts = [
                total(arg, axis, setting) if arg.shape else (mul(from_size(y.shape[axis]), arg), ()) for arg in args
            ]
            if all(part is not None for part in parts):
                whole = [part for part in parts if part is not None]
                return add(*(value for value, _ in whole)), tuple(fact for _, facts in whole for fact in facts)
    return None


def _is_softmax(y: Node, axis: int, setting: Setting) -> bool:
    """Whether the value is a softmax along the axis, by itself or by its definition."""
    while isinstance(y, Sym) and (value := setting.known(y.name)) is not None:
        y = value
    match y:
        case Call("softmax", (arg,), along):
            return along == axis or (along is None and is_vector(arg.shape))
    return False


def sums_to_one(y: Node, axis: int, setting: Setting) -> Fact | None:
    """The fact that the entries of a symbol along the axis sum to 1, where its traits say so."""
    match y:
        case At(Sym() as whole, (None, Node()) | (Node(), None)) if (y.at[0] is None) == (axis == 0):
            # a sample of a batch
            return sums_to_one(whole, axis, setting)
        case Transpose(arg):
            return sums_to_one(arg, 1 - axis, setting)
    traits = set(setting.traits(y))
    name = str(getattr(y, "name", ""))
    if is_vector(y.shape):
        marks = {"one-hot", "simplex", *(f"{t}-{'rows' if axis == 1 else 'columns'}" for t in ("one-hot", "simplex"))}
        return Fact(name, "sums-to-one") if traits & marks else None
    direction = "rows" if axis == 1 else "columns"
    by_sample = setting.layout == ("row" if axis == 1 else "column")
    if f"one-hot-{direction}" in traits or (by_sample and traits & {"one-hot", "simplex"}):
        return Fact(name, f"sums-to-one-{direction}")
    return None


# --- products of many factors ---------------------------------------------------------------------------------------


@rule(
    "derivative of an indexed product", r"\Bigl(\prod_i u_i\Bigr)' = \sum_i u_i' \prod_{k \neq i} u_k",
    words="product rule, a factor at a time",
    applies=["D(prod(x[i] for i in n), x[j]) -> sum(D(x[i], x[j])*prod(x[k] for k in n if k != i) for i in n)",
             "D(prod(x[i] for i in n if i != 1), x[j])"
             " -> sum(D(x[i], x[j])*prod(x[k] for k in n if k != 1 and k != i) for i in n if i != 1)"],
    refuses=["D(sum(x[i] for i in n), x[j])", "D(prod(y[i] for i in n), x[j])"],
)  # fmt: skip
def product_of_many(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Big("prod", body, index, condition) as product, by) if not by.shape and setting.depends(product, by):
            first = index if not captured(index, by) else fresh(index.range, setting, node, letters="ij")
            factor = mul(D(instantiate(body, index, first, setting), by), other_factors(product, first, setting))
            condition = None if condition is None else instantiate(condition, index, first, setting)
            return Big("sum", factor, first, condition)
    return None

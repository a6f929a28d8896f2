"""Kronecker deltas and cases of indices: worked out, collapsed by the range of the index, and vanishing."""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Big,
    Call,
    Cmp,
    D,
    Div,
    Idx,
    Logic,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    add,
    call,
    free_indices,
    from_size,
    mul,
    num,
    transform,
    walk,
)
from solver.rules.letters import instantiate
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting
from solver.rules.sums import picked_out, within


def truth(condition: Node, setting: Setting) -> bool | None:
    """Whether a condition on indices holds, as far as their letters and the assumptions tell."""
    match condition:
        case Cmp(left, right, "==" | "!=" as op):
            if setting.same(left, right):
                return op == "=="
            if setting.differ(left, right) or (isinstance(left, Num) and isinstance(right, Num)):
                return op == "!="
        case Logic("not", (arg,)):
            inner = truth(arg, setting)
            return None if inner is None else not inner
        case Logic("and" | "or" as op, args):
            known = [truth(arg, setting) for arg in args]
            decisive = op == "or"
            if decisive in known:
                return decisive
            return not decisive if all(k is not None for k in known) else None
    return None


@rule(
    "known delta", r"\delta_{ii} = 1", routine=True,
    applies=["delta(i, i) -> 1", "delta(1, 2) -> 0", "delta(2, 2) -> 1", "delta(i, j)**2 -> delta(i, j)"],
    refuses=["delta(i, j)", "delta(i, 1)"],
)  # fmt: skip
def known_delta(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("delta", (left, right)):
            holds = truth(Cmp(left, right, "=="), setting)
            return None if holds is None else num(int(holds))
        case Pow(Call("delta") as delta, Num(value)) if value > 0:
            return delta
    return None


@rule(
    "known case", r"\begin{cases} a & i = i \\ b \end{cases} = a", words="only one case can hold", routine=True,
    applies=["where(i == i, x[i], y[i]) -> x[i]", "where(i != i, x[i], y[i]) -> y[i]", "where(1 == 2, a, b) -> b"],
    refuses=["where(i == j, x[i], y[i])", "where(a > 0, a, b)"],
)  # fmt: skip
def known_case(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("where", (condition, a, b)) if (holds := truth(condition, setting)) is not None:
            return a if holds else b
        case Call("indicator", (condition,)) if (holds := truth(condition, setting)) is not None:
            return num(int(holds))
    return None


@rule(
    "cases under a condition", r"\sum_{l \neq k} \delta_{lk} u_l = 0", words="{l} is not {k} here", routine=True,
    applies=["sum(where(l == k, x[l], y[l]) for l in n if l != k) -> sum(y[l] for l in n if l != k)",
             "sum(delta(k, l)*x[l] for l in n if l != k) -> sum(0*x[l] for l in n if l != k)"],
    refuses=["sum(delta(k, l)*x[l] for l in n)", "sum(delta(j, l)*x[l] for l in n if l != k)"],
)  # fmt: skip
def under_condition(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big(kind, body, index, condition) if (k := picked_out(condition, index)) is not None:
            here = setting.assuming(Cmp(index, k, "!="))

            def change(part: Node) -> Node | None:
                for each in (known_delta, known_case):
                    found = each(part, here)
                    if found is not None:
                        return found.after
                return None

            after = transform(body, change)
            return None if after == body else Rewrite(Big(kind, after, index, condition), (("l", index), ("k", k)))
    return None


@rule(
    "indicator as a delta", r"\mathbb{1}(i = j) = \delta_{ij}", routine=True,
    applies=["indicator(i == j) -> delta(i, j)"], refuses=["indicator(i != j)", "indicator(a > 0)"],
)  # fmt: skip
def indicator_delta(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("indicator", (Cmp(left, right, "=="),)) if isinstance(left, Idx) or isinstance(right, Idx):
            return call("delta", left, right)
    return None


# --- collapsing -----------------------------------------------------------------------------------------------------


def without_delta(node: Node, index: Idx) -> tuple[Node, Node] | None:
    """`node = δ_{index,value} rest`: the value and the rest; None where no δ of the index is a factor."""
    match node:
        case Call("delta", (left, right)):
            for one, other in ((left, right), (right, left)):
                value = _solved(one, index, other)
                if value is not None:
                    return value, ONE_NODE
        case Neg(arg):
            found = without_delta(arg, index)
            return None if found is None else (found[0], Neg(found[1]))
        case Mul(args):
            for number, arg in enumerate(args):
                found = without_delta(arg, index)
                if found is not None:
                    kept = [*args[:number], *([found[1]] if found[1] != ONE_NODE else []), *args[number + 1 :]]
                    return found[0], mul(*kept)
        case Div(left, right):
            found = without_delta(left, index)
            return None if found is None else (found[0], Div(found[1], right))
        case Big("sum", body, inner, condition) if inner != index:
            found = without_delta(body, index)
            if found is not None and inner not in free_indices(found[0]):
                return found[0], Big("sum", found[1], inner, condition)
        case Call("where", (choice, a, b)):
            return _in_both(choice, without_delta(a, index), without_delta(b, index), a, b)
    return None


def _in_both(
    choice: Node, a: tuple[Node, Node] | None, b: tuple[Node, Node] | None, yes: Node, no: Node
) -> tuple[Node, Node] | None:
    """A δ that stands in both cases, or in one of which the other is zero, stands before them."""
    if a is not None and (no == ZERO_NODE or (b is not None and a[0] == b[0])):
        return a[0], call("where", choice, a[1], ZERO_NODE if b is None else b[1])
    if b is not None and yes == ZERO_NODE:
        return b[0], call("where", choice, ZERO_NODE, b[1])
    return None


def _solved(one: Node, index: Idx, other: Node) -> Node | None:
    """What `index` must be for `one == other`: itself, or shifted by a number."""
    if index in free_indices(other):
        return None
    if one == index:
        return other
    match one:
        case Add((first, *shifts)) if first == index and all(index not in free_indices(s) for s in shifts):
            return add(other, *(s.arg if isinstance(s, Neg) else Neg(s) for s in shifts))
    return None


def in_range(value: Node, index: Idx, setting: Setting) -> Node | None:
    """The condition under which `value` is among the values of `index`; `1 == 1` where it always is."""
    if within(value, index.range, setting):
        return Cmp(ONE_NODE, ONE_NODE, "==")
    match value:
        case Idx():
            bare, by = value, 0
        case Add((Idx() as bare, shift)) if shift.size is not None and shift.size.number is not None:
            by = shift.size.number
        case _:
            return None
    conditions: list[Node] = []
    if by < 0:
        conditions.append(Cmp(bare, num(1 - by), ">="))
    over = (index.range - (bare.range + by)).number
    if over is None:
        return None
    if over < 0:
        conditions.append(Cmp(bare, from_size(index.range - by), "<="))
    return conditions[0] if len(conditions) == 1 else Logic("and", tuple(conditions))


@rule(
    "collapse the delta", r"\sum_i \delta_{ik} u_i = u_k", words="only the term {l} = {k} is left",
    applies=["sum(delta(i, k)*x[i] for i in n) -> x[k]", "sum(x[i]*delta(k, i)*A[i, j] for i in n) -> x[k]*A[k, j]",
             "sum(-(delta(i, k)*x[i]) for i in n) -> -x[k]", "sum(delta(i, k) for i in n) -> 1",
             "sum(where(x[i] > 0, delta(i, k), 2*delta(i, k)) for i in n) -> where(x[k] > 0, 1, 2)",
             "sum(sum(delta(i, k)*A[i, j] for j in n) for i in n) -> sum(A[k, j] for j in n)",
             "sum(delta(i, k)*x[i] for i in n if i != k) -> 0"],
    refuses=["sum(x[i] for i in n)", "sum(delta(i, k) + x[i] for i in n)", "sum(delta(j, k)*x[i] for i in n)",
             "sum(delta(i, q)*x[i] for i in n)"],
)  # fmt: skip
def collapse_delta(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", body, index, condition) if (found := without_delta(body, index)) is not None:
            value, rest = found
            captures = (("l", index), ("k", value))
            reached = in_range(value, index, setting)
            if reached is None:
                return None
            after = instantiate(rest, index, value, setting)
            if condition is not None:
                condition = instantiate(condition, index, value, setting)
                holds = truth(condition, setting)
                if holds is False:
                    return Rewrite(ZERO_NODE, captures)
                if holds is None:
                    after = call("where", condition, after, ZERO_NODE)
            if truth(reached, setting) is None:
                after = call("where", reached, after, ZERO_NODE)
            return Rewrite(after, captures)
    return None


@rule(
    "multiply out and split", r"\sum_i a_i (\delta_{ik} + b_i) = \sum_i a_i \delta_{ik} + \sum_i a_i b_i",
    words="multiply out and split the sum", routine=True,
    applies=["sum(x[i]*(delta(i, j) - y[i]) for i in n) -> sum(x[i]*delta(i, j) for i in n) - sum(x[i]*y[i] for i in n)",
             "sum((delta(i, j) + x[i])/a for i in n) -> sum(delta(i, j)/a for i in n) + sum(x[i]/a for i in n)"],
    refuses=["sum(delta(i, j)*x[i] for i in n)", "sum(x[i]*(delta(k, j) - y[i]) for i in n)", "x[i]*(delta(i, j) - x[j])"],
)  # fmt: skip
def split_for_delta(node: Node, setting: Setting) -> Node | None:
    """Terms with a delta of the summed index stand alone, to collapse; the others stay together."""
    match node:
        case Big("sum", body, index, condition) if not any(isinstance(part, D) for part in walk(body)):
            terms = spread(body, index)
            if len(terms) < 2:
                return None
            alone = [term for term in terms if touches(term, index)]
            rest = [term for term in terms if not touches(term, index)]
            groups = [*alone, *([add(*rest)] if rest else [])]
            return add(*(_signed_sum(term, index, condition) for term in groups))
    return None


def _signed_sum(term: Node, index: Idx, condition: Node | None) -> Node:
    if isinstance(term, Neg):
        return Neg(Big("sum", term.arg, index, condition))
    return Big("sum", term, index, condition)


def touches(node: Node, index: Idx) -> bool:
    """Whether a delta of the index stands in the node."""
    return any(isinstance(part, Call) and part.name == "delta" and index in free_indices(part) for part in walk(node))


def spread(node: Node, index: Idx) -> list[Node]:
    """The terms of the node, products multiplied out where a factor holds a delta of the index in a sum."""
    if not touches(node, index):
        return [node]
    match node:
        case Add(args):
            return [term for arg in args for term in spread(arg, index)]
        case Neg(arg):
            return [_negated(term) for term in spread(arg, index)]
        case Div(left, right):
            return [_signed(term, lambda bare: Div(bare, right)) for term in spread(left, index)]
        case Big("sum", body, inner, condition):
            return [_signed(term, lambda bare: Big("sum", bare, inner, condition)) for term in spread(body, index)]
        case Mul(args):
            for number, arg in enumerate(args):
                terms = spread(arg, index)
                if len(terms) > 1:
                    before, after = args[:number], args[number + 1 :]
                    made = [_beside(term, before, after) for term in terms]
                    return [term for product in made for term in spread(product, index)]
    return [node]


def _beside(term: Node, before: tuple[Node, ...], after: tuple[Node, ...]) -> Node:
    """The term among the factors that stand before and after it, its sign in front."""
    return _signed(term, lambda bare: mul(*before, bare, *after))


def _negated(term: Node) -> Node:
    return term.arg if isinstance(term, Neg) else Neg(term)


def _signed(term: Node, make: Callable[[Node], Node]) -> Node:
    """`make` of the term, with its sign in front."""
    return Neg(make(term.arg)) if isinstance(term, Neg) else make(term)


COLLAPSE = (known_delta, known_case, under_condition, collapse_delta, split_for_delta)
"""What is known first; then sums collapse, and only then is anything multiplied out."""

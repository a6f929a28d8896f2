"""Entries carried inward, and entries at given places worked out: what two spellings of one matrix have in common."""

from __future__ import annotations

from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Dif,
    Div,
    Idx,
    Logic,
    Mul,
    Neg,
    Node,
    Pow,
    Table,
    Transpose,
    add,
    free_indices,
    mul,
    substitute,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE, Size

Places = tuple[Node | None, ...]


def entry(node: Node, at: Places) -> Node:
    """`node[at]`, with the places carried to where nothing goes entry by entry any more."""
    if len(node.shape) != 2 or is_single(node.shape) or any(place is None for place in at):
        return node if not node.shape or is_single(node.shape) else At(node, at)
    if len(at) == 2 and is_vector(node.shape):
        at = (at[1],) if node.shape[0] == ONE else (at[0],)
    match node:
        case Call("log_sigmoid" | "log_softmax" as name, args):
            return Call("log", (entry(Call(name.removeprefix("log_"), args, node.axis), at),))
        case Add() | Mul() | Neg() | Div() | Pow() | Apply() | Cmp() | Logic() | Dif():
            return node.rebuild(tuple(_part(child, node, at) for child in node.children))
        case Call() if node.function.kind == "elementwise":
            return node.rebuild(tuple(_part(child, node, at) for child in node.args))
        case Transpose(arg):
            return entry(arg, tuple(reversed(at)))
        case Big(kind, body, index, condition) if not any(_meets(place, index) for place in at):
            return Big(kind, entry(body, at), index, condition)
        case Table(body, row, column) if len(at) == 2 and not any(_meets(p, i) for p in at for i in (row, column)):
            return substitute(body, {row: _given(at[0]), column: _given(at[1])})
        case Table(body, row, column) if len(at) == 1 and not any(_meets(at[0], i) for i in (row, column)):
            own, other = (column, row) if node.shape[0] == ONE else (row, column)
            return substitute(body, {own: _given(at[0]), other: ONE_NODE})
        case Call("ones"):
            return ONE_NODE
        case Call("zeros"):
            return ZERO_NODE
    return At(node, at)


def _given(place: Node | None) -> Node:
    assert place is not None
    return place


def _meets(place: Node | None, index: Idx) -> bool:
    """Whether the place speaks of an index that would be bound where it is put."""
    return place is not None and any(free.name == index.name for free in free_indices(place))


def _part(child: Node, whole: Node, at: Places) -> Node:
    """The entry of an operand that is broadcast to the shape of the whole."""
    if len(child.shape) != 2 or is_single(child.shape) or child.shape == whole.shape:
        return entry(child, at)
    assert len(at) == 2, "only a vector is broadcast to a matrix"
    return entry(child, (at[1],) if child.shape[0] == ONE else (at[0],))


# --- entries worked out -------------------------------------------------------------------------------------------


def simple(node: Node) -> Node:
    """The node with deltas and cases of known places decided, and the zeros and ones that come of it dropped."""
    match node:
        case Call("delta", (left, right)) if (known := _equal(left, right)) is not None:
            return ONE_NODE if known else ZERO_NODE
        case Call("where", (Cmp(left, right, "==" | "!=" as op), yes, no)) if (
            known := _equal(left, right)
        ) is not None:
            return simple(yes if known == (op == "==") else no)
        case Call("indicator", (Cmp(left, right, "==" | "!=" as op),)) if (known := _equal(left, right)) is not None:
            return ONE_NODE if known == (op == "==") else ZERO_NODE
    if not node.children:
        return node
    return _tidy(node.rebuild(tuple(simple(child) for child in node.children)))


def _tidy(node: Node) -> Node:
    """Without zeros added and ones multiplied; a product with a zero is zero."""
    match node:
        case Add(args):
            return add(*(arg for arg in args if arg != ZERO_NODE))
        case Mul(args) if any(arg == ZERO_NODE for arg in args) and is_single(node.shape):
            return ZERO_NODE
        case Mul(args):
            return mul(*(arg for arg in args if arg != ONE_NODE))
        case Neg(arg) if arg == ZERO_NODE:
            return ZERO_NODE
        case Div(left, right) if right == ONE_NODE:
            return left
        case Div(left) if left == ZERO_NODE:
            return ZERO_NODE
    return node


def _equal(left: Node, right: Node) -> bool | None:
    """Whether two places are one: decided where their difference is a number, or one of them is a last one.

    In a matrix with dots the last place stands apart from the first ones.
    """
    if left == right:
        return True
    if left.size is None or right.size is None:
        return None
    difference = left.size - right.size
    if difference.number is not None:
        return difference == Size.of(0)
    return False if left.size.number is not None or right.size.number is not None else None

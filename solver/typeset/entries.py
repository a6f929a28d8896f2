"""Entries of elementwise expressions, and the entries that a matrix with dots shows.

`sum(y * log(yhat))` is printed as a sum over the entries `y_i log ŷ_i`: `entry` carries the indices down to the names.
`Table`s show their first, second and last rows and columns: `cell` puts the index values in and works out deltas.
"""

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
    Div,
    Idx,
    Logic,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Table,
    Transpose,
    add,
    free_indices,
    from_size,
    mul,
    num,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE, Size


def entry(node: Node, row: Node, column: Node) -> Node:
    """The entry of `node` at (row, column), with the indices at the names where the operations go entry by entry."""
    if not node.shape or is_single(node.shape):
        return node
    match node:
        case Transpose(arg):
            return entry(arg, column, row)
        case Add() | Mul() | Neg() | Div() | Pow() | Apply() | Cmp() | Logic():
            return node.rebuild(tuple(entry(child, row, column) for child in node.children))
        case Call() if node.function.kind == "elementwise":
            return node.rebuild(tuple(entry(child, row, column) for child in node.args))
        case Call(name="ones"):
            return ONE_NODE
        case Call(name="zeros"):
            return ZERO_NODE
    if is_vector(node.shape):
        return At(node, (column if node.shape[0] == ONE else row,))
    return At(node, (row, column))


def cell(table: Table, row: Node, column: Node) -> Node:
    """The table's entry at a given row and column, its deltas and cases worked out."""
    return resolve(_put(table.body, {table.row: row, table.column: column}))


def _put(node: Node, values: dict[Idx, Node]) -> Node:
    """Values for free indices; a bound index of the same name is another one."""
    match node:
        case Idx():
            return values.get(node, node)
        case Big(index=index):
            values = {key: value for key, value in values.items() if key != index}
        case Table(row=row, column=column):
            values = {key: value for key, value in values.items() if key not in (row, column)}
    if not node.children or not free_indices(node) & set(values):
        return node
    return node.rebuild(tuple(_put(child, values) for child in node.children))


def resolve(node: Node) -> Node:
    """The node with the deltas and cases that its index values decide worked out, zeros and ones dropped.

    Letters as index values stand for the last row or column: they differ from every number, and from each other only
    where nothing is known.
    """
    if not node.children:
        return node
    match node:
        case Call("delta", (left, right)):
            known = _equal(left, right)
            return node if known is None else ONE_NODE if known else ZERO_NODE
        case Call("where", (Cmp(left, right, "==" | "!=" as op), yes, no)):
            known = _equal(left, right)
            if known is not None:
                return resolve(yes if known == (op == "==") else no)
        case Call("indicator", (Cmp(left, right, "==" | "!=" as op),)):
            known = _equal(left, right)
            if known is not None:
                return ONE_NODE if known == (op == "==") else ZERO_NODE
    children = tuple(resolve(child) for child in node.children)
    rebuilt = node if children == node.children else node.rebuild(children)
    return rebuilt if rebuilt == node else _tidy(rebuilt)


def _tidy(node: Node) -> Node:
    """Zeros and ones that `resolve` has left: `1·a -> a`, `a + 0 -> a`, `0 - a -> -a`."""
    match node:
        case Mul(args) if ZERO_NODE in args:
            return ZERO_NODE
        case Mul(args) if ONE_NODE in args:
            return mul(*(arg for arg in args if arg != ONE_NODE))
        case Add(args):
            return add(*(arg for arg in args if arg not in (ZERO_NODE, Neg(ZERO_NODE))))
        case Neg(Num(value)) if value == 0:
            return ZERO_NODE
    return node


def _equal(left: Node, right: Node) -> bool | None:
    """Whether two index values are equal; None where it is not known, or where whole arrays are compared."""
    if left.shape or right.shape:
        return None
    if left == right:
        return True
    a, b = left.size, right.size
    if a is None or b is None:
        return None
    difference = a - b
    if difference.number is not None:
        return difference.number == 0
    # the last row's number is a size; beside it stand only the numbers 1 and 2, which are other rows
    return False if a.number is not None or b.number is not None else None


def shown(size: Size) -> list[Node | None]:
    """The index values that a matrix with dots shows along a side of this size; None stands for the dots."""
    number = size.number
    if number is not None and number <= 4:
        return [num(k) for k in range(1, number + 1)]
    return [num(1), num(2), None, from_size(size)]

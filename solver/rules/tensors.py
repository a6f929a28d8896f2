"""Products of factors with at most two indices each, summed over some: the matrix product that they are.

`Σ_k A_ik B_kj` is `(A B)_ij`, `Σ_k M_ki` is `(1ᵀ M)_i`, `Σ_k u_k v_k` is `u vᵀ`. Summed indices are eliminated one after
another, each where its neighbours are at most two; what is left is multiplied entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Call,
    Cmp,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Transpose,
    call,
    from_size,
    matmul,
    mul,
    walk,
)
from solver.expr.shapes import columns, is_single, rows
from solver.expr.sizes import ONE, Size


@dataclass(frozen=True)
class Tensor:
    """A value with named indices: none for a scalar, one for a vector (lying either way), rows and columns of a matrix."""

    node: Node
    indices: tuple[Idx, ...] = ()

    @property
    def scalar(self) -> bool:
        return not self.indices


def ones(rows: Size, columns: Size) -> Node:
    return call("ones", from_size(rows), from_size(columns))


def transposed(node: Node) -> Node:
    """The transpose, pushed through products; symmetric shapes are left alone."""
    match node:
        case Transpose(arg):
            return arg
        case MatMul(args):
            return matmul(*(transposed(arg) for arg in reversed(args)))
        case Neg(arg):
            return Neg(transposed(arg))
        case Call("ones" | "zeros" as name, (rows, columns)):
            return call(name, columns, rows)
        case Call("eye", _):
            return node
        case Call("diag", (arg,)) if not is_single(arg.shape) and ONE in arg.shape:
            return node
        case Mul(args) if any(is_single(arg.shape) for arg in args):
            return mul(*(arg if is_single(arg.shape) else transposed(arg) for arg in args))
        case Div(left, right) if is_single(right.shape):
            return Div(transposed(left), right)
        case _ if is_single(node.shape):
            return node
        case Cmp() | Logic():
            # a condition is no value, and has no transpose
            return node.rebuild(tuple(transposed(child) for child in node.children))
        case Mul() | Add() | Div():
            pushed = node.rebuild(tuple(transposed(child) for child in node.children))
            return pushed if transposes(pushed) <= transposes(node) else Transpose(node)
    return Transpose(node)


def transposes(node: Node) -> int:
    """How many transposes stand in it."""
    return sum(isinstance(part, Transpose) for part in walk(node))


def row(node: Node) -> Node:
    """The vector, lying as a row."""
    return node if not node.shape or node.shape[0] == ONE else transposed(node)


def column(node: Node) -> Node:
    return node if not node.shape or node.shape[1] == ONE else transposed(node)


def oriented(tensor: Tensor, rows: Idx | None, columns: Idx | None) -> Node:
    """The node with its indices along rows and columns as asked; what it lacks is left to broadcasting."""
    match tensor.indices:
        case ():
            return tensor.node
        case (index,):
            return column(tensor.node) if index == rows else row(tensor.node)
    return tensor.node if tensor.indices == (rows, columns) else transposed(tensor.node)


def hadamard(tensors: list[Tensor]) -> Tensor:
    """The entrywise product of tensors over one and the same set of indices."""
    first = tensors[0]
    if len(tensors) == 1:
        return first
    indices = first.indices
    if len(indices) == 1:
        lies_down = first.node.shape[0] == ONE  # type: ignore[misc]
        nodes = [row(t.node) if lies_down else column(t.node) for t in tensors]
    else:
        nodes = [oriented(t, *indices) if len(indices) == 2 else t.node for t in tensors]
    return Tensor(mul(*nodes), indices)


def contract(factors: list[Tensor], summed: list[Idx]) -> list[Tensor] | None:
    """The factors with every index of `summed` eliminated; None where three or more would meet in one tensor."""
    waiting = list(summed)
    while waiting:
        choice = min(waiting, key=lambda index: (len(_neighbours(factors, index)), -waiting.index(index)))
        if len(_neighbours(factors, choice)) > 2:
            return None
        waiting.remove(choice)
        factors = _eliminate(factors, choice)
    return factors


def _neighbours(factors: list[Tensor], index: Idx) -> list[Idx]:
    found = [i for factor in factors if index in factor.indices for i in factor.indices if i != index]
    return list(dict.fromkeys(found))


def _eliminate(factors: list[Tensor], index: Idx) -> list[Tensor]:
    """`Σ_index` of the product: the factors with the index become one, at the place of the first of them."""
    touching = [factor for factor in factors if index in factor.indices]
    if not touching:
        return [Tensor(from_size(index.range)), *factors]
    made = _summed(touching, index)
    first = factors.index(touching[0])
    rest = [factor for factor in factors[first:] if index not in factor.indices]
    return [*factors[:first], made, *rest]


def _summed(factors: list[Tensor], index: Idx) -> Tensor:
    vectors = [factor for factor in factors if factor.indices == (index,)]
    by_neighbour: dict[Idx, list[Tensor]] = {}
    for factor in factors:
        for other in factor.indices:
            if other != index:
                by_neighbour.setdefault(other, []).append(factor)
    match list(by_neighbour.items()):
        case []:
            return Tensor(_inner(vectors))
        case [(other, matrices)]:
            whole = oriented(hadamard(matrices), index, other)
            front = row(hadamard(vectors).node) if vectors else ones(ONE, index.range)
            return Tensor(matmul(front, whole), (other,))
        case [(left, lefts), (right, rights)]:
            before, after = oriented(hadamard(lefts), left, index), oriented(hadamard(rights), index, right)
            middle = [call("diag", hadamard(vectors).node)] if vectors else []
            return Tensor(matmul(before, *middle, after), (left, right))
    raise AssertionError("an index with three neighbours is not eliminated")


def _inner(vectors: list[Tensor]) -> Node:
    """`Σ_k u_k v_k` as `u vᵀ`; of one vector the sum of its entries, of sums of rows or columns the sum of the matrix."""
    if len(vectors) == 1:
        match vectors[0].node:
            case MatMul((Call("ones") as one, *inner)) if rows(one.shape) == ONE:
                whole = matmul(*inner)
            case MatMul((*inner, Call("ones") as one)) if columns(one.shape) == ONE:
                whole = matmul(*inner)
            case whole:
                pass
        return call("sum", whole.arg if isinstance(whole, Transpose) else whole)
    first, *rest = vectors
    return MatMul((row(first.node), column(hadamard(rest).node)))


def multiplied(factors: list[Tensor], rows: Idx | None, columns: Idx | None) -> Tensor:
    """The product of what is left: numbers in front, an outer product of a column and a row, the rest entrywise."""
    scalars = [factor.node for factor in factors if factor.scalar]
    rest = _merged([factor for factor in factors if not factor.scalar])
    indices = tuple(i for i in (rows, columns) if i is not None and any(i in f.indices for f in rest))
    if not rest:
        return Tensor(mul(*scalars))
    nodes = [oriented(factor, rows, columns) for factor in rest]
    if len(indices) == 2 and all(len(factor.indices) == 1 for factor in rest):
        across = {factor.indices[0]: node for factor, node in zip(rest, nodes, strict=True)}
        nodes = [MatMul((across[indices[0]], across[indices[1]]))]
    numbers = [s for s in scalars if s != ONE_NODE]
    return Tensor(mul(*numbers, *nodes), indices)


def _merged(factors: list[Tensor]) -> list[Tensor]:
    """Vectors over one index multiplied together; matrices stay apart, in their order."""
    kept: list[Tensor] = []
    for factor in factors:
        same = next((k for k, f in enumerate(kept) if len(f.indices) == 1 and f.indices == factor.indices), None)
        if same is None:
            kept.append(factor)
        else:
            kept[same] = hadamard([kept[same], factor])
    return kept


def filled(tensor: Tensor, rows: Idx | None, columns: Idx | None) -> Node:
    """The node with every index along its axis: repeated with ones where the value does not depend on it."""
    height = rows.range if rows is not None else ONE
    width = columns.range if columns is not None else ONE
    return _repeated(oriented(tensor, rows, columns), height, width)


def _repeated(node: Node, height: Size, width: Size) -> Node:
    """The number, row, column or matrix over a whole shape."""
    if node.shape == (height, width):
        return node
    match node:
        case Neg(arg):
            return Neg(_repeated(arg, height, width))
        case Cmp() | Logic():
            # a condition is no value that ones could repeat: what it compares is
            parts = (arg if is_single(arg.shape) else _repeated(arg, height, width) for arg in node.children)
            return node.rebuild(tuple(parts))
    if is_single(node.shape):
        whole = ones(height, width)
        return whole if node == ONE_NODE else mul(node, whole)
    if node.shape[0] == ONE:  # type: ignore[misc]
        return MatMul((ones(height, ONE), node))
    return MatMul((node, ones(ONE, width)))

"""Kronecker products read backwards: a stacked gradient brought back to a matrix, a Jacobian made shorter."""

from __future__ import annotations

from itertools import pairwise

from solver.expr.nodes import ONE_NODE, Call, MatMul, Mul, Node, Transpose, call, matmul, mul
from solver.expr.shapes import columns, is_single, is_vector, rows
from solver.expr.sizes import ONE, Size
from solver.rules.inner import moves, transposes, turned
from solver.rules.rule import rule
from solver.rules.setting import Setting
from solver.rules.vec import COOKBOOK, is_column, of_column, of_row, stacked


@rule(
    "gradient through a Kronecker product",
    r"\operatorname{vec}(G)^\top (B^\top \otimes A) = \operatorname{vec}(A^\top G B^\top)^\top",
    words="(B ⊗ Aᵀ) vec G = vec(Aᵀ G Bᵀ)",
    applies=["vec(C).T @ kron(B.T, A) @ vec(d(X)) -> vec(A.T @ C @ B.T).T @ vec(d(X))",
             "x @ kron(y, A) @ vec(d(X)) -> vec(A.T @ x.T @ y).T @ vec(d(X))",
             "vec(x).T @ kron(A.T, eye(1)) @ vec(d(y)) -> vec(x @ A.T).T @ vec(d(y))",
             "kron(x, y) @ vec(d(A)) -> vec(y.T @ x).T @ vec(d(A))"],
    refuses=["vec(C).T @ kron(A, B)", "kron(A, B) @ vec(d(X))"],
)  # fmt: skip
def back_through_kron(node: Node, setting: Setting) -> Node | None:
    match _first(node, "kron"):
        case row, Call("kron", (left, right)), rest:
            pass
        case _:
            return None
    if not left.shape or not right.shape or (is_single(left.shape) and is_single(right.shape)):
        return None
    if not row:
        gradient = matmul(turned(right), left) if left.shape[0] == right.shape[0] == ONE else None
        return None if gradient is None else MatMul((turned(stacked(gradient)), *rest))
    middle = unstacked(matmul(*row), (right.shape[0], left.shape[0]))
    if middle is None:
        return None
    before = () if isinstance(right, Call) and right.name == "eye" else (turned(right),)
    after = () if isinstance(left, Call) and left.name == "eye" else (left,)
    return MatMul((turned(stacked(matmul(*before, middle, *after))), *rest))


def _first(node: Node, name: str) -> tuple[tuple[Node, ...], Node, tuple[Node, ...]] | None:
    """A number as a row, the first of its structured factors where that is a `name`, and the rest with what moves."""
    if not isinstance(node, MatMul) or node.shape != (ONE, ONE) or not moves(node.args[-1]):
        return None
    for number, arg in enumerate(node.args[:-1]):
        if isinstance(arg, Call) and arg.name in ("kron", "diag", "commutation"):
            return (node.args[:number], arg, node.args[number + 1 :]) if arg.name == name else None
    return None


@rule(
    "gradient through a diagonal",
    r"\operatorname{vec}(G)^\top \operatorname{diag}(\operatorname{vec} A) = \operatorname{vec}(G \odot A)^\top",
    words="vec(G)ᵀ diag(vec A) = vec(G ⊙ A)ᵀ",
    applies=["vec(C).T @ diag(vec(A)) @ vec(d(X)) -> vec(C*A).T @ vec(d(X))",
             "x @ diag(y.T) @ d(u.T) -> (x.T*y.T).T @ d(u.T)"],
    refuses=["x @ diag(y.T) @ u.T", "x @ A @ d(u.T)"],
)  # fmt: skip
def back_through_diagonal(node: Node, setting: Setting) -> Node | None:
    match _first(node, "diag"):
        case (_, *_) as row, Call("diag", (entries,)), rest if is_vector(entries.shape):
            values = entries.args[0] if isinstance(entries, Call) and entries.name == "vec" else entries
            gradient = unstacked(matmul(*row), values.shape)  # type: ignore[arg-type]
            if gradient is not None:
                return MatMul((_standing(stacked(mul(gradient, values))), *rest))
    return None


def _standing(column: Node) -> Node:
    return Transpose(column) if isinstance(column, Mul) else turned(column)


@rule(
    "gradient through a commutation", r"\operatorname{vec}(G)^\top K = \operatorname{vec}(G^\top)^\top",
    words="Kᵀ vec G = vec Gᵀ",
    applies=["vec(M.T).T @ commutation(m, n) @ vec(d(M)) -> vec(M).T @ vec(d(M))"],
    refuses=["vec(C).T @ kron(A, B) @ vec(d(X))"],
)  # fmt: skip
def back_through_commutation(node: Node, setting: Setting) -> Node | None:
    match _first(node, "commutation"):
        case (_, *_) as row, Call("commutation", (rows, columns)), rest if rows.size and columns.size:
            gradient = unstacked(matmul(*row), (columns.size, rows.size))
            if gradient is not None:
                return MatMul((turned(stacked(turned(gradient))), *rest))
    return None


def unstacked(row: Node, shape: tuple[Size, Size]) -> Node | None:
    """The matrix `G` of a shape for which the row is `vec(G)ᵀ`; None where the row is not written so."""
    match row:
        case Transpose(Call("vec", (gradient,))) if gradient.shape == shape:
            return gradient
    if shape[1] == ONE and row.shape == (ONE, shape[0]):
        return row.arg if isinstance(row, Transpose) else turned(row)
    if shape[0] == ONE and row.shape == shape:
        return row
    return None


@rule(
    "Kronecker product with 1", r"A \otimes 1 = A", routine=True, words="A ⊗ 1 = A",
    applies=["kron(A, eye(1)) -> A", "kron(eye(1), A) -> A", "kron(x @ y.T, A) -> x @ y.T * A",
             "kron(x, y.T) -> y.T @ x", "kron(y.T, x) -> y.T @ x"],
    refuses=["kron(A, B)", "kron(A, eye(n))", "kron(x, y)"],
)  # fmt: skip
def with_one(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("kron", (left, Call("eye", (size,)))) if size == ONE_NODE and left.shape:
            return left
        case Call("kron", (Call("eye", (size,)), right)) if size == ONE_NODE and right.shape:
            return right
        case Call("kron", (left, right)) if is_single(left.shape) and right.shape:
            return mul(left, right)
        case Call("kron", (left, right)) if is_single(right.shape) and left.shape:
            return mul(right, left)
        case Call("kron", (left, right)) if rows(left.shape) == columns(right.shape) == ONE:
            return MatMul((right, left))
        case Call("kron", (left, right)) if columns(left.shape) == rows(right.shape) == ONE:
            return MatMul((left, right))
    return None


@rule(
    "diagonal of a stacked vector", r"\operatorname{diag}(\operatorname{vec} a) = \operatorname{diag}(a)", routine=True,
    words="a vector lies on the diagonal either way",
    applies=["diag(vec(x)) -> diag(x)", "diag(vec(x*y)) -> diag(x*y)", "diag(x.T*y.T) -> diag(x*y)"],
    refuses=["diag(vec(A))", "diag(x)", "diag(A.T)"],
)  # fmt: skip
def diagonal_of_vector(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("diag", (Call("vec", (arg,)),), axis) if is_vector(arg.shape):
            return call("diag", arg, axis=axis)
        case Call("diag", (arg,), axis) if is_vector(arg.shape):
            other = turned(arg)
            return call("diag", other, axis=axis) if transposes(other) < transposes(arg) else None
    return None


@rule(
    "diagonal times ones", r"\operatorname{diag}(a)\,\mathbf{1} = a", routine=True, words="diag(a) 1 = a",
    applies=["diag(x) @ ones(n, 1) @ y -> x.T @ y", "A @ diag(x.T) @ ones(n, 1) -> A @ x.T",
             "ones(1, n) @ diag(x) @ A -> x @ A"],
    refuses=["diag(x) @ A", "ones(m, n) @ diag(x)"],
)  # fmt: skip
def diagonal_of_ones(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, (one, two) in enumerate(pairwise(node.args)):
        match one, two:
            case Call("diag", (arg,)), Call("ones") if is_vector(arg.shape) and is_column(two):
                part = arg if is_column(arg) else turned(arg)
            case Call("ones"), Call("diag", (arg,)) if is_vector(arg.shape) and one.shape[0] == ONE:  # type: ignore[misc]
                part = turned(arg) if is_column(arg) else arg
            case _:
                continue
        return matmul(*node.args[:number], part, *node.args[number + 2 :])
    return None


@rule(
    "Kronecker product times a stack", r"(B^\top \otimes A) \operatorname{vec} X = \operatorname{vec}(A X B)",
    source=f"{COOKBOOK}, (520)", words="vec(AXB) = (Bᵀ ⊗ A) vec X",
    applies=["kron(B, A) @ vec(X) -> vec(A @ X @ B.T)", "kron(B.T, eye(n)) @ vec(X) @ x -> vec(X @ B) @ x"],
    refuses=["kron(A, B)", "kron(A, B) @ vec(d(X))"],
)  # fmt: skip
def kron_times_stack(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul) or moves(node):
        return None
    for number, (one, two) in enumerate(pairwise(node.args)):
        match one, two:
            case Call("kron", (left, right)), Call("vec", (inside,)) if (right.shape[1:], left.shape[1:]) == (
                inside.shape[:1], inside.shape[1:],
            ):  # fmt: skip
                before = () if isinstance(right, Call) and right.name == "eye" else (right,)
                after = () if isinstance(left, Call) and left.name == "eye" else (turned(left),)
                whole = call("vec", matmul(*before, inside, *after))
                return matmul(*node.args[:number], whole, *node.args[number + 2 :])
    return None


@rule(
    "product of Kronecker products", r"(A \otimes B)(C \otimes D) = A C \otimes B D", source=f"{COOKBOOK}, (511)",
    words="(A ⊗ B)(C ⊗ D) = AC ⊗ BD",
    applies=["kron(A, B) @ kron(C, X) -> kron(A @ C, B @ X)"], refuses=["kron(A, B)", "A @ B"],
)  # fmt: skip
def merged(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul(args):
            for number, (one, two) in enumerate(pairwise(args)):
                match one, two:
                    case Call("kron", (a, b)), Call("kron", (c, d)) if (
                        a.shape[1:] == c.shape[:1] and b.shape[1:] == d.shape[:1]
                    ):
                        return matmul(*args[:number], call("kron", _product(a, c), _product(b, d)), *args[number + 2 :])
    return None


def _product(left: Node, right: Node) -> Node:
    if isinstance(left, Call) and left.name == "eye":
        return right
    return left if isinstance(right, Call) and right.name == "eye" else matmul(left, right)


CLEAN = (with_one, diagonal_of_vector, diagonal_of_ones, of_column, of_row, kron_times_stack, merged)
"""What makes a Jacobian shorter once it has been read off."""

BACK = (back_through_kron, back_through_diagonal, back_through_commutation)
"""A stacked gradient, brought back to a matrix's form after each step."""

"""Pseudo-inverses: the conditions of Moore and Penrose, and the closed form where the rank is full."""

from __future__ import annotations

from solver.expr.derivation import Fact
from solver.expr.nodes import Call, Cmp, MatMul, Node, Sym, Transpose, call, matmul
from solver.expr.sizes import Size
from solver.rules.inner import turned
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


@rule(
    "pseudo-inverse beside its matrix", r"A\,A^{+} A = A", words="a condition of Moore and Penrose",
    source="Petersen & Pedersen, The Matrix Cookbook, (214)",
    applies=["A @ pinv(A) @ A @ x.T -> A @ x.T", "pinv(A) @ A @ pinv(A) -> pinv(A)", "A.T @ A @ pinv(A) -> A.T",
             "pinv(M) @ M @ M.T -> M.T", "pinv(A).T @ A.T -> A @ pinv(A)", "(A @ pinv(A)).T -> A @ pinv(A)"],
    refuses=["A @ pinv(A)", "pinv(A) @ B @ A", "A @ inv(A) @ A", "(A @ pinv(B)).T"],
)  # fmt: skip
def penrose(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose(MatMul((left, right))) if _partners(left, right):
            return node.arg
        case MatMul(args):
            for k in range(len(args) - 1):
                left, right = args[k : k + 2]
                if _partners(left, right):
                    # A A⁺ is a symmetric projection on the columns of A
                    beside = args[k + 2 : k + 3]
                    if beside and beside[0] in (left, turned(right)):
                        return matmul(*args[:k], *args[k + 2 :])
                    if k and args[k - 1] in (right, turned(left)):
                        return matmul(*args[:k], *args[k + 2 :])
                elif _partners(turned(right), turned(left)):
                    return matmul(*args[:k], turned(right), turned(left), *args[k + 2 :])
    return None


def _partners(left: Node | None, right: Node | None) -> bool:
    """Whether one of the two is the other's pseudo-inverse: `A A⁺`, `A⁺ A`."""
    return left is not None and right is not None and (_inverts(left, right) or _inverts(right, left))


def _inverts(node: Node, matrix: Node) -> bool:
    return isinstance(node, Call) and node.name == "pinv" and node.args[0] == matrix


@rule(
    "pseudo-inverse of full rank", r"A^{+} = (A^\top A)^{-1} A^\top", words="the rank of {A} is full",
    source="Petersen & Pedersen, The Matrix Cookbook, (222)",
    applies=["pinv(Q) -> inv(Q)"], refuses=["pinv(A)", "pinv(M)", "inv(Q)"],
)  # fmt: skip
def full_rank(node: Node, setting: Setting) -> Rewrite | None:
    """Of columns that are independent, of rows that are; of a square matrix the inverse."""
    match node:
        case Call("pinv", (Sym(name) as matrix,)):
            traits = set(setting.traits(matrix))
            rows, columns = matrix.shape  # type: ignore[misc]
            captures = (("A", matrix),)
            if rows == columns:
                known = [t for t in ("invertible", "full-rank", "orthogonal", "positive-definite") if t in traits]
                return Rewrite(call("inv", matrix), captures, (Fact(name, known[0]),)) if known else None
            if "full-rank" not in traits:
                return None
            facts = (Fact(name, "full-rank"),)
            if at_least(rows, columns, setting):
                return Rewrite(
                    matmul(call("inv", matmul(Transpose(matrix), matrix)), Transpose(matrix)), captures, facts
                )
            if at_least(columns, rows, setting):
                return Rewrite(
                    matmul(Transpose(matrix), call("inv", matmul(matrix, Transpose(matrix)))), captures, facts
                )
    return None


def at_least(left: Size, right: Size, setting: Setting) -> bool:
    """Whether a size is known to be at least another: by arithmetic, or by a condition."""
    gap = (left - right).number
    if gap is not None:
        return gap >= 0
    for condition in setting.given:
        match condition:
            case Cmp(a, b, ">" | ">=") if a.size == left and b.size == right:
                return True
            case Cmp(a, b, "<" | "<=") if a.size == right and b.size == left:
                return True
    return False

"""Functions of a Kronecker product that factor: traces, norms, sums, determinants, inverses."""

from __future__ import annotations

from solver.expr.nodes import (
    Call,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    add,
    call,
    from_size,
    mul,
    num,
)
from solver.expr.shapes import is_column, is_row, is_single
from solver.rules.inner import turned
from solver.rules.rule import rule
from solver.rules.setting import Setting


@rule(
    "function of a Kronecker product", r"\operatorname{tr}(A \otimes B) = \operatorname{tr}(A) \operatorname{tr}(B)",
    words="the Kronecker product factors", source="Petersen & Pedersen, The Matrix Cookbook, (511) to (519)",
    applies=["tr(kron(A, B)) -> tr(A)*tr(B)", "norm(kron(A, M)) -> norm(A)*norm(M)",
             "norm(kron(A, M))**2 -> norm(A)**2*norm(M)**2", "sum(kron(x, M)) -> sum(x)*sum(M)",
             "det(kron(A, B)) -> det(A)**n*det(B)**n", "logdet(kron(A, B)) -> n*logdet(A) + n*logdet(B)",
             "inv(kron(A, B)) -> kron(inv(A), inv(B))"],
    refuses=["kron(A, B)", "tr(kron(M, N1))", "tr(A @ kron(x, y.T))", "sum(kron(A, B), axis=0)"],
)  # fmt: skip
def of_kronecker(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(base, exponent) if is_single(base.shape) and (inner := of_kronecker.body(base, setting)) is not None:
            return mul(*(Pow(factor, exponent) for factor in inner.args)) if isinstance(inner, Mul) else None
        case Call("norm" | "sum" as name, (Call("kron", (left, right)),), None):
            return mul(call(name, left), call(name, right))
        case Call("tr" | "det" | "logdet" | "inv" as name, (Call("kron", (left, right)),)) if (
            left.shape and right.shape and left.shape[0] == left.shape[1] and right.shape[0] == right.shape[1]
        ):
            high, wide = (from_size(part.shape[0]) for part in (left, right))  # type: ignore[misc]
            match name:
                case "tr":
                    return mul(call("tr", left), call("tr", right))
                case "det":
                    return mul(Pow(call("det", left), wide), Pow(call("det", right), high))
                case "logdet":
                    return add(mul(wide, call("logdet", left)), mul(high, call("logdet", right)))
                case "inv":
                    return call("kron", call("inv", left), call("inv", right))
    return None


@rule(
    "determinant of a power", r"\log\det A^k = k \log\det A", words="the determinant of a power, of an inverse",
    source="Petersen & Pedersen, The Matrix Cookbook, (22), (23)",
    applies=["logdet(matrix_power(A, 3)) -> 3*logdet(A)", "det(matrix_power(A, 3)) -> det(A)**3",
             "logdet(inv(A)) -> -logdet(A)", "det(inv(A)) -> 1/det(A)", "logdet(A @ X @ B) -> logdet(A) + logdet(X) + logdet(B)",
             "logdet(2*A) -> n*log(2) + logdet(A)"],
    refuses=["det(A)", "logdet(A + B)", "logdet(M @ N1)", "det(A @ B)"],
)  # fmt: skip
def determinant_apart(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("logdet", (Call("matrix_power", (base, power)),)):
            return mul(power, call("logdet", base))
        case Call("det", (Call("matrix_power", (base, power)),)):
            return Pow(call("det", base), power)
        case Call("logdet", (Call("inv", (base,)),)):
            return Neg(call("logdet", base))
        case Call("det", (Call("inv", (base,)),)):
            return Div(num(1), call("det", base))
        case Call("logdet", (MatMul(args),)) if all(part.shape == node.args[0].shape for part in args):
            return add(*(call("logdet", part) for part in args))
        case Call("logdet", (Mul(args) as whole,)) if (
            sum(not is_single(part.shape) for part in args) == 1 and whole.shape
        ):
            numbers = mul(*(part for part in args if is_single(part.shape)))
            size = numbers if isinstance(numbers, Num) else call("abs", numbers)
            matrix = next(part for part in args if not is_single(part.shape))
            return add(mul(from_size(whole.shape[0]), call("log", size)), call("logdet", matrix))
    return None


@rule(
    "differential of a determinant taken apart", r"\mathrm{d}\log\det A^k = \mathrm{d}(k \log\det A)",
    words="the determinant of a power, of an inverse", applies=["d(logdet(matrix_power(A, 3))) -> d(3*logdet(A))"],
    refuses=["d(logdet(A))", "logdet(matrix_power(A, 3))"],
)  # fmt: skip
def differential_of_determinant_apart(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(arg) if (inner := determinant_apart(arg, setting)) is not None:
            return Dif(inner.after)
    return None


@rule(
    "differential of a Kronecker product's function", r"\mathrm{d}\|A \otimes B\| = \mathrm{d}(\|A\|\,\|B\|)",
    words="the Kronecker product factors", applies=["d(norm(kron(A, M))) -> d(norm(A)*norm(M))"],
    refuses=["d(kron(A, B))", "norm(kron(A, M))", "d(norm(A))"],
)  # fmt: skip
def differential_of_kronecker(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(arg) if (inner := of_kronecker(arg, setting)) is not None:
            return Dif(inner.after)
    return None


@rule(
    "vec and the Kronecker product", r"\operatorname{vec}(A\,X\,B) = (B^\top \otimes A) \operatorname{vec}(X)",
    words="vec(A X B) = (Bᵀ ⊗ A) vec X", source="Petersen & Pedersen, The Matrix Cookbook, (520)",
    applies=["vec(A @ X @ B) -> kron(B.T, A) @ vec(X)", "vec(x.T @ y) -> kron(y.T, x.T)"],
    refuses=["vec(A @ B)", "vec(A)"],
)  # fmt: skip
def vec_of_three(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (MatMul((left, right)),)) if is_column(left.shape) and is_row(right.shape):
            return call("kron", turned(right), left)
        case Call("vec", (MatMul((left, middle, right)),)):
            return MatMul((call("kron", turned(right), left), call("vec", middle)))
    return None

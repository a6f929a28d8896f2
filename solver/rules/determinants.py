"""Differentials of norms, inverses, determinants and powers of matrices (The Matrix Cookbook, ch. 2)."""

from __future__ import annotations

from solver.expr.nodes import (
    Big,
    Call,
    Dif,
    Div,
    Idx,
    MatMul,
    Neg,
    Node,
    Num,
    Pow,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
)
from solver.rules.algebra import zeros
from solver.rules.rule import rule
from solver.rules.setting import Setting, fresh_index

COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook"
MAX_POWER = 12
"""A power of a matrix is differentiated factor by factor up to this exponent."""


# --- norms --------------------------------------------------------------------------------------------------------


@rule(
    "differential of a squared norm", r"\mathrm{d}\|A\|^2 = 2 \sum A \odot \mathrm{d}A", source=f"{COOKBOOK}, (131)",
    words="the squared norm is the sum of squares", applies=["d(norm(x)**2) -> 2*sum(x*d(x))"],
    refuses=["d(norm(x))", "d(x**2)"],
)  # fmt: skip
def squared_norm(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Pow(base, Num(value))) if value == 2:
            match setting.value_of(base) or base:
                case Call("norm", (arg,)):
                    return mul(num(2), call("sum", mul(arg, Dif(arg))))
    return None


@rule(
    "differential of a norm", r"\mathrm{d}\|A\| = \frac{\sum A \odot \mathrm{d}A}{\|A\|}", source=f"{COOKBOOK}, (129)",
    words="derivative of the norm",
    applies=["d(norm(x)) -> sum(x*d(x))/norm(x)", "d(norm1(x)) -> sum(sign(x)*d(x))"], refuses=["d(norm(x)**2)",
                                                                                                "d(x)"],
)  # fmt: skip
def norm(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("norm", (arg,)) as length):
            return Div(call("sum", mul(arg, Dif(arg))), length)
        case Dif(Call("norm1", (arg,))):
            return call("sum", mul(call("sign", arg), Dif(arg)))
    return None


# --- inverses, determinants, powers -------------------------------------------------------------------------------


@rule(
    "differential of an inverse", r"\mathrm{d}A^{-1} = -A^{-1} (\mathrm{d}A) A^{-1}", source=f"{COOKBOOK}, (40)",
    words="derivative of the inverse", applies=["d(inv(A)) -> -(inv(A) @ d(A) @ inv(A))"], refuses=["d(A)",
                                                                                                    "d(pinv(M))"],
)  # fmt: skip
def inverse(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("inv", (arg,)) as inv) if arg.shape:
            return Neg(MatMul((inv, Dif(arg), inv)))
        case Dif(Call("inv", (arg,))):
            return Neg(Div(Dif(arg), Pow(arg, num(2))))
    return None


@rule(
    "differential of a determinant", r"\mathrm{d}\det A = \det(A) \operatorname{tr}(A^{-1}\,\mathrm{d}A)",
    source=f"{COOKBOOK}, (41)", words="Jacobi's formula", applies=["d(det(A)) -> det(A)*tr(inv(A) @ d(A))"],
    refuses=["d(A)", "d(logdet(A))"],
)  # fmt: skip
def determinant(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("det", (arg,)) as det) if arg.shape:
            return mul(det, call("tr", MatMul((call("inv", arg), Dif(arg)))))
    return None


@rule(
    "differential of a log-determinant", r"\mathrm{d}\log\det A = \operatorname{tr}(A^{-1}\,\mathrm{d}A)",
    source=f"{COOKBOOK}, (43)", words="derivative of log det",
    applies=["d(logdet(A)) -> tr(inv(A) @ d(A))", "d(log(det(A))) -> tr(inv(A) @ d(A))"],
    refuses=["d(det(A))", "d(log(a))"],
)  # fmt: skip
def log_determinant(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("logdet", (arg,)) | Call("log", (Call("det", (arg,)),))) if arg.shape:
            return call("tr", MatMul((call("inv", arg), Dif(arg))))
    return None


@rule(
    "log of a determinant", r"\log(\det A) = \log\det A", words="log and det are one function",
    applies=["log(det(A)) -> logdet(A)"], refuses=["det(A)", "logdet(A)", "log(a)"],
)  # fmt: skip
def log_of_determinant(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (Call("det", (arg,)),)) if arg.shape:
            return call("logdet", arg)
    return None


def matrix_power(base: Node, exponent: int) -> tuple[Node, ...]:
    """The factors of a whole power: none, the matrix, or `matrix_power`."""
    return () if exponent == 0 else (base,) if exponent == 1 else (call("matrix_power", base, num(exponent)),)


@rule(
    "differential of a trace of a power",
    r"\mathrm{d}\operatorname{tr}(A^n) = n \operatorname{tr}(A^{n-1}\,\mathrm{d}A)",
    source=f"{COOKBOOK}, (121)", words="each of the equal factors gives the same trace",
    applies=["d(tr(matrix_power(A, 3))) -> 3*tr(matrix_power(A, 2) @ d(A))"], refuses=["d(tr(A))",
                                                                                       "d(matrix_power(A, 3))"],
)  # fmt: skip
def trace_of_power(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("tr", (Call("matrix_power", (base, Num(value))),))) if value >= 1:
            return mul(num(value), call("tr", matmul(*matrix_power(base, int(value) - 1), Dif(base))))
        case Dif(Call("tr", (Call("matrix_power", (base, exponent)),))) if (
            exponent.size and exponent.size.number is None
        ):
            rest = call("matrix_power", base, add(exponent, Neg(num(1))))
            return mul(exponent, call("tr", MatMul((rest, Dif(base)))))
        case Dif(Call("tr", (Call("matrix_power", _) as power,))):
            return call("tr", Dif(power))
    return None


@rule(
    "differential of a matrix power", r"\mathrm{d}A^n = \sum_{r=1}^{n} A^{r-1} (\mathrm{d}A) A^{n-r}",
    source=f"{COOKBOOK}, (91)", words="product rule, one factor at a time",
    applies=["d(matrix_power(A, 2)) -> d(A) @ A + A @ d(A)", "d(matrix_power(A, -1)) -> d(inv(A))",
             "d(matrix_power(A, 3)) -> d(A) @ matrix_power(A, 2) + A @ d(A) @ A + matrix_power(A, 2) @ d(A)"],
    refuses=["d(A @ A)", "d(A)"],
)  # fmt: skip
def power_of_matrix(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("matrix_power", (base, exponent))) if base.shape:
            pass
        case _:
            return None
    match exponent:
        case Num(value) if value.denominator == 1 and 1 <= value <= MAX_POWER:
            n = int(value)
            return add(*(matmul(*matrix_power(base, r), Dif(base), *matrix_power(base, n - 1 - r)) for r in range(n)))
        case Num(value) if value == 0:
            return zeros(base.shape)
        case Neg(Num(value)) if value.denominator == 1 and 1 <= value <= MAX_POWER:
            return Dif(matmul(*matrix_power(call("inv", base), int(value))))
    if exponent.size is None or exponent.size.number is not None:
        return None
    r = fresh_index(Idx("r", exponent.size), node, letters="rs")
    before, after = (call("matrix_power", base, e) for e in (add(r, Neg(num(1))), add(exponent, Neg(r))))
    return Big("sum", MatMul((before, Dif(base), after)), r)


@rule(
    "differential of a pseudo-inverse",
    r"\mathrm{d}A^+ = -A^+ (\mathrm{d}A) A^+ + A^+ A^{+\top} (\mathrm{d}A)^\top (I - A A^+)"
    r" + (I - A^+ A) (\mathrm{d}A)^\top A^{+\top} A^+",
    source="Golub & Pereyra (1973), for constant rank", words="derivative of the pseudo-inverse",
    applies=["d(pinv(M)) -> -(pinv(M) @ d(M) @ pinv(M)) + pinv(M) @ pinv(M).T @ d(M).T @ (eye(m) - M @ pinv(M))"
             " + (eye(n) - pinv(M) @ M) @ d(M).T @ pinv(M).T @ pinv(M)"],
    refuses=["d(inv(A))", "d(M)"],
)  # fmt: skip
def pseudo_inverse(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Call("pinv", (arg,)) as p) if arg.shape:
            rows, columns = (call("eye", from_size(size)) for size in arg.shape)
            left, right = add(rows, Neg(MatMul((arg, p)))), add(columns, Neg(MatMul((p, arg))))
            d, turned = Dif(arg), Transpose(Dif(arg))
            return add(
                Neg(MatMul((p, d, p))),
                MatMul((p, Transpose(p), turned, left)),
                MatMul((right, turned, Transpose(p), p)),
            )
    return None

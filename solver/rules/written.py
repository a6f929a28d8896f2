"""Functions written as products and sums: inner products, squared norms, means, stacks; and the norms of products."""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    Add,
    Call,
    D,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
    walk,
)
from solver.expr.shapes import columns, is_column, is_row, is_single, is_vector, numel, rows
from solver.expr.sizes import ONE
from solver.rules.inner import turned
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting
from solver.rules.words import is_ones


def _still(node: Node) -> bool:
    """Whether no derivative or differential stands in the node."""
    return not any(isinstance(part, D | Dif) for part in walk(node))


def _row(node: Node) -> Node:
    return node if is_row(node.shape) else turned(node)


@rule(
    "inner product as a matrix product", r"x \cdot y = x^\top y", words="the inner product as a product",
    applies=["dot(x, y) -> x @ y.T", "dot(x.T, A @ y.T) -> x @ A @ y.T"], refuses=["x @ y.T", "dot(x, d(y))"],
)  # fmt: skip
def dot_as_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("dot", (left, right)) if _still(node):
            return matmul(_row(left), turned(_row(right)))
    return None


@rule(
    "outer product as a matrix product", r"x \otimes y = x\,y^\top", words="the outer product as a product",
    applies=["outer(x, y) -> x.T @ y"], refuses=["x.T @ y", "outer(x, d(y))"],
)  # fmt: skip
def outer_as_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("outer", (left, right)) if _still(node):
            return matmul(turned(_row(left)), _row(right))
    return None


@rule(
    "squared norm as a product", r"\|x\|^2 = x^\top x", words="the squared norm as a product",
    source="Petersen & Pedersen, The Matrix Cookbook, (524)",
    applies=["norm(x - y)**2 -> (x - y) @ (x - y).T", "norm(A @ x.T)**2 -> x @ A.T @ A @ x.T",
             "norm(M)**2 -> tr(M.T @ M)"],
    refuses=["norm(x)", "norm(x)**3", "norm(d(x))**2", "norm(x/norm(x))**2"],
)  # fmt: skip
def squared_norm(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Call("norm", (arg,)), Num(value)) if value == 2 and arg.shape and _still(node):
            if isinstance(arg, Div | Mul):
                return None
            if is_vector(arg.shape):
                row = arg if is_row(arg.shape) else turned(arg)
                return matmul(row, turned(row) if is_row(arg.shape) else arg)
            return call("tr", matmul(turned(arg), arg))
    return None


@rule(
    "mean as an average", r"\bar x = \frac{1}{n} \sum_i x_i", words="the mean as a sum",
    applies=["mean(x) -> sum(x)/n", "mean(A, axis=0) -> sum(A, axis=0)/n", "mean(M) -> sum(M)/(m*n)"],
    refuses=["sum(x)/n", "mean(d(x))"],
)  # fmt: skip
def average(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("mean", (arg,), axis) if arg.shape and _still(node):
            size = numel(arg.shape) if axis is None else arg.shape[axis]
            return Div(call("sum", arg, axis=axis), from_size(size))
    return None


@rule(
    "mean term by term", r"\tfrac{1}{n} \sum_i (x_i + c) = \bar x + c", words="the mean, term by term",
    applies=["mean(x + y) -> mean(x) + mean(y)", "mean(x - a) -> mean(x) - a", "mean(2*x*y) -> 2*mean(x*y)",
             "mean(x*mean(y)) -> mean(y)*mean(x)", "mean(-x) -> -mean(x)", "mean(x/a) -> mean(x)/a"],
    refuses=["mean(x)", "mean(x*y)", "mean(A, axis=0)"],
)  # fmt: skip
def mean_of_terms(node: Node, setting: Setting) -> Node | None:
    """A mean is linear, and that of a number is the number."""
    match node:
        case Call("mean", (arg,), None) if arg.shape and _still(node):
            return _linear_mean(arg)
    return None


def _linear_mean(arg: Node) -> Node | None:
    def mean(part: Node) -> Node:
        return part if is_single(part.shape) else call("mean", part)

    match arg:
        case Add(args) if all(is_single(part.shape) or part.shape == arg.shape for part in map(_bare, args)):
            return add(*(Neg(mean(part.arg)) if isinstance(part, Neg) else mean(part) for part in args))
        case Neg(inner):
            return Neg(mean(inner))
        case Mul(args) if any(is_single(part.shape) for part in args):
            inside = [part for part in args if not is_single(part.shape)]
            if inside and mul(*inside).shape == arg.shape:
                return mul(*(part for part in args if is_single(part.shape)), call("mean", mul(*inside)))
        case Div(left, right) if is_single(right.shape):
            return Div(mean(left), right)
    return None


def _bare(node: Node) -> Node:
    return node.arg if isinstance(node, Neg) else node


# --- norms of products --------------------------------------------------------------------------------------------


@rule(
    "norm of a multiple", r"\|c\,x\| = |c|\,\|x\|", words="a number leaves the norm with its absolute value",
    applies=["norm(a*x) -> abs(a)*norm(x)", "norm(x/a) -> norm(x)/abs(a)", "norm(2*A) -> 2*norm(A)",
             "norm(-x) -> norm(x)", "norm(x/norm(y)) -> norm(x)/norm(y)", "norm(a*x)**2 -> a**2*norm(x)**2"],
    refuses=["norm(x)", "norm(x*y)"],
)  # fmt: skip
def norm_of_multiple(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Call("norm", (arg,)), Num(value)) if value == 2:
            return _multiple(arg, lambda rest: Pow(call("norm", rest), num(2)), lambda number: Pow(number, num(2)))
        case Call("norm", (arg,)):
            return _multiple(arg, lambda rest: call("norm", rest), _absolute)
    return None


def _multiple(arg: Node, norm: Callable[[Node], Node], size: Callable[[Node], Node]) -> Node | None:
    """The norm of a multiple: the number by its size, the rest by its norm; None where there is no number."""
    match arg:
        case Neg(inner):
            return norm(inner)
        case Mul(args):
            numbers = [part for part in args if is_single(part.shape)]
            rest = [part for part in args if not is_single(part.shape)]
            if numbers and rest and mul(*rest).shape == arg.shape:
                return mul(*map(size, numbers), norm(mul(*rest)))
        case Div(left, right) if is_single(right.shape) and not is_single(left.shape):
            return Div(norm(left), size(right))
    return None


def _absolute(number: Node) -> Node:
    return number if _not_negative(number) else call("abs", number)


def _not_negative(node: Node) -> bool:
    match node:
        case Num():
            return True
        case Call("norm" | "norm1" | "abs" | "exp" | "sqrt" | "sigmoid" | "cosh"):
            return True
        case Pow(_, Num(value)):
            return value % 2 == 0
        case Mul(args):
            return all(_not_negative(part) for part in args)
    return node.size is not None


@rule(
    "norm of an outer product", r"\|x\,y^\top\| = \|x\|\,\|y\|", words="the norm of an outer product factors",
    applies=["norm(x.T @ y) -> norm(x.T)*norm(y)", "norm(x.T @ y)**2 -> norm(x.T)**2*norm(y)**2"],
    refuses=["norm(x @ y.T)", "norm(A @ x.T)", "norm(A)"],
)  # fmt: skip
def norm_of_outer(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("norm", (MatMul((left, right)),)) if is_column(left.shape) and is_row(right.shape):
            return None if is_single(left.shape) else mul(call("norm", left), call("norm", right))
        case Pow(Call("norm") as inner, exponent) if isinstance(product := norm_of_outer.body(inner, setting), Mul):
            return mul(*(Pow(part, exponent) for part in product.args))
    return None


@rule(
    "norm of a transpose", r"\|A^\top\| = \|A\|", words="the norm of a transpose", routine=True,
    applies=["norm(x.T) -> norm(x)", "norm(vec(A)) -> norm(A)"], refuses=["norm(A)"],
)  # fmt: skip
def norm_of_transpose(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("norm", (Transpose(arg) | Call("vec", (arg,)),)):
            return call("norm", arg)
    return None


# --- diagonal matrices --------------------------------------------------------------------------------------------


@rule(
    "diagonal matrices around a matrix", r"\operatorname{diag}(x)\,A\,\operatorname{diag}(y) = (x\,y^\top) \odot A",
    words="diagonal matrices scale rows and columns",
    applies=["diag(x) @ A @ diag(y) -> x.T @ y * A", "diag(x) @ diag(y) -> diag(x*y)",
             "B @ diag(x) @ A @ diag(y) -> B @ (x.T @ y * A)"],
    refuses=["diag(x) @ A", "A @ B", "diag(A) @ A"],
)  # fmt: skip
def diagonals_around(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for k, left in enumerate(node.args):
        after = node.args[k + 1 :]
        match after:
            case (right, *rest) if (
                _diagonal(left) and _diagonal(right) and left.children[0].shape == right.children[0].shape
            ):
                both = call("diag", mul(left.children[0], right.children[0]))
                return matmul(*node.args[:k], both, *rest)
            case (middle, right, *rest) if _diagonal(left) and _diagonal(right) and not _diagonal(middle):
                scales = matmul(turned(_row(left.children[0])), _row(right.children[0]))
                return matmul(*node.args[:k], mul(scales, middle), *rest)
    return None


def _diagonal(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "diag" and is_vector(node.args[0].shape)


@rule(
    "function of a diagonal matrix", r"\operatorname{diag}(x)^{-1} = \operatorname{diag}(1/x)",
    words="of a diagonal matrix, entry by entry",
    applies=["inv(diag(x)) -> diag(1/x)", "det(diag(x)) -> prod(x)", "tr(diag(x)) -> sum(x)",
             "matrix_power(diag(x), 2) -> diag(x**2)", "logdet(diag(x)) -> sum(log(abs(x)))"],
    refuses=["diag(x)", "inv(A)", "tr(diag(x) @ A)"],
)  # fmt: skip
def of_diagonal(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("matrix_power", (Call("diag") as diagonal, power)) if _diagonal(diagonal):
            return call("diag", Pow(diagonal.args[0], power))
        case Call(name, (Call("diag") as diagonal,)) if _diagonal(diagonal):
            entries = diagonal.args[0]
            match name:
                case "inv":
                    return call("diag", Div(num(1), entries))
                case "det":
                    return call("prod", entries)
                case "tr":
                    return call("sum", entries)
                case "logdet":
                    return call("sum", call("log", call("abs", entries)))
    return None


# --- ones ---------------------------------------------------------------------------------------------------------


@rule(
    "product of ones", r"\mathbf{1}\mathbf{1}^\top \mathbf{1}\mathbf{1}^\top = n\,\mathbf{1}\mathbf{1}^\top",
    words="a row of ones times a column of ones",
    applies=["ones(n, n) @ ones(n, n) -> n*ones(n, n)", "ones(1, n) @ ones(n, 1) -> n",
             "A @ ones(n, m) @ ones(m, n) -> m*(A @ ones(n, n))"],
    refuses=["ones(n, n) @ A", "ones(n, n)"],
)  # fmt: skip
def product_of_ones(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for k, (left, right) in enumerate(zip(node.args, node.args[1:], strict=False)):
        if is_ones(left) and is_ones(right):
            count = from_size(columns(left.shape))
            if is_single(node.shape) and len(node.args) == 2:
                return count
            one = call("ones", from_size(rows(left.shape)), from_size(columns(right.shape)))
            return mul(count, matmul(*node.args[:k], one, *node.args[k + 2 :]))
    return None


@rule(
    "ones times a vector", r"\mathbf{1}\mathbf{1}^\top x = \left(\sum_i x_i\right) \mathbf{1}",
    words="ones add up the entries",
    applies=["ones(n, n) @ x.T -> sum(x)*ones(n, 1)", "x @ ones(n, n) -> sum(x)*ones(1, n)"],
    refuses=["ones(n, n) @ A", "ones(1, n) @ x.T", "A @ x.T"],
)  # fmt: skip
def ones_times_vector(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul((ones, vector)) if is_ones(ones) and is_column(vector.shape) and not is_single(node.shape):
            return mul(_total(vector), call("ones", from_size(rows(ones.shape)), from_size(ONE)))
        case MatMul((vector, ones)) if is_ones(ones) and is_row(vector.shape) and not is_single(node.shape):
            return mul(_total(vector), call("ones", from_size(ONE), from_size(columns(ones.shape))))
    return None


def _total(vector: Node) -> Node:
    return call("sum", vector.arg if isinstance(vector, Transpose) else vector)


# --- stacks and Kronecker products --------------------------------------------------------------------------------


@rule(
    "linear map term by term", r"\operatorname{vec}(A + B) = \operatorname{vec} A + \operatorname{vec} B",
    words="term by term",
    applies=["vec(A + B) -> vec(A) + vec(B)", "vec(2*A) -> 2*vec(A)", "kron(A + B, M) -> kron(A, M) + kron(B, M)",
             "kron(M, A - B) -> kron(M, A) - kron(M, B)", "kron(a*A, B) -> a*kron(A, B)"],
    refuses=["vec(A)", "kron(A, B)", "vec(A*B)", "vec(A + 1)", "vec(d(A) + d(B))"],
)  # fmt: skip
def linear_apart(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec" | "kron", args) if _still(node):
            for k, arg in enumerate(args):
                parts = _terms_with_numbers(arg)
                if parts is not None:
                    made = [
                        (sign, mul(*numbers, node.rebuild((*args[:k], matrix, *args[k + 1 :]))))
                        for sign, numbers, matrix in parts
                    ]
                    return add(*(whole if sign > 0 else Neg(whole) for sign, whole in made))
    return None


def _terms_with_numbers(node: Node) -> list[tuple[int, list[Node], Node]] | None:
    """The terms of a matrix by sign, numbers and matrix; None where it is one matrix without a number."""
    parts: list[tuple[int, list[Node], Node]] = []
    for term in node.args if isinstance(node, Add) else (node,):
        bare = _bare(term)
        factors = bare.args if isinstance(bare, Mul) else (bare,)
        numbers = [part for part in factors if is_single(part.shape)]
        rest = [part for part in factors if not is_single(part.shape)]
        if not rest or mul(*rest).shape != node.shape:
            return None
        parts.append((-1 if isinstance(term, Neg) else 1, numbers, mul(*rest)))
    return parts if len(parts) > 1 or parts[0][0] < 0 or parts[0][1] else None


@rule(
    "stack of a transpose", r"\operatorname{vec}(A^\top) = K \operatorname{vec} A", words="the commutation matrix",
    source="Magnus & Neudecker, Matrix Differential Calculus, 3.7",
    applies=["vec(M.T) -> commutation(m, n) @ vec(M)"], refuses=["vec(M)", "vec(x.T)", "vec(d(M).T)"],
)  # fmt: skip
def stack_of_transpose(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Transpose(arg),)) if not is_vector(arg.shape) and _still(arg):
            return matmul(
                call("commutation", from_size(rows(arg.shape)), from_size(columns(arg.shape))), call("vec", arg)
            )
    return None


@rule(
    "Kronecker product of three", r"A \otimes (B \otimes C) = (A \otimes B) \otimes C", words="the Kronecker product is associative",
    applies=["kron(A, kron(B, C)) -> kron(kron(A, B), C)"], refuses=["kron(kron(A, B), C)", "kron(A, B)"],
)  # fmt: skip
def kron_of_three(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("kron", (left, Call("kron", (middle, right)))) if _still(node):
            return call("kron", call("kron", left, middle), right)
    return None


@rule(
    "diagonal of a diagonal matrix", r"\operatorname{diag}(\operatorname{diag}(x)) = x", routine=True,
    words="the diagonal of a diagonal matrix",
    applies=["diag(diag(x), axis=1) -> x", "diag(diag(x.T), axis=0) -> x.T"], refuses=["diag(x)", "diag(A, axis=0)"],
)  # fmt: skip
def diagonal_back(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("diag", (Call("diag", (entries,)),), axis) if axis is not None and is_vector(entries.shape):
            return entries if is_row(entries.shape) == (axis == 1) else turned(entries)
    return None


@rule(
    "determinant of an orthogonal matrix", r"(\det Q)^2 = 1", words="{Q} is orthogonal",
    applies=["det(Q)**2 -> 1"], refuses=["det(A)**2", "det(Q)"],
)  # fmt: skip
def orthogonal_determinant(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Pow(Call("det", (Sym(name) as matrix,)), Num(value)) if value == 2 and "orthogonal" in setting.traits(
            matrix
        ):
            return Rewrite(num(1), (("Q", matrix),), (Fact(name, "orthogonal"),))
    return None


WRITTEN = (
    norm_of_transpose, norm_of_outer, norm_of_multiple, squared_norm, dot_as_product, outer_as_product,
    diagonals_around,
)  # fmt: skip
"""Norms of products before squares, which are products themselves."""

"""Gradients made shorter: ones that only fill a shape, unit vectors that pick, sums of unit vectors, known totals."""

from __future__ import annotations

from itertools import pairwise

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    At,
    Big,
    Call,
    Dif,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Table,
    Transpose,
    call,
    free_indices,
    from_size,
    matmul,
    mul,
    walk,
)
from solver.expr.shapes import is_row, is_single, is_vector
from solver.expr.sizes import ONE
from solver.rules.gradients import across, samples
from solver.rules.inner import turned
from solver.rules.normal import Normalizer
from solver.rules.recognise import matrix_of_entries, sum_as_product
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting, fresh_index
from solver.rules.sums import total
from solver.rules.written import diagonal_back, of_diagonal


def _is_ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


def _is_eye(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "eye"


def _is_basis(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "basis"


# --- ones ---------------------------------------------------------------------------------------------------------


@rule(
    "fill without ones", r"A + c\,\mathbf{1} = A + c", words="what repeats along a matrix needs no ones", routine=True,
    applies=["x + a*ones(1, n)/b -> x + a/b", "A - ones(n, 1) @ x/a -> A - x/a",
             "A + 2*(x.T @ ones(1, n)) -> A + 2*x.T",
             "x - ones(1, n) -> x - 1"],
    refuses=["A + B", "ones(n, 1) @ x", "A + ones(n, 1) @ x @ B", "eye(n) - ones(n, n)/n"],
)  # fmt: skip
def fill(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add):
        return None
    for number, arg in enumerate(node.args):
        thin = _thin(arg)
        if thin is None:
            continue
        others = [a for k, a in enumerate(node.args) if k != number]
        if is_single(thin.shape) and any(_is_eye(part) for a in others for part in walk(a)):
            # I − 1 1ᵀ/n: nobody writes I − 1/n
            continue
        if any(a.shape == node.shape for a in others) and not any(across(thin, a) for a in others):
            return node.rebuild((*node.args[:number], thin, *node.args[number + 1 :]))
    return None


def _thin(node: Node) -> Node | None:
    """The row, column or number that repeats in the node; None where it does not spell that out with ones."""
    match node:
        case Neg(arg) if (thin := _thin(arg)) is not None:
            return Neg(thin)
        case Div(left, right) if is_single(right.shape) and (thin := _thin(left)) is not None:
            return Div(thin, right)
        case Mul(args) if any(_is_ones(arg) for arg in args):
            rest = mul(*(arg for arg in args if not _is_ones(arg)))
            return rest if rest.shape != node.shape else None
        case Mul((*numbers, last)) if all(is_single(n.shape) for n in numbers) and (thin := _thin(last)) is not None:
            return mul(*numbers, thin)
        case MatMul((left, *rest)) if _is_ones(left) and left.shape[1] == ONE and matmul(*rest).shape[0] == ONE:  # type: ignore[misc]
            return matmul(*rest) if len(rest) == 1 else None
        case MatMul((*rest, right)) if _is_ones(right) and right.shape[0] == ONE and matmul(*rest).shape[1] == ONE:  # type: ignore[misc]
            return matmul(*rest) if len(rest) == 1 else None
        case Call("ones"):
            return ONE_NODE
    return None


@rule(
    "sum by ones", r"a^\top \mathbf{1} = \sum_i a_i", words="a product with ones is a sum", routine=True,
    applies=["x @ ones(n, 1) -> sum(x)", "ones(1, n) @ (x + y).T -> sum((x + y).T)",
             "(x + y).T.T @ ones(n, 1) -> sum((x + y).T)"],
    refuses=["A @ ones(n, 1)", "x @ y.T", "ones(1, n) @ A @ x.T"],
)  # fmt: skip
def sum_by_ones(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul((row, ones)) if _is_ones(ones) and is_single(node.shape) and not _is_ones(row):
            return call("sum", row.arg if isinstance(row, Transpose) else row)
        case MatMul((ones, column)) if _is_ones(ones) and is_single(node.shape) and not _is_ones(column):
            return call("sum", column)
    return None


@rule(
    "entry of ones", r"\mathbf{1}_{ij} = 1", words="every entry is 1", routine=True,
    applies=["ones(n, n)[i, j] -> 1", "ones(1, n)[i] -> 1"], refuses=["x[i]", "ones(n, n)[i, :]"],
)  # fmt: skip
def entry_of_ones(node: Node, setting: Setting) -> Node | None:
    match node:
        case At(Call("ones"), at) if None not in at:
            return ONE_NODE
    return None


@rule(
    "diagonal of a transpose", r"I \odot A^\top = I \odot A", words="transposing keeps the diagonal", routine=True,
    applies=["eye(n)*A.T -> eye(n)*A", "2*eye(n)*(A @ B).T -> 2*eye(n)*(A @ B)"], refuses=["eye(n)*A", "A*B.T", "A.T"],
)  # fmt: skip
def diagonal_of_transpose(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Mul) or not any(isinstance(arg, Call) and arg.name == "eye" for arg in node.args):
        return None
    others = [arg for arg in node.args if not (isinstance(arg, Call) and arg.name == "eye")]
    match [arg for arg in others if not is_single(arg.shape)]:
        case [Transpose(inside) as turned_]:
            return mul(*(inside if arg is turned_ else arg for arg in node.args))
    return None


@rule(
    "transpose beside a number", r"(c\,A)^\top = c\,A^\top", words="numbers stay in a transpose", routine=True,
    applies=["(2*A).T -> 2*A.T", "(A/a).T -> A.T/a", "(-A).T -> -A.T"], refuses=["A.T", "(A*B).T", "(A @ B).T"],
)  # fmt: skip
def transpose_of_number(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose(Mul(args)) if sum(not is_single(arg.shape) for arg in args) == 1:
            return mul(*(arg if is_single(arg.shape) else turned(arg) for arg in args))
        case Transpose(Div(left, right)) if is_single(right.shape):
            return Div(turned(left), right)
        case Transpose(Neg(arg)):
            return Neg(turned(arg))
    return None


@rule(
    "square of a root", r"(\sqrt{a})^2 = a", words="the square of a root", routine=True,
    applies=["sqrt(a + b)**2 -> a + b", "x/sqrt(y)**2 -> x/y"], refuses=["sqrt(a)", "a**2", "sqrt(a)**3"],
)  # fmt: skip
def square_of_root(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Call("sqrt", (arg,)), Num(value)) if value == 2:
            return arg
        case Div(left, Pow(Call("sqrt", (arg,)), Num(value))) if value == 2:
            return Div(left, arg)
    return None


# --- unit vectors -------------------------------------------------------------------------------------------------


@rule(
    "unit vector picks", r"\sum_i (e_o)_i\,a_i = a_o", words="a unit vector picks an entry", routine=True,
    applies=["sum(basis(i, n, axis=1)*x) -> x[i]", "x @ basis(i, n, axis=0) -> x[i]",
             "basis(i, n, axis=1) @ A @ basis(j, n, axis=0) -> A[i, j]",
             "sum(basis(i, n, axis=1)) -> 1", "sum(a*x*basis(i, n, axis=1)*y) -> (a*x*y)[i]"],
    refuses=["sum(x*y)", "basis(i, n, axis=1)", "A @ basis(i, n, axis=0)"],
)  # fmt: skip
def picked(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (Call("basis"),), None):
            return ONE_NODE
        case Call("sum", (Mul((_, _, _, *_) as args),), None) if any(_is_basis(arg) for arg in args):
            unit = next(arg for arg in args if _is_basis(arg))
            rest = mul(*(arg for arg in args if arg is not unit))
            return At(rest, (unit.args[0],)) if rest.shape == unit.shape else None  # type: ignore[attr-defined]
        case Call("sum", (Mul((Call("basis", (index, _)), other)),), None) | Call(
            "sum", (Mul((other, Call("basis", (index, _)))),), None
        ) if is_vector(other.shape):
            return At(other, (index,))
        case MatMul((Call("basis", (row, _)), other, Call("basis", (column, _)))) if is_single(node.shape):
            return At(other, (row, column))
        case MatMul((Call("basis", (index, _)), other)) | MatMul((other, Call("basis", (index, _)))):
            return At(other, (index,)) if is_single(node.shape) else None
    return None


@rule(
    "coordinates", r"\sum_i a_i\,e_i = (a_i)_i", words="coefficients of unit vectors are entries", routine=True,
    applies=["sum(x[i]*y[i]*basis(i, n, axis=1) for i in n) -> matrix(x[i]*y[i] for j in 1 for i in n)",
             "sum(a*x[i]*y[j]*(basis(i, n, axis=0) @ basis(j, n, axis=1)) for i in n for j in n)"
             " -> matrix(a*x[i]*y[j] for i in n for j in n)",
             "sum(sum(A[i, j]*x[j]*basis(i, n, axis=0) for j in n) for i in n)"
             " -> matrix(sum(A[i, j]*x[j] for j in n) for i in n for k in 1)"],
    refuses=["sum(x[i] for i in n)", "sum(x[i]*A for i in n)", "sum(x[i]*basis(i, n, axis=0) for i in n if i != 1)"],
)  # fmt: skip
def coordinates(node: Node, setting: Setting) -> Node | None:
    indices: list[Idx] = []
    body = node
    while isinstance(body, Big) and body.kind == "sum" and body.condition is None:
        indices.append(body.index)
        body = body.body
    if not indices:
        return None
    factors = list(body.args) if isinstance(body, Mul) else [body]
    units = [factor for factor in factors if not is_single(factor.shape)]
    rest: Node = mul(*(factor for factor in factors if is_single(factor.shape)))
    match units:
        case [Call("basis", (Idx() as index, size)) as unit] if index in indices and size.size == index.range:
            for other in reversed([i for i in indices if i != index]):
                rest = Big("sum", rest, other)
            single = fresh_index(Idx("_", ONE), node)
            return Table(rest, single, index) if is_row(unit.shape) else Table(rest, index, single)
        case [MatMul((Call("basis", (Idx() as row, _)), Call("basis", (Idx() as column, _))))] if row != column and {
            row,
            column,
        } <= set(indices):
            for other in reversed([i for i in indices if i not in (row, column)]):
                rest = Big("sum", rest, other)
            return Table(rest, row, column)
    return None


# --- sums that are known ------------------------------------------------------------------------------------------


@rule(
    "total of one", r"\sum_i \bigl((1 - \varepsilon)\,y_i + \tfrac{\varepsilon}{n}\bigr) = 1",
    words="the entries of {y} sum to 1",
    applies=["sum((1 - a)*p + a/n) -> 1", "sum(p) -> 1", "sum(softmax(M, axis=1)) -> m", "p @ ones(n, 1) -> 1",
             "sum(ones(1, m) @ softmax(M, axis=1)) -> m", "softmax(M, axis=1) @ ones(n, 1) -> ones(m, 1)"],
    refuses=["sum(x)", "sum(p*x)", "sum(2*p)", "sum(M)", "ones(1, m) @ softmax(M, axis=1)"],
)  # fmt: skip
def known_total(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("sum", (y,), None) if y.shape and (isinstance(y, MatMul) or not is_vector(y.shape)):
            return _of_samples(y, setting)
        case Call("sum", (y,), axis) if y.shape and not isinstance(y, Dif):
            along = axis if axis is not None else int(y.shape[0] == ONE)
            facts = _ones_along(y, along, setting)
            if facts is None:
                return None
            after = call("ones", *(from_size(size) for size in node.shape)) if node.shape else ONE_NODE
            return Rewrite(after, (("y", y),), facts, samples(y, along))
        case MatMul(args):
            for k, (left, right) in enumerate(pairwise(args)):
                for y, ones, along in ((left, right, 1), (right, left, 0)):
                    thin = _is_ones(ones) and ones.shape[along] == ONE
                    facts = _ones_along(y, along, setting) if thin else None
                    if facts is not None:
                        rest = (*args[:k], *_sums(y, along), *args[k + 2 :])
                        return Rewrite(matmul(*rest) if rest else ONE_NODE, (("y", y),), facts, samples(y, along))
    return None


def _sums(y: Node, axis: int) -> tuple[Node, ...]:
    """The ones that a product of samples with ones is; nothing where it is the number 1."""
    size = y.shape[1 - axis]
    if size == ONE:
        return ()
    return (call("ones", from_size(size), ONE_NODE) if axis else call("ones", ONE_NODE, from_size(size)),)


def _ones_along(y: Node, axis: int, setting: Setting) -> tuple[Fact, ...] | None:
    """What says that the entries along the axis sum to 1; None where it is not known."""
    known = total(y, axis, setting)
    return known[1] if known is not None and Normalizer().same(known[0], ONE_NODE) else None


def _of_samples(y: Node, setting: Setting) -> Rewrite | None:
    """The sum of all entries of a matrix of samples: how many there are."""
    match y:
        case MatMul((ones, inner)) if _is_ones(ones) and ones.shape[0] == ONE:  # type: ignore[misc]
            y = inner
        case MatMul((inner, ones)) if _is_ones(ones) and ones.shape[1] == ONE:  # type: ignore[misc]
            y = inner
    for axis in (0, 1):
        facts = None if is_vector(y.shape) else _ones_along(y, axis, setting)
        if facts is not None:
            return Rewrite(from_size(y.shape[1 - axis]), (("y", y),), facts, samples(y, axis))
    return None


@rule(
    "sum in matrix form", r"\mathrm{d} \sum_i a_i\,b_i = \mathrm{d}(a^\top b)", words="as a matrix product",
    applies=["d(sum(x[i]*y[i] for i in n)) -> d(x @ y.T)", "d(sum(y[i]*log(x[i]) for i in n)) -> d(y @ log(x).T)"],
    refuses=["d(sum(x))", "sum(x[i] for i in n)", "d(sum(x[i]*i for i in n))", "d(sum(x @ A[:, k] for k in n))"],
)  # fmt: skip
def in_matrix_form(node: Node, setting: Setting) -> Node | None:
    match node:
        case Dif(Big("sum") as total_) if not free_indices(total_) and not _of_slices(total_):
            rewrite = sum_as_product(total_, setting)
            return None if rewrite is None else Dif(rewrite.after)
    return None


def _of_slices(node: Node) -> bool:
    """Whether whole rows or columns stand in it: a sum over samples, which is differentiated a sample at a time."""
    return any(isinstance(part, At) and None in part.at for part in walk(node))


@rule(
    "diagonal beside a diagonal matrix", r"\operatorname{diag}(A \operatorname{diag}(x)\,B) = (A \odot B^\top)\,x",
    words="the diagonal of a product with a diagonal matrix",
    applies=["diag(A @ diag(x) @ B, axis=0) -> A * B.T @ x.T", "diag(A @ diag(x) @ B.T, axis=1) -> x @ (A*B).T",
             "diag(ones(n, n) @ diag(x) @ B, axis=0) -> B.T @ x.T"],
    refuses=["diag(A @ B, axis=0)", "A @ diag(x) @ B", "diag(x)"],
)  # fmt: skip
def diagonal_beside_diagonal(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("diag", (MatMul(args),), axis) if axis is not None:
            for k in range(1, len(args) - 1):
                match args[k]:
                    case Call("diag", (entries,)) if is_vector(entries.shape):
                        left, right = matmul(*args[:k]), turned(matmul(*args[k + 1 :]))
                        pair = [part for part in (left, right) if not _is_ones(part)]
                        both = mul(*pair) if pair else left
                        column = turned(entries) if is_row(entries.shape) else entries
                        whole = matmul(both, column)
                        return whole if axis == 0 else matmul(turned(column), Transpose(both))
    return None


SHORTER = (
    diagonal_beside_diagonal, diagonal_of_transpose, transpose_of_number, entry_of_ones, picked, coordinates, matrix_of_entries, fill,
    sum_by_ones, square_of_root, of_diagonal, diagonal_back,
)  # fmt: skip
"""Ones and unit vectors away, entries back to matrices."""

"""Entries of matrix expressions: what stands at row i and column j of a product, a transpose, a sum along an axis.

Each rule opens one level, so that what is not opened stays a matrix expression with an index: `((X w − y)_i)²` keeps
its residual whole until something needs to look inside.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Table,
    Transpose,
    call,
    from_size,
    matmul,
    mul,
    num,
    substitute,
    walk,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE, Size
from solver.rules.letters import captured, entry_of_table, fresh
from solver.rules.rule import rule
from solver.rules.setting import Setting

MAX_POWER = 6
"""A matrix power beyond this is not written out as a product."""


def pick(node: Node, row: Node, column: Node) -> Node:
    """The entry of a value at a row and a column, both ignored where the value does not extend: scalars, vectors."""
    if not node.shape:
        return node
    if isinstance(node, Cmp | Logic):
        # a condition has no entries of its own: it holds of entries
        return node.rebuild(tuple(pick(child, row, column) for child in node.children))
    rows, columns = node.shape
    if rows == ONE:
        return At(node, (ONE_NODE if columns == ONE else column,))
    return At(node, (row,) if columns == ONE else (row, column))


def place(node: At) -> tuple[Node, Node] | None:
    """The row and the column that an entry names; None for a whole row or column."""
    rows, columns = node.arg.shape or (ONE, ONE)
    match node.at:
        case (Node() as index,):
            return (ONE_NODE, index) if rows == ONE else (index, ONE_NODE)
        case (Node() as row, Node() as column):
            return (ONE_NODE if rows == ONE else row), (ONE_NODE if columns == ONE else column)
    return None


def entrywise(node: Node) -> bool:
    """Whether the entries of the node are made of its children's entries at the same place."""
    match node:
        case Add() | Mul() | Neg() | Div() | Pow() | Apply() | Cmp() | Logic():
            return True
        case Call():
            return node.function.kind == "elementwise"
    return False


# --- products -----------------------------------------------------------------------------------------------------


def summed(size: Size, setting: Setting, body: Callable[[Node], Node], *used: Node, letters: str = "") -> Node:
    """`Σ_k body(k)`, or the one term where the range is 1."""
    if size == ONE:
        return body(ONE_NODE)
    index = fresh(size, setting, *used, letters=letters)
    return Big("sum", body(index), index)


def product_entry(args: tuple[Node, ...], row: Node, column: Node, setting: Setting, *used: Node) -> Node:
    """`(A B)_ij = Σ_k A_ik B_kj`, for any number of factors: the factors multiplied under nested sums."""
    indices: list[Node] = [row]
    for left in args[:-1]:
        size = left.shape[1]  # type: ignore[misc]
        indices.append(ONE_NODE if size == ONE else fresh(size, setting, *args, *indices, column, *used))
    indices.append(column)
    body = mul(*(pick(arg, indices[k], indices[k + 1]) for k, arg in enumerate(args)))
    for index in reversed(indices[1:-1]):
        if index != ONE_NODE:
            body = Big("sum", body, index)  # type: ignore[arg-type]
    return body


@rule(
    "entry of a product", r"(A\,B)_{ij} = \sum_k A_{ik} B_{kj}", words="entries of a product",
    applies=["(A @ B)[i, j] -> sum(A[i, k]*B[k, j] for k in n)", "(x @ A)[i] -> sum(x[k]*A[k, i] for k in n)",
             "outer(x, y)[i, j] -> x[i]*y[j]", "(x.T @ y)[i, j] -> x.T[i]*y[j]"],
    refuses=["A[i, j]", "(A + B)[i, j]", "A @ B"], routine=True,
)  # fmt: skip
def entry_of_product(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, At) or (where := place(node)) is None:
        return None
    match node.arg:
        case MatMul(args):
            return product_entry(args, *where, setting)
        case Call("outer", (left, right)):
            return mul(along(left, where[0]), along(right, where[1]))
        case Call("matrix_power", (base, Num(value))) if value.denominator == 1 and 1 <= value <= MAX_POWER:
            return At(matmul(*[base] * int(value)), node.at)
    return None


def along(vector: Node, index: Node) -> Node:
    """The entry of a vector, whichever way it lies."""
    return pick(vector, index, index)


@rule(
    "entry of an outer product", r"(u^\top v)_{ij} = u_i v_j", routine=True,
    applies=["(x.T @ y)[i, j] -> x.T[i]*y[j]", "outer(x, y)[i, j] -> x[i]*y[j]"], refuses=["(A @ B)[i, j]", "A[i, j]"],
)  # fmt: skip
def entry_of_outer(node: Node, setting: Setting) -> Node | None:
    """An entry of a product that needs no sum."""
    match node:
        case At(arg=MatMul(args)) if any(left.shape[1] != ONE for left in args[:-1]):  # type: ignore[misc]
            return None
        case At(arg=MatMul() | Call("outer")):
            rewrite = entry_of_product(node, setting)
            return None if rewrite is None else rewrite.after
    return None


@rule(
    "inner product as a sum", r"a^\top b = \sum_k a_k b_k", words="as a sum over entries", routine=True,
    applies=["A[i, :] @ x.T -> sum(A[i, k]*x[k] for k in n)", "A[i, :] @ B[:, j] -> sum(A[i, k]*B[k, j] for k in n)",
             "x @ y.T -> sum(x[k]*y[k] for k in n)"],
    refuses=["A @ x.T", "A[i, :]"],
)  # fmt: skip
def inner_product(node: Node, setting: Setting) -> Node | None:
    """A number that is a product of matrices."""
    match node:
        case MatMul(args) if is_single(node.shape):
            return without_slices(product_entry(args, ONE_NODE, ONE_NODE, setting), setting)
    return None


def without_slices(node: Node, setting: Setting) -> Node:
    """`(X_k)_i` as `X_ki`: entries of rows, columns and transposes of them opened."""
    node = node.rebuild(tuple(without_slices(child, setting) for child in node.children)) if node.children else node
    match node:
        case At(arg=At() | Transpose()):
            found = entry_by_entry(node, setting)
            return node if found is None else without_slices(found.after, setting)
        case At(arg=arg) if entrywise(arg) and any(isinstance(p, At) and None in p.at for p in walk(arg)):
            found = entry_by_entry(node, setting)
            return node if found is None else without_slices(found.after, setting)
    return node


@rule(
    "entry of a product around one factor", r"(A\,X\,B)_{ij} = \sum_k (A X)_{ik} B_{kj}", words="entries of a product",
    applies=["D((A @ B @ X)[i, j], X[k, l]) -> D(sum((A @ B)[i, q]*X[q, j] for q in n), X[k, l])"],
    refuses=["(A @ B)[i, j]", "D((A + B)[i, j], A[k, l])"], routine=True,
)  # fmt: skip
def entry_of_product_around(node: Node, setting: Setting) -> Node | None:
    """Inside a derivative, factors that do not depend on the variable stay together."""
    match node:
        case D(At(arg=MatMul(args)) as entry, by) if (where := place(entry)) is not None:
            grouped: list[Node] = []
            fixed: list[Node] = []
            for arg in args:
                if setting.depends(arg, by):
                    grouped += [matmul(*fixed)] if fixed else []
                    grouped, fixed = [*grouped, arg], []
                else:
                    fixed.append(arg)
            grouped += [matmul(*fixed)] if fixed else []
            return D(product_entry(tuple(grouped), *where, setting, by), by) if len(grouped) > 1 else None
    return None


# --- everything that is made entry by entry -------------------------------------------------------------------------


@rule(
    "entry by entry", r"(A \odot B)_{ij} = A_{ij} B_{ij}",
    applies=["(x + y)[i] -> x[i] + y[i]", "(A*x)[i, j] -> A[i, j]*x[j]", "exp(x)[i] -> exp(x[i])",
             "A.T[i, j] -> A[j, i]", "(a*x)[i] -> a*x[i]", "f(x)[i] -> f(x[i])",
             "(x @ y.T + a)[1] -> (x @ y.T)[1] + a"],
    refuses=["(A @ B)[i, j]", "x[i]", "softmax(x)[i]"], routine=True,
)  # fmt: skip
def entry_by_entry(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, At) or (where := place(node)) is None:
        return None
    row, column = where
    match node.arg:
        case Transpose(arg):
            return pick(arg, column, row)
        case arg if entrywise(arg):
            return arg.rebuild(tuple(pick(child, row, column) for child in arg.children))
        case Big(kind, body, index, condition):
            if captured(index, *where):
                other = fresh(index.range, setting, node)
                body = substitute(body, {index: other})
                condition = None if condition is None else substitute(condition, {index: other})
                index = other
            assert body is not None
            return Big(kind, pick(body, row, column), index, condition)
        case Table() as table:
            return entry_of_table(table, row, column, setting)
        case At(arg=inner, at=(None, Node() as fixed)):
            return At(inner, (row, fixed))
        case At(arg=inner, at=(Node() as fixed, None)):
            return At(inner, (fixed, column))
    return None


@rule(
    "entry of a transpose", r"(A^\top)_{ij} = A_{ji}", routine=True,
    applies=["A.T[i, j] -> A[j, i]", "x.T[i] -> x[i]", "(a + x @ y.T)[1] -> a + (x @ y.T)[1]",
             "ones(n, n)[i, j] -> 1", "eye(n)[i, j] -> delta(i, j)", "A[k, :][i] -> A[k, i]"],
    refuses=["A[i, j]", "(A + B)[i, j]", "A[:, k]"],
)  # fmt: skip
def plain_entry(node: Node, setting: Setting) -> Node | None:
    """What is opened wherever it stands: an entry of a transpose, of ones or zeros, a condition on an entry."""
    match node:
        case At(arg=Call("ones" | "zeros" | "eye")):
            special = entry_of_special(node, setting)
            return None if special is None else special.after
        case At(arg=At()):
            rewrite = entry_by_entry(node, setting)
            return None if rewrite is None else rewrite.after
        case At(arg=arg) if isinstance(arg, Transpose | Cmp | Logic) or (is_single(arg.shape) and entrywise(arg)):
            rewrite = entry_by_entry(node, setting)
            return None if rewrite is None else rewrite.after
    return None


@rule(
    "entry of a special matrix", r"I_{ij} = \delta_{ij}",
    applies=["eye(n)[i, j] -> delta(i, j)", "ones(n, n)[i, j] -> 1", "zeros(n, n)[i, j] -> 0",
             "basis(k, n)[i] -> delta(i, k)", "diag(x)[i, j] -> delta(i, j)*x[i]", "diag(A)[i] -> A[i, i]",
             "tril(A)[i, j] -> indicator(i >= j)*A[i, j]"],
    refuses=["A[i, j]", "diag(x)"], routine=True,
)  # fmt: skip
def entry_of_special(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, At) or (where := place(node)) is None:
        return None
    row, column = where
    match node.arg:
        case Call("eye", _):
            return call("delta", row, column)
        case Call("ones", _):
            return ONE_NODE
        case Call("zeros", _):
            return num(0)
        case Call("basis", (index, _)) as basis:
            return call("delta", column if basis.shape[0] == ONE else row, index)  # type: ignore[misc]
        case Call("diag", (arg,)) if is_vector(arg.shape):
            return mul(call("delta", row, column), along(arg, row))
        case Call("diag", (arg,)) as diagonal:
            index = column if diagonal.shape[0] == ONE else row  # type: ignore[misc]
            return At(arg, (index, index))
        case Call("tril", (arg,)):
            return mul(call("indicator", Cmp(row, column, ">=")), pick(arg, row, column))
    return None


# --- sums along an axis ---------------------------------------------------------------------------------------------


@rule(
    "entry of a sum along an axis", r"\Bigl(\sum_i A_{i\cdot}\Bigr)_j = \sum_i A_{ij}", words="entries of a sum",
    applies=["sum(A, axis=0)[j] -> sum(A[k, j] for k in n)", "mean(A, axis=1)[i] -> sum(A[i, k] for k in n)/n",
             "prod(A, axis=0)[j] -> prod(A[k, j] for k in n)"],
    refuses=["sum(A)", "A[i, j]"], routine=True,
)  # fmt: skip
def entry_of_reduction(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, At) or (where := place(node)) is None:
        return None
    match node.arg:
        case Call("sum" | "mean" | "prod" as name, (arg,), axis) if axis is not None and arg.shape:
            size = arg.shape[axis]
            index = fresh(size, setting, node)
            body = pick(arg, index, where[1]) if axis == 0 else pick(arg, where[0], index)
            total: Node = body if size == ONE else Big("prod" if name == "prod" else "sum", body, index)
            return Div(total, from_size(size)) if name == "mean" else total
    return None


@rule(
    "sum over entries", r"\operatorname{sum}(A) = \sum_{i,j} A_{ij}", words="as a sum over entries",
    applies=["sum(x) -> sum(x[i] for i in n)", "sum(A) -> sum(A[i, j] for i in n for j in n)",
             "mean(x) -> sum(x[i] for i in n)/n", "norm(x)**2 -> sum(x[i]**2 for i in n)",
             "norm(x) -> sqrt(sum(x[i]**2 for i in n))", "norm1(x) -> sum(abs(x[i]) for i in n)",
             "tr(A) -> sum(A[i, i] for i in n)", "dot(x, y) -> sum(x[i]*y[i] for i in n)",
             "prod(x) -> prod(x[i] for i in n)", "tr(A @ B) -> sum((A @ B)[i, i] for i in n)"],
    refuses=["sum(x, axis=0)", "det(A)", "x[i]"],
)  # fmt: skip
def sum_over_entries(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum" | "prod" as kind, (arg,), None):
            return over(arg, setting, lambda entry: entry, kind, node)
        case Call("mean", (arg,), None) if arg.shape:
            rows, columns = arg.shape
            return Div(over(arg, setting, lambda entry: entry, "sum", node), from_size(rows * columns))
        case Pow(Call("norm", (arg,)), Num(value)) if value == 2:
            return over(arg, setting, lambda entry: Pow(entry, num(2)), "sum", node)
        case Call("norm", (arg,)):
            return call("sqrt", over(arg, setting, lambda entry: Pow(entry, num(2)), "sum", node))
        case Call("norm1", (arg,)):
            return over(arg, setting, lambda entry: call("abs", entry), "sum", node)
        case Call("tr", (arg,)) if arg.shape:
            index = fresh(arg.shape[0], setting, node, letters="i")
            return At(arg, (ONE_NODE,)) if is_single(arg.shape) else Big("sum", At(arg, (index, index)), index)
        case Call("dot", (left, right)):
            size = left.shape[0] * left.shape[1]  # type: ignore[misc]
            return summed(size, setting, lambda k: mul(along(left, k), along(right, k)), node, letters="i")
    return None


def over(arg: Node, setting: Setting, body: Callable[[Node], Node], kind: str, *used: Node) -> Node:
    """The sum or product of a function of the entries, by rows and then columns."""
    if not arg.shape:
        return body(arg)
    indices: list[Idx] = []
    for size, letters in zip(arg.shape, ("i", "j"), strict=True):
        if size != ONE:
            indices.append(fresh(size, setting, *used, *indices, letters="i" if is_vector(arg.shape) else letters))
    rest = iter(indices)
    row, column = (ONE_NODE if size == ONE else next(rest) for size in arg.shape)
    total = body(pick(arg, row, column))
    for index in reversed(indices):
        total = Big("prod" if kind == "prod" else "sum", total, index)
    return total


# --- softmax and its kin --------------------------------------------------------------------------------------------


def sample(arg: Node, axis: int | None, where: tuple[Node, Node], index: Node) -> Node:
    """The entry of `arg` at `index` of the sample in which `where` lies, as softmax goes along `axis`."""
    if axis == 0:
        return pick(arg, index, where[1])
    return pick(arg, where[0], index) if axis == 1 else along(arg, index)


def length(arg: Node, axis: int | None) -> Size:
    """How many entries a sample has."""
    rows, columns = arg.shape or (ONE, ONE)
    return rows * columns if axis is None else (rows, columns)[axis]


@rule(
    "entry of a softmax", r"\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_k e^{x_k}}",
    words="definition of the softmax",
    applies=["softmax(x)[i] -> exp(x[i])/sum(exp(x[k]) for k in n)",
             "softmax(A, axis=1)[i, j] -> exp(A[i, j])/sum(exp(A[i, k]) for k in n)",
             "log_softmax(x)[i] -> x[i] - log(sum(exp(x[k]) for k in n))",
             "logsumexp(A, axis=1)[i] -> log(sum(exp(A[i, k]) for k in n))",
             "logsumexp(x) -> log(sum(exp(x[k]) for k in n))"],
    refuses=["softmax(x)", "x[i]"],
)  # fmt: skip
def entry_of_softmax(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("logsumexp", (arg,), axis) if not node.shape and arg.shape:
            return call("log", _exponentials(arg, axis, (ONE_NODE, ONE_NODE), setting, node))
        case At(arg=Call("softmax" | "log_softmax" | "logsumexp" as name, (arg,), axis)):
            where = place(node)
            if where is None:
                return None
            total = _exponentials(arg, axis, where, setting, node)
            match name:
                case "softmax":
                    return Div(call("exp", pick(arg, *where)), total)
                case "log_softmax":
                    return Add((pick(arg, *where), Neg(call("log", total))))
            return call("log", total)
    return None


def _exponentials(arg: Node, axis: int | None, where: tuple[Node, Node], setting: Setting, used: Node) -> Node:
    """`Σ_k e^{x_k}` over one sample."""
    if axis is None and not is_vector(arg.shape):
        return over(arg, setting, lambda entry: call("exp", entry), "sum", used)
    return summed(length(arg, axis), setting, lambda k: call("exp", sample(arg, axis, where, k)), used)


# --- derivatives ----------------------------------------------------------------------------------------------------


@rule(
    "entry of a derivative", r"\Bigl(\frac{\partial f}{\partial x}\Bigr)_{ij} = \frac{\partial f_i}{\partial x_j}",
    words="entries of a derivative",
    applies=["D(sum(x), x)[i] -> D(sum(x), x[i])", "D(exp(x), x)[i, j] -> D(exp(x)[i], x[j])",
             "D(tr(A), A)[i, j] -> D(tr(A), A[i, j])", "D(a*x, a)[i] -> D((a*x)[i], a)"],
    refuses=["D(sum(x), x)", "A[i, j]", "x[i]"], routine=True,
)  # fmt: skip
def entry_of_derivative(node: Node, setting: Setting) -> Node | None:
    match node:
        case At(arg=D(of, by)) if (where := place(node)) is not None:
            if is_single(of.shape):
                # a gradient lies as its variable does
                return _by_entry(of, by, where, setting)
            if not by.shape:
                return D(pick(of, *where), by)
            if is_vector(of.shape) and is_vector(by.shape) and isinstance(by, Sym):
                return D(along(of, where[0]), along(by, where[1]))
        case At(arg=Dif(arg)) if (where := place(node)) is not None:
            return Dif(pick(arg, *where))
    return None


def _by_entry(of: Node, by: Node, where: tuple[Node, Node], setting: Setting) -> Node | None:
    """`∂f/∂x` at a place, where x is a symbol or a row or column of one."""
    entry = pick(by, *where)
    if isinstance(by, Sym):
        return D(of, entry)
    rewrite = entry_by_entry(entry, setting) if isinstance(by, At) else None
    return None if rewrite is None else D(of, rewrite.after)


SHALLOW = (entry_by_entry, entry_of_special, entry_of_outer)
"""Entries that are found without a sum."""

OPENING = (*SHALLOW, entry_of_product, entry_of_reduction, entry_of_derivative)
"""Entries of everything but the softmax family, which is mostly kept by its name."""


@rule(
    "entry", r"(A\,B)_{ij} = \sum_k A_{ik} B_{kj}", words="entries",
    applies=["(A @ B)[i, j] -> sum(A[i, k]*B[k, j] for k in n)", "softmax(x)[i] -> exp(x[i])/sum(exp(x[k]) for k in n)",
             "(x + y)[i] -> x[i] + y[i]"],
    refuses=["x[i]", "A @ B", "inv(A)[i, j]"], routine=True,
)  # fmt: skip
def entry(node: Node, setting: Setting) -> Node | None:
    """Any entry, one level opened: for routes that want all of them."""
    for each in (*OPENING, entry_of_softmax):
        rewrite = each(node, setting)
        if rewrite is not None:
            return rewrite.after
    return None

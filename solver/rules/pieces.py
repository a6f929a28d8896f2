"""Constructs with a differential inside, written as products: entries, stacks, inner and outer products, choices.

What is linear but no matrix product (a diagonal, a stack of columns, a Kronecker product) is moved to the other side of
an inner product by its adjoint.
"""

from __future__ import annotations

from solver.expr.nodes import (
    At,
    Big,
    Call,
    Cmp,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Table,
    add,
    call,
    free_indices,
    from_size,
    matmul,
    mul,
    num,
    walk,
)
from solver.expr.shapes import Shape, is_single, numel
from solver.expr.sizes import ONE
from solver.rules.algebra import is_zero
from solver.rules.inner import inner, moves, pair, turned
from solver.rules.letters import distinct
from solver.rules.pullback import pull
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def as_column(vector: Node) -> Node:
    """The vector, lying as a column."""
    return vector if vector.shape[1] == ONE else turned(vector)  # type: ignore[misc]


def as_row(vector: Node) -> Node:
    """The vector, lying as a row."""
    return vector if vector.shape[0] == ONE else turned(vector)  # type: ignore[misc]


# --- written as products ------------------------------------------------------------------------------------------


@rule(
    "choice as indicators",
    r"\begin{cases} a & c \\ b \end{cases} = \mathbb{1}(c) \odot a + \mathbb{1}(\lnot c) \odot b",
    words="each branch counts where its condition holds", routine=True,
    applies=["where(x > 0, d(y), zeros(1, n)) -> indicator(x > 0)*d(y)",
             "where(a > 0, d(b), d(c)) -> indicator(a > 0)*d(b) + indicator(not a > 0)*d(c)"],
    refuses=["where(a > 0, b, c)", "d(a)", "where(k < n, x[k + 1]*d(a), 0)"],
)  # fmt: skip
def choice(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("where", (condition, yes, no)) if (moves(yes) or moves(no)) and not _guards(condition, yes, no):
            terms = [
                mul(call("indicator", where), branch)
                for where, branch in ((condition, yes), (Logic("not", (condition,)), no))
                if not is_zero(branch)
            ]
            return add(*terms)
    return None


def _guards(condition: Node, *branches: Node) -> bool:
    """Whether the condition keeps a branch from an entry beyond the last, which has no value to be multiplied by 0."""
    letters = free_indices(condition)
    entries = [part for branch in branches for part in walk(branch) if isinstance(part, At)]
    return any(
        not isinstance(index, Idx) and free_indices(index) & letters
        for entry in entries
        for index in entry.at
        if index is not None
    )


@rule(
    "sign of the ReLU", r"\mathbb{1}(u > 0) = \mathbb{1}(\operatorname{ReLU}(u) > 0)", routine=True,
    words="a ReLU is positive where its argument is",
    applies=["indicator(x > 0) -> indicator(relu(x) > 0)"], refuses=["indicator(relu(x) > 0)", "indicator(x > 1)"],
)  # fmt: skip
def sign_of_relu(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("indicator", (Cmp(left, Num(value), ">"),)) if value == 0:
            if isinstance(left, Call) and left.name == "relu":
                return None
            return call("indicator", Cmp(call("relu", left), num(0), ">"))
    return None


@rule(
    "inner product of vectors", r"a \cdot b = a^\top b", words="an inner product is a row times a column", routine=True,
    applies=["dot(x.T, d(y.T)) -> x @ d(y.T)", "dot(d(x), y) -> sum(y*d(x))", "dot(x, d(y.T)) -> x @ d(y.T)"],
    refuses=["dot(x, y)", "sum(d(x))"],
)  # fmt: skip
def inner_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("dot", (left, right)) if moves(left) or moves(right):
            other, moving = (right, left) if moves(left) else (left, right)
            if moving.shape[1] == ONE:  # type: ignore[misc]
                return matmul(as_row(other), moving)
            return call("sum", mul(as_row(other), moving))
    return None


@rule(
    "outer product of vectors", r"a \otimes b = a\,b^\top", words="an outer product is a column times a row",
    routine=True,
    applies=["outer(x.T, d(y)) -> x.T @ d(y)", "outer(d(x), y) -> d(x).T @ y"], refuses=["outer(x, y)"],
)  # fmt: skip
def outer_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("outer", (left, right)) if moves(left) or moves(right):
            return matmul(as_column(left), as_row(right))
    return None


@rule(
    "mean as a sum", r"\operatorname{mean}(x) = \tfrac{1}{n} \sum_i x_i", words="a mean is a sum, divided",
    routine=True,
    applies=["mean(d(x)) -> sum(d(x))/n", "mean(d(A), axis=0) -> sum(d(A), axis=0)/n"], refuses=["mean(x)",
                                                                                                 "sum(d(x))"],
)  # fmt: skip
def mean_as_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("mean", (arg,), axis) if moves(arg):
            if not arg.shape:
                return arg
            return Div(call("sum", arg, axis=axis), from_size(numel(arg.shape) if axis is None else arg.shape[axis]))
    return None


def _unit(index: Node, shape: Shape, along: int) -> Node:
    """The unit vector that picks a row (`along` 0, lying as a row) or a column (`along` 1, a column) out."""
    return call("basis", index, from_size(shape[along]), axis=1 - along)


@rule(
    "entry by unit vectors", r"A_{ij} = e_i^\top A\,e_j", words="unit vectors pick entries out",
    applies=["d(x)[i] -> d(x) @ basis(i, n, axis=0)", "d(A)[i, j] -> basis(i, n, axis=1) @ d(A) @ basis(j, n, axis=0)",
             "d(A)[i, :] -> basis(i, n, axis=1) @ d(A)", "d(A)[:, j] -> d(A) @ basis(j, n, axis=0)"],
    refuses=["x[i]", "d(x)"],
)  # fmt: skip
def entry(node: Node, setting: Setting) -> Node | None:
    match node:
        case At(arg, (index,)) if moves(arg) and index is not None:
            along = 1 if arg.shape[0] == ONE else 0  # type: ignore[misc]
            unit = _unit(index, arg.shape, along)
            return MatMul((arg, unit)) if along else MatMul((unit, arg))
        case At(arg, (row, column)) if moves(arg):
            before = () if row is None else (_unit(row, arg.shape, 0),)
            after = () if column is None else (_unit(column, arg.shape, 1),)
            return matmul(*before, arg, *after)
    return None


def _selection(widths: list[Node], number: int, rows: bool) -> Node:
    """`(0 I 0)`, which puts `number` into its place among columns (`rows`: its transpose, among rows)."""
    size = widths[number]
    blocks = [
        call("eye", size) if k == number else call("zeros", *((width, size) if rows else (size, width)))
        for k, width in enumerate(widths)
    ]
    return call("vstack" if rows else "hstack", *blocks)


@rule(
    "stack as a sum", r"(A \; B) = A\,(I \; 0) + B\,(0 \; I)", words="each block is put into its place",
    applies=["hstack(d(A), B*0) -> hstack(d(A), B*0)",
             "vstack(d(A), zeros(m, n)) -> vstack(eye(n), zeros(m, n)) @ d(A)",
             "hstack(d(A), d(B)) -> d(A) @ hstack(eye(n), zeros(n, n)) + d(B) @ hstack(zeros(n, n), eye(n))"][1:],
    refuses=["hstack(A, B)", "d(A)"],
)  # fmt: skip
def stack(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("hstack" | "vstack" as name, args) if any(moves(arg) for arg in args):
            rows = name == "vstack"
            shapes = [arg.shape or (ONE, ONE) for arg in args]
            widths = [from_size(shape[0 if rows else 1]) for shape in shapes]
            terms = []
            for number, arg in enumerate(args):
                if not moves(arg):
                    continue
                block, sign = (arg.arg, True) if isinstance(arg, Neg) else (arg, False)
                place = _selection(widths, number, rows)
                if is_single(block.shape):
                    term = mul(block, place)
                else:
                    term = matmul(place, block) if rows else matmul(block, place)
                terms.append(Neg(term) if sign else term)
            return add(*terms)
    return None


AS_PRODUCTS = (choice, inner_product, outer_product, mean_as_sum, entry, stack)
"""What is written as sums and products wherever a differential stands inside."""


# --- moved to the other side --------------------------------------------------------------------------------------


@rule(
    "adjoint of a diagonal", r"\operatorname{tr}(A^\top \operatorname{diag}(b)) = \operatorname{diag}(A)^\top b",
    words="only the diagonal counts",
    applies=["tr(A.T @ diag(d(x))) -> sum(diag(A, axis=1)*d(x))", "x @ diag(d(A), axis=0) -> tr(diag(x.T) @ d(A))"],
    refuses=["tr(A @ d(B))", "tr(A @ diag(x))"],
)  # fmt: skip
def diagonal(node: Node, setting: Setting) -> Node | None:
    return _adjoint(node, "diag", setting)


@rule(
    "adjoint of a triangle",
    r"\operatorname{tr}(A^\top \operatorname{tril}(B)) = \operatorname{tr}(\operatorname{tril}(A)^\top B)",
    words="only the triangle counts", applies=["tr(A.T @ tril(d(B))) -> tr(tril(A).T @ d(B))"],
    refuses=["tr(A @ d(B))", "tr(A @ tril(B))"],
)  # fmt: skip
def triangle(node: Node, setting: Setting) -> Node | None:
    return _adjoint(node, "tril", setting)


@rule(
    "inner product of stacks", r"\operatorname{vec}(A)^\top \operatorname{vec}(B) = \operatorname{tr}(A^\top B)",
    words="vec(A)ᵀ vec(B) = tr(AᵀB)", source="Petersen & Pedersen, The Matrix Cookbook, (521)",
    applies=["vec(A).T @ vec(d(B)) -> tr(A.T @ d(B))", "sum(vec(A)*vec(d(B))) -> tr(A.T @ d(B))"],
    refuses=["vec(A)", "x @ d(y.T)"],
)  # fmt: skip
def stacks(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.after:
        return None
    match found.gradient, found.moving:
        case Call("vec", (left,)), Call("vec", (right,)):
            return pair(left, right, "tr")
    return None


@rule(
    "stack taken apart", r"g^\top \operatorname{vec}(A) = \sum_{ij} g_{i + m(j - 1)} A_{ij}",
    words="entry i + m(j − 1) of the stack is entry (i, j) of the matrix",
    applies=["sum(vec(d(M))) -> tr(matrix(ones(m*n, 1)[i + m*(j - 1)] for i in m for j in n).T @ d(M))"],
    refuses=["vec(A).T @ vec(d(B))", "x @ d(y.T)"],
)  # fmt: skip
def unstack(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is not None and isinstance(found.gradient, Call) and found.gradient.name == "vec":
        return None
    return _adjoint(node, "vec", setting)


@rule(
    "trace of a Kronecker product", r"\operatorname{tr}(A \otimes B) = \operatorname{tr}(A) \operatorname{tr}(B)",
    source="Petersen & Pedersen, The Matrix Cookbook, (515)", words="the trace of a Kronecker product",
    applies=["tr(kron(d(A), B)) -> tr(d(A))*tr(B)"], refuses=["tr(kron(A, B))", "tr(kron(A, B) @ kron(C, X))"],
)  # fmt: skip
def trace_of_kron(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("tr", (Call("kron", (left, right)),)) if moves(left) or moves(right):
            if all(part.shape and part.shape[0] == part.shape[1] for part in (left, right)) and left.shape:
                return mul(call("tr", left), call("tr", right))
    return None


@rule(
    "adjoint of a Kronecker product", r"\sum_{ijkl} G_{(i-1)p + k, (j-1)q + l} A_{ij} B_{kl}",
    words="block by block",
    applies=["tr(kron(A, B).T @ kron(d(C), X)) -> tr(matrix(sum(sum(kron(A, B)[n*(i - 1) + k, n*(j - 1) + l]*X[k, l]"
             " for l in n) for k in n) for i in n for j in n).T @ d(C))"],
    refuses=["tr(kron(d(A), B))", "tr(A @ d(B))"],
)  # fmt: skip
def kronecker(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is not None and found.kind == "tr" and not found.before:
        return None
    return _adjoint(node, "kron", setting)


def _adjoint(node: Node, name: str, setting: Setting) -> Node | None:
    """`⟨G, f(E)⟩ = ⟨f*(G), E⟩` for a linear function `f` of the table."""
    found = inner(node)
    if found is None or found.after:
        return None
    match found.moving:
        case Call(function, args) if function == name and (found.kind != "sum" or found.moving.shape == found.whole):
            number = next(k for k, arg in enumerate(args) if moves(arg))
            moving = args[number]
            gradient = pull(found.moving, found.gradient, number, setting)
            return pair(gradient, moving, "sum" if _is_row(moving) else "tr")
    return None


def _is_row(node: Node) -> bool:
    return bool(node.shape) and node.shape[0] == ONE  # type: ignore[misc]


@rule(
    "sum of entries of a table", r"\operatorname{tr}(A^\top B) = \sum_{ij} A_{ij} B_{ij}", words="entry by entry",
    applies=["sum(A*matrix(d(x[i])*y[j] for i in n for j in n)) -> "
             "sum(sum(A[i, j]*(d(x[i])*y[j]) for j in n) for i in n)"],
    refuses=["sum(A*d(B))", "tr(A @ d(B))"],
)  # fmt: skip
def table(node: Node, setting: Setting) -> Node | None:
    found = inner(node)
    if found is None or found.after or (found.kind == "sum" and found.moving.shape != found.whole):
        return None
    match found.moving:
        case Table() as whole:
            gradient = found.gradient
            apart = distinct(whole, frozenset(index.name for index in free_indices(gradient)), setting)
            assert isinstance(apart, Table)
            body, row, column = apart.body, apart.row, apart.column
            entry_of = num(1) if isinstance(gradient, Call) and gradient.name == "ones" else At(gradient, (row, column))
            return Big("sum", Big("sum", mul(entry_of, body), column), row)
    return None


ADJOINTS = (stacks, diagonal, triangle, unstack, trace_of_kron, kronecker, table)
"""What has no product form, in the order of attempt."""


# --- gathered over an index ---------------------------------------------------------------------------------------


@rule(
    "gather a sum", r"\sum_i \operatorname{tr}(A_i B) = \operatorname{tr}\Big(\Big(\sum_i A_i\Big) B\Big)",
    words="what does not depend on {i} comes out of the sum",
    applies=["sum(a*x[i]*tr(A @ d(B)) for i in n) -> tr(sum(a*x[i]*A for i in n) @ d(B))",
             "sum(x[i]*d(a) for i in n) -> sum(x[i] for i in n)*d(a)",
    "sum(basis(i, n, axis=1) @ d(x.T) for i in n) -> "
             "sum(basis(i, n, axis=1) for i in n) @ d(x.T)"],
    refuses=["sum(x[i] for i in n)", "sum(d(x[i]) for i in n)", "sum(d(a) + d(b) for i in n)"],
)  # fmt: skip
def gather(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", body, index, condition) if moves(body):
            found = factored(body)
            if found is None:
                return None
            weight, core = found
            captures = (("i", index),)
            if not core.shape and not isinstance(core, Call):
                inside = num(1) if weight is None else weight
                if index in free_indices(core):
                    return None
                return Rewrite(mul(Big("sum", inside, index, condition), core), captures)
            product = inner(core)
            if product is None or product.after or index in free_indices(product.moving):
                return None
            before = product.gradient if product.kind == "sum" else matmul(*product.before) if product.before else None
            if before is None:
                if weight is None:
                    return None
                return Rewrite(mul(Big("sum", weight, index, condition), core), captures)
            scaled = before if weight is None else mul(weight, before)
            total = Big("sum", scaled, index, condition)
            return Rewrite(product.build(total, product.moving), captures)
    return None


def factored(node: Node) -> tuple[Node | None, Node] | None:
    """The number before an inner product (None for 1) and the inner product; None for a sum of them."""
    match node:
        case Neg(arg):
            found = factored(arg)
            return None if found is None else (Neg(found[0] or num(1)), found[1])
        case Mul(args) if is_single(node.shape):
            places = [k for k, arg in enumerate(args) if moves(arg)]
            if len(places) != 1:
                return None
            found = factored(args[places[0]])
            rest = mul(*args[: places[0]], *args[places[0] + 1 :])
            return None if found is None else (rest if found[0] is None else mul(found[0], rest), found[1])
        case Div(left, right) if moves(left) and is_single(right.shape):
            found = factored(left)
            return None if found is None else (Div(found[0] or num(1), right), found[1])
    if type(node).__name__ in ("Add", "Big"):
        return None
    return None, node

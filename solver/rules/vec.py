"""Stacked columns: `vec` of every construct with a differential inside, so that `vec(dF) = M vec(dX)`.

`vec` of a column is the column; all rules hold for any matrices (Magnus & Neudecker, Matrix Differential Calculus,
ch. 2 and 3; Petersen & Pedersen, The Matrix Cookbook, 10.2).
"""

from __future__ import annotations

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Big,
    Call,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Table,
    Transpose,
    add,
    call,
    free_indices,
    from_size,
    matmul,
    mul,
)
from solver.expr.shapes import is_single, is_vector, numel, rows
from solver.expr.sizes import ONE, Size
from solver.rules.inner import inner, moves, turned
from solver.rules.pullback import filled, spread, times
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting
from solver.rules.trace import renamed

COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook"


def is_column(node: Node) -> bool:
    """Whether the value is a column, so that `vec` leaves it alone."""
    return bool(node.shape) and node.shape[1] == ONE  # type: ignore[misc]


def stacked(node: Node) -> Node:
    """`vec(node)`; a column is its own stack."""
    return node if is_column(node) else call("vec", node)


def _eye(size: Size) -> Node:
    return call("eye", from_size(size))


def only_moving(parts: tuple[Node, ...]) -> int | None:
    """The number of the one part that holds a differential."""
    places = [number for number, part in enumerate(parts) if moves(part)]
    return places[0] if len(places) == 1 else None


# --- linearity ----------------------------------------------------------------------------------------------------


@rule(
    "vec term by term", r"\operatorname{vec}(A + c B) = \operatorname{vec} A + c \operatorname{vec} B", routine=True,
    words="vec is linear", applies=["vec(d(A) + d(B)) -> vec(d(A)) + vec(d(B))", "vec(-d(A)) -> -vec(d(A))",
    "vec(a*d(A)) -> a*vec(d(A))", "vec(d(A)/2) -> vec(d(A))/2", "vec(A*d(a)) -> vec(A)*d(a)",
    "vec(d(A) + d(x)) -> vec(d(A)) + vec(ones(n, 1) @ d(x))"],
    refuses=["vec(A + B)", "vec(A*d(B))", "vec(d(A))"],
)  # fmt: skip
def linear(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Add(args) as inside,)) if moves(inside):
            return add(*(_signed(arg, inside) for arg in args))
        case Call("vec", (Neg(arg),)) if moves(arg):
            return Neg(stacked(arg))
        case Call("vec", (Mul(args) as inside,)) if moves(inside):
            numbers = [arg for arg in args if is_single(arg.shape)]
            rest = mul(*(arg for arg in args if not is_single(arg.shape)))
            if numbers and rest.shape == inside.shape:
                still = [arg for arg in numbers if not moves(arg)]
                return mul(*still, stacked(rest), *(arg for arg in numbers if moves(arg)))
        case Call("vec", (Div(left, right),)) if moves(left) and is_single(right.shape) and not is_single(left.shape):
            return Div(stacked(left), right)
    return None


def _signed(part: Node, whole: Node) -> Node:
    if isinstance(part, Neg):
        return Neg(_signed(part.arg, whole))
    return stacked(spread(part, whole.shape))


@rule(
    "product over a sum of differentials", r"M (a + b) = M a + M b", words="multiply out", routine=True,
    applies=["A @ (d(x.T) + d(y.T)) -> A @ d(x.T) + A @ d(y.T)", "a*(d(x) - d(y)) -> a*d(x) - a*d(y)",
             "(d(x) + d(y))/a -> d(x)/a + d(y)/a", "x*(d(y) + d(a)) -> x*d(y) + x*d(a)",
             "-(d(x) - d(y)) -> -d(x) + d(y)"],
    refuses=["A @ (x.T + y.T)", "d(x) + d(y)", "A @ d(x.T)"],
)  # fmt: skip
def over_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) | MatMul(args) if (number := only_moving(args)) is not None and isinstance(args[number], Add):
            terms = []
            for part in args[number].children:
                bare, sign = (part.arg, True) if isinstance(part, Neg) else (part, False)
                if isinstance(node, MatMul):
                    bare = spread(bare, args[number].shape)
                term = node.rebuild((*args[:number], bare, *args[number + 1 :]))
                if term.shape != node.shape and not is_single(node.shape):
                    term = spread(term, node.shape)
                terms.append(Neg(term) if sign else term)
            return add(*terms)
        case Div(Add(args) as left, right) if moves(left):
            terms = [Neg(Div(part.arg, right)) if isinstance(part, Neg) else Div(part, right) for part in args]
            return add(*terms) if all(term.shape == node.shape for term in terms) else None
        case Neg(Add(args) as arg) if moves(arg):
            return add(*(part.arg if isinstance(part, Neg) else Neg(part) for part in args))
    return None


@rule(
    "number in every entry", r"a + c = a + c\,\mathbf{1}", words="the number stands in every entry", routine=True,
    applies=["d(x.T) + d(a) -> d(x.T) + ones(n, 1)*d(a)", "d(A) + d(x) -> d(A) + ones(n, 1) @ d(x)"],
    refuses=["d(x) + d(y)", "x + a", "d(a) + d(b)"],
)  # fmt: skip
def filled_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add(args) if not is_single(node.shape) and any(moves(a) and a.shape != node.shape for a in args):
            return add(*(_filled(arg, node) if moves(arg) else arg for arg in args))
    return None


def _filled(part: Node, whole: Node) -> Node:
    if part.shape == whole.shape:
        return part
    if isinstance(part, Neg):
        return Neg(_filled(part.arg, whole))
    return mul(filled(whole.shape), part) if is_single(part.shape) else spread(part, whole.shape)


@rule(
    "number out of a product", r"M (c\,a) = c\,M a", words="numbers come out", routine=True,
    applies=["A @ (a*d(x.T)) -> a*(A @ d(x.T))", "A @ (x.T*d(a)) -> (A @ x.T)*d(a)", "A @ (d(x.T)/2) -> A @ d(x.T)/2",
             "(a*d(x)).T -> a*d(x).T", "A @ (B*d(a)) @ C -> (A @ B @ C)*d(a)"],
    refuses=["A @ d(x.T)", "a*d(x)", "A @ (x.T*d(y.T))"],
)  # fmt: skip
def number_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul(args) if (number := only_moving(args)) is not None:
            before, part, after = args[:number], args[number], args[number + 1 :]
        case Transpose(part) if moves(part):
            before, after = (), ()
        case _:
            return None

    def around(inside: Node) -> Node:
        return turned(inside) if isinstance(node, Transpose) else matmul(*before, inside, *after)

    match part:
        case Neg(arg):
            return Neg(around(arg))
        case Mul(factors):
            numbers = [f for f in factors if is_single(f.shape)]
            rest = mul(*(f for f in factors if not is_single(f.shape)))
            if numbers and rest.shape == part.shape:
                still = [f for f in numbers if not moves(f)]
                return mul(*still, around(rest), *(f for f in numbers if moves(f)))
        case Div(left, right) if is_single(right.shape) and not is_single(left.shape):
            return Div(around(left), right)
    return None


@rule(
    "sum of stacks", r"M \sum_i a_i = \sum_i M a_i", words="term by term", routine=True,
    applies=["vec(sum(x[i]*d(A) for i in n)) -> sum(vec(x[i]*d(A)) for i in n)",
             "A @ sum(x[i]*d(y.T) for i in n) -> sum(A @ (x[i]*d(y.T)) for i in n)"],
    refuses=["vec(d(A))", "sum(d(x[i]) for i in n)"],
)  # fmt: skip
def sum_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Big("sum", body, index, condition),)) if moves(body):
            return Big("sum", stacked(body), index, condition)
        case MatMul(args) | Mul(args) if (number := only_moving(args)) is not None and isinstance(args[number], Big):
            big = args[number]
            assert isinstance(big, Big)
            body, index, condition = renamed(big, (*args[:number], *args[number + 1 :]), setting)
            return Big("sum", node.rebuild((*args[:number], body, *args[number + 1 :])), index, condition)
        case Big("sum", Add(args) as body, index, condition) if moves(body):
            return add(*(Big("sum", arg, index, condition) for arg in args))
        case Big("sum", Neg(arg), index, condition) if moves(arg):
            return Neg(Big("sum", arg, index, condition))
    return None


@rule(
    "gather a sum of stacks", r"\sum_i M_i a = \Big(\sum_i M_i\Big) a", words="what does not depend on {i} comes out",
    applies=["sum(x[i]*(A @ d(y.T)) for i in n) -> sum(x[i]*A for i in n) @ d(y.T)",
             "sum(x[i]*d(y.T) for i in n) -> sum(x[i] for i in n)*d(y.T)"],
    refuses=["sum(d(x[i]) for i in n)", "sum(d(x) for i in n)"],
)  # fmt: skip
def gather(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", Mul(args), index, condition) if (number := only_moving(args)) is not None:
            weight, part = mul(*args[:number], *args[number + 1 :]), args[number]
        case Big("sum", MatMul() as part, index, condition) if moves(part):
            weight = ONE_NODE
        case _:
            return None
    captures = (("i", index),)
    if not is_single(weight.shape) and (not weight.shape or weight.shape[1] != ONE or rows(part.shape) == ONE):
        # only a column scales the rows of what stands before the stack
        return None
    if (
        isinstance(part, MatMul)
        and index not in free_indices(part.args[-1])
        and only_moving(part.args) == len(part.args) - 1
    ):
        match matmul(*part.args[:-1]):
            case Transpose(Call("vec", (gradient,))) if is_single(weight.shape):
                total = turned(stacked(Big("sum", times(weight, gradient), index, condition)))
            case matrix:
                total = Big("sum", times(weight, matrix), index, condition)
        return Rewrite(matmul(total, part.args[-1]), captures)
    if index not in free_indices(part) and weight != ONE_NODE:
        return Rewrite(mul(Big("sum", weight, index, condition), part), captures)
    return None


# --- the named identities -----------------------------------------------------------------------------------------


@rule(
    "vec of a column", r"\operatorname{vec}(a) = a", words="a column is its own stack", routine=True,
    applies=["vec(d(x.T)) -> d(x.T)", "vec(x.T) -> x.T"], refuses=["vec(d(A))", "vec(x)"],
)  # fmt: skip
def of_column(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (arg,)) if is_column(arg):
            return arg
    return None


@rule(
    "vec of a row", r"\operatorname{vec}(a^\top) = a", words="the stack of a row is the row, transposed", routine=True,
    applies=["vec(d(x)) -> d(x).T", "vec(x) -> x.T", "vec(x.T.T) -> x.T"], refuses=["vec(d(A))", "vec(x.T)"],
)  # fmt: skip
def of_row(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (arg,)) if arg.shape and arg.shape[0] == ONE and not is_column(arg):
            return turned(arg)
    return None


@rule(
    "vec of a product", r"\operatorname{vec}(A X B) = (B^\top \otimes A) \operatorname{vec} X",
    source=f"{COOKBOOK}, (520)",
    words="vec(AXB) = (Bᵀ ⊗ A) vec X",
    applies=["vec(A @ d(X) @ B) -> kron(B.T, A) @ vec(d(X))", "vec(A @ d(X)) -> kron(eye(n), A) @ vec(d(X))",
             "vec(d(x) @ A) -> kron(A.T, eye(1)) @ vec(d(x))", "A @ d(B) @ x.T -> kron(x, A) @ vec(d(B))",
             "vec(x @ d(A)) -> kron(eye(n), x) @ vec(d(A))"],
    refuses=["vec(A @ B)", "A @ d(x.T)", "vec(d(A))"],
)  # fmt: skip
def of_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (MatMul(args),)) if (number := only_moving(args)) is not None:
            pass
        case MatMul(args) if is_column(node) and (number := only_moving(args)) is not None and number < len(args) - 1:
            pass
        case _:
            return None
    part = args[number]
    before = matmul(*args[:number]) if number else _eye(part.shape[0])  # type: ignore[misc]
    after = matmul(*args[number + 1 :]) if number < len(args) - 1 else _eye(part.shape[1])  # type: ignore[misc]
    return MatMul((call("kron", turned(after), before), stacked(part)))


@rule(
    "vec of a Hadamard product",
    r"\operatorname{vec}(A \odot X) = \operatorname{diag}(\operatorname{vec} A) \operatorname{vec} X",
    words="vec(A ⊙ X) = diag(vec A) vec X", source="Magnus & Neudecker, Matrix Differential Calculus, ch. 3",
    applies=["vec(A*d(X)) -> diag(vec(A)) @ vec(d(X))", "x.T*d(y.T) -> diag(x.T) @ d(y.T)",
             "vec(d(X)/A) -> diag(vec(1/A)) @ vec(d(X))",
             "vec(x*d(A)) -> diag(vec(ones(n, 1) @ x)) @ vec(d(A))", "a*x.T*d(y.T) -> a*(diag(x.T) @ d(y.T))"],
    refuses=["vec(A*B)", "vec(a*d(A))", "x*d(y)", "a*d(x.T)"],
)  # fmt: skip
def of_hadamard(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (inside,)):
            pass
        case _ if is_column(node) and not is_single(node.shape):
            inside = node
        case _:
            return None
    match inside:
        case Mul(args) if (number := only_moving(args)) is not None and not is_single(args[number].shape):
            others = [arg for k, arg in enumerate(args) if k != number]
            numbers = [arg for arg in others if is_single(arg.shape)]
            matrices = [arg for arg in others if not is_single(arg.shape)]
            if not matrices or (numbers and inside is not node):
                return None
            part, rest = spread(args[number], inside.shape), spread(mul(*matrices), inside.shape)
            return mul(*numbers, MatMul((call("diag", stacked(rest)), stacked(part))))
        case Div(part, right) if moves(part) and not is_single(right.shape) and not is_single(part.shape):
            part, rest = spread(part, inside.shape), spread(Div(ONE_NODE, right), inside.shape)
        case _:
            return None
    return MatMul((call("diag", stacked(rest)), stacked(part)))


@rule(
    "number times a column", r"a\,(b^\top c) = (a\,b^\top)\,c", words="a product may be grouped anew", routine=True,
    applies=["x.T*(y @ d(u.T)) -> x.T @ y @ d(u.T)", "a*x.T*(y @ d(u.T)) -> a*(x.T @ y @ d(u.T))",
             "x.T*(y @ d(u.T)/a) -> x.T*(y @ d(u.T))/a", "x.T*(d(a)/b) -> x.T*d(a)/b"],
    refuses=["x.T*(y @ u.T)", "x.T*d(a)", "x*(y @ d(u.T))", "x.T*(d(y.T).T @ u.T)"],
)  # fmt: skip
def grouped(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) if (number := only_moving(args)) is not None and is_single(args[number].shape):
            part = args[number]
            rest = [arg for k, arg in enumerate(args) if k != number]
            if isinstance(part, Div):
                return Div(mul(*args[:number], part.left, *args[number + 1 :]), part.right)
            columns = [arg for arg in rest if not is_single(arg.shape)]
            if isinstance(part, MatMul) and moves(part.args[-1]) and columns and is_column(node):
                numbers = [arg for arg in rest if is_single(arg.shape)]
                return mul(*numbers, matmul(mul(*columns), *part.args))
    return None


@rule(
    "commutation matrix", r"\operatorname{vec}(X^\top) = K \operatorname{vec} X", words="K vec X = vec Xᵀ",
    source="Magnus & Neudecker (1979), The commutation matrix",
    applies=["vec(d(M).T) -> commutation(m, n) @ vec(d(M))"], refuses=["vec(M.T)", "vec(d(x).T)", "vec(d(M))"],
)  # fmt: skip
def commuted(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Transpose(arg),)) if moves(arg) and not is_vector(arg.shape):
            rows, columns = arg.shape  # type: ignore[misc]
            return MatMul((call("commutation", from_size(rows), from_size(columns)), stacked(arg)))
    return None


@rule(
    "vec of a transposed vector", r"\operatorname{vec}(a^\top) = \operatorname{vec}(a)", routine=True,
    words="a vector and its transpose have the same entries in the same order",
    applies=["vec(d(x.T).T) -> d(x.T)", "d(x).T -> vec(d(x))"], refuses=["vec(d(M).T)", "d(x.T).T", "x.T"],
)  # fmt: skip
def of_turned_vector(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Transpose(arg),)) if moves(arg) and is_vector(arg.shape):
            return stacked(arg)
        case Transpose(arg) if moves(arg) and is_column(node) and not is_column(arg):
            return stacked(arg)
    return None


@rule(
    "vec of a vec", r"\operatorname{vec}(\operatorname{vec} X) = \operatorname{vec} X", routine=True,
    words="a stack is a column", applies=["vec(vec(d(A))) -> vec(d(A))"], refuses=["vec(d(A))"],
)  # fmt: skip
def of_vec(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Call("vec") as arg,)):
            return arg
    return None


@rule(
    "inner product by vec", r"\operatorname{tr}(A^\top X) = \operatorname{vec}(A)^\top \operatorname{vec} X",
    source=f"{COOKBOOK}, (521)", words="tr(AᵀX) = vec(A)ᵀ vec X",
    applies=["tr(A.T @ d(X)) -> vec(A).T @ vec(d(X))", "sum(A*d(X)) -> vec(A).T @ vec(d(X))",
             "sum(x.T*d(y.T)) -> x @ d(y.T)", "tr(d(X)) -> vec(eye(n)).T @ vec(d(X))",
             "sum(x*d(y)) -> vec(x).T @ vec(d(y))"],
    refuses=["tr(A @ B)", "x @ d(y.T)", "sum(A*d(x))"],
)  # fmt: skip
def inner_product(node: Node, setting: Setting) -> Rewrite | None:
    found = inner(node)
    if (
        found is None
        or found.kind == "row"
        or found.after
        or (found.kind == "sum" and found.moving.shape != found.whole)
    ):
        return None
    after = MatMul((turned(stacked(found.gradient)), stacked(found.moving)))
    return Rewrite(after, told="sum by vec" if found.kind == "sum" else "")


@rule(
    "vec of a Kronecker product",
    r"\operatorname{vec}(A \otimes B)"
    r" = (I_n \otimes K_{qm} \otimes I_p)(\operatorname{vec} A \otimes \operatorname{vec} B)",
    source="Magnus & Neudecker, Matrix Differential Calculus, ch. 3, thm 10", words="vec of a Kronecker product",
    applies=["vec(kron(d(M), x.T)) -> kron(kron(eye(n), commutation(1, m)), eye(n)) @ kron(eye(m*n), x.T) @ vec(d(M))",
             "vec(kron(A, d(M))) -> kron(kron(eye(n), commutation(n, n)), eye(m)) @ kron(vec(A), eye(m*n))"
             " @ vec(d(M))"],
    refuses=["vec(kron(A, B))", "vec(d(A))"],
)  # fmt: skip
def of_kron(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("vec", (Call("kron", (left, right)),)) | (Call("kron", (left, right))) if moves(node):
            if (
                not isinstance(node, Call)
                or not (node.name == "vec" or is_column(node))
                or not left.shape
                or not right.shape
            ):
                return None
            (m, n), (p, q) = left.shape, right.shape
            swap = call("kron", call("kron", _eye(n), call("commutation", from_size(q), from_size(m))), _eye(p))
            if moves(left):
                return MatMul((swap, call("kron", _eye(numel(left.shape)), stacked(right)), stacked(left)))
            return MatMul((swap, call("kron", stacked(left), _eye(numel(right.shape))), stacked(right)))
    return None


# --- other constructs as products ---------------------------------------------------------------------------------


@rule(
    "diagonal matrix as a Hadamard product", r"\operatorname{diag}(a) = I \odot (a\,\mathbf{1}^\top)", routine=True,
    words="diag(a) = I ⊙ (a 1ᵀ)",
    applies=["diag(d(x)) -> eye(n)*(d(x).T @ ones(1, n))", "diag(d(A), axis=0) -> (eye(n)*d(A)) @ ones(n, 1)",
             "diag(d(A), axis=1) -> ones(1, n) @ (eye(n)*d(A))"],
    refuses=["diag(x)", "diag(A)"],
)  # fmt: skip
def diagonal(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("diag", (arg,), axis) if moves(arg) and arg.shape:
            size = numel(arg.shape) if is_vector(arg.shape) else arg.shape[0]
            if is_vector(arg.shape):
                column = arg if is_column(arg) else turned(arg)
                return mul(_eye(size), matmul(column, filled((ONE, size))))
            kept = mul(_eye(size), arg)
            return matmul(filled((ONE, size)), kept) if axis == 1 else matmul(kept, filled((size, ONE)))
    return None


@rule(
    "triangle as a Hadamard product", r"\operatorname{tril}(A) = \operatorname{tril}(\mathbf{1}) \odot A", routine=True,
    words="the triangle is kept, the rest is zero", applies=["tril(d(A)) -> tril(ones(n, n))*d(A)"],
    refuses=["tril(A)"],
)  # fmt: skip
def triangle(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("tril", (arg,)) if moves(arg):
            return mul(call("tril", filled(arg.shape)), arg)
    return None


@rule(
    "sum along an axis as a product", r"\sum_i A_{ij} = (\mathbf{1}^\top A)_j", words="a sum is a product with ones",
    routine=True, applies=["sum(d(A), axis=0) -> ones(1, n) @ d(A)", "sum(d(A), axis=1) -> d(A) @ ones(n, 1)"],
    refuses=["sum(A, axis=0)", "sum(d(A))"],
)  # fmt: skip
def axis_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (arg,), axis) if axis is not None and arg.shape and moves(arg):
            rows, columns = arg.shape
            return matmul(filled((ONE, rows)), arg) if axis == 0 else matmul(arg, filled((columns, ONE)))
    return None


@rule(
    "table by unit vectors", r"A = \sum_{ij} A_{ij}\,e_i e_j^\top", words="entry by entry", routine=True,
    applies=["matrix(x[i]*d(y[j]) for i in n for j in n) -> "
             "sum(sum(x[i]*d(y[j])*(basis(i, n, axis=0) @ basis(j, n, axis=1)) for j in n) for i in n)"],
    refuses=["matrix(x[i]*y[j] for i in n for j in n)"],
)  # fmt: skip
def table(node: Node, setting: Setting) -> Node | None:
    match node:
        case Table(body, row, column) if moves(body):
            return Big("sum", Big("sum", mul(body, _place(row, column)), column), row)
    return None


def _place(row: Idx, column: Idx) -> Node:
    return MatMul(
        (call("basis", row, from_size(row.range), axis=0), call("basis", column, from_size(column.range), axis=1))
    )


AS_PRODUCTS = (diagonal, triangle, table)
"""Constructs that have a form with products only."""

LINEAR = (of_vec, of_turned_vector, filled_sum, linear, over_sum, number_out, sum_out, grouped)
"""Done on sight."""

NAMED = (inner_product, of_product, of_hadamard, commuted, of_kron, gather)
"""One line each."""

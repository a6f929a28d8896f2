"""Inverses and determinants of sums: what their terms make beside them, updates of low rank, traces that cancel."""

from __future__ import annotations

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Call,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
)
from solver.expr.shapes import columns, is_single, rows
from solver.expr.sizes import ONE
from solver.rules.cancelling import inverse_cancels, orthogonal
from solver.rules.gradients import symmetry
from solver.rules.inner import turned
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def _word(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, MatMul) else (node,)


def _is_eye(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "eye"


def _split(term: Node) -> tuple[Node, Node]:
    """The number in front of a matrix, and the matrix: `−λ A B / 2` is `−λ/2` and `A B`."""
    match term:
        case Neg(arg):
            number, matrix = _split(arg)
            return Neg(number), matrix
        case Div(left, right) if is_single(right.shape):
            number, matrix = _split(left)
            return Div(number, right), matrix
        case Mul(args) if sum(not is_single(arg.shape) for arg in args) == 1:
            matrix = next(arg for arg in args if not is_single(arg.shape))
            return mul(*(arg for arg in args if is_single(arg.shape))), matrix
    return ONE_NODE, term


def _times(number: Node, matrix: Node) -> Node:
    match number:
        case Neg(inner):
            return Neg(_times(inner, matrix))
        case Div(left, right):
            return Div(_times(left, matrix), right)
    return matrix if number == ONE_NODE else mul(number, matrix)


# --- inverses -----------------------------------------------------------------------------------------------------


@rule(
    "term of a sum beside its inverse", r"B\,A\,(I + B\,A)^{-1} = I - (I + B\,A)^{-1}",
    words="a sum times its inverse is the identity",
    applies=["B @ A @ inv(eye(n) + B @ A) -> eye(n) - inv(eye(n) + B @ A)",
             "inv(A + B) @ B @ x.T -> (eye(n) - inv(A + B) @ A) @ x.T",
             "A @ inv(eye(n) + A) -> eye(n) - inv(eye(n) + A)",
             "C @ A @ B @ inv(2*(A @ B) - a*S) -> C @ (eye(n) + a*(S @ inv(2*(A @ B) - a*S))) / 2"],
    refuses=["A @ inv(B)", "inv(A + B)", "C @ inv(A + B)"],
)  # fmt: skip
def beside_inverse(node: Node, setting: Setting) -> Node | None:
    """The longest term of the sum where it stands beside the inverse: the identity, less the other terms beside it."""
    if not isinstance(node, MatMul):
        return None
    for k, factor in enumerate(node.args):
        match factor:
            case Call("inv", (Add(args),)):
                split = [_split(term) for term in args]
                before, after = node.args[:k], node.args[k + 1 :]
                number, word, others = _longest(split)
                if before[-len(word) :] == word:
                    return _between(before[: -len(word)], _less(factor, others, left=False), number, after)
                number, word, others = _longest(split[::-1])
                if after[: len(word)] == word:
                    return _between(before, _less(factor, others[::-1], left=True), number, after[len(word) :])
    return None


def _longest(split: list[tuple[Node, Node]]) -> tuple[Node, tuple[Node, ...], list[tuple[Node, Node]]]:
    """The number and the factors of the first of the longest terms, and the others."""
    best = max(range(len(split)), key=lambda k: (0 if _is_eye(split[k][1]) else len(_word(split[k][1])), -k))
    return split[best][0], _word(split[best][1]), [each for k, each in enumerate(split) if k != best]


def _less(inverse: Node, others: list[tuple[Node, Node]], left: bool) -> Node:
    """`I − Σ c B N⁻¹` for the other terms `c B` of the sum N."""
    terms: list[Node] = [call("eye", from_size(rows(inverse.shape)))]
    for number, matrix in others:
        beside = inverse if _is_eye(matrix) else matmul(inverse, matrix) if left else matmul(matrix, inverse)
        whole = _times(number, beside)
        terms.append(whole.arg if isinstance(whole, Neg) else Neg(whole))
    return add(*terms)


def _between(before: tuple[Node, ...], rest: Node, number: Node, after: tuple[Node, ...]) -> Node:
    whole = matmul(*before, rest, *after)
    return whole if number == ONE_NODE else Neg(whole) if number == Neg(ONE_NODE) else Div(whole, number)


# --- determinants -------------------------------------------------------------------------------------------------


@rule(
    "Sylvester's determinant identity", r"\det(I + A\,B) = \det(I + B\,A)",
    words="Sylvester's determinant identity", source="Petersen & Pedersen, The Matrix Cookbook, (24)",
    applies=["det(eye(n) + x.T @ y) -> 1 + y @ x.T", "det(eye(m) - M @ N1) -> det(eye(n) - N1 @ M)",
             "det(eye(n) + A @ x.T @ y/a) -> 1 + y @ A @ x.T / a", "logdet(eye(m) + M @ N1) -> logdet(eye(n) + N1 @ M)"],
    refuses=["det(A + B)", "det(eye(n) + A)", "det(eye(n) + A @ B)"],
)  # fmt: skip
def sylvester(node: Node, setting: Setting) -> Node | None:
    """A product in another order below the determinant, where that changes its size; to a number where it can be."""
    match node:
        case Call("det" | "logdet" as name, (Add((eye, term)) | Add((term, eye)),)) if _is_eye(eye):
            number, matrix = _split(term)
            word = _word(matrix)
            inner = [columns(word[k - 1].shape) for k in range(1, len(word))]
            if not inner or _is_eye(term):
                return None
            cut = 1 + (inner.index(ONE) if ONE in inner else 0)
            size = inner[cut - 1]
            if size == rows(node.args[0].shape):
                return None
            turned_ = _times(number, matmul(*word[cut:], *word[:cut]))
            if size == ONE:
                whole = add(ONE_NODE, turned_)
                return whole if name == "det" else call("log", call("abs", whole))
            return call(name, add(call("eye", from_size(size)), turned_))
    return None


@rule(
    "matrix out of a determinant", r"\det(A + B\,C) = \det(A) \det(I + A^{-1} B\,C)",
    words="draw {A} out of the determinant",
    applies=["det(A + x.T @ y) -> det(A)*det(eye(n) + inv(A) @ x.T @ y)",
             "det(A - N1 @ M) -> det(A)*det(eye(n) - inv(A) @ N1 @ M)"],
    refuses=["det(A + B)", "det(eye(n) + x.T @ y)", "det(A @ B)"],
)  # fmt: skip
def out_of_determinant(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("det", (Add((matrix, term)) | Add((term, matrix)),)) if not _is_eye(matrix):
            number, product = _split(term)
            if isinstance(product, MatMul) and not isinstance(matrix, MatMul | Neg | Mul | Div):
                rest = _times(number, matmul(call("inv", matrix), *product.args))
                one = call("eye", from_size(rows(matrix.shape)))
                return Rewrite(mul(call("det", matrix), call("det", add(one, rest))), (("A", matrix),))
    return None


# --- traces -------------------------------------------------------------------------------------------------------


@rule(
    "cyclic trace to cancel", r"\operatorname{tr}(A^{-1} B\,A) = \operatorname{tr}(B\,A\,A^{-1})",
    words="cyclic property of the trace", source="Petersen & Pedersen, The Matrix Cookbook, (16)",
    applies=["tr(inv(A) @ B @ A) -> tr(A @ inv(A) @ B)", "tr(Q.T @ B @ Q) -> tr(Q @ Q.T @ B)",
             "tr(M @ inv(M.T @ M) @ M.T) -> tr(M.T @ M @ inv(M.T @ M))"],
    refuses=["tr(A @ B @ C)", "tr(A @ inv(A))", "tr(A)"],
)  # fmt: skip
def cyclic_to_cancel(node: Node, setting: Setting) -> Node | None:
    """The factors of a trace in another order, in which a matrix stands beside its inverse."""
    match node:
        case Call("tr", (MatMul(args),)):
            cancels = (inverse_cancels, orthogonal)
            if any(each(node.args[0], setting) is not None for each in cancels):
                return None
            for k in range(len(args) - 1, 0, -1):
                rotated = matmul(*args[k:], *args[:k])
                if any(each(rotated, setting) is not None for each in cancels):
                    return call("tr", rotated)
    return None


@rule(
    "trace of the transpose", r"\operatorname{tr}(A\,B^\top) = \operatorname{tr}(B\,A^\top)",
    words="a matrix and its transpose have one trace",
    applies=["tr(S @ A.T) -> tr(A @ S)", "tr(A.T @ B.T @ C.T) -> tr(C @ B @ A)", "tr(A.T) -> tr(A)"],
    refuses=["tr(A @ B)", "tr(A @ B.T)", "tr(A.T @ B.T @ C)"],
)  # fmt: skip
def trace_of_transpose(node: Node, setting: Setting) -> Rewrite | None:
    """Where all that is not symmetric stands transposed."""
    match node:
        case Call("tr", (arg,)):
            word = _word(arg)
            facts: list[Fact] = []
            plain = []
            found = False
            for factor in reversed(word):
                if isinstance(factor, Transpose):
                    found = True
                elif (known := symmetry(factor, setting)) is not None:
                    facts += known
                    plain.append(factor)
                    continue
                else:
                    return None
                plain.append(turned(factor))
            return Rewrite(call("tr", matmul(*plain)), facts=tuple(facts)) if found else None
    return None


TRACES = (cyclic_to_cancel, trace_of_transpose)

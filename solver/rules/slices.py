"""Rows, columns and entries of what has been worked out, and sums of matrices over an index."""

from __future__ import annotations

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    At,
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
    call,
    free_indices,
    from_size,
    matmul,
    mul,
    substitute,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE
from solver.rules.rule import rule
from solver.rules.setting import Setting, fresh_index


@rule(
    "row or column of a product", r"(A\,B)_{\cdot j} = A\,B_{\cdot j}", words="its column", routine=True,
    applies=["(A @ B)[:, j] -> A @ B[:, j]", "(A @ B)[i, :] -> A[i, :] @ B", "A.T[:, j] -> A[j, :].T",
             "(A + B)[:, j] -> A[:, j] + B[:, j]", "(2*A)[i, :] -> 2*A[i, :]", "x.T[i, :] -> x.T[i]",
             "(x.T @ y)[:, j] -> y[j]*x.T"],
    refuses=["A[:, j]", "(A @ B)[i, j]", "exp(A)[:, j]"],
)  # fmt: skip
def line_of(node: Node, setting: Setting) -> Node | None:
    match node:
        case At(arg, (None, Node() as index)):
            axis = 1
        case At(arg, (Node() as index, None)):
            axis = 0
        case _:
            return None
    at: tuple[Node | None, Node | None] = (None, index) if axis else (index, None)

    def line(part: Node) -> Node:
        if not part.shape or part.shape[axis] == ONE:
            return part
        return At(part, (index,)) if part.shape[1 - axis] == ONE else At(part, at)

    match arg:
        case Transpose(inside) if is_vector(inside.shape):
            return line(arg) if arg.shape[axis] != ONE else None
        case Transpose(inside):
            return Transpose(At(inside, (at[1], at[0])))
        case MatMul(args):
            cut = line(args[-1] if axis else args[0])
            rest = matmul(*(args[:-1] if axis else args[1:]))
            if is_single(cut.shape):
                return mul(cut, rest)
            return matmul(rest, cut) if axis else matmul(cut, rest)
        case Big("sum", body, bound, condition):
            if bound in free_indices(index):
                other = fresh_index(bound, arg, index)
                body = substitute(body, {bound: other})
                condition = None if condition is None else substitute(condition, {bound: other})
                bound = other
            return Big("sum", line(body), bound, condition) if body.shape == arg.shape else None
        case Table(body, row, column) if (row if axis else column) not in free_indices(index):
            single = fresh_index(Idx("_", ONE), arg, index)
            if axis:
                return Table(substitute(body, {column: index}), row, single)
            return Table(substitute(body, {row: index}), single, column)
        case Add() | Neg() | Mul() | Div():
            after = arg.rebuild(tuple(line(child) for child in arg.children))
            return after if after.shape == node.shape else None
    return None


@rule(
    "entry of a stack", r"\operatorname{vec}(A)_{i + m(j - 1)} = A_{ij}", words="entries of the stack",
    applies=["vec(A)[i + n*(j - 1)] -> A[i, j]", "(2*vec(A)/a)[i + n*(j - 1)] -> 2*A[i, j]/a"], refuses=["vec(A)[1]", "x[i]"], routine=True,
)  # fmt: skip
def entry_of_stack(node: Node, setting: Setting) -> Node | None:
    return _unstacked(node.arg, node.at) if isinstance(node, At) else None


def _unstacked(node: Node, at: tuple[Node | None, ...]) -> Node | None:
    match node, at:
        case Neg(arg), _:
            inner = _unstacked(arg, at)
            return None if inner is None else Neg(inner)
        case Div(arg, number), _ if is_single(number.shape):
            inner = _unstacked(arg, at)
            return None if inner is None else Div(inner, number)
        case Mul((*numbers, arg)), _ if all(is_single(number.shape) for number in numbers):
            inner = _unstacked(arg, at)
            return None if inner is None else mul(*numbers, inner)
        case Call("vec", (arg,)), (Add((row, Mul((high, Add((column, Neg(one))))))),) if (
            one == ONE_NODE and arg.shape and not is_vector(arg.shape) and high == from_size(arg.shape[0])
        ):
            return At(arg, (row, column))
    return None


@rule(
    "stacks added up", r"\sum_i \operatorname{vec}(A_i) = \operatorname{vec}\bigl(\sum_i A_i\bigr)", words="stacks add up",
    applies=["sum(vec(M[q, :].T @ x) for q in m) -> vec(sum(M[q, :].T @ x for q in m))"],
    refuses=["vec(A)", "sum(x[i] for i in n)"], routine=True,
)  # fmt: skip
def sum_of_stacks(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Call("vec", (body,)), index, condition):
            return call("vec", Big("sum", body, index, condition))
    return None


@rule(
    "constant matrix out of a sum", r"\sum_i A\,x_i = A \sum_i x_i", words="what does not change leaves the sum",
    applies=["sum(A @ M[q, :].T for q in m) -> A @ sum(M[q, :].T for q in m)",
             "sum(-M[q, :] for q in m) -> -sum(M[q, :] for q in m)",
             "sum(M[q, :]/2 for q in m) -> sum(M[q, :] for q in m)/2",
             "sum(a*M[q, :] for q in m) -> a*sum(M[q, :] for q in m)"],
    refuses=["sum(M[q, :] for q in m)", "sum(a*x[i] for i in n)", "sum(A for q in m)"],
)  # fmt: skip
def out_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", body, index, condition) if not is_single(body.shape) and index in free_indices(body):
            pass
        case _:
            return None
    match body:
        case Neg(arg):
            return Neg(Big("sum", arg, index, condition))
        case Div(left, right) if index not in free_indices(right) and left.shape == body.shape:
            return Div(Big("sum", left, index, condition), right)
        case Mul(args):
            outside = [arg for arg in args if index not in free_indices(arg) and is_single(arg.shape)]
            inside = mul(*(arg for arg in args if arg not in outside))
            return mul(*outside, Big("sum", inside, index, condition)) if outside else None
        case MatMul(args):
            start = next(k for k, arg in enumerate(args) if index in free_indices(arg))
            stop = next(k for k in range(len(args), 0, -1) if index in free_indices(args[k - 1]))
            if stop - start < len(args):
                inner = matmul(*args[start:stop])
                if not is_single(inner.shape):
                    return matmul(*args[:start], Big("sum", inner, index, condition), *args[stop:])
    return None


@rule(
    "entry of a number", r"(a^\top b)_1 = a^\top b", words="a product of size 1 is a number", routine=True,
    applies=["(x @ y.T)[1] -> x @ y.T", "sum(x @ A[:, k] for k in n)[1] -> sum(x @ A[:, k] for k in n)"],
    refuses=["x[1]", "(x.T @ y)[1, 1]"],
)  # fmt: skip
def entry_of_number(node: Node, setting: Setting) -> Node | None:
    match node:
        case At(MatMul() | Big() as arg, (one,)) if one == ONE_NODE and is_single(arg.shape):
            return arg
    return None

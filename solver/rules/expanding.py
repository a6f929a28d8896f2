"""Powers and sums multiplied out where numbers stand beside vectors; numbers inside products of matrices."""

from __future__ import annotations

from itertools import combinations

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
    Num,
    Pow,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
)
from solver.expr.shapes import columns, is_single, numel, rows
from solver.expr.sizes import ONE
from solver.rules.entries import pick
from solver.rules.letters import fresh
from solver.rules.rule import rule
from solver.rules.setting import Setting

MAX_SQUARE = 4
"""The square of a sum with more terms is left as it is."""


def _signed(term: Node) -> tuple[int, Node]:
    return (-1, term.arg) if isinstance(term, Neg) else (1, term)


def _with_sign(sign: int, term: Node) -> Node:
    return term if sign > 0 else Neg(term)


@rule(
    "square of a sum", r"(a - b)^2 = a^2 - 2\,a\,b + b^2",
    applies=["(a - b)**2 -> a**2 - 2*a*b + b**2", "(x - mean(x))**2 -> x**2 - 2*x*mean(x) + mean(x)**2",
             "(x + y + u)**2 -> x**2 + 2*x*y + 2*x*u + y**2 + 2*y*u + u**2"],
    refuses=["(a*b)**2", "(a + b)**3", "a**2"],
)  # fmt: skip
def square_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Add(args), Num(value)) if value == 2 and len(args) <= MAX_SQUARE:
            signed = [_signed(arg) for arg in args]
            made: list[Node] = []
            for k, (sign, term) in enumerate(signed):
                made.append(_squared(term))
                for other, factor in signed[k + 1 :]:
                    made.append(_with_sign(sign * other, mul(num(2), term, factor)))
            after = add(*made)
            return after if after.shape == node.shape else None
    return None


def _squared(term: Node) -> Node:
    match term:
        case Num(value):
            return num(value**2)
    return Pow(term, num(2))


@rule(
    "distribute over numbers and vectors", r"x\,(y - c) = x\,y - c\,x", words="distribute",
    applies=["x*(y - a) -> x*y - x*a", "(x - mean(x))*(y - mean(y)) -> x*y - x*mean(y) - mean(x)*y + mean(x)*mean(y)"],
    refuses=["x*y", "x*a", "x + a"],
)  # fmt: skip
def distribute_numbers(node: Node, setting: Setting) -> Node | None:
    """All sums among the factors at once, where each term has the shape of the whole, or is a number."""
    match node:
        case Mul(args) if any(isinstance(arg, Add) for arg in args):
            made: list[tuple[int, tuple[Node, ...]]] = [(1, ())]
            for arg in args:
                choices = [_signed(part) for part in (arg.args if isinstance(arg, Add) else (arg,))]
                made = [(s * t, (*kept, part)) for s, kept in made for t, part in choices]
                if len(made) > 2 ** (MAX_SQUARE + 1):
                    return None
            whole = [_with_sign(sign, mul(*kept)) for sign, kept in made]
            after = add(*whole)
            fits = all(is_single(part.shape) or part.shape == node.shape for part in whole)
            return after if fits and after.shape == node.shape else None
    return None


@rule(
    "sum with numbers", r"\sum_i (x_i + c) = \sum_i x_i + n\,c", words="sum term by term",
    applies=["sum(x**2 - 2*x*a + a**2) -> sum(x**2) - sum(2*x*a) + n*a**2", "sum(x - mean(x)) -> sum(x) - n*mean(x)",
             "sum(x*y + 1) -> sum(x*y) + n"],
    refuses=["sum(x + y)", "sum(x*a)", "sum(a + b)"],
)  # fmt: skip
def sum_with_numbers(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (Add(args) as inner,), None) if inner.shape and not is_single(inner.shape):
            signed = [_signed(arg) for arg in args]
            if not any(is_single(part.shape) for _, part in signed):
                return None
            if any(not is_single(part.shape) and part.shape != inner.shape for _, part in signed):
                return None
            count = from_size(numel(inner.shape))
            made = [
                (sign, (count if part == num(1) else mul(count, part)) if is_single(part.shape) else call("sum", part))
                for sign, part in signed
            ]
            return add(*(_with_sign(sign, part) for sign, part in made))
    return None


@rule(
    "number within a product", r"u\,(v^\top w)\,z^\top = (v^\top w)\,u\,z^\top", words="the number comes to the front",
    applies=["x.T @ y @ A @ x.T @ u -> y @ A @ x.T * (x.T @ u)", "x @ y.T @ u -> x @ y.T * u"],
    refuses=["x.T @ y", "x @ A @ y.T", "A @ B"],
)  # fmt: skip
def number_within(node: Node, setting: Setting) -> Node | None:
    """A row times a column inside a product is a number."""
    match node:
        case MatMul(args) if not is_single(node.shape):
            cuts = [
                k
                for k in range(len(args) + 1)
                if (rows(args[k].shape) if k < len(args) else columns(node.shape)) == ONE
            ]
            for start, end in combinations(cuts, 2):
                if end - start < len(args) and (rest := (*args[:start], *args[end:])):
                    number = matmul(*args[start:end])
                    return mul(number, matmul(*rest)) if end - start > 1 else None
    return None


@rule(
    "number under a fraction in a product", r"\frac{A}{c}\,\frac{B}{d} = \frac{A\,B}{c\,d}", words="one fraction",
    routine=True, applies=["A/a/b -> A/(a*b)", "a*(A/b) -> a*A/b"], refuses=["A/a", "a/b", "A/x"],
)  # fmt: skip
def one_bar(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(Div(above, first), second) if is_single(first.shape) and is_single(second.shape) and above.shape:
            return Div(above, mul(first, second))
        case Mul(args):
            for k, arg in enumerate(args):
                others = (*args[:k], *args[k + 1 :])
                if isinstance(arg, Div) and is_single(arg.right.shape) and all(is_single(o.shape) for o in others):
                    return Div(mul(*args[:k], arg.left, *args[k + 1 :]), arg.right) if arg.shape else None
    return None


@rule(
    "number by entries", r"x^\top A\,y = \sum_{i,j} x_i A_{ij} y_j", words="as a sum over entries",
    applies=["x @ y.T -> sum(x[i]*y.T[i] for i in n)",
             "x @ A @ y.T -> sum(x[i]*A[i, j]*y.T[j] for i in n for j in n)",
             "A[i, :] @ x.T -> sum(A[i, j]*x.T[j] for j in n)"],
    refuses=["x.T @ y", "A @ x.T", "x @ ones(n, 1)*x"],
)  # fmt: skip
def product_as_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul(args) if is_single(node.shape):
            letters: list[Node] = [ONE_NODE]
            for factor in args[:-1]:
                used = (node, *letters)
                one = columns(factor.shape) == ONE
                letters.append(ONE_NODE if one else fresh(columns(factor.shape), setting, *used, letters="ijkl"))
            letters.append(ONE_NODE)
            pairs = zip(args, letters, letters[1:], strict=False)
            whole: Node = mul(*(_number(factor, row, column) for factor, row, column in pairs))
            for letter in reversed(letters):
                whole = Big("sum", whole, letter) if isinstance(letter, Idx) else whole
            return whole
    return None


def _number(factor: Node, row: Node, column: Node) -> Node:
    """The entry of a factor; of a row or column that is cut out of a matrix, that of the matrix."""
    match factor:
        case At(matrix, (Node() as fixed, None)):
            return At(matrix, (fixed, column))
        case At(matrix, (None, Node() as fixed)):
            return At(matrix, (row, fixed))
    return pick(factor, row, column)


SQUARES = (square_of_sum, distribute_numbers, sum_with_numbers)

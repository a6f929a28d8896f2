"""Shapes: `()` for a scalar, `(rows, columns)` for a matrix; how they combine under each operation.

Every rule here either returns the shape of the result or raises `ShapeError` with a sentence that names both
shapes and, where one is near, what to write instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from solver.expr.sizes import ONE, Size

Shape = tuple[()] | tuple[Size, Size]
SCALAR: Shape = ()


class ShapeError(Exception):
    """Shapes that cannot be combined; `hint` says what to write instead, or is empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def describe(shape: Shape) -> str:
    """`D×H`, or `scalar`."""
    if not shape:
        return "scalar"
    return "×".join(str(size) if len(size.terms) < 2 else f"({size})" for size in shape)


def rows(shape: Shape) -> Size:
    """How many rows; a scalar has one."""
    return shape[0] if shape else ONE


def columns(shape: Shape) -> Size:
    """How many columns; a scalar has one."""
    return shape[1] if shape else ONE


def is_single(shape: Shape) -> bool:
    """Whether the value has one entry: a scalar or 1×1."""
    return all(size == ONE for size in shape)


def is_row(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == ONE and shape[1] != ONE


def is_column(shape: Shape) -> bool:
    return len(shape) == 2 and shape[1] == ONE and shape[0] != ONE


def is_vector(shape: Shape) -> bool:
    """Whether the value is a row or a column (1×1 counts)."""
    return len(shape) == 2 and ONE in shape


def numel(shape: Shape) -> Size:
    """How many entries the value has."""
    return shape[0] * shape[1] if shape else ONE


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The shape of an elementwise operation: scalars, a row over rows, a column over columns."""
    result: Shape = SCALAR
    for shape in shapes:
        result = _pair(result, shape)
    return result


def _pair(left: Shape, right: Shape) -> Shape:
    if not left or (is_single(left) and right):
        return right
    if not right or is_single(right):
        return left
    if left == right:
        return left
    if (is_row(left) and is_column(right)) or (is_column(left) and is_row(right)):
        raise ShapeError(
            f"a row and a column cannot be combined entry by entry: {describe(left)} and {describe(right)}",
            "transpose one of them with `.T`, or write `outer(a, b)` for all products",
        )
    fits = [a == b or ONE in (a, b) for a, b in zip(left, right, strict=True)]
    if all(fits):
        rows, columns = (b if a == ONE else a for a, b in zip(left, right, strict=True))
        return (rows, columns)
    hint = ""
    if left == (right[1], right[0]):
        hint = "transpose one of them with `.T`"
    elif left[1] == right[0]:
        hint = "`@` is the matrix product"
    raise ShapeError(f"shapes {describe(left)} and {describe(right)} do not fit entry by entry", hint)


def matmul(left: Shape, right: Shape) -> Shape:
    """`(m×k) @ (k×n) = m×n`."""
    if not left or not right:
        raise ShapeError(f"`@` needs matrices, not {describe(left)} @ {describe(right)}", "`*` multiplies by a scalar")
    if left[1] == right[0]:
        return (left[0], right[1])
    hint = ""
    if left[1] == right[1]:
        hint = "transpose the second factor with `.T`"
    elif left[0] == right[0]:
        hint = "transpose the first factor with `.T`"
    elif is_single(left) or is_single(right):
        hint = "`*` multiplies by a scalar"
    raise ShapeError(f"the inner sizes differ in {describe(left)} @ {describe(right)}: {left[1]} and {right[0]}", hint)


def transpose(shape: Shape) -> Shape:
    return (shape[1], shape[0]) if shape else SCALAR


def square(shape: Shape, what: str) -> Size:
    """The size of a square matrix; ShapeError for anything else."""
    if not shape:
        return ONE
    if shape[0] != shape[1]:
        raise ShapeError(f"{what} needs a square matrix, not {describe(shape)}")
    return shape[0]


def derivative(output: Shape, variable: Shape) -> Shape:
    """The layout of `∂output/∂variable`.

    A scalar's derivative lies as its variable does; by a scalar, as the output does; else a Jacobian, whose rows are
    the outputs and whose columns are the inputs (columns of a matrix stacked).
    """
    if is_single(output):
        return variable
    if not variable:
        return output
    return (numel(output), numel(variable))


class HasShape(Protocol):
    @property
    def shape(self) -> Shape: ...


def beside(factors: Sequence[HasShape]) -> bool:
    """Whether some factors of a product are one without the others: a row meets a column in a matrix only."""
    met: Shape = SCALAR
    for factor in factors:
        if (is_row(met) and is_column(factor.shape)) or (is_column(met) and is_row(factor.shape)):
            return False
        if not is_single(factor.shape) and (is_single(met) or is_row(met) or is_column(met)):
            met = factor.shape
    return True

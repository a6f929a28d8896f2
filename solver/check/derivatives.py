"""Derivatives as parts of jets: which directions to take, and how what comes back is laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from solver.check import jets
from solver.check.balls import MAX_ORDER, ONE, ZERO, Array, full
from solver.check.frame import Level
from solver.check.jets import Jet, Levels, TooLarge
from solver.check.meaning import Meaningless
from solver.expr.nodes import At, Node, Sym
from solver.expr.shapes import Shape, is_single
from solver.expr.write import write


def variable_of(by: Node) -> tuple[Sym, tuple[Node | None, ...] | None]:
    """The name that is differentiated by, and the entry of it."""
    match by:
        case Sym():
            return by, None
        case At(arg=Sym() as name, at=at):
            return name, at
    raise Meaningless(f"a derivative is taken by a name or an entry of one, not by `{write(by)}`")


def directions(shape: tuple[int, ...]) -> Array:
    """One direction for each entry, row by row: `(rows·columns, rows, columns)`."""
    rows, columns = shape
    jets.refuse_large((rows * columns) ** 2)
    result = full(ZERO, rows * columns, rows, columns)
    for k in range(rows * columns):
        result[k, k // columns, k % columns] = ONE
    return result


def slope(jet: Jet, number: int, change: Callable[[Array, Levels], Array], zero: Callable[[], Array]) -> Jet:
    """The coefficient of a level, which is the last axis of the parts it is in; `change` is told the other levels."""
    parts = {
        levels[:-1]: change(part, levels[:-1]) for levels, part in jet.parts.items() if levels and levels[-1] == number
    }
    if () not in parts:
        parts[()] = zero()
    return Jet(parts)


def matrix(jet: Jet, number: int, entries: int, outline: tuple[int, int]) -> Jet:
    """The coefficient of a level as a matrix: a row for each of its directions, a column for each entry, row by row."""
    count = outline[0] * outline[1]

    def change(part: Array, rest: Levels) -> Array:
        leading = part.shape[:-3]
        return np.broadcast_to(part, (*leading, entries, *outline)).reshape(*leading, entries, count)

    return slope(jet, number, change, lambda: full(ZERO, entries, count))


def next_level(levels: Sequence[Level]) -> int:
    """The number of a further level."""
    number = levels[-1].number + 1 if levels else 1
    if number >= MAX_ORDER // 2:
        raise TooLarge("a derivative of so high an order is not computed")
    return number


def laid_out(part: Array, of: Shape, by: Shape) -> Array:
    """`(…, rows of x, columns of x, rows of f, columns of f)` as `shapes.derivative` lays a derivative out."""
    if is_single(of):
        return part[..., 0, 0]
    if not by:
        return part[..., 0, 0, :, :]
    x_rows, x_columns, rows, columns = part.shape[-4:]
    # columns stacked on both sides
    stacked = np.moveaxis(part, (-1, -2, -3, -4), (-4, -3, -2, -1))
    return stacked.reshape(*part.shape[:-4], rows * columns, x_rows * x_columns)

"""What a formula sees while it is evaluated: derivatives in play, indices with a fixed value, the axes of its grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.check import jets
from solver.check.balls import UNDEFINED, Array, full
from solver.check.jets import Jet, Levels
from solver.check.meaning import Meaningless
from solver.expr.nodes import Idx, Node
from solver.expr.shapes import Shape
from solver.expr.write import write

if TYPE_CHECKING:
    from solver.check.evaluate import Evaluator

Whole = NDArray[np.int64]


class Level(NamedTuple):
    """A nilpotent direction: its number, and the name it varies (`DIFFERENTIAL`: all variables of the question).

    `local`: only where the name stands in the formula itself; the names that are defined by it are held.
    """

    number: int
    target: str
    local: bool = False


NO_LEVELS: tuple[Level, ...] = ()


class Frame(NamedTuple):
    """The surroundings of one formula. `labels` name the axes of its grid, in order; `fixed` are other indices."""

    evaluator: Evaluator
    levels: tuple[Level, ...]
    fixed: Mapping[str, int]
    labels: tuple[str, ...]

    def jet(self, node: Node) -> Jet:
        """A part of the formula, on the formula's grid."""
        found, labels = self.evaluator.on_grid(node, self.levels, self.fixed)
        return found if labels == self.labels else jets.placed(found, labels, self.labels)

    def whole(self, node: Node) -> Whole:
        """The whole numbers that an index expression is, on the grid, with one row and column."""
        if isinstance(node, Idx) and node.name in self.labels:
            length = self.evaluator.length(node.range)
            return np.arange(1, length + 1).reshape(
                [length if label == node.name else 1 for label in self.labels] + [1, 1]
            )
        value = Frame(self.evaluator, NO_LEVELS, self.fixed, self.labels).jet(node).value
        numbers = [entry.unique_fmpz() for entry in value.flat]
        if any(number is None for number in numbers):
            raise Meaningless(f"`{write(node)}` must be a whole number to be an index or exponent")
        return np.array([int(number) for number in numbers], dtype=np.int64).reshape(value.shape)

    def picks(self, shape: Shape, at: tuple[Node | None, ...]) -> tuple[Whole | None, Whole | None]:
        """The row and the column that an entry names (None: all), counted from 1."""
        numbers = [None if index is None else self.whole(index) for index in at]
        if len(numbers) == 2:
            return numbers[0], numbers[1]
        assert shape
        one = np.ones((1,) * (len(self.labels) + 2), dtype=np.int64)
        return (one, numbers[0]) if shape[0].number == 1 else (numbers[0], one)


def picked(part: Array, levels: Levels, pick: Whole | None, axis: int) -> Array:
    """The entry of a part that stands at `pick` along an axis counted from the end; undefined beyond its ends."""
    if pick is None:
        return part
    if pick.size == 1 and 1 <= pick.flat[0] <= part.shape[axis]:
        number = int(pick.flat[0])
        return part[(..., slice(number - 1, number)) + (slice(None),) * (-axis - 1)]
    length = part.shape[axis]
    numbers = jets.spread(pick, (), levels)
    numbers = numbers.reshape(numbers.shape + (1,) * (part.ndim - numbers.ndim))
    inside = (numbers >= 1) & (numbers <= length)
    found = np.take_along_axis(part, np.clip(numbers, 1, length) - 1, axis)
    return found if inside.all() else np.where(inside, found, full(UNDEFINED, 1, 1))

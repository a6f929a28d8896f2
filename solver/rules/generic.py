"""Values at generic data, in float64: what is zero, or equal, whatever the data.

They choose the form of a rule where two forms are true and one reads better; what is derived is judged all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from solver.expr.nodes import Apply, Call, Node, free_indices, transform
from solver.expr.numeric import NumericError, Point, evaluate
from solver.rules.setting import Setting

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TINY = 1e-12


def values(node: Node, setting: Setting) -> Iterator[Array]:
    """The node's values at generic data, all sizes different, and once with every size 1: at all its free indices."""
    import numpy as np

    node = transform(node, _concrete)
    names = sorted({name for symbol in setting.symbols.values() for size in symbol.shape for name in size.names})
    indices = sorted(free_indices(node), key=lambda index: index.name)
    names = sorted({*names, *(name for index in indices for name in index.range.names)})
    define = {name: transform(value, _concrete) for name, value in setting.define.items()}
    for sizes in ({name: number for number, name in enumerate(names, 2)}, dict.fromkeys(names, 1)):
        rng = random.Random(0)
        try:
            data = {
                name: np.array([rng.uniform(0.1, 0.9) for _ in range(_count(shape))]).reshape(shape)
                for name, symbol in setting.symbols.items()
                for shape in [tuple(size.at(sizes) for size in symbol.shape)]
            }
            for place in product(*(range(1, index.range.at(sizes) + 1) for index in indices)):
                at = {index.name: number for index, number in zip(indices, place, strict=True)}
                yield evaluate(node, Point(data, sizes, define, at))
        except (NumericError, ValueError):
            continue


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def _concrete(node: Node) -> Node | None:
    """An abstract function has no values: one that is as general takes its place."""
    match node:
        case Apply(_, arg):
            return Call("exp", (transform(arg, _concrete),))
    return None


def vanishes_somewhere(node: Node, setting: Setting) -> bool:
    """Whether an entry is zero at generic data, or where a size is 1."""
    import numpy as np

    return any(bool(np.any(np.abs(value) < TINY)) for value in values(node, setting))


def ties(node: Node, setting: Setting) -> bool:
    """Whether two entries are equal at generic data: of `A + Aᵀ`, of a block that stands twice."""
    import numpy as np

    return any(bool(np.any(np.diff(np.sort(value, axis=None)) < TINY)) for value in values(node, setting))

"""The axes of a grid: put in another order, given new names, brought together where two become one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.jets import Jet


def arranged(array: NDArray[Any], labels: tuple[str, ...], target: tuple[str, ...]) -> NDArray[Any]:
    """The array, whose first axes are `labels`, with the axes `target` first.

    Axes of one label are brought together: the result is taken where both indices are equal.
    """
    if labels == target:
        return array
    left = list(labels)
    for label in target:
        while left.count(label) > 1:
            first, second = (k for k, each in enumerate(left) if each == label)
            length = max(array.shape[first], array.shape[second])
            wide = list(array.shape)
            wide[first] = wide[second] = length
            array = np.moveaxis(np.diagonal(np.broadcast_to(array, wide), axis1=first, axis2=second), -1, first)
            del left[second]
    return np.moveaxis(array, [left.index(label) for label in target], list(range(len(target))))


def gridded(jet: Jet, axes: int) -> Jet:
    """The jet with as many axes in its grid, the missing ones of length 1."""
    for levels, part in jet.parts.items():
        if part.ndim - len(levels) - 2 != axes:
            break
    else:
        return jet
    parts = {}
    for levels, part in jet.parts.items():
        missing = axes - (part.ndim - len(levels) - 2)
        assert missing == 0 or missing == axes, "a part has some axes of its grid and lacks others"
        parts[levels] = part[(None,) * missing]
    return Jet(parts)

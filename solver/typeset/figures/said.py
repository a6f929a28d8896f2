"""What a drawn curve shows, in words: where it rises, turns, is zero and meets another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from solver.language.catalogue import Catalogue
from solver.typeset.figures.scene import Array, Scene, brief

MANY = 4
"""How many curves are looked at for zeros and crossings, and how many of these are told."""


class Drawable(Protocol):
    """A curve: its values on the grid, and one more wherever asked."""

    @property
    def values(self) -> Array: ...
    @property
    def at(self) -> Callable[[float], float]: ...


def plot(variable: str, grid: Array, curves: Sequence[tuple[str, Array]], language: Catalogue) -> str:
    """`tanh(t) for t from −4 to 4 rises from −0.9993 to 0.9993; …`."""
    said = [f"{name} {course(variable, grid, values, language)}" for name, values in curves]
    return language.figures["plot"].format(
        variable=variable, start=brief(grid[0]), stop=brief(grid[-1]), courses="; ".join(said)
    )


def course(variable: str, grid: Array, values: Array, language: Catalogue) -> str:
    """`rises from −1 to 1`: how one curve goes."""
    words = language.figures
    kept = np.isfinite(values)
    if not kept.any():
        return words["course_none"]
    at, y = grid[kept], values[kept]
    low, high = int(np.argmin(y)), int(np.argmax(y))
    flat = 1e-9 * max(1.0, float(np.max(np.abs(y))))
    if y[high] - y[low] <= flat:
        return words["course_constant"].format(value=brief(y[0]))
    steps = np.diff(y)
    ends = {"start": brief(y[0]), "stop": brief(y[-1])}
    if (steps >= -flat).all():
        return words["course_rises"].format(**ends)
    if (steps <= flat).all():
        return words["course_falls"].format(**ends)
    turn = high if 0 < high < len(y) - 1 else low
    form = words["course_peak" if turn == high else "course_dip"]
    return form.format(value=brief(y[turn]), variable=variable, at=brief(at[turn]), **ends)


def zeros(grid: Array, values: Array, at: Callable[[float], float], poles: Sequence[float]) -> list[float]:
    """Where the curve changes its sign, or touches zero at a point of the grid; nothing where it stays there."""
    small = 1e-12 * max(1.0, float(np.nanmax(np.abs(values)))) if np.isfinite(values).any() else 0.0
    signs = np.where(np.abs(values) <= small, 0.0, np.sign(values))
    found = []
    for k in range(len(grid)):
        if signs[k] == 0 and all(signs[j] != 0 for j in (k - 1, k + 1) if 0 <= j < len(grid)):
            found.append(float(grid[k]))
        between = k + 1 < len(grid) and signs[k] * signs[k + 1] == -1
        if between and not any(grid[k] <= pole <= grid[k + 1] for pole in poles):
            found.append(_bisected(at, float(grid[k]), float(grid[k + 1])))
    return found


def crossings(grid: Array, one: Drawable, other: Drawable, poles: Sequence[float]) -> list[float]:
    """Where two curves meet."""
    return zeros(grid, one.values - other.values, lambda t: one.at(t) - other.at(t), poles)


def _bisected(at: Callable[[float], float], low: float, high: float) -> float:
    below = at(low)
    for _ in range(40):
        middle = (low + high) / 2
        value = at(middle)
        if value == 0:
            return middle
        low, high = (middle, high) if (value < 0) == (below < 0) else (low, middle)
    return (low + high) / 2


def listed(values: Sequence[float], scene: Scene) -> str:
    """`−1, 0 and 1`; of many, the first few."""
    texts = [brief(0.0 if abs(value) < 1e-9 else value) for value in values]
    if len(texts) > MANY:
        return ", ".join(texts[:MANY]) + ", …"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {scene.words('and')} {texts[-1]}"

"""What a drawn figure shows, in words: where curves rise and turn, where a matrix is large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from solver.language.catalogue import Catalogue
from solver.typeset.tables import number

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def plot(variable: str, grid: Array, curves: Sequence[tuple[str, Array]], language: Catalogue) -> str:
    """`tanh(t) for t from −4 to 4 rises from −0.9993 to 0.9993; …`."""
    said = [f"{name} {_course(variable, grid, values, language)}" for name, values in curves]
    return language.figure_plot.format(
        variable=variable, start=_brief(grid[0]), stop=_brief(grid[-1]), courses="; ".join(said)
    )


def _course(variable: str, grid: Array, values: Array, language: Catalogue) -> str:
    import numpy as np

    kept = np.isfinite(values)
    if not kept.any():
        return language.course_none
    at, y = grid[kept], values[kept]
    low, high = int(np.argmin(y)), int(np.argmax(y))
    flat = 1e-9 * max(1.0, float(np.max(np.abs(y))))
    if y[high] - y[low] <= flat:
        return language.course_constant.format(value=_brief(y[0]))
    steps = np.diff(y)
    ends = {"start": _brief(y[0]), "stop": _brief(y[-1])}
    if (steps >= -flat).all():
        return language.course_rises.format(**ends)
    if (steps <= flat).all():
        return language.course_falls.format(**ends)
    turn = high if 0 < high < len(y) - 1 else low
    form = language.course_peak if turn == high else language.course_dip
    return form.format(value=_brief(y[turn]), variable=variable, at=_brief(at[turn]), **ends)


def heatmap(name: str, matrix: Array, language: Catalogue) -> str:
    """The size of the matrix, the range of its entries, and where the largest in size stands."""
    import numpy as np

    kept = np.where(np.isfinite(matrix), matrix, 0.0)
    row, column = np.unravel_index(int(np.argmax(np.abs(kept))), matrix.shape)
    return language.figure_heatmap.format(
        rows=matrix.shape[0], columns=matrix.shape[1], name=name, low=_brief(kept.min()), high=_brief(kept.max()),
        row=int(row) + 1, column=int(column) + 1,
    )  # fmt: skip


def _brief(value: Any) -> str:
    return number(float(f"{float(value):.4g}") + 0.0)

"""`heatmap`: a matrix at one point: cells in shades, negative ones hatched, with their numbers while these fit."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from solver.expr.nodes import Node
from solver.expr.write import write
from solver.typeset.figures import style
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.scene import Array, Scene, brief
from solver.typeset.tables import number

ANNOTATED = 8
"""The largest side of a heatmap whose cells carry their numbers."""
TICKS = 12
"""How many rows or columns are numbered at most."""


def draw(scene: Scene) -> Drawn:
    node = cast(Node, scene.options["of"])
    matrix = np.atleast_2d(scene.value(node))
    rows, columns = matrix.shape
    numbered = max(rows, columns) <= ANNOTATED

    def paint(canvas: Canvas) -> str:
        axes = canvas.add_subplot()
        _cells(canvas, axes, matrix, numbered)
        return _said(scene, write(node), matrix)

    cell = 10.5 if numbered else min(5.0, 80 / max(rows, columns))
    tall = 7.5 if numbered else cell
    return sheet(10 + cell * columns + (0 if numbered else 14), 8 + tall * rows, paint)


def _cells(canvas: Canvas, axes: Axes, matrix: Array, numbered: bool) -> None:
    rows, columns = matrix.shape
    finite = matrix[np.isfinite(matrix)]
    reach = float(np.max(np.abs(finite))) if finite.size else 0.0
    reach = reach or 1.0
    signed = bool(finite.size) and float(finite.min()) < 0
    # shades end where black letters are still read
    shades = [style.WARM, "#FFFFFF", style.INK] if signed else ["#FFFFFF", style.INK]
    mesh = axes.pcolormesh(
        matrix, cmap=LinearSegmentedColormap.from_list("sheet", shades), vmin=-reach if signed else 0.0, vmax=reach,
        edgecolors=style.SOFT, linewidth=0.4,
    )  # fmt: skip
    axes.set_ylim(rows, 0)
    axes.set_xlim(0, columns)
    axes.set_xticks(*_ticks(columns))
    axes.set_yticks(*_ticks(rows))
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    digits = max(0, 2 - math.floor(math.log10(reach)))
    for (i, j), value in np.ndenumerate(matrix):
        dark = abs(value) > 0.55 * reach
        if value < 0:
            axes.add_patch(_hatched(j, i, "white" if dark else style.WARM, 0.2 if numbered else 1.0))
        if numbered:
            text = _figure(float(value), digits)
            axes.text(
                j + 0.5, i + 0.52, text, ha="center", va="center", color="white" if dark else "black", fontsize=7.5
            )
    if not numbered:
        axes.set_aspect("equal")
        bar = canvas.colorbar(mesh, ax=axes, shrink=0.85, aspect=18)
        cast(Any, bar.outline).set_linewidth(0.4)


def _hatched(x: float, y: float, colour: str, size: float) -> Rectangle:
    """Strokes in a cell, or in its corner beside a number, for what is negative: seen without colours."""
    away = 0.05 if size < 1 else 0.0
    hatch = style.HATCH * (2 if size < 1 else 1)
    return Rectangle((x + away, y + away), size, size, fill=False, hatch=hatch, linewidth=0, edgecolor=colour)


def _ticks(count: int) -> tuple[Array, list[str]]:
    step = math.ceil(count / TICKS)
    numbers = np.arange(1, count + 1, step)
    return numbers - 0.5, [str(k) for k in numbers]


def _figure(value: float, digits: int) -> str:
    """A cell's number, to as many decimals as the largest one needs."""
    if not math.isfinite(value):
        return number(value)
    text = f"{value:.{digits}f}"
    return "0" if float(text) == 0 else text.replace("-", "−")


def _said(scene: Scene, name: str, matrix: Array) -> str:
    """The size of the matrix, the range of its entries, and where the largest and the smallest stand."""
    high = np.where(np.isfinite(matrix), matrix, -np.inf)
    low = np.where(np.isfinite(matrix), matrix, np.inf)
    top, bottom = (np.unravel_index(int(k), matrix.shape) for k in (np.argmax(high), np.argmin(low)))
    filled = {"rows": matrix.shape[0], "columns": matrix.shape[1], "name": name}
    if not np.isfinite(matrix).any():
        return scene.words("heatmap_none", **filled)
    if matrix[top] == matrix[bottom]:
        return scene.words("heatmap_constant", value=brief(matrix[top]), **filled)
    return scene.words(
        "heatmap", low=brief(matrix[bottom]), high=brief(matrix[top]), row=int(top[0]) + 1, column=int(top[1]) + 1,
        low_row=int(bottom[0]) + 1, low_column=int(bottom[1]) + 1, **filled,
    )  # fmt: skip

"""`contour`: level lines of a scalar over two variables, with its gradient as arrows."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas

from solver.typeset.figures import style
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.field import ARROWS, Field
from solver.typeset.figures.scene import Scene
from solver.typeset.tables import number

LEVELS = 9
SIDE = 54.0
"""The longer side of the picture, in millimetres."""


def draw(scene: Scene) -> Drawn:
    field = Field(scene)
    (x, left, right), (y, bottom, top) = field.over
    ratio = (top - bottom) / (right - left)
    # lengths of both variables alike where that leaves a picture: then arrows stand upright on level lines
    alike = 0.5 <= ratio <= 2
    width = SIDE / ratio if alike and ratio > 1 else SIDE
    height = width * (ratio if alike else 0.75)

    def paint(canvas: Canvas) -> str:
        axes = canvas.add_axes((0.15, 0.15, width / (width + 25), height / (height + 20)))
        _levels(axes, field)
        _arrows(axes, field, height / width * (right - left) / (top - bottom))
        if field.minimum is not None:
            a, b, _ = field.minimum
            axes.plot([a], [b], marker="*", markersize=8, color=style.BLACK, markeredgecolor="white", zorder=6)
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_xlabel(scene.label(x))
        axes.set_ylabel(scene.label(y), rotation=0, labelpad=8)
        for spine in axes.spines.values():
            spine.set_visible(True)
        return field.said("contour")

    return sheet(width + 25, height + 20, paint)


def _levels(axes: Axes, field: Field) -> None:
    values = field.values
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low == high:
        return
    # closer below, where a loss is looked at: squares of equal steps
    levels = low + (high - low) * np.linspace(0, 1, LEVELS + 2)[1:-1] ** 2
    shades = LinearSegmentedColormap.from_list("sheet", ["#FFFFFF", "#C9D3E0"])
    axes.contourf(field.xs, field.ys, values, levels=[low, *levels, high], cmap=shades, zorder=0)
    lines = axes.contour(field.xs, field.ys, values, levels=levels, colors=style.SOFT, linewidths=0.6, zorder=1)
    axes.clabel(lines, levels[1::2], fontsize=6.5, fmt=_level, colors=style.BLACK, inline_spacing=2)


def _level(value: float) -> str:
    return number(float(f"{value:.2g}"))


def _arrows(axes: Axes, field: Field, ratio: float) -> None:
    """Each arrow the gradient itself, to one scale; `ratio` is how much longer a unit of y is drawn than one of x."""
    starts, vectors = field.arrows
    if not len(starts) or not vectors.any():
        return
    across = (field.over[0][2] - field.over[0][1]) / ARROWS
    # the longest arrow is as long as the room between two
    longest = float(np.max(np.hypot(vectors[:, 0], vectors[:, 1] * ratio)))
    axes.quiver(
        starts[:, 0], starts[:, 1], vectors[:, 0], vectors[:, 1], angles="xy", scale_units="xy", units="width",
        scale=longest / (1.05 * across), width=0.006, headwidth=4, headlength=5, headaxislength=4.5, color=style.INK,
        zorder=4,
    )  # fmt: skip

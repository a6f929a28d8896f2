"""Diagrams of boxes, arrows and formulas: coordinates in millimetres, y upwards, sizes of formulas known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from solver.typeset.figures import style
from solver.typeset.figures.scene import parsed

Spot = tuple[float, float]


@dataclass(frozen=True)
class Measure:
    """How much room a text takes, in millimetres."""

    width: float
    height: float


def measure(text: str, size: float) -> Measure:
    """The room of a text or a formula between dollars, in letters of `size` points."""
    shown = text if text.startswith("$") else text.replace("$", r"\$")
    width, height, depth = parsed(shown, size)
    return Measure(width * style.POINT, (height + depth) * style.POINT)


@dataclass(frozen=True)
class Diagram:
    """A drawing surface that covers the whole canvas."""

    axes: Axes

    @staticmethod
    def on(canvas: Canvas, width: float, height: float) -> Diagram:
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        return Diagram(axes)

    def text(self, at: Spot, text: str, size: float, colour: str = style.BLACK, **look: Any) -> None:
        settings = {"ha": "center", "va": "center", **look}
        self.axes.text(*at, text, fontsize=size, color=colour, **settings)

    def box(self, at: Spot, width: float, height: float, *, colour: str, fill: str) -> None:
        """A box with round corners around a middle."""
        corner = (at[0] - width / 2, at[1] - height / 2)
        look: Any = {"boxstyle": "round,pad=0,rounding_size=0.9", "edgecolor": colour, "facecolor": fill}
        self.axes.add_patch(FancyBboxPatch(corner, width, height, linewidth=0.7, zorder=3, **look))

    def rectangle(self, corner: Spot, width: float, height: float, **look: Any) -> None:
        self.axes.add_patch(Rectangle(corner, width, height, **{"linewidth": 0.7, "zorder": 2, **look}))

    def arrow(self, spots: Sequence[Spot], *, colour: str, dashed: bool = False) -> None:
        """An arrow through these spots, bending between levels as it goes sideways."""
        vertices, codes = [spots[0]], [Path.MOVETO]
        for (x, y), (u, v) in pairwise(spots):
            bend = (u - x) / 2
            vertices += [(x + bend, y), (u - bend, v), (u, v)]
            codes += [Path.CURVE4] * 3
        look: Any = {"arrowstyle": "-|>,head_length=2.6,head_width=1.3", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
        self.axes.add_patch(
            FancyArrowPatch(
                path=Path(vertices, codes), color=colour, linestyle=(0, (3, 1.5)) if dashed else "-", zorder=2, **look
            )
        )

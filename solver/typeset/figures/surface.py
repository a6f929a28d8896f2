"""`surface`: the graph of a scalar over two variables, seen from aside, with the gradient on the ground below it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas

from solver.typeset.figures import style
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.field import ARROWS, Field
from solver.typeset.figures.scene import Array, Scene, brief

TURN, RISE = math.radians(-125), math.radians(28)
"""From where it is looked at: turned about the upright, and above the ground."""
HEIGHT = 0.75
"""How high the surface stands, where the sides of the ground are 1."""
GAP = 0.45
"""How far the ground lies below the lowest value."""
WIDTH = 86.0


def draw(scene: Scene) -> Drawn:
    field = Field(scene)

    def paint(canvas: Canvas) -> str:
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_aspect("equal")
        values = field.values
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        span = (high - low) or 1.0
        across, along = np.meshgrid(np.linspace(0, 1, len(field.xs)), np.linspace(0, 1, len(field.ys)))
        points = projected(across, along, (values - low) / span * HEIGHT)
        shades = LinearSegmentedColormap.from_list("sheet", ["#FFFFFF", "#8FA3BF"])
        quads, tones = _quads(points, (values - low) / span, across, along)
        ground = projected(np.array([0, 1, 1, 0, 0.0]), np.array([0, 0, 1, 1, 0.0]), np.full(5, -GAP))
        axes.fill(ground[:, 0], ground[:, 1], facecolor="#F7F8FA", edgecolor=style.SOFT, linewidth=0.6, zorder=0)
        _arrows(axes, field)
        axes.add_collection(
            PolyCollection(quads, facecolors=shades(tones), edgecolors=style.INK, linewidths=0.25, zorder=3)
        )
        _labels(axes, scene, field, low, high)
        if field.minimum is not None:
            _minimum(axes, field, low, span)
        axes.autoscale_view()
        return field.said("surface")

    return sheet(WIDTH, WIDTH * 0.8, paint)


def projected(x: Array, y: Array, z: Array) -> Array:
    """Points of the unit box on the page: turned, then tilted; no perspective, so that parallels stay parallel."""
    a, b = x - 0.5, y - 0.5
    right = -a * math.sin(TURN) + b * math.cos(TURN)
    depth = a * math.cos(TURN) + b * math.sin(TURN)
    return np.stack([right, z * math.cos(RISE) - depth * math.sin(RISE)], axis=-1)


def _quads(points: Array, tones: Array, across: Array, along: Array) -> tuple[list[Array], Array]:
    """Every second line of the grid as quadrilaterals, the farthest first."""
    depth = (across - 0.5) * math.cos(TURN) + (along - 0.5) * math.sin(TURN)
    found = []
    for i in range(0, len(points) - 2, 2):
        for j in range(0, len(points[0]) - 2, 2):
            corners = [(i, j), (i, j + 2), (i + 2, j + 2), (i + 2, j)]
            shape = np.array([points[corner] for corner in corners])
            if np.isfinite(shape).all():
                far = sum(depth[corner] for corner in corners)
                found.append((far, shape, float(np.mean([tones[corner] for corner in corners]))))
    found.sort(key=lambda each: each[0])
    return [shape for _, shape, _ in found], np.array([tone for *_, tone in found])


def _unit(field: Field, points: Array) -> tuple[Array, Array]:
    (_, left, right), (_, bottom, top) = field.over
    return (points[:, 0] - left) / (right - left), (points[:, 1] - bottom) / (top - bottom)


def _arrows(axes: Axes, field: Field) -> None:
    """The gradient on the ground: its steps in x and y, to one scale."""
    starts, vectors = field.arrows
    if not len(starts) or not vectors.any():
        return
    (_, left, right), (_, bottom, top) = field.over
    x, y = _unit(field, starts)
    steps = vectors / np.array([right - left, top - bottom])
    steps = steps / float(np.max(np.hypot(steps[:, 0], steps[:, 1]))) / ARROWS
    floor = np.full(len(x), -GAP)
    tails, heads = projected(x, y, floor), projected(x + steps[:, 0], y + steps[:, 1], floor)
    for tail, head in zip(tails, heads, strict=True):
        if np.hypot(*(head - tail)) > 0.004:
            look = {"arrowstyle": "-|>,head_length=0.16,head_width=0.07", "color": style.INK, "linewidth": 0.6,
                    "shrinkA": 0, "shrinkB": 0}  # fmt: skip
            axes.annotate("", tuple(head), tuple(tail), arrowprops=look, zorder=1)


def _labels(axes: Axes, scene: Scene, field: Field, low: float, high: float) -> None:
    """The ends of both variables along the ground's near sides, and of the values at the left."""
    (x, left, right), (y, bottom, top) = field.over
    small = {"fontsize": style.SMALL, "va": "top"}

    def put(a: float, b: float, text: str, **look: object) -> None:
        spot = projected(np.array([a]), np.array([b]), np.array([-GAP]))[0]
        axes.text(float(spot[0]), float(spot[1]) - 0.02, text, **{**small, **look})  # type: ignore[arg-type]

    # the corner (0, 0) turned towards the reader has the largest depth
    corners = [(a, b) for a in (0, 1) for b in (0, 1)]
    near = max(corners, key=lambda c: (c[0] - 0.5) * math.cos(TURN) + (c[1] - 0.5) * math.sin(TURN))
    a, b = near
    put(1 - a, b, brief((right, left)[a]), ha="center")
    put(a, 1 - b, brief((top, bottom)[b]), ha="center")
    put(a, b, f"({brief((left, right)[a])}, {brief((bottom, top)[b])})", ha="center")
    for (u, v), name in (((0.5, b), x), ((a, 0.5), y)):
        spot = projected(np.array([u]), np.array([v]), np.array([-GAP]))[0]
        side = "right" if spot[0] < 0 else "left"
        axes.text(float(spot[0]), float(spot[1]) - 0.05, scene.label(name), ha=side, va="top", fontsize=style.TEXT)
    spine = min(corners, key=lambda c: projected(np.array([c[0]]), np.array([c[1]]), np.zeros(1))[0][0])
    ends = projected(np.full(2, spine[0] * 1.0), np.full(2, spine[1] * 1.0), np.array([0, HEIGHT]))
    axes.add_collection(LineCollection([ends], colors=style.SOFT, linewidths=0.6))
    for end, value in zip(ends, (low, high), strict=True):
        axes.text(float(end[0]) - 0.03, float(end[1]), brief(value), ha="right", va="center", fontsize=style.SMALL)


def _minimum(axes: Axes, field: Field, low: float, span: float) -> None:
    """The lowest point on the surface, and below it on the ground."""
    assert field.minimum is not None
    a, b, value = field.minimum
    x, y = _unit(field, np.array([[a, b]]))
    ends = np.concatenate([projected(x, y, np.array([z])) for z in (-GAP, (value - low) / span * HEIGHT)])
    axes.plot(ends[:, 0], ends[:, 1], color=style.BLACK, linewidth=0.6, linestyle=(0, (2, 1.5)), zorder=4)
    axes.plot(ends[:, 0], ends[:, 1], color=style.BLACK, marker="*", markersize=6, markeredgecolor="white",
              markeredgewidth=0.4, linestyle="none", zorder=5)  # fmt: skip

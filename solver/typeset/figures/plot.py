"""`plot`: curves over one variable; a vector gives one for each entry, `derivative` a second panel beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from solver.expr.nodes import At, D, Node, Sym, num
from solver.expr.write import write
from solver.typeset.figures import said, style
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.scene import Array, FigureError, Scene, brief

SAMPLES = 241
CURVED = 121
"""How many values a panel of derivatives has: each costs more."""
Mark = tuple[str, float, float]


@dataclass(frozen=True)
class Curve:
    """A curve's label as it is set and as it is said, and its values; `at` gives one more."""

    shown: str
    said: str
    values: Array
    at: Callable[[float], float]


def draw(scene: Scene) -> Drawn:
    options = scene.options
    variable, low, high = cast(tuple[Sym, float, float], options["over"])
    grid = np.linspace(low, high, SAMPLES)
    curves = _curves(scene, grid)
    poles = [scene.scalar(node) for node in options.get("poles", ())]
    lines = [
        np.array([scene.scalar(node, **{variable.name: t}) for t in grid]) for node in options.get("asymptotes", ())
    ]
    marks = _marks(scene, curves[0], (low, high))
    slopes = _slopes(scene, np.linspace(low, high, CURVED)) if options.get("derivative") else []

    def paint(canvas: Canvas) -> str:
        beside = len(slopes) > 0
        panels = canvas.subplots(1, 2 if beside else 1, squeeze=False)[0]
        limits = options.get("range") or _limits([c.values for c in curves], poles)
        _panel(panels[0], grid, curves, poles, limits)
        for values in lines:
            panels[0].plot(grid, values, color=style.SOFT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1, label="_")
        for label, x, y in marks:
            _mark(panels[0], label, x, y, (low, high))
        if beside:
            _panel(panels[1], np.linspace(low, high, CURVED), slopes, poles, _limits([c.values for c in slopes], poles))
            panels[0].set_title(scene.words("panel_values"), fontsize=style.TEXT)
            panels[1].set_title(scene.words("panel_derivatives", variable=scene.label(variable)), fontsize=style.TEXT)
            canvas.subplots_adjust(wspace=0.22)
        for panel in panels:
            panel.set_xlim(low, high)
            panel.set_xlabel(scene.label(variable))
        if len(curves) > 1 or not beside:
            _legend(panels[-1], curves)
        return _said(scene, variable.name, grid, curves, slopes, poles, marks)

    return sheet(128 if slopes else 92, 48 if slopes else 54, paint)


# --- values -------------------------------------------------------------------------------------------------------


def _curves(scene: Scene, grid: Array) -> list[Curve]:
    variable = cast(Sym, scene.options["over"][0])
    found = []
    for label, node in cast(Sequence[tuple[str, Node]], scene.options["curves"]):
        values = np.stack([scene.value(node, **{variable.name: t}).reshape(-1) for t in grid], axis=1)
        for k, row in enumerate(values):
            each = At(node, (num(k + 1),)) if len(values) > 1 else node
            numbered = f"{label}, {scene.language.entry} {k + 1}" if len(values) > 1 else label
            shown, words = (numbered, numbered) if label else (scene.label(each), write(each))
            found.append(Curve(shown, words, _finite(row), _one(scene, node, variable.name, k)))
    return found


def _slopes(scene: Scene, grid: Array) -> list[Curve]:
    """The curves' derivatives by the variable, each in the look of its curve."""
    variable = cast(Sym, scene.options["over"][0])
    found = []
    for label, node in cast(Sequence[tuple[str, Node]], scene.options["curves"]):
        slope = D(node, variable)
        values = np.stack([scene.value(slope, **{variable.name: t}).reshape(-1) for t in grid], axis=1)
        for k, row in enumerate(values):
            each = At(node, (num(k + 1),)) if len(values) > 1 else node
            name = label or write(each)
            found.append(
                Curve(name, scene.words("derivative", name=name), _finite(row), _one(scene, slope, variable.name, k))
            )
    return found


def _one(scene: Scene, node: Node, name: str, entry: int) -> Callable[[float], float]:
    return lambda t: float(scene.value(node, **{name: t}).reshape(-1)[entry])


def _finite(row: Array) -> Array:
    return np.where(np.isfinite(row), row, np.nan)


def _marks(scene: Scene, curve: Curve, bounds: tuple[float, float]) -> list[Mark]:
    found = []
    for label, where in cast(Sequence[tuple[str, Sequence[Node]]], scene.options.get("points", ())):
        x = scene.scalar(where[0])
        y = scene.scalar(where[1]) if len(where) > 1 else curve.at(x)
        if not bounds[0] <= x <= bounds[1] or not np.isfinite(y):
            reason = "lies outside the bounds" if np.isfinite(y) else "has no value"
            raise FigureError(f"the point `{label}` at {brief(x)} {reason}")
        found.append((label, x, y))
    return found


def _limits(curves: Sequence[Array], poles: Sequence[float]) -> tuple[float, float] | None:
    """Where poles pull a curve away, the values that most of it takes; None where nothing need be cut."""
    if not poles:
        return None
    kept = np.concatenate([row[np.isfinite(row)] for row in curves])
    if not kept.size:
        return None
    low, high = np.quantile(kept, [0.08, 0.92])
    room = 0.6 * (high - low) or 1.0
    return float(low - room), float(high + room)


# --- painting -----------------------------------------------------------------------------------------------------


def _panel(axes: Axes, grid: Array, curves: Sequence[Curve], poles: Sequence[float], limits: Any) -> None:
    for k, curve in enumerate(curves):
        axes.plot(*_broken(grid, curve.values, poles), label=curve.shown, **style.line(k))
    if limits is not None:
        axes.set_ylim(*limits)
    low, high = axes.get_ylim()
    if low < 0 < high:
        axes.axhline(0, color=style.SOFT, linewidth=0.5, zorder=0)
    for pole in poles:
        axes.axvline(pole, color=style.SOFT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)


def _broken(grid: Array, values: Array, poles: Sequence[float]) -> tuple[Array, Array]:
    """The curve with a gap at every pole."""
    for pole in poles:
        place = int(np.searchsorted(grid, pole))
        grid, values = np.insert(grid, place, pole), np.insert(values, place, np.nan)
        values = np.where(grid == pole, np.nan, values)
    return grid, values


def _mark(axes: Axes, label: str, x: float, y: float, bounds: tuple[float, float]) -> None:
    right = x > bounds[0] + 0.6 * (bounds[1] - bounds[0])
    low, high = axes.get_ylim()
    above = y < low + 0.8 * (high - low)
    axes.plot([x], [y], marker="o", markersize=3.6, color=style.BLACK, linestyle="none", zorder=5, label="_")
    axes.annotate(
        label, (x, y), xytext=(-4 if right else 4, 4 if above else -4), textcoords="offset points",
        ha="right" if right else "left", va="bottom" if above else "top", fontsize=style.SMALL + 0.5,
    )  # fmt: skip


def _legend(axes: Axes, curves: Sequence[Curve]) -> None:
    """The curves' names at the right, in the order in which the curves end there."""

    def last(k: int) -> float:
        kept = curves[k].values[np.isfinite(curves[k].values)]
        return -float(kept[-1]) if kept.size else np.inf

    handles, _ = axes.get_legend_handles_labels()
    order = sorted(range(len(curves)), key=last)
    axes.legend(
        [handles[k] for k in order], [curves[k].shown for k in order], frameon=False, handlelength=2.4,
        loc="center left", bbox_to_anchor=(1.01, 0.5), borderaxespad=0.0,
    )  # fmt: skip


# --- words --------------------------------------------------------------------------------------------------------


def _said(
    scene: Scene, variable: str, grid: Array, curves: Sequence[Curve], slopes: Sequence[Curve], poles: Sequence[float],
    marks: Sequence[Mark],
) -> str:  # fmt: skip
    named = [(curve.said, curve.values) for curve in curves]
    sentences = [said.plot(variable, grid, named, scene.language)]
    for curve in curves[: said.MANY]:
        zeros = said.zeros(grid, curve.values, curve.at, poles)
        if zeros:
            sentences.append(scene.words("zeros", name=curve.said, variable=variable, at=said.listed(zeros, scene)))
    for k, one in enumerate(curves[: said.MANY]):
        for other in curves[k + 1 : said.MANY]:
            where = said.crossings(grid, one, other, poles)
            if where:
                filled = {"one": one.said, "other": other.said, "variable": variable}
                sentences.append(scene.words("cross", at=said.listed(where, scene), **filled))
    if slopes:
        grid = np.linspace(grid[0], grid[-1], CURVED)
        courses = [f"{curve.said} {said.course(variable, grid, curve.values, scene.language)}" for curve in slopes]
        sentences.append(scene.words("beside", courses="; ".join(courses)))
    lines = [write(node) for node in scene.options.get("asymptotes", ())]
    if lines:
        sentences.append(scene.words("asymptotes", lines=", ".join(lines)))
    if poles:
        sentences.append(scene.words("poles", variable=variable, at=said.listed(poles, scene)))
    if marks:
        points = "; ".join(f"{label} ({brief(x)}, {brief(y)})" for label, x, y in marks)
        sentences.append(scene.words("points", points=points))
    return " ".join(sentences)

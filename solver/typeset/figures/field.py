"""A scalar over two variables on a grid: its values, its exact gradient, its lowest point, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from solver.expr.nodes import D, Node, Sym
from solver.expr.write import write
from solver.typeset.figures.scene import Array, FigureError, Scene, brief

GRID = 41
"""How many values there are along each side."""
ARROWS = 9
"""How many arrows at most along each side."""


@dataclass(frozen=True)
class Field:
    """The values `f(x, y)` on a grid; `xs` run along columns, `ys` along rows."""

    scene: Scene

    @property
    def node(self) -> Node:
        return cast(Node, self.scene.options["of"])

    @property
    def over(self) -> tuple[tuple[Sym, float, float], tuple[Sym, float, float]]:
        return cast("tuple[tuple[Sym, float, float], tuple[Sym, float, float]]", self.scene.options["over"])

    @cached_property
    def xs(self) -> Array:
        return np.linspace(self.over[0][1], self.over[0][2], GRID)

    @cached_property
    def ys(self) -> Array:
        return np.linspace(self.over[1][1], self.over[1][2], GRID)

    def at(self, x: float, y: float) -> float:
        return self.scene.scalar(self.node, **{self.over[0][0].name: float(x), self.over[1][0].name: float(y)})

    @cached_property
    def values(self) -> Array:
        found = np.array([[self.at(x, y) for x in self.xs] for y in self.ys])
        if not np.isfinite(found).any():
            raise FigureError(f"{write(self.node)} has no value between these bounds")
        return np.where(np.isfinite(found), found, np.nan)

    @cached_property
    def arrows(self) -> tuple[Array, Array]:
        """Where arrows start and the vectors along them, each a row: the judge's gradient, downhill if so asked."""
        sign = {"descent": -1.0, "gradient": 1.0}.get(self.scene.options["arrows"], 0.0)
        if not sign:
            return np.zeros((0, 2)), np.zeros((0, 2))
        (x, left, right), (y, bottom, top) = self.over
        step_x, step_y = (right - left) / ARROWS, (top - bottom) / ARROWS
        starts, vectors = [], []
        for b in bottom + step_y * (np.arange(ARROWS) + 0.5):
            for a in left + step_x * (np.arange(ARROWS) + 0.5):
                here = {x.name: float(a), y.name: float(b)}
                slope = [float(self.scene.exact(D(self.node, each), **here).reshape(())) for each in (x, y)]
                if np.isfinite(slope).all():
                    starts.append((float(a), float(b)))
                    vectors.append([sign * each for each in slope])
        return np.array(starts).reshape(-1, 2), np.array(vectors).reshape(-1, 2)

    @cached_property
    def minimum(self) -> tuple[float, float, float] | None:
        """The minimum that was given, with its value; FigureError where the grid has a lower value."""
        given = cast("Sequence[Node] | None", self.scene.options["minimum"])
        if given is None:
            return None
        x, y = (self.scene.scalar(node) for node in given)
        (_, left, right), (_, bottom, top) = self.over
        value = self.at(x, y)
        if not (left <= x <= right and bottom <= y <= top) or not np.isfinite(value):
            raise FigureError(f"the minimum at {brief(x)}, {brief(y)} lies outside the bounds or has no value")
        row, column = np.unravel_index(int(np.nanargmin(self.values)), self.values.shape)
        lower = self.values[row, column]
        if lower < value - 1e-9 * max(1.0, abs(value)):
            where = f"{brief(self.xs[column])}, {brief(self.ys[row])}"
            raise FigureError(
                f"the value {brief(value)} at {brief(x)}, {brief(y)} is no minimum: at {where} it is {brief(lower)}"
            )
        return x, y, value

    def said(self, kind: str) -> str:
        scene, ((x, left, right), (y, bottom, top)) = self.scene, self.over
        names = {"x": x.name, "y": y.name}
        ends = {"left": brief(left), "right": brief(right), "bottom": brief(bottom), "top": brief(top)}
        sentences = [scene.words(kind, name=write(self.node), **names, **ends)]
        low = np.unravel_index(int(np.nanargmin(self.values)), self.values.shape)
        high = np.unravel_index(int(np.nanargmax(self.values)), self.values.shape)
        least, most = brief(self.values[low]), brief(self.values[high])
        if least == most:
            sentences.append(scene.words("field_constant", low=least))
        else:
            sentences.append(
                scene.words(
                    "field_ends",
                    low=least,
                    high=most,
                    low_x=brief(self.xs[low[1]]),
                    low_y=brief(self.ys[low[0]]),
                    high_x=brief(self.xs[high[1]]),
                    high_y=brief(self.ys[high[0]]),
                    **names,
                )
            )
        starts, vectors = self.arrows
        if len(starts) and vectors.any():
            longest = int(np.argmax(np.hypot(vectors[:, 0], vectors[:, 1])))
            filled = {"size": brief(np.hypot(*vectors[longest])), "at_x": brief(starts[longest][0])}
            key = f"arrows_{scene.options['arrows']}"
            sentences.append(scene.words(key, at_y=brief(starts[longest][1]), **filled, **names))
        if self.minimum is not None:
            at_x, at_y, value = map(brief, self.minimum)
            sentences.append(scene.words("minimum", value=value, at_x=at_x, at_y=at_y, **names))
        return " ".join(sentences)

"""What a figure is drawn from: its settings, the problem, the words; and the values of its expressions.

Values are float64's, as NumPy computes them; where a derivative stands in an expression, the judge's, from the
statement by power series in ball arithmetic, rounded to float64 at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np
from flint import arb, fmpq
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from solver.check.balls import precision
from solver.check.evaluate import Evaluator
from solver.check.meaning import Meaning
from solver.check.point import Point as ExactPoint
from solver.expr.nodes import Call, D, Node, Sym, symbols, walk
from solver.expr.numeric import NumericError, Point, evaluate, point_of
from solver.expr.shapes import Shape
from solver.expr.write import write
from solver.language.catalogue import Catalogue
from solver.spec.problem import Problem, Symbol
from solver.typeset import latex
from solver.typeset.figures import style
from solver.typeset.figures.refused import FigureError
from solver.typeset.page import context_of
from solver.typeset.setting import Context
from solver.typeset.tables import number

Array = np.ndarray[Any, Any]
BITS = 128
"""The precision of exact values: float64 keeps 53 of them."""


@dataclass(frozen=True)
class Scene:
    """A figure's settings with the problem that it belongs to."""

    options: Mapping[str, Any]
    problem: Problem
    language: Catalogue
    _derived: dict[Node, bool] = field(default_factory=dict, compare=False)

    # --- words --------------------------------------------------------------------------------------------------------

    def words(self, key: str, **filled: object) -> str:
        """A sentence of the catalogue, with what it names filled in."""
        return self.language.figures[key].format(**filled)

    @cached_property
    def context(self) -> Context:
        return replace(context_of(self.problem), bold=r"\boldsymbol")

    def label(self, node: Node, size: float = style.TEXT) -> str:
        """The formula as matplotlib sets it; in the problem language where it has no sign for something."""
        tex = f"${latex.latex(node, self.context, style='inline').tex}$"
        try:
            parsed(tex, size)
        except ValueError:
            return write(node)
        return tex

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self, node: Node, **own: float) -> Array:
        """The float64 value where the figure's own variables have these values."""
        if self._holds_derivative(node):
            return self.exact(node, **own)
        start = Point({name: np.asarray(value) for name, value in own.items()}, self.sizes, self.problem.define)
        return evaluate(node, self._point(start) if self.options.get("at") else start)

    def scalar(self, node: Node, **own: float) -> float:
        return float(self.value(node, **own).reshape(()))

    def exact(self, node: Node, **own: float) -> Array:
        """The value by the judge's arithmetic, rounded once; NaN where there is none."""
        values = {name: rational(value) for name, value in own.items()}
        return rounded(self.balls(node, ExactPoint(self.sizes, values)))

    def balls(self, node: Node, point: ExactPoint) -> Array:
        with precision(BITS):
            found: Array = Evaluator(self._meaning, point).value(node, self._indices)
            return found

    @property
    def sizes(self) -> Mapping[str, int]:
        return cast(Mapping[str, int], self.options.get("sizes") or {})

    @cached_property
    def _shapes(self) -> dict[str, Shape]:
        shapes = {name: symbol.shape for name, symbol in self.problem.symbols.items()}
        return shapes | {name: value.shape for name, value in self.problem.define.items()}

    def _point(self, start: Point) -> Point:
        """The point that `at` describes: each entry an expression, evaluated at `start`."""

        def valued(entry: object) -> object:
            if isinstance(entry, Node):
                return float(evaluate(entry, start).reshape(()))
            return [valued(each) for each in cast(Sequence[object], entry)]

        entries = cast(Mapping[str, object], self.options["at"])
        numbers = {name: entry for name, entry in entries.items() if isinstance(entry, Node) and not symbols(entry)}
        start = replace(start, values={**{n: evaluate(entry, Point()) for n, entry in numbers.items()}, **start.values})
        given = {name: valued(entry) for name, entry in entries.items()}
        point = point_of(given, self._shapes, self.problem.define, self.sizes)
        return replace(point, values={**start.values, **point.values})

    @property
    def given(self) -> Mapping[str, Array]:
        """The values of `at`, where no variable of the figure's own stands in them."""
        return self._point(Point()).values

    @cached_property
    def _indices(self) -> dict[str, int]:
        given = self.options.get("at") or {}
        return {
            name: round(float(evaluate(entry, Point()))) for name, entry in given.items() if name not in self._shapes
        }

    @cached_property
    def _meaning(self) -> Meaning:
        """The problem's names, and those of `at` defined by their entries: so a derivative goes through these too."""
        given = {name: entry for name, entry in (self.options.get("at") or {}).items() if name in self._shapes}
        define = {**self.problem.define, **{name: stacked(entry, self._shapes[name]) for name, entry in given.items()}}
        over = self.options.get("over", ())
        own = [over[0]] if over and isinstance(over[0], Sym) else [symbol for symbol, *_ in over]
        symbols = {symbol.name: Symbol(symbol.name) for symbol in own}
        return Meaning({**self.problem.symbols, **symbols}, define)

    def _holds_derivative(self, node: Node) -> bool:
        if node not in self._derived:
            below = [self.problem.define[name] for name in symbols(node) if name in self.problem.define]
            self._derived[node] = any(isinstance(part, D) for part in walk(node)) or any(
                self._holds_derivative(each) for each in below
            )
        return self._derived[node]


def parsed(tex: str, size: float) -> tuple[float, float, float]:
    """The width, height and depth of a formula between dollars, letters of `size` points; ValueError for no formula."""
    return _parsed(tex, size, f"{rcParams['font.family']}, {rcParams['mathtext.fontset']}, {rcParams['mathtext.rm']}")


@lru_cache(maxsize=1000)
def _parsed(tex: str, size: float, fonts: str) -> tuple[float, float, float]:
    # a diagram asks for the same formulas time and again, of which matplotlib itself keeps but 50
    width, height, depth, *_ = MathTextParser("path").parse(tex, dpi=72, prop=FontProperties(size=size))
    return width, height, depth


def stacked(entry: object, shape: Shape) -> Node:
    """Entries put together: a number, a row or a column as the shape lies, or rows of a matrix."""
    if isinstance(entry, Node):
        return entry
    entries = tuple(cast(Sequence[object], entry))
    if not isinstance(entries[0], Node):
        return Call("vstack", tuple(stacked(row, ()) for row in entries))
    lying = shape and shape[1].number == 1 and shape[0].number != 1
    return Call("vstack" if lying else "hstack", cast(tuple[Node, ...], entries))


def rational(value: Any) -> Array:
    """Floats as the rational numbers that they are, with rows and columns."""
    array = np.atleast_2d(np.asarray(value, dtype=float))
    found = np.empty(array.shape, dtype=object)
    for place, entry in np.ndenumerate(array):
        found[place] = fmpq(*float(entry).as_integer_ratio())
    return found


def rounded(balls: Array) -> Array:
    """The nearest floats; NaN where a value is undefined or cannot be told."""
    found = np.empty(balls.shape)
    for place, ball in np.ndenumerate(balls):
        found[place] = float(ball.mid()) if arb(ball).is_finite() else np.nan
    return found


def brief(value: Any) -> str:
    """A number to four figures, for texts."""
    return number(float(f"{float(value):.4g}") + 0.0)


__all__ = ["Array", "FigureError", "NumericError", "Scene", "brief", "rational", "rounded", "stacked"]

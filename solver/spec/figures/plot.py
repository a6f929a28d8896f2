"""`plot`: curves over one variable, with their derivatives beside, asymptotes, poles and marked points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from solver.expr.nodes import Node
from solver.expr.shapes import describe, is_vector
from solver.spec.figures.kind import (
    Bound,
    PointedModel,
    Variable,
    constant,
    figure,
    has_values,
    interval,
    together,
    variable,
)
from solver.spec.forms import OneOrMany, wrapped
from solver.spec.leaves import Expression, Flag, Label, LabelKey, Named
from solver.spec.reading import Reading
from solver.spec.tree import Fields, Items, Key, Scalar, placed

MAX_CURVES = 12
MAX_MARKS = 12


@dataclass(frozen=True)
class _Curves:
    """A list of expressions or of `label: expression`, or one mapping of them; read as a list of mappings."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._listed, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        listed = handler(schema)
        bare = {"type": ["string", "number"]}
        return {"anyOf": [{**listed, "items": {"anyOf": [bare, listed["items"]]}}, listed["items"], bare]}

    def _listed(self, value: object) -> object:
        if isinstance(value, Scalar):
            return placed(Items([wrapped(value, "")]), value.source, value.start, value.end)
        if isinstance(value, Fields):
            each = [placed(Fields({key: item}), value.source, value.start, value.end) for key, item in value.items()]
            return placed(Items(each), value.source, value.start, value.end)
        if isinstance(value, Items):
            each = [wrapped(item, "") if isinstance(item, Scalar) else item for item in value]
            return placed(Items(each), value.source, value.start, value.end)
        return value


Curves = Annotated[list[dict[Annotated[Key, LabelKey(optional=True)], Expression]], _Curves()]
Marks = Annotated[list[Expression], OneOrMany()]


@figure("plot")
class PlotModel(PointedModel):
    """Curves over one scalar variable.

    Read as `curves` (pairs of a label and a node: a vector gives a curve for each entry), `over` (the variable and
    its two bounds), `derivative`, `asymptotes` (nodes), `poles` (nodes without names), `points` (a label and the
    point's one or two coordinates), `range` (two bounds or None), `at` (nodes by name) and `sizes`.
    """

    curves: Curves = Field(
        description="Expressions, each with a label if wanted.",
        min_length=1,
        max_length=MAX_CURVES,
        examples=[["tanh(t)", {"derivative": "1 - tanh(t)**2"}]],
    )
    over: dict[Named, list[Bound]] = Field(
        description="The variable and its bounds; a name that is not declared is a scalar of the plot's own.",
        min_length=1,
        max_length=1,
        examples=[{"t": [-4, 4]}],
    )
    derivative: Flag | None = Field(None, description="Whether the curves' derivatives are drawn in a panel beside.")
    asymptotes: Marks | None = Field(
        None,
        description="Lines that curves come near to: expressions in the variable, a number for a level line.",
        max_length=MAX_MARKS,
        examples=[[1, -1], "t"],
    )
    poles: Marks | None = Field(
        None,
        description="Values of the variable where a curve has a vertical asymptote.",
        max_length=MAX_MARKS,
        examples=[[0]],
    )
    points: dict[Label, Annotated[list[Expression], OneOrMany()]] | None = Field(
        None,
        description="Marked points by their labels: a value of the variable, on the first curve, or both coordinates.",
        max_length=MAX_MARKS,
        examples=[{"inflection": 0, "minimum": [1, "-1/2"]}],
    )
    range_: list[Bound] | None = Field(
        None, alias="range", description="The lowest and the highest value that is shown.", examples=[[-1, 5]]
    )

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        over = variable(reading, *next(iter(self.over.items())))
        if over is None:
            return None
        inside = reading.within(variables=[over[0]])
        curves = [self._curve(inside, label, at) for each in self.curves for label, at in each.items()]
        read = [curve for curve in curves if curve is not None]
        lines = [node for at in self.asymptotes or () if (node := self._scalar(inside, at)) is not None]
        settled = self.settled(inside, [*(node for _, node in read), *lines])
        marks = self._marks(reading, over)
        if len(read) < len(curves) or len(lines) < len(self.asymptotes or ()):
            return None
        own = {"curves": tuple(read), "over": over, "asymptotes": tuple(lines), "derivative": bool(self.derivative)}
        return together(own, marks, settled)

    def _curve(self, reading: Reading, label: Key, at: Scalar) -> tuple[str, Node] | None:
        node = reading.expression(at)
        if node is None or not has_values(reading, at, node):
            return None
        if node.shape and not is_vector(node.shape):
            reading.report(at, f"a curve is of a scalar or a vector, and this is {describe(node.shape)}")
            return None
        return (reading.text(label.scalar) if label else "", node)

    def _scalar(self, reading: Reading, at: Scalar) -> Node | None:
        node = reading.expression(at)
        if node is not None and node.shape:
            reading.report(at, f"an asymptote is a scalar, and this is {describe(node.shape)}")
            return None
        return node

    def _marks(self, reading: Reading, over: Variable) -> Mapping[str, object] | None:
        """Poles, points and the range."""
        poles = [constant(reading, at) for at in self.poles or ()]
        points = []
        for label, at in (self.points or {}).items():
            where = [constant(reading, each) for each in at]
            if len(where) > 2:
                reading.report(at[2], f"a point has two coordinates, and {len(where)} are given")
                where = [None]
            points.append((reading.text(label.scalar), where))
        found = None
        if self.range_ is not None:
            found = interval(reading, self.place[Key("range")], self.range_, "range")
        nodes = [*poles, *(node for _, where in points for node in where)]
        if None in nodes or (self.range_ is not None and found is None):
            return None
        marked = tuple((label, tuple(where)) for label, where in points)
        return {"poles": tuple(poles), "points": marked, "range": found}

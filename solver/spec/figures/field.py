"""`contour` and `surface`: a scalar over two variables, as level lines or seen from aside, with its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from solver.expr.shapes import describe, is_single
from solver.spec.figures.kind import Bound, PointedModel, constant, figure, has_values, variable
from solver.spec.leaves import Expression, Named, choice
from solver.spec.reading import Reading
from solver.spec.tree import Scalar

ARROWS = ("descent", "gradient", "none")


class FieldModel(PointedModel):
    """A scalar over two variables.

    Read as `of` (a node), `over` (two variables with their bounds), `arrows`, `minimum` (two nodes or None), `at`
    (nodes by name) and `sizes`.
    """

    of: Expression = Field(description="A scalar, such as a loss.", examples=["L"])
    over: dict[Named, list[Bound]] = Field(
        description="Two variables with their bounds; a name that is not declared is a scalar of the figure's own, "
        "for use in `at`.",
        min_length=2,
        max_length=2,
        examples=[{"u": [-2, 2], "v": [-1, 3]}],
    )
    arrows: Annotated[Scalar, choice(ARROWS, "way to draw the gradient")] | None = Field(
        None, description="The arrows: the negative gradient (`descent`), the gradient, or none. Left out: `descent`."
    )
    minimum: list[Expression] | None = Field(
        None,
        description="Where the smallest value lies: a number for each variable.",
        min_length=2,
        max_length=2,
        examples=[[1, "1/2"]],
    )

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        found = [variable(reading, key, bounds) for key, bounds in self.over.items()]
        over = [each for each in found if each is not None]
        if len(over) < 2:
            return None
        inside = reading.within(variables=[symbol for symbol, _, _ in over])
        node = inside.expression(self.of)
        if node is not None and not is_single(node.shape):
            reading.report(self.of, f"a {self.kind} is of a scalar, and this is {describe(node.shape)}")
            node = None
        if node is not None and not has_values(reading, self.of, node):
            node = None
        settled = self.settled(inside, [] if node is None else [node])
        lowest = None if self.minimum is None else tuple(constant(reading, at) for at in self.minimum)
        if node is None or settled is None or (lowest is not None and None in lowest):
            return None
        arrows = self.arrows.text if self.arrows is not None else ARROWS[0]
        return {"of": node, "over": tuple(over), "arrows": arrows, "minimum": lowest, **settled}


@figure("contour")
class ContourModel(FieldModel):
    """Level lines of a scalar over two variables, with arrows along its gradient."""


@figure("surface")
class SurfaceModel(FieldModel):
    """The graph of a scalar over two variables, seen from aside, with arrows along its gradient on the ground."""

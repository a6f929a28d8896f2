"""`heatmap`: a matrix or a vector at one point, as colours."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from solver.spec.figures.kind import PointedModel, figure, has_values
from solver.spec.leaves import Expression
from solver.spec.reading import Reading


@figure("heatmap")
class HeatmapModel(PointedModel):
    """A matrix or a vector at one point, as colours. Read as `of` (a node), `at` (nodes by name) and `sizes`."""

    of: Expression = Field(description="What is shown.", examples=["D(softmax(theta), theta)"])

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        node = reading.expression(self.of)
        if node is not None and not node.shape:
            reading.report(self.of, "a heatmap is of a matrix or a vector, and this is a scalar")
            node = None
        if node is not None and not has_values(reading, self.of, node):
            node = None
        settled = self.settled(reading, [] if node is None else [node])
        return None if node is None or settled is None else {"of": node, **settled}

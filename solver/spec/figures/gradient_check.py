"""`gradient-check`: the error of difference quotients against their step."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from solver.expr.nodes import D, Node
from solver.expr.shapes import describe, is_single
from solver.spec.figures.kind import PointedModel, figure, has_values
from solver.spec.leaves import Expression
from solver.spec.reading import Reading


@figure("gradient-check")
class GradientCheckModel(PointedModel):
    """The error of forward and central differences at one point, against the step.

    Read as `of` (a scalar node), `wrt` (a node), `formula` (a node or None), `at` (nodes by name, or None for a point
    that is drawn at random) and `sizes`.
    """

    of: Expression = Field(description="A scalar.", examples=["L"])
    wrt: Expression = Field(description="The variable: a symbol or an entry of one.", examples=["W1", "W1[1, 2]"])
    formula: Expression | None = Field(
        None, description="The gradient as a formula; its own error is drawn as a line.", examples=["h.T @ (yhat - y)"]
    )

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        of = reading.expression(self.of)
        found = reading.variable(self.wrt)
        if of is not None and not is_single(of.shape):
            reading.report(self.of, f"a gradient is of a scalar, and this is {describe(of.shape)}")
            return None
        if of is None or found is None or not has_values(reading, self.of, of):
            return None
        wrt, free = found
        if free:
            reading.report(self.wrt, f"`{free[0].name}` is no number: one entry is varied", "as in `W[1, 2]`")
            return None
        formula = None
        if self.formula is not None:
            formula = reading.expression(self.formula)
            if formula is None or not has_values(reading, self.formula, formula):
                return None
            if formula.shape != wrt.shape and not (is_single(formula.shape) and is_single(wrt.shape)):
                message = f"the formula is {describe(formula.shape)}, and the variable {describe(wrt.shape)}"
                reading.report(self.formula, message, "a gradient lies as its variable does")
                return None
        needed: list[Node] = [D(of, wrt), *([formula] if formula is not None else [])]
        settled: Mapping[str, object] | None = {"at": None, "sizes": {}}
        if "at" in self.place:
            settled = self.settled(reading, needed)
        return None if settled is None else {"of": of, "wrt": wrt, "formula": formula, **settled}

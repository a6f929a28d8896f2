"""Authored lines: an equation or a next right side, with a reason and facts; a line that cannot be read says why."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from solver.expr.nodes import Node
from solver.expr.read import ReadError, read, read_equation
from solver.expr.shapes import ShapeError
from solver.spec.forms import OneOrMany, Short
from solver.spec.leaves import Expression, Text
from solver.spec.models import Model
from solver.spec.problem import AuthoredLine
from solver.spec.reading import Reading


class LineModel(Model):
    """One line of an authored derivation."""

    where = "a line of `steps`"
    line: Expression = Field(
        description="`lhs = rhs` or `= rhs`, in the problem language, or LaTeX between dollars.",
        examples=[
            "D(CE, theta) = yhat - y",
            "= sigmoid(x)*(1 - sigmoid(x))",
            r"$\frac{\partial J}{\partial h} = \delta W^T$",
        ],
    )
    reason: Text | None = Field(None, description="Why it holds, in words.", examples=["quotient rule"])
    facts: Annotated[list[Text], OneOrMany()] | None = Field(
        None, description="What it uses of the data.", examples=[["sum(y) == 1"]]
    )


Line = Annotated[LineModel, Short("line")]


def read_line(reading: Reading, model: LineModel) -> AuthoredLine:
    """The line; one that cannot be read is kept, for the judge to report, with the reason in `problem`."""
    text = model.line.text.strip()
    facts = tuple(reading.text(fact) for fact in model.facts or ())
    lhs: Node | None = None
    rhs: Node | None = None
    problem = ""
    place = model.line.place
    if not is_latex(text):
        try:
            lhs, rhs = _sides(reading, model.line.text.replace("\n", " "))
        except ReadError as error:
            problem = f"{error.message}; {error.hint}" if error.hint else error.message
            place = model.line.mistake("", "", error.start, error.end).place
        except ShapeError as error:
            problem = f"{error.message}; {error.hint}" if error.hint else error.message
    return AuthoredLine(lhs, rhs, text, place, reading.text(model.reason), facts, problem)


def is_latex(text: str) -> bool:
    """Whether a line is LaTeX: it stands between dollars."""
    return len(text) > 2 and text.startswith("$") and text.endswith("$")


def _sides(reading: Reading, text: str) -> tuple[Node | None, Node]:
    sign = re.match(r"\s*==?", text)
    if sign:
        # the sign is blank to the reader, so that places in the text stay what they are
        return None, read(" " * sign.end() + text[sign.end() :], reading.scope)
    return read_equation(text, reading.scope)

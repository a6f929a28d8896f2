"""Authored lines: an equation or a next right side, with a reason and facts, in the problem language or in LaTeX.

A line that cannot be read, or whose shapes do not fit, is kept with its mistake: the judge says so of that line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from solver.expr.nodes import Node
from solver.expr.read import ReadError, read, read_equation
from solver.latex import LatexError, LatexLine, read_latex_lines
from solver.spec.forms import OneOrMany, Short
from solver.spec.leaves import Expression, Text
from solver.spec.models import Model
from solver.spec.notation import is_latex, latex_in
from solver.spec.problem import AuthoredLine
from solver.spec.reading import Reading


class LineModel(Model):
    """One line of an authored derivation."""

    where = "a line of `steps`"
    line: Expression = Field(
        description="`lhs = rhs` or `= rhs`, in the problem language, or LaTeX between dollars, or an `align`.",
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
_SIGN = re.compile(r"\s*==?")


def read_lines(reading: Reading, models: Sequence[LineModel]) -> tuple[AuthoredLine, ...]:
    """The lines of a derivation, in order; LaTeX of several rows gives several."""
    found = [(line, model) for model in models for line in _lines(reading, model)]
    return tuple(_connected(found))


def _connected(found: Sequence[tuple[AuthoredLine, LineModel]]) -> Iterator[AuthoredLine]:
    """The lines, each next right side with something before it, each left side alone with something after it."""
    begun = False
    for number, (line, model) in enumerate(found):
        after = found[number + 1][0] if number + 1 < len(found) else None
        if line.mistake is None and line.lhs is None and not begun:
            why = "the line that it goes on from cannot be read" if number else "a first line has a left side too"
            yield _mistaken(line, model, why, "write `lhs = rhs`")
        elif line.mistake is None and line.rhs is None and (after is None or after.lhs is not None):
            either = "write `lhs = rhs`, or `= rhs` to go on from the line before" if begun else "write `lhs = rhs`"
            yield _mistaken(replace(line, lhs=None), model, "there is no equals sign in this line", either)
        else:
            yield line
        begun = begun or line.lhs is not None


def _mistaken(line: AuthoredLine, model: LineModel, message: str, hint: str) -> AuthoredLine:
    start = model.line.text.find(line.text)
    mistake = model.line.mistake(message, hint, max(start, 0), max(start, 0) + len(line.text))
    return replace(line, rhs=None, place=mistake.place, mistake=mistake)


def _lines(reading: Reading, model: LineModel) -> Iterable[AuthoredLine]:
    return _latex(reading, model) if is_latex(model.line.text) else [_written(reading, model)]


# --- in the problem language ----------------------------------------------------------------------------------------


def _written(reading: Reading, model: LineModel) -> AuthoredLine:
    text = model.line.text.replace("\n", " ")
    facts = tuple(reading.text(fact) for fact in model.facts or ())
    line = AuthoredLine(None, None, text.strip(), model.line.place, reading.text(model.reason), facts)
    try:
        lhs, rhs = _sides(reading, text)
    except ReadError as error:
        hint = error.hint
        if "\\" in text and not error.misfit:
            hint = r"LaTeX stands between dollars: `$\frac{…}{…} = …$`"
        mistake = model.line.mistake(error.message, hint, error.start, error.end)
        return replace(
            line, lhs=_left(reading, text), place=mistake.place, mistake=mistake, misfit=error.misfit
        )  # fmt: skip
    return replace(line, lhs=lhs, rhs=rhs)


def _sides(reading: Reading, text: str) -> tuple[Node | None, Node | None]:
    sign = _SIGN.match(text)
    if sign:
        # the sign is blank to the reader, so that places in the text stay what they are
        return None, read(" " * sign.end() + text[sign.end() :], reading.scope)
    if not re.search(r"(?<![!<>=])=", text):
        return read(text, reading.scope), None
    return read_equation(text, reading.scope)


def _left(reading: Reading, text: str) -> Node | None:
    """The left side of an equation whose right side cannot be read; None where it cannot be read either."""
    left, sign, _ = text.partition("=")
    try:
        return read(left, reading.scope) if sign and left.strip() else None
    except ReadError:
        return None


# --- in LaTeX -------------------------------------------------------------------------------------------------------


def _latex(reading: Reading, model: LineModel) -> Iterator[AuthoredLine]:
    """The rows of a text in LaTeX, with the words that stand beside them for reasons."""
    at = model.line
    reason, facts = reading.text(model.reason), tuple(reading.text(fact) for fact in model.facts or ())
    whole = AuthoredLine(None, None, at.text.strip(), at.place, reason, facts)
    inside = latex_in(at.text)
    if inside is None:
        mistake = at.mistake("the closing mark of this LaTeX is missing", "write it as `$…$`", 0, 2)
        yield replace(whole, mistake=mistake)
        return
    start, end = inside
    try:
        rows = read_latex_lines(at.text[start:end], reading.scope, reading.define)
    except LatexError as error:
        rows = [LatexLine(None, None, 0, end - start, "", error)]
    if not rows:
        yield replace(whole, mistake=at.mistake("nothing stands in this line"))
    for row in rows:
        wrong = row.error
        first, last = (wrong.start, wrong.end) if wrong is not None else (row.start, row.end)
        mistake = at.mistake(wrong.message if wrong else "", wrong.hint if wrong else "", start + first, start + last)
        yield AuthoredLine(
            row.lhs, row.rhs, at.text[start + row.start : start + row.end].strip(), mistake.place,
            reason or row.words.replace("`", "'"), facts, mistake if wrong is not None else None,
            wrong is not None and wrong.misfit,
        )  # fmt: skip

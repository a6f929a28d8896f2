"""The table of a discussion: what float64 really gives for each formula at each input."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from solver.expr.nodes import Neg, Num, Sym
from solver.expr.numeric import NumericError, evaluate, point_of
from solver.expr.shapes import Shape
from solver.language.catalogue import Catalogue
from solver.spec.problem import Discuss, Problem
from solver.spec.texts import Piece
from solver.typeset.view import Column, TableView, Words

if TYPE_CHECKING:
    import numpy as np

MOST_ENTRIES = 6
"""How many entries of a vector a cell shows."""


def discussed(ask: Discuss, problem: Problem, language: Catalogue) -> TableView | None:
    """The values of the columns' formulas at the rows' inputs, as float64 computes them; None without columns.

    NumericError names the column where an input lacks a value.
    """
    if not ask.columns or not ask.rows:
        return None
    shapes = {name: symbol.shape for name, symbol in problem.symbols.items()}
    shapes |= {name: value.shape for name, value in problem.define.items()}
    rows = []
    for row in ask.rows:
        cells = [Words((row.label,)) if row.label else _inputs(row.values, shapes)]
        for label, formula in ask.columns:
            try:
                value = evaluate(formula, point_of(row.values, shapes, problem.define, row.sizes))
            except NumericError as error:
                raise NumericError(f"table, column {label!r}: {error}") from error
            cells.append(Words((shown(value),)))
        rows.append(tuple(cells))
    columns = tuple(Column(Words((label,)) if label else Words(), formula) for label, formula in ask.columns)
    return TableView(Words((language.row_label,)), columns, tuple(rows))


def _inputs(values: Mapping[str, object], shapes: Mapping[str, Shape]) -> Words:
    pieces: list[Piece] = []
    for name, value in values.items():
        pieces += [", "] if pieces else []
        pieces += [Sym(name, shapes.get(name, ())), " = ", *_given(value)]
    return Words(tuple(pieces))


def _given(value: object) -> list[Piece]:
    """A value as it was given: numbers as formulas, lists in brackets."""
    if isinstance(value, (list, tuple)):
        inside = [piece for k, each in enumerate(value) for piece in ([", "] if k else []) + _given(each)]
        return ["[", *inside, "]"]
    text = str(value)
    try:
        value = Fraction(text)
    except ValueError:
        return [text]
    return [Neg(Num(-value)) if value < 0 else Num(value)]


def shown(array: np.ndarray[Any, Any]) -> str:
    """An array as it is read: `[0.09, 0.24, 0.67]`, `nan`, `1.8e−308`; at most a few entries."""
    if not array.shape:
        return number(float(array))
    if 1 in array.shape:
        entries = [number(float(value)) for value in array.ravel()]
        if len(entries) > MOST_ENTRIES:
            entries = [*entries[: MOST_ENTRIES - 1], "…"]
        return f"[{', '.join(entries)}]"
    return f"[{', '.join(shown(row.reshape(1, -1)) for row in array)}]"


def number(value: float) -> str:
    """A float64 to four figures, never hiding what it is: subnormal numbers, inf and nan stay themselves."""
    if value == 0:
        return "−0" if str(value).startswith("-") else "0"
    text = f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    short = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return short.replace("-", "−")

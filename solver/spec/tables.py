"""The table of a `discuss`: each column an expression, each row an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler

from solver.expr.nodes import Node
from solver.spec.forms import Values
from solver.spec.leaves import Expression, Label, Named, number_mistake
from solver.spec.models import Model
from solver.spec.problem import TableRow
from solver.spec.reading import Reading
from solver.spec.tree import Items, Key, Scalar, mistaken
from solver.spec.values import settle


@dataclass(frozen=True)
class _Row:
    """In the schema, the one key of a row that is not a name with values: its label."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        label = {"type": ["string", "number"], "description": "The row's head, in words."}
        return {**handler(schema), "properties": {"label": label}}


Row = Annotated[dict[Named, Values], Field(min_length=1), _Row()]


class TableModel(Model):
    """A table of what float64 gives."""

    where = "a `table`"
    columns: dict[Label, Expression] = Field(
        description="Heads and expressions.", min_length=1, examples=[{"naive": "exp(x)/sum(exp(x))"}]
    )
    rows: list[Row] = Field(
        description="Each row gives values to symbols, names of `define` or sizes; `label` is its head.",
        min_length=1,
        examples=[[{"label": "far from 0", "x": [1000, 0]}]],
    )

    def read(self, reading: Reading) -> tuple[tuple[tuple[str, Node], ...], tuple[TableRow, ...]] | None:
        """The columns and the rows; None where one of them could not be read."""
        columns = []
        for label, at in self.columns.items():
            node = reading.expression(at)
            if node is not None:
                columns.append((reading.text(label.scalar), node))
        needed = [node for _, node in columns]
        places = self.place[Key("rows")]
        rows = [
            None if mistaken(place) else self._row(reading, row, needed)
            for row, place in zip(self.rows, places, strict=True)
        ]
        read = [row for row in rows if row is not None]
        if len(columns) < len(self.columns) or len(read) < len(rows):
            return None
        return tuple(columns), tuple(read)

    def _row(self, reading: Reading, row: dict[Key, Any], needed: list[Node]) -> TableRow | None:
        entries = {key: value for key, value in row.items() if key != "label"}
        label = next((value for key, value in row.items() if key == "label"), None)
        if isinstance(label, Items):
            reading.report(label, "a label is words, not a list")
            return None

        def convert(scalar: Scalar) -> str | None:
            found = number_mistake(scalar.text)
            if found:
                reading.report(scalar, *found)
                return None
            return scalar.text

        first = next(iter(row)).scalar
        settled = settle(reading, entries, needed, convert, first)
        if settled is None:
            return None
        return TableRow(settled.values, reading.text(label), settled.sizes)

"""The kinds of figures: for each, the keys it has in a file and how they are read.

A new kind is one class here, and its drawing in the typesetting room.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from solver.expr.nodes import Node, Sym
from solver.expr.shapes import describe, is_single, is_vector
from solver.spec.forms import Entries, wrapped
from solver.spec.leaves import Expression, LabelKey, Leaf, Named, Text, number_mistake
from solver.spec.models import Model
from solver.spec.problem import Figure
from solver.spec.reading import Reading
from solver.spec.tree import Fields, Items, Key, Scalar, mistaken, placed
from solver.spec.values import settle

MAX_CURVES = 12


class FigureModel(Model):
    """A figure of one kind."""

    kind: ClassVar[str] = ""
    caption: Text | None = Field(None, description="The words under the figure.")
    at: dict[Named, Entries] | None = Field(
        None,
        description="Values for the other symbols: expressions, or lists of them.",
        examples=[{"theta": ["t", 0, 1]}],
    )

    @abstractmethod
    def options(self, reading: Reading) -> Mapping[str, object] | None:
        """The settings, read; None where a mistake was reported."""

    def read(self, reading: Reading) -> Figure | None:
        caption = reading.text(self.caption)
        options = self.options(reading)
        place = self.place.source.place(self.place.start)
        return None if options is None else Figure(self.kind, options, caption, place)

    def settled(self, reading: Reading, needed: Sequence[Node]) -> Mapping[str, object] | None:
        """`at` (nodes by name) and the `sizes` that follow."""

        def convert(scalar: Scalar) -> Node | None:
            node = reading.expression(scalar)
            if node is None or is_single(node.shape):
                return node
            reading.report(scalar, f"an entry is a scalar, and this is {describe(node.shape)}")
            return None

        if "at" in self.place.broken or mistaken(self.place.get(Key("at"))):
            return None
        settled = settle(reading, self.at or {}, needed, convert, self.place)
        return None if settled is None else {"at": settled.values, "sizes": settled.sizes}


FIGURES: dict[str, type[FigureModel]] = {}
F = TypeVar("F", bound=type[FigureModel])


def figure(kind: str) -> Callable[[F], F]:
    """The class reads what stands under `kind` in a figure."""

    def register(model: F) -> F:
        if kind in FIGURES:
            raise TypeError(f"the figure {kind} is declared twice: {FIGURES[kind].__name__} and {model.__name__}")
        FIGURES[kind] = model
        model.kind = kind
        model.where = f"`{kind}`"
        return model

    return register


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


Bound = Annotated[Scalar, Leaf("a number", schema={"type": "number"})]


@figure("plot")
class PlotModel(FigureModel):
    """Curves over one scalar variable.

    Read as `curves` (pairs of a label and a node: a vector gives a curve for each entry), `over` (the variable and
    its two bounds), `at` (nodes by name) and `sizes`.
    """

    curves: Annotated[list[dict[Annotated[Key, LabelKey(optional=True)], Expression]], _Curves()] = Field(
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

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        over = self._over(reading)
        if over is None:
            return None
        inside = reading.within(variables=[over[0]])
        curves = [self._curve(inside, label, at) for each in self.curves for label, at in each.items()]
        read = [curve for curve in curves if curve is not None]
        settled = self.settled(inside, [node for _, node in read])
        if settled is None or len(read) < len(curves):
            return None
        return {"curves": tuple(read), "over": over, **settled}

    def _over(self, reading: Reading) -> tuple[Sym, float, float] | None:
        key, bounds = next(iter(self.over.items()))
        if len(bounds) != 2:
            reading.report(key.scalar, f"{len(bounds)} bounds are given, wanted two", f"write `{key}: [-4, 4]`")
            return None
        bad = [(bound, found) for bound in bounds if (found := number_mistake(bound.text))]
        for bound, found in bad:
            reading.report(bound, *found)
        symbol = reading.scope.symbols.get(key)
        if key in reading.sizes or key in reading.indices or key in reading.define or (symbol and symbol.shape):
            reading.report(key.scalar, f"`{key}` is no scalar symbol", "name a scalar, or a letter that is not taken")
            return None
        if bad:
            return None
        low, high = (float(bound.text) for bound in bounds)
        if not -1e9 <= low < high <= 1e9:
            reading.report(
                bounds[1], f"the bounds {low:g} and {high:g} leave nothing to draw", "the lower one comes first"
            )
            return None
        return Sym(str(key)), low, high

    def _curve(self, reading: Reading, label: Key, at: Scalar) -> tuple[str, Node] | None:
        node = reading.expression(at)
        if node is None:
            return None
        if node.shape and not is_vector(node.shape):
            reading.report(at, f"a curve is of a scalar or a vector, and this is {describe(node.shape)}")
            return None
        return (reading.text(label.scalar) if label else "", node)


@figure("heatmap")
class HeatmapModel(FigureModel):
    """A matrix or a vector at one point, as colours. Read as `of` (a node), `at` (nodes by name) and `sizes`."""

    of: Expression = Field(description="What is shown.", examples=["D(softmax(theta), theta)"])

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        node = reading.expression(self.of)
        if node is not None and not node.shape:
            reading.report(self.of, "a heatmap is of a matrix or a vector, and this is a scalar")
            node = None
        settled = self.settled(reading, [] if node is None else [node])
        return None if node is None or settled is None else {"of": node, **settled}

"""What the kinds of figures share: how one registers itself, a caption, a point, the bounds of variables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field

from solver.expr.nodes import Apply, Node, Sym, walk
from solver.expr.shapes import describe, is_single
from solver.spec.forms import Entries
from solver.spec.leaves import Leaf, Named, Text, number_mistake
from solver.spec.models import Model
from solver.spec.problem import Figure
from solver.spec.reading import Reading
from solver.spec.tree import Key, Scalar, Value, mistaken
from solver.spec.values import settle

FARTHEST = 1e9
"""How far from zero a bound may lie."""
Variable = tuple[Sym, float, float]
"""A variable and the two bounds it lies between."""
Bound = Annotated[Scalar, Leaf("a number", schema={"type": "number"})]


class FigureModel(Model):
    """A figure of one kind."""

    kind: ClassVar[str] = ""
    caption: Text | None = Field(None, description="The words under the figure.")

    @abstractmethod
    def options(self, reading: Reading) -> Mapping[str, object] | None:
        """The settings, read; None where a mistake was reported."""

    def read(self, reading: Reading) -> Figure | None:
        caption = reading.text(self.caption)
        options = self.options(reading)
        place = self.place.source.place(self.place.start)
        return None if options is None else Figure(self.kind, options, caption, place)


class PointedModel(FigureModel):
    """A figure at one point: `at` gives values to the symbols."""

    at: dict[Named, Entries] | None = Field(
        None,
        description="Values for the other symbols: numbers, expressions in the figure's own variables, or lists.",
        examples=[{"theta": ["t", 0, 1]}],
    )

    def settled(self, reading: Reading, needed: Sequence[Node]) -> Mapping[str, object] | None:
        """`at` (nodes by name) and the `sizes` that follow."""

        # what is a number here may stand in other entries
        numbers = {
            str(key) for key, value in (self.at or {}).items()
            if isinstance(value, Scalar) and number_mistake(value.text) is None
        }  # fmt: skip

        def convert(scalar: Scalar) -> Node | None:
            node = reading.expression(scalar)
            if node is None:
                return None
            names = {part.name for part in walk(node) if isinstance(part, Sym)}
            other = sorted(names - reading.variables.keys() - numbers)
            if other:
                hint = f"a number, or an expression in `{'`, `'.join(reading.variables)}`" if reading.variables else ""
                reading.report(scalar, f"`{other[0]}` is no number here", hint or "write a number")
                return None
            if not is_single(node.shape):
                reading.report(scalar, f"an entry is a scalar, and this is {describe(node.shape)}")
                return None
            return node

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


# --- what several kinds read --------------------------------------------------------------------------------------


def interval(reading: Reading, at: Value, bounds: Sequence[Scalar], example: str) -> tuple[float, float] | None:
    """Two numbers, the lower one first; or a mistake."""
    if len(bounds) != 2:
        reading.report(at, f"{len(bounds)} bounds are given, wanted two", f"write `{example}: [-4, 4]`")
        return None
    bad = [(bound, found) for bound in bounds if (found := number_mistake(bound.text))]
    for bound, found in bad:
        reading.report(bound, *found)
    if bad:
        return None
    low, high = (float(bound.text) for bound in bounds)
    if not -FARTHEST <= low < high <= FARTHEST:
        reading.report(bounds[1], f"the bounds {low:g} and {high:g} leave nothing to draw", "the lower one comes first")
        return None
    return low, high


def variable(reading: Reading, key: Key, bounds: Sequence[Scalar]) -> Variable | None:
    """A variable of the figure with its bounds: a declared scalar, or a letter of the figure's own."""
    found = interval(reading, key.scalar, bounds, key)
    symbol = reading.scope.symbols.get(key)
    if len(bounds) == 2 and (
        key in reading.sizes or key in reading.indices or key in reading.define or (symbol and symbol.shape)
    ):
        reading.report(key.scalar, f"`{key}` is no scalar symbol", "name a scalar, or a letter that is not taken")
        return None
    return None if found is None else (Sym(str(key)), *found)


def constant(reading: Reading, at: Scalar) -> Node | None:
    """An expression in which no name stands: a number."""
    node = reading.expression(at)
    if node is None:
        return None
    if node.shape or any(isinstance(part, Sym) for part in walk(node)):
        reading.report(at, "a number is wanted here", "write it as `2`, `-0.5`, `1/3` or `log(2)`")
        return None
    return node


def has_values(reading: Reading, at: Value, node: Node) -> bool:
    """Whether the expression can be computed; a mistake where an abstract function stands in it."""
    waiting, seen = [node], set[str]()
    while waiting:
        for part in walk(waiting.pop()):
            if isinstance(part, Apply):
                reading.report(at, f"`{part.name}` is an abstract function and has no values")
                return False
            if isinstance(part, Sym) and part.name in reading.define and part.name not in seen:
                seen.add(part.name)
                waiting.append(reading.define[part.name])
    return True


def together(*read: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """All settings in one; None where any could not be read."""
    kept = [each for each in read if each is not None]
    return None if len(kept) < len(read) else {key: value for each in kept for key, value in each.items()}

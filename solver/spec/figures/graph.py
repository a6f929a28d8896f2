"""`graph`: how the names of `define` rest on each other, and the way back through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from solver.expr.nodes import symbols
from solver.expr.shapes import describe, is_single
from solver.spec.figures.kind import FigureModel, figure
from solver.spec.forms import OneOrMany
from solver.spec.leaves import Flag, Leaf
from solver.spec.mistakes import nearest
from solver.spec.reading import Reading
from solver.spec.tree import Scalar

Name = Annotated[Scalar, Leaf("a name")]
MAX_NODES = 60
STILL = frozenset(("constant", "one-hot", "one-hot-rows", "one-hot-columns", "integer", "binary", "plus-minus-one"))
"""Traits of data that has no direction to change in."""


@figure("graph")
class GraphModel(FigureModel):
    """The computation graph of what is defined, with the backward pass beside it.

    Read as `of` (a name), `wrt` (the symbols whose gradients are shown) and `backward`.
    """

    of: Name | None = Field(
        None, description="The name of `define` where it ends; left out, the one that no other uses.", examples=["L"]
    )
    backward: Flag | None = Field(
        None, description="Whether the backward pass is drawn too; left out, it is where `of` is a scalar."
    )
    wrt: Annotated[list[Name], OneOrMany()] | None = Field(
        None,
        description="The symbols whose gradients the backward pass ends with; left out, all that can vary.",
        examples=[["W1", "b1"]],
    )

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        end = self._end(reading)
        if end is None:
            return None
        reached = reach(reading, end)
        if len(reached) > MAX_NODES:
            reading.report(
                self.of or self.place, f"{len(reached)} names are too many for one graph", "name an earlier one"
            )
            return None
        scalar = is_single(reading.define[end].shape)
        if self.backward and not scalar:
            shape = describe(reading.define[end].shape)
            reading.report(self.of or self.place, f"the backward pass starts from a scalar, and `{end}` is {shape}")
            return None
        backward = scalar if self.backward is None else self.backward
        wrt = self._wrt(reading, reached, end)
        return None if wrt is None else {"of": end, "backward": backward, "wrt": wrt}

    def _end(self, reading: Reading) -> str | None:
        if self.of is not None:
            name = self.of.text
            if name in reading.define:
                return name
            if name not in reading.unreadable:
                near = nearest(name, list(reading.define))
                hint = f"write `{near}` instead" if near else "name what the graph ends with"
                reading.report(self.of, f"`{name[:60]}` is no name of `define`", hint)
            return None
        used = {name for value in reading.define.values() for name in symbols(value)}
        ends = [name for name in reading.define if name not in used]
        if len(ends) == 1:
            return ends[0]
        if ends:
            reading.report(self.place, f"`define` has {len(ends)} ends: {', '.join(ends[:6])}", f"add `of: {ends[0]}`")
        elif not reading.unreadable:
            reading.report(self.place, "a graph is of what `define` defines, and nothing is defined")
        return None

    def _wrt(self, reading: Reading, reached: tuple[str, ...], end: str) -> tuple[str, ...] | None:
        data = [name for name in reached if name in reading.symbols]
        if self.wrt is None:
            return tuple(name for name in data if STILL.isdisjoint(reading.symbols[name].traits))
        good = True
        for at in self.wrt:
            if at.text not in data and at.text not in reading.unreadable:
                reading.report(at, f"`{at.text[:60]}` is no symbol that `{end}` rests on")
                good = False
        return tuple(at.text for at in self.wrt) if good else None


def reach(reading: Reading, end: str) -> tuple[str, ...]:
    """The symbols and definitions that a definition rests on, and itself."""
    found: dict[str, None] = {}
    waiting = [end]
    while waiting:
        name = waiting.pop()
        known = name in reading.define or (name in reading.symbols and not reading.symbols[name].function)
        if name not in found and known:
            found[name] = None
            waiting += sorted(symbols(reading.define[name])) if name in reading.define else []
    return tuple(found)

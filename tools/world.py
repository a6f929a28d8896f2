"""A few symbols to speak of, in a line: problems without a file, for tables of formulas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from solver.expr.nodes import Idx, Sym
from solver.expr.read import Scope, read_condition, read_size
from solver.expr.sizes import Size
from solver.spec.problem import Problem, Symbol


@dataclass(frozen=True)
class World:
    """The symbols that a table speaks of, as `name: shape, traits`, and assumptions on its sizes."""

    symbols: str
    indices: str = ""
    given: tuple[str, ...] = ()

    def problem(self) -> tuple[Problem, Scope]:
        declared: dict[str, Symbol] = {}
        for entry in filter(None, (part.strip() for part in self.symbols.split(";"))):
            names, _, rest = entry.partition(":")
            lengths, *traits = (part.strip() for part in rest.split(","))
            shape = tuple(read_size(length) for length in lengths.split())
            for name in names.split():
                declared[name] = Symbol(name, shape, tuple(traits))  # type: ignore[arg-type]
        runs = {name: Size.of(length) for name, length in (part.split(":") for part in self.indices.split())}
        sizes = {name for symbol in declared.values() for size in symbol.shape for name in size.names}
        sizes |= {name for size in runs.values() for name in size.names}
        known = {name: Sym(name, symbol.shape) for name, symbol in declared.items()}
        scope = Scope(known, "row", frozenset(sizes), {name: Idx(name, size) for name, size in runs.items()})
        given = tuple(read_condition(text, scope) for text in self.given)
        problem = Problem(
            Path("table.yaml"), "table", "A table", "row", declared, {}, runs, (),
            given=given, digest="table",
        )  # fmt: skip
        return problem, scope

"""The names that an expression of a problem may use."""

from __future__ import annotations

from solver.expr.nodes import Idx, Sym
from solver.expr.read import Scope
from solver.spec.problem import Part, Problem


def scope_of(problem: Problem, part: Part | None = None) -> Scope:
    """The scope of a problem's expressions, with the indices that a part's ask introduces."""
    symbols = {symbol.name: symbol.node for symbol in problem.symbols.values() if not symbol.function}
    named = {name: Sym(name, value.shape) for name, value in problem.define.items()}
    indices = {name: Idx(name, size) for name, size in problem.indices.items()}
    if part is not None:
        indices |= {index.name: index for index in part.indices}
    return Scope(
        symbols=symbols | named,
        layout=problem.layout,
        sizes=frozenset(sizes_of(problem)),
        indices=indices,
        functions=frozenset(symbol.name for symbol in problem.symbols.values() if symbol.function),
    )


def sizes_of(problem: Problem) -> frozenset[str]:
    """The names of sizes: those in shapes and in the ranges of indices."""
    shapes = [size for symbol in problem.symbols.values() for size in symbol.shape]
    return frozenset(name for size in (*shapes, *problem.indices.values()) for name in size.names)

"""Problems, expressions and derivations for the judge's tests, in a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from solver.check.judge import equal
from solver.check.verdicts import Comparison
from solver.expr.derivation import Chain, Derivation, Fact, Reason, Step
from solver.expr.nodes import Idx, Node, Sym
from solver.expr.read import Scope, read, read_condition
from solver.expr.sizes import Size
from solver.spec.problem import Layout, Problem, Symbol


def size(text: str) -> Size:
    """`D`, `3`, `2*D`."""
    total = Size.of(1)
    for factor in text.split("*"):
        total = total * (int(factor) if factor.isdigit() else Size.of(factor))
    return total


@dataclass(frozen=True)
class Desk:
    """A problem with the means to read expressions in it."""

    problem: Problem
    scope: Scope

    def __call__(self, text: str, **indices: str) -> Node:
        """The expression; further indices with their ranges: `desk("x[i]", i="D")`."""
        return read(text, self._scope(indices))

    def condition(self, text: str, **indices: str) -> Node:
        """A condition, such as a case is given by."""
        return read_condition(text, self._scope(indices))

    def _scope(self, indices: Mapping[str, str]) -> Scope:
        more = {name: Idx(name, size(length)) for name, length in indices.items()}
        return replace(self.scope, indices={**self.scope.indices, **more})

    def equal(self, lhs: str, rhs: str, facts: Sequence[tuple[str, str]] = (), **options: Any) -> Comparison:
        """The judge's word on `lhs = rhs`; indices as for reading, other options as for `equal`."""
        known = ("given", "seed", "points", "variables", "limit_seconds", "derivation", "part")
        indices = {name: text for name, text in options.items() if name not in known}
        others = {name: value for name, value in options.items() if name in known}
        others["given"] = tuple(self.condition(text, **indices) for text in options.get("given", ()))
        others["variables"] = tuple(self(text) for text in options.get("variables", ()))
        cited = tuple(Fact(*fact) for fact in facts)
        return equal(self.problem, self(lhs, **indices), self(rhs, **indices), facts=cited, **others)


def desk(
    symbols: Mapping[str, str],
    define: Mapping[str, str] | None = None,
    *,
    given: Sequence[str] = (),
    layout: Layout = "row",
    indices: Mapping[str, str] | None = None,
    functions: Sequence[str] = (),
) -> Desk:
    """A problem; `symbols` to shapes and traits: `{"y": "1 D, one-hot", "t": "", "A": "n n, symmetric"}`."""
    declared: dict[str, Symbol] = {}
    for name, text in symbols.items():
        lengths, *traits = (part.strip() for part in text.split(","))
        shape = tuple(size(length) for length in lengths.split())
        declared[name] = Symbol(name, shape, tuple(traits))  # type: ignore[arg-type]
    for name in functions:
        declared[name] = Symbol(name, function="elementwise")
    runs = {name: size(length) for name, length in (indices or {}).items()}
    known = {name: Sym(name, symbol.shape) for name, symbol in declared.items() if symbol.function is None}
    sizes = frozenset(name for symbol in declared.values() for length in symbol.shape for name in length.names)
    sizes |= frozenset(name for length in runs.values() for name in length.names)
    free = {name: Idx(name, length) for name, length in runs.items()}
    defined: dict[str, Node] = {}
    for name, text in (define or {}).items():
        defined[name] = read(text, Scope(known, layout, sizes, free, frozenset(functions)))
        known[name] = Sym(name, defined[name].shape)
    scope = Scope(known, layout, sizes, free, frozenset(functions))
    conditions = tuple(read_condition(text, scope) for text in given)
    problem = Problem(Path("x.yaml"), "x", "x", layout, declared, defined, runs, (), given=conditions)
    return Desk(problem, scope)


def line(lhs: Node, rhs: Node, *facts: tuple[str, str], rule: str = "r") -> Step:
    """A step that rewrites the whole line."""
    return Step(lhs, rhs, Reason(rule), (), rhs, tuple(Fact(*fact) for fact in facts))


def chain(*nodes: Node, **fields: Any) -> Chain:
    """A chain through the nodes, each line rewritten as a whole."""
    steps = tuple(line(a, b) for a, b in pairwise(nodes))
    return Chain(nodes[0], steps, **fields)


def derivation(*chains: Any, **fields: Any) -> Derivation:
    """The chains, from the last one's start to its end."""
    return Derivation(chains[-1].start, chains[-1].result, "test", tuple(chains), **fields)

"""Whether two formulas are equal, without the judge: float64 by NumPy, derivatives by finite differences.

It shares with the judge the statement and nothing else: not the arithmetic, not the way derivatives are taken, not the
points. A differential `d(f)` is the slope of `f` along the line `x + s dx` on which every variable moves at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from solver.expr.derivation import Cases, Derivation, Fact
from solver.expr.nodes import (
    Add,
    Apply,
    D,
    Dif,
    Idx,
    Mul,
    Neg,
    Node,
    Sym,
    call,
    free_indices,
    num,
    transform,
    walk,
)
from solver.expr.numeric import NumericError, Point, evaluate
from solver.expr.sizes import Size
from solver.spec.problem import Problem, Symbol

POINTS = 3
TRIES = 60
ALONG = Sym("how far along the line")
Array = Any


class NoOpinion(Exception):
    """NumPy cannot say: the reason, in words."""


def agree(
    problem: Problem,
    derivation: Derivation | None,
    left: Node,
    right: Node,
    given: Sequence[Node] = (),
    facts: Sequence[Fact] = (),
) -> bool:
    """Whether the formulas have the same float64 values at random points; NoOpinion where none could be had."""
    define = _definitions(problem, derivation)
    sides = [_concrete(side) for side in (left, right)]
    everything = (*sides, *given, *define.values())
    indices = dict(problem.indices) | {i.name: i.range for node in everything for i in free_indices(node)}
    conditions = [c for c in (*problem.given, *given) if {i.name for i in free_indices(c)} <= indices.keys()]
    variables = () if derivation is None else derivation.variables
    found, reason = 0, "no point was found at which the left side has a value"
    for number in range(TRIES):
        draw = Draw(np.random.default_rng(number), signed=number % 2 == 0)
        sizes = draw.sizes(problem, everything, indices)
        try:
            point = draw.point(problem, define, variables, facts, sizes)
            point = point.at(**{name: draw.up_to(size.at(sizes)) for name, size in indices.items()})
            if not all(bool(np.all(evaluate(condition, point))) for condition in conditions):
                continue
            a, b = (evaluate(side, point) for side in sides)
        except NumericError as error:
            reason = str(error)
            continue
        if not np.all(np.isfinite(a)):
            continue
        found += 1
        if not np.allclose(np.ravel(a), np.ravel(b), rtol=1e-5, atol=1e-7):
            return False
        if found == POINTS:
            return True
    if not found:
        raise NoOpinion(reason)
    return True


def _definitions(problem: Problem, derivation: Derivation | None) -> dict[str, Node]:
    """The problem's names, then those the derivation introduces, for itself or for a chain's result."""
    named: list[tuple[Node, Node]] = []
    if derivation is not None:
        named += [(each.name, each.value) for each in derivation.definitions]
        for block in derivation.blocks:
            chains = block.chains if isinstance(block, Cases) else (block,)
            named += [(chain.name, chain.result) for chain in chains if chain.name is not None]
    found = {name: _concrete(value) for name, value in problem.define.items()}
    for name, value in named:
        if isinstance(name, Sym):
            found.setdefault(name.name, _concrete(value))
    return found


def _concrete(node: Node) -> Node:
    """The formula with a function for each abstract one, and slopes along the line for differentials."""

    def change(part: Node) -> Node | None:
        match part:
            case Dif(arg):
                return D(_concrete(arg), ALONG)
            case Apply(name, arg, order):
                return _function(name, order, _concrete(arg))
        return None

    return transform(node, change)


def _function(name: str, order: int, x: Node) -> Node:
    """`sin(k x) + x³` or a derivative of it, with a `k` for each name."""
    k = num(2 + sum(map(ord, name)) % 5)
    match order:
        case 0:
            return Add((call("sin", Mul((k, x))), Mul((x, x, x))))
        case 1:
            return Add((Mul((k, call("cos", Mul((k, x))))), Mul((num(3), x, x))))
        case 2:
            return Add((Mul((num(6), x)), Neg(Mul((k, k, call("sin", Mul((k, x))))))))
    raise NoOpinion(f"the derivative of {name} of order {order} is not known here")


class Draw:
    """Random sizes, indices and data: what is cited of the data holds, and nothing else does on purpose."""

    def __init__(self, rng: np.random.Generator, signed: bool) -> None:
        self.rng = rng
        self.signed = signed

    def up_to(self, length: int) -> int:
        return int(self.rng.integers(1, max(length, 1) + 1))

    def sizes(self, problem: Problem, nodes: Iterable[Node], indices: Mapping[str, Size]) -> dict[str, int]:
        """A number for each size, all different."""
        names = {name for symbol in problem.symbols.values() for size in symbol.shape for name in size.names}
        names |= {name for size in indices.values() for name in size.names}
        for part in (part for node in nodes for part in walk(node)):
            lengths = (*(part.shape or ()), *([part.range] if isinstance(part, Idx) else []))
            names |= {name for size in lengths for name in size.names}
        order = self.rng.permutation(len(names))
        return {name: 2 + int(k) for name, k in zip(sorted(names), order, strict=True)}

    def point(
        self,
        problem: Problem,
        define: Mapping[str, Node],
        variables: Sequence[Node],
        facts: Sequence[Fact],
        sizes: Mapping[str, int],
    ) -> Point:
        """Data for every symbol, and a direction for every variable: `x := x₀ + s dx`, with s = 0."""
        values: dict[str, Array] = {}
        for symbol in problem.symbols.values():
            if symbol.function is None:
                values[symbol.name] = self.data(symbol, {f.trait for f in facts if f.symbol == symbol.name}, sizes)
        point = Point(values, dict(sizes), dict(define), {}, differences=True)
        moving = dict(define)
        for variable in variables:
            name = next(part.name for part in walk(variable) if isinstance(part, Sym))
            shape = define[name].shape if name in define else problem.symbols[name].shape
            start = values.pop(name, None)
            start = evaluate(define[name], point) if start is None else start
            here, step = Sym(f"{name} at the start", shape), Sym(f"direction of {name}", shape)
            values |= {here.name: start, step.name: self.rng.normal(size=start.shape)}
            moving[name] = Add((here, Mul((ALONG, step))))
        return Point({**values, ALONG.name: np.float64(0)}, dict(sizes), moving, {}, differences=True)

    def data(self, symbol: Symbol, traits: set[str], sizes: Mapping[str, int]) -> Array:
        """Values of the symbol's shape with the cited traits."""
        if symbol.name in sizes and not symbol.shape:
            return np.float64(sizes[symbol.name])
        shape = tuple(size.at(sizes) for size in symbol.shape)
        if "integer" in symbol.traits:
            return self.rng.integers(2, 5, shape).astype(float)
        value = self.rng.uniform(0.2, 1.5, shape)
        if traits & {"probability"}:
            return value / 2
        if self.signed and not traits & {"positive", "nonnegative"}:
            value = value * self.rng.choice((-1.0, 1.0), shape)
        if "negative" in traits:
            value = -abs(value)
        for trait in sorted(traits):
            value = self.with_trait(trait, value)
        return value

    def with_trait(self, trait: str, value: Array) -> Array:
        """The value, or another of its shape, with the trait."""
        kind = trait.removesuffix("-rows").removesuffix("-columns")
        axis = None if kind == trait else 1 if trait.endswith("-rows") else 0
        match kind:
            case "one-hot":
                return (value == value.max(axis=axis, keepdims=True)).astype(float)
            case "simplex":
                return abs(value) / abs(value).sum(axis=axis, keepdims=True)
            case "sums-to-one":
                length = value.size if axis is None else value.shape[axis]
                return value + (1 - value.sum(axis=axis, keepdims=True)) / length
            case "symmetric":
                return value + value.T
            case "positive-definite":
                return value @ value.T + np.eye(len(value))
            case "diagonal":
                return np.diag(np.diag(value))
            case "triangular":
                return np.tril(value)
            case "orthogonal":
                return np.linalg.qr(value)[0]
            case "binary":
                return (value > 0.7).astype(float)
            case "plus-minus-one":
                return np.sign(value)
        return value

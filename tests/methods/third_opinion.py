"""A third opinion on a result: float64 by NumPy, the derivatives of the question by differences."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.expr.derivation import Derivation
from solver.expr.nodes import Apply, Dif, Node, free_indices, walk
from solver.expr.numeric import NumericError, Point, evaluate
from solver.spec.problem import Problem, Symbol

POINTS, NEAR = 4, 1e-4
"""How many points are tried, and how near two numbers must be: differences of differences have seven digits."""


def differs(problem: Problem, derivation: Derivation, seed: int) -> str | None:
    """What is wrong with the result, at two points or more; empty where nothing is, None where nothing can be said.

    Nothing can be said at a point beside a kink, where no difference is a slope.
    """
    nodes = [derivation.question, derivation.result, *problem.define.values()]
    if any(isinstance(part, Apply | Dif) for node in nodes for part in walk(node)):
        return None
    rng = random.Random(seed)
    found = [_at(problem, derivation, np.random.default_rng(rng.randrange(10**9))) for _ in range(POINTS)]
    said = [each for each in found if each is not None]
    against = [each for each in said if each]
    # at an ill-conditioned point differences are worth little: two points must speak against the result
    return None if not said else against[0] if len(against) > 1 else ""


def _at(problem: Problem, derivation: Derivation, rng: np.random.Generator) -> str | None:
    names = {name for symbol in problem.symbols.values() for size in symbol.shape for name in size.names}
    sizes = {name: int(rng.integers(2, 5)) for name in sorted(names)}
    values = {name: _value(symbol, problem.layout, sizes, rng) for name, symbol in problem.symbols.items()}
    free = sorted(free_indices(derivation.question) | free_indices(derivation.result), key=lambda index: index.name)
    place = {index.name: int(rng.integers(1, index.range.at(sizes) + 1)) for index in free}
    point = Point(values, sizes, problem.define, place, differences=True, smooth=True)
    try:
        wanted, got = (np.atleast_2d(_number(node, point)) for node in (derivation.question, derivation.result))
    except NumericError:
        return None
    scale = 1 + float(np.max(np.abs(wanted)))
    if not np.all(np.isfinite(wanted)) or scale > 1e6:
        return None
    if wanted.shape != got.shape or not np.max(np.abs(wanted - got)) < NEAR * scale:
        return f"differences give {wanted.round(5).tolist()}, the result {got.round(5).tolist()}"
    return ""


def _number(node: Node, point: Point) -> NDArray[Any]:
    return evaluate(node, point)


def _value(symbol: Symbol, layout: str, sizes: dict[str, int], rng: np.random.Generator) -> NDArray[Any]:
    """Data with the symbol's traits."""
    shape: Any = tuple(size.at(sizes) for size in symbol.shape)
    value = rng.normal(0, 0.8, shape)
    for trait in symbol.traits:
        match trait:
            case "positive" | "nonnegative":
                value = np.abs(value) + 0.2
            case "negative":
                value = -np.abs(value) - 0.2
            case "plus-minus-one":
                value = np.where(value < 0, -1.0, 1.0)
            case "binary":
                value = (value > 0).astype(float)
            case "probability":
                value = rng.uniform(0.1, 0.9, shape)
            case "symmetric":
                value = value + value.T
            case "positive-definite":
                value = value @ value.T + np.eye(len(value))
            case "diagonal":
                value = value * np.eye(len(value))
            case "triangular":
                value = np.tril(value)
            case "orthogonal":
                value = np.linalg.qr(value)[0]
            case "one-hot" | "simplex" | "one-hot-rows" | "one-hot-columns":
                value = _sample(trait, value, layout)
    return np.asarray(value)


def _sample(trait: str, value: NDArray[Any], layout: str) -> NDArray[Any]:
    """Each sample summing to one; a one-hot one with all of it in its largest entry."""
    vector = 1 in value.shape
    rows = trait == "one-hot-rows" or (trait != "one-hot-columns" and layout == "row")
    axis = None if vector else 1 if rows else 0
    if trait == "simplex":
        return np.abs(value) / np.abs(value).sum(axis=axis, keepdims=True)
    return (value == value.max(axis=axis, keepdims=True)).astype(float)

"""A sample point: a whole number for every size, exact rational values for all data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flint import fmpq

from solver.check.balls import Array


@dataclass(frozen=True)
class AbstractFunction:
    """A stand-in for an abstract function: `u ↦ a + b·u + c·exp(d·u) + e·sin(g·u + h)`, smooth and without pattern."""

    coefficients: tuple[fmpq, ...]


@dataclass(frozen=True)
class Point:
    """Values of everything that is given rather than defined; arrays hold exact rationals, at least 1×1.

    `differentials` are the directions dX that `d(X)` stands for.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    differentials: Mapping[str, Array] = field(default_factory=dict)
    functions: Mapping[str, AbstractFunction] = field(default_factory=dict)

"""A sample point: a whole number for every size, exact rational values for all data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import factorial
from typing import Any

from flint import arb, arb_series, fmpq

from solver.check.balls import UNDEFINED, VAGUE, Array


@dataclass(frozen=True)
class AbstractFunction:
    """For an abstract function, smooth and without pattern: `u ↦ a + b·u + c·exp(arctan(d·u)) + e·arctan(g·u + h)`.

    Its slopes are bounded, and it is known well at large arguments: `exp(f(exp(x)))` is within reach where
    `exp(exp(exp(x)))` is beyond every range, and `f(exp(exp(x)))` where its sine is beyond every precision.
    """

    coefficients: tuple[fmpq, ...]

    def taylor(self, order: int, x: Any, more: int) -> list[Any]:
        """The Taylor coefficients at x, up to `more`, of the derivative of this order."""
        if not x.is_finite():
            return [UNDEFINED if x.is_nan() else VAGUE] * (more + 1)
        length = order + more + 1
        a, b, c, d, e, g, h = (arb(value) for value in self.coefficients)
        u = arb_series([x, 1], prec=length)
        series = a + b * u + c * (d * u).atan().exp() + e * (g * u + h).atan()
        return [series[order + k] * (factorial(order + k) // factorial(k)) for k in range(more + 1)]


@dataclass(frozen=True)
class Point:
    """Values of everything that is given rather than defined; arrays hold exact rationals, at least 1×1.

    `differentials` are the directions dX that `d(X)` stands for.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    differentials: Mapping[str, Array] = field(default_factory=dict)
    functions: Mapping[str, AbstractFunction] = field(default_factory=dict)

"""Balls: real numbers with rigorous error bounds (flint's `arb`), and arrays of them.

Beside finite balls two values have a meaning of their own: NaN is *undefined* (the log of a negative number, a
division by zero), and the ball of infinite radius is *vague* (this precision cannot tell). Undefined wins over vague.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx, fmpq
from numpy.typing import NDArray

Array = NDArray[Any]
"""An array of balls; the last two axes are rows and columns, also of a scalar."""

UNDEFINED = arb.nan()
VAGUE = arb(0, arb.pos_inf())
ZERO = arb(0)
ONE = arb(1)


BITS = (128, 320, 832, 2048)
"""Precisions, from the first to the last that is tried."""

MAX_ORDER = 24
"""The longest power series; a derivative of a higher order is refused long before."""


MAX_SQUARINGS = 1 << 30


class precision:
    """Balls are rounded to `bits` bits inside, and as before outside."""

    __slots__ = ("before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = ctx.prec, ctx.cap
        ctx.prec, ctx.cap = self.bits, MAX_ORDER

    def __exit__(self, *_: object) -> None:
        ctx.prec, ctx.cap = self.before


def ball(value: Fraction | int) -> Any:
    """The smallest ball around a rational number."""
    return arb(fmpq(value.numerator, value.denominator))


def full(value: Any, *shape: int) -> Array:
    """An array of one value."""
    array: Array = np.empty(shape, dtype=object)
    array.fill(value)
    return array


def scalar(value: Any) -> Array:
    return full(value, 1, 1)


def each(function: Callable[..., Any], *arrays: Array) -> Array:
    """The function of each entry, broadcasting."""
    result = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return np.asarray(result, dtype=object)


def transposed(rows: list[list[Any]], shape: tuple[int, ...]) -> list[Array]:
    """One array of this shape for each place in the rows, of which there is one an entry."""
    arrays = []
    for column in zip(*rows, strict=True):
        array: Array = np.empty(len(column), dtype=object)
        array[:] = column
        arrays.append(array.reshape(shape))
    return arrays


def undefined(array: Array) -> bool:
    """Whether some entry is undefined."""
    return any(entry.is_nan() for entry in array.flat)


def finite(array: Array) -> bool:
    return all(entry.is_finite() for entry in array.flat)


LARGE = 50_000


def nearly_zero(x: Any) -> bool:
    """Whether a ball holds zero and is tiny: at most as wide as half of all bits leave it."""
    return bool(x.contains(0)) and narrow(x)


def narrow(x: Any) -> bool:
    """Whether a ball is tiny: at most as wide as half of all bits leave it."""
    return bool(x.is_finite() and x.rad() <= arb(2) ** (-(ctx.prec // 2)))


def is_zero(x: Any) -> bool:
    """Whether x is 0: exactly, or at the last precision as two sides of a line are equal, to half of all bits.

    `h − max(h)` at the largest entry of h = tanh(x) is 0 at every precision, and a ball around 0 at each of them.
    """
    return bool(x.is_zero() or (ctx.prec >= BITS[-1] and nearly_zero(x)))


def matrix_product(f: Array, g: Array) -> Array:
    """The matrix product. A large one leaves out the zeros of f, often a Kronecker product with an identity."""
    if f.ndim == 2 and f.size * g.shape[-1] > LARGE:
        there = ~each(lambda x: x.is_zero(), f).astype(np.bool_)
        if 4 * np.count_nonzero(there) < f.size and finite(g):
            rows = [_combined(f[i, found], g[..., found, :]) for i, found in enumerate(map(np.flatnonzero, there))]
            return np.stack(rows, axis=-2)
    return np.asarray(f @ g, dtype=object)


def _combined(factors: Array, rows: Array) -> Array:
    """`Σ_k c_k·(row k)`."""
    if not factors.size:
        return full(ZERO, *rows.shape[:-2], rows.shape[-1])
    return np.asarray(np.add.reduce(factors[:, None] * rows, axis=-2), dtype=object)


def reciprocal(x: Any) -> Any:
    """1/x; undefined at 0, vague where 0 cannot be told apart."""
    if is_zero(x):
        return UNDEFINED
    return _settle(1 / x, x)


def power(x: Any, exponent: Any) -> Any:
    """x**p for a real p: whole powers of any x but 0**(-k), other powers of x > 0 (and 0**p = 0 for p > 0)."""
    if x.is_nan() or exponent.is_nan():
        return UNDEFINED
    if exponent.is_integer():
        if exponent < 0 and is_zero(x):
            return UNDEFINED
        return _whole_power(x, int(exponent.unique_fmpz()))
    if x < 0:
        return UNDEFINED
    if is_zero(x):
        return ZERO if exponent > 0 else UNDEFINED if exponent < 0 else VAGUE
    if not x > 0:
        return VAGUE
    return _settle(x**exponent)


def _whole_power(x: Any, exponent: int) -> Any:
    """x**n by squaring: flint's own power has no value for balls that contain 0."""
    if abs(exponent) > MAX_SQUARINGS or not x.contains(0):
        return _settle(x**exponent, x)
    result, square, rest = ONE, x, abs(exponent)
    while rest:
        if rest & 1:
            result = result * square
        square = square * square
        rest >>= 1
    return reciprocal(result) if exponent < 0 else result


def powers(x: Any, exponent: Any, order: int) -> list[Any]:
    """The Taylor coefficients of t ↦ t**p at x, up to `order`: C(p, k)·x**(p − k)."""
    coefficients = []
    binomial = ONE
    for k in range(order + 1):
        coefficients.append(ZERO if binomial.is_zero() else binomial * power(x, exponent - k))
        binomial = binomial * (exponent - k) / (k + 1)
    return coefficients


def _settle(result: Any, *inputs: Any) -> Any:
    """Flint's NaN from inputs that are no NaN means that the precision does not do."""
    if result.is_nan() and not any(x.is_nan() for x in inputs):
        return VAGUE
    return result


# --- primitive functions: name, the condition that x must meet, whether its edge belongs to the domain ---------------


def _positive(x: Any) -> bool | None:
    return True if x > 0 else False if x <= 0 or is_zero(x) else None


def _inside(x: Any) -> bool | None:
    return True if abs(x) < 1 else False if abs(x) >= 1 or is_zero(abs(x) - 1) else None


def _above_minus_one(x: Any) -> bool | None:
    return _positive(1 + x)


_DOMAIN: dict[str, Callable[[Any], bool | None]] = {
    "log": _positive,
    "log1p": _above_minus_one,
    "sqrt": _positive,
    "arcsin": _inside,
    "arccos": _inside,
}
_FLINT_NAME = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}
PRIMITIVES = ("exp", "log", "sqrt", "sin", "cos", "arcsin", "arccos", "arctan", "erf", "softsign")


def taylor(name: str, x: Any, order: int) -> list[Any]:
    """The Taylor coefficients of a primitive function at x up to `order`, from flint's power series."""
    domain = _DOMAIN.get(name)
    if x.is_nan():
        return [UNDEFINED] * (order + 1)
    if name == "softsign":
        return _softsign(x, order)
    if domain is not None:
        inside = domain(x)
        if inside is None or not x.is_finite():
            return [VAGUE] * (order + 1)
        if not inside:
            return [_at_the_edge(name, x)] + [UNDEFINED] * order
    if name == "log1p":
        return _log1p(x, order)
    method = _FLINT_NAME.get(name, name)
    if order == 0:
        return [_settle(getattr(x, method)(), x)]
    series = getattr(arb_series([x, 1], prec=order + 1), method)()
    return [_settle(series[k], x) for k in range(order + 1)]


def _log1p(x: Any, order: int) -> list[Any]:
    """log(1 + x), close to x where that is small, and its slopes `(−1)^{k−1} / (k (1 + x)^k)`."""
    below = 1 / (1 + x)
    return [_settle(x.log1p(), x), *(-((-below) ** k) / k for k in range(1, order + 1))]


def _softsign(x: Any, order: int) -> list[Any]:
    """x/(1 + |x|): its slope 1/(1 + |x|)² has a value at 0 too, where |x| has none, and only that slope has a kink."""
    below = 1 / (1 + abs(x))
    side = -1 if x > 0 else 1 if x < 0 else UNDEFINED if is_zero(x) else VAGUE
    return [x * below, below**2, *(side ** (k - 1) * below ** (k + 1) for k in range(2, order + 1))][: order + 1]


def _at_the_edge(name: str, x: Any) -> Any:
    """√0 = 0 and arcsin(±1), arccos(±1) have values, though no slope; log(0) and the outside have none."""
    if name == "sqrt" and is_zero(x):
        return ZERO
    if name in ("arcsin", "arccos") and is_zero(abs(x) - 1):
        return getattr(arb(1) if x > 0 else arb(-1), _FLINT_NAME[name])()
    return UNDEFINED

"""Jets: a value with its derivatives, carried through every operation at once.

A jet is `f + Σ ε_l f_l + Σ ε_l ε_m f_lm + …` with `ε_l² = 0`, one nilpotent level `l` for each derivative in play. The
part of the levels `l < m < …` is an array `(grid…, K_l, K_m, …, rows, columns)`: one axis a level, one entry of it a
direction. Parts that are zero everywhere are left out. Product rule: `(fg)_S = Σ_{T ⊆ S} f_T g_{S∖T}`.

The grid has an axis for every index that stands free: a formula is evaluated for all values of its indices at once.
Operands have the same grid axes (of length 1 where they do not depend on an index), or no grid at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.check.balls import (
    VAGUE,
    ZERO,
    Array,
    each,
    finite,
    full,
    is_zero,
    matrix_product,
    narrow,
    reciprocal,
    transposed,
)

Levels = tuple[int, ...]
"""Levels in ascending order; `()` is the value itself."""

Mask = NDArray[np.bool_]

MAX_ENTRIES = 4_000_000
"""A larger array is not a problem on paper: it is refused before it fills the memory."""


class TooLarge(Exception):
    """A value with too many entries to compute."""


class Jet(NamedTuple):
    """The parts by their levels; `()` is always there."""

    parts: Mapping[Levels, Array]

    @property
    def value(self) -> Array:
        return self.parts[()]

    @property
    def slopes(self) -> dict[Levels, Array]:
        """The nilpotent parts."""
        return {levels: part for levels, part in self.parts.items() if levels}

    @property
    def order(self) -> int:
        """The largest number of nilpotent factors that does not vanish."""
        return len({level for levels in self.parts for level in levels})

    @property
    def rows(self) -> int:
        return int(self.value.shape[-2])

    @property
    def columns(self) -> int:
        return int(self.value.shape[-1])


def constant(value: Array) -> Jet:
    return Jet({(): value})


def refuse_large(entries: int) -> None:
    if entries > MAX_ENTRIES:
        raise TooLarge("the value has too many entries: use smaller or symbolic sizes")


# --- axes -------------------------------------------------------------------------------------------------------------


def spread(part: Array, own: Levels, levels: Levels) -> Array:
    """The part of the levels `own` with an axis of length 1 for each further level."""
    if own == levels:
        return part
    grid = part.ndim - len(own) - 2
    return part[(slice(None),) * grid + tuple(slice(None) if level in own else None for level in levels)]


def placed(jet: Jet, own: tuple[str, ...], target: tuple[str, ...]) -> Jet:
    """The jet, whose grid has the axes `own`, with an axis for each of `target`; both in one order."""
    if own == target:
        return jet
    axes = tuple(slice(None) if label in own else None for label in target)
    return Jet({levels: part[axes] for levels, part in jet.parts.items()})


def _outline(part: Array, levels: Levels) -> tuple[int, ...]:
    """The shape of a part without its directions."""
    grid = part.ndim - len(levels) - 2
    return part.shape[:grid] + part.shape[-2:]


def _widened(part: Array, levels: Levels, outline: tuple[int, ...]) -> Array:
    """The part, broadcast to a shape without directions."""
    wide = np.broadcast_shapes(_outline(part, levels), outline)
    directions = part.shape[part.ndim - len(levels) - 2 : -2]
    return np.broadcast_to(_with_grid(part, levels, len(wide) - 2), wide[:-2] + directions + wide[-2:])


def _with_grid(part: Array, levels: Levels, grid: int) -> Array:
    missing = grid - (part.ndim - len(levels) - 2)
    return part[(None,) * missing] if missing > 0 else part


def widen(jet: Jet, outline: tuple[int, ...]) -> Jet:
    """The jet, broadcast with an array of this shape."""
    if jet.value.shape == outline and len(jet.parts) == 1:
        return jet
    return Jet({levels: _widened(part, levels, outline) for levels, part in jet.parts.items()})


# --- algebra ----------------------------------------------------------------------------------------------------------


def linear(jet: Jet, change: Callable[[Array], Array]) -> Jet:
    """A linear map of the last two axes."""
    return Jet({levels: change(part) for levels, part in jet.parts.items()})


def bilinear(left: Jet, right: Jet, product: Callable[[Array, Array], Array]) -> Jet:
    """Any product that is linear in both factors."""
    return Jet(_multiply(left.parts, right.parts, product))


def _multiply(
    left: Mapping[Levels, Array], right: Mapping[Levels, Array], product: Callable[[Array, Array], Array]
) -> dict[Levels, Array]:
    parts: dict[Levels, Array] = {}
    for f_levels, f in left.items():
        for g_levels, g in right.items():
            if f_levels and g_levels and not set(f_levels).isdisjoint(g_levels):
                continue
            levels = tuple(sorted(f_levels + g_levels))
            term = _product(spread(f, f_levels, levels), spread(g, g_levels, levels), product)
            parts[levels] = parts[levels] + term if levels in parts else term
    return parts


def _product(f: Array, g: Array, product: Callable[[Array, Array], Array]) -> Array:
    if f.size * g.size > MAX_ENTRIES:
        leading = np.broadcast_shapes(f.shape[:-2], g.shape[:-2])
        refuse_large(math.prod(leading) * max(f.shape[-2], g.shape[-2]) * max(f.shape[-1], g.shape[-1]))
    return product(f, g)


def add(left: Jet, right: Jet) -> Jet:
    """The sum, broadcasting."""
    value = left.value + right.value
    if len(left.parts) == len(right.parts) == 1:
        return Jet({(): value})
    parts: dict[Levels, Array] = {(): value}
    for levels in left.parts.keys() | right.parts.keys():
        if not levels:
            continue
        f, g = left.parts.get(levels), right.parts.get(levels)
        if f is not None and g is not None:
            parts[levels] = _widened(f + g, levels, value.shape)
        else:
            parts[levels] = _widened(left.parts[levels] if g is None else right.parts[levels], levels, value.shape)
    return Jet(parts)


def negate(jet: Jet) -> Jet:
    return linear(jet, lambda part: -part)


def multiply(left: Jet, right: Jet) -> Jet:
    """The elementwise product, broadcasting."""
    return bilinear(left, right, lambda f, g: f * g)


def matmul(left: Jet, right: Jet) -> Jet:
    return bilinear(left, right, matrix_product)


def transpose(jet: Jet) -> Jet:
    return linear(jet, lambda part: part.swapaxes(-1, -2))


def compose(coefficients: Sequence[Array], jet: Jet, *, kinked: bool = False) -> Jet:
    """`Σ_k c_k·ν^k`, with ν the nilpotent part of the jet: a function from its Taylor coefficients at the value.

    A coefficient that is undefined makes the slope so, but for `kinked` functions, which have slopes on either side.
    """
    parts: dict[Levels, Array] = {(): coefficients[0]}
    slopes = jet.slopes
    nth: Mapping[Levels, Array] = slopes
    for coefficient in coefficients[1:]:
        smooth = finite(coefficient)
        for levels, part in nth.items():
            term = spread(coefficient, (), levels) * part
            if kinked and not smooth:
                # what stands still on a kink has the slope 0 there: relu(0·t), abs(tril(A))
                term = np.where(each(is_zero, part).astype(np.bool_), full(ZERO, 1, 1), term)
            parts[levels] = parts[levels] + term if levels in parts else term
        nth = _multiply(nth, slopes, lambda f, g: f * g)
    return Jet(parts)


def apply(series: Callable[[Any, int], list[Any]], jet: Jet, *, kinked: bool = False) -> Jet:
    """The function whose Taylor coefficients at x, up to an order, are `series(x, order)`, of each entry."""
    order = jet.order
    return compose(transposed([series(x, order) for x in jet.value.flat], jet.value.shape), jet, kinked=kinked)


def inverse(jet: Jet) -> Jet:
    """`1/f`, elementwise."""
    first = each(reciprocal, jet.value)
    coefficients = [first]
    for _ in range(jet.order):
        coefficients.append(-coefficients[-1] * first)
    return compose(coefficients, jet)


def divide(left: Jet, right: Jet) -> Jet:
    return multiply(left, inverse(right))


def sum_along(jet: Jet, axis: int | None) -> Jet:
    """The sum along rows (0) or columns (1), or of all entries, the axes kept."""
    axes = (-2, -1) if axis is None else (axis - 2,)
    return linear(jet, lambda part: np.asarray(np.add.reduce(part, axis=axes, keepdims=True), dtype=object))


# --- pieces -----------------------------------------------------------------------------------------------------------


def choose(mask: Mask, yes: Jet, no: Jet) -> Jet:
    """The entries of `yes` where the mask holds, of `no` elsewhere, broadcasting."""
    zeros = full(ZERO, 1, 1)
    parts: dict[Levels, Array] = {}
    for levels in yes.parts.keys() | no.parts.keys():
        parts[levels] = np.where(spread(mask, (), levels), yes.parts.get(levels, zeros), no.parts.get(levels, zeros))
    outline = np.broadcast_shapes(mask.shape, yes.value.shape, no.value.shape)
    return widen(Jet(parts), outline)


def still(jet: Jet, like: Jet) -> Jet:
    """The one value in the directions of the other, in which it stands still: √ has no slope at an empty sum."""
    parts = {levels: full(ZERO, *part.shape) for levels, part in like.slopes.items()}
    return widen(Jet({(): jet.value, **parts}), np.broadcast_shapes(jet.value.shape, like.value.shape))


def either(first: Jet, second: Jet) -> Jet:
    """Balls that hold the entries of both, broadcasting; vague where the two differ by more than rounding."""
    zeros = full(ZERO, 1, 1)

    def both(x: Any, y: Any) -> Any:
        if x is y:
            return x
        union = x.union(y)
        return union if narrow(union) else VAGUE

    parts: dict[Levels, Array] = {}
    for levels in first.parts.keys() | second.parts.keys():
        left, right = first.parts.get(levels, zeros), second.parts.get(levels, zeros)
        parts[levels] = each(both, left, right)
    return widen(Jet(parts), np.broadcast_shapes(first.value.shape, second.value.shape))


def spoil(jet: Jet, mask: Mask, value: Any, *, slopes_only: bool, levels: frozenset[Levels] = frozenset()) -> Jet:
    """The jet with `value` (undefined or vague) where the mask holds, in its slopes or in all its parts.

    `levels` are parts that the jet may lack and that are spoilt all the same.
    """
    if not mask.any():
        return jet
    parts: dict[Levels, Array] = {}
    for each_levels in jet.parts.keys() | levels:
        part = jet.parts.get(each_levels)
        if part is None:
            part = full(ZERO, *(1 for _ in each_levels), 1, 1)
        if each_levels or not slopes_only:
            part = np.where(spread(mask, (), each_levels), full(value, 1, 1), part)
        parts[each_levels] = part
    return widen(Jet(parts), np.broadcast_shapes(mask.shape, jet.value.shape))


def joined(jets: Sequence[Jet], axis: int) -> Jet:
    """Jets one above the other (0) or side by side (1)."""
    if len(jets) == 1:
        return jets[0]
    parts: dict[Levels, Array] = {}
    for levels in dict.fromkeys(levels for jet in jets for levels in jet.parts):
        zeros = full(ZERO, *(1 for _ in levels), 1, 1)
        blocks = [_widened(jet.parts.get(levels, zeros), levels, jet.value.shape) for jet in jets]
        leading = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
        blocks = [np.broadcast_to(block, leading + block.shape[-2:]) for block in blocks]
        parts[levels] = np.concatenate(blocks, axis=axis - 2)
    return Jet(parts)

"""Jets: a value with its derivatives, carried through every operation at once.

A jet is `f + Σ ε_l f_l + Σ ε_l ε_m f_lm + …` with `ε_l² = 0`, one nilpotent level `l` for each derivative in play. The
part of the levels `l < m < …` is an array `(K_l, K_m, …, rows, columns)`: one leading axis a level, one entry of it a
direction. Parts that are zero everywhere are left out. Product rule: `(fg)_S = Σ_{T ⊆ S} f_T g_{S∖T}`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from solver.check.balls import ZERO, Array, each, finite, full, reciprocal, transposed

Levels = tuple[int, ...]
"""Levels in ascending order; `()` is the value itself."""

MAX_ENTRIES = 4_000_000
"""A larger array is not a problem on paper: it is refused before it fills the memory."""


class TooLarge(Exception):
    """A value with too many entries to compute."""


@dataclass(frozen=True)
class Jet:
    """The parts by their levels; `()` is always there, and every part has its rows and columns."""

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


def constant(value: Array) -> Jet:
    return Jet({(): value})


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
            _refuse_large(f, f_levels, g, g_levels)
            term = product(_spread(f, f_levels, levels), _spread(g, g_levels, levels))
            parts[levels] = parts[levels] + term if levels in parts else term
    return parts


def _spread(part: Array, own: Levels, levels: Levels) -> Array:
    """The part with an axis of length 1 for each level that it does not have."""
    if own == levels:
        return part
    return part[tuple(slice(None) if level in own else None for level in levels)]


def _refuse_large(f: Array, f_levels: Levels, g: Array, g_levels: Levels) -> None:
    directions = math.prod(f.shape[: len(f_levels)]) * math.prod(g.shape[: len(g_levels)])
    refuse_large(directions * max(f.shape[-2], g.shape[-2]) * max(f.shape[-1], g.shape[-1]))


def refuse_large(entries: int) -> None:
    if entries > MAX_ENTRIES:
        raise TooLarge("the value has too many entries: use smaller or symbolic sizes")


def add(left: Jet, right: Jet) -> Jet:
    """The sum, broadcasting."""
    value = left.value + right.value
    parts: dict[Levels, Array] = {(): value}
    for levels in left.parts.keys() | right.parts.keys():
        if not levels:
            continue
        f, g = left.parts.get(levels), right.parts.get(levels)
        if f is not None and g is not None:
            parts[levels] = f + g
        else:
            part = f if f is not None else g
            assert part is not None
            parts[levels] = np.broadcast_to(part, part.shape[:-2] + value.shape)
    return Jet(parts)


def negate(jet: Jet) -> Jet:
    return linear(jet, lambda part: -part)


def multiply(left: Jet, right: Jet) -> Jet:
    """The elementwise product, broadcasting."""
    return bilinear(left, right, lambda f, g: f * g)


def matmul(left: Jet, right: Jet) -> Jet:
    return bilinear(left, right, lambda f, g: np.asarray(f @ g, dtype=object))


def transpose(jet: Jet) -> Jet:
    return linear(jet, lambda part: part.swapaxes(-1, -2))


def compose(coefficients: Sequence[Array], jet: Jet) -> Jet:
    """`Σ_k c_k·ν^k`, with ν the nilpotent part of the jet: a function from its Taylor coefficients at the value."""
    parts: dict[Levels, Array] = {(): coefficients[0]}
    slopes = jet.slopes
    nth: Mapping[Levels, Array] = slopes
    for coefficient in coefficients[1:]:
        smooth = finite(coefficient)
        for levels, part in nth.items():
            term = coefficient * part
            if not smooth:
                # what stands still on a kink has the slope 0 there: relu(0·t), abs(tril(A))
                term = np.where(each(lambda x: x.is_zero(), part).astype(np.bool_), full(ZERO, 1, 1), term)
            parts[levels] = parts[levels] + term if levels in parts else term
        nth = _multiply(nth, slopes, lambda f, g: f * g)
    return Jet(parts)


def apply(series: Callable[[Any, int], list[Any]], jet: Jet) -> Jet:
    """The function whose Taylor coefficients at x, up to an order, are `series(x, order)`, of each entry."""
    order = jet.order
    return compose(transposed([series(x, order) for x in jet.value.flat], jet.value.shape), jet)


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

    def change(part: Array) -> Array:
        axes = (-2, -1) if axis is None else (axis - 2,)
        return np.asarray(np.add.reduce(part, axis=axes, keepdims=True), dtype=object)

    return linear(jet, change)


def choose(mask: Array, yes: Jet, no: Jet) -> Jet:
    """The entries of `yes` where the mask holds, of `no` elsewhere, broadcasting."""
    shape = np.broadcast_shapes(mask.shape, yes.value.shape, no.value.shape)
    parts: dict[Levels, Array] = {}
    for levels in yes.parts.keys() | no.parts.keys():
        f, g = yes.parts.get(levels), no.parts.get(levels)
        like = f if f is not None else g
        assert like is not None
        zeros = full(ZERO, 1, 1)
        f, g = (zeros if f is None else f), (zeros if g is None else g)
        chosen = np.where(mask, f, g)
        parts[levels] = np.broadcast_to(chosen, like.shape[: len(levels)] + shape)
    return Jet(parts)


def widen(jet: Jet, shape: tuple[int, ...]) -> Jet:
    """The jet, broadcast with an array of this shape."""
    wide = np.broadcast_shapes(jet.value.shape, shape)
    if wide == jet.value.shape:
        return jet
    return linear(jet, lambda part: np.broadcast_to(part, part.shape[:-2] + wide))


def spoil(jet: Jet, mask: Array, value: Any, *, slopes_only: bool, levels: frozenset[Levels] = frozenset()) -> Jet:
    """The jet with `value` (undefined or vague) where the mask holds, in its slopes or in all its parts.

    `levels` are parts that the jet may lack and that are spoilt all the same.
    """
    if not mask.any():
        return jet
    shape = np.broadcast_shapes(mask.shape, jet.value.shape)
    parts: dict[Levels, Array] = {}
    for each_levels in jet.parts.keys() | levels:
        part = jet.parts.get(each_levels, full(ZERO, *(1 for _ in each_levels), 1, 1))
        if slopes_only and not each_levels:
            parts[each_levels] = np.broadcast_to(part, shape)
        else:
            parts[each_levels] = np.where(mask, full(value, 1, 1), np.broadcast_to(part, part.shape[:-2] + shape))
    return Jet(parts)


def stack(rows: Sequence[Sequence[Jet]]) -> Jet:
    """One jet of scalar jets, laid out as a matrix."""
    return joined([joined(row, 1) for row in rows], 0)


def joined(jets: Sequence[Jet], axis: int) -> Jet:
    """Jets one above the other (0) or side by side (1)."""
    if len(jets) == 1:
        return jets[0]
    parts: dict[Levels, Array] = {}
    for levels in dict.fromkeys(levels for jet in jets for levels in jet.parts):
        blocks = []
        directions = np.broadcast_shapes(*(j.parts[levels].shape[:-2] for j in jets if levels in j.parts))
        for jet in jets:
            part = jet.parts.get(levels)
            if part is None:
                part = full(ZERO, *directions, *jet.value.shape)
            blocks.append(np.broadcast_to(part, directions + part.shape[-2:]))
        parts[levels] = np.concatenate(blocks, axis=axis - 2)
    return Jet(parts)

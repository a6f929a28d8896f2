"""Symbolic sizes: polynomials with rational coefficients in named sizes, kept in normal form.

Two sizes are equal exactly when their normal forms are, so `2*d` and `d + d` agree and `m` and `n` do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import cast

Monomial = tuple[tuple[str, int], ...]
"""Powers of named sizes, sorted by name: `m²n` is `(("m", 2), ("n", 1))`, the constant 1 is `()`."""


@dataclass(frozen=True, eq=False)
class Size:
    """A polynomial `Σ c·monomial`; `terms` is sorted and holds no zero coefficient."""

    terms: tuple[tuple[Monomial, Fraction], ...]

    def __post_init__(self) -> None:
        # asked for at every shape of every formula: worked out once
        object.__setattr__(self, "_hash", hash(self.terms))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Size)
            and self._hash == other._hash  # type: ignore[attr-defined]
            and self.terms == other.terms
        )

    def __hash__(self) -> int:
        return cast(int, self._hash)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[object, ...]:
        return Size, (self.terms,)

    @staticmethod
    def of(value: Size | int | str) -> Size:
        """The size that a name, an integer or a size stands for."""
        match value:
            case Size():
                return value
            case int():
                return Size((((), Fraction(value)),) if value else ())
            case str():
                return Size(((((value, 1),), Fraction(1)),))

    @cached_property
    def number(self) -> int | None:
        """The integer this size is, or None while a name stands in it."""
        match self.terms:
            case ():
                return 0
            case (((), value),) if value.denominator == 1:
                return int(value)
        return None

    @cached_property
    def name(self) -> str | None:
        """The single name this size is, or None."""
        match self.terms:
            case ((((name, 1),), Fraction(numerator=1, denominator=1)),):
                return name
        return None

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for monomial, _ in self.terms for name, _ in monomial)

    def __add__(self, other: Size | int) -> Size:
        return _collect([*self.terms, *Size.of(other).terms])

    def __neg__(self) -> Size:
        return Size(tuple((monomial, -value) for monomial, value in self.terms))

    def __sub__(self, other: Size | int) -> Size:
        return self + -Size.of(other)

    def __mul__(self, other: Size | int) -> Size:
        return _collect([(_times(m, n), a * b) for m, a in self.terms for n, b in Size.of(other).terms])

    def scaled(self, factor: Fraction) -> Size:
        return Size(tuple((monomial, value * factor) for monomial, value in self.terms)) if factor else Size(())

    def at(self, values: Mapping[str, int]) -> int:
        """The integer this size takes at `values`; ValueError when it is not an integer there."""
        if self.name is not None:
            return values[self.name]
        if self.number is not None:
            return self.number
        total = Fraction(0)
        for monomial, value in self.terms:
            for name, power in monomial:
                value *= values[name] ** power
            total += value
        if total.denominator != 1:
            raise ValueError(f"the size {self} is {total} there, not a whole number")
        return int(total)

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = ""
        for monomial, value in self.terms:
            names = "*".join(name if power == 1 else f"{name}**{power}" for name, power in monomial)
            magnitude = abs(value)
            if not names:
                body = str(magnitude)
            elif magnitude == 1:
                body = names
            elif magnitude.denominator == 1:
                body = f"{magnitude}*{names}"
            elif magnitude.numerator == 1:
                body = f"{names}/{magnitude.denominator}"
            else:
                body = f"{magnitude.numerator}*{names}/{magnitude.denominator}"
            sign = "-" if value < 0 else "+"
            text = (body if sign == "+" else f"-{body}") if not text else f"{text} {sign} {body}"
        return text


ONE = Size.of(1)


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(powers.items()))


def _collect(terms: list[tuple[Monomial, Fraction]]) -> Size:
    totals: dict[Monomial, Fraction] = {}
    for monomial, value in terms:
        totals[monomial] = totals.get(monomial, Fraction(0)) + value
    # highest degree first, so that `n - 1` reads as people write it
    order = sorted(totals, key=lambda m: (-sum(power for _, power in m), m))
    return Size(tuple((monomial, totals[monomial]) for monomial in order if totals[monomial]))

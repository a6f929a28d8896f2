"""Whether a rational function of atoms is zero: first at numbers modulo a prime, then with denominators cleared."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

from solver.expr.nodes import (
    Add,
    Call,
    Idx,
    Node,
    call,
    substitute,
    walk,
)
from solver.expr.shapes import SCALAR, is_single
from solver.rules.monomials import UNIT, Polynomial

if TYPE_CHECKING:
    from solver.rules.normal import Normalizer

PRIME = (1 << 61) - 1

MAX_CLEARED = 1600
"""A numerator with more terms than this is not looked at."""


def _modulo(normal: Normalizer, p: Polynomial) -> int | None:
    """The value modulo a prime where every atom has a number of its own: what is not 0 there is not zero.

    None where a sum stands under a root, which has no value of its own there.
    """
    total = 0
    for (scalars, matrices), value in p.terms.items():
        term = value.numerator * pow(value.denominator, -1, PRIME)
        for base, exponent in (*scalars, *matrices):
            number = _number(normal, base, exponent)
            if number is None:
                return None
            term = term * number % PRIME
        total = (total + term) % PRIME
    return total


def _number(normal: Normalizer, base: Node, exponent: Fraction) -> int | None:
    """A power of a sum's value, or of the square that any other atom is taken to be."""
    if not isinstance(base, Add):
        root = int.from_bytes(sha256(normal.key(base).encode()).digest()[:7]) | 1
        twice = 2 * exponent
        return pow(root, int(twice), PRIME) if twice.denominator == 1 else None
    value = _modulo(normal, normal.polynomial(base))
    return pow(value, int(exponent), PRIME) if value and exponent.denominator == 1 else None


def _collapsed(normal: Normalizer, p: Polynomial) -> Polynomial:
    """`δ_ij a_j = δ_ij a_i`: beside a delta its two indices are one."""
    result = Polynomial(p.shape, {})
    for (scalars, matrices), value in p.terms.items():
        pair = next((b.args for b, e in scalars if isinstance(b, Call) and b.name == "delta" and e > 0), None)
        if pair is None or not isinstance(pair[1], Idx):
            result = normal.plus(result, Polynomial(p.shape, {(scalars, matrices): value}))
            continue
        node = normal.node(Polynomial(p.shape, {(scalars, matrices): value}))
        # a call that is a key is not entered: the delta itself keeps both
        keep = call("delta", *pair)
        inside = substitute(node, {keep: keep, pair[1]: pair[0]})
        result = normal.plus(result, normal.polynomial(inside))
    return result


def _rooted(normal: Normalizer, p: Polynomial) -> Polynomial:
    """Powers of a sum that stands under a root too: its sign is the one it has there."""
    under = {b for monomial in p.terms for b, e in (*monomial[0], *monomial[1]) if e.denominator != 1}
    turned = {
        normal.node(normal.scale(normal.polynomial(base), Fraction(-1))): base
        for base in under
        if isinstance(base, Add)
    }
    if not any(b in turned for monomial in p.terms for b, _ in (*monomial[0], *monomial[1])):
        return p
    result = Polynomial(p.shape, {})
    for (scalars, matrices), value in p.terms.items():
        sign = 1
        for base, e in (*scalars, *matrices):
            if base in turned and e.denominator == 1 and int(e) % 2:
                sign = -sign
        changed = [
            normal.merge((), tuple((turned.get(b, b) if e.denominator == 1 else b, e) for b, e in powers))
            for powers in (scalars, matrices)
        ]
        one = Polynomial(SCALAR, {UNIT: Fraction(1)})
        term = Polynomial(p.shape, {(changed[0], changed[1]): sign * value})
        result = normal.plus(result, normal.times(term, one, p.shape))
    return result


def vanishes(normal: Normalizer, p: Polynomial) -> bool:
    """Whether a rational function is zero: sums in denominators are multiplied away, one after another."""
    p = _rooted(normal, _collapsed(normal, p))
    if _modulo(normal, p):
        return False
    for _ in range(12):
        if not p.terms:
            return True
        lowest: dict[Node, Fraction] = {}
        for scalars, matrices in p.terms:
            for base, e in (*scalars, *matrices):
                if isinstance(base, Add) and e < 0:
                    lowest[base] = min(lowest.get(base, Fraction(0)), e)
        if not lowest:
            return False
        base = max(lowest, key=lambda b: sum(1 for _ in walk(b)))
        matrix = bool(base.shape) and not is_single(base.shape)
        power = ((base, -lowest[base]),)
        factor = Polynomial(base.shape, {((), power) if matrix else (power, ()): Fraction(1)})
        p = normal.times(p, factor, p.shape)
        if len(p.terms) > MAX_CLEARED:
            return False
    return False

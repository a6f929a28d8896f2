"""Polynomials in atoms, as the normal form holds them: monomials, and what they are written as."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from solver.expr.nodes import (
    Call,
    Const,
    Div,
    Neg,
    Node,
    Num,
    Pow,
    SizeSym,
    call,
    from_size,
    mul,
    num,
)
from solver.expr.shapes import Shape, beside

Power = tuple[Node, Fraction]
Monomial = tuple[tuple[Power, ...], tuple[Power, ...]]
"""Scalar atoms with their exponents, and matrix atoms (multiplied entry by entry) with theirs; both sorted."""

UNIT: Monomial = ((), ())


@dataclass(frozen=True)
class Polynomial:
    """A sum of monomials with rational coefficients; a scalar term of a matrix-shaped one fills every entry."""

    shape: Shape
    terms: dict[Monomial, Fraction]


def powers_of_number(value: Fraction, exponent: Fraction) -> tuple[Power, ...]:
    """A power of a positive number as powers of whole numbers."""
    pairs = ((num(value.numerator), exponent), (num(value.denominator), -exponent))
    return tuple((number, e) for number, e in pairs if number != num(1))


def surely_positive(scalars: tuple[Power, ...]) -> bool:
    """Whether a product of powers of known numbers is taken: each is positive."""
    return all(isinstance(base, Const | Num | SizeSym) for base, _ in scalars)


def fields_of(node: Node) -> tuple[object, ...]:
    """What a node is made of, one after another: the terms of a sum, the name and the arguments of a call."""
    parts: list[object] = []
    for part in node._key[1:]:  # type: ignore[attr-defined]
        if isinstance(part, tuple) and part and all(isinstance(p, Node) or p is None for p in part):
            parts.extend(part)
        else:
            parts.append(part)
    return tuple(parts)


def is_whole(exponent: Node) -> bool:
    """Whether the exponent is a whole number."""
    bare = exponent.arg if isinstance(exponent, Neg) else exponent
    return isinstance(bare, Num) and bare.value.denominator == 1


def powered(base: Node, exponent: Fraction) -> Node:
    """The power as people write it: a root, a quotient, `exp` of a multiple."""
    if exponent == 1:
        return base
    if isinstance(base, Call) and base.name == "exp" and exponent.denominator == 1:
        inner = mul(num(abs(exponent)), base.args[0]) if abs(exponent) != 1 else base.args[0]
        return call("exp", Neg(inner) if exponent < 0 else inner)
    if exponent == Fraction(1, 2):
        return call("sqrt", base)
    if exponent < 0:
        return Div(num(1), powered(base, -exponent))
    return Pow(base, num(exponent))


def term_of(monomial: Monomial, value: Fraction, shape: Shape) -> Node:
    """The monomial as a product, what has negative exponents under a bar."""
    above: list[Node] = []
    below: list[Node] = []
    for base, exponent in (*monomial[0], *monomial[1]):
        exponential = isinstance(base, Call) and base.name == "exp"
        if exponent < 0 and not exponential:
            below.append(powered(base, -exponent))
        else:
            above.append(powered(base, exponent))
    if not beside([*above, *below]):
        # the matrix in which a row and a column met has cancelled
        above.insert(0, call("ones", *(from_size(size) for size in shape)))
    magnitude = abs(value)
    if magnitude.numerator != 1 or not above:
        above.insert(0, num(magnitude.numerator))
    if magnitude.denominator != 1:
        below.insert(0, num(magnitude.denominator))
    term = mul(*above)
    # a row and a column meet in the matrix above them only: one after the other
    for divisor in (mul(*below),) if below and beside(below) else below:
        term = Div(term, divisor)
    return Neg(term) if value < 0 else term

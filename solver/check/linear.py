"""Determinant, inverse and powers of matrices of jets, without a division that is not wanted.

Berkowitz' algorithm gives the characteristic polynomial by products alone, so an exactly singular matrix of exact
numbers has the determinant exactly 0, and jets need no pivots.
"""

from __future__ import annotations

import numpy as np

from solver.check import jets
from solver.check.balls import ONE, VAGUE, ZERO, Array, each, full, scalar, taylor
from solver.check.jets import Jet

MAX_POWER = 512


def identity(size: int) -> Array:
    result = full(ZERO, size, size)
    for k in range(size):
        result[k, k] = ONE
    return result


def characteristic(matrix: Jet) -> list[Jet]:
    """`[1, c_1, …, c_n]` with `det(tI − A) = tⁿ + c_1 tⁿ⁻¹ + … + c_n` (Berkowitz 1984)."""
    size = matrix.rows
    polynomial = [jets.constant(scalar(ONE)), jets.negate(_block(matrix, 0, 1, 0, 1))]
    for k in range(1, size):
        row = _block(matrix, k, k + 1, 0, k)
        column = _block(matrix, 0, k, k, k + 1)
        leading = _block(matrix, 0, k, 0, k)
        band = [jets.constant(scalar(ONE)), jets.negate(_block(matrix, k, k + 1, k, k + 1))]
        for _ in range(k):
            band.append(jets.negate(jets.matmul(row, column)))
            column = jets.matmul(leading, column)
        polynomial = [_convolved(band, polynomial, i) for i in range(k + 2)]
    return polynomial


def _block(matrix: Jet, top: int, bottom: int, left: int, right: int) -> Jet:
    return jets.linear(matrix, lambda part: part[..., top:bottom, left:right])


def _convolved(band: list[Jet], polynomial: list[Jet], degree: int) -> Jet:
    total: Jet | None = None
    for j in range(max(0, degree - len(band) + 1), min(degree, len(polynomial) - 1) + 1):
        term = jets.multiply(band[degree - j], polynomial[j])
        total = term if total is None else jets.add(total, term)
    assert total is not None
    return total


def determinant(matrix: Jet) -> Jet:
    last = characteristic(matrix)[-1]
    return jets.negate(last) if matrix.rows % 2 else last


def inverse(matrix: Jet) -> Jet:
    """`A⁻¹ = −(Aⁿ⁻¹ + c_1 Aⁿ⁻² + … + c_{n−1} I)/c_n` (Cayley–Hamilton); undefined where the determinant is 0."""
    size = matrix.rows
    polynomial = characteristic(matrix)
    eye = jets.constant(identity(size))
    total = eye
    for coefficient in polynomial[1:-1]:
        total = jets.add(jets.matmul(matrix, total), jets.multiply(coefficient, eye))
    return jets.negate(jets.divide(total, polynomial[-1]))


def log_absolute_determinant(matrix: Jet) -> Jet:
    """`log |det A|`."""
    det = determinant(matrix)
    signs = each(lambda x: -ONE if x < 0 else ONE, det.value)
    det = jets.multiply(jets.constant(signs), det)
    return jets.apply(lambda x, order: taylor("log", x, order), det)


def power(matrix: Jet, exponent: int) -> Jet:
    """`Aᵏ` for a whole k; negative ones need an invertible matrix."""
    if abs(exponent) > MAX_POWER:
        raise jets.TooLarge(f"a matrix to the power {exponent} is not computed")
    base = inverse(matrix) if exponent < 0 else matrix
    result = jets.constant(identity(matrix.rows))
    for _ in range(abs(exponent)):
        result = jets.matmul(result, base)
    return result


def pseudo_inverse(matrix: Jet) -> Jet:
    """`(AᵀA)⁻¹Aᵀ` or `Aᵀ(AAᵀ)⁻¹`, for a matrix of full rank; vague where the rank is less."""
    flipped = jets.transpose(matrix)
    if matrix.rows >= matrix.columns:
        result = jets.matmul(inverse(jets.matmul(flipped, matrix)), flipped)
    else:
        result = jets.matmul(flipped, inverse(jets.matmul(matrix, flipped)))
    # of a matrix of lower rank the pseudo-inverse exists, but not by this formula
    return jets.linear(result, lambda part: each(lambda x: VAGUE if x.is_nan() else x, part))


def kronecker(left: Jet, right: Jet) -> Jet:
    """`A ⊗ B`."""

    def product(f: Array, g: Array) -> Array:
        jets.refuse_large(f.size * g.size)
        blocks = f[..., :, None, :, None] * g[..., None, :, None, :]
        rows, inner_rows, columns, inner_columns = blocks.shape[-4:]
        return np.asarray(blocks.reshape(*blocks.shape[:-4], rows * inner_rows, columns * inner_columns))

    return jets.bilinear(left, right, product)

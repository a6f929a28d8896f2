"""The table of traits: what a symbol's `is:` may say, what it says, what it fits, and what it contradicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.expr.shapes import Shape, describe

Fits = Literal["any", "samples", "matrix", "square"]
"""any: every shape · samples: a vector or a matrix of samples · matrix: two sizes · square: two equal sizes."""


@dataclass(frozen=True)
class Trait:
    """One trait; `against` names traits that cannot hold beside it, or that say the same in another way."""

    name: str
    words: str
    fits: Fits
    against: tuple[str, ...] = ()


_NOT_ZERO = ("positive", "negative", "nonzero", "plus-minus-one", "probability")
"""Traits of entries that rule out zeros."""

_ROWS = (
    Trait("one-hot", "each sample has one entry 1 and else zeros", "samples",
          (*_NOT_ZERO, "one-hot-rows", "one-hot-columns")),
    Trait("one-hot-rows", "each row has one entry 1 and else zeros", "matrix", (*_NOT_ZERO, "one-hot-columns")),
    Trait("one-hot-columns", "each column has one entry 1 and else zeros", "matrix", _NOT_ZERO),
    Trait("simplex", "each sample's entries are nonnegative and sum to 1", "samples",
          ("negative", "plus-minus-one", "integer")),
    Trait("probability", "every entry lies between 0 and 1", "any",
          ("negative", "plus-minus-one", "integer", "binary")),
    Trait("positive", "every entry is greater than 0", "any",
          ("negative", "binary", "plus-minus-one", "diagonal", "triangular", "orthogonal")),
    Trait("negative", "every entry is less than 0", "any",
          ("nonnegative", "binary", "plus-minus-one", "diagonal", "triangular", "positive-definite", "orthogonal")),
    Trait("nonnegative", "every entry is at least 0", "any", ("plus-minus-one",)),
    Trait("nonzero", "no entry is 0", "any", ("binary", "diagonal", "triangular")),
    Trait("integer", "every entry is a whole number; a scalar may be an index", "any"),
    Trait("binary", "every entry is 0 or 1", "any", ("plus-minus-one",)),
    Trait("plus-minus-one", "every entry is 1 or -1", "any", ("diagonal", "triangular")),
    Trait("symmetric", "the matrix is its transpose", "square", ("triangular",)),
    Trait("positive-definite", "the matrix is symmetric and xᵀAx > 0 for every x but 0", "square",
          ("triangular", "orthogonal")),
    Trait("orthogonal", "the transpose is the inverse", "square", ("triangular", "diagonal")),
    Trait("diagonal", "entries off the diagonal are 0", "square"),
    Trait("triangular", "entries above, or below, the diagonal are 0", "square", ("diagonal",)),
    Trait("invertible", "the matrix has an inverse", "square"),
    Trait("full-rank", "the rank is the smaller of the two sizes", "matrix"),
    Trait("constant", "the symbol does not vary: nothing is differentiated by it", "any"),
)  # fmt: skip

TRAIT_TABLE: dict[str, Trait] = {row.name: row for row in _ROWS}
TRAITS: tuple[str, ...] = tuple(TRAIT_TABLE)


STABLE: frozenset[str] = frozenset(
    ("positive", "negative", "nonzero", "probability", "invertible", "full-rank", "constant")
)
"""Traits that stay when every entry moves a little, so that they may be used under a derivative by the symbol."""


def unfit(trait: Trait, shape: Shape) -> tuple[str, str] | None:
    """Why a symbol of this shape cannot have the trait, and what to write instead; None where it can."""
    what = describe(shape)
    if trait.fits == "samples" and not shape:
        return f"a scalar cannot be `{trait.name}`", "it needs a vector or a matrix of samples: `shape: [D]`"
    if trait.fits in ("matrix", "square") and not shape:
        return f"a scalar cannot be `{trait.name}`", "it needs a matrix: `shape: [n, n]`"
    if trait.fits == "square" and shape and shape[0] != shape[1]:
        return f"`{trait.name}` needs a square matrix, not {what}", "both sizes must be the same"
    return None


def contradiction(first: str, second: str) -> bool:
    """Whether the two traits cannot stand beside each other."""
    return second in TRAIT_TABLE[first].against or first in TRAIT_TABLE[second].against

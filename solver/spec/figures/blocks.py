"""`blocks`: an expression of matrices as rectangles in proportion, with their sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from solver.expr.nodes import Add, MatMul, Mul, Neg, Node, Sym, walk
from solver.expr.sizes import Size
from solver.spec.figures.kind import FigureModel, figure
from solver.spec.leaves import Expression, Named, whole
from solver.spec.reading import Reading

MAX_FACTORS = 12
MAX_LENGTH = 1000
LENGTHS = (6, 4, 5, 3, 7, 2)
"""What sizes count for that are not given, in the order in which they come."""


@figure("blocks")
class BlocksModel(FigureModel):
    """A matrix expression as a picture: a rectangle for each factor, and one for the result.

    Read as `of` (a node), `name` (the definition's name, or None) and `sizes` (how long each size is drawn).
    """

    of: Expression = Field(
        description="A product or a sum of products, or the name of one.", examples=["X @ W1 + b1", "theta"]
    )
    sizes: dict[Named, Annotated[int, whole(1, MAX_LENGTH)]] | None = Field(
        None, description="How long sizes are drawn; left out, every size has a length of its own.", examples=[{"N": 8}]
    )

    def options(self, reading: Reading) -> Mapping[str, object] | None:
        node = reading.expression(self.of)
        bad = [key for key in self.sizes or {} if key not in reading.sizes]
        for key in bad:
            reading.report(key.scalar, f"`{key}` is no size")
        if node is None or bad:
            return None
        name = node.name if isinstance(node, Sym) and node.name in reading.define else None
        picture = reading.define[name] if name is not None else node
        factors = operands(picture)
        if not picture.shape or len(factors) < 2:
            reading.report(self.of, "blocks are of a sum or a product of matrices", "as in `X @ W + b`")
            return None
        if len(factors) > MAX_FACTORS:
            reading.report(
                self.of, f"{len(factors)} blocks are too many for one picture", "name parts of it in `define`"
            )
            return None
        given = {str(key): length for key, length in (self.sizes or {}).items()}
        return {"of": picture, "name": name, "sizes": _lengths(factors, given)}


def operands(node: Node) -> list[Node]:
    """What stands between the signs of a sum of products."""
    match node:
        case Add(args) | Mul(args) | MatMul(args):
            return [part for arg in args for part in operands(arg)]
        case Neg(arg):
            return operands(arg)
    return [node]


def _lengths(factors: list[Node], given: Mapping[str, int]) -> Mapping[str, int]:
    """A length for every size of the factors, different ones while there are enough."""
    names: dict[str, None] = {}
    for factor in factors:
        for part in walk(factor):
            names |= dict.fromkeys(name for size in part.shape for name in sorted(Size.of(size).names))
    free = [name for name in names if name not in given]
    spare = [length for length in LENGTHS if length not in given.values()] or list(LENGTHS)
    return {**given, **{name: spare[number % len(spare)] for number, name in enumerate(free)}}

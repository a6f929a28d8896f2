"""Numbers in front of terms: taken apart into factors, cancelled, and what several of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from solver.expr.nodes import ONE_NODE, Call, Div, Mul, Neg, Node, Num, Pow, mul, num
from solver.rules.pullback import times

MAX_POWER = 6
"""A power of a number is taken apart up to this exponent."""


@dataclass(frozen=True)
class Weight:
    """A number in front: `coefficient · Π above / Π below`."""

    coefficient: Fraction = Fraction(1)
    above: tuple[Node, ...] = ()
    below: tuple[Node, ...] = ()

    @staticmethod
    def of(node: Node | None) -> Weight:
        """The number that a node spells out, its factors apart."""
        match node:
            case None:
                return Weight()
            case Num(value):
                return Weight(value)
            case Neg(arg):
                return Weight(Fraction(-1)) * Weight.of(arg)
            case Mul(args):
                product = Weight()
                for arg in args:
                    product = product * Weight.of(arg)
                return product
            case Pow(base, Num(value)) if value.denominator == 1 and 1 <= value <= MAX_POWER:
                product = Weight()
                for _ in range(int(value)):
                    product = product * Weight.of(base)
                return product
            case Div(left, right) if (below := Weight.of(right)).coefficient:
                return Weight.of(left) * Weight(1 / below.coefficient, below.below, below.above)
        return Weight(above=(node,))

    def __mul__(self, other: Weight) -> Weight:
        above, below = list(self.above + other.above), list(self.below + other.below)
        for part in other.above + self.above:
            if part in below:
                above.remove(part)
                below.remove(part)
        return Weight(self.coefficient * other.coefficient, tuple(above), tuple(below))

    def without(self, common: Weight) -> Weight:
        """What is left when a common part is taken out."""
        return Weight(
            self.coefficient / common.coefficient, fewer(self.above, common.above), fewer(self.below, common.below)
        )

    def times(self, node: Node) -> Node:
        """The number times a matrix: number first, sign and denominator outside."""
        size = abs(self.coefficient)
        front = [num(size.numerator)] if size.numerator != 1 else []
        high = _powers(self.above)
        above = times(*front, *high, *([node] if node != ONE_NODE else [])) if front or high else node
        low = [*([num(size.denominator)] if size.denominator != 1 else []), *_powers(self.below)]
        whole = Div(above, mul(*low)) if low else above
        return Neg(whole) if self.coefficient < 0 else whole


def _powers(parts: tuple[Node, ...]) -> list[Node]:
    """Equal factors as powers: `a a` is `a²`, `√a √a` is `a`."""
    found: list[Node] = []
    for part, count in Counter(parts).items():
        match part:
            case Call("sqrt", (arg,)) if count > 1:
                found += [arg if count < 4 else Pow(arg, num(count // 2))] + ([part] if count % 2 else [])
            case _:
                found.append(part if count == 1 else Pow(part, num(count)))
    return found


def fewer(parts: tuple[Node, ...], taken: tuple[Node, ...]) -> tuple[Node, ...]:
    """The parts without one of each that is taken."""
    rest = list(parts)
    for part in taken:
        rest.remove(part)
    return tuple(rest)


def shared(weights: Sequence[Weight]) -> Weight:
    """What all the numbers have in common."""
    sizes = {abs(weight.coefficient) for weight in weights}
    size = sizes.pop() if len(sizes) == 1 else Fraction(1)
    sign = -1 if all(weight.coefficient < 0 for weight in weights) else 1
    return Weight(sign * size, in_all([w.above for w in weights]), in_all([w.below for w in weights]))


def in_all(lists: list[tuple[Node, ...]]) -> tuple[Node, ...]:
    """The parts that stand in every list, as often as they do in all of them."""
    rest = [list(parts) for parts in lists]
    found = []
    for part in lists[0]:
        if all(part in other for other in rest):
            found.append(part)
            for other in rest:
                other.remove(part)
    return tuple(found)

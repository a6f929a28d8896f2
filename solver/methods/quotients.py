"""Quotients that have a name: after the quotient rule, `e^{x_i} e^{x_j} / S²` is read as `s_i s_j` again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.expr.derivation import Reason
from solver.expr.nodes import ONE_NODE, Add, At, Div, Neg, Node, Num, Pow, add, mul, num, places
from solver.methods.argument import Argument
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.fractions import factors, powers
from solver.rules.gradients import positive_first


@dataclass(frozen=True)
class Quotient:
    """`name = above / below`, for one value of the index: `s_i = e^{x_i} / S`."""

    name: Node
    above: Node
    below: Node

    @property
    def single(self) -> bool:
        """Whether the numerator is a power of one thing, which can be found among the factors of a term."""
        return len(powers(self.above)) == 1


def divide_through(argument: Argument, quotients: Sequence[Quotient]) -> bool:
    """Every fraction over the named quotients' denominator, written through their names, in one line."""
    if not quotients:
        return False

    def build() -> None:
        for _ in range(60):
            for path, part in places(argument.now):
                after = _through(part, quotients)
                if after is not None and after != part:
                    name = quotients[0].name
                    whole = name.arg if isinstance(name, At) else name
                    argument.put(after, Reason("named quotient", (("f", whole),)), path)
                    break
            else:
                break
        argument.exhaust((collect_powers, positive_first, *TIDY))

    return argument.line(build)


def _through(node: Node, quotients: Sequence[Quotient]) -> Node | None:
    """The fraction with one name for each numerator that stands over the common denominator; None for no fraction."""
    if not isinstance(node, Div):
        return None
    below = quotients[0].below
    depth, others = _depth(factors(node.right), below)
    if depth < 1:
        return None
    terms = node.left.args if isinstance(node.left, Add) else (node.left,)
    made = [_term(term, depth, others, quotients) for term in terms]
    # a fraction in which no numerator has a name is left as it is
    return add(*(term for term, _ in made)) if any(named for _, named in made) else None


def _depth(below: Sequence[Node], wanted: Node) -> tuple[int, list[Node]]:
    """The power of the shared denominator below the bar, and the other factors there."""
    depth = 0
    others: list[Node] = []
    for factor in below:
        match factor:
            case Pow(base, Num(value)) if base == wanted and value.denominator == 1:
                depth += int(value)
            case _ if factor == wanted:
                depth += 1
            case _:
                others.append(factor)
    return depth, others


def _term(term: Node, depth: int, others: list[Node], quotients: Sequence[Quotient]) -> tuple[Node, bool]:
    """One term over `below**depth`: as many numerators as can be are named, the rest stays over what is left."""
    if isinstance(term, Neg):
        inner, named = _term(term.arg, depth, others, quotients)
        return Neg(inner), named
    below = quotients[0].below
    above, under = _fraction(term)
    more, under = _depth(under, below)
    depth, under = depth + more, [*others, *under]
    kept: list[Node] = []
    found = False
    for base, exponent in powers(mul(*above)):
        for quotient in quotients:
            ((numerator, step),) = powers(quotient.above)[:1]
            while base == numerator and quotient.single and exponent >= step and depth:
                kept.append(quotient.name)
                exponent -= step
                depth -= 1
                found = True
        if base == below:
            common = min(int(exponent), depth)
            exponent -= common
            depth -= common
        if exponent and base != ONE_NODE:
            kept.append(base if exponent == 1 else Pow(base, num(exponent)))
    if depth:
        under.append(below if depth == 1 else Pow(below, num(depth)))
    whole = mul(*kept)
    return (Div(whole, mul(*under)) if under else whole), found or not under


def _fraction(term: Node) -> tuple[list[Node], list[Node]]:
    """The factors above and below the bar, nested fractions taken in."""
    above: list[Node] = []
    below: list[Node] = []
    for factor in factors(term):
        if isinstance(factor, Div):
            upper, lower = _fraction(factor.left)
            above += upper
            below += [*lower, *factors(factor.right)]
        else:
            above.append(factor)
    return above, below

"""Two quotients of sums of exponentials brought to one fraction: one denominator, products, powers of one exponential.

    approach(left, right) -> bool     False where a side is made of anything else, or they do not meet

`tanh x = 2σ(2x) − 1` is so argued in lines that a reader can follow, where arithmetic sees it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd, lcm

from solver.expr.derivation import Reason
from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Call,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    add,
    call,
    mul,
    num,
    walk,
)  # fmt: skip
from solver.expr.shapes import is_single
from solver.methods.argument import Argument

Laurent = dict[Fraction, Fraction]
"""A sum of exponentials: `Σ c e^{k u}`, its coefficients by k."""
MAX_TERMS = 24


class _Other(Exception):
    """What is met is no quotient of sums of exponentials of one number."""


@dataclass(frozen=True)
class Form:
    """A form of a side, and the reasons that lead to it from the one before, read forwards and backwards."""

    node: Node
    reason: Reason
    back: Reason


def approach(left: Argument, right: Argument) -> bool:
    """Both arguments taken to one fraction, the second by reasons that will be read backwards."""
    try:
        exponent = _base((left.now, right.now))
        one, other = (list(_forms(each.now, exponent)) for each in (left, right))
    except _Other:
        return False
    pairs = ((i, j) for i, j in product(range(len(one)), range(len(other))) if one[i].node == other[j].node)
    met = min(pairs, key=sum, default=None)
    if met is None:
        return False
    for argument, forms, count in ((left, one, met[0]), (right, other, met[1])):
        for form in forms[1 : count + 1]:
            argument.put(form.node, form.reason if argument is left else form.back)
    return True


# --- the forms of a side ----------------------------------------------------------------------------------------------


def _forms(node: Node, exponent: Node) -> Iterator[Form]:
    """The side as it stands, as one fraction, multiplied out, collected, cancelled, and through `e^0` and below."""
    plain = Reason("collect terms")
    last = node
    yield Form(node, plain, plain)
    above, below = _fraction(node)
    whole = _over(above, below)
    for form in _reduced(whole, above, below, exponent):
        if form.node != last:
            yield form
            last = form.node


def _reduced(whole: Node, above: Node, below: Node, exponent: Node) -> Iterator[Form]:
    yield Form(whole, Reason("common denominator"), Reason("split the fraction"))
    top, bottom = _terms(above, exponent), _terms(below, exponent)
    if any(isinstance(part, Pow) for part in walk(above)):
        spread = add(*(_signed(_written(_terms(term, exponent), exponent), minus) for term, minus in _each(above)))
        yield Form(_over(spread, below), Reason("multiply out"), Reason("factor"))
    if not bottom:
        raise _Other
    through = below in walk(above)
    product_above = isinstance(above, Mul)
    given = Reason("multiply out" if product_above else "collect terms")
    back = Reason("add and subtract", (("v", below),)) if through else Reason("factor") if product_above else given
    collected = _over(_written(top, exponent), _written(bottom, exponent))
    less, under = _cancelled(top, bottom)
    fraction = _over(_written(less, exponent), _written(under, exponent))
    gone = under == {Fraction(0): 1}
    if not gone or bottom.keys() != under.keys():
        # a number over a number is worked out at once
        yield Form(collected, given, back)
        common = _written(bottom, exponent) if gone else num(next(bottom[k] / under[k] for k in bottom))
        given, back = (Reason(name, (("c", common),)) for name in ("cancel", "expand the fraction"))
    yield Form(fraction, given, back)
    top, bottom = less, under
    shift = max((*top, *bottom))
    low = _over(*(_written({k - shift: c for k, c in each.items()}, exponent) for each in (top, bottom)))
    factor = _exponential(-shift, exponent)
    given, undone = (Reason("expand the fraction", (("c", _exponential(k, exponent)),)) for k in (-shift, shift))
    if factor != ONE_NODE:
        yield Form(low, given, undone)


def _each(above: Node) -> Iterator[tuple[Node, bool]]:
    """The terms of a numerator, and whether they are taken away."""
    for term in above.args if isinstance(above, Add) else (above,):
        yield (term.arg, True) if isinstance(term, Neg) else (term, False)


def _signed(node: Node, minus: bool) -> Node:
    return Neg(node) if minus else node


def _over(above: Node, below: Node) -> Node:
    return above if below == ONE_NODE else Div(above, below)


def _cancelled(top: Laurent, bottom: Laurent) -> tuple[Laurent, Laurent]:
    """Without the number that all coefficients share; a denominator that divides the numerator is gone."""
    ratios = {top.get(k, Fraction(0)) / c for k, c in bottom.items()}
    if len(ratios) == 1 and top.keys() <= bottom.keys():
        return {Fraction(0): ratios.pop()}, {Fraction(0): Fraction(1)}
    common = _content((*top.values(), *bottom.values()))
    return {k: c / common for k, c in top.items()}, {k: c / common for k, c in bottom.items()}


def _content(values: Sequence[Fraction]) -> Fraction:
    """The largest number of which all are whole multiples."""
    return Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))


# --- one fraction -----------------------------------------------------------------------------------------------------


def _fraction(node: Node) -> tuple[Node, Node]:
    """`(a, b)` with `node = a/b`, nothing multiplied out; a factor above and below is gone."""
    match node:
        case Add(args):
            parts = [_fraction(arg) for arg in args]
            below = _common([b for _, b in parts])
            return add(*(_taken(_times(a, _without(below, b))) for a, b in parts)), below
        case Neg(arg):
            above, below = _fraction(arg)
            return Neg(above), below
        case Mul(args):
            above, below = ONE_NODE, ONE_NODE
            for a, b in map(_fraction, args):
                above, below = _shortened(_times(above, a), _times(below, b))
            return above, below
        case Div(top, bottom):
            (a, b), (c, d) = _fraction(top), _fraction(bottom)
            return _shortened(_times(a, d), _times(b, c))
        case Pow(inner, Num(value)) if value.denominator == 1 and 0 < value < 4:
            above, below = _fraction(inner)
            return _power(above, value), _power(below, value)
    return node, ONE_NODE


def _taken(node: Node) -> Node:
    """A product with a minus in front as the negation of a product."""
    if isinstance(node, Mul) and isinstance(node.args[0], Neg):
        return Neg(_product([each for arg in (node.args[0].arg, *node.args[1:]) for each in _factors(arg)]))
    return node


def _power(node: Node, count: Fraction) -> Node:
    return _product(_factors(node) * int(count))


def _factors(node: Node) -> list[Node]:
    """The factors of a product, powers of whole numbers taken apart."""
    match node:
        case Mul(args):
            return [each for arg in args for each in _factors(arg)]
        case Pow(inner, Num(value)) if value.denominator == 1 and 0 < value < 4:
            return [each for each in _factors(inner) for _ in range(int(value))]
    return [] if node == ONE_NODE else [node]


def _product(factors: Sequence[Node]) -> Node:
    """The product, equal factors as powers, numbers in front."""
    order = list(dict.fromkeys(factors))
    numbers = [each for each in order if isinstance(each, Num)]
    rest = [each for each in order if not isinstance(each, Num)]
    value = Fraction(1)
    for each in numbers:
        value *= each.value ** factors.count(each)
    front = [] if value == 1 else [num(value)]
    return mul(*front, *(each if (n := factors.count(each)) == 1 else Pow(each, num(n)) for each in rest))


def _times(one: Node, other: Node) -> Node:
    return _product([*_factors(one), *_factors(other)])


def _without(whole: Node, part: Node) -> Node:
    left = _factors(whole)
    for each in _factors(part):
        left.remove(each)
    return _product(left)


def _common(denominators: Sequence[Node]) -> Node:
    """The least common multiple, factor by factor."""
    found: list[Node] = []
    for each in denominators:
        factors = _factors(each)
        for factor in dict.fromkeys(factors):
            found += [factor] * max(0, factors.count(factor) - found.count(factor))
    return _product(found)


def _shortened(above: Node, below: Node) -> tuple[Node, Node]:
    top, bottom = _factors(above), _factors(below)
    for each in list(bottom):
        if each in top:
            top.remove(each)
            bottom.remove(each)
    return _product(top), _product(bottom)


# --- sums of exponentials ---------------------------------------------------------------------------------------------


def _base(nodes: Sequence[Node]) -> Node:
    """The number u of which all exponents are multiples."""
    found = {_multiple(part.args[0])[1] for node in nodes for part in walk(node) if isinstance(part, Call)}
    if len(found) != 1 or any(isinstance(p, Call) and p.name != "exp" for node in nodes for p in walk(node)):
        raise _Other
    return found.pop()


def _multiple(exponent: Node) -> tuple[Fraction, Node]:
    """`(k, u)` for `k u`."""
    match exponent:
        case Neg(inner):
            count, base = _multiple(inner)
            return -count, base
        case Mul((Num(value), inner)):
            count, base = _multiple(inner)
            return count * value, base
        case Div(inner, Num(value)) if value:
            count, base = _multiple(inner)
            return count / value, base
        case Sym() if is_single(exponent.shape):
            return Fraction(1), exponent
    raise _Other


def _terms(node: Node, exponent: Node) -> Laurent:
    """The coefficients of the sum that the expression is, multiplied out."""
    match node:
        case Num(value):
            return {Fraction(0): value} if value else {}
        case Call("exp", (inner,)):
            count, base = _multiple(inner)
            if base == exponent:
                return {count: Fraction(1)}
        case Neg(arg):
            return {k: -c for k, c in _terms(arg, exponent).items()}
        case Add(args):
            found: Laurent = {}
            for each in args:
                for k, c in _terms(each, exponent).items():
                    found[k] = found.get(k, Fraction(0)) + c
            return {k: c for k, c in found.items() if c}
        case Mul() | Pow():
            factors = _factors(node)
            if factors == [node]:
                raise _Other
            result: Laurent = {Fraction(0): Fraction(1)}
            for factor in factors:
                terms, before, result = _terms(factor, exponent), result, {}
                for (k, c), (m, d) in product(before.items(), terms.items()):
                    result[k + m] = result.get(k + m, Fraction(0)) + c * d
                if len(result) > MAX_TERMS:
                    raise _Other
            return {k: c for k, c in result.items() if c}
    raise _Other


def _written(terms: Laurent, exponent: Node) -> Node:
    """The sum, highest exponent first, a positive term before all others."""
    if not terms:
        return ZERO_NODE
    order = sorted(terms, reverse=True)
    if terms[order[0]] < 0 and any(c > 0 for c in terms.values()):
        order.sort(key=lambda k: terms[k] < 0)
    made = []
    for k in order:
        size = abs(terms[k])
        power = _exponential(k, exponent)
        value = num(size) if power == ONE_NODE else power if size == 1 else mul(num(size), power)
        made.append(Neg(value) if terms[k] < 0 else value)
    return add(*made)


def _exponential(count: Fraction, exponent: Node) -> Node:
    """`e^{k u}`."""
    if not count:
        return ONE_NODE
    size = abs(count)
    value = exponent if size.numerator == 1 else mul(num(size.numerator), exponent)
    value = value if size.denominator == 1 else Div(value, num(size.denominator))
    return call("exp", Neg(value) if count < 0 else value)

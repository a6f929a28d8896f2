"""Powers of data that takes two values: `b² = b` for entries 0 or 1, `s² = 1` for entries ±1."""

from __future__ import annotations

from solver.expr.derivation import Fact
from solver.expr.nodes import At, Div, Mul, Neg, Node, Num, Pow, Sym, mul, walk
from solver.rules.pullback import filled, times
from solver.rules.rule import Rewrite, Rule, rule
from solver.rules.setting import Setting

_ZERO_ONE = ("binary", "one-hot", "one-hot-rows", "one-hot-columns")


def _trait(node: Node, setting: Setting, *wanted: str) -> Fact | None:
    """The first of the wanted traits that a symbol, or the matrix of which it is an entry, is declared to have."""
    symbol = node.arg if isinstance(node, At) else node
    if not isinstance(symbol, Sym):
        return None
    found = next((trait for trait in setting.traits(symbol) if trait in wanted), None)
    return None if found is None else Fact(symbol.name, found)


def zeros_and_ones(node: Node, setting: Setting) -> Fact | None:
    """That every entry of the symbol is 0 or 1, where it is declared."""
    return _trait(node, setting, *_ZERO_ONE)


def _power(node: Node) -> tuple[Node, int] | None:
    """`b^k` as b and k, for a whole k ≥ 1."""
    match node:
        case Pow(base, Num(value)):
            return (base, int(value)) if value.denominator == 1 and value >= 1 else None
    return node, 1


def _holds(node: Node, factor: Node, setting: Setting) -> bool:
    """Whether the value is a product, entry by entry, with the factor in it; defined names are looked into."""
    if node == factor:
        return True
    match node:
        case Sym():
            value = setting.value_of(node)
            return value is not None and _holds(value, factor, setting)
        case Mul(args):
            return any(arg.shape == node.shape and _holds(arg, factor, setting) for arg in args)
        case Neg(arg) | Div(arg, _):
            return arg.shape == node.shape and _holds(arg, factor, setting)
    return False


@rule(
    "square of zero or one", r"b^2 = b", words="the entries of {b} are 0 or 1",
    applies=["p*p -> p", "p**2 -> p", "p**3 -> p", "(p*x)*p -> x*p", "p*(-(x*p)/a) -> -(x*p)/a", "p[i]*p[i] -> p[i]"],
    refuses=["x*x", "p*x", "p**a", "p @ p.T", "p*h", "p[i]*p[j]"],
)  # fmt: skip
def zero_or_one(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Pow(base, Num(value)) if value.denominator == 1 and value >= 2:
            fact = _trait(base, setting, *_ZERO_ONE)
            return None if fact is None else Rewrite(base, (("b", base),), (fact,))
        case Mul(args):
            for k, arg in enumerate(args):
                power = _power(arg)
                fact = None if power is None else _trait(power[0], setting, *_ZERO_ONE)
                rest = (*args[:k], *args[k + 1 :])
                if power is None or fact is None:
                    continue
                if any(_holds(other, power[0], setting) for other in rest):
                    after = mul(*rest)
                    if after.shape == node.shape:
                        return Rewrite(after, (("b", power[0]),), (fact,))
    return None


@rule(
    "square of a sign", r"s^2 = 1", words="the entries of {s} are 1 or −1",
    applies=["e*e -> ones(1, n)", "e**2 -> ones(1, n)", "x*e**3 -> x*e", "x*e*e -> x", "e[i]*e[i]*a -> a"],
    refuses=["x*x", "e*x", "e**a", "e @ e.T", "e[i]*e[j]"],
)  # fmt: skip
def square_of_sign(node: Node, setting: Setting) -> Rewrite | None:
    factors = node.args if isinstance(node, Mul) else (node,)
    totals: dict[Node, int] = {}
    for factor in factors:
        base, exponent = _power(factor) or (factor, 0)
        totals[base] = totals.get(base, 0) + exponent
    for base, total in totals.items():
        fact = _trait(base, setting, "plus-minus-one") if total >= 2 else None
        if fact is None:
            continue
        rest = [f for f in factors if (_power(f) or (f, 0))[0] != base]
        kept = [*rest, base] if total % 2 else rest
        after = times(*kept, filled(node.shape)) if not kept or mul(*kept).shape != node.shape else mul(*kept)
        return Rewrite(after, (("s", base),), (fact,))
    return None


def two_values(node: Node, setting: Setting) -> tuple[Rule, ...]:
    """The rules that hold in the formula: at data that may be 0 nothing is divided by it, and `1/b²` stays."""
    divisors = [part.right for part in walk(node) if isinstance(part, Div)]
    divisors += [part.left for part in walk(node) if isinstance(part, Pow) and not _whole(part.right)]
    divided = any(zeros_and_ones(part, setting) is not None for divisor in divisors for part in walk(divisor))
    return (square_of_sign,) if divided else (zero_or_one, square_of_sign)


def _whole(exponent: Node) -> bool:
    return isinstance(exponent, Num) and exponent.value.denominator == 1 and exponent.value > 0

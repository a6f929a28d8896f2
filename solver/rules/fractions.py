"""Fractions: splitting them, cancelling in them, and writing a numerator through the parts of a known quotient."""

from __future__ import annotations

from fractions import Fraction

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Call,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    add,
    mul,
    num,
    walk,
)
from solver.expr.shapes import ShapeError, beside, is_single
from solver.rules.monomials import Monomial
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product; anything else is its own one factor."""
    return node.args if isinstance(node, Mul) else (node,)


def terms(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Add) else (node,)


def bare(term: Node) -> Node:
    """The term without its minus."""
    return term.arg if isinstance(term, Neg) else term


def powers(node: Node) -> list[tuple[Node, Fraction]]:
    """The factors of a product with their whole exponents: `2*a**3*b` is `(2, 1), (a, 3), (b, 1)`."""
    found: list[tuple[Node, Fraction]] = []
    for factor in factors(node):
        match factor:
            case Pow(base, Num(value)) if value.denominator == 1:
                found.append((base, value))
            case _:
                found.append((factor, Fraction(1)))
    return found


def product(parts: list[tuple[Node, Fraction]]) -> Node:
    return mul(*(base if e == 1 else Pow(base, num(e)) for base, e in parts if e))


@rule(
    "cancel", r"\frac{a\,c}{b\,c} = \frac{a}{b}", words="cancel {c}",
    applies=["a*b/b -> a", "a**2*b/a -> a*b", "a/a**2 -> 1/a", "a*b/(c*b) -> a/c", "exp(a)*b/(exp(a)*c) -> b/c",
             "2*a/(2*b) -> a/b"],
    refuses=["a/b", "(a + b)/b", "2/3"],
)  # fmt: skip
def cancel(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Div):
        return None
    above, below = powers(node.left), powers(node.right)
    cancelled: list[Node] = []
    for number, (base, exponent) in enumerate(above):
        for other, (same, power) in enumerate(below):
            if base == same and base != ONE_NODE:
                common = min(exponent, power)
                if common > 0:
                    above[number] = (base, exponent - common)
                    below[other] = (same, power - common)
                    exponent -= common
                    cancelled.append(base if common == 1 else Pow(base, num(common)))
    if not cancelled:
        return None
    if not beside([base for base, e in above if e]) or not beside([base for base, e in below if e]):
        return None
    top, bottom = product(above), product(below)
    after = top if bottom == ONE_NODE else Div(top, bottom)
    if after.shape != node.shape:
        return None
    return Rewrite(after, (("c", mul(*cancelled)),))


@rule(
    "split the fraction", r"\frac{a + b}{c} = \frac{a}{c} + \frac{b}{c}",
    applies=["(a + b)/c -> a/c + b/c", "(a - b)/c -> a/c - b/c"], refuses=["a/c", "a/(b + c)"],
)  # fmt: skip
def split_fraction(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(Add(args), right) if all(arg.shape == node.left.shape for arg in args):
            return add(*(Neg(Div(a.arg, right)) if isinstance(a, Neg) else Div(a, right) for a in args))
    return None


@rule(
    "factor out", r"a\,b + a\,c = a\,(b + c)", words="factor out {c}",
    applies=["a*b + a*c -> a*(b + c)", "a - a**2 -> a*(1 - a)", "a*b - a -> a*(b - 1)", "x*y + x -> x*(y + 1)",
             "-(a*b) - a*c -> -(a*(b + c))"],
    refuses=["a + b", "a*b", "2*a + 2", "A*x + A*y.T", "A*x*y.T + A*B",
             "2*A - eye(n)*A"],
)  # fmt: skip
def factor_out(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Add):
        return None
    split = [powers(arg.arg if isinstance(arg, Neg) else arg) for arg in node.args]
    common: list[tuple[Node, Fraction]] = []
    for base, exponent in split[0]:
        if isinstance(base, Num):
            continue
        lowest = min(sum((e for b, e in parts if b == base), Fraction(0)) for parts in split)
        lowest = min(lowest, exponent)
        if lowest > 0 and all(base != b for b, _ in common):
            common.append((base, lowest))
    if not common:
        return None
    out = dict(common)
    rest: list[Node] = []
    for arg, parts in zip(node.args, split, strict=True):
        left: list[tuple[Node, Fraction]] = []
        owed = dict(out)
        for base, exponent in parts:
            taken = min(exponent, owed.get(base, Fraction(0)))
            if taken:
                owed[base] -= taken
            left.append((base, exponent - taken))
        if not beside([base for base, exponent in left if exponent]):
            # A ⊙ r ⊙ c, a row and a column: they have no product without A
            return None
        term = product(left)
        rest.append(Neg(term) if isinstance(arg, Neg) else term)
    if any(is_single(term.shape) for term in rest) and any(_identity(part) for term in rest for part in walk(term)):
        # 2 A − I ⊙ A: nobody writes 2 − I
        return None
    front = product(common)
    try:
        if all(isinstance(term, Neg) for term in rest):
            after: Node = Neg(mul(front, add(*(term.arg for term in rest if isinstance(term, Neg)))))
        else:
            after = mul(front, add(*rest))
    except ShapeError:
        # A ⊙ r + A ⊙ c, a row and a column: they have no sum without A
        return None
    return Rewrite(after, (("c", front),)) if after.shape == node.shape else None


def _identity(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "eye"


@rule(
    "common denominator", r"\frac{a}{c} + \frac{b}{c} = \frac{a + b}{c}",
    applies=["a/c + b/c -> (a + b)/c", "a/c - b/c -> (a - b)/c"], refuses=["a/b + a/c", "a + b"],
)  # fmt: skip
def join_fractions(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add):
        return None
    bare = [arg.arg if isinstance(arg, Neg) else arg for arg in node.args]
    denominators = {arg.right if isinstance(arg, Div) else None for arg in bare}
    (denominator,) = denominators if len(denominators) == 1 else (None,)
    if denominator is None:
        return None
    above = [
        Neg(part.left) if isinstance(arg, Neg) else part.left
        for arg, part in zip(node.args, bare, strict=True)
        if isinstance(part, Div)
    ]
    return Div(add(*above), denominator)


@rule(
    "one bar for numbers", r"\frac{a\,\frac{b}{c}}{d} = \frac{a\,b}{c\,d}", words="one fraction", routine=True,
    applies=["a*(b/c)/s -> a*b/(c*s)", "a*(b/c)*(s/t) -> a*b*s/(c*t)", "a/b/c -> a/(b*c)", "2*a/b/(2*c) -> a/(b*c)",
             "a/(2*sqrt(b))/b -> a/(2*b*sqrt(b))"],
    refuses=["a*(b/c)", "a*b/c", "a/b", "x*(y/2)"],
)  # fmt: skip
def one_bar_for_numbers(node: Node, setting: Setting) -> Node | None:
    """Fractions within a fraction, or several in a product: whole numbers cancelled, roots at the end."""
    if not is_single(node.shape) or not isinstance(node, Mul | Div):
        return None
    above, below, bars = _bars(node)
    if bars < 2 or any(not is_single(each.shape) for each in (*above, *below)):
        return None
    ratio = Fraction(1)
    for factors, power in ((above, 1), (below, -1)):
        for each in factors:
            if isinstance(each, Num):
                ratio *= each.value**power
    rest, under = ([each for each in factors if not isinstance(each, Num)] for factors in (above, below))
    under.sort(key=lambda each: isinstance(each, Call) and each.name == "sqrt")
    front, back = ([] if n == 1 else [num(n)] for n in (ratio.numerator, ratio.denominator))
    bottom = [*back, *under]
    return Div(mul(*front, *rest), mul(*bottom)) if bottom else mul(*front, *rest)


def _bars(node: Node) -> tuple[list[Node], list[Node], int]:
    """The factors above and below, and how many bars stand among them."""
    match node:
        case Mul(args):
            found = [_bars(arg) for arg in args]
            return [a for f in found for a in f[0]], [b for f in found for b in f[1]], sum(f[2] for f in found)
        case Div(left, right):
            (a, b, n), (c, d, m) = _bars(left), _bars(right)
            return [*a, *d], [*b, *c], n + m + 1
    return [node], [], 0


@rule(
    "factor into the numerator", r"a \cdot \frac{b}{c} = \frac{a\,b}{c}", routine=True,
    applies=["a*(b/c) -> a*b/c"], refuses=["a/b", "1/2*a", "2*(x/3)"],
)  # fmt: skip
def number_into_fraction(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) if all(not arg.shape for arg in args):
            for number, arg in enumerate(args):
                if isinstance(arg, Div) and not isinstance(arg.right, Num):
                    above = [f for f in (arg.left,) if f != ONE_NODE]
                    return Div(mul(*args[:number], *above, *args[number + 1 :]), arg.right)
    return None


def through(fraction: Node, upper: Node, lower: Node) -> Node | None:
    """`N/v^k` with N written as `Σ c_a u^a v^(k−a)`, found by comparing coefficients; None where there is no such form.

    With `u/v` a known quotient (`σ = 1/(1 + e^{−x})`) the fraction then splits into powers of it:
    `e^{−x}/(1 + e^{−x})² = (1 + e^{−x})/(1 + e^{−x})² − 1/(1 + e^{−x})²`. The fractions come split.
    """
    if not isinstance(fraction, Div):
        return None
    degree = sum((e for base, e in powers(fraction.right) if base == lower), Fraction(0))
    others = [(base, e) for base, e in powers(fraction.right) if base != lower]
    if not 1 <= degree <= 4 or others:
        return None
    k = int(degree)
    normalizer = Normalizer()
    wanted = normalizer.polynomial(fraction.left).terms
    basis = [mul(*([upper] * a), *([lower] * (k - a))) for a in range(k + 1)]
    coefficients = _combine(wanted, [normalizer.polynomial(b).terms for b in basis])
    if coefficients is None:
        return None
    parts: list[Node] = []
    for a, c in enumerate(coefficients):
        if c:
            bare = product([(base, Fraction(e)) for base, e in ((upper, a), (lower, k - a)) if base != ONE_NODE])
            above = bare if abs(c) == 1 else mul(num(abs(c)), bare) if bare != ONE_NODE else num(abs(c))
            term = Div(above, fraction.right)
            parts.append(Neg(term) if c < 0 else term)
    # a difference reads best with its positive term first
    parts.sort(key=lambda part: isinstance(part, Neg))
    return add(*parts) if len(parts) > 1 else None


def _combine(wanted: dict[Monomial, Fraction], basis: list[dict[Monomial, Fraction]]) -> list[Fraction] | None:
    """Coefficients c with `wanted = Σ c_a basis_a`, by elimination; None where there are none."""
    rows = sorted({m for terms in (wanted, *basis) for m in terms}, key=repr)
    matrix = [[b.get(m, Fraction(0)) for b in basis] + [wanted.get(m, Fraction(0))] for m in rows]
    pivots: list[int] = []
    done = 0
    for column in range(len(basis)):
        pivot = next((r for r in range(done, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        lead = matrix[done][column]
        matrix[done] = [v / lead for v in matrix[done]]
        for r in range(len(matrix)):
            if r != done and matrix[r][column]:
                factor = matrix[r][column]
                matrix[r] = [v - factor * w for v, w in zip(matrix[r], matrix[done], strict=True)]
        pivots.append(column)
        done += 1
    if any(row[-1] for row in matrix[done:]):
        return None
    solution = [Fraction(0)] * len(basis)
    for number, column in enumerate(pivots):
        solution[column] = matrix[number][-1]
    return solution

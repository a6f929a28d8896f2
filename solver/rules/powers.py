"""Powers of one base whose exponents are symbols, and products that lack a factor."""

from __future__ import annotations

from collections.abc import Iterator

from solver.expr.nodes import ONE_NODE, ZERO_NODE, Big, Call, Div, Idx, Mul, Neg, Node, Num, Pow, add, mul, substitute
from solver.expr.shapes import is_single
from solver.rules.explog import positive
from solver.rules.fractions import factors
from solver.rules.letters import instantiate, lettered
from solver.rules.normal import Normalizer
from solver.rules.pullback import filled, times
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting
from solver.rules.sums import picked_out, within


def _powers(node: Node, under: bool = False) -> Iterator[tuple[Node, Node, bool]]:
    """The factors of products and quotients as base, exponent, and whether they stand under a bar."""
    match node:
        case Mul(args):
            for arg in args:
                yield from _powers(arg, under)
        case Div(left, right):
            yield from _powers(left, under)
            yield from _powers(right, not under)
        case Pow(base, exponent):
            yield base, exponent, under
        case _:
            yield node, ONE_NODE, under


def _symbolic(exponent: Node) -> bool:
    return not isinstance(exponent.arg if isinstance(exponent, Neg) else exponent, Num)


@rule(
    "powers of one base", r"b^m\, b^n = b^{m + n},\quad \frac{b^m}{b^n} = b^{m - n}", words="powers of {b}",
    applies=["w**(a - 1)*w -> w**a", "w**(a - 1)/w**a -> 1/w", "x*w**a*w -> x*w**(a + 1)", "exp(a)**b*exp(a) -> exp(a)**(b + 1)",
             "w**a/w -> w**(a - 1)", "y*w**(a - 1)/w**a -> y/w", "w**x/w**(x + 1) -> 1/w", "(y*w)*w**(a - 1)/(w**a*c) -> y/c", "w**a/w**a*x -> x",
             "(1 - sigmoid(b))**(a - 1)*(1 - sigmoid(b)) -> (1 - sigmoid(b))**a"],
    refuses=["x**(a - 1)*x", "w**a*x", "w*w", "w**2*w", "w**a", "w**a + w", "(w + w**a)/w"],
)  # fmt: skip
def powers_of_one_base(node: Node, setting: Setting) -> Rewrite | None:
    """A base that may be negative or zero is left alone: its power is no number there, or the quotient is none."""
    if not isinstance(node, Mul | Div):
        return None
    found = list(_powers(node))
    for base, exponent, _ in found:
        if not _symbolic(exponent) or sum(b == base for b, _, _ in found) < 2:
            continue
        facts = positive(base, setting)
        if facts is None:
            continue
        exponents = add(*(Neg(e) if under else e for b, e, under in found if b == base))
        total = _number(lettered(Normalizer().canonical(exponents), node))
        above = [_power(b, e) for b, e, under in found if b != base and not under]
        below = [_power(b, e) for b, e, under in found if b != base and under]
        match total:
            case Num(value) if value == 0:
                pass
            case Neg(Num() as exponent):
                below.append(_power(base, exponent))
            case _:
                above.append(_power(base, total))
        after = _quotient(above, below, node)
        return None if after is None else Rewrite(after, (("b", base),), facts)
    return None


def _number(exponent: Node) -> Node:
    """The number that fills the exponent, where it is such a matrix: `−1` for `−ones(n, 1)`."""
    match exponent:
        case Neg(arg):
            return Neg(_number(arg))
        case Call("ones"):
            return ONE_NODE
        case Call("zeros"):
            return ZERO_NODE
        case Mul((Num() | Neg(Num()) as number, Call("ones"))):
            return number
    return exponent


def _power(base: Node, exponent: Node) -> Node:
    return base if exponent == ONE_NODE else Pow(base, exponent)


def _quotient(above: list[Node], below: list[Node], like: Node) -> Node | None:
    """The factors in the shape of `like`; None where they do not fill it."""
    top = mul(*above) if above else ONE_NODE
    whole = Div(top, mul(*below)) if below else top
    if whole.shape != like.shape and not (is_single(whole.shape) and is_single(like.shape)):
        whole = times(whole, filled(like.shape)) if is_single(whole.shape) else whole
    return whole if whole.shape == like.shape or (is_single(whole.shape) and is_single(like.shape)) else None


@rule(
    "product without a factor", r"\frac{\prod_{k \neq i} u_k}{\prod_k u_k} = \frac{1}{u_i}", words="only the factor {l} = {k} is left",
    applies=["prod(x[l] for l in n if l != k)/prod(x[i] for i in n) -> 1/x[k]",
             "a*prod(x[l] for l in n if l != k)*b/(c*prod(x[l] for l in n)) -> a*b/(c*x[k])"],
    refuses=["prod(x[l] for l in n if l != k)/prod(y[l] for l in n)", "prod(x[l] for l in n if l > k)/prod(x[l] for l in n)",
             "prod(x[l] for l in n)/prod(x[l] for l in n if l != k)", "prod(x[l] for l in n if l != k)*prod(x[l] for l in n)"],
)  # fmt: skip
def product_without_factor(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Div):
        return None
    above, below = list(factors(node.left)), list(factors(node.right))
    for place, factor in enumerate(above):
        match factor:
            case Big("prod", body, index, condition) if (k := picked_out(condition, index)) is not None:
                whole = next((part for part in below if _all_of(part, body, index)), None)
                if whole is None or not within(k, index.range, setting):
                    continue
                below[below.index(whole)] = instantiate(body, index, k, setting)
                rest = [part for other, part in enumerate(above) if other != place]
                return Rewrite(Div(mul(*rest) if rest else ONE_NODE, mul(*below)), (("l", index), ("k", k)))
    return None


def _all_of(node: Node, body: Node, index: Idx) -> bool:
    """Whether the node is the product of all the factors `body`."""
    match node:
        case Big("prod", factor, bound, None) if bound.range == index.range:
            return substitute(factor, {bound: index}) == body
    return False

"""Functions at −x: odd, even and reflected ones; pieces by absolute values; squares of sine and cosine."""

from __future__ import annotations

from solver.expr.nodes import ONE_NODE, Add, Call, Const, Div, Mul, Neg, Node, Num, Pow, add, call, mul, num, symbols
from solver.expr.write import write
from solver.rules.rule import rule
from solver.rules.setting import Setting

ODD = frozenset(
    {"sin", "tan", "csc", "cot", "arcsin", "arctan", "sinh", "tanh", "arcsinh", "arctanh", "erf", "softsign", "sign"}
)
EVEN = frozenset({"cos", "sec", "cosh", "abs", "normal_pdf"})
REFLECTED = frozenset({"sigmoid", "normal_cdf"})
"""Functions with `f(−x) = 1 − f(x)`."""


def opposite(node: Node) -> Node | None:
    """`x` for what is written as `−x`, its minus in front, in a factor or above a fraction bar; else None."""
    match node:
        case Neg(arg):
            return arg
        case Div(left, right):
            inner = opposite(left)
            return None if inner is None else Div(inner, right)
        case Mul((first, *rest)):
            inner = opposite(first)
            return None if inner is None else mul(inner, *rest) if inner != ONE_NODE else mul(*rest)
        case Add(args) if all(isinstance(arg, Neg) for arg in args):
            return add(*(arg.arg for arg in args if isinstance(arg, Neg)))
    return None


@rule(
    "odd function", r"\sin(-x) = -\sin x", words="an odd function",
    applies=["tanh(-a) -> -tanh(a)", "erf(-a/b) -> -erf(a/b)", "sin(-x) -> -sin(x)"], refuses=["tanh(a)", "exp(-a)"],
)  # fmt: skip
def odd(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call(name, (arg,)) if name in ODD and (inner := opposite(arg)) is not None:
            return Neg(call(name, inner))
    return None


@rule(
    "even function", r"\cos(-x) = \cos x", words="an even function",
    applies=["cos(-a) -> cos(a)", "abs(-x) -> abs(x)", "abs(b - a) -> abs(a - b)"],
    refuses=["cos(a)", "abs(a - b)", "sin(-a)"],
)  # fmt: skip
def even(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("abs", (Add((left, Neg(right))),)) if write(left) > write(right):
            # |b − a| and |a − b| get one form
            return call("abs", Add((right, Neg(left))))
        case Call(name, (arg,)) if name in EVEN and (inner := opposite(arg)) is not None:
            return call(name, inner)
    return None


@rule(
    "reflected function", r"\sigma(-x) = 1 - \sigma(x)", words="the value at −x",
    applies=["sigmoid(-a) -> 1 - sigmoid(a)", "normal_cdf(-x) -> 1 - normal_cdf(x)"],
    refuses=["sigmoid(a)", "tanh(-a)"],
)  # fmt: skip
def reflected(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call(name, (arg,)) if name in REFLECTED and (inner := opposite(arg)) is not None:
            return add(ONE_NODE, Neg(call(name, inner)))
    return None


@rule(
    "value at the reflected place", r"1 - \sigma(-x) = \sigma(x)", words="the value at the opposite place",
    applies=["1 - sigmoid(-a) -> sigmoid(a)", "1 - normal_cdf(-x) -> normal_cdf(x)"],
    refuses=["1 - sigmoid(a)", "sigmoid(-a)", "2 - sigmoid(-a)", "1 - sigmoid(a - b)"],
)  # fmt: skip
def from_reflected(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add((one, Neg(Call(name, (arg,))))) if one == ONE_NODE and name in REFLECTED:
            inner = opposite(arg)
            return None if inner is None else call(name, inner)
    return None


@rule(
    "piece by an absolute value", r"\max(a, b) = \frac{a + b + |a - b|}{2}", words="by an absolute value",
    applies=["relu(a) -> (a + abs(a))/2", "maximum(a, b) -> (a + b + abs(a - b))/2", "maximum(0, a) -> (a + abs(a))/2",
             "minimum(a, b) -> (a + b - abs(a - b))/2", "leaky_relu(x, a) -> ((1 + a)*x + (1 - a)*abs(x))/2"],
    refuses=["abs(a)", "sign(a)"],
)  # fmt: skip
def by_absolute_value(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("relu", (arg,)):
            return Div(add(arg, call("abs", arg)), num(2))
        case Call("leaky_relu", (arg, slope)):
            kept = mul(add(num(1), slope), arg)
            return Div(add(kept, mul(add(num(1), Neg(slope)), call("abs", arg))), num(2))
        case Call("maximum" | "minimum" as name, (left, right)):
            zero = num(0)
            if zero in (left, right):
                total = gap = right if left == zero else left
            elif left.shape == right.shape:
                total, gap = add(left, right), add(left, Neg(right))
            else:
                return None
            size = call("abs", gap)
            return Div(add(total, size if name == "maximum" else Neg(size)), num(2))
    return None


@rule(
    "Pythagoras", r"\cos^2 x = 1 - \sin^2 x", words="sin² + cos² = 1",
    applies=["cos(a)**2 -> 1 - sin(a)**2", "cosh(x)**2 -> 1 + sinh(x)**2"], refuses=["sin(a)**2", "cos(a)", "cos(a)**3"],
)  # fmt: skip
def pythagoras(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Call("cos" | "cosh" as name, (arg,)), Num(value)) if value == 2:
            other = Pow(call("sin" if name == "cos" else "sinh", arg), num(2))
            return add(ONE_NODE, Neg(other) if name == "cos" else other)
    return None


@rule(
    "absolute value of a product", r"|a\,b| = |a|\,|b|", words="the absolute value of a product",
    applies=["abs(a*b) -> abs(a)*abs(b)", "abs(a/b) -> abs(a)/abs(b)", "sqrt(a**2) -> abs(a)", "abs(2*x) -> 2*abs(x)"],
    refuses=["abs(a)", "abs(a + b)", "sqrt(a)"],
)  # fmt: skip
def absolute_apart(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("abs", (Mul(args),)):
            return mul(*(arg if isinstance(arg, Num) else call("abs", arg) for arg in args))
        case Call("abs", (Div(left, right),)):
            below = right if isinstance(right, Num) else call("abs", right)
            return Div(left if isinstance(left, Num) else call("abs", left), below)
        case Call("sqrt", (Pow(base, Num(value)),)) if value == 2:
            return call("abs", base)
    return None


@rule(
    "addition theorem", r"\sin(x + y) = \sin x \cos y + \cos x \sin y", words="addition theorem",
    source="Abramowitz & Stegun, 4.3.16, 4.3.17",
    applies=["sin(a + b) -> sin(a)*cos(b) + cos(a)*sin(b)", "cos(a - b) -> cos(a)*cos(b) + sin(a)*sin(b)",
             "sin(2*a) -> 2*sin(a)*cos(a)", "cos(2*a) -> cos(a)**2 - sin(a)**2",
             "sin(3*a) -> sin(2*a)*cos(a) + cos(2*a)*sin(a)"],
    refuses=["sin(a)", "cos(a/2)", "tan(a + b)"],
)  # fmt: skip
def addition(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sin" | "cos" as name, (Add((first, *rest)),)):
            return _added(name, first, add(*rest))
        case Call("sin", (Mul((Num(value), *rest)),)) if value == 2:
            return mul(num(2), call("sin", mul(*rest)), call("cos", mul(*rest)))
        case Call("cos", (Mul((Num(value), *rest)),)) if value == 2:
            return add(Pow(call("cos", mul(*rest)), num(2)), Neg(Pow(call("sin", mul(*rest)), num(2))))
        case Call("sin" | "cos" as name, (Mul((Num(value), *rest)),)) if value.denominator == 1 and 2 < value <= 6:
            return _added(name, mul(num(value - 1), *rest), mul(*rest))
    return None


@rule(
    "sine and cosine at quarter turns", r"\sin \tfrac{\pi}{2} = 1", words="a known value", routine=True,
    applies=["sin(pi/2) -> 1", "cos(pi/2) -> 0", "cos(pi) -> -1", "sin(3*pi/2) -> -1", "cos(0) -> 1", "sin(2*pi) -> 0"],
    refuses=["sin(a)", "sin(pi/3)", "tan(pi/2)"],
)  # fmt: skip
def known_angle(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sin" | "cos" as name, (arg,)) if (
            not arg.shape and not symbols(arg) and (turns := _quarters(arg)) is not None
        ):
            value = (0, 1, 0, -1)[(turns + (name == "cos")) % 4]
            return Neg(num(1)) if value < 0 else num(value)
    return None


def _quarters(angle: Node) -> int | None:
    """How many quarter turns the angle is; None where it is no whole number of them."""
    match angle:
        case Num(value):
            return 0 if value == 0 else None
        case Const("pi"):
            return 2
        case Neg(arg):
            inner = _quarters(arg)
            return None if inner is None else -inner
        case Div(left, Num(value)) if value == 2 and (inner := _quarters(left)) is not None:
            return inner // 2 if inner % 2 == 0 else None
        case Mul((Num(value), *rest)) if value.denominator == 1 and (inner := _quarters(mul(*rest))) is not None:
            return int(value) * inner
    return None


def _added(name: str, first: Node, second: Node) -> Node:
    turn = opposite(second)
    sign = -1 if turn is not None else 1
    second = second if turn is None else turn
    sin = [call("sin", part) for part in (first, second)]
    cos = [call("cos", part) for part in (first, second)]
    if name == "sin":
        left, right = mul(sin[0], cos[1]), mul(cos[0], sin[1])
    else:
        left, right, sign = mul(cos[0], cos[1]), mul(sin[0], sin[1]), -sign
    return add(left, right if sign > 0 else Neg(right))


REFLECTIONS = (odd, even, reflected)

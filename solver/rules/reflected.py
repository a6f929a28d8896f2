"""Functions at −x: odd, even and reflected ones; pieces by absolute values; squares of sine and cosine."""

from __future__ import annotations

from solver.expr.nodes import ONE_NODE, Add, Call, Div, Mul, Neg, Node, Num, Pow, add, call, mul, num
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


REFLECTIONS = (odd, even, reflected)

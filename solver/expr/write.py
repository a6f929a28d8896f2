"""From nodes to text: `read(write(node)) == node`, with no brackets but those that this needs."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from solver.expr.functions import axis_by_layout
from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
)

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _DIGITS, _ATOM = range(10)
"""How tightly a text holds together: digits cannot stand before `.T`, anything looser needs brackets there too."""

_PLAIN_PLACES = 20
"""A decimal with more places or trailing zeros than this is written with an exponent."""


class _Text(NamedTuple):
    text: str
    strength: int


def write(node: Node) -> str:
    """The node in the problem language; what it reads back to is the same node."""
    return _text(node).text


def _within(node: Node, strength: int) -> str:
    """The node's text, bracketed unless it holds together at least so tightly."""
    text, own = _text(node)
    return text if own >= strength else f"({text})"


def _text(node: Node) -> _Text:
    match node:
        case Num(value):
            return _Text(_decimal(value), _DIGITS)
        case Const(name) | Sym(name) | SizeSym(name) | Idx(name):
            return _Text(name, _ATOM)
        case Add(args):
            return _Text(_sum(args), _SUM)
        case Mul() | MatMul() | Div():
            return _Text(_product(node), _PRODUCT)
        case Neg(arg):
            return _negative(arg)
        case Pow(base, exponent):
            return _Text(f"{_within(base, _DIGITS)}**{_within(exponent, _POWER)}", _POWER)
        case Transpose(arg):
            return _Text(f"{_within(arg, _ATOM)}.T", _ATOM)
        case At(arg, at):
            inside = ", ".join(":" if index is None else write(index) for index in at)
            return _Text(f"{_within(arg, _ATOM)}[{inside}]", _ATOM)
        case Cmp(left, right, op):
            return _Text(f"{_within(left, _SUM)} {op} {_within(right, _SUM)}", _COMPARISON)
        case Logic("not", (arg,)):
            return _Text(f"not {_within(arg, _NOT)}", _NOT)
        case Logic(op, args):
            strength = _OR if op == "or" else _AND
            return _Text(f" {op} ".join(_within(arg, strength + 1) for arg in args), strength)
    return _Text(_call(node), _ATOM)


def _decimal(value: Fraction) -> str:
    """`0.25`, `1e-30`: a terminating decimal, exactly; ValueError for any other number."""
    if value < 0 or 10 ** value.denominator.bit_length() % value.denominator:
        raise ValueError(f"{value} is no number of the language: a negation or a quotient is a node of its own")
    places, scaled = 0, value
    while scaled.denominator != 1:
        scaled *= 10
        places += 1
    digits = str(scaled.numerator)
    zeros = len(digits) - len(digits.rstrip("0"))
    if places > _PLAIN_PLACES:
        return f"{digits}e-{places}"
    if places == 0 and _PLAIN_PLACES < zeros < len(digits):
        return f"{digits[:-zeros]}e{zeros}"
    if not places:
        return digits
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _sum(args: tuple[Node, ...]) -> str:
    text = _within(args[0], _SUM)
    for arg in args[1:]:
        match arg:
            case Neg(Neg() as term):
                text += f" - ({write(term)})"
            case Neg(term):
                text += f" - {_within(term, _PRODUCT)}"
            case _:
                text += f" + {_within(arg, _PRODUCT)}"
    return text


def _negative(arg: Node) -> _Text:
    """`-a`, `-a*b`: in front of an unbracketed product the sign is the product's."""
    match arg:
        case Mul() | MatMul() | Div():
            return _Text(f"-{_product(arg)}", _PRODUCT)
        case Neg():
            return _Text(f"-({write(arg)})", _SIGN)
    return _Text(f"-{_within(arg, _SIGN)}", _SIGN)


def _product(node: Mul | MatMul | Div) -> str:
    """`a*b/c`, or with blanks, `a @ b * c`, where a matrix product is part of it."""
    parts = _factors(node)
    signs = {sign for sign, _ in parts}
    if "@" in signs:
        return "".join(f" {sign} {text}" if sign else text for sign, text in parts)
    return "".join(sign + text for sign, text in parts)


def _factors(node: Mul | MatMul | Div) -> list[tuple[str, str]]:
    """The factors from left to right, each with the operation before it."""
    rest: tuple[Node, ...]
    match node:
        case Div(left, right):
            first, rest, sign = left, (right,), "/"
        case Mul(args):
            first, rest, sign = args[0], args[1:], "*"
        case MatMul(args):
            first, rest, sign = args[0], args[1:], "@"
    match first:
        case Mul() | MatMul() | Div():
            parts = _factors(first)
        case Neg():
            parts = [("", f"({write(first)})")]
        case _:
            parts = [("", _within(first, _PRODUCT))]
    for factor in rest:
        text = f"({write(factor)})" if isinstance(factor, Neg) else _within(factor, _SIGN)
        parts.append((sign, text))
    return parts


def _call(node: Node) -> str:
    match node:
        case Big(kind):
            return f"{kind}({_indexed(node)})"
        case Table(body, row, column):
            return f"matrix({write(body)} for {row.name} in {row.range} for {column.name} in {column.range})"
        case Call(name, args):
            inside = [write(arg) for arg in args[: _shown(node)]]
            return f"{name}({', '.join(inside + _axis(node))})"
        case Apply(name, arg, order):
            return f"{name}{('', '_prime', '_second')[order]}({write(arg)})"
        case D():
            return f"D({', '.join(_differentiated(node))})"
        case Dif(arg):
            return f"d({write(arg)})"
    raise TypeError(f"no text for {type(node).__name__}")


def _indexed(node: Big) -> str:
    """`body for i in m if c for j in n`: sums of sums share one pair of brackets."""
    clauses = []
    body: Node = node
    while isinstance(body, Big) and body.kind == node.kind:
        condition = "" if body.condition is None else f" if {write(body.condition)}"
        clauses.append(f"for {body.index.name} in {body.index.range}{condition}")
        body = body.body
    return " ".join([write(body), *clauses])


def _shown(node: Call) -> int:
    """How many arguments are written: the last ones are left out where they have their default values."""
    row, count = node.function, len(node.args)
    for param, default in zip(reversed(row.params), reversed(row.defaults), strict=False):
        if row.params.index(param) != count - 1 or write(node.args[count - 1]) != default:
            break
        count -= 1
    return count


def _axis(node: Call) -> list[str]:
    """`axis=…` where one is set, and where reading would set one that is not."""
    if node.axis is None and not axis_by_layout(node.function, [arg.shape for arg in node.args]):
        return []
    return [f"axis={node.axis}"]


def _differentiated(node: D) -> list[str]:
    """`D(D(f, x), y)` is `D(f, x, y)`."""
    if isinstance(node.of, D):
        return [*_differentiated(node.of), write(node.by)]
    return [write(node.of), write(node.by)]

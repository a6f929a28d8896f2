"""The names an expression may use, and the sizes it may speak of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal

from solver.expr.functions import ALIASES, FUNCTIONS
from solver.expr.nodes import Idx, Sym
from solver.expr.scan import Source, parse
from solver.expr.sizes import Size

MAX_SIZE = 10**9
MAX_SIZE_POWER = 8
MAX_SIZE_TERMS = 200

RESERVED_FUNCTIONS: frozenset[str] = frozenset({*FUNCTIONS, *ALIASES, "D", "d", "matrix"})
"""Names before `(` that an abstract function cannot take."""


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use.

    `symbols` are the symbols and the names of `define`; `indices` those declared or already introduced; `functions`
    are abstract elementwise functions, each with its `f_prime` and `f_second`.
    """

    symbols: Mapping[str, Sym] = field(default_factory=dict)
    layout: Literal["row", "column"] = "row"
    sizes: frozenset[str] = frozenset()
    indices: Mapping[str, Idx] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Every name that is a value here."""
        return frozenset({*self.symbols, *self.sizes, *self.indices})

    @property
    def function_names(self) -> frozenset[str]:
        abstract = {f"{name}{order}" for name in self.functions for order in ("", "_prime", "_second")}
        return RESERVED_FUNCTIONS | abstract


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where none is like it."""
    known = sorted(known)
    for other in known:
        if other.lower() == name.lower():
            return other
    return next(iter(get_close_matches(name, known, 1, 0.6)), None)


def read_size(text: str | int) -> Size:
    """The size that `2*d`, `n - 1` or `3` stands for; its `names` are the sizes it uses."""
    source = parse(str(text))
    return size_of(source, source.tree, None)


def size_of(source: Source, part: ast.expr, sizes: frozenset[str] | None) -> Size:
    """The size that a part of a text stands for, in the sizes named (any name, where `sizes` is None)."""
    size = _SizeReader(source, sizes).read(part)
    number = size.number
    if number is not None and number < 1:
        raise source.error(part, f"a size is at least 1, and this one is {number}")
    if number is None and not size.names:
        raise source.error(part, f"a size is a whole number, and this one is {size}")
    return size


@dataclass(frozen=True)
class _SizeReader:
    source: Source
    sizes: frozenset[str] | None

    def read(self, part: ast.expr, depth: int = 0) -> Size:
        if depth > MAX_SIZE_TERMS:
            raise self.source.error(part, "the size is too long")
        match part:
            case ast.Constant():
                return self._number(part)
            case ast.Name(id=name):
                return self._named(part, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(part, self.read(left, depth + 1), self.read(right, depth + 1).number)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as op, right=right):
                return self._combined(part, self.read(left, depth + 1), op, self.read(right, depth + 1))
        hint = "sizes are whole numbers, names, and sums, products and powers of them"
        match part:
            case ast.Call(func=ast.Name(id="range")):
                hint = "write `for i in n`: an index runs from 1 to n"
            case ast.Tuple():
                hint = "write one size; a shape is `[m, n]`"
        raise self.source.error(part, "this is not a size", hint)

    def _number(self, part: ast.Constant) -> Size:
        if type(part.value) is not int:
            raise self.source.error(part, "a size is a whole number")
        if part.value > MAX_SIZE:
            raise self.source.error(part, f"a size is at most {MAX_SIZE}")
        return Size.of(part.value)

    def _named(self, part: ast.Name, name: str) -> Size:
        if self.sizes is not None and name not in self.sizes:
            near = nearest(name, self.sizes)
            raise self.source.error(part, f"`{name}` is not a size", f"did you mean `{near}`?" if near else "")
        if name == "pi":
            raise self.source.error(part, "`pi` is a number, not a size")
        return Size.of(name)

    def _power(self, part: ast.expr, base: Size, exponent: int | None) -> Size:
        if exponent is None or not 0 <= exponent <= MAX_SIZE_POWER:
            raise self.source.error(part, f"a size's exponent is a whole number from 0 to {MAX_SIZE_POWER}")
        result = Size.of(1)
        for _ in range(exponent):
            result = self._product(part, result, base)
        return result

    def _product(self, part: ast.expr, left: Size, right: Size) -> Size:
        if len(left.terms) * len(right.terms) > MAX_SIZE_TERMS:
            raise self.source.error(part, "the size has too many terms")
        return left * right

    def _combined(self, part: ast.expr, left: Size, op: ast.operator, right: Size) -> Size:
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return self._product(part, left, right)
        if not right.number:
            raise self.source.error(part, f"a size is divided by a whole number, not by {right}")
        return left.scaled(Fraction(1, right.number))

"""Texts: words with mathematics between backticks, and nothing else that means anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solver.expr.functions import ALIASES, FUNCTIONS
from solver.expr.nodes import Cmp, Node
from solver.expr.read import Scope, read, read_condition, read_equation, read_open, read_open_equation
from solver.expr.write import write
from solver.spec.problem import Part, Problem
from solver.spec.scope import scope_of

_NAME = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True)
class FunctionName:
    """A function spoken of by its bare name, as in "the derivative of `tanh`"; `abstract` ones the problem declares."""

    name: str
    abstract: bool = False


Piece = str | Node | FunctionName


@dataclass(frozen=True)
class Span:
    """`text[start:end]`: words, or what stands between two backticks."""

    start: int
    end: int
    mathematics: bool


class OpenBacktick(Exception):
    """A backtick without its partner, at `position`."""

    def __init__(self, position: int) -> None:
        super().__init__("a backtick without its partner")
        self.position = position


def spans(text: str) -> Iterator[Span]:
    """The words and the mathematics of a text, in order, without the backticks."""
    position = 0
    while (first := text.find("`", position)) >= 0:
        second = text.find("`", first + 1)
        if second < 0:
            raise OpenBacktick(first)
        if position < first:
            yield Span(position, first, False)
        yield Span(first + 1, second, True)
        position = second + 1
    if position < len(text):
        yield Span(position, len(text), False)


def read_piece(code: str, scope: Scope, opens: bool = False) -> Node | FunctionName:
    """What stands between backticks: an expression, a condition, an equation `a = b`, or a function's bare name.

    With `opens`, expressions and equations may introduce indices.
    """
    name = code.strip()
    if _NAME.fullmatch(name) and name not in scope.names:
        if name in scope.functions:
            return FunctionName(name, abstract=True)
        if name in FUNCTIONS or name in ALIASES:
            return FunctionName(ALIASES.get(name, name))
    signs = set(_outer_signs(code))
    if "=" in signs:
        left, right, _ = read_open_equation(code, scope) if opens else (*read_equation(code, scope), ())
        return Cmp(left, right, "==")
    if signs:
        return read_condition(code, scope)
    return read_open(code, scope)[0] if opens else read(code, scope)


def _outer_signs(code: str) -> Iterator[str]:
    """The signs of comparison, and `=`, that stand outside all brackets."""
    depth = 0
    for found in re.finditer(r"[()\[\]]|[=!<>]=|[<>=]", code):
        sign = found[0]
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif depth == 0:
            yield sign


def plain(said: Sequence[Piece]) -> str:
    """The text where no formula can be set: these stand in the problem language."""
    return "".join(
        piece if isinstance(piece, str) else piece.name if isinstance(piece, FunctionName) else write(piece)
        for piece in said
    )


def pieces(problem: Problem, part: Part | None, text: str) -> tuple[Piece, ...]:
    """The text as words and nodes, for typesetting; `part` gives the indices that its ask introduces.

    Every text of a loaded problem reads: ReadError and OpenBacktick are for texts from elsewhere.
    """
    scope = scope_of(problem, part)
    return tuple(
        read_piece(text[span.start : span.end], scope) if span.mathematics else text[span.start : span.end]
        for span in spans(text)
    )

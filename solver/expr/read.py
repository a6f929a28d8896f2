"""From text to nodes: the problem language.

The text is Python expression syntax with NumPy's meaning, and is never evaluated. Nothing is computed, simplified or
reordered: a node stands for the text as it was written. The one thing that differs from Python's own grouping is a
sign in front of an unbracketed product, which is the whole product's: `-a*b` is `-(a*b)`; `(-a)*b` keeps its factor.
"""

from __future__ import annotations

from dataclasses import replace

from solver.expr import shapes
from solver.expr.entries import names_alone
from solver.expr.limits import too_big
from solver.expr.nodes import Idx, Node
from solver.expr.reader import Reader
from solver.expr.scan import ReadError, check_name, parse
from solver.expr.scope import RESERVED_FUNCTIONS, Scope, read_size
from solver.expr.shapes import Shape, describe, is_single

__all__ = [
    "RESERVED_FUNCTIONS",
    "ReadError",
    "Scope",
    "check_name",
    "read",
    "read_condition",
    "read_equation",
    "read_open",
    "read_size",
]


def read(text: str, scope: Scope) -> Node:
    """The expression that the text is; ReadError where it is none, a name is undeclared or shapes do not fit."""
    return _whole(Reader(parse(text), scope))


def read_condition(text: str, scope: Scope) -> Node:
    """The condition on scalars that the text is: `w != o`, `lam > 0`."""
    return _whole(Reader(parse(text), scope), condition=True)


def read_open(text: str, scope: Scope) -> tuple[Node, tuple[Idx, ...]]:
    """The expression, and the indices that it introduces in the order named.

    An undeclared name that stands alone as an index (`P[k, l]`) becomes an index of that array's range.
    """
    source = parse(text)
    opened: dict[str, Idx] = {}
    # a name may stand elsewhere before its array is met, `delta(k, l)*P[k, l]`: the first reading only collects
    Reader(source, scope, alone=names_alone(source.tree), opened=opened).value(source.tree)
    closed = replace(scope, indices={**scope.indices, **opened})
    return _whole(Reader(source, closed)), tuple(opened.values())


def read_open_equation(text: str, scope: Scope) -> tuple[Node, Node, tuple[Idx, ...]]:
    """The two sides of an equation, and the indices that they introduce in the order named."""
    start, end = _equals(text)
    opened: dict[str, Idx] = {}
    for side in (text[:start], " " * end + text[end:]):
        source = parse(side)
        Reader(source, scope, alone=names_alone(source.tree), opened=opened).value(source.tree)
    closed = replace(scope, indices={**scope.indices, **opened})
    return (*read_equation(text, closed), tuple(opened.values()))


def read_equation(text: str, scope: Scope) -> tuple[Node, Node]:
    """The two sides of `lhs == rhs` (`=` is read too), of one shape or each of a single entry."""
    start, end = _equals(text)
    # blanks in place of the left side keep every position in the text
    sides = Reader(parse(text[:start]), scope), Reader(parse(" " * end + text[end:]), scope)
    left, right = (_whole(side) for side in sides)
    for side, other in zip(sides, (right, left), strict=True):
        side.check_rebound(other)
    if left.shape != right.shape and not (is_single(left.shape) and is_single(right.shape)):
        message = f"the left side is {_lies(left.shape)} and the right side {_lies(right.shape)}"
        hint = "transpose one of them with `.T`" if left.shape == shapes.transpose(right.shape) else ""
        error = ReadError(message, 0, len(text), hint)
        error.misfit = True
        raise error
    return left, right


def _whole(reader: Reader, *, condition: bool = False) -> Node:
    """The whole text as a node, its size and its bound indices checked."""
    source = reader.source
    node = reader.single_condition(source.tree) if condition else reader.value(source.tree)
    if too_big(node):
        raise ReadError("the expression is too long or nested too deeply", 0, len(source.text))
    reader.check_rebound(node)
    return node


def _equals(text: str) -> tuple[int, int]:
    """Where the one `==` or `=` outside brackets stands."""
    depth = position = 0
    found = []
    while position < len(text):
        sign = text[position : position + 2]
        width = 2 if sign in ("==", "!=", "<=", ">=") else 1
        depth += (text[position] in "([") - (text[position] in ")]")
        if depth == 0 and text[position] == "=":
            found.append((position, position + width))
        position += width
    if not found:
        raise ReadError("an equation is wanted, and there is no `==`", 0, len(text), "write `lhs == rhs`")
    if len(found) > 1:
        raise ReadError("more than one `==`", *found[1], "write one equation a line")
    start, end = found[0]
    if not text[:start].strip() or not text[end:].strip():
        raise ReadError("an equation has two sides, and one is missing", start, end)
    return start, end


def _lies(shape: Shape) -> str:
    return describe(shape) if shape else "a scalar"

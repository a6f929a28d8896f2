"""The form of a formula: what stays when sums and products are put in another order and bound indices renamed.

Two formulas of one form are the same answer to a reader; two of equal value need not be. Signs are taken to the front
and quotients read as products, since `-a*b/c`, `(-a)*(b/c)` and `-(b*a)/c` are one form written in three ways.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from solver.expr.nodes import Add, Big, Call, Cmp, Div, Idx, Logic, MatMul, Mul, Neg, Node, Num, Table

Form = tuple[Any, ...]
_FLIPPED = {">": "<", ">=": "<="}


def same_form(left: Node, right: Node) -> bool:
    return form(left) == form(right)


def form(node: Node, bound: tuple[str, ...] = ()) -> Form:
    """A tuple that formulas of one form share; `bound` are the names of the indices bound around it."""
    match node:
        case Idx(name=name, range=size) if name in bound:
            # counted from the inside, so that the name does not matter
            return ("bound", bound[::-1].index(name), str(size))
        case Neg() | Mul() | Div():
            return _product(node, bound)
        case MatMul(args=args):
            return _product(node, bound) if any(_scaled(arg) for arg in args) else _matmul(args, bound)
        case Add(args=args):
            return ("Add", _sorted(args, bound))
        case Big(kind=kind, index=index, condition=condition):
            inner = (*bound, index.name)
            rest = None if condition is None else form(condition, inner)
            return ("Big", kind, str(index.range), form(node.body, inner), rest)
        case Table(row=row, column=column):
            return ("Table", str(row.range), str(column.range), form(node.body, (*bound, row.name, column.name)))
        case Cmp(op="==" | "!=" as op, left=left, right=right):
            return ("Cmp", op, _sorted((left, right), bound))
        case Cmp(op=">" | ">=" as op, left=left, right=right):
            return ("Cmp", _FLIPPED[op], (form(right, bound), form(left, bound)))
        case Cmp(op=op, left=left, right=right):
            return ("Cmp", op, (form(left, bound), form(right, bound)))
        case Logic(op="and" | "or" as op, args=args):
            return ("Logic", op, _sorted(args, bound))
        case Call(name="delta", args=args):
            return ("delta", _sorted(args, bound))
    return _plain(node, bound)


def _plain(node: Node, bound: tuple[str, ...]) -> Form:
    """The kind of the node, what it holds beside its children, and their forms."""
    if not node.children:
        return (type(node).__name__, repr(node._key))  # type: ignore[attr-defined]
    held = tuple(
        (name, value)
        for name, value in vars(node).items()
        if isinstance(value, str | int | None) and not name.startswith("_")
    )
    positions = tuple(index is None for index in getattr(node, "at", ()))
    return (type(node).__name__, repr(held), positions, tuple(form(child, bound) for child in node.children))


def _sorted(args: tuple[Node, ...], bound: tuple[str, ...]) -> tuple[Form, ...]:
    return tuple(sorted((form(arg, bound) for arg in args), key=repr))


def _product(node: Node, bound: tuple[str, ...]) -> Form:
    factor, above, below = _factors(node, bound)
    if not above and not below:
        return ("Num", str(factor))
    if factor == 1 and not below and len(above) == 1:
        return above[0]
    return ("Mul", str(factor), tuple(sorted(above, key=repr)), tuple(sorted(below, key=repr)))


def _factors(node: Node, bound: tuple[str, ...]) -> tuple[Fraction, list[Form], list[Form]]:
    """The number in front, the factors above and below the line."""
    match node:
        case Num(value=value):
            return value, [], []
        case Neg(arg=arg):
            number, above, below = _factors(arg, bound)
            return -number, above, below
        case Mul(args=args):
            return _gathered([_factors(arg, bound) for arg in args])
        case Div(left=left, right=right):
            number, below, above = _factors(right, bound)
            if number == 0:
                return Fraction(1), [_plain(node, bound)], []
            return _gathered([_factors(left, bound), (1 / number, above, below)])
        case MatMul(args=args) if any(_scaled(arg) for arg in args):
            parts = [_scalars(arg) for arg in args]
            matrices = _matmul(tuple(matrix for _, matrix in parts), bound)
            scalars = [_factors(scalar, bound) for found, _ in parts for scalar in found]
            return _gathered([*scalars, (Fraction(1), [matrices], [])])
    return Fraction(1), [form(node, bound)], []


def _gathered(
    parts: list[tuple[Fraction, list[Form], list[Form]]],
) -> tuple[Fraction, list[Form], list[Form]]:
    number = Fraction(1)
    above: list[Form] = []
    below: list[Form] = []
    for factor, upper, lower in parts:
        number *= factor
        above += upper
        below += lower
    return number, above, below


def _matmul(args: tuple[Node, ...], bound: tuple[str, ...]) -> Form:
    return ("MatMul", tuple(form(arg, bound) for arg in args))


def _scaled(node: Node) -> bool:
    """Whether a factor of a matrix product is a matrix times scalars, which may stand anywhere in the product."""
    match node:
        case Neg():
            return True
        case Mul(args=args):
            return any(not arg.shape for arg in args)
        case Div(left=left, right=right):
            return bool(left.shape) and not right.shape
    return False


def _scalars(node: Node) -> tuple[list[Node], Node]:
    """The scalars in a factor of a matrix product, and the matrix that is left."""
    one = Num(Fraction(1))
    match node:
        case Neg(arg=arg):
            found, matrix = _scalars(arg)
            return [*found, Neg(one)], matrix
        case Div(left=left, right=right) if left.shape and not right.shape:
            found, matrix = _scalars(left)
            return [*found, Div(one, right)], matrix
        case Mul(args=args):
            matrices = tuple(arg for arg in args if arg.shape)
            scalars = [arg for arg in args if not arg.shape]
            if scalars and len(matrices) == 1:
                found, matrix = _scalars(matrices[0])
                return [*scalars, *found], matrix
            return scalars, Mul(matrices) if len(matrices) > 1 else node
    return [], node

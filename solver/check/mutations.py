"""The mistakes people make, as changes of a formula: each formula one slip away from a given one, with the slip's name.

Used in both directions: a right line changed must be found wrong (`make mutants`), and a wrong line that one change
makes right is a known mistake, which has a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    D,
    Dif,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Path,
    Pow,
    SizeSym,
    Sym,
    Transpose,
    add,
    call,
    free_indices,
    matmul,
    mul,
    num,
    places,
    replace_at,
    substitute,
    walk,
)
from solver.expr.shapes import Shape, ShapeError, is_single


@dataclass(frozen=True)
class Mutation:
    """A formula one slip away: what the slip is called, where it happened, and the formula with it."""

    kind: str
    place: Path
    node: Node


Slip = Callable[[Node], Iterator[Node]]

_NEIGHBOURS = {
    "sin": "cos", "cos": "sin", "exp": "log", "tanh": "sigmoid", "sigmoid": "tanh", "relu": "sign", "log": "sqrt",
    "softmax": "log_softmax", "log_softmax": "softmax", "sum": "mean", "mean": "sum", "tr": "det", "det": "tr",
    "sinh": "cosh", "cosh": "sinh", "norm": "norm1", "softplus": "relu", "maximum": "minimum", "minimum": "maximum",
    "inv": "pinv", "hstack": "vstack",
}  # fmt: skip


def _fitting(make: Callable[..., Node], *args: Any) -> Iterator[Node]:
    """What is made of the arguments, unless their shapes do not fit."""
    with suppress(ShapeError, ValueError):
        yield make(*args)


def _transpose(node: Node) -> Iterator[Node]:
    match node:
        case Transpose(arg):
            yield arg
        case _ if node.shape and not is_single(node.shape) and not isinstance(node, D | Dif):
            yield Transpose(node)


def _product(node: Node) -> Iterator[Node]:
    match node:
        case Mul(args) if sum(bool(a.shape) for a in args) > 1:
            yield from _fitting(MatMul, args)
        case MatMul(args):
            for k in range(1, len(args)):
                yield from _fitting(_entrywise, args[:k], args[k:])


def _entrywise(left: tuple[Node, ...], right: tuple[Node, ...]) -> Node:
    return Mul((matmul(*left), matmul(*right)))


def _sign(node: Node) -> Iterator[Node]:
    match node:
        case Neg(arg):
            yield arg
        case Add(args):
            for k, arg in enumerate(args):
                flipped = arg.arg if isinstance(arg, Neg) else Neg(arg)
                yield Add((*args[:k], flipped, *args[k + 1 :]))
        case Mul() | MatMul() | Div() | Call() | At() | Sym() | Apply() | D() | Dif() | Big():
            yield Neg(node)


def _factor(node: Node) -> Iterator[Node]:
    match node:
        case Mul(args):
            for k, arg in enumerate(args):
                if isinstance(arg, Num | SizeSym | Div) or not arg.shape:
                    yield mul(*args[:k], *args[k + 1 :])
        case Div(left, right) if not right.shape:
            yield left
            yield from _fitting(Mul, (left, right))
    if isinstance(node, Mul | MatMul | Call | At | Sym | Add | Div | Pow | Apply):
        yield Mul((num(2), node))


def _by_size(node: Node) -> Iterator[Node]:
    if isinstance(node, Mul | MatMul | Add | Call | Sym) and node.shape:
        for size in sorted({size.name for size in node.shape if size.name}):
            yield Div(node, SizeSym(size))


def _constant(node: Node) -> Iterator[Node]:
    match node:
        case Num(value):
            yield Num(value + 1)
            if value >= 2:
                yield Num(value - 1)
        case Pow(base, Num(value)) if value == 2:
            yield base


def _axis(node: Node) -> Iterator[Node]:
    match node:
        case Call(name, args, axis) if axis is not None:
            yield from _fitting(Call, name, args, 1 - axis)


def _swapped(node: Node) -> Iterator[Node]:
    match node:
        case MatMul(args):
            for k in range(len(args) - 1):
                yield from _fitting(MatMul, (*args[:k], args[k + 1], args[k], *args[k + 2 :]))
        case Add((left, Neg(right))):
            yield Add((right, Neg(left)))
        case Div(left, right):
            yield from _fitting(Div, right, left)
        case Pow(left, right):
            yield from _fitting(Pow, right, left)
        case Call("kron" | "outer" | "hstack" | "vstack", (left, right)):
            yield from _fitting(node.rebuild, (right, left))


def _neighbour(node: Node) -> Iterator[Node]:
    match node:
        case Call(name, args, axis) if name in _NEIGHBOURS:
            yield from _fitting(Call, _NEIGHBOURS[name], args, axis)
        case Apply(name, arg, order):
            yield Apply(name, arg, order + 1 if order == 0 else order - 1)
        case Big(kind, body, index, condition):
            yield Big("prod" if kind == "sum" else "sum", body, index, condition)


def _term(node: Node) -> Iterator[Node]:
    match node:
        case Add(args):
            for k in range(len(args)):
                yield add(*args[:k], *args[k + 1 :])
        case Big(kind, body, index, condition) if condition is not None:
            yield Big(kind, body, index)


def _off_diagonal(node: Node) -> Iterator[Node]:
    match node:
        case Call("where", (condition, yes, no)):
            yield from _fitting(call, "where", condition, yes, num(0))
            yield from _fitting(call, "where", condition, num(0), no)
            yield from _fitting(call, "where", condition, no, yes)
        case Add(args) if any(isinstance(a, Call) and a.name in ("diag", "eye") for a in args):
            yield from (a for a in args if isinstance(a, Call) and a.name in ("diag", "eye"))


def _parenthesis(node: Node) -> Iterator[Node]:
    """`(a − b) C` read as `a − b C`, and the reverse."""
    match node:
        case Mul(args) | MatMul(args) if any(isinstance(a, Add) for a in args):
            for k, arg in enumerate(args):
                if isinstance(arg, Add):
                    yield from _opened(node, args[:k], arg.args, args[k + 1 :])
        case Add((*front, Mul() | MatMul() as last)):
            yield from _fitting(lambda: _tied(last, (add(*front, last.args[0]), *last.args[1:])))
        case Add((*front, Neg(Mul() | MatMul() as last))):
            yield from _fitting(lambda: _tied(last, (add(*front, Neg(last.args[0])), *last.args[1:])))
        case Neg(Add((first, *rest))):
            yield add(Neg(first), *rest)


def _opened(
    product: Node, before: tuple[Node, ...], terms: tuple[Node, ...], after: tuple[Node, ...]
) -> Iterator[Node]:
    """The product without the parentheses around a sum among its factors: what follows ties to the last term alone."""
    *front, last = terms
    first, *rest = terms
    if after:
        yield from _fitting(lambda: _tied(product, (*before, add(*front, _tied(product, (last, *after))))))
        if not before:
            yield from _fitting(lambda: add(*front, _tied(product, (last, *after))))
    if before:
        yield from _fitting(lambda: _tied(product, (add(_tied(product, (*before, first)), *rest), *after)))


def _tied(like: Node, args: tuple[Node, ...]) -> Node:
    bare = tuple(a.arg if isinstance(a, Neg) else a for a in args)
    whole = bare[0] if len(bare) == 1 else like.rebuild(bare)
    return Neg(whole) if sum(isinstance(a, Neg) for a in args) % 2 else whole


def _inside(node: Node) -> Iterator[Node]:
    """`σ(1 − x)` for `1 − σ(x)`, and the reverse."""
    match node:
        case Add((Num() as one, Neg(Call(name, (arg,)) as function))) if function.function.kind == "elementwise":
            yield from _fitting(lambda: call(name, Add((one, Neg(arg)))))
        case Call(name, (Add((Num() as one, Neg(arg))),)) if node.function.kind == "elementwise":
            yield from _fitting(lambda: Add((one, Neg(call(name, arg)))))


SLIPS: tuple[tuple[str, Slip], ...] = (
    ("lost or extra transpose", _transpose),
    ("matrix product and entrywise product confused", _product),
    ("sign", _sign),
    ("missing or doubled factor", _factor),
    ("missing 1/n", _by_size),
    ("function of the complement for complement of the function", _inside),
    ("missing pair of parentheses", _parenthesis),
    ("off-diagonal term dropped", _off_diagonal),
    ("wrong axis", _axis),
    ("operands swapped", _swapped),
    ("constant", _constant),
    ("neighbouring function", _neighbour),
    ("term dropped", _term),
)
"""In the order in which a mistake is named when several explain it: what people slip on most often first."""


def mutations(node: Node, kinds: frozenset[str] | None = None) -> Iterator[Mutation]:
    """Every well-typed formula of the same shape that is one slip away, each once, in the order of `SLIPS`."""
    seen = {node}
    whole = tuple(_changeable(node))
    for kind, slip in SLIPS:
        if kinds is not None and kind not in kinds:
            continue
        for path, part in whole:
            for other in slip(part):
                changed = _placed(node, path, other)
                if changed is not None and changed not in seen:
                    seen.add(changed)
                    yield Mutation(kind, path, changed)
    for mutation in _indices(node):
        if mutation.node not in seen and (kinds is None or mutation.kind in kinds):
            seen.add(mutation.node)
            yield mutation


def _changeable(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """The parts in which a slip says something else: not the variable of a derivative, nor how `x` lies in `x[i]`."""
    yield path, node
    for number, child in enumerate(node.children):
        match node, number:
            case D(), 1:
                continue
            case At(Sym(), (_,)), 0:
                continue
        yield from _changeable(child, (*path, number))


def _placed(node: Node, path: Path, other: Node) -> Node | None:
    try:
        changed = replace_at(node, path, other)
    except (ShapeError, ValueError):
        return None
    return changed if _same_shape(changed.shape, node.shape) else None


def _same_shape(left: Shape, right: Shape) -> bool:
    return left == right or (is_single(left) and is_single(right))


def _indices(node: Node) -> Iterator[Mutation]:
    """An index that changed its letter, two that changed places, or a free index caught by a sum of the same letter."""
    letters = sorted({part for part in walk(node) if isinstance(part, Idx)}, key=lambda index: index.name)
    for path, part in places(node):
        match part:
            case Idx():
                for letter in letters:
                    if letter != part and letter.range == part.range:
                        yield from _moved("index changed", node, path, letter)
            case At(arg, (Node() as row, Node() as column)):
                yield from _moved("index changed", node, path, At(arg, (column, row)))
            case Big(kind, body, index, condition):
                for free in sorted(free_indices(body) - {index}, key=lambda index: index.name):
                    if free.range == index.range:
                        caught = Big(kind, substitute(body, {free: index}), index, condition)
                        yield from _moved("index reused as a bound one", node, path, caught)


def _moved(kind: str, node: Node, path: Path, other: Node) -> Iterator[Mutation]:
    changed = _placed(node, path, other)
    if changed is not None:
        yield Mutation(kind, path, changed)

"""Conditions on balls: decided for certain, or not at all; and the choice that `where` makes by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check import jets
from solver.check.balls import ONE, UNDEFINED, ZERO, each, is_zero, nearly_zero, scalar
from solver.check.frame import Frame
from solver.check.jets import Jet, Levels, Mask
from solver.check.meaning import Meaningless
from solver.expr.nodes import Call, Cmp, Logic, Node, Sym, free_indices, transform, walk
from solver.expr.write import write

YES, NO, VAGUELY, NOWHERE = 1, 0, -1, -2
"""True, false, cannot be told at this precision, undefined."""

Marks = NDArray[np.int8]


@dataclass(frozen=True)
class Truth:
    """A truth value for each entry.

    `tie` marks entries that stand exactly on the border while their distance from it changes in the directions
    `levels`: there the value is known, and a derivative does not exist.
    """

    marks: Marks
    tie: Mask
    levels: frozenset[Levels] = field(default_factory=frozenset)


def truth(frame: Frame, node: Node) -> Truth:
    """Whether a condition holds, entry by entry."""
    match node:
        case Cmp(left=left, right=right, op=op):
            if left == right:
                shape = frame.jet(left).value.shape
                return Truth(np.full(shape, _MEANING[op][1], np.int8), np.zeros(shape, np.bool_))
            found = compare(frame.jet(left), frame.jet(right), op)
            if (found.marks == VAGUELY).any():
                sides = _opened(left, frame), _opened(right, frame)
                if any(_is_extreme(part) for side in sides for part in walk(side)):
                    # `A x = max z` with z = A x: under one name for both, the largest entry is found to be itself
                    return _near(frame.jet(sides[0]), frame.jet(sides[1]), op)
            return found
        case Logic(op="not", args=(arg,)):
            inner = truth(frame, arg)
            return Truth(np.where(inner.marks >= 0, 1 - inner.marks, inner.marks), inner.tie, inner.levels)
        case Logic(op=op, args=args):
            parts = [truth(frame, arg) for arg in args]
            result = parts[0]
            for part in parts[1:]:
                result = _combined(result, part, NO if op == "and" else YES)
            return result
    raise Meaningless(f"`{write(node)}` is no condition")


def _is_extreme(node: Node) -> bool:
    return isinstance(node, Call) and node.name in ("max", "min")


def _opened(node: Node, frame: Frame) -> Node:
    """The node with every name that no derivative is taken by opened by its definition."""
    define = frame.evaluator.meaning.define
    held = {level.target for level in frame.levels}

    def value(part: Node) -> Node | None:
        if isinstance(part, Sym) and part.name in define and part.name not in held:
            return None if free_indices(define[part.name]) else _opened(define[part.name], frame)
        return None

    return node if frame.evaluator.names is not None else transform(node, value)


def single(found: Truth) -> bool | None:
    """A truth value that holds for all entries together; None where it is not certain."""
    if (found.marks == YES).all():
        return True
    return False if (found.marks == NO).any() else None


_MEANING: dict[str, tuple[int, int, int]] = {
    # op: whether it holds of a difference that is negative, zero, positive
    "==": (NO, YES, NO),
    "!=": (YES, NO, YES),
    "<": (YES, NO, NO),
    "<=": (YES, YES, NO),
    ">": (NO, NO, YES),
    ">=": (NO, YES, YES),
}


def compare(left: Jet, right: Jet, op: str) -> Truth:
    """`left op right`, by the sign of their difference; a ball that both sides picked from one place equals itself."""
    difference = jets.add(left, jets.negate(right))
    negative, zero, positive = _MEANING[op]

    def mark(x: Any, a: Any, b: Any) -> int:
        if x.is_nan():
            return NOWHERE
        if x > 0:
            return positive
        if x < 0:
            return negative
        return zero if is_zero(x) or (a is b and a.is_finite()) else VAGUELY

    marks = each(mark, difference.value, left.value, right.value).astype(np.int8)
    moving = np.zeros(marks.shape, np.bool_)
    for levels, part in difference.slopes.items():
        changes = ~each(is_zero, part).astype(np.bool_)
        moving = moving | changes.any(axis=tuple(range(changes.ndim - 2 - len(levels), changes.ndim - 2)))
    exact = each(is_zero, difference.value).astype(np.bool_)
    return Truth(marks, exact & moving, frozenset(difference.slopes))


def _near(left: Jet, right: Jet, op: str) -> Truth:
    """`left op right` where one of them is the largest entry: it equals the entry that it agrees with as two sides of a
    line agree, to half of all bits, when a line has written that entry in another way."""
    found = compare(left, right, op)
    near = each(nearly_zero, jets.add(left, jets.negate(right)).value).astype(np.bool_)
    return Truth(np.where((found.marks == VAGUELY) & near, _MEANING[op][1], found.marks), found.tie, found.levels)


def _combined(left: Truth, right: Truth, decisive: int) -> Truth:
    """`and` (decided by a false part) or `or` (decided by a true one)."""
    a, b = np.broadcast_arrays(left.marks, right.marks)
    marks = np.where((a == decisive) | (b == decisive), decisive, np.where((a < 0) | (b < 0), np.minimum(a, b), a))
    return Truth(marks.astype(np.int8), left.tie | right.tie, left.levels | right.levels)


def where(found: Truth, yes: Callable[[], Jet], no: Callable[[], Jet]) -> Jet:
    """`yes` where the condition holds, `no` elsewhere; a branch that is chosen nowhere is not computed.

    Where the condition cannot be told and the branches agree, as at a tie, the value is theirs.
    """
    chosen: Jet
    if (found.marks == YES).all():
        chosen = yes()
    elif (found.marks == NO).all():
        chosen = no()
    else:
        chosen = jets.choose(found.marks == YES, yes(), no())
    chosen = jets.widen(chosen, found.marks.shape)
    vague = found.marks == VAGUELY
    if vague.any():
        chosen = jets.choose(vague, jets.either(yes(), no()), chosen)
    chosen = jets.spoil(chosen, found.marks == NOWHERE, UNDEFINED, slopes_only=False)
    return jets.spoil(chosen, found.tie, UNDEFINED, slopes_only=True, levels=found.levels)


def indicator(found: Truth) -> Jet:
    """1 where the condition holds, 0 elsewhere."""
    return where(found, lambda: jets.constant(scalar(ONE)), lambda: jets.constant(scalar(ZERO)))

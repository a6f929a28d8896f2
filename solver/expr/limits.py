"""How large an expression may be, so that a hostile text cannot keep the program busy."""

from __future__ import annotations

import math

from solver.expr.nodes import Add, Div, Mul, Neg, Node, Num, Pow

MAX_HEIGHT = 120
MAX_PARTS = 20_000
MAX_EXPONENT = 1000


def too_big(node: Node) -> bool:
    """Whether the tree is higher than MAX_HEIGHT or has more than MAX_PARTS parts (a shared part counts each time)."""
    measured: dict[int, tuple[int, int]] = {}
    waiting = [node]
    while waiting:
        part = waiting[-1]
        open_children = [child for child in part.children if id(child) not in measured]
        if open_children:
            waiting.extend(open_children)
            continue
        waiting.pop()
        sizes = [measured[id(child)] for child in part.children]
        height = 1 + max((height for height, _ in sizes), default=0)
        count = 1 + sum(count for _, count in sizes)
        if height > MAX_HEIGHT or count > MAX_PARTS:
            return True
        measured[id(part)] = (height, count)
    return False


def check_power(base: Node, exponent: Node) -> str:
    """What is wrong with a power of numbers: `10**10**10` would have ten thousand million digits. Empty: nothing."""
    power = _magnitude(exponent)
    if power is None:
        return ""
    if power > MAX_EXPONENT:
        return f"an exponent is at most {MAX_EXPONENT}"
    size = _magnitude(base)
    if size is not None and size > 0 and abs(math.log10(size)) * power > MAX_EXPONENT:
        return f"this power of numbers is beyond 10**{MAX_EXPONENT}"
    return ""


def _magnitude(node: Node) -> float | None:
    """The absolute value of an expression of numbers only, at most (infinite where it is beyond floats); else None."""
    match node:
        case Num(value):
            return float(value) if value < 10**300 else math.inf
        case Neg(arg):
            return _magnitude(arg)
    parts = [_magnitude(child) for child in node.children] if isinstance(node, Add | Mul | Div | Pow) else [None]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match node:
        case Add():
            return sum(known)
        case Mul():
            return math.prod(known)
        case Div():
            return known[0] / known[1] if known[1] else math.inf
    try:
        return float(known[0] ** known[1])
    except (OverflowError, ZeroDivisionError):
        return math.inf

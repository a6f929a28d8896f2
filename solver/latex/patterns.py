r"""What dots leave out: the rule that the written terms, factors or entries follow, found by comparing them.

Numbers and last values such as `N` count as places where they stand as indices, so the 1 in `1 - x_1` stays; only where
no rule is found so may they count anywhere (`1, 2, …, N`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solver.expr.nodes import At, Call, Idx, Node, from_size, transform, walk
from solver.expr.sizes import ONE, Size

MAX_LENGTHS = 6
MAX_FIRST = 6

Places = tuple[tuple[Size, Idx], ...]
"""Which place is counted by which index."""


def counting(part: Node) -> tuple[Node, ...]:
    """The children of a part that count places: the indices of an entry, of a delta, of a basis vector."""
    match part:
        case At():
            return part.children[1:]
        case Call("delta"):
            return part.args
        case Call("basis"):
            return part.args[:1]
    return ()


def _with_counting(node: Node, change: dict[Size, Node]) -> Node:
    """The node with the places that have one of these sizes replaced, the others in one form."""

    def one(part: Node) -> Node | None:
        places = counting(part)
        if not places:
            return None
        children = []
        for child in part.children:
            if any(child is place for place in places) and child.size is not None:
                children.append(change.get(child.size, from_size(child.size)))
            else:
                children.append(_with_counting(child, change))
        return part.rebuild(tuple(children))

    return transform(node, one)


def lifted(node: Node, places: Places, everywhere: bool = False) -> Node:
    """The entry with what counts each place as that place's index; or `everywhere`, whatever is of that size."""
    change: dict[Size, Node] = {}
    for place, index in places:
        change.setdefault(place, index)
    if everywhere:
        return transform(node, lambda part: change.get(part.size) if part.size is not None else None)
    return _with_counting(node, change)


def lowered(body: Node, places: Places) -> Node:
    """The pattern at given places."""
    values: dict[Node, Node] = {index: from_size(place) for place, index in places}
    return plain(transform(body, lambda part: values.get(part) if isinstance(part, Idx) else None))


def plain(node: Node) -> Node:
    """The entry with its places in one form, so that `N - 1` is the same however it was written."""
    return _with_counting(node, {})


def lengths(nodes: Iterable[Node]) -> list[Size]:
    """How long a row of such entries may be: the lengths of the arrays whose entries they are, and their places."""
    nodes = list(nodes)
    found: dict[Size, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, At):
                shape = part.arg.shape
                sizes = shape if len(part.at) == 2 else (shape[0] * shape[1],) if len(shape) == 2 else ()
                found.update(dict.fromkeys(sizes))
            found.update(dict.fromkeys(place.size for place in counting(part) if place.size is not None))
    for node in nodes:
        found.update(dict.fromkeys(part.size for part in walk(node) if part.size is not None and not part.size.number))
    return [size for size in found if size != ONE and size.terms][:MAX_LENGTHS]


def free_letters(nodes: Iterable[Node], taken: Iterable[str], count: int) -> list[str]:
    """Letters for indices that stand nowhere in the entries and mean nothing else."""
    used = set(taken)
    for node in nodes:
        for part in walk(node):
            used |= {part.name} if hasattr(part, "name") else set()
            used |= {getattr(part, side).name for side in ("index", "row", "column") if hasattr(part, side)}
    letters = [letter for letter in (*"ijklmnpqrst", *(f"i{k}" for k in range(1, 100))) if letter not in used]
    return letters[:count]


@dataclass(frozen=True)
class Series:
    r"""`a_1 + a_2 + \dots + a_N`: the terms before the pattern, the pattern, its index, and where it begins."""

    before: tuple[Node, ...]
    body: Node
    index: Idx
    first: int


def series(leading: Sequence[Node], last: Node, taken: Iterable[str]) -> Series | None:
    """The pattern that leads from the leading terms to the last one, or None."""
    taken = list(taken)
    for length in lengths([*leading, last]):
        index = Idx(free_letters([*leading, last], taken, 1)[0], length)
        body = lifted(last, ((length, index),))
        if body == plain(last):
            continue
        for place in range(min(len(leading), MAX_FIRST), 0, -1):
            first = place
            matched = 0
            while first >= 1 and matched < len(leading):
                expected = lowered(body, ((Size.of(first), index),))
                if expected != plain(leading[len(leading) - 1 - matched]):
                    break
                matched, first = matched + 1, first - 1
            if matched and len(leading) - matched in (0, first):
                return Series(tuple(leading[: len(leading) - matched]), body, index, first + 1)
    return None

r"""Sizes that the formula does not write: of `\mathbf 1`, of `\bm I`, of a sum over `i` without limits.

A size yet unknown is a name that no problem can declare (`?3`). Where two values meet, unknown sizes take the sizes
they have to have for the shapes to fit; what is still unknown at the end is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.expr.nodes import At, Big, Call, Idx, Node, SizeSym, Table, from_size, transform, walk
from solver.expr.shapes import Shape, describe, is_single, is_vector
from solver.expr.sizes import ONE, Size
from solver.latex.errors import LatexError, Span

_OPTIONAL = "'"


@dataclass
class Holes:
    """The unknown sizes of one formula, each with the error that it is if it stays unknown."""

    places: dict[str, LatexError] = field(default_factory=dict)

    def fresh(self, span: Span, what: str, optional: bool = False) -> Size:
        """A size yet unknown; an `optional` one is 1 in a matrix product (the width of `\\mathbf 1`)."""
        name = f"?{len(self.places) + 1}{_OPTIONAL if optional else ''}"
        self.places[name] = LatexError.at(
            span,
            f"the size of {what} is not said, and nothing beside it tells",
            f"write it as a subscript: {what}_{{n}}",
        )
        return Size.of(name)

    def fresh_side(self, span: Span) -> Size:
        """How many rows or columns a matrix with dots has, yet unknown."""
        name = f"?{len(self.places) + 1}"
        self.places[name] = LatexError.at(
            span, "how far these dots go is not said, and nothing beside the matrix tells"
        )
        return Size.of(name)

    def fresh_range(self, span: Span, index: str) -> Size:
        """How far an index runs, yet unknown."""
        name = f"?{len(self.places) + 1}"
        self.places[name] = LatexError.at(
            span, f"how far the index {index} runs is not said", rf"give the limits: \sum_{{{index}=1}}^{{n}}"
        )
        return Size.of(name)

    def check(self, node: Node) -> Node:
        """The node, where no size is left unknown; LatexError at the first piece whose size is."""
        for part in walk(node):
            for size in _sizes(part):
                for name in size.names:
                    if name in self.places:
                        raise self.places[name]
        return node


def _sizes(part: Node) -> tuple[Size, ...]:
    match part:
        case SizeSym(name):
            return (Size.of(name),)
        case Idx(range=size):
            return (size,)
        case Big(index=index):
            return (index.range,)
        case Table(row=row, column=column):
            return (row.range, column.range)
    return ()


def is_hole(size: Size) -> bool:
    return size.name is not None and size.name.startswith("?")


def shown(shape: Shape) -> str:
    """The shape for a message, a question mark for a size yet unknown."""
    return re.sub(r"\?\d+'?", "?", describe(shape))


def holes_of(shape: Shape) -> bool:
    return any(is_hole(size) for size in shape)


Solution = Mapping[str, Size]


def fill(node: Node, solution: Solution) -> Node:
    """The node with unknown sizes replaced by known ones."""
    return transform(node, lambda part: _filled(part, solution)) if solution else node


def _filled(part: Node, solution: Solution) -> Node | None:
    match part:
        case SizeSym(name) if name in solution:
            return from_size(solution[name])
        case Idx(name=name, range=size) if str(size) in solution:
            return Idx(name, solution[str(size)])
        case Big(kind, body, index, condition) if str(index.range) in solution:
            return Big(
                kind,
                fill(body, solution),
                Idx(index.name, solution[str(index.range)]),
                None if condition is None else fill(condition, solution),
            )
        case Table(body, row, column) if row.range.name in solution or column.range.name in solution:
            rows, columns = (solution.get(each.range.name or "", each.range) for each in (row, column))
            return Table(fill(body, solution), Idx(row.name, rows), Idx(column.name, columns))
    return None


def entrywise(nodes: list[Node]) -> list[Node]:
    """Values that meet entry by entry, with their unknown sizes filled from one another."""
    for _ in range(3):
        solution = _entrywise([node.shape for node in nodes])
        if not solution:
            break
        nodes = [fill(node, solution) for node in nodes]
    return nodes


def _entrywise(shapes: list[Shape]) -> Solution:
    if not any(holes_of(shape) for shape in shapes):
        return {}
    solution: dict[str, Size] = {}
    for axis in (0, 1):
        known = [shape[axis] for shape in shapes if shape and not is_single(shape) and not is_hole(shape[axis])]
        unknown = [shape[axis] for shape in shapes if shape and is_hole(shape[axis]) and not _optional(shape[axis])]
        wide = next((size for size in known if size != ONE), (*known, *unknown, None)[0])
        if wide is None:
            continue
        for shape in shapes:
            hole = bool(shape) and is_hole(shape[axis])
            if hole and shape[axis] != wide and (wide != ONE or _optional(shape[axis])):
                solution.setdefault(str(shape[axis]), wide)
    return solution


def inner(left: Node, right: Node) -> tuple[Node, Node]:
    """Two factors of a matrix product, with the size between them filled from one another."""
    if len(left.shape) != 2 or len(right.shape) != 2:
        return left, right
    across, down = left.shape[1], right.shape[0]
    if across != down and is_hole(across) and (_optional(across) or down != ONE):
        left = fill(left, {str(across): down})
    elif across != down and is_hole(down) and (_optional(down) or across != ONE):
        right = fill(right, {str(down): across})
    return alone(left), alone(right)


def alone(node: Node) -> Node:
    """The value, no wider than it has to be."""
    return fill(node, {str(size): ONE for size in node.shape if _optional(size)})


def _optional(size: Size) -> bool:
    return is_hole(size) and str(size).endswith(_OPTIONAL)


# --- how far an index runs ----------------------------------------------------------------------------------------


def ranges(body: Node, index: Idx) -> list[Size]:
    """The sizes of the arrays along the axes that the index runs through, each once."""
    found: list[Size] = []
    for part in walk(body):
        match part:
            case At(arg, at):
                for axis, where in enumerate(at):
                    if where == index and len(arg.shape) == 2:
                        found.append(_length(arg.shape) if len(at) == 1 else arg.shape[axis])
            case Call("basis", (where, size)) if where == index and size.size is not None:
                found.append(size.size)
            case Call("delta", (first, second)):
                others = [each for each in (first, second) if isinstance(each, Idx) and each != index]
                if index in (first, second):
                    found.extend(each.range for each in others)
    return list(dict.fromkeys(size for size in found if not is_hole(size)))


def _length(shape: Shape) -> Size:
    return (shape[1] if shape[0] == ONE else shape[0]) if is_vector(shape) and len(shape) == 2 else ONE

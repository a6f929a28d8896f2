r"""What every kind of node is printed with: parts in parentheses and under marks, shapes, applied functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solver.expr.nodes import Node
from solver.expr.shapes import Shape
from solver.expr.sizes import Size
from solver.typeset.box import Box, Chunk, Level, fence, group, row, sign
from solver.typeset.names import letter
from solver.typeset.setting import Setting


def part(node: Node, number: int, s: Setting, least: Level = Level.LOGIC, *, closed: bool = False) -> Box:
    """A child of the node: in parentheses where it binds too loosely (or, if `closed`, reaches to the right)."""
    child, inside = node.children[number], s.child(number)
    box = group(s.printer(child, inside), least)
    if closed and box.open:
        box = fence(box)
    return marked(box, child, inside)


def marked(box: Box, node: Node, s: Setting) -> Box:
    """The box under the mark that lies on its place, if one does."""
    mark = None if s.path is None else s.marks.get(s.path)
    if mark is None:
        return box
    match mark.kind:
        case "cancel":
            tex = rf"\cancel{{{box.tex}}}"
        case "focus":
            tex = rf"\focus{{{box.tex}}}"
        case "shape":
            tex = rf"\shaped{{{box.tex}}}{{{shape_tex(mark.shape or node.shape)}}}"
    return replace(box, chunks=(Chunk(tex, box.width),), scripted=False)


def applied(head: str, head_width: float, arguments: Sequence[Box]) -> Box:
    r"""A function of arguments, `head(a, b)`."""
    listed = separated(arguments)
    return replace(row([sign(head, head_width), fence(listed, light=True)], Level.ATOM), scripted=True)


def separated(boxes: Sequence[Box], comma: str = ", ") -> Box:
    """Boxes with commas between them."""
    pieces: list[Box] = []
    for box in boxes:
        if pieces:
            pieces.append(sign(comma, 0.45))
        pieces.append(box)
    return row(pieces, Level.LOGIC)


def shape_tex(shape: Shape) -> str:
    r"""`1 \times D_x`, a sum among the sizes in parentheses; empty for a scalar."""
    return r" \times ".join(size_tex(size, within=True) for size in shape)


def size_tex(size: Size, *, within: bool = False) -> str:
    """A size as LaTeX; `within` puts parentheses around a sum."""
    if not size.terms:
        return "0"
    out = ""
    for monomial, value in size.terms:
        names = r"\,".join(
            letter(name, split=True).tex(False) + (f"^{{{power}}}" if power > 1 else "") for name, power in monomial
        )
        magnitude = abs(value)
        if magnitude.denominator != 1:
            top = names if magnitude.numerator == 1 and names else f"{magnitude.numerator}{names}"
            body = f"{top}/{magnitude.denominator}"
        else:
            body = names if names and magnitude == 1 else f"{magnitude}{names}"
        minus = value < 0
        out += (" - " if minus else " + ") + body if out else ("-" if minus else "") + body
    return f"({out})" if within and len(size.terms) > 1 else out

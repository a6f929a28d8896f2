r"""What every kind of node is printed with: parts in parentheses and under marks, shapes, applied functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solver.expr.nodes import Node
from solver.expr.shapes import Shape
from solver.expr.sizes import Size
from solver.typeset.box import Box, Chunk, Level, atom, fence, group, row, sign
from solver.typeset.forms import Delimiter, Form, Marked, Token, beside, joined, raised
from solver.typeset.names import letter, width
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
    shape = shape_form(mark.shape or node.shape) if mark.kind == "shape" else None
    return replace(box, chunks=(Chunk(Marked(box.form, mark.kind, shape), box.width),), scripted=False)


def named(form: Form) -> Box:
    """A name, as wide as its letters."""
    return atom(form, width(form.tex))


def applied(head: Form, head_width: float, arguments: Sequence[Box]) -> Box:
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


def shape_form(shape: Shape) -> Form:
    r"""`1 \times D_x`, a sum among the sizes in parentheses; empty for a scalar."""
    return joined((size_form(size, within=True) for size in shape), r" \times ")


def size_form(size: Size, *, within: bool = False) -> Form:
    """A size as it is written; `within` puts parentheses around a sum."""
    if not size.terms:
        return Token("0")
    pieces: list[Form | str] = []
    for monomial, value in size.terms:
        names = joined((_power(name, power) for name, power in monomial), r"\,")
        magnitude = abs(value)
        front = "" if monomial and magnitude.numerator == 1 else str(magnitude.numerator)
        sign = (" - " if pieces else "-") if value < 0 else " + " if pieces else ""
        pieces += [sign, front, names]
        if magnitude.denominator != 1:
            pieces += ["/", str(magnitude.denominator)]
    if within and len(size.terms) > 1:
        return beside(Delimiter("("), *pieces, Delimiter(")", closing=True))
    return beside(*pieces)


def _power(name: str, power: int) -> Form:
    form = letter(name, split=True).form(False)
    return raised(form, Token(str(power))) if power > 1 else form

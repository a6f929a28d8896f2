r"""Products: scalar factors side by side, `\odot` between vectors and matrices, matrix products side by side.

Side by side binds more tightly than `\odot` and `\cdot`, which bind alike. In a run of factors side by side the scalars
multiply the matrix product of the rest.
"""

from __future__ import annotations

from solver.expr.nodes import Call, Div, MatMul, Mul, Node, Num
from solver.expr.shapes import is_single
from solver.typeset.box import Box, Level, row, sign
from solver.typeset.setting import Setting
from solver.typeset.wraps import part

ODOT_BREAK, CDOT_BREAK, FACTOR_BREAK = 4, 5, 9


def elementwise(node: Mul, s: Setting) -> Box:
    r"""`a * b`: `2\,x`, `\bm a \odot \bm b`, `v_i (a + b)`."""
    boxes = [_factor(node, k, s) for k in range(len(node.args))]
    pieces, level = [boxes[0]], Level.PRODUCT
    for k in range(1, len(boxes)):
        # A (2/n) B  ->  A ⊙ (2/n) B
        if _scalar_between(node, k):
            level = Level.ODOT
            pieces.append(row([sign(r" \odot ", 1.22), boxes[k]], Level.ATOM).before(ODOT_BREAK))
            continue
        match _between(node.args[k - 1], node.args[k], boxes[k - 1], boxes[k]):
            case r"\odot":
                level = Level.ODOT
                pieces.append(row([sign(r" \odot ", 1.22), boxes[k]], Level.ATOM).before(ODOT_BREAK))
            case r"\cdot":
                level = Level.ODOT
                pieces.append(row([sign(r" \cdot ", 0.72), boxes[k]], Level.ATOM).before(CDOT_BREAK))
            case space:
                pieces.extend(_beside(boxes[k], space))
    return row(pieces, level, open=boxes[-1].open)


def _scalar_between(node: Mul, k: int) -> bool:
    """Whether this factor begins the scalars that stand between two factors with entries."""
    wide = [bool(arg.shape) and not is_single(arg.shape) for arg in node.args]
    return wide[k - 1] and not wide[k] and any(wide[k:])


def _factor(node: Mul, k: int, s: Setting) -> Box:
    last = k == len(node.args) - 1
    return part(node, k, s, Level.PRODUCT, closed=not last)


def _between(left: Node, right: Node, a: Box, b: Box) -> str:
    """The sign between two factors: a dot where side by side would be misread, a thin space, or nothing."""
    if left.shape and right.shape:
        return r"\cdot" if is_single(left.shape) or is_single(right.shape) else r"\odot"
    if b.tex[:1].isdigit() or (isinstance(left, Num) and _numeric(right)):
        return r"\cdot"
    if isinstance(right, Call) and right.name == "log_sigmoid":
        return r"\,"
    return space(left, right, a, b)


def _numeric(node: Node) -> bool:
    return isinstance(node, Div) and isinstance(node.left, Num) and isinstance(node.right, Num)


def space(left: Node, right: Node, a: Box, b: Box) -> str:
    """A thin space after scripts and parentheses before a bold letter, and around words."""
    if b.tex.startswith(("(", r"\big", r"\Big", "[", r"\left")):
        return ""
    if isinstance(left, Call) and left.name == "sqrt":
        return r"\,"
    if r"\math" in a.tex[:8] or r"\math" in b.tex[:8]:
        return r"\,"
    scripted = a.tex.endswith(("}", ")", "]")) and not a.tex.endswith(r"\bm{" + a.tex[-2:-1] + "}")
    return r"\," if scripted and (right.shape or (not left.shape and b.tex.startswith("e^"))) else ""


def _beside(box: Box, space: str) -> list[Box]:
    glue = [sign(space, 0.17)] if space else []
    return [row([*glue, box], Level.ATOM).before(FACTOR_BREAK)]


def matrix(node: MatMul, s: Setting) -> Box:
    r"""`A @ B`: `\bm{A}\bm{B}`, sums and elementwise products among the factors in parentheses."""
    count = len(node.args)
    boxes = []
    for k, arg in enumerate(node.args):
        least = Level.SCRIPT if isinstance(arg, Mul) else Level.PRODUCT
        boxes.append(part(node, k, s, least, closed=k < count - 1))
    pieces = [boxes[0]]
    for k in range(1, count):
        pieces.extend(_beside(boxes[k], space(node.args[k - 1], node.args[k], boxes[k - 1], boxes[k])))
    return row(pieces, Level.PRODUCT, open=boxes[-1].open)

"""`blocks`: a sum of products as rectangles in proportion to their sizes, and the result beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from matplotlib.figure import Figure as Canvas

from solver.expr.nodes import Add, MatMul, Mul, Neg, Node, Sym, from_size
from solver.expr.shapes import Shape, describe, is_single
from solver.expr.write import write
from solver.typeset.figures import style
from solver.typeset.figures.diagram import Diagram, measure
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.scene import Scene

LONGEST, THINNEST = 26.0, 4.6
"""Millimetres: the longest side of a block, and the side of a size 1."""
BETWEEN = 2.0
NAME, SIZE, SIGN = 9.0, 6.8, 9.0
EDGE = 3.4
"""Room for a size above a block."""


@dataclass(frozen=True)
class Block:
    """A rectangle of rows and columns with its name and sizes; `result` marks what comes out."""

    label: str
    said: str
    shape: Shape
    width: float
    height: float
    result: bool = False


Piece = Block | str
"""A block, or a sign between two."""


def draw(scene: Scene) -> Drawn:
    node = cast(Node, scene.options["of"])
    scale = _scale(scene, node)
    pieces = [*_pieces(scene, node, scale), "=", _block(scene, _result(scene, node), scale, result=True)]
    signs = {piece: measure(piece, SIGN).width for piece in pieces if isinstance(piece, str)}
    left = {k: _side(scene, piece) for k, piece in enumerate(pieces) if isinstance(piece, Block)}
    wide = [signs[p] if isinstance(p, str) else max(p.width, _over(scene, p)) + left[k] for k, p in enumerate(pieces)]
    blocks = [piece for piece in pieces if isinstance(piece, Block)]
    tall = max(block.height for block in blocks)
    below = 4.2 if any(not _inside(block) for block in blocks) else 0.6
    width, height = sum(wide) + BETWEEN * (len(pieces) - 1) + 2, tall + EDGE + below + 1
    shrink = min(1.0, style.WIDEST / width)

    def paint(canvas: Canvas) -> str:
        diagram = Diagram.on(canvas, width, height)
        x = 1.0
        for k, piece in enumerate(pieces):
            if isinstance(piece, str):
                diagram.text((x + wide[k] / 2, below + tall / 2), piece, SIGN * shrink)
            else:
                _paint(diagram, scene, piece, (x + left[k], below + tall / 2), wide[k] - left[k], shrink)
            x += wide[k] + BETWEEN
        return _said(scene, node, blocks)

    return sheet(width * shrink, height * shrink, paint, tight=False)


# --- what stands where --------------------------------------------------------------------------------------------


def _scale(scene: Scene, node: Node) -> float:
    """Millimetres for one row or column: the longest size as long as a block may be."""
    sizes = scene.sizes
    return LONGEST / max(size.at(sizes) for shape in _shapes(node) for size in shape)


def _shapes(node: Node) -> list[Shape]:
    match node:
        case Add(args) | Mul(args) | MatMul(args):
            return [node.shape, *(shape for arg in args for shape in _shapes(arg))]
        case Neg(arg):
            return _shapes(arg)
    return [node.shape]


def _result(scene: Scene, node: Node) -> Node:
    name = scene.options["name"]
    return node if name is None else Sym(name, node.shape)


def _pieces(scene: Scene, node: Node, scale: float) -> list[Piece]:
    match node:
        case Add(args):
            first, *rest = args
            found = _pieces(scene, first, scale)
            for arg in rest:
                inner = arg.arg if isinstance(arg, Neg) else arg
                found += ["$-$" if isinstance(arg, Neg) else "$+$", *_pieces(scene, inner, scale)]
            return found
        case MatMul(args):
            return _joined(scene, args, scale, None)
        case Mul(args):
            return _joined(scene, args, scale, r"$\odot$")
        case Neg(arg):
            return ["$-$", *_pieces(scene, arg, scale)]
    if is_single(node.shape):
        return [scene.label(node)]
    return [_block(scene, node, scale)]


def _joined(scene: Scene, args: tuple[Node, ...], scale: float, sign: str | None) -> list[Piece]:
    """Factors side by side; sums among them in brackets, and a sign between where the factors are no matrices' own."""
    found: list[Piece] = []
    for k, arg in enumerate(args):
        if k and not is_single(args[k - 1].shape):
            found.append(sign or r"$\cdot$")
        inner = _pieces(scene, arg, scale)
        bracketed = isinstance(arg, Add) or (isinstance(arg, Neg) and k > 0)
        found += ["(", *inner, ")"] if bracketed else inner
    return found


def _block(scene: Scene, node: Node, scale: float, result: bool = False) -> Block:
    rows, columns = (size.at(scene.sizes) for size in node.shape) if node.shape else (1, 1)
    label = scene.label(node) if not result or isinstance(node, Sym) else ""
    return Block(label, write(node), node.shape, max(THINNEST, columns * scale), max(THINNEST, rows * scale), result)


def _inside(block: Block) -> bool:
    """Whether the name fits into the rectangle; else it stands below."""
    room = measure(block.label, NAME) if block.label else None
    return room is None or (room.width < block.width - 0.8 and room.height < block.height - 0.8)


def _side(scene: Scene, block: Block) -> float:
    """The room for the number of rows, at the left."""
    return measure(_size(scene, block, 0), SIZE).width + 1.4


def _over(scene: Scene, block: Block) -> float:
    """The room for the number of columns, above, and for a name that stands below."""
    below = 0.0 if _inside(block) else measure(block.label, NAME).width
    return max(measure(_size(scene, block, 1), SIZE).width, below)


def _size(scene: Scene, block: Block, side: int) -> str:
    return scene.label(from_size(block.shape[side])) if block.shape else "1"


# --- painting -----------------------------------------------------------------------------------------------------


def _paint(diagram: Diagram, scene: Scene, block: Block, left: tuple[float, float], room: float, shrink: float) -> None:
    x, y = left[0] + (room - block.width) / 2, left[1] - block.height / 2
    fill = style.PALE if block.result else "white"
    diagram.rectangle(
        (x, y), block.width, block.height, facecolor=fill, edgecolor=style.INK, linewidth=1.2 if block.result else 0.8
    )
    if block.label:
        middle = (x + block.width / 2, y + block.height / 2) if _inside(block) else (x + block.width / 2, y - 2.4)
        diagram.text(middle, block.label, NAME * shrink, style.INK)
    diagram.text((x - 0.7, y + block.height / 2), _size(scene, block, 0), SIZE * shrink, style.SOFT, ha="right")
    top = (x + block.width / 2, y + block.height + 0.5)
    diagram.text(top, _size(scene, block, 1), SIZE * shrink, style.SOFT, va="bottom")


def _said(scene: Scene, node: Node, blocks: list[Block]) -> str:
    parts = [scene.words("blocks_part", name=b.said, shape=describe(b.shape)) for b in blocks if not b.result]
    name = scene.options["name"]
    formula = f"{name} = {write(node)}" if name else write(node)
    return scene.words("blocks", formula=formula, parts=", ".join(parts), shape=describe(node.shape))

"""From text to nodes: entries, rows and columns, `x[i]`, `W[j, i]`, `W[j, :]`, and what may be an index."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from solver.expr.nodes import Add, At, Idx, Mul, Neg, Node, Num, SizeSym, Sym
from solver.expr.shapes import describe, is_vector, numel
from solver.expr.sizes import Size

if TYPE_CHECKING:
    from solver.expr.reader import Reader


def items(part: ast.Subscript) -> list[ast.expr]:
    """The indices between the brackets."""
    return part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]


def names_alone(tree: ast.expr) -> frozenset[str]:
    """The names that stand alone as an index somewhere in the tree."""
    subscripts = [part for part in ast.walk(tree) if isinstance(part, ast.Subscript)]
    return frozenset(item.id for part in subscripts for item in items(part) if isinstance(item, ast.Name))


def read_entry(reader: Reader, part: ast.Subscript) -> Node:
    """`array[i]` of a vector, `array[i, j]` of a matrix, `:` for all."""
    array = reader.value(part.value)
    shape = array.shape
    indices = items(part)
    if not shape:
        raise reader.error(part, f"`{reader.source.segment(part.value)}` is a scalar and has no entries")
    if len(indices) > 2:
        raise reader.error(part, f"a matrix has two indices, and {len(indices)} are given")
    ranges = (numel(shape),) if len(indices) == 1 and is_vector(shape) else shape
    return At(array, tuple(_index(reader, item, size, array) for item, size in zip(indices, ranges, strict=False)))


def _index(reader: Reader, item: ast.expr, size: Size, array: Node) -> Node | None:
    match item:
        case ast.Slice(lower=None, upper=None, step=None):
            return None
        case ast.Slice():
            hint = "`:` alone is a whole row or column"
            raise reader.error(item, "parts of rows and columns cannot be cut out", hint)
        case ast.Name(id=name) if reader.opened is not None and name not in reader.names and name != "pi":
            return reader.opened.setdefault(name, Idx(name, size))
    node = reader.value(item)
    check_index(reader, item, node, size, f"of an array of shape {describe(array.shape)}")
    return node


def check_index(reader: Reader, part: ast.expr, node: Node, size: Size, where: str) -> None:
    """ReadError unless `node` is built from indices, whole numbers, sizes and whole-number symbols, within 1 … size.

    What is certain is checked: an index runs over no more than the array has, a number or a size does not lie beyond
    it. Where `t + k` lies is the author's affair.
    """
    if not _is_index(node):
        hint = "an index is built from indices, whole numbers, sizes and whole-number symbols with `+`, `-`, `*`"
        raise reader.error(part, "this cannot be an index", hint)
    if isinstance(node, Idx) and node.name not in (reader.opened or {}):
        excess = (node.range - size).number
        if excess is None or excess > 0:
            message = f"`{node.name}` runs from 1 to {node.range}, and this index {where} from 1 to {size}"
            raise reader.error(part, message)
    known = _known_size(node)
    if known is None:
        return
    if known.number is not None and known.number < 1:
        hint = f"the last entry is at `{size}`" if known.number < 0 else "the first entry is at `1`"
        raise reader.error(part, f"indices start at 1, and this one is {known.number}", hint)
    excess = (known - size).number
    if excess is not None and excess > 0:
        raise reader.error(part, f"{known} is out of range: this index {where} runs from 1 to {size}")


def _is_index(node: Node) -> bool:
    match node:
        case Num(value):
            return value.denominator == 1
        case Idx() | SizeSym() | Sym() | At(arg=Sym()):
            return not node.shape
        case Add() | Mul() | Neg():
            return all(_is_index(child) for child in node.children)
    return False


def _known_size(node: Node) -> Size | None:
    """The size that a short index denotes: a long product of sums would be expanded without end."""
    return node.size if _parts(node) <= 12 else None


def _parts(node: Node) -> int:
    return 1 + sum(_parts(child) for child in node.children)

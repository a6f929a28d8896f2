r"""Factors side by side, by their shapes: a matrix product where both are matrices, else a product with a scalar.

`\odot` is entry by entry, `\otimes` the Kronecker product; both reach further than factors side by side do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.expr.nodes import Add, Call, Cmp, Div, MatMul, Mul, Node, matmul, mul
from solver.expr.shapes import Shape, ShapeError, broadcast, is_column, is_row, is_single, is_vector, numel
from solver.latex.errors import LatexError, Span
from solver.latex.holes import entrywise, inner, shown

MAX_KRON = 6
MAX_FACTORS = 400


@dataclass(frozen=True)
class Part:
    """A factor or term: its value, its place, and the sign before it (empty for none)."""

    node: Node
    span: Span
    sign: str = ""


def side_by_side(parts: Sequence[Part]) -> Node:
    r"""The product of factors in a row: scalars in their order, matrices multiplied, a 1×1 product a scalar.

    Where the shapes do not fit so, what stands side by side is multiplied first, and then what `\cdot` joins:
    `\bm{A} \cdot \bm{u}^\top\bm{u}`.
    """
    try:
        return _in_a_row(parts)
    except LatexError as error:
        runs = _between_dots(parts)
        if not error.misfit or len(runs) == 1:
            raise
        try:
            return _in_a_row([Part(_in_a_row(run), run[0].span.to(run[-1].span), run[0].sign) for run in runs])
        except LatexError:
            raise error from None


def _between_dots(parts: Sequence[Part]) -> list[list[Part]]:
    """The factors that stand side by side without a dot."""
    runs: list[list[Part]] = [[]]
    for part in parts:
        if part.sign == "cdot" and runs[-1]:
            runs.append([])
        runs[-1].append(part)
    return runs


def _in_a_row(parts: Sequence[Part]) -> Node:
    """The product, every sign alike."""
    if len(parts) > MAX_FACTORS:
        raise LatexError.at(parts[MAX_FACTORS].span, f"more than {MAX_FACTORS} factors in a row")
    dotted = _dot(parts)
    if dotted is not None:
        return dotted
    groups: list[list[Node]] = []
    chain: list[Node] | None = None
    reach = parts[0].span
    for part in parts:
        node = part.node
        if not node.shape:
            groups.append([node])
        elif chain is None:
            chain = [node]
            groups.append(chain)
            reach = part.span
        else:
            chain = _extended(groups, chain, part, reach)
            reach = reach.to(part.span)
    return mul(*(_chained(group) for group in groups))


def _chained(group: list[Node]) -> Node:
    return matmul(*group) if len(group) > 1 else group[0]


def _extended(groups: list[list[Node]], chain: list[Node], part: Part, reach: Span) -> list[Node]:
    """The matrix product with one factor more; a product that is 1×1 is closed and becomes a scalar factor."""
    left, right = inner(_chained(chain), part.node)
    single = is_single(left.shape) or is_single(right.shape)
    if part.sign == "cdot" and single:
        groups.append([right])
        return groups[-1] if is_single(left.shape) else chain
    if is_single(left.shape) and is_single(right.shape):
        groups.append([right])
        return groups[-1]
    if left.shape[1:] == right.shape[:1] and part.sign != "times":
        chain[:] = [*_rest(left, chain), right]
        return chain
    if is_single(right.shape):
        groups.append([right])
        return chain
    if is_single(left.shape):
        fresh = [right]
        groups.append(fresh)
        return fresh
    raise LatexError.unfit(
        reach.to(part.span),
        f"the shapes {shown(left.shape)} and {shown(right.shape)} do not fit in this product",
        _cure(left.shape, right.shape, part.sign),
    )


def _rest(left: Node, chain: list[Node]) -> list[Node]:
    """The factors of the product so far, with the sizes that have just been filled in."""
    return list(left.children) if len(chain) > 1 and isinstance(left, MatMul) else [left]


def _cure(left: Shape, right: Shape, sign: str) -> str:
    if left == right:
        return r"entry by entry is written \odot"
    if left[1:] == right[1:]:
        return r"transpose the second factor: ^\top"
    if left[:1] == right[:1]:
        return r"transpose the first factor: ^\top"
    if sign == "times":
        return r"\times is for scalars; a matrix product has no sign"
    return ""


def _dot(parts: Sequence[Part]) -> Node | None:
    r"""`\bm v \cdot \bm w` for two vectors that lie the same way: their inner product."""
    match parts:
        case [Part(left), Part(right, _, "cdot")]:
            vectors = is_vector(left.shape) and is_vector(right.shape) and not is_single(left.shape)
            alike = is_row(left.shape) == is_row(right.shape) and is_column(left.shape) == is_column(right.shape)
            if vectors and alike and numel(left.shape) == numel(right.shape):
                return Call("dot", (left, right))
    return None


def entry_by_entry(parts: Sequence[Part]) -> Node:
    r"""Terms joined by `\odot`, `\oslash`, `\otimes`; the first has no sign."""
    kinds = {part.sign for part in parts[1:]}
    if "otimes" in kinds:
        if len(kinds) > 1:
            raise LatexError.at(
                parts[0].span.to(parts[-1].span),
                r"\otimes beside \odot is ambiguous",
                "put brackets around one of them",
            )
        return _kron(parts)
    if "oslash" in kinds:
        if len(parts) > 2:
            raise LatexError.at(
                parts[0].span.to(parts[-1].span), r"\oslash beside another product is ambiguous", "put brackets"
            )
        return quotient(parts[0], parts[1])
    return Mul(tuple(_fitted(parts, r"product entry by entry")))


def _kron(parts: Sequence[Part]) -> Node:
    if len(parts) > MAX_KRON:
        raise LatexError.at(parts[0].span.to(parts[-1].span), f"more than {MAX_KRON} Kronecker factors")
    result = parts[0].node
    for part in parts[1:]:
        result = Call("kron", (result, part.node))
    return result


def quotient(above: Part, below: Part) -> Node:
    """The quotient, entry by entry."""
    return Div(*_fitted([above, below], "quotient"))


def total(parts: Sequence[Part]) -> Node:
    """The sum of terms, whose signs they carry already."""
    return parts[0].node if len(parts) == 1 else Add(tuple(_fitted(parts, "sum")))


def compared(left: Part, right: Part, op: str) -> Node:
    """Two values in a relation, entry by entry."""
    first, second = _fitted([left, right], "comparison")
    assert op in ("==", "!=", "<", "<=", ">", ">=")
    return Cmp(first, second, op)  # type: ignore[arg-type]


def _fitted(parts: Sequence[Part], what: str) -> list[Node]:
    """The values with unknown sizes filled in; LatexError at the first that does not fit those before it."""
    nodes = entrywise([part.node for part in parts])
    shape: Shape = nodes[0].shape
    for node, part in zip(nodes[1:], parts[1:], strict=True):
        try:
            shape = broadcast([shape, node.shape])
        except ShapeError:
            raise LatexError.unfit(
                parts[0].span.to(part.span),
                f"the shapes {shown(shape)} and {shown(node.shape)} do not fit in this {what}",
                _hint(shape, node.shape),
            ) from None
    return nodes


def _hint(left: Shape, right: Shape) -> str:
    return r"transpose one of them: ^\top" if left[:1] == right[1:] and left[1:] == right[:1] else ""

r"""What a superscript does to a value: transposes, inverses, powers; and the entries that a subscript picks."""

from __future__ import annotations

from solver.expr.nodes import At, Call, Cmp, Div, Idx, Logic, Neg, Node, Num, Pow, SizeSym, Sym, Transpose, walk
from solver.expr.shapes import is_single, is_vector, numel
from solver.expr.sizes import ONE, Size
from solver.latex.atoms import Dots, Fence, Items, Letter, Number, Sign, Word, bare, is_sign, span_of
from solver.latex.context import Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import shown
from solver.latex.names import Look, written

MAX_INDEX = 24
"""The largest index or size, in nodes: `2n + 1` has three."""


def raised(reader: Reader, node: Node, sup: Items, span: Span) -> Node:
    """The value under a superscript."""
    items = bare(sup)
    if not items:
        return node
    match _mark(reader, items, node):
        case "transpose":
            return Transpose(node)
        case "inverse transpose":
            return Transpose(inverse(node, span))
        case "pseudo-inverse":
            return Call("pinv", (node,))
        case "inverse":
            return inverse(node, span)
        case "entrywise":
            return _power(reader, node, items[1:], span, entrywise=True)
    return _power(reader, node, items, span, entrywise=False)


def _mark(reader: Reader, items: Items, node: Node) -> str:
    r"""What a superscript that is no exponent says: `\top`, `T`, `-1`, `-\top`, `+`, `\dagger`, `\odot 2`."""
    match items:
        case (Sign(text="top"),):
            return "transpose"
        case (Letter(text="T") as letter,) if _is_transpose(reader, letter, node):
            return "transpose"
        case (Sign(text="-"), (Sign(text="top") | Letter(text="T"))):
            return "inverse transpose"
        case (Sign(text="+" | "dagger"),):
            return "pseudo-inverse"
        case (Sign(text="-"), Number(text="1")) if not is_vector(node.shape) and not is_single(node.shape):
            return "inverse"
        case (Sign(text="odot"), _, *_):
            return "entrywise"
    return ""


def _is_transpose(reader: Reader, letter: Letter, node: Node) -> bool:
    """Whether a `T` is the transpose: always upright, else unless a scalar is raised to a declared T."""
    return letter.style in ("roman", "sans", "text") or bool(node.shape) or not reader.names.find(Look("T"))


def inverse(node: Node, span: Span) -> Node:
    with fitting(span):
        return Call("inv", (node,))


def _power(reader: Reader, node: Node, items: Items, span: Span, entrywise: bool) -> Node:
    place = span_of(items, span)
    if len(items) == 1 and isinstance(items[0], Fence) and items[0].kind in "([" and not entrywise:
        raise LatexError.at(place, "a superscript in brackets names a layer, and no such name is declared")
    if is_sign(items[0], "*"):
        raise LatexError.at(place, "a star belongs to a name", "declare a name that ends in _star")
    exponent = reader.expression(items, place)
    matrix = len(node.shape) == 2 and not is_vector(node.shape)
    if matrix and not entrywise:
        if exponent.size is None and not _whole(exponent):
            raise LatexError.at(
                place, f"a matrix ({shown(node.shape)}) has whole powers only", r"entry by entry is ^{\odot 2}"
            )
        with fitting(span):
            return Call("matrix_power", (node, exponent))
    if exponent.shape and not entrywise and not is_single(exponent.shape):
        raise LatexError.at(place, f"the exponent is {shown(exponent.shape)}, not a scalar")
    with fitting(span):
        return Pow(node, exponent)


def _whole(exponent: Node) -> bool:
    """Whether an exponent may be a whole number: no quotient or function stands in it."""
    return not any(isinstance(part, (Div, Call, Pow)) for part in walk(exponent)) and exponent.shape == ()


# --- entries ------------------------------------------------------------------------------------------------------


def split(items: Items, *signs: str) -> list[Items]:
    """The pieces between the given signs."""
    pieces: list[Items] = []
    start = 0
    for place, item in enumerate(items):
        if is_sign(item, *signs):
            pieces.append(items[start:place])
            start = place + 1
    return [*pieces, items[start:]]


def units(items: Items) -> list[Items]:
    """The subscript's separate pieces: between commas, or else one by one where nothing but names stands there."""
    inner = bare(items)
    if any(is_sign(item, ",") for item in inner):
        return split(inner, ",")
    if all(written(item) is not None or is_sign(item, ":", "cdot") for item in inner):
        return [(item,) for item in inner]
    return [inner] if inner else []


def entry(reader: Reader, node: Node, pieces: list[Items], span: Span) -> Node:
    """The entry, row or column of a value at the given places."""
    if not node.shape:
        raise LatexError.at(span, "a scalar has no entries")
    wanted = 1 if is_vector(node.shape) else 2
    pieces = separate(pieces, wanted)
    if len(pieces) == 1 and wanted == 2:
        return _sample(reader, node, pieces[0], span)
    if len(pieces) > 2 or any(is_name_run(piece) for piece in pieces):
        raise LatexError.at(span, f"{len(pieces)} indices for a value of shape {shown(node.shape)}")
    with fitting(span):
        lengths = [_length(node)] if len(pieces) == 1 else list(node.shape)
        at = tuple(index(reader, piece, span, length) for piece, length in zip(pieces, lengths, strict=True))
        for where, length in zip(at, lengths, strict=True):
            if length == ONE and isinstance(where, Idx) and where.range != ONE and len(at) == 2:
                raise LatexError.at(span, f"two indices for a vector, of shape {shown(node.shape)}")
        return At(node, at)


def is_name_run(piece: Items) -> bool:
    """Whether names stand side by side, which are indices of their own and never a product."""
    return len(piece) > 1 and isinstance(piece[0], Letter) and all(written(item) is not None for item in piece)


def _length(node: Node) -> Size:
    return numel(node.shape)


def separate(pieces: list[Items], wanted: int) -> list[Items]:
    """`12` and `ij` as two indices where two are wanted, `2i` as one where one is."""
    names = all(written(item) is not None for piece in pieces for item in piece)
    if wanted == 2 and len(pieces) == 1 and len(pieces[0]) == 2 and names:
        return [(item,) for item in pieces[0]]
    first = pieces[0][0] if pieces and pieces[0] else None
    if wanted == 1 and len(pieces) == 2 and isinstance(first, Number) and first.text != "1" and names:
        return [(*pieces[0], *pieces[1])]
    if wanted == 2 and len(pieces) == 1 and len(pieces[0]) == 1:
        only = pieces[0][0]
        if isinstance(only, Number) and len(only.text) == 2:
            return [(Number(only.span, digit),) for digit in only.text]
        if isinstance(only, Word) and len(only.letters) == 2:
            return [(letter,) for letter in only.letters]
    return pieces


def _sample(reader: Reader, node: Node, piece: Items, span: Span) -> Node:
    """One index for a matrix picks a sample: a row where vectors are rows, a column where they are columns."""
    assert len(node.shape) == 2
    row = reader.scope.layout == "row"
    where = index(reader, piece, span, node.shape[0 if row else 1])
    with fitting(span):
        return At(node, (where, None) if row else (None, where))


def index(reader: Reader, piece: Items, span: Span, length: Size) -> Node | None:
    """An index: an expression of indices, sizes and whole numbers; `:` or a dot is None."""
    place = span_of(piece, span)
    if not piece:
        raise LatexError.at(span, "an index is missing beside the comma")
    if len(piece) == 1 and is_sign(piece[0], ":", "cdot", "*"):
        return None
    if any(isinstance(item, Dots) for item in piece):
        raise LatexError.at(place, "dots in an index")
    fresh = _introduced(reader, piece, length)
    if fresh is not None:
        return fresh
    node = reader.expression(piece, place)
    if node.shape:
        raise LatexError.at(place, f"an index must be a scalar, and this is {shown(node.shape)}")
    if sum(1 for _ in walk(node)) > MAX_INDEX:
        raise LatexError.at(place, "this index is too long")
    if not all(_may_count(part) for part in walk(node)):
        raise LatexError.at(place, "an index is made of indices, sizes and whole numbers")
    return node


def _introduced(reader: Reader, piece: Items, length: Size) -> Node | None:
    """A new free index, where the formula may introduce one: a letter that stands for nothing else."""
    name = written(piece[0]) if len(piece) == 1 else None
    if not reader.introduce or name is None or not isinstance(name.letter, Letter) or name.sub or name.sup:
        return None
    look = Look(name.base)
    if look in reader.bound or reader.names.find(look):
        return None
    return reader.new.setdefault(look, Idx(name.base, length))


def _may_count(part: Node) -> bool:
    match part:
        case Num(value):
            return value.denominator == 1
        case Cmp() | Logic() | Call():
            return False
        case Sym():
            return not part.shape
    return isinstance(part, (Idx, SizeSym, Neg)) or type(part).__name__ in ("Add", "Mul", "Div", "Pow", "At")

r"""A written name to what it stands for: a declared name and its entries, or a letter with a customary meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from solver.expr.functions import ALIASES, FUNCTIONS
from solver.expr.nodes import ONE_NODE, Call, Const, Idx, Node, SizeSym, from_size
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE
from solver.latex.atoms import Items, Letter, Number, Word, bare, is_sign, span_of
from solver.latex.context import Reader, fitting
from solver.latex.errors import LatexError, Span, nearest
from solver.latex.names import Declared, Look, Written, layer, spelled
from solver.latex.scripts import entry, index, is_name_run, separate, split, units

_UPRIGHT = ("bold", "upright bold", "roman", "blackboard", "sans")
_EXTRA_WORDS = {
    "sgn": "sign", "lse": "logsumexp", "std normal cdf": "normal_cdf", "id": "eye", "logistic": "sigmoid",
    "diagonal": "diag", "relu": "relu",
}  # fmt: skip


def _key(word: str) -> str:
    return word.replace("_", "").replace(" ", "").lower()


FUNCTION_WORDS: dict[str, str] = {
    **{_key(name): name for name in FUNCTIONS},
    **{_key(alias): name for alias, name in ALIASES.items()},
    **{_key(word): name for word, name in _EXTRA_WORDS.items()},
}
"""Names of functions as they are written upright, in lower case and without spaces."""

LETTER_FUNCTIONS = {("sigma", False): "sigmoid", ("Phi", False): "normal_cdf", ("phi", True): "normal_pdf"}
"""Letters that are a function where no name of the problem has them."""


def function_word(text: str) -> str | None:
    """The function of the table that a word names, or None."""
    return FUNCTION_WORDS.get(_key(text))


@dataclass(frozen=True)
class Found:
    """A declared name: `pieces` are the subscripts that pick an entry, `sup` the superscript that is left."""

    declared: Declared
    pieces: list[Items]
    sup: Items
    primes: int
    sample: bool = False


# --- declared names -----------------------------------------------------------------------------------------------


def lookup(reader: Reader, name: Written, span: Span) -> Found | None:
    """The declared name, or None; LatexError where several are meant alike."""
    fits: list[Found] = []
    for found in _candidates(reader, name, span):
        if not found.pieces:
            return found
        if is_basis(name, found):
            return None
        if _has_entries(found):
            fits.append(found)
    if layer(name.sup) is not None:
        # W^{(1)}_{ij}: the layer belongs to the name
        fits = [found for found in fits if not found.sup] or fits
    if len(fits) > 1 and fits[0].declared.name != fits[1].declared.name and _as_many(fits[0]) == _as_many(fits[1]):
        names = " and ".join(found.declared.name for found in fits[:2])
        raise LatexError.at(span, f"this may be an entry of {names}", "put a comma between the name and the indices")
    ordered = sorted(fits, key=lambda found: not _as_many(found))
    return ordered[0] if ordered else _sample_of_matrix(reader, name)


def _has_entries(found: Found) -> bool:
    node = found.declared.node
    return node is None or bool(node.shape)


def _as_many(found: Found) -> bool:
    """Whether there are as many indices as the value has axes."""
    node = found.declared.node
    wanted = 1 if node is None or is_vector(node.shape) else 2
    pieces = separate(found.pieces, wanted)
    return len(pieces) == wanted and not any(is_name_run(piece) for piece in pieces)


def _candidates(reader: Reader, name: Written, span: Span) -> Iterator[Found]:
    """The declared names that the letter and a first part of its subscript spell, the longest first."""
    pieces = units(name.sub)
    named = layer(name.sup)
    star = len(bare(name.sup)) == 1 and is_sign(bare(name.sup)[0], "*")
    for count in range(len(pieces), -1, -1):
        head = [spelled(piece) for piece in pieces[:count]]
        if None in head:
            continue
        prefix = "".join(text for text in head if text is not None)
        rest = pieces[count:]
        if named is not None:
            for sub in dict.fromkeys((prefix + named, named + prefix)):
                yield from _named(reader, Look(name.base, name.accents, sub), rest, (), name.primes, span)
        for primes in range(name.primes, 0, -1):
            look = Look(name.base, (*name.accents, *("prime",) * primes), prefix)
            yield from _named(reader, look, rest, name.sup, name.primes - primes, span)
        if star:
            yield from _named(reader, Look(name.base, (*name.accents, "star"), prefix), rest, (), name.primes, span)
        yield from _named(reader, Look(name.base, name.accents, prefix), rest, name.sup, name.primes, span)


def _named(reader: Reader, look: Look, rest: list[Items], sup: Items, primes: int, span: Span) -> Iterator[Found]:
    inner = reader.bound.get(look) or reader.new.get(look)
    names = reader.names.find(look)
    if inner is not None:
        clash = next((each for each in names if each.role != "index"), None)
        if clash is not None:
            raise LatexError.at(span, f"{clash.name} is declared, and an index has the same letter")
        if rest:
            raise LatexError.at(span, f"{inner.name} is an index here, and has no subscript")
        yield Found(Declared(inner.name, "index", inner), rest, sup, primes)
        return
    if len(names) > 1:
        alike = " and ".join(each.name for each in names)
        raise LatexError.at(span, f"the declared names {alike} look alike in print", "rename one of them")
    if names:
        yield Found(names[0], rest, sup, primes)


def _sample_of_matrix(reader: Reader, name: Written) -> Found | None:
    r"""`\bm x_i` or `x^{(i)}`, where the samples are the rows or columns of a declared matrix X (or x)."""
    pieces = units(name.sub)
    brackets = bare(name.sup)
    sup = name.sup
    if layer(name.sup) is not None and not pieces:
        inner = getattr(brackets[0], "items", ())
        pieces, sup = [inner], ()
    if len(pieces) != 1 or len(name.base) != 1:
        return None
    own = reader.names.find(Look(name.base, name.accents))
    for base in (name.base,) if own else (name.base.upper(),):
        for found in reader.names.find(Look(base, name.accents)):
            if (
                found.role == "symbol"
                and found.node is not None
                and found.node.shape
                and not is_vector(found.node.shape)
            ):
                return Found(found, pieces, sup, name.primes, sample=True)
    return None


def value(reader: Reader, found: Found, span: Span) -> Node:
    """The declared name's value, or the entry of it that the subscript picks."""
    node = found.declared.node
    assert node is not None
    return entry(reader, node, found.pieces, span) if found.pieces else node


def unknown(reader: Reader, name: Written, span: Span) -> LatexError:
    """The error for a name that nothing declares."""
    accents = "".join(f"{accent} " for accent in name.accents)
    below = spelled(name.sub)
    shown = f"{accents}{name.base}" + (f"_{below}" if below else "")
    base_only = reader.names.find(Look(name.base, name.accents))
    if base_only and base_only[0].node is not None and not base_only[0].node.shape and name.sub:
        return LatexError.at(span, f"{base_only[0].name} is a scalar and has no entries, and {shown} is not declared")
    if len(name.base) > 1 and below == "":
        near = nearest(name.base, [*reader.names.all, *FUNCTION_WORDS])
        return LatexError.at(span, f"nothing is called {shown}", near)
    kind = "the index or name" if len(name.base) == 1 else "the name"
    return LatexError.at(
        span, f"{kind} {shown} is not declared", nearest(f"{name.base}{below or ''}", reader.names.all)
    )


def is_basis(name: Written, found: Found) -> bool:
    r"""Whether an upright bold `\mathbf{e}_i` is a basis vector although `e` is declared: where that has no entries."""
    letter, node = name.letter, found.declared.node
    upright = isinstance(letter, Letter) and letter.text in ("e", "K") and letter.style == "upright bold"
    return upright and bool(found.pieces) and node is not None and is_single(node.shape)


# --- letters that are given away ----------------------------------------------------------------------------------


def customary(reader: Reader, name: Written, span: Span) -> tuple[Node, Items] | None:
    r"""`e^x`, `\pi`, `\bm I`, `\mathbf 1_n`, `\bm e_i`, `\delta_{ij}`, `\bm K_{m,n}`; with the superscript left."""
    if name.accents or name.primes:
        return None
    match name.letter:
        case Letter(text="e") if name.sub:
            return _basis(reader, name, span), name.sup
        case Letter(text="e", style=style) if "bold" not in style:
            return _exponential(reader, name, span)
        case Letter(text="pi") if not name.sub:
            return Const("pi"), name.sup
        case Letter(text="I") | Word(text="Id" | "I"):
            return Call("eye", (_size(reader, name.sub, span, r"\bm{I}"),)), name.sup
        case Letter(text="delta") if len(_pair(name)) == 2:
            return _delta(reader, name, span), name.sup
        case Letter(text="K") if len(_pair(name)) == 2:
            sizes = tuple(_size(reader, piece, span, "K") for piece in _pair(name))
            return Call("commutation", sizes), name.sup
        case Number(text="0" | "1" as digit, style=style) if style in _UPRIGHT or name.sub:
            return _filled(reader, "ones" if digit == "1" else "zeros", name, span), name.sup
    return None


def _pair(name: Written) -> list[Items]:
    return separate(units(name.sub), 2)


def _exponential(reader: Reader, name: Written, span: Span) -> tuple[Node, Items]:
    items = bare(name.sup)
    exponent = reader.expression(items, span_of(items, span)) if items else ONE_NODE
    return Call("exp", (exponent,)), ()


def _basis(reader: Reader, name: Written, span: Span) -> Node:
    pieces = units(name.sub)
    if len(pieces) != 1:
        raise LatexError.at(span, "a basis vector has one index")
    hole = reader.holes.fresh(span, r"\bm{e}")
    where = index(reader, pieces[0], span, hole)
    if where is None:
        raise LatexError.at(span, "a basis vector has an index")
    size = where.range if isinstance(where, Idx) else hole
    return Call("basis", (where, from_size(size)), 1 if reader.scope.layout == "row" else 0)


def _delta(reader: Reader, name: Written, span: Span) -> Node:
    first, second = (_operand(reader, piece, span) for piece in _pair(name))
    with fitting(span):
        return Call("delta", (first, second))


def _operand(reader: Reader, piece: Items, span: Span) -> Node:
    where = index(reader, piece, span, ONE)
    if where is None:
        raise LatexError.at(span, "an index is missing")
    return where


def _size(reader: Reader, items: Items, span: Span, what: str) -> Node:
    """A size written as a subscript; unknown where nothing is written."""
    inner = bare(items)
    if not inner:
        return SizeSym(str(reader.holes.fresh(span, what)))
    node = index(reader, inner, span, ONE)
    if node is None or node.size is None:
        raise LatexError.at(span_of(inner, span), "a size is made of declared sizes and whole numbers")
    return node


def _filled(reader: Reader, function: str, name: Written, span: Span) -> Node:
    r"""`\mathbf 1_n` is a column, `\mathbf 1_{m \times n}` a matrix; a bare one takes the shape that fits."""
    what = r"\mathbf{1}" if function == "ones" else r"\mathbf{0}"
    inner = bare(name.sub)
    if not inner:
        rows = reader.holes.fresh(span, what)
        columns = reader.holes.fresh(span, what, optional=True)
        return Call(function, (SizeSym(str(rows)), SizeSym(str(columns))))
    sides = split(inner, "times")
    if len(sides) == 1 and any(is_sign(item, ",") for item in inner):
        sides = split(inner, ",")
    if len(sides) > 2:
        raise LatexError.at(span, f"{what} has at most two sizes")
    sizes = [_size(reader, side, span, what) for side in sides]
    return Call(function, (*sizes, from_size(ONE)) if len(sizes) == 1 else tuple(sizes))


def as_letters(word: Word) -> Items:
    """The word as letters that are multiplied."""
    return tuple(replace(letter, style=word.style) if isinstance(letter, Letter) else letter for letter in word.letters)

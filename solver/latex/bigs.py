r"""Indexed sums and products: their limits, how far their index runs, and where their body ends.

The body reaches to the end of its term, as people mean it. The range is the one between the limits; without an upper
limit it is that of the arrays which the index runs through, or else the declared one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from solver.expr.nodes import ONE_NODE, At, Big, Call, Cmp, Idx, Logic, Node, Table
from solver.expr.sizes import ONE, Size
from solver.latex.atoms import Atom, BigSign, Grid, Items, Letter, Scripted, bare, is_sign, span_of
from solver.latex.commands import RELATIONS
from solver.latex.context import Cursor, Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import fill, is_hole, ranges
from solver.latex.names import Look, looks_of, spelled, written
from solver.latex.scripts import split

MAX_INDICES = 6
Kind = Literal["sum", "prod"]


@dataclass
class Limit:
    """One index: how far it runs (a size yet unknown, where no limit says so) and the conditions its limits make."""

    look: Look
    index: Idx
    span: Span
    declared: Size | None
    conditions: list[Node] = field(default_factory=list)

    def bounded(self, lower: Node | None, upper: Node | None) -> None:
        """The limit with what stands below and above the sign; `i = e` below and nothing above is that one place."""
        if lower is not None and lower != ONE_NODE and upper is None:
            self.conditions.append(Cmp(self.index, lower, "=="))
            return
        if upper is not None and upper.size is not None:
            self.index = Idx(self.index.name, upper.size)
        elif upper is not None:
            self.conditions.append(Cmp(self.index, upper, "<="))
        if lower is not None and lower != ONE_NODE:
            if lower.size is not None and lower.size.number is not None and lower.size.number < 1:
                raise LatexError.at(
                    self.span,
                    f"this begins at {lower.size}, and entries start at 1",
                    "shift the index so that it starts at 1",
                )
            self.conditions.append(Cmp(self.index, lower, ">="))


def read_big(reader: Reader, cursor: Cursor) -> Node:
    r"""`\sum_{i=1}^{n} …`, `\prod_{j \neq k} …`, and `\sum A` for the sum of all entries."""
    atom = cursor.next()
    sign, sub, sup = _parts(atom)
    if sub is None:
        if sup is not None:
            raise LatexError.at(atom.span, "an upper limit without an index", rf"\{sign.kind}_{{i=1}}^{{n}}")
        with reader.deeper(atom.span):
            body = reader.term(cursor)
        if not body.shape:
            raise LatexError.at(atom.span, "a sum without an index, over a scalar", rf"\{sign.kind}_{{i}}")
        return Call("sum" if sign.kind == "sum" else "prod", (body,))
    limits, conditions, body = _body(reader, cursor, sub, sup, atom.span)
    for limit in reversed(limits):
        own = [*limit.conditions, *(conditions if limit is limits[-1] else [])]
        condition = None if not own else own[0] if len(own) == 1 else Logic("and", tuple(own))
        kind: Kind = "sum" if sign.kind == "sum" else "prod"
        body = Big(kind, body, limit.index, condition)
    return body


def _parts(atom: Atom) -> tuple[BigSign, Items | None, Items | None]:
    match atom:
        case BigSign():
            return atom, None, None
        case Scripted(base=BigSign() as sign, sub=sub, sup=sup, primes=0):
            return sign, sub, sup
    raise LatexError.at(atom.span, "a prime on a sum")


def read_extreme(reader: Reader, cursor: Cursor, name: str, sub: Items, span: Span) -> Node:
    r"""`\max_i x_i`: the largest entry of the array whose entries the body gives."""
    limits, conditions, body = _body(reader, cursor, sub, None, span)
    if len(limits) > 2 or conditions or any(limit.conditions for limit in limits):
        raise LatexError.at(span, f"{name} runs over one or two indices, without conditions")
    rows = limits[0].index
    columns = limits[1].index if len(limits) == 2 else Idx("j" if rows.name != "j" else "k", ONE)
    with fitting(span):
        return Call(name, (array_of(body, rows, columns),))


def array_of(body: Node, rows: Idx, columns: Idx) -> Node:
    """The array with these entries: the array itself, where the entries are all of its own in their order."""
    match body:
        case At(arg, (Idx() as i, Idx() as j)) if (i, j) == (rows, columns) and arg.shape == (i.range, j.range):
            return arg
        case At(arg, (Idx() as i,)) if i == rows and columns.range == ONE and len(arg.shape) == 2:
            if rows.range in arg.shape and ONE in arg.shape:
                return arg
    return Table(body, rows, columns)


# --- the body, and how far the indices run ------------------------------------------------------------------------


def _body(
    reader: Reader, cursor: Cursor, sub: Items, sup: Items | None, span: Span
) -> tuple[list[Limit], list[Node], Node]:
    """The limits with their ranges found, the conditions under the sign, and the body."""
    limits, left = _limits(reader, sub, sup, span)
    with reader.deeper(span), reader.binding({limit.look: limit.index for limit in limits}):
        conditions = [reader.condition(items, span_of(items, span)) for items in left]
        body = reader.term(cursor)
    for limit in limits:
        reader.rebound.setdefault(limit.index.name, limit.span)
    parts = [body, *conditions, *(each for limit in limits for each in limit.conditions)]
    solution = {str(limit.index.range): _found(limit, parts) for limit in limits if is_hole(limit.index.range)}
    with fitting(span):
        for limit in limits:
            limit.index = Idx(limit.index.name, solution.get(str(limit.index.range), limit.index.range))
            limit.conditions = [fill(each, solution) for each in limit.conditions]
        return limits, [fill(each, solution) for each in conditions], fill(body, solution)


def _found(limit: Limit, parts: list[Node]) -> Size:
    """How far the index runs: through the arrays that it picks entries of, or as declared."""
    found = list(dict.fromkeys(size for part in parts for size in ranges(part, limit.index)))
    if len(found) == 1:
        return found[0]
    if limit.declared is not None and (not found or limit.declared in found):
        return limit.declared
    if not found:
        return limit.index.range
    raise LatexError.at(
        limit.span,
        f"the index {limit.index.name} runs through {' and through '.join(map(str, found))}",
        rf"give the limits: {limit.index.name}=1 below, its last value above",
    )


def bind_unknown(reader: Reader, look: Look, span: Span) -> Limit:
    """A letter as an index over a range that is yet to be found."""
    declared = reader.names.find(look)
    clash = next((each for each in declared if each.role != "index"), None)
    if clash is not None:
        raise LatexError.at(span, f"{clash.name} is declared, and an index has the same letter", "take another letter")
    known = declared[0].node if declared else None
    name = known.name if isinstance(known, Idx) else index_name(look)
    return Limit(
        look, Idx(name, reader.holes.fresh_range(span, name)), span, known.range if isinstance(known, Idx) else None
    )


def index_name(look: Look) -> str:
    """A name for an index that the formula introduces."""
    plain = look.base + look.sub
    if not look.accents and next(looks_of(plain)) == look:
        return plain
    return "_".join((look.base, *look.accents, *((look.sub,) if look.sub else ())))


def closed(reader: Reader, limits: list[Limit], body: Node) -> tuple[list[Idx], Node]:
    """The indices, bound, with the ranges that the body's arrays give them, and the body with these."""
    for limit in limits:
        reader.rebound.setdefault(limit.index.name, limit.span)
    solution = {str(limit.index.range): _found(limit, [body]) for limit in limits}
    indices = [Idx(limit.index.name, solution[str(limit.index.range)]) for limit in limits]
    return indices, fill(body, solution)


# --- limits -------------------------------------------------------------------------------------------------------


def _limits(reader: Reader, sub: Items, sup: Items | None, span: Span) -> tuple[list[Limit], list[Items]]:
    """The indices that the limits bind, and the conditions that they make."""
    limits: list[Limit] = []
    conditions: list[Items] = []
    upper = None if sup is None or not bare(sup) else reader.expression(bare(sup), span_of(bare(sup), span))
    for piece in _pieces(sub):
        if not piece:
            raise LatexError.at(span, "a limit is empty")
        if not _is_relation(piece):
            found = [_limit(reader, (item,), span) for item in piece]
            for limit in found:
                limit.bounded(None, upper)
            limits.extend(found)
        elif limits:
            conditions.append(piece)
        else:
            limit, condition = _from_relation(reader, piece, upper, span)
            limits.append(limit)
            conditions.extend([condition] if condition else [])
    if not limits:
        raise LatexError.at(span, "no index stands under the sign")
    if len(limits) > MAX_INDICES:
        raise LatexError.at(span, f"more than {MAX_INDICES} indices under one sign")
    return limits, conditions


def _pieces(sub: Items) -> Iterator[Items]:
    r"""The limits one by one: lines of a `\substack`, parts between commas or colons."""
    inner = bare(sub)
    lines = [inner]
    if len(inner) == 1 and isinstance(inner[0], Grid) and inner[0].kind == "stack":
        lines = [bare(cell) for row in inner[0].rows for cell in row]
    for line in lines:
        yield from (bare(piece) for piece in split(line, ",", ":", "mid"))


def _is_relation(piece: Items) -> bool:
    return any(is_sign(item, *RELATIONS, "in", "notin", "and", "or", "not", "to") for item in piece)


def _from_relation(reader: Reader, piece: Items, upper: Node | None, span: Span) -> tuple[Limit, Items | None]:
    r"""`i = 1` begins at 1; `1 \le i \le n` says both; `i \neq k` and `i < j` bind what stands on the left."""
    place = span_of(piece, span)
    places = [k for k, item in enumerate(piece) if is_sign(item, *RELATIONS, "in", "notin", "and", "or", "not", "to")]
    first = places[0]
    if any(is_sign(piece[k], "in", "notin", "to") for k in places):
        raise LatexError.at(place, "sets under a sum are not read", r"write \sum_{i=1}^{n}")
    if len(places) == 2 and all(is_sign(piece[k], "<=") for k in places):
        limit = _limit(reader, piece[first + 1 : places[1]], span)
        limit.bounded(reader.expression(piece[:first], place), reader.expression(piece[places[1] + 1 :], place))
        return limit, None
    limit = _limit(reader, piece[:first], place)
    if len(places) == 1 and is_sign(piece[first], "="):
        limit.bounded(reader.expression(piece[first + 1 :], place), upper)
        return limit, None
    limit.bounded(None, upper)
    return limit, piece


def _limit(reader: Reader, items: Items, span: Span) -> Limit:
    """The index that a name binds."""
    place = span_of(items, span)
    look = look_of_index(items)
    if look is None:
        raise LatexError.at(place, "this is no index", r"a sum is written \sum_{i=1}^{n}")
    return bind_unknown(reader, look, place)


def look_of_index(items: Items) -> Look | None:
    """The look of a single letter that may be an index, with its accents, primes and subscript."""
    name = written(items[0]) if len(items) == 1 else None
    if name is None or not isinstance(name.letter, Letter) or name.sup or name.primes > 2:
        return None
    sub = spelled(name.sub)
    return None if sub is None else Look(name.base, (*name.accents, *("prime",) * name.primes), sub)

r"""Whole formulas, equations and derivations: `a = b`, `= b`, chains `a = b = c`, and the lines of an `align`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from solver.expr.limits import too_big
from solver.expr.nodes import Idx, Node, free_indices
from solver.expr.read import Scope
from solver.expr.shapes import Shape, is_single, transpose
from solver.expr.sizes import ONE, Size
from solver.latex.atoms import (
    Atom,
    Break,
    Fence,
    Gap,
    Grid,
    Items,
    Letter,
    Number,
    Prose,
    Scripted,
    Sign,
    Word,
    bare,
    is_sign,
    span_of,
)
from solver.latex.errors import LatexError, Span
from solver.latex.expressions import Expressions
from solver.latex.holes import alone, entrywise, shown
from solver.latex.lookup import function_word
from solver.latex.scripts import split
from solver.latex.structure import layout


@dataclass(frozen=True)
class LatexLine:
    """One equation, or (`lhs` None) a next right side; `words` is what was said beside it.

    A line that cannot be read has its `error` and no right side.
    """

    lhs: Node | None
    rhs: Node | None
    start: int
    end: int
    words: str = ""
    error: LatexError | None = None


@dataclass(frozen=True)
class Equations:
    """Reads the lines of one text in one scope; `introduce` lets them bring in free indices of their own."""

    scope: Scope
    define: Mapping[str, Node] = field(default_factory=dict)
    introduce: bool = False

    def value(self, items: Items, span: Span) -> tuple[Node, tuple[Idx, ...]]:
        """The pieces as one value, and the free indices they introduce."""
        reader = Expressions(self.scope, self.define, self.introduce)
        node = alone(reader.expression(items, span))
        return self.checked(reader, node, span), tuple(reader.new.values())

    def equation(self, segments: list[Items], span: Span) -> list[Node]:
        """The sides of a chain of equations, of one shape."""
        reader = Expressions(self.scope, self.define, self.introduce)
        sides: list[Node] = []
        for segment in segments:
            place = span_of(segment, span)
            sides.append(reader.expression(_annotated(reader, segment, place), place))
            self.annotation(reader, segment, sides[-1], place)
        sides = [alone(side) for side in entrywise(sides)]
        for before, after, segment in zip(sides, sides[1:], segments[1:], strict=False):
            _same_shape(before.shape, after.shape, span_of(segment, span))
        return [self.checked(reader, side, span_of(each, span)) for side, each in zip(sides, segments, strict=True)]

    def checked(self, reader: Expressions, node: Node, span: Span) -> Node:
        """The node, where every size is known, no index is both bound and free, and it is of a reasonable size."""
        if too_big(node):
            raise LatexError.at(span, "the formula is too long or nested too deeply")
        reader.holes.check(node)
        for index in sorted(free_indices(node), key=lambda index: index.name):
            if index.name in reader.rebound:
                place = reader.rebound[index.name]
                raise LatexError.at(place, f"{index.name} stands both bound and free", "choose another index")
        return node

    def annotation(self, reader: Expressions, segment: Items, node: Node, span: Span) -> None:
        r"""What `\in \mathbb{R}^{m \times n}` says must be so."""
        said = _membership(segment)
        if said is None:
            return
        sizes = [_size(reader, side, span) for side in split(bare(said), "times")]
        shape: Shape = (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], ONE)
        vector = len(sizes) == 1 and node.shape and ONE in node.shape and sizes[0] in node.shape
        if len(sizes) > 2 or (node.shape != shape and not vector):
            raise LatexError.at(span, f"this is {shown(node.shape)} and is said to be {shown(shape)}")


def _size(reader: Expressions, items: Items, span: Span) -> Size:
    size = reader.expression(items, span_of(items, span)).size
    if size is None:
        raise LatexError.at(span_of(items, span), "a size is made of declared sizes and whole numbers")
    return size


def _same_shape(left: Shape, right: Shape, span: Span) -> None:
    if left == right or (is_single(left) and is_single(right)):
        return
    cure = r"transpose one of them: ^\top" if left == transpose(right) else ""
    raise LatexError.at(span, f"the left side is {shown(left)} and the right side {shown(right)}", cure)


def _membership(segment: Items) -> Items | None:
    r"""The superscript of the ℝ in `… \in \mathbb{R}^{…}`, if the segment ends so."""
    match segment:
        case (*_, Sign(text="in"), Scripted(base=Letter(text="R", style="blackboard"), sub=None, sup=tuple() as sup)):
            return sup
    return None


def _annotated(reader: Expressions, segment: Items, span: Span) -> Items:
    return segment[:-2] if _membership(segment) is not None else segment


# --- from a text to lines -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the text: its formula, and the words beside it."""

    items: Items
    words: str
    span: Span


def rows_of(text: str) -> list[Row]:
    """The lines of a text: of its `align`, between line breaks, or the one there is."""
    items = layout(text)
    whole = Span(0, len(text))
    rows: list[list[Atom]] = [[]]
    for item in items:
        if isinstance(item, Break):
            if not item.column:
                rows.append([])
        elif isinstance(item, Grid) and item.kind == "lines":
            rows[-1].extend(_cells(item.rows[0]))
            rows.extend(_cells(row) for row in item.rows[1:])
        else:
            rows[-1].append(item)
    return [_row(tuple(row), whole) for row in rows if any(not isinstance(item, Gap) for item in row)]


def _cells(row: tuple[Items, ...]) -> list[Atom]:
    return [item for cell in row for item in cell]


def _row(items: Items, whole: Span) -> Row:
    """The line without the words before and after it, its number and its full stop."""
    span = span_of(items, whole)
    words: list[str] = []
    while items and isinstance(items[0], (Prose, Gap)):
        words.extend([items[0].text] if isinstance(items[0], Prose) else [])
        items = items[1:]
    for place, item in enumerate(items):
        if place and _is_remark(items, place):
            words.extend(getattr(each, "text", "") for each in items[place:])
            items = items[:place]
            break
        if isinstance(item, Gap) and _is_number(items[place + 1 :]):
            items = items[:place]
            break
    while items and (isinstance(items[-1], Gap) or is_sign(items[-1], ",", ".", ";")):
        items = items[:-1]
    return Row(tuple(item for item in items if not isinstance(item, Gap)), " ".join(filter(None, words)), span)


def _is_remark(items: Items, place: int) -> bool:
    """Whether words begin here that go on to the end of the line."""
    item = items[place]
    if isinstance(item, Prose):
        return True
    spaced = isinstance(items[place - 1], Gap) or is_sign(items[place - 1], ",")
    follows = items[place + 1] if place + 1 < len(items) else None
    called = isinstance(follows, (Fence, Scripted))
    return (
        isinstance(item, Word) and item.style == "text" and spaced and not called and function_word(item.text) is None
    )


def _is_number(items: Items) -> bool:
    r"""Whether an equation's number ends the line: `\quad (3)`."""
    rest = [item for item in items if not isinstance(item, Gap)]
    return len(rest) == 1 and isinstance(rest[0], Fence) and [type(i) for i in bare(rest[0].items)] == [Number]


def segments_of(row: Row) -> list[list[Items]]:
    """The chains of a line, each as its sides: `⇒` begins a new chain, `:=` is an equals sign."""
    chains: list[list[Items]] = []
    for chain in split(_joined_signs(row.items), "=>"):
        if not chain:
            continue
        sides = [_stripped(side) for side in split(chain, "=")]
        for side in sides[1:]:
            if not side:
                raise LatexError.at(span_of(chain, row.span), "nothing stands beside this equals sign")
        chains.append(sides)
    if not chains:
        raise LatexError.at(row.span, "no formula stands in this line")
    return chains


def _joined_signs(items: Items) -> Items:
    """The pieces with `:=` and `=:` as one equals sign."""
    kept: list[Atom] = []
    for place, item in enumerate(items):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        if not (is_sign(item, ":") and (is_sign(before, "=") or is_sign(after, "="))):
            kept.append(item)
    return tuple(kept)


def _stripped(items: Items) -> Items:
    while items and is_sign(items[-1], ",", ".", ";"):
        items = items[:-1]
    return items


def read_row(equations: Equations, row: Row) -> list[LatexLine]:
    """The equations of one line; what cannot be read is a line with its error."""
    lines: list[LatexLine] = []
    try:
        chains = segments_of(row)
    except LatexError as error:
        return [LatexLine(None, None, row.span.start, row.span.end, row.words, error)]
    for chain in chains:
        filled = [side for side in chain if side]
        spans = [span_of(side, row.span) for side in filled]
        try:
            sides: list[Node | None] = list(equations.equation(filled, row.span))
        except LatexError as error:
            lines.append(LatexLine(None, None, spans[0].start, spans[-1].end, row.words, error))
            continue
        if len(chain) > len(filled) or len(sides) == 1:
            lines.append(LatexLine(None, sides[0], spans[0].start, spans[0].end, row.words))
        else:
            lines.append(LatexLine(sides[0], sides[1], spans[0].start, spans[1].end, row.words))
        done = 1 if len(chain) > len(filled) or len(sides) == 1 else 2
        lines.extend(
            LatexLine(None, side, place.start, place.end)
            for side, place in zip(sides[done:], spans[done:], strict=True)
        )
    return lines


def _against(before: LatexLine | None, line: LatexLine) -> LatexLine:
    """A next right side, which must have the shape of the one before it."""
    if line.lhs is not None or line.rhs is None or before is None or before.rhs is None:
        return line
    try:
        _same_shape(before.rhs.shape, line.rhs.shape, Span(line.start, line.end))
    except LatexError as error:
        return replace(line, rhs=None, error=error)
    return line


def read_lines(equations: Equations, text: str) -> list[LatexLine]:
    """All lines of a text, in order."""
    lines: list[LatexLine] = []
    for row in rows_of(text):
        for line in read_row(equations, row):
            readable = [each for each in lines if each.rhs is not None]
            lines.append(_against(readable[-1] if readable else None, line))
    return lines

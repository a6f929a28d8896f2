r"""Matrices: block by block where every entry is written; with dots, the table whose entries follow the pattern shown.

From one entry, the places that count its row and its column become indices; the result must give every other entry that
is written. The diagonal may have a pattern of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from solver.expr.nodes import ZERO_NODE, Call, Cmp, Idx, Node, Table
from solver.expr.shapes import ShapeError, is_single
from solver.expr.sizes import ONE, Size
from solver.latex.atoms import Dots, Grid, Items, Scripted, bare, span_of
from solver.latex.context import Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import entrywise, shown
from solver.latex.patterns import Places, free_letters, lengths, lifted, lowered, plain

MAX_TRIES = 1500
"""How many entries are compared with patterns before a matrix with dots counts as one without."""
MAX_SIDE = 12

Cell = Node | Dots | None
"""An entry, dots, or nothing."""


def read_grid(reader: Reader, grid: Grid) -> Node:
    """The matrix in brackets."""
    cells = _cells(reader, grid)
    node = _matrix(reader, cells, grid.span)
    with fitting(grid.span):
        if grid.kind == "|":
            return Call("det", (node,))
        return Call("norm", (node,)) if grid.kind == "||" else node


def read_list(reader: Reader, pieces: Sequence[Items], span: Span) -> Node:
    r"""`[x_1, \dots, x_N]`: a row."""
    return read_grid(reader, Grid(span, "[", (tuple(pieces),)))


def _cells(reader: Reader, grid: Grid) -> list[list[Cell]]:
    rows = [row for row in grid.rows if any(bare(cell) for cell in row)]
    width = max((len(row) for row in rows), default=0)
    if not rows:
        raise LatexError.at(grid.span, "an empty matrix")
    if len(rows) > MAX_SIDE or width > MAX_SIDE:
        raise LatexError.at(grid.span, f"a matrix of more than {MAX_SIDE} rows or columns", "write it with dots")
    for row in rows:
        if len(row) != width:
            where = span_of([item for cell in row for item in cell], grid.span)
            raise LatexError.at(where, f"this row has {len(row)} entries and another one {width}")
    return [[_cell(reader, bare(piece), grid.span) for piece in row] for row in rows]


def _cell(reader: Reader, items: Items, span: Span) -> Cell:
    if not items:
        return None
    inside = items[0].base if isinstance(items[0], Scripted) else items[0]
    if len(items) == 1 and isinstance(inside, Dots):
        return inside
    return reader.expression(items, span_of(items, span))


def _matrix(reader: Reader, cells: list[list[Cell]], span: Span) -> Node:
    """The matrix of the cells; rows (or columns) without dots between them stand one by one."""
    dots = {cell.kind for row in cells for cell in row if isinstance(cell, Dots)}
    if not dots:
        return _blocks([[ZERO_NODE if cell is None else cell for cell in row] for row in cells], span)  # type: ignore[misc]
    down = bool(dots & {"down", "diagonal"}) or len(cells[0]) == 1
    across = (bool(dots & {"across", "diagonal"}) and len(cells[0]) > 1) or len(cells) == 1
    if not down and len(cells) > 1:
        return _joined("vstack", [_matrix(reader, [row], span) for row in cells], span)
    if not across and len(cells[0]) > 1:
        columns = [[[row[c]] for row in cells] for c in range(len(cells[0]))]
        return _joined("hstack", [_matrix(reader, column, span) for column in columns], span)
    return _with_dots(reader, cells, span)


def _blocks(cells: list[list[Node]], span: Span) -> Node:
    return _joined("vstack", [_joined("hstack", entrywise(row), span) for row in cells], span)


def _joined(name: str, parts: list[Node], span: Span) -> Node:
    with fitting(span):
        return parts[0] if len(parts) == 1 else Call(name, tuple(parts))


# --- dots ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Axis:
    """The rows or the columns of a matrix with dots: the place each written one has, and how many there are."""

    places: tuple[Size, ...]
    length: Size


@dataclass(frozen=True)
class Layout:
    """Where the written entries may stand, and the indices that count rows and columns."""

    rows: Axis
    columns: Axis
    row: Idx
    column: Idx

    def at(self, place: tuple[int, int]) -> Places:
        """What counts an entry's row and column; an axis of length 1 counts nothing."""
        found: list[tuple[Size, Idx]] = []
        if self.rows.length != ONE:
            found.append((self.rows.places[place[0]], self.row))
        if self.columns.length != ONE:
            found.append((self.columns.places[place[1]], self.column))
        return tuple(found)

    @property
    def square(self) -> bool:
        return self.rows.length == self.columns.length != ONE

    def diagonal(self, place: tuple[int, int]) -> bool:
        return self.square and self.rows.places[place[0]] == self.columns.places[place[1]]


Known = Mapping[tuple[int, int], Node]


def _with_dots(reader: Reader, cells: list[list[Cell]], span: Span) -> Node:
    """The table whose entries are those written; LatexError where no pattern gives them all."""
    known = {(r, c): cell for r, row in enumerate(cells) for c, cell in enumerate(row) if isinstance(cell, Node)}
    blank = any(cell is None for row in cells for cell in row)
    for node in known.values():
        if not is_single(node.shape):
            raise LatexError.at(span, f"beside dots an entry is a scalar, and one here is {shown(node.shape)}")
    taken = [*reader.names.all, *(index.name for index in reader.bound.values())]
    letters = free_letters(known.values(), taken, 2)
    unknown = [reader.holes.fresh_side(span) for _ in range(2)]
    known = {place: plain(node) for place, node in known.items()}
    for number, layout in enumerate(_layouts(cells, lengths(known.values()), unknown, letters)):
        if number * len(known) > MAX_TRIES:
            break
        body = _pattern(known, blank, layout)
        if body is not None:
            with fitting(span):
                return Table(body, layout.row, layout.column)
    raise LatexError.at(
        span, "no pattern gives all the entries that are written", "write one entry more beside the dots"
    )


def _layouts(cells: list[list[Cell]], known: list[Size], unknown: list[Size], letters: list[str]) -> Iterator[Layout]:
    """Where the entries may stand: as the arrays in them are long, or as long as the place of the matrix wants."""
    for rows in _axes(len(cells), [*known, unknown[0]]):
        for columns in _axes(len(cells[0]), [*known, unknown[1], unknown[0]]):
            yield Layout(rows, columns, Idx(letters[0], rows.length), Idx(letters[1], columns.length))


def _axes(count: int, known: list[Size]) -> Iterator[Axis]:
    """Where the rows (or columns) may stand: the first ones counted from 1, the others back from the last."""
    if count == 1:
        yield Axis((ONE,), ONE)
        return
    for length in known:
        for split in range(count - 1, 0, -1):
            first = [Size.of(k + 1) for k in range(split)]
            last = [length - (count - 1 - k) for k in range(split, count)]
            yield Axis((*first, *last), length)


def _pattern(known: Known, blank: bool, layout: Layout) -> Node | None:
    """The entry at (i, j) of which all those written are cases, or None."""
    on = {place: node for place, node in known.items() if layout.diagonal(place)}
    off = {place: node for place, node in known.items() if place not in on}
    elsewhere = _general(off, layout) if off else ZERO_NODE if blank and layout.square else None
    if elsewhere is None:
        return None
    if all(lowered(elsewhere, layout.at(place)) == node for place, node in on.items()):
        return elsewhere
    diagonal = _general(on, layout)
    return None if diagonal is None else Call("where", (Cmp(layout.row, layout.column, "=="), diagonal, elsewhere))


def _general(known: Known, layout: Layout) -> Node | None:
    """An entry with its places as indices that gives back all of `known`, or None."""
    for everywhere in (False, True):
        for place, node in known.items():
            counted = layout.at(place)
            for places in (counted, tuple(reversed(counted))):
                with suppress(ShapeError):  # a size that is counted like a place
                    body = lifted(node, places, everywhere)
                    if all(lowered(body, layout.at(other)) == each for other, each in known.items()):
                        return body
    return None

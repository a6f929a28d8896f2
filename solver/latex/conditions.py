r"""Conditions: `i \neq j`, `0 < i \le n`, joined by "and" and "or"; indicators and cases, which are made of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from solver.expr.nodes import Call, Cmp, Logic, Node
from solver.latex.atoms import Atom, Fence, Grid, Items, Prose, Sign, Word, bare, is_sign, span_of
from solver.latex.commands import RELATIONS
from solver.latex.context import Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import entrywise
from solver.latex.products import Part, compared

MAX_CASES = 20
_OPERATORS = {"=": "=="}
_LEADING = frozenset(("if", "for", "when", "where", "whenever", "in case"))
_OTHERWISE = frozenset(("otherwise", "else", "in all other cases", "or else", "elsewhere"))
_HOLDS_WHEN = {"<": {"<"}, "<=": {"<", "="}, "==": {"="}, "!=": {"<", ">"}, ">": {">"}, ">=": {"=", ">"}}


def _word(atom: Atom) -> str:
    return atom.text.strip(" ,.;").lower() if isinstance(atom, (Word, Prose)) else ""


def read_condition(reader: Reader, items: Items, span: Span) -> Node:
    """All the pieces as one condition."""
    place = span_of(items, span)
    with reader.deeper(place):
        return _joined(reader, items, place, "or")


def _joined(reader: Reader, items: Items, span: Span, op: Literal["or", "and"]) -> Node:
    """Conditions joined by `op`, each of which may hold tighter ones."""
    pieces: list[Items] = []
    start = 0
    for place, item in enumerate(items):
        comma = op == "and" and is_sign(item, ",")
        if is_sign(item, op) or _word(item) == op or comma:
            pieces.append(items[start:place])
            start = place + 1
    pieces.append(items[start:])
    parts = [_joined(reader, piece, span, "and") if op == "or" else _single(reader, piece, span) for piece in pieces]
    if len(parts) == 1:
        return parts[0]
    with fitting(span):
        return Logic(op, tuple(entrywise(parts)))


def _single(reader: Reader, items: Items, span: Span) -> Node:
    """One comparison, a chain of them, a negation, or brackets around a condition."""
    items = bare(items)
    if not items:
        raise LatexError.at(span, "a condition is missing here")
    place = span_of(items, span)
    if is_sign(items[0], "not") or _word(items[0]) == "not":
        return Logic("not", (read_condition(reader, items[1:], place),))
    if len(items) == 1 and (inside := getattr(items[0], "items", None)) is not None:
        return read_condition(reader, inside, place)
    places = [k for k, item in enumerate(items) if is_sign(item, *RELATIONS)]
    if not places:
        raise LatexError.at(place, "a condition is wanted here: an equation or an inequality")
    edges = [-1, *places, len(items)]
    sides = [items[before + 1 : after] for before, after in pairwise(edges)]
    values = [Part(reader.expression(side, place), span_of(side, place)) for side in sides]
    signs = [item.text for item in (items[k] for k in places) if isinstance(item, Sign)]
    chain = [
        compared(left, right, _OPERATORS.get(sign, sign))
        for left, right, sign in zip(values, values[1:], signs, strict=False)
    ]
    return chain[0] if len(chain) == 1 else Logic("and", tuple(chain))


def holds_condition(items: Items) -> bool:
    """Whether a relation stands among the pieces: they are a condition and no value."""
    inner = bare(items)
    if len(inner) == 1 and isinstance(inner[0], Fence):
        return holds_condition(inner[0].items)
    return any(is_sign(item, *RELATIONS, "not", "and", "or") for item in inner)


def indicator(reader: Reader, items: Items, span: Span) -> Node:
    """1 where the condition holds, 0 elsewhere."""
    return Call("indicator", (read_condition(reader, _without_words(items), span),))


# --- cases --------------------------------------------------------------------------------------------------------


def read_cases(reader: Reader, grid: Grid) -> Node:
    """The rows of a brace as nested choices; the last row is what holds in no other one."""
    rows = [_row(reader, row, grid.span) for row in grid.rows]
    if len(rows) < 2:
        raise LatexError.at(grid.span, "cases have two rows or more")
    if len(rows) > MAX_CASES:
        raise LatexError.at(grid.span, f"more than {MAX_CASES} cases")
    conditions = [condition for _, condition in rows[:-1]]
    last = rows[-1][1]
    if any(condition is None for condition in conditions):
        raise LatexError.at(grid.span, "only the last case may be the one that remains")
    known = [condition for condition in conditions if condition is not None]
    if last is not None and not _covered([*known, last]):
        raise LatexError.at(
            grid.span, "the last case is not what the others leave over", r"make its condition \text{otherwise}"
        )
    values = entrywise([value for value, _ in rows])
    node = values[-1]
    for value, condition in zip(reversed(values[:-1]), reversed(known), strict=True):
        with fitting(grid.span):
            node = Call("where", (*entrywise([condition, value]), node))
    return node


def _row(reader: Reader, cells: tuple[Items, ...], span: Span) -> tuple[Node, Node | None]:
    """A row's value, and its condition; None for "otherwise"."""
    filled = [cell for cell in (bare(cell) for cell in cells) if cell]
    if len(filled) == 1:
        words = [k for k, item in enumerate(filled[0]) if _word(item) in _LEADING | _OTHERWISE or is_sign(item, ",")]
        if words:
            filled = [filled[0][: words[0]], filled[0][words[0] :]]
    if len(filled) != 2:
        raise LatexError.at(span_of(filled[0], span) if filled else span, "a case is a value and its condition")
    value, condition = filled
    while value and is_sign(value[-1], ",", ";", "."):
        value = value[:-1]
    node = reader.expression(value, span_of(value, span))
    condition = _without_words(condition)
    if len(condition) == 1 and _word(condition[0]) in _OTHERWISE:
        return node, None
    return node, read_condition(reader, condition, span_of(condition, span))


def _without_words(items: Items) -> Items:
    """The pieces without "if" before them and without punctuation after them."""
    items = bare(items)
    while items and (_word(items[0]) in _LEADING or is_sign(items[0], ",", ":")):
        items = items[1:]
    while items and is_sign(items[-1], ",", ".", ";"):
        items = items[:-1]
    return items


def _covered(conditions: list[Node]) -> bool:
    """Whether comparisons of the same two values leave nothing over: `k = j`, `k \\neq j`; `x > 0`, `x \\le 0`."""
    first = conditions[0]
    if not isinstance(first, Cmp):
        return len(conditions) == 2 and _opposite(*conditions)
    covered: set[str] = set()
    for condition in conditions:
        if not isinstance(condition, Cmp):
            return False
        if (condition.left, condition.right) == (first.left, first.right):
            covered |= _HOLDS_WHEN[condition.op]
        elif (condition.right, condition.left) == (first.left, first.right):
            covered |= {{"<": ">", ">": "<", "=": "="}[mark] for mark in _HOLDS_WHEN[condition.op]}
        else:
            return False
    return covered == {"<", "=", ">"}


def _opposite(first: Node, second: Node) -> bool:
    """Whether one condition is the negation of the other."""
    return Logic("not", (first,)) == second or Logic("not", (second,)) == first

r"""Sums over indices, matrices with dots, derivatives and differentials."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.nodes import At, Big, Call, Cmp, D, Dif, Idx, Node, Sym, Table
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE
from solver.typeset.box import SMALL, Box, Chunk, Level, atom, fence, fraction, group, row, sign
from solver.typeset.entries import cell, entry, shown
from solver.typeset.forms import NOTHING, Form, Script, Token, Word, beside, grid, joined, raised
from solver.typeset.names import letter, width
from solver.typeset.setting import Setting
from solver.typeset.wraps import applied, part, size_form

_SIGNS = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min"}


def big(node: Big, s: Setting) -> Box:
    r"""`\sum_{j=1}^{N} body`; with a condition on the index, `\sum_{l \neq k}`."""
    inside = s.binding(node.index.name)
    body = part(node, 0, inside, Level.ODOT)
    index = letter(node.index.name).form(False)
    below, above = beside(index, "=", "1"), size_form(node.index.range)
    if node.condition is not None:
        condition = part(node, 1, inside.styled("script"))
        if isinstance(node.condition, Cmp) and node.condition.left == node.index:
            below, above = condition.form, NOTHING
        else:
            below = grid([[below], [condition.form]], "substack")
    return _with_limits(_SIGNS[node.kind], below, above, body, s)


def _with_limits(symbol: str, below: Form, above: Form, body: Box, s: Setting) -> Box:
    limited = Script(Token(symbol), below, None if above == NOTHING else above)
    stacked = s.style in ("display", "cell")
    side = max(width(below.tex), width(above.tex)) * SMALL
    breadth = max(1.45, side) if stacked else 1.1 + side
    height = (2.9 if above != NOTHING else 2.4) if stacked else 1.55
    head = Box((Chunk(beside(limited, " "), breadth + 0.2),), height=height)
    return row([head, body], Level.PRODUCT, open=True)


def reduction(node: Call, s: Setting) -> Box:
    r"""`sum(A)` over all entries: `\sum_{i} a_i`, the indices carried to the names; along an axis it is named."""
    argument = node.args[0]
    if node.axis is not None and argument.shape and not is_vector(argument.shape):
        head = Script(Word(node.name, "operatorname"), Word(s.context.word("rows" if node.axis == 1 else "columns")))
        return applied(head, 0.55 * len(node.name) + 2.2, [part(node, 0, s)])
    if not argument.shape or is_single(argument.shape):
        return applied(Word(node.name, "operatorname"), 0.55 * len(node.name), [part(node, 0, s)])
    vector = is_vector(argument.shape)
    names = s.fresh(1 if vector else 2, argument)
    rows, columns = argument.shape
    if vector:
        only = Idx(names[0], columns if rows == ONE else rows)
        indices: tuple[Node, Node] = (only, only)
    else:
        indices = (Idx(names[0], rows), Idx(names[1], columns))
    inside = s.hidden().binding(*names)
    body = group(inside.box(entry(argument, *indices)), Level.ODOT)
    return _with_limits(_SIGNS[node.name], joined((letter(name).form(False) for name in names), ","), NOTHING, body, s)


# --- matrices with dots -------------------------------------------------------------------------------------------


def table(node: Table, s: Setting) -> Box:
    r"""The matrix with the entries (1,1), (1,2), …, (1,N); (2,1), …; ⋮ ⋱ ⋮; (N,1), …, (N,N)."""
    inside = s.hidden().styled("cell").binding(node.row.name, node.column.name)
    rows, columns = shown(node.row.range), shown(node.column.range)
    found = []
    for i in rows:
        line = []
        for j in columns:
            match i, j:
                case None, None:
                    dots = r"\ddots"
                case None, _:
                    dots = r"\vdots"
                case _, None:
                    dots = r"\cdots"
                case Node() as at, Node() as beside:
                    line.append(inside.box(cell(node, at, beside)))
                    continue
            line.append(atom(dots, 1.1))
        found.append(line)
    return matrix_of(found)


def matrix_of(rows: Sequence[Sequence[Box]]) -> Box:
    r"""A matrix in brackets."""
    widths = [max(line[k].width for line in rows) for k in range(len(rows[0]))]
    height = sum(max(1.3, *(box.height for box in line)) for line in rows)
    roomy = any(box.height > 1.6 for line in rows for box in line)
    form = grid([[box.form for box in line] for line in rows], "bmatrix", roomy)
    return Box((Chunk(form, sum(widths) + len(widths) + 0.4),), Level.ATOM, height, scripted=True)


# --- derivatives --------------------------------------------------------------------------------------------------


def derivative(node: D, s: Setting) -> Box:
    r"""`D(f, x)`: `\frac{\partial f}{\partial x}`, or `\frac{\partial}{\partial x}(…)` before anything composite."""
    chain: list[tuple[Node, Setting]] = [(node.by, s.child(1))]
    of, here = node.of, s.child(0)
    while isinstance(of, D) and here.path not in s.marks:
        chain.append((of.by, here.child(1)))
        of, here = of.of, here.child(0)
    inside = s.nested
    below = _denominator([(by, place.styled(inside.style)) for by, place in chain])
    order = Token(str(len(chain))) if len(chain) > 1 else None
    head = Token(r"\partial") if order is None else Script(Token(r"\partial"), None, order)
    simple = isinstance(of, Sym) or (isinstance(of, At) and isinstance(of.arg, (Sym, Call))) or _short(of)
    top = here.styled(inside.style).box(of)
    if simple and top.level >= Level.ATOM and top.height <= 1.4:
        above = row([sign(beside(head, " "), 0.6), top], Level.ATOM)
        if s.slashes or s.style == "text":
            return row([above, sign("/", 0.5), below], Level.SLASH)
        return fraction(above, below, cell=s.style == "cell")
    operator = (
        row([sign(head, 0.6), sign("/", 0.5), below], Level.ATOM)
        if s.slashes
        else fraction(sign(head, 0.6), below, small=s.style == "text", cell=s.style == "cell")
    )
    level = Level.SLASH if s.slashes else Level.PRODUCT
    return row([operator, fence(here.styled(s.style).box(of))], level, open=True)


def _short(of: Node) -> bool:
    """Whether a function's value may stand on the bar: one function of one name."""
    match of:
        case Call(args=(Sym() | At(),)):
            return of.name not in ("exp", "log", "sum", "prod")
    return bool(type(of).__name__ == "Apply" and isinstance(of.children[0], (Sym, At)))


def _denominator(variables: Sequence[tuple[Node, Setting]]) -> Box:
    pieces: list[Box] = []
    position = 0
    while position < len(variables):
        by, place = variables[position]
        count = 1
        while position + count < len(variables) and variables[position + count][0] == by and not by.shape:
            count += 1
        box = group(place.box(by), Level.ATOM)
        if pieces:
            pieces.append(sign(r"\,", 0.17))
        if count > 1:
            box = atom(raised(box.form, Token(str(count))), box.width + 0.4)
        pieces.append(row([sign(r"\partial ", 0.6), box], Level.ATOM))
        position += count
    return row(pieces, Level.ATOM)


def differential(node: Dif, s: Setting) -> Box:
    r"""`d(x)`: `\mathrm{d}\bm{x}`, `\mathrm{d}(\bm{x}\bm{W})`."""
    inner = part(node, 0, s, Level.ATOM)
    named = isinstance(node.arg, (Sym, At))
    body = inner if named or inner.tex.startswith("(") else fence(inner) if not inner.tex.endswith(")") else inner
    return row([sign(Word("d"), 0.55), body], Level.SCRIPT)

"""Derivations to rows of LaTeX: where long lines are broken, which chains stand side by side.

Widths are in em of the page's font, for a text block `measure` em wide. The estimates leave a margin; what TeX still
finds too wide is broken again on a narrower measure by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from solver.expr.nodes import At, Idx, Node, SizeSym, Sym, Table
from solver.expr.sizes import ONE
from solver.spec.texts import FunctionName, Piece
from solver.typeset import latex, tex
from solver.typeset.names import letter
from solver.typeset.setting import Context
from solver.typeset.tex import Math, Text
from solver.typeset.view import AnswerBox, CasesView, ChainView, DerivationView, LineView, SettingView, Words

INDENT, RELATION, NUMBER, STEP_IN = 1.5, 1.5, 2.6, 2.0
OVER = 5.0
"""How much wider, in em, a reason makes the relation that it stands over."""
SHORTEST_REASON = 5.5
"""The narrowest column, in em, that a reason beside a line is given."""

_RELATIONS = {"=": "=", ":=": r"\coloneqq"}


@dataclass(frozen=True)
class Row:
    """One row of a derivation. `last`: the row that carries the line's reason and number."""

    lhs: Math
    rhs: Math
    reason: Text
    number: Text
    last: bool
    apart: bool = False
    """Whether a little room is left above: another left side begins."""
    penalty: int = 0
    """What a page break after this row costs; 0 after the last."""


def prose(words: Words, context: Context) -> Text:
    """Words with their formulas, for a paragraph."""
    pieces = list(words.pieces)
    for k, (piece, after) in enumerate(pairwise(pieces)):
        if isinstance(piece, str) and piece.endswith(" ") and isinstance(after, Sym | Idx | SizeSym):
            # a letter stays on the line of the word before it
            pieces[k] = piece[:-1] + "\u00a0"
    return tex.joined(_piece(piece, context) for piece in pieces)


def _piece(piece: Piece, context: Context) -> Text:
    match piece:
        case str():
            return tex.text(piece)
        case FunctionName(name, abstract):
            return tex.inline(Math(letter(name).tex(False) if abstract else context.function(name).tex))
        case Node():
            return tex.inline(latex.latex(piece, context, style="inline"))


def rows(chain: ChainView, context: Context, measure: float) -> list[Row]:
    """The chain's lines as rows no wider than the measure, aligned at their relation."""
    widths = [latex.measure(line.lhs, context) for line in chain.lines if line.lhs is not None]
    widest = max(widths, default=0.0)
    if chain.style == "over" and any(_overhang(line, context, measure, widest, OVER) > 0 for line in chain.lines):
        chain = replace(chain, style="right")
    apart = widest > 0.42 * measure or any(
        _overhang(line, context, measure, widest) > max(0.0, _overhang(line, context, measure, 0.0))
        for line in chain.lines
    )
    left = 0.0 if apart else widest
    found: list[Row] = []
    for line in chain.lines:
        if apart and line.lhs is not None:
            found.extend(_alone(line, context, measure))
        made = _line(line, chain, context, measure - INDENT - left - RELATION - NUMBER, apart)
        gap = bool(found) and line.lhs is not None and line.number is not None
        found.extend([replace(made[0], apart=gap), *made[1:]])
    return [replace(row, penalty=_penalty(found, k)) for k, row in enumerate(found)]


def _overhang(line: LineView, context: Context, measure: float, left: float, spent: float = 0.0) -> float:
    """By how much a line stands out beside a left side so wide, however it is broken."""
    room = measure - INDENT - left - RELATION - NUMBER - spent
    return latex.overhang(line.rhs, context, room, room - STEP_IN, marks=line.marks)


def _penalty(rows: list[Row], k: int) -> int:
    """The price of a page break after a row: least where another left side begins, most beside the first and last."""
    if k == len(rows) - 1:
        return 0
    if not rows[k].last:
        return 10000
    if k == len(rows) - 2:
        return 3000
    if rows[k + 1].apart:
        return 60 if k > 0 else 300
    return 900 if k == 0 else 200


_NOTHING = Text("")
_BLANK = Math("")


def _alone(line: LineView, context: Context, measure: float) -> list[Row]:
    """A left side too wide to stand before its relation: rows of its own."""
    assert line.lhs is not None
    parts = latex.lines(line.lhs, context, measure - INDENT, measure - INDENT - STEP_IN)
    return [Row(_BLANK, Math((r"\quad " if k else "") + part.tex), _NOTHING, _NOTHING, False)
            for k, part in enumerate(parts)]  # fmt: skip


def _line(line: LineView, chain: ChainView, context: Context, room: float, apart: bool) -> list[Row]:
    reason = prose(line.reason, context)
    over = chain.style == "over" and bool(line.reason) and line.relation == "="
    relation = rf"\reasonover{{{reason.tex}}}" if over else _RELATIONS[line.relation]
    if line.lhs is None and len(chain.lines) == 1:
        relation = ""
    tail = rf" \eqqcolon {latex.latex(line.name, context).tex}" if line.name is not None else ""
    if over:
        room -= OVER
    parts = latex.lines(line.rhs, context, room, room - STEP_IN, marks=line.marks)
    wide = latex.overhang(line.rhs, context, room, room - STEP_IN, marks=line.marks)
    if wide > 0:
        parts = [Math(rf"\shrunk{{{room / (room + wide):.2f}}}{{{part.tex.strip()}}}") for part in parts]
    if tail:
        left = latex.last_line(line.rhs, context, room, room - STEP_IN, marks=line.marks)
        named = latex.measure(line.name, context) + 2.0 if line.name is not None else 0.0
        parts = [*parts, Math(tail)] if left < named else [*parts[:-1], Math(parts[-1].tex.strip() + tail)]
    lhs = _BLANK if apart or line.lhs is None else latex.latex(line.lhs, context)
    made = []
    for k, part in enumerate(parts):
        last = k == len(parts) - 1
        body = (f"{relation} " if k == 0 else r"\qquad ") + part.tex.strip()
        number = tex.text(str(line.number)) if last and line.number is not None else _NOTHING
        made.append(Row(lhs if k == 0 else _BLANK, Math(body), reason if last and not over else _NOTHING, number, last))
    return made


def grouped(derivation: DerivationView) -> list[ChainView | CasesView]:
    """The blocks, chains that follow each other without a word between them made one, aligned at one relation."""
    found: list[ChainView | CasesView] = []
    for block in derivation.blocks:
        before = found[-1] if found else None
        if isinstance(block, ChainView) and isinstance(before, ChainView) and _joins(before, block):
            found[-1] = replace(before, lines=before.lines + block.lines)
        else:
            found.append(block)
    return found


def _joins(before: ChainView, after: ChainView) -> bool:
    wordless = not (after.title or after.intro or after.given or before.given)
    named = all(chain.lines[0].lhs is not None and chain.lines[0].relation == "=" for chain in (before, after))
    return wordless and named and before.style == after.style


def side_by_side(cases: CasesView, context: Context, measure: float) -> bool:
    """Whether two chains fit beside each other, each with a column for its reasons."""
    return len(cases.chains) == 2 and all(_chain_width(c, context) <= 0.485 * measure for c in cases.chains)


def _chain_width(chain: ChainView, context: Context) -> float:
    left = max((latex.measure(line.lhs, context) for line in chain.lines if line.lhs is not None), default=0.0)
    right = max(latex.measure(line.rhs, context, marks=line.marks) for line in chain.lines)
    reasons = SHORTEST_REASON if any(line.reason for line in chain.lines) and chain.style == "right" else 0.0
    return 0.3 + left + RELATION + right + reasons + NUMBER


def heading(chain: ChainView, context: Context) -> tuple[Text, Text]:
    """A case's title and its conditions: *On the diagonal,* `j = i`."""
    conditions = tex.Text(", ".join(tex.inline(latex.latex(each, context, style="inline")).tex for each in chain.given))
    return prose(chain.title, context), conditions


def answer(box: AnswerBox, context: Context, measure: float) -> list[Math]:
    """The boxed formula in rows, each with an alignment mark before its relation."""
    left = latex.latex(box.lhs, context).tex if box.lhs is not None else ""
    wide = (latex.measure(box.lhs, context) if box.lhs is not None else 0.0) + RELATION
    room = measure - wide - 5.0
    made: list[str] = []
    used = room
    for number, side in enumerate(box.sides):
        lhs = left if number == 0 else ""
        relation = "=" if left or number else ""
        width = latex.measure(side, context)
        if number and used + width + RELATION <= room:
            made[-1] += f" = {latex.latex(side, context).tex}"
            used += width + RELATION
            continue
        parts = latex.lines(side, context, room, room - STEP_IN)
        for k, part in enumerate(parts):
            start = f"{lhs} & {relation} " if k == 0 else r" & \qquad "
            made.append(start + part.tex.strip())
        used = width if len(parts) == 1 else room
    return [Math(line) for line in made]


def setting_stacked(setting: SettingView, context: Context, measure: float) -> bool:
    """Whether the definitions and the symbols are too wide to stand beside each other."""
    if not (setting.definitions and setting.symbols):
        return True
    pairs = [defined(name, value) for name, value, _ in setting.definitions]
    left = max(latex.measure(n, context) + latex.measure(v, context, "inline") for n, v in pairs)
    return left + RELATION + 6.0 > 0.52 * measure


def definition(name: Node, value: Node, context: Context) -> Math:
    """`name = value` for a row of the setting."""
    shown, content = defined(name, value)
    return Math(f"{latex.latex(shown, context).tex} = {latex.latex(content, context, style='inline').tex}")


def defined(name: Node, value: Node) -> tuple[Node, Node]:
    """What a definition says: `name` and `value`, or for a table an entry and its value, `a_j = …`."""
    if not isinstance(value, Table):
        return name, value
    indices = tuple(index for index in (value.row, value.column) if index.range != ONE)
    return At(name, indices or (value.column,)), value.body

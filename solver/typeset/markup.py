"""Pieces of a page for the screen: sentences, lines, answers as HTML, their formulas as MathML with words for the ear.

A formula that is wide is there twice, broken for a desk and for a phone's width; the style sheet shows one of them.
What is too wide even then scrolls within a box of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from solver.expr.nodes import Node
from solver.expr.shapes import Shape
from solver.language.catalogue import Catalogue
from solver.spec.texts import FunctionName, Piece
from solver.typeset import latex, layout, spoken
from solver.typeset.box import Box, Level, break_lines, row, sign
from solver.typeset.forms import Form
from solver.typeset.mathml import inner, mathml
from solver.typeset.names import letter
from solver.typeset.setting import Context
from solver.typeset.view import AnswerBox, CasesView, ChainView, LineView, Words
from solver.typeset.wraps import shape_form

DESK, HALF, PHONE = 30.0, 19.0, 17.0
"""The room for both sides of a line, in em: beside its reason, in one of two columns, on a phone."""
RELATION, STEP_IN = 1.7, 1.5
WIDE_LEFT, NARROW_LEFT = 12.0, 4.5
"""The widest left side that stands before its relation, at a desk and on a phone."""
SENTENCE = 12.0
"""The widest formula, in em, that is one piece within a sentence."""


@dataclass(frozen=True)
class Line:
    """A line of a derivation laid out; `steps` are the single steps that it is made of, `folds` says it is routine."""

    lhs: Markup
    rhs: Markup
    reason: Markup
    rule: str
    number: int | None
    folds: bool
    steps: tuple[Line, ...]


@dataclass(frozen=True)
class Lines:
    """A chain laid out. `apart`, `narrow`: whether left sides stand on lines of their own, always or on a phone."""

    lines: tuple[Line, ...]
    apart: bool
    narrow: bool


@dataclass(frozen=True)
class Writer:
    """Writes the pieces of one problem."""

    context: Context
    words: Catalogue

    @property
    def speech(self) -> Mapping[str, str]:
        return self.words.speech

    # --- formulas ---

    def said(self, node: Node) -> str:
        return spoken.spoken(node, self.context, self.speech)

    def math(self, node: Node) -> Markup:
        """The node in a cell of a table, or wherever it has room."""
        return Markup(mathml(latex.written(node, self.context, style="inline"), self.said(node)))

    def shape(self, shape: Shape) -> Markup:
        return Markup(mathml(shape_form(shape), spoken.shape_spoken(shape, self.speech))) if shape else Markup()

    def definition(self, name: Node, value: Node) -> Markup:
        """`name = value`, broken where there is little room."""
        shown, content = layout.defined(name, value)
        said = spoken.equation(shown, content, self.context, self.speech)
        left = latex.boxed(shown, self.context)
        right = latex.boxed(content, self.context, "inline")
        return self._fitted(row([left, row([sign(" = ", 1.34), right], Level.ATOM)], Level.RELATION), said, 22.0, 16.5)

    def prose(self, words: Words) -> Markup:
        """Words with their formulas, for a paragraph."""
        return Markup().join(map(self._piece, words.pieces))

    def _piece(self, piece: Piece) -> Markup:
        match piece:
            case str():
                return escape(piece)
            case FunctionName(name, abstract):
                form = letter(name).form(False) if abstract else self.context.function(name)
                return Markup(mathml(form, spoken.function_spoken(name)))
            case Node():
                return self._within(piece)

    def _within(self, node: Node) -> Markup:
        """A formula in a sentence; a wide one in pieces, between which the sentence may be broken."""
        box, said = latex.boxed(node, self.context, "inline"), self.said(node)
        if box.width <= SENTENCE or len(box.chunks) == 1:
            return self._fitted(box, said, 40.0, 18.0) if box.width > SENTENCE else Markup(mathml(box.form, said))
        pieces = "<wbr>".join(f'<math aria-hidden="true">{inner(chunk.form)}</math>' for chunk in box.chunks)
        return Markup(f'<span role="math" aria-label="{escape(said)}">{pieces}</span>')

    def _fitted(self, box: Box, said: str, wide: float, narrow: float) -> Markup:
        """The formula for a desk and for a phone: once where they agree."""
        desk, phone = (break_lines(box, room, room - STEP_IN) for room in (wide, narrow))
        if desk == phone:
            return self._broken(desk, said, narrow)
        return Markup('<span class="desk">{}</span><span class="phone">{}</span>').format(
            self._broken(desk, said, wide), self._broken(phone, said, narrow)
        )

    def _broken(self, lines: Sequence[Box], said: str, room: float) -> Markup:
        markup = _stacked([line.form for line in lines], said)
        if max(line.width for line in lines) <= room:
            return markup
        label = self.words.screen["formula"]
        return Markup('<span class="scroll" role="group" tabindex="0" aria-label="{}">{}</span>').format(label, markup)

    # --- lines ---

    def lines(self, chain: ChainView, half: bool = False) -> Lines:
        """The chain's lines, aligned at their relation."""
        widths = [latex.measure(line.lhs, self.context) for line in chain.lines if line.lhs is not None]
        left = max(widths, default=0.0)
        apart, narrow = left > WIDE_LEFT, left > NARROW_LEFT
        desk = (HALF if half else DESK) - RELATION - (1.0 if apart else left)
        phone = PHONE - RELATION - (1.0 if narrow else left)
        final = len(chain.lines) - 1
        made = (self._line(line, desk, phone, final == 0, k == final) for k, line in enumerate(chain.lines))
        return Lines(tuple(made), apart, narrow)

    def _line(self, line: LineView, desk: float, phone: float, alone: bool = False, last: bool = True) -> Line:
        lhs = Markup()
        if line.lhs is not None:
            lhs = self._fitted(latex.boxed(line.lhs, self.context), self.said(line.lhs), 40.0, PHONE)
        relation = {"=": "= ", ":=": r"\coloneqq "}[line.relation] if line.lhs is not None or not alone else ""
        box = latex.boxed(line.rhs, self.context, marks=line.marks)
        said = spoken.equation(None, line.rhs, self.context, self.speech) if relation else self.said(line.rhs)
        pieces = [row([sign(relation, RELATION), box], Level.RELATION) if relation else box]
        if line.name is not None:
            named = latex.boxed(line.name, self.context)
            pieces.append(row([sign(r" \eqqcolon ", RELATION), named], Level.RELATION).before(0))
            said = self.words.speech["named"].format(of=said, name=self.said(line.name))
        whole = row(pieces, Level.RELATION)
        return Line(
            lhs,
            self._fitted(whole, said, desk + RELATION, phone + RELATION),
            self.prose(line.reason),
            line.rule,
            line.number,
            line.routine and not last,
            tuple(self._line(step, desk, phone) for step in line.steps),
        )

    def beside(self, cases: CasesView) -> bool:
        """Whether the cases stand in two columns."""
        return len(cases.chains) == 2 and all(self._width(chain) <= HALF for chain in cases.chains)

    def _width(self, chain: ChainView) -> float:
        left = max((latex.measure(line.lhs, self.context) for line in chain.lines if line.lhs is not None), default=0.0)
        right = max(latex.measure(line.rhs, self.context, marks=line.marks) for line in chain.lines)
        return left + RELATION + right

    def conditions(self, chain: ChainView) -> Markup:
        return Markup(", ").join(map(self._within, chain.given))

    def answer(self, box: AnswerBox) -> list[Markup]:
        """The boxed formula: a line for each side."""
        found = []
        for number, side in enumerate(box.sides):
            left = box.lhs if number == 0 else None
            pieces = [] if left is None else [latex.boxed(left, self.context)]
            value = latex.boxed(side, self.context)
            if left is not None or number:
                value = row([sign("= ", RELATION), value], Level.RELATION)
                pieces.append(value.before(0) if pieces and latex.measure(side, self.context) > 6.0 else value)
            else:
                pieces.append(value)
            said = (
                spoken.equation(left, side, self.context, self.speech)
                if left is not None or number
                else self.said(side)
            )
            found.append(self._fitted(row(pieces, Level.RELATION), said, 40.0, PHONE))
        return found


_SET_IN = '<mspace width="1.5em"></mspace>'


def _stacked(lines: Sequence[Form], said: str) -> Markup:
    """One formula on one line or several, those after the first set in."""
    if len(lines) == 1:
        return Markup(mathml(lines[0], said, display=True))
    rows = "".join(f"<mtr><mtd>{_SET_IN if k else ''}{inner(line)}</mtd></mtr>" for k, line in enumerate(lines))
    table = f'<mtable class="lines" displaystyle="true">{rows}</mtable>'
    return Markup(f'<math alttext="{escape(said)}" displaystyle="true">{table}</math>')

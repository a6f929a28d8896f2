"""The page as data to LaTeX, through the templates.

    render(view, kind) -> str        kind: "solutions", "handout", "answers" or "rubric"

A template is looked for in `search` (a sheet's own folder) first, then among ours; each kind is `<kind>.tex.j2`, and
`worked/<name>` is always ours, so that an own template may extend the one it replaces. Templates run in Jinja's
sandbox: they may come from strangers. Their delimiters are `<( value )>`, `<% statement %>` and `<# comment #>`.
Only typeset values may be written: a bare string raises `NotTypeset`, which names the filter to use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from solver.expr.nodes import Node
from solver.expr.shapes import Shape
from solver.spec.problem import Space
from solver.spec.texts import plain
from solver.typeset import latex, layout, tex
from solver.typeset.layout import Row
from solver.typeset.setting import Context
from solver.typeset.templates import filling, loader
from solver.typeset.tex import Math, NotTypeset, Text
from solver.typeset.view import AnswerBox, CasesView, ChainView, PartView, SettingView, SheetView, Words

Kind = Literal["solutions", "handout", "answers", "rubric"]
OUTLINE = 70
"""The longest line of the PDF's outline, in letters."""

KINDS: tuple[Kind, ...] = ("solutions", "handout", "answers", "rubric")

MEASURE, LARGE_MEASURE = 38.9, 28.3
"""The width of the text block, in em of its font: 150 mm at 11 pt; for large print 175 mm at 17 pt, less a little."""


def render(
    view: SheetView,
    kind: Kind = "solutions",
    *,
    squeeze: float = 1.0,
    search: Sequence[Path] = (),
    alternatives: Mapping[str, str] | None = None,
    paper: str = "a4",
    large: bool = False,
) -> str:
    """The LaTeX of a sheet.

    `squeeze` below 1 breaks lines earlier; `alternatives` says each figure, by its file's name, in words; `large` is
    large print, its lines broken for it. TemplateMistake where an own template cannot be used.
    """
    with filling():
        template = environment(search, squeeze, LARGE_MEASURE if large else MEASURE).get_template(f"{kind}.tex.j2")
        filled = template.render(
            sheet=view,
            words=view.catalogue,
            alternatives=alternatives or {},
            paper=paper,
            large=large,
            form=kind,
        )
    return _tidy(filled)


def _tidy(tex: str) -> str:
    """The same LaTeX with at most one empty line at a time, which means the same."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", tex) + "\n"


def environment(search: Sequence[Path] = (), squeeze: float = 1.0, measure: float = MEASURE) -> jinja2.Environment:
    """Jinja for LaTeX: typed values only, undefined names are errors, nothing but the view can be reached."""
    found = ImmutableSandboxedEnvironment(
        loader=loader(search),
        block_start_string="<%", block_end_string="%>",
        variable_start_string="<(", variable_end_string=")>",
        comment_start_string="<#", comment_end_string="#>",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False,
        undefined=jinja2.StrictUndefined, autoescape=True, finalize=_typed,
    )  # fmt: skip
    found.filters |= _filters(measure * squeeze)
    return found


def _typed(value: object) -> object:
    match value:
        case Math() | Text():
            return value
        case Markup():
            # what a macro or a block of the template made: written already
            return value
        case jinja2.Undefined():
            return value
        case Node():
            cure = "`<( node | math(context) )>`"
        case Words():
            cure = "`<( words | prose(context) )>`"
        case _:
            cure = "`<( … | text )>`"
    raise NotTypeset(f"a template wrote a bare {type(value).__name__} ({str(value)[:60]!r}): write {cure}")


def _filters(measure: float) -> dict[str, object]:
    """What a template may do with the view's values."""

    def text(words: str | int) -> Text:
        return tex.text(str(words))

    def math(node: Node, context: Context) -> Math:
        return latex.latex(node, context)

    def inline(node: Node, context: Context) -> Text:
        return tex.inline(latex.latex(node, context, style="inline"))

    def room(space: Space) -> Math:
        """Room for an answer, as the macro that makes it."""
        if space.unit == "lines":
            return Math(rf"\answerlines{{{space.amount:.0f}}}")
        return Math(rf"\answerspace{{{space.amount:g}{space.unit}}}")

    def shape(size: Shape) -> Math:
        return latex.shape_math(size)

    def rows(chain: ChainView, context: Context, part: float = 1.0) -> list[Row]:
        return layout.rows(chain, context, measure * part)

    def beside(cases: CasesView, context: Context) -> bool:
        return layout.side_by_side(cases, context, measure)

    def answer(box: AnswerBox, context: Context) -> list[Math]:
        return layout.answer(box, context, measure)

    def stacked(setting: SettingView, context: Context) -> bool:
        return layout.setting_stacked(setting, context, measure)

    def filled(template: str, **values: object) -> Text:
        return tex.text(template.format(**values))

    def bookmark(titled: Words | PartView) -> Text:
        """A line of the PDF's outline: the words, formulas in the problem language."""
        words = titled.ask if isinstance(titled, PartView) else titled
        label = f"({titled.label}) " if isinstance(titled, PartView) and titled.label else ""
        said = label + plain(words.pieces)
        return tex.pdf_string(said if len(said) <= OUTLINE else said[: OUTLINE - 1].rstrip() + "…")

    return {
        "code": tex.code, "bookmark": bookmark, "slug": lambda name: Text(tex.slug(name)),
        "text": text, "math": math, "inline": inline, "shape": shape, "rows": rows, "beside": beside, "answer": answer,
        "room": room, "stacked": stacked, "filled": filled, "prose": layout.prose, "definition": layout.definition,
        "heading": layout.heading, "grouped": layout.grouped, "pdf_string": tex.pdf_string, "pdf_hex": tex.pdf_hex,
    }  # fmt: skip

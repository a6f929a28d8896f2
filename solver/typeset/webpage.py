"""A sheet as a page for the screen: its view through `templates/index.html.j2`.

    page(view, statements, figures) -> str        one file that needs nothing else: no script, no network
    contents(sheets, words) -> str                the list of sheets that stands above them

A template of the same name beside the problems wins over ours; what it writes is escaped unless a filter made it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from solver.language.catalogue import Catalogue
from solver.typeset.declared import declared
from solver.typeset.layout import grouped
from solver.typeset.markup import Writer
from solver.typeset.mathml import mathml
from solver.typeset.setting import Context
from solver.typeset.templates import filling, loader
from solver.typeset.tex import NotTypeset, slug
from solver.typeset.view import CasesView, LineView, SheetView


@dataclass(frozen=True)
class Statement:
    """What a rule says: its formula as LaTeX, and where it is taken from."""

    formula: str
    source: str = ""


WIDE = 300
"""The width in points from which on a figure is scrolled on a phone and not shrunk."""


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, with the words for those who do not see it."""

    svg: bytes
    alternative: str

    @property
    def wide(self) -> bool:
        """Whether its letters would be too small to read at the width of a phone."""
        width = re.search(rb'<svg[^>]*\bwidth="([\d.]+)pt"', self.svg)
        return width is not None and float(width[1]) > WIDE

    @property
    def link(self) -> str:
        """The picture itself, as a link."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")


@dataclass(frozen=True)
class Entry:
    """A sheet in the list of sheets."""

    link: str
    title: str
    course: str


def page(
    view: SheetView, statements: Mapping[str, Statement], figures: Mapping[str, Picture], search: Sequence[Path] = ()
) -> str:
    """The whole sheet as one HTML file; TemplateMistake where an own template cannot be used."""
    used = {name: statements[name] for name in dict.fromkeys(_rules(view)) if name in statements}
    return _written("index", view.catalogue, search, sheet=view, rules=used, figures=figures)


def contents(sheets: Sequence[Entry], words: Catalogue) -> str:
    """The page that lists the sheets."""
    return _written("sheets", words, (), sheets=sheets)


def _rules(view: SheetView) -> Iterator[str]:
    """The rules that the sheet's lines name, in order."""
    for problem in view.problems:
        for part in problem.parts:
            for block in (block for each in part.derivations for block in each.blocks):
                for chain in block.chains if isinstance(block, CasesView) else (block,):
                    yield from _named(chain.lines)


def _named(lines: Sequence[LineView]) -> Iterator[str]:
    for line in lines:
        yield line.rule
        yield from _named(line.steps)


def _written(name: str, words: Catalogue, search: Sequence[Path], **values: object) -> str:
    with filling():
        return _environment(words, search).get_template(f"{name}.html.j2").render(words=words, **values).lstrip() + "\n"


def _environment(words: Catalogue, search: Sequence[Path]) -> jinja2.Environment:
    """Jinja for HTML: words are escaped, undefined names are errors, nothing but the view can be reached."""
    found = ImmutableSandboxedEnvironment(
        loader=loader(search), trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, autoescape=True
    )
    found.filters |= _filters(words)
    return found


def _filters(words: Catalogue) -> dict[str, Callable[..., object]]:
    """What a template may do with the view's values; all but the last four are given the problem's context."""

    def on(method: Callable[..., object]) -> Callable[..., object]:
        def filtered(value: object, *more: object) -> object:
            if not (more and isinstance(more[-1], Context)):
                raise NotTypeset("the filter wants the problem's context last: `{{ … | prose(problem.context) }}`")
            return method(Writer(more[-1], words), value, *more[:-1])

        return filtered

    def formula(latex: str, said: str) -> Markup:
        return Markup(mathml(declared(latex), said, display=True))

    written: dict[str, Callable[..., object]] = {
        "prose": Writer.prose, "math": Writer.math, "shape": Writer.shape, "definition": Writer.definition,
        "lines": Writer.lines, "beside": Writer.beside, "answer": Writer.answer, "conditions": Writer.conditions,
        "said": Writer.said,
    }  # fmt: skip
    made = {name: on(method) for name, method in written.items()}
    return {**made, "grouped": grouped, "slug": slug, "formula": formula}

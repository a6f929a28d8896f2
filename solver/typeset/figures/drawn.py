"""A drawn figure: the canvas it stands on, its bytes as PDF and SVG, the words for those who do not see it."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import ScalarFormatter

from solver.typeset.figures import style

NOTHING = {"CreationDate": None, "Creator": None, "Producer": None}
"""No date and no name in the bytes."""


@dataclass(frozen=True)
class Drawn:
    """A figure. `tight` cuts the canvas to what is drawn on it."""

    canvas: Canvas
    alternative: str
    tight: bool = True

    @cached_property
    def pdf(self) -> bytes:
        """Vector graphics with the fonts in it."""
        return self._saved("pdf", NOTHING)

    @cached_property
    def svg(self) -> bytes:
        """An `svg` element, for a file or for a page of HTML: letters as paths, every id begun with the drawing's own
        mark, so that several stand on one page; its ground is empty."""
        text = self._saved("svg", {"Date": None, "Creator": None, "Format": None, "Type": None}).decode("utf-8")
        mark = "f" + hashlib.sha256(text.encode()).hexdigest()[:8]
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
        text = re.sub(r'\bid="', f'id="{mark}-', text)
        text = re.sub(r'href="#', f'href="#{mark}-', text)
        text = re.sub(r"url\(#", f"url(#{mark}-", text)
        return text.encode("utf-8")

    def _saved(self, form: str, metadata: dict[str, Any]) -> bytes:
        buffer = io.BytesIO()
        with matplotlib.rc_context(style.settings()):
            _plain_numbers(self.canvas)
            # for "tight" as a word, savefig would draw it all a second time to see how large it is
            cut: dict[str, Any] = {"bbox_inches": self.canvas.get_tightbbox().padded(0.02)} if self.tight else {}
            self.canvas.savefig(buffer, format=form, metadata=metadata, transparent=True, **cut)
        return buffer.getvalue()


class _Plain(ScalarFormatter):
    """Numbers at an axis as text, where matplotlib would read each as a formula and take half of its time for that."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).removeprefix(r"$\mathdefault{").removesuffix("}$")


def _plain_numbers(canvas: Canvas) -> None:
    for axes in canvas.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(_Plain())


def sheet(width: float, height: float, paint: Callable[[Canvas], str], *, tight: bool = True) -> Drawn:
    """A canvas of a size in millimetres, painted on in the page's style; `paint` gives the words for it."""
    with matplotlib.rc_context(style.settings()):
        canvas = Canvas(figsize=(width * style.MILLIMETRE, height * style.MILLIMETRE))
        alternative = paint(canvas)
    return Drawn(canvas, alternative, tight)

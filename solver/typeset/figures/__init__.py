"""Figures, drawn from the problem's expressions in the page's fonts: vector, the same bytes for the same input.

    draw(figure, problem, language) -> Drawn      .pdf, .svg, .alternative

A kind is one module here, named in `KINDS`, with a function `draw(scene) -> Drawn`. Curves differ by their dashes,
signs by hatching, and cells carry their numbers, so that a figure reads in black and white. The alternative text says
what the drawn values show. Figures have no ground of their own: an SVG is black and blue on whatever is behind it, and
belongs on a light card where a page is dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from solver.language.catalogue import Catalogue
from solver.spec.problem import Figure, Problem
from solver.typeset.figures.refused import FigureError

if TYPE_CHECKING:
    from solver.typeset.figures.drawn import Drawn

KINDS: Mapping[str, str] = {
    "plot": "plot", "heatmap": "heatmap", "contour": "contour", "surface": "surface", "graph": "graph",
    "blocks": "blocks", "gradient-check": "gradient_check",
}  # fmt: skip
"""The kinds with their modules, which are imported when one is drawn."""

__all__ = ["KINDS", "FigureError", "draw"]


def draw(figure: Figure, problem: Problem, language: Catalogue) -> Drawn:
    """The figure of a problem. FigureError names what has no value or no drawing."""
    # matplotlib and the judge take their time to load
    from solver.check.jets import TooLarge
    from solver.check.meaning import Meaningless
    from solver.expr.numeric import NumericError
    from solver.typeset.figures.scene import Scene

    if figure.kind not in KINDS:
        raise FigureError(f"no drawing for the figure kind {figure.kind!r}: there are {', '.join(sorted(KINDS))}")
    module = import_module(f"solver.typeset.figures.{KINDS[figure.kind]}")
    try:
        return cast("Drawn", module.draw(Scene(figure.options, problem, language)))
    except (NumericError, Meaningless, TooLarge) as error:
        raise FigureError(str(error)) from error

"""Figures, drawn from the problem's expressions in the page's fonts: vector, the same bytes for the same input.

    draw(figure, problem, language) -> Drawn, with .pdf, .svg and .alternative

A kind is one row of `DRAWINGS`. Curves differ by their dashes and cells carry their numbers, so that a figure reads in
black and white. The alternative text says what the drawn values show.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from solver.expr.nodes import At, Node, Sym, num
from solver.expr.numeric import NumericError, Point, evaluate, point_of
from solver.expr.shapes import Shape
from solver.expr.write import write
from solver.language.catalogue import Catalogue
from solver.spec.problem import Figure, Problem
from solver.typeset import fonts, latex, shapes_said
from solver.typeset.page import context_of
from solver.typeset.tables import number

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure as Canvas

    Array = np.ndarray[Any, Any]

SAMPLES = 241
INK, WARM, SOFT = "#1F3A5F", "#B4532A", "#5B6472"
COLOURS = (INK, WARM, "#4C7A5A", "#7A5195", "#8A6D1F", "#3C8DA5")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 3)))
MILLIMETRE = 1 / 25.4
ANNOTATED = 8
"""The largest side of a heatmap whose cells carry their numbers."""


class FigureError(Exception):
    """A figure that cannot be drawn; the message is a sentence for the author."""


@dataclass(frozen=True)
class Drawn:
    """A figure and the words for those who do not see it; written down in the form that is asked for, and no other."""

    canvas: _Sheet
    alternative: str

    @cached_property
    def pdf(self) -> bytes:
        return self.canvas.saved("pdf", {"CreationDate": None, "Creator": None, "Producer": None})

    @cached_property
    def svg(self) -> bytes:
        return self.canvas.saved("svg", {"Date": None, "Creator": None})


def draw(figure: Figure, problem: Problem, language: Catalogue) -> Drawn:
    """The figure of a problem. FigureError names what has no value or no drawing."""
    drawing = DRAWINGS.get(figure.kind)
    if drawing is None:
        raise FigureError(f"no drawing for the figure kind {figure.kind!r}: there are {', '.join(sorted(DRAWINGS))}")
    try:
        return drawing(figure.options, problem, language)
    except NumericError as error:
        raise FigureError(str(error)) from error


# --- values -------------------------------------------------------------------------------------------------------


def _point(options: Mapping[str, Any], problem: Problem, start: Point) -> Point:
    """The point that `at` describes: each entry an expression, evaluated at `start`."""
    shapes: dict[str, Shape] = {name: symbol.shape for name, symbol in problem.symbols.items()}
    shapes |= {name: value.shape for name, value in problem.define.items()}

    def valued(entry: object) -> object:
        if isinstance(entry, Node):
            return float(evaluate(entry, start).reshape(()))
        return [valued(each) for each in cast(Sequence[object], entry)]

    given = {name: valued(entry) for name, entry in options.get("at", {}).items()}
    point = point_of(given, shapes, problem.define, options.get("sizes", {}), differences=True)
    return replace(point, values={**start.values, **point.values})


def _label(node: Node, problem: Problem) -> str:
    """The formula as matplotlib sets it; in the problem language where it has no sign for something."""
    from matplotlib.mathtext import MathTextParser

    context = replace(context_of(problem), bold=r"\boldsymbol")
    tex = f"${latex.latex(node, context, style='inline').tex}$"
    try:
        MathTextParser("path").parse(tex)
    except ValueError:
        return write(node)
    return tex


# --- plot ---------------------------------------------------------------------------------------------------------


def _plot(options: Mapping[str, Any], problem: Problem, language: Catalogue) -> Drawn:
    """Curves over one variable; a vector gives a curve for each entry."""
    import numpy as np

    variable, low, high = cast(tuple[Sym, float, float], options["over"])
    grid = np.linspace(low, high, SAMPLES)
    points = []
    for t in grid:
        start = Point({variable.name: np.asarray(t)}, options.get("sizes", {}), problem.define, differences=True)
        points.append(_point(options, problem, start))
    curves: list[tuple[str, str, Array]] = []
    for label, node in cast(Sequence[tuple[str, Node]], options["curves"]):
        values = np.stack([evaluate(node, point).reshape(-1) for point in points], axis=1)
        for k, row in enumerate(values, 1):
            each = At(node, (num(k),)) if len(values) > 1 else node
            numbered = f"{label}, {language.entry} {k}" if len(values) > 1 else label
            shown, said = (numbered, numbered) if label else (_label(each, problem), write(each))
            curves.append((shown, said, np.where(np.isfinite(row), row, np.nan)))
    canvas = _canvas(104, 60)
    with canvas.styled():
        axes = canvas.figure.add_subplot()
        for k, (shown, _, row) in enumerate(curves):
            axes.plot(grid, row, color=COLOURS[k % len(COLOURS)], linestyle=DASHES[k % len(DASHES)], label=shown)
        axes.axhline(0, color=SOFT, linewidth=0.5, zorder=0)
        axes.set_xlim(low, high)
        axes.set_xlabel(_label(variable, problem))
        axes.legend(frameon=False, handlelength=2.6, loc="center left", bbox_to_anchor=(1.01, 0.5))
        said_ = shapes_said.plot(variable.name, grid, [(said, row) for _, said, row in curves], language)
        return canvas.drawn(said_)


# --- heatmap ------------------------------------------------------------------------------------------------------


def _heatmap(options: Mapping[str, Any], problem: Problem, language: Catalogue) -> Drawn:
    """A matrix at one point: cells in colour, with their numbers while these fit."""
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    node = cast(Node, options["of"])
    matrix = np.atleast_2d(evaluate(node, _point(options, problem, Point(differences=True))))
    rows, columns = matrix.shape
    finite = matrix[np.isfinite(matrix)]
    reach = float(np.max(np.abs(finite))) if finite.size else 1.0
    reach = reach or 1.0
    signed = bool(finite.size) and float(finite.min()) < 0
    colours = [WARM, "#FFFFFF", INK] if signed else ["#FFFFFF", INK]
    canvas = _canvas(min(100, 34 + 13 * columns), min(90, 18 + 9 * rows))
    with canvas.styled():
        axes = canvas.figure.add_subplot()
        mesh = axes.pcolormesh(
            matrix, cmap=LinearSegmentedColormap.from_list("sheet", colours), vmin=-reach if signed else 0.0,
            vmax=reach, edgecolors=SOFT, linewidth=0.4,
        )  # fmt: skip
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_xticks(np.arange(columns) + 0.5, [str(k) for k in range(1, columns + 1)])
        axes.set_yticks(np.arange(rows) + 0.5, [str(k) for k in range(1, rows + 1)])
        axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        digits = max(0, 2 - math.floor(math.log10(reach)))
        if max(rows, columns) <= ANNOTATED:
            for i in range(rows):
                for j in range(columns):
                    dark = abs(matrix[i, j]) > 0.55 * reach
                    text = _figure(float(matrix[i, j]), digits)
                    axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", color="white" if dark else "black",
                              fontsize=7.5)  # fmt: skip
        bar = canvas.figure.colorbar(mesh, ax=axes, shrink=0.85, aspect=18)
        bar.outline.set_linewidth(0.4)
        return canvas.drawn(shapes_said.heatmap(write(node), matrix, language))


def _figure(value: float, digits: int) -> str:
    """A cell's number, to as many decimals as the largest one needs."""
    if not math.isfinite(value):
        return number(value)
    text = f"{value:.{digits}f}"
    return "0" if float(text) == 0 else text.replace("-", "−")


# --- the canvas ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheet:
    """A figure of a size in millimetres, in the page's style."""

    figure: Canvas
    settings: Any

    def styled(self) -> Any:
        import matplotlib

        return matplotlib.rc_context(self.settings)

    def drawn(self, alternative: str) -> Drawn:
        return Drawn(self, alternative)

    def saved(self, form: str, metadata: Mapping[str, None]) -> bytes:
        """The figure in a form, without a date or a name in it."""
        buffer = io.BytesIO()
        with self.styled():
            _plain_ticks(self.figure)
            # with "tight", savefig would draw the figure a second time to see how large it is
            box = self.figure.get_tightbbox().padded(0.02)
            self.figure.savefig(buffer, format=form, metadata=metadata, bbox_inches=box)
        return buffer.getvalue()


def _plain_ticks(figure: Canvas) -> None:
    """Numbers at the axes as text: matplotlib reads each as a formula otherwise, which takes half of the drawing."""
    from matplotlib.ticker import ScalarFormatter

    class Plain(ScalarFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return super().__call__(x, pos).removeprefix(r"$\mathdefault{").removesuffix("}$")

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(Plain())


def _canvas(width: float, height: float) -> _Sheet:
    import matplotlib
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure as Canvas

    settings: Any = {
        **fonts.settings(), "pdf.fonttype": 3, "svg.hashsalt": "worked",
        "font.size": 8.5, "axes.linewidth": 0.6, "lines.linewidth": 1.3,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": SOFT,
        "axes.formatter.use_mathtext": True,
        "xtick.color": SOFT, "ytick.color": SOFT, "xtick.labelcolor": "black", "ytick.labelcolor": "black",
        "xtick.major.width": 0.6, "ytick.major.width": 0.6, "legend.fontsize": 8.5,
    }  # fmt: skip
    with matplotlib.rc_context(settings):
        figure = Canvas(figsize=(width * MILLIMETRE, height * MILLIMETRE))
        FigureCanvasPdf(figure)
    return _Sheet(figure, settings)


DRAWINGS: Mapping[str, Callable[[Mapping[str, Any], Problem, Catalogue], Drawn]] = {
    "plot": _plot,
    "heatmap": _heatmap,
}

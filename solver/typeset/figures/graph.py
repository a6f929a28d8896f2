"""`graph`: the computation graph of what is defined, forward, and below it the backward pass with its gradients.

Boxes are names of `define`, names without a box are data; the shape of what flows stands at the start of each edge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from matplotlib.figure import Figure as Canvas

from solver.expr.nodes import D, Node, Sym, symbols
from solver.expr.shapes import describe, is_single
from solver.expr.write import write
from solver.typeset import latex
from solver.typeset.figures import style
from solver.typeset.figures.diagram import Diagram, Measure, Spot, measure
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.layers import Layers, layered
from solver.typeset.figures.scene import FigureError, Scene

ROW, PAD, LABEL = 9.5, 1.5, 4.0
"""Millimetres: from row to row, inside a box, for the words above each pass."""
BEND = 4.6
"""The room in which an edge goes from row to row."""
NAME, FORMULA, SHAPE = 9.0, 6.6, 6.4
"""Points."""
SMALLEST = 0.62
"""How far a graph is shrunk at most to fit the page."""
SHRUNK = 0.88
"""How far it is shrunk at most to have formulas in it."""
COLUMNS = 24
"""More do not fit even when shrunk."""
LONGEST = 26.0
"""Millimetres: a longer formula is left to the setting of the problem."""


@dataclass(frozen=True)
class Label:
    """What stands at a node: its name, and its formula below in smaller letters."""

    name: str
    formula: str = ""

    @cached_property
    def width(self) -> float:
        wide = measure(self.name, NAME).width
        return max(wide, self.below.width if self.formula else 0.0)

    @cached_property
    def below(self) -> Measure:
        """The room that the formula takes."""
        return measure(self.formula, FORMULA)

    @property
    def height(self) -> float:
        """How high its box is."""
        return min(ROW - 0.6, 4.6 + self.below.height) if self.formula else 5.8


@dataclass(frozen=True)
class Pass:
    """One way through the graph: labels at the nodes, shapes on the edges, all at places of `layers`."""

    labels: Mapping[str, Label]
    shapes: Mapping[str, str]
    boxed: frozenset[str]
    backward: bool = False


def draw(scene: Scene) -> Drawn:
    inputs = graph(scene)
    layers = layered(inputs)
    if layers.columns > COLUMNS:
        raise too_long(layers)
    passes, widths, gaps = _fitting(scene, inputs, layers)
    above = LABEL if len(passes) > 1 else 0.5
    spans = [_span(each, inputs, layers) for each in passes]
    tall = [(last - first + 1) * ROW + above for first, last in spans]
    height = sum(tall) + 1
    width = sum(widths) + sum(gaps) + 2
    scale = min(1.0, style.WIDEST / width)
    if scale < SMALLEST:
        raise too_long(layers)
    starts = [1 + sum(widths[:k]) + sum(gaps[:k]) for k in range(len(widths))]

    def paint(canvas: Canvas) -> str:
        diagram = Diagram.on(canvas, width, height)
        for number, each in enumerate(passes):
            top = height - sum(tall[:number])
            if len(passes) > 1:
                words = scene.words("backward" if each.backward else "forward")
                diagram.text((1, top - LABEL / 2), words, style.SMALL * scale, style.SOFT, ha="left", style="italic")
            grid = Grid(starts, widths, gaps, top - above + spans[number][0] * ROW)
            _paint(diagram, each, inputs, layers, grid, scale)
        return _said(scene, inputs)

    return sheet(width * scale, height * scale, paint, tight=False)


def too_long(layers: Layers) -> FigureError:
    return FigureError(f"the graph has {layers.columns} columns, too many for the page: end it earlier with `of`")


def graph(scene: Scene) -> dict[str, list[str]]:
    """The names that the end rests on, in the order in which they are first needed, each with its inputs."""
    problem = scene.problem
    found: dict[str, list[str]] = {}

    def visit(name: str) -> None:
        if name in found:
            return
        used = symbols(problem.define[name]) if name in problem.define else frozenset[str]()
        data = [s for s, symbol in problem.symbols.items() if s in used and not symbol.function]
        defined = [d for d in problem.define if d in used]
        found[name] = [*defined, *data]
        for other in found[name]:
            visit(other)

    visit(scene.options["of"])
    return found


# --- what stands where --------------------------------------------------------------------------------------------


def _fitting(
    scene: Scene, inputs: Mapping[str, list[str]], layers: Layers
) -> tuple[list[Pass], list[float], list[float]]:
    """The passes with formulas if they fit the page, else with names alone; the columns' widths and the gaps."""
    for formulas in (True, False):
        passes = _passes(scene, inputs, formulas)
        widths = [
            max(
                _wide(each, name)
                for each in passes
                for name in inputs
                if layers.column[name] == k and name in each.labels
            )
            for k in range(layers.columns)
        ]
        gaps = [
            max([3.5, *(measure(text, SHAPE).width + BEND + 1.2 for text in _leaving(passes, layers, k))])
            for k in range(layers.columns - 1)
        ]
        if (sum(widths) + sum(gaps) + 2) * SHRUNK <= style.WIDEST:
            break
    return passes, widths, gaps


def _wide(each: Pass, name: str) -> float:
    return each.labels[name].width + (2 * PAD if name in each.boxed else 0.6)


def _span(each: Pass, inputs: Mapping[str, list[str]], layers: Layers) -> tuple[float, float]:
    """The first and the last row of a pass."""
    drawn = [
        (source, name) for name, below in inputs.items() for source in below if {source, name} <= each.labels.keys()
    ]
    rows = [layers.row[name] for name in each.labels] + [row for edge in drawn for _, row in layers.bends[edge]]
    return min(rows), max(rows)


def _leaving(passes: list[Pass], layers: Layers, column: int) -> list[str]:
    return [each.shapes[name] for each in passes for name in each.labels if layers.column[name] == column]


def _passes(scene: Scene, inputs: Mapping[str, list[str]], formulas: bool) -> list[Pass]:
    node = {name: _symbol(scene, name) for name in inputs}
    shapes = {name: _shape(scene, each) for name, each in node.items()}
    defined = frozenset(name for name in inputs if inputs[name])
    labels = {}
    for name, each in node.items():
        formula = scene.label(scene.problem.define[name], FORMULA) if formulas and name in scene.problem.define else ""
        # a sum's index beside its sign: one line is all there is
        formula = re.sub(r"\\sum(?![A-Za-z])", r"\\Sigma", formula)
        if formula and (not formula.startswith("$") or measure(formula, FORMULA).width > LONGEST):
            formula = ""
        labels[name] = Label(scene.label(each, NAME), formula)
    forward = Pass(labels, shapes, defined)
    if not scene.options["backward"]:
        return [forward]
    end = node[scene.options["of"]]
    ways = graded(inputs, scene.options["wrt"])
    back = {name: Label(scene.label(D(end, node[name]), NAME)) for name in inputs if name in ways}
    return [forward, Pass(back, shapes, defined & ways, backward=True)]


def graded(inputs: Mapping[str, list[str]], wrt: tuple[str, ...]) -> frozenset[str]:
    """The names that lie on a way from the symbols asked for to the end."""
    kept = set(wrt)
    changed = True
    while changed:
        more = {name for name, below in inputs.items() if name not in kept and kept.intersection(below)}
        kept |= more
        changed = bool(more)
    return frozenset(kept)


def _symbol(scene: Scene, name: str) -> Sym:
    problem = scene.problem
    return Sym(name, problem.define[name].shape if name in problem.define else problem.symbols[name].shape)


def _shape(scene: Scene, node: Node) -> str:
    return "" if is_single(node.shape) else f"${latex.shape_math(node.shape).tex}$"


# --- painting -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """Where columns start, how wide they are, where edges that leave them may bend; and the top of the pass."""

    starts: list[float]
    widths: list[float]
    gaps: list[float]
    top: float

    def middle(self, column: int, row: float) -> Spot:
        return self.starts[column] + self.widths[column] / 2, self.top - (row + 0.5) * ROW

    def leaving(self, column: int) -> float:
        """Past the shapes that stand on the edges."""
        return self.starts[column] + self.widths[column] + (self.gaps[column] if column < len(self.gaps) else 0) - BEND


def _paint(
    diagram: Diagram, each: Pass, inputs: Mapping[str, list[str]], layers: Layers, grid: Grid, scale: float
) -> None:
    colour = style.INK if each.backward else style.BLACK
    for name, label in each.labels.items():
        width = _wide(each, name)
        x, y = grid.middle(layers.column[name], layers.row[name])
        if name in each.boxed:
            diagram.box((x, y), width, label.height, colour=colour, fill=style.PALE if each.backward else "white")
        diagram.text((x, y + (label.height / 2 - 2.3 if label.formula else 0)), label.name, NAME * scale, colour)
        if label.formula:
            low = y - label.height / 2 + label.below.height / 2 + 0.8
            diagram.text((x, low), label.formula, FORMULA * scale, style.SOFT)
        if layers.column[name] + 1 < layers.columns and each.shapes[name]:
            right = x + width / 2 + 0.9
            diagram.text((right, y + 0.35), each.shapes[name], SHAPE * scale, style.SOFT, ha="left", va="bottom")
    for name, below in inputs.items():
        for source in below:
            if name in each.labels and source in each.labels:
                spots = _edge(each, source, name, layers, grid)
                diagram.arrow(spots[::-1] if each.backward else spots, colour=colour, dashed=each.backward)


def _edge(each: Pass, source: str, name: str, layers: Layers, grid: Grid) -> list[Spot]:
    """Level past the shape, then over to the next column; level again through every column on the way."""
    (x, y), (u, v) = (grid.middle(layers.column[end], layers.row[end]) for end in (source, name))
    spots = [(x + _wide(each, source) / 2 + 0.3, y), (grid.leaving(layers.column[source]), y)]
    for column, row in layers.bends[source, name]:
        level = grid.middle(column, row)[1]
        spots += [(grid.starts[column], level), (grid.leaving(column), level)]
    return [*spots, (grid.starts[layers.column[name]] - 1.2, v), (u - _wide(each, name) / 2 - 0.3, v)]


# --- words --------------------------------------------------------------------------------------------------------


def _said(scene: Scene, inputs: Mapping[str, list[str]]) -> str:
    node = {name: _symbol(scene, name) for name in inputs}

    def shape(name: str) -> str:
        return scene.words("scalar") if is_single(node[name].shape) else describe(node[name].shape)

    sentences = [
        scene.words(
            "graph_node", name=name, shape=shape(name), formula=write(scene.problem.define[name]),
            inputs=", ".join(f"{source} ({shape(source)})" if not inputs[source] else source for source in below),
        )
        for name, below in inputs.items()
        if below
    ]  # fmt: skip
    end = scene.options["of"]
    text = scene.words("graph", end=end, nodes=" ".join(sentences))
    if not scene.options["backward"]:
        return text
    ways = graded(inputs, scene.options["wrt"])
    gradient = {name: write(D(node[end], node[name])) for name in inputs}
    steps = [scene.words("graph_start", gradient=gradient[end])]
    for name in inputs:
        if name in ways and name != end:
            sources = ", ".join(gradient[user] for user, below in inputs.items() if name in below and user in ways)
            steps.append(scene.words("graph_gradient", gradient=gradient[name], shape=shape(name), sources=sources))
    return f"{text} {scene.words('graph_backward', gradients='; '.join(steps))}"

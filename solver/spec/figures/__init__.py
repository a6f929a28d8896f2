"""The kinds of figures: for each, the keys it has in a file and how they are read.

A new kind is one module here and its name in the line below, and its drawing in the typesetting room.
"""

from __future__ import annotations

from solver.spec.figures import blocks, field, gradient_check, graph, heatmap, plot
from solver.spec.figures.kind import FIGURES, FigureModel

__all__ = ["FIGURES", "FigureModel", "blocks", "field", "gradient_check", "graph", "heatmap", "plot"]

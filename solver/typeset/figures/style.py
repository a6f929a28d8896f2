"""How figures look: one accent colour and greys, dashes that differ, the page's fonts, sizes in millimetres."""

from __future__ import annotations

from typing import Any

from solver.typeset.figures import fonts

INK, WARM, SOFT, PALE = "#1F3A5F", "#B4532A", "#5B6472", "#EEF2F7"
"""The accent of the page; a second hue only where two kinds of thing must differ; grey; a pale ground."""
BLACK = "#000000"
LINES: tuple[tuple[str, Any], ...] = (
    (INK, "-"), (WARM, (0, (5, 2))), (SOFT, (0, (1, 1.2))), (BLACK, (0, (6, 2, 1, 2))), (INK, (0, (3, 1, 1, 1, 1, 1))),
    (WARM, (0, (8, 3))),
)  # fmt: skip
"""The colour and the dashes of the first curve, the second, …: the dashes alone tell them apart."""
HATCH = "////"
MILLIMETRE = 1 / 25.4
POINT = 25.4 / 72
"""Millimetres in a (big) point."""
WIDEST = 150.0
"""The text's width on the page."""
TEXT, SMALL = 8.5, 7.0
"""The sizes of letters, in points."""


def settings() -> Any:
    """matplotlib's settings for every figure."""
    return {
        **fonts.settings(), "pdf.fonttype": 3, "svg.fonttype": "path", "svg.hashsalt": "worked", "font.size": TEXT,
        "axes.linewidth": 0.6, "lines.linewidth": 1.3, "axes.spines.top": False, "axes.spines.right": False,
        "axes.edgecolor": SOFT, "axes.formatter.use_mathtext": True, "xtick.color": SOFT, "ytick.color": SOFT,
        "xtick.labelcolor": BLACK, "ytick.labelcolor": BLACK, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
        "legend.fontsize": TEXT, "xtick.labelsize": SMALL + 0.5, "ytick.labelsize": SMALL + 0.5, "hatch.linewidth": 0.4,
    }  # fmt: skip


def line(number: int) -> dict[str, Any]:
    """The look of curve `number`, from 0."""
    colour, dashes = LINES[number % len(LINES)]
    return {"color": colour, "linestyle": dashes}

r"""Texts in LaTeX: `$…$`, `$$…$$`, `\[…\]`, `\(…\)`, or an environment `\begin{align}…\end{align}`."""

from __future__ import annotations

import re

_MARKS = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_AFTER = re.compile(r"[\s.,;]*\Z")


def is_latex(text: str) -> bool:
    """Whether the text begins as LaTeX does."""
    return text.lstrip().startswith((*(opening for opening, _ in _MARKS), r"\begin"))


def latex_in(text: str) -> tuple[int, int] | None:
    """Where the formula stands in a text in LaTeX, its marks left out; None where the closing mark is missing."""
    start = len(text) - len(text.lstrip())
    end = _AFTER.search(text).start() if _AFTER.search(text) else len(text)  # type: ignore[union-attr]
    for opening, closing in _MARKS:
        if text.startswith(opening, start):
            inside = start + len(opening), end - len(closing)
            return inside if inside[0] <= inside[1] and text.endswith(closing, 0, end) else None
    return start, len(text)

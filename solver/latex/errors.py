"""What can be wrong with a formula in LaTeX: one exception, which knows the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Span:
    """A stretch of the text: character offsets, `end` not included."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The stretch from the beginning of this one to the end of the other."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class LatexError(Exception):
    """A formula that cannot be read: what is wrong, where, and what to write instead (`hint` may be empty).

    `misfit`: it could be read, but shapes in it cannot be combined.
    """

    misfit = False

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint

    @staticmethod
    def at(span: Span, message: str, hint: str = "") -> LatexError:
        return LatexError(message, span.start, span.end, hint)

    @staticmethod
    def unfit(span: Span, message: str, hint: str = "") -> LatexError:
        """Shapes at this place that cannot be combined."""
        error = LatexError.at(span, message, hint)
        error.misfit = True
        return error

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def nearest(word: str, known: Iterable[str], form: str = "{}") -> str:
    """`did you mean …?` for the known word that is nearest, or nothing."""
    found = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"did you mean {form.format(found[0])}?" if found else ""

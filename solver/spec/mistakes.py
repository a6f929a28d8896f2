"""An author's mistakes: where each stands, what was read there, and what to write instead."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solver.spec.problem import Place

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHOWN = 100
"""How many characters of a line are shown around a mistake."""


@dataclass(frozen=True)
class Mistake:
    """One mistake; `width` is how many characters from `place` on it covers."""

    place: Place
    message: str
    hint: str = ""
    line_text: str = ""
    width: int = 1

    def render(self) -> str:
        """`file:line:column: message`, the line, a caret under the place, and what to write instead."""
        head = f"{visible(self.place.file)}:{self.place.line}:{self.place.column}: {_flat(self.message)}"
        return "\n".join((head, *(f"    {line}" for line in self.shown())))

    def shown(self) -> list[str]:
        """The line, a caret under the place, and what to write instead."""
        lines: list[str] = []
        if self.line_text:
            shown, start = _clip(self.line_text, self.place.column - 1)
            before = "".join("\t" if char == "\t" else " " * _cells(char) for char in shown[:start])
            under = sum(_cells(char) for char in shown[start : start + self.width])
            lines += [shown, f"{before}{'^' * max(under, 1)}"]
        if self.hint:
            lines.append(_flat(self.hint))
        return lines

    @property
    def order(self) -> tuple[str, int, int, str]:
        return (self.place.file, self.place.line, self.place.column, self.message)


class Mistakes(Exception):
    """All the mistakes of what was read, by place."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(sorted(dict.fromkeys(mistakes), key=lambda each: each.order))
        super().__init__("\n".join(mistake.render() for mistake in self.mistakes))


def visible(text: str) -> str:
    """The text with every character that a terminal would obey, or would not show, replaced by `�`."""
    return "".join("\N{REPLACEMENT CHARACTER}" if is_hidden(char) and char != "\t" else char for char in text)


def is_hidden(char: str) -> bool:
    """Whether the character controls rather than shows: Unicode's Cc, Cf, Cs, Zl and Zp."""
    return (
        (char >= "\x7f" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"})
        or char < " "
        or char == "\x7f"
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that the author most likely meant, or None where none is near."""
    names = sorted(set(known))
    lowered = {each.lower(): each for each in names}
    if name.lower() in lowered:
        return lowered[name.lower()]
    found = difflib.get_close_matches(name[:100], names, n=1, cutoff=0.6)
    return found[0] if found else None


def instead(name: str, known: Sequence[str]) -> str:
    """`write X instead` where a known name is near, else the list of what is known."""
    near = nearest(name, known)
    if near is not None:
        return f"write `{near}` instead"
    return f"known: {', '.join(known)}" if known else ""


def _flat(text: str) -> str:
    return visible(text.replace("\n", " "))


def _clip(line: str, column: int) -> tuple[str, int]:
    """The line, or the stretch of a long one around `column`, without control characters; and the column in it."""
    first = max(0, min(column - _SHOWN // 2, len(line) - _SHOWN))
    shown = visible(line[first : first + _SHOWN])
    start = column - first
    if first:
        shown, start = "…" + shown, start + 1
    if first + _SHOWN < len(line):
        shown += "…"
    return shown, start


def _cells(char: str) -> int:
    """How many cells of a terminal the character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1

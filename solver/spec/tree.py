"""The tree of a YAML file: texts, lists and mappings in which everything knows its place.

Every scalar stays the text that was written: `no`, `y`, `1e-3` and backslashes mean themselves until a field says
what it wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from solver.spec.mistakes import Mistake
from solver.spec.problem import Place
from solver.spec.source import Source
from solver.spec.where import offsets


@dataclass(frozen=True, eq=False)
class Scalar:
    """A text of the file; `style` is None for a plain one, else `'`, `"`, `|` or `>`."""

    text: str
    style: str | None
    source: Source
    start: int
    end: int

    @cached_property
    def where(self) -> tuple[int, ...]:
        """For each character of `text`, and its end, its index in the file."""
        inside = offsets(self.source.text[self.start : self.end], self.style, self.text)
        return tuple(self.start + index for index in inside)

    @property
    def place(self) -> Place:
        return self.source.place(self.where[0] if self.text else self.start)

    def mistake(self, message: str, hint: str = "", start: int = 0, end: int | None = None) -> Mistake:
        """A mistake over `text[start:end]`."""
        last = len(self.text)
        start = min(max(start, 0), last)
        end = last if end is None else min(max(end, start + 1), last)
        first = self.where[start]
        after = self.where[end - 1] + 1 if end > start else first + 1
        return self.source.mistake(first, after, message, hint)


class Key(str):
    """A key of a mapping, with its scalar."""

    scalar: Scalar

    @staticmethod
    def of(scalar: Scalar) -> Key:
        key = Key(scalar.text)
        key.scalar = scalar
        return key


class _Placed:
    source: Source
    start: int
    end: int
    broken: set[str]
    """Keys, or an item's number, in whose values a mistake was found; they may have been taken out."""

    def mistake(self, message: str, hint: str = "") -> Mistake:
        """A mistake over the value."""
        return self.source.mistake(self.start, self.end, message, hint)


def mistaken(value: object) -> bool:
    """Whether a mistake was found anywhere in the value, or in what was taken out of it."""
    if isinstance(value, Items | Fields):
        inside = value.values() if isinstance(value, Fields) else value
        return bool(value.broken) or any(mistaken(each) for each in inside)
    return False


class Items(list[Any], _Placed):
    """A list of the file."""


class Fields(dict[Key, Any], _Placed):
    """A mapping of the file."""

    def key(self, name: str) -> Key:
        """The key of that name, with its place."""
        return next(key for key in self if key == name)


Value = Scalar | Items | Fields
_Container = TypeVar("_Container", Items, Fields)


def placed(value: _Container, source: Source, start: int, end: int) -> _Container:
    """The container, told its place."""
    value.source, value.start, value.end = source, start, end
    value.broken = set()
    return value

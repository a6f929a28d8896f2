"""What is in scope while a formula is evaluated: indices with their values, and derivatives in play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Outside(Exception):
    """An index beyond the end of what it picks from."""


class Level(NamedTuple):
    """A nilpotent direction: its number, and the name it varies (`DIFFERENTIAL`: all variables of the question)."""

    number: int
    target: str


@dataclass(frozen=True)
class Indices:
    """Values of indices: `local` those in scope, `outer` the assignment of the whole line, which definitions see."""

    local: Mapping[str, int]
    outer: Mapping[str, int]

    def binding(self, name: str, value: int) -> Indices:
        return Indices({**self.local, name: value}, self.outer)


NO_LEVELS: tuple[Level, ...] = ()

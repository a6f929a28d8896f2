"""What the judge says: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from solver.expr.derivation import Fact, Step
from solver.expr.nodes import Node

Verdict = Literal["verified", "wrong", "undecided", "error"]
Value = str | tuple[tuple[str, ...], ...]
"""Decimals: one for a scalar, rows of them for a matrix."""


@dataclass(frozen=True)
class Counterexample:
    """A point at which two sides differ.

    `entry` is the row and column where they differ most, or None for scalars; a side that has no value there is
    `undefined`.
    """

    sizes: Mapping[str, int]
    indices: Mapping[str, int]
    values: Mapping[str, Value]
    lhs: Value
    rhs: Value
    entry: tuple[int, int] | None = None
    difference: str = ""
    """Left less right, in that entry; empty where the right side has no value."""

    def __str__(self) -> str:
        where = [f"{name} = {number}" for name, number in (*self.sizes.items(), *self.indices.items())]
        where += [f"{name} = {_written(value)}" for name, value in self.values.items()]
        lhs, rhs = _picked(self.lhs, self.entry), _picked(self.rhs, self.entry)
        entry = f" in entry {self.entry[0]}, {self.entry[1]}" if self.entry else ""
        apart = f"; they differ by {self.difference}" if lhs == rhs else ""
        return f"at {', '.join(where)}: the left side is {lhs}, the right side {rhs}{entry}{apart}"


@dataclass(frozen=True)
class Comparison:
    """Whether two expressions are equal; `missing` are the facts without which they are not, `misfit` says that they
    cannot be by their shapes."""

    verdict: Verdict
    message: str = ""
    counterexample: Counterexample | None = None
    points: int = 0
    missing: tuple[Fact, ...] = ()
    misfit: bool = False


@dataclass(frozen=True)
class LineVerdict:
    """The verdict on one line. `depth` is 0 for a line as printed, more for the steps that explain it.

    `facts` are those the line may use: its own, and those of an earlier result that it puts in.
    """

    step: Step
    verdict: Verdict
    message: str = ""
    counterexample: Counterexample | None = None
    points: int = 0
    missing: tuple[Fact, ...] = ()
    given: tuple[Node, ...] = ()
    facts: tuple[Fact, ...] = ()
    depth: int = 0
    misfit: bool = False

    @property
    def word(self) -> str:
        """The verdict as reports say it."""
        return "does not fit" if self.misfit else self.verdict


@dataclass(frozen=True)
class Judgement:
    """The judge's word on a derivation: its lines, its chain (`replay_errors`), its result and its answer.

    `result` compares the question with the derivation's result, `answer` the result with the answer that was asked
    for. `unused_traits` are declared and neither cited nor needed for the question to have a value.
    """

    verdict: Verdict
    lines: tuple[LineVerdict, ...]
    replay_errors: tuple[str, ...] = ()
    result: Comparison = field(default_factory=lambda: Comparison("verified"))
    answer: Comparison | None = None
    points: int = 0
    seconds: float = 0.0
    seed: int = 0
    traits_used: tuple[Fact, ...] = ()
    unused_traits: tuple[Fact, ...] = ()

    @property
    def first_wrong(self) -> LineVerdict | None:
        """The first line that is not verified: the headline."""
        return next((line for line in self.lines if line.verdict != "verified"), None)

    @property
    def message(self) -> str:
        """What is wrong, in one sentence; empty for a verified derivation."""
        if self.verdict == "verified":
            return ""
        if self.first_wrong is not None:
            return self.first_wrong.message
        if self.replay_errors:
            return self.replay_errors[0]
        for comparison in (self.result, self.answer):
            if comparison is not None and comparison.verdict != "verified":
                return comparison.message
        return ""


SEVERITY: tuple[Verdict, ...] = ("verified", "undecided", "wrong", "error")


def worst(verdicts: list[Verdict]) -> Verdict:
    """The gravest of the verdicts; verified when there is none."""
    return max(verdicts, key=SEVERITY.index, default="verified")


def _written(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "[" + "; ".join(" ".join(row) for row in value) + "]"


def _picked(value: Value, entry: tuple[int, int] | None) -> str:
    if isinstance(value, str) or entry is None:
        return _written(value)
    return value[entry[0] - 1][entry[1] - 1]

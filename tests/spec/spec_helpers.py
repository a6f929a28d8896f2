"""Problem files written for a test, and what the reader says of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from solver.spec.load import load_problem
from solver.spec.mistakes import Mistake, Mistakes
from solver.spec.parse import parse
from solver.spec.problem import Problem
from solver.spec.source import Source
from solver.spec.tree import Fields, Items, Scalar, Value

SETTING = """\
notation: {vectors: row}
symbols:
  x: {shape: [D]}
  y: {shape: [D], is: one-hot}
  A: {shape: [D, D]}
  B: {shape: [D, H]}
  c: {is: constant}
  n: {is: integer}
  f: {function: elementwise}
define:
  p: softmax(x)
  L: -sum(y * log(p))
"""
"""Lines 1 to 12 of many files below."""


def written(folder: Path, text: str, name: str = "problem.yaml") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> Problem:
    return load_problem(written(folder, text))


def mistakes(folder: Path, text: str) -> tuple[Mistake, ...]:
    """The mistakes of the file; it must have some."""
    try:
        load_problem(written(folder, text))
    except Mistakes as found:
        return found.mistakes
    raise AssertionError("the file was read without a mistake")


def part(*lines: str) -> str:
    """SETTING with one part of these lines, the first of them on line 14."""
    return SETTING + "parts:\n  - " + "\n    ".join(lines) + "\n"


def tree(text: str) -> tuple[object, list[Mistake]]:
    """The plain values of a YAML text, and the mistakes that were stepped over."""
    fields, stepped_over = parse(Source("f.yaml", text))
    return plain(fields), stepped_over


def plain(value: Value) -> object:
    match value:
        case Scalar():
            return value.text
        case Items():
            return [plain(item) for item in value]
        case Fields():
            return {str(key): plain(item) for key, item in value.items()}


def spots(found: tuple[Mistake, ...] | list[Mistake]) -> list[tuple[int, int]]:
    return [(each.place.line, each.place.column) for each in found]

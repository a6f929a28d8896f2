"""Nodes of a graph in columns, so that every edge goes to the right and few cross.

Long edges pass through a place of their own in each column between. The order in a column settles by medians of
neighbours, over a fixed number of sweeps, so that the same graph is always drawn the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 6


@dataclass(frozen=True)
class Layers:
    """For each node its column and its row (rows may be halves); for each long edge the places that it passes."""

    column: Mapping[str, int]
    row: Mapping[str, float]
    bends: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]

    @property
    def columns(self) -> int:
        return max(self.column.values()) + 1


def layered(inputs: Mapping[str, Sequence[str]]) -> Layers:
    """The places of nodes that each rest on their inputs; nodes without inputs stand just before their first use."""
    depth = {name: _depth(name, inputs, {}) for name in inputs}
    uses = {name: [other for other, below in inputs.items() if name in below] for name in inputs}
    column = {n: (min(depth[u] for u in uses[n]) - 1 if not inputs[n] and uses[n] else depth[n]) for n in inputs}
    first = min(column.values())
    column = {name: place - first for name, place in column.items()}
    levels: list[list[str]] = [[] for _ in range(max(column.values()) + 1)]
    below: dict[str, list[str]] = {}
    for name in inputs:
        levels[column[name]].append(name)
    chains: dict[tuple[str, str], list[str]] = {}
    for name, sources in inputs.items():
        for source in sources:
            passed = [f"{source}→{name}@{k}" for k in range(column[source] + 1, column[name])]
            for k, stop in enumerate(passed, column[source] + 1):
                levels[k].append(stop)
            chain = [source, *passed, name]
            chains[source, name] = passed
            for one, other in pairwise(chain):
                below.setdefault(other, []).append(one)
    data = {name for name in inputs if not inputs[name]}
    data |= {stop for (source, _), passed in chains.items() if source in data for stop in passed}
    rows = _settled(_ordered(levels, below), below, frozenset(data))
    stops = {stop: k for k, level in enumerate(levels) for stop in level}
    bends = {edge: tuple((stops[stop], rows[stop]) for stop in passed) for edge, passed in chains.items()}
    return Layers(column, {name: rows[name] for name in inputs}, bends)


def _depth(name: str, inputs: Mapping[str, Sequence[str]], known: dict[str, int]) -> int:
    if name not in known:
        known[name] = 1 + max((_depth(source, inputs, known) for source in inputs[name]), default=-1)
    return known[name]


def _ordered(levels: list[list[str]], below: Mapping[str, Sequence[str]]) -> list[list[str]]:
    above: dict[str, list[str]] = {}
    for node, sources in below.items():
        for source in sources:
            above.setdefault(source, []).append(node)
    levels = [list(level) for level in levels]
    best, fewest = [list(level) for level in levels], _crossings(levels, below)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for k in range(1, len(levels)) if forward else range(len(levels) - 2, -1, -1):
            beside = levels[k - 1 if forward else k + 1]
            place = {node: row for row, node in enumerate(beside)}
            near = below if forward else above
            weight = {
                node: _middle([place[other] for other in near.get(node, ()) if other in place], row)
                for row, node in enumerate(levels[k])
            }
            levels[k].sort(key=weight.__getitem__)
        count = _crossings(levels, below)
        if count < fewest:
            best, fewest = [list(level) for level in levels], count
    return best


def _middle(places: list[int], own: float) -> float:
    return sum(places) / len(places) if places else own


def _crossings(levels: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    total = 0
    for left, right in pairwise(levels):
        place = {node: row for row, node in enumerate(left)}
        ends = [
            (place[source], row) for row, node in enumerate(right) for source in below.get(node, ()) if source in place
        ]
        total += sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(ends) for c, d in ends[k + 1 :])
    return total


def _settled(
    levels: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]], data: frozenset[str]
) -> dict[str, float]:
    """Rows from the top, 0: each node level with what it is computed from, where the order leaves room.

    Data has the last word: so a chain of definitions runs straight, with its data below.
    """
    rows: dict[str, float] = {}
    for level in levels:
        wanted: list[float | None] = []
        for node in level:
            sources = below.get(node, ())
            computed = [rows[source] for source in sources if source not in data]
            wanted.append(_middle_of(computed or [rows[source] for source in sources][:1]))
        rows |= dict(zip(level, _apart(wanted), strict=True))
    top = min(rows.values())
    return {node: row - top for node, row in rows.items()}


def _middle_of(rows: list[float]) -> float | None:
    """The inputs' middle one: a straight edge rather than none that is."""
    return sorted(rows)[(len(rows) - 1) // 2] if rows else None


def _apart(wanted: Sequence[float | None]) -> list[float]:
    """Rows at least 1 apart in this order, those with a wish at it where possible; the others beside them."""
    anchors = [k for k, wish in enumerate(wanted) if wish is not None]
    if not anchors:
        return [float(k) for k in range(len(wanted))]
    middle = anchors[(len(anchors) - 1) // 2]
    rows = [0.0] * len(wanted)
    rows[middle] = wanted[middle] or 0.0
    for k in range(middle + 1, len(wanted)):
        wish = wanted[k]
        rows[k] = rows[k - 1] + 1 if wish is None else max(rows[k - 1] + 1, wish)
    for k in range(middle - 1, -1, -1):
        wish = wanted[k]
        rows[k] = rows[k + 1] - 1 if wish is None else min(rows[k + 1] - 1, wish)
    return rows

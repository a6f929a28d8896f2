"""How sure the judge is: every line of every derivation, changed by each known mistake, must be found wrong.

    python tools/mutants.py [PATH…] [--limit N]

A mutant that the judge lets pass is looked at by a second means: both right sides are evaluated by NumPy in float64 at
random points, derivatives by finite differences. Where they agree the mutant is equivalent (`2*a` for `a + a`); where
they differ it is a survivor, printed with what replays it. Exit status 1 when there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from solver.check.judge import equal
from solver.check.mutations import mutations
from solver.expr.derivation import Cases, Chain, Derivation, Step
from solver.expr.nodes import Apply, Dif, Node, Sym, free_indices, substitute, walk
from solver.expr.numeric import NumericError, Point, evaluate
from solver.expr.write import write
from solver.methods import CannotDerive, derive, routes_for
from solver.methods.task import Established
from solver.spec.load import find
from solver.spec.problem import Part, Problem


def derivations(paths: list[Path]) -> Iterator[tuple[Problem, Part, Derivation]]:
    """Every derivation of every part, by every route that is asked for."""
    for sheet in find(paths):
        for problem in sheet.readable:
            earlier: list[Established] = []
            for part in problem.parts:
                made = []
                for route in routes_for(problem, part)[: None if part.by else 1]:
                    try:
                        made.append(derive(problem, part, route, earlier))
                    except CannotDerive as refusal:
                        print(f"not derived: {problem.file}: {part.id}: {refusal}")
                yield from ((problem, part, derivation) for derivation in made)
                if made and made[0].blocks:
                    earlier += Established.of(part.id, made[0], problem.define)


def lines(derivation: Derivation) -> Iterator[tuple[Chain, Step]]:
    """Every line, and every step that explains one."""

    def inside(chain: Chain, steps: tuple[Step, ...]) -> Iterator[tuple[Chain, Step]]:
        for step in steps:
            yield chain, step
            yield from inside(chain, step.children)

    for block in derivation.blocks:
        for chain in block.chains if isinstance(block, Cases) else (block,):
            yield from inside(chain, chain.steps)


def same_numbers(problem: Problem, derivation: Derivation, left: Node, right: Node, given: tuple[Node, ...]) -> bool:
    """Whether two formulas have the same float64 values at random points: the second opinion."""
    define = dict(problem.define) | {d.name.name: d.value for d in derivation.definitions}  # type: ignore[attr-defined]
    define |= {
        c.name.name: c.result
        for b in derivation.blocks
        if isinstance(b, Chain)
        for c in (b,)
        if isinstance(c.name, Sym)
    }
    sides = (left, right)
    shaped = {s.name: s.shape for s in problem.symbols.values() if not s.function}
    names = {n for shape in shaped.values() for size in shape for n in size.names}
    names |= {n for size in problem.indices.values() for n in size.names}
    for round_ in range(3):
        rng = np.random.default_rng(round_)
        sizes = {name: 3 + k for k, name in enumerate(sorted(names))}
        values = {n: rng.uniform(0.2, 1.2, tuple(s.at(sizes) for s in shape)) for n, shape in shaped.items()}
        point = Point(values, sizes, define, {}, True)
        varying: dict[str, np.ndarray] = {}
        for variable in derivation.variables:
            if isinstance(variable, Sym):
                point = point.holding(variable.name, evaluate(variable, point))
                varying[variable.name] = rng.normal(size=point.values[variable.name].shape)
        free = sorted(free_indices(sides[0]) | free_indices(sides[1]), key=lambda i: i.name)
        chooser = random.Random(round_)
        for _ in range(3 if free else 1):
            here = point.at(**{i.name: chooser.randint(1, i.range.at(sizes)) for i in free})
            if not all(bool(evaluate(condition, here)) for condition in given):
                continue
            a, b = (evaluate(*_undifferentiated(side, here, varying)) for side in sides)
            if not np.allclose(a, b, rtol=1e-5, atol=1e-7, equal_nan=True):
                return False
    return True


def _undifferentiated(node: Node, point: Point, varying: dict[str, np.ndarray]) -> tuple[Node, Point]:
    """The formula with each `d(…)` replaced by a symbol whose value is the central difference along the direction."""
    step = 1e-6
    count = 0
    while inner := [p for p in walk(node) if isinstance(p, Dif) and not any(isinstance(q, Dif) for q in walk(p.arg))]:
        ends = []
        for sign in (1, -1):
            moved = point
            for name, direction in varying.items():
                moved = moved.holding(name, point.values[name] + sign * step * direction)
            ends.append(evaluate(inner[0].arg, moved))
        symbol = Sym(f"d_{count}", inner[0].shape)
        count += 1
        point = point.holding(symbol.name, (ends[0] - ends[1]) / (2 * step))
        node = substitute(node, {inner[0]: symbol})
    return node, point


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("problems")])
    parser.add_argument("--limit", type=int, default=60, help="mutants of one line at most, drawn evenly")
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    by_kind: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    for problem, part, derivation in derivations(options.paths):
        done: set[tuple[Node, Node]] = set()
        for chain, step in lines(derivation):
            if (step.lhs, step.rhs) in done:
                continue
            done.add((step.lhs, step.rhs))
            tally["lines"] += 1
            found = list(mutations(step.rhs))
            for mutation in found[:: max(1, len(found) // options.limit)]:
                tally["mutants"] += 1
                verdict = equal(
                    problem, step.lhs, mutation.node, part=part, given=chain.given, facts=step.facts,
                    derivation=derivation, points=2,
                ).verdict  # fmt: skip
                if verdict != "verified":
                    outcome = "killed"
                elif any(isinstance(p, Apply) for p in walk(mutation.node)):
                    outcome = "not told apart"
                else:
                    try:
                        same = same_numbers(problem, derivation, step.rhs, mutation.node, chain.given)
                        outcome = "equivalent" if same else "surviving"
                    except NumericError:
                        outcome = "not told apart"
                tally[outcome] += 1
                by_kind[mutation.kind, outcome] += 1
                if outcome in ("surviving", "not told apart"):
                    print(f"{outcome}: {problem.file}: part {part.id}, route {derivation.route} ({mutation.kind})")
                    print(f"    {write(step.lhs)}\n  = {write(step.rhs)}\n  ? {write(mutation.node)}")
    for kind in sorted({kind for kind, _ in by_kind}):
        told = ", ".join(f"{by_kind[kind, o]} {o}" for o in ("killed", "equivalent", "surviving", "not told apart")
                         if by_kind[kind, o])  # fmt: skip
        print(f"{kind}: {told}")
    print(
        ", ".join(
            f"{tally[o]} {o}" for o in ("lines", "mutants", "killed", "equivalent", "surviving", "not told apart")
        )
    )
    seconds = time.monotonic() - begun
    print(f"{seconds:.0f} s, {1000 * seconds / max(1, tally['mutants']):.1f} ms a mutant")
    return 1 if tally["surviving"] else 0


if __name__ == "__main__":
    sys.exit(main())

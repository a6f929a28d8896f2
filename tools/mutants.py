"""How sure the judge is: every line of every derivation, changed by each known mistake, must be found wrong.

    python tools/mutants.py [PATH…] [--limit N] [--replay TEXT]

A mutant that the judge lets pass goes to a second means, NumPy in float64 with finite differences at points of its own
(`tools/second_opinion.py`). Where it finds both right sides equal the mutant is equivalent (`2*a` for `a + a`); where
it finds them different the mutant is a survivor, printed with what replays it. Exit status 1 when there is one, or
one of which the second means cannot speak.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derived import court_of, derivations, lines
from second_opinion import NoOpinion, agree

from solver.check.mutations import Mutation, mutations
from solver.check.verdicts import LineVerdict
from solver.expr.derivation import Derivation, Step
from solver.expr.write import write
from solver.spec.problem import Part, Problem

OUTCOMES = ("killed", "undecided", "error", "equivalent", "surviving", "no opinion")
BAD = ("surviving", "no opinion")


@dataclass(frozen=True)
class Mutant:
    """A line with one mistake in its right side, and where it comes from."""

    problem: Problem
    part: Part
    derivation: Derivation
    line: LineVerdict
    mutation: Mutation

    @property
    def step(self) -> Step:
        return self.line.step

    @property
    def key(self) -> str:
        """Names the mutant: the same for the same change of the same line."""
        text = "|".join(
            (str(self.problem.file), self.part.id, self.derivation.route, write(self.step.lhs), write(self.step.rhs),
             write(self.mutation.node))
        )  # fmt: skip
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def mutants(paths: Sequence[Path], limit: int) -> Iterator[list[Mutant]]:
    """The mutants of each line: all, or `limit` of them spread evenly over all kinds."""
    for problem, part, derivation in derivations(paths):
        for line in lines(problem, part, derivation):
            found = list(mutations(line.step.rhs))
            kept = found[:: max(1, -(-len(found) // limit))] if limit else found
            yield [Mutant(problem, part, derivation, line, mutation) for mutation in kept]


def outcomes(line: Sequence[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """What becomes of the mutants of one line, all judged at the same points, as the judge would draw them."""
    if not line:
        return
    first = line[0]
    problem, derivation, step = first.problem, first.derivation, first.step
    given, facts = first.line.given, first.line.facts
    court = court_of(problem, first.part, derivation, [first.line])
    assert court.compare(step.lhs, step.rhs, given, facts).verdict == "verified"
    for mutant in line:
        wrong = mutant.mutation.node
        found = court.compare(step.lhs, wrong, given, facts, why=False).verdict
        match found:
            case "verified":
                try:
                    same = agree(problem, derivation, step.rhs, wrong, given, facts)
                    yield mutant, "equivalent" if same else "surviving"
                except NoOpinion:
                    yield mutant, "no opinion"
            case "wrong":
                yield mutant, "killed"
            case _:
                yield mutant, found


def report(mutant: Mutant, outcome: str) -> str:
    """The mutant as text, with the command that runs it alone."""
    return "\n".join(
        (
            f"{outcome}: {mutant.problem.file}: part {mutant.part.id}, route {mutant.derivation.route} "
            f"({mutant.mutation.kind})",
            f"    {write(mutant.step.lhs)}",
            f"  = {write(mutant.step.rhs)}",
            f"  ? {write(mutant.mutation.node)}",
            f"  replay: .venv/bin/python tools/mutants.py {mutant.problem.file} --replay {mutant.key}",
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("problems")])
    parser.add_argument("--limit", type=int, default=0, help="mutants of one line at most, spread evenly; 0: all")
    parser.add_argument("--replay", default="", help="only the mutant of this name, and what becomes of it")
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    by_kind: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    number = 0
    for line in mutants(options.paths, 0 if options.replay else options.limit):
        if options.replay:
            line = [mutant for mutant in line if mutant.key.startswith(options.replay)]
        number += 1
        for mutant, outcome in outcomes(line):
            tally[outcome] += 1
            by_kind[mutant.mutation.kind, outcome] += 1
            if outcome in BAD or options.replay:
                print(report(mutant, outcome), flush=True)
    for kind in sorted({kind for kind, _ in by_kind}):
        print(f"{kind}: " + ", ".join(f"{by_kind[kind, each]} {each}" for each in OUTCOMES if by_kind[kind, each]))
    seconds, total = time.monotonic() - begun, sum(tally.values())
    print(f"{number} lines, {total} mutants: " + ", ".join(f"{tally[each]} {each}" for each in OUTCOMES))
    print(f"{seconds:.0f} s, {1000 * seconds / max(1, total):.1f} ms a mutant")
    return 1 if any(tally[each] for each in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())

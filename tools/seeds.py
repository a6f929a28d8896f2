"""Verdicts do not depend on the seed: every derivation of a sheet judged from many seeds, and the same said each time.

    python tools/seeds.py [SHEET] [--seeds N] [--first K]

Each part is derived once. With every seed all lines, the chain, the result and the answer are judged, and with every
seed one wrong copy of each line, which has to be found wrong. What differs from the first seed is printed with its
seed; exit status 1 where something does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derived import court_of, derivations, lines

from solver.check.judge import judge
from solver.check.mutations import mutations
from solver.check.verdicts import LineVerdict, Verdict
from solver.expr.derivation import Derivation
from solver.expr.nodes import Node
from solver.expr.write import write
from solver.spec.problem import Part, Problem

Said = dict[str, Verdict]
"""What the judge says of each thing it was asked, by a name for it."""


@dataclass(frozen=True)
class Case:
    """A derivation, and for each of its lines one that is wrong in the same place."""

    problem: Problem
    part: Part
    derivation: Derivation
    wrong: tuple[tuple[LineVerdict, Node], ...]

    @property
    def name(self) -> str:
        return f"{self.problem.file}: part {self.part.id}, route {self.derivation.route}"


def cases(paths: Sequence[Path]) -> Iterator[Case]:
    """Every derivation, with the first mistake in each line that the judge finds wrong from its usual seed."""
    for problem, part, derivation in derivations(paths):
        found = []
        for line in lines(problem, part, derivation):
            court = court_of(problem, part, derivation, [line])
            for mutation in mutations(line.step.rhs):
                if court.compare(line.step.lhs, mutation.node, line.given, line.facts, why=False).verdict == "wrong":
                    found.append((line, mutation.node))
                    break
        yield Case(problem, part, derivation, tuple(found))


def said(case: Case, seed: int) -> Said:
    """The verdicts from one seed: on each line, on the whole, and on each wrong line."""
    judgement = judge(case.problem, case.part, case.derivation, seed=seed)
    found: Said = {
        f"line {number}: {write(line.step.lhs)} = {write(line.step.rhs)}": line.verdict
        for number, line in enumerate(judgement.lines, 1)
    }
    found["the derivation"] = judgement.verdict
    found["the result"] = judgement.result.verdict
    if judgement.answer is not None:
        found["the answer"] = judgement.answer.verdict
    court = court_of(case.problem, case.part, case.derivation, [line for line, _ in case.wrong], seed)
    for line, wrong in case.wrong:
        verdict = court.compare(line.step.lhs, wrong, line.given, line.facts, why=False).verdict
        found[f"wrong line: {write(line.step.lhs)} = {write(wrong)}"] = verdict
    return found


def differing(case: Case, seeds: Sequence[int], tally: Counter[str]) -> Iterator[str]:
    """What is said otherwise from a later seed than from the first; the verdicts are counted."""
    first: Said | None = None
    for seed in seeds:
        now = said(case, seed)
        tally.update(now.values())
        first = first or now
        for what, verdict in now.items():
            if verdict != first[what]:
                yield f"{case.name}\n    {what}\n    seed {seeds[0]}: {first[what]}, seed {seed}: {verdict}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("problems/softmax")])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    begun = time.monotonic()
    tally: Counter[str] = Counter()
    found = list(cases(options.paths))
    different = 0
    for case in found:
        for message in differing(case, range(options.first, options.first + options.seeds), tally):
            different += 1
            print(message, flush=True)
    print(
        f"{len(found)} derivations, {options.seeds} seeds, {sum(tally.values())} verdicts ("
        + ", ".join(f"{count} {verdict}" for verdict, count in sorted(tally.items()))
        + f"), {different} different, {time.monotonic() - begun:.0f} s"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

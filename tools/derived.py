"""What the measurements of the judge go over: every derivation of the sheets, and every line of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from solver.check.court import Court
from solver.check.judge import POINTS, judge
from solver.check.verdicts import LineVerdict
from solver.expr.derivation import Derivation
from solver.methods import CannotDerive, derive, routes_for
from solver.methods.task import Established
from solver.spec.load import find
from solver.spec.problem import Part, Problem


def derivations(paths: Sequence[Path]) -> Iterator[tuple[Problem, Part, Derivation]]:
    """Every derivation of every part, by every route that is asked for."""
    for sheet in find(paths):
        for mistake in sheet.mistakes:
            print(f"unreadable: {mistake.place.file}:{mistake.place.line}: {mistake.message}")
        for problem in sheet.readable:
            earlier: list[Established] = []
            for part in problem.parts:
                made = []
                for route in routes_for(problem, part)[: None if part.by else 1]:
                    try:
                        made.append(derive(problem, part, route, earlier))
                    except CannotDerive as refusal:
                        print(f"not derived: {problem.file}: part {part.id}: {refusal}")
                yield from ((problem, part, derivation) for derivation in made)
                if made and made[0].blocks:
                    earlier += Established.of(part.id, made[0], problem.define)


def lines(problem: Problem, part: Part, derivation: Derivation) -> Iterator[LineVerdict]:
    """Every line, and every step that explains one, as the judge sees it, with the facts it may use: each once."""
    seen: set[tuple[object, ...]] = set()
    for line in judge(problem, part, derivation).lines:
        key = (line.step.lhs, line.step.rhs, line.given)
        if line.verdict != "verified":
            print(f"not verified: {problem.file}: part {part.id}: {line.message}")
        elif key not in seen:
            seen.add(key)
            yield line


def court_of(
    problem: Problem, part: Part, derivation: Derivation, lines: Sequence[LineVerdict], seed: int = 0
) -> Court:
    """The judge's points for some lines, drawn as they are for the whole derivation."""
    formulas = [node for line in lines for node in (line.step.lhs, line.step.rhs, *line.given)]
    return Court.over(
        problem, part, (derivation.question, *formulas), derivation=derivation, seed=seed, points=POINTS, limit=None
    )

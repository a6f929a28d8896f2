"""What a wrong line got wrong: the known mistake that explains it, found by undoing each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from solver.check.judge import equal
from solver.check.mutations import mutations
from solver.check.replay import chains
from solver.check.verdicts import Judgement, LineVerdict
from solver.expr.derivation import Derivation, Step
from solver.expr.nodes import Node
from solver.expr.write import write
from solver.spec.problem import Part, Problem

RECOVERED = "equal again to what the chain began with, after a line that is not"
TRIES = 160
"""How many one-slip changes of a line are tried before its mistake counts as unknown."""


def explain(
    problem: Problem, part: Part | None, derivation: Derivation, judgement: Judgement, numbers: Sequence[int] = ()
) -> Judgement:
    """The judgement, each wrong line's message led by the name of its mistake where one change makes it right.

    A line that is equal again to what its chain began with, after a wrong one, is right. `numbers` are those of the
    lines in messages; left out, they are counted.
    """
    lines = _recovered(problem, part, derivation, judgement.lines)
    lines = tuple(_explained(problem, part, derivation, line) for line in lines)
    ends = _only_the_end_is_right(derivation, judgement, lines, numbers)
    errors = (*judgement.replay_errors, *([ends] if ends else []))
    return replace(judgement, lines=lines, replay_errors=errors)


def _recovered(
    problem: Problem, part: Part | None, derivation: Derivation, lines: tuple[LineVerdict, ...]
) -> tuple[LineVerdict, ...]:
    """The lines, those that come back to the truth after a wrong one verified: one slip is one report."""
    starts = {id(step): chain.start for chain in chains(derivation) for step in chain.steps}
    slipped: set[Node] = set()
    found = []
    for line in lines:
        start = starts.get(id(line.step))
        if start is not None and line.verdict == "wrong" and not line.missing:
            back = start in slipped and equal(
                problem, start, line.step.rhs, part=part, given=line.given, facts=line.facts, derivation=derivation
            ).verdict == "verified"  # fmt: skip
            if back:
                line = replace(line, verdict="verified", message=RECOVERED, counterexample=None, misfit=False)
            slipped.add(start)
        found.append(line)
    return tuple(found)


def _explained(problem: Problem, part: Part | None, derivation: Derivation, line: LineVerdict) -> LineVerdict:
    if line.verdict != "wrong" or line.missing:
        return line
    found = mistake(problem, part, derivation, line.step, line.given)
    if found is None:
        return line
    kind, right = found
    return replace(line, message=f"{kind}: `{write(right)}` would be right here. {line.message}")


def mistake(
    problem: Problem, part: Part | None, derivation: Derivation, step: Step, given: Iterable[Node] = ()
) -> tuple[str, Node] | None:
    """The slip that explains a wrong line, and the right side without it; None where no single slip does."""
    for number, candidate in enumerate(mutations(step.rhs)):
        if number >= TRIES:
            return None
        found = equal(
            problem, step.lhs, candidate.node, part=part, given=tuple(given), facts=step.facts, derivation=derivation,
            points=2,
        )  # fmt: skip
        if found.verdict == "verified":
            return candidate.kind, candidate.node
    return None


def _only_the_end_is_right(
    derivation: Derivation, judgement: Judgement, lines: Sequence[LineVerdict], numbers: Sequence[int]
) -> str:
    """A right last line does not make an argument of wrong ones."""
    shown = [line for line in lines if line.depth == 0]
    last = {id(step) for step in list(chains(derivation))[-1].steps}
    wrong = [k for k, line in enumerate(shown) if line.verdict == "wrong" and id(line.step) in last]
    if not wrong or wrong[-1] == len(shown) - 1 or judgement.result.verdict != "verified":
        return ""
    number = numbers[wrong[0]] if numbers else wrong[0] + 1
    return f"the final line is right again, but line {number} is not"

"""What a wrong line got wrong: the known mistake that explains it, found by undoing each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from solver.check.judge import equal
from solver.check.mutations import mutations
from solver.check.verdicts import Judgement, LineVerdict
from solver.expr.derivation import Derivation, Step
from solver.expr.nodes import Node
from solver.expr.write import write
from solver.spec.problem import Part, Problem

TRIES = 160
"""How many one-slip changes of a line are tried before its mistake counts as unknown."""


def explain(problem: Problem, part: Part | None, derivation: Derivation, judgement: Judgement) -> Judgement:
    """The judgement, each wrong line's message led by the name of its mistake where one change makes it right."""
    lines = tuple(_explained(problem, part, derivation, line) for line in judgement.lines)
    ends = _only_the_end_is_right(judgement.lines)
    errors = (*judgement.replay_errors, *([ends] if ends else []))
    return replace(judgement, lines=lines, replay_errors=errors)


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


def _only_the_end_is_right(lines: Iterable[LineVerdict]) -> str:
    """A right last line does not make an argument of wrong ones."""
    shown = [line for line in lines if line.depth == 0]
    if len(shown) < 2 or all(line.verdict == "verified" for line in shown):
        return ""
    wrong = [number for number, line in enumerate(shown, 1) if line.verdict == "wrong"]
    # a line that leaves the truth, and a later one that comes back to it
    if len(wrong) == 2 and wrong[1] == len(shown):
        return f"the final line is right again, but line {wrong[0]} is not"
    return ""

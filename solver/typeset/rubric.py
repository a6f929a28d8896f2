"""What earns the points of a part: the lines of its derivation that matter, and how many points each.

    earning(derivation, points, ...) -> Earning

The scheme (docs/problem-files.md says it to instructors). The answer weighs 3, a result on the way (the end of a
chain, a case, a named value) 2, a step 1; routine steps earn nothing by themselves, and neither does a step whose rule
has earned before, as long as there are others. At most five lines earn points, each at least one unit: a whole point,
half a point where there are too few, a twentieth of the part where no points are set. What is left over goes by
weight, the largest remainders first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from solver.language.catalogue import Catalogue
from solver.typeset.view import CasesView, ChainView, DerivationView, Earning, LineView, Words

ANSWER, RESULT, STEP = 3, 2, 1
MOST = 5
"""The most lines of one derivation that earn points."""


@dataclass(frozen=True)
class Candidate:
    """A line that may earn points, with the weight it has; `fresh` where its rule comes for the first time."""

    line: LineView | None
    weight: int
    fresh: bool = True


def earning(derivation: DerivationView, points: float | None, language: Catalogue, program: bool = False) -> Earning:
    """How one route's lines earn the part's points; `program` where code is asked for, which weighs like the answer."""
    candidates = _candidates(derivation)
    if program:
        # the formulas are steps to it
        candidates = [replace(each, weight=STEP) for each in candidates] + [Candidate(None, ANSWER)]
    shared = apportioned([(each.weight, each.fresh) for each in candidates], points)
    kept = [(each, share) for each, share in zip(candidates, shared, strict=True) if share]
    lines = tuple(
        replace(each.line, reason=_worth(share, each.line.reason, points, language))
        for each, share in kept
        if each.line is not None
    )
    others = tuple(
        Words((f"{said(share, points, language)}: {language.rubric_program}",))
        for each, share in kept
        if each.line is None
    )
    return Earning(derivation.title, ChainView(lines) if lines else None, others)


def in_words(what: Words, points: float | None, language: Catalogue) -> Earning:
    """All points for one thing that is said in words."""
    whole = points if points is not None else 100.0
    return Earning(Words(), None, (Words((f"{said(whole, points, language)}: ", *what.pieces)),))


def said(share: float, points: float | None, language: Catalogue) -> str:
    """`1 point`, `2.5 points`, or `25 %` where the part has no points."""
    if points is None:
        return f"{share:g} %"
    return f"{share:g} {language.point if share == 1 else language.points}"


def _worth(share: float, reason: Words, points: float | None, language: Catalogue) -> Words:
    worth = said(share, points, language)
    return Words((f"{worth}: ", *reason.pieces)) if reason else Words((worth,))


def _candidates(derivation: DerivationView) -> list[Candidate]:
    """The lines that matter, in order, each with a left side of its own."""
    chains = [
        chain
        for block in derivation.blocks
        for chain in (block.chains if isinstance(block, CasesView) else (block,))
        if any(line.number is not None for line in chain.lines)
    ]
    found: list[Candidate] = []
    seen: set[str] = set()
    for chain in chains:
        for k, line in enumerate(chain.lines):
            last = k == len(chain.lines) - 1
            if line.number is None or (line.routine and not last):
                continue
            recalled = len(chain.lines) == 1 and chain is not chains[-1]
            weight = (ANSWER if chain is chains[-1] else RESULT) if last and not recalled else STEP
            whole = replace(line, lhs=chain.lines[0].lhs, marks={})
            found.append(Candidate(whole, weight, line.rule not in seen))
            seen.add(line.rule)
    return found


def apportioned(candidates: Sequence[tuple[int, bool]], points: float | None) -> list[float]:
    """What each candidate (its weight, and whether its rule is new) earns; the sum is `points`, or 100."""
    whole, unit = _units(points)
    units = round(whole / unit)
    order = sorted(range(len(candidates)), key=lambda k: (-candidates[k][0], not candidates[k][1], k))
    kept = sorted(order[: min(MOST, units)])
    if not kept:
        return [0.0] * len(candidates)
    total = sum(candidates[k][0] for k in kept)
    shares = dict.fromkeys(kept, 1)
    wanted = {k: units * candidates[k][0] / total for k in kept}
    while sum(shares.values()) < units:
        # the one furthest below its due; of equals the later one, which is nearer to the answer
        most = max(kept, key=lambda k: (wanted[k] - shares[k], k))
        shares[most] += 1
    return [shares.get(k, 0) * unit for k in range(len(candidates))]


def _units(points: float | None) -> tuple[float, float]:
    """The points to share out and the smallest share: a point, half a point, all of it, or 5 of 100."""
    if points is None:
        return 100.0, 5.0
    if points >= 3 and points % 1 == 0:
        return points, 1.0
    return (points, 0.5) if points % 0.5 == 0 else (points, points)

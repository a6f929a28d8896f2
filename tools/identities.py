"""No false alarm: identities that are true must be verified, and the table's slips must be found wrong.

    python tools/identities.py [--count N] [--seed K]

First the table of the literature (`tools/literature.py`), each identity and the same with a slip; then random formulas
rewritten by random sequences of our own rules (`tools/random_identities.py`). What is not verified is printed with its
seed; NumPy says then whether the judge or a rule is at fault. Formulas that have no value anywhere ask nothing of the
judge: they are set aside by NumPy's word, before the judge sees them, and counted. Exit status 1 for any alarm.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import literature
import random_identities
from random_identities import PROBLEM, VARIABLES, Applied, Derived, Misfit
from second_opinion import NoOpinion, agree

from solver.check.judge import equal
from solver.check.verdicts import Comparison
from solver.expr.derivation import Derivation
from solver.expr.nodes import Node
from solver.expr.write import write


@dataclass(frozen=True)
class Alarm:
    """A true identity that the judge does not verify, or a wrong one that it does not find."""

    kind: str
    text: str


def table(seed: int, tally: Counter[str]) -> Iterator[Alarm]:
    """The identities of the literature, and each with its slip."""
    for identity in literature.identities():
        true, false = identity.verdicts(seed)
        tally["identities of the literature"] += 1
        if true.verdict != "verified":
            yield Alarm(true.verdict, f"{identity.text} ({identity.source})\n    {true.message}")
        if false.verdict != "wrong":
            yield Alarm("slip not found", f"{write(identity.left)} == {write(identity.wrong)} ({identity.source})")


def random_ones(first: int, count: int, tally: Counter[str], used: Counter[str]) -> Iterator[Alarm]:
    """So many random identities, from the first seed on; the rules they use are counted."""
    for found in islice(random_identities.identities(first), count):
        if isinstance(found, Misfit):
            yield Alarm("a rule does not fit", str(found))
            continue
        if not has_value(found):
            tally["without a value anywhere"] += 1
            continue
        tally["random identities"] += 1
        used.update({step.rule for step in found.steps})
        verdict = judged(found)
        if verdict.verdict != "verified":
            yield Alarm(verdict.verdict, explained(found, verdict))


def judged(found: Derived) -> Comparison:
    return equal(PROBLEM, found.start, found.end, facts=found.facts, variables=VARIABLES)


def _everything_varies(found: Derived) -> Derivation:
    return Derivation(found.start, found.end, "rules", (), variables=VARIABLES)


def has_value(found: Derived) -> bool:
    """Whether NumPy finds points at which the left side has a value."""
    try:
        return agree(PROBLEM, _everything_varies(found), found.start, found.start, (), found.facts)
    except NoOpinion:
        return False


def explained(found: Derived, verdict: Comparison) -> str:
    """The identity, the first step of it that is not verified, and what NumPy says of that."""
    shown = [f"seed {found.seed}: {write(found.start)} == {write(found.end)}", f"    {verdict.message}"]
    before = found.start
    for step in found.steps:
        one = equal(PROBLEM, before, step.after, facts=found.facts, variables=VARIABLES)
        if one.verdict != "verified":
            shown += [f"    {step.rule}: {write(before)}", f"      -> {write(step.after)}"]
            shown += [f"    {_fault(found, before, one, step)}"]
            break
        before = step.after
    return "\n".join(shown)


def _fault(found: Derived, before: Node, verdict: Comparison, step: Applied) -> str:
    if "has no value" in verdict.message:
        return "the rule takes a value away"
    try:
        same = agree(PROBLEM, _everything_varies(found), before, step.after, (), found.facts)
    except NoOpinion as reason:
        return f"NumPy cannot say: {reason}"
    return "equal by NumPy: the judge is at fault" if same else "not equal by NumPy: the rule is at fault"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="random identities")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    begun = time.monotonic()
    tally: Counter[str] = Counter()
    used: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for source in (table(options.seed, tally), random_ones(options.seed, options.count, tally, used)):
        for alarm in source:
            alarms[alarm.kind] += 1
            print(f"{alarm.kind}: {alarm.text}", flush=True)
    rules = len(random_identities.all_rules())
    said = ", ".join(f"{count} {what}" for what, count in tally.items())
    wrong = ", ".join(f"{count} {what}" for what, count in sorted(alarms.items())) or "no false alarm"
    print(f"{said}; {len(used)} of {rules} rules used; {wrong}; {time.monotonic() - begun:.0f} s")
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())

"""Random problems by every route that answers them: each line judged, all results equal, and the figures of a run.

`make random N=10000 SEED=0 JOBS=2` runs many; `python tests/methods/random_losses.py --show SEED` shows one.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from types import FrameType

from random_problems import draw, drawn_functions, text
from third_opinion import differs

from solver.check.judge import equal, judge
from solver.check.verdicts import Comparison
from solver.expr.derivation import Derivation, Fact
from solver.methods import CannotDerive, derive
from solver.methods.routes import able
from solver.spec.problem import Part, Problem

LIMIT = 60.0
"""Seconds that one route may take for one problem, deriving and judging."""
THIRD = 20
"""Every so many problems, NumPy's differences are asked too."""
NO_VALUE = r"has no value at|could not be computed at"
"""What the judge says of a question that has no answer: a kink everywhere, a tie, an entry at a pole."""
VERDICTS = ("verified", "refused", "no value", "wrong", "undecided", "crash", "time out")


@dataclass(frozen=True)
class Said:
    """What came of one route: the verdict, why it is no better, and the seconds it took."""

    verdict: str
    why: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.verdict in ("verified", "refused", "no value")


@dataclass(frozen=True)
class Outcome:
    """What came of one problem."""

    seed: int
    ask: str
    routes: dict[str, Said]
    constructs: frozenset[str] = frozenset()
    third: str | None = None
    """What NumPy's differences say: None where they were not asked or know nothing, empty where they agree."""

    @property
    def good(self) -> bool:
        return all(said.good for said in self.routes.values()) and not self.third

    @property
    def seconds(self) -> float:
        return sum(said.seconds for said in self.routes.values())


class TimeOut(BaseException):
    """A route took longer than it may. No `Exception`: nothing on the way may take it for its own."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """TimeOut where the block takes longer."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeOut

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(seed: int, limit: float = LIMIT) -> Outcome:
    """The problem of a seed by every route that may answer it."""
    try:
        problem, part = draw(seed)
    except Exception as fault:
        return Outcome(seed, "?", {"reading": Said("crash", f"{type(fault).__name__}: {fault}")})
    routes: dict[str, Said] = {}
    found: list[tuple[Derivation, tuple[Fact, ...]]] = []
    for route in able(part.kind):
        began = time.monotonic()
        try:
            with within(limit):
                said = _by(problem, part, route, found)
        except TimeOut:
            said = Said("time out", f"over {limit:.0f} s")
        routes[route] = Said(said.verdict, said.why, time.monotonic() - began)
    third = None
    if found and seed % THIRD == 0:
        try:
            with within(limit):
                third = differs(problem, found[0][0], seed)
        except TimeOut:
            # differences of differences by large matrices: nothing is said
            third = None
        except Exception as fault:
            third = f"no differences: {type(fault).__name__}: {fault}"
    return Outcome(seed, part.kind, routes, drawn_functions(problem), third)


def _by(problem: Problem, part: Part, route: str, found: list[tuple[Derivation, tuple[Fact, ...]]]) -> Said:
    """By one route; `found` holds the verified derivations of the routes before."""
    try:
        derivation = derive(problem, part, route)
        judgement = judge(problem, part, derivation)
        result = judgement.result
        if result is not None and result.verdict == "undecided" and re.search(NO_VALUE, result.message):
            return Said("no value", result.message)
        if judgement.verdict != "verified":
            lines = [line.message for line in judgement.lines if line.verdict != "verified"]
            why = (*judgement.replay_errors, *lines, judgement.message or "")
            return Said(judgement.verdict if judgement.verdict in VERDICTS else "crash", why[0])
        if found:
            first, used = found[0]
            agreed = _agree(problem, part, first, derivation, (*used, *judgement.traits_used))
            if agreed.verdict != "verified":
                return Said("wrong", f"it disagrees with `{first.route}`: {agreed.message}")
        found.append((derivation, judgement.traits_used))
    except CannotDerive as refusal:
        return Said("refused", str(refusal))
    except Exception as fault:  # every crash is counted and shown, with the seed that replays it
        return Said("crash", f"{type(fault).__name__}: {fault}")
    return Said("verified")


def _agree(problem: Problem, part: Part, one: Derivation, other: Derivation, facts: tuple[Fact, ...]) -> Comparison:
    """The results, compared where the first has a value, else where the other has: a form may have more of them."""
    found = equal(problem, one.result, other.result, part=part, derivation=one, facts=facts)
    if found.verdict == "verified":
        return found
    back = equal(problem, other.result, one.result, part=part, derivation=other, facts=facts)
    return back if back.verdict == "verified" else found


# --- the figures of a run --------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What is counted over a run."""

    outcomes: int = 0
    bad: list[int] = field(default_factory=list)
    asks: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    """How many problems hold a construct, and how many of those no route answered."""
    unanswered: Counter[str] = field(default_factory=Counter)
    nobody: list[int] = field(default_factory=list)
    third: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.outcomes += 1
        self.asks[outcome.ask] += 1
        self.met.update(outcome.constructs)
        if not outcome.good:
            self.bad.append(outcome.seed)
        if outcome.third is not None:
            self.third["against" if outcome.third else "agree"] += 1
        for route, said in outcome.routes.items():
            self.verdicts[route, said.verdict] += 1
            self.slowest.append((said.seconds, outcome.seed, route))
            if said.verdict == "refused":
                self.reasons[route, reason(said.why)] += 1
        if not any(said.verdict == "verified" for said in outcome.routes.values()):
            self.nobody.append(outcome.seed)
            self.unanswered.update(outcome.constructs)
        self.slowest = sorted(self.slowest, reverse=True)[:8]


def reason(why: str) -> str:
    """A refusal without its own formulas: of what stands between backticks, routes and functions' names are kept."""

    def shortened(match: re.Match[str]) -> str:
        inside = match[1]
        if inside in able("gradient"):
            return f"`{inside}`"
        names = [name for name in re.findall(r"([a-z_0-9]+)\(", inside) if name not in ("d",)]
        return f"`{names[0]}(…)`" if names else "`…`"

    return re.sub(r"`([^`]*)`", shortened, why)[:150]


def table(tally: Tally, seconds: float) -> str:
    """The summary of a run."""
    lines = [f"{tally.outcomes} expressions: " + ", ".join(f"{n} {ask}" for ask, n in tally.asks.most_common())]
    routes = sorted({route for route, _ in tally.verdicts})
    lines.append(f"{'':14}" + "".join(f"{verdict:>10}" for verdict in VERDICTS))
    lines += [f"{route:14}" + "".join(f"{tally.verdicts[route, v]:10}" for v in VERDICTS) for route in routes]
    totals = [sum(tally.verdicts[route, verdict] for route in routes) for verdict in VERDICTS]
    lines.append(f"{'all':14}" + "".join(f"{total:10}" for total in totals))
    for route in routes:
        mine = [(n, why) for (own, why), n in tally.reasons.most_common() if own == route]
        lines += [f"  {route}: {n} × {why}" for n, why in mine[:4]]
    most = sorted(tally.unanswered, key=lambda name: -tally.unanswered[name] / tally.met[name])
    told = [f"{name} {tally.unanswered[name]}/{tally.met[name]}" for name in most[:12]]
    lines.append(f"answered by no route: {len(tally.nobody)} {tally.nobody[:12]}; by construct: {', '.join(told)}")
    lines.append("differences in float64: " + (", ".join(f"{n} {what}" for what, n in tally.third.items()) or "none"))
    lines.append("slowest: " + ", ".join(f"seed {seed} {route} {s:.1f} s" for s, seed, route in tally.slowest))
    lines.append(f"not right: {len(tally.bad)} {tally.bad[:40]}; {seconds:.0f} s")
    return "\n".join(lines)


def told(outcome: Outcome, slow: float) -> str:
    """What is printed of one problem while the run goes on: what is not right, and what took long."""
    lines = [
        f"seed {outcome.seed} {outcome.ask} by {route}: {said.verdict}: {said.why[:300]}"
        for route, said in outcome.routes.items() if not said.good
    ]  # fmt: skip
    lines += [f"seed {outcome.seed}: {outcome.third[:300]}"] if outcome.third else []
    lines += [
        f"seed {outcome.seed} by {route}: {said.seconds:.1f} s"
        for route, said in outcome.routes.items() if said.seconds > slow
    ]  # fmt: skip
    return "\n".join(lines)


def run(seeds: range, jobs: int, limit: float, slow: float) -> int:
    tally, began = Tally(), time.monotonic()
    tasks = [(seed, limit) for seed in seeds]
    with get_context("spawn").Pool(jobs) as pool:
        for outcome in pool.imap(_task, tasks, chunksize=4):
            tally.add(outcome)
            if said := told(outcome, slow):
                print(said, flush=True)
            if tally.outcomes % 500 == 0:
                spent = time.monotonic() - began
                print(f"… {tally.outcomes} of {len(seeds)}, {len(tally.bad)} not right, {spent:.0f} s", flush=True)
    print(table(tally, time.monotonic() - began))
    return 1 if tally.bad else 0


def _task(task: tuple[int, float]) -> Outcome:
    return attempt(*task)


def show(seed: int, limit: float) -> int:
    """One problem, as the file that replays it, and what came of it."""
    print(text(seed))
    outcome = attempt(seed, limit)
    for route, said in outcome.routes.items():
        print(f"{route:14}{said.verdict:10}{said.seconds:6.1f} s  {said.why[:600]}")
    print(f"third opinion: {outcome.third or ('none' if outcome.third is None else 'agrees')}")
    return 0 if outcome.good else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("start", type=int, nargs="?", default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds that a route may take")
    parser.add_argument("--slow", type=float, default=5, help="what takes longer is printed")
    parser.add_argument("--show", type=int, help="one seed only")
    given = parser.parse_args()
    if given.show is not None:
        return show(given.show, given.limit)
    return run(range(given.start, given.start + given.count), given.jobs, given.limit, given.slow)


if __name__ == "__main__":
    sys.exit(main())

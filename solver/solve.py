"""One part answered: a derivation by each of its routes, each judged, and all of them compared."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from solver.check.code import verdict as run_code
from solver.check.diagnose import explain
from solver.check.judge import equal, judge
from solver.check.verdicts import Comparison, Judgement, LineVerdict, Verdict, worst
from solver.expr.derivation import Code, Derivation, Fact
from solver.methods import CannotDerive, Established, derive, others
from solver.methods.authored import undeclared
from solver.methods.task import Task
from solver.spec.problem import ROUTES, Part, Problem, Prove, Steps
from solver.workers import used


@dataclass(frozen=True)
class Outcome:
    """A part by one route: what was derived, and the judge's word on it. `bug` is the traceback of a fault of ours.

    Seconds are those of the processor.
    """

    route: str
    verdict: Verdict
    derivation: Derivation | None = None
    judgement: Judgement | None = None
    message: str = ""
    derive_seconds: float = 0.0
    check_seconds: float = 0.0
    bug: str = ""

    @property
    def lines(self) -> tuple[LineVerdict, ...]:
        """The lines as printed, without the steps that explain them."""
        return tuple(line for line in self.judgement.lines if line.depth == 0) if self.judgement is not None else ()


@dataclass(frozen=True)
class Question:
    """A part of a problem, to be answered; `seed` chooses the judge's sample points."""

    problem: Problem
    part: Part
    seed: int = 0

    @property
    def routes(self) -> tuple[str | None, ...]:
        """The routes the author names, or None: the one that reads best."""
        return self.part.by or (None,)


def solve(question: Question, before: Sequence[tuple[Question, Sequence[Outcome]]]) -> tuple[Outcome, ...]:
    """Every route's outcome; routes that contradict each other all fail. `before` are the parts answered earlier."""
    assumed = set(question.part.given)
    # what holds under assumptions holds where they are made
    earlier = tuple(_established([each for each in before if assumed.issuperset(each[0].part.given)]))
    outcomes = [_attempt(question, route, earlier) for route in question.routes]
    return tuple(_reconciled(question, outcomes))


def _established(before: Sequence[tuple[Question, Sequence[Outcome]]]) -> Iterator[Established]:
    """What earlier parts have shown, once each: nothing that was not verified."""
    for question, outcomes in before:
        for outcome in outcomes:
            if outcome.verdict == "verified" and outcome.derivation is not None and outcome.derivation.blocks:
                yield from Established.of(question.part.id, outcome.derivation, question.problem.define)
                break


def _attempt(question: Question, route: str | None, earlier: Sequence[Established]) -> Outcome:
    name = route or question.part.kind
    started = used()
    derived = 0.0
    try:
        derivation = derive(question.problem, question.part, route, earlier)
        derived = used() - started
        name = derivation.route
        judgement = judge(question.problem, question.part, derivation, seed=question.seed)
        if isinstance(question.part.ask, Steps):
            judgement = _authored(question, derivation, judgement)
        if derivation.code is not None and judgement.verdict == "verified":
            judgement = _ran(question, derivation.code, judgement)
    except CannotDerive as refusal:
        untrue = _untrue(question)
        if untrue is not None:
            return Outcome(name, "wrong", message=f"what is to be proved is not so: {untrue}")
        advice = _advice(question, route, earlier) if route is not None else ""
        return Outcome(name, "error", message=f"it cannot be derived: {refusal}{advice}")
    except (MemoryError, RecursionError) as error:
        need = "memory" if isinstance(error, MemoryError) else "nesting"
        return Outcome(name, "error", message=f"it needs more {need} than one part may use")
    except Exception:  # a fault of ours must not cost the other parts; it is shown whole
        bug = traceback.format_exc()
        return Outcome(name, "error", message="it met a fault of this program: please report it", bug=bug)
    checked = used() - started - derived
    return Outcome(name, judgement.verdict, derivation, judgement, judgement.message, derived, checked)


def _advice(question: Question, route: str, earlier: Sequence[Established]) -> str:
    """Which routes can what this one cannot."""
    kind = question.part.kind
    able = others(question.problem, question.part, route, earlier)
    if able == (kind,) and kind not in ROUTES:
        return f"; `{kind}` needs no route"
    if not able:
        return "; no other route can"
    *first, last = (f"`{name}`" for name in able)
    return f"; {', '.join(first)} and {last} can" if first else f"; {last} can"


def _untrue(question: Question) -> str | None:
    """Why the equation that is to be proved does not hold, with all that is declared; None where it does, or may."""
    problem, ask = question.problem, question.part.ask
    if not isinstance(ask, Prove):
        return None
    declared = [Fact(symbol.name, trait) for symbol in problem.symbols.values() for trait in symbol.traits]
    found = equal(problem, ask.lhs, ask.rhs, part=question.part, facts=declared, seed=question.seed)
    return found.message if found.verdict == "wrong" else None


def _authored(question: Question, derivation: Derivation, judgement: Judgement) -> Judgement:
    """The judgement of an author's own lines: mistakes named, and what could not be read or was not declared added."""
    counted = question.part.ask.counted if isinstance(question.part.ask, Steps) else ()
    numbers = [number for number, line in enumerate(counted, 1) if line.rhs is not None]
    judgement = explain(question.problem, question.part, derivation, judgement, numbers)
    task = Task(question.problem, question.part)
    mistakes = [(line, line.mistake.message) for line in question.part.unread if line.mistake is not None]
    unreadable = [f"line {line.place.line}: {why}" for line, why in (*mistakes, *undeclared(task))]
    if not unreadable:
        return judgement
    verdict = worst([judgement.verdict, "wrong"])
    return replace(judgement, verdict=verdict, replay_errors=(*judgement.replay_errors, *unreadable))


def _ran(question: Question, code: Code, judgement: Judgement) -> Judgement:
    """The judgement, after the generated code has been run against finite differences."""
    wrong = run_code(question.problem, question.part, code, question.seed)
    if not wrong:
        return judgement
    return replace(judgement, verdict="wrong", replay_errors=(*judgement.replay_errors, *wrong))


def _reconciled(question: Question, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """The outcomes, after comparing the results of all routes with that of the first."""
    derived = [(each, each.derivation) for each in outcomes if each.derivation is not None and each.derivation.blocks]
    verdict: Verdict = "verified"
    message = ""
    for outcome, derivation in derived[1:]:
        first, reference = derived[0]
        facts = [fact for each in (first, outcome) if each.judgement for fact in each.judgement.traits_used]
        found = _compared(question, reference, derivation, facts)
        if found.verdict != "verified":
            verdict = worst([verdict, found.verdict])
            message = f"the routes `{first.route}` and `{outcome.route}` do not agree: {found.message}"
    for outcome in outcomes:
        if not message or outcome.derivation is None:
            yield outcome
        else:
            yield replace(
                outcome,
                verdict=worst([outcome.verdict, verdict]),
                message="; ".join(filter(None, (outcome.message, message))),
            )


def _compared(question: Question, one: Derivation, other: Derivation, facts: Sequence[Fact]) -> Comparison:
    """The results, compared where both have a value: one form may have values where the other has none."""
    return equal(
        question.problem, one.result, other.result, part=question.part, facts=facts, seed=question.seed,
        derivation=_together(one, other), both=True,
    )  # fmt: skip


def _together(one: Derivation, other: Derivation) -> Derivation:
    """The first derivation, knowing the names that either introduced."""
    known = {definition.name for definition in one.definitions}
    return replace(one, definitions=(*one.definitions, *(d for d in other.definitions if d.name not in known)))

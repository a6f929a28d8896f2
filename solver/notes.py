"""What is said quietly: nothing is wrong with it, and an author may want to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from solver.check.traits import DOMAIN
from solver.expr.derivation import Fact
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Call, Div, Node, Num, Pow, symbols, walk
from solver.report import Finding
from solver.sheets import Answered
from solver.spec.problem import Place, Problem

AT_RISK = frozenset({"inv", "pinv", "logdet", "norm"}) | {row.name for row in FUNCTIONS.values() if row.domain}
"""Functions without a value, or without a derivative, for some arguments."""


def notes(answered: Iterable[Answered]) -> Iterator[Finding]:
    """Of each problem of which everything was verified, the declared traits that nothing in it needs."""
    for _, group in groupby(answered, key=lambda each: (each.sheet, each.file)):
        parts = list(group)
        problem = parts[0].question.problem
        if all(each.verified for each in parts) and len(parts) == len(problem.parts):
            for fact in needless(problem, parts):
                place = problem.places.get(fact.symbol, Place(parts[0].file, 1, 1))
                yield Finding(place, "note", f"`{fact.symbol}` is declared {fact.trait}, and no line needs it")


def needless(problem: Problem, parts: Sequence[Answered]) -> list[Fact]:
    """Declared traits that no line of any part cites, and without which every formula has a value.

    A trait that keeps a formula away from where it has none, `positive` under a quotient, is not counted among them,
    although the judge's points, which are never there, do without.
    """
    judged = [o.judgement for each in parts for o in each.outcomes if o.judgement is not None and o.judgement.lines]
    if not judged:
        return []
    unused = set(judged[0].unused_traits).intersection(*(each.unused_traits for each in judged[1:]))
    guarded = _guarded(problem)
    return sorted(
        (fact for fact in unused if fact.trait not in DOMAIN or fact.symbol not in guarded),
        key=lambda fact: (fact.symbol, fact.trait),
    )


def _guarded(problem: Problem) -> frozenset[str]:
    """The symbols on which it rests whether some formula of the problem has a value."""
    found: set[str] = set()
    for formula in (*problem.define.values(), *problem.given, *(node for each in problem.parts for node in _of(each))):
        for part in walk(formula):
            match part:
                case Div(_, below):
                    found |= _reach(below, problem)
                case Pow(base, exponent) if not (isinstance(exponent, Num) and exponent.value.denominator == 1):
                    found |= _reach(base, problem)
                case Call(name, args) if name in AT_RISK:
                    found |= {name for arg in args for name in _reach(arg, problem)}
    return frozenset(found)


def _of(part: object) -> Iterator[Node]:
    """The formulas of a part: what its ask speaks of, its assumptions and its answer."""
    ask = getattr(part, "ask", None)
    for value in (*vars(ask).values(), *getattr(part, "given", ()), getattr(part, "answer", None)):
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Node):
                yield each


def _reach(node: Node, problem: Problem) -> set[str]:
    """The names that a formula rests on, through definitions."""
    found: set[str] = set()
    waiting = set(symbols(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            value = problem.define.get(name)
            if value is not None:
                waiting |= symbols(value)
    return found

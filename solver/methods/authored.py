"""The ask `steps`: an instructor's or a student's own lines, as a derivation that the judge can take line by line."""

from __future__ import annotations

from dataclasses import replace

from solver.check.facts import Facts
from solver.expr.derivation import Chain, Derivation, Fact, Reason, Step
from solver.expr.nodes import Node, places, replace_at
from solver.expr.shapes import ShapeError
from solver.methods.argument import CannotDerive
from solver.methods.task import Route, Task
from solver.rules.normal import Normalizer
from solver.rules.rule import all_rules
from solver.rules.setting import Setting
from solver.spec import problem as spec
from solver.spec.problem import AuthoredLine

AUTHORED = "as written"
"""The reason of a line whose author gives none and which no rule of ours explains in one step."""


def plan(task: Task) -> Derivation:
    """The lines as chains: a line with a left side of its own that is not the last right side begins a new one."""
    ask = task.ask
    assert isinstance(ask, spec.Steps)
    chains: list[Chain] = []
    steps: list[Step] = []
    before: Node | None = None
    facts = Citable(task)
    for line in ask.lines:
        if line.lhs is not None and line.lhs != before:
            if steps:
                chains.append(Chain(steps[0].lhs, tuple(steps)))
            steps, before = [], line.lhs
        if line.rhs is not None and before is not None:
            steps.append(_step(task.setting, before, line, facts))
            before = line.rhs
        # what follows a line that cannot be read goes on from what stood before it
    if steps:
        chains.append(Chain(steps[0].lhs, tuple(steps)))
    if not chains:
        why = next((line.mistake.message for line in ask.lines if line.mistake is not None), "")
        raise CannotDerive(f"none of its lines can be judged; the first: {why}")
    return Derivation(chains[-1].start, chains[-1].result, "steps", tuple(chains), authored=True)


def _step(setting: Setting, before: Node, line: AuthoredLine, facts: Citable) -> Step:
    assert line.rhs is not None
    cited = tuple(fact for text in line.facts if (fact := facts.find(text)) is not None)
    reason = replace(explained(setting, before, line.rhs) or Reason(AUTHORED), said=line.reason)
    return Step(before, line.rhs, reason, (), line.rhs, cited)


def explained(setting: Setting, lhs: Node, rhs: Node) -> Reason | None:
    """The rule, with its captures, that leads from one side to the other in one step, up to order, or None."""
    normalizer = Normalizer()
    loose = None
    rules = all_rules()
    for path, part in places(lhs):
        for rule in rules:
            rewrite = rule(part, setting)
            if rewrite is None:
                continue
            try:
                whole = replace_at(lhs, path, rewrite.after)
            except ShapeError:
                continue
            reason = Reason(rule.name, rewrite.captures)
            if whole == rhs:
                return reason
            if loose is None and not rule.routine and normalizer.canonical(whole) == normalizer.canonical(rhs):
                loose = reason if normalizer.canonical(lhs) != normalizer.canonical(rhs) else None
    return loose


class Citable:
    """The facts that lines of a problem may cite, by what they say."""

    def __init__(self, task: Task) -> None:
        known = Facts(task.problem, (*task.problem.given, *task.part.given), frozenset(task.problem.define))
        self.by_words: dict[str, Fact] = {}
        for symbol in task.problem.symbols.values():
            for trait in sorted({*known.declared(symbol.name), *symbol.traits}):
                fact = Fact(symbol.name, trait)
                self.by_words[_plain(known.words(fact))] = fact
                self.by_words[_plain(f"{symbol.name} is {trait}")] = fact

    def find(self, text: str) -> Fact | None:
        """The fact that a text says; None for what the problem does not declare."""
        return self.by_words.get(_plain(text))


def _plain(text: str) -> str:
    return "".join(text.split()).replace("==", "=").replace("`", "")


def undeclared(task: Task) -> list[tuple[AuthoredLine, str]]:
    """The lines that cite facts which nobody declared, with a sentence for each."""
    ask = task.ask
    assert isinstance(ask, spec.Steps)
    found: list[tuple[AuthoredLine, str]] = []
    facts = Citable(task)
    for line in ask.lines:
        missing = [text for text in line.facts if facts.find(text) is None]
        found += [(line, f"the problem does not say that `{text}`: declare it under `is:`") for text in missing]
    return found


ROUTE = Route("steps", plan, (spec.Steps,), "the author's own lines, judged one by one", lambda task: True)

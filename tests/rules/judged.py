"""Rules before the judge: each example of a rule as an equation over the examples' own symbols."""

from __future__ import annotations

from pathlib import Path

from solver.check.judge import equal
from solver.check.verdicts import Comparison
from solver.expr.nodes import Sym
from solver.expr.read import read
from solver.rules.examples import SETTING, scope_for
from solver.rules.rule import RULES, Rule
from solver.spec.problem import Problem

PROBLEM = Problem(
    Path("rules.yaml"), "rules", "The examples of rules", "row", SETTING.symbols, {}, {}, (), digest="rules"
)
VARIABLES = tuple(Sym(s.name, s.shape) for s in SETTING.symbols.values() if not s.function)


def examples(*topics: str) -> list[tuple[Rule, str]]:
    """The examples that the rules of these topics apply to."""
    return [(rule, example) for rule in RULES.values() if rule.topic in topics for example in rule.applies]


def verdict(example: str, facts: tuple[object, ...] = ()) -> Comparison:
    """The judge's word on `before = after`, everything varying in `d`."""
    before, after = (read(side, scope_for(example)) for side in example.split(" -> "))
    return equal(PROBLEM, before, after, variables=VARIABLES, facts=facts)  # type: ignore[arg-type]

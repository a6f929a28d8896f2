"""Every rule does what its declaration shows: the examples it applies to, and those it must leave alone."""

import importlib
import pkgutil

import pytest

import solver.rules
from solver.expr.read import read
from solver.rules.examples import SETTING, scope_for
from solver.rules.rule import RULES, Rule, rule

for module in pkgutil.iter_modules(solver.rules.__path__):
    importlib.import_module(f"solver.rules.{module.name}")

APPLIES = [(r, example) for r in RULES.values() for example in r.applies]
REFUSES = [(r, example) for r in RULES.values() for example in r.refuses]


def test_there_are_rules_to_test():
    assert len(RULES) > 60
    assert len(APPLIES) > 90
    assert len(REFUSES) > 90


@pytest.mark.parametrize(("declared", "example"), APPLIES, ids=lambda value: getattr(value, "name", value))
def test_applies(declared: Rule, example: str):
    before, after = (read(side, scope_for(example)) for side in example.split(" -> "))
    rewrite = declared(before, SETTING)
    assert rewrite is not None, f"{declared.name} leaves {before} alone"
    assert rewrite.after == after


@pytest.mark.parametrize(("declared", "example"), REFUSES, ids=lambda value: getattr(value, "name", value))
def test_refuses(declared: Rule, example: str):
    rewrite = declared(read(example, scope_for(example)), SETTING)
    assert rewrite is None, f"{declared.name} makes {rewrite and rewrite.after} of {example}"


def test_a_name_is_given_once():
    name = next(iter(RULES))
    with pytest.raises(ValueError, match="stands already"):
        rule(name, "", applies=["a -> b"], refuses=["a"])(lambda node, setting: None)


def test_a_rule_needs_examples():
    with pytest.raises(ValueError, match="needs examples"):
        rule("a rule without examples", "")(lambda node, setting: None)

"""No false alarm: the literature's identities and random rewritings are verified, and slips in the table are found."""

from __future__ import annotations

import re
from collections import Counter

import identities
import literature
import pytest
import random_identities
from random_identities import Misfit

from solver.check.verdicts import Comparison
from solver.rules.rule import Rewrite, Rule

TABLE = list(literature.identities())
SEEDS = 60


def test_the_table_is_large_and_says_where_each_is_from() -> None:
    assert len(TABLE) > 300
    assert len({identity.text for identity in TABLE}) == len(TABLE)
    assert all(re.match(r"[A-Za-z]", identity.source) for identity in TABLE)
    assert sum(bool(identity.facts) for identity in TABLE) > 25


@pytest.mark.parametrize("identity", TABLE, ids=lambda identity: identity.text)
def test_an_identity_is_verified_and_its_slip_is_not(identity: literature.Identity) -> None:
    true, false = identity.verdicts()
    assert true.verdict == "verified", true.message
    assert false.verdict == "wrong", false.message


def test_what_an_identity_cites_it_needs() -> None:
    """Where the left side has no value without the fact, as of `log(u)`, it need not be said."""
    citing = [identity for identity in TABLE if identity.facts]
    bare = [identity for identity in citing if identity.without_facts().verdict == "wrong"]
    assert len(bare) > 20
    free = {identity.text for identity in citing} - {identity.text for identity in bare}
    assert all(re.search(r"log|logit|sqrt|\*\*", text) for text in free), free


def test_random_rewritings_are_verified() -> None:
    tally: Counter[str] = Counter()
    used: Counter[str] = Counter()
    alarms = list(identities.random_ones(0, SEEDS, tally, used))
    assert [alarm.text for alarm in alarms] == []
    assert tally["random identities"] > 0.9 * SEEDS
    assert len(used) > 50


def test_a_judge_that_cries_wolf_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "equal", lambda *args, **more: Comparison("undecided", "no idea"))
    (alarm,) = identities.random_ones(0, 1, Counter(), Counter())
    assert alarm.kind == "undecided"
    assert "seed 0" in alarm.text
    assert "the judge is at fault" in alarm.text


def test_a_rule_that_lies_is_found_out() -> None:
    lying = _rule(lambda node, setting: Rewrite(node.args[0]) if getattr(node, "args", ()) else None)
    found = [_derived(seed, lying) for seed in range(40)]
    verdicts = Counter(identities.judged(each).verdict for each in found if isinstance(each, random_identities.Derived))
    assert verdicts["wrong"] > 0.5 * verdicts.total() > 3


def test_a_rule_that_fails_is_found_out() -> None:
    failing = _rule(lambda node, setting: Rewrite(node.args[7]))
    assert all(isinstance(_derived(seed, failing), Misfit) for seed in range(3))


def _rule(body: object) -> Rule:
    (example,) = ("sin(a)*b + c -> a",)
    return Rule("a lie", "", body, "a lie", "", (example,), ("a",), "test", False)  # type: ignore[arg-type]


def _derived(seed: int, rule: Rule) -> random_identities.Derived | Misfit | None:
    try:
        return random_identities.derived(seed, (rule,))
    except Misfit as misfit:
        return misfit

"""Verdicts from many seeds: the same on a sheet, and a judge that wavers is found out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import seeds

from solver.check.verdicts import Comparison

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "problems" / "softmax" / "softmax.yaml"


def test_the_same_is_said_from_ten_seeds() -> None:
    tally: Counter[str] = Counter()
    different = [found for case in seeds.cases([SHEET]) for found in seeds.differing(case, range(10), tally)]
    assert different == []
    assert set(tally) == {"verified", "wrong"}
    assert min(tally.values()) > 300


def test_a_judge_that_wavers_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in seeds.cases([SHEET]) if case.wrong)
    steady = seeds.court_of

    def wavering(*args: Any, **more: Any) -> Any:
        court = steady(*args, **more)
        if args[-1] == 3:
            court.compare = lambda *args, **more: Comparison("verified")
        return court

    monkeypatch.setattr(seeds, "court_of", wavering)
    found = list(seeds.differing(case, range(5), Counter()))
    assert len(found) == len(case.wrong)
    assert all("seed 0: wrong, seed 3: verified" in message for message in found)

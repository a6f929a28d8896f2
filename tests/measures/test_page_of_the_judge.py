"""The page on the judge says what is so: its commands are there, and its numbers are the program's."""

from __future__ import annotations

import re
from pathlib import Path

from solver.check.balls import BITS
from solver.check.judge import POINTS
from solver.workers import DEFAULT, GIB

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "judge.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_is_a_target() -> None:
    named = set(re.findall(r"`make (\w+)", PAGE))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"mutants", "identities", "seeds", "fuzz", "test"} <= named
    assert named <= targets


def test_the_numbers_of_the_page_are_the_programs() -> None:
    assert f"Where {BITS[0]} bits do not tell, {BITS[1]}, {BITS[2]} and {BITS[3]} are tried" in PAGE
    assert f"below 2⁻{str(BITS[0] // 2).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}" in PAGE
    assert POINTS == 4
    assert "**Points.** Four, or" in PAGE
    assert f"{DEFAULT.seconds:g} seconds of the processor" in PAGE
    assert f"{DEFAULT.memory // GIB} GB" in PAGE

"""A declared trait that nothing needs is mentioned, quietly; one that anything needs is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solver.cli import main
from solver.notes import notes
from solver.sheets import Answered, check, read

PARTS = "parts: [{id: a, simplify: a + a, answer: 2*a}]\n"
CLASSIFIER = """
symbols: {x: {shape: [n]}, y: {shape: [n], is: one-hot}, a: {}}
define: {L: -sum(y*log(softmax(x)))}
parts:
"""
GRADIENT = "  - {id: g, gradient: {of: L, wrt: x}}\n"
VALUE = "  - {id: v, simplify: a + a, answer: 2*a}\n"
NEEDED = (
    # cited by a line
    CLASSIFIER + GRADIENT,
    # cited by one part of two
    CLASSIFIER + VALUE + GRADIENT,
    # a logarithm has a value only then
    "symbols: {a: {}, u: {is: positive}}\nparts: [{id: a, derivative: {of: u*log(u), wrt: u}}]\n",
    # keeps the points from where a quotient, a root, an inverse has none
    "symbols: {a: {}, u: {is: positive}}\nparts: [{id: a, derivative: {of: a**2/u, wrt: a}}]\n",
    "symbols: {a: {}, u: {is: nonzero}}\ndefine: {c: 1 + u}\nparts: [{id: a, derivative: {of: a**2/c, wrt: a}}]\n",
    "symbols: {a: {}, A: {shape: [n, n], is: invertible}}\nparts: [{id: a, simplify: tr(a*inv(A)) + tr(inv(A)*a)}]\n",
    # counts things, or says that nothing varies
    "symbols: {a: {}, k: {is: integer}, c: {is: constant}}\nparts: [{id: a, derivative: {of: c*a + k*a, wrt: a}}]\n",
)
NEEDLESS = (
    (CLASSIFIER + VALUE, "f.yaml:1:28: note: `y` is declared one-hot, and no line needs it"),
    (f"symbols: {{a: {{}}, u: {{is: positive}}}}\n{PARTS}", "`u` is declared positive, and no line needs it"),
    (f"symbols: {{a: {{}}, A: {{shape: [n, n], is: symmetric}}}}\n{PARTS}", "`A` is declared symmetric"),
    ("symbols: {a: {}, P: {shape: [n, n], is: positive-definite}, x: {shape: [n, 1]}}\n"
     "parts: [{id: a, simplify: x.T @ P @ x + x.T @ P @ x}]\n", "`P` is declared positive-definite"),
)  # fmt: skip


def answered(folder: Path, text: str) -> list[Answered]:
    path = folder / "f.yaml"
    path.write_text(text.lstrip("\n"))
    found = check(read([path]))
    assert found
    return found


@pytest.mark.parametrize("text", NEEDED)
def test_a_trait_that_something_needs_is_not_mentioned(tmp_path: Path, text: str) -> None:
    found = answered(tmp_path, text)
    assert [outcome.message for each in found for outcome in each.outcomes if outcome.verdict != "verified"] == []
    assert list(notes(found)) == []


@pytest.mark.parametrize(("text", "message"), NEEDLESS)
def test_a_trait_that_nothing_needs_is_mentioned(tmp_path: Path, text: str, message: str) -> None:
    (note,) = notes(answered(tmp_path, text))
    assert message in note.text


def test_of_a_problem_that_is_not_verified_nothing_is_said(tmp_path: Path) -> None:
    found = answered(tmp_path, CLASSIFIER + VALUE.replace("2*a", "3*a"))
    assert not found[0].verified
    assert list(notes(found)) == []


def test_the_command_says_it_and_succeeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    path, report = tmp_path / "f.yaml", tmp_path / "report.json"
    path.write_text(NEEDLESS[0][0].lstrip("\n"))
    assert main(["check", str(path), "--json", str(report)]) == 0
    out = capsys.readouterr().out
    assert "note: `y` is declared one-hot" in out
    assert out.endswith("all verified\n")
    (note,) = json.loads(report.read_text())["notes"]
    assert (note["line"], note["column"], note["message"][:16]) == (1, 28, "`y` is declared ")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    main(["check", str(path)])
    assert "::notice file=" in capsys.readouterr().out

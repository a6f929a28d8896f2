"""The page for authors: its examples are read, and it names every key, trait, route, ask and kind of figure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solver.spec.asks import ASKS
from solver.spec.figures import FIGURES
from solver.spec.load import load_problem, load_sheet
from solver.spec.models import every_model
from solver.spec.problem import ROUTES, TRAITS
from solver.spec.schema import schema

PAGE = (Path(__file__).parents[2] / "docs" / "problem-files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PROBLEMS = [block for block in BLOCKS if not block.startswith("# sheet.yaml")]


def test_there_are_examples() -> None:
    assert len(PROBLEMS) > 5
    assert len(BLOCKS) == len(PROBLEMS) + 1


@pytest.mark.parametrize("text", PROBLEMS)
def test_an_example_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text(text, encoding="utf-8")
    found = load_problem(path)
    assert found.parts
    assert [line.text for part in found.parts for line in part.unread] == []


def test_the_example_of_a_sheet_is_read(tmp_path: Path) -> None:
    (text,) = set(BLOCKS) - set(PROBLEMS)
    (tmp_path / "sheet.yaml").write_text(text, encoding="utf-8")
    for name in ("softmax", "activations"):
        (tmp_path / f"{name}.yaml").write_text("parts: [{simplify: 1}]")
    sheet = load_sheet(tmp_path)
    assert [problem.name for problem in sheet.problems] == ["softmax", "activations"]


def test_every_word_of_a_file_is_named() -> None:
    assert schema()
    keys = {key for model in every_model() for key in model.known_keys()} - {"expression", "identity", "names", "lines"}
    words = {*keys, *ASKS, *FIGURES, *ROUTES, *TRAITS}
    assert len(words) > 70
    code = " ".join(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))) + " ".join(BLOCKS)
    missing = sorted(word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code))
    assert missing == []

"""Figures of sheets: drawn once for all forms, and again only where something that they are drawn from has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from worked_helpers import PROBLEM, sheet

from solver import drawings, sheets, upkeep
from solver.drawings import Image, Wanted, drawn, keep
from solver.spec.mistakes import Mistake
from solver.spec.problem import Sheet
from solver.upkeep import Kind, Target
from solver.workers import Limits

ROOT = Path(__file__).resolve().parents[1]
FIGURE = """\
figure: {plot: {curves: f, over: {x: [0, 1]}, caption: A curve.}}
"""


@pytest.fixture(autouse=True)
def _draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drawing is another one, so that one that is kept can be told, and each is counted."""

    def image(wanted: Wanted) -> Image:
        with (tmp_path / "count").open("a") as count:
            count.write(f"{wanted.file}\n")
        return Image(os.urandom(8), "A line.", wanted.source)

    monkeypatch.setattr(drawings, "image", image)


def two(tmp_path: Path) -> Path:
    """A sheet with two problems, a figure in each."""
    folder = sheet(tmp_path, PROBLEM + FIGURE)
    (folder / "cube.yaml").write_text(PROBLEM.replace("x * x", "x * x * x") + FIGURE)
    return folder


def targets(folder: Path, forms: tuple[Kind, ...] = ("solutions",)) -> tuple[Sheet, list[Target]]:
    found, _ = upkeep.targets([folder], folder.parent.parent / "build", forms)
    (read,) = sheets.of_targets(found[:1])
    assert read.sheet is not None, sheets.mistakes([read])
    return read.sheet, found


def figures(folder: Path, forms: tuple[Kind, ...] = ("solutions",)) -> dict[str, bytes]:
    """What is drawn or kept, put in place as a build does."""
    read, found = targets(folder, forms)
    images = {n: i for made in drawn([(read, each) for each in found]).values() for n, i in made.items()}
    good = {name: image for name, image in images.items() if isinstance(image, Image)}
    assert good.keys() == images.keys()
    for name, image in good.items():
        (found[0].folder / name).write_bytes(image.content)
    keep(found[0].folder, good)
    return {name: image.content for name, image in good.items()}


def test_what_stands_there_is_not_drawn_again(tmp_path: Path) -> None:
    first = figures(two(tmp_path))
    assert sorted(first) == ["cube-problem-1.pdf", "square-problem-1.pdf"]
    assert figures(two(tmp_path)) == first


@pytest.mark.parametrize("forms", [("solutions", "handout", "answers"), ("solutions", "index")])
def test_a_figure_is_drawn_once_for_all_forms(tmp_path: Path, forms: tuple[Kind, ...]) -> None:
    made = figures(two(tmp_path), forms)
    assert len(made) == (4 if "index" in forms else 2)
    assert sorted((tmp_path / "count").read_text().split()) == sorted(made)


def test_a_form_without_figures_draws_none(tmp_path: Path) -> None:
    assert figures(two(tmp_path), ("rubric",)) == {}


EDITS = [
    ("over: {x: [0, 1]}", "over: {x: [0, 2]}", True),
    ("f: x * x * x", "f: x * x * x * x", True),
    ("{about: a number}", "{about: a number, is: positive}", True),
    ("curves: f,", "curves: f, derivative: true,", True),
    ("title: Squares", "# another line\ntitle: Cubes", False),
    ("Find the derivative", "Find the slope", False),
    ("caption: A curve", "caption: Another curve", False),
    ("answer: 2 * x", "answer: 3 * x", False),
]


@pytest.mark.parametrize(("old", "new", "shown"), EDITS)
def test_only_figures_that_show_what_was_edited_are_drawn(tmp_path: Path, old: str, new: str, shown: bool) -> None:
    folder = two(tmp_path)
    first = figures(folder)
    text = (folder / "cube.yaml").read_text()
    assert old in text
    (folder / "cube.yaml").write_text(text.replace(old, new))
    second = figures(folder)
    again = {"cube-problem-1.pdf"} if shown else set()
    assert {name for name in first if first[name] != second[name]} == again


def test_what_a_figure_is_drawn_from_reads_the_same_in_every_process(tmp_path: Path) -> None:
    program = f"""if True:
        from pathlib import Path
        from solver import drawings, sheets, upkeep
        found, _ = upkeep.targets([Path({str(ROOT / "problems")!r})], Path({str(tmp_path)!r}), ("solutions",))
        for read, target in zip(sheets.of_targets(found), found):
            for wanted in drawings.drawing(drawings.page_of(read.sheet, target), target, {{}}):
                print(wanted.file, wanted.source)
    """
    said = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(said) == 1
    assert said.pop().count(b"\n") > 5


@pytest.mark.parametrize("what", ["words", "program", "file", "note", "no file", "no words"])
def test_all_are_drawn_when_what_they_share_has_changed(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = two(tmp_path)
    first = figures(folder)
    build = tmp_path / "build" / "squares"
    match what:
        case "words":
            (folder / "en.toml").write_text('extends = "en"\n[figures]\n')
        case "program":
            monkeypatch.setattr("solver.record.__version__", "0.0.0")
        case "file":
            for name in first:
                (build / name).write_bytes(b"another")
        case "no file":
            for name in first:
                (build / name).unlink()
        case "note":
            (build / "figures.json").write_text("{")
        case "no words":
            note = build / "figures.json"
            note.write_text(note.read_text().replace('"A line."', "1"))
    second = figures(folder)
    assert first.keys() == second.keys()
    assert all(second[name] not in (first[name], b"another") for name in first)


def test_what_cannot_be_drawn_is_a_mistake_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(wanted: Wanted) -> Image:
        if wanted.file.startswith("cube"):
            while True:
                pass
        return Image(b"", "", "")

    monkeypatch.setattr(drawings, "image", hang)
    read, (target,) = targets(two(tmp_path))
    made = drawn([(read, target)], Limits(seconds=0.2))[target.folder]
    assert isinstance(made["square-problem-1.pdf"], Image)
    wrong = made["cube-problem-1.pdf"]
    assert isinstance(wrong, Mistake)
    assert "the plot cannot be drawn: it used more than 0.2 seconds" in wrong.message
    assert (Path(wrong.place.file).name, wrong.place.line) == ("cube.yaml", 9)

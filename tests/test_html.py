"""`worked html`: the gate, the record, the list of pages, and a build with nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from worked_helpers import PROBLEM, WRONG_ANSWER, derive, sheet

import solver.solve
from solver.cli import main

PAGE = Path("build/squares/index.html")
SHELF = Path("build/index.html")


@pytest.fixture(autouse=True)
def _small_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(solver.solve, "derive", derive)
    monkeypatch.setattr("shutil.which", lambda name: None)


def test_a_verified_sheet_is_a_page_with_its_record_and_stands_in_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet(tmp_path)
    assert main(["html"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert (out[0], out[-1]) == (str(PAGE), str(SHELF))
    text = PAGE.read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert 'alttext="the derivative of' in text
    assert 'href="squares/index.html"' in SHELF.read_text()
    assert main(["verify", str(PAGE)]) == 0
    assert "1 of 1 lines verified" in capsys.readouterr().out
    PAGE.write_text(text.replace("</h1>", "!</h1>"))
    assert main(["verify", str(PAGE)]) == 1


def test_a_page_that_is_current_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet(tmp_path)
    main(["html"])
    before = [PAGE.stat().st_mtime_ns, SHELF.stat().st_mtime_ns]
    capsys.readouterr()
    assert main(["html"]) == 0
    assert capsys.readouterr().out == f"{PAGE} is up to date\n"
    assert [PAGE.stat().st_mtime_ns, SHELF.stat().st_mtime_ns] == before


def test_what_is_not_verified_loses_its_page_and_its_place_in_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sheet(tmp_path)
    sheet(tmp_path, PROBLEM, "more")
    main(["html"])
    (folder / "square.yaml").write_text(WRONG_ANSWER)
    assert main(["html"]) == 1
    assert list(PAGE.parent.iterdir()) == []
    assert "squares" not in SHELF.read_text()
    assert "more/index.html" in SHELF.read_text()
    assert f"{PAGE}: not built, because 1 of its 1 parts are not verified" in capsys.readouterr().err
    (tmp_path / "problems" / "more" / "square.yaml").write_text(WRONG_ANSWER)
    main(["html"])
    assert not SHELF.exists()

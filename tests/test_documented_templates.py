"""The sheet that docs/templates.md shows: its files, as they stand there, are built."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
needs_tex = pytest.mark.skipif(
    not shutil.which("pdflatex") or not shutil.which("pdftotext"), reason="needs TeX, poppler"
)


def block(kind: str, page: str = PAGE) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    return found


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The sheet's folder with its four files."""
    folder = tmp_path / "problems" / "first"
    folder.mkdir(parents=True)
    (folder / "solutions.tex.j2").write_text(block("jinja"))
    (folder / "nl.toml").write_text(block("toml"))
    (folder / "sheet.yaml").write_text(block("yaml"))
    (folder / "temperature.yaml").write_text(block("yaml", README))
    return folder


def worked(sheet: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "solver", *words, "problems/first"],
        cwd=sheet.parents[1], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@needs_tex
def test_the_documented_sheet_is_built_with_its_title_page_and_words(sheet: Path) -> None:
    done = worked(sheet, "pdf", "--only", "solutions")
    assert done.returncode == 0, done.stderr
    pdf = sheet.parents[1] / "build" / "first" / "solutions.pdf"
    pages = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout.split(
        "\f"
    )
    assert "Department of Statistics" in pages[0]
    assert "definitie van" not in pages[0]
    assert "Softmax met een temperatuur" in pages[0]
    assert "definitie van" in pages[1]
    assert "definition of" not in pages[1]
    assert (sheet.parents[1] / "build" / "first" / "solutions.tex").read_text().count("7A1F1F") == 1


@needs_tex
def test_a_slip_in_the_template_is_said_with_its_line_and_nothing_is_built(sheet: Path) -> None:
    template = sheet / "solutions.tex.j2"
    template.write_text(template.read_text().replace("sheet.title|text", "sheet.title"))
    line = template.read_text().splitlines().index("  {\\Huge\\bfseries\\color{ink}<( sheet.title )>\\par}") + 1
    done = worked(sheet, "pdf", "--only", "solutions")
    assert done.returncode == 2
    assert f"solutions.tex.j2:{line}: a template wrote a bare str" in done.stderr
    assert not (sheet.parents[1] / "build" / "first" / "solutions.pdf").exists()


def test_an_unknown_language_is_a_mistake_in_the_sheets_file(sheet: Path) -> None:
    (sheet / "nl.toml").unlink()
    done = worked(sheet, "check")
    assert done.returncode == 2
    assert "sheet.yaml:4:11" in done.stderr
    assert "there are no words for `nl`: write one of de, en" in done.stderr

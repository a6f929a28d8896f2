"""The command line: exit statuses, what is printed where, and the gate, with a small engine in the place of ours."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import signal
import xml.etree.ElementTree as ET
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from worked_helpers import PROBLEM, TWO_ROUTES, WRONG_ANSWER, Does, derive, sheet

import solver.output
import solver.solve
import solver.typeset.build
from solver.cli import main
from solver.typeset.build import Compiled
from solver.upkeep import FORMS


@pytest.fixture(autouse=True)
def _small_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(solver.solve, "derive", derive)
    monkeypatch.setattr(solver.typeset.build, "compile_pdf", press)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def press(tex: str, assets: object = None, *, jobname: str = "sheet", notes: object = None) -> Compiled:
    """A PDF that is the LaTeX itself."""
    return Compiled(b"%PDF " + tex.encode(), (), (), "This is a small TeX\n", 1)


@dataclass(frozen=True)
class Ran:
    """What a command line gave."""

    exit_code: int
    stdout: str
    stderr: str


def run(*args: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(args)
        except SystemExit as stop:  # argparse's own: help, version, wrong usage
            code = int(stop.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


# --- check ------------------------------------------------------------------------------------------------------------


def test_all_verified(tmp_path: Path) -> None:
    sheet(tmp_path)
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout == "1 part, 1 derivation, 1 line: all verified\n"
    assert result.stderr == ""


def test_a_wrong_answer_is_named_with_file_line_part_and_point(tmp_path: Path) -> None:
    sheet(tmp_path, WRONG_ANSWER)
    result = run("check", "problems/squares/square.yaml")
    assert result.exit_code == 1
    assert "problems/squares/square.yaml:8:13: wrong: part slope, route scalar: the answer" in result.stderr
    assert "ends in `2*x`" in result.stderr
    assert "the left side is" in result.stderr
    assert "1 wrong" in result.stdout


def test_a_wrong_line_is_shown_with_its_counterexample(tmp_path: Path) -> None:
    sheet(tmp_path, PROBLEM.replace("answer: 2 * x", "by: cases"))
    result = run("check")
    assert result.exit_code == 1
    assert "square.yaml:5:5: wrong: part slope, route cases: line 1 (definition)" in result.stderr
    assert "D(f, x)\n    = -2*x\n" in result.stderr
    assert "at x = " in result.stderr


def test_routes_that_disagree_both_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(*args: object, **kwargs: object) -> object:
        return dataclasses.replace(judge(*args, **kwargs), verdict="verified", lines=(), replay_errors=())  # type: ignore[arg-type]

    judge = solver.solve.judge
    monkeypatch.setattr(solver.solve, "judge", lenient)
    sheet(tmp_path, TWO_ROUTES)
    result = run("check", "--json", "report.json")
    assert result.exit_code == 1
    assert result.stderr.count("the routes `scalar` and `cases` do not agree") == 2
    assert [each["verdict"] for each in json.loads(Path("report.json").read_text())["parts"]] == ["wrong", "wrong"]


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (Does.REFUSE, "it cannot be derived: the small engine knows no squares"),
        (Does.SPIN, r"it .* and was cut off"),
        (Does.CRASH, "it failed inside this program"),
        (Does.FAULT, "it met a fault of this program: please report it"),
    ],
)
def test_a_part_in_trouble_is_reported_and_the_others_go_on(tmp_path: Path, route: str, message: str) -> None:
    trouble = PROBLEM.replace("id: slope", "id: trouble").replace("answer: 2 * x", f"by: {route}")
    sheet(tmp_path, trouble + PROBLEM.partition("parts:\n")[2])
    sheet(tmp_path, PROBLEM, "more")
    result = run("check", "--limit", "0.3", "--json", "report.json")
    assert result.exit_code == 1
    assert re.search(f"error: part trouble, route {route}: {message}", result.stderr)
    assert result.stdout == "3 parts, 3 derivations, 2 lines: 2 verified, 1 error\n"
    if route == Does.FAULT:
        assert "KeyError: 'a fault'" in result.stderr


def test_unreadable_input(tmp_path: Path) -> None:
    sheet(tmp_path, PROBLEM.replace("define:", "defin:"))
    sheet(tmp_path, PROBLEM, "more")
    result = run("check")
    assert result.exit_code == 2
    assert "square.yaml:3:1: unknown key `defin`" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout.startswith("1 part, 1 derivation, 1 line; ")


def test_an_unknown_route_is_the_authors_mistake(tmp_path: Path) -> None:
    sheet(tmp_path, PROBLEM.replace("answer: 2 * x", "by: scalr"))
    result = run("check")
    assert result.exit_code == 2
    assert "`scalr` is no route" in result.stderr


@pytest.mark.parametrize("args", [["check", "nowhere"], ["derive", "nowhere.yaml"], ["pdf", "nowhere"]])
def test_a_path_that_is_not_there(args: list[str]) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert "there is no such file or folder" in result.stderr


@pytest.mark.parametrize("args", [["chek"], ["check", "--sed", "1"], ["pdf", "--only", "questions"], ["derive"]])
def test_wrong_usage(args: list[str]) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert "usage:" in result.stderr


def test_the_json_report(tmp_path: Path) -> None:
    sheet(tmp_path, WRONG_ANSWER)
    run("check", "--json", "report.json", "--seed", "7")
    report = json.loads(Path("report.json").read_text())
    assert report["version"] == 1
    assert report["summary"] == {"parts": 1, "lines": 1, "verified": 0, "wrong": 1, "undecided": 0, "errors": 0}
    (part,) = report["parts"]
    expected = {
        "file": "problems/squares/square.yaml", "sheet": "squares", "problem": "square", "part": "slope",
        "ask": "derivative", "of": "f", "wrt": "x", "route": "scalar", "verdict": "wrong", "result": "2*x", "free": [],
        "shape": [], "latex": "2x",
    }  # fmt: skip
    assert {key: part[key] for key in expected} == expected
    assert "`2*x`" in part["message"]
    assert part["seconds"].keys() == {"derive", "check"}
    (line,) = part["lines"]
    assert (line["lhs"], line["rhs"], line["rule"], line["verdict"]) == ("D(f, x)", "2*x", "definition", "verified")
    assert line["counterexample"] is None


def test_a_counterexample_in_the_report(tmp_path: Path) -> None:
    sheet(tmp_path, PROBLEM.replace("answer: 2 * x", "by: cases"))
    run("check", "--json", "report.json")
    (part,) = json.loads(Path("report.json").read_text())["parts"]
    found = part["lines"][0]["counterexample"]
    x = float(found["values"]["x"])
    assert float(found["lhs"]) == pytest.approx(2 * x)
    assert float(found["rhs"]) == pytest.approx(-2 * x)


def test_the_junit_report(tmp_path: Path) -> None:
    sheet(
        tmp_path,
        PROBLEM.replace("title: Squares", "title: Squares <&>")
        + WRONG_ANSWER.partition("parts:\n")[2].replace("slope", "again"),
    )
    sheet(tmp_path, "title: nothing\n", "empty")
    assert run("check", "--junit", "report.xml").exit_code == 2
    suites = {suite.get("name"): suite for suite in ET.parse("report.xml").getroot()}
    assert [(case.get("classname"), case.get("name")) for case in suites["squares"]] == [
        ("squares.square", "slope (scalar)"), ("squares.square", "again (scalar)"),
    ]  # fmt: skip
    assert (suites["squares"].get("tests"), suites["squares"].get("failures")) == ("2", "1")
    failure = suites["squares"][1].find("failure")
    assert failure is not None
    assert "the answer is not what follows" in str(failure.get("message"))
    assert suites["problem files"].get("errors") == "1"


def test_annotations_where_github_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet(tmp_path, WRONG_ANSWER)
    assert "::error" not in run("check").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    line = next(line for line in run("check").stdout.splitlines() if line.startswith("::error "))
    assert line.startswith("::error file=problems/squares/square.yaml,line=8,col=13,title=wrong::part slope")
    assert "%0A" in line


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    sheet(tmp_path)
    result = run("check", "--json", "missing/report.json")
    assert result.exit_code == 3
    assert "missing/report.json: No such file or directory" in result.stderr


# --- derive -----------------------------------------------------------------------------------------------------------


def test_derive_as_text(tmp_path: Path) -> None:
    file = str(sheet(tmp_path) / "square.yaml")
    result = run("derive", file, "--by", Does.SLIP)
    assert result.exit_code == 1
    assert "part slope, route cases: wrong" in result.stdout
    assert "  D(f, x)\n    = -2*x    [definition of f]  <- not verified" in result.stdout


def test_derive_as_latex_and_json(tmp_path: Path) -> None:
    file = str(sheet(tmp_path) / "square.yaml")
    latex = run("derive", file, "--format", "latex")
    assert latex.exit_code == 0
    assert r"\begin{align*}" in latex.stdout
    assert r"&= 2x && \text{definition of $f$}" in latex.stdout
    assert json.loads(run("derive", file, "--format", "json").stdout)["parts"][0]["result"] == "2*x"


def test_derive_by_a_route_that_is_not_there(tmp_path: Path) -> None:
    result = run("derive", str(sheet(tmp_path) / "square.yaml"), "--by", "scalr")
    assert result.exit_code == 2
    assert "there is no route scalr; write `scalar` instead" in result.stderr


def test_derive_a_part_that_is_not_there(tmp_path: Path) -> None:
    file = str(sheet(tmp_path) / "square.yaml")
    result = run("derive", file, "--part", "b")
    assert result.exit_code == 2
    assert "there is no part b; known: slope" in result.stderr


SOLUTIONS = ("--only", "solutions")

# --- pdf --------------------------------------------------------------------------------------------------------------


def test_a_verified_sheet_is_built_once(tmp_path: Path) -> None:
    sheet(tmp_path)
    result = run("pdf", *SOLUTIONS)
    assert result.exit_code == 0
    assert (
        result.stdout
        == "build/squares/solutions.pdf\n1 part, 1 derivation, 1 line, 5 formulas read back: all verified\n"
    )
    assert sorted(each.name for each in Path("build/squares").iterdir()) == [
        "solutions.json", "solutions.pdf", "solutions.tex",
    ]  # fmt: skip
    again = run("pdf", *SOLUTIONS)
    assert (again.exit_code, again.stdout) == (0, "build/squares/solutions.pdf is up to date\n")


def test_every_form_is_built_from_one_source_unless_some_are_named(tmp_path: Path) -> None:
    sheet(tmp_path)
    assert run("pdf").exit_code == 0
    pdfs = [f"build/squares/{form}.pdf" for form in ("answers", "handout", "rubric", "solutions")]
    assert sorted(str(each) for each in Path("build").rglob("*.pdf")) == pdfs
    assert run("pdf").stdout.splitlines() == [f"build/squares/{form}.pdf is up to date" for form in FORMS]
    assert run("pdf", "--only", "handout", "--only", "rubric", "-o", "out").exit_code == 0
    assert sorted(each.name for each in Path("out/squares").glob("*.pdf")) == ["handout.pdf", "rubric.pdf"]


def test_the_command_line_wins_over_what_the_sheet_says_of_the_page(tmp_path: Path) -> None:
    folder = sheet(tmp_path)
    handout = ("pdf", "--only", "handout")
    made = Path("build/squares")
    (folder / "sheet.yaml").write_text("paper: letter\nsize: large\nspace: 8 lines\n")
    assert run(*handout).exit_code == 0
    tex = (made / "handout.tex").read_text()
    assert all(each in tex for each in ("[letterpaper,", "17pt]{extarticle}", "\\answerlines{8}\n"))
    assert json.loads((made / "handout.json").read_text())["page"] == {"paper": "letter", "size": "large"}
    options = ("--paper", "a4", "--no-large", "--space", "6cm")
    assert run(*handout, *options).stdout.startswith("build/squares/handout.pdf\n")
    tex = (made / "handout.tex").read_text()
    assert all(each in tex for each in ("[a4paper,", "11pt]{article}", "\\answerspace{6cm}\n"))
    kept = json.loads((made / "handout.json").read_text())
    assert kept["asked"] == {"paper": "a4", "size": "normal", "space": "6 cm"}
    assert run(*handout, *options).stdout == "build/squares/handout.pdf is up to date\n"
    assert run(*handout).stdout.startswith("build/squares/handout.pdf\n")


def test_a_part_says_how_much_room_its_answer_takes(tmp_path: Path) -> None:
    sheet(tmp_path, PROBLEM.replace("    answer:", "    space: 45 mm\n    answer:"))
    assert run("pdf", "--only", "handout").exit_code == 0
    assert "\\answerspace{45mm}\n" in Path("build/squares/handout.tex").read_text()


@pytest.mark.parametrize("room", ["much", "2.5 lines", "101 lines", "-3 cm", "3 pt"])
def test_room_that_cannot_be_left_is_said(tmp_path: Path, room: str) -> None:
    folder = sheet(tmp_path)
    result = run("pdf", f"--space={room}")
    assert result.exit_code == 2
    assert "--space: " in result.stderr
    (folder / "sheet.yaml").write_text(f"space: {room}\n")
    result = run("check")
    assert result.exit_code == 2
    assert "sheet.yaml:1:8: " in result.stderr


@pytest.mark.parametrize("change", ["problem", "pdf", "record", "new file", "template", "program"])
def test_whatever_changes_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    folder = sheet(tmp_path)
    run("pdf", *SOLUTIONS)
    made = tmp_path / "build" / "squares"
    match change:
        case "problem":
            (folder / "square.yaml").write_text(PROBLEM + "\n")
        case "pdf":
            (made / "solutions.pdf").write_bytes(b"%PDF other")
        case "record":
            (made / "solutions.json").write_text(
                (made / "solutions.json").read_text().replace('"lines": 1', '"lines": 2')
            )
        case "new file":
            (folder / "cube.yaml").write_text(PROBLEM)
        case "template":
            (folder / "handout.tex.j2").write_text("")
        case "program":
            monkeypatch.setattr("solver.record.__version__", "0.0.0")
    assert run("pdf", *SOLUTIONS).stdout.startswith("build/squares/solutions.pdf\n")
    assert run("pdf", *SOLUTIONS).stdout == "build/squares/solutions.pdf is up to date\n"


def test_a_failing_sheet_loses_its_old_pdf_and_the_others_are_built(tmp_path: Path) -> None:
    folder = sheet(tmp_path)
    run("pdf")
    (folder / "square.yaml").write_text(WRONG_ANSWER)
    sheet(tmp_path, PROBLEM, "more")
    result = run("pdf")
    assert result.exit_code == 1
    assert list((tmp_path / "build" / "squares").iterdir()) == []
    assert (tmp_path / "build" / "more" / "solutions.pdf").exists()
    assert "build/squares/solutions.pdf: not built, because 1 of its 1 parts are not verified" in result.stderr
    assert "the left side is" in result.stderr


def test_what_would_be_printed_otherwise_than_it_was_checked_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet(tmp_path)
    run("pdf", *SOLUTIONS)
    monkeypatch.setattr("solver.typeset.latex.decimal", lambda value: "3")
    (tmp_path / "problems" / "squares" / "square.yaml").write_text(PROBLEM + "\n")
    result = run("pdf", *SOLUTIONS)
    assert result.exit_code == 1
    assert list((tmp_path / "build" / "squares").iterdir()) == []
    assert "not built, because what would be printed is not what was checked" in result.stderr
    assert "problem square, part slope, line 1: `2*x` is printed as 3x, which reads `3*x`: " in result.stderr


def test_a_sheet_with_mistakes_loses_its_old_pdf(tmp_path: Path) -> None:
    folder = sheet(tmp_path)
    run("pdf")
    (folder / "square.yaml").write_text("title: [\n")
    result = run("pdf")
    assert result.exit_code == 2
    assert list((tmp_path / "build" / "squares").iterdir()) == []
    assert "has mistakes" in result.stderr


@pytest.mark.parametrize("moment", ["record", "pdf"])
def test_a_killed_build_leaves_nothing_that_looks_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    folder = sheet(tmp_path)
    run("pdf")
    (folder / "square.yaml").write_text(PROBLEM + "\n")
    move = os.replace

    def fatal(source: str, goal: Path) -> None:
        if goal.suffix == (".pdf" if moment == "pdf" else ".json"):
            os.kill(os.getpid(), signal.SIGKILL)
        move(source, goal)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(solver.output.os, "replace", fatal)
        run("pdf")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    left = {each.name for each in (tmp_path / "build" / "squares").iterdir()}
    assert "solutions.pdf" not in left
    assert any(name.endswith(".part") for name in left)
    assert run("pdf").exit_code == 0
    assert {each.suffix for each in (tmp_path / "build" / "squares").iterdir()} == {".json", ".pdf", ".tex"}


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet(tmp_path)

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(solver.output, "replace", full)
    result = run("pdf")
    assert result.exit_code == 3
    assert "build/squares/solutions.pdf: not built, because it cannot be written: No space left" in result.stderr


def test_two_sheets_of_one_name_are_not_built_over_each_other(tmp_path: Path) -> None:
    sheet(tmp_path)
    sheet(tmp_path / "elsewhere")
    result = run("pdf", "problems", "elsewhere/problems")
    assert result.exit_code == 2
    assert "would both be built in build/squares" in result.stderr
    assert (tmp_path / "build" / "squares" / "solutions.pdf").exists()


def test_without_tex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = run("pdf")
    assert result.exit_code == 3
    assert "pdflatex is not installed" in result.stderr
    assert run("check").exit_code == 0


def test_outputs_follow_no_link(tmp_path: Path) -> None:
    sheet(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "squares").symlink_to(elsewhere)
    result = run("pdf")
    assert result.exit_code == 2
    assert "build/squares is not a folder of its own" in result.stderr
    assert list(elsewhere.iterdir()) == []


# --- verify, schema, help ---------------------------------------------------------------------------------------------


def test_verify(tmp_path: Path) -> None:
    folder = sheet(tmp_path)
    run("pdf")
    pdf = "build/squares/solutions.pdf"
    result = run("verify", pdf)
    assert result.exit_code == 0
    assert "1 of 1 lines verified" in result.stdout
    (folder / "square.yaml").write_text(PROBLEM + "\n")
    changed = run("verify", pdf)
    assert changed.exit_code == 1
    assert f"{pdf}: ../../problems/squares/square.yaml has changed since" in changed.stderr
    Path(pdf).write_bytes(b"%PDF")
    assert "solutions.pdf is not the one that was made" in run("verify", pdf).stderr
    Path("build/squares/solutions.json").unlink()
    assert run("verify", pdf).exit_code == 2


def test_schema() -> None:
    result = run("schema")
    assert result.exit_code == 0
    assert "parts" in json.loads(result.stdout)["properties"]


@pytest.mark.parametrize("command", ["check", "derive", "pdf", "schema", "verify"])
def test_help_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"example:\n  worked {command}" in result.stdout


def test_version() -> None:
    assert run("--version").stdout.startswith("worked ")

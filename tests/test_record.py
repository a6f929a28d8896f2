"""Records: what is compared, what is noticed, and how little is imported for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from solver import output, record
from solver.record import BadRecord, Checked, Record

CHECKED = Checked(parts=1, lines=3, verified=3, points=4)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A record with one input and one output that are as it says."""
    (tmp_path / "problem.yaml").write_text("title: x\n")
    (tmp_path / "solutions.pdf").write_bytes(b"%PDF")
    inputs = record.digests([tmp_path / "problem.yaml"], tmp_path)
    outputs = record.digests([tmp_path / "solutions.pdf"], tmp_path)
    path = tmp_path / "solutions.json"
    path.write_text(Record("sheet", "solutions", inputs, {"worked": "1"}, CHECKED, outputs).text())
    return path


def test_a_record_is_read_as_it_was_written(made: Path) -> None:
    found = record.load(made)
    assert found.checked == CHECKED
    assert found.text() == made.read_text()
    assert record.complaints(made) == []


def test_current_only_with_the_same_files_by_the_same_program(made: Path) -> None:
    inputs = [made.parent / "problem.yaml"]
    assert record.is_current(made, inputs, {"worked": "1"})
    assert not record.is_current(made, inputs, {"worked": "2"})
    (made.parent / "more.yaml").write_text("")
    assert not record.is_current(made, [*inputs, made.parent / "more.yaml"], {"worked": "1"})
    assert record.complaints(made, [*inputs, made.parent / "more.yaml"]) == ["more.yaml is new"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("problem.yaml", "title: y\n", "problem.yaml has changed since"),
        ("problem.yaml", None, "problem.yaml is missing"),
        ("solutions.pdf", "%PDF!", "solutions.pdf is not the one that was made"),
        ("solutions.pdf", None, "solutions.pdf is missing"),
    ],
)
def test_what_changed_is_named(made: Path, name: str, content: str | None, complaint: str) -> None:
    (made.parent / name).unlink()
    if content is not None:
        (made.parent / name).write_text(content)
    assert record.complaints(made) == [complaint]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"record": 1}', '{"record": "", "checked": []}', "\ud800".encode("utf-8", "surrogatepass")],
)
def test_what_is_no_record(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "solutions.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadRecord, match="cannot be read"):
        record.load(path)


@pytest.mark.parametrize("key", ["inputs", "program", "checked", "sheet"])
def test_an_edited_record_is_noticed(made: Path, key: str) -> None:
    content = json.loads(made.read_text())
    content[key] = {**content[key], "lines": 9} if isinstance(content[key], dict) else "other"
    made.write_text(json.dumps(content))
    with pytest.raises(BadRecord, match="not as it was written"):
        record.load(made)


def test_the_name_says_what_was_checked_not_what_came_out(made: Path) -> None:
    found = record.load(made)
    assert replace(found, outputs={}, tex="other").name == found.name
    assert replace(found, checked=replace(CHECKED, lines=4)).name != found.name


def test_the_program_is_its_source_its_templates_and_its_libraries(tmp_path: Path) -> None:
    (tmp_path / "base.tex.j2").write_text("a")
    before = record.program(tmp_path)
    assert set(record.PACKAGES) <= set(before)
    (tmp_path / "base.tex.j2").write_text("b")
    assert record.program(tmp_path)["source"] != before["source"]


# --- files that appear whole ------------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    output.replace(path, b"one")
    output.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    output.replace(path, b"one")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        output.replace(path, b"two")
    assert path.read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    (tmp_path / "a.pdf").symlink_to(tmp_path / "target")
    output.replace(tmp_path / "a.pdf", b"new")
    assert (tmp_path / "target").read_text() == "kept"
    assert not (tmp_path / "a.pdf").is_symlink()


@pytest.mark.parametrize(
    ("name", "safe"), [("softmax", "softmax"), ("../../etc", "etc"), ("a b/c", "a-b-c"), ("..", "sheet"), ("-rf", "rf")]
)
def test_a_sheets_folder_stays_where_it_belongs(tmp_path: Path, name: str, safe: str) -> None:
    assert output.folder(tmp_path / "build", name) == tmp_path / "build" / safe


def test_a_build_with_nothing_to_do_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"sympy", "matplotlib", "numpy", "flint", "pydantic", "ruamel", "jinja2", "rich", "solver.sheets"}
    program = f"""
import sys
from pathlib import Path
from solver import cli, record, upkeep
(target,), _ = upkeep.targets([Path("problems/s")], Path("build"), ("solutions",))
target.file.write_bytes(b"%PDF")
inputs, outputs = record.digests(target.inputs, target.folder), record.digests([target.file], target.folder)
checked = record.Checked(1, 1, 1, 1)
made_by = record.program(upkeep.TEMPLATES)
target.record.write_text(record.Record("s", "solutions", inputs, made_by, checked, outputs).text())
cli.main(["pdf", "problems/s", "--only", "solutions"])
print(sorted({heavy!r} & set(sys.modules)), len(sys.modules) > 50)
"""
    (tmp_path / "problems" / "s").mkdir(parents=True)
    (tmp_path / "problems" / "s" / "p.yaml").write_text("")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["build/s/solutions.pdf is up to date", "[] True"], done.stderr

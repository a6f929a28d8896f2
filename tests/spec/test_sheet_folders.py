"""From folders to sheets: which files make which sheet, their order, and that no other file is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from solver.spec.load import find, load_problem, load_sheet
from solver.spec.mistakes import Mistakes
from solver.spec.paths import SheetFiles, sheets

GOOD = "title: {title}\nparts: [{{simplify: 1 + 1}}]\n"


def folder(root: Path, name: str, *problems: str, sheet: str | None = None) -> Path:
    made = root / name
    made.mkdir(parents=True, exist_ok=True)
    for problem in problems:
        (made / f"{problem}.yaml").write_text(GOOD.format(title=problem), encoding="utf-8")
    if sheet is not None:
        (made / "sheet.yaml").write_text(sheet, encoding="utf-8")
    return made


def bad(root: Path, name: str) -> Path:
    path = root / name
    path.write_text("parts: [{simplify: qq}]\n", encoding="utf-8")
    return path


def test_a_sheet_has_its_head_and_its_problems_in_order(tmp_path: Path) -> None:
    text = "title: First sheet\ncourse: A course\norder: [c, a]\nintro: Words.\nlanguage: de\n"
    sheet = load_sheet(folder(tmp_path, "one", "a", "b", "c", "d", sheet=text))
    assert (sheet.name, sheet.title, sheet.course, sheet.intro, sheet.language) == (
        "one", "First sheet", "A course", "Words.", "de",
    )  # fmt: skip
    assert [problem.name for problem in sheet.problems] == ["c", "a", "b", "d"]


def test_mathematics_in_a_sheets_title_is_read_with_the_names_of_its_first_problem(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a", "b", sheet="title: The gradient of `nothing`\nintro: We want `x +`.\n")
    with pytest.raises(Mistakes) as raised:
        load_sheet(made)
    found = [(each.place.line, each.place.column) for each in raised.value.mistakes]
    assert found == [(1, 25), (2, 17)], raised.value
    (made / "sheet.yaml").write_text("title: The gradient of `tanh`\n")
    assert load_sheet(made).title == "The gradient of `tanh`"


def test_a_folder_without_a_sheet_file_is_a_sheet(tmp_path: Path) -> None:
    sheet = load_sheet(folder(tmp_path, "my-first_sheet", "b", "a"))
    assert (sheet.name, sheet.title, sheet.course, sheet.language) == ("my-first_sheet", "My first sheet", "", "en")
    assert [problem.name for problem in sheet.problems] == ["a", "b"]


def test_a_file_alone_is_a_sheet_of_its_own(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a", "b", sheet="title: T\n")
    (found,) = find([made / "a.yaml"])
    assert found.sheet is not None
    assert (found.name, found.sheet.title) == ("a", "a")
    assert [problem.name for problem in found.sheet.problems] == ["a"]


def test_a_folder_of_sheets_gives_each(tmp_path: Path) -> None:
    folder(tmp_path, "two", "a")
    folder(tmp_path, "one", "a", sheet="title: T\n")
    folder(tmp_path, ".hidden", "a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("words")
    found = find([tmp_path, tmp_path / "one"])
    assert [(each.name, each.sheet is not None) for each in found] == [("one", True), ("two", True)]


def test_files_beside_folders_of_sheets_are_not_lost(tmp_path: Path) -> None:
    root = folder(tmp_path, "all", "loose")
    folder(root, "one", "a")
    assert [each.name for each in find([root])] == ["all", "one"]


def test_a_bad_problem_hides_neither_its_sheet_s_others_nor_other_sheets(tmp_path: Path) -> None:
    one = folder(tmp_path, "one", "a", "c")
    bad(one, "b.yaml")
    folder(tmp_path, "two", "a")
    first, second = find([tmp_path])
    assert first.sheet is None
    assert [mistake.place.file for mistake in first.mistakes] == [str(one / "b.yaml")]
    assert [problem.name for problem in first.readable] == ["a", "c"]
    assert second.sheet is not None
    with pytest.raises(Mistakes):
        load_sheet(one)


def test_mistakes_of_all_files_of_a_sheet_come_together(tmp_path: Path) -> None:
    one = folder(tmp_path, "one", sheet="titel: T\norder: [a]\n")
    bad(one, "a.yaml")
    bad(one, "b.yaml")
    with pytest.raises(Mistakes) as caught:
        load_sheet(one)
    assert [Path(each.place.file).name for each in caught.value.mistakes] == ["a.yaml", "b.yaml", "sheet.yaml"]


SHEET_MISTAKES = [
    ("order: [a, bb]", 1, 12, "no file `bb.yaml`", "write `b` instead"),
    ("order: [a, a]", 1, 12, "stands twice", ""),
    ("order: [../two/a]", 1, 9, "is no file name", "without .yaml"),
    ("order: [/etc/passwd]", 1, 9, "is no file name", ""),
    ('order: ["..\\\\a"]', 1, 10, "is no file name", ""),
    ("order: [..]", 1, 9, "is no file name", ""),
    ("order: a", 1, 8, "wanted a list", "[a]"),
    ("titel: x", 1, 1, "unknown key `titel`", "`title`"),
    ("language: klingon!", 1, 11, "no code of a language", ""),
    ("intro: a `b", 1, 10, "no partner", ""),
    ("title: [x]", 1, 8, "read a list, wanted a text", ""),
    ("parts: []", 1, 1, "unknown key `parts`", "it belongs to the problem"),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), SHEET_MISTAKES)
def test_a_mistake_in_a_sheet_file(tmp_path: Path, text: str, line: int, column: int, message: str, hint: str) -> None:
    made = folder(tmp_path, "one", "a", "b", sheet=text)
    with pytest.raises(Mistakes) as caught:
        load_sheet(made)
    (found,) = caught.value.mistakes
    assert (found.place.file, found.place.line, found.place.column) == (str(made / "sheet.yaml"), line, column)
    assert message in found.message
    assert hint in found.hint


def test_paths_that_name_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "empty").mkdir()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.yml").write_text("parts: []")
    wanted = {
        "nowhere": "there is no such file or folder",
        "notes.txt": "this is no problem file",
        "empty": "there are no problem files here",
        "old": "problem files end in .yaml",
        "a\0b": "there is no such",
        "x" * 300: "cannot be looked at",
    }
    for name, message in wanted.items():
        (found,) = find([tmp_path / name])
        assert found.sheet is None
        assert message in found.mistakes[0].message


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a")
    secret = tmp_path / "secret.yaml"
    secret.write_text(GOOD.format(title="secret"))
    (made / "b.yaml").symlink_to(secret)
    (found,) = find([made])
    assert [(Path(each.place.file).name, each.message) for each in found.mistakes] == [
        ("b.yaml", f"the file lies outside its folder {made}")
    ]
    assert [problem.name for problem in found.readable] == ["a"]


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a")
    (made / "b.yaml").symlink_to(made / "a.yaml")
    assert [problem.name for problem in load_sheet(made).problems] == ["a", "b"]


def test_a_broken_link_and_a_circle_of_links_are_mistakes(tmp_path: Path) -> None:
    made = folder(tmp_path, "one")
    (made / "a.yaml").symlink_to(made / "nowhere")
    (made / "b.yaml").symlink_to(made / "c.yaml")
    (made / "c.yaml").symlink_to(made / "b.yaml")
    (found,) = find([made])
    assert sorted(Path(each.place.file).name for each in found.mistakes) == ["a.yaml", "b.yaml", "c.yaml"]


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a")
    os.mkfifo(made / "b.yaml")
    (found,) = find([made])
    assert [each.message for each in found.mistakes] == ["this is not a file"]


def test_two_sheets_of_one_name_cannot_be_built_together(tmp_path: Path) -> None:
    first, second = folder(tmp_path, "x/one", "a"), folder(tmp_path, "y/one", "a")
    found = find([first, second])
    assert [each.sheet is not None for each in found] == [True, False]
    assert "two sheets are called `one`" in found[1].mistakes[0].message


def test_a_file_may_be_held_to_a_wider_root(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", "a")
    assert load_problem(made / "a.yaml", tmp_path).name == "a"
    with pytest.raises(Mistakes):
        load_problem(made / "a.yaml", folder(tmp_path, "two"))


def test_files_are_named_without_being_read(tmp_path: Path) -> None:
    made = folder(tmp_path, "one", sheet="not: [yaml")
    (made / "a.yaml").write_bytes(b"\xff")
    (found,) = sheets([made])
    assert found == SheetFiles(made, "one", (made / "a.yaml",), made / "sheet.yaml")

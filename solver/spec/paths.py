"""Which files make which sheet: folders and names only, nothing read, nothing heavy imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from solver.spec.mistakes import Mistakes
from solver.spec.source import whole

SHEET_FILE = "sheet.yaml"
SUFFIX = ".yaml"
MAX_FILES = 1000


@dataclass(frozen=True)
class SheetFiles:
    """The files of one sheet: `problems` by name, `sheet` where there is one; a lone file is a sheet of its own."""

    folder: Path
    name: str
    problems: tuple[Path, ...]
    sheet: Path | None = None
    alone: bool = False


def sheets(paths: Sequence[Path]) -> Iterator[SheetFiles | Mistakes]:
    """The sheets that the paths name, each once, in order; Mistakes in the place of a path that names none."""
    seen: set[tuple[Path, bool]] = set()
    for path in paths:
        try:
            found = list(_at(path))
        except Mistakes as mistakes:
            yield mistakes
            continue
        for sheet in found:
            key = (sheet.problems[0] if sheet.alone else sheet.folder).resolve()
            if (key, sheet.alone) not in seen:
                seen.add((key, sheet.alone))
                yield sheet


def _at(path: Path) -> Iterator[SheetFiles]:
    try:
        if path.is_dir():
            yield from _folder(path)
            return
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise whole(path, f"this path cannot be looked at: {error}") from None
    if not exists:
        raise whole(path, "there is no such file or folder")
    if path.name == SHEET_FILE:
        yield from _folder(path.parent)
    elif path.suffix != SUFFIX:
        raise whole(path, "this is no problem file", f"problem files end in {SUFFIX}")
    else:
        yield SheetFiles(path.parent, path.stem, (path,), alone=True)


def _folder(path: Path) -> Iterator[SheetFiles]:
    here = sheet_files(path)
    if here is not None:
        yield here
    below = []
    if here is None or here.sheet is None:
        folders = sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith((".", "_")))
        below = [found for folder in folders if (found := sheet_files(folder)) is not None]
        yield from below
    if here is None and not below:
        raise whole(path, "there are no problem files here", f"problem files end in {SUFFIX}")


def sheet_files(folder: Path) -> SheetFiles | None:
    """The sheet that the folder is, by its files; None where it holds no problem file."""
    files = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and not each.is_dir())
    wrong = next((each for each in files if each.suffix == ".yml"), None)
    if wrong is not None:
        raise whole(wrong, "problem files end in .yaml", f"call it {wrong.stem}{SUFFIX}")
    sheet = next((each for each in files if each.name == SHEET_FILE), None)
    problems = tuple(each for each in files if each.suffix == SUFFIX and each.name != SHEET_FILE)
    if len(problems) > MAX_FILES:
        raise whole(folder, f"more than {MAX_FILES} problem files")
    if not problems and sheet is None:
        return None
    return SheetFiles(folder, folder.resolve().name, problems, sheet)

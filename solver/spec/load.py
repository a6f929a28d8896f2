"""From files to problems and sheets: the whole of what a caller of this room needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from solver.expr.read import ReadError
from solver.expr.shapes import ShapeError
from solver.language.catalogue import UnknownLanguage, catalogue
from solver.spec.build import build
from solver.spec.mistakes import Mistake, Mistakes, instead
from solver.spec.models import SheetModel
from solver.spec.parse import parse
from solver.spec.paths import SheetFiles, sheet_files, sheets
from solver.spec.problem import Problem, Sheet
from solver.spec.scope import scope_of
from solver.spec.source import read_source, whole
from solver.spec.texts import OpenBacktick, read_piece, spans
from solver.spec.tree import Scalar
from solver.spec.validate import validate

__all__ = ["Mistake", "Mistakes", "SheetOrMistakes", "find", "load_problem", "load_sheet"]


@dataclass(frozen=True)
class SheetOrMistakes:
    """What stands in one place: the sheet, or its mistakes with those of its problems that could be read."""

    folder: Path
    name: str
    sheet: Sheet | None
    mistakes: tuple[Mistake, ...] = ()
    readable: tuple[Problem, ...] = ()


def load_problem(path: Path, root: Path | None = None) -> Problem:
    """The problem in the file, which must lie in `root` (its folder, if left out); Mistakes with every one in it."""
    source = read_source(path, path.parent if root is None else root)
    problem, mistakes = build(source, path)
    if problem is None or mistakes:
        raise Mistakes(mistakes)
    return problem


def load_sheet(folder: Path) -> Sheet:
    """The sheet of the folder, in the order of its sheet.yaml; Mistakes with every mistake of all its files."""
    files = _listed(folder)
    found = _load(files)
    if found.sheet is None:
        raise Mistakes(found.mistakes)
    return found.sheet


def find(paths: Sequence[Path]) -> list[SheetOrMistakes]:
    """The sheets at the paths (a file, a sheet's folder, a folder of sheets): each read, or with its own mistakes."""
    results: list[SheetOrMistakes] = []
    for files in sheets(paths):
        if isinstance(files, Mistakes):
            place = Path(files.mistakes[0].place.file)
            results.append(SheetOrMistakes(place, place.name, None, files.mistakes))
            continue
        found = _load(files)
        twin = next((each for each in results if each.sheet is not None and each.name == found.name), None)
        if twin is not None and found.sheet is not None:
            message = f"two sheets are called `{found.name}`: {twin.folder} and {found.folder}"
            mistakes = whole(found.folder, message, "rename one, or build them apart").mistakes
            found = replace(found, sheet=None, mistakes=mistakes)
        results.append(found)
    return results


def _listed(folder: Path) -> SheetFiles:
    try:
        files = sheet_files(folder)
    except OSError as error:
        raise whole(folder, f"the folder cannot be read: {error.strerror}") from None
    if files is None:
        raise whole(folder, "there are no problem files here")
    return files


def _load(files: SheetFiles) -> SheetOrMistakes:
    mistakes: list[Mistake] = []
    problems: dict[str, Problem] = {}
    for path in files.problems:
        try:
            problems[path.stem] = load_problem(path, files.folder)
        except Mistakes as found:
            mistakes.extend(found.mistakes)
    sheet = Sheet(files.folder, files.name, _title(files.name), "", ())
    ordered = tuple(problems.values())
    if files.sheet is not None:
        try:
            sheet, ordered = _sheet_file(files, sheet, problems)
        except Mistakes as found:
            mistakes.extend(found.mistakes)
    if files.alone and ordered:
        sheet = replace(sheet, title=ordered[0].title)
    if not files.problems:
        mistakes.extend(whole(files.folder, "there are no problem files here").mistakes)
    if mistakes:
        return SheetOrMistakes(files.folder, files.name, None, Mistakes(mistakes).mistakes, ordered)
    return SheetOrMistakes(files.folder, files.name, replace(sheet, problems=ordered), (), ordered)


def _title(name: str) -> str:
    return re.sub(r"[-_]+", " ", name).strip().capitalize()


def _sheet_file(files: SheetFiles, sheet: Sheet, problems: Mapping[str, Problem]) -> tuple[Sheet, tuple[Problem, ...]]:
    """The sheet with what its sheet.yaml says, and its problems in their order."""
    assert files.sheet is not None
    source = read_source(files.sheet, files.folder)
    fields, mistakes = parse(source)
    model = validate(SheetModel, fields, {}, mistakes)
    order: list[str] = []
    known = [path.stem for path in files.problems]
    for at in model.order or ():
        name = at.text
        if name in order:
            mistakes.append(at.mistake(f"`{name[:60]}` stands twice"))
        elif "/" in name or "\\" in name or name.startswith("."):
            mistakes.append(at.mistake(f"`{name[:60]}` is no file name", "name files of this folder, without .yaml"))
        elif name not in known:
            mistakes.append(at.mistake(f"there is no file `{name[:60]}.yaml` in the folder", instead(name, known)))
        order.append(name)
    if model.language is not None:
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", model.language.text):
            try:
                catalogue(model.language.text, files.folder)
            except UnknownLanguage as unknown:
                mistakes.append(model.language.mistake(str(unknown)))
        else:
            mistakes.append(model.language.mistake("this is no code of a language", "write `en`, `de`, `pt-BR`"))
    ranks = {name: number for number, name in enumerate(order)}
    ordered = tuple(problems[name] for name in sorted(problems, key=lambda name: (ranks.get(name, len(ranks)), name)))
    readable = bool(ordered) and len(ordered) == len(files.problems)
    for at in filter(None, (model.title, model.course, model.author, model.intro)):
        mistakes.extend(_unreadable(at, ordered[0] if readable and at not in (model.course, model.author) else None))
    if mistakes:
        raise Mistakes(mistakes)
    keys = ("title", "course", "author", "intro", "language", "paper", "size")
    text = {name: at.text.strip() for name in keys if (at := getattr(model, name))}
    return replace(sheet, **text, space=model.space), ordered


def _unreadable(at: Scalar, first: Problem | None) -> Iterator[Mistake]:
    """What cannot be read of a sheet's text, whose mathematics speaks of the names of its first problem."""
    try:
        for span in spans(at.text):
            if span.mathematics and first is not None:
                read_piece(at.text[span.start : span.end], scope_of(first))
    except OpenBacktick as error:
        yield at.mistake("this backtick has no partner", "", error.position, error.position + 1)
    except (ReadError, ShapeError) as error:
        yield at.mistake(error.message, error.hint, span.start, span.end)

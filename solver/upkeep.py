"""Which sheets have to be built: those whose PDF or page is not what their files, and this program, would give now.

Nothing heavy is imported here, so that a build with nothing to do is over at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from solver import output, record
from solver.spec.mistakes import Mistakes
from solver.spec.paths import SheetFiles, sheets
from solver.spec.source import whole

Kind = Literal["solutions", "handout", "answers", "rubric", "index"]
FORMS: tuple[Kind, ...] = ("solutions", "handout", "answers", "rubric")
"""What is made of a sheet: everything, the questions, the final formulas, what earns points."""
SCREEN: Kind = "index"
"""The page for the screen: everything, as HTML."""
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
OWN = (".tex.j2", ".html.j2", ".toml")
"""How the files end that an author may put beside the problems in the place of ours: templates and languages."""


@dataclass(frozen=True)
class Options:
    """What the command line says of the page; None leaves it to the sheet."""

    paper: str | None = None
    size: str | None = None
    space: str | None = None

    def asked(self) -> dict[str, str]:
        """What was asked for, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Target:
    """One sheet in one form: where its files go."""

    files: SheetFiles
    folder: Path
    form: Kind
    options: Options = Options()

    @property
    def path(self) -> Path:
        """The path that names the sheet."""
        return self.files.problems[0] if self.files.alone else self.files.folder

    @property
    def file(self) -> Path:
        """The PDF, or the page for the screen."""
        return self.folder / f"{self.form}.{'html' if self.form == SCREEN else 'pdf'}"

    @property
    def record(self) -> Path:
        return self.folder / f"{self.form}.json"

    @property
    def inputs(self) -> list[Path]:
        """The files it is made of: problems, sheet.yaml, and templates and languages of the author's own."""
        own = sorted(each for each in self.files.folder.iterdir() if each.name.endswith(OWN))
        return [*self.files.problems, *filter(None, (self.files.sheet,)), *own]


def targets(
    paths: Sequence[Path], out: Path, forms: Sequence[Kind] = FORMS, options: Options = Options()
) -> tuple[list[Target], list[Mistakes]]:
    """The sheets at the paths, in each form, and where they go; and the paths that name none, or have no place left."""
    made: dict[Path, Target] = {}
    refused: list[Mistakes] = []
    for files in sheets(paths):
        if isinstance(files, Mistakes):
            refused.append(files)
            continue
        target = Target(files, output.folder(out, files.name), forms[0], options)
        other = made.setdefault(target.folder, target)
        if other is not target:
            message = f"{target.path} and {other.path} would both be built in {target.folder}"
            refused.append(whole(target.path, message, "rename one, or build them apart with -o"))
    return [replace(target, form=form) for target in made.values() for form in forms], refused


def stale(found: Sequence[Target]) -> list[Target]:
    """The targets whose file is missing or not current. What stands in its place is removed, being out of date."""
    made_by = record.program(TEMPLATES)
    waiting = [each for each in found if not record.is_current(each.record, each.inputs, made_by, each.options.asked())]
    for each in waiting:
        output.remove(each.folder, each.form)
    return waiting

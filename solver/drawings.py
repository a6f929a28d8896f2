"""The figures of sheets as files: drawn once for all forms, several at once, and not again while nothing has changed.

    drawn(jobs)                     each figure's bytes and words, or why there are none
    keep(folder, images)            a note beside the files of what each was drawn from

A figure shows what its problem states, and nothing that is derived. It is drawn from that, from its own settings, the
words of the language and this program: one that stands in the sheet's folder and was drawn from the same is taken as it
is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from solver import output, record
from solver.language.catalogue import Catalogue, UnknownLanguage, catalogue
from solver.spec.mistakes import Mistake
from solver.spec.problem import Place, Problem, Sheet
from solver.spec.texts import pieces
from solver.typeset.figures import FigureError, draw
from solver.typeset.view import FigureView, SheetView
from solver.upkeep import SCREEN, TEMPLATES, Target
from solver.workers import DEFAULT, Limits, Lost, processors, run

NOTE = "figures.json"


@dataclass(frozen=True)
class Image:
    """A drawn figure: the bytes of its file, the words for those who do not see it, a digest of what it shows."""

    content: bytes
    alternative: str
    source: str


Images = Mapping[str, Image | Mistake]
"""Figures by the names of their files, with the mistakes of those that cannot be drawn."""


@dataclass(frozen=True)
class Wanted:
    """A figure that is to be drawn; `form` is `pdf` or `svg`."""

    view: FigureView
    words: Catalogue
    form: str
    source: str

    @property
    def file(self) -> str:
        return name(self.view, self.form)

    def mistake(self, why: str) -> Mistake:
        figure = self.view.figure
        place = figure.place or Place(str(self.view.problem.file), 1, 1)
        return Mistake(place, f"the {figure.kind} cannot be drawn: {why}")


def name(figure: FigureView, form: str) -> str:
    """The name of a figure's file."""
    return f"{figure.file}.{form}"


def ending(target: Target) -> str:
    """How the files of figures end: pages for the screen show them as SVG."""
    return "svg" if target.form == SCREEN else "pdf"


def drawing(view: SheetView, target: Target, made_by: Mapping[str, str]) -> list[Wanted]:
    """The figures of a page, with what each is drawn from; `made_by` is this program."""
    form = ending(target)
    own = record.digests((path for path in target.inputs if path not in target.files.problems), target.folder)

    def wanted(given: FigureView) -> Wanted:
        figure = replace(given, problem=stated(given.problem))
        shown = repr((figure.figure.kind, figure.figure.options, replace(figure.problem, file=Path())))
        text = json.dumps([made_by, own, view.catalogue.code, form, figure.file, shown], sort_keys=True)
        return Wanted(figure, view.catalogue, form, hashlib.sha256(text.encode()).hexdigest())

    return [wanted(each) for each in view.figures]


def stated(problem: Problem) -> Problem:
    """The problem's names and what is assumed of them, which is all that a figure is drawn from."""
    return replace(problem, parts=(), figures=(), places={}, title="", source="", intro="", digest="")


def image(wanted: Wanted) -> Image | Mistake:
    """The figure, drawn; the author's mistake where it cannot be."""
    try:
        made = draw(wanted.view.figure, wanted.view.problem, wanted.words)
        content = made.svg if wanted.form == "svg" else made.pdf
    except FigureError as error:
        return wanted.mistake(str(error))
    return Image(content, made.alternative, wanted.source)


def drawn(pages: Iterable[tuple[Sheet, Target]], limits: Limits = DEFAULT) -> dict[Path, dict[str, Image | Mistake]]:
    """All figures of the pages, by folder and file: those that stand there already, and the others drawn."""
    made_by = record.program(TEMPLATES)
    found: dict[Path, dict[str, Image | Mistake]] = {}
    missing: dict[tuple[Path, str], Wanted] = {}
    for sheet, target in pages:
        there, kept = found.setdefault(target.folder, {}), _kept(target.folder)
        try:
            figures = drawing(page_of(sheet, target), target, made_by)
        except UnknownLanguage:
            # said of the page when it is to be set
            continue
        for wanted in figures:
            standing = _standing(target.folder / wanted.file, kept.get(wanted.file), wanted.source)
            if standing is not None:
                there[wanted.file] = standing
            else:
                missing.setdefault((target.folder, wanted.file), wanted)
    tasks = [(folder, wanted) for (folder, _), wanted in missing.items()]
    # what draws takes longer to load than most figures to draw: once, not in each worker
    for module in sorted({_BACKENDS[wanted.form] for _, wanted in tasks}):
        import_module("solver.typeset.figures.drawn")
        import_module(module)
    lines = [tasks[first :: processors()] for first in range(processors())]
    for (folder, wanted), result in run(lines, _draw, limits):
        found[folder][wanted.file] = wanted.mistake(f"it {result.why}") if isinstance(result, Lost) else result
    return found


_BACKENDS = {"pdf": "matplotlib.backends.backend_pdf", "svg": "matplotlib.backends.backend_svg"}


def _draw(task: tuple[Path, Wanted], done: object) -> Image | Mistake:
    return image(task[1])


def page_of(sheet: Sheet, target: Target) -> SheetView:
    """The page without its derivations, of which no figure shows anything."""
    from solver.typeset import page
    from solver.typeset.view import Record as Footer

    words = catalogue(sheet.language, sheet.folder)
    return page.of_form(page.view(sheet, {}, Footer(0, 0, 0, "", ""), words, prose=pieces), target.form)


# --- what stands in the folder ----------------------------------------------------------------------------------------


def _kept(folder: Path) -> dict[str, dict[str, str]]:
    """What the figures in a folder were drawn from, by file; nothing where that cannot be read."""
    try:
        found = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: each for name, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _standing(path: Path, kept: Mapping[str, str] | None, source: str) -> Image | None:
    """The figure that stands there, if it is the one that was drawn, and was drawn from the same."""
    if kept is None or kept.get("source") != source or not isinstance(kept.get("alternative"), str):
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != kept.get("file"):
        return None
    return Image(content, kept["alternative"], source)


def keep(folder: Path, images: Mapping[str, Image]) -> None:
    """The note of what the figures in a folder were drawn from, with these among them."""
    new = {
        name: {
            "source": image.source, "file": hashlib.sha256(image.content).hexdigest(), "alternative": image.alternative
        }
        for name, image in images.items()
    }  # fmt: skip
    before = _kept(folder)
    if new.items() <= before.items():
        return
    output.replace(folder / NOTE, (json.dumps({**before, **new}, indent=1, ensure_ascii=False) + "\n").encode())

"""From answered sheets to PDFs: the gate, the page in memory, the files put in place.

page = typeset(sheet, answered, target)     LaTeX, figures and PDF, if the gate lets it pass
press(jobs)                                 the same for several sheets at once, each within bounds
build(page, target)                         put in place in one move, with a record beside it
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from solver import __version__, output, record
from solver.expr.derivation import Derivation
from solver.record import Checked, Record
from solver.sheets import Answered
from solver.spec.leaves import space
from solver.spec.mistakes import Mistake, Mistakes
from solver.spec.problem import Sheet
from solver.spec.texts import pieces
from solver.upkeep import SCREEN, TEMPLATES, Options, Target
from solver.workers import DEFAULT, Limits, Lost, run

if TYPE_CHECKING:
    from solver.drawings import Image, Images
    from solver.language.catalogue import Catalogue
    from solver.typeset.build import Compiled
    from solver.typeset.render import Kind
    from solver.typeset.view import SheetView


@dataclass(frozen=True)
class Page:
    """A sheet in one form, made and not yet put in place: its files by name, and what its record says."""

    files: Mapping[str, bytes]
    record: Record
    images: Mapping[str, Image] = field(default_factory=dict)
    notes: Mapping[str, bytes] = field(default_factory=dict)
    """What TeX wrote down for the next time; no part of the sheet, and not recorded."""
    warnings: tuple[str, ...] = ()


class NotVerified(Exception):
    """The gate: something on the sheet is not verified."""


def passed(sheet: Sheet, answered: Sequence[Answered]) -> bool:
    """The gate: every part of the sheet is answered, and every route, chain and line of every answer verified."""
    wanted = {(problem.name, part.id) for problem in sheet.problems for part in problem.parts}
    given = {(each.question.problem.name, each.question.part.id) for each in answered if each.outcomes}
    outcomes = [outcome for each in answered for outcome in each.outcomes]
    return given == wanted and all(
        outcome.verdict == "verified"
        and outcome.judgement is not None
        and not outcome.judgement.replay_errors
        and all(line.verdict == "verified" for line in outcome.judgement.lines)
        for outcome in outcomes
    )


def unverified(sheet: Sheet, answered: Sequence[Answered]) -> str:
    """Why the gate is shut, or nothing: it is one gate for all forms, for what is not verified is not handed out."""
    if passed(sheet, answered):
        return ""
    wrong = sum(not each.verified for each in answered)
    return f"{wrong} of its {len(answered)} parts are not verified"


def typeset(sheet: Sheet, answered: Sequence[Answered], target: Target, images: Images = MappingProxyType({})) -> Page:
    """The sheet's files, in memory; figures that are not among the `images` are drawn.

    NotVerified where the gate is shut, Misprinted where the LaTeX says something else than what was checked, Mistakes
    for figures that cannot be drawn.
    """
    from solver.readback import Proofs, read_back
    from solver.typeset import page
    from solver.typeset.view import Record as Footer

    if not passed(sheet, answered):
        raise NotVerified(f"the sheet {sheet.name} is not verified")
    sheet = settled(sheet, target.options)
    note = _record(sheet, answered, target)
    checked = note.checked
    footer = Footer(checked.lines, checked.verified, checked.points, note.name, __version__)
    worked = _worked(answered)
    view = page.of_form(
        page.view(sheet, worked, footer, language(sheet.language, sheet.folder), prose=pieces), target.form
    )
    proofs = [
        Proofs(problem, shown, {part.id: worked[problem.name, part.id] for part in problem.parts})
        for problem, shown in zip(sheet.problems, view.problems, strict=True)
    ]
    heard = replace(view, problems=tuple(each.listening() for each in proofs))
    drawn = _figures(view, target, note.program, images)
    warnings: tuple[str, ...] = ()
    kept: Mapping[str, bytes] = {}
    if target.form == SCREEN:
        files = _screened(sheet, heard, drawn)
        read_back(proofs)
    else:
        source, done = _pressed(sheet, heard, drawn, target, lambda: read_back(proofs))
        files = {f"{target.form}.tex": source.encode(), f"{target.form}.pdf": done.pdf}
        note = replace(note, tex=done.log.partition("\n")[0])
        warnings, kept = _warnings(done), done.notes
    code = _code(answered) if target.form == "solutions" else {}
    read = len({(each.problem.name, node) for each in proofs for node, _ in each.written})
    files |= {name: image.content for name, image in drawn.items()} | code
    return Page(files, replace(note, read_back=read), drawn, kept, warnings)


def _screened(sheet: Sheet, view: SheetView, drawn: Mapping[str, Image]) -> dict[str, bytes]:
    """The page for the screen."""
    from solver.rules.rule import all_rules
    from solver.typeset.webpage import Picture, Statement, page

    statements = {rule.name: Statement(rule.formula, rule.source) for rule in all_rules()}
    pictures = {Path(name).stem: Picture(image.content, image.alternative) for name, image in drawn.items()}
    return {"index.html": page(view, statements, pictures, search=(sheet.folder,)).encode()}


def _pressed(
    sheet: Sheet, view: SheetView, drawn: Mapping[str, Image], target: Target, check: Callable[[], object]
) -> tuple[str, Compiled]:
    """The LaTeX and what TeX makes of it; `check` is called whenever the LaTeX is written."""
    from solver.typeset import build as tex
    from solver.typeset.render import render

    form = cast("Kind", target.form)
    assets = {name: image.content for name, image in drawn.items()}
    alternatives = {Path(name).stem: image.alternative for name, image in drawn.items()}

    def written(squeeze: float) -> str:
        source = render(
            view, form, squeeze=squeeze, search=(sheet.folder,), alternatives=alternatives,
            paper=sheet.paper, large=sheet.size == "large",
        )  # fmt: skip
        check()
        return source

    paths = [target.file.with_suffix(ending) for ending in tex.NOTES]
    notes = {path.name: path.read_bytes() for path in paths if path.is_file()}
    return tex.build(written, assets, jobname=form, notes=notes)


def settled(sheet: Sheet, options: Options) -> Sheet:
    """The sheet with what the command line says of its page, which wins over what the files say."""
    sheet = replace(sheet, paper=options.paper or sheet.paper, size=options.size or sheet.size)
    if options.space is None:
        return sheet
    room = space(options.space)
    plain = (
        replace(problem, parts=tuple(replace(part, space=None) for part in problem.parts)) for problem in sheet.problems
    )
    return replace(sheet, space=room, problems=tuple(plain))


def _worked(answered: Iterable[Answered]) -> dict[tuple[str, str], list[Derivation]]:
    """The derivations of each part that has any to show."""
    return {
        (each.question.problem.name, each.question.part.id): [
            outcome.derivation
            for outcome in each.outcomes
            if outcome.derivation is not None and outcome.derivation.blocks
        ]
        for each in answered
    }


def _code(answered: Iterable[Answered]) -> dict[str, bytes]:
    """The modules that parts asked for, by the names of their files."""
    return {
        f"{each.question.problem.name}-{each.question.part.id}.py": outcome.derivation.code.source.encode()
        for each in answered
        for outcome in each.outcomes
        if outcome.derivation is not None and outcome.derivation.code is not None
    }


def _figures(
    view: SheetView, target: Target, made_by: Mapping[str, str], images: Images = MappingProxyType({})
) -> dict[str, Image]:
    """Each figure of the page by its file; Mistakes with those that cannot be drawn."""
    from solver import drawings

    found: dict[str, Image] = {}
    refused: list[Mistake] = []
    for wanted in drawings.drawing(view, target, made_by):
        image = images.get(wanted.file) or drawings.image(wanted)
        if isinstance(image, Mistake):
            refused.append(image)
        else:
            found[wanted.file] = image
    if refused:
        raise Mistakes(refused)
    return found


def language(code: str = "en", beside: Path | None = None) -> Catalogue:
    """All words of a language, those of the rules among them; UnknownLanguage where some are missing."""
    from solver.language.catalogue import catalogue, saying
    from solver.rules.rule import all_rules

    return saying({rule.name: rule.words for rule in all_rules()}, catalogue(code, beside))


def _record(sheet: Sheet, answered: Sequence[Answered], target: Target) -> Record:
    judged = [outcome.judgement for each in answered for outcome in each.outcomes if outcome.judgement is not None]
    lines = [line for each in judged for line in each.lines if line.depth == 0]
    inputs = record.digests(target.inputs, target.folder)
    # what was read, even if the file has changed since
    inputs |= {os.path.relpath(problem.file, target.folder): problem.digest for problem in sheet.problems}
    checked = Checked(
        parts=len(judged),
        lines=len(lines),
        verified=sum(line.verdict == "verified" for line in lines),
        points=min((each.points for each in judged if each.lines), default=0),
        seed=answered[0].question.seed,
    )
    made_by = record.program(TEMPLATES)
    page = {"paper": sheet.paper, "size": sheet.size}
    return Record(sheet.name, target.form, inputs, made_by, checked, asked=target.options.asked(), page=page)


def _warnings(done: Compiled) -> tuple[str, ...]:
    wide = [f"{each.problem or 'the sheet'}: a line is {each.points:.0f} pt too wide" for each in done.overfull]
    return (*wide, *(f"the page's fonts lack {glyph}" for glyph in done.missing))


@dataclass(frozen=True)
class Refused:
    """Why a sheet was not typeset: `wrong` in what it says, `unreadable` in a figure, or for want of the `machine`."""

    why: Literal["wrong", "unreadable", "machine"]
    message: str


@dataclass(frozen=True)
class Job:
    """A sheet to be typeset in one form, with figures that are drawn already."""

    sheet: Sheet
    answered: tuple[Answered, ...]
    target: Target
    images: Images = field(default_factory=dict)


def press(
    jobs: Iterable[Job], limits: Limits = DEFAULT, heard: Callable[[Job], object] = lambda job: None
) -> list[tuple[Job, Page | Refused]]:
    """Every job typeset, in the order given, several at once; one that fails or hangs costs only itself."""
    from solver import drawings
    from solver.rules.rule import all_rules

    jobs = list(jobs)
    # loaded here once, and not in each worker
    all_rules()
    for module in {"webpage" if job.target.form == SCREEN else "render" for job in jobs}:
        import_module(f"solver.typeset.{module}")
    images = drawings.drawn(((job.sheet, job.target) for job in jobs), limits)
    lines = [[replace(job, images=images[job.target.folder])] for job in jobs]
    made: dict[int, tuple[Job, Page | Refused]] = {}
    for job, result in run(lines, _press, limits):
        made[id(job)] = (job, Refused("wrong", f"typesetting it {result.why}") if isinstance(result, Lost) else result)
        heard(job)
    return [made[id(job)] for (job,) in lines]


def _press(job: Job, done: object) -> Page | Refused:
    from solver.language.catalogue import UnknownLanguage
    from solver.readback import Misprinted
    from solver.typeset.build import MachineError, TexError
    from solver.typeset.templates import TemplateMistake

    try:
        return typeset(job.sheet, job.answered, job.target, job.images)
    except NotVerified:
        return Refused("wrong", unverified(job.sheet, job.answered))
    except Mistakes as mistakes:
        return Refused("unreadable", f"it has mistakes\n{mistakes}")
    except Misprinted as error:
        return Refused("wrong", f"what would be printed is not what was checked\n{error}")
    except (UnknownLanguage, TemplateMistake) as unusable:
        return Refused("unreadable", str(unusable))
    except TexError as error:
        return Refused("wrong", f"TeX refused it: {error}")
    except (MachineError, OSError) as error:
        return Refused("machine", str(error))


# --- build ------------------------------------------------------------------------------------------------------------


def build(page: Page, target: Target) -> Path:
    """The files in place, each in one move; the PDF last, so that one that is there has its record."""
    from solver import drawings

    outputs = {name: hashlib.sha256(content).hexdigest() for name, content in page.files.items()}
    output.replace(target.record, replace(page.record, outputs=outputs).text().encode())
    drawings.keep(target.folder, page.images)
    for name, content in page.notes.items():
        output.replace(target.folder / name, content)
    for name in sorted(page.files, key=lambda name: name == target.file.name):
        output.replace(target.folder / name, page.files[name])
    return target.file

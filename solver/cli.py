"""The command `worked`: options, exit statuses, and what is printed where. All work is done elsewhere.

Exit status: 0 everything is verified; 1 something is wrong or undecided; 2 the input cannot be read, or the command was
used wrongly; 3 the machine lacks something. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from solver import __version__, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.sheets import Answered
    from solver.spec.load import SheetOrMistakes
    from solver.spec.mistakes import Mistakes
    from solver.upkeep import Target

OK, WRONG, UNREADABLE, MACHINE = 0, 1, 2, 3
PROBLEMS = Path("problems")

app = typer.Typer(
    name="worked",
    help="Worked-solution sheets in which every line is verified.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Form(StrEnum):
    """What may be typeset from a sheet."""

    solutions = "solutions"
    handout = "handout"
    answers = "answers"


class Format(StrEnum):
    """How a derivation is written."""

    text = "text"
    latex = "latex"
    json = "json"


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Problem files, folders, folders of folders; problems/ if left out."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Draw the judge's sample points from N.")]
Limit = Annotated[float, typer.Option("--limit", metavar="SECONDS", min=0.01, help="Cut a part off after so long.")]


def _version(wanted: bool) -> None:
    if wanted:
        screen.say(f"worked {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and exit.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: worked check problems/softmax --json report.json")
def check(
    paths: Paths = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write a report as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a report as JUnit XML.")] = None,
    seed: Seed = 0,
    limit: Limit = 60.0,
) -> None:
    """Derive every part and judge every line; needs no TeX."""
    from solver import report, sheets

    found = sheets.read(paths or [PROBLEMS])
    answered = _answered(found, seed, limit)
    if json is not None:
        _write(json, report.as_json(answered, sheets.mistakes(found)))
    if junit is not None:
        _write(junit, report.as_junit(answered, sheets.mistakes(found)))
    _tell(found, answered)
    _close(found, answered)


@app.command(epilog="Example: worked derive problems/softmax/jacobian.yaml --part a --by cases --detail 2")
def derive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A problem file.")],
    part: Annotated[str | None, typer.Option("--part", metavar="ID", help="Only this part.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="ROUTE", help="By this route.")] = None,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.text,
    detail: Annotated[int, typer.Option("--detail", min=0, max=2, help="0 few lines, 2 every rule.")] = 1,
    seed: Seed = 0,
    limit: Limit = 60.0,
) -> None:
    """Show the derivations of one problem, judged."""
    from solver import report, sheets, show

    found = sheets.only(sheets.read([file]), part, by)
    if part is not None and not any(problem.parts for each in found for problem in each.readable):
        known = [each.id for sheet in sheets.read([file]) for problem in sheet.readable for each in problem.parts]
        _fail(UNREADABLE, f"{file} has no part {part}; " + (f"there are {', '.join(known)}" if known else "see below"))
    answered = _answered(found, seed, limit)
    match format:
        case Format.json:
            screen.say(report.as_json(answered, sheets.mistakes(found)).rstrip())
        case Format.text:
            screen.say("\n\n".join(show.as_text(each, detail) for each in answered))
        case Format.latex:
            screen.say("\n\n".join(show.as_latex(each, detail) for each in answered))
    _tell(found, answered)
    raise typer.Exit(_status(found, answered))


@app.command(epilog="Example: worked pdf problems/softmax -o build --only handout")
def pdf(
    paths: Paths = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the sheets go.")] = Path("build"),
    only: Annotated[Form, typer.Option("--only", help="Which form of the sheet.")] = Form.solutions,
    limit: Limit = 60.0,
) -> None:
    """Check, then typeset the sheets that are verified throughout."""
    from solver import upkeep

    targets, refused = upkeep.targets(paths or [PROBLEMS], out, only.value)
    stale = upkeep.stale(targets)
    for target in targets:
        if target not in stale:
            screen.say(f"{target.pdf} is up to date")
    if stale or refused:
        _build(stale, refused, limit)


@app.command(epilog="Example: worked schema > problem.schema.json")
def schema() -> None:
    """The JSON Schema of a problem file."""
    import json

    from solver.spec import schema as made

    screen.say(json.dumps(made.schema(), indent=2, ensure_ascii=False))


@app.command(epilog="Example: worked verify build/softmax/solutions.pdf")
def verify(
    file: Annotated[Path, typer.Argument(metavar="PDF", help="A PDF made by `worked pdf`, beside its record.")],
) -> None:
    """Tell whether a PDF is what its record and problems say."""
    from solver import record

    beside = file.with_suffix(".json")
    try:
        found = record.load(beside)
        wrong = record.complaints(beside)
        if file.name not in found.outputs:
            wrong.insert(0, f"the record does not speak of {file.name}")
    except record.BadRecord as error:
        _fail(UNREADABLE, f"{error}: it stands beside every PDF that `worked pdf` makes")
    for complaint in wrong:
        screen.complain(f"{file}: {complaint}")
    if wrong:
        raise typer.Exit(WRONG)
    checked = found.checked
    screen.praise(f"{file}: as it was made, {checked.verified} of {checked.lines} lines verified, record {found.name}")


# --- working ----------------------------------------------------------------------------------------------------------


def _answered(found: Sequence[SheetOrMistakes], seed: int, limit: float) -> list[Answered]:
    from solver import sheets
    from solver.workers import Limits

    total = sum(len(problem.parts) for each in found for problem in each.readable)
    with screen.progress("deriving and judging", total) as tick:
        return sheets.check(
            found, seed, Limits(seconds=limit), lambda each: tick(f"{each.sheet}: {each.question.part.id}")
        )


def _build(stale: Sequence[Target], refused: Sequence[Mistakes], limit: float) -> NoReturn:
    """Check the sheets that are out of date and typeset those that pass the gate."""
    from solver import sheets
    from solver.typeset.build import PACKAGES

    if stale and shutil.which("pdflatex") is None:
        _fail(MACHINE, f"pdflatex is not installed: `make pdf` installs it where it may; or install {PACKAGES}")
    found = sheets.of_targets(stale, refused)
    answered = _answered(found, 0, limit)
    _tell(found, answered)
    status = OK
    for target, each in zip(stale, found, strict=False):
        mine = [answer for answer in answered if answer.sheet == each.name]
        status = _typeset(target, each, mine) or status
    _close(found, answered, status)


def _typeset(target: Target, found: SheetOrMistakes, answered: Sequence[Answered]) -> int:
    """One sheet in place, or a sentence that says why not; the exit status."""
    from solver import sheets
    from solver.typeset.build import MachineError, TexError

    if found.sheet is None:
        screen.complain(f"{target.pdf}: not built, because {target.path} has mistakes")
        return UNREADABLE
    try:
        page = sheets.typeset(found.sheet, answered, target)
        path = sheets.build(page, target)
    except sheets.NotVerified:
        wrong = sum(not each.verified for each in answered)
        screen.complain(f"{target.pdf}: not built, because {wrong} of its {len(answered)} parts are not verified")
        return WRONG
    except TexError as error:
        screen.complain(f"{target.pdf}: not built, because TeX refused it: {error}")
        return WRONG
    except (MachineError, OSError) as error:
        screen.complain(f"{target.pdf}: not built: {error}")
        return MACHINE
    for warning in page.warnings:
        screen.complain(f"{path}: {warning}")
    screen.say(str(path))
    return OK


# --- telling ----------------------------------------------------------------------------------------------------------


def _tell(found: Sequence[SheetOrMistakes], answered: Sequence[Answered]) -> None:
    """Everything that is wrong, on standard error; on GitHub's runners as annotations too."""
    from solver import report, sheets

    mistakes = sheets.mistakes(found)
    findings = list(report.findings(answered))
    for mistake in mistakes:
        screen.complain(mistake.render())
    for finding in findings:
        screen.complain(finding.text)
    for each in answered:
        for outcome in each.outcomes:
            if outcome.bug:
                screen.complain(outcome.bug)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for finding in (*map(report.unreadable, mistakes), *findings):
            screen.say(report.annotation(finding))


def _status(found: Sequence[SheetOrMistakes], answered: Sequence[Answered]) -> int:
    if any(each.mistakes for each in found):
        return UNREADABLE
    return OK if all(each.verified for each in answered) else WRONG


def _close(found: Sequence[SheetOrMistakes], answered: Sequence[Answered], built: int = OK) -> NoReturn:
    """The closing summary, and the exit status."""
    from solver import report, sheets

    text = report.closing(answered, len(sheets.mistakes(found)))
    status = _status(found, answered) or built
    (screen.say if status else screen.praise)(text)
    raise typer.Exit(status)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(MACHINE, f"{path} cannot be written: {error.strerror}")


def main() -> NoReturn:
    """The command line's entry: errors of the author and of the machine are sentences, ours a traceback."""
    from solver.output import NoOutput

    try:
        app()
    except NoOutput as error:
        _fail(UNREADABLE, str(error))
    except ImportError as error:
        if (error.name or "solver").partition(".")[0] == "solver":
            raise
        _fail(MACHINE, f"the Python package {error.name} is missing; `make pdf` in the project's folder installs it")
    except OSError as error:
        _fail(MACHINE, str(error))
    sys.exit(OK)


def _fail(status: int, message: str) -> NoReturn:
    screen.complain(f"worked: {message}")
    sys.exit(status)

"""The command `worked`: options, exit statuses, and what is printed where. All work is done elsewhere.

Exit status: 0 everything is verified; 1 something is wrong or undecided; 2 the input cannot be read, or the command was
used wrongly; 3 the machine lacks something. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import os
import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from solver import __version__, screen
from solver.upkeep import FORMS, SCREEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.pages import Page, Refused
    from solver.sheets import Answered
    from solver.spec.load import SheetOrMistakes
    from solver.spec.mistakes import Mistakes
    from solver.upkeep import Target

OK, WRONG, UNREADABLE, MACHINE = 0, 1, 2, 3
PROBLEMS = Path("problems")


def parser() -> ArgumentParser:
    """The options of every command, each with an example."""
    top = ArgumentParser(
        "worked",
        description="Worked-solution sheets in which every line is verified.",
        epilog="`worked COMMAND --help` shows the options of a command, with an example.",
    )
    top.add_argument("--version", action="version", version=f"worked {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(action: Callable[[Namespace], int], example: str) -> ArgumentParser:
        words = action.__doc__ or ""
        made = commands.add_parser(
            action.__name__, help=words, description=words, epilog=f"example:\n  worked {example}",
            formatter_class=RawDescriptionHelpFormatter,
        )  # fmt: skip
        made.set_defaults(action=action)
        return made

    each = command(check, "check problems/softmax --json report.json")
    _paths(each)
    each.add_argument("--json", metavar="FILE", type=Path, help="write a report as JSON")
    each.add_argument("--junit", metavar="FILE", type=Path, help="write a report as JUnit XML")
    _seed(each)
    _limit(each)

    each = command(derive, "derive problems/softmax/jacobian.yaml --part a --by cases --detail 2")
    each.add_argument("file", metavar="FILE", type=Path, help="a problem file")
    each.add_argument("--part", metavar="ID", help="only this part")
    each.add_argument("--by", metavar="ROUTE", help="by this route, whatever the file says")
    each.add_argument("--format", choices=("text", "latex", "json"), default="text", help="how to write it (text)")
    each.add_argument("--detail", type=int, choices=(0, 1, 2), default=1, help="0: few lines, 2: every rule (1)")
    _seed(each)
    _limit(each)

    each = command(pdf, "pdf problems/softmax -o build --only handout")
    _paths(each)
    each.add_argument("-o", "--out", metavar="DIR", type=Path, default=Path("build"), help="where sheets go (build)")
    words = "only this form of each sheet, solutions, handout, answers or rubric; may be given again (all of them)"
    each.add_argument("--only", metavar="FORM", choices=FORMS, action="append", help=words)
    each.add_argument("--paper", choices=("a4", "letter"), help="the paper, whatever the sheet says")
    words = "large print, or not, whatever the sheet says"
    each.add_argument("--large", action=BooleanOptionalAction, default=None, help=words)
    words = "room for each answer on the handout, as in '8 lines' or '6 cm', whatever the sheet says"
    each.add_argument("--space", metavar="ROOM", type=_room, help=words)
    _limit(each)

    each = command(html, "html problems/softmax -o build")
    _paths(each)
    each.add_argument("-o", "--out", metavar="DIR", type=Path, default=Path("build"), help="where pages go (build)")
    _limit(each)

    command(schema, "schema > problem.schema.json")
    each = command(verify, "verify build/softmax/solutions.pdf")
    words = "a PDF made by `worked pdf`, or a page made by `worked html`, beside its record"
    each.add_argument("file", metavar="FILE", type=Path, help=words)
    return top


def _paths(each: ArgumentParser) -> None:
    words = "problem files, sheets' folders or folders of sheets (problems/)"
    each.add_argument("paths", metavar="PATH", type=Path, nargs="*", default=[PROBLEMS], help=words)


def _seed(each: ArgumentParser) -> None:
    each.add_argument("--seed", metavar="N", type=int, default=0, help="draw the judge's sample points from N (0)")


def _limit(each: ArgumentParser) -> None:
    words = "cut a part off after so many seconds of the processor (60)"
    each.add_argument("--limit", metavar="SECONDS", type=_seconds, default=60.0, help=words)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.01 <= value <= 86_400:
        raise ValueError
    return value


def _room(text: str) -> str:
    from solver.spec.leaves import space

    try:
        return str(space(text))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


# --- commands ---------------------------------------------------------------------------------------------------------


def check(given: Namespace) -> int:
    """derive every part and judge every line; needs no TeX"""
    from solver import report, sheets
    from solver.notes import notes

    found = sheets.read(given.paths)
    answered = _answered(found, given.seed, given.limit)
    remarks = list(notes(answered))
    if given.json is not None:
        given.json.write_text(report.as_json(answered, sheets.mistakes(found), remarks), encoding="utf-8")
    if given.junit is not None:
        given.junit.write_text(report.as_junit(answered, sheets.mistakes(found)), encoding="utf-8")
    _tell(found, answered)
    for remark in remarks:
        screen.say(report.annotation(remark) if _on_github() else remark.text)
    return _close(found, answered)


def derive(given: Namespace) -> int:
    """show the derivations of one problem, judged"""
    from solver import report, sheets, show

    found = sheets.read([given.file])
    try:
        found = sheets.only(found, given.part, given.by)
    except sheets.NoSuch as error:
        return _fail(UNREADABLE, f"{given.file}: {error}")
    answered = _answered(found, given.seed, given.limit)
    match given.format:
        case "json":
            screen.say(report.as_json(answered, sheets.mistakes(found)).rstrip())
        case "text":
            screen.say("\n\n".join(show.as_text(each, given.detail) for each in answered))
        case "latex":
            screen.say("\n\n".join(show.as_latex(each, given.detail) for each in answered))
    _tell(found, answered)
    return _status(found, answered)


def pdf(given: Namespace) -> int:
    """check, then typeset the sheets that are verified throughout"""
    from solver import upkeep

    size = None if given.large is None else "large" if given.large else "normal"
    options = upkeep.Options(given.paper, size, given.space)
    forms = [form for form in FORMS if form in (given.only or FORMS)]
    targets, refused = upkeep.targets(given.paths, given.out, forms, options)
    stale = upkeep.stale(targets)
    for target in targets:
        if target not in stale:
            screen.say(f"{target.file} is up to date")
    return _build(stale, refused, given.limit) if stale or refused else OK


def html(given: Namespace) -> int:
    """check, then write the sheets that are verified throughout as pages for the screen"""
    from solver import shelf, upkeep

    targets, refused = upkeep.targets(given.paths, given.out, (upkeep.SCREEN,))
    stale = upkeep.stale(targets)
    for target in targets:
        if target not in stale:
            screen.say(f"{target.file} is up to date")
    status = _build(stale, refused, given.limit) if stale or refused else OK
    made = shelf.arrange(given.out)
    if made is not None:
        screen.say(str(made))
    return status


def schema(given: Namespace) -> int:
    """the JSON Schema of a problem file, for editors"""
    import json

    from solver.spec import schema as made

    screen.say(json.dumps(made.schema(), indent=2, ensure_ascii=False))
    return OK


def verify(given: Namespace) -> int:
    """tell whether a PDF or a page is what its record and problems say"""
    from solver import record

    file: Path = given.file
    beside = file.with_suffix(".json")
    try:
        found = record.load(beside)
        wrong = record.complaints(beside)
    except record.BadRecord as error:
        return _fail(
            UNREADABLE, f"{error}; it stands beside every PDF and page that `worked pdf` and `worked html` make"
        )
    if file.name not in found.outputs:
        wrong.insert(0, f"the record does not speak of {file.name}")
    for complaint in wrong:
        screen.complain(f"{file}: {complaint}")
    if wrong:
        return WRONG
    checked = found.checked
    said = f"{checked.verified} of {checked.lines} lines verified, {found.read_back} formulas read back"
    screen.praise(f"{file}: as it was made, {said}, record {found.name}")
    return OK


# --- working ----------------------------------------------------------------------------------------------------------


def _answered(found: Sequence[SheetOrMistakes], seed: int, limit: float) -> list[Answered]:
    from solver import sheets
    from solver.workers import Limits

    total = sum(len(problem.parts) for each in found for problem in each.readable)
    with screen.progress("deriving and judging", total) as tick:
        return sheets.check(
            found, seed, Limits(seconds=limit), lambda each: tick(f"{each.sheet}: {each.question.part.id}")
        )


def _build(stale: Sequence[Target], refused: Sequence[Mistakes], limit: float) -> int:
    """Check the sheets that are out of date and typeset those that pass the gate."""
    from solver import pages, sheets
    from solver.typeset.build import PACKAGES

    if any(each.form != SCREEN for each in stale) and shutil.which("pdflatex") is None:
        return _fail(MACHINE, f"pdflatex is not installed: `make pdf` installs it where it may; or install {PACKAGES}")
    forms: dict[Path, list[Target]] = {}
    for target in stale:
        forms.setdefault(target.folder, []).append(target)
    found = sheets.of_targets([first for first, *_ in forms.values()], refused)
    answered = _answered(found, 0, limit)
    _tell(found, answered)
    status = OK
    jobs = []
    for wanted, each in zip(forms.values(), found, strict=False):
        mine = tuple(answer for answer in answered if answer.sheet == each.name)
        if each.sheet is None:
            _refuse(wanted, f"{wanted[0].path} has mistakes")
        elif why := pages.unverified(each.sheet, mine):
            _refuse(wanted, why)
        else:
            jobs += [pages.Job(each.sheet, mine, target) for target in wanted]
    with screen.progress("typesetting", len(jobs)) as tick:
        pressed = pages.press(jobs, heard=lambda job: tick(job.sheet.name))
    for job, page in pressed:
        status = _put(job.target, page) or status
    read = sum(page.record.read_back for _, page in pressed if isinstance(page, pages.Page))
    return _close(found, answered, status, read)


def _refuse(targets: Sequence[Target], why: str) -> None:
    """One sentence for all forms of a sheet that are not built."""
    first, *more = targets
    also = f"; nor {', '.join(each.file.name for each in more)}" if more else ""
    screen.complain(f"{first.file}: not built, because {why}{also}")


def _put(target: Target, page: Page | Refused) -> int:
    """One sheet in place, or the reason why not; the exit status."""
    from solver import pages

    if isinstance(page, pages.Refused):
        screen.complain(f"{target.file}: not built, because {page.message}")
        return {"wrong": WRONG, "unreadable": UNREADABLE, "machine": MACHINE}[page.why]
    try:
        path = pages.build(page, target)
    except OSError as error:
        screen.complain(f"{target.file}: not built, because it cannot be written: {error.strerror}")
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
    if _on_github():
        for finding in (*map(report.unreadable, mistakes), *findings):
            screen.say(report.annotation(finding))


def _on_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _status(found: Sequence[SheetOrMistakes], answered: Sequence[Answered]) -> int:
    if any(each.mistakes for each in found):
        return UNREADABLE
    return OK if all(each.verified for each in answered) else WRONG


def _close(found: Sequence[SheetOrMistakes], answered: Sequence[Answered], built: int = OK, read_back: int = 0) -> int:
    """The closing summary, and the exit status."""
    from solver import report, sheets

    text = report.closing(answered, len(sheets.mistakes(found)), read_back)
    status = _status(found, answered) or built
    (screen.say if status else screen.praise)(text)
    return status


def _fail(status: int, message: str) -> int:
    screen.complain(f"worked: {message}")
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status of a command line: faults of the author and of the machine are sentences, ours a traceback."""
    from solver.output import NoOutput

    given = parser().parse_args(arguments)
    # matrices are small here and the processors are the workers': no threads in the libraries beneath NumPy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        status: int = given.action(given)
        sys.stdout.flush()
    except NoOutput as error:
        return _fail(UNREADABLE, str(error))
    except ImportError as error:
        if (error.name or "solver").partition(".")[0] == "solver":
            raise
        return _fail(
            MACHINE, f"the Python package {error.name} is missing; `make pdf` in the project's folder installs it"
        )
    except BrokenPipeError:
        # whoever read our output has gone: nothing more can be said, not even when Python flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MACHINE
    except OSError as error:
        return _fail(MACHINE, f"{error.filename or 'this machine'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return 130
    return status

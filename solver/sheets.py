"""The pipeline from files to PDFs: read, check, typeset, build. Each stage is a plain function.

    found = read(paths)                         problems, or their authors' mistakes
    answered = check(found)                     every part derived by each route, every line judged
    page = pages.typeset(sheet, ...)            LaTeX, figures and PDF in memory, if the gate lets it pass
    pages.build(page, target)                   put in place in one move, with a record beside it

Nothing is typeset from a sheet with a part that is not verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from solver.solve import Outcome, Question, solve
from solver.spec.load import SheetOrMistakes, find
from solver.spec.mistakes import Mistake, Mistakes, instead
from solver.spec.problem import ROUTES, Part, Problem
from solver.upkeep import Target
from solver.workers import DEFAULT, Limits, Lost, run


@dataclass(frozen=True)
class Answered:
    """A part with its outcomes, one a route; `sheet` is the name of the sheet it stands on."""

    sheet: str
    question: Question
    outcomes: tuple[Outcome, ...]

    @property
    def file(self) -> str:
        return str(self.question.problem.file)

    @property
    def verified(self) -> bool:
        return all(outcome.verdict == "verified" for outcome in self.outcomes)


# --- read -------------------------------------------------------------------------------------------------------------


def read(paths: Sequence[Path]) -> list[SheetOrMistakes]:
    """What stands at the paths, each sheet with its problems, or with the mistakes in its files."""
    return find(paths)


def of_targets(targets: Sequence[Target], refused: Iterable[Mistakes] = ()) -> list[SheetOrMistakes]:
    """What each target is to be made of, in their order; then what stands at paths that name no sheet."""
    found = {(each.folder, each.name): each for each in read([target.path for target in targets])}
    made = [found[target.files.folder, target.files.name] for target in targets]
    places = [(Path(each.mistakes[0].place.file), each.mistakes) for each in refused]
    return [*made, *(SheetOrMistakes(place, place.name, None, mistakes) for place, mistakes in places)]


def mistakes(found: Iterable[SheetOrMistakes]) -> list[Mistake]:
    return [mistake for each in found for mistake in each.mistakes]


class NoSuch(Exception):
    """A part or a route that there is not: one sentence."""


def only(found: Sequence[SheetOrMistakes], part: str | None, route: str | None) -> list[SheetOrMistakes]:
    """The same, with the one part, by the one route; NoSuch where there is none of that name."""
    if route is not None and route not in ROUTES:
        raise NoSuch(f"there is no route {route}; {instead(route, ROUTES)}")
    names = [each.id for sheet in found for problem in sheet.readable for each in problem.parts]
    if part is not None and names and part not in names:
        raise NoSuch(f"there is no part {part}; {instead(part, names)}")

    def narrowed(problem: Problem) -> Problem:
        parts = (each for each in problem.parts if part is None or each.id == part)
        return replace(problem, parts=tuple(replace(each, by=(route,)) if route else each for each in parts))

    return [replace(each, readable=tuple(narrowed(problem) for problem in each.readable)) for each in found]


# --- check ------------------------------------------------------------------------------------------------------------


def questions(found: Iterable[SheetOrMistakes], seed: int = 0) -> list[tuple[str, list[Question]]]:
    """The parts of each problem, in order, with the name of their sheet."""
    return [
        (each.name, [Question(problem, part, seed) for part in problem.parts])
        for each in found
        for problem in each.readable
    ]


def check(
    found: Iterable[SheetOrMistakes],
    seed: int = 0,
    limits: Limits = DEFAULT,
    heard: Callable[[Answered], object] = lambda answered: None,
) -> list[Answered]:
    """Every part answered, in the order of the files; `heard` is told of each as it comes."""
    asked = questions(found, seed)
    _load_routes(question.part for _, line in asked for question in line)
    order = {
        id(question): (sheet, place)
        for place, (sheet, question) in enumerate((s, q) for s, line in asked for q in line)
    }
    answers: dict[int, Answered] = {}
    for question, result in run([line for _, line in asked], solve, limits):
        sheet, place = order[id(question)]
        outcomes = _lost(question, result) if isinstance(result, Lost) else result
        answers[place] = Answered(sheet, question, outcomes)
        heard(answers[place])
    return [answers[place] for place in sorted(answers)]


def _load_routes(parts: Iterable[Part]) -> None:
    """The routes that may be gone, loaded here once and not by each worker."""
    from solver.methods.routes import able, route

    for name in sorted({name for part in parts for name in part.by or able(part.kind)}):
        route(name)


def _lost(question: Question, lost: Lost) -> tuple[Outcome, ...]:
    return (Outcome(" or ".join(question.part.by) or question.part.kind, "error", message=f"it {lost.why}"),)

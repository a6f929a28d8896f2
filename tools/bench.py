"""What each stage costs, in seconds and in runs of a bare pdflatex on the same .tex, and how it grows with the problem.

`make bench` prints the tables. Of the stages nothing is kept from one to the next, each is run in this process, one
part after the other, and the best of three counts. Then the command itself, with all its workers: a first build, one
after an edit, one with nothing to do. Seconds are the processor's, which other work on the machine changes less, unless
they are said to be the clock's.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from solver import workers
from solver.workers import used

ROOT = Path(__file__).resolve().parents[1]
TRIES = 3
LOAD = "import solver.pages, solver.typeset.render, solver.methods.routes as r; [r.route(name) for name, *_ in r.ORDER]"
LOAD_DRAWING = "; import solver.typeset.figures.drawn, matplotlib.backends.backend_pdf"
HEAVY = ("sympy", "matplotlib", "numpy", "flint", "pydantic", "jinja2", "ruamel", "rich")


def best(action: Callable[[], Any], tries: int = TRIES) -> tuple[float, Any]:
    """The fewest seconds of the processor of some runs, with those of the processes they started; the last result."""
    seconds = []
    for _ in range(tries):
        started = used()
        result = action()
        seconds.append(used() - started)
    return min(seconds), result


def command(*arguments: str, cwd: Path = ROOT, path: str = "") -> subprocess.CompletedProcess[str]:
    """A command run to its end, Python keeping what it has compiled, as it does unless it is told not to.

    `path` is a folder whose programs come before the system's.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "worked-bench-cache")}
    env["PATH"] = os.pathsep.join(filter(None, (path, env["PATH"])))
    return subprocess.run(arguments, cwd=cwd, env=env, capture_output=True, text=True, check=True)


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need to be, the first to the left."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    print(f"\n{title}")
    for row in (heads, *rows):
        cells = (
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join(cells))


def stages(paths: Sequence[Path]) -> None:
    """A sheet from files to PDF, stage by stage."""
    importing, _ = best(lambda: command(sys.executable, "-c", LOAD))
    loading, _ = best(lambda: command(sys.executable, "-c", LOAD + LOAD_DRAWING))
    starting, _ = best(lambda: command(sys.executable, "-c", "pass"))
    from solver import pages, sheets, upkeep
    from solver.solve import solve
    from solver.typeset import build as tex

    with tempfile.TemporaryDirectory() as folder:
        targets, _ = upkeep.targets(paths, Path(folder), ("solutions",))
        everything: list[Any] = []
        for target in targets:
            reading, (found,) = best(lambda target=target: sheets.of_targets([target]))
            if found.sheet is None:
                sys.exit(f"{target.path} has mistakes: run `make check`")
            parts = list(_solved(sheets.questions([found]), solve))
            deriving = sum(sum(each.derive_seconds for each in part.outcomes) for part in parts)
            judging = sum(sum(each.check_seconds for each in part.outcomes) for part in parts)
            drawing, images = best(lambda f=found, t=target: _drawn(f.sheet, t))
            whole, page = best(lambda f=found, p=parts, t=target, i=images: pages.typeset(f.sheet, p, t, i))
            source = page.files["solutions.tex"].decode()
            assets = {name: content for name, content in page.files.items() if not name.startswith("solutions.")}
            pressing, _ = best(lambda s=source, a=assets: tex.compile_pdf(s, a, jobname="solutions"))
            bare = _bare(page.files, "solutions")
            _forms(found.sheet, parts, target)
            rows = [
                ("start and import", importing), ("read", reading), ("derive", deriving), ("judge", judging),
                ("typeset", max(whole - pressing, 0.0)),
            ]  # fmt: skip
            figures = [("load what draws", max(loading - importing, 0.0)), (f"{len(images)} figures", drawing)]
            total = sum(seconds for _, seconds in rows)
            drawn = sum(seconds for _, seconds in figures)
            rows += [("all but TeX and figures", total), *figures, ("all but TeX", total + drawn)]
            rows += [("TeX", pressing), ("one bare pdflatex", bare)]
            lines = page.record.checked.lines
            table(
                f"{target.files.name}: {len(parts)} parts, {lines} lines (Python alone starts in {starting:.3f} s)",
                ("stage", "seconds", "of one pdflatex"),
                [(name, f"{seconds:.3f}", f"{seconds / bare:.2f}") for name, seconds in rows],
            )
            _commands(target.files, bare)
            everything += parts
        _parts(everything)
        _nothing(paths, Path(folder))


def _drawn(sheet: Any, target: Any) -> Any:
    """The figures of a sheet, drawn one after the other in this process."""
    from solver import drawings, record

    wanted = drawings.drawing(drawings.page_of(sheet, target), target, record.program(drawings.TEMPLATES))
    return {each.file: drawings.image(each) for each in wanted}


# TeX under its own name, with what it took noted: seconds of the processor
NOTING = """#!/bin/bash
TIMEFORMAT='%U %S'
exec 3>&2
{{ time {tex} "$@" 2>&3 ; }} 2>>{note}
"""


def _commands(files: Any, bare: float) -> None:
    """What the command takes on a copy of the sheet: the first build, one problem edited, one part after the other."""
    rows = []
    for words, only in (("solutions", ("--only", "solutions")), ("all forms", ())):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            copy = shutil.copytree(files.folder, folder / "sheets" / files.name)
            tex, note = folder / "pdflatex", folder / "note"
            tex.write_text(NOTING.format(tex=shutil.which("pdflatex"), note=note))
            tex.chmod(0o755)
            arguments = [sys.executable, "-m", "solver", "pdf", str(copy), "-o", str(folder / "build"), *only]
            for what in ("first build", "one problem edited"):
                if what != "first build":
                    edited = copy / files.problems[-1].name
                    edited.write_text(edited.read_text() + "\n# another word\n")
                note.write_text("")
                started = time.perf_counter()
                seconds, _ = best(lambda a=arguments, f=temporary: command(*a, path=f), tries=1)
                clock = time.perf_counter() - started
                inside = sum(map(float, note.read_text().split()))
                figures = [f"{each:.2f}" for each in (clock, seconds, inside, seconds - inside)]
                rows.append((f"{words}, {what}", *figures, f"{(seconds - inside) / bare:.1f}"))
    heads = ("", "by the clock", "processor", "TeX of it", "all but TeX", "of one pdflatex")
    table(f"`worked pdf` on {files.name}, on {os.cpu_count()} processors", heads, rows)


def _solved(asked: Sequence[tuple[str, list[Any]]], solve: Callable[..., Any]) -> Iterator[Any]:
    from solver.sheets import Answered

    for sheet, questions in asked:
        before: list[Any] = []
        for question in questions:
            outcomes = min((solve(question, before) for _ in range(TRIES)), key=_seconds)
            before.append((question, outcomes))
            yield Answered(sheet, question, outcomes)


def _seconds(outcomes: Sequence[Any]) -> float:
    return sum(each.derive_seconds + each.check_seconds for each in outcomes)


def _forms(sheet: Any, parts: Any, target: Any) -> None:
    """What each form of a sheet costs once its parts are judged: to write and to set, against one bare pdflatex."""
    from solver import pages, upkeep

    rows, bares = [], []
    for form in upkeep.FORMS:
        seconds, page = best(lambda form=form: pages.typeset(sheet, parts, replace(target, form=form)))
        bare = _bare(page.files, form)
        bares.append(bare)
        rows.append((form, f"{seconds:.3f}", f"{bare:.3f}", f"{seconds / bare:.2f}"))
    # a page for the screen needs no TeX: it is measured by that of the sheet it shows
    seconds, _ = best(lambda: pages.typeset(sheet, parts, replace(target, form="index")))
    rows.append(("html", f"{seconds:.3f}", f"{bares[0]:.3f}", f"{seconds / bares[0]:.2f}"))
    heads = ("form", "seconds, TeX with them", "one bare pdflatex", "of it")
    table(f"{target.files.name}: what is made of it", heads, rows)


def _bare(files: Any, form: str) -> float:
    """One run of pdflatex, nothing else, on the .tex of a form."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        (Path(folder) / f"{form}.pdf").unlink()
        seconds, _ = best(lambda: command("pdflatex", "-interaction=batchmode", form, cwd=Path(folder)))
    return seconds


def _parts(parts: Sequence[Any]) -> None:
    """Of all sheets, what a part by one route costs, and what a line of it does."""
    rows = []
    for word, name in (("derive", "derive_seconds"), ("judge", "check_seconds")):
        costs = [(getattr(outcome, name), part, outcome) for part in parts for outcome in part.outcomes]
        worst, part, outcome = max(costs, key=lambda each: each[0])
        middle = statistics.median(cost for cost, _, _ in costs)
        lines = sum(_lines(each) for _, _, each in costs)
        a_line = sum(cost for cost, _, _ in costs) / lines
        where = f"{part.question.problem.name} {part.question.part.id}, {outcome.route}"
        rows.append((word, f"{1000 * middle:.1f}", f"{1000 * worst:.1f}", f"{1000 * a_line:.2f}", where))
    title = "a part by one route, and a line with its details, in milliseconds"
    table(title, ("", "median part", "worst part", "a line", "the worst"), rows)


def _lines(outcome: Any) -> int:
    """All lines that were judged, those that explain others among them."""
    return len(outcome.judgement.lines) if outcome.judgement is not None else 0


def _nothing(paths: Sequence[Path], out: Path) -> None:
    """A build with nothing to do."""
    program = (
        "import sys; from solver.cli import main; status = main(sys.argv[1:]); "
        f"print(status, ' '.join(m for m in {HEAVY!r} if m in sys.modules) or 'none')"
    )
    arguments = [sys.executable, "-c", program, "pdf", *map(str, paths), "-o", str(out), "--only", "solutions"]
    command(*arguments)
    seconds, done = best(lambda: command(*arguments))
    status, _, heavy = done.stdout.splitlines()[-1].partition(" ")
    print(f"\na build with nothing to do: {seconds:.3f} s, exit status {status}; heavy imports: {heavy}")


# --- how the cost grows -----------------------------------------------------------------------------------------------


def network(layers: int) -> str:
    """The gradient at the input of a network with so many sigmoid layers."""
    symbols = ["  x: {shape: [n0]}", f"  y: {{shape: [n{layers + 1}], is: one-hot}}"]
    define = []
    for number in range(1, layers + 2):
        symbols += [f"  W{number}: {{shape: [n{number - 1}, n{number}]}}", f"  b{number}: {{shape: [n{number}]}}"]
        before = f"h{number - 1}" if number > 1 else "x"
        define.append(f"  z{number}: {before} @ W{number} + b{number}")
        if number <= layers:
            define.append(f"  h{number}: sigmoid(z{number})")
    define += [f"  yhat: softmax(z{layers + 1})", "  J: -sum(y * log(yhat))"]
    text = ["notation: {vectors: row}", "symbols:", *symbols, "define:", *define, "parts:"]
    return "\n".join([*text, "  - {id: x, ask: Find it., gradient: {of: J, wrt: x}, by: chain}", ""])


def scalar(body: str) -> str:
    """The derivative of a number by a number."""
    return f"""\
symbols: {{x: {{}}}}
define:
  f: {body}
parts:
  - {{id: x, ask: Find it., derivative: {{of: f, wrt: x}}, by: scalar}}
"""


def vector(body: str) -> str:
    """The gradient of a number by a vector."""
    return f"""\
symbols: {{A: {{shape: [m, n]}}, b: {{shape: [m]}}, x: {{shape: [n]}}}}
define:
  f: {body}
parts:
  - {{id: x, ask: Find it., gradient: {{of: f, wrt: x}}, by: differential}}
"""


def sum_of(terms: int) -> str:
    return scalar(" + ".join(f"sin({k}*x)" for k in range(1, terms + 1)))


def product_of(factors: int) -> str:
    return scalar(" * ".join(f"sin(x + {k})" for k in range(1, factors + 1)))


def sum_of_norms(terms: int) -> str:
    return vector(" + ".join(f"norm(A @ x - {k}*b)**2" for k in range(1, terms + 1)))


def within_each_other(functions: int) -> str:
    return scalar("sin(" * functions + "x" + ")" * functions)


GROWING: Sequence[tuple[str, Callable[[int], str], Sequence[int]]] = (
    ("a network by the chain rule, by layers", network, (1, 2, 4, 8, 16, 32)),
    ("a sum of scalar functions, by terms", sum_of, (1, 2, 4, 8, 16, 32, 64)),
    ("a sum of squared norms by differentials, by terms", sum_of_norms, (1, 2, 4, 8, 16, 32, 64)),
    ("functions within each other, by their number", within_each_other, (1, 2, 4, 8, 16, 32, 48)),
    ("a product, by factors (its derivative has their square)", product_of, (1, 2, 4, 8, 16, 32, 64)),
)


def growth() -> None:
    """Deriving and judging against the number of layers, and against the size of an expression."""
    from solver import sheets
    from solver.solve import solve

    with tempfile.TemporaryDirectory() as folder:
        for title, written, counts in GROWING:
            deriving, judging, rows = [], [], []
            for count in counts:
                path = Path(folder) / f"{written.__name__}{count}.yaml"
                path.write_text(written(count))
                found = sheets.read([path])
                for mistake in sheets.mistakes(found):
                    sys.exit(mistake.render())
                (part,) = _solved(sheets.questions(found), solve)
                (outcome,) = part.outcomes
                deriving.append(outcome.derive_seconds)
                judging.append(outcome.check_seconds)
                lines = max(_lines(outcome), 1)
                rows.append(
                    (str(count), f"{deriving[-1]:.3f}", f"{judging[-1]:.3f}", str(lines),
                     f"{1000 * judging[-1] / lines:.2f}", outcome.verdict)
                )  # fmt: skip
            rows.append(("grows as", _power(counts, deriving), _power(counts, judging), "", "", ""))
            table(f"{title}, in seconds", ("", "derive", "judge", "lines", "ms a line judged", "verdict"), rows)


def _power(counts: Sequence[int], seconds: Sequence[float]) -> str:
    """The slope of log seconds over log count in the larger half, where what is done once no longer counts."""
    half = len(counts) // 2
    x, y = [[math.log(value) for value in values[half:]] for values in (counts, seconds)]
    return f"n^{statistics.linear_regression(x, y).slope:.2f}"


if __name__ == "__main__":
    workers.settle()
    stages([Path(each) for each in sys.argv[1:]])
    growth()

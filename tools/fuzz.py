"""Damaged input: whatever is thrown at the three readers is read, or refused in words, soon and in little room.

    python tools/fuzz.py [--seconds S] [--count N] [--seed K] [--finds DIR] [--replay FILE]

Texts are the sheets' files, the examples of the docs, their formulas and the LaTeX of those, changed at random
(`tools/damage.py`). The reader of problem files may raise `Mistakes`, that of the problem language `ReadError`, that of
LaTeX `LatexError`; their messages must be writable and their places must lie in the text. Anything else is a find:
another exception, more than a few seconds of the processor, more memory than the bound. It is written to a file that
replays it. Exit status 1 when there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from damage import Corpus, damaged

from solver.expr.read import ReadError, check_name, read, read_condition, read_equation, read_open, read_size
from solver.latex import LatexError, read_latex, read_latex_equation, read_latex_lines, read_latex_open
from solver.spec.build import build
from solver.spec.mistakes import Mistakes
from solver.spec.problem import Problem
from solver.spec.scope import scope_of
from solver.spec.source import Source

SECONDS = 3.0
"""Of the processor, for one text."""
MEMORY = 768 << 20
"""Bytes beyond what the program has when it starts."""
TARGETS = ("file", "language", "latex")


class TooSlow(BaseException):
    """The time for one text is over; no reader can catch this by accident."""


@dataclass(frozen=True)
class Find:
    """A text that broke a reader, and how."""

    target: str
    text: str
    fault: str


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def attempt(corpus: Corpus, target: str, text: str) -> str:
    """`read` or `refused`; any other exception comes through."""
    match target.split():
        case ["language", number]:
            return _language(corpus.problems[int(number)], text)
        case ["latex", number]:
            return _latex(corpus.problems[int(number)], text)
    return _file(text)


def _file(text: str) -> str:
    try:
        problem, mistakes = build(Source("fuzz.yaml", text), Path("fuzz.yaml"))
    except Mistakes as caught:
        problem, mistakes = None, list(caught.mistakes)
    _must((problem is None) == bool(mistakes), "neither a problem nor a mistake")
    lines = text.count("\n") + 1
    for mistake in mistakes:
        _must(bool(mistake.render()), "a mistake without words")
        _must(1 <= mistake.place.line <= lines + 1, f"a mistake at line {mistake.place.line} of {lines}")
        _must(mistake.place.column >= 1, "a mistake without a column")
    return "refused" if mistakes else "read"


def _language(problem: Problem, text: str) -> str:
    scope = scope_of(problem)
    readers: tuple[Callable[[str], object], ...] = (
        lambda text: read(text, scope), lambda text: read_open(text, scope),
        lambda text: read_condition(text, scope), lambda text: read_equation(text, scope), read_size,
        check_name,
    )  # fmt: skip
    return _tried(readers, ReadError, text)


def _latex(problem: Problem, text: str) -> str:
    scope, define = scope_of(problem), problem.define
    readers: tuple[Callable[[str], object], ...] = (
        lambda text: read_latex(text, scope, define), lambda text: read_latex_open(text, scope, define),
        lambda text: read_latex_equation(text, scope, define), lambda text: _latex_lines(text, problem),
    )  # fmt: skip
    return _tried(readers, LatexError, text)


def _latex_lines(text: str, problem: Problem) -> None:
    """The lines, each with its own mistake; LatexError where none of them can be read."""
    lines = read_latex_lines(text, scope_of(problem), problem.define)
    mistakes = [line.error for line in lines if line.error is not None]
    for error in mistakes:
        _must(bool(str(error)) and 0 <= error.start <= error.end <= max(len(text), 1), "a line's mistake has no place")
    if mistakes and len(mistakes) == len(lines):
        raise mistakes[0]


def _tried(readers: tuple[Callable[[str], object], ...], refusal: type[ReadError | LatexError], text: str) -> str:
    refused = 0
    for reader in readers:
        try:
            reader(text)
        except refusal as error:
            refused += 1
            _must(bool(error.message and str(error)), "a mistake without words")
            inside = 0 <= error.start <= error.end <= max(len(text), 1)
            _must(inside, f"a mistake at {error.start} to {error.end} of {len(text)}")
    return "refused" if refused == len(readers) else "read"


# --- the bounds -------------------------------------------------------------------------------------------------------


def _too_slow(*_: object) -> None:
    raise TooSlow(f"more than {SECONDS:g} seconds of the processor")


@contextmanager
def bounded() -> Iterator[None]:
    """The limits for everything inside: the processor's seconds are set anew for each text, the memory once."""
    before = signal.signal(signal.SIGPROF, _too_slow)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)


def outcome(corpus: Corpus, target: str, text: str) -> str | Find:
    """What becomes of one text within the bounds."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return attempt(corpus, target, text)
    except (Exception, TooSlow):
        fault = traceback.format_exc(limit=-6)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Find(target, text, fault)


def texts(corpus: Corpus, seed: int) -> Iterator[tuple[str, str]]:
    """Damaged texts without end, each with the reader it is for; the same for the same seed."""
    for number in itertools.count():
        rng = random.Random(f"{seed}|{number}")
        target = TARGETS[number % len(TARGETS)]
        if target != "file":
            target += f" {rng.randrange(len(corpus.problems))}"
        yield target, damaged(corpus, target, rng)


def run(
    corpus: Corpus, seed: int, seconds: float | None, count: int | None, tally: Counter[tuple[str, str]]
) -> Iterator[Find]:
    """The finds, for so long or for so many texts; every text is counted by what became of it."""
    end = None if seconds is None else time.monotonic() + seconds
    with bounded():
        for number, (target, text) in enumerate(texts(corpus, seed)):
            if (count is not None and number >= count) or (end is not None and time.monotonic() > end):
                return
            found = outcome(corpus, target, text)
            tally[target.split()[0], found if isinstance(found, str) else "find"] += 1
            if isinstance(found, Find):
                yield found


def kept(find: Find, folder: Path) -> Path:
    """A file that replays the find: the reader's name, then the text."""
    folder.mkdir(parents=True, exist_ok=True)
    data = f"{find.target}\n{find.text}".encode("utf-8", "surrogatepass")
    path = folder / f"{find.target.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:8]}.txt"
    path.write_bytes(data)
    return path


def replay(corpus: Corpus, path: Path) -> int:
    target, _, text = path.read_bytes().decode("utf-8", "surrogatepass").partition("\n")
    with bounded():
        found = outcome(corpus, target, text)
    print(found if isinstance(found, str) else found.fault)
    return int(isinstance(found, Find))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--count", type=int, default=None, help="so many texts, however long it takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--finds", type=Path, default=Path(tempfile.gettempdir()) / "worked-fuzz")
    parser.add_argument("--replay", type=Path, default=None, help="a file that an earlier run has kept")
    options = parser.parse_args()
    corpus = Corpus.gathered()
    if options.replay is not None:
        return replay(corpus, options.replay)
    seconds = 60.0 if options.seconds is None and options.count is None else options.seconds
    begun, finds = time.monotonic(), 0
    tally: Counter[tuple[str, str]] = Counter()
    for find in run(corpus, options.seed, seconds, options.count, tally):
        finds += 1
        path = kept(find, options.finds)
        print(f"{find.target}: {find.fault.strip().splitlines()[-1]}", flush=True)
        print(f"  replay: .venv/bin/python tools/fuzz.py --replay {path}", flush=True)
    passed = time.monotonic() - begun
    for target in TARGETS:
        print(f"{target}: " + ", ".join(f"{n} {what}" for (each, what), n in sorted(tally.items()) if each == target))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    total = sum(tally.values())
    print(f"{total} texts, {finds} finds, {total / passed:.0f} texts a second, {peak} MB at most, {passed:.0f} s")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())

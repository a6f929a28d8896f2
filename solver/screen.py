"""What a person sees while it works: progress and colours on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tick = Callable[[str], None]
"""Says that one more is done, and what it was."""


def say(text: str) -> None:
    """A result, for standard output."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Something wrong, for standard error; the first line stands out on a terminal."""
    first, newline, rest = text.partition("\n")
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        first = f"\x1b[1;31m{first}\x1b[0m"
    print(first + newline + rest, file=sys.stderr, flush=True)


def praise(text: str) -> None:
    """The closing line when all is well."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        text = f"\x1b[1;32m{text}\x1b[0m"
    say(text)


@contextmanager
def progress(what: str, total: int) -> Iterator[Tick]:
    """A bar while something counts to `total`; nothing at all where no person is looking."""
    if total < 1 or not (sys.stderr.isatty() and sys.stdout.isatty()):
        yield lambda label: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[label]}"))
    # drawn when something happens, without a thread of its own: a process that forks must have none
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(what, total=total, label="")
        bar.refresh()
        yield lambda label: bar.update(task, advance=1, label=escape(label), refresh=True)

"""Work in processes of its own, bounded in time and memory: what hangs or bursts is cut off, and the rest goes on.

The bounds are the system's: a timer whose signal ends the worker wherever it is, inside a library written in C too,
and a limit on its memory. Nothing here knows what the work is.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

GIB = 1 << 30
STACK = 64 << 20
DEPTH = 10_000
"""Bytes of stack, and calls within calls, that a worker has."""


@dataclass(frozen=True)
class Limits:
    """What one task may use: seconds of the processor (and `patience` times as many on the clock), bytes of memory."""

    seconds: float = 60.0
    memory: int = 4 * GIB
    patience: float = 10.0


DEFAULT = Limits()


@dataclass(frozen=True)
class Lost:
    """A task without a result; `why` is the end of a sentence: "it …"."""

    why: str


Work = Callable[[T, Sequence[tuple[T, R]]], R]
"""Does a task, given the results of those before it in its line."""


@dataclass
class _Line(Generic[T, R]):
    """Tasks to be done in order by one worker at a time."""

    tasks: deque[T]
    done: list[tuple[T, R]] = field(default_factory=list)


def run(
    lines: Sequence[Sequence[T]], work: Work[T, R], limits: Limits = DEFAULT, workers: int | None = None
) -> Iterator[tuple[T, R | Lost]]:
    """Every task's result as it comes. Tasks of one line are done in order and see the results of those before them.

    A task that is lost costs only itself: its line goes on with the next one, in a new worker.
    """
    # a fork has everything loaded already; elsewhere than on Linux the system's own libraries do not bear it
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    workers = workers or processors()
    waiting: deque[_Line[T, R]] = deque(_Line(deque(line)) for line in lines if line)
    running: dict[Connection, tuple[Any, _Line[T, R]]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                line = waiting.popleft()
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(
                    target=_serve, args=(theirs, tuple(line.tasks), tuple(line.done), work, limits), daemon=True
                )
                _flush()
                process.start()
                theirs.close()
                running[ours] = (process, line)
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                process, line = running[ready]
                try:
                    result = ready.recv()
                except (EOFError, ConnectionResetError):
                    del running[ready]
                    ready.close()
                    process.join()
                    if line.tasks:
                        yield line.tasks.popleft(), Lost(_ending(process.exitcode, limits))
                        if line.tasks:
                            waiting.appendleft(line)
                    continue
                task = line.tasks.popleft()
                line.done.append((task, result))
                yield task, result
    finally:
        for process, _ in running.values():
            process.kill()
            process.join()


def _serve(pipe: Connection, tasks: Sequence[T], done: Sequence[tuple[T, R]], work: Work[T, R], limits: Limits) -> None:
    """A worker's life: each task under a fresh timer, each result sent as soon as it is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers itself
    for each in (signal.SIGPROF, signal.SIGALRM, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    _bound_memory(limits.memory)
    settle()
    known = list(done)
    for task in tasks:
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds * limits.patience)
        result = work(task, known)
        pipe.send(result)
        known.append((task, result))
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def used() -> float:
    """Seconds of the processor that this process has used, and those that it has waited for."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def settle() -> None:
    """A process that works and ends: calls may nest deep, and garbage is seldom looked for."""
    deepen()
    # what is derived and judged is kept to the end: each look through all of it for rings, of which there are few,
    # makes the cost grow faster than the work
    gc.set_threshold(100_000, 50, 100)


def deepen() -> None:
    """Room for formulas that rest on definitions that rest on definitions: calls nest deeper than Python allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    sys.setrecursionlimit(max(DEPTH, sys.getrecursionlimit()))


def _bound_memory(size: int) -> None:
    """The worker's memory, counted from what it starts with; where the system keeps no such limit, none."""
    try:
        with open("/proc/self/statm") as statm:
            start = int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = start + size
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _flush() -> None:
    """A forked worker must not write again what the parent has not written yet."""
    sys.stdout.flush()
    sys.stderr.flush()


def _ending(code: int | None, limits: Limits) -> str:
    match code:
        case _ if code == -signal.SIGPROF:
            return f"used more than {limits.seconds:g} seconds of the processor and was cut off"
        case _ if code == -signal.SIGALRM:
            return f"took longer than {limits.seconds * limits.patience:g} seconds and was cut off"
        case -9:
            return "was ended by the system, perhaps for want of memory"
        case _ if code is not None and code < 0:
            return f"crashed ({signal.strsignal(-code)}), perhaps for want of memory"
    return "failed inside this program: see the traceback above, and please report it"

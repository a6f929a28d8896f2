"""Workers: results in order within a line, and bounds that hold."""

from __future__ import annotations

import ctypes
import faulthandler
import multiprocessing
import time
from collections.abc import Sequence

import pytest

from solver.workers import GIB, Limits, Lost, run

Done = Sequence[tuple[str, str]]


def echo(task: str, done: Done) -> str:
    return task + "<" + ",".join(result for _, result in done)


def troubled(task: str, done: Done) -> str:
    match task:
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(60)
        case "crash":
            faulthandler.disable()
            ctypes.string_at(0)
        case "hog":
            try:
                bytearray(8 * GIB)
            except MemoryError:
                return "too much"
        case "nest":
            return str(nested(2_500))
    return task


def nested(depth: int) -> int:
    return 1 + sorted([depth], key=lambda _: nested(depth - 1))[0] if depth else 0


def test_tasks_of_a_line_see_the_results_before_them() -> None:
    found = list(run([["a", "b", "c"], ["x"]], echo, workers=2))
    assert [each for each in found if each[0] in "abc"] == [("a", "a<"), ("b", "b<a<"), ("c", "c<a<,b<a<")]
    assert ("x", "x<") in found
    assert len(found) == 4


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("spin", "more than 0.2 seconds of the processor"),
        ("sleep", "took longer than 0.4 seconds"),
        ("crash", "crashed (Segmentation fault)"),
    ],
)
def test_what_is_lost_costs_only_itself(task: str, why: str) -> None:
    limits = Limits(seconds=0.2, patience=2 if task == "sleep" else 1000)
    found = dict(run([["before", task, "after"]], troubled, limits))
    assert found["before"] == "before"
    assert found["after"] == "after"
    lost = found[task]
    assert isinstance(lost, Lost)
    assert why in lost.why


def test_memory_is_bounded() -> None:
    assert dict(run([["hog"]], troubled, Limits(memory=GIB))) == {"hog": "too much"}


def test_calls_may_nest_deeply() -> None:
    assert dict(run([["nest"]], troubled)) == {"nest": "2501"}


def test_workers_end_with_the_one_who_asked() -> None:
    results = run([["a", "sleep"]], troubled)
    assert next(results) == ("a", "a")
    results.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()

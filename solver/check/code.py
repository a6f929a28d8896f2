"""Generated code, run: its gradients against finite differences of its own forward pass, in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from solver.check.court import Court
from solver.check.meaning import Meaningless
from solver.check.sample import Sample
from solver.check.sampling import NoSample
from solver.expr.derivation import Code, Fact
from solver.spec.problem import Part, Problem

SECONDS = 20
MEMORY = 2 << 30
LIMIT = 1e-5
"""How far a gradient may lie from the difference quotient, relative to its largest entry: a step of 1e-6 on float64
leaves about 1e-9, a wrong sign or factor leaves about 1."""

_RUN = """
import json, sys
import numpy as np
import generated
names = generated.forward.__code__.co_varnames[: generated.forward.__code__.co_argcount]

def found(given):
    return generated.check(
        {k: np.array(given[k.rstrip("_") if k not in given else k], dtype=float) for k in names}
    )

print(json.dumps([found(given) for given in json.load(open("arguments.json"))]))
"""


class CodeFailed(Exception):
    """The code did not run, or did not answer: one sentence."""


def differences(code: Code, points: Sequence[Mapping[str, object]]) -> list[dict[str, float]]:
    """At each point, the relative difference between gradient and difference quotient, for each variable.

    A point is the symbols' values as nested lists of floats, two-dimensional for everything with a shape. Raises
    CodeFailed when the code does not run to its end within its time and memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "generated.py").write_text(code.source, encoding="utf-8")
        (place / "arguments.json").write_text(json.dumps(points), encoding="utf-8")
        (place / "run.py").write_text(_RUN, encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "run.py"], cwd=place, capture_output=True, text=True, timeout=SECONDS, check=False,
                env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}, preexec_fn=_bounds,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise CodeFailed(f"the generated code did not finish within {SECONDS} seconds") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise CodeFailed(f"the generated code stopped: {last}")
    return [{str(name): float(value) for name, value in found.items()} for found in json.loads(done.stdout)]


def verdict(problem: Problem, part: Part, code: Code, seed: int = 0) -> list[str]:
    """What is wrong with the code at sampled values of the problem's data, every declared trait holding; or nothing."""
    facts = frozenset(Fact(s.name, trait) for s in problem.symbols.values() for trait in s.traits)
    try:
        court = Court.over(problem, part, (code.loss, *code.variables), seed=seed, points=2, limit=None)
        samples = islice(court.sampler.samples(facts, (code.loss,)), 2)
        found = differences(code, [arguments(problem, sample) for sample in samples])
    except (NoSample, Meaningless, CodeFailed) as reason:
        return [str(reason)]
    return [message for each in found for message in disagreements(each)]


def arguments(problem: Problem, sample: Sample) -> dict[str, list[list[float]]]:
    """The values of the symbols at a point, as nested lists of floats."""
    values: dict[str, list[list[float]]] = {}
    for symbol in problem.symbols.values():
        if not symbol.function and symbol.name in sample.point.values:
            array = sample.value(symbol.node, {}, 64)
            rows = array if array.ndim == 2 else array.reshape(1, 1)
            values[symbol.name] = [[float(entry.mid()) for entry in row] for row in rows]
    return values


def _bounds() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def disagreements(found: Mapping[str, float]) -> list[str]:
    """What is wrong with the gradients, in words; nothing when all agree."""
    return [
        f"the code's gradient by `{name}` differs from finite differences by {value:.1e} of its size"
        for name, value in found.items()
        if not value < LIMIT
    ]

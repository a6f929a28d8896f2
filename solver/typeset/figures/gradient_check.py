"""`gradient-check`: the relative error of difference quotients against their step, both axes logarithmic.

Values and quotients are float64's, as a program would have them; the exact gradient is the judge's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogLocator, NullLocator

from solver.check.meaning import Meaning
from solver.check.point import Point as ExactPoint
from solver.check.sampling import NoSample, Sampler
from solver.expr.derivation import Fact
from solver.expr.nodes import At, D, Node, Sym
from solver.expr.numeric import Point, evaluate
from solver.expr.write import write
from solver.typeset.figures import style
from solver.typeset.figures.drawn import Drawn, sheet
from solver.typeset.figures.scene import Array, FigureError, Scene, brief, rational, rounded

STEPS = np.logspace(-15, 0, 61)
FLOOR = 1e-17
"""Where an error that is zero in float64 is drawn."""
MOST = 200
"""How many entries are varied at most."""


@dataclass(frozen=True)
class Errors:
    """The relative errors at `STEPS`, and the formula's; None without one."""

    forward: Array
    central: Array
    formula: float | None


def draw(scene: Scene) -> Drawn:
    of, wrt = cast(Node, scene.options["of"]), cast(Node, scene.options["wrt"])
    found = errors(scene)

    def paint(canvas: Canvas) -> str:
        axes = canvas.add_subplot()
        for row, key, colour, dashes in (
            (found.forward, "forward_differences", style.WARM, (0, (5, 2))),
            (found.central, "central_differences", style.INK, "-"),
        ):
            axes.loglog(STEPS, np.maximum(row, FLOOR), color=colour, linestyle=dashes, label=scene.words(key))
        if found.formula is not None:
            level = max(found.formula, FLOOR)
            axes.axhline(level, color=style.BLACK, linewidth=0.9, linestyle=(0, (1, 1.2)), label=scene.words("formula"))
        axes.set_xlim(STEPS[0], STEPS[-1])
        axes.set_ylim(FLOOR / 2, 10)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(numticks=6))
            axis.set_minor_locator(NullLocator())
        axes.set_xlabel(scene.label(Sym("h")))
        axes.set_ylabel(scene.words("relative_error"))
        # between the arms of the V
        axes.legend(frameon=False, handlelength=2.4, loc="upper center", fontsize=style.SMALL, borderaxespad=0.0)
        return _said(scene, write(of), write(wrt), found)

    return sheet(78, 54, paint)


def errors(scene: Scene) -> Errors:
    """The differences between quotients and the exact gradient, in the Euclidean norm, over the gradient's."""
    of, wrt = cast(Node, scene.options["of"]), cast(Node, scene.options["wrt"])
    target = cast(Sym, wrt.arg if isinstance(wrt, At) else wrt)
    values, sizes = _point(scene)
    held = Point({name: np.asarray(value) for name, value in values.items()}, sizes, scene.problem.define)
    if target.name not in held.values:
        held = held.holding(target.name, evaluate(target, held))
    names = {name: rational(value) for name, value in values.items()}
    exact = rounded(scene.balls(D(of, wrt), ExactPoint(sizes, names)))
    size = float(np.linalg.norm(exact))
    if not np.isfinite(size) or size == 0:
        what = "is zero" if size == 0 else "has no value"
        raise FigureError(f"the gradient of {write(of)} {what} at this point: give another in `at`")
    start = np.array(held.values[target.name], dtype=float)
    places = _places(wrt, start)
    forward, central = np.zeros_like(STEPS), np.zeros_like(STEPS)
    middle = float(evaluate(of, held).reshape(()))
    flat = exact.reshape(-1)
    for k, step in enumerate(STEPS):
        above, below = (
            np.array([_moved(of, held, target.name, start, place, by) for place in places]) for by in (step, -step)
        )
        forward[k] = np.linalg.norm((above - middle) / step - flat) / size
        central[k] = np.linalg.norm((above - below) / (2 * step) - flat) / size
    formula = cast("Node | None", scene.options.get("formula"))
    off = None if formula is None else float(np.linalg.norm(evaluate(formula, held).reshape(-1) - flat)) / size
    return Errors(forward, central, off)


def _places(wrt: Node, start: Array) -> list[int]:
    """The entries that are varied, by their numbers row by row."""
    if not isinstance(wrt, At):
        if start.size > MOST:
            raise FigureError(f"{write(wrt)} has {start.size} entries, too many to vary each: name one")
        return list(range(start.size))
    where = [int(evaluate(index, Point())) - 1 for index in wrt.at if index is not None]
    if len(where) < len(wrt.at):
        raise FigureError(f"{write(wrt)} is no single entry: write one as `W[1, 2]`")
    return [where[0] if len(where) == 1 else where[0] * start.shape[1] + where[1]]


def _moved(of: Node, held: Point, name: str, start: Array, place: int, by: float) -> float:
    moved = start.copy()
    moved.reshape(-1)[place] += by
    return float(evaluate(of, held.holding(name, moved)).reshape(()))


def _point(scene: Scene) -> tuple[Mapping[str, Array], Mapping[str, int]]:
    """The values given; or a point drawn at random, every declared trait holding, the same at each run."""
    if scene.options["at"] is not None:
        return scene.given, scene.sizes
    problem, of = scene.problem, cast(Node, scene.options["of"])
    wanted = (of, D(of, cast(Node, scene.options["wrt"])))
    facts = frozenset(Fact(s.name, trait) for s in problem.symbols.values() for trait in s.traits)
    sampler = Sampler(problem, Meaning.of(problem), wanted, "gradient-check", given=problem.given)
    try:
        sample = next(islice(sampler.samples(facts, wanted), 1))
    except NoSample as error:
        raise FigureError(f"no point to check at was found: {error}") from error
    values: dict[str, Any] = {}
    for name, value in sample.point.values.items():
        array = np.array([[float(entry.p) / float(entry.q) for entry in row] for row in value])
        shape = problem.symbols[name].shape if name in problem.symbols else ()
        values[name] = array if shape else array.reshape(())
    return values, sample.point.sizes


def _said(scene: Scene, name: str, variable: str, found: Errors) -> str:
    ends = {"left": brief(STEPS[0]), "right": brief(STEPS[-1])}
    sentences = [scene.words("check", name=name, variable=variable, **ends)]
    if all(0 < np.nanargmin(row) < len(STEPS) - 1 for row in (found.forward, found.central)):
        sentences.append(scene.words("check_turn"))
    for key, row in (("check_forward", found.forward), ("check_central", found.central)):
        best = int(np.nanargmin(row))
        sentences.append(scene.words(key, error=f"{row[best]:.1e}".replace("-", "−"), at=brief(STEPS[best])))
    if found.formula is not None:
        text = f"{found.formula:.1e}".replace("-", "−")
        sentences.append(scene.words("check_formula", error=text) if found.formula else scene.words("check_exact"))
    return " ".join(sentences)

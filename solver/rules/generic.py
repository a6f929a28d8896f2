"""Values at generic data, in float64: what is zero, or equal, whatever the data, and what stays so when data moves.

They choose the form of a rule where two forms are true and one reads better, and find what has no derivative; what is
derived is judged all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from solver.expr.nodes import Apply, Call, Node, Sym, free_indices, symbols, transform, walk
from solver.expr.numeric import NumericError, Point, evaluate
from solver.rules.calculus import table_text
from solver.rules.setting import Setting

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TINY, STEP = 1e-12, 1e-4
PLACES = 24
"""At most so many values of the free indices are tried."""


@dataclass(frozen=True)
class Trial:
    """A point of generic data: `symbols` are what may be moved, the point knows the defined names' values too."""

    point: Point
    symbols: Mapping[str, Array]
    rng: random.Random

    def moved(self, values: Mapping[str, Array]) -> Point:
        """The point with these values a little elsewhere, and what rests on them computed anew."""
        import numpy as np

        def near(value: Array) -> Array:
            steps = np.array([self.rng.uniform(0.5, 1) * STEP for _ in range(value.size)]).reshape(value.shape)
            return np.asarray(value + steps)

        return replace(self.point, values={**self.symbols, **{name: near(value) for name, value in values.items()}})


def _tried(look: Callable[[Trial], Array], node: Node, setting: Setting) -> Iterator[Array]:
    """What is seen at the trials at which there is anything to see: sizes all different, and each size 1 in turn; data
    positive, and of both signs."""
    indices = sorted(free_indices(node), key=lambda index: index.name)
    sizes = [size for symbol in setting.symbols.values() for size in symbol.shape]
    names = sorted({name for size in (*sizes, *(index.range for index in indices)) for name in size.names})
    different = {name: number for number, name in enumerate(names, 2)}
    for lengths in (different, *({**different, name: 1} for name in names)):
        ranges = [range(1, index.range.at(lengths) + 1) for index in indices]
        for signs in ((1,), (1, -1)):
            rng = random.Random(len(signs))
            key = (tuple(lengths.items()), signs)
            for place in islice(product(*ranges), PLACES):
                at = {index.name: number for index, number in zip(indices, place, strict=True)}
                try:
                    if key not in setting.trials:
                        data = _data(setting, lengths, signs, rng)
                        setting.trials[key] = data, dict(data)
                    data, known = setting.trials[key]
                    point = Point(known, lengths, setting.define, at)
                    _fill(known, symbols(node), point, setting)
                    yield look(Trial(point, data, rng))
                except (NumericError, ValueError):
                    continue


def _fill(known: dict[str, Array], names: Iterable[str], point: Point, setting: Setting) -> None:
    """The values of defined names, each computed once, after those that it rests on."""
    for name in sorted(names):
        value = setting.define.get(name)
        if value is not None and name not in known and not free_indices(value):
            _fill(known, symbols(value), point, setting)
            known[name] = evaluate(_concrete(value), point)


def _data(setting: Setting, lengths: Mapping[str, int], signs: tuple[int, ...], rng: random.Random) -> dict[str, Array]:
    import numpy as np

    data = {}
    for name, symbol in setting.symbols.items():
        shape = tuple(size.at(lengths) for size in symbol.shape)
        entries = [rng.choice(signs) * rng.uniform(0.1, 0.9) for _ in range(int(np.prod(shape)))]
        data[name] = np.array(entries).reshape(shape)
    return data


def _concrete(node: Node) -> Node:
    """An abstract function has no values: one that is as general takes its place."""

    def change(part: Node) -> Node | None:
        return Call("exp", (_concrete(part.arg),)) if isinstance(part, Apply) else None

    return transform(node, change)


def _tiny(value: Array) -> Array:
    import numpy as np

    return np.asarray(np.abs(value) < TINY)


# --- questions ------------------------------------------------------------------------------------------------------


def vanishes_somewhere(node: Node, setting: Setting) -> bool:
    """Whether an entry is zero at generic data, or where a size is 1."""
    node = _concrete(node)
    return any(bool(_tiny(value).any()) for value in _tried(lambda trial: evaluate(node, trial.point), node, setting))


def ties(node: Node, setting: Setting) -> bool:
    """Whether two entries are always equal and move: of `A + Aᵀ`, of a block that stands twice."""
    node = _concrete(node)

    def tied(trial: Trial) -> Array:
        here, there = evaluate(node, trial.point), evaluate(node, trial.moved(trial.symbols))
        equal = _tiny(_gaps(here, None)) & _tiny(_gaps(there, None))
        return np.asarray(equal & ~_tiny(there - here).reshape(-1, 1))

    import numpy as np

    return any(bool(found.any()) for found in _tried(tied, node, setting))


def at_a_kink(value: Node, name: Sym, setting: Setting) -> bool:
    """Whether the value has no slope by a defined name: what the name stands for lies at a kink that it moves off."""
    parts = [part for part in walk(value) if isinstance(part, Call) and setting.depends(part, name)]
    return any(_moves_off(part, name, setting) for part in parts if _has_kinks(part))


def kinked(function: Call, arg: Node, setting: Setting) -> bool:
    """Whether the argument, under a name of its own, would lie at a kink of the function."""
    name = Sym("_", arg.shape)
    args = tuple(name if each == arg else each for each in function.args)
    return _has_kinks(function) and _moves_off(
        Call(function.name, args, function.axis), name, setting.defining({"_": arg})
    )


def _has_kinks(node: Call) -> bool:
    return node.name in ("max", "min", "norm1") or bool(node.function.kinks)


def _moves_off(function: Call, name: Sym, setting: Setting) -> bool:
    node = _concrete(function)
    assert isinstance(node, Call)

    def off(trial: Trial) -> Array:
        here = {name.name: evaluate(name, trial.point)}
        before, after = _distance(node, trial.point), _distance(node, trial.moved(here))
        return np.asarray(_tiny(before) & ~_tiny(after))

    import numpy as np

    return any(bool(found.any()) for found in _tried(off, node, setting))


def _distance(node: Call, point: Point) -> Array:
    """How far the arguments are from a kink of the function: zero where they lie at one."""
    import numpy as np

    if node.name == "norm1":
        return evaluate(node.args[0], point)
    if node.name in ("max", "min"):
        return _gaps(evaluate(node.args[0], point), node.axis)
    found = []
    for text in node.function.kinks:
        left, right = text.split("==")
        found.append(np.ravel(evaluate(table_text(f"{left} - ({right})", node.function.params, node.args), point)))
    return np.concatenate(found)


def _gaps(value: Array, axis: int | None) -> Array:
    """The differences of entries, of all or along an axis; 1 from each to itself."""
    import numpy as np

    lines = [np.ravel(value)] if axis is None else list(value.T if axis == 0 else value)
    gaps = [np.subtract.outer(line, line) + np.eye(line.size) for line in lines]
    return np.concatenate(gaps)

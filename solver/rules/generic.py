"""Values at generic data, in float64: what is zero, or equal, whatever the data, and what stays so when data moves.

They choose the form of a rule where two forms are true and one reads better, and find what has no derivative; what is
derived is judged all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from solver.expr.nodes import Add, Apply, Call, Cmp, Neg, Node, Sym, free_indices, symbols, transform, walk
from solver.expr.numeric import NumericError, Point, evaluate
from solver.rules.calculus import table_text
from solver.rules.setting import Setting

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TINY, STEP = 1e-12, 1e-4
KINDS = ("positive", "signed", "negative", "large")
PLACES = 24
"""At most so many values of the free indices are tried."""


@dataclass(frozen=True)
class Trial:
    """A point of generic data: `symbols` are what may be moved, the point knows the defined names' values too."""

    point: Point
    symbols: Mapping[str, Array]
    rng: random.Random
    kind: str

    def moved(self, values: Mapping[str, Array], node: Node) -> Point:
        """The point with these values a little elsewhere, and what stands in the node and rests on them with them."""
        import numpy as np

        def near(value: Array) -> Array:
            steps = np.array([self.rng.uniform(0.5, 1) * STEP for _ in range(value.size)]).reshape(value.shape)
            return np.asarray(value + steps)

        known = {**self.symbols, **{name: near(value) for name, value in values.items()}}
        point = replace(self.point, values=known)
        _fill(known, symbols(node), point)
        return point


def _tried(
    look: Callable[[Trial], Array], node: Node, setting: Setting, kinds: Sequence[str] = KINDS, both: bool = False
) -> Iterator[Array]:
    """What is seen at the trials at which there is anything to see: sizes all different, and each size 1 in turn; where
    it is asked, in `both` orders, and larger than any number; data positive, negative, of both signs, beyond 1, or as declared."""
    indices = sorted(free_indices(node), key=lambda index: index.name)
    sizes = [size for symbol in setting.symbols.values() for size in symbol.shape]
    names = sorted({name for size in (*sizes, *(index.range for index in indices)) for name in size.names})
    different = {name: number for number, name in enumerate(names, 2)}
    if "define" not in setting.trials:
        setting.trials["define"] = {name: _concrete(value) for name, value in setting.define.items()}
    define = setting.trials["define"]
    others: list[dict[str, int]] = []
    if both:
        fixed = [size.number for size in sizes if size.number is not None]
        others = [dict(zip(names, reversed(different.values()), strict=True)),
                  {name: number for number, name in enumerate(names, max(fixed, default=1) + 1)}]  # fmt: skip
    for lengths in (different, *others, *({**different, name: 1} for name in names)):
        ranges = [range(1, index.range.at(lengths) + 1) for index in indices]
        for kind in kinds:
            rng = random.Random(kind)
            key = (tuple(lengths.items()), kind)
            for place in islice(product(*ranges), PLACES):
                at = {index.name: number for index, number in zip(indices, place, strict=True)}
                try:
                    if key not in setting.trials:
                        data = _data(setting, lengths, kind, rng)
                        setting.trials[key] = data, dict(data)
                    data, known = setting.trials[key]
                    point = Point(known, lengths, define, at)
                    _fill(known, symbols(node), point)
                    yield look(Trial(point, data, rng, kind))
                except (NumericError, ValueError):
                    continue


def _fill(known: dict[str, Array], names: Iterable[str], point: Point) -> None:
    """The values of defined names, each computed once, after those that it rests on."""
    for name in sorted(names):
        value = point.define.get(name)
        if value is not None and name not in known and not free_indices(value):
            _fill(known, symbols(value), point)
            known[name] = evaluate(value, point)


def _data(setting: Setting, lengths: Mapping[str, int], kind: str, rng: random.Random) -> dict[str, Array]:
    import numpy as np

    data = {}
    for order, (name, symbol) in enumerate(setting.symbols.items()):
        shape = tuple(size.at(lengths) for size in symbol.shape)
        least, most = (1.1, 2.9) if kind == "large" else (0.1, 0.9)
        entries = [rng.uniform(least, most) for _ in range(int(np.prod(shape)))]
        if kind.startswith("symbols"):
            entries = [_sign(order, kind) * entry for entry in entries]
        elif kind not in ("positive", "large"):
            signs = (-1,) if kind == "negative" else (1, -1)
            entries = [rng.choice(signs) * entry for entry in entries]
        value = np.array(entries).reshape(shape)
        data[name] = _declared(value, symbol.traits) if kind == "declared" else value
    return data


def _by_symbols(setting: Setting) -> tuple[str, ...]:
    """Kinds of data in which every symbol has one sign: any two of them have the same at one, another at another."""
    return tuple(f"symbols{flip}{bit}" for bit in range(len(setting.symbols).bit_length()) for flip in "+-")


def _sign(order: int, kind: str) -> int:
    flip, bit = kind[len("symbols")], int(kind[len("symbols") + 1 :])
    return -1 if (order >> bit & 1) == (flip == "+") else 1


def _declared(value: Array, traits: Iterable[str]) -> Array:
    """Data with the traits by which entries, or functions of them, are equal."""
    import numpy as np

    for trait in traits:
        match trait:
            case "plus-minus-one":
                value = np.sign(value)
            case "binary":
                value = (value > 0).astype(float)
            case "one-hot" | "one-hot-rows" | "one-hot-columns":
                value = (value == value.max(axis=0 if trait == "one-hot-columns" else -1, keepdims=True)).astype(float)
            case "symmetric" | "positive-definite":
                value = value + value.T
            case "diagonal":
                value = value * np.eye(len(value))
            case "triangular":
                value = np.tril(value)
    return value


TYING = frozenset({
    "plus-minus-one", "binary", "one-hot", "one-hot-rows", "one-hot-columns", "symmetric", "positive-definite",
    "diagonal", "triangular",
})  # fmt: skip
"""The traits of `_declared`: data that has one is held where it is."""


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
    """Whether two entries are always equal and move: of `A + Aᵀ`, of a block that stands twice, of c A with A = Aᵀ."""
    node = _concrete(node)

    def tied(trial: Trial) -> Array:
        held = TYING if trial.kind == "declared" else frozenset()
        free = {name: value for name, value in trial.symbols.items() if not held & set(setting.symbols[name].traits)}
        here, there = evaluate(node, trial.point), evaluate(node, trial.moved(free, node))
        equal = _tiny(_gaps(here, None)) & _tiny(_gaps(there, None))
        return np.asarray(equal & ~_tiny(there - here).reshape(-1, 1))

    import numpy as np

    return any(bool(found.any()) for found in _tried(tied, node, setting, (*KINDS, "declared")))


def at_a_kink(value: Node, name: Sym, setting: Setting) -> bool:
    """Whether the value has no slope by a defined name: what the name stands for lies at a kink that it moves off."""
    if not setting.depends(value, name):
        return False
    between = {n for part in symbols(value) for n in setting.rests_on(part)} - {name.name}
    values = [value, *(setting.define[n] for n in sorted(between) if n in setting.define)]
    parts = [part for each in values for part in walk(each) if _has_kinks(part) and setting.depends(part, name)]
    return any(_moves_off(part, name, setting) for part in dict.fromkeys(parts))


def on_a_border(node: Node, setting: Setting) -> bool:
    """Whether a part with a logarithm lies at a kink or on the border of a condition, as `log x` of x = 1 at size 1."""
    parts = [part for part in walk(node) if _has_kinks(part)]
    found = (_concrete(part) for part in parts if any(isinstance(p, Call) and p.name == "log" for p in walk(part)))
    return any(
        bool(_tiny(value).any())
        for part in found
        for value in _tried(lambda trial, part=part: _distance(part, trial.point), part, setting)  # type: ignore[misc]
    )


def kinked(function: Call, arg: Node, setting: Setting) -> bool:
    """Whether the argument, under a name of its own, would lie at a kink of the function."""
    if not _has_kinks(function):
        return False
    name = Sym("_", arg.shape)
    args = tuple(name if each == arg else each for each in function.args)
    return _moves_off(Call(function.name, args, function.axis), name, setting.defining({"_": arg}))


def singular(matrix: Node, setting: Setting) -> bool:
    """Whether the matrix has no inverse at generic data of some kind, or at sizes that the assumptions allow."""
    import numpy as np

    def look(trial: Trial) -> Array:
        if any(
            not np.all(evaluate(Call("indicator", (c,)), trial.point)) for c in setting.given if not free_indices(c)
        ):
            return np.array(1.0)
        found = np.linalg.svd(np.atleast_2d(evaluate(matrix, trial.point)), compute_uv=False)
        return np.asarray(found[-1] / found[0] if found[0] else 0.0)

    matrix = _concrete(matrix)
    return any(bool(_tiny(value)) for value in _tried(look, matrix, setting, both=True))


def _has_kinks(node: Node) -> bool:
    """Whether the node has kinks or jumps; a condition is a jump of what is chosen by it."""
    match node:
        case Cmp(op="==" | "!="):
            # of data, and of the largest entry: generic data has its own
            return False
        case Cmp():
            return True
        case Call(name):
            return name in ("max", "min", "norm1") or bool(node.function.kinks)
    return False


def _moves_off(node: Node, name: Sym, setting: Setting) -> bool:
    import numpy as np

    node = _concrete(node)

    def off(trial: Trial) -> Array:
        here = {name.name: evaluate(name, trial.point)}
        before, after = _distance(node, trial.point), _distance(node, trial.moved(here, node))
        return np.asarray(_tiny(before) & ~_tiny(after))

    return any(bool(found.any()) for found in _tried(off, node, setting, (*KINDS, *_by_symbols(setting)), both=True))


def _distance(node: Node, point: Point) -> Array:
    """How far the arguments are from a kink of the function, or the sides of a condition from each other."""
    import numpy as np

    match node:
        case Cmp(left, right):
            return evaluate(Add((left, Neg(right))), point)
        case Call("norm1", (arg,)):
            return evaluate(arg, point)
        case Call("max" | "min", (arg,), axis):
            return _gaps(evaluate(arg, point), axis)
    assert isinstance(node, Call)
    found = []
    for text in node.function.kinks:
        left_side, right_side = text.split("==")
        kink = table_text(f"{left_side} - ({right_side})", node.function.params, node.args)
        found.append(np.ravel(evaluate(kink, point)))
    return np.concatenate(found)


def _gaps(value: Array, axis: int | None) -> Array:
    """The differences of entries, of all or along an axis; 1 from each to itself."""
    import numpy as np

    lines = [np.ravel(value)] if axis is None else list(value.T if axis == 0 else value)
    gaps = [np.subtract.outer(line, line) + np.eye(line.size) for line in lines]
    return np.concatenate(gaps)

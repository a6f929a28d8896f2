"""Numbers for the symbolic sizes: small, different, as the assumptions of the problem demand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from solver.check.meaning import Meaning
from solver.expr.nodes import At, Big, Call, Cmp, Idx, Node, Num, Pow, SizeSym, Sym, Table, free_indices, walk
from solver.expr.shapes import Shape, is_single, is_vector
from solver.expr.sizes import ONE, Size
from solver.spec.problem import Problem

Sizes = dict[str, int]


@dataclass(frozen=True)
class Survey:
    """What stands in a set of formulas: sizes, and whole numbers that pick an entry or count.

    `shapes` must come to 1 at least, `ranges` of indices to 0. `labels` are the ranges within which a symbol picks,
    `exponents` the symbols that count factors.
    """

    shapes: frozenset[Size]
    ranges: frozenset[Size]
    labels: Mapping[str, frozenset[Size]]
    exponents: frozenset[str]
    tries: int = 1
    """How many times as many points are wanted: a sign that is seen once a point must be seen on both sides."""
    shifted: bool = False
    """Whether an entry is picked by more than a plain index, as `x[t + 1]`, so that it may lie beyond the end."""
    least: Mapping[Size, int] = field(default_factory=dict)
    """The number by which an entry is picked, `x[5]`: the size must reach it."""
    arrays: frozenset[tuple[Size, ...]] = frozenset()
    """The shapes of all parts, and the ranges of a sum's indices: Kronecker products and sums in sums have many entries
    where sizes are merely small."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(frozenset[str]().union(*(size.names for size in self.shapes | self.ranges))))


@dataclass
class _Surveyor:
    shapes: set[Size] = field(default_factory=set)
    ranges: set[Size] = field(default_factory=set)
    labels: dict[str, set[Size]] = field(default_factory=dict)
    exponents: set[str] = field(default_factory=set)
    tries: int = 1
    shifted: bool = False
    least: dict[Size, int] = field(default_factory=dict)
    arrays: set[tuple[Size, ...]] = field(default_factory=set)
    seen: set[Node] = field(default_factory=set)

    def visit(self, root: Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node in self.seen:
                continue
            self.seen.add(node)
            waiting.extend(node.children)
            self.arrays.add(node.shape)
            self.note(node)
            self.note_signs(node)
            if isinstance(node, Big) and not isinstance(node.body, Big):
                self.arrays.add(tuple(index.range for index in free_indices(node.body)) + node.shape)

    def found(self) -> Survey:
        labels = {name: frozenset(sizes) for name, sizes in self.labels.items()}
        return Survey(
            frozenset(self.shapes), frozenset(self.ranges), labels, frozenset(self.exponents), self.tries, self.shifted,
            dict(self.least), frozenset(self.arrays),
        )  # fmt: skip

    def note_signs(self, node: Node) -> None:
        """Of functions with branches, how many entries show at each point which branch they take."""
        match node:
            case Call(name="det" | "logdet"):
                self.tries = max(self.tries, 4)
            case Call(name=name, args=(arg, *_)) if name in BRANCHED:
                self.tries = max(self.tries, _tries(arg))
            case Cmp(op="<" | "<=" | ">" | ">=") if any(isinstance(part, Sym) for part in walk(node)):
                self.tries = max(self.tries, _tries(node))

    def note(self, node: Node) -> None:
        match node:
            case Sym(declared=shape):
                self.shapes.update(shape)
            case SizeSym(name=name):
                self.shapes.add(Size.of(name))
            case Idx(range=size) | Big(index=Idx(range=size)):
                self.ranges.add(size)
            case Table(row=row, column=column):
                self.ranges.update((row.range, column.range))
            case At(arg=arg, at=at):
                for index, length in zip(at, _lengths(arg.shape, len(at)), strict=True):
                    self._label(index, length)
                    self.shifted |= not isinstance(index, Idx | Num | None)
                    if isinstance(index, Num):
                        self.least[length] = max(self.least.get(length, 1), math.ceil(index.value))
            case Call(name="ones" | "zeros" | "eye"):
                self.ranges.update(node.shape)
            case Call(name="basis", args=(index, size)):
                self._label(index, size.size)
            case Call(name="delta", args=(left, right)) | Cmp(left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, Idx):
                        self._label(one, other.range)
            case Pow(right=exponent) | Call(name="matrix_power", args=(_, exponent)):
                self.exponents.update(_names(exponent))

    def _label(self, index: Node | None, length: Size | None) -> None:
        if index is not None and length is not None:
            for name in _names(index):
                self.labels.setdefault(name, set()).add(length)


BRANCHED = frozenset(("abs", "sign", "relu", "leaky_relu", "elu", "maximum", "minimum", "max", "min", "sqrt", "norm1"))
"""Functions whose value or slope takes one form or another by the sign of something."""


def _tries(node: Node) -> int:
    if is_single(node.shape):
        return 4
    return 2 if is_vector(node.shape) else 1


def _lengths(shape: Shape, count: int) -> tuple[Size, ...]:
    """What each of `count` indices runs over."""
    if not shape or count == 2:
        return shape
    return (shape[1] if shape[0] == ONE else shape[0],)


def _names(node: Node) -> Iterable[str]:
    """The symbols that a whole-number expression is made of; what they are indexed by does not count."""
    match node:
        case Sym(name=name) | At(arg=Sym(name=name)):
            yield name
        case At() | Call():
            return
        case _:
            for child in node.children:
                yield from _names(child)


def survey(problem: Problem, formulas: Iterable[Node]) -> Survey:
    surveyor = _Surveyor()
    for symbol in problem.symbols.values():
        surveyor.shapes.update(symbol.shape)
    surveyor.ranges.update(problem.indices.values())
    for formula in (*problem.define.values(), *problem.given, *formulas):
        surveyor.visit(formula)
    return surveyor.found()


def sizes_in(meaning: Meaning, formulas: Iterable[Node]) -> tuple[str, ...]:
    """The names of the sizes that formulas rest on, through their definitions too."""
    surveyor = _Surveyor()
    for formula in formulas:
        surveyor.visit(formula)
        for name in meaning.dependence(formula).reach & meaning.define.keys():
            surveyor.visit(meaning.define[name])
    return surveyor.found().names


TRIES = 400
ROOM = 20_000
PATIENCE = 100
"""Of so many numbers that fit, those are taken with which the arrays are smallest, or the first with room for them."""

MANY = 8
"""With more names of sizes, not all are told apart at every point: their numbers would grow with how many there are."""


def choose(
    found: Survey, allowed: Callable[[Sizes], bool], rng: random.Random, *, number: int = 0, one: bool = False
) -> Sizes | None:
    """Numbers for all sizes that fit, or None where none was found; with `one`, a size is 1.

    Sizes that differ as expressions differ as numbers wherever the assumptions leave it open, so that no two shapes
    fit by accident. Of `MANY` names, any two differ at all points but one: `number` counts the points.
    """
    names = found.names
    if not names:
        return None if one else {}
    fitting: list[tuple[int, Sizes]] = []
    for attempt in range(TRIES):
        # half of the tries keep all sizes apart; `given: n == 2*m` beside a shape [2*m] makes that impossible
        apart = attempt < TRIES // 2
        if len(names) > MANY and apart:
            sizes = _on_lines(names, number, rng)
        else:
            # a few more numbers than names: a line that holds for 2×2 matrices alone must meet others
            largest = max(len(names) + (3 if len(names) < 3 else 2), *found.least.values(), 0) + attempt // 40
            sizes = dict(zip(names, rng.sample(range(2, largest + 1), len(names)), strict=True))
        if one:
            sizes[names[(attempt + rng.randrange(len(names))) % len(names)]] = 1
        if _fits(found, sizes, apart and not one and len(names) <= MANY) and allowed(sizes):
            fitting.append((_entries(found, sizes), sizes))
            if fitting[-1][0] <= ROOM or len(fitting) == PATIENCE:
                break
    return min(fitting, key=lambda tried: tried[0])[1] if fitting else None


def _entries(found: Survey, sizes: Sizes) -> int:
    """The number of entries of the largest array."""
    return max((math.prod(size.at(sizes) for size in shape) for shape in found.arrays), default=1)


def _on_lines(names: Sequence[str], number: int, rng: random.Random) -> Sizes:
    """Small numbers for many names, as the lines `b + a·x` of the plane over the field of q elements, at x = `number`.

    Two lines meet in one point at most, so of q points two sizes are equal at one at most. The same change of scale and
    origin for all of them, drawn anew for each point, leaves that so.
    """
    q = next(q for q in _PRIMES if q * q >= len(names))
    scale, origin = rng.randrange(1, q), rng.randrange(q)
    lines = (divmod(k, q) for k in range(len(names)))
    return {name: 2 + (scale * (b + a * number) + origin) % q for name, (a, b) in zip(names, lines, strict=True)}


_PRIMES = (7, 11, 13, 17, 23, 31, 43, 61, 97, 199)


def _fits(found: Survey, sizes: Sizes, apart: bool) -> bool:
    try:
        shapes = {size: size.at(sizes) for size in found.shapes}
        ranges = {size: size.at(sizes) for size in found.ranges}
    except ValueError:
        return False
    if min(shapes.values(), default=1) < 1 or min(ranges.values(), default=0) < 0:
        return False
    if any(size.at(sizes) < number for size, number in found.least.items()):
        return False
    values = list(shapes.values())
    return not apart or len(set(values)) == len(values)

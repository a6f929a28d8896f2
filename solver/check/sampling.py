"""Sample points: what holds is drawn, and nothing else does.

Data is generic unless a fact is cited: a symbol that is declared one-hot has entries of any kind until a line says that
it uses `Σ y = 1`. Where the question itself is undefined at generic points (the log of a negative number), declared
traits are drawn step by step, those of the domain first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flint import fmpq

from solver.check import dimensions
from solver.check.balls import Array, full
from solver.check.dimensions import Sizes
from solver.check.jets import TooLarge
from solver.check.meaning import Meaning
from solver.check.point import AbstractFunction, Point
from solver.check.sample import Sample, states
from solver.check.traits import DOMAIN, VALUES, Numbers, canonical, closure, draw
from solver.expr.derivation import Fact
from solver.expr.nodes import Cmp, Logic, Node, Num, Sym
from solver.expr.write import write
from solver.spec.problem import Problem, Symbol

MAX_DATA = 40_000
MAX_UNASKED = 1_000
FEW = 12
"""Problems with so few numbers in all are tried at twice as many points: their points are cheap, and say less each."""


class NoSample(Exception):
    """No point could be found at which the question has a value; the reason, in words."""


@dataclass(frozen=True)
class Attempt:
    """How to draw when the points before had no value: which declared traits to keep, and where numbers lie."""

    traits: frozenset[str] | None = frozenset()
    """Declared traits (and consequences) that are kept; None for all."""
    positive: bool = False
    small: bool = False
    scaled: bool = False


ATTEMPTS = (
    # generic data, with every sign
    (Attempt(), 8),
    # numbers of other sizes, only where there are assumptions such as `lam > 5`
    (Attempt(scaled=True), 60),
    # what is declared positive is
    (Attempt(traits=VALUES), 6),
    # and definite matrices are definite
    (Attempt(traits=DOMAIN), 8),
    # everything positive: the question asks for a logarithm of what nothing was said of
    (Attempt(traits=DOMAIN, positive=True), 4),
    # everything small: arcsin, √(1 − x²)
    (Attempt(traits=DOMAIN, small=True), 6),
    (Attempt(traits=DOMAIN, positive=True, small=True), 4),
    # of other sizes: log(t − 5)
    (Attempt(traits=DOMAIN, scaled=True), 30),
    # all that is declared
    (Attempt(traits=None), 8),
)
"""In this order, each with how often it is tried."""


@dataclass
class Drawn:
    """Points drawn so far, and the source of more; what ended it is raised again at the same place."""

    source: Iterator[Sample]
    found: list[Sample] = field(default_factory=list)
    failure: Exception | None = None

    def __iter__(self) -> Iterator[Sample]:
        number = 0
        while True:
            if number == len(self.found):
                if self.failure is not None:
                    raise self.failure
                try:
                    self.found.append(next(self.source))
                except StopIteration:
                    return
                except Exception as failure:
                    self.failure = failure
                    raise
            yield self.found[number]
            number += 1


@dataclass
class Sampler:
    """Draws the points of one derivation; the same points for the same problem, part and seed."""

    problem: Problem
    meaning: Meaning
    formulas: tuple[Node, ...]
    seed: str
    given: tuple[Node, ...] = ()
    points: int = 4
    watch: Callable[[], None] | None = None
    survey: dimensions.Survey = field(init=False)
    _drawn: dict[Any, Drawn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.survey = dimensions.survey(self.problem, self.formulas)
        self._numeric = [c for c in self.given if not self.meaning.free(c)]
        self._of_sizes = [c for c in self._numeric if not self.meaning.dependence(c).reach]
        self._of_data = [c for c in self._numeric if self.meaning.dependence(c).reach]
        self._of_indices = [c for c in self.given if self.meaning.free(c)]
        self._signs = dict(simple_signs(self._of_data))

    def samples(self, facts: frozenset[Fact], defined: tuple[Node, ...]) -> Iterable[Sample]:
        """Points at which the facts hold, nothing else does, and the formulas `defined` have a value.

        They are drawn as they are asked for: a wrong line shows itself at the first. NoSample where there are none.
        """
        key = (facts, defined)
        if key not in self._drawn:
            self._drawn[key] = Drawn(self._draw_all(facts, defined))
        return self._drawn[key]

    @property
    def most(self) -> int:
        """The largest number of points that any line was tried at."""
        return max((len(drawn.found) for drawn in self._drawn.values()), default=0)

    @property
    def needed(self) -> frozenset[Fact]:
        """Declared traits that were drawn because a formula has no value without them."""
        return frozenset(fact for drawn in self._drawn.values() for sample in drawn.found for fact in sample.used)

    def _draw_all(self, facts: frozenset[Fact], defined: tuple[Node, ...]) -> Iterator[Sample]:
        count, number, first, found = self.points, 0, 0, 0
        while number < count:
            try:
                sample, first = self._draw(facts, defined, number, count, first)
            except NoSample:
                if found < 2:
                    raise
            else:
                found += 1
                if number == 0:
                    data = sum(value.size for value in sample.point.values.values())
                    count = self.points * max(self.survey.tries, 2 if data <= FEW else 1)
                    # one point is looked at more closely from the start: sides that differ by very little must differ
                    sample.start = 1
                yield sample
            number += 1

    def _draw(
        self, facts: frozenset[Fact], defined: tuple[Node, ...], number: int, count: int, first: int
    ) -> tuple[Sample, int]:
        """A point, and which way of drawing gave it; ways before `first` failed at the points before."""
        reason = "the assumptions on sizes cannot be met"
        cited = sorted((fact.symbol, fact.trait) for fact in facts)
        concerned = frozenset[str]().union(
            *(self.meaning.dependence(formula).reach for formula in (*defined, *self._of_data))
        )
        for way, (how, times) in enumerate(ATTEMPTS[first:], first):
            if how == Attempt(scaled=True) and not self._of_data:
                continue
            for attempt in range(times):
                rng = random.Random(f"{self.seed}|{cited}|{number}|{way}|{attempt}")
                sizes = self._sizes(rng, number, one=number > 0 and number == count - 1 and attempt < times // 2)
                if sizes is None:
                    continue
                design = _Design(number, count, self.seed) if way == attempt == 0 else None
                sample = self._candidate(sizes, facts, how, concerned, rng, design)
                refused = self._refused(sample, defined, rng)
                if refused is None:
                    return sample, way
                reason = refused
        raise NoSample(reason)

    def stream(self, purpose: str) -> random.Random:
        """Random numbers for a purpose, the same at each run."""
        return random.Random(f"{self.seed}|{purpose}")

    # --- sizes and data ---------------------------------------------------------------------------------------------

    def _sizes(self, rng: random.Random, number: int, one: bool) -> Sizes | None:
        def allowed(sizes: Sizes) -> bool:
            nowhere = Sample(Point(sizes, {}), self.meaning)
            return all(nowhere.holds(condition, {}) for condition in self._of_sizes)

        if one:
            sizes = dimensions.choose(self.survey, allowed, rng, number=number, one=True)
            if sizes is not None:
                return sizes
        return dimensions.choose(self.survey, allowed, rng, number=number)

    def _candidate(
        self,
        sizes: Sizes,
        facts: frozenset[Fact],
        how: Attempt,
        concerned: frozenset[str],
        rng: random.Random,
        design: _Design | None,
    ) -> Sample:
        """A point; data that what must have a value does not rest on stays generic."""
        numbers = Numbers(rng, how.positive, how.small)
        values: dict[str, Array] = {}
        functions: dict[str, AbstractFunction] = {}
        used: set[Fact] = set()
        total = 0
        for order, symbol in enumerate(self.problem.symbols.values()):
            if symbol.function is not None:
                functions[symbol.name] = AbstractFunction(tuple(numbers.signed() for _ in range(7)))
                continue
            numbers.scale = fmpq(2) ** rng.choice((-3, 0, 1, 3, 5)) if how.scaled else fmpq(1)
            shape = _lengths(symbol, sizes)
            if shape[0] * shape[1] > MAX_UNASKED and symbol.name not in self._reach():
                # too large to be drawn, and nothing is asked of it
                continue
            total += shape[0] * shape[1]
            if total > MAX_DATA:
                raise TooLarge(f"the data has more than {MAX_DATA} entries: use symbolic sizes")
            special = how if symbol.name in concerned else Attempt()
            numbers.positive = special.positive
            traits, kept = self._traits(symbol, facts, special)
            used |= kept
            value = self._whole(symbol, shape, sizes, rng)
            if value is None:
                value = draw(shape, traits, numbers)
                if design is not None and symbol.shape == () and not traits & _SIGNED:
                    value = abs(value) * design.sign(order)
            values[symbol.name] = value
        directions = {name: self._direction(name, values, sizes, numbers) for name in sorted(self.meaning.variables)}
        point = Point(sizes, values, directions, functions)
        return Sample(point, self.meaning, self.watch, used=frozenset(used))

    def _traits(self, symbol: Symbol, facts: frozenset[Fact], how: Attempt) -> tuple[frozenset[str], set[Fact]]:
        """The traits to draw with, and the declared ones among them that no line cites."""
        layout = self.problem.layout
        declared = closure(canonical(trait, symbol.shape, layout) for trait in symbol.traits)
        cited = {canonical(fact.trait, symbol.shape, layout) for fact in facts if fact.symbol == symbol.name}
        kept = declared if how.traits is None else declared & how.traits
        if symbol.name in self._signs:
            cited.add(self._signs[symbol.name])
        wanted = closure(cited)
        return closure(wanted | kept), {Fact(symbol.name, trait) for trait in kept - wanted}

    def _whole(self, symbol: Symbol, shape: tuple[int, int], sizes: Sizes, rng: random.Random) -> Array | None:
        """Values for symbols that are sizes, labels or exponents: whole numbers that make sense as such."""
        if symbol.name in sizes and symbol.shape == ():
            return full(fmpq(sizes[symbol.name]), 1, 1)
        if "integer" not in symbol.traits:
            return None
        largest = 5
        if symbol.name in self.survey.labels:
            largest = min((size.at(sizes) for size in self.survey.labels[symbol.name]), default=5)
        elif symbol.name not in self.survey.exponents:
            return None
        smallest = min(largest, 1 if symbol.name in self.survey.labels else 2)
        value = full(fmpq(0), *shape)
        for k in range(value.size):
            value.flat[k] = fmpq(rng.randint(smallest, max(smallest, largest)))
        return value

    def _direction(self, name: str, values: Mapping[str, Array], sizes: Sizes, numbers: Numbers) -> Array:
        shape = values[name].shape if name in values else _lengths_of(self.meaning.define[name].shape, sizes)
        direction = full(None, *shape)
        for k in range(direction.size):
            direction.flat[k] = numbers.signed()
        return direction

    def _reach(self) -> frozenset[str]:
        """The names on which the formulas rest."""
        return frozenset[str]().union(*(self.meaning.dependence(node).reach for node in (*self.formulas, *self.given)))

    # --- acceptance ---------------------------------------------------------------------------------------------------

    def _refused(self, sample: Sample, defined: tuple[Node, ...], rng: random.Random) -> str | None:
        """Why a point will not do, or None."""
        for condition in self._of_data:
            if sample.holds(condition, {}) is not True:
                return f"no point was found at which `{write(condition)}`"
        for node in defined:
            indices = sample.assignments(self.meaning.free(node), self._of_indices, rng)
            if not indices:
                return "the assumptions on the indices leave nothing at the sizes tried"
            found = states(sample, node, indices)
            # entries beyond the last have no value, which is no fault of the point
            if "undefined" in found and not (self.survey.shifted and "defined" in found):
                return f"`{write(node)}` has no value at the points tried"
            if "vague" in found:
                return f"`{write(node)}` could not be computed at the points tried"
        return None


_SIGNED = VALUES - {"nonzero"} | {"integer", "binary", "plus-minus-one"}


def _lengths(symbol: Symbol, sizes: Sizes) -> tuple[int, int]:
    return _lengths_of(symbol.shape, sizes)


def _lengths_of(shape: Any, sizes: Sizes) -> tuple[int, int]:
    return (shape[0].at(sizes), shape[1].at(sizes)) if shape else (1, 1)


@dataclass(frozen=True)
class _Design:
    """Signs of scalars by a Hadamard matrix: over the points each takes both, and so does each product of two."""

    number: int
    count: int
    seed: str

    def sign(self, order: int) -> int:
        flip = random.Random(f"{self.seed}|{order}").random() < 0.5
        rows = 1 << (self.count.bit_length() - 1)
        column = order % max(rows - 1, 1) + 1
        return -1 if (bin(column & self.number).count("1") + flip) % 2 else 1


_MIRRORED: dict[str, Any] = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def simple_signs(conditions: Iterable[Node]) -> Iterable[tuple[str, str]]:
    """Assumptions such as `lam > 0`, as traits that can be drawn."""
    for condition in conditions:
        match condition:
            case Cmp(left=Sym(name=name), right=Num(value=0), op=op):
                pass
            case Cmp(left=Num(value=0), right=Sym(name=name), op=op):
                op = _MIRRORED[op]
            case Logic(op="and", args=args):
                yield from simple_signs(args)
                continue
            case _:
                continue
        trait = {">": "positive", "<": "negative", ">=": "nonnegative", "!=": "nonzero"}.get(op)
        if trait is not None:
            yield name, trait

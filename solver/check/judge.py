"""The judge: every line of a derivation, its chain, its result and its answer, each with a verdict.

It knows the statement and the lines, and nothing of how they were found.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from solver.check.court import Court, OutOfTime
from solver.check.jets import TooLarge
from solver.check.meaning import Meaningless
from solver.check.replay import chains, instance, replay
from solver.check.sampling import NoSample
from solver.check.verdicts import Comparison, Judgement, LineVerdict, Verdict, worst
from solver.expr.derivation import Cases, Chain, Derivation, Fact, Step
from solver.expr.nodes import Cmp, Node, at, free_indices, substitute, symbols
from solver.expr.write import write
from solver.spec.problem import Part, Problem

POINTS = 4


def judge(
    problem: Problem,
    part: Part | None,
    derivation: Derivation,
    *,
    answer: Node | None = None,
    seed: int = 0,
    points: int = POINTS,
    limit_seconds: float | None = None,
) -> Judgement:
    """Every line at every point, the chain, the result, and the answer (the part's own where none is given)."""
    started = time.monotonic()
    answer = answer if answer is not None or part is None else part.answer
    formulas = (derivation.question, derivation.result, *_formulas(derivation), *([answer] if answer else []))
    errors = list(replay(problem, derivation, answer))
    try:
        court = Court.over(
            problem, part, formulas, derivation=derivation, seed=seed, points=points, limit=limit_seconds
        )  # fmt: skip
    except Meaningless as error:
        return Judgement("error", (), tuple(dict.fromkeys([*errors, str(error)])), seed=seed)
    lines = _lines(court, derivation)
    errors += [*_named(court, problem, derivation), *_cases(court, derivation)]
    errors += _restated(problem, part, derivation, seed, points, limit_seconds)
    everything = tuple(dict.fromkeys(fact for line in lines for fact in line.facts))
    result = _equal_ends(court, derivation.question, derivation.result, everything)
    said = None if answer is None else court.compare(derivation.result, answer, (), everything, strict=False)
    verdicts: list[Verdict] = [line.verdict for line in lines]
    verdicts += [result.verdict] + ([said.verdict] if said else []) + (["wrong"] if errors else [])
    return Judgement(
        verdict=worst(verdicts),
        lines=tuple(lines),
        replay_errors=tuple(errors),
        result=result,
        answer=said,
        points=court.sampler.most,
        seconds=time.monotonic() - started,
        seed=seed,
        traits_used=everything,
        unused_traits=court.facts.unused(everything, court.sampler.needed),
    )


def equal(
    problem: Problem,
    lhs: Node,
    rhs: Node,
    *,
    part: Part | None = None,
    given: Sequence[Node] = (),
    facts: Sequence[Fact] = (),
    derivation: Derivation | None = None,
    variables: Sequence[Node] = (),
    seed: int = 0,
    points: int = POINTS,
    limit_seconds: float | None = None,
    both: bool = False,
) -> Comparison:
    """Whether two expressions are equal wherever the left one has a value, or wherever `both` have.

    `derivation` brings names that it introduced, `variables` are what varies in a differential.
    """
    court = Court.over(
        problem, part, (lhs, rhs, *given), derivation=derivation, variables=variables,
        defined=(lhs, rhs) if both else (lhs,), seed=seed, points=points, limit=limit_seconds,
    )  # fmt: skip
    return court.compare(lhs, rhs, tuple(given), tuple(facts))


# --- a derivation -----------------------------------------------------------------------------------------------------


def _formulas(derivation: Derivation) -> Iterable[Node]:
    for definition in derivation.definitions:
        yield definition.value
    for chain in chains(derivation):
        yield chain.start
        yield from chain.given
        for step in _all_steps(chain.steps):
            yield step.lhs
            yield step.rhs


def _all_steps(steps: Sequence[Step]) -> Iterable[Step]:
    for step in steps:
        yield step
        yield from _all_steps(step.children)


def _lines(court: Court, derivation: Derivation) -> list[LineVerdict]:
    lines: list[LineVerdict] = []
    earlier = _Earlier()
    for chain in chains(derivation):
        found = [line for step in chain.steps for line in _judged(court, step, chain.given, earlier, 0)]
        lines += found
        earlier.add(chain, tuple(dict.fromkeys(fact for line in found for fact in line.facts)))
    return lines


def _judged(court: Court, step: Step, given: tuple[Node, ...], earlier: _Earlier, depth: int) -> list[LineVerdict]:
    """The line and, after it, the steps that explain it."""
    details = [line for child in step.children for line in _judged(court, child, given, earlier, depth + 1)]
    inner = (fact for line in details for fact in line.facts)
    facts = tuple(dict.fromkeys(map(court.facts.canonical, (*step.facts, *earlier.brought(step), *inner))))
    found = court.compare(step.lhs, step.rhs, given, facts)
    line = LineVerdict(
        step, found.verdict, found.message, found.counterexample, found.points, found.missing, given, facts, depth,
        found.misfit,
    )  # fmt: skip
    return [line, *details]


@dataclass(frozen=True)
class _Result:
    """`one` may be replaced by `other`."""

    number: int
    one: Node
    other: Node
    facts: tuple[Fact, ...]


@dataclass
class _Earlier:
    """The results of the chains before, each with the facts behind it, by what they may be put in for."""

    _exact: dict[Node, list[_Result]] = field(default_factory=dict)
    _patterns: list[_Result] = field(default_factory=list)
    _count: int = 0

    def add(self, chain: Chain, facts: tuple[Fact, ...]) -> None:
        ends = [end for end in (chain.result, chain.name) if end is not None]
        for one, other in [(chain.start, end) for end in ends] + [(end, chain.start) for end in ends]:
            result = _Result(self._count, one, other, facts)
            self._count += 1
            if free_indices(one):
                self._patterns.append(result)
            else:
                self._exact.setdefault(one, []).append(result)

    def brought(self, step: Step) -> tuple[Fact, ...]:
        """The facts behind an earlier result that the step puts in: the first that reads so."""
        if step.after is None:
            return ()
        try:
            before = at(step.lhs, step.place)
        except IndexError:
            return ()
        fitting: list[_Result] = [*self._exact.get(before, ()), *self._patterns]
        for result in sorted(fitting, key=lambda result: result.number):
            found = instance(result.one, before)
            if found is not None and _put(result.other, found) == step.after:
                return result.facts
        return ()


def _put(node: Node, values: dict[str, Node]) -> Node:
    return substitute(node, {index: values[index.name] for index in free_indices(node) if index.name in values})


def _equal_ends(court: Court, question: Node, result: Node, facts: tuple[Fact, ...]) -> Comparison:
    """The question against the result, whatever stands between them."""
    if isinstance(question, Cmp):
        return court.compare(question.left, question.right, (), facts)
    return court.compare(question, result, (), facts)


def _named(court: Court, problem: Problem, derivation: Derivation) -> list[str]:
    """A name of the problem that a chain's result is given must be equal to it."""
    errors = []
    for chain in chains(derivation):
        if chain.name is not None and symbols(chain.name) & problem.define.keys():
            found = court.compare(chain.name, chain.result, chain.given, ())
            if found.verdict != "verified":
                errors.append(f"`{write(chain.name)}` is not what the problem defines it to be: {found.message}")
    return errors


def _restated(
    problem: Problem, part: Part | None, derivation: Derivation, seed: int, points: int, limit: float | None
) -> list[str]:
    """A name that the derivation writes in another way must still be what the problem defines it to be."""
    errors: list[str] = []
    if not derivation.restated:
        return errors
    own = replace(derivation, restated=())
    formulas = [formula for each in derivation.restated for formula in (each.name, each.value)]
    court = Court.over(
        problem, part, formulas, derivation=own, defined=tuple(each.name for each in derivation.restated), seed=seed,
        points=points, limit=limit,
    )  # fmt: skip
    for each in derivation.restated:
        name = write(each.name)
        if name not in problem.define:
            errors.append(f"`{name}` is restated, but the problem does not define it")
            continue
        found = court.compare(each.name, each.value, (), ())
        if found.verdict != "verified":
            errors.append(f"`{name}` is restated as something else than the problem defines: {found.message}")
    return errors


def _cases(court: Court, derivation: Derivation) -> list[str]:
    """Cases must exclude each other and together cover everything, at every value of the indices."""
    errors: list[str] = []
    for block in derivation.blocks:
        if not isinstance(block, Cases) or any(not chain.given for chain in block.chains):
            continue
        try:
            errors += _uncovered(court, block)
        except (NoSample, OutOfTime, Meaningless, TooLarge) as reason:
            errors.append(f"whether the cases cover everything could not be told: {reason}")
    return errors


def _uncovered(court: Court, block: Cases) -> list[str]:
    conditions = [condition for chain in block.chains for condition in chain.given]
    spoken = [" and ".join(f"`{write(condition)}`" for condition in chain.given) for chain in block.chains]
    for sample in court.sampler.samples(frozenset(), court.defined):
        free = sample.meaning.free(*conditions)
        for indices in sample.assignments(free, court.sampler.given, court.sampler.stream("cases")):
            holding = [
                words
                for chain, words in zip(block.chains, spoken, strict=True)
                if all(sample.holds(condition, indices) is True for condition in chain.given)
            ]
            where = ", ".join(f"{name} = {number}" for name, number in (*sample.point.sizes.items(), *indices.items()))
            if not holding:
                return [f"the cases do not cover everything: none of {', '.join(spoken)} holds at {where}"]
            if len(holding) > 1:
                return [f"the cases do not exclude each other: {' and '.join(holding)} hold at {where}"]
    return []

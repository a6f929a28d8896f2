"""The judge: every line of a derivation, its chain, its result and its answer, each with a verdict.

It knows the statement and the lines, and nothing of how they were found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from solver.check import compare
from solver.check.compare import Summary
from solver.check.facts import Facts
from solver.check.jets import TooLarge
from solver.check.meaning import Meaning, Meaningless
from solver.check.replay import chains, instance, replay
from solver.check.sampling import NoSample, Sample, Sampler
from solver.check.verdicts import Comparison, Judgement, LineVerdict, Verdict, worst
from solver.expr.derivation import Cases, Chain, Derivation, Fact, Step
from solver.expr.nodes import Cmp, Node, at, free_indices, substitute, symbols
from solver.expr.write import write
from solver.spec.problem import Part, Problem

POINTS = 4


class OutOfTime(Exception):
    """The time limit has passed."""


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
        points=court.count,
        seconds=time.monotonic() - started,
        seed=seed,
        traits_used=everything,
        unused_traits=court.facts.unused(everything, court.needed),
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
) -> Comparison:
    """Whether two expressions are equal wherever the left one has a value.

    `derivation` brings names that it introduced, `variables` are what varies in a differential.
    """
    court = Court.over(
        problem, part, (lhs, rhs, *given), derivation=derivation, variables=variables, defined=(lhs,), seed=seed,
        points=points, limit=limit_seconds,
    )  # fmt: skip
    return court.compare(lhs, rhs, tuple(given), tuple(facts))


@dataclass
class Court:
    """One problem before the judge: its points, and comparisons at them."""

    facts: Facts
    sampler: Sampler
    defined: tuple[Node, ...]
    seed: str
    needed: set[Fact] = field(default_factory=set)
    """Declared traits that points had to have for the question to have a value."""
    count: int = 0

    @staticmethod
    def over(
        problem: Problem,
        part: Part | None,
        formulas: Iterable[Node],
        *,
        derivation: Derivation | None = None,
        variables: Sequence[Node] = (),
        defined: tuple[Node, ...] | None = None,
        seed: int,
        points: int,
        limit: float | None,
    ) -> Court:
        meaning = Meaning.of(problem, derivation, variables)
        if defined is None:
            defined = () if derivation is None else _parts(derivation.question)
        given = (*problem.given, *(part.given if part is not None else ()))
        label = f"{problem.digest or problem.name}|{part.id if part is not None else ''}|{seed}"
        sampler = Sampler(problem, meaning, (*formulas, *given), label, given, points, _watch(limit))
        return Court(Facts(problem, given, frozenset(meaning.define)), sampler, defined, label)

    def compare(
        self, lhs: Node, rhs: Node, given: tuple[Node, ...], facts: tuple[Fact, ...], *, strict: bool = True
    ) -> Comparison:
        """The verdict on `lhs = rhs`; not `strict`, all that is declared may be used uncited."""
        misfit = compare.misfit(lhs, rhs)
        if misfit:
            return Comparison("wrong", f"the shapes do not fit: {misfit}")
        unknown = self.facts.unknown(facts)
        if unknown:
            return Comparison("wrong", unknown)
        try:
            summary = self._summary(lhs, rhs, given, frozenset(self.facts.drawn(facts)))
            if summary.difference is not None:
                return self._wrong(lhs, rhs, given, facts, summary, strict)
        except (Meaningless, TooLarge) as error:
            return Comparison("error", str(error))
        except RecursionError:
            return Comparison("error", "the formula is nested too deeply to evaluate")
        except (NoSample, OutOfTime) as reason:
            return Comparison("undecided", f"no verdict: {reason}")
        return _settled(summary)

    def _summary(self, lhs: Node, rhs: Node, given: tuple[Node, ...], facts: frozenset[Fact]) -> Summary:
        always = self.sampler.given
        samples = self._samples(facts, self.defined)
        summary = compare.over(samples, lhs, rhs, given, always, self.seed)
        if summary.difference is None and summary.points < 2 and summary.vague == 0:
            # the left side has no value at most of these points: others, chosen for it
            again = compare.over(self._samples(facts, (lhs,)), lhs, rhs, given, always, self.seed)
            summary = again if again.points >= summary.points or again.difference else summary
        return summary

    def _samples(self, facts: frozenset[Fact], defined: tuple[Node, ...]) -> list[Sample]:
        samples = self.sampler.samples(facts, defined)
        self.needed.update(fact for sample in samples for fact in sample.used)
        self.count = max(self.count, len(samples))
        return samples

    # --- wrong, and why ---------------------------------------------------------------------------------------------

    def _wrong(
        self, lhs: Node, rhs: Node, given: tuple[Node, ...], facts: tuple[Fact, ...], summary: Summary, strict: bool
    ) -> Comparison:
        assert summary.difference is not None
        counterexample = summary.difference.counterexample
        missing = self._missing(lhs, rhs, given, facts)
        if missing and not strict:
            return Comparison("verified", "", None, summary.points)
        if missing:
            cite = " and ".join(self.facts.words(fact) for fact in missing)
            message = f"this holds only where {cite}, and the line does not say that it uses that (assumption leak)"
            return Comparison("wrong", message, counterexample, summary.points, missing)
        if summary.difference.undefined:
            message = "the right side has no value where the left side has one"
        else:
            message = f"`{write(lhs)}` is not `{write(rhs)}`"
        return Comparison("wrong", f"{message}: {counterexample}", counterexample, summary.points)

    def _missing(self, lhs: Node, rhs: Node, given: tuple[Node, ...], facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The declared facts under which an equation that is not true in general is true: one if one will do."""
        reach = self.sampler.meaning.dependence(lhs).reach | self.sampler.meaning.dependence(rhs).reach
        candidates = self.facts.uncited(reach, facts)
        for tried in [(fact,) for fact in candidates] + ([tuple(candidates)] if len(candidates) > 1 else []):
            try:
                summary = self._summary(lhs, rhs, given, frozenset(self.facts.drawn((*facts, *tried))))
            except NoSample:
                continue
            if summary.difference is None and summary.vague == 0 and summary.points:
                return self.facts.strongest(tried)
        return ()


def _settled(summary: Summary) -> Comparison:
    if summary.vague:
        message = "no verdict: the sides could not be told apart, nor shown equal, at the highest precision"
        return Comparison("undecided", message, None, summary.points)
    if not summary.points:
        return Comparison("undecided", "no verdict: the left side has no value at any point, or no index is left")
    return Comparison("verified", "", None, summary.points)


def _watch(limit: float | None) -> Callable[[], None] | None:
    if limit is None:
        return None
    end = time.monotonic() + limit

    def watch() -> None:
        if time.monotonic() > end:
            raise OutOfTime(f"the time limit of {limit:g} s has passed")

    return watch


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


def _parts(question: Node) -> tuple[Node, ...]:
    """What must have a value for a question to have one: of an equation its left side."""
    return (question.left,) if isinstance(question, Cmp) else (question,)


def _lines(court: Court, derivation: Derivation) -> list[LineVerdict]:
    lines: list[LineVerdict] = []
    earlier: list[tuple[Chain, tuple[Fact, ...]]] = []
    for chain in chains(derivation):
        found = [line for step in chain.steps for line in _judged(court, step, chain.given, earlier, 0)]
        lines += found
        earlier.append((chain, tuple(dict.fromkeys(fact for line in found for fact in line.facts))))
    return lines


def _judged(
    court: Court, step: Step, given: tuple[Node, ...], earlier: list[tuple[Chain, tuple[Fact, ...]]], depth: int
) -> list[LineVerdict]:
    """The line and, after it, the steps that explain it."""
    details = [line for child in step.children for line in _judged(court, child, given, earlier, depth + 1)]
    inner = (fact for line in details for fact in line.facts)
    facts = tuple(dict.fromkeys((*step.facts, *_brought(step, earlier), *inner)))
    found = court.compare(step.lhs, step.rhs, given, facts)
    line = LineVerdict(
        step, found.verdict, found.message, found.counterexample, found.points, found.missing, given, facts, depth
    )
    return [line, *details]


def _brought(step: Step, earlier: list[tuple[Chain, tuple[Fact, ...]]]) -> tuple[Fact, ...]:
    """The facts behind an earlier result that the step puts in."""
    if step.after is None:
        return ()
    try:
        before = at(step.lhs, step.place)
    except IndexError:
        return ()
    for chain, facts in earlier:
        ends = [end for end in (chain.result, chain.name) if end is not None]
        for one, other in [(chain.start, end) for end in ends] + [(end, chain.start) for end in ends]:
            found = instance(one, before)
            if found is not None and _put(other, found) == step.after:
                return facts
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

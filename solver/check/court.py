"""One problem before the judge: comparisons at its sample points, and what a line forgot where they fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from solver.check import compare
from solver.check.balls import BITS
from solver.check.compare import Summary
from solver.check.facts import Facts
from solver.check.jets import TooLarge
from solver.check.meaning import Meaning, Meaningless
from solver.check.sampling import NoSample, Sampler
from solver.check.traits import has
from solver.check.verdicts import Comparison
from solver.expr.derivation import Derivation, Fact
from solver.expr.nodes import At, Call, Cmp, D, Dif, Div, Node, Pow, Sym, free_indices, walk
from solver.expr.write import write
from solver.spec.problem import Part, Problem


class OutOfTime(Exception):
    """The time limit has passed."""


@dataclass
class Court:
    """One problem before the judge: its points, and comparisons at them."""

    facts: Facts
    sampler: Sampler
    defined: tuple[Node, ...]
    seed: str

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
        defined = (*defined, *_read_in_part(defined, meaning))
        given = (*problem.given, *(part.given if part is not None else ()))
        label = f"{problem.digest or problem.name}|{part.id if part is not None else ''}|{seed}"
        sampler = Sampler(problem, meaning, (*formulas, *given), label, given, points, _watch(limit))
        return Court(Facts(problem, given, frozenset(meaning.define)), sampler, defined, label)

    def compare(
        self,
        lhs: Node,
        rhs: Node,
        given: tuple[Node, ...],
        facts: tuple[Fact, ...],
        *,
        strict: bool = True,
        why: bool = True,
    ) -> Comparison:
        """The verdict on `lhs = rhs`; not `strict`, all that is declared may be used uncited.

        Without `why`, nothing is looked for that a wrong line forgot to cite.
        """
        misfit = compare.misfit(lhs, rhs)
        if misfit:
            return Comparison("wrong", f"the shapes do not fit: {misfit}", misfit=True)
        unknown = self.facts.unknown(facts)
        if unknown:
            return Comparison("wrong", unknown)
        try:
            summary = self._summary(lhs, rhs, given, frozenset(self.facts.drawn(facts)))
            if summary.difference is not None:
                missing = self._missing(lhs, rhs, given, facts) if why or not strict else ()
                return self._wrong(lhs, rhs, summary, missing, strict)
            unfounded = self._unfounded(facts)
            if unfounded:
                return Comparison("wrong", unfounded, None, summary.points)
        except (Meaningless, TooLarge) as error:
            return Comparison("error", str(error))
        except RecursionError:
            return Comparison("error", "the formula is nested too deeply to evaluate")
        except (NoSample, OutOfTime) as reason:
            return Comparison("undecided", f"no verdict: {reason}")
        return _settled(summary)

    def _summary(self, lhs: Node, rhs: Node, given: tuple[Node, ...], facts: frozenset[Fact]) -> Summary:
        always = self.sampler.given
        samples = self.sampler.samples(facts, self.defined)
        summary = compare.over(samples, lhs, rhs, given, always, self.seed)
        if summary.difference is None and summary.points < 2 and summary.vague == 0:
            # the left side has no value at most of these points: others, chosen for it
            again = compare.over(self.sampler.samples(facts, (lhs,)), lhs, rhs, given, always, self.seed)
            summary = again if again.points >= summary.points or again.difference else summary
        return summary

    def _unfounded(self, facts: tuple[Fact, ...]) -> str:
        """What a line says of the sign of a defined name is not assumed; so it must be so, or it is said in vain."""
        meaning = self.sampler.meaning
        drawn = frozenset(self.facts.drawn(facts))
        for fact in facts:
            if fact.symbol in meaning.define and fact.symbol not in meaning.symbols:
                name = Sym(fact.symbol, meaning.define[fact.symbol].shape)
                for sample in self.sampler.samples(drawn, self.defined):
                    if not has(fact.trait, sample.table(name, BITS[sample.start])[1]):
                        return f"the line uses that {self.facts.words(fact)}, which is not so"
        return ""

    # --- wrong, and why ---------------------------------------------------------------------------------------------

    def _wrong(self, lhs: Node, rhs: Node, summary: Summary, missing: tuple[Fact, ...], strict: bool) -> Comparison:
        assert summary.difference is not None
        counterexample = summary.difference.counterexample
        if missing and not strict:
            return Comparison("verified", "", None, summary.points)
        if missing:
            cite = " and ".join(self.facts.words(fact) for fact in missing)
            message = f"this holds only where {cite}, and the line does not say that it uses that (assumption leak)"
            return Comparison("wrong", message, counterexample, summary.points, missing)
        if summary.difference.undefined:
            message = (
                "the right side has no value where the left side has one "
                "(if it is meant for some sizes or values only, say which in `given`)"
            )
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
            except OutOfTime:
                return ()
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


def _read_in_part(formulas: tuple[Node, ...], meaning: Meaning) -> tuple[Node, ...]:
    """Arrays of which a formula reads some entries only, and what is chosen by other data: it has a value where all
    its parts have one."""
    names = frozenset[str]().union(*(meaning.dependence(formula).reach for formula in formulas))
    waiting = [*formulas, *(meaning.define[name] for name in sorted(names & meaning.define.keys()))]
    found: dict[Node, None] = {}
    for formula in waiting:
        for part in walk(formula):
            match part:
                case At(arg=arg) | Call(name="diag" | "tr" | "tril", args=(arg,)):
                    parts = [arg]
                case Call(name="where", args=(condition, *branches)):
                    # a condition on other data guards no domain
                    guarded = meaning.dependence(condition).reach
                    parts = [branch for branch in branches if not guarded & _under_domains(branch, meaning)]
                case _:
                    continue
            for arg in parts:
                derived = any(isinstance(inner, D | Dif) for inner in walk(arg))
                named = isinstance(arg, Sym) and arg.name in meaning.define
                if not free_indices(arg) and not derived and (arg.children or named):
                    found[arg] = None
    return tuple(found)


def _under_domains(node: Node, meaning: Meaning) -> frozenset[str]:
    """The names that stand under what has a value for some arguments only: a logarithm, a denominator, a power."""
    found = frozenset[str]()
    reached = meaning.dependence(node).reach
    for formula in (node, *(value for name, value in meaning.define.items() if name in reached)):
        for part in walk(formula):
            match part:
                case Call(name="inv" | "log" | "sqrt", args=(arg,)) | Div(right=arg) | Pow(left=arg):
                    found |= meaning.dependence(arg).reach
                case Call() if part.function.domain is not None:
                    found = found.union(*(meaning.dependence(arg).reach for arg in part.args))
    return found


def _parts(question: Node) -> tuple[Node, ...]:
    """What must have a value for a question to have one: of an equation its left side; what is differentiated, too."""
    asked = question.left if isinstance(question, Cmp) else question
    free = free_indices(asked)
    differentiated = [part.children[0] for part in walk(asked) if isinstance(part, D | Dif)]
    plain = (of for of in differentiated if not any(isinstance(part, D | Dif) for part in walk(of)))
    return (asked, *(of for of in dict.fromkeys(plain) if free_indices(of) <= free))

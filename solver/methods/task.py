"""What a route is given, and what a route is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from solver.expr.derivation import Cases, Chain, Derivation, Fact
from solver.expr.nodes import D, Dif, Node, Sym, symbols, walk
from solver.expr.write import write
from solver.methods.argument import CannotDerive
from solver.methods.collecting import term
from solver.rules.letters import distinct
from solver.rules.setting import Setting, base
from solver.spec import problem as spec
from solver.spec.problem import Ask, Part, Problem

_OPEN = frozenset({"positive", "negative", "nonzero", "probability", "invertible", "full-rank", "constant"})
"""Traits that leave every entry free to vary a little."""


@dataclass(frozen=True)
class Established:
    """An equation that an earlier part of the problem has derived: `question = result`."""

    part: str
    question: Node
    result: Node
    facts: tuple[Fact, ...] = ()
    """What it uses of the data, which a line that puts it in has to cite again."""

    @staticmethod
    def of(part: str, derivation: Derivation, define: Mapping[str, Node]) -> tuple[Established, ...]:
        """What a derivation shows for later parts: its question, each chain that stands without a condition, and the
        gradient `G` by each name that a differential `dJ = tr(Gᵀ du)` has gone through.

        A restated name (`J = −Σ y ⊙ log softmax(θ)`) may pass by a name that the problem's own definition goes
        through (`ŷ`): what was said of that one holds for the restated form only, and stays here.
        """
        steps = [step for chain in _chains(derivation) for step in chain.steps]
        facts = tuple(dict.fromkeys(fact for step in steps for fact in step.facts))
        own = {each.name for each in derivation.definitions}
        passed_by = {
            name for each in derivation.restated for name in symbols(define[write(each.name)]) - symbols(each.value)
        }
        own |= {base(chain.name) for chain in _chains(derivation) if chain.name is not None}
        whole = Established(part, derivation.question, derivation.result, facts)
        chains = [
            Established(part, chain.start, chain.result, facts)
            for chain in _chains(derivation)
            if not chain.given
            and chain.start not in (derivation.question, chain.result)
            and not (isinstance(chain.start, D) and symbols(chain.start.by) & passed_by)
            and not any(node in own for side in (chain.start, chain.result) for node in walk(side))
        ]
        through = [
            Established(part, question, gradient, facts)
            for question, gradient in dict(_passed(derivation, define)).items()
            if not any(node in own for node in walk(gradient))
        ]
        return (whole, *chains, *through)


def _passed(derivation: Derivation, define: Mapping[str, Node]) -> Iterator[tuple[D, Node]]:
    """`∂J/∂u` and `G`, for each line `dJ = tr(Gᵀ du)` in which nothing but the name u moves."""
    for chain in _chains(derivation):
        if not isinstance(chain.start, Dif) or chain.given:
            continue
        for step in chain.steps:
            found = term(step.rhs)
            if found is not None and isinstance(found.of, Sym) and found.of.name in define:
                yield D(chain.start.arg, found.of), found.whole


def _chains(derivation: Derivation) -> list[Chain]:
    return [c for block in derivation.blocks for c in (block.chains if isinstance(block, Cases) else (block,))]


@dataclass(frozen=True)
class Task:
    """One part, to be derived by one route. `earlier` holds what the parts before it have shown."""

    problem: Problem
    part: Part
    earlier: tuple[Established, ...] = ()
    later: frozenset[str] = frozenset()
    """Names by which what is shown here will be differentiated."""
    given_names: frozenset[str] = frozenset()
    """Names that the lines before this have given to their results."""

    @cached_property
    def setting(self) -> Setting:
        setting = Setting.of(self.problem, self.part.given)
        reserved = setting.reserved | {index.name for index in self.part.indices} | self.given_names
        return replace(setting, reserved=reserved, later=self.later)

    @property
    def ask(self) -> Ask:
        return self.part.ask

    @property
    def answer(self) -> Node | None:
        return self.part.answer

    def varying(self, *variables: Node) -> Task:
        """The task without equations between the variables' entries: a result that uses `A = Aᵀ` holds for symmetric A
        only, and has no derivative to the side; one that calls `oᵀ` by the name of a variable moves with it."""
        names = {base(variable).name for variable in variables}
        symbols = {
            name: replace(symbol, traits=tuple(t for t in symbol.traits if t in _OPEN)) if name in names else symbol
            for name, symbol in self.problem.symbols.items()
        }
        return replace(self, problem=replace(self.problem, symbols=symbols), later=frozenset(names))

    def with_letters_apart(self) -> Task:
        """The task with no letter bound in a definition that the question has free: `Σ_k x_k` beside `∂J/∂x_i`."""
        names = frozenset(index.name for index in self.part.indices)
        if not names:
            return self
        define = {name: distinct(value, names, self.setting) for name, value in self.problem.define.items()}
        return replace(self, problem=replace(self.problem, define=define))

    def question(self) -> Node:
        """The expression that the part asks to work out."""
        match self.part.ask:
            case spec.Gradient(of, wrt) | spec.Jacobian(of, wrt):
                return D(of, wrt)
            case spec.Derivative(of, wrt, order):
                for _ in range(order):
                    of = D(of, wrt)
                return of
            case spec.Hessian(of, (first, second)):
                return D(D(of, first), second)
            case spec.Simplify(expression):
                return expression
            case spec.Prove(lhs, _):
                return lhs
        raise CannotDerive(f"{self.part.kind} asks for no expression")


Plan = Callable[[Task], Derivation]


@dataclass(frozen=True)
class Route:
    """A way to argue: its plan, the asks it answers, and what it says of itself (for `--help` and the docs)."""

    name: str
    plan: Plan
    asks: tuple[type, ...]
    words: str
    fits: Callable[[Task], bool] = field(default=lambda task: True)
    """Whether the route reads well for a task: used only to choose one where the author names none."""
    counts_once: bool = False
    """Whether it can count an entry of a symmetric matrix once, as `structured` asks."""

    def derive(self, task: Task) -> Derivation:
        """The derivation; CannotDerive with a sentence that says what the route met."""
        if not self.counts_once and isinstance(task.ask, spec.Gradient) and task.ask.structured:
            raise CannotDerive(f"`{self.name}` takes the entries of a symmetric matrix as independent")
        return self.plan(task.with_letters_apart())


Plans = Mapping[str, Route]

"""Facts that lines cite: whether the problem grants them, how they read, and which a line forgot."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from solver.check.sampling import simple_signs
from solver.check.traits import VALUES, canonical, closure
from solver.expr.derivation import Fact
from solver.expr.nodes import Node
from solver.spec.problem import Problem

_WORDS = {
    "sums-to-one": "sum({0}) == 1",
    "sums-to-one-rows": "sum({0}, axis=1) == 1",
    "sums-to-one-columns": "sum({0}, axis=0) == 1",
    "positive": "{0} > 0",
    "nonnegative": "{0} >= 0",
    "negative": "{0} < 0",
    "nonzero": "{0} != 0",
    "symmetric": "{0} == {0}.T",
    "probability": "0 < {0} < 1",
}


@dataclass(frozen=True)
class Facts:
    """What the problem grants: declared traits, all that they imply, and the signs among its assumptions."""

    problem: Problem
    given: tuple[Node, ...] = ()
    defined: frozenset[str] = frozenset()

    def declared(self, name: str) -> frozenset[str]:
        """The traits of a symbol, and what they imply."""
        symbol = self.problem.symbols.get(name)
        if symbol is None:
            return frozenset()
        traits = [canonical(trait, symbol.shape, self.problem.layout) for trait in symbol.traits]
        return closure([*traits, *(trait for each, trait in simple_signs(self.given) if each == name)])

    def canonical(self, fact: Fact) -> Fact:
        symbol = self.problem.symbols.get(fact.symbol)
        shape = symbol.shape if symbol is not None else ()
        return Fact(fact.symbol, canonical(fact.trait, shape, self.problem.layout))

    def unknown(self, facts: Iterable[Fact]) -> str:
        """Why some fact may not be cited; empty when all may."""
        for fact in facts:
            name = fact.symbol
            if name in self.problem.symbols:
                if self.canonical(fact).trait not in self.declared(name):
                    return f"the line uses that {self.words(fact)}, and the problem does not say so of {name}"
            elif name not in self.defined:
                return f"the line uses that {self.words(fact)}, and {name} is not a symbol"
            elif fact.trait not in VALUES:
                return f"the line uses that {self.words(fact)}; of a defined name this cannot be assumed"
        return ""

    def drawn(self, facts: Iterable[Fact]) -> list[Fact]:
        """The facts that sample points can be given: those of data. What is said of a defined name is not assumed."""
        return [self.canonical(fact) for fact in facts if fact.symbol in self.problem.symbols]

    def uncited(self, names: Collection[str], facts: Iterable[Fact]) -> list[Fact]:
        """The declared facts about the names that are not among these, the weakest first."""
        known = {self.canonical(fact) for fact in facts}
        cited = {Fact(fact.symbol, trait) for fact in known for trait in closure((fact.trait,))}
        found = []
        for name in names:
            declared = self.declared(name) - {"constant"}
            # points are never at 0, so `>= 0` would seem to do wherever `> 0` is meant
            found += [
                Fact(name, trait) for trait in declared if not (trait == "nonnegative" and "positive" in declared)
            ]
        return sorted((fact for fact in found if fact not in cited), key=_strength)

    def strongest(self, facts: Collection[Fact]) -> tuple[Fact, ...]:
        """The facts without those that others among them imply."""
        return tuple(
            fact
            for fact in facts
            if not any(
                other.symbol == fact.symbol and other != fact and fact.trait in closure((other.trait,))
                for other in facts
            )
        )

    def unused(self, cited: Iterable[Fact], needed: Collection[Fact]) -> tuple[Fact, ...]:
        """Declared traits of which nothing is cited, and without which the question has values all the same."""
        used = {self.canonical(fact) for fact in cited} | set(needed)
        found = []
        for symbol in self.problem.symbols.values():
            for trait in symbol.traits:
                gives = closure((canonical(trait, symbol.shape, self.problem.layout),))
                if trait not in ("constant", "integer") and not any(Fact(symbol.name, each) in used for each in gives):
                    found.append(Fact(symbol.name, trait))
        return tuple(found)

    def words(self, fact: Fact) -> str:
        """The fact as an equation or condition where it is one, else in words."""
        return words(self.canonical(fact))


def _strength(fact: Fact) -> tuple[int, str, str]:
    return len(closure((fact.trait,))), fact.symbol, fact.trait


def words(fact: Fact) -> str:
    """`sum(y) == 1`, or `y is one-hot`."""
    return _WORDS.get(fact.trait, f"{{0}} is {fact.trait}").format(fact.symbol)

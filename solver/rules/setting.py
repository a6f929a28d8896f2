"""The setting a rule works in: definitions, traits, conditions, and what depends on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from solver.expr.nodes import At, Cmp, Idx, Node, Sym, free_indices, symbols, walk
from solver.spec.problem import Layout, Problem, Symbol


@dataclass(frozen=True)
class Setting:
    """What a derivation may use: `define` holds the problem's names and those the derivation has introduced.

    `given` are the conditions that hold here: those of the problem and of the case at hand.
    """

    symbols: Mapping[str, Symbol]
    define: Mapping[str, Node]
    layout: Layout = "row"
    given: tuple[Node, ...] = ()
    closures: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    """Names each definition rests on, worked out once a setting."""
    varying: tuple[Node, ...] = ()
    """What changes in a differential `d(…)`, symbols or defined names; where nothing is said, every symbol."""
    introduced: frozenset[str] = frozenset()
    """Names of `define` that are the derivation's own: results are not folded into them."""
    reserved: frozenset[str] = frozenset()
    """Further names that no fresh letter may take: the declared indices and sizes."""
    later: frozenset[str] = frozenset()
    """Names that move by themselves, under a derivative by them here or in a later line: nothing else is called by
    them, and what holds of them by their definition is not used."""
    trials: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """Generic data that has been tried, with the values of the defined names at it, worked out once a setting."""

    @staticmethod
    def of(problem: Problem, given: tuple[Node, ...] = ()) -> Setting:
        reserved = frozenset((*problem.indices, *problem.dims))
        return Setting(
            problem.symbols, problem.define, problem.layout, (*problem.given, *given), reserved=reserved
        )  # fmt: skip

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a fresh letter would clash with: symbols, definitions, sizes, free and declared indices."""
        names = {*self.symbols, *self.define, *self.reserved}
        for symbol in self.symbols.values():
            names |= {name for size in symbol.shape for name in size.names}
        for node in (*self.given, *self.define.values()):
            names |= {index.name for index in free_indices(node)}
            names |= {name for part in walk(node) if part.size is not None for name in part.size.names}
        return frozenset(names)

    def assuming(self, *conditions: Node) -> Setting:
        """The same setting in a case where `conditions` hold too."""
        return replace(self, given=(*self.given, *conditions))

    def defining(self, names: Mapping[str, Node]) -> Setting:
        """The same setting with further names."""
        new = self.introduced | {name for name in names if name not in self.define}
        return replace(self, define={**self.define, **names}, closures={}, trials={}, introduced=new)

    def letting(self, *variables: Node) -> Setting:
        """The same setting, with `variables` and what rests on them the only things that change."""
        return replace(self, varying=variables)

    def traits(self, node: Node) -> tuple[str, ...]:
        """The declared traits of a symbol; none for anything else."""
        if isinstance(node, Sym) and node.name in self.symbols:
            return self.symbols[node.name].traits
        return ()

    def rests_on(self, name: str) -> frozenset[str]:
        """All symbols and definitions that the name rests on, itself included."""
        if name not in self.closures:
            value = self.define.get(name)
            below = [self.rests_on(part) for part in symbols(value)] if value is not None else []
            self.closures[name] = frozenset({name}).union(*below)
        return self.closures[name]

    def depends(self, node: Node, variable: Node) -> bool:
        """Whether the value of `node` may change with `variable` (a symbol, a defined name or an entry of one)."""
        target = base(variable).name
        return any(target in self.rests_on(name) for name in symbols(node))

    def varies(self, node: Node) -> bool:
        """Whether the value of `node` may change with the variables of the question."""
        if not self.varying:
            return bool(symbols(node))
        return any(self.depends(node, variable) for variable in self.varying)

    def known(self, name: str) -> Node | None:
        """The definition of a name, where what holds by it may be used."""
        return None if name in self.later else self.define.get(name)

    def value_of(self, node: Node) -> Node | None:
        """What a defined name stands for; None for a variable of the question and for everything else."""
        if isinstance(node, Sym) and node not in self.varying:
            return self.define.get(node.name)
        return None

    def differ(self, left: Node, right: Node) -> bool:
        """Whether a condition says that two indices differ."""
        return any(isinstance(c, Cmp) and c.op == "!=" and {c.left, c.right} == {left, right} for c in self.given)

    def same(self, left: Node, right: Node) -> bool:
        """Whether two indices are equal, by their letters or by a condition."""
        return left == right or any(
            isinstance(c, Cmp) and c.op == "==" and {c.left, c.right} == {left, right} for c in self.given
        )


def base(variable: Node) -> Sym:
    """The symbol that a variable of differentiation is, or is an entry of."""
    match variable:
        case Sym():
            return variable
        case At(arg=Sym() as symbol):
            return symbol
    raise TypeError(f"not a variable of differentiation: {variable!r}")


def fresh_index(like: Idx, *used: Node, letters: str = "") -> Idx:
    """An index over the same range whose letter stands nowhere in `used`, near `like` in the alphabet."""
    taken = {part.name for node in used for part in walk(node) if isinstance(part, Idx)} | {
        part.index.name for node in used for part in walk(node) if hasattr(part, "index")
    }
    taken |= {part.name for node in used for part in walk(node) if isinstance(part, Sym)}
    for letter in (*letters, *"jkliqprstmn", *(f"{c}{n}" for n in range(1, 100) for c in "jkl")):
        if letter not in taken:
            return Idx(letter, like.range)
    raise AssertionError("every letter is taken")

"""What names stand for: data, definitions, variables; and what a formula depends on through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from solver.expr.derivation import Cases, Chain, Derivation
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import At, Big, Call, D, Dif, Idx, Node, Sym, Table, transform
from solver.expr.read import Scope, read
from solver.expr.shapes import Shape
from solver.expr.sizes import ONE
from solver.expr.write import write
from solver.spec.problem import Problem, Symbol

DIFFERENTIAL = ""
"""Stands among the names for the direction of `d(…)`: what depends on it changes when the variables do."""


def outer(name: str) -> str:
    """The name of an index inside a definition: one that a sum around the defined name does not bind."""
    return name if name.startswith("@") else f"@{name}"


class Meaningless(Exception):
    """A formula that names something unknown, or differentiates by what is no variable: a mistake, not a number."""


@dataclass(frozen=True)
class Dependence:
    """What the value of a formula depends on.

    `indices` stand free in the formula itself; `outer` in the definitions it rests on; `reach` holds every name it
    rests on, and `DIFFERENTIAL` when it changes with the variables of the question; `names` those that stand in the
    formula itself. `differentiates` says whether a derivative or a differential stands in any of it: then its value is
    no function of the values of its names. `number` is that of the formula: equal formulas have the same; `parts` are
    those of its parts.
    """

    indices: Mapping[str, Idx]
    outer: Mapping[str, Idx]
    reach: frozenset[str]
    names: frozenset[str] = frozenset()
    differentiates: bool = False
    number: int = -1
    parts: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    """The names of all these indices, the outer ones marked, in order."""


@dataclass(frozen=True)
class Meaning:
    """Names and their definitions. The caches are filled as formulas are met and live as long as this object."""

    symbols: Mapping[str, Symbol]
    define: Mapping[str, Node]
    variables: frozenset[str] = frozenset()
    _known: dict[Node, Dependence] = field(default_factory=dict, compare=False, repr=False)
    _seen: dict[int, tuple[Node, Dependence]] = field(default_factory=dict, compare=False, repr=False)
    """By identity, which spares comparing large formulas letter by letter; the node is held so that it stays itself."""
    _open: set[str] = field(default_factory=set, compare=False, repr=False)
    _bodies: dict[tuple[str, int | None], Node] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(problem: Problem, derivation: Derivation | None = None, variables: Iterable[Node] = ()) -> Meaning:
        """The names of the problem, and those that the derivation introduces."""
        define = dict(problem.define)
        varying = {_base(variable).name for variable in variables}
        if derivation is not None:
            varying |= {_base(variable).name for variable in derivation.variables}
            for name, value in introduced(derivation):
                define.setdefault(_base(name).name, as_definition(name, value))
            for each in derivation.restated:
                define[_base(each.name).name] = each.value
        return Meaning(problem.symbols, define, frozenset(varying))

    def dependence(self, node: Node) -> Dependence:
        seen = self._seen.get(id(node))
        if seen is not None:
            return seen[1]
        known = self._known.get(node)
        if known is None:
            found = self._find(node)
            axes = tuple(sorted([*found.indices, *(outer(name) for name in found.outer)]))
            known = self._known[node] = replace(found, number=len(self._known), axes=axes)
        self._seen[id(node)] = (node, known)
        return known

    def _find(self, node: Node) -> Dependence:
        match node:
            case Idx(name=name):
                return Dependence({name: node}, {}, frozenset())
            case Sym(name=name):
                return self._of_name(name)
        below = [self.dependence(child) for child in node.children]
        indices = _united(dependence.indices for dependence in below)
        match node:
            case Big(index=index):
                _bind(indices, index)
            case Table(row=row, column=column):
                _bind(indices, row)
                _bind(indices, column)
        hidden = _united(dependence.outer for dependence in below)
        return Dependence(
            indices,
            hidden,
            reach=frozenset[str]().union(*(dependence.reach for dependence in below)),
            names=frozenset[str]().union(*(dependence.names for dependence in below)),
            differentiates=isinstance(node, D | Dif) or any(dependence.differentiates for dependence in below),
            parts=tuple(dependence.number for dependence in below),
        )

    def _of_name(self, name: str) -> Dependence:
        reach = {name} | ({DIFFERENTIAL} if name in self.variables else set())
        value = self.define.get(name)
        if value is None:
            return Dependence({}, {}, frozenset(reach), frozenset((name,)))
        if name in self._open:
            raise Meaningless(f"the definition of {name} rests on itself")
        self._open.add(name)
        try:
            inner = self.dependence(value)
        finally:
            self._open.discard(name)
        hidden = _united((inner.indices, inner.outer))
        return Dependence({}, hidden, inner.reach | reach, frozenset((name,)), inner.differentiates)

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """For each name the defined names in whose definitions it stands."""
        found: dict[str, list[str]] = {}
        for user, value in self.define.items():
            for name in self.dependence(value).names:
                found.setdefault(name, []).append(user)
        return {name: tuple(users) for name, users in found.items()}

    @cached_property
    def plain(self) -> Meaning:
        """The meaning of the definitions in the table of functions, where no name of the problem stands."""
        return Meaning({}, {}, _bodies=self._bodies)

    def shape(self, name: str) -> Shape:
        """The shape of a name."""
        return self.define[name].shape if name in self.define else self.symbols[name].shape

    def free(self, *nodes: Node) -> dict[str, Idx]:
        """The indices that must have a value before the formulas do, also those inside definitions."""
        found = [self.dependence(node) for node in nodes]
        return _united([f.indices for f in found] + [f.outer for f in found])

    def body(self, name: str, axis: int | None) -> Node:
        """The definition of a function of the table, in its own parameters; sums in it go along `axis`."""
        key = (name, axis)
        if key not in self._bodies:
            function = FUNCTIONS[name]
            assert function.definition is not None
            self._bodies[key] = _along(_parsed(function.definition, function.params), axis)
        return self._bodies[key]

    def default(self, name: str, number: int) -> Node:
        """The default value of the function's parameter `number`."""
        function = FUNCTIONS[name]
        missing = len(function.params) - len(function.defaults)
        return _parsed(function.defaults[number - missing], ())


def introduced(derivation: Derivation) -> list[tuple[Node, Node]]:
    """The names that a derivation introduces, with their values, in order."""
    names = [(definition.name, definition.value) for definition in derivation.definitions]
    for block in derivation.blocks:
        match block:
            case Chain(name=name) if name is not None:
                names.append((name, block.result))
            case Cases(chains=chains):
                names.extend((chain.name, chain.result) for chain in chains if chain.name is not None)
    return names


def as_definition(name: Node, value: Node) -> Node:
    """`delta[k] := e` is `delta := matrix of e`; a plain name is its value."""
    match name:
        case At(arg=Sym(declared=shape), at=(Idx() as index,)) if shape:
            single = Idx("_", ONE)
            return Table(value, single, index) if shape[0] == ONE else Table(value, index, single)
        case At(arg=Sym(), at=(Idx() as row, Idx() as column)) if row.name != column.name:
            return Table(value, row, column)
        case Sym():
            return value
    raise Meaningless(f"`{write(name)}` cannot be defined: a name, or an entry of one at plain indices, can")


def _base(name: Node) -> Sym:
    match name:
        case Sym():
            return name
        case At(arg=Sym() as symbol):
            return symbol
    raise Meaningless(f"`{write(name)}` is no name, and no entry of one")


def _bind(indices: dict[str, Idx], index: Idx) -> None:
    bound = indices.pop(index.name, index)
    if bound.range != index.range:
        raise Meaningless(f"the index {index.name} runs to {index.range} and is used to {bound.range}")


def _united(maps: Iterable[Mapping[str, Idx]]) -> dict[str, Idx]:
    result: dict[str, Idx] = {}
    for each in maps:
        for name, index in each.items():
            if result.setdefault(name, index).range != index.range:
                raise Meaningless(f"the index {name} has two ranges: {result[name].range} and {index.range}")
    return result


def _parsed(text: str, params: tuple[str, ...]) -> Node:
    return read(text, Scope(symbols={name: Sym(name) for name in params}))


def _along(node: Node, axis: int | None) -> Node:
    if axis is None:
        return node

    def change(part: Node) -> Node | None:
        match part:
            case Call(name="sum", args=args, axis=None):
                return Call("sum", tuple(transform(arg, change) for arg in args), axis)
        return None

    return transform(node, change)

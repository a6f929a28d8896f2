"""Random true identities: a random formula, rewritten by a random sequence of the rules that derivations use.

A formula starts from an example of some rule, so that every rule has its turn: its symbols are replaced by random
formulas, and it is put into a random surrounding. Then rules are applied wherever they happen to fit.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    Add,
    At,
    Big,
    Call,
    D,
    Dif,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Pow,
    Sym,
    Transpose,
    call,
    from_size,
    num,
    places,
    replace_at,
    walk,
)
from solver.expr.read import read
from solver.expr.shapes import Shape, ShapeError
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.rules.examples import SETTING, scope_for
from solver.rules.rule import Rule, all_rules
from solver.spec.problem import Problem

PROBLEM = Problem(
    Path("identities.yaml"), "identities", "Random identities", "row", SETTING.symbols, SETTING.define, {}, (),
    digest="identities",
)  # fmt: skip
VARIABLES = tuple(symbol.node for symbol in SETTING.symbols.values() if not symbol.function)
ENTRYWISE = ("exp", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "erf", "arctan", "swish")
INVERTED = frozenset({"det", "logdet", "inv", "pinv", "matrix_power"})
M, N = Size.of("m"), Size.of("n")
STEPS = 8
LARGEST = 90
"""Nodes in a formula: beyond, no rule is applied any more."""


class Misfit(Exception):
    """A rule failed: the rule, the fault, what it was given."""


@dataclass(frozen=True)
class Applied:
    """One rewriting: the rule's name and the whole formula after it."""

    rule: str
    after: Node


@dataclass(frozen=True)
class Derived:
    """`start = steps[-1].after`, given the facts that the rules used."""

    seed: int
    start: Node
    steps: tuple[Applied, ...]
    facts: tuple[Fact, ...]

    @property
    def end(self) -> Node:
        return self.steps[-1].after


def identities(first: int) -> Iterator[Derived | Misfit]:
    """One identity a seed, from the first on; seeds at which no rule applies are left out."""
    rules = all_rules()
    for seed in itertools.count(first):
        try:
            found = derived(seed, rules)
        except Misfit as misfit:
            yield Misfit(f"seed {seed}: {misfit}")
            continue
        if found is not None:
            yield found


def derived(seed: int, rules: Sequence[Rule]) -> Derived | None:
    """The identity of a seed; None where no rule changes the formula."""
    rng = random.Random(seed)
    now = start = Draw(rng).start(_shuffled(rules, seed, 0)[0])
    steps: list[Applied] = []
    facts: list[Fact] = []
    for number in range(1, rng.randint(1, STEPS) + 1):
        found = _applied(now, _shuffled(rules, seed, number), rng) if sum(1 for _ in walk(now)) <= LARGEST else None
        if found is None:
            break
        step, used = found
        steps.append(step)
        facts += used
        now = step.after
    if now == start:
        return None
    return Derived(seed, start, tuple(steps), tuple(dict.fromkeys(facts)))


def _shuffled(rules: Sequence[Rule], seed: int, step: int) -> list[Rule]:
    """The rules in an order of chance that a new rule leaves as it was for the others."""
    return sorted(rules, key=lambda rule: hashlib.blake2b(f"{seed}|{step}|{rule.name}".encode()).digest())


def _applied(node: Node, rules: Sequence[Rule], rng: random.Random) -> tuple[Applied, tuple[Fact, ...]] | None:
    """The first rule that fits at some place; the variable of a derivative stays what it is."""
    parts = [(path, part) for path, part in places(node) if not _is_variable(node, path)]
    rng.shuffle(parts)
    for path, part in parts:
        for rule in rules:
            try:
                rewrite = rule(part, SETTING)
            except Exception as fault:
                raise Misfit(f"{rule.name}: {type(fault).__name__} at {write(part)}") from fault
            if rewrite is None or (rewrite.facts and _is_differentiated(node, path)):
                # what is true of the data need not be true of what is near them: a derivative looks there
                continue
            try:
                return Applied(rule.name, replace_at(node, path, rewrite.after)), rewrite.facts
            except ShapeError:
                # a 1×1 product became a scalar where a matrix is wanted: the rule is true, and not for this place
                continue
    return None


def _is_variable(node: Node, path: tuple[int, ...]) -> bool:
    for number in path:
        if isinstance(node, D) and number == 1:
            return True
        node = node.children[number]
    return False


def _is_differentiated(node: Node, path: tuple[int, ...]) -> bool:
    for number in path:
        if isinstance(node, D | Dif):
            return True
        node = node.children[number]
    return False


class Draw:
    """Random formulas over the symbols of the rules' examples, with a value wherever those have one."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def start(self, rule: Rule) -> Node:
        """An example of a rule with its symbols replaced, in a random surrounding."""
        example = self.rng.choice(rule.applies)
        left = example.partition(" -> ")[0]
        node = read(left, scope_for(left))
        values = {
            part: self.formula(part.shape, self.rng.randint(1, 2))
            for part in walk(node)
            if isinstance(part, Sym) and part.name in SETTING.symbols and self.rng.random() < 0.25
        }
        return self.around(self.put(node, values), self.rng.randint(0, 2))

    def put(self, node: Node, values: dict[Node, Node]) -> Node:
        """The node with other formulas for some symbols, where they fit; what is differentiated by stays.

        So does what stands under a determinant or an inverse: a matrix that is put there need not have one, as
        `relu(A)` has none where two rows vanish.
        """
        kept = {part.by for part in walk(node) if isinstance(part, D)}
        kept |= {part.arg for part in kept if isinstance(part, At)}
        inverted = (part for part in walk(node) if isinstance(part, Call) and part.name in INVERTED)
        kept |= {inner for part in inverted for inner in walk(part) if isinstance(inner, Sym)}
        try:
            return _replaced(node, {key: value for key, value in values.items() if key not in kept})
        except ShapeError:
            return node

    def around(self, node: Node, depth: int) -> Node:
        """The formula somewhere in a larger one."""
        for _ in range(depth):
            shape = node.shape
            other = self.formula(shape, 1)
            choices: list[Node] = [
                Add((node, other)), Add((other, Neg(node))), Mul((node, self.formula((), 1))), Neg(node),
                Div(node, num(self.rng.choice((2, 3)))),
            ]  # fmt: skip
            if shape:
                choices += [Mul((node, other)), Transpose(node), call("sum", node)]
                choices += [MatMul((node, self.formula((shape[1], self.rng.choice((M, N))), 1)))]
            node = self.rng.choice(choices)
        return node

    def formula(self, shape: Shape, depth: int) -> Node:
        """A formula of the shape, at most `depth` operations deep."""
        rng = self.rng
        if depth <= 0:
            return self.leaf(shape)
        inner = self.formula(shape, depth - 1)
        choices = ["add", "scale", "call", "leaf", "neg", *(["times", "transpose", "matmul"] if shape else ["whole"])]
        match rng.choice(choices):
            case "add":
                return Add((inner, self.leaf(shape)))
            case "scale":
                return Mul((rng.choice((num(2), num(3), self.leaf(()))), inner))
            case "call":
                return call(rng.choice(ENTRYWISE), inner)
            case "neg":
                return Neg(inner)
            case "times":
                return Mul((inner, self.leaf(shape)))
            case "transpose":
                return Transpose(self.formula((shape[1], shape[0]), depth - 1))  # type: ignore[misc]
            case "matmul":
                # through m, a square matrix would have no inverse where m < n
                length = N if shape == (N, N) else rng.choice((M, N))
                return MatMul((self.leaf((shape[0], length)), self.leaf((length, shape[1]))))  # type: ignore[misc]
            case "whole":
                vector = self.formula((ONE, N), depth - 1)
                index = Idx("z", N)
                indexed = Big("sum", Mul((At(self.leaf((ONE, N)), (index,)), At(self.leaf((ONE, N)), (index,)))), index)
                return rng.choice((call("sum", vector), call("tr", self.leaf((N, N))), indexed, Pow(inner, num(2))))
        return self.leaf(shape)

    def leaf(self, shape: Shape) -> Node:
        """A symbol, turned where there is none of the shape."""
        there = [symbol.node for symbol in SETTING.symbols.values() if not symbol.function and symbol.shape == shape]
        if there:
            return self.rng.choice(there)
        turned = [s.node for s in SETTING.symbols.values() if not s.function and s.shape == shape[::-1]]
        if turned:
            return Transpose(self.rng.choice(turned))
        return call("ones", *map(from_size, shape))


def _replaced(node: Node, values: dict[Node, Node]) -> Node:
    if node in values:
        return values[node]
    if not node.children:
        return node
    return node.rebuild(tuple(_replaced(child, values) for child in node.children))

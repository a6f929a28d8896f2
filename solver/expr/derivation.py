"""Derivations: equations with their reasons, as plain data.

A derivation is an argument from a question (an expression, often an unevaluated derivative) to a result. It is made of
chains of steps. Nothing here finds a step, words it, checks it or draws it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from solver.expr.nodes import Node, Path


@dataclass(frozen=True)
class Fact:
    """What a step uses of the data: a trait of a symbol, in the language of traits (`sums-to-one` of `y`)."""

    symbol: str
    trait: str


@dataclass(frozen=True)
class Reason:
    """Why a step holds, or how an argument goes: a name of words, and the captures they speak of.

    `rule` is the name of a rule, or one that the catalogue of words has (`definition`), or `part (b)`; `captures` are
    pairs of a name in the words and the node it stands for. `said` are an author's own words, which stand as they are.
    """

    rule: str
    captures: tuple[tuple[str, Node], ...] = ()
    said: str = ""


@dataclass(frozen=True)
class Step:
    """`lhs = rhs`: the part of `lhs` at `place` was rewritten, and nothing else.

    A step without children is one application of one rule: `after` is what the part became, and
    `replace_at(lhs, place, after) == rhs`. `children` give a step in more detail: a chain of steps from `lhs` to `rhs`
    (`after` is then None). A `routine` step (arithmetic, tidying) may be folded into the next line when few lines
    are wanted.
    """

    lhs: Node
    rhs: Node
    reason: Reason
    place: Path = ()
    after: Node | None = None
    facts: tuple[Fact, ...] = ()
    children: tuple[Step, ...] = ()
    routine: bool = False


def facts_of(steps: Iterable[Step]) -> tuple[Fact, ...]:
    """The facts that steps rest on, each once."""
    return tuple(dict.fromkeys(fact for step in steps for fact in step.facts))


@dataclass(frozen=True)
class Definition:
    """A name that the derivation introduces: `name := value`, with `about` in words."""

    name: Node
    value: Node
    about: str = ""


@dataclass(frozen=True)
class Chain:
    """`start = … = …`: each step's left side is the right side of the one before it.

    `given` are conditions on the free indices under which the chain is claimed (`j != i`). `title` is a heading
    ("off the diagonal"). `name` is given to the chain's result (`=: δ`): a symbol that later chains may use.
    A chain without steps states that its start needs no work.
    """

    start: Node
    steps: tuple[Step, ...]
    given: tuple[Node, ...] = ()
    title: Reason | None = None
    intro: Reason | None = None
    name: Node | None = None

    @property
    def result(self) -> Node:
        return self.steps[-1].rhs if self.steps else self.start


@dataclass(frozen=True)
class Cases:
    """Chains side by side, for conditions that exclude each other and together cover everything."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Code:
    """A Python module made from the results: its name, its source, the loss and the variables of its gradients.

    It offers `forward(**arguments)`, `gradients(values)` and `check(arguments)`.
    """

    name: str
    source: str
    loss: Node
    variables: tuple[Node, ...]


@dataclass(frozen=True)
class Derivation:
    """The whole argument: definitions it introduces, then chains and cases, in order.

    The last chain starts at `question` and ends at `result`; every earlier chain's equation is used by a later one.
    `variables` are the symbols that vary (what `d(…)` means). `restated` are names of the problem whose definition is
    written through the new names (`J = −Σ y ⊙ log softmax(z)` once `z` is named): each must equal the problem's own.
    `intro` says in words how the argument goes. `authored` lines are claims of their own, whether or not a later one
    uses them.
    """

    question: Node
    result: Node
    route: str
    blocks: tuple[Chain | Cases, ...]
    definitions: tuple[Definition, ...] = ()
    restated: tuple[Definition, ...] = ()
    variables: tuple[Node, ...] = ()
    intro: Reason | None = None
    closing: Reason | None = None
    notes: tuple[str, ...] = field(default=())
    code: Code | None = None
    authored: bool = False

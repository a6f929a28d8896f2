"""Which derivatives have two cases, and the cases of all those that a longer argument meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.expr.derivation import Cases, Chain, Definition, Fact, Reason, facts_of
from solver.expr.nodes import ONE_NODE, At, Call, D, Idx, Node, free_indices, substitute, walk
from solver.expr.write import write
from solver.methods.argument import CannotDerive
from solver.methods.indexing import matches, put_in
from solver.methods.lemma import TwoCases, read_at, shared_parts, written_out
from solver.methods.task import Task
from solver.rules.letters import fresh
from solver.rules.setting import Setting, base


def own_index(asked: D, setting: Setting) -> Idx | None:
    """The index of the output itself, at which the variable is read; None for a loss, which has none.

    CannotDerive where two cases would say the same, or where there would be more than two.
    """
    (other,) = (index for index in asked.by.at if index is not None)  # type: ignore[attr-defined]
    if not setting.depends(asked.of, asked.by):
        raise CannotDerive(f"`{write(asked.of)}` does not depend on `{write(asked.by)}`: there are no cases")
    free = free_indices(asked.of)
    found = read_at(written_out(asked, setting), base(asked.by))
    if isinstance(other, Idx) and other in found:
        raise CannotDerive(f"`{write(asked)}` is one case only")
    own = [index for index in found if isinstance(index, Idx)]
    if len(own) > 1:
        raise CannotDerive(f"`{write(asked)}` has more than two cases")
    if own:
        return own[0]
    if free - {other}:
        raise CannotDerive(
            f"every entry of the variable enters `{write(asked.of)}` in the same way: there are no cases"
        )
    return None


class Lemmas:
    """The derivatives of entries that a loss is made of, each told by its two cases when it is first met."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.lemmas: list[TwoCases] = []
        self.both: list[Chain] = []
        """Of each lemma the line with both cases."""
        self.shown: list[tuple[Node, Node, tuple[Fact, ...]]] = []

    @property
    def blocks(self) -> list[Chain | Cases]:
        """The lemmas as they are told."""
        return [block for lemma, both in zip(self.lemmas, self.both, strict=True) for block in (*lemma.blocks, both)]

    def keep_met(self, blocks: Sequence[Chain | Cases]) -> None:
        """Only the lemmas that what follows speaks of: the slope before a term may turn out to be zero."""
        said = [formula for block in blocks for formula in _formulas(block)]
        for number in reversed(range(len(self.lemmas))):
            if any(matches(self.both[number].start, part) is not None for f in said for part in walk(f)):
                own = (*self.lemmas[number].blocks, self.both[number])
                said += [formula for block in own for formula in _formulas(block)]
            else:
                del self.lemmas[number], self.both[number], self.shown[number]

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The names of sums that the lemmas introduce."""
        return tuple(definition for lemma in self.lemmas for definition in lemma.definitions)

    @property
    def intro(self) -> Reason | None:
        """What tells the cases of the first lemma apart; None where there is none."""
        return self.lemmas[0].intro if self.lemmas else None

    def known(self, node: D) -> tuple[Node, Reason, tuple[Fact, ...]] | None:
        """The two cases of the derivative of one term, where it has two."""
        for start, result, facts in self.shown:
            values = matches(start, node)
            if values is not None:
                return put_in(result, values, self.task.setting), Reason("established", (("g", node),)), facts
        own = self._mixing(node)
        if own is None:
            return None
        setting = self.task.setting
        letter = fresh(own.range, setting, node.by, substitute(node.of, {own: ONE_NODE}), letters="ij")
        asked = put_in(node, {own: letter}, setting)
        assert isinstance(asked, D)
        lemma = TwoCases(setting, asked, letter, True, self.lemmas)
        both = lemma.both(setting).chain()
        self.lemmas.append(lemma)
        self.both.append(both)
        self.shown.append((both.start, both.result, facts_of(both.steps)))
        return self.known(node)

    def _mixing(self, node: D) -> Idx | None:
        """The term's own index, where besides its own entry all others enter through a shared sum."""
        if not isinstance(node.by, At) or len(node.by.at) != 1 or not isinstance(node.of, At | Call):
            return None
        outer = node.of.arg if isinstance(node.of, At) else node.of
        outer = self.task.setting.value_of(outer) or outer
        if isinstance(outer, Call) and outer.function.kind == "elementwise" and outer.name not in ("log", "where"):
            # the chain rule first: the two cases are those of what the function is of
            return None
        opened = written_out(node, self.task.setting)
        own = [index for index in read_at(opened, base(node.by)) if isinstance(index, Idx) and index != node.by.at[0]]
        if len(own) != 1 or not shared_parts(opened, node.by, own[0], self.task.setting):
            return None
        return own[0]


def _formulas(block: Chain | Cases) -> Iterator[Node]:
    """Every formula that the block's lines are made of."""
    for chain in block.chains if isinstance(block, Cases) else (block,):
        yield chain.start
        waiting = list(chain.steps)
        while waiting:
            step = waiting.pop()
            yield from (step.lhs, step.rhs)
            waiting.extend(step.children)

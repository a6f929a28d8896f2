"""Derivatives through definitions: the slopes of each definition in the names that stand in it, multiplied up.

Jets alone (see `evaluate`) carry the directions of one variable through all that rests on it, anew for each variable:
for the gradients at the layers of a network, one after the other, that is the square of their number. Here a formula is
a function of the names that stand in it, each of which is a function of those in its definition, so

    ∂f/∂u = ∂f/∂u (where u stands in f itself) + Σ_v ∂f/∂v · ∂v/∂u (over the definitions v in which u stands),

where ∂v/∂u is the linear part of the definition's own jet, with every other name held. Both ∂f/∂v and ∂v/∂u are
computed once for all lines. No derivative of any function is known here, and no rule: only that slopes multiply.

This is the chain rule, which holds where every definition on the way is differentiable. Where some slope is not finite
(a kink, a branch that is not taken), there is no answer, and the jets have the word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver.check import derivatives, jets
from solver.check.balls import ZERO, finite, full
from solver.check.frame import Frame, Level
from solver.check.grid import gridded
from solver.check.jets import Jet
from solver.expr.nodes import Node, Sym

if TYPE_CHECKING:
    from solver.check.evaluate import Evaluator


@dataclass
class Chained:
    """The slopes of formulas at one point, each computed once; matrices with a row for each entry of the variable."""

    evaluator: Evaluator
    _known: dict[Any, Jet | None] = field(default_factory=dict, repr=False)

    def slopes(self, frame: Frame, of: Node, variable: Sym) -> Jet | None:
        """∂of/∂variable on the frame's grid; None where the chain rule cannot give it."""
        evaluator = self.evaluator
        if evaluator.names is not None or evaluator.meaning.dependence(of).differentiates:
            return None
        own = Frame(evaluator, frame.levels, frame.fixed, evaluator.labels(of, frame.fixed))
        found = self._whole(own, of, variable.name)
        return None if found is None else jets.placed(found, own.labels, frame.labels)

    def _whole(self, frame: Frame, of: Node, name: str) -> Jet | None:
        """By every way from the formula down to the name."""
        depends = self.evaluator.meaning.dependence(of)
        held = tuple(frame.fixed[axis] for axis in depends.axes if axis in frame.fixed)
        key = (depends.number, name, frame.levels, held)
        if key not in self._known:
            self._known[key] = self._summed(frame, of, name)
        return self._known[key]

    def _summed(self, frame: Frame, of: Node, name: str) -> Jet | None:
        meaning = self.evaluator.meaning
        depends = meaning.dependence(of)
        total: Jet | None = None
        if name in depends.names:
            total = self._local(frame, of, name)
            if total is None:
                return None
        for user in meaning.users.get(name, ()):
            if user in depends.reach:
                outer, inner = self._whole(frame, of, user), self._step(frame, user, name)
                if outer is None or inner is None:
                    return None
                term = jets.matmul(inner, outer)
                total = term if total is None else jets.add(total, term)
        if total is None:
            zero = full(ZERO, self._entries(meaning.shape(name)), self._entries(of.shape))
            total = gridded(jets.constant(zero), len(frame.labels))
        return total

    def _local(self, frame: Frame, of: Node, name: str) -> Jet | None:
        """By a name that stands in the formula, all other names held."""
        levels, number = self._with_level(frame, name)
        jet = Frame(frame.evaluator, levels, frame.fixed, frame.labels).jet(of)
        return self._matrix(jet, number, of, name, len(frame.labels))

    def _step(self, frame: Frame, user: str, name: str) -> Jet | None:
        """A defined name by one that stands in its definition, on the frame's grid."""
        evaluator = self.evaluator
        symbol = Sym(user, evaluator.meaning.shape(user))
        labels = evaluator.labels(symbol, frame.fixed)
        held = tuple(frame.fixed[axis] for axis in evaluator.meaning.dependence(symbol).axes if axis in frame.fixed)
        key = (user, name, frame.levels, held)
        if key not in self._known:
            levels, number = self._with_level(frame, name)
            jet = evaluator.definition(user, levels, Frame(evaluator, levels, frame.fixed, labels))
            self._known[key] = self._matrix(jet, number, symbol, name, len(labels))
        found = self._known[key]
        return None if found is None else jets.placed(found, labels, frame.labels)

    def _with_level(self, frame: Frame, name: str) -> tuple[tuple[Level, ...], int]:
        number = derivatives.next_level(frame.levels)
        return (*frame.levels, Level(number, name, local=True)), number

    def _matrix(self, jet: Jet, number: int, of: Node, name: str, axes: int) -> Jet | None:
        evaluator = self.evaluator
        entries = self._entries(evaluator.meaning.shape(name))
        found = gridded(derivatives.matrix(jet, number, entries, evaluator.lengths(of.shape)), axes)
        return found if all(finite(part) for part in found.parts.values()) else None

    def _entries(self, shape: Any) -> int:
        rows, columns = self.evaluator.lengths(shape)
        return rows * columns

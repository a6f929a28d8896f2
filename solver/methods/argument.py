"""Building a chain of steps: each application of a rule recorded where it happened, grouped into lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from solver.expr.derivation import Chain, Fact, Reason, Step
from solver.expr.nodes import Node, Path, at, places, replace_at
from solver.rules.rule import Rewrite, Rule
from solver.rules.setting import Setting

MAX_APPLICATIONS = 2000
"""No argument a person reads has more applications of rules in one line; a plan that does is going in circles."""


class CannotDerive(Exception):
    """A route that cannot go on: one sentence that says what it met and, where known, which route can."""


@dataclass
class Argument:
    """A chain under construction: `now` is the right side reached so far."""

    setting: Setting
    start: Node
    steps: list[Step] = field(default_factory=list)

    @property
    def now(self) -> Node:
        return self.steps[-1].rhs if self.steps else self.start

    # --- single applications --------------------------------------------------------------------------------------

    def apply(self, rule: Rule, path: Path = ()) -> bool:
        """One rule at one place; False where it does not apply."""
        rewrite = rule(at(self.now, path), self.setting)
        if rewrite is None:
            return False
        self._record(path, rewrite, Reason(rule.name, rewrite.captures), rule.routine)
        return True

    def apply_first(self, rules: Sequence[Rule], within: Path = (), deepest: bool = False) -> bool:
        """The first rule of the list that applies anywhere: at the outermost place, or the innermost."""
        found = list(places(at(self.now, within)))
        if deepest:
            found.reverse()
        for path, part in found:
            for rule in rules:
                rewrite = rule(part, self.setting)
                if rewrite is not None:
                    self._record((*within, *path), rewrite, Reason(rule.name, rewrite.captures), rule.routine)
                    return True
        return False

    def exhaust(self, rules: Sequence[Rule], within: Path = (), deepest: bool = False) -> bool:
        """Rules of the list, wherever they apply, until none does."""
        count = 0
        while self.apply_first(rules, within, deepest):
            count += 1
            if count > MAX_APPLICATIONS:
                raise CannotDerive(f"the rules {', '.join(r.name for r in rules[:4])}, … do not come to an end here")
        return count > 0

    def put(
        self, after: Node, reason: Reason, path: Path = (), facts: Iterable[Fact] = (), routine: bool = False
    ) -> bool:
        """Replace the part at `path`, for a reason that a plan has found; False when nothing changes."""
        if at(self.now, path) == after:
            return False
        self._record(path, Rewrite(after, reason.captures, tuple(facts)), reason, routine)
        return True

    def _record(self, path: Path, rewrite: Rewrite, reason: Reason, routine: bool) -> None:
        lhs = self.now
        rhs = replace_at(lhs, path, rewrite.after)
        self.steps.append(Step(lhs, rhs, reason, path, rewrite.after, rewrite.facts, routine=routine))

    # --- lines ----------------------------------------------------------------------------------------------------

    def line(
        self, build: Callable[[], object], reason: Reason | Callable[[Sequence[Step]], Reason] | None = None
    ) -> bool:
        """What `build` records becomes one line, its applications the line's details; False when it records nothing.

        The line's reason is the one given (or chosen from its steps), or that of its first step that is not routine.
        """
        mark = len(self.steps)
        build()
        made = self.steps[mark:]
        del self.steps[mark:]
        if not made or made[0].lhs == made[-1].rhs:
            return False
        telling = next((step for step in made if not step.routine), made[0])
        if callable(reason):
            reason = reason(made)
        if len(made) == 1:
            self.steps.append(replace(made[0], reason=reason or made[0].reason))
            return True
        facts = tuple(dict.fromkeys(fact for step in made for fact in step.facts))
        routine = all(step.routine for step in made)
        self.steps.append(
            Step(made[0].lhs, made[-1].rhs, reason or telling.reason, (), None, facts, tuple(made), routine)
        )
        return True

    def chain(self, **fields: object) -> Chain:
        return Chain(self.start, tuple(self.steps), **fields)  # type: ignore[arg-type]

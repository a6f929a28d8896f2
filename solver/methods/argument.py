"""Building a chain of steps: each application of a rule recorded where it happened, grouped into lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from solver.expr.derivation import Chain, Fact, Reason, Step
from solver.expr.nodes import Call, D, Node, Path, Sym, at, replace_at, substitute, walk
from solver.expr.write import write
from solver.methods.where import EVERYWHERE, Where
from solver.rules.generic import at_a_kink, singular
from solver.rules.rule import Rewrite, Rule
from solver.rules.setting import Setting, base
from solver.spec.traits import STABLE

MAX_APPLICATIONS = 2000
"""No argument a person reads has more applications of rules in one line; a plan that does is going in circles."""


class CannotDerive(Exception):
    """A route that cannot go on: one sentence that says what it met. Which route can is found by trying them."""


def refuse_kinks(value: Node, name: Sym, setting: Setting) -> None:
    """CannotDerive where the value has no derivative by a name on the way, though it may have one by the variable."""
    if at_a_kink(value, name, setting):
        raise CannotDerive(
            f"`{write(value)}` has a kink or a jump where `{name.name}` lies, for some data or where a size is 1, "
            f"and so no derivative by `{name.name}`"
        )


def refuse_singular(value: Node, setting: Setting) -> None:
    """CannotDerive where Jacobi's formula, which divides by a matrix, meets one without an inverse for some data."""
    for part in walk(value):
        if isinstance(part, Call) and part.name == "det" and setting.varies(part) and singular(part.args[0], setting):
            own: dict[Node, Node] = {Sym(n, setting.define[n].shape): setting.define[n] for n in setting.introduced}
            raise CannotDerive(
                f"`{write(substitute(part.args[0], own))}` has no inverse for some data or sizes, and without one "
                "Jacobi's formula says nothing of its determinant; `given` may say where it has one"
            )


Calm = set[tuple[Node, frozenset[str]]]
"""Parts in which no rule of a list applies, and the symbols by which the derivatives around them are taken."""


def _under(node: Node, number: int, moving: frozenset[str], setting: Setting) -> frozenset[str]:
    """The names that move inside a part of the node, and those by whose traits a moving name has its own."""
    return moving | setting.rests_on(base(node.by).name) if isinstance(node, D) and number == 0 else moving


def _allowed(rewrite: Rewrite, moving: frozenset[str]) -> bool:
    """Whether the facts still hold where these symbols move: `A = Aᵀ` says nothing of a change of one entry of A."""
    return not moving or all(fact.symbol not in moving or fact.trait in STABLE for fact in rewrite.facts)


@dataclass
class Argument:
    """A chain under construction: `now` is the right side reached so far."""

    setting: Setting
    start: Node
    steps: list[Step] = field(default_factory=list)
    _calm: dict[object, Calm] = field(default_factory=dict, repr=False)
    """What each search has found nothing in: whether a rule applies depends on the part and the setting alone, and all
    but a few parts of a line stand in the next one too."""

    @property
    def now(self) -> Node:
        return self.steps[-1].rhs if self.steps else self.start

    # --- single applications --------------------------------------------------------------------------------------

    def apply(self, rule: Rule, path: Path = ()) -> bool:
        """One rule at one place; False where it does not apply."""
        moving = self._moving(path)
        rewrite = rule(at(self.now, path), self._where(moving))
        if rewrite is None or not _allowed(rewrite, moving):
            return False
        self._record(path, rewrite, Reason(rewrite.told or rule.name, rewrite.captures), rule.routine)
        return True

    def apply_first(
        self, rules: Sequence[Rule], within: Path = (), deepest: bool = False, where: Where = EVERYWHERE
    ) -> bool:
        """The first rule of the list that applies anywhere: at the outermost place, or the innermost."""
        calm = self._calm.setdefault((tuple(rules), where), set())
        found = self._first(at(self.now, within), rules, deepest, where, calm, self._moving(within))
        if found is None:
            return False
        path, rule, rewrite = found
        self._record((*within, *path), rewrite, Reason(rewrite.told or rule.name, rewrite.captures), rule.routine)
        return True

    def _first(
        self, node: Node, rules: Sequence[Rule], deepest: bool, where: Where, calm: Calm, moving: frozenset[str]
    ) -> tuple[Path, Rule, Rewrite] | None:
        if (node, moving) in calm:
            return None
        here = self._here(node, rules, moving) if where.here(node) else None
        if here is not None and not deepest:
            return here
        parts = where.below(node)
        for place, child in reversed(list(parts)) if deepest else parts:
            inner = self._first(child, rules, deepest, where, calm, _under(node, place[0], moving, self.setting))
            if inner is not None:
                path, rule, rewrite = inner
                return (*place, *path), rule, rewrite
        if here is None:
            calm.add((node, moving))
        return here

    def _here(self, node: Node, rules: Sequence[Rule], moving: frozenset[str]) -> tuple[Path, Rule, Rewrite] | None:
        setting = self._where(moving)
        for rule in rules:
            rewrite = rule(node, setting)
            if rewrite is not None and _allowed(rewrite, moving):
                return (), rule, rewrite
        return None

    def exhaust(self, rules: Sequence[Rule], within: Path = (), deepest: bool = False) -> bool:
        """Rules of the list, wherever they apply, until none does."""
        count = 0
        while self.apply_first(rules, within, deepest):
            count += 1
            if count > MAX_APPLICATIONS:
                raise CannotDerive(f"the rules {', '.join(r.name for r in rules[:4])}, … do not come to an end here")
        return count > 0

    def _moving(self, path: Path) -> frozenset[str]:
        """The symbols by which the derivatives around a place are taken."""
        node, moving = self.now, frozenset[str]()
        for number in path:
            node, moving = node.children[number], _under(node, number, moving, self.setting)
        return moving

    def _where(self, moving: frozenset[str]) -> Setting:
        """The setting where these names move."""
        names = moving & self.setting.define.keys()
        return replace(self.setting, later=self.setting.later | names) if names else self.setting

    def put(
        self, after: Node, reason: Reason, path: Path = (), facts: Iterable[Fact] = (), routine: bool = False
    ) -> bool:
        """Replace the part at `path`, for a reason that a plan has found; False when nothing changes."""
        if at(self.now, path) == after:
            return False
        self._record(path, Rewrite(after, reason.captures, tuple(facts)), reason, routine)
        return True

    def rearrange(self, after: Node, reason: Reason) -> bool:
        """The whole in another order or with other letters: a step inside the last line where there is one."""
        if not self.put(after, reason, routine=True):
            return False
        if len(self.steps) > 1 and self.steps[-2].lhs != after:
            line, last = self.steps[-2:]
            inside = (*(line.children or (line,)), last)
            self.steps[-2:] = [Step(line.lhs, after, line.reason, (), None, line.facts, inside, line.routine)]
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

        The line's reason is the one given (or chosen from its steps), or that of its first step that uses the data, or
        of its first that is not routine.
        """
        mark = len(self.steps)
        build()
        made = self.steps[mark:]
        del self.steps[mark:]
        if not made or made[0].lhs == made[-1].rhs:
            return False
        worth = [step for step in made if not step.routine]
        telling = next((step for step in worth if step.facts), worth[0] if worth else made[0])
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

    def absorb(self) -> None:
        """The last line becomes part of the one before it, under that one's reason, where there is one."""
        if len(self.steps) < 2 or self.steps[-2].lhs == self.now:
            return
        line, last = self.steps[-2:]
        facts = tuple(dict.fromkeys((*line.facts, *last.facts)))
        inside = (*(line.children or (line,)), *(last.children or (last,)))
        self.steps[-2:] = [Step(line.lhs, last.rhs, line.reason, (), None, facts, inside, line.routine)]

    def chain(self, **fields: object) -> Chain:
        return Chain(self.start, tuple(self.steps), **fields)  # type: ignore[arg-type]

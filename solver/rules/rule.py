"""A rule: one declaration with its name, formula, words, source, and the examples it must take and must refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter
from types import FunctionType
from typing import cast

from solver.expr.derivation import Fact
from solver.expr.nodes import Node
from solver.expr.shapes import ShapeError, is_single
from solver.rules.setting import Setting


@dataclass(frozen=True)
class Rewrite:
    """What a rule makes of a part: the new part, the captures its words name, the facts it used.

    `told` names the words where the rule's own would say too little: a reason of the catalogue.
    """

    after: Node
    captures: tuple[tuple[str, Node], ...] = ()
    facts: tuple[Fact, ...] = ()
    told: str = ""


Body = Callable[[Node, Setting], "Rewrite | Node | None"]


@dataclass(frozen=True, eq=False)
class Rule:
    """A true equation, used from left to right. There is one of each name.

    `words` is the reason as a reader sees it, with captures in braces (`quotient rule with u = {u}`). `applies` are
    examples `before -> after` in the problem language, over the symbols of `rules/examples.py`; `refuses` are
    expressions that the rule must leave alone.
    """

    name: str
    formula: str
    body: Body
    words: str
    source: str
    applies: tuple[str, ...]
    refuses: tuple[str, ...]
    topic: str
    routine: bool

    def __call__(self, node: Node, setting: Setting) -> Rewrite | None:
        """The rewritten part, or None where the rule does not apply: also where its parts would not fit, as a row and a
        column that have met in a matrix only."""
        try:
            result = self.body(node, setting)
        except ShapeError:
            return None
        if result is None:
            return None
        rewrite = result if isinstance(result, Rewrite) else Rewrite(result)
        fits = rewrite.after.shape == node.shape or (is_single(rewrite.after.shape) and is_single(node.shape))
        return rewrite if fits and rewrite.after != node else None


RULES: dict[str, Rule] = {}
"""Every rule by name, filled while the topics are imported and never after."""


def all_rules() -> tuple[Rule, ...]:
    """Every rule there is, in the order of topics and of their declarations; every topic is loaded for it."""
    import solver.rules

    for module in sorted(module.name for module in iter_modules(solver.rules.__path__)):
        import_module(f"solver.rules.{module}")
    return tuple(sorted(RULES.values(), key=lambda rule: rule.topic))


def rule(
    name: str,
    formula: str,
    *,
    words: str = "",
    source: str = "",
    applies: Sequence[str] = (),
    refuses: Sequence[str] = (),
    routine: bool = False,
) -> Callable[[Body], Rule]:
    """Declare a rule. Refused with file and line: a name used twice, a rule without examples."""

    def declare(body: Body) -> Rule:
        code = cast(FunctionType, body).__code__
        where = f"{code.co_filename}:{code.co_firstlineno}"
        if name in RULES:
            raise ValueError(f"{where}: a rule named {name!r} stands already")
        if not applies or not refuses:
            raise ValueError(f"{where}: the rule {name!r} needs examples that it applies to and that it refuses")
        if any(name is not None and not name.isidentifier() for _, name, _, _ in Formatter().parse(words)):
            raise ValueError(f"{where}: a brace in the words of the rule {name!r} holds no name")
        topic = body.__module__.rsplit(".", 1)[-1]
        RULES[name] = Rule(name, formula, body, words or name, source, tuple(applies), tuple(refuses), topic, routine)
        return RULES[name]

    return declare

"""Replay: every step rewrites a part that stands in the line before it, and the chain runs from question to result.

That each line is true says nothing of the argument; this looks at the letters alone, and at nothing that the rules say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from solver.check.forms import form, same_form
from solver.check.meaning import Meaning, Meaningless, as_definition, introduced
from solver.expr.derivation import Cases, Chain, Code, Derivation, Step
from solver.expr.nodes import At, Call, D, Dif, Idx, Node, Sym, contains, free_indices, replace_at, walk
from solver.expr.shapes import ShapeError
from solver.expr.write import write
from solver.spec.problem import Problem


def replay(problem: Problem, derivation: Derivation, answer: Node | None = None) -> tuple[str, ...]:
    """What is broken in the chain of a derivation, in words; nothing when it holds."""
    errors = [*_names(problem, derivation)]
    for number, chain in enumerate(chains(derivation), 1):
        errors.extend(f"chain {number}: {error}" for error in _chain(chain))
    errors.extend(_ends(derivation))
    errors.extend(_unused(derivation))
    if answer is not None and not same_form(derivation.result, answer):
        errors.append(f"the last line is `{write(derivation.result)}`, not the answer's form `{write(answer)}`")
    return tuple(errors)


def chains(derivation: Derivation) -> list[Chain]:
    """All chains in order, those of cases one after the other."""
    found: list[Chain] = []
    for block in derivation.blocks:
        found.extend(block.chains if isinstance(block, Cases) else (block,))
    return found


# --- names ----------------------------------------------------------------------------------------------------------


def _names(problem: Problem, derivation: Derivation) -> Iterator[str]:
    """A new name must be new; a name of the problem may be given to a chain, whose result it then has to equal."""
    seen: set[str] = set()
    defined = {id(definition.name) for definition in derivation.definitions}
    for name, _ in introduced(derivation):
        match name:
            case Sym(name=text) | At(arg=Sym(name=text)):
                pass
            case _:
                yield f"`{write(name)}` is no name"
                continue
        taken = text in problem.symbols or text in problem.indices
        if taken or text in seen or (id(name) in defined and text in problem.define):
            yield f"`{text}` is named twice"
        seen.add(text)
    try:
        meaning = Meaning.of(problem, derivation)
        # an index of `δ_i = …` is bound there, and may run over something else in the next name
        meaning.free(*(as_definition(name, value) for name, value in introduced(derivation)))
    except Meaningless as error:
        yield str(error)


# --- within a chain -------------------------------------------------------------------------------------------------


def _chain(chain: Chain) -> Iterator[str]:
    yield from _linked(chain.steps, chain.start, chain.result, "line")


def _linked(steps: tuple[Step, ...], start: Node, end: Node, word: str) -> Iterator[str]:
    before = start
    for number, step in enumerate(steps, 1):
        if step.lhs != before:
            yield f"{word} {number} starts from `{write(step.lhs)}`, and the line before it ends in `{write(before)}`"
        yield from (f"{word} {number}: {error}" for error in _step(step))
        before = step.rhs
    if before != end:
        yield f"the details end in `{write(before)}`, and the line in `{write(end)}`"


def _step(step: Step) -> Iterator[str]:
    if step.children:
        yield from _linked(step.children, step.lhs, step.rhs, "detail")
        return
    if step.after is None:
        yield "it does not say what was put in"
        return
    try:
        made = replace_at(step.lhs, step.place, step.after)
    except (IndexError, ShapeError, ValueError):
        yield f"there is no part at {step.place} in `{write(step.lhs)}` that `{write(step.after)}` could replace"
        return
    if made != step.rhs:
        yield f"putting `{write(step.after)}` in gives `{write(made)}`, and the line says `{write(step.rhs)}`"


# --- from the question to the result --------------------------------------------------------------------------------


def _ends(derivation: Derivation) -> Iterator[str]:
    question, result = derivation.question, derivation.result
    if not derivation.blocks:
        if question != result:
            yield "there is no argument between the question and the result"
        return
    last = derivation.blocks[-1]
    if isinstance(last, Cases):
        yield from _from_question(last, question)
        yield from _gathers(last, result)
        return
    if last.result != result:
        yield f"the last chain ends in `{write(last.result)}`, and the result is `{write(result)}`"
    if last.start == question:
        return
    before = derivation.blocks[-2] if len(derivation.blocks) > 1 else None
    if isinstance(before, Cases):
        yield from _from_question(before, question)
        yield from _gathers(before, last.start)
    else:
        yield f"the last chain starts at `{write(last.start)}`, and the question is `{write(question)}`"


def _from_question(cases: Cases, question: Node) -> Iterator[str]:
    for chain in cases.chains:
        if chain.start != question:
            yield f"a case starts at `{write(chain.start)}`, and the question is `{write(question)}`"
        if not chain.given:
            yield "a case does not say when it holds"


def _gathers(cases: Cases, result: Node) -> Iterator[str]:
    """The result must be a choice (`where`) among just what the cases end in."""
    wanted = {form(branch): branch for branch in branches(result)}
    reached = {form(chain.result): chain.result for chain in cases.chains}
    for key, branch in wanted.items():
        if key not in reached:
            yield f"no case ends in `{write(branch)}`, which the result has"
    for key, end in reached.items():
        if key not in wanted:
            yield f"a case ends in `{write(end)}`, which the result does not have"


def branches(node: Node) -> Iterator[Node]:
    """What a nested `where` chooses from."""
    match node:
        case Call(name="where", args=(_, yes, no)):
            yield from branches(yes)
            yield from branches(no)
        case _:
            yield node


# --- use of earlier results -----------------------------------------------------------------------------------------


def _in_code(chain: Chain, code: Code | None) -> bool:
    """A gradient that the code computes is what the chain is for."""
    return code is not None and chain.start in {D(code.loss, variable) for variable in code.variables}


def _read_off(chain: Chain, question: Node, later: _Parts) -> bool:
    """From `d(f) = tr(Gᵀ dX)`, or `d vec f = J d vec X`, the derivative `∂f/∂X` is read off."""
    differentials = [part for part in walk(chain.start) if isinstance(part, Dif)]
    if not differentials:
        return False
    if any(isinstance(part, D) and part.of == of.arg for part in later.of_kind(D) for of in differentials):
        return True
    derivatives = [part for part in walk(question) if isinstance(part, D)]
    return any(contains(d.of, of.arg) or contains(of.arg, d.of) for d in derivatives for of in differentials)


@dataclass
class _Parts:
    """What stands somewhere in a set of formulas."""

    _seen: set[Node] = field(default_factory=set)
    _kinds: dict[type[Node], list[Node]] = field(default_factory=dict)

    def add(self, formula: Node) -> None:
        """Every part of the formula; what was met before is not looked through again."""
        waiting = [formula]
        while waiting:
            node = waiting.pop()
            if node not in self._seen:
                self._seen.add(node)
                self._kinds.setdefault(type(node), []).append(node)
                waiting.extend(node.children)

    def of_kind(self, kind: type[Node]) -> Sequence[Node]:
        return self._kinds.get(kind, ())

    def have(self, wanted: Node) -> bool:
        """Whether it stands there, at whatever values of its free indices."""
        if wanted in self._seen:
            return True
        # without an index of its own, only what is equal reads like it
        return bool(free_indices(wanted)) and any(
            instance(wanted, part) is not None for part in self.of_kind(type(wanted))
        )


def _unused(derivation: Derivation) -> Iterator[str]:
    """Every chain before the last is for something: its start or its name stands in a later one."""
    if derivation.authored:
        return
    blocks = [block.chains if isinstance(block, Cases) else (block,) for block in derivation.blocks]
    later = _Parts()
    errors: list[str] = []
    number = sum(len(block) for block in blocks)
    for position in reversed(range(len(blocks))):
        block = blocks[position]
        if position + 1 < len(blocks):
            # cases gathered by the next chain
            gathered = len(block) > 1 and _gathered_by(block, blocks[position + 1])
            for count, chain in enumerate(reversed(block)):
                if not gathered and not _used(chain, derivation, later):
                    errors.append(
                        f"chain {number - count} is not used: `{write(chain.start)}` does not stand in what follows"
                    )
        number -= len(block)
        for chain in block:
            for formula in _formulas(chain):
                later.add(formula)
    yield from reversed(errors)


def _used(chain: Chain, derivation: Derivation, later: _Parts) -> bool:
    if any(later.have(wanted) for wanted in (chain.start, chain.name) if wanted is not None):
        return True
    # the question itself, at an index of one's choice: an example for the reader
    example = instance(derivation.question, chain.start) is not None
    return example or _read_off(chain, derivation.question, later) or _in_code(chain, derivation.code)


def _gathered_by(block: tuple[Chain, ...], after: tuple[Chain, ...]) -> bool:
    return not list(_gathers(Cases(block), after[0].start))


def _formulas(chain: Chain) -> Iterator[Node]:
    yield chain.start
    waiting = list(chain.steps)
    while waiting:
        step = waiting.pop()
        yield step.lhs
        yield step.rhs
        waiting.extend(step.children)


def instance(pattern: Node, node: Node) -> dict[str, Node] | None:
    """What the free indices of the pattern must be for it to read like the node; None when it cannot."""
    found: dict[str, Node] = {}
    return found if _match(pattern, node, found, frozenset()) else None


def _match(pattern: Node, node: Node, found: dict[str, Node], bound: frozenset[str]) -> bool:
    if isinstance(pattern, Idx) and pattern.name not in bound:
        return not node.shape and found.setdefault(pattern.name, node) == node
    if type(pattern) is not type(node) or len(pattern.children) != len(node.children):
        return False
    if not pattern.children:
        return pattern == node
    inner = bound | {index.name for index in (getattr(pattern, "index", None), getattr(pattern, "row", None),
                                              getattr(pattern, "column", None)) if index is not None}  # fmt: skip
    if not all(_match(p, n, found, inner) for p, n in zip(pattern.children, node.children, strict=True)):
        return False
    # what a node holds beside its children (the name of a function, an axis, a bound index) must agree too
    return pattern.rebuild(node.children) == node

"""Which lines of a derivation are shown, and what is marked on them: struck-out terms, shapes under factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.expr.derivation import Cases, Derivation, Step
from solver.expr.nodes import Add, Div, MatMul, Mul, Neg, Node, Path, places, symbols
from solver.typeset.setting import Mark

BOOKKEEPING = frozenset({
    "definition", "definitions", "two definitions", "definition by signs", "established", "two established",
    "all established", "with the name",
    "like terms", "collect terms", "collect differentials",
    "reorder", "rename the index", "transpose of a product", "constant factor in a differential", "number as a trace",
    "cyclic trace", "trace of a transpose", "trace of a number", "transpose of a number", "fill without ones",
    "common factor of fractions", "factor out", "common denominator", "symmetric",
})  # fmt: skip
"""Reasons of lines that a textbook leaves to the reader: names put in, traces turned round, terms put in order."""


def steps_shown(steps: Sequence[Step], detail: int, names: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """The steps as lines. 0: what need not be told is folded · 1: as they stand · 2: down to single rules.

    `names` are those that chains give to their results: the line that opens them at the end is told, so that the line
    before shows what they were given for.
    """
    if detail >= 2:
        return tuple(leaf for step in steps for leaf in _leaves(step))
    return folded(steps, names) if detail <= 0 else tuple(steps)


def names_given(derivation: Derivation) -> frozenset[str]:
    """The names that the chains of a derivation give to their results, `=: δ`."""
    chains = (c for block in derivation.blocks for c in (block.chains if isinstance(block, Cases) else (block,)))
    return frozenset(name for chain in chains if chain.name is not None for name in symbols(chain.name))


def _leaves(step: Step) -> Iterator[Step]:
    if not step.children:
        yield step
    for child in step.children:
        yield from _leaves(child)


def folded(steps: Sequence[Step], names: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """Each step that need not be told made one line with the step after it; the last ones with the one before.

    A line's reason is that of its step that is to be told, and its facts are those of all of them.
    """
    opening = next((k for k, step in enumerate(steps) if k and _opens(step, names)), None)
    if opening is not None:
        # what tidies the opened line belongs to it
        return (*folded(steps[:opening]), _merged(steps[opening:]))
    runs: list[list[Step]] = []
    for step in steps:
        if runs and all(map(_untold, runs[-1])):
            runs[-1].append(step)
        else:
            runs.append([step])
    if len(runs) > 1 and all(map(_untold, runs[-1])):
        tail = runs.pop()
        runs[-1].extend(tail)
    return tuple(_merged(run) for run in runs)


def _opens(step: Step, names: frozenset[str]) -> bool:
    """Whether the step puts in what given names stand for."""
    return bool(symbols(step.lhs) & names) and not symbols(step.rhs) & names


def _untold(step: Step) -> bool:
    return step.routine or step.reason.rule in BOOKKEEPING


def _merged(run: Sequence[Step]) -> Step:
    if len(run) == 1:
        return run[0]
    telling = next((step for step in run if not _untold(step)), None)
    telling = telling or next((step for step in run if not step.routine), run[-1])
    facts = tuple(dict.fromkeys(fact for step in run for fact in step.facts))
    return Step(run[0].lhs, run[-1].rhs, telling.reason, facts=facts, children=tuple(run), routine=telling.routine)


# --- struck out ---------------------------------------------------------------------------------------------------


def cancelled(step: Step) -> dict[Path, Mark]:
    """The parts of a step's left side that vanish against each other: terms with opposite signs, common factors."""
    marks: dict[Path, Mark] = {}
    for path, node in places(step.lhs):
        match node:
            case Add(args):
                gone = [k for k in _opposite(args) if not _survives(step.rhs, args, k)]
                # of a subtracted term the minus sign stays
                places_ = [(*path, k, 0) if isinstance(args[k], Neg) else (*path, k) for k in gone]
                marks.update(dict.fromkeys(places_, Mark("cancel")))
            case Div() if not _below(path, marks):
                common = _common(node)
                if common and not any(_common(part) == common for _, part in places(step.rhs) if isinstance(part, Div)):
                    marks.update({(*path, *place): Mark("cancel") for place in common})
    return marks


def _below(path: Path, marks: Mapping[Path, Mark]) -> bool:
    return any(path[: len(place)] == place for place in marks)


def _opposite(args: Sequence[Node]) -> list[int]:
    """The numbers of the terms that come in pairs `a` and `-a`."""
    open_: list[int] = []
    found: list[int] = []
    for k, arg in enumerate(args):
        partner = next((m for m in open_ if args[m] == Neg(arg) or arg == Neg(args[m])), None)
        if partner is None:
            open_.append(k)
        else:
            open_.remove(partner)
            found += [partner, k]
    return sorted(found)


def _survives(after: Node, args: Sequence[Node], k: int) -> bool:
    """Whether a sum of the result still holds the pair."""
    term = args[k]
    other = term.arg if isinstance(term, Neg) else Neg(term)
    return any(isinstance(part, Add) and term in part.args and other in part.args for _, part in places(after))


def _common(node: Div) -> tuple[Path, ...]:
    """The places, within a quotient, of the first factor that stands above and below the bar; empty for none."""
    above, below = dict(_factors(node.left, (0,))), dict(_factors(node.right, (1,)))
    for factor, place in above.items():
        if factor in below and not (place == (0,) and below[factor] == (1,)):
            return (place, below[factor])
    return ()


def _factors(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    if isinstance(node, Mul):
        for k, arg in enumerate(node.args):
            yield arg, (*path, k)
    else:
        yield node, path


# --- shapes under factors -----------------------------------------------------------------------------------------


def shape_marks(node: Node) -> dict[Path, Mark]:
    """The shapes under the factors of a long product, where matrix and elementwise products meet or three follow."""
    path: Path = ()
    while isinstance(node, Neg):
        node, path = node.arg, (*path, 0)
    match node:
        case MatMul(args) if len(args) >= 3:
            return {(*path, k): Mark("shape", arg.shape) for k, arg in enumerate(args)}
        case Mul(args) if any(isinstance(arg, MatMul) for arg in args) and sum(bool(arg.shape) for arg in args) > 1:
            marks: dict[Path, Mark] = {}
            for k, arg in enumerate(args):
                if isinstance(arg, MatMul):
                    marks |= {(*path, k, m): Mark("shape", each.shape) for m, each in enumerate(arg.args)}
                elif arg.shape:
                    marks[(*path, k)] = Mark("shape", arg.shape)
            return marks
    return {}

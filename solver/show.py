"""A derivation on the terminal: as text in the problem language, or as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from solver.expr.derivation import Cases, Chain, Derivation, Reason, Step
from solver.expr.nodes import Node
from solver.expr.write import write
from solver.pages import language
from solver.sheets import Answered
from solver.solve import Outcome
from solver.spec.texts import FunctionName, Piece, pieces
from solver.typeset import layout, page
from solver.typeset.latex import latex
from solver.typeset.selection import names_given, steps_shown
from solver.typeset.setting import Context
from solver.typeset.view import Words


def as_text(each: Answered, detail: int) -> str:
    """Every route's derivation, line by line, each with its reason."""
    return "\n\n".join("\n".join(_lines(each, outcome, detail)) for outcome in each.outcomes)


def _lines(each: Answered, outcome: Outcome, detail: int) -> Iterator[str]:
    part, derivation = each.question.part, outcome.derivation
    yield f"{each.file}: part {part.id}, route {outcome.route}: {outcome.verdict}"
    if derivation is None:
        return
    for definition in derivation.definitions:
        yield f"  {write(definition.name)} := {write(definition.value)}"
    said = _saying(each)
    names = names_given(derivation)
    doubted = (
        {line.step for line in outcome.judgement.lines if line.verdict != "verified"} if outcome.judgement else set()
    )
    for chain in _chains(derivation):
        given = " and ".join(write(condition) for condition in chain.given)
        title = "".join(map(_said, said(chain.title))) if chain.title else ""
        heading = " ".join(filter(None, (title, f"({given})" if given else "")))
        yield from ([f"  {heading}:"] if heading else [])
        yield f"  {write(chain.start)}"
        for step in steps_shown(chain.steps, detail, names):
            reason = "".join(map(_said, said(step.reason)))
            mark = "  <- not verified" if step in doubted else ""
            yield f"    = {write(step.rhs)}    [{reason}]{mark}"
        if chain.name is not None:
            yield f"    =: {write(chain.name)}"
    if derivation.code is not None:
        yield from ("", *derivation.code.source.rstrip().splitlines())


def _saying(each: Answered) -> Callable[[Reason], Sequence[Piece]]:
    """How a reason reads in English."""
    problem, part = each.question.problem, each.question.part
    words, parts = language(), {name: name for name in (f"part ({other.id})" for other in problem.parts)}
    return lambda reason: pieces(problem, part, reason.said) if reason.said else page.worded(reason, words, parts)


def _said(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case FunctionName(name=name):
            return name
    return write(piece)


def as_latex(each: Answered, detail: int) -> str:
    """Every route's derivation as `align*` displays, for a document that loads amsmath, mathtools and bm."""
    return "\n\n".join(
        _displays(each, outcome.derivation, detail) for outcome in each.outcomes if outcome.derivation is not None
    )


def _displays(each: Answered, derivation: Derivation, detail: int) -> str:
    context = page.context_of(each.question.problem, [derivation])
    said = _saying(each)
    rows = [f"{_math(d.name, context)} &\\coloneqq {_math(d.value, context)}" for d in derivation.definitions]
    displays = [rows] if rows else []
    for chain in _chains(derivation):
        steps = steps_shown(chain.steps, detail, names_given(derivation))
        displays.append(list(_rows(chain, steps, context, lambda step: Words(tuple(said(step.reason))))))
    body = "\n".join("\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}" for rows in displays)
    return f"% {each.question.problem.name}, part {each.question.part.id}, route {derivation.route}\n{body}"


def _rows(chain: Chain, steps: Sequence[Step], context: Context, reason: Callable[[Step], Words]) -> Iterator[str]:
    left = _math(chain.start, context)
    if not steps:
        yield left
    for step in steps:
        why = layout.prose(reason(step), context).tex
        yield f"{left} &= {_math(step.rhs, context)} && \\text{{{why}}}"
        left = ""


def _math(node: Node, context: Context) -> str:
    return latex(node, context).tex


def _chains(derivation: Derivation) -> Iterator[Chain]:
    for block in derivation.blocks:
        yield from block.chains if isinstance(block, Cases) else (block,)

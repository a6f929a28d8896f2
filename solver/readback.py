"""What is printed is what was checked: every formula of a page is read back from its LaTeX and compared with its node.

The reader shares no code with the writer. Where the node that comes back is not the same, the judge says whether it has
the same value; where it has not, or nothing comes back, the sheet is not built.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from solver.check.judge import equal
from solver.expr.derivation import Cases, Chain, Derivation
from solver.expr.nodes import Call, Cmp, Logic, Node, Sym, free_indices, symbols, walk
from solver.expr.read import Scope
from solver.expr.write import write
from solver.latex import LatexError, read_latex, read_latex_equation
from solver.latex.same import same
from solver.spec.problem import Problem
from solver.spec.scope import scope_of
from solver.typeset.view import CasesView, ChainView, DerivationView, PartView, ProblemView

POINTS = 2
"""Sample points for what comes back as another node: what differs, differs at almost every one."""


class Misprinted(Exception):
    """Formulas that would not be printed as they were checked: a sentence for each."""


@dataclass
class Proofs:
    """The formulas of one problem's pages, as they are written, and what reading them back has found."""

    problem: Problem
    shown: ProblemView
    derivations: Mapping[str, Sequence[Derivation]]
    """By the id of their part."""
    written: dict[tuple[Node, str], None] = field(default_factory=dict)
    read: set[tuple[Node, str]] = field(default_factory=set)

    def hear(self, node: Node, tex: str) -> None:
        self.written[node, tex] = None

    def listening(self) -> ProblemView:
        """The problem's view, whose formulas are heard when they are written."""
        return replace(self.shown, context=replace(self.shown.context, heard=self.hear))

    def differences(self) -> Iterator[str]:
        """A sentence for each formula that is not read back as what it was written from."""
        for node, tex in self.written:
            if (node, tex) not in self.read:
                english = in_english(tex, self.shown.context.words)
                found = difference(self.problem, node, english, self._scope(node), self._origin(node))
                if found:
                    yield f"problem {self.problem.name}, {where(self.shown, node)}: {found}"
                self.read.add((node, tex))

    def _scope(self, node: Node) -> Scope:
        """The names of the problem and of its derivations, and those that stand in the formula."""
        scope = scope_of(self.problem)
        names = {name: Sym(name, shape) for name, shape in self.shown.context.names.items()}
        own = {part.name: part for part in walk(node) if isinstance(part, Sym)}
        free = {index.name: index for index in free_indices(node)}
        known = {name: symbol for name, symbol in names.items() if name not in scope.functions}
        return replace(
            scope, symbols=known | own, indices={**scope.indices, **free}, sizes=scope.sizes | self.shown.context.sizes
        )

    def _origin(self, node: Node) -> Derivation | None:
        """The derivation that the formula belongs to: the first one that knows its names and has it among its lines."""
        every = [derivation for found in self.derivations.values() for derivation in found]
        knowing = [
            each for each in every if symbols(node) <= {*self.problem.symbols, *self.problem.define, *_names(each)}
        ]
        return next((each for each in knowing if node in _lines(each)), knowing[0] if knowing else None)


def in_english(tex: str, words: Mapping[str, str]) -> str:
    """The LaTeX of a formula with the words in it as the reader knows them."""
    english = {said: word for word, said in words.items()}

    def word(found: re.Match[str]) -> str:
        lead, said, tail = found[2], found[3], found[4]
        return f"{found[1]}{{{lead}{english.get(said, said)}{tail}}}"

    return re.sub(r"(\\text|\\mathrm)\{( ?)(.*?)( ?)\}", word, tex)


def read_back(proofs: Iterable[Proofs]) -> None:
    """All that was written since the last time, read back; Misprinted where something is not what was checked."""
    found = [difference for each in proofs for difference in each.differences()]
    if found:
        raise Misprinted("\n".join(found))


def difference(problem: Problem, node: Node, tex: str, scope: Scope, derivation: Derivation | None = None) -> str:
    """What is wrong with the LaTeX of a formula; empty where it reads back as the formula, or as one of its value.

    `derivation` brings the names that it introduced.
    """
    printed = f"`{write(node)}` is printed as {tex}, which"
    try:
        back = _read(node, tex, scope)
    except LatexError as error:
        return f"{printed} cannot be read back: {error}"
    if same(back, node):
        return ""
    variables = derivation.variables if derivation is not None else ()
    for before, after in _sides(node, back):
        found = equal(problem, before, after, derivation=derivation, variables=variables, points=POINTS)
        if found.verdict != "verified":
            return f"{printed} reads `{write(back)}`: {found.message}"
    return ""


def _read(node: Node, tex: str, scope: Scope) -> Node:
    """What the LaTeX says: a value, an equation, or a condition as it stands between brackets."""
    match node:
        case Cmp(op="=="):
            left, right = read_latex_equation(tex, scope)
            if left is None:
                raise LatexError("the left side is missing", 0, len(tex))
            return Cmp(left, right, "==")
        case Cmp() | Logic():
            found = read_latex(rf"\mathbb{{1}}[{tex}]", scope)
            return found.args[0] if isinstance(found, Call) and found.name == "indicator" else found
    return read_latex(tex, scope)


def _sides(node: Node, back: Node) -> Iterator[tuple[Node, Node]]:
    """What the judge is to compare: two values, or the sides of two relations of one kind."""
    match node, back:
        case Cmp(left, right, op), Cmp(other_left, other_right, other) if op == other:
            yield from ((left, other_left), (right, other_right))
        case ((Cmp() | Logic()), _):
            yield Call("indicator", (node,)), Call("indicator", (back,))
        case _:
            yield node, back


def _chains(derivation: Derivation) -> Iterator[Chain]:
    for block in derivation.blocks:
        yield from block.chains if isinstance(block, Cases) else (block,)


def _names(derivation: Derivation) -> Iterator[str]:
    """The names that a derivation introduces: its definitions', and those given to results."""
    given = (*(each.name for each in derivation.definitions), *(chain.name for chain in _chains(derivation)))
    yield from (each.name for each in given if isinstance(each, Sym))


def _lines(derivation: Derivation) -> set[Node]:
    sides = {side for chain in _chains(derivation) for step in chain.steps for side in (step.lhs, step.rhs)}
    return sides | {derivation.question, derivation.result}


# --- where a formula stands ---------------------------------------------------------------------------------------


def where(problem: ProblemView, node: Node) -> str:
    """The place of a formula on the page, in words: its part and line; "its text" where it stands among words."""
    for name, value, _ in problem.setting.definitions:
        if node in (name, value):
            return "the definitions"
    for part in problem.parts:
        for derivation in part.derivations:
            for line, nodes in _numbered(derivation):
                if node in nodes:
                    return f"part {part.id}, {line}"
        if node in _spoken(part):
            return f"part {part.id}, its text"
    return "its text"


def _numbered(derivation: DerivationView) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """Each line, or the answer, with its formulas."""
    for block in derivation.blocks:
        chains: tuple[ChainView, ...] = block.chains if isinstance(block, CasesView) else (block,)
        for chain in chains:
            yield "the conditions", chain.given
            for line in chain.lines:
                formulas = (line.lhs, line.rhs, line.name, *line.reason.pieces)
                number = f"line {line.number}" if line.number is not None else "the names"
                yield number, tuple(each for each in formulas if isinstance(each, Node))
    if derivation.answer is not None:
        sides = (derivation.answer.lhs, *derivation.answer.sides)
        yield "the answer", tuple(side for side in sides if side is not None)


def _spoken(part: PartView) -> set[Node]:
    """The formulas of a part outside its derivations."""
    texts = (part.ask, part.intro, part.hint, part.remark, part.closing, *(figure.caption for figure in part.figures))
    found = {piece for text in texts for piece in text.pieces if isinstance(piece, Node)}
    return found | {column.formula for column in (part.table.columns if part.table else ()) if column.formula}

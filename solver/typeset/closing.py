"""What a part has found beyond what its frame shows, in a sentence made from its ask and its result.

    closings(problem, worked, language, parts) -> {part: Words}     empty where there is nothing to say

A sentence that says the same of every part (a gradient has the shape of its variable, both ways agree) stands once in
a problem. The sentences are the catalogue's; braces name what is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter

from solver.expr.derivation import Derivation
from solver.expr.nodes import Add, Dif, Div, Idx, Neg, Node, Sym, add, contains, from_size, symbols
from solver.expr.shapes import Shape, is_column, is_row, is_single
from solver.expr.write import write
from solver.language.catalogue import Catalogue
from solver.spec.problem import (
    Ask,
    Count,
    Derivative,
    Differential,
    Gradient,
    Hessian,
    Jacobian,
    Part,
    Problem,
    Prove,
    Steps,
)
from solver.spec.texts import Piece
from solver.typeset.view import Words

Captures = Mapping[str, Sequence[Piece]]

BRIEF = 16
"""The longest side of a difference, in letters, that is named in a sentence."""

_ALWAYS = frozenset(("same", "every", "simplify", "prove", "count"))
"""The sentences that say something else of every part; the others stand once in a problem."""


def closings(
    problem: Problem, worked: Mapping[str, Sequence[Derivation]], language: Catalogue, parts: Mapping[str, str]
) -> Mapping[str, Words]:
    """The sentences that end the parts of a problem; `parts` says how a sentence calls each part."""
    told: set[str] = set()
    before: dict[tuple[Node, Node], tuple[Node, str]] = {}
    found: dict[str, Words] = {}
    for part in problem.parts:
        derivations = worked.get(part.id, ())
        result = derivations[-1].result if derivations else None
        pieces: list[Piece] = []
        for name, captures in _worth_saying(part, result, problem, before, language, parts):
            if name in _ALWAYS or name not in told:
                told.add(name)
                _say(pieces, filled(language.found[name], captures))
                break
        if part.indices and derivations and not isinstance(part.ask, Prove):
            _say(pieces, filled(language.found["every"], {"indices": _listed(part.indices, language)}))
        agree = {2: "both agree"}.get(routes := len({each.route for each in derivations}), "agree")
        if routes > 1 and agree not in told:
            told.add(agree)
            _say(pieces, [language.found[agree]])
        if isinstance(part.ask, Gradient) and result is not None:
            before.setdefault((part.ask.of, result), (part.ask.wrt, part.id))
        found[part.id] = Words(tuple(pieces))
    return found


def _say(pieces: list[Piece], sentence: Sequence[Piece]) -> None:
    pieces += [" "] * bool(pieces) + [*sentence, "."]


def _worth_saying(
    part: Part, result: Node | None, problem: Problem, before: Mapping[tuple[Node, Node], tuple[Node, str]],
    language: Catalogue, parts: Mapping[str, str],
) -> Iterator[tuple[str, Captures]]:  # fmt: skip
    """The names of what could be said and what fills them, what tells most first."""
    if result is not None:
        match part.ask:
            case Gradient(of, wrt) if (of, result) in before:
                other, id = before[of, result]
                yield "same", {"wrt": [wrt], "before": [other], "part": [parts[id]]}
            case Gradient(of, wrt) | Derivative(of, wrt, 1) if _still(result, wrt, problem):
                yield "still", {"of": [of], "wrt": [wrt]}
        if isinstance(part.ask, Gradient) and (sides := _difference(result)) is not None:
            yield "zero where", {"left": [sides[0]], "right": [sides[1]]}
    yield from _of_its_kind(part.ask, result, part.indices, language)


def _of_its_kind(
    ask: Ask, result: Node | None, indices: Sequence[Idx], language: Catalogue
) -> Iterator[tuple[str, Captures]]:
    """What holds of every answer to such an ask."""
    match ask:
        case Gradient(_, wrt) if not is_single(wrt.shape):
            yield "gradient", {"wrt": [wrt], "kind": _kind(wrt.shape, language)}
        case Jacobian(of, wrt) if result is not None and not (is_single(of.shape) or is_single(wrt.shape)):
            yield "Jacobian", {"of": [of], "wrt": [wrt], "kind": _kind(result.shape, language)}
        case Hessian(_, (first, second)) if first == second:
            yield "Hessian", {"wrt": [first]}
        case Hessian(of, (first, second)):
            yield "mixed Hessian", {"of": [of], "wrt": [first], "by": [second]}
        case Derivative(of, _, 1) if result is not None and contains(result, of) and not isinstance(of, Sym):
            yield "derivative in itself", {"of": [of]}
        case Differential(of, wrt):
            yield "differential", {"of": [of], "wrt": _listed([Dif(each) for each in wrt], language)}
        case Prove(lhs, rhs):
            every = filled(language.found["for every"], {"indices": _listed(indices, language)}) if indices else []
            yield "prove", {"lhs": [lhs], "rhs": [rhs], "every": every}
        case Count() if result is not None:
            yield "count", {"result": [result]}
        case Steps():
            yield "steps", {}


def _still(result: Node, wrt: Node, problem: Problem) -> bool:
    """Whether the result does not move with the variable, through no definition: every name in it is declared."""
    names, moving, seen = set(symbols(result)), symbols(wrt), set[str]()
    while names:
        name = names.pop()
        if name in moving or (name not in problem.define and name not in problem.symbols):
            return False
        seen.add(name)
        names |= (symbols(problem.define[name]) if name in problem.define else set()) - seen
    return True


def _difference(result: Node) -> tuple[Node, Node] | None:
    """`(a, b)` where the result is `a - b`, or that over a number, both of one shape, short, and of names."""
    if isinstance(result, Div) and is_single(result.right.shape):
        result = result.left
    match result:
        case Add((left, Neg(right))) | Add((Neg(right), left)):
            sides = (left, right)
        case _:
            return None
    fits = left.shape == right.shape == add(left, Neg(right)).shape
    return sides if fits and all(symbols(side) and len(write(side)) <= BRIEF for side in sides) else None


def _kind(shape: Shape, language: Catalogue) -> list[Piece]:
    """`a matrix of shape H × D`, a row, a column."""
    name = "row" if is_row(shape) else "column" if is_column(shape) else "matrix"
    sizes: list[Piece] = []
    for size in shape:
        sizes += ["\u00a0×\u00a0", from_size(size)] if sizes else [from_size(size)]
    return filled(language.found[name], {"shape": sizes})


def _listed(nodes: Sequence[Node | Idx], language: Catalogue) -> list[Piece]:
    """`a`, `a and b`, `a, b and c`."""
    pieces: list[Piece] = []
    for k, node in enumerate(nodes):
        if k:
            pieces.append(language.found["and"] if k == len(nodes) - 1 else ", ")
        pieces.append(node)
    return pieces


def filled(template: str, captures: Captures) -> list[Piece]:
    """The template's words with what fills its braces."""
    pieces: list[Piece] = []
    for text, name, _, _ in Formatter().parse(template):
        if text:
            pieces.append(text)
        if name is not None:
            pieces += captures[name]
    return pieces

"""What a part has found, in a sentence made from its ask and its result.

    closing(part, derivations, language) -> Words     empty where there is nothing to say

The sentences are the catalogue's; braces name what is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

from solver.expr.derivation import Derivation
from solver.expr.nodes import Dif, Idx, Node, contains, from_size
from solver.expr.shapes import Shape, is_column, is_row, is_single
from solver.language.catalogue import Catalogue
from solver.spec.problem import (
    Count,
    Derivative,
    Differential,
    Discuss,
    Gradient,
    Hessian,
    Implement,
    Jacobian,
    Part,
    Prove,
    Shapes,
    Simplify,
    Steps,
)
from solver.spec.texts import Piece
from solver.typeset.view import Words

Captures = Mapping[str, Sequence[Piece]]


def closing(part: Part, derivations: Sequence[Derivation], language: Catalogue) -> Words:
    """The sentence that ends a part; where several routes were taken, that they agree."""
    result = derivations[-1].result if derivations else None
    name, captures = _found(part, result, language)
    if not name:
        return Words()
    pieces = filled(language.found[name], captures)
    if part.indices and name in _ENTRYWISE:
        pieces += filled(language.found["every"], {"indices": _listed(part.indices, language)})
    pieces.append(".")
    if len({each.route for each in derivations}) > 1:
        pieces.append(" " + language.found["agree"])
    return Words(tuple(pieces))


_ENTRYWISE = frozenset(("derivative", "derivative in itself", "simplify", "prove", "second derivative"))
"""The sentences about an entry, which end with the indices that it holds for."""


def _found(part: Part, result: Node | None, language: Catalogue) -> tuple[str, Captures]:
    """The name of the sentence, and what fills it."""
    match part.ask:
        case Gradient(of, wrt) if is_single(wrt.shape):
            return "derivative", {"of": [of], "wrt": [wrt]}
        case Gradient(of, wrt):
            return "gradient", {"of": [of], "wrt": [wrt], "kind": _kind(wrt.shape, language)}
        case Jacobian(of, wrt) if is_single(of.shape) and is_single(wrt.shape):
            return "derivative", {"of": [of], "wrt": [wrt]}
        case Jacobian(of, wrt):
            kind = _kind(result.shape, language) if result is not None else []
            return "Jacobian", {"of": [of], "wrt": [wrt], "kind": kind}
        case Hessian(of, (first, second)) if first == second:
            return "Hessian", {"of": [of], "wrt": [first]}
        case Hessian(of, (first, second)):
            return "mixed Hessian", {"of": [of], "wrt": [first], "by": [second]}
        case Derivative(of, wrt, 1):
            itself = result is not None and contains(result, of)
            return "derivative in itself" if itself else "derivative", {"of": [of], "wrt": [wrt]}
        case Derivative(of, wrt, 2):
            return "second derivative", {"of": [of], "wrt": [wrt]}
        case Derivative(of, wrt, order):
            return "higher derivative", {"of": [of], "wrt": [wrt], "order": [str(order)]}
        case Differential(of, wrt):
            return "differential", {"of": [of], "wrt": _listed([Dif(each) for each in wrt], language)}
        case Simplify(expression):
            return "simplify", {"of": [expression]}
        case Prove(lhs, rhs):
            return "prove", {"lhs": [lhs], "rhs": [rhs]}
        case Count():
            return ("count", {"result": [result]}) if result is not None else ("", {})
        case Shapes():
            return "shapes", {}
        case Steps():
            return "steps", {}
        case Implement(of, wrt):
            return "implement", {"of": [of], "wrt": _listed(wrt, language)}
        case Discuss():
            # the author's remark says what the numbers show
            return "", {}


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

"""Random formulas of which the page shows everything, for reading back what the writer writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from strategies import SCOPES

from solver.expr.derivation import Derivation
from solver.expr.functions import axis_by_layout
from solver.expr.nodes import (
    At,
    Big,
    Call,
    Cmp,
    Idx,
    Node,
    Table,
    walk,
)
from solver.expr.shapes import SCALAR, is_single
from solver.spec.problem import Problem, Symbol
from solver.typeset.latex import Context

Layout = Literal["row", "column"]


def context(layout: Layout) -> Context:
    scope = SCOPES[layout]
    shapes = {name: symbol.shape for name, symbol in scope.symbols.items()} | dict.fromkeys(scope.functions, SCALAR)
    return Context(layout, shapes, scope.sizes, frozenset(scope.indices))


def problem(layout: Layout) -> Problem:
    """A problem with the names of the random formulas."""
    scope = SCOPES[layout]
    symbols = {name: Symbol(name, symbol.shape) for name, symbol in scope.symbols.items()}
    symbols |= {name: Symbol(name, function="elementwise") for name in scope.functions}
    indices = {name: index.range for name, index in scope.indices.items()}
    return Problem(Path("random.yaml"), "random", "Random formulas", layout, symbols, {}, indices, ())


def varying(layout: Layout) -> Derivation:
    """What the differentials of random formulas are taken in: every symbol."""
    symbols = tuple(SCOPES[layout].symbols.values())
    return Derivation(symbols[0], symbols[0], "", (), variables=symbols)


def hidden(node: Node, layout: Layout) -> Iterator[str]:
    """What the LaTeX of the formula does not show, so that no reader can know it: a reason each."""
    for part in walk(node):
        match part:
            case Call("basis"):
                yield "the length of a basis vector"
            case Call("outer" | "softmax" | "log_softmax", args) if any(is_single(arg.shape) for arg in args):
                yield "whether a single entry is a vector"
            case Call("diag" | "softmax" | "log_softmax" | "logsumexp" as name, args, axis):
                wanted = axis_by_layout(part.function, [arg.shape for arg in args])
                if wanted and axis != (1 if layout == "row" else 0):
                    yield f"the axis of {name}"
            case Table(body, row, column) if not _counted(body, row) or not _counted(body, column):
                yield "how long a matrix of dots is whose entries are all alike"
            case Call("sum" | "prod" | "max" | "min", (arg,)) if not _spread(arg):
                yield "how far the index of a sum of constants runs"
            case Big(_, body, index, Cmp(left)) if left == index and not _indexed(body, index):
                yield "how far an index runs that only its condition names"


def _counted(body: Node, index: Idx) -> bool:
    return index.range.number == 1 or _indexed(body, index)


def _indexed(body: Node, index: Idx) -> bool:
    """Whether the index picks entries of an array of its own length."""
    for part in walk(body):
        if isinstance(part, At) and index in part.at:
            lengths = part.arg.shape if len(part.at) == 2 else (part.arg.shape[0] * part.arg.shape[1],)
            if lengths[part.at.index(index)] == index.range:
                return True
    return False


def _spread(arg: Node) -> bool:
    """Whether the entries of an array name it, so that its size can be seen."""
    if not arg.shape or is_single(arg.shape):
        return True
    return not any(isinstance(part, Call) and part.name in ("ones", "zeros") for part in walk(arg))

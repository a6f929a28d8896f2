r"""A reader of mathematical LaTeX, as people who derive neural networks write it: from a formula to a node.

    read_latex(text, scope)            one value
    read_latex_equation(text, scope)   `lhs = rhs`; `= rhs` has no left side
    read_latex_lines(text, scope)      the lines of an `align`, chains `a = b = c` taken apart

The letters are those of the scope, whatever their font: `\bm W_1`, `\mathbf{W}_{1}` and `W^{(1)}` are all `W1`.
What is side by side is multiplied as the shapes say; where they do not fit, or where a formula can be read in two ways,
there is an error that points at the place. Nothing is expanded or executed, and time and memory are bounded.

`define` gives the values of defined names, for what people write with them: `CE(\bm y, \hat{\bm y})`,
`\frac{\partial J}{\partial (\bm h \bm W_2 + \bm b_2)}`. Nothing is shared with
the writer of formulas, which this checks.
"""

from __future__ import annotations

from collections.abc import Mapping

from solver.expr.nodes import Idx, Node
from solver.expr.read import Scope
from solver.latex.atoms import Items, span_of
from solver.latex.errors import LatexError, Span
from solver.latex.lines import Equations, LatexLine, read_lines, rows_of, segments_of

__all__ = [
    "LatexError",
    "LatexLine",
    "read_latex",
    "read_latex_equation",
    "read_latex_lines",
    "read_latex_open",
]


def read_latex(text: str, scope: Scope, define: Mapping[str, Node] | None = None) -> Node:
    """The value that a formula stands for; LatexError where it is none, a name is undeclared or shapes do not fit."""
    return _value(text, Equations(scope, define or {}))[0]


def read_latex_open(text: str, scope: Scope, define: Mapping[str, Node] | None = None) -> tuple[Node, tuple[Idx, ...]]:
    """The value, and the free indices that it introduces: undeclared letters that stand as indices of an array."""
    return _value(text, Equations(scope, define or {}, introduce=True))


def read_latex_equation(text: str, scope: Scope, define: Mapping[str, Node] | None = None) -> tuple[Node | None, Node]:
    """Both sides of an equation; the left one is None for `= rhs`."""
    chains = _chains(text)
    if len(chains) > 1 or len(chains[0]) > 2:
        raise LatexError("more than one equals sign", 0, len(text), "write one equation a line")
    if len(chains[0]) == 1:
        raise LatexError("an equation is wanted, and there is no equals sign", 0, len(text))
    sides = Equations(scope, define or {}).equation([side for side in chains[0] if side], Span(0, len(text)))
    return (sides[0], sides[1]) if len(sides) == 2 else (None, sides[0])


def read_latex_lines(text: str, scope: Scope, define: Mapping[str, Node] | None = None) -> list[LatexLine]:
    """The lines of a derivation; LatexError only where the text as a whole cannot be taken apart."""
    return read_lines(Equations(scope, define or {}), text)


def _value(text: str, equations: Equations) -> tuple[Node, tuple[Idx, ...]]:
    chains = _chains(text)
    if len(chains) > 1 or len(chains[0]) > 1:
        raise LatexError("an equation, where one value is wanted", 0, len(text), "write its right side alone")
    items = chains[0][0]
    return equations.value(items, span_of(items, Span(0, len(text))))


def _chains(text: str) -> list[list[Items]]:
    rows = rows_of(text)
    if len(rows) != 1:
        message = (
            "several lines, where one formula is wanted" if rows else "nothing stands here, and a formula is wanted"
        )
        raise LatexError(message, 0, len(text))
    return segments_of(rows[0])

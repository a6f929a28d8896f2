r"""Functions of the table: most are `head(arguments)`; those with a form of their own are one case each."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from solver.expr.nodes import At, Big, Call, Cmp, Node, Num, Sym
from solver.expr.shapes import is_single, is_vector
from solver.expr.sizes import ONE
from solver.typeset.box import Box, Chunk, Level, atom, fence, row, sign, subscript, superscript
from solver.typeset.calculus import matrix_of, reduction
from solver.typeset.forms import Bold, Form, Root, Script, Token, Word, beside, grid, joined, lowered
from solver.typeset.names import width
from solver.typeset.setting import Context, Setting
from solver.typeset.wraps import applied, named, part, separated, size_form

SQUARED = frozenset(("sin", "cos", "tan", "sinh", "cosh", "tanh"))
"""Functions whose whole powers are written `\\tanh^{2}(x)`."""

INDEXED = frozenset((
    "softmax", "log_softmax", "sigmoid", "relu", "leaky_relu", "elu", "softplus", "swish", "gelu", "tanh",
    "diag", "vec",
))  # fmt: skip
"""Functions of one argument whose entries are written `f(x)_i`; entries of others stand in brackets."""

_ONE = Word("1", "mathbb")
_UPRIGHT = frozenset(
    ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "log", "max", "min", "det")
)

EXPONENT_WIDTH = 5.5
"""The widest argument, in em of the text, that `exp` takes as an exponent."""


def call(node: Call, s: Setting) -> Box:
    """A function of the table applied to its arguments."""
    match node.name:
        case "exp":
            return _exponential(node, s)
        case "log" | "log_sigmoid" | "log_softmax" | "logdet":
            return _logarithm(node, s)
        case "sqrt":
            inner = part(node, 0, s)
            return Box((Chunk(Root(inner.form), inner.width + 0.9),), Level.ATOM, inner.height + 0.1)
        case "abs":
            return fence(part(node, 0, s), r"\lvert", light=True)
        case "norm" | "norm1":
            return _norm(node, s)
        case "dot":
            return replace(
                fence(separated([part(node, 0, s), part(node, 1, s)]), r"\langle", light=True), scripted=True
            )
        case "indicator":
            inside = fence(part(node, 0, s), "[", light=True)
            return replace(row([sign(_ONE, 0.6), inside], Level.ATOM), scripted=True)
        case "where":
            return _cases(node, s)
        case "delta":
            return _delta(node, s)
        case "inv":
            return superscript(part(node, 0, s), sign(beside("-", "1"), 1.2))
        case "pinv":
            return superscript(part(node, 0, s), sign("+", 0.8))
        case "matrix_power":
            return superscript(part(node, 0, s), part(node, 1, s.styled("script")))
        case "kron":
            left, right = part(node, 0, s, Level.SCRIPT), part(node, 1, s, Level.SCRIPT)
            return row([left, row([sign(r" \otimes ", 1.22), right], Level.ATOM).before(4)], Level.SLASH)
        case "hstack":
            return matrix_of([[part(node, k, s.styled("cell")) for k in range(len(node.args))]])
        case "vstack":
            return matrix_of([[part(node, k, s.styled("cell"))] for k in range(len(node.args))])
        case "eye" | "ones" | "zeros" | "basis" | "commutation":
            return _made(node, s)
        case "sum" | "prod" | "max" | "min":
            return reduction(node, s)
        case "logsumexp" if is_vector(node.args[0].shape) and not axis_said(node, s.context):
            return _logarithm(log_of_sum(node), s)
    head = _head(s.context.function(node.name), node, s)
    return applied(head, head_width(head.tex), [part(node, k, s) for k in range(len(node.args))])


def log_of_sum(node: Call) -> Call:
    r"""`\log \sum_i e^{x_i}`, which says more than the name of the function."""
    return Call("log", (Call("sum", (Call("exp", node.args),)),))


def head_width(head: str) -> float:
    r"""About how wide an upright function name is, in em: `\operatorname{diag}`, `\tanh`."""
    if head.startswith(r"\operatorname"):
        return 0.55 * len(head.split("{", 1)[1].split("}")[0])
    return 0.5 * (len(head) - 1) if head[1:] in _UPRIGHT else width(head)


def _head(function: Form, node: Call, s: Setting) -> Form:
    r"""The function's sign, `_{\mathrm{rows}}` below where the axis has to be said."""
    axis = axis_said(node, s.context)
    return lowered(function, Word(s.context.word(axis))) if axis else function


def axis_said(node: Call, context: Context) -> Literal["rows", "columns", "all", ""]:
    """What a function goes along, where that is not what the layout says; empty where nothing has to be said."""
    if not node.function.takes_axis or not node.args[0].shape:
        return ""
    if node.axis is None:
        # without a word, each sample is meant
        family = node.name in ("softmax", "log_softmax", "logsumexp")
        return "all" if family and not is_vector(node.args[0].shape) else ""
    if is_vector(node.args[0].shape):
        along_vector = 1 if node.args[0].shape[0] == ONE else 0
        usual = node.axis == along_vector
    else:
        usual = node.function.kind == "along" and node.axis == (1 if context.layout == "row" else 0)
    return "" if usual else "rows" if node.axis == 1 else "columns"


def _exponential(node: Call, s: Setting) -> Box:
    exponent = part(node, 0, s.styled("script"))
    short = exponent.width <= EXPONENT_WIDTH and exponent.height <= 1.3 and s.context.free("e")
    nested = s.style == "script" and "^" in exponent.tex
    if short and not nested:
        return superscript(atom("e", 0.45), exponent)
    return applied(Token(r"\exp"), 1.7, [part(node, 0, s)])


def _logarithm(node: Call, s: Setting) -> Box:
    r"""`\log x`: parentheses are left out before a single name, entry, fraction, function in parentheses, or sum."""
    argument: Box
    match node.name:
        case "log_sigmoid" | "log_softmax":
            inner = s.context.function(node.name.removeprefix("log_"))
            argument = applied(_head(inner, node, s), head_width(inner.tex), [part(node, 0, s)])
        case "logdet":
            determinant = row([sign(r"\det ", 1.8), part(node, 0, s, Level.ATOM)], Level.ATOM)
            argument = fence(determinant, r"\lvert", light=True)
        case _:
            argument = part(node, 0, s)
            if not _bare(node.args[0], argument):
                return applied(Token(r"\log"), 1.6, [argument])
    glue = sign(r"\log ", 1.75)
    return row([glue, argument], Level.PRODUCT, open=True)


def _bare(argument: Node, box: Box) -> bool:
    """Whether the argument stands after `\\log` without parentheses."""
    if isinstance(argument, Big) or (isinstance(argument, Call) and argument.name in ("sum", "prod") and box.open):
        return True
    if box.level < Level.ATOM or box.tex.startswith((r"\left", r"\big", r"\Big", "(", "[")):
        return False
    return isinstance(argument, (Sym, At, Num, Call)) or box.tex.startswith((r"\frac", r"\dfrac"))


def _norm(node: Call, s: Setting) -> Box:
    fenced = fence(part(node, 0, s), r"\lVert", light=True)
    vector = not node.args[0].shape or is_vector(node.args[0].shape)
    if node.name == "norm1":
        return subscript(fenced, [sign("1" if vector else beside("1", ",", "1"), 0.5)])
    return subscript(fenced, [sign("2" if vector else Word("F"), 0.5)])


def _cases(node: Call, s: Setting) -> Box:
    """`where(c, a, where(d, b, e))`: a brace with a row a condition; the last row is what remains."""
    rows: list[tuple[Box, Box | None]] = []
    at, here = node, s.styled("cell")
    while True:
        condition, value = part(at, 0, here), part(at, 1, here)
        rows.append((value, condition))
        otherwise = at.args[2]
        if isinstance(otherwise, Call) and otherwise.name == "where" and here.child(2).path not in s.marks:
            at, here = otherwise, here.child(2)
            continue
        rows.append((part(at, 2, here), _contrary(at, here) if len(rows) == 1 else None))
        break
    lines = [
        (
            value.form,
            Word(s.context.word("otherwise"), "text")
            if condition is None
            else beside(Word(s.context.word("if") + " ", "text"), " ", condition.form),
        )
        for value, condition in rows
    ]
    breadth = max(v.width for v, _ in rows) + max((c.width if c else 3.5) for _, c in rows) + 3.0
    height = sum(max(v.height, 1.35) for v, _ in rows)
    return Box((Chunk(grid(lines, "cases"), breadth),), Level.ATOM, height, open=True)


def _contrary(node: Call, s: Setting) -> Box | None:
    r"""The condition of the second row, where it is short to say: `i \neq j` beside `i = j`."""
    match node.args[0]:
        case Cmp(left, right, "==" | "!=" as op) if not left.shape and not right.shape:
            return s.hidden().box(Cmp(left, right, "!=" if op == "==" else "=="))
    return None


def _delta(node: Call, s: Setting) -> Box:
    r"""`\delta_{ij}`; an indicator where the letter is taken."""
    if not s.context.free(r"\delta"):
        inside = row([part(node, 0, s), sign(" = ", 1.3), part(node, 1, s)], Level.RELATION)
        return replace(row([sign(_ONE, 0.6), fence(inside, "[", light=True)], Level.ATOM), scripted=True)
    below = [part(node, k, s.styled("script")) for k in range(2)]
    plain = all(len(box.tex) == 1 for box in below)
    return subscript(atom(r"\delta", 0.45), below, "" if plain else ",")


def _made(node: Call, s: Setting) -> Box:
    r"""`\bm{I}_{n}`, `\mathbf{1}_{n}` (a column) and `\mathbf{1}_{m \times n}`, `\bm{e}_{i}`, `\bm{K}_{m,n}`."""
    sizes = [arg.size for arg in node.args]
    written = [size_form(size) for size in sizes if size is not None]
    head: Form
    match node.name:
        case "eye":
            head, below = (Bold(Token("I")) if s.context.free("I") else Word("Id", "mathbf")), written[0]
        case "basis":
            head = Bold(Token("e")) if s.context.free("e") else Word("e", "mathbf")
            below = part(node, 0, s.styled("script")).form
            if node.axis != (1 if s.context.layout == "row" else 0):
                return superscript(named(Script(head, below)), sign(r"\top", 0.75))
        case "commutation":
            head = Bold(Token("K")) if s.context.free("K") else Word("K", "mathbf")
            below = joined(written, ",")
        case _:
            head = Word("1" if node.name == "ones" else "0", "mathbf")
            column = node.shape[1:] == (ONE,) and not is_single(node.shape)
            below = (
                written[0]
                if column
                else joined((size_form(size, within=True) for size in sizes if size is not None), r" \times ")
            )
    return named(Script(head, below))

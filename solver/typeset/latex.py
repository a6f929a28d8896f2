r"""Nodes to LaTeX, in the letter forms of the field. The conventions are written down in `docs/latex.md`.

    latex(node, context)                 one formula
    lines(node, context, first, rest)    the same, broken so that no line is wider than `first`, then `rest` (em)
    measure(node, context)               its estimated width, em

What is printed can be read back: parentheses are left out only where the conventions say what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Path,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
    free_indices,
    walk,
)
from solver.expr.shapes import Shape, is_single
from solver.typeset import calculus, calls, products
from solver.typeset.box import Box, Chunk, Level, atom, break_lines, fence, fraction, row, sign, subscript, superscript
from solver.typeset.forms import Form, Primed, Script, Token, Word, beside, joined
from solver.typeset.names import is_bold, letter, width
from solver.typeset.setting import Context, Mark, Setting, Style
from solver.typeset.tex import Math
from solver.typeset.wraps import applied, marked, named, part, shape_form

__all__ = ["Context", "Mark", "Setting", "box", "latex", "lines", "measure", "shape_math"]

SUM_BREAK = 0
"""The price of ending a line before a term of a sum; see `products` for factors."""


def latex(node: Node, context: Context, *, style: Style = "display", marks: Mapping[Path, Mark] | None = None) -> Math:
    """The node as one formula."""
    return Math(written(node, context, style=style, marks=marks).tex)


def written(
    node: Node, context: Context, *, style: Style = "display", marks: Mapping[Path, Mark] | None = None
) -> Form:
    """What the node looks like: the form that every target prints."""
    made = _box(node, context, style, marks).form
    context.hear(node, made)
    return made


def boxed(node: Node, context: Context, style: Style = "display", marks: Mapping[Path, Mark] | None = None) -> Box:
    """The same with how wide it is and where it may be broken."""
    made = _box(node, context, style, marks)
    context.hear(node, made.form)
    return made


WIDEST_SMALL = 2.6
"""The widest fraction, in em, that is written small above or below another bar."""
WIDEST_FRACTION = 30.0
"""The longest fraction bar, in em: what is longer is written with a slash, and can be broken."""


def lines(
    node: Node, context: Context, first: float, rest: float, *, marks: Mapping[Path, Mark] | None = None
) -> list[Math]:
    """The node as lines of a display, no wider than `first` and then `rest`, broken before operators."""
    return [Math(line.tex) for line in broken(node, context, first, rest, marks=marks)]


def broken(
    node: Node, context: Context, first: float, rest: float, *, marks: Mapping[Path, Mark] | None = None
) -> list[Form]:
    """The same lines as forms."""
    made = [line.form for line in break_lines(_box(node, context, "display", marks), first, rest)]
    context.hear(node, *made)
    return made


def overhang(
    node: Node, context: Context, first: float, rest: float, *, marks: Mapping[Path, Mark] | None = None
) -> float:
    """By how many em the widest of the formula's lines stands out, for what no line break makes narrower."""
    made = break_lines(_box(node, context, "display", marks), first, rest)
    return max(line.width - (rest if k else first) for k, line in enumerate(made))


def last_line(
    node: Node, context: Context, first: float, rest: float, *, marks: Mapping[Path, Mark] | None = None
) -> float:
    """How much room is left on the last of the formula's lines."""
    made = break_lines(_box(node, context, "display", marks), first, rest)
    return (rest if len(made) > 1 else first) - made[-1].width


def measure(node: Node, context: Context, style: Style = "display", marks: Mapping[Path, Mark] | None = None) -> float:
    """About how wide the formula is, in em."""
    return _box(node, context, style, marks).width


def shape_math(shape: Shape) -> Math:
    r"""A shape as `1\times D_x`; empty for a scalar."""
    return Math(shape_form(shape).tex)


def _box(node: Node, context: Context, style: Style, marks: Mapping[Path, Mark] | None) -> Box:
    key = (node, style, frozenset((marks or {}).items()))
    if key not in context.boxes:
        # an index that the printer makes up must be none of the formula's own
        own = frozenset(index.name for index in free_indices(node))
        setting = Setting(context, box, style, marks or {}, bound=own)
        context.boxes[key] = marked(box(node, setting), node, setting)
    return context.boxes[key]


def box(node: Node, s: Setting) -> Box:
    """The node as a box, without a mark that may lie on it."""
    match node:
        case Num(value):
            return number(value)
        case Const(name):
            return _name(name, (), s)
        case Sym(name, shape):
            return _name(name, shape, s)
        case SizeSym(name):
            return named(letter(name, split=True).form(False))
        case Idx(name=name):
            return _name(name, (), s)
        case Add():
            return _sum(node, s)
        case Neg():
            inner = part(node, 0, s, Level.SLASH)
            return row([sign("-", 0.8), inner], Level.NEGATIVE, open=inner.open)
        case Mul():
            return products.elementwise(node, s)
        case MatMul():
            return products.matrix(node, s)
        case Div():
            return _quotient(node, s)
        case Pow():
            return _power(node, s)
        case Transpose():
            return superscript(part(node, 0, s), sign(r"\top", 0.75))
        case At():
            return _entry(node, s)
        case Big():
            return calculus.big(node, s)
        case Table():
            return calculus.table(node, s)
        case Cmp():
            return _comparison(node, s)
        case Logic():
            return _logic(node, s)
        case Call():
            return calls.call(node, s)
        case Apply(name, _, order):
            head = Primed(letter(name).form(False), order)
            return applied(head, width(head.tex), [part(node, 0, s)])
        case D():
            return calculus.derivative(node, s)
        case Dif():
            return calculus.differential(node, s)
    raise TypeError(f"no letter form for {type(node).__name__}")


def number(value: Fraction) -> Box:
    r"""A decimal; very small and very large ones as `1.5 \times 10^{-8}`."""
    value, exponent = scaled(value)
    digits = decimal(value)
    plain = atom(digits, 0.5 * len(digits))
    if not exponent:
        return plain
    power = Script(Token("10"), None, beside("-", str(-exponent)) if exponent < 0 else Token(str(exponent)))
    if value == 1:
        return Box((Chunk(power, 2.0),), Level.SCRIPT, 1.25)
    return Box((Chunk(beside(digits, r" \times ", power), plain.width + 3.2),), Level.PRODUCT, 1.25)


def scaled(value: Fraction) -> tuple[Fraction, int]:
    """The number as `mantissa · 10^exponent`, the exponent 0 unless it is very small or very large."""
    exponent = 0
    if value:
        while value >= 10**7:
            value, exponent = value / 10, exponent + 1
        while value < Fraction(1, 10**5):
            value, exponent = value * 10, exponent - 1
    if exponent:
        while value >= 10:
            value, exponent = value / 10, exponent + 1
        while value < 1:
            value, exponent = value * 10, exponent - 1
    return value, exponent


def decimal(value: Fraction) -> str:
    """A terminating decimal, digit by digit."""
    whole, rest = divmod(value.numerator, value.denominator)
    digits = ""
    while rest:
        digit, rest = divmod(rest * 10, value.denominator)
        digits += str(digit)
    return f"{whole}.{digits}" if digits else str(whole)


def _name(name: str, shape: Shape, s: Setting) -> Box:
    return named(letter(name).form(is_bold(shape), command=s.context.bold))


def _sum(node: Add, s: Setting) -> Box:
    pieces: list[Box] = []
    opened = False
    for k, arg in enumerate(node.args):
        if isinstance(arg, Neg) and s.child(k).path not in s.marks and k:
            inner = part(arg, 0, s.child(k), Level.SLASH)
            term = row([sign(" - ", 1.22), inner], Level.NEGATIVE)
        else:
            inner = part(node, k, s, Level.NEGATIVE)
            term = row([sign(" + ", 1.22), inner], Level.NEGATIVE) if k else inner
        pieces.append(term.before(SUM_BREAK) if k else term)
        opened = inner.open
    return row(pieces, Level.SUM, open=opened)


def _quotient(node: Div, s: Setting) -> Box:
    """`a / b`: a fraction; with a slash among words, in exponents, where the bar would be longer than a line, and
    within another fraction unless it is small; with `\\oslash` where the divisor has many entries."""
    if node.right.shape and not is_single(node.right.shape):
        above, below = part(node, 0, s, Level.PRODUCT, closed=True), part(node, 1, s, Level.PRODUCT)
        return row([above, row([sign(r" \oslash ", 1.22), below], Level.ATOM).before(SUM_BREAK + 4)], Level.SLASH)
    wide = s.style == "display" and part(node, 0, s.nested).width > WIDEST_FRACTION
    if s.slashes or wide or (s.style == "text" and not _reads_small(node, s)):
        above = part(node, 0, s, Level.PRODUCT, closed=True)
        big = isinstance(node.right, Big) or (isinstance(node.right, Call) and node.right.name in ("sum", "prod"))
        below = part(node, 1, s, Level.PRODUCT if big else Level.SCRIPT)
        return row([above, sign("/", 0.5), below], Level.SLASH, open=below.open)
    inside = s.nested
    above, below = part(node, 0, inside), part(node, 1, inside)
    return fraction(above, below, small=s.style == "text", cell=s.style == "cell")


def _reads_small(node: Div, s: Setting) -> bool:
    """Whether a fraction within a fraction can be read in small letters: a few of them, and no third bar."""
    if any(isinstance(part, Div | D | Big) for child in node.children for part in walk(child)):
        return False
    above, below = part(node, 0, s), part(node, 1, s)
    return max(above.width, below.width) <= WIDEST_SMALL and max(above.height, below.height) <= 1.3


def _power(node: Pow, s: Setting) -> Box:
    """`a ** b`; `\\odot` in the exponent where it goes entry by entry, `\\tanh^{2}(x)` for the trigonometric ones."""
    exponent = part(node, 1, s.styled("script"))
    if node.left.shape and not is_single(node.left.shape):
        exponent = row([sign(r"\odot ", 0.9), exponent], Level.ATOM)
    match node.left, node.right:
        case Call(name), Num(value) if name in calls.SQUARED and value.denominator == 1 and value >= 2:
            if not node.left.shape and (0,) not in _below(s):
                head = s.context.function(name)
                wide = calls.head_width(head.tex) + 0.4
                return applied(Script(head, None, exponent.form), wide, [part(node.left, 0, s.child(0))])
    return superscript(part(node, 0, s), exponent)


def _below(s: Setting) -> frozenset[Path]:
    """The places of the marks that lie on the children of this node."""
    if s.path is None:
        return frozenset()
    return frozenset(p[len(s.path) :] for p in s.marks if p[: len(s.path)] == s.path and len(p) == len(s.path) + 1)


def _entry(node: At, s: Setting) -> Box:
    """`x[i]`: `x_i` for a name, `\\operatorname{softmax}(x)_i` for a function, `[\\dots]_i` for the rest."""
    small = s.styled("script")
    places = iter(range(1, len(node.children)))
    below = [sign("{:}", 0.5) if index is None else part(node, next(places), small) for index in node.at]
    compound = any(not _one_letter(index) for index in node.at)
    separator = "," if compound or None in node.at else ""
    match node.arg:
        case Sym(name) if s.child(0).path not in s.marks:
            form = letter(name)
            if not (form.subscripts and (separator or compound)):
                listed = joined((box.form for box in below), separator)
                return named(form.form(None in node.at, (listed,)))
            base = fence(box(node.arg, s.child(0)), "[")
        case Dif(Sym() as symbol) if s.child(0).path not in s.marks:
            return calculus.differential(Dif(At(symbol, node.at)), s.hidden())
        case Call(name=name) if name in calls.INDEXED and len(node.arg.args) == 1:
            base = part(node, 0, s)
        case Apply():
            base = part(node, 0, s)
        case _:
            base = fence(part(node, 0, s), "[")
    return subscript(base, below, separator)


def _one_letter(index: Node | None) -> bool:
    """Whether indices of this kind are written without commas: one letter or one digit."""
    match index:
        case Idx(name=name) | SizeSym(name):
            form = letter(name, split=isinstance(index, SizeSym))
            return not (form.word or form.subscripts or form.accents)
        case Num(value):
            return value.denominator == 1 and value < 10
        case None:
            return True
    return False


_RELATIONS = {"==": "=", "!=": r"\neq", "<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq"}


def _comparison(node: Cmp, s: Setting) -> Box:
    left, right = part(node, 0, s, Level.SUM), part(node, 1, s, Level.SUM)
    wide = 0.9 if s.style == "script" else 1.34
    relation = row([sign(f" {_RELATIONS[node.op]} ", wide), right], Level.ATOM)
    return row([left, relation.before(0)], Level.RELATION)


def _logic(node: Logic, s: Setting) -> Box:
    if node.op == "not":
        return row([sign(r"\lnot ", 0.7), part(node, 0, s, Level.SCRIPT)], Level.PRODUCT)
    pieces: list[Box] = []
    for k in range(len(node.args)):
        if k:
            pieces.append(sign(Word(f" {s.context.word(node.op)} ", "text"), 2.2))
        pieces.append(part(node, k, s, Level.RELATION))
    return row(pieces, Level.LOGIC)

r"""Functions and their arguments: `\log x_i`, `\operatorname{softmax}(\theta)_i`, `\sigma_i^2(\bm x)`, `f'(x)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Apply, At, Call, D, Node, Pow, Sym, substitute, symbols
from solver.expr.read import Scope, read
from solver.expr.shapes import ShapeError, is_vector, matmul
from solver.latex.atoms import (
    Atom,
    BigSign,
    Fence,
    Items,
    Letter,
    Number,
    Scripted,
    Sign,
    Word,
    bare,
    is_sign,
)
from solver.latex.bigs import read_extreme
from solver.latex.context import Cursor, Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import entrywise, shown
from solver.latex.lookup import LETTER_FUNCTIONS, Found, function_word
from solver.latex.names import Look, Written, spelled, written
from solver.latex.products import Part, side_by_side
from solver.latex.scripts import entry, raised, split, units

_INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}
_AXES = {"rows": 1, "row": 1, "columns": 0, "cols": 0, "column": 0, "col": 0}


@dataclass(frozen=True)
class Head:
    """A function before its argument, with the scripts that stand between: `\\sigma_i^2`, `\\tanh'`."""

    name: str
    sub: Items
    sup: Items
    primes: int
    span: Span
    build: Callable[[Sequence[Node]], Node]
    order: int = 0
    bare: bool = False
    """Whether its argument may stand without brackets."""


def table_head(reader: Reader, name: str, written_as: Written, span: Span, bare_argument: bool) -> Head:
    """A function of the table, applied along an axis if its subscript names one."""
    below = spelled(written_as.sub) if FUNCTIONS[name].takes_axis else None
    axis = _AXES.get(below or "")
    sub = () if axis is not None or below == "all" else written_as.sub

    def build(args: Sequence[Node]) -> Node:
        found = called(reader, name, args, span, axis)
        return replace(found, axis=None) if below == "all" and isinstance(found, Call) else found

    return Head(name, sub, written_as.sup, written_as.primes, span, build, bare=bare_argument)


def abstract_head(found: Found, span: Span) -> Head:
    """A declared abstract function; its primes are the order of the derivative."""
    name, order = found.declared.name, found.primes
    if order > 2:
        raise LatexError.at(span, f"{name} with {order} primes", "two at most")

    def build(args: Sequence[Node]) -> Node:
        if len(args) != 1:
            raise LatexError.at(span, f"{name} takes one argument, not {len(args)}")
        return Apply(name, args[0], order)

    sub: Items = tuple(item for piece in found.pieces for item in piece)
    return Head(name, sub, found.sup, 0, span, build)


def called(reader: Reader, name: str, args: Sequence[Node], span: Span, axis: int | None = None) -> Node:
    """A function of the table on its arguments; defaults filled in, the axis as the layout says."""
    row = FUNCTIONS[name]
    if name in ("max", "min") and len(args) == 2:
        return called(reader, "maximum" if name == "max" else "minimum", args, span)
    missing = len(row.params) - len(args)
    if 0 < missing <= len(row.defaults):
        args = [*args, *(read(text, Scope({})) for text in row.defaults[-missing:])]
        missing = 0
    if missing and not row.variadic:
        wanted = len(row.params)
        raise LatexError.at(span, f"{name} takes {wanted} argument{'s' * (wanted > 1)}, not {len(args)}")
    if name == "log" and isinstance(args[0], Call) and args[0].name == "abs":
        inside = args[0].args[0]
        if isinstance(inside, Call) and inside.name == "det":
            return Call("logdet", inside.args)
    first = args[0].shape
    along = row.kind == "along" or name == "logsumexp"
    matrix = bool(first) and not is_vector(first)
    if (along and axis is None and matrix) or (row.oriented and axis is None and (matrix or name == "basis")):
        axis = 1 if reader.scope.layout == "row" else 0
    args = entrywise(list(args)) if row.kind == "elementwise" and len(args) > 1 else args
    with fitting(span):
        return Call(name, tuple(args), axis)


# --- the argument -------------------------------------------------------------------------------------------------


def applied(reader: Reader, cursor: Cursor, head: Head) -> Node:
    """The function on what follows it: brackets, or, for an upright name, the factors side by side."""
    fence = cursor.peek
    inside = fence.base if isinstance(fence, Scripted) else fence
    span = head.span if fence is None else head.span.to(fence.span)
    extreme = head.bare and head.name in ("max", "min") and bool(head.sub)
    if extreme and not (isinstance(inside, Fence) and len(split(inside.items, ",", ";")) > 1):
        return read_extreme(reader, cursor, head.name, head.sub, head.span)
    if isinstance(inside, Fence) and inside.kind in ("(", "[", "{", "box"):
        cursor.next()
        args = arguments(reader, inside)
        primes = head.primes + (fence.primes if isinstance(fence, Scripted) else 0)
        node = _scripted(reader, head, args, primes, span)
        return after(reader, node, fence, span) if isinstance(fence, Scripted) else node
    if not head.bare:
        raise LatexError.at(head.span, f"{head.name} needs its argument in brackets")
    with reader.deeper(head.span):
        args = [_bare_argument(reader, cursor, head)]
    return _scripted(reader, head, args, head.primes, span)


def after(reader: Reader, node: Node, scripted: Scripted, span: Span) -> Node:
    """What the scripts behind the closing bracket do to the value."""
    if scripted.sub is not None:
        node = entry(reader, node, units(scripted.sub), span)
    return raised(reader, node, scripted.sup, span) if scripted.sup is not None else node


def arguments(reader: Reader, fence: Fence) -> list[Node]:
    """The arguments in a pair of brackets, between commas or semicolons."""
    pieces = split(fence.items, ",", ";")
    dot = bare(fence.items)
    if len(dot) == 1 and is_sign(dot[0], "cdot"):
        raise LatexError.at(fence.span, "a dot does not say what the function is applied to", "write the argument")
    return [reader.expression(piece, fence.span) for piece in pieces]


def _bare_argument(reader: Reader, cursor: Cursor, head: Head) -> Node:
    """The factors side by side after a function's name, up to a sign or the next function."""
    parts: list[Part] = []
    opened = cursor.peek
    while (atom := cursor.peek) is not None and not (isinstance(atom, Sign) and atom.text != "prime"):
        if parts and begins_function(reader, atom):
            break
        inside = atom.base if isinstance(atom, Scripted) else atom
        if parts and isinstance(inside, (Fence, BigSign)):
            raise LatexError.at(
                head.span.to(atom.span),
                f"how far {head.name} reaches is not clear here",
                "put its argument in brackets",
            )
        start = cursor.position
        node = reader.factor(cursor)
        parts.append(Part(node, cursor.since(start)))
    if not parts:
        where = head.span if opened is None else head.span.to(opened.span)
        raise LatexError.at(where, f"{head.name} has no argument")
    if is_sign(cursor.peek, "/"):
        assert cursor.peek is not None
        raise LatexError.at(
            head.span.to(cursor.peek.span),
            f"how far {head.name} reaches is not clear here",
            "put its argument in brackets",
        )
    return side_by_side(parts)


def begins_function(reader: Reader, atom: Atom) -> bool:
    """Whether a function's upright name, or a letter that is a function, stands here."""
    name = written(atom)
    if name is None:
        return False
    if isinstance(name.letter, Word):
        return function_word(name.base) is not None and not reader.names.find(Look(name.base, name.accents))
    letter = name.letter
    return (
        isinstance(letter, Letter)
        and (letter.text, letter.variant) in LETTER_FUNCTIONS
        and not reader.names.find(Look(letter.text))
    )


# --- scripts between the name and the argument --------------------------------------------------------------------


def _scripted(reader: Reader, head: Head, args: Sequence[Node], primes: int, span: Span) -> Node:
    sup = bare(head.sup)
    inverse = len(sup) == 2 and is_sign(sup[0], "-") and isinstance(sup[1], Number) and sup[1].text == "1"
    if inverse and head.name in _INVERSES:
        return called(reader, _INVERSES[head.name], args, span)
    if inverse and head.name not in ("det", "tr"):
        raise LatexError.at(head.span, f"the inverse function of {head.name} has no name here")
    node = _derivative(reader, head, args, primes, span) if primes else head.build(args)
    if head.sub:
        node = entry(reader, node, units(head.sub), head.span)
    if not sup:
        return node
    exponent = reader.expression(sup, head.span)
    if exponent.shape:
        raise LatexError.at(head.span, f"the exponent is {shown(exponent.shape)}, not a scalar")
    return Pow(node, exponent)


def _derivative(reader: Reader, head: Head, args: Sequence[Node], primes: int, span: Span) -> Node:
    """`f'(x)`: the derivative by `x` where that is a scalar name; else the table's derivative at the argument."""
    value = head.build(args)
    if primes > 1 or len(args) != 1:
        raise LatexError.at(span, f"{head.name} with {primes} primes has no meaning here", r"write it with \partial")
    argument = args[0]
    if isinstance(value, Apply):
        return Apply(value.name, argument, value.order + 1) if value.order < 2 else value
    if isinstance(argument, (Sym, At)) and not argument.shape:
        return D(value, argument)
    row = FUNCTIONS.get(head.name)
    if row is None or row.kind != "elementwise" or not row.derivative:
        raise LatexError.at(span, f"{head.name}' has no meaning here", r"write it with \partial")
    slope = read(row.derivative[0], Scope({name: Sym(name) for name in row.params}))
    defaults = [read(text, Scope({})) for text in row.defaults]
    names = dict(zip(row.params[1:], defaults, strict=True))
    for name, default in names.items():
        slope = substitute(slope, {Sym(name): default})
    with fitting(span):
        return substitute(slope, {Sym(row.params[0]): argument})


# --- names that are applied like functions ------------------------------------------------------------------------


def read_as_function(reader: Reader, found: Found, fence: Fence) -> Node | None:
    r"""`CE(\bm y, \hat{\bm y})`, `\sigma(\bm x)`, `f(z_k)` for names of definitions; None where a product is meant.

    The arguments name what the definition rests on. One entry of it picks that entry of the value; another expression
    in it takes its place in the definition.
    """
    name, node = found.declared.name, found.declared.node
    if node is None or name not in reader.define or fence.kind not in ("(", "["):
        return None
    below = reader.rests_on(name)
    read_before = arguments(reader, fence)
    if len(read_before) == 1:
        reader.known[id(fence)] = read_before[0]
    args = [reader.folded(arg) for arg in read_before]
    if all(isinstance(arg, Sym) and arg.name in below for arg in args):
        return node
    if len(args) > 1:
        stranger = next(arg for arg in args if not (isinstance(arg, Sym) and arg.name in below))
        raise LatexError.at(fence.span, f"{name} does not rest on {stranger!r}")
    match args[0]:
        case At(Sym(source), (where,)) if source in below and is_vector(node.shape) and not found.pieces:
            return At(node, (where,))
    return _substituted(reader, name, node, args[0])


def _substituted(reader: Reader, name: str, node: Node, argument: Node) -> Node | None:
    sources = symbols(reader.define[name])
    if len(sources) != 1 or not node.shape or not argument.shape:
        return None
    try:
        matmul(node.shape, argument.shape)
    except ShapeError:
        source = Sym(next(iter(sources)), _shape_of(reader, next(iter(sources))).shape)
        if source.shape == argument.shape and source.name in symbols(argument):
            return substitute(reader.define[name], {source: argument})
    return None


def _shape_of(reader: Reader, name: str) -> Node:
    declared = reader.scope.symbols.get(name)
    return declared if declared is not None else reader.define[name]

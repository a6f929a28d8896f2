r"""Derivatives and differentials: `\frac{\partial J}{\partial \bm x}`, `\nabla_x J`, `D_x f`, `\mathrm{d}X`."""

from __future__ import annotations

from dataclasses import dataclass

from solver.expr.nodes import At, D, Dif, Idx, Node, SizeSym, Sym, Transpose
from solver.expr.shapes import is_single
from solver.latex.atoms import Atom, Fence, Frac, Items, Letter, Number, Scripted, bare, is_letter, is_sign, span_of
from solver.latex.context import Cursor, Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.names import Look, Written, spelled, written

MAX_ORDER = 12
ORDERS = tuple(str(order) for order in range(1, MAX_ORDER + 1))


@dataclass(frozen=True)
class Operator:
    r"""`\partial^2/\partial y\,\partial x` without what it acts on; `by` in the order of the denominator."""

    by: tuple[Node, ...]
    turned: bool
    span: Span


# --- the signs of differentiation ---------------------------------------------------------------------------------


def differential_letter(reader: Reader, atom: Atom | None) -> str:
    r"""`partial` for a ∂, `d` for an upright d or an italic one that is no declared name; else empty."""
    name = written(atom) if atom is not None else None
    if name is None or not isinstance(name.letter, Letter) or name.accents or name.sub or name.primes:
        return ""
    if name.base == "partial":
        return "partial"
    if name.base != "d" or name.letter.style not in ("", "italic", "roman"):
        return ""
    taken = Look("d") in reader.bound or reader.names.find(Look("d"))
    return "d" if name.letter.style == "roman" or not taken else ""


def _order(name: Written, span: Span) -> int:
    r"""The order that `\partial^2` says."""
    items = bare(name.sup)
    if not items:
        return 1
    if len(items) == 1 and isinstance(items[0], Number) and items[0].text in ORDERS:
        return int(items[0].text)
    raise LatexError.at(span, f"a derivative is of order 1 to {MAX_ORDER}")


# --- quotients ----------------------------------------------------------------------------------------------------


def is_derivative(reader: Reader, atom: Frac) -> bool:
    """Whether a fraction is a derivative: both sides begin with the sign of one."""
    above, below = bare(atom.above), bare(atom.below)
    sign = differential_letter(reader, above[0]) if above else ""
    if not sign or not below or differential_letter(reader, below[0]) != sign:
        return False
    return sign == "partial" or len(below) > 1


def read_quotient(reader: Reader, atom: Frac, cursor: Cursor) -> Node:
    r"""`\frac{\partial f}{\partial x}`, or `\frac{\partial}{\partial x}` and what it acts on."""
    above, below = bare(atom.above), bare(atom.below)
    sign = differential_letter(reader, above[0])
    name = written(above[0])
    assert name is not None
    order = _order(name, atom.span)
    operator = Operator(*_variables(reader, below, order, sign, atom.span), atom.span)
    if len(above) == 1:
        return _acting(reader, operator, cursor)
    inside = Cursor.over(above[1:], atom.span)
    function = _function_alone(reader, above[1:], cursor)
    if function is not None:
        return derivative(reader, function, operator)
    with reader.deeper(atom.span):
        value = reader.term(inside)
    if inside.peek is not None:
        raise LatexError.at(
            span_of(above, atom.span),
            "a sum stands after ∂, which reaches only its first term",
            "put brackets around it",
        )
    return derivative(reader, value, operator)


def _function_alone(reader: Reader, items: Items, cursor: Cursor) -> Node | None:
    r"""`\frac{\partial \tanh}{\partial x}(x)`: a function without its argument, which follows the fraction."""
    after = cursor.peek
    if len(items) != 1 or not isinstance(after, Fence) or not reader.is_function(items[0]):
        return None
    joined = Cursor.over((items[0], after), items[0].span)
    value = reader.factor(joined)
    cursor.next()
    return value


def read_slashed(reader: Reader, cursor: Cursor) -> Node:
    r"""`\partial f/\partial x`, `\partial/\partial x (…)`, `\partial_x f`."""
    start = cursor.position
    atom = cursor.next()
    if isinstance(atom, Scripted) and atom.sub is not None:
        by = (_variable(reader, bare(atom.sub), atom.span)[0],)
        return derivative(reader, _operand(reader, cursor, atom.span), Operator(by, False, atom.span))
    name = written(atom)
    assert name is not None
    order, sign = _order(name, atom.span), differential_letter(reader, atom)
    value = None
    if not is_sign(cursor.peek, "/"):
        value = reader.factor(cursor)
    if not is_sign(cursor.peek, "/") or differential_letter(reader, cursor.ahead(1)) != sign:
        raise LatexError.at(
            cursor.since(start), "a ∂ stands in a quotient with another", r"\frac{\partial f}{\partial x}"
        )
    cursor.next()
    below: list[Atom] = []
    while differential_letter(reader, cursor.peek) == sign and cursor.ahead(1) is not None:
        below.extend((cursor.next(), cursor.next()))
    span = cursor.since(start)
    operator = Operator(*_variables(reader, tuple(below), order, sign, span), span)
    return _acting(reader, operator, cursor) if value is None else derivative(reader, value, operator)


def _variables(reader: Reader, below: Items, order: int, sign: str, span: Span) -> tuple[tuple[Node, ...], bool]:
    """The variables in a denominator, and whether the last one is transposed."""
    groups: list[list[Atom]] = []
    for item in below:
        if differential_letter(reader, item) == sign:
            groups.append([])
        elif not groups:
            raise LatexError.at(item.span, "a derivative's denominator begins with ∂")
        else:
            groups[-1].append(item)
    variables: list[Node] = []
    turned = False
    for group in groups:
        if not group:
            raise LatexError.at(span, "a variable is missing after ∂")
        items, power = _without_power(tuple(group), order)
        node, turned = _variable(reader, items, span_of(group, span))
        variables.extend([node] * power)
    if len(variables) != order:
        raise LatexError.at(
            span_of(below, span),
            f"a derivative of order {order} by {len(variables)} variables",
            r"\partial^2 f/\partial x^2",
        )
    return tuple(variables), turned


def _without_power(items: Items, order: int) -> tuple[Items, int]:
    r"""`\partial x^2` in a second derivative: `x`, twice."""
    last = items[-1]
    if order > 1 and isinstance(last, Scripted) and last.sup is not None:
        power = bare(last.sup)
        if len(power) == 1 and isinstance(power[0], Number) and power[0].text in ("2", "3"):
            rest: Atom = (
                last.base
                if last.sub is None and not last.primes
                else Scripted(last.span, last.base, last.sub, None, last.primes)
            )
            return (*items[:-1], rest), int(power[0].text)
    return items, 1


def _variable(reader: Reader, items: Items, span: Span) -> tuple[Node, bool]:
    """What is differentiated by, and whether it is transposed: a name, an entry of one, or a definition's value."""
    node = reader.folded(reader.expression(items, span))
    turned = isinstance(node, Transpose)
    if isinstance(node, Transpose):
        node = node.arg
    match node:
        case Sym() | At(arg=Sym()):
            return node, turned
        case SizeSym() | Idx():
            raise LatexError.at(span, f"{node.name} is a number that does not vary")
    raise LatexError.at(span, "a derivative by an expression", "give the expression a name in `define`, and use that")


def derivative(reader: Reader, value: Node, operator: Operator) -> Node:
    """The derivative, by the last variable of the denominator first; by `x^\\top` it is laid out as the Jacobian."""
    with fitting(operator.span):
        for by in reversed(operator.by):
            value = D(value, by)
        gradient = len(operator.by) == 1 and is_single(_of(value).shape)
        return Transpose(value) if operator.turned and gradient else value


def _of(node: Node) -> Node:
    return node.of if isinstance(node, D) else node


# --- operators ----------------------------------------------------------------------------------------------------


def _acting(reader: Reader, operator: Operator, cursor: Cursor) -> Node:
    r"""What a `\frac{\partial}{\partial x}` acts on: brackets, or all factors side by side."""
    first = cursor.peek
    start = cursor.position
    inside = first.base if isinstance(first, Scripted) else first
    if isinstance(inside, Fence):
        value = reader.factor(cursor)
        after = cursor.peek
        if after is not None and not is_sign(after, *_STOPS):
            raise LatexError.at(operator.span.to(after.span), _UNCLEAR, "put brackets around what it acts on")
    else:
        with reader.deeper(operator.span):
            value = reader.side_by_side(cursor)
        if is_sign(cursor.peek, "cdot", "times", "/", "odot", "otimes", "oslash", "*"):
            raise LatexError.at(operator.span.to(cursor.since(start)), _UNCLEAR, "put brackets around what it acts on")
    return derivative(reader, value, operator)


_UNCLEAR = "how far this derivative reaches is not clear here"
_STOPS = (
    "+", "-", "cdot", "times", "/", "odot", "otimes", "oslash", "*", ",", ";", ".", "=", "!=", "<", "<=", ">", ">=",
    "and", "or", "=>", ":",
)  # fmt: skip


def _operand(reader: Reader, cursor: Cursor, span: Span) -> Node:
    r"""What `\nabla_x`, `\partial_x` and `D_x` act on: the next factor."""
    with reader.deeper(span):
        return reader.factor(cursor)


def read_nabla(reader: Reader, cursor: Cursor) -> Node:
    r"""`\nabla_x J`, `\nabla_x^2 J`, `D_{\bm x} f`."""
    atom = cursor.next()
    if not isinstance(atom, Scripted) or atom.sub is None:
        raise LatexError.at(atom.span, "a gradient names its variable", r"write \nabla_{x}")
    by, turned = _variable(reader, bare(atom.sub), atom.span)
    order = 1
    if atom.sup is not None:
        items = bare(atom.sup)
        if not (len(items) == 1 and isinstance(items[0], Number) and items[0].text == "2"):
            raise LatexError.at(atom.span, r"only \nabla_x and \nabla_x^2 are read")
        order = 2
    return derivative(reader, _operand(reader, cursor, atom.span), Operator((by,) * order, turned, atom.span))


def is_jacobian_sign(reader: Reader, atom: Atom) -> bool:
    r"""Whether this is the `D` of `D_{\bm x} f`: a D that no declared name is, with a variable as its subscript."""
    if not isinstance(atom, Scripted) or atom.sub is None or atom.primes or not is_letter(atom.base, "D"):
        return False
    inner = bare(atom.sub)
    if reader.names.find(Look("D", (), spelled(inner) or "")):
        return False
    name = written(inner[0]) if len(inner) == 1 else None
    if name is None or (reader.names.find(Look("D")) and not reader.names.find(Look(name.base, name.accents))):
        return False
    return any(
        each.role == "symbol" for each in reader.names.find(Look(name.base, name.accents, spelled(name.sub) or ""))
    )


def read_differential(reader: Reader, cursor: Cursor) -> Node:
    r"""`\mathrm d X`, `\mathrm d(X Y)`, `\mathrm d\operatorname{tr}(X)`: the next piece with its scripts."""
    sign = cursor.next()
    atom = cursor.peek
    if atom is None:
        raise LatexError.at(sign.span, "a differential of nothing")
    if isinstance(atom, Scripted) and atom.sup is not None:
        items = bare(atom.sup)
        power = not (is_sign(items[0], "top", "+", "dagger", "-") or is_letter(items[0], "T")) if items else False
        if power and not isinstance(items[0], Fence) and not is_letter(atom.base, "e"):
            raise LatexError.at(sign.span.to(atom.span), "d before a power is not clear", "write d(x^2) or (dx)^2")
    with reader.deeper(sign.span):
        value = reader.factor(cursor)
    if isinstance(value, Transpose):
        return Transpose(Dif(value.arg))
    return Dif(value)

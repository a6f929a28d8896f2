"""Formulas in words, made from their nodes: "the derivative of L with respect to z sub k".

The words come from the table `speech` of a language. What binds too loosely for its place is said as "the quantity …,
end quantity", so that what is heard has one meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
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
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
    free_indices,
)
from solver.expr.shapes import Shape, is_single, is_vector
from solver.expr.sizes import ONE, Size
from solver.typeset.calls import axis_said
from solver.typeset.entries import entry
from solver.typeset.forms import Form, Row, Script, Token, Word
from solver.typeset.latex import box, decimal, scaled
from solver.typeset.names import GREEK, letter
from solver.typeset.setting import Context, Setting

_GREEK = {tex: name for name, tex in GREEK.items() if name not in ("lam", "eps", "varepsilon", "varphi", "vartheta")}


class Said(IntEnum):
    """How a saying holds together: sums are `LOOSE`, `OPEN` ones take in what is said after them."""

    LOOSE = 0
    PRODUCT = 1
    OPEN = 2
    CLOSED = 3
    NAME = 4


@dataclass(frozen=True)
class Saying:
    words: str
    end: Said = Said.CLOSED


def spoken(node: Node, context: Context, speech: Mapping[str, str]) -> str:
    """The formula in words."""
    return _speaker(context, speech, node).say(node).words


def equation(lhs: Node | None, rhs: Node, context: Context, speech: Mapping[str, str]) -> str:
    """`lhs = rhs` in words; a line that goes on begins with "equals"."""
    speaker = _speaker(context, speech, rhs)
    right = speech["equals"].format(left="", right=speaker.say(rhs).words).strip()
    return right if lhs is None else speech["equals"].format(left=speaker.say(lhs).words, right=speaker.say(rhs).words)


def _speaker(context: Context, speech: Mapping[str, str], node: Node) -> _Speaker:
    # an index that is made up must be none of the formula's own
    return _Speaker(context, speech, frozenset(index.name for index in free_indices(node)))


def shape_spoken(shape: Shape, speech: Mapping[str, str]) -> str:
    """`1 by D x`; "scalar" for none."""
    if not shape:
        return speech["scalar"]
    rows, columns = (_size(size, speech) for size in shape)
    return speech["shape"].format(rows=rows, columns=columns)


def function_spoken(name: str) -> str:
    """A function spoken of by its bare name."""
    return name.replace("_", " ")


def _size(size: Size, speech: Mapping[str, str]) -> str:
    """A size in words: `2 D sub x plus 1`."""
    speaker = _Speaker(Context(), speech)
    said = ""
    for monomial, value in size.terms:
        names = [
            speech["power"].format(of=name, exponent=str(power)) if power > 1 else name
            for name, power in ((speaker.name_of(name, split=True), power) for name, power in monomial)
        ]
        magnitude = abs(value)
        front = [] if monomial and magnitude == 1 else [str(magnitude)]
        term = " ".join([*front, *names])
        if said:
            said = speech["less" if value < 0 else "plus"].format(left=said, right=term)
        else:
            said = speech["minus"].format(of=term) if value < 0 else term
    return said or "0"


_ORDERS = {2: "squared", 3: "cubed"}
_CLOSED = frozenset(("inv", "pinv", "eye", "ones", "zeros", "basis", "delta", "commutation"))


@dataclass(frozen=True)
class _Speaker:
    context: Context
    speech: Mapping[str, str]
    bound: frozenset[str] = frozenset()

    def _(self, key: str, **values: str) -> str:
        return self.speech[key].format(**values)

    # --- parts ---

    def say(self, node: Node) -> Saying:
        match node:
            case Num(value):
                return Saying(_number(value, self.speech), Said.NAME)
            case Const(name) | Sym(name) | Idx(name=name):
                return Saying(self.name_of(name), Said.NAME)
            case SizeSym(name):
                return Saying(self.name_of(name, split=True), Said.NAME)
            case Add(args):
                return Saying(self._sum(args), Said.LOOSE)
            case Neg(arg):
                return Saying(self._("minus", of=self._factor(arg, last=True)), Said.LOOSE)
            case Mul(args):
                return self._product(args)
            case MatMul(args):
                return Saying(self._times(args), Said.PRODUCT)
            case Div(left, right):
                return self._quotient(left, right)
            case Pow(left, right):
                return self._power(left, right)
            case Transpose(arg):
                return Saying(self._("transpose", of=self.name(arg)))
            case At():
                return self._entry(node)
            case Big(kind, body, index, condition):
                return Saying(self._big(kind, body, index, condition), Said.OPEN)
            case Table(body, row, column):
                words = self._(
                    "table", shape=shape_spoken(node.shape, self.speech), body=self.say(body).words,
                    row=self.name_of(row.name), column=self.name_of(column.name),
                )  # fmt: skip
                return Saying(words, Said.OPEN)
            case Cmp(left, right, op):
                return Saying(self._(_COMPARED[op], left=self.say(left).words, right=self.say(right).words), Said.LOOSE)
            case Logic(op, args):
                joint = f" {self.speech[op]} " if op != "not" else ""
                said = joint.join(self.say(arg).words for arg in args)
                return Saying(self._("not", of=said) if op == "not" else said, Said.LOOSE)
            case Call():
                return self._call(node)
            case Apply(name, arg, order):
                head = self.name_of(name) + f" {self.speech['prime']}" * order
                return Saying(self._("applied", function=head, of=self.argument(arg)), Said.OPEN)
            case D():
                return self._derivative(node)
            case Dif(arg):
                return Saying(self._("differential", of=self.argument(arg)), Said.OPEN)
        raise TypeError(f"no words for a {type(node).__name__}")

    def name(self, node: Node) -> str:
        """The part where only a name may stand without more words: before "transpose" and the like."""
        said = self.say(node)
        return said.words if said.end is Said.NAME else self._("quantity", of=said.words)

    def argument(self, node: Node) -> str:
        """The part after "of": sums and products are set apart, but not `minus x`."""
        said = self.say(node)
        if isinstance(node, Neg) and self.say(node.arg).end is Said.NAME:
            return said.words
        return self._("quantity", of=said.words) if said.end <= Said.PRODUCT else said.words

    def _factor(self, node: Node, last: bool) -> str:
        said = self.say(node)
        apart = said.end is Said.LOOSE or (said.end <= Said.OPEN and not last)
        return self._("quantity", of=said.words) if apart else said.words

    def _listed(self, nodes: Sequence[Node]) -> str:
        words = [self.argument(node) for node in nodes]
        return f" {self.speech['and']} ".join(filter(None, (", ".join(words[:-1]), words[-1])))

    # --- names ---

    def name_of(self, name: str, split: bool = False) -> str:
        form = letter(name, split=split)
        said = _GREEK.get(form.base, form.base.replace("\\", ""))
        if len(said) == 1 and said.isupper() and said.lower() in self.context.letters:
            said = self._("capital", of=said)
        elif form.base.startswith("\\") and said[:1].isupper():
            said = self._("capital", of=said.lower())
        for accent in form.accents:
            said = f"{said} {self.speech[accent]}"
        below = " ".join(map(_written, form.subscripts))
        return self._("sub", of=said, below=below) if below else said

    def _entry(self, node: At) -> Saying:
        match node.at:
            case (row, None) if row is not None:
                return Saying(self._("row", row=self.say(row).words, of=self.argument(node.arg)), Said.OPEN)
            case (None, column) if column is not None:
                return Saying(self._("column", column=self.say(column).words, of=self.argument(node.arg)), Said.OPEN)
        below = [self.say(index).words for index in node.at if index is not None]
        short = all(len(words.split()) == 1 for words in below)
        indices = (" " if short else ", ").join(below)
        own = isinstance(node.arg, Sym) and letter(node.arg.name).subscripts
        if own:
            return Saying(self._("entry", below=indices, of=self.name(node.arg)))
        return Saying(self._("sub", of=self.name(node.arg), below=indices), Said.NAME if short else Said.CLOSED)

    # --- arithmetic ---

    def _sum(self, args: Sequence[Node]) -> str:
        said = self._factor(args[0], last=True) if not isinstance(args[0], Neg) else self.say(args[0]).words
        for k, arg in enumerate(args[1:], 1):
            last = k == len(args) - 1
            match arg:
                case Neg(inner):
                    said = self._("less", left=said, right=self._term(inner, last))
                case _:
                    said = self._("plus", left=said, right=self._term(arg, last))
        return said

    def _term(self, node: Node, last: bool) -> str:
        """A term of a sum: sums over an index that others follow are set apart."""
        apart = isinstance(node, Big) or (isinstance(node, Call) and node.name == "sum")
        return self._factor(node, last) if apart or self.say(node).end is Said.LOOSE else self.say(node).words

    def _times(self, args: Sequence[Node]) -> str:
        joint = f" {self.speech['times']} "
        return joint.join(self._factor(arg, last=k == len(args) - 1) for k, arg in enumerate(args))

    def _product(self, args: Sequence[Node]) -> Saying:
        """Factors one after the other; the vectors and matrices among them as a Hadamard product."""
        shaped = [arg for arg in args if arg.shape and not is_single(arg.shape)]
        if len(shaped) < 2:
            return Saying(self._times(args), Said.PRODUCT)
        scalars = [arg for arg in args if arg not in shaped]
        product = self._("hadamard", of=self._listed(shaped))
        if not scalars:
            return Saying(product, Said.OPEN)
        front = f" {self.speech['times']} ".join(self._factor(arg, last=False) for arg in scalars)
        return Saying(f"{front} {self.speech['times']} {product}", Said.PRODUCT)

    def _quotient(self, left: Node, right: Node) -> Saying:
        above, below = self.say(left), self.say(right)
        if above.end is Said.NAME and below.end is Said.NAME:
            return Saying(self._("over", above=above.words, below=below.words))
        return Saying(self._("fraction", above=above.words, below=below.words))

    def _power(self, left: Node, right: Node) -> Saying:
        base = self.name(left)
        if isinstance(right, Num) and right.value in (2, 3):
            return Saying(self._(_ORDERS[int(right.value)], of=base))
        return Saying(self._("power", of=base, exponent=self.argument(right)), Said.OPEN)

    def _big(self, kind: str, body: Node, index: Idx, condition: Node | None) -> str:
        said = self.name_of(index.name)
        inner = replace(self, bound=self.bound | {index.name})
        over = self._("range", index=said, stop=_size(index.range, self.speech))
        if condition is not None:
            inside = inner.say(condition).words
            plain = isinstance(condition, Cmp) and condition.left == index
            over = inside if plain else self._("where", over=over, condition=inside)
        return self._(kind, over=over, body=inner._factor(body, last=True))

    # --- derivatives ---

    def _derivative(self, node: D) -> Saying:
        variables: list[Node] = []
        of: Node = node
        while isinstance(of, D):
            variables.append(of.by)
            of = of.of
        count = len(variables)
        distinct = variables if len(set(variables)) > 1 else variables[:1]
        by = f" {self.speech['and']} ".join(self.argument(each) for each in distinct)
        key = {1: "derivative", 2: "second_derivative"}.get(count, "nth_derivative")
        return Saying(self._(key, of=self.argument(of), by=by, order=str(count)), Said.OPEN)

    # --- functions ---

    def _call(self, node: Call) -> Saying:
        name, args = node.name, node.args
        match name:
            case "exp":
                return Saying(self._("exp", of=self.argument(args[0])), Said.OPEN)
            case "where":
                return Saying(self._cases(node), Said.LOOSE)
            case "indicator":
                return Saying(self._("indicator", of=self.say(args[0]).words), Said.LOOSE)
            case "hstack" | "vstack":
                return Saying(self._(name, of=self._listed(args)), Said.OPEN)
            case "basis":
                return Saying(self._("basis", of=self.argument(args[0])))
            case "eye" | "ones" | "zeros":
                shape = shape_spoken(node.shape, self.speech) if name != "eye" else self.say(args[0]).words
                return Saying(self._(name, of=shape))
            case "inv" | "pinv":
                return Saying(self._(name, of=self.name(args[0])))
            case "matrix_power":
                return Saying(self._("power", of=self.name(args[0]), exponent=self.say(args[1]).words), Said.OPEN)
        end = Said.CLOSED if name in _CLOSED else Said.OPEN
        of = self.argument(args[0]) if len(args) == 1 else self._listed(args)
        if name == "dot":
            return Saying(self._("inner", of=self._listed(args)), Said.OPEN)
        if name in ("sum", "prod", "max", "min", "mean") and args[0].shape and not is_single(args[0].shape):
            return Saying(self._reduction(node), Said.OPEN)
        if name in self.speech and "{of}" in self.speech[name] and name not in ("sub", "minus", "not"):
            return Saying(self._(name, of=of), end)
        said = function_spoken(name)
        if axis := axis_said(node, self.context):
            said = self._("head_along", function=said, axis=self.speech["every" if axis == "all" else axis])
        return Saying(self._("applied", function=said, of=of), end)

    def _reduction(self, node: Call) -> str:
        """Over all entries, the indices carried to the names as they are on the page; along an axis it is named."""
        argument = node.args[0]
        kind = self.speech[f"kind_{node.name}"]
        vector = is_vector(argument.shape)
        if node.axis is not None and not vector:
            axis = self.speech["rows" if node.axis == 1 else "columns"]
            return self._("along", kind=kind, axis=axis, of=self.argument(argument))
        if node.name not in ("sum", "prod"):
            return self._("all", kind=kind, of=self.argument(argument))
        setting = Setting(self.context, box, bound=self.bound)
        names = setting.fresh(1 if vector else 2, argument)
        rows, columns = argument.shape or (ONE, ONE)
        indices = (
            [Idx(names[0], columns if rows == ONE else rows)] * 2
            if vector
            else [Idx(names[0], rows), Idx(names[1], columns)]
        )
        inside = replace(self, bound=self.bound | set(names))
        over = f" {self.speech['and']} ".join(map(self.name_of, names))
        return self._(node.name, over=over, body=inside._factor(entry(argument, *indices), last=True))

    def _cases(self, node: Call) -> str:
        pieces: list[str] = []
        here: Node = node
        while isinstance(here, Call) and here.name == "where":
            condition, value = self.say(here.args[0]).words, self.say(here.args[1]).words
            pieces.append(self._("case", value=value, condition=condition))
            here = here.args[2]
        return "; ".join([*pieces, self._("otherwise", value=self.say(here).words)])


_COMPARED = {"==": "equals", "!=": "differs", "<": "less_than", "<=": "at_most", ">": "greater_than", ">=": "at_least"}


def _written(form: Form) -> str:
    """A name's own subscript as it is said."""
    match form:
        case Token(text):
            return _GREEK.get(text, text.replace("\\", ""))
        case Word(text):
            return text
        case Row(parts):
            return " ".join(map(_written, parts))
        case Script(base, below, _):
            return f"{_written(base)} {'' if below is None else _written(below)}".strip()
    return form.tex


def _number(value: Fraction, speech: Mapping[str, str]) -> str:
    mantissa, exponent = scaled(value)
    digits = decimal(mantissa)
    return speech["scientific"].format(mantissa=digits, exponent=str(exponent)) if exponent else digits

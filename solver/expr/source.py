"""Nodes to NumPy source: the same formula as a line of Python over two-dimensional float64 arrays."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    At,
    Big,
    Call,
    Cmp,
    Const,
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
    from_size,
)
from solver.expr.shapes import is_vector, rows
from solver.expr.sizes import ONE
from solver.expr.ties import ROUNDING, picks_extreme
from solver.expr.write import write


class NoSource(Exception):
    """A construct that has no NumPy line; the message names it."""


HELPERS: dict[str, str] = {
    "erf": "def erf(x):\n    return np.vectorize(math.erf, otypes=[float])(x)",
    "normal_pdf": "def normal_pdf(x):\n    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)",
    "normal_cdf": "def normal_cdf(x):\n    return np.vectorize(math.erfc, otypes=[float])(-x / np.sqrt(2)) / 2",
    "gelu": "def gelu(x):\n    return x * normal_cdf(x)",
    "sigmoid": (
        "def sigmoid(x):\n    small = np.exp(-np.abs(x))\n"
        "    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))"
    ),
    "log_sigmoid": "def log_sigmoid(x):\n    return -np.logaddexp(0, -x)",
    "softplus": "def softplus(x):\n    return np.logaddexp(0, x)",
    "relu": "def relu(x):\n    return np.maximum(x, 0)",
    "softmax": (
        "def softmax(x, axis=None):\n    shifted = np.exp(x - x.max(axis=axis, keepdims=True))\n"
        "    return shifted / shifted.sum(axis=axis, keepdims=True)"
    ),
    "logsumexp": (
        "def logsumexp(x, axis=None):\n    largest = x.max(axis=axis, keepdims=True)\n"
        "    return largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))"
    ),
    "log_softmax": "def log_softmax(x, axis=None):\n    return x - logsumexp(x, axis=axis)",
    "leaky_relu": "def leaky_relu(x, a):\n    return np.where(x > 0, x, a * x)",
    "elu": "def elu(x, a):\n    return np.where(x > 0, x, a * np.expm1(np.minimum(x, 0)))",
    "swish": "def swish(x):\n    return x * sigmoid(x)",
    "mish": "def mish(x):\n    return x * np.tanh(softplus(x))",
    "softsign": "def softsign(x):\n    return x / (1 + np.abs(x))",
    "logit": "def logit(x):\n    return np.log(x) - np.log1p(-x)",
    "sec": "def sec(x):\n    return 1 / np.cos(x)",
    "csc": "def csc(x):\n    return 1 / np.sin(x)",
    "cot": "def cot(x):\n    return 1 / np.tan(x)",
}
"""Functions that a module brings along, in a form that neither overflows nor divides by zero."""

_NEEDS = {"log_softmax": "logsumexp", "swish": "sigmoid", "gelu": "normal_cdf", "mish": "softplus"}
_NUMPY = {
    "exp": "np.exp", "log": "np.log", "sqrt": "np.sqrt", "sin": "np.sin", "cos": "np.cos", "tan": "np.tan",
    "arcsin": "np.arcsin", "arccos": "np.arccos", "arctan": "np.arctan", "sinh": "np.sinh", "cosh": "np.cosh",
    "tanh": "np.tanh", "abs": "np.abs", "sign": "np.sign", "maximum": "np.maximum", "minimum": "np.minimum",
    "where": "np.where", "tr": "np.trace", "det": "np.linalg.det", "inv": "np.linalg.inv", "pinv": "np.linalg.pinv",
    "matrix_power": "np.linalg.matrix_power", "norm": "np.linalg.norm", "kron": "np.kron", "tril": "np.tril",
    "eye": "np.eye", "arcsinh": "np.arcsinh", "arccosh": "np.arccosh", "arctanh": "np.arctanh", "log1p": "np.log1p",
    "expm1": "np.expm1",
}  # fmt: skip


def identifier(name: str) -> str:
    """The name, as Python may use it."""
    return f"{name}_" if keyword.iskeyword(name) or name in ("np", *HELPERS) else name


@dataclass
class Writer:
    """Nodes to source, in which the names of `define` have a value; `helpers` are the functions that the lines so far
    need, `sizes` the sizes."""

    define: Mapping[str, Node] = field(default_factory=dict)
    helpers: list[str] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    bound: list[Idx] = field(default_factory=list)

    def line(self, node: Node) -> str:
        """The node, as one expression."""
        return self._write(node)[0]

    def _wrap(self, node: Node, least: int) -> str:
        text, strength = self._write(node)
        return text if strength >= least else f"({text})"

    def _write(self, node: Node) -> tuple[str, int]:
        """The text and how strongly it binds: 1 comparison, 2 sum, 3 product, 4 sign, 5 power, 6 atom."""
        match node:
            case Num(value):
                return (str(value) if value.denominator == 1 else repr(float(value))), 6
            case Const():
                return "np.pi", 6
            case Sym(name):
                return identifier(name), 6
            case SizeSym(name):
                self.sizes.add(name)
                return identifier(name), 6
            case Add(args):
                text = self._wrap(args[0], 3)
                for arg in args[1:]:
                    text += f" - {self._wrap(arg.arg, 3)}" if isinstance(arg, Neg) else f" + {self._wrap(arg, 3)}"
                return text, 2
            case Neg(arg):
                return f"-{self._wrap(arg, 4)}", 4
            case Mul(args) | MatMul(args):
                sign = " @ " if isinstance(node, MatMul) else " * "
                return sign.join(
                    [
                        self._wrap(args[0], 3 if type(args[0]) is type(node) else 4),
                        *(self._wrap(a, 4) for a in args[1:]),
                    ]
                ), 3
            case Div(left, right):
                return f"{self._wrap(left, 4)} / {self._wrap(right, 4)}", 3
            case Pow(base, exponent):
                return f"{self._wrap(base, 6)} ** {self._wrap(exponent, 5)}", 5
            case Transpose(arg):
                return f"{self._wrap(arg, 6)}.T", 6
            case Cmp(left, right, op) if picks_extreme(node, self.define):
                relative, absolute = ROUNDING
                same = f"np.isclose({self.line(left)}, {self.line(right)}, rtol={relative}, atol={absolute})"
                return (same if op == "==" else f"np.logical_not({same})"), 6
            case Cmp(left, right, op):
                one, other = self._compared(left, right)
                return f"{one} {op} {other}", 1
            case Logic("not", (arg,)):
                return f"np.logical_not({self.line(arg)})", 6
            case Logic(op, args):
                return f"np.logical_{op}({', '.join(map(self.line, args))})", 6
            case Idx(name):
                if node not in self.bound:
                    raise NoSource(f"the index `{name}` is free: a program needs a loss that is one number")
                return f"{identifier(name)} + 1", 2
            case Big(kind, body, index, condition):
                with self._bind(index):
                    chosen = "" if condition is None else f" if {self._wrap(condition, 1)}"
                    each = f"{self.line(body)} for {identifier(index.name)} in {self._counted(index)}{chosen}"
                return (f"sum({each})" if kind == "sum" else f"np.prod([{each}], axis=0)"), 6
            case Table(body, row, column):
                with self._bind(row, column):
                    inner = f"[{self.line(body)} for {identifier(column.name)} in {self._counted(column)}]"
                    nested = f"[{inner} for {identifier(row.name)} in {self._counted(row)}]"
                shape = ", ".join(self.line(from_size(size)) for size in node.shape)
                return f"np.reshape({nested}, ({shape}))", 6
            case At(arg, places):
                along = places
                if len(places) == 1:
                    along = (ONE_NODE, *places) if rows(arg.shape) == ONE else (*places, ONE_NODE)
                return f"{self._wrap(arg, 6)}[{', '.join(self._place(p, None in places) for p in along)}]", 6
            case Call():
                return self._call(node)
        raise NoSource(f"`{write(node)}` has no line of NumPy yet: write it with matrices")

    # entries count from 1 in a formula and from 0 in an array: an index runs from 0, and is one more as a number

    def _counted(self, index: Idx) -> str:
        return f"range({self.line(from_size(index.range))})"

    def _place(self, place: Node | None, sliced: bool) -> str:
        """One place of an entry; in a row or a column of a matrix it keeps its axis."""
        if place is None:
            return ":"
        text, shift = self._from_zero(place)
        if sliced:
            return f"{_sum(text, shift)}:{_sum(text, shift + 1)}"
        return _sum(text, shift)

    def _from_zero(self, place: Node) -> tuple[str, int]:
        """The place as an array counts it: text, and a whole number to add."""
        text, shift = "", -1
        for term in place.args if isinstance(place, Add) else (place,):
            bare, sign = (term.arg, -1) if isinstance(term, Neg) else (term, 1)
            if isinstance(bare, Num) and bare.value.denominator == 1:
                shift += sign * int(bare.value)
                continue
            shift += sign * isinstance(bare, Idx)
            written = identifier(bare.name) if isinstance(bare, Idx) and bare in self.bound else self._wrap(bare, 3)
            text += (" - " if sign < 0 else " + " if text else "") + written
        return text, shift

    def _compared(self, left: Node, right: Node) -> tuple[str, str]:
        if isinstance(left, Idx) and isinstance(right, Idx) and {left, right} <= set(self.bound):
            return identifier(left.name), identifier(right.name)
        return self._wrap(left, 2), self._wrap(right, 2)

    @contextmanager
    def _bind(self, *indices: Idx) -> Iterator[None]:
        self.bound.extend(indices)
        yield
        del self.bound[-len(indices) :]

    def _call(self, node: Call) -> tuple[str, int]:
        name, args, axis = node.name, node.args, node.axis
        inside = [self.line(arg) for arg in args]
        if name in HELPERS:
            for needed in (_NEEDS.get(name), name):
                if needed and needed not in self.helpers:
                    self.helpers.append(needed)
            return f"{name}({', '.join([*inside, *([] if axis is None else [f'axis={axis}'])])})", 6
        match name:
            case "sum" | "mean" | "prod" | "max" | "min":
                if not args[0].shape:
                    return inside[0], 0
                along = "" if axis is None else f", axis={axis}, keepdims=True"
                return f"np.{name}({inside[0]}{along})", 6
            case "indicator":
                return f"({inside[0]}).astype(float)", 6
            case "ones" | "zeros":
                return f"np.{name}(({', '.join(inside)}))", 6
            case "logdet":
                return f"np.linalg.slogdet({inside[0]})[1]", 6
            case "norm1":
                return f"np.sum(np.abs({inside[0]}))", 6
            case "dot":
                return f"np.sum({inside[0]}.ravel() * {inside[1]}.ravel())", 6
            case "outer":
                return f"np.outer({inside[0]}, {inside[1]})", 6
            case "diag":
                if is_vector(args[0].shape):
                    return f"np.diag({inside[0]}.ravel())", 6
                turned = "reshape(1, -1)" if axis == 1 else "reshape(-1, 1)"
                return f"np.diag({inside[0]}).{turned}", 6
            case "vec":
                return f'{inside[0]}.reshape(-1, 1, order="F")', 6
            case "delta":
                one, other = self._compared(args[0], args[1])
                return f"float({one} == {other})", 6
            case "basis":
                place = self._place(args[0], False)
                return f"np.eye({inside[1]})[{f'[{place}], :' if axis == 1 else f':, [{place}]'}]", 6
            case "hstack" | "vstack":
                return f"np.{name}([{', '.join(inside)}])", 6
        if name in _NUMPY:
            return f"{_NUMPY[name]}({', '.join(inside)})", 6
        raise NoSource(f"the function `{name}` has no line of NumPy yet")


def _sum(text: str, shift: int) -> str:
    if not text or not shift:
        return text or str(shift)
    return f"{text} {'-' if shift < 0 else '+'} {abs(shift)}"

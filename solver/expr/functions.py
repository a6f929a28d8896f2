"""The table of functions: one row each, read by the language, the shapes, the printers, the judge and the rules.

A row's `definition` and `derivative` are written in the problem language, in the row's own parameters. A row with no
definition is a primitive, which the judge computes itself; a row with no derivative says so with an empty tuple, and
a route that meets it stops with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from solver.expr.shapes import (
    SCALAR,
    Shape,
    ShapeError,
    broadcast,
    describe,
    is_single,
    is_vector,
    numel,
    square,
)
from solver.expr.sizes import ONE, Size


class Arg(Protocol):
    """What a shape rule may know of an argument."""

    @property
    def shape(self) -> Shape: ...

    @property
    def size(self) -> Size | None:
        """The size that a scalar argument denotes, or None where it is not one."""


ShapeRule = Callable[[Sequence[Arg], int | None], Shape]
Kind = Literal["elementwise", "along", "reduction", "matrix", "made"]
"""elementwise: entry by entry, broadcasting · along: maps each sample · reduction: to fewer entries ·
matrix: everything else of matrices · made: built from sizes, not from data."""


@dataclass(frozen=True)
class Function:
    """One function: its names, its shape, its meaning.

    `params` are the parameters' names in `definition` and `derivative`; `defaults` are the last parameters' values
    when left out. `derivative` has one entry a parameter. `domain` is a condition in the parameters. `kinks` lists
    the conditions under which the derivative does not exist.
    """

    name: str
    params: tuple[str, ...]
    kind: Kind
    shape: ShapeRule
    latex: str
    words: str
    definition: str | None = None
    derivative: tuple[str, ...] = ()
    domain: str | None = None
    kinks: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    takes_axis: bool = False
    oriented: bool = False
    """Whether the result lies as vectors do (its axis is set when it is read: 0 a column, 1 a row)."""
    variadic: bool = False
    aliases: tuple[str, ...] = field(default=())


def _elementwise(args: Sequence[Arg], axis: int | None) -> Shape:
    return broadcast([arg.shape for arg in args])


def _scalar(args: Sequence[Arg], axis: int | None) -> Shape:
    return SCALAR


def _same(args: Sequence[Arg], axis: int | None) -> Shape:
    return args[0].shape


def _reduced(args: Sequence[Arg], axis: int | None) -> Shape:
    shape = args[0].shape
    if axis is None or not shape:
        return SCALAR
    return (ONE, shape[1]) if axis == 0 else (shape[0], ONE)


def _along(args: Sequence[Arg], axis: int | None) -> Shape:
    if not args[0].shape:
        raise ShapeError("it works along a vector, and a scalar was given")
    return args[0].shape


def _square_to_scalar(args: Sequence[Arg], axis: int | None) -> Shape:
    square(args[0].shape, "it")
    return SCALAR


def _square_same(args: Sequence[Arg], axis: int | None) -> Shape:
    square(args[0].shape, "it")
    return args[0].shape


def _power(args: Sequence[Arg], axis: int | None) -> Shape:
    square(args[0].shape, "a power")
    if args[1].shape:
        raise ShapeError(f"the exponent must be a scalar, not {describe(args[1].shape)}")
    return args[0].shape


def _pinv(args: Sequence[Arg], axis: int | None) -> Shape:
    shape = args[0].shape
    return (shape[1], shape[0]) if shape else SCALAR


def _vector(arg: Arg, what: str) -> Size:
    if not is_vector(arg.shape):
        raise ShapeError(f"{what} needs a vector, not {describe(arg.shape)}")
    return numel(arg.shape)


def _dot(args: Sequence[Arg], axis: int | None) -> Shape:
    left, right = (_vector(arg, "dot") for arg in args)
    if left != right:
        raise ShapeError(f"dot needs vectors of one length, not {left} and {right}")
    return SCALAR


def _outer(args: Sequence[Arg], axis: int | None) -> Shape:
    return (_vector(args[0], "outer"), _vector(args[1], "outer"))


def _diag(args: Sequence[Arg], axis: int | None) -> Shape:
    shape = args[0].shape
    if is_vector(shape):
        size = numel(shape)
        return (size, size)
    size = square(shape, "the diagonal")
    return (ONE, size) if axis == 1 else (size, ONE)


def _vec(args: Sequence[Arg], axis: int | None) -> Shape:
    return (numel(args[0].shape), ONE)


def _kron(args: Sequence[Arg], axis: int | None) -> Shape:
    left, right = (arg.shape or (ONE, ONE) for arg in args)
    return (left[0] * right[0], left[1] * right[1])


def _stack(args: Sequence[Arg], along: int) -> Shape:
    shapes = [arg.shape or (ONE, ONE) for arg in args]
    across = 1 - along
    total = shapes[0][along]
    for shape in shapes[1:]:
        if shape[across] != shapes[0][across]:
            raise ShapeError(
                f"cannot stack {describe(shapes[0])} and {describe(shape)}: their "
                f"{'columns' if across else 'rows'} differ in number"
            )
        total = total + shape[along]
    return (shapes[0][0], total) if along else (total, shapes[0][1])


def _hstack(args: Sequence[Arg], axis: int | None) -> Shape:
    return _stack(args, 1)


def _vstack(args: Sequence[Arg], axis: int | None) -> Shape:
    return _stack(args, 0)


def _size(arg: Arg, what: str) -> Size:
    if arg.size is None:
        raise ShapeError(f"{what} needs sizes (names of sizes, whole numbers, or sums and products of them)")
    return arg.size


def _filled(args: Sequence[Arg], axis: int | None) -> Shape:
    return (_size(args[0], "it"), _size(args[1], "it"))


def _eye(args: Sequence[Arg], axis: int | None) -> Shape:
    size = _size(args[0], "eye")
    return (size, size)


def _basis(args: Sequence[Arg], axis: int | None) -> Shape:
    if args[0].shape:
        raise ShapeError("the first argument of basis is an index")
    size = _size(args[1], "basis")
    return (ONE, size) if axis == 1 else (size, ONE)


def _commutation(args: Sequence[Arg], axis: int | None) -> Shape:
    size = _size(args[0], "commutation") * _size(args[1], "commutation")
    return (size, size)


def _delta(args: Sequence[Arg], axis: int | None) -> Shape:
    if any(not is_single(arg.shape) for arg in args):
        raise ShapeError("delta compares two indices")
    return SCALAR


def _f(
    name: str,
    definition: str | None,
    derivative: str | tuple[str, ...],
    latex: str,
    words: str,
    *,
    params: tuple[str, ...] = ("x",),
    domain: str | None = None,
    kinks: tuple[str, ...] = (),
    defaults: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
) -> Function:
    """An elementwise function."""
    slopes = (derivative,) if isinstance(derivative, str) else derivative
    return Function(
        name, params, "elementwise", _elementwise, latex, words, definition, slopes, domain, kinks, defaults,
        aliases=aliases,
    )  # fmt: skip


def _m(
    name: str,
    params: tuple[str, ...],
    shape: ShapeRule,
    latex: str,
    words: str,
    *,
    kind: Kind = "matrix",
    definition: str | None = None,
    domain: str | None = None,
    takes_axis: bool = False,
    oriented: bool = False,
    variadic: bool = False,
    aliases: tuple[str, ...] = (),
) -> Function:
    """A function of matrices; its derivative is a rule of its own."""
    return Function(
        name, params, kind, shape, latex, words, definition, domain=domain, takes_axis=takes_axis,
        oriented=oriented, variadic=variadic, aliases=aliases,
    )  # fmt: skip


_ROWS = (
    # name, definition, derivative, LaTeX, words
    _f("exp", None, "exp(x)", r"\exp", "exponential"),
    _f("log", None, "1/x", r"\log", "natural logarithm", domain="x > 0", aliases=("ln",)),
    _f("sqrt", None, "1/(2*sqrt(x))", r"\sqrt", "square root", domain="x > 0"),
    _f("sin", None, "cos(x)", r"\sin", "sine"),
    _f("cos", None, "-sin(x)", r"\cos", "cosine"),
    _f("tan", "sin(x)/cos(x)", "1 + tan(x)**2", r"\tan", "tangent", domain="cos(x) != 0"),
    _f("sec", "1/cos(x)", "sec(x)*tan(x)", r"\sec", "secant", domain="cos(x) != 0"),
    _f("csc", "1/sin(x)", "-csc(x)*cot(x)", r"\csc", "cosecant", domain="sin(x) != 0"),
    _f("cot", "cos(x)/sin(x)", "-(1 + cot(x)**2)", r"\cot", "cotangent", domain="sin(x) != 0"),
    _f("arcsin", None, "1/sqrt(1 - x**2)", r"\arcsin", "arc sine", domain="abs(x) < 1", aliases=("asin",)),
    _f("arccos", None, "-1/sqrt(1 - x**2)", r"\arccos", "arc cosine", domain="abs(x) < 1", aliases=("acos",)),
    _f("arctan", None, "1/(1 + x**2)", r"\arctan", "arc tangent", aliases=("atan",)),
    _f("sinh", "(exp(x) - exp(-x))/2", "cosh(x)", r"\sinh", "hyperbolic sine"),
    _f("cosh", "(exp(x) + exp(-x))/2", "sinh(x)", r"\cosh", "hyperbolic cosine"),
    _f("tanh", "(exp(x) - exp(-x))/(exp(x) + exp(-x))", "1 - tanh(x)**2", r"\tanh", "hyperbolic tangent"),
    _f("arcsinh", "log(x + sqrt(x**2 + 1))", "1/sqrt(x**2 + 1)", r"\operatorname{arcsinh}",
       "inverse hyperbolic sine", aliases=("asinh",)),
    _f("arccosh", "log(x + sqrt(x**2 - 1))", "1/sqrt(x**2 - 1)", r"\operatorname{arccosh}",
       "inverse hyperbolic cosine", domain="x > 1", aliases=("acosh",)),
    _f("arctanh", "log((1 + x)/(1 - x))/2", "1/(1 - x**2)", r"\operatorname{arctanh}",
       "inverse hyperbolic tangent", domain="abs(x) < 1", aliases=("atanh",)),
    _f("log1p", "log(1 + x)", "1/(1 + x)", r"\operatorname{log1p}", "logarithm of one more", domain="x > -1"),
    _f("expm1", "exp(x) - 1", "exp(x)", r"\operatorname{expm1}", "exponential less one"),
    _f("erf", None, "2/sqrt(pi)*exp(-x**2)", r"\operatorname{erf}", "error function"),
    _f("normal_pdf", "exp(-x**2/2)/sqrt(2*pi)", "-x*normal_pdf(x)", r"\varphi", "standard normal density"),
    _f("normal_cdf", "(1 + erf(x/sqrt(2)))/2", "normal_pdf(x)", r"\Phi", "standard normal distribution function"),
    _f("sigmoid", "1/(1 + exp(-x))", "sigmoid(x)*(1 - sigmoid(x))", r"\sigma", "logistic sigmoid"),
    _f("log_sigmoid", "-log(1 + exp(-x))", "1 - sigmoid(x)", r"\log\sigma", "logarithm of the sigmoid"),
    _f("logit", "log(x/(1 - x))", "1/(x*(1 - x))", r"\operatorname{logit}", "log-odds", domain="x > 0 and x < 1"),
    _f("softplus", "log(1 + exp(x))", "sigmoid(x)", r"\operatorname{softplus}", "softplus"),
    _f("swish", "x*sigmoid(x)", "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))", r"\operatorname{swish}", "swish",
       aliases=("silu",)),
    _f("gelu", "x*normal_cdf(x)", "normal_cdf(x) + x*normal_pdf(x)", r"\operatorname{GELU}",
       "Gaussian error linear unit"),
    _f("mish", "x*tanh(softplus(x))", "tanh(softplus(x)) + x*(1 - tanh(softplus(x))**2)*sigmoid(x)",
       r"\operatorname{mish}", "mish"),
    _f("softsign", "x/(1 + abs(x))", "1/(1 + abs(x))**2", r"\operatorname{softsign}", "softsign"),
    _f("relu", "where(x > 0, x, 0)", "indicator(x > 0)", r"\operatorname{ReLU}", "rectified linear unit",
       kinks=("x == 0",)),
    _f("leaky_relu", "where(x > 0, x, a*x)", ("where(x > 0, 1, a)", "where(x > 0, 0, x)"),
       r"\operatorname{LeakyReLU}", "leaky rectified linear unit", params=("x", "a"), defaults=("0.01",),
       kinks=("x == 0",)),
    _f("elu", "where(x > 0, x, a*(exp(x) - 1))", ("where(x > 0, 1, a*exp(x))", "where(x > 0, 0, exp(x) - 1)"),
       r"\operatorname{ELU}", "exponential linear unit", params=("x", "a"), defaults=("1",), kinks=("x == 0",)),
    _f("abs", "where(x > 0, x, -x)", "sign(x)", r"\operatorname{abs}", "absolute value", kinks=("x == 0",)),
    _f("sign", "where(x > 0, 1, where(x < 0, -1, 0))", "0", r"\operatorname{sign}", "sign", kinks=("x == 0",)),
    _f("maximum", "where(a > b, a, b)", ("indicator(a > b)", "indicator(b >= a)"), r"\max", "larger of two",
       params=("a", "b"), kinks=("a == b",)),
    _f("minimum", "where(a < b, a, b)", ("indicator(a < b)", "indicator(b <= a)"), r"\min", "smaller of two",
       params=("a", "b"), kinks=("a == b",)),
    _f("indicator", None, "0", r"\mathbb{1}", "indicator of a condition", params=("c",)),
    _f("where", None, (), r"\begin{cases}", "choice by a condition", params=("c", "a", "b")),
    _m("delta", ("i", "j"), _delta, r"\delta", "Kronecker delta"),
    # along each sample
    _m("softmax", ("x",), _along, r"\operatorname{softmax}", "softmax", kind="along", takes_axis=True,
       definition="exp(x)/sum(exp(x))"),
    _m("log_softmax", ("x",), _along, r"\log\operatorname{softmax}", "logarithm of the softmax", kind="along",
       takes_axis=True, definition="x - log(sum(exp(x)))"),
    _m("logsumexp", ("x",), _reduced, r"\operatorname{logsumexp}", "logarithm of the sum of exponentials",
       kind="reduction", takes_axis=True, definition="log(sum(exp(x)))"),
    _m("sum", ("x",), _reduced, r"\operatorname{sum}", "sum of the entries", kind="reduction", takes_axis=True),
    _m("prod", ("x",), _reduced, r"\operatorname{prod}", "product of the entries", kind="reduction",
       takes_axis=True),
    _m("mean", ("x",), _reduced, r"\operatorname{mean}", "mean of the entries", kind="reduction", takes_axis=True),
    _m("max", ("x",), _reduced, r"\max", "largest entry", kind="reduction", takes_axis=True),
    _m("min", ("x",), _reduced, r"\min", "smallest entry", kind="reduction", takes_axis=True),
    # matrices
    _m("tr", ("A",), _square_to_scalar, r"\operatorname{tr}", "trace", aliases=("trace",)),
    _m("det", ("A",), _square_to_scalar, r"\det", "determinant"),
    _m("logdet", ("A",), _square_to_scalar, r"\log\det", "logarithm of |det|"),
    _m("inv", ("A",), _square_same, "", "inverse", domain="det(A) != 0"),
    _m("pinv", ("A",), _pinv, "", "Moore–Penrose pseudo-inverse"),
    _m("matrix_power", ("A", "n"), _power, "", "power of a matrix"),
    _m("norm", ("A",), _scalar, "", "Euclidean or Frobenius norm", definition="sqrt(sum(A*A))"),
    _m("norm1", ("A",), _scalar, "", "sum of absolute values", definition="sum(abs(A))"),
    _m("dot", ("a", "b"), _dot, "", "inner product of two vectors"),
    _m("outer", ("a", "b"), _outer, "", "all products of two vectors' entries"),
    _m("diag", ("a",), _diag, r"\operatorname{diag}", "diagonal matrix of a vector, diagonal of a matrix",
       oriented=True),
    _m("vec", ("A",), _vec, r"\operatorname{vec}", "the columns, stacked"),
    _m("kron", ("A", "B"), _kron, r"\otimes", "Kronecker product"),
    _m("tril", ("A",), _same, r"\operatorname{tril}", "lower triangle"),
    _m("hstack", ("A",), _hstack, "", "side by side", variadic=True),
    _m("vstack", ("A",), _vstack, "", "one above the other", variadic=True),
    # made from sizes
    _m("ones", ("m", "n"), _filled, r"\mathbf{1}", "all ones", kind="made"),
    _m("zeros", ("m", "n"), _filled, r"\mathbf{0}", "all zeros", kind="made"),
    _m("eye", ("n",), _eye, r"\bm{I}", "identity matrix", kind="made", aliases=("identity",)),
    _m("basis", ("i", "n"), _basis, r"\bm{e}", "standard basis vector", kind="made", oriented=True),
    _m("commutation", ("m", "n"), _commutation, r"\bm{K}", "commutation matrix: K vec(A) = vec(Aᵀ), A m×n",
       kind="made"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
ALIASES: dict[str, str] = {alias: row.name for row in _ROWS for alias in row.aliases}


def axis_by_layout(row: Function, shapes: Sequence[Shape]) -> bool:
    """Whether reading sets an axis where none is written: a sample's of a batch, or the lie of a vector made."""
    if row.name == "basis":
        return True
    if row.name == "diag" or row.kind == "along" or row.name == "logsumexp":
        return bool(shapes[0]) and not is_vector(shapes[0])
    return False

"""The table of functions: every text in it reads, and every derivative is the limit of differences.

The values are computed here, by mpmath and from this file's own table of what each name means in mathematics.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import mpmath
import pytest

from solver.expr.functions import ALIASES, FUNCTIONS, Function
from solver.expr.nodes import Add, Call, Cmp, Const, Div, Logic, Mul, Neg, Node, Num, Pow, Sym, walk
from solver.expr.read import RESERVED_FUNCTIONS, Scope, check_name, read, read_condition
from solver.expr.shapes import Shape
from solver.expr.sizes import Size

mp = mpmath.mp.clone()
mp.dps = 40

MEANING: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "log": mp.log,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sec": mp.sec,
    "csc": mp.csc,
    "cot": mp.cot,
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "log1p": mp.log1p,
    "expm1": mp.expm1,
    "erf": mp.erf,
    "normal_pdf": mp.npdf,
    "normal_cdf": mp.ncdf,
    "sigmoid": lambda x: (1 + mp.tanh(x / 2)) / 2,
    "log_sigmoid": lambda x: mp.log((1 + mp.tanh(x / 2)) / 2),
    "logit": lambda x: 2 * mp.atanh(2 * x - 1),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "swish": lambda x: x * (1 + mp.tanh(x / 2)) / 2,
    "gelu": lambda x: x * mp.ncdf(x),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)),
    "relu": lambda x: max(x, mp.zero),
    "leaky_relu": lambda x, a: x if x > 0 else a * x,
    "elu": lambda x, a: x if x > 0 else a * mp.expm1(x),
    "abs": abs,
    "sign": mp.sign,
    "maximum": max,
    "minimum": min,
    "indicator": lambda c: mp.one if c else mp.zero,
    "where": lambda c, a, b: a if c else b,
}
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
POINTS = [mp.mpf(text) for text in ("-2.3", "-0.7", "-0.3", "0.2", "0.6", "1.4", "3.1")]
SCALARS = [row for row in FUNCTIONS.values() if row.kind == "elementwise" and row.name not in ("indicator", "where")]


def value(node: Node, at: dict[str, Any]) -> Any:
    """The value of a scalar formula."""
    match node:
        case Num(number):
            return mp.mpf(number.numerator) / number.denominator
        case Const("pi"):
            return mp.pi
        case Sym(name):
            return at[name]
        case Neg(arg):
            return -value(arg, at)
        case Add(args):
            return sum(value(arg, at) for arg in args)
        case Mul(args):
            return reduce(operator.mul, (value(arg, at) for arg in args))
        case Div(left, right):
            return value(left, at) / value(right, at)
        case Pow(left, right):
            return value(left, at) ** value(right, at)
        case Cmp(left, right, op):
            return COMPARE[op](value(left, at), value(right, at))
        case Logic("and", args):
            return all(value(arg, at) for arg in args)
        case Call("where", (condition, a, b)):
            return value(a, at) if value(condition, at) else value(b, at)
        case Call(name, args):
            return MEANING[name](*(value(arg, at) for arg in args))
    raise TypeError(type(node))


def scope(row: Function) -> Scope:
    return Scope(symbols={name: Sym(name) for name in row.params})


def points(row: Function) -> Iterable[dict[str, Any]]:
    """Points of the domain, away from kinks."""
    conditions = [read_condition(row.domain, scope(row))] if row.domain else []
    kinks = [read_condition(text, scope(row)) for text in row.kinks]
    for number, x in enumerate(POINTS):
        at = dict(zip(row.params, [x, *POINTS[number - 3 :], *POINTS], strict=False))
        if all(value(c, at) for c in conditions) and not any(value(kink, at) for kink in kinks):
            yield at
    if row.name == "arccosh":
        yield {"x": mp.mpf("5.5")}


def test_the_meanings_cover_the_elementwise_functions() -> None:
    assert {row.name for row in FUNCTIONS.values() if row.kind == "elementwise"} == set(MEANING)


@pytest.mark.parametrize("row", SCALARS, ids=lambda row: row.name)
def test_the_definition_is_what_the_name_means(row: Function) -> None:
    if row.definition is None:
        # a primitive: nothing it could be defined by
        assert row.name in {"exp", "log", "sqrt", "sin", "cos", "arcsin", "arccos", "arctan", "erf"}
        return
    node = read(row.definition, scope(row))
    places = list(points(row))
    assert len(places) > 1
    for at in places:
        assert mp.almosteq(value(node, at), MEANING[row.name](*at.values()), 1e-30, 1e-30), (row.name, at)


@pytest.mark.parametrize("row", SCALARS, ids=lambda row: row.name)
def test_the_derivative_is_the_limit_of_differences(row: Function) -> None:
    assert len(row.derivative) == len(row.params)
    places = list(points(row))
    assert len(places) > 1
    for number, (param, text) in enumerate(zip(row.params, row.derivative, strict=True)):
        node = read(text, scope(row))
        for at in places:
            order = tuple(int(k == number) for k in range(len(row.params)))
            slope = mp.diff(MEANING[row.name], tuple(at.values()), order)
            assert mp.almosteq(value(node, at), slope, 1e-12, 1e-12), (row.name, param, at)


def test_kinks_are_where_the_derivative_jumps() -> None:
    """Left and right differences differ at a kink, and only rows that have none say so."""
    jumping = {"relu", "leaky_relu", "abs", "sign", "maximum", "minimum"}
    assert {row.name for row in SCALARS if row.kinks} == jumping | {"elu"}
    step = mp.mpf("1e-12")
    for name in jumping - {"sign", "maximum", "minimum"}:
        rest = [mp.mpf("0.3")] * (len(FUNCTIONS[name].params) - 1)
        right, left = (MEANING[name](h, *rest) / h for h in (step, -step))
        assert abs(right - left) > 0.1


@pytest.mark.parametrize(("at", "sign"), [(-3, -1), (0, 0), (2, 1)])
def test_sign_is_numpys(at: int, sign: int) -> None:
    definition = FUNCTIONS["sign"].definition
    assert definition is not None
    assert value(read(definition, scope(FUNCTIONS["sign"])), {"x": mp.mpf(at)}) == sign


# --- functions along a vector -------------------------------------------------------------------------------------


def along(node: Node, x: list[Any]) -> Any:
    """The value of a formula in a vector `x`, written `x` or `A`: a number or a list."""
    match node:
        case Sym():
            return x
        case Call("sum", (arg,)):
            return sum(along(arg, x))
        case Call("exp" | "log" | "sqrt" | "abs" as name, (arg,)):
            inner = along(arg, x)
            return [MEANING[name](each) for each in inner] if isinstance(inner, list) else MEANING[name](inner)
        case Mul((left, right)):
            return pairwise(operator.mul, along(left, x), along(right, x))
        case Div(left, right):
            return pairwise(operator.truediv, along(left, x), along(right, x))
        case Add((left, Neg(right))):
            return pairwise(operator.sub, along(left, x), along(right, x))
    raise TypeError(type(node))


def pairwise(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if not isinstance(left, list) and not isinstance(right, list):
        return operation(left, right)
    length = len(left) if isinstance(left, list) else len(right)
    lefts, rights = (each if isinstance(each, list) else [each] * length for each in (left, right))
    return [operation(a, b) for a, b in zip(lefts, rights, strict=True)]


X = [mp.mpf(text) for text in ("-0.4", "1.3", "0.2")]
TOTAL = mp.exp(X[0]) + mp.exp(X[1]) + mp.exp(X[2])
ALONG = {
    "softmax": [mp.exp(each) / TOTAL for each in X],
    "log_softmax": [each - mp.log(TOTAL) for each in X],
    "logsumexp": mp.log(TOTAL),
    "norm": mp.norm(X, 2),
    "norm1": mp.norm(X, 1),
}


@pytest.mark.parametrize("name", ALONG)
def test_definitions_along_a_vector(name: str) -> None:
    row = FUNCTIONS[name]
    assert row.definition is not None
    found = along(read(row.definition, scope(row)), X)
    wanted = ALONG[name]
    pairs = zip(found, wanted, strict=True) if isinstance(wanted, list) else [(found, wanted)]
    assert all(mp.almosteq(a, b, 1e-30) for a, b in pairs)


def test_every_definition_is_tested_here() -> None:
    defined = {row.name for row in FUNCTIONS.values() if row.definition is not None}
    assert defined == {row.name for row in SCALARS if row.definition} | set(ALONG)


# --- the table itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_a_row_is_well_formed(row: Function) -> None:
    for name in (row.name, *row.aliases, *row.params):
        check_name(name)
    assert row.words
    assert len(row.defaults) <= len(row.params)
    assert not row.derivative or len(row.derivative) == len(row.params)
    for text in row.defaults:
        assert isinstance(read(text, Scope()), Num)
    for text in (row.definition, *row.derivative):
        assert text is None or read(text, scope(row))
    if row.domain and "det" not in row.domain:
        read_condition(row.domain, scope(row))


def test_names_are_not_used_twice() -> None:
    names = [name for row in FUNCTIONS.values() for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))
    assert set(names) | {"D", "d", "matrix"} == RESERVED_FUNCTIONS
    assert set(ALIASES.values()) <= set(FUNCTIONS)


def test_no_definition_leads_back_to_itself() -> None:
    rests_on = {
        row.name: {p.name for p in walk(read(row.definition, scope(row))) if isinstance(p, Call)}
        if row.definition
        else set()
        for row in FUNCTIONS.values()
    }
    for name in rests_on:
        seen: set[str] = set()
        waiting = set(rests_on[name])
        while waiting:
            each = waiting.pop()
            seen.add(each)
            waiting |= rests_on[each] - seen
        assert name not in seen


N, M = Size.of("n"), Size.of("m")
ONE = Size.of(1)
SHAPES: dict[str, Shape] = {
    "sum(P)": (),
    "sum(P, axis=0)": (ONE, N),
    "mean(P, axis=1)": (M, ONE),
    "logsumexp(P, axis=0)": (ONE, N),
    "logsumexp(x)": (),
    "softmax(P)": (M, N),
    "tr(A)": (),
    "inv(A)": (N, N),
    "pinv(P)": (N, M),
    "outer(u, x)": (M, N),
    "dot(x, x.T)": (),
    "diag(x)": (N, N),
    "diag(A, axis=1)": (ONE, N),
    "diag(A, axis=0)": (N, ONE),
    "vec(P)": (M * N, ONE),
    "kron(P, A)": (M * N, N * N),
    "hstack(P, u.T)": (M, N + 1),
    "vstack(P, x)": (M + 1, N),
    "ones(m, n - 1)": (M, N - 1),
    "eye(2*n)": (N * 2, N * 2),
    "basis(1, n, axis=0)": (N, ONE),
    "commutation(m, n)": (M * N, M * N),
    "delta(1, 2)": (),
    "where(x > 0, P, 1)": (M, N),
    "D(sum(P), A)": (N, N),
    "D(x, u)": (N, M),
    "D(P, a)": (M, N),
    "D(A, P)": (N * N, M * N),
    "d(P.T)": (N, M),
}


@pytest.mark.parametrize(("text", "shape"), SHAPES.items())
def test_shapes(text: str, shape: Shape) -> None:
    symbols = {"x": (ONE, N), "u": (ONE, M), "A": (N, N), "P": (M, N), "a": ()}
    known = Scope(symbols={name: Sym(name, each) for name, each in symbols.items()}, sizes=frozenset("mn"))
    assert read(text, known).shape == shape

"""The functions of the table, on jets: primitives from flint, all others from their definitions.

The derivative column of the table is not read here: it is one of the things under judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from solver.check import conditions, jets, linear
from solver.check.balls import ONE, PRIMITIVES, UNDEFINED, ZERO, Array, full, powers, scalar, taylor, transposed
from solver.check.frame import Frame
from solver.check.jets import Jet, Levels
from solver.check.meaning import Meaningless
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Add, Call, Num, add
from solver.expr.shapes import is_vector

if TYPE_CHECKING:
    from solver.check.evaluate import Evaluator


def call(frame: Frame, node: Call) -> Jet:
    """The value of a function's call."""
    special = SPECIAL.get(node.name)
    if special is not None:
        return special(frame, node)
    match node:
        case Call("log", (Add((Num(value), *rest)),)) if value == 1:
            # log(1 + eˣ) of a large negative x is eˣ, which 1 + eˣ has lost
            return primitive("log1p", frame.jet(add(*rest)))
    args = [frame.jet(arg) for arg in node.args]
    if node.name in PRIMITIVES:
        return primitive(node.name, args[0])
    of_matrices = MATRICES.get(node.name)
    if of_matrices is not None:
        return of_matrices(node, args)
    if FUNCTIONS[node.name].definition is None:
        raise Meaningless(f"the judge has no meaning for {node.name}")
    if node.name in ("softmax", "log_softmax", "logsumexp") and _of_one(args[0], node.axis):
        return _along_one(node.name, args[0])
    if FUNCTIONS[node.name].kind == "elementwise" and len(args) == 1 and len(FUNCTIONS[node.name].params) == 1:
        return _composed(frame.evaluator, node.name, args[0])
    return _defined(frame.evaluator, node.name, args, node.axis)


def _of_one(arg: Jet, axis: int | None) -> bool:
    """Whether each sample has one entry only."""
    lengths = (arg.rows, arg.columns)
    return lengths == (1, 1) if axis is None else lengths[axis] == 1


def _along_one(name: str, arg: Jet) -> Jet:
    """Of samples with one entry, exactly: the softmax is 1, its logarithm 0, log-sum-exp the entry itself."""
    if name == "logsumexp":
        return arg
    nothing = jets.linear(arg, lambda part: part * ZERO)
    return nothing if name == "log_softmax" else jets.add(nothing, jets.constant(scalar(ONE)))


def primitive(name: str, arg: Jet) -> Jet:
    return jets.apply(lambda x, order: taylor(name, x, order), arg, kinked=name == "softsign")


def elementwise_power(base: Jet, exponent: Jet) -> Jet:
    """`f**g`; a base that is not positive only to a whole power that does not vary."""
    if exponent.order:
        return primitive("exp", jets.multiply(exponent, primitive("log", base)))
    shape = np.broadcast_shapes(base.value.shape, exponent.value.shape)
    pairs = np.broadcast_to(base.value, shape).flat, np.broadcast_to(exponent.value, shape).flat
    rows = [powers(x, p, base.order) for x, p in zip(*pairs, strict=True)]
    return jets.compose(transposed(rows, shape), base)


def _defined(evaluator: Evaluator, name: str, args: list[Jet], axis: int | None = None) -> Jet:
    """The function's definition, evaluated with its parameters standing for the arguments."""
    names = dict(zip(FUNCTIONS[name].params, args, strict=False))
    inner = evaluator.within(names)
    for number, param in enumerate(FUNCTIONS[name].params):
        if param not in names:
            names[param] = inner.formula(evaluator.meaning.default(name, number))
    return inner.formula(evaluator.meaning.body(name, axis))


def _composed(evaluator: Evaluator, name: str, arg: Jet) -> Jet:
    """An elementwise function of one argument: its Taylor coefficients first, so that directions are met only once."""
    order = arg.order
    parts: dict[Levels, Array] = {(): arg.value}
    *grid, rows, columns = arg.value.shape
    for level in range(order):
        parts[(level,)] = full(ONE, *grid, 1, rows, columns)
    slopes = jets.widen(_defined(evaluator, name, [Jet(parts)]), arg.value.shape)
    coefficients = [slopes.value]
    for k in range(1, order + 1):
        part = slopes.parts.get(tuple(range(k)))
        if part is None:
            coefficients.append(full(ZERO, *arg.value.shape))
        else:
            coefficients.append(part.reshape(arg.value.shape) / factorial(k))
    return jets.compose(coefficients, arg, kinked=bool(FUNCTIONS[name].kinks))


# --- functions that see more than the values of their arguments ----------------------------------------------------


def _where(frame: Frame, node: Call) -> Jet:
    condition, yes, no = node.args
    chosen = conditions.where(
        conditions.truth(frame, condition),
        lambda: frame.jet(yes),
        lambda: frame.jet(no),
    )
    return jets.widen(chosen, frame.evaluator.lengths(node.shape))


def _indicator(frame: Frame, node: Call) -> Jet:
    return conditions.indicator(conditions.truth(frame, node.args[0]))


def _delta(frame: Frame, node: Call) -> Jet:
    left, right = (frame.jet(arg) for arg in node.args)
    return conditions.indicator(conditions.compare(left, right, "=="))


def _sign(frame: Frame, node: Call) -> Jet:
    """−1, 0 or 1, flat but for the jump at 0."""
    arg = frame.jet(node.args[0])
    nothing = jets.constant(scalar(ZERO))
    above, below = (conditions.indicator(conditions.compare(arg, nothing, op)) for op in (">", "<"))
    return jets.add(above, jets.negate(below))


def _power(frame: Frame, node: Call) -> Jet:
    base, exponent = node.args
    if frame.jet(exponent).order:
        raise Meaningless("a matrix power has no derivative by its exponent")
    matrix = frame.jet(base)
    exponents = frame.whole(exponent)
    distinct = sorted({int(k) for k in exponents.flat})
    result = linear.power(matrix, distinct[0])
    for k in distinct[1:]:
        result = jets.choose(exponents == k, linear.power(matrix, k), result)
    return result


def _ones(frame: Frame, node: Call) -> Jet:
    return jets.constant(full(ONE, *frame.evaluator.lengths(node.shape)))


def _zeros(frame: Frame, node: Call) -> Jet:
    return jets.constant(full(ZERO, *frame.evaluator.lengths(node.shape)))


def _eye(frame: Frame, node: Call) -> Jet:
    return jets.constant(linear.identity(frame.evaluator.lengths(node.shape)[0]))


def _basis(frame: Frame, node: Call) -> Jet:
    numbers = frame.whole(node.args[0])
    rows, columns = frame.evaluator.lengths(node.shape)
    places = np.arange(1, rows * columns + 1).reshape(rows, columns)
    vectors = np.where(numbers == places, full(ONE, 1, 1), full(ZERO, 1, 1))
    inside = (numbers >= 1) & (numbers <= rows * columns)
    return jets.constant(vectors if inside.all() else np.where(inside, vectors, full(UNDEFINED, 1, 1)))


def _commutation(frame: Frame, node: Call) -> Jet:
    """K with K vec(A) = vec(Aᵀ) for A m×n: entry (j + i·n, i + j·m) is 1."""
    m, n = (frame.evaluator.length(arg.size) for arg in node.args if arg.size is not None)
    result = full(ZERO, *frame.evaluator.lengths(node.shape))
    for i in range(m):
        for j in range(n):
            result[j + i * n, i + j * m] = ONE
    return jets.constant(result)


Special = Callable[[Frame, Call], Jet]
SPECIAL: dict[str, Special] = {
    "where": _where,
    "indicator": _indicator,
    "delta": _delta,
    "sign": _sign,
    "matrix_power": _power,
    "ones": _ones,
    "zeros": _zeros,
    "eye": _eye,
    "basis": _basis,
    "commutation": _commutation,
}


# --- functions of whole matrices: of the call (for its shapes and axis) and the arguments' jets --------------------


def _sum(node: Call, args: list[Jet]) -> Jet:
    return jets.sum_along(args[0], node.axis)


def _mean(node: Call, args: list[Jet]) -> Jet:
    rows, columns = args[0].rows, args[0].columns
    count = rows * columns if node.axis is None else (rows, columns)[node.axis]
    return jets.linear(_sum(node, args), lambda part: part / count)


def _fold(node: Call, args: list[Jet], operation: Callable[[Jet, Jet], Jet]) -> Jet:
    """The operation between all entries, or between rows (axis 0) or columns (axis 1)."""
    jet = args[0] if node.axis is not None else jets.linear(args[0], _row)
    axis = 1 if node.axis is None else node.axis
    result: Jet | None = None
    for k in range(jet.value.shape[axis - 2]):
        cut = (slice(k, k + 1), slice(None)) if axis == 0 else (slice(None), slice(k, k + 1))
        piece = jets.linear(jet, lambda part, cut=cut: part[(..., *cut)])  # type: ignore[misc]
        result = piece if result is None else operation(result, piece)
    assert result is not None
    return result


def _prod(node: Call, args: list[Jet]) -> Jet:
    return _fold(node, args, jets.multiply)


def _larger(left: Jet, right: Jet) -> Jet:
    return conditions.where(conditions.compare(left, right, ">"), lambda: left, lambda: right)


def _smaller(left: Jet, right: Jet) -> Jet:
    return conditions.where(conditions.compare(left, right, "<"), lambda: left, lambda: right)


def _row(part: Array) -> Array:
    return part.reshape(*part.shape[:-2], 1, part.shape[-1] * part.shape[-2])


def _column(part: Array) -> Array:
    return part.reshape(*part.shape[:-2], part.shape[-1] * part.shape[-2], 1)


def _trace(node: Call, args: list[Jet]) -> Jet:
    return jets.linear(args[0], lambda part: np.asarray(np.trace(part, axis1=-2, axis2=-1))[..., None, None])


def _dot(node: Call, args: list[Jet]) -> Jet:
    return jets.matmul(jets.linear(args[0], _row), jets.linear(args[1], _column))


def _outer(node: Call, args: list[Jet]) -> Jet:
    return jets.multiply(jets.linear(args[0], _column), jets.linear(args[1], _row))


def _diag(node: Call, args: list[Jet]) -> Jet:
    if is_vector(node.args[0].shape):

        def change(part: Array) -> Array:
            return _column(part) * linear.identity(part.shape[-1] * part.shape[-2])

    else:

        def change(part: Array) -> Array:
            entries = np.diagonal(part, axis1=-2, axis2=-1)
            return entries[..., None, :] if node.axis == 1 else entries[..., :, None]

    return jets.linear(args[0], change)


def _vec(node: Call, args: list[Jet]) -> Jet:
    return jets.linear(args[0], lambda part: _column(part.swapaxes(-1, -2)))


def _tril(node: Call, args: list[Jet]) -> Jet:
    def change(part: Array) -> Array:
        return np.where(np.tri(*part.shape[-2:], dtype=np.bool_), part, full(ZERO, 1, 1))

    return jets.linear(args[0], change)


Matrices = Callable[[Call, list[Jet]], Jet]
MATRICES: dict[str, Matrices] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "max": lambda node, args: _fold(node, args, _larger),
    "min": lambda node, args: _fold(node, args, _smaller),
    "tr": _trace,
    "det": lambda node, args: linear.determinant(args[0]),
    "logdet": lambda node, args: linear.log_absolute_determinant(args[0]),
    "inv": lambda node, args: linear.inverse(args[0]),
    "pinv": lambda node, args: linear.pseudo_inverse(args[0]),
    "dot": _dot,
    "outer": _outer,
    "diag": _diag,
    "vec": _vec,
    "kron": lambda node, args: linear.kronecker(*args),
    "tril": _tril,
    "hstack": lambda node, args: jets.joined(args, 1),
    "vstack": lambda node, args: jets.joined(args, 0),
}

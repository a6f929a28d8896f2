"""The table's functions on NumPy arrays, in float64: each by its definition, as it is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


class Undefined(Exception):
    """A function without a float64 value here."""


def apply(name: str, args: Sequence[Any], axis: int | None) -> Any:
    """The function of arrays; Undefined, with a sentence, where it has no value."""
    import numpy as np

    first = args[0]
    try:
        match name:
            case _ if name in _NUMPY:
                return getattr(np, _NUMPY[name])(*args)
            case _ if name in _ELEMENTWISE:
                return _ELEMENTWISE[name](np, *args)
            case "softmax" | "log_softmax" | "logsumexp":
                return _along(name, first, axis)
            case "sum" | "prod" | "mean" | "max" | "min":
                whole = axis is None or not np.ndim(first)
                return getattr(np, name)(first) if whole else getattr(np, name)(first, axis=axis, keepdims=True)
            case "diag":
                if 1 in np.shape(first):
                    return np.diag(np.ravel(first))
                return np.diag(first).reshape((1, -1) if axis == 1 else (-1, 1))
            case "matrix_power":
                return np.linalg.matrix_power(np.atleast_2d(first), round(float(args[1])))
            case _ if name in _MATRIX:
                return _MATRIX[name](np, *[np.atleast_2d(arg) for arg in args])
    except np.linalg.LinAlgError as error:
        raise Undefined(f"{name}: {error}") from error
    raise Undefined(f"{name} has no float64 value")


_NUMPY = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "arcsin",
    "arccos": "arccos", "arctan": "arctan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "abs": "abs",
    "sign": "sign", "maximum": "maximum", "minimum": "minimum", "where": "where", "arcsinh": "arcsinh",
    "arccosh": "arccosh", "arctanh": "arctanh", "log1p": "log1p", "expm1": "expm1",
}  # fmt: skip


def _erf(np: Any, x: Any) -> Any:
    return np.vectorize(math.erf, otypes=[float])(x)


def _cdf(np: Any, x: Any) -> Any:
    return (1 + _erf(np, np.divide(x, np.sqrt(2.0)))) / 2


def _sigmoid(np: Any, x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x)))


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "indicator": lambda np, c: np.asarray(c, dtype=float),
    "delta": lambda np, i, j: np.asarray(i == j, dtype=float),
    "erf": _erf,
    "sec": lambda np, x: 1 / np.cos(x),
    "csc": lambda np, x: 1 / np.sin(x),
    "cot": lambda np, x: np.cos(x) / np.sin(x),
    "logit": lambda np, x: np.log(x / (1 - x)),
    "mish": lambda np, x: x * np.tanh(np.log(1 + np.exp(x))),
    "softsign": lambda np, x: x / (1 + np.abs(x)),
    "normal_pdf": lambda np, x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
    "normal_cdf": _cdf,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda np, x: -np.log(1 + np.exp(-x)),
    "softplus": lambda np, x: np.log(1 + np.exp(x)),
    "swish": lambda np, x: x * _sigmoid(np, x),
    "gelu": lambda np, x: x * _cdf(np, x),
    "relu": lambda np, x: np.where(x > 0, x, 0.0),
    "leaky_relu": lambda np, x, a: np.where(x > 0, x, a * x),
    "elu": lambda np, x, a: np.where(x > 0, x, a * (np.exp(x) - 1)),
}
"""By the definitions of the function table, as they are written."""

_MATRIX: dict[str, Callable[..., Any]] = {
    "tr": lambda np, a: np.trace(a),
    "det": lambda np, a: np.linalg.det(a),
    "logdet": lambda np, a: np.linalg.slogdet(a)[1],
    "inv": lambda np, a: np.linalg.inv(a),
    "pinv": lambda np, a: np.linalg.pinv(a),
    "norm": lambda np, a: np.sqrt(np.sum(a * a)),
    "norm1": lambda np, a: np.sum(np.abs(a)),
    "dot": lambda np, a, b: np.dot(np.ravel(a), np.ravel(b)),
    "outer": lambda np, a, b: np.outer(a, b),
    "vec": lambda np, a: np.reshape(a, (-1, 1), order="F"),
    "kron": lambda np, a, b: np.kron(a, b),
    "tril": lambda np, a: np.tril(a),
    "hstack": lambda np, *a: np.hstack(a),
    "vstack": lambda np, *a: np.vstack(a),
}


def _along(name: str, x: Any, axis: int | None) -> Any:
    import numpy as np

    top = np.max(x, axis=axis, keepdims=True)
    shifted = np.exp(x - top)
    total = np.sum(shifted, axis=axis, keepdims=True)
    if name == "softmax":
        return shifted / total
    if name == "log_softmax":
        return x - top - np.log(total)
    result = top + np.log(total)
    return result.reshape(()) if result.size == 1 else result

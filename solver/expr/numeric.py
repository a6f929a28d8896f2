"""What float64 really gives: nodes evaluated by NumPy, exactly as written.

Overflow, underflow, `0·log 0 = nan` and division by zero come out as the machine does them; nothing is rescued but
`x == max(x)`, which holds of the largest entry also where it was rounded in another way. The functions along a sample
(`softmax`, `log_softmax`, `logsumexp`) are computed as libraries do, shifted by the largest entry; a formula written
out is computed as it is written. This is for figures and tables, never for verdicts.

A scalar is an array of shape `()`, a matrix one of shape `(rows, columns)`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from solver.expr.arrays import Undefined, apply
from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    D,
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
)
from solver.expr.shapes import Shape, describe, is_single
from solver.expr.sizes import Size
from solver.expr.ties import ROUNDING, picks_extreme
from solver.expr.write import write

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


class NumericError(Exception):
    """An expression that has no float64 value here; the message is a sentence for the author."""


@dataclass(frozen=True)
class Point:
    """Values for the names that stand in an expression; what `define` defines is computed when it is met.

    `differences` allows `D(f, x)`, by differences of the fourth order, to about ten digits: enough to draw. With
    `smooth`, there is none where a kink or a jump lies within the steps.
    """

    values: Mapping[str, Array] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    define: Mapping[str, Node] = field(default_factory=dict)
    indices: Mapping[str, int] = field(default_factory=dict)
    differences: bool = False
    smooth: bool = False
    shifts: Mapping[str, Array] = field(default_factory=dict)
    """What is added to a defined name: a derivative by another name still moves it through its definition."""

    def at(self, **indices: int) -> Point:
        return replace(self, indices={**self.indices, **indices})

    def holding(self, name: str, value: Array) -> Point:
        return replace(self, values={**self.values, name: value})

    def shifted(self, name: str, shift: Array) -> Point:
        """The point with the name moved by so much from where it is."""
        if name in self.values:
            return replace(self, values={**self.values, name: self.values[name] + shift})
        return replace(self, shifts={**self.shifts, name: self.shifts.get(name, 0.0) + shift})


def evaluate(node: Node, point: Point) -> Array:
    """The float64 value of the node at the point. NumericError for what has none."""
    import numpy as np

    with np.errstate(all="ignore"):
        return np.asarray(_value(node, point), dtype=float)


def point_of(
    given: Mapping[str, object],
    shapes: Mapping[str, Shape],
    define: Mapping[str, Node],
    known: Mapping[str, int] | None = None,
    differences: bool = False,
) -> Point:
    """A point from decimal texts, numbers and lists of them; sizes not `known` are read off the lists' lengths.

    A list for a vector lies as the declared shape says; a name without a shape is an index. NumericError where a value
    does not fit its shape.
    """
    sizes = dict(known or {})
    indices = {name: round(float(cast(Any, value))) for name, value in given.items() if name not in shapes}
    values = {name: _array(name, value, shapes[name], sizes) for name, value in given.items() if name in shapes}
    for name, array in values.items():
        for size, length in zip(shapes[name], array.shape, strict=True):
            if size.names <= set(sizes) and size.at(sizes) != length:
                raise NumericError(f"{name} has length {length} where its shape says {size} = {size.at(sizes)}")
    return Point(values, sizes, define, indices, differences)


def _array(name: str, value: object, shape: Shape, sizes: dict[str, int]) -> Array:
    import numpy as np

    try:
        array = np.array(_floats(value), dtype=float)
    except (ValueError, TypeError) as error:
        raise NumericError(f"{name}: {value!r} is not a number or a list of numbers") from error
    if not shape:
        if array.size != 1:
            raise NumericError(f"{name} is a scalar, and {array.size} values were given")
        return cast("Array", array.reshape(()))
    if array.ndim < 2:
        array = array.reshape((-1, 1) if shape[1].number == 1 and shape[0].number != 1 else (1, -1))
    if array.ndim > 2:
        raise NumericError(f"{name} has shape {describe(shape)}, and lists in lists in lists were given")
    for size, length in zip(shape, array.shape, strict=True):
        if size.name is not None:
            if sizes.setdefault(size.name, length) != length:
                raise NumericError(f"{name} makes {size.name} = {length}, and another value {sizes[size.name]}")
        elif size.number is not None and size.number != length:
            raise NumericError(f"{name} has shape {describe(shape)}, and {array.shape[0]}×{array.shape[1]} was given")
    return cast("Array", array)


def _floats(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [_floats(each) for each in value]
    if isinstance(value, str):
        return float(Fraction(value)) if "/" in value else float(value)
    return float(cast(Any, value))


# --- nodes --------------------------------------------------------------------------------------------------------


def _value(node: Node, p: Point) -> Any:
    import numpy as np

    match node:
        case Num(value):
            return np.float64(float(value))
        case Const("pi"):
            return np.float64(math.pi)
        case Sym(name):
            return _symbol(name, p)
        case SizeSym(name):
            return np.float64(_size(Size.of(name), p))
        case Idx(name=name):
            return np.float64(_index(name, p))
        case Add(args):
            return _fold(args, p, np.add)
        case Mul(args):
            return _fold(args, p, np.multiply)
        case MatMul(args):
            return _fold(args, p, np.matmul)
        case Neg(arg):
            return -_value(arg, p)
        case Transpose(arg):
            return np.transpose(_value(arg, p))
        case Div(left, right):
            return np.divide(_value(left, p), _value(right, p))
        case Pow(left, right):
            return np.power(_value(left, p), _value(right, p))
        case At():
            return _entry(node, p)
        case Big():
            return _big(node, p)
        case Table(body, row, column):
            m, n = _size(row.range, p), _size(column.range, p)
            rows = [[_scalar(body, p.at(**{row.name: i, column.name: j})) for j in _upto(n)] for i in _upto(m)]
            return np.array(rows)
        case Cmp(left, right, op) if picks_extreme(node, p.define):
            relative, absolute = ROUNDING
            same = np.isclose(_value(left, p), _value(right, p), rtol=relative, atol=absolute)
            return same if op == "==" else ~same
        case Cmp(left, right, op):
            return _COMPARE[op](_value(left, p), _value(right, p))
        case Logic(op, args):
            truths = [np.asarray(_value(arg, p), dtype=bool) for arg in args]
            joined = np.logical_and if op == "and" else np.logical_or
            return ~truths[0] if op == "not" else functools.reduce(joined, truths)
        case Call():
            value = _call(node, p)
            # at sizes of 1 a matrix keeps its two axes
            return np.reshape(value, (1, 1)) if node.shape and np.ndim(value) == 0 else value
        case D():
            return _difference(node, p)
        case Apply(name):
            raise NumericError(f"{name} is an abstract function and has no values")
    raise NumericError(f"no value for `{type(node).__name__}`: write a formula without it")


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def _upto(n: int) -> range:
    return range(1, n + 1)


def _fold(args: Sequence[Node], p: Point, operation: Callable[[Any, Any], Any]) -> Any:
    total = _value(args[0], p)
    for arg in args[1:]:
        total = operation(total, _value(arg, p))
    return total


def _symbol(name: str, p: Point) -> Any:
    if name in p.values:
        return p.values[name]
    if name in p.define:
        value = _value(p.define[name], p)
        return value + p.shifts[name] if name in p.shifts else value
    raise NumericError(f"{name} has no value here: give it one")


def _size(size: Size, p: Point) -> int:
    missing = sorted(size.names - set(p.sizes))
    if missing:
        raise NumericError(f"the size {missing[0]} is not known from the values given")
    return size.at(p.sizes)


def _index(name: str, p: Point) -> int:
    if name not in p.indices:
        raise NumericError(f"the index {name} has no value here")
    return p.indices[name]


def _scalar(node: Node, p: Point) -> float:
    import numpy as np

    return float(np.asarray(_value(node, p)).reshape(()))


def _entry(node: At, p: Point) -> Any:
    import numpy as np

    array = np.atleast_2d(np.asarray(_value(node.arg, p)))
    where = [None if index is None else round(_scalar(index, p)) for index in node.at]
    if len(where) == 1:
        array, where = array.reshape(1, -1), [1, *where]
        whole = (False, False)
    else:
        whole = (where[0] is None, where[1] is None)
    for side, index in enumerate(where):
        if index is not None and not 1 <= index <= array.shape[side]:
            raise NumericError(f"the index {index} is out of range 1 to {array.shape[side]}")
    picked = array[
        slice(None) if where[0] is None else slice(where[0] - 1, where[0]),
        slice(None) if where[1] is None else slice(where[1] - 1, where[1]),
    ]
    return picked if any(whole) else picked.reshape(())


def _big(node: Big, p: Point) -> Any:
    import numpy as np

    # of no terms, too, it has its shape
    total: Any = np.full(tuple(_size(size, p) for size in node.shape), 0.0 if node.kind == "sum" else 1.0)
    for k in _upto(_size(node.index.range, p)):
        here = p.at(**{node.index.name: k})
        if node.condition is None or bool(_value(node.condition, here)):
            value = _value(node.body, here)
            total = total + value if node.kind == "sum" else total * value
    return total


def _call(node: Call, p: Point) -> Any:
    if node.name in ("eye", "ones", "zeros", "basis", "commutation"):
        return _made(node, p)
    try:
        return apply(node.name, [_value(arg, p) for arg in node.args], node.axis)
    except Undefined as error:
        raise NumericError(str(error)) from error


def _made(node: Call, p: Point) -> Any:
    import numpy as np

    sizes = [_size(arg.size, p) if arg.size is not None else 0 for arg in node.args]
    match node.name:
        case "eye":
            return np.eye(sizes[0])
        case "basis":
            unit = np.zeros(sizes[1])
            unit[round(_scalar(node.args[0], p)) - 1] = 1.0
            return unit.reshape((1, -1) if node.axis == 1 else (-1, 1))
        case "commutation":
            m, n = sizes
            return np.eye(m * n)[np.arange(m * n).reshape(m, n, order="F").ravel()]
    return np.full(tuple(sizes), 1.0 if node.name == "ones" else 0.0)


# --- derivatives, for figures -------------------------------------------------------------------------------------


SMOOTH = 1e-5
SMOOTH_ODD = 1e-3
"""How much of a slope the fourth and the third difference over the step may be: of what is smooth 1e-9 and 1e-6 are
left, of a kink much."""


def _difference(node: D, p: Point) -> Any:
    """`∂f/∂x` by (−f(x+2h) + 8f(x+h) − 8f(x−h) + f(x−2h)) / 12h, laid out as the language says."""
    import numpy as np

    if not p.differences:
        raise NumericError("a derivative has no float64 value of its own: write its formula")
    by = node.by
    target = by.arg if isinstance(by, At) else by
    if not isinstance(target, Sym):
        raise NumericError("the variable of a derivative is a symbol or an entry of one")
    start = np.array(_symbol(target.name, p), dtype=float)
    if isinstance(by, At) and None in by.at:
        return _line_of_slopes(node.of, target.name, start, by, p)
    if isinstance(by, At):
        where = [round(_scalar(index, p)) - 1 for index in by.at if index is not None]
        lengths = start.shape if len(where) == 2 else (start.size,)
        if any(not 0 <= index < length for index, length in zip(where, lengths, strict=True)):
            raise NumericError("an entry beyond the last has no derivative")
        flat = where[0] if len(where) == 1 else where[0] * start.shape[1] + where[1]
        return _slope(node.of, target.name, start, flat, p)
    order = np.arange(start.size).reshape(start.shape).ravel(order="F")
    slopes = [np.asarray(_slope(node.of, target.name, start, int(flat), p)) for flat in order]
    if not start.shape:
        return slopes[0]
    if is_single(node.of.shape):
        return np.array([slope.reshape(()) for slope in slopes]).reshape(start.shape, order="F")
    return np.stack([slope.ravel(order="F") for slope in slopes], axis=1)


def _line_of_slopes(of: Node, name: str, start: Array, by: At, p: Point) -> Any:
    """The derivatives of a number by the entries of a row or a column, which lie as it does."""
    import numpy as np

    if not is_single(of.shape):
        raise NumericError("a derivative by a row or a column is one of a number")
    number = round(_scalar(next(index for index in by.at if index is not None), p)) - 1
    axis = 0 if by.at[0] is not None else 1
    if not 0 <= number < start.shape[axis]:
        raise NumericError("an entry beyond the last has no derivative")
    flat = np.take(np.arange(start.size).reshape(start.shape), number, axis=axis)
    slopes = np.array([np.asarray(_slope(of, name, start, int(k), p)).reshape(()) for k in flat])
    return slopes.reshape((1, -1) if axis == 0 else (-1, 1))


def _slope(of: Node, name: str, start: Array, flat: int, p: Point) -> Any:
    import numpy as np

    step = 1e-3 * max(1.0, abs(float(start.ravel()[flat])))

    def shifted(times: int) -> Any:
        shift = np.zeros(start.shape)
        shift.reshape(-1)[flat] = times * step
        return np.asarray(_value(of, p.shifted(name, shift)), dtype=float)

    far, near, back, behind = (shifted(times) for times in (2, 1, -1, -2))
    slope = (-far + 8 * near - 8 * back + behind) / (12 * step)
    if p.smooth:
        bend = np.max(np.abs(far - 4 * near + 6 * shifted(0) - 4 * back + behind)) / step
        # an odd function bends evenly: x/(1 + |x|) at 0 shows in its third difference
        turn = np.max(np.abs(far - 2 * near + 2 * back - behind)) / step
        whole = 1 + np.max(np.abs(slope))
        if not (bend <= SMOOTH * whole and turn <= SMOOTH_ODD * whole):
            raise NumericError(f"`{write(of)}` has a kink, a jump or an end of its domain nearby")
    return slope

"""The value of a formula at a sample point, in ball arithmetic, from what it says and never from a rule.

Derivatives are exact: `D(f, x)` evaluates `f` on jets (see `jets`) with one direction for every entry of `x`, so that
all entries come at once and derivatives nest. Definitions are followed, except that a defined name that is
differentiated by is free at its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from solver.check import calls, conditions, derivatives, jets
from solver.check.balls import (
    MAX_ORDER,
    ONE,
    ZERO,
    Array,
    ball,
    each,
    full,
    scalar,
)
from solver.check.jets import Jet, TooLarge
from solver.check.meaning import DIFFERENTIAL, Meaning, Meaningless
from solver.check.point import Point
from solver.check.scope import NO_LEVELS, Indices, Level, Outside
from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    Const,
    D,
    Dif,
    Div,
    Idx,
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
from solver.expr.shapes import Shape, describe
from solver.expr.sizes import Size
from solver.expr.write import write

MAX_TERMS = 10_000


@dataclass
class Evaluator:
    """Values at one point, each computed once. Callers set the precision and keep one evaluator a precision.

    `names` stand for jets directly (the parameters of a function's definition); `watch` is called now and then and
    may raise to give up.
    """

    meaning: Meaning
    point: Point
    names: Mapping[str, Jet] | None = None
    watch: Callable[[], None] | None = None
    _known: dict[Any, Jet | Outside] = field(default_factory=dict, repr=False)

    def value(self, node: Node, indices: Mapping[str, int]) -> Array:
        """The value, with rows and columns; NaN entries are undefined, infinitely wide ones vague."""
        return self.jet(node, NO_LEVELS, Indices(indices, indices)).value

    def holds(self, condition: Node, indices: Mapping[str, int]) -> bool | None:
        """Whether a scalar condition holds; None where it is undefined or cannot be told."""
        return conditions.single(conditions.truth(self, condition, NO_LEVELS, Indices(indices, indices)))

    def formula(self, node: Node) -> Jet:
        """The value of a formula in which no index stands free."""
        return self.jet(node, NO_LEVELS, Indices({}, {}))

    def jet(self, node: Node, levels: tuple[Level, ...], indices: Indices) -> Jet:
        depends = self.meaning.dependence(node)
        if levels:
            levels = tuple(level for level in levels if level.target in depends.reach)
        try:
            key = (
                node,
                levels,
                *(indices.local[name] for name in depends.indices),
                *(indices.outer[name] for name in depends.outer),
            )
        except KeyError as missing:
            raise Meaningless(f"the index {missing.args[0]} has no value in `{write(node)}`") from None
        known = self._known.get(key)
        if known is None:
            if self.watch is not None:
                self.watch()
            try:
                known = self._compute(node, levels, indices)
            except Outside as outside:
                known = outside
            self._known[key] = known
        if isinstance(known, Outside):
            raise known
        return known

    def _compute(self, node: Node, levels: tuple[Level, ...], indices: Indices) -> Jet:
        def part(child: Node) -> Jet:
            return self.jet(child, levels, indices)

        match node:
            case Num(value=value):
                return jets.constant(scalar(ball(value)))
            case Sym(name=name, declared=shape):
                return self._fitting(name, shape, self._name(name, levels, indices))
            case Idx(name=name):
                return jets.constant(scalar(arb(indices.local[name])))
            case SizeSym(name=name):
                return jets.constant(scalar(arb(self._size(name))))
            case Const(name="pi"):
                return jets.constant(scalar(arb.pi()))
            case Add(args=args):
                return _folded(jets.add, [part(arg) for arg in args])
            case Mul(args=args):
                return _folded(jets.multiply, [part(arg) for arg in args])
            case MatMul(args=args):
                return _folded(jets.matmul, [part(arg) for arg in args])
            case Neg(arg=arg):
                return jets.negate(part(arg))
            case Transpose(arg=arg):
                return jets.transpose(part(arg))
            case Div(left=left, right=right):
                return jets.divide(part(left), part(right))
            case Pow(left=left, right=right):
                return calls.elementwise_power(part(left), part(right))
            case At(arg=arg, at=at):
                return self._entry(part(arg), arg.shape, at, indices)
            case Big():
                return self._big(node, levels, indices)
            case Table():
                return self._table(node, levels, indices)
            case Call():
                return calls.call(self, node, levels, indices)
            case Apply(name=name, arg=arg, order=order):
                return self._apply(name, order, part(arg))
            case D(of=of, by=by):
                return self._derivative(of, by, levels, indices)
            case Dif(arg=arg):
                return self._differential(arg, levels, indices)
        raise Meaningless(f"`{write(node)}` has no value of its own")

    # --- names --------------------------------------------------------------------------------------------------------

    def _name(self, name: str, levels: tuple[Level, ...], indices: Indices) -> Jet:
        if self.names is not None:
            return self.names[name]
        varies = name in self.meaning.variables
        cutting = [level for level in levels if level.target == name or (varies and level.target == DIFFERENTIAL)]
        definition = self.meaning.define.get(name)
        if definition is not None:
            rest = tuple(level for level in levels if level not in cutting)
            base = self.jet(definition, rest, Indices(indices.outer, indices.outer))
        else:
            base = jets.constant(self._data(name))
        if not cutting:
            return base
        parts = dict(base.parts)
        for level in cutting:
            if level.target == DIFFERENTIAL:
                parts[(level.number,)] = self._direction(name, base.value.shape)[None]
            else:
                parts[(level.number,)] = derivatives.directions(base.value.shape)
        return Jet(parts)

    def _fitting(self, name: str, shape: Shape, jet: Jet) -> Jet:
        """The jet, if it lies as the formula says; a name used with two shapes would be compared with itself."""
        if self.names is None and jet.value.shape != self.lengths(shape):
            raise Meaningless(f"{name} does not have the shape {describe(shape)} here")
        return jet

    def _data(self, name: str) -> Array:
        if name not in self.point.values:
            raise Meaningless(f"{name} is neither declared nor defined")
        return each(arb, self.point.values[name])

    def _direction(self, name: str, shape: tuple[int, ...]) -> Array:
        if name not in self.point.differentials:
            raise Meaningless(f"{name} has no differential here")
        direction = each(arb, self.point.differentials[name])
        assert direction.shape == shape
        return direction

    def _size(self, name: str) -> int:
        if name not in self.point.sizes:
            raise Meaningless(f"the size {name} has no value")
        return self.point.sizes[name]

    def lengths(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns in numbers; 1 and 1 for a scalar."""
        if not shape:
            return 1, 1
        rows, columns = (self._number(size) for size in shape)
        jets.refuse_large(rows * columns)
        return rows, columns

    def _number(self, size: Size) -> int:
        try:
            return size.at(self.point.sizes)
        except KeyError as missing:
            raise Meaningless(f"the size {missing.args[0]} has no value") from None
        except ValueError as error:
            raise Meaningless(str(error)) from None

    def _length(self, size: Size) -> int:
        length = self._number(size)
        if length > MAX_TERMS:
            raise TooLarge(f"a sum of {length} terms is not computed: use smaller or symbolic sizes")
        return length

    # --- entries, sums, tables ----------------------------------------------------------------------------------------

    def whole(self, node: Node, indices: Indices) -> int:
        """The whole number that an index expression is."""
        if isinstance(node, Idx):
            return indices.local[node.name]
        number = self.jet(node, NO_LEVELS, indices).value[0, 0].unique_fmpz()
        if number is None:
            raise Meaningless(f"`{write(node)}` must be a whole number to be an index or exponent")
        return int(number)

    def _entry(self, jet: Jet, shape: Shape, at: tuple[Node | None, ...], indices: Indices) -> Jet:
        row, column = self.picks(shape, at, indices)
        lengths = jet.value.shape
        _inside(row, lengths[0])
        _inside(column, lengths[1])
        rows = slice(None) if row is None else slice(row - 1, row)
        columns = slice(None) if column is None else slice(column - 1, column)
        return jets.linear(jet, lambda part: part[..., rows, columns])

    def picks(self, shape: Shape, at: tuple[Node | None, ...], indices: Indices) -> tuple[int | None, int | None]:
        """The row and the column that an entry names (None: all), counted from 1."""
        numbers = [None if index is None else self.whole(index, indices) for index in at]
        if len(numbers) == 2:
            return numbers[0], numbers[1]
        assert shape
        return (1, numbers[0]) if shape[0].number == 1 else (numbers[0], 1)

    def _big(self, node: Big, levels: tuple[Level, ...], indices: Indices) -> Jet:
        name = node.index.name
        terms = []
        neutral = jets.constant(scalar(ZERO if node.kind == "sum" else ONE))
        for number in range(1, self._length(node.index.range) + 1):
            inner = indices.binding(name, number)

            def body(inner: Indices = inner) -> Jet:
                return self.jet(node.body, levels, inner)

            if node.condition is None:
                terms.append(body())
            else:
                terms.append(
                    conditions.where(conditions.truth(self, node.condition, levels, inner), body, lambda: neutral)
                )
        start = jets.constant(full(ZERO if node.kind == "sum" else ONE, *self.lengths(node.shape)))
        return _folded(jets.add if node.kind == "sum" else jets.multiply, [start, *terms])

    def _table(self, node: Table, levels: tuple[Level, ...], indices: Indices) -> Jet:
        rows, columns = self.lengths(node.shape)
        return jets.stack(
            [
                [
                    self.jet(node.body, levels, indices.binding(node.row.name, i).binding(node.column.name, j))
                    for j in range(1, columns + 1)
                ]
                for i in range(1, rows + 1)
            ]
        )

    # --- derivatives --------------------------------------------------------------------------------------------------

    def _derivative(self, of: Node, by: Node, levels: tuple[Level, ...], indices: Indices) -> Jet:
        variable, at = derivatives.variable_of(by)
        level = self._next(levels, variable.name)
        jet = self.jet(of, (*levels, level), indices)
        rows, columns = self.jet(variable, NO_LEVELS, indices).value.shape
        row, column = (None, None) if at is None else self.picks(variable.shape, at, indices)
        _inside(row, rows)
        _inside(column, columns)

        def change(part: Array) -> Array:
            part = np.broadcast_to(part, (*part.shape[:-3], rows * columns, *part.shape[-2:]))
            part = part.reshape(*part.shape[:-3], rows, columns, *part.shape[-2:])
            if row is not None:
                part = part[..., row - 1 : row, :, :, :]
            if column is not None:
                part = part[..., column - 1 : column, :, :]
            return derivatives.laid_out(part, of.shape, by.shape)

        return derivatives.slope(jet, level.number, change, lambda: full(ZERO, *self.lengths(D(of, by).shape)))

    def _differential(self, arg: Node, levels: tuple[Level, ...], indices: Indices) -> Jet:
        if not self.meaning.variables:
            raise Meaningless("d(…) stands here, and nothing says which symbols vary")
        level = self._next(levels, DIFFERENTIAL)
        jet = self.jet(arg, (*levels, level), indices)
        return derivatives.slope(
            jet, level.number, lambda part: part[..., 0, :, :], lambda: full(ZERO, *jet.value.shape)
        )

    def _next(self, levels: tuple[Level, ...], target: str) -> Level:
        number = levels[-1].number + 1 if levels else 1
        if number >= MAX_ORDER // 2:
            raise TooLarge("a derivative of so high an order is not computed")
        return Level(number, target)

    def _apply(self, name: str, order: int, arg: Jet) -> Jet:
        function = self.point.functions.get(name)
        if function is None:
            raise Meaningless(f"{name} is not declared as a function")
        return jets.apply(lambda x, more: function.taylor(order, x, more), arg)

    def within(self, names: Mapping[str, Jet]) -> Evaluator:
        """An evaluator of formulas in which only these names stand: the definitions of functions."""
        return Evaluator(self.meaning.plain, self.point, names, self.watch)


def _inside(pick: int | None, length: int) -> None:
    if pick is not None and not 1 <= pick <= length:
        raise Outside(f"entry {pick} of {length}")


def _folded(operation: Callable[[Jet, Jet], Jet], terms: list[Jet]) -> Jet:
    result = terms[0]
    for term in terms[1:]:
        result = operation(result, term)
    return result

"""The value of a formula at a sample point, in ball arithmetic, from what it says and never from a rule.

Derivatives are exact: `D(f, x)` evaluates `f` on jets (see `jets`) with one direction for every entry of `x`, so that
all entries come at once and derivatives nest; through definitions it goes one at a time (see `chained`). Definitions
are followed, except that a defined name that is differentiated by is free at its value. A formula in which indices
stand is evaluated for all their values at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from solver.check import calls, conditions, derivatives, jets
from solver.check.balls import ONE, UNDEFINED, ZERO, Array, ball, each, full, scalar
from solver.check.chained import Chained
from solver.check.frame import NO_LEVELS, Frame, Level, picked
from solver.check.grid import arranged, gridded
from solver.check.jets import Jet, Mask, TooLarge
from solver.check.meaning import DIFFERENTIAL, Dependence, Meaning, Meaningless, outer
from solver.check.point import Point
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
    call,
    num,
)
from solver.expr.shapes import Shape, describe
from solver.expr.sizes import Size
from solver.expr.write import write

MAX_TERMS = 10_000
SHORT = 3
"""Sums and products of so few parts are computed anew when one of them changes."""
MAX_GRID = 1_000
"""Formulas with more values of their free indices are evaluated for one assignment at a time."""


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
    _known: dict[Any, Jet] = field(default_factory=dict, repr=False)
    _halves: dict[Any, Jet] = field(default_factory=dict, repr=False)
    chained: Chained = field(init=False, repr=False)
    _tables: dict[int, tuple[tuple[str, ...], Array]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.chained = Chained(self)

    # --- for callers --------------------------------------------------------------------------------------------------

    def value(self, node: Node, indices: Mapping[str, int]) -> Array:
        """The value at these indices, with rows and columns; NaN entries are undefined, infinitely wide ones vague."""
        if self.fits(node):
            names, table = self.table(node)
            place = (0 if table.shape[k] == 1 else indices[name] - 1 for k, name in enumerate(names))
            value: Array = table[tuple(place)]
            return value
        fixed = self._fixed(node, indices)
        return self.field(node, NO_LEVELS, fixed).value

    def holds(self, condition: Node, indices: Mapping[str, int]) -> bool | None:
        """Whether a condition holds; None where it is undefined or cannot be told."""
        frame = Frame(self, NO_LEVELS, self._fixed(condition, indices), ())
        return conditions.single(conditions.truth(frame, condition))

    def formula(self, node: Node) -> Jet:
        """The value of a formula in which no index stands free."""
        return self.field(node, NO_LEVELS, {})

    def fits(self, node: Node) -> bool:
        """Whether the free indices of a formula take so few values that they are evaluated together."""
        total = 1
        for index in self.meaning.free(node).values():
            total *= self.length(index.range)
        return total <= MAX_GRID

    def table(self, node: Node) -> tuple[tuple[str, ...], Array]:
        """The values for all values of the free indices: their names, one axis each, then rows and columns."""
        depends = self.meaning.dependence(node)
        if depends.number not in self._tables:
            value = self.field(node, NO_LEVELS, {}).value
            names = tuple(label.removeprefix(outer("")) for label in depends.axes)
            together = tuple(sorted(set(names)))
            self._tables[depends.number] = together, arranged(value, names, together)
        return self._tables[depends.number]

    def mask(self, condition: Node) -> tuple[tuple[str, ...], Mask]:
        """Where a condition certainly holds, for all values of its free indices."""
        labels = self.meaning.dependence(condition).axes
        marks = conditions.truth(Frame(self, NO_LEVELS, {}, labels), condition).marks
        names = tuple(label.removeprefix(outer("")) for label in labels)
        together = tuple(sorted(set(names)))
        return together, arranged((marks == conditions.YES).all(axis=(-2, -1)), names, together)

    # --- formulas -----------------------------------------------------------------------------------------------------

    def labels(self, node: Node, fixed: Mapping[str, int]) -> tuple[str, ...]:
        """The axes of a formula's grid: the indices it depends on that are not fixed."""
        axes = self.meaning.dependence(node).axes
        return axes if not fixed else tuple(axis for axis in axes if axis not in fixed)

    def field(self, node: Node, levels: tuple[Level, ...], fixed: Mapping[str, int]) -> Jet:
        """The value of a formula on its own grid, with the derivatives in play on which it depends."""
        return self.on_grid(node, levels, fixed)[0]

    def on_grid(self, node: Node, levels: tuple[Level, ...], fixed: Mapping[str, int]) -> tuple[Jet, tuple[str, ...]]:
        """The same, with the axes of its grid."""
        depends = self.meaning.dependence(node)
        if levels:
            levels = tuple(
                [level for level in levels if level.target in (depends.names if level.local else depends.reach)]
            )
        labels = depends.axes
        held: tuple[int, ...] = ()
        if fixed:
            held = tuple([fixed[axis] for axis in depends.axes if axis in fixed])
            labels = tuple([axis for axis in depends.axes if axis not in fixed])
        key = (depends.number, levels, held)
        known = self._known.get(key)
        if known is None:
            if self.watch is not None:
                self.watch()
            known = self._compute(node, Frame(self, levels, fixed, labels))
            if self.names is None:
                known = gridded(known, len(labels))
            self._known[key] = known
        return known, labels

    def _compute(self, node: Node, frame: Frame) -> Jet:
        match node:
            case Sym(name=name, declared=shape):
                return self._fitting(name, shape, self._name(name, frame))
            case Call():
                return calls.call(frame, node)
            case Num(value=value):
                return jets.constant(scalar(ball(value)))
            case Idx(name=name):
                return jets.constant(
                    each(arb, frame.whole(node) if name in frame.labels else scalar(frame.fixed[name]))
                )
            case SizeSym(name=name):
                return jets.constant(scalar(arb(self.length(Size.of(name)))))
            case Const(name="pi"):
                return jets.constant(scalar(arb.pi()))
            case Add():
                return self._gathered(jets.add, node, frame)
            case Mul():
                return self._gathered(jets.multiply, node, frame)
            case MatMul(args=args):
                return _folded(jets.matmul, [frame.jet(arg) for arg in args])
            case Neg(arg=arg):
                return jets.negate(frame.jet(arg))
            case Transpose(arg=arg):
                return jets.transpose(frame.jet(arg))
            case Div(left=left, right=right):
                return jets.divide(frame.jet(left), frame.jet(right))
            case Pow(left=Call(name="norm", args=(arg,)), right=Num(value=value)) if value and value % 2 == 0:
                # an even power of a norm is smooth where the norm itself is 0
                return frame.jet(Pow(call("sum", Mul((arg, arg))), num(value / 2)))
            case Pow(left=left, right=right):
                return calls.elementwise_power(frame.jet(left), frame.jet(right))
            case At(arg=arg, at=at):
                row, column = frame.picks(arg.shape, at)
                parts = frame.jet(arg).parts.items()
                return Jet(
                    {levels: picked(picked(part, levels, row, -2), levels, column, -1) for levels, part in parts}
                )
            case Big():
                return self._big(node, frame)
            case Table():
                return self._table(node, frame)
            case Apply(name=name, arg=arg, order=order):
                return self._apply(name, order, frame.jet(arg))
            case D(of=of, by=by):
                return self._derivative(of, by, frame)
            case Dif(arg=arg):
                return self._differential(arg, frame)
        raise Meaningless(f"`{write(node)}` has no value of its own")

    def _gathered(self, operation: Callable[[Jet, Jet], Jet], node: Add | Mul, frame: Frame) -> Jet:
        """A sum or product by halves, each kept: lines that differ in one of many parts share the others."""
        args, numbers = node.args, self.meaning.dependence(node).parts
        if len(args) <= SHORT:
            return _folded(operation, [frame.jet(arg) for arg in args])
        around = (operation, frame.levels, frame.labels, tuple(sorted(frame.fixed.items())))

        def between(low: int, high: int) -> Jet:
            if high - low == 1:
                return frame.jet(args[low])
            key = (numbers[low:high], *around)
            if key not in self._halves:
                middle = (low + high) // 2
                self._halves[key] = operation(between(low, middle), between(middle, high))
            return self._halves[key]

        return between(0, len(args))

    # --- names --------------------------------------------------------------------------------------------------------

    def _name(self, name: str, frame: Frame) -> Jet:
        if self.names is not None:
            return self.names[name]
        if name in self.meaning.define:
            base = self.definition(name, tuple(level for level in frame.levels if not level.local), frame)
        else:
            base = jets.constant(self._data(name))
        cutting = [level for level in frame.levels if self._cuts(level, name)]
        if not cutting:
            return base
        parts = dict(base.parts)
        shape = (base.rows, base.columns)
        for level in cutting:
            if level.target == DIFFERENTIAL:
                parts[(level.number,)] = self._direction(name, shape)[None]
            else:
                parts[(level.number,)] = derivatives.directions(shape)
        return gridded(Jet(parts), len(frame.labels))

    def _cuts(self, level: Level, name: str) -> bool:
        """Whether the level varies the name itself, whatever its definition says."""
        return level.target == name or (level.target == DIFFERENTIAL and name in self.meaning.variables)

    def definition(self, name: str, levels: tuple[Level, ...], frame: Frame) -> Jet:
        """A definition's value. Its indices are those of the whole line, whatever is bound where its name stands."""
        definition = self.meaning.define[name]
        levels = tuple(level for level in levels if not self._cuts(level, name))
        axes = self.meaning.dependence(definition).axes
        fixed = {axis: frame.fixed[outer(axis)] for axis in axes if outer(axis) in frame.fixed}
        jet = self.field(definition, levels, fixed)
        labels = tuple(outer(axis) for axis in self.labels(definition, fixed))
        return Jet({levels: arranged(part, labels, frame.labels) for levels, part in jet.parts.items()})

    def _fitting(self, name: str, shape: Shape, jet: Jet) -> Jet:
        """The jet, if it lies as the formula says; a name used with two shapes would be compared with itself."""
        if self.names is None and (jet.rows, jet.columns) != self.lengths(shape):
            raise Meaningless(f"{name} does not have the shape {describe(shape)} here")
        return jet

    def _data(self, name: str) -> Array:
        if name not in self.point.values:
            raise Meaningless(f"{name} is neither declared nor defined")
        return each(arb, self.point.values[name])

    def _direction(self, name: str, shape: tuple[int, int]) -> Array:
        direction = self.point.differentials.get(name)
        if direction is None or direction.shape != shape:
            raise Meaningless(f"{name} has no differential here")
        return each(arb, direction)

    def length(self, size: Size) -> int:
        """The number that a size is at this point."""
        name = size.name
        try:
            length = size.at(self.point.sizes) if name is None else self.point.sizes[name]
        except KeyError as missing:
            raise Meaningless(f"the size {missing.args[0]} has no value") from None
        except ValueError as error:
            raise Meaningless(str(error)) from None
        if length > MAX_TERMS:
            raise TooLarge(f"a size of {length} is too large to compute with: use smaller or symbolic sizes")
        return length

    def lengths(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns in numbers; 1 and 1 for a scalar."""
        if not shape:
            return 1, 1
        rows, columns = (self.length(size) for size in shape)
        jets.refuse_large(rows * columns)
        return rows, columns

    # --- sums and tables ----------------------------------------------------------------------------------------------

    def _inner(self, frame: Frame, bound: tuple[Idx, ...], *nodes: Node) -> Frame:
        """The surroundings of formulas in which indices are bound: each has an axis of its own."""
        names = {index.name for index in bound}
        fixed = {name: value for name, value in frame.fixed.items() if name not in names}
        labels = names.union(*(self.labels(node, fixed) for node in nodes))
        return Frame(self, frame.levels, fixed, tuple(sorted(labels)))

    def _big(self, node: Big, frame: Frame) -> Jet:
        length = self.length(node.index.range)
        neutral = jets.constant(full(ZERO if node.kind == "sum" else ONE, *self.lengths(node.shape)))
        if length == 0:
            return neutral
        inner = self._inner(frame, (node.index,), *node.children)
        if node.condition is None:
            body = inner.jet(node.body)
        else:
            found = conditions.truth(inner, node.condition)
            body = conditions.where(found, lambda: inner.jet(node.body), lambda: neutral)
            if (found.marks == conditions.NO).all():
                body = jets.still(body, inner.jet(node.body))
        axis = inner.labels.index(node.index.name)
        body = jets.widen(body, (*body.value.shape[:axis], length, *body.value.shape[axis + 1 :]))
        if node.kind == "sum":
            return jets.linear(body, lambda part: np.asarray(np.add.reduce(part, axis=axis), dtype=object))
        before = (slice(None),) * axis
        factors = [jets.linear(body, lambda part, k=k: part[(*before, k)]) for k in range(length)]  # type: ignore[misc]
        return _folded(jets.multiply, factors)

    def _table(self, node: Table, frame: Frame) -> Jet:
        inner = self._inner(frame, (node.row, node.column), node.body)
        rows, columns = inner.labels.index(node.row.name), inner.labels.index(node.column.name)
        body = inner.jet(node.body)
        outline = list(body.value.shape)
        outline[rows], outline[columns] = self.lengths(node.shape)
        body = jets.widen(body, tuple(outline))
        return jets.linear(body, lambda part: np.moveaxis(part[..., 0, 0], (rows, columns), (-2, -1)))

    # --- derivatives --------------------------------------------------------------------------------------------------

    def _derivative(self, of: Node, by: Node, frame: Frame) -> Jet:
        variable, at = derivatives.variable_of(by)
        slopes = self.chained.slopes(frame, of, variable) or self.carried(frame, of, variable)
        # what has no value has no derivative, though the series of its parts may have one: log(−eˣ)
        nowhere = each(lambda x: x.is_nan(), frame.jet(of).value).astype(np.bool_)
        without = np.asarray(nowhere.any(axis=(-2, -1), keepdims=True))
        outline = *self.lengths(variable.shape), *self.lengths(of.shape)
        row, column = (None, None) if at is None else frame.picks(variable.shape, at)
        parts = {}
        for levels, part in slopes.parts.items():
            part = part.reshape(*part.shape[:-2], *outline)
            part = picked(picked(part, levels, row, -4), levels, column, -3)
            parts[levels] = derivatives.laid_out(part, of.shape, by.shape)
        return jets.spoil(Jet(parts), without, UNDEFINED, slopes_only=False)

    def carried(self, frame: Frame, of: Node, variable: Sym) -> Jet:
        """The slopes, from jets that carry every direction of the variable through all that rests on it."""
        number = derivatives.next_level(frame.levels)
        jet = Frame(self, (*frame.levels, Level(number, variable.name)), frame.fixed, frame.labels).jet(of)
        rows, columns = self.lengths(variable.shape)
        return gridded(derivatives.matrix(jet, number, rows * columns, self.lengths(of.shape)), len(frame.labels))

    def _differential(self, arg: Node, frame: Frame) -> Jet:
        if not self.meaning.variables:
            raise Meaningless("d(…) stands here, and nothing says which symbols vary")
        number = derivatives.next_level(frame.levels)
        jet = Frame(self, (*frame.levels, Level(number, DIFFERENTIAL)), frame.fixed, frame.labels).jet(arg)
        zero = full(ZERO, *self.lengths(arg.shape))
        return derivatives.slope(jet, number, lambda part, rest: part[..., 0, :, :], lambda: zero)

    def _apply(self, name: str, order: int, arg: Jet) -> Jet:
        function = self.point.functions.get(name)
        if function is None:
            raise Meaningless(f"{name} is not declared as a function")
        return jets.apply(lambda x, more: function.taylor(order, x, more), arg)

    def within(self, names: Mapping[str, Jet]) -> Evaluator:
        """An evaluator of formulas in which only these names stand: the definitions of functions."""
        return Evaluator(self.meaning.plain, self.point, names, self.watch)

    def _fixed(self, node: Node, indices: Mapping[str, int]) -> dict[str, int]:
        """Every index of the formula fixed, where it stands and in the definitions."""
        depends: Dependence = self.meaning.dependence(node)
        try:
            return {axis: indices[axis.removeprefix(outer(""))] for axis in depends.axes}
        except KeyError as missing:
            raise Meaningless(f"the index {missing.args[0]} has no value in `{write(node)}`") from None


def _folded(operation: Callable[[Jet, Jet], Jet], terms: list[Jet]) -> Jet:
    result = terms[0]
    for term in terms[1:]:
        result = operation(result, term)
    return result

"""From text to nodes: numbers, names, arithmetic and conditions, read exactly as they stand."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from solver.expr import shapes, tried
from solver.expr.calls import read_call
from solver.expr.entries import read_entry
from solver.expr.limits import check_power
from solver.expr.nodes import (
    Add,
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
    Transpose,
    free_indices,
)
from solver.expr.scan import MAX_NESTING, ReadError, Source, parse
from solver.expr.scope import Scope
from solver.expr.shapes import Shape, ShapeError, describe, is_single, is_vector, numel
from solver.expr.sizes import Size

_COMPARISONS: Mapping[type[ast.cmpop], Literal["==", "!=", "<", "<=", ">", ">="]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


@dataclass
class Reader:
    """Reads the parts of one text.

    `bound` are the indices of the generators around. Where the text may introduce indices, `opened` collects them and
    `alone` are the names that could be one.
    """

    source: Source
    scope: Scope
    bound: Mapping[str, Idx] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()
    opened: dict[str, Idx] | None = None
    rebound: dict[str, ast.expr] = field(default_factory=dict)
    """Declared indices that a generator of the text binds anew, and where."""
    depth: int = 0

    @property
    def names(self) -> frozenset[str]:
        """Every name that is a value here."""
        return self.scope.names | self.bound.keys() | (self.opened or {}).keys()

    def error(self, part: ast.expr | ast.keyword, message: str, hint: str = "") -> ReadError:
        """The mistake in a part of the text."""
        return self.source.error(part, message, hint)

    def unfit(self, part: ast.expr | ast.keyword, message: str, hint: str = "") -> ReadError:
        """The mistake in a part whose shapes cannot be combined."""
        error = self.source.error(part, message, hint)
        error.misfit = True
        return error

    def binding(self, index: Idx) -> Reader:
        """The reader of what stands under the generator of `index`."""
        return replace(self, bound={**self.bound, index.name: index})

    def check_rebound(self, node: Node) -> None:
        """ReadError where an index that this text binds stands free in `node`."""
        for name in sorted(index.name for index in free_indices(node)):
            if name in self.rebound:
                raise self.error(self.rebound[name], f"`{name}` stands both bound and free", "choose another index")

    def default(self, text: str) -> Node:
        """The value of a parameter of the function table that was left out."""
        source = parse(text)
        return Reader(source, Scope()).value(source.tree)

    # --- values ---------------------------------------------------------------------------------------------------

    def value(self, part: ast.expr) -> Node:
        """The expression that a part of the tree is."""
        self._enter(part)
        try:
            return self._value(part)
        except ShapeError as error:
            raise self.unfit(part, error.message, error.hint) from None
        finally:
            self.depth -= 1

    def _enter(self, part: ast.expr) -> None:
        if self.depth >= MAX_NESTING:
            raise self.error(part, f"the expression is nested more than {MAX_NESTING} deep")
        self.depth += 1

    def _value(self, part: ast.expr) -> Node:
        match part:
            case ast.Constant():
                return self._number(part)
            case ast.Name():
                return self._name(part)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Neg(self.value(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum(part)
            case ast.BinOp(op=ast.Mult() | ast.Div() | ast.MatMult()):
                return self._product(part)
            case ast.BinOp(op=ast.Pow()):
                return self._power(part)
            case ast.Attribute(value=value, attr="T"):
                return Transpose(self.value(value))
            case ast.Attribute():
                raise self.error(part, *tried.attribute(part, self.scope, self.names))
            case ast.Subscript():
                return read_entry(self, part)
            case ast.Call():
                return read_call(self, part)
        raise self.error(part, *tried.unreadable(part))

    def _number(self, part: ast.Constant) -> Node:
        if type(part.value) not in (int, float):
            raise self.error(part, "this is not a number")
        return Num(Fraction(self.source.segment(part)))

    def _name(self, part: ast.Name) -> Node:
        name = part.id
        for index in (self.bound.get(name), self.scope.indices.get(name), (self.opened or {}).get(name)):
            if index is not None:
                return index
        if name in self.scope.symbols:
            return self.scope.symbols[name]
        if name in self.scope.sizes:
            return SizeSym(name)
        if name == "pi":
            return Const(name)
        if self.opened is not None and name in self.alone:
            return Idx(name, Size.of(name))  # its array is met later, and the second reading knows its range
        raise self.error(part, *tried.undeclared(name, self.scope, self.names))

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def _sum(self, part: ast.BinOp) -> Node:
        steps = []
        first: ast.expr = part
        while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add | ast.Sub):
            steps.append(first)
            first = first.left
        terms = [self.value(first)]
        shape = terms[0].shape
        for step in reversed(steps):
            term = self.value(step.right)
            shape = self._broadcast(step, shape, term.shape)
            terms.append(Neg(term) if isinstance(step.op, ast.Sub) else term)
        return Add(tuple(terms))

    def _product(self, part: ast.BinOp) -> Node:
        """A chain of `*`, `/` and `@`; a sign in front of it, outside all brackets, is the whole chain's."""
        steps = []
        first: ast.expr = part
        while (
            isinstance(first, ast.BinOp)
            and isinstance(first.op, ast.Mult | ast.Div | ast.MatMult)
            and first.col_offset == part.col_offset  # no bracket around it
        ):
            steps.append(first)
            first = first.left
        signs = 0
        bare = first.col_offset == part.col_offset
        while bare and isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub | ast.UAdd):
            signs += isinstance(first.op, ast.USub)
            bare = "(" not in self._between(first, first.operand)
            first = first.operand
        node = self._multiplied(first, steps[::-1])
        for _ in range(signs):
            node = Neg(node)
        return node

    def _between(self, outer: ast.expr, inner: ast.expr) -> str:
        return self.source.text[self.source.span(outer)[0] : self.source.span(inner)[0]]

    def _multiplied(self, first: ast.expr, steps: list[ast.BinOp]) -> Node:
        """`first` times, over or matrix-times each right side in turn; neighbours of one kind make one product."""
        run = [self.value(first)]
        kind: type[Mul] | type[MatMul] | None = None
        shape = run[0].shape
        for step in steps:
            right = self.value(step.right)
            wanted = MatMul if isinstance(step.op, ast.MatMult) else Mul
            shape = (self._matmul if wanted is MatMul else self._broadcast)(step, shape, right.shape)
            if kind is not None and (isinstance(step.op, ast.Div) or kind is not wanted):
                run, kind = [kind(tuple(run))], None
            if isinstance(step.op, ast.Div):
                run = [Div(run[0], right)]
            else:
                run, kind = [*run, right], wanted
        return kind(tuple(run)) if kind is not None else run[0]

    def _broadcast(self, step: ast.expr, left: Shape, right: Shape) -> Shape:
        try:
            return shapes.broadcast([left, right])
        except ShapeError as error:
            raise self.unfit(step, error.message, error.hint) from None

    def _matmul(self, step: ast.expr, left: Shape, right: Shape) -> Shape:
        try:
            return shapes.matmul(left, right)
        except ShapeError as error:
            inner = is_vector(left) and is_vector(right) and numel(left) == numel(right)
            hint = "`dot(a, b)` is the inner product of two vectors" if inner else error.hint
            raise self.unfit(step, error.message, hint) from None

    def _power(self, part: ast.BinOp) -> Node:
        match part.right:
            case ast.Name(id="T") if "T" not in self.names:
                raise self.error(part, "`T` is no exponent", "write `A.T` for the transpose")
        base, exponent = self.value(part.left), self.value(part.right)
        problem = check_power(base, exponent)
        if problem:
            raise self.error(part, problem)
        return Pow(base, exponent)

    # --- conditions -----------------------------------------------------------------------------------------------

    def single_condition(self, part: ast.expr) -> Node:
        """A condition on scalars."""
        node = self.condition(part)
        if not is_single(node.shape):
            raise self.error(part, f"a condition on scalars is wanted, and this one is {describe(node.shape)}")
        return node

    def condition(self, part: ast.expr) -> Node:
        """A comparison, or several joined by `and`, `or`, `not`; entry by entry."""
        self._enter(part)
        try:
            return self._condition(part)
        except ShapeError as error:
            raise self.unfit(part, error.message, error.hint) from None
        finally:
            self.depth -= 1

    def _condition(self, part: ast.expr) -> Node:
        match part:
            case ast.Compare():
                return self._comparison(part)
            case ast.BoolOp(op=op, values=values):
                return Logic("and" if isinstance(op, ast.And) else "or", tuple(map(self.condition, values)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Logic("not", (self.condition(operand),))
        raise self.error(part, "a condition is wanted here", "write a comparison: `x > 0`, `i != j`")

    def _comparison(self, part: ast.Compare) -> Node:
        """`a < b`; `a < b < c` is `a < b and b < c`."""
        values = [self.value(value) for value in (part.left, *part.comparators)]
        pairs: list[Node] = []
        for left, right, op in zip(values, values[1:], part.ops, strict=False):
            sign = _COMPARISONS.get(type(op))
            if sign is None:
                raise self.error(part, "only `==`, `!=`, `<`, `<=`, `>` and `>=` compare")
            pairs.append(Cmp(left, right, sign))
        return pairs[0] if len(pairs) == 1 else Logic("and", tuple(pairs))

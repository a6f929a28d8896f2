"""Inner products with a differential, as they are seen: what moves, what stands around it, the gradient beside it.

A term of `dJ` is linear in one differential `E`. It is an inner product of three kinds: `sum(G ⊙ E)`, `tr(P E)`, or
`p E` with a row `p` and a column `E`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.expr.nodes import (
    Add,
    Big,
    Call,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Transpose,
    call,
    from_size,
    matmul,
    mul,
    walk,
)
from solver.expr.shapes import Shape, is_single, is_vector
from solver.expr.sizes import ONE
from solver.rules.pullback import filled, spread, times


def moves(node: Node) -> bool:
    """Whether a differential stands in the node."""
    return Dif in node.kinds


def turned(node: Node) -> Node:
    """The transpose, pushed into products: `(Wᵀ A)ᵀ` gives `Aᵀ W`, `(A ⊙ B)ᵀ` stays unless that saves transposes."""
    match node:
        case Transpose(arg):
            return arg
        case _ if is_single(node.shape):
            return node
        case MatMul(args):
            return MatMul(tuple(turned(arg) for arg in reversed(args)))
        case Neg(arg):
            return Neg(turned(arg))
        case Div(left, right) if is_single(right.shape):
            return Div(turned(left), right)
        case Mul(args) if sum(not is_single(arg.shape) for arg in args) == 1:
            return node.rebuild(tuple(turned(arg) for arg in args))
        case Add() | Mul() | Div():
            pushed = node.rebuild(tuple(turned(child) for child in node.children))
            return pushed if transposes(pushed) <= transposes(node) else Transpose(node)
        case Big("sum", body, index, condition):
            return Big("sum", turned(body), index, condition)
        case Call():
            return _turned_call(node)
    return Transpose(node)


def transposes(node: Node) -> int:
    """How many transposes are written in the node."""
    return sum(isinstance(part, Transpose) for part in walk(node))


def _turned_call(node: Call) -> Node:
    match node:
        case Call("ones" | "zeros" as name, (rows, columns)):
            return call(name, columns, rows)
        case Call("eye"):
            return node
        case Call("diag", (arg,)) if is_vector(arg.shape):
            return node
        case Call("inv", (arg,)) if not isinstance(arg, Transpose) and turned(arg) == arg:
            return node
        case Call("inv" | "matrix_power" as name, (Transpose(arg), *rest)):
            return call(name, arg, *rest)
        case Call("basis", args, axis) if axis is not None:
            return call("basis", *args, axis=1 - axis)
        case Call("hstack" | "vstack" as name, args):
            return call("vstack" if name == "hstack" else "hstack", *(turned(arg) for arg in args))
    return Transpose(node)


# --- how an inner product is seen ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inner:
    """An inner product with one differential: `kind`, the factors before and after `moving`, the shape of the whole.

    `sum`: the other factors of the Hadamard product are `before`. `tr` and `row` (a row times … times a column): the
    factors of the matrix product.
    """

    kind: Literal["sum", "tr", "row"]
    before: tuple[Node, ...]
    moving: Node
    after: tuple[Node, ...]
    whole: Shape

    def build(self, *factors: Node) -> Node:
        """The same kind of inner product of other factors."""
        match self.kind:
            case "sum":
                return call("sum", mul(*factors))
            case "tr":
                return call("tr", matmul(*factors))
        return matmul(*factors)

    def around(self, part: Node) -> Node:
        """The same inner product with `part` in the place of what moves."""
        return self.build(*self.before, part, *self.after)

    @property
    def gradient(self) -> Node:
        """What stands before the differential, lying as it does: `Pᵀ` of `tr(P E)`, `G` of `sum(G ⊙ E)`."""
        if self.kind == "sum":
            return spread(mul(*self.before), self.whole) if self.before else filled(self.whole)
        if not self.before:
            return call("eye", from_size(self.moving.shape[0]))  # type: ignore[misc]
        return turned(matmul(*self.before))


def inner(node: Node) -> Inner | None:
    """The node as an inner product with one differential; None for anything else."""
    match node:
        case Call("sum", (arg,), None) if arg.shape:
            kind: Literal["sum", "tr", "row"] = "sum"
            factors = arg.args if isinstance(arg, Mul) else (arg,)
        case Call("tr", (arg,)) if arg.shape:
            kind, factors = "tr", arg.args if isinstance(arg, MatMul) else (arg,)
        case MatMul(factors) if is_single(node.shape):
            kind, arg = "row", node
        case _:
            return None
    places = [number for number, factor in enumerate(factors) if moves(factor)]
    if len(places) != 1:
        return None
    number = places[0]
    before, after = factors[:number], factors[number + 1 :]
    if kind == "sum":
        before, after = (*before, *after), ()
    return Inner(kind, before, factors[number], after, arg.shape)


def _covered(gradient: Node) -> Node:
    """`Gᵀ`, with the transpose left standing over a sum or a Hadamard product, as one reads it."""
    match gradient:
        case Add() | Mul() | Div() if not is_single(gradient.shape):
            return Transpose(gradient)
        case Neg(Add() | Mul() | Div() as arg):
            return Neg(Transpose(arg))
    return turned(gradient)


def pair(gradient: Node, part: Node, kind: str) -> Node:
    """`⟨G, E⟩`, written as a sum of entries, with `vec`, or as a trace (a row times a column where `E` is one)."""
    if kind == "sum":
        return call("sum", times(gradient, part))
    if kind == "vec" and part.shape and part.shape[1] != ONE:
        return matmul(Transpose(call("vec", gradient)), call("vec", part))
    if part.shape and part.shape[1] == ONE:
        return matmul(_covered(gradient), part)
    return call("tr", matmul(_covered(gradient), part))

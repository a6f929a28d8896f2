"""Differentials in one number: `dF = F′ dt`, the number drawn out of every linear map."""

from __future__ import annotations

from solver.expr.nodes import ONE_NODE, Add, Big, Call, Dif, Div, Mul, Neg, Node, Table, add, free_indices, mul
from solver.expr.shapes import is_single
from solver.rules.inner import moves
from solver.rules.rule import rule
from solver.rules.setting import Setting
from solver.rules.vec import only_moving


def _of_number(node: Node) -> tuple[Node, Node] | None:
    """`A` and `dt` where the node is `A dt`."""
    match node:
        case Dif(arg) if is_single(arg.shape):
            return ONE_NODE, node
        case Neg(arg) if (found := _of_number(arg)) is not None:
            return Neg(found[0]), found[1]
        case Div(left, right) if (found := _of_number(left)) is not None and not moves(right):
            return Div(found[0], right), found[1]
        case Mul(args) if (number := only_moving(args)) is not None and (found := _of_number(args[number])) is not None:
            rest = [arg for k, arg in enumerate(args) if k != number]
            return mul(*rest, *([found[0]] if found[0] != ONE_NODE else [])), found[1]
    return None


@rule(
    "the same number in every term", r"A\,\mathrm{d}t + B\,\mathrm{d}t = (A + B)\,\mathrm{d}t", routine=True,
    words="collect dt", applies=["A*d(a) + B*d(a) -> (A + B)*d(a)", "d(a) - b*d(a) -> (1 - b)*d(a)"],
    refuses=["A*d(a) + B*d(b)", "A*d(a) + B", "d(A) + d(B)"],
)  # fmt: skip
def same_number(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add):
        return None
    found = [_of_number(arg) for arg in node.args]
    known = [each for each in found if each is not None]
    if len(known) < len(found) or len({each[1] for each in known}) > 1:
        return None
    after = mul(add(*(each[0] for each in known)), known[0][1])
    return after if after.shape == node.shape else None


@rule(
    "number out of a linear map", r"\operatorname{tr}(A\,\mathrm{d}t) = \operatorname{tr}(A)\,\mathrm{d}t",
    routine=True,
    words="numbers come out",
    applies=["tr(A*d(a)) -> tr(A)*d(a)", "vec(A*d(a)/b) -> vec(A/b)*d(a)", "kron(A*d(a), B) -> kron(A, B)*d(a)",
             "hstack(A*d(a), zeros(n, n)) -> hstack(A, zeros(n, n))*d(a)",
             "sum(x*d(a), axis=1) -> sum(x, axis=1)*d(a)"],
    refuses=["tr(A)", "tr(d(A))", "exp(a)*d(a)", "hstack(A*d(a), B*d(b))"],
)  # fmt: skip
def number_out_of_map(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call(
            "sum" | "tr" | "vec" | "diag" | "tril" | "mean" | "kron" | "dot" | "outer" | "hstack" | "vstack", args
        ):
            moving = [number for number, arg in enumerate(args) if moves(arg)]
            if not moving or (len(moving) > 1 and node.name not in ("hstack", "vstack")):
                return None
            found = {number: _of_number(args[number]) for number in moving}
            numbers = {each[1] for each in found.values() if each is not None}
            if len(numbers) != 1 or None in found.values():
                return None
            inside = tuple(each[0] if (each := found.get(number)) else arg for number, arg in enumerate(args))
            if any(new.shape != old.shape for new, old in zip(inside, args, strict=True)):
                return None
            return mul(node.rebuild(inside), *numbers)
        case Big("sum", body, index, condition) if (each := _of_number(body)) is not None and index not in free_indices(
            each[1]
        ):
            return mul(Big("sum", each[0], index, condition), each[1])
        case Table(body, row, column) if (each := _of_number(body)) is not None and not {row, column} & free_indices(
            each[1]
        ):
            return mul(Table(each[0], row, column), each[1])
    return None


BY_NUMBER = (same_number, number_out_of_map)
"""For a differential in one number."""

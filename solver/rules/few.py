"""Sums and stacks of a few known terms, written term by term: what has a number for its size."""

from __future__ import annotations

from solver.expr.nodes import At, Big, Call, Node, Num, add, mul, num
from solver.expr.shapes import is_vector, numel
from solver.expr.sizes import ONE
from solver.rules.letters import instantiate
from solver.rules.rule import rule
from solver.rules.setting import Setting

FEW = 4
"""A sum of more terms than these is not written term by term."""


def few(size: int | None) -> bool:
    """Whether so many terms are written one by one."""
    return size is not None and 1 < size <= FEW


@rule(
    "term by term", r"\sum_{i=1}^{2} u_i = u_1 + u_2", words="term by term",
    applies=["sum(hstack(a, b)) -> hstack(a, b)[1] + hstack(a, b)[2]",
             "sum(exp(hstack(a, b))) -> exp(hstack(a, b))[1] + exp(hstack(a, b))[2]"],
    refuses=["sum(x)", "sum(x[i] for i in n)", "sum(hstack(a, x))"],
)  # fmt: skip
def term_by_term(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum" | "prod" as kind, body, index, None) if few(count := index.range.number):
            assert count is not None
            terms = [instantiate(body, index, num(k), setting) for k in range(1, count + 1)]
            return add(*terms) if kind == "sum" else mul(*terms)
        case Call("sum" | "prod" as name, (arg,)) if arg.shape and is_vector(arg.shape):
            count = numel(arg.shape).number
            if node.shape or not few(count):
                return None
            assert count is not None
            entries = [At(arg, (num(k),)) for k in range(1, count + 1)]
            return add(*entries) if name == "sum" else mul(*entries)
    return None


@rule(
    "entry of numbers side by side", r"(a \; b)_1 = a", words="entries", routine=True,
    applies=["hstack(a, b)[2] -> b", "vstack(a, b, c)[1] -> a", "hstack(hstack(a, b), c)[2] -> hstack(a, b)[2]"],
    refuses=["hstack(x, a)[2]", "x[1]", "hstack(A, x.T)[1, 2]"],
)  # fmt: skip
def entry_of_blocks(node: Node, setting: Setting) -> Node | None:
    """The entry of a vector of blocks, where the sizes before it are numbers."""
    match node:
        case At(Call("hstack" | "vstack", blocks) as stack, (Num(place),)) if is_vector(stack.shape):
            passed = 0
            for block in blocks:
                size = numel(block.shape) if block.shape else ONE
                if size.number is None:
                    return None
                if place <= passed + size.number:
                    return At(block, (num(place - passed),)) if block.shape else block
                passed += size.number
    return None


FEW_TERMS = (term_by_term, entry_of_blocks)

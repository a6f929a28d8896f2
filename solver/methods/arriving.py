"""Reaching the form of an answer: by named steps, by matrix products, else because both sides have the same entries."""

from __future__ import annotations

from itertools import combinations

from solver.expr.derivation import Fact, Reason
from solver.expr.nodes import (
    At,
    Call,
    Cmp,
    Div,
    Idx,
    Neg,
    Node,
    Pow,
    Sym,
    add,
    call,
    free_indices,
    mul,
    num,
    transform,
    walk,
)
from solver.expr.shapes import is_single
from solver.methods.argument import Argument, CannotDerive
from solver.methods.entrywise import CANCEL, CLEAN
from solver.methods.indexing import Frame, Indexed
from solver.methods.reaching import definitions, edges, reach
from solver.rules.algebra import TIDY
from solver.rules.deltas import COLLAPSE, indicator_delta
from solver.rules.entries import OPENING, entry_of_softmax, inner_product, sum_over_entries
from solver.rules.explog import log_of_exp, log_of_product, log_of_quotient
from solver.rules.gradients import symmetry
from solver.rules.indexed import definition_of_entry
from solver.rules.letters import instantiate
from solver.rules.names import open_all, open_function
from solver.rules.normal import Normalizer
from solver.rules.recognise import sum_as_product
from solver.rules.reflected import REFLECTIONS, addition, known_angle
from solver.rules.setting import Setting
from solver.rules.signs import zeros_and_ones
from solver.rules.sums import constant_terms, factor_out_of_sum, split_at, sum_of_constant

CIRCULAR = frozenset({"sin", "cos", "tan", "sec", "csc", "cot"})
MAX_PARTS = 600
"""A formula with more parts than this is not compared entry by entry."""


WRITTEN_OUT = (
    indicator_delta, definition_of_entry, inner_product, *OPENING, entry_of_softmax, sum_over_entries, *COLLAPSE,
    split_at, log_of_quotient, log_of_product, log_of_exp, constant_terms, factor_out_of_sum, sum_of_constant, *CANCEL,
    *CLEAN,
)  # fmt: skip
"""Down to entries of data: definitions, products as sums, the softmax as a quotient; sums collapsed, put in order."""


def conclude(argument: Argument, answer: Node) -> None:
    """The end of an argument in the answer's form; in its own, where no steps at hand lead there."""
    argument.line(lambda: argument.exhaust(TIDY))
    if reach(argument, answer):
        return
    mark = len(argument.steps)
    argument.line(lambda: argument.exhaust((sum_as_product, *TIDY)))
    if len(argument.steps) > mark and reach(argument, answer):
        return
    del argument.steps[mark:]
    if same_entries(argument.now, answer, argument.setting, edges(argument)):
        argument.put(answer, Reason("equal entry by entry" if answer.shape else "written out"))
        return
    facts: dict[Fact, None] = {}
    if _symmetric_data(argument) and same_entries(argument.now, answer, argument.setting, edges(argument), facts):
        argument.put(answer, Reason("equal entry by entry" if answer.shape else "written out"), (), facts)
        return
    _with_masks(argument, answer)
    if argument.now != answer:
        _by_addition(argument, answer)


def _by_addition(argument: Argument, answer: Node) -> None:
    """To the answer by the addition theorems and sin² + cos² = 1."""
    if same_angles(argument.now, answer, argument.setting):
        argument.put(answer, Reason("trigonometry"))


def same_angles(left: Node, right: Node, setting: Setting) -> bool:
    """Whether both are equal by the addition theorems and sin² + cos² = 1."""
    if not any(isinstance(part, Call) and part.name in CIRCULAR for side in (left, right) for part in walk(side)):
        return False
    return definitions(setting, functions=False).same(*(_by_half_angles(side, setting) for side in (left, right)))


def _by_half_angles(node: Node, setting: Setting) -> Node:
    """Sines and cosines of one argument as the rational functions of `tan(x/2)` that they are."""
    scratch = Argument(setting, open_all(node, setting))
    scratch.exhaust((addition, known_angle, open_function, *REFLECTIONS, *TIDY))

    def change(part: Node) -> Node | None:
        match part:
            case Call("sin" | "cos" as name, (arg,)) if not arg.shape:
                half = call("tan", Div(Normalizer().canonical(arg), num(2)))
                square = Pow(half, num(2))
                above = mul(num(2), half) if name == "sin" else add(num(1), Neg(square))
                return Div(above, add(num(1), square))
        return None

    return transform(scratch.now, change)


def _with_masks(argument: Argument, answer: Node) -> None:
    """To the answer because data of zeros and ones are their own squares."""
    setting = argument.setting
    parts = [part for side in (argument.now, answer) for part in walk(open_all(side, setting))]
    facts = {part: fact for part in parts if isinstance(part, Sym) and (fact := zeros_and_ones(part, setting))}
    same = definitions(setting, functions=True, edges=edges(argument), binary=frozenset(facts)).same
    if facts and same(argument.now, answer):
        mask = next(iter(facts))
        argument.put(answer, Reason("square of zero or one", (("b", mask),)), (), facts.values())


def _symmetric_data(argument: Argument) -> bool:
    setting = argument.setting
    return any({"symmetric", "positive-definite"} & set(setting.traits(Sym(name))) for name in setting.symbols)


def same_entries(
    left: Node, right: Node, setting: Setting, edges: bool = True, symmetric: dict[Fact, None] | None = None
) -> bool:
    """Whether both have the same entries: written out, for equal and for different values of the free indices.

    Where `symmetric` is given, entries of symmetric matrices count as equal across the diagonal, and it gathers what
    makes the matrices so.
    """
    if left.shape != right.shape and not (is_single(left.shape) and is_single(right.shape)):
        return False
    frame = Frame.of(left.shape, setting, left, right)
    if frame.indices:
        left, right = frame.entry(left), frame.entry(right)
    try:
        return _same(left, right, setting, edges, symmetric) or _same(
            open_all(left, setting), open_all(right, setting), setting, edges, symmetric
        )
    except CannotDerive:
        return False


def _same(left: Node, right: Node, setting: Setting, edges: bool, symmetric: dict[Fact, None] | None = None) -> bool:
    """The two compared as they stand, else in each case that a delta or a choice tells apart."""
    one, other = _written_out(left, setting), _written_out(right, setting)
    if max(_size(one), _size(other)) > MAX_PARTS:
        return False
    if symmetric is not None:
        free = free_indices(left) | free_indices(right)
        one, other = (_one_side(side, free, setting, symmetric) for side in (one, other))
    if Normalizer().same(one, other) or definitions(setting, functions=True, edges=edges).same(one, other):
        return True
    for i, j in combinations(sorted(free_indices(left) | free_indices(right), key=lambda index: index.name), 2):
        if i.range == j.range and _tells_apart((one, other), i, j) and not setting.differ(i, j):
            together = instantiate(one, j, i, setting), instantiate(other, j, i, setting)
            apart = setting.assuming(Cmp(i, j, "!="))
            return _same(*together, setting, edges, symmetric) and _same(one, other, apart, edges, symmetric)
    return False


def _one_side(node: Node, free: frozenset[Idx], setting: Setting, facts: dict[Fact, None]) -> Node:
    """Entries of symmetric matrices with the free index first, then by the alphabet."""

    def change(part: Node) -> Node | None:
        match part:
            case At(matrix, (Idx() as i, Idx() as j)) if (j not in free, j.name) < (i not in free, i.name):
                known = symmetry(matrix, setting)
                if known is not None:
                    facts.update(dict.fromkeys(known))
                    return At(matrix, (j, i))
        return None

    return transform(node, change)


def _tells_apart(sides: tuple[Node, Node], i: Idx, j: Idx) -> bool:
    parts = [part for side in sides for part in walk(side)]
    return any(
        {i, j} <= set(part.children) and (isinstance(part, Cmp) or (isinstance(part, Call) and part.name == "delta"))
        for part in parts
    )


def _written_out(node: Node, setting: Setting) -> Node:
    argument = Indexed(setting, node)
    argument.exhaust(WRITTEN_OUT)
    return argument.now


def _size(node: Node) -> int:
    return sum(1 for _ in walk(node))

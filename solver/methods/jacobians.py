"""Jacobians and Hessians by differentials: `dF` written as a matrix times the stack of `dX`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from solver.expr.derivation import Chain, Derivation, Reason
from solver.expr.nodes import D, Dif, Node, Sym, Transpose, call
from solver.expr.shapes import SCALAR, is_single, is_vector
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish
from solver.methods.reading import derivation, facts_of, jacobian_chain, jacobian_words
from solver.methods.stacking import BY_NUMBER, PLAIN, WITH_VEC, Style, collect, matrix_of, open_line, settle
from solver.methods.task import Task
from solver.methods.walk import Walk
from solver.rules import vec
from solver.rules.pullback import spread
from solver.rules.setting import base

Gradient = Callable[[Task, Node, Node, tuple[Sym, ...]], tuple[Sequence[Chain], Node]]
"""How a route works out a gradient, with all that varies: the chains, and what it is."""


def descend(walk: Walk, style: Style) -> None:
    """From the value to the variables: the highest pending differential collected, taken apart and settled."""
    while (target := walk.highest()) is not None:
        if style is PLAIN and target.shape and not is_vector(target.shape):
            raise CannotDerive("matrices stand between the value and the variable, which this route does not stack")
        collect(walk, target)
        open_line(walk, target, style)
        settle(walk, style)


def start(task: Task, of: Node, variables: tuple[Sym, ...], style: Style) -> Walk:
    """The walk that begins at `vec(d(of))`, or at `d(of)` for a number or a column."""
    head: Node = Dif(of)
    if style is not BY_NUMBER and not is_single(of.shape) and not vec.is_column(of):
        head = Transpose(head) if style is PLAIN else call("vec", head)
    return Walk(Argument(task.setting.letting(*variables), head), variables)


def _vectors(*nodes: Node) -> bool:
    """Whether none of the nodes is a matrix."""
    return all(is_single(node.shape) or is_vector(node.shape) for node in nodes)


def stacked(task: Task, of: Node, wrt: Node, variables: tuple[Sym, ...], style: Style) -> tuple[Chain, Node]:
    """The chain `vec(dF) = … = M vec(dX)`, and `M`."""
    if not isinstance(wrt, Sym):
        raise CannotDerive("a Jacobian by one entry is one column of it, and differentials give it whole")
    style = BY_NUMBER if all(each.shape == SCALAR for each in variables) else style
    if style is PLAIN and not _vectors(of, wrt):
        raise CannotDerive("the Jacobian of matrices needs them stacked")
    walk = start(task, of, variables, style)
    descend(walk, style)
    matrix = matrix_of(walk, wrt, of)
    return walk.argument.chain(), matrix


def jacobian(task: Task, of: Node, wrt: Node, style: Style, route: str) -> Derivation:
    """`vec(dF) = M vec(dX)`, so `∂F/∂X = M`."""
    first, matrix = stacked(task, of, wrt, (base(wrt),), style)
    question = D(of, wrt)
    if is_single(wrt.shape):
        # a number that is added to every entry
        matrix = spread(matrix, question.shape)
    last = jacobian_chain(task, Argument(task.setting, question), matrix, (first,), task.answer)
    words = jacobian_words(base(wrt), style is WITH_VEC and not _vectors(of, wrt))
    return derivation(D(of, wrt), route, (first, last), (base(wrt),), words)


def repeated(task: Task, of: Node, wrt: Sequence[Node], style: Style, route: str, gradient: Gradient) -> Derivation:
    """Second and higher derivatives: the gradient, then the Jacobian of what the line before has given."""
    variables = tuple(dict.fromkeys(base(each) for each in wrt))
    for one in variables:
        if any(one != other and task.setting.depends(other, one) for other in variables):
            raise CannotDerive(f"another variable rests on `{one.name}` and moves with it")
    free = task.varying(*variables)
    if is_single(of.shape):
        chains, value = gradient(free, of, wrt[0], variables)
        done = list(chains)
    else:
        first, matrix = stacked(free, of, wrt[0], variables, style)
        question = D(of, wrt[0])
        beside = spread(matrix, question.shape) if is_single(wrt[0].shape) else matrix
        done = [first, jacobian_chain(free, Argument(free.setting, question), beside, (first,), None)]
        value = done[-1].result
    known: Node = D(of, wrt[0])
    for number, by in enumerate(wrt[1:], 2):
        if is_single(value.shape) and is_single(by.shape):
            # of numbers by a number: once more the same
            given = frozenset(chain.name.name for chain in done if isinstance(chain.name, Sym))
            further, slope = gradient(replace(free, given_names=given), value, by, variables)
            argument = Argument(free.setting, D(known, by))
            argument.put(value, Reason("established", (("g", known),)), (0,), facts_of(*done))
            argument.put(slope, Reason("established", (("g", D(value, by)),)), (), facts_of(*further))
            finish(argument, task.answer if number == len(wrt) else None)
            done += [*further, argument.chain()]
            known, value = D(known, by), argument.now
            continue
        first, matrix = stacked(free, value, by, variables, style)
        if is_single(by.shape):
            # a number that is added to every entry
            matrix = spread(matrix, D(known, by).shape)
        ends = number == len(wrt)
        here = task if ends else free
        argument = Argument(here.setting, D(known, by))
        argument.put(value, Reason("established", (("g", known),)), (0,), facts_of(*done))
        answer = task.answer if ends else None
        last = jacobian_chain(here, argument, matrix, (*done, first), answer)
        done += [first, last]
        known, value = D(known, by), last.result
    return derivation(known, route, done, variables)

"""The asks that are answered from the declarations: shapes and counts; and the ones answered in words."""

from __future__ import annotations

from solver.expr.derivation import Derivation, Reason
from solver.expr.nodes import Add, Node, Sym, add, from_size, mul, num
from solver.expr.shapes import numel
from solver.methods.argument import Argument, CannotDerive
from solver.methods.reaching import reach
from solver.methods.task import Route, Task
from solver.spec import problem as spec


def _named(task: Task, of: tuple[Node, ...]) -> tuple[Sym, ...]:
    """The symbols asked about: those named, or all that have a shape."""
    if of:
        return tuple(node for node in of if isinstance(node, Sym))
    symbols = [s.node for s in task.problem.symbols.values() if not s.function]
    return (*symbols, *(Sym(name, value.shape) for name, value in task.problem.define.items()))


def shapes(task: Task) -> Derivation:
    """No argument is needed: the declarations say it, and the language has checked that they fit."""
    ask = task.ask
    assert isinstance(ask, spec.Shapes)
    return Derivation(num(0), num(0), "shapes", (), notes=tuple(s.name for s in _named(task, ask.of)))


def count(task: Task) -> Derivation:
    """How many numbers the symbols hold: the products of their sizes, added up and put in order."""
    ask = task.ask
    assert isinstance(ask, spec.Count)
    named = _named(task, ask.of)
    if not named:
        raise CannotDerive("there is nothing to count: name the symbols, as `count: [W1, b1]`")
    terms = []
    for symbol in named:
        factors = [from_size(size) for size in symbol.shape if size.number != 1]
        terms.append(mul(*factors))
    total = add(*terms)
    argument = Argument(task.setting, total)
    whole = numel(named[0].shape)
    for symbol in named[1:]:
        whole = whole + numel(symbol.shape)
    if task.answer is not None:
        reach(argument, task.answer)
    else:
        # `W + c` in the order of the names, unless sizes come together
        counted = from_size(whole)
        if isinstance(total, Add) != isinstance(counted, Add) or len(total.children) != len(counted.children):
            argument.put(counted, Reason("collect terms"))
    chain = argument.chain()
    return Derivation(total, chain.result, "count", (chain,), notes=tuple(s.name for s in named))


def words(task: Task) -> Derivation:
    """Words and a table: the table is computed when the sheet is set, from the same expressions."""
    return Derivation(num(0), num(0), "discuss", ())


SHAPES = Route("shapes", shapes, (spec.Shapes,), "the shapes, as declared", lambda task: True)
COUNT = Route("count", count, (spec.Count,), "the number of entries, added up", lambda task: True)
DISCUSS = Route("discuss", words, (spec.Discuss,), "words, with a table computed in float64", lambda task: True)

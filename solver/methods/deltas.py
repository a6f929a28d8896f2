"""Long gradients on the way get a name, `∂J/∂u = G =: δ`, so that lines stay short; at the end the names are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solver.expr.derivation import Chain, Reason
from solver.expr.nodes import Add, D, Dif, Node, Path, Sym, walk
from solver.methods.argument import Argument
from solver.methods.collecting import parts_of, renamed, term
from solver.methods.reading import facts_of
from solver.methods.walk import Walk, outside, pending
from solver.rules.generic import at_a_kink
from solver.rules.inner import moves
from solver.rules.setting import Setting

LONG = 20
"""A gradient with more parts than this gets a name before the differential beside it is opened."""
MAX_OPENED = 4000
"""A result that would have more parts than this keeps its names."""


def named(walk: Walk, target: Node) -> bool:
    """The gradient beside `d(target)` called `δ`, where it is long: the chain so far ends, and another begins."""
    start = walk.argument.start
    if not (isinstance(target, Sym) and isinstance(start, Dif)):
        return False
    now = walk.argument.now
    if sum(target in pending(part) for part in parts_of(now)) > 1:
        # another term moves with it: what stands beside one of them is not the gradient
        return False
    for number, part in enumerate(parts_of(now)):
        each = term(part) if moves(part) else None
        if each is not None and each.of == target and _size(each.gradient) > LONG:
            if at_a_kink(start.arg, target, walk.argument.setting):
                # what moves with the variables has no kink here, and a derivative by the name has one
                return False
            path = (number,) if isinstance(now, Add) else ()
            _name(walk, start.arg, target, path, number)
            return True
    return False


def _name(walk: Walk, loss: Node, target: Sym, path: Path, number: int) -> None:
    setting, now = walk.argument.setting, walk.argument.now
    each = term(parts_of(now)[number])
    assert each is not None
    delta = named_after(target, setting, walk.deltas)
    chain = walk.argument.chain()
    walk.chains.append(chain)
    facts = facts_of(*walk.chains)
    gradient = Argument(setting, D(loss, target))
    gradient.put(each.whole, Reason("read off the gradient", (("J", loss), ("dX", Dif(target)))), (), facts)
    walk.chains.append(gradient.chain(name=delta))
    walk.deltas[delta] = each.whole
    fresh = Argument(setting, Dif(loss))
    parts = list(parts_of(now))
    parts[number] = renamed(each, delta)
    after = Add(tuple(parts)) if path else parts[0]
    fresh.put(after, Reason("with the name", (("g", delta),)), (), facts)
    walk.argument = fresh


def named_after(target: Sym, setting: Setting, others: Iterable[Sym]) -> Sym:
    """A new name for the gradient by `target`, in its shape."""
    sizes = {name for symbol in setting.symbols.values() for size in symbol.shape for name in size.names}
    used = {*setting.symbols, *setting.define, *setting.reserved, *sizes, *(delta.name for delta in others)}
    candidate = f"delta_{target.name}"
    while candidate in used:
        candidate += "_"
    return Sym(candidate, target.shape)


def opened(chain: Argument, deltas: Mapping[Sym, Node]) -> None:
    """Every `δ` replaced by its value, in one line; where that would fill pages the names stay."""
    if _opened_size(chain.now, deltas, {}) > MAX_OPENED:
        return

    def build() -> None:
        while True:
            found = next(((path, part) for path, part in outside(chain.now) if part in deltas), None)
            if found is None:
                return
            path, part = found
            assert isinstance(part, Sym)
            chain.put(deltas[part], Reason("established", (("g", part),)), path)

    chain.line(build)


def _opened_size(node: Node, deltas: Mapping[Sym, Node], known: dict[Node, int]) -> int:
    if node not in known:
        if isinstance(node, Sym) and node in deltas:
            known[node] = _opened_size(deltas[node], deltas, known)
        else:
            known[node] = 1 + sum(_opened_size(child, deltas, known) for child in node.children)
    return known[node]


def _size(node: Node) -> int:
    return sum(1 for _ in walk(node))


def finished(walk: Walk) -> tuple[Chain, ...]:
    """All chains of the walk, the last one included."""
    return (*walk.chains, walk.argument.chain())

"""What earlier parts of a problem have shown of a loss, put in at the beginning of its differential."""

from __future__ import annotations

from dataclasses import replace

from solver.expr.derivation import Reason
from solver.expr.nodes import D, Dif, Sym
from solver.expr.shapes import is_single
from solver.methods.task import Established, Task
from solver.methods.walk import Walk
from solver.rules.inner import pair
from solver.rules.pullback import times


def from_earlier(walk: Walk, task: Task, kind: str = "tr") -> bool:
    """`dJ = tr(Gᵀ du)`, by the part that showed `∂J/∂u = G`; the one nearest to the loss, where there is a choice."""
    start = walk.argument.start
    if not isinstance(start, Dif):
        return False
    known = [each for each in task.earlier if _serves(each, start, walk)]
    if not known:
        return False
    chosen = max(known, key=lambda each: walk.height(_by(each)))
    name, gradient = _by(chosen), chosen.result
    after = times(gradient, Dif(name)) if is_single(name.shape) else pair(gradient, Dif(name), kind)
    reason = Reason(f"part ({chosen.part})", (("g", chosen.question),))
    return walk.argument.put(after, reason, (), chosen.facts)


def _by(each: Established) -> Sym:
    assert isinstance(each.question, D)
    assert isinstance(each.question.by, Sym)
    return each.question.by


def _serves(each: Established, start: Dif, walk: Walk) -> bool:
    """Whether the equation is the gradient of this loss by a name through which alone it varies."""
    match each.question:
        case D(of, Sym(name) as by) if of == start.arg and name in walk.argument.setting.define:
            setting = walk.argument.setting
            if by in walk.variables or not setting.varies(by) or each.result.shape != by.shape:
                return False
            cut = {other: value for other, value in setting.define.items() if other != name}
            without = replace(setting, define=cut, closures={})
            return not without.varies(of)
    return False

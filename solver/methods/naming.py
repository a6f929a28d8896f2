"""Calling what stands in a line by the names that the definitions have for it."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Reason, Step
from solver.expr.nodes import D, Div, Node, Num, Sym, mul, substitute, walk
from solver.methods.argument import Argument
from solver.rules.algebra import TIDY, collect_powers, power_of_product
from solver.rules.cancelling import constant_along
from solver.rules.fractions import cancel
from solver.rules.gradients import (
    cancel_in_product,
    fraction_in_product,
    number_in_product,
    number_out_of_sum,
)
from solver.rules.multiplied import root_in_fraction
from solver.rules.names import fold_names, relu_sign
from solver.rules.setting import Setting, base


def fold(argument: Argument, names: frozenset[str] | None = None) -> bool:
    """Every part that a defined name stands for is called by its name, in one line.

    But for the names that are differentiated by: `xᵀ` does not move with a variable `h` whose definition it is.
    """
    moving = {base(part.by).name for part in walk(argument.start) if isinstance(part, D)}
    moving |= {base(each).name for each in argument.setting.varying} | argument.setting.later
    names = (frozenset(argument.setting.define) if names is None else names) - moving

    def build() -> None:
        while (found := fold_names(argument.now, argument.setting, names)) is not None:
            path, after, name = found
            argument.put(after, Reason("definition", (("name", name),)), path)
            # `√s · s` is `r · r²` by now
            argument.exhaust((collect_powers,))

    return argument.line(build, lambda steps: definitions_of(steps, argument.setting))


def definitions_of(steps: Sequence[Step], setting: Setting) -> Reason:
    """The names that a line has put in; where one says `h > 0` for `z > 0`, that too."""
    put_in = [dict(step.reason.captures)["name"] for step in steps if step.reason.rule == "definition"]
    names = list(dict.fromkeys(put_in))
    for name in names:
        value = setting.value_of(name) or name
        for part in walk(value):
            sign = relu_sign(part, setting)
            if sign is not None and part not in walk(steps[0].lhs):
                return Reason("definition by signs", (("name", name), ("one", part), ("other", sign)))
    match names:
        case [name]:
            return Reason("definition", (("name", name),))
        case [name, other]:
            return Reason("two definitions", (("name", name), ("other", other)))
    return Reason("definitions")


def fold_quotients(argument: Argument) -> None:
    """`n s` for `x − μ`, where a name stands for `n = (x − μ)/s` and that makes the formula shorter."""
    moving = {base(part.by).name for part in walk(argument.start) if isinstance(part, D)}
    for name, value in argument.setting.define.items():
        if name in moving or name in argument.setting.introduced or not isinstance(value, Div):
            continue
        symbol = Sym(name, value.shape)
        there = set(walk(argument.now))
        if isinstance(value.left, Num) or value.left not in there or value.right not in there:
            continue
        trial = Argument(argument.setting, argument.now)
        changed = substitute(argument.now, {value.left: mul(symbol, value.right)})
        if changed.shape == argument.now.shape and trial.put(changed, Reason("definition", (("name", symbol),))):
            trial.exhaust(CANCELLED)
            if _parts(trial.now) < _parts(argument.now):
                argument.line(lambda steps=trial.steps: argument.steps.extend(steps))  # type: ignore[misc]


CANCELLED = (
    number_out_of_sum, constant_along, number_in_product, fraction_in_product, power_of_product, cancel_in_product,
    cancel, collect_powers, root_in_fraction, *TIDY,
)  # fmt: skip


def _parts(node: Node) -> int:
    return sum(1 for _ in walk(node))

"""The ask `implement`: a NumPy module with the forward pass and the gradients, written from derived formulas."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace

from solver.expr.derivation import Cases, Chain, Code, Derivation, Reason
from solver.expr.nodes import D, Node, Sym, symbols, walk
from solver.expr.shapes import describe
from solver.expr.source import HELPERS, NoSource, Writer, identifier
from solver.methods import chain
from solver.methods.argument import CannotDerive
from solver.methods.task import Established, Route, Task
from solver.spec import problem as spec
from solver.spec.problem import Problem


def plan(task: Task) -> Derivation:
    """Each gradient by backpropagation, each using the ones before; then the module that computes them."""
    ask = task.ask
    assert isinstance(ask, spec.Implement)
    if not isinstance(ask.of, Sym):
        raise CannotDerive("give the loss a name in `define`, and implement that name")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", ask.name) or keyword.iskeyword(ask.name):
        raise CannotDerive("`name` becomes the name of a Python module: lower-case letters, digits and `_`")
    earlier = list(task.earlier)
    derivations: list[Derivation] = []
    for variable in ask.wrt:
        part = replace(task.part, ask=spec.Gradient(ask.of, variable), answer=None)
        named = {d.value: d.name for each in derivations for d in each.definitions if isinstance(d.name, Sym)}
        derivation = chain.backpropagation(Task(task.problem, part, tuple(earlier)), named)
        derivations.append(derivation)
        earlier += Established.of(task.part.id, derivation, task.problem.define)
    blocks = _once([block for derivation in derivations for block in derivation.blocks])
    code = Code(ask.name, module(task.problem, ask, derivations), ask.of, ask.wrt)
    last = derivations[-1]
    definitions = tuple(dict.fromkeys(d for derivation in derivations for d in derivation.definitions))
    restated = tuple(dict.fromkeys(d for derivation in derivations for d in derivation.restated))
    return Derivation(
        last.question, last.result, "implement", blocks, definitions, restated, tuple(ask.wrt), code=code,
        intro=Reason("gradients for a program"),
    )  # fmt: skip


def _once(blocks: list[Chain | Cases]) -> tuple[Chain | Cases, ...]:
    """A chain that says what an earlier one said is left out, but for the last."""
    seen: set[Node] = set()
    kept: list[Chain | Cases] = []
    for block in blocks:
        if isinstance(block, Chain):
            if block.start in seen and block is not blocks[-1]:
                continue
            seen.add(block.start)
        kept.append(block)
    return tuple(kept)


def module(problem: Problem, ask: spec.Implement, derivations: list[Derivation]) -> str:
    """The source of the module: helpers, `forward`, `gradients`, and a check by finite differences."""
    try:
        return _module(problem, ask, derivations)
    except NoSource as refusal:
        raise CannotDerive(str(refusal)) from None


def _module(problem: Problem, ask: spec.Implement, derivations: list[Derivation]) -> str:
    assert isinstance(ask.of, Sym)
    results = {d.question.by: d.result for d in derivations if isinstance(d.question, D)}
    needed = _needed(problem, ask.of, list(results.values()))
    inputs = [name for name in problem.symbols if any(name in symbols(problem.define[n]) for n in needed)]
    inputs += [n for n in problem.symbols if n not in inputs and any(n in symbols(r) for r in results.values())]
    writer = Writer(problem.define)
    forward = [f"    {identifier(name)} = {writer.line(problem.define[name])}" for name in needed]
    sized = _sizes(problem, inputs, writer.sizes)
    backward = Writer(problem.define)
    lines = [f"        {variable.name!r}: {backward.line(result)}," for variable, result in results.items()]  # type: ignore[attr-defined]
    read_back = sorted({part.name for r in results.values() for part in walk(r) if isinstance(part, Sym)})
    read_back = [name for name in (*inputs, *needed) if name in read_back]
    helpers = list(dict.fromkeys((*writer.helpers, *backward.helpers)))
    arguments = ", ".join(identifier(name) for name in inputs)
    shapes = "\n".join(
        f"        {identifier(n)}: {describe(problem.symbols[n].shape)}{_about(problem, n)}" for n in inputs
    )
    returned = ", ".join(f"{name!r}: {identifier(name)}" for name in (*inputs, *needed))
    loss = identifier(ask.of.name)
    wanted = ", ".join(repr(str(v.name)) for v in ask.wrt if isinstance(v, Sym))
    text = [
        f'"""{_plain(problem.title)}: the forward pass, its gradients, and a check of them by finite differences."""',
        "\n\n".join(["import math", "import numpy as np"] if _MATH & set(helpers) else ["import numpy as np"]),
        *(HELPERS[name] for name in helpers),
        f'def forward({arguments}):\n    """The loss {loss} and every intermediate value.\n\n'
        f'    Arguments, as two-dimensional arrays:\n{shapes}\n    """\n'
        + "\n".join([*sized, *forward])
        + f"\n    return {{{returned}}}",
        f'def gradients(values):\n    """The gradients of {loss}, each laid out as its variable, '
        f'from what `forward` returned."""\n'
        + "\n".join(
            [
                *(f"    {identifier(name)} = values[{name!r}]" for name in read_back),
                *_sizes(problem, [n for n in read_back if n in problem.symbols], backward.sizes),
                "    return {",
                *lines,
                "    }",
            ]
        ),
        _CHECK.replace("LOSS", repr(ask.of.name)).replace("NAMES", f"({wanted}{',' if len(ask.wrt) == 1 else ''})"),
    ]
    return "\n\n\n".join(text) + "\n"


_CHECK = '''def check(arguments, step=1e-6):
    """The largest difference between a gradient and the central difference quotient of its entries, by variable.

    Each is relative to the largest entry of the gradient, or absolute where that is below 1.
    """
    found = gradients(forward(**arguments))
    worst = {}
    for name in NAMES:
        slope = np.zeros_like(arguments[name])
        for place in np.ndindex(*slope.shape):
            ends = []
            for sign in (1, -1):
                moved = arguments[name].copy()
                moved[place] += sign * step
                ends.append(float(np.sum(forward(**{**arguments, name: moved})[LOSS])))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        gradient = np.broadcast_to(found[name], slope.shape)
        worst[name] = float(np.max(np.abs(gradient - slope)) / max(1.0, float(np.max(np.abs(slope)))))
    return worst'''


_MATH = frozenset({"erf", "normal_cdf"})
"""Helpers that NumPy alone does not have."""


def _about(problem: Problem, name: str) -> str:
    about = _plain(problem.symbols[name].about)
    return f", {about}" if about else ""


def _plain(text: str) -> str:
    """An author's words inside a docstring: one line, and nothing that could end it."""
    return " ".join("".join(c if c.isalnum() or c in " ,.;:()-/'" else " " for c in text).split())


def _needed(problem: Problem, loss: Sym, results: list[Node]) -> list[str]:
    """The definitions that the loss and the gradients rest on, each after what it is made of."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in problem.define:
            return
        for part in sorted(symbols(problem.define[name])):
            visit(part)
        order.append(name)

    for name in sorted({loss.name} | {n for r in results for n in symbols(r)}):
        visit(name)
    return order


def _sizes(problem: Problem, inputs: list[str], wanted: set[str]) -> list[str]:
    """Lines that read the sizes off the arguments' shapes."""
    lines = []
    for size in sorted(wanted):
        for name in inputs:
            shape = problem.symbols[name].shape
            place = next((k for k, s in enumerate(shape) if s.name == size), None)
            if place is not None:
                lines.append(f"    {identifier(size)} = {identifier(name)}.shape[{place}]")
                break
        else:
            raise NoSource(f"the size `{size}` is no argument's number of rows or columns")
    return lines


ROUTE = Route(
    "implement", plan, (spec.Implement,), "a NumPy module from the derived formulas, checked by finite differences",
    lambda task: True,
)  # fmt: skip

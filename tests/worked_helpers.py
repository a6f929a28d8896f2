"""A sheet on squares and an engine small enough to see through, for tests of the pipeline and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from solver.expr.derivation import Chain, Derivation, Reason, Step
from solver.expr.nodes import D, Mul, Neg, Node, Sym, num
from solver.methods import CannotDerive, Established
from solver.spec.problem import Derivative, Part, Problem

PROBLEM = """\
title: Squares
symbols: {x: {about: a number}}
define: {f: x * x}
parts:
  - id: slope
    ask: Find the derivative of `f`.
    derivative: {of: f, wrt: x}
    answer: 2 * x
"""
WRONG_ANSWER = PROBLEM.replace("answer: 2 * x", "answer: -2 * x")
TWO_ROUTES = PROBLEM.replace("answer: 2 * x", "by: [scalar, cases]")


class Does:
    """What the small engine does under the name of each route."""

    HONEST, SLIP, REFUSE, SPIN, CRASH, FAULT = "scalar", "cases", "identity", "chain", "index", "matrix"


def sheet(folder: Path, problem: str = PROBLEM, name: str = "squares") -> Path:
    """A sheet's folder with one problem."""
    made = folder / "problems" / name
    made.mkdir(parents=True, exist_ok=True)
    (made / "square.yaml").write_text(problem)
    return made


def derive(problem: Problem, part: Part, route: str | None = None, earlier: Sequence[Established] = ()) -> Derivation:
    """`df/dx = 2x` for `f = x²` unless the route is one of those that show what may go wrong."""
    match route:
        case Does.REFUSE:
            raise CannotDerive("the small engine knows no squares")
        case Does.SPIN:
            while True:
                pass
        case Does.CRASH:
            raise SystemExit(1)
        case Does.FAULT:
            raise KeyError("a fault")
    ask = part.ask
    assert isinstance(ask, Derivative)
    question = D(ask.of, ask.wrt)
    x = Sym("x")
    result: Node = Mul((num(2), x))
    if route == Does.SLIP:
        result = Neg(result)
    step = Step(question, result, Reason("definition", (("name", ask.of),)), (), result)
    return Derivation(question, result, route or Does.HONEST, (Chain(question, (step,)),), variables=(x,))

"""A page for the screen with everything that a sheet may hold, from derivations made by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "typeset"))

from typeset_helpers import chain, derivation, network_problem, scalar_problem, sheet_view, softmax_problem

from solver.expr.derivation import Derivation
from solver.rules.rule import all_rules
from solver.spec.problem import Figure, Problem
from solver.typeset.view import SheetView
from solver.typeset.webpage import Picture, Statement, page

STATEMENTS = {rule.name: Statement(rule.formula, rule.source) for rule in all_rules()}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="80"><path d="M0 40h300"/></svg>'


def detailed() -> tuple[Problem, dict[tuple[str, str], list[Derivation]]]:
    """A chain whose lines are made of single steps, with a sum that no line can hold, a program and a figure."""
    problem, worked = scalar_problem()
    wide = " + ".join(f"exp(x[k] + {number}*c)/sum(exp(x[l] + {number}*c) for l in N)" for number in range(1, 9))
    made = chain("sum(x)", (f"sum({wide} for k in N)", "quotient rule"), ("c", "~tidy"), ("sum(x) + c", "sum rule"))
    small = chain("sum(x)", ("c + c", "sum rule"), (f"sum({wide} for k in N)", "product rule"))
    steps = (replace(made.steps[0], children=small.steps), *made.steps[1:])
    found = {key: [*derivations] for key, derivations in worked.items()}
    found["tanh", "shift"].append(derivation(replace(made, steps=steps), route="matrix"))
    first, *rest = problem.parts
    figures = (Figure("plot", {}, "A curve through `a`."),)
    return replace(problem, parts=(replace(first, figures=figures, points=2, hint="Think."), *rest)), found


@cache
def view() -> SheetView:
    made = sheet_view(softmax_problem(), network_problem(), detailed())
    last = made.problems[-1]
    coded = replace(last.parts[-1], code="def forward(x):\n    return x\n")
    return replace(made, problems=(*made.problems[:-1], replace(last, parts=(*last.parts[:-1], coded))))


@cache
def written() -> str:
    pictures = {figure.file: Picture(SVG, "A straight line.") for figure in view().figures}
    return page(view(), STATEMENTS, pictures)

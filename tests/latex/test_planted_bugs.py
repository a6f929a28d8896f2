"""A writer that prints something else than what was checked is stopped: bugs planted in it, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver.expr.derivation import Chain, Derivation, Reason, Step
from solver.expr.nodes import D, Sym, num
from solver.language.catalogue import catalogue, saying
from solver.readback import Misprinted, Proofs, read_back
from solver.spec.load import load_sheet
from solver.spec.problem import Sheet
from solver.typeset import calculus, calls, latex, page, products, setting, wraps
from solver.typeset.render import render
from solver.typeset.view import Record

PROBLEM = """
title: Formulas of every kind
notation: {vectors: row}
symbols:
  x: {shape: [n]}
  y: {shape: [n], is: one-hot}
  W: {shape: [n, m]}
  A: {shape: [n, n], is: symmetric}
  a: {}
  b: {is: positive}
  f: {function: elementwise}
define:
  z: x @ W
  t: z.T @ x @ A.T @ A
  s: softmax(z)
  g: (a + b)*x - 2*x*y
  q: (x @ A) * (x - y) / n
  r: "sum(x[i]*A[i, j]*y[j] for i in n for j in n if i != j)"
  c: where(a > 0, exp(a/b), -b**2)
  h: f(x @ A)
  k: norm(x)*log(b) + tr(A @ A.T)
  l: "A[1, 2] - W[2, 1]"
  o: "s[1] - 0.5"
  p: ones(n, 1) @ x - inv(A)
parts:
  - ask: "What is `D(sum(x), x)`, and when is `a <= b`? Is `z = x @ W`?"
    discuss: true
"""
SYMMETRIC = """
title: A transpose that this matrix does not need
notation: {vectors: row}
symbols:
  x: {shape: [n]}
  A: {shape: [n, n], is: symmetric}
define: {t: x @ A.T @ A}
parts:
  - ask: What is it?
    discuss: true
"""


def proofs(sheet: Sheet) -> list[Proofs]:
    """The sheet as it is written now, and heard; its derivation has a line for each definition, and a derivative."""
    (problem,) = sheet.problems
    names = [Sym(name, value.shape) for name, value in problem.define.items()]
    lines = [(name, problem.define[name.name]) for name in names]
    slopes = [(D(name, problem.symbols["x"].node), num(0)) for name in names if name.name == "k"]
    chains = tuple(Chain(lhs, (Step(lhs, rhs, Reason("as defined")),)) for lhs, rhs in [*lines, *slopes])
    derivation = Derivation(chains[-1].start, chains[-1].result, "matrix", chains)
    worked = {(problem.name, problem.parts[0].id): [derivation]}
    view = page.view(sheet, worked, Record(0, 0, 0, "", ""), saying({"as defined": "as defined"}, catalogue("en")))
    found = [Proofs(problem, shown, {}) for shown in view.problems]
    render(replace(view, problems=tuple(each.listening() for each in found)), "solutions")
    return found


def sheet_of(text: str, folder: Path) -> Sheet:
    (folder / "formulas.yaml").write_text(text, encoding="utf-8")
    return load_sheet(folder)


def test_what_is_printed_well_is_read_back(tmp_path: Path) -> None:
    (heard,) = proofs(sheet_of(PROBLEM, tmp_path))
    read_back([heard])
    assert len(heard.read) == len(heard.written) > 25


def _flat(box: Any, least: object) -> Any:
    return box


def _plus(tex: Any, wide: float) -> Any:
    return SIGN(tex.replace("-", "+") if isinstance(tex, str) else tex, wide)


def _no_top(base: Any, above: Any) -> Any:
    return base if above.tex == r"\top" else SUPERSCRIPT(base, above)


def _no_odot(tex: str, wide: float) -> Any:
    return SIGN(tex.replace(r"\odot", ""), wide)


def _turned(node: Any, s: Any) -> Any:
    return ENTRY(replace(node, at=node.at[::-1]), s)


def _upside_down(above: Any, below: Any, **given: Any) -> Any:
    return FRACTION(below, above, **given)


def _next_number(value: Any) -> str:
    return DECIMAL(value + 1)


def _without_first(node: Any, s: Any) -> Any:
    return MATRIX(replace(node, args=node.args[1:]), s) if len(node.args) > 2 else MATRIX(node, s)


def _other_case(node: Any, number: int, *given: Any, **named: Any) -> Any:
    return PART(node, (0, 2, 1)[number] if len(node.children) == 3 else number, *given, **named)


def _other_function(context: Any, name: str) -> str:
    return FUNCTION(context, "logsumexp" if name == "softmax" else name)


SIGN, SUPERSCRIPT, ENTRY, FRACTION = latex.sign, latex.superscript, latex._entry, latex.fraction
DECIMAL, MATRIX, FUNCTION, PART = latex.decimal, products.matrix, setting.Context.function, calls.part
BUGS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "a dropped transpose": (latex, "superscript", _no_top),
    "a dropped transpose of a symmetric matrix": (latex, "superscript", _no_top),
    "a dropped parenthesis": (wraps, "group", _flat),
    "a sign": (latex, "sign", _plus),
    "a lost sign of the elementwise product": (products, "sign", _no_odot),
    "swapped indices": (latex, "_entry", _turned),
    "a fraction upside down": (latex, "fraction", _upside_down),
    "a derivative upside down": (calculus, "fraction", _upside_down),
    "another number": (latex, "decimal", _next_number),
    "a dropped factor": (products, "matrix", _without_first),
    "another function": (setting.Context, "function", _other_function),
    "cases that change places": (calls, "part", _other_case),
}  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_in_the_writer_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    where, name, planted = BUGS[bug]
    sheet = sheet_of(SYMMETRIC if "symmetric" in bug else PROBLEM, tmp_path)
    monkeypatch.setattr(where, name, planted)
    with pytest.raises(Misprinted, match=r"problem formulas, .* is printed as "):
        read_back(proofs(sheet))

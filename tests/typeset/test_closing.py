"""The sentence that ends a part: made from its ask and its result, one for every ask that has an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.expr.derivation import Derivation
from solver.language.catalogue import catalogue
from solver.spec.load import load_problem
from solver.spec.texts import plain
from solver.typeset.closing import closing

HEAD = """
notation: {vectors: row}
symbols: {x: {shape: [D]}, W: {shape: [D, H]}, A: {shape: [D, D], is: symmetric}, u: {}, t: {}}
define: {f: sum(exp(x)), g: x @ W, h: sigmoid(u)}
parts:
"""
ENGLISH = catalogue("en")
CASES = (
    ("gradient: {of: f, wrt: x}", "",
     "We have found the gradient of f with respect to x, a row of shape 1 × D like x itself."),
    ("gradient: {of: sum(g), wrt: W}", "",
     "We have found the gradient of sum(g) with respect to W, a matrix of shape D × H like W itself."),
    ('gradient: {of: sum(g), wrt: "W[k, l]"}', "",
     "We have found the derivative of sum(g) with respect to W[k, l], for every k and l."),
    ("jacobian: {of: g, wrt: x}", "W.T", "We have found the Jacobian of g with respect to x, a matrix of shape H × D."),
    ("hessian: {of: f, wrt: x}", "", "We have found the Hessian of f with respect to x."),
    ("hessian: {of: sum(g), wrt: [x, W]}", "", "We have found the mixed second derivatives of sum(g) with respect to x "
     "and W."),
    ("derivative: {of: sigmoid(u), wrt: u}", "sigmoid(u)*(1 - sigmoid(u))",
     "We have found the derivative of sigmoid(u) with respect to u, in terms of sigmoid(u) itself."),
    ("derivative: {of: h, wrt: u, order: 3}", "",
     "We have found the derivative of order 3 of h with respect to u."),
    ("differential: {of: g, wrt: [x, W]}", "",
     "We have found the differential of g in terms of d(x) and d(W)."),
    ('simplify: "g[i]"', "", "We have brought g[i] into the form in the frame, for every i."),
    ("prove: A == A.T", "", "We have shown that A equals A.T."),
    ("count: [x, W]", "D*(H + 1)", "We have counted D*(H + 1) entries in all."),
    ("shapes: [x, W]", "", "We have found the shape of every name and the number of its entries."),
    ("implement: {of: f, wrt: [x]}", "",
     "We have found the gradients of f with respect to x, and the program computes them so."),
)  # fmt: skip


@pytest.mark.parametrize(("ask", "answer", "said"), CASES)
def test_a_part_says_what_it_has_found(tmp_path: Path, ask: str, answer: str, said: str) -> None:
    extra = f"\n    answer: {answer}" if answer else ""
    file = tmp_path / "p.yaml"
    file.write_text(f"{HEAD}  - id: a\n    ask: Find it.\n    {ask}{extra}\n")
    (part,) = load_problem(file).parts
    result = part.answer
    made = () if result is None else (Derivation(result, result, "chain", ()),)
    assert plain(closing(part, made, ENGLISH).pieces).replace("\u00a0", " ") == said


def test_several_routes_are_said_to_agree(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(f"{HEAD}  - {{id: a, ask: Find it., gradient: {{of: f, wrt: x}}, answer: exp(x)}}\n")
    (part,) = load_problem(file).parts
    assert part.answer is not None
    routes = [Derivation(part.answer, part.answer, route, ()) for route in ("chain", "differential", "differential")]
    assert plain(closing(part, routes, ENGLISH).pieces).endswith("like x itself. Every way leads to the same answer.")
    assert not plain(closing(part, routes[1:], ENGLISH).pieces).endswith("answer.")

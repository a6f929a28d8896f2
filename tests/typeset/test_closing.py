"""The sentences that end parts: made from ask and result, and nothing that the frame or an earlier part has said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from solver.expr.derivation import Derivation
from solver.language.catalogue import catalogue
from solver.spec.load import load_problem
from solver.spec.texts import plain
from solver.typeset.closing import closings

HEAD = """
notation: {vectors: row}
symbols: {x: {shape: [D]}, y: {shape: [D]}, W: {shape: [D, H]}, V: {shape: [D, H]}, b: {shape: [H]},
  A: {shape: [D, D], is: symmetric}, u: {}, t: {}}
define: {f: sum(exp(x)), g: x @ W + b, h: sigmoid(u), p: softmax(x), J: sum(exp(g))}
parts:
"""
ENGLISH = catalogue("en")
CASES = (
    ("gradient: {of: f, wrt: x}", "exp(x)", "The gradient is a row of shape 1 × D, like x itself."),
    ("gradient: {of: sum(g), wrt: W}", "W", "The gradient is a matrix of shape D × H, like W itself."),
    ("gradient: {of: f, wrt: x}", "p - y", "It is zero only where p equals y."),
    ("gradient: {of: f, wrt: x}", "(p - y)/t", "It is zero only where p equals y."),
    ("gradient: {of: f, wrt: x}", "1 - p", "The gradient is a row of shape 1 × D, like x itself."),
    ("gradient: {of: f, wrt: x}", "p*(1 - y)*(1 + y) - y", "The gradient is a row of shape 1 × D, like x itself."),
    ("gradient: {of: sum(y*x), wrt: x}", "y", "It does not depend on x, since sum(y*x) is affine in x."),
    ('gradient: {of: sum(g), wrt: "W[k, l]"}', "x[k]*g[1, l]", "This holds for every k and l."),
    ("jacobian: {of: g, wrt: x}", "W.T",
     "The Jacobian is a matrix of shape H × D: a row for each entry of g, a column for each of x."),
    ("hessian: {of: f, wrt: x}", "diag(exp(x))",
     "The Hessian is symmetric: the order of two derivatives with respect to x does not matter."),
    ("derivative: {of: sigmoid(u), wrt: u}", "sigmoid(u)*(1 - sigmoid(u))",
     "The derivative is written in sigmoid(u): where we know the value, we know the slope."),
    ("derivative: {of: h, wrt: u, order: 3}", "h", ""),
    ("differential: {of: g, wrt: [x, W]}", "d(g)",
     "We have found the differential of g in terms of d(x) and d(W)."),
    ("simplify: f", "f", ""),
    ('simplify: "x[i]"', "x[i]", "This holds for every i."),
    ("prove: A == A.T", "A", "We have shown that A equals A.T."),
    ('prove: "A[i, j] == A[j, i]"', "A[i, j]", "We have shown that A[i, j] equals A[j, i], for every i and j."),
    ("count: [x, W]", "D*(H + 1)", "We have counted D*(H + 1) entries in all."),
    ("shapes: [x, W]", "", ""),
    ("implement: {of: f, wrt: [x]}", "", ""),
)  # fmt: skip
Asked = Sequence[tuple[str, str]]


def said(tmp_path: Path, asked: Asked, routes: Sequence[str] = ("chain",)) -> list[str]:
    """What is said of each ask, whose result is the node of an expression (of an answer, in a second file)."""
    file, results = tmp_path / "p.yaml", tmp_path / "q.yaml"
    parts = [f"  - {{id: {letter}, ask: Find it., {ask}}}" for letter, (ask, _) in zip("abcdef", asked, strict=False)]
    file.write_text(HEAD + "\n".join(parts) + "\n")
    indices = "indices: {i: D, j: D, k: D, l: H}\n"
    shown = [f"  - {{id: {letter}, ask: Find it., simplify: '{result or 'u'}'}}"
             for letter, (_, result) in zip("abcdef", asked, strict=False)]  # fmt: skip
    results.write_text(indices + HEAD + "\n".join(shown) + "\n")
    problem = load_problem(file)
    worked: Mapping[str, Sequence[Derivation]] = {
        part.id: [Derivation(at.ask.expression, at.ask.expression, route, ()) for route in routes] if result else ()
        for part, at, (_, result) in zip(problem.parts, load_problem(results).parts, asked, strict=True)
    }
    named = {part.id: f"part ({part.id})" for part in problem.parts}
    found = closings(problem, worked, ENGLISH, named)
    return [plain(found[part.id].pieces).replace("\u00a0", " ") for part in problem.parts]


@pytest.mark.parametrize(("ask", "result", "sentence"), CASES)
def test_a_part_says_what_its_frame_does_not(tmp_path: Path, ask: str, result: str, sentence: str) -> None:
    assert said(tmp_path, [(ask, result)]) == [sentence]


def test_what_holds_of_every_part_is_said_once(tmp_path: Path) -> None:
    asked = [("gradient: {of: J, wrt: W}", "x.T @ exp(g)"), ("gradient: {of: J, wrt: V}", "V"),
             ("jacobian: {of: p, wrt: x}", "diag(p)"), ("jacobian: {of: y, wrt: x}", "diag(y)")]  # fmt: skip
    first, second, third, fourth = said(tmp_path, asked)
    assert first == "The gradient is a matrix of shape D × H, like W itself."
    assert third.startswith("The Jacobian is")
    assert second == fourth == ""


def test_a_gradient_that_comes_again_names_the_part_before(tmp_path: Path) -> None:
    asked = [("gradient: {of: J, wrt: g}", "exp(g)"), ("gradient: {of: J, wrt: b}", "exp(g)"),
             ("gradient: {of: f, wrt: b}", "exp(g)")]  # fmt: skip
    _, same, other = said(tmp_path, asked)
    assert same == "With respect to b the gradient is the same as with respect to g, part (a)."
    assert other == "", "another function's gradient is compared with nothing"


def test_a_result_that_moves_through_a_definition_is_not_called_still(tmp_path: Path) -> None:
    """`h = sigmoid(u)` moves with `u`, though `u` does not stand in it."""
    assert said(tmp_path, [("derivative: {of: t*u, wrt: u}", "h")]) == [""]
    assert "affine" in said(tmp_path, [("derivative: {of: t*u, wrt: u}", "t")])[0]


def test_several_routes_are_said_to_agree_once(tmp_path: Path) -> None:
    asked = [("simplify: f", "f"), ("simplify: J", "J")]
    assert said(tmp_path, asked, ("chain", "index")) == ["Both ways lead to the same answer.", ""]
    assert said(tmp_path, asked, ("chain", "index", "matrix"))[0] == "Every way leads to the same answer."
    assert said(tmp_path, asked, ("chain", "chain")) == ["", ""], "a route's second derivation is no second way"

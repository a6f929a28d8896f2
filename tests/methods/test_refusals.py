"""What a route cannot do it refuses in one sentence: what it met, and which routes can; those do, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solver.solve import Outcome, Question, solve
from solver.spec.load import load_problem
from solver.spec.problem import ROUTES

HEAD = """
title: t
notation: {vectors: column}
symbols:
  x: {shape: [n]}
  a: {}
  A: {shape: [n, n]}
  S: {shape: [n, n], is: symmetric}
  W: {shape: [m, n]}
  t: {shape: [n], is: one-hot}
  f: {function: elementwise}
define:
  s: softmax(x)
  L: -sum(t * log(s))
parts:
  - id: p
    ask: Find it.
"""
ASKS = (
    "gradient: {of: L, wrt: x}",
    "gradient: {of: logdet(A), wrt: A}",
    "gradient: {of: tr(S @ S), wrt: S, structured: true}",
    "gradient: {of: a**2, wrt: a}",
    "jacobian: {of: s, wrt: x}",
    "jacobian: {of: W @ x, wrt: W}",
    "hessian: {of: x.T @ A @ x, wrt: x}",
    "hessian: {of: logdet(A), wrt: A}",
    "derivative: {of: exp(a*x), wrt: a}",
    "derivative: {of: tanh(a), wrt: a, order: 2}",
    'differential: {of: "A @ x", wrt: [x]}',
    "simplify: log(s[1])",
    "simplify: inv(A @ A)",
    "prove: softmax(x + a) == softmax(x)",
)


def outcomes(ask: str, folder: Path) -> dict[str, Outcome]:
    """The part by every route."""
    file = folder / "p.yaml"
    by = ", ".join(ROUTES)
    file.write_text(f"{HEAD}    {ask}\n    by: [{by}]\n", encoding="utf-8")
    problem = load_problem(file)
    return {each.route: each for each in solve(Question(problem, problem.parts[0]), ())}


@pytest.mark.parametrize("ask", ASKS)
def test_the_routes_that_a_refusal_names_can_and_are_all(ask: str, tmp_path: Path):
    found = outcomes(ask, tmp_path)
    able = {route for route, each in found.items() if each.verdict == "verified"}
    refused = {route: each.message for route, each in found.items() if each.verdict != "verified"}
    assert able
    assert refused
    for route, message in refused.items():
        said = re.fullmatch(r"it cannot be derived: ([^\n]+); ((?:`\w+`(?:, | and )?)+) can", message)
        assert said is not None, (route, message)
        assert set(re.findall(r"`(\w+)`", said[2])) == able, (route, message)


def test_where_no_route_can_that_is_said(tmp_path: Path):
    found = outcomes("derivative: {of: f(a), wrt: a, order: 3}", tmp_path)
    if any(each.verdict == "verified" for each in found.values()):
        pytest.fail("a route has learnt it: ask for something else here")
    assert all(each.message.endswith("; no other route can") for each in found.values())


def test_an_ask_that_has_no_routes_says_so(tmp_path: Path):
    found = outcomes("shapes: all", tmp_path)
    assert {each.message for each in found.values()} == {
        f"it cannot be derived: the route `{route}` does not answer `shapes`; `shapes` needs no route"
        for route in ROUTES
    }

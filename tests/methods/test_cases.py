"""The route `cases`: both cases, the matrix, the closed form, products with a row; and what it refuses."""

from pathlib import Path

import pytest
from asked import Asked, lines, why

from solver.check.judge import judge
from solver.expr.derivation import Cases, Chain
from solver.expr.write import write
from solver.methods import CannotDerive, derive
from solver.spec.load import load_problem

HEAD = """
title: t
notation: {vectors: LAYOUT}
symbols:
  x: {shape: [N]}
  v: {shape: [N]}
  T: {is: positive}
  A: {shape: [N, N]}
define:
  s: softmax(x)
  p: softmax(x / T)
parts:
  - id: a
    ask: Find it.
    by: cases
"""


def derived(ask: str, folder: Path, layout: str = "row"):
    file = folder / "p.yaml"
    file.write_text(HEAD.replace("LAYOUT", layout) + f"    {ask}\n", encoding="utf-8")
    problem = load_problem(file)
    derivation = derive(problem, problem.parts[0], "cases")
    judgement = judge(problem, problem.parts[0], derivation)
    assert judgement.verdict == "verified", (judgement.replay_errors, [line.message for line in judgement.lines])
    return derivation


@pytest.mark.parametrize(
    ("layout", "ask", "result"),
    [
        ("row", "jacobian: {of: s, wrt: x}", "diag(s) - s.T @ s"),
        ("column", "jacobian: {of: s, wrt: x}", "diag(s) - s @ s.T"),
        ("row", "jacobian: {of: log(s), wrt: x}", "eye(N) - ones(N, 1) @ s"),
        ("row", 'jacobian: {of: "s[i]", wrt: "x[j]"}', "where(i == j, s[i]*(1 - s[i]), -s[i]*s[j])"),
        ("row", 'gradient: {of: "-log(s[k])", wrt: "x[t]"}', "where(k == t, s[t] - 1, s[t])"),
    ],
)
def test_results(layout: str, ask: str, result: str, tmp_path: Path):
    assert write(derived(ask, tmp_path, layout).result) == result


def test_the_two_cases_stand_side_by_side_and_exclude_each_other(tmp_path: Path):
    derivation = derived("jacobian: {of: p, wrt: x}", tmp_path)
    (cases,) = [block for block in derivation.blocks if isinstance(block, Cases)]
    assert isinstance(derivation.blocks[-1], Chain)
    assert len(cases.chains) == 2
    assert cases.chains[1].given
    assert any(step.reason.rule == "quotient rule" for step in cases.chains[0].steps)


def test_a_product_is_shown_for_the_first_entry_and_then_for_any(tmp_path: Path):
    derivation = derived('simplify: (v @ D(s, x))[i]\n    answer: "s[i] * (v[i] - v @ s.T)"', tmp_path)
    first, general = derivation.blocks[-2:]
    assert write(first.start).endswith("[1]")
    assert write(general.result) == "s[i]*(v[i] - v @ s.T)"


def test_headings_say_which_case_it_is(tmp_path: Path):
    for ask, titles, intro in (
        ("jacobian: {of: s, wrt: x}", ("on the diagonal", "off the diagonal"), "two cases of a quotient"),
        ('gradient: {of: "-log(s[k])", wrt: "x[t]"}', ("indices agree", "indices differ"), "two cases of a term"),
    ):
        derivation = derived(ask, tmp_path)
        (cases,) = [block for block in derivation.blocks if isinstance(block, Cases)]
        assert tuple(chain.title.rule for chain in cases.chains if chain.title) == titles
        assert derivation.intro is not None
        assert derivation.intro.rule == intro


def test_the_first_entry_uses_the_cases_of_any_entry(tmp_path: Path):
    derivation = derived("simplify: (v @ D(log(s), x))[i]", tmp_path)
    assert sum(isinstance(block, Cases) for block in derivation.blocks) == 1
    assert all(step.reason.rule != "reorder" for step in derivation.blocks[-2].steps)


def test_what_has_no_two_cases_is_refused(tmp_path: Path):
    with pytest.raises(CannotDerive, match="the entries of one vector"):
        derived("gradient: {of: sum(A), wrt: A}", tmp_path)


WHOLE_SUMS = (
    # the missing term is found where fractions have been joined, or taken off again where nothing is missing
    Asked("x:n:positive y:n", 'gradient: {of: "y.T @ p", wrt: x}', ("S = sum(x)", "p = x/S"), answer="(y - y.T @ p)/S"),
    Asked("z:K q:K:simplex t::positive", 'derivative: {of: L, wrt: "z[i]"}', ("p = softmax(z/t)", "L = -sum(q*log(p))"),
          "row", "(p[i] - q[i])/t"),
    Asked("x:n g:n u:n eps::positive", 'gradient: {of: "sum(u*g*xh)", wrt: x}',
          ("xc = x - mean(x)", "s = sqrt(mean(xc**2) + eps)", "xh = xc/s"), "row",
          "(g*u - mean(g*u) - xh*mean(g*u*xh))/s"),
    Asked("x:n:positive a::positive", 'jacobian: {of: "w[i]", wrt: "x[j]"}', ("w = x**a/sum(x**a)",),
          answer="a*w[i]*(delta(i, j) - w[j])/x[j]"),
)  # fmt: skip


@pytest.mark.parametrize("asked", WHOLE_SUMS, ids=lambda asked: asked.answer)
def test_sums_are_whole_at_the_end(asked: Asked, tmp_path: Path):
    derivation, judgement = asked.by("cases", tmp_path)
    assert judgement.verdict == "verified", (lines(derivation), why(judgement))


def test_what_the_problem_has_a_name_for_gets_no_other(tmp_path: Path):
    derivation, _ = WHOLE_SUMS[0].by("cases", tmp_path)
    assert not derivation.definitions

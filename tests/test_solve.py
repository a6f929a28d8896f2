"""Routes of one part, compared."""

from dataclasses import replace
from pathlib import Path

import pytest

import solver.solve
from solver.expr.derivation import Derivation
from solver.expr.nodes import Div, Neg, Node, Sym, add, call, mul, num
from solver.spec.load import load_problem

PROBLEM = """\
title: Powers
symbols:
  x: {shape: [n], is: positive}
  q: {shape: [n]}
parts:
  - id: p
    ask: Find it.
    gradient: {of: sum(q*log(x)), wrt: x}
    by: [chain, matrix]
"""


def verdicts(folder: Path, monkeypatch: pytest.MonkeyPatch, *results: object) -> list[str]:
    """The verdicts, where the routes end in these results, one after another, and the judge has nothing to say."""
    derive, judge = solver.solve.derive, solver.solve.judge
    ends = iter(results)

    def ending(*args: object) -> Derivation:
        derivation = derive(*args)  # type: ignore[arg-type]
        make = next(ends)
        return replace(derivation, result=make(derivation.result))  # type: ignore[operator]

    def lenient(*args: object, **kwargs: object) -> object:
        return replace(judge(*args, **kwargs), verdict="verified", lines=(), replay_errors=())  # type: ignore[arg-type]

    monkeypatch.setattr(solver.solve, "derive", ending)
    monkeypatch.setattr(solver.solve, "judge", lenient)
    file = folder / "powers.yaml"
    file.write_text(PROBLEM, encoding="utf-8")
    problem = load_problem(file)
    question = solver.solve.Question(problem, problem.parts[0])
    return [outcome.verdict for outcome in solver.solve.solve(question, ())]


def same(result: Node) -> Node:
    return result


def with_roots(result: Node) -> Node:
    """The same where x > 0, and nothing elsewhere: `q √x / (x √x)`."""
    root = call("sqrt", Sym("x", result.shape))
    return Div(mul(result, root), root)


def with_other_roots(result: Node) -> Node:
    """The same where x < 1, and nothing elsewhere."""
    root = call("sqrt", add(num(1), Neg(Sym("x", result.shape))))
    return Div(mul(result, root), root)


def test_forms_agree_where_both_have_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdicts(tmp_path, monkeypatch, with_roots, with_other_roots) == ["verified", "verified"]
    monkeypatch.undo()
    negated = verdicts(tmp_path, monkeypatch, with_roots, lambda result: Neg(with_other_roots(result)))
    assert negated == ["wrong", "wrong"]


def test_a_form_with_fewer_values_agrees_in_either_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdicts(tmp_path, monkeypatch, same, with_roots) == ["verified", "verified"]
    monkeypatch.undo()
    assert verdicts(tmp_path, monkeypatch, with_roots, same) == ["verified", "verified"]


def test_other_values_do_not_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdicts(tmp_path, monkeypatch, same, Neg) == ["wrong", "wrong"]
    monkeypatch.undo()
    assert verdicts(tmp_path, monkeypatch, with_roots, Neg) == ["wrong", "wrong"]


def test_what_holds_under_an_assumption_is_used_only_where_it_is_made(tmp_path: Path) -> None:
    assumed, free = (
        f"""\
title: Products
symbols:
  A: {{shape: [n, m]}}
  B: {{shape: [m, n]}}
parts:
  - {{id: p, ask: Find it., gradient: {{of: det(A @ B), wrt: A}}, given: [m >= n]}}
  - {{id: q, ask: Find it., gradient: {{of: det(A @ B), wrt: A}}{given}}}
"""
        for given in (", given: [m >= n]", "")
    )
    for text, wanted in ((assumed, "verified"), (free, "error")):
        file = tmp_path / "products.yaml"
        file.write_text(text, encoding="utf-8")
        problem = load_problem(file)
        first, second = (solver.solve.Question(problem, part) for part in problem.parts)
        before = [(first, solver.solve.solve(first, ()))]
        assert before[0][1][0].verdict == "verified"
        assert [outcome.verdict for outcome in solver.solve.solve(second, before)] == [wanted]

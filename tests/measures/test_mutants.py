"""The mutants: every kind of slip is made, none survives on a sheet, and a judge that looks away lets them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mutants import main, mutants, outcomes, report
from second_opinion import NoOpinion, agree
from world import World

from solver.check.court import Court
from solver.check.mutations import mutations
from solver.check.verdicts import Comparison
from solver.expr.derivation import Derivation, Fact
from solver.expr.nodes import Apply
from solver.expr.read import read
from solver.expr.write import write

ROOT = Path(__file__).resolve().parents[2]
SOFTMAX = ROOT / "problems" / "softmax" / "softmax.yaml"
PROBLEM, SCOPE = World(
    "a b: ; u: , positive; x y: 1 n; e: 1 n, sums-to-one; o: 1 n, one-hot; A B: n n; S: n n, symmetric; M: m n; N: n m",
    "i:n j:n k:n",
).problem()
KINDS = (
    # formula, the same with a slip, what the slip is called
    ("x @ A", "x @ A.T", "lost or extra transpose"),
    ("x @ A.T", "x @ A", "lost or extra transpose"),
    ("a - b", "a + b", "sign"),
    ("A @ x.T", "-(A @ x.T)", "sign"),
    ("2*a*b", "a*b", "missing or doubled factor"),
    ("a/n", "a", "missing or doubled factor"),
    ("a*x", "2*a*x", "missing or doubled factor"),
    ("x*y", "x*y/n", "missing 1/n"),
    ("A @ B", "A*B", "matrix product and entrywise product confused"),
    ("A*B", "A @ B", "matrix product and entrywise product confused"),
    ("x[i]*y[j]", "x[j]*y[j]", "index changed"),
    ("A[i, j]", "A[j, i]", "index changed"),
    ("delta(i, j)*x[k]", "delta(i, k)*x[k]", "index changed"),
    ("sum(x[k]*y[i] for k in n)", "sum(x[k]*y[k] for k in n)", "index reused as a bound one"),
    ("softmax(A, axis=1)", "softmax(A, axis=0)", "wrong axis"),
    ("A @ B", "B @ A", "operands swapped"),
    ("M @ N @ M", "N @ M @ M", None),
    ("a - b", "b - a", "operands swapped"),
    ("kron(A, B)", "kron(B, A)", "operands swapped"),
    ("a + 1", "a + 2", "constant"),
    ("a**2", "a", "constant"),
    ("sin(a)", "cos(a)", "neighbouring function"),
    ("sum(x)", "mean(x)", "neighbouring function"),
    ("sum(x[k] for k in n)", "prod(x[k] for k in n)", "neighbouring function"),
    ("(x - y)*u", "x - y*u", "missing pair of parentheses"),
    ("x - y*u", "(x - y)*u", "missing pair of parentheses"),
    ("-(a + b)", "-a + b", "missing pair of parentheses"),
    ("a + b", "a", "term dropped"),
    ("where(i == j, a, b)", "where(i == j, a, 0)", "off-diagonal term dropped"),
    ("1 - sigmoid(a)", "sigmoid(1 - a)", "function of the complement for complement of the function"),
)


@pytest.mark.parametrize(("right", "wrong", "kind"), KINDS)
def test_each_kind_of_slip_is_made(right: str, wrong: str, kind: str | None) -> None:
    wanted = {} if kind is None else {write(read(wrong, SCOPE)): kind}
    found = {write(mutation.node): mutation.kind for mutation in mutations(read(right, _binding(right)))}
    assert {text: name for text, name in found.items() if text in wanted} == wanted
    assert write(read(right, _binding(right))) not in found


def test_a_slip_that_does_not_fit_does_not_hide_those_after_it() -> None:
    # the first two factors cannot change places, the last two can
    assert [write(m.node) for m in mutations(read("M @ A @ B", SCOPE)) if m.kind == "operands swapped"] == ["M @ B @ A"]


def _binding(text: str) -> Any:
    from dataclasses import replace

    bound = {word for word in "ijk" if f"for {word} in" in text}
    return replace(SCOPE, indices={name: index for name, index in SCOPE.indices.items() if name not in bound})


def tried(path: Path, limit: int) -> Counter[tuple[str, str]]:
    return Counter(
        (mutant.mutation.kind, outcome) for line in mutants([path], limit) for mutant, outcome in outcomes(line)
    )


def test_no_mutant_of_a_sheet_survives() -> None:
    found = tried(SOFTMAX, 6)
    assert sum(found.values()) > 300
    assert {outcome for _, outcome in found} == {"killed", "equivalent"}
    assert len({kind for kind, _ in found}) > 8


def test_a_judge_that_looks_away_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Court, "compare", lambda *args, **more: Comparison("verified"))
    found = tried(SOFTMAX, 2)
    survivors = sum(count for (_, outcome), count in found.items() if outcome == "surviving")
    assert survivors > 0.8 * sum(found.values())


def test_a_mutant_is_replayed_by_its_name(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    line = next(line for line in mutants([SOFTMAX], 3) if line)
    shown = report(line[0], "surviving")
    assert line[0].key in shown
    monkeypatch.setattr("sys.argv", ["mutants.py", str(SOFTMAX), "--replay", line[0].key])
    assert main() == 0
    printed = capsys.readouterr().out
    assert f"? {write(line[0].mutation.node)}" in printed
    assert "1 mutants: 1 killed" in printed


EQUAL = (
    ("2*a", "a + a"), ("D(sum(x**2), x)", "2*x"), ("tr(A @ B)", "sum(A*B.T)"), ("x[i] + x[j]", "x[j] + x[i]"),
    ("d(sum(x**2))", "2*sum(x*d(x))"), ("D(sin(a), a)", "cos(a)"), ("log(u)", "-log(1/u)"),
    ("sum(sum(d(x[k])*y[k] for k in n) for l in n)", "n*sum(d(x)*y)"), ("A[i, j]", "A.T[j, i]"),
)  # fmt: skip
DIFFERENT = (
    ("2*a", "a + b"), ("D(sum(x**2), x)", "x"), ("tr(A @ B)", "sum(A*B)"), ("x[i] + x[j]", "2*x[i]"),
    ("d(sum(x**2))", "sum(x*d(x))"), ("D(sin(a), a)", "sin(a)"), ("log(u)", "log(1/u)"), ("abs(a)", "a"),
    ("sum(e)", "1"), ("S", "S.T"), ("A[i, j]", "A[j, i]"),
)  # fmt: skip


def second(left: str, right: str, *facts: Fact) -> bool:
    start = read(left, _binding(left))
    derivation = Derivation(start, start, "test", (), variables=(SCOPE.symbols["x"],))
    return agree(PROBLEM, derivation, start, read(right, _binding(right)), (), facts)


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_the_second_means_sees_what_is_equal(left: str, right: str) -> None:
    assert second(left, right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_the_second_means_sees_what_differs(left: str, right: str) -> None:
    assert not second(left, right)


@pytest.mark.parametrize(
    ("left", "right", "fact"),
    [("sum(e)", "1", Fact("e", "sums-to-one")), ("S", "S.T", Fact("S", "symmetric")),
     ("o*o", "o", Fact("o", "one-hot")), ("log(u*u)", "2*log(u)", Fact("u", "positive"))],
)  # fmt: skip
def test_the_second_means_knows_what_is_cited(left: str, right: str, fact: Fact) -> None:
    assert second(left, right, fact)


def test_the_second_means_knows_abstract_functions() -> None:
    a = SCOPE.symbols["a"]
    assert agree(PROBLEM, None, Apply("f", a, 1), Apply("f", a, 1))
    assert not agree(PROBLEM, None, Apply("f", a, 1), Apply("f", a))
    with pytest.raises(NoOpinion):
        agree(PROBLEM, None, Apply("f", a, 5), a)


def test_the_second_means_says_where_it_cannot() -> None:
    with pytest.raises(NoOpinion, match="no point"):
        agree(PROBLEM, None, read("log(-a**2)", SCOPE), read("a", SCOPE))

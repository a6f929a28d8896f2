"""Generated code is run: right gradients pass, a wrong sign and code that does not end do not."""

from dataclasses import replace
from pathlib import Path

import pytest

from solver.check import code as running
from solver.methods import derive
from solver.spec.load import load_problem

TEXT = '''
title: Least squares "with" \\\\ quotes
notation: {vectors: column}
symbols:
  A: {shape: [m, n], about: 'the """ data'}
  x: {shape: [n]}
  b: {shape: [m]}
define:
  L: norm(A @ x - b)**2 / m
parts:
  - id: code
    ask: Implement it.
    implement: {of: L, wrt: [x, A], name: squares}
'''


@pytest.fixture
def implemented(tmp_path: Path):
    file = tmp_path / "p.yaml"
    file.write_text(TEXT, encoding="utf-8")
    problem = load_problem(file)
    return problem, problem.parts[0], derive(problem, problem.parts[0]).code


def test_right_code_agrees_with_finite_differences(implemented):
    problem, part, code = implemented
    assert "def gradients" in code.source
    assert running.verdict(problem, part, code) == []


def test_the_largest_entry_is_found_by_a_program_too(tmp_path: Path):
    """The gradient writes the entries in another way than the forward pass: rounding parts what is equal."""
    text = TEXT.replace("norm(A @ x - b)**2 / m", "max(A/(2 + n**2)/(2 + A**2)*(b @ x.T))").replace("[x, A]", "[A]")
    file = tmp_path / "p.yaml"
    file.write_text(text, encoding="utf-8")
    problem = load_problem(file)
    code = derive(problem, problem.parts[0]).code
    assert code is not None
    for seed in range(4):
        assert running.verdict(problem, problem.parts[0], code, seed) == []


def test_a_wrong_sign_is_found(implemented):
    problem, part, code = implemented
    wrong = replace(code, source=code.source.replace("'x': ", "'x': -"))
    assert wrong.source != code.source
    (message, *_) = running.verdict(problem, part, wrong)
    assert "gradient by `x` differs" in message


def test_code_that_fails_is_reported(implemented):
    problem, part, code = implemented
    assert "stopped" in running.verdict(problem, part, replace(code, source="raise ValueError('no')"))[0]


def test_code_that_does_not_end_is_cut_off(implemented, monkeypatch):
    problem, part, code = implemented
    monkeypatch.setattr(running, "SECONDS", 1)
    assert "did not finish" in running.verdict(problem, part, replace(code, source="while True: pass"))[0]


def test_no_words_of_an_author_leave_their_docstring(implemented):
    _, _, code = implemented
    compile(code.source, "generated", "exec")
    assert code.source.count('"""') % 2 == 0
    assert "the data" in code.source

"""The slips of published sheets, as authored lines: each is flagged and named, and its correct neighbour is not."""

from pathlib import Path

import pytest

from solver.solve import Question, solve
from solver.spec.load import load_problem

NETWORK = """
notation: {vectors: row}
symbols:
  x: {shape: [Dx]}
  y: {shape: [Dy], is: one-hot}
  W1: {shape: [Dx, H]}
  b1: {shape: [H]}
  W2: {shape: [H, Dy]}
  b2: {shape: [Dy]}
define:
  z: x @ W1 + b1
  h: sigmoid(z)
  theta: h @ W2 + b2
  yhat: softmax(theta)
  J: -sum(y*log(yhat))
"""
INDEXED = """
notation: {vectors: row}
symbols:
  z: {shape: [K]}
  t: {shape: [K], is: simplex}
  a: {}
indices: {k: K}
define:
  f: softmax(z)
  E: -sum(t[l]*log(f[l]) for l in K)
"""
COLUMNS = """
notation: {vectors: column}
symbols:
  X: {shape: [p, n]}
  Y: {shape: [K, n], is: one-hot}
  W1: {shape: [m, p]}
  b1: {shape: [m]}
  W2: {shape: [K, m]}
  b2: {shape: [K]}
define:
  Z: W1 @ X + b1
  H: relu(Z)
  F: W2 @ H + b2
  P: softmax(F)
  L: -1/n*sum(Y*log(P))
"""
FACT = '["sum(y) == 1"]'
ROWS = '["sum(Y, axis=0) == 1"]'
SLIPS = (
    # sheet, what stands there, what is right, facts, what the message says
    ("A11", NETWORK, "D(J, theta) = -y + log(sum(exp(theta)))", "D(J, theta) = -y + softmax(theta)", FACT, "is not"),
    ("A17", NETWORK, "J = -sum(y*log(h @ W2 + b2))", "J = -sum(y*log(softmax(h @ W2 + b2)))", "", ""),
    ("A19", NETWORK, "D(J, x) = (yhat - y) @ W2.T @ h @ (1 - h).T @ W1.T",
     "D(J, x) = ((yhat - y) @ W2.T * h * (1 - h)) @ W1.T", FACT, "differ"),
    ("A30", NETWORK, "D(J, W2) = (yhat - y).T @ h", "D(J, W2) = h.T @ (yhat - y)", FACT, "H×Dy"),
    ("B2", INDEXED, "D(E, z[k]) = sum(t[l]*f[l] for l in K) - t[k]", "D(E, z[k]) = f[k] - t[k]", '["sum(t) == 1"]', ""),
    ("B2 sign", INDEXED, "D(E, z[k]) = f[k] + t[k]", "D(E, z[k]) = f[k] - t[k]", '["sum(t) == 1"]', "sign"),
    ("D 1/n", COLUMNS, "D(L, F) = P - Y/n", "D(L, F) = (P - Y)/n", ROWS, "1/n"),
    ("D order", COLUMNS, "D(L, W2) = H.T @ (P - Y)/n", "D(L, W2) = (P - Y) @ H.T / n", ROWS, ""),
    ("D bias", COLUMNS, "D(L, b2) = (P - Y)/n", "D(L, b2) = sum(P - Y, axis=1)/n", ROWS, ""),
    ("D indicator", COLUMNS, "D(L, Z) = indicator(H > 0) @ (W2.T @ D(L, F))",
     "D(L, Z) = indicator(H > 0) * (W2.T @ D(L, F))", "", ""),
    ("E sigmoid", INDEXED, "D(sigmoid(a), a) = sigmoid(a)*sigmoid(1 - a)", "D(sigmoid(a), a) = sigmoid(a)*(1 - sigmoid(a))",
     "", "function of the complement"),
    ("E parenthesis", NETWORK, "D(J, h) = yhat - y @ W2.T", "D(J, h) = (yhat - y) @ W2.T", FACT, ""),
    ("E product", NETWORK, "D(J, z) = (yhat - y) @ W2.T @ (h * (1 - h))", "D(J, z) = (yhat - y) @ W2.T * (h * (1 - h))",
     FACT, ""),
    ("transpose", NETWORK, "x @ W1 @ W1.T @ x.T = x @ (W1 @ W1.T).T @ W1 @ W1.T @ x.T",
     "x @ W1 @ W1.T @ x.T = x @ (W1 @ W1.T).T @ x.T", "", ""),
)  # fmt: skip


def verdict(header: str, line: str, facts: str, folder: Path):
    file = folder / "p.yaml"
    cited = f", facts: {facts}" if facts else ""
    text = (
        f'title: Own lines\n{header}parts:\n  - id: a\n    ask: Read.\n    steps:\n      - {{line: "{line}"{cited}}}\n'
    )
    file.write_text(text, encoding="utf-8")
    problem = load_problem(file)
    (outcome,) = solve(Question(problem, problem.parts[0], 0), [])
    return outcome


@pytest.mark.parametrize(("name", "header", "slip", "right", "facts", "says"), SLIPS, ids=[s[0] for s in SLIPS])
def test_a_published_slip_is_flagged_and_its_neighbour_is_not(name, header, slip, right, facts, says, tmp_path):
    wrong = verdict(header, slip, facts, tmp_path)
    assert wrong.verdict in ("wrong", "error"), name
    messages = [wrong.message, *(line.message for line in (wrong.judgement.lines if wrong.judgement else ()))]
    assert any(says in message for message in messages), messages
    good = verdict(header, right, facts, tmp_path)
    assert good.verdict == "verified", (
        good.message,
        good.judgement and [line.message for line in good.judgement.lines],
    )


def test_a_line_that_needs_a_trait_must_cite_it(tmp_path: Path):
    found = verdict(NETWORK, "D(J, theta) = yhat - y", "", tmp_path)
    assert found.verdict == "wrong"
    assert any("assumption leak" in line.message for line in found.judgement.lines)


def test_a_rule_of_ours_that_explains_a_line_is_named(tmp_path: Path):
    found = verdict(NETWORK, "(x @ W1).T = W1.T @ x.T", "", tmp_path)
    assert found.verdict == "verified"
    assert found.derivation.blocks[0].steps[0].reason.rule == "transpose of a product"


def test_two_lines_of_which_one_is_wrong_give_one_report_and_the_end_is_not_believed(tmp_path: Path):
    header = NETWORK.replace("define:", "  a: {}\n  b: {}\ndefine:")
    file = tmp_path / "p.yaml"
    file.write_text(
        f"title: t\n{header}parts:\n  - id: a\n    ask: Read.\n    steps:\n      - (a + b)**2 = a**2 + b**2\n"
        '      - "= a**2 + 2*a*b + b**2"\n',
        encoding="utf-8",
    )
    problem = load_problem(file)
    (outcome,) = solve(Question(problem, problem.parts[0], 0), [])
    assert outcome.verdict == "wrong"
    assert any("the final line is right again" in error for error in outcome.judgement.replay_errors)


def test_the_derivative_of_what_has_no_value_is_none(tmp_path: Path):
    found = verdict(INDEXED, "D(log(exp(a)), a) = D(log(-exp(a)), a)", "", tmp_path)
    assert found.verdict == "wrong"
    assert any("no value" in line.message for line in found.judgement.lines)

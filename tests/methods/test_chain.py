"""How backpropagation argues: one name a chain, each line with a reason that says which map it goes through."""

from pathlib import Path

from asked import Asked, lines, rules, why

LAYERS = "X:d,n Y:K,n:one-hot W1:m,d b1:m W2:K,m b2:K"
NETWORK = (
    "Z = W1 @ X + b1", "H = relu(Z)", "F = W2 @ H + b2", "P = softmax(F)", "L = -1/n*sum(Y*log(P))",
    "Delta2 = (P - Y)/n", "Delta1 = indicator(H > 0) * (W2.T @ Delta2)",
)  # fmt: skip


def network(wrt: str, answer: str = "") -> Asked:
    return Asked(LAYERS, f"gradient: {{of: L, wrt: {wrt}}}", NETWORK, answer=answer)


def test_the_argument_reads_as_a_teacher_writes_it(tmp_path: Path):
    derivation, judgement = network("b1", "Delta1 @ ones(n)").by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert lines(derivation) == [
        "D(L, F)",
        "softmax(F, axis=0)*sum(Y, axis=0)/n - Y/n",
        "(softmax(F, axis=0) - Y)/n",
        "Delta2",
        "D(L, H)",
        "W2.T @ D(L, F)",
        "W2.T @ Delta2",
        "D(L, Z)",
        "D(L, H)*indicator(Z > 0)",
        "W2.T @ Delta2 * indicator(Z > 0)",
        "Delta1",
        "D(L, b1)",
        "D(L, Z) @ ones(n, 1)",
        "Delta1 @ ones(n, 1)",
    ]
    assert rules(derivation) == [
        "log-sum-exp of the logits",
        "columns sum to one",
        "two definitions",
        "affine map shown",
        "established",
        "entrywise function shown",
        "established",
        "definition by signs",
        "bias of columns",
        "established",
    ]


def test_a_name_that_the_answer_lacks_is_not_put_in(tmp_path: Path):
    derivation, judgement = network("F", "(P - Y)/n").by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert "Delta2" not in lines(derivation)


def test_reasons_fit_numbers_sums_and_entries(tmp_path: Path):
    define = ("z = X @ w", "p = sigmoid(z)", "v = sum(p)/n", "L = v**2 + sum(log(p))")
    derivation, judgement = Asked("X:n,d w:d", "gradient: {of: L, wrt: w}", define).by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    told = rules(derivation)
    assert told[0] == "scalar function shown"
    assert "two users" in told
    assert "entrywise function shown" in told


RECURRENT = Asked(
    "x1:d x2:d y:K:one-hot W:d,h U:h,h V:h,K", 'gradient: {of: J, wrt: "W"}',
    ("h1 = tanh(x1@W)", "h2 = tanh(x2@W + h1@U)", "yhat = softmax(h2@V)", "J = -sum(y*log(yhat))"), "row",
)  # fmt: skip


def test_a_name_that_the_walk_goes_past_is_put_back_where_it_first_stands(tmp_path: Path):
    """`softmax(a)` of the logits `a`, which have no name of their own, is `ŷ` at once, not in the last line."""
    derivation, judgement = RECURRENT.by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    found = lines(derivation)
    assert found[3] == "yhat - y"
    assert [line for line in found[4:] if "softmax" in line] == []


def test_a_line_that_puts_in_several_gradients_says_so(tmp_path: Path):
    derivation, _ = RECURRENT.by("chain", tmp_path)
    said = rules(derivation)
    assert "two established" in said
    assert said[-1] in ("definition", "two definitions"), "what the last line opens"

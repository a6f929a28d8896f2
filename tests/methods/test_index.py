"""The route `index`: forms that read well, each line verified, and sentences for what has no simple entries."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked import Asked, lines, rules, why

from solver.expr.derivation import Chain
from solver.expr.nodes import Big, Call, D, walk
from solver.expr.write import write
from solver.methods import CannotDerive, Established
from solver.typeset.selection import names_given, steps_shown

MATRICES = "A:n,n B:n,n X:n,n a:n b:n x:n t"
REGRESSION = "X:n,d y:n:binary w:d b lam W:d,K Y:n,K:one-hot"
LOGISTIC = ("p = sigmoid(X@w + b)", "L = -sum(y*log(p) + (1 - y)*log(1 - p))")
NETWORK = ("Z = X@W1 + b1", "H = relu(Z)", "F = H@W2 + b2", "P = softmax(F)", "L = -sum(Y*log(P))/n")
LAYERS = "X:n,d W1:d,h b1:h W2:h,K b2:K Y:n,K:one-hot"


def g(of: str, wrt: str) -> str:
    return f'gradient: {{of: "{of}", wrt: "{wrt}"}}'


def j(of: str, wrt: str) -> str:
    return f'jacobian: {{of: "{of}", wrt: "{wrt}"}}'


def h(of: str, wrt: str) -> str:
    return f'hessian: {{of: "{of}", wrt: "{wrt}"}}'


def d(of: str, wrt: str) -> str:
    return f'derivative: {{of: "{of}", wrt: "{wrt}"}}'


READ = (
    # matrix calculus
    (Asked(MATRICES, g("tr(A@X@B)", "X")), "A.T @ B.T"),
    (Asked(MATRICES, g("x.T@A@x", "x")), "(A + A.T) @ x"),
    (Asked(MATRICES, g("norm(A@x - b)", "x")), "A.T @ (A @ x - b) / norm(A @ x - b)"),
    (Asked(MATRICES, g("norm(A@X@B)**2", "X")), "2*(A.T @ A @ X @ B @ B.T)"),
    (Asked(MATRICES, g("logsumexp(A@x + b)", "x")), "A.T @ softmax(A @ x + b)"),
    (Asked(MATRICES, g("a.T@softmax(x)", "x")), "softmax(x)*(a - a.T @ softmax(x))"),
    (Asked(MATRICES, g("tr(A@exp(X))", "X")), "A.T*exp(X)"),
    (Asked(MATRICES, g("sum(tril(X)@A)", "X")), "tril(ones(n, 1) @ ones(1, n) @ A.T)"),
    (Asked(MATRICES, g("prod(x)", "x")), "matrix(prod(x[l] for l in n if l != i) for i in n for r in 1)"),
    # regression
    (Asked(REGRESSION, g("L", "w"), LOGISTIC), "X.T @ (p - y)"),
    (Asked(REGRESSION, g("norm(X@w - y)**2/2 + lam*norm1(w)", "w")), "X.T @ (X @ w - y) + lam*sign(w)"),
    (Asked(REGRESSION, g("sum(exp(X@w) - y*(X@w))", "w")), "X.T @ (exp(X @ w) - y)"),
    (Asked("X:n,d W:d,K Y:n,K:one-hot", g("L", "W"), ("P = softmax(X@W)", "L = -sum(Y*log(P))/n"), "row"), "X.T @ (P - Y) / n"),
    (Asked(LAYERS, g("L", "W1"), NETWORK, "row"), "X.T @ ((P - Y) @ W2.T * indicator(Z > 0)) / n"),
    (Asked(LAYERS, g("L", "b1"), NETWORK, "row"), "ones(1, n) @ ((P - Y) @ W2.T * indicator(Z > 0)) / n"),
    (Asked("R:m,n U:m,k V:n,k", g("norm(R - U@V.T)**2", "V"), (), "row"), "-2*((R - U @ V.T).T @ U)"),
    (Asked("theta:D q:D:simplex", g("L", "theta"), ("p = softmax(theta)", "L = sum(q*(log(q) - log(p)))"), "row"), "p - q"),
    # Hessians and Jacobians
    (Asked(REGRESSION, h("norm(X@w - y)**2/2 + lam/2*norm(w)**2", "w")), "X.T @ X + lam*eye(d)"),
    (Asked(REGRESSION, h("L", "w"), LOGISTIC), "X.T @ diag(p*(1 - p)) @ X"),
    (Asked("x:n", h("logsumexp(x)", "x")), "diag(softmax(x)) - softmax(x) @ softmax(x).T"),
    (Asked("x:n", j("x/norm(x)", "x")), "(eye(n) - x @ x.T / norm(x)**2)/norm(x)"),
    (Asked("x:n A:n,m", j("x@A", "x"), (), "row"), "A.T"),
    (Asked("x:n T", d("softmax(x/T)", "T"), (), "row"), "softmax(x/T)*(softmax(x/T) @ x.T - x)/T**2"),
    # entries
    (Asked("X:m,n", j("(X.T@X)[k, l]", "X[i, j]")), "delta(k, j)*X[i, l] + X[i, k]*delta(l, j)"),
    (Asked("x:d W:d,K", d("p[k]", "W[i, j]"), ("p = softmax(x@W)",), "row"), "p[k]*x[i]*(delta(k, j) - p[j])"),
    (Asked("x:n", g("sum((x[i + 1] - x[i])**2 for i in n - 1)", "x[k]")),
     "where(k >= 2, 2*(x[k] - x[k - 1]), 0) - where(k <= n - 1, 2*(x[k + 1] - x[k]), 0)"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "result"), READ, ids=lambda value: value if isinstance(value, str) else "")
def test_results_read_as_people_write_them(asked: Asked, result: str, tmp_path: Path):
    derivation, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == result


VERIFIED = (
    Asked("x:d W1:d,d W2:d,d y:d", g("L", "W1"), ("h1 = tanh(x@W1)", "h2 = tanh(h1@W2) + h1", "L = norm(h2 - y)**2"), "row"),
    Asked("x:d W:d,d y:d", g("L", "W"), ("h1 = tanh(x@W)", "h2 = tanh(h1@W)", "L = norm(h2 - y)**2"), "row"),
    Asked("Q:n,d K:m,d V:m,p G:n,p", g("sum(G*(softmax(Q@K.T/sqrt(d))@V))", "K"), (), "row"),
    Asked("x:d g:d b:d a:d eps", g("sum(a*o)", "x"),
          ("mu = mean(x)", "v = mean((x - mu)**2)", "o = g*((x - mu)/sqrt(v + eps)) + b"), "row"),
    Asked("x:d a:d f:function W:h,d c:h", h("c.T@f(W@x)", "x")),
    Asked("X:n,d G:n,d", g("sum(G*softmax(X, axis=0))", "X"), (), "row"),
    Asked("vc:d U:d,V", 'gradient: {of: "-log(softmax(U.T@vc)[o])", wrt: "U[:, w]"}'),
    Asked("x:n", g("sum(x[i]*x[i + 2] for i in n - 2)", "x[k]"), (), "row"),
    Asked("x:d y:d", g("x.T@y/(norm(x)*norm(y))", "x")),
    Asked("X:n,d S:d,d", g("sum(S*(C.T@C/n))", "X"), ("C = X - mean(X, axis=0)",), "row"),
)  # fmt: skip


@pytest.mark.parametrize("asked", VERIFIED, ids=lambda asked: asked.ask)
def test_every_line_is_verified(asked: Asked, tmp_path: Path):
    _, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


# --- how it argues --------------------------------------------------------------------------------------------------


def test_the_loss_is_walked_back_name_by_name(tmp_path: Path):
    derivation, _ = Asked(LAYERS, g("L", "W1"), NETWORK, "row").by("index", tmp_path)
    starts = [write(chain.start) for chain in derivation.blocks if isinstance(chain, Chain)]
    assert starts == ["D(L, F[i, j])", "D(L, H[i, j])", "D(L, Z[i, j])", "D(L, W1[i, j])", "D(L, W1)"]


def test_what_the_labels_sum_to_is_cited_where_it_is_used(tmp_path: Path):
    derivation, judgement = Asked(LAYERS, g("L", "F"), NETWORK, "row").by("index", tmp_path)
    assert judgement.verdict == "verified"
    cited = [step for chain in derivation.blocks if isinstance(chain, Chain) for step in chain.steps if step.facts]
    assert {fact.trait for step in cited for fact in step.facts} == {"sums-to-one-rows"}
    assert cited[0].reason.rule == "rows sum to one"


def test_the_logarithm_of_a_softmax_is_a_difference(tmp_path: Path):
    asked = Asked("f:K", 'gradient: {of: "-log(p[c])", wrt: "f[k]"}', ("p = softmax(f)",), answer="p[k] - delta(k, c)")
    derivation, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert lines(derivation) == [
        "D(-log(p[c]), f[k])",
        "D(-(f[c] - logsumexp(f)), f[k])",
        "p[k] - delta(k, c)",
    ]
    assert rules(derivation) == ["log of a softmax entry", "derivative of log-sum-exp"]


def test_an_earlier_part_is_put_in_and_not_derived_again(tmp_path: Path):
    asked = Asked(LAYERS, g("L", "F"), NETWORK, "row")
    first, _ = asked.by("index", tmp_path)
    shown = Established.of("logits", first, asked.problem(tmp_path).define)
    second, judgement = Asked(LAYERS, g("L", "b2"), NETWORK, "row").by("index", tmp_path, shown)
    assert judgement.verdict == "verified", why(judgement)
    assert "part (logits)" in rules(second)
    assert len(second.blocks) == 2


def test_both_cases_of_an_earlier_part_split_the_sum(tmp_path: Path):
    network = ("z = W2@u", "y = softmax(z)", "E = -sum(t*log(y))")
    symbols = "u:M W2:K,M t:K:one-hot"
    asked = Asked(symbols, j("y[j]", "z[k]"), network)
    first, _ = asked.by("cases", tmp_path)
    shown = Established.of("softmax", first, asked.problem(tmp_path).define)
    second, judgement = Asked(symbols, g("E", "z[k]"), network, answer="y[k] - t[k]").by("index", tmp_path, shown)
    assert judgement.verdict == "verified", why(judgement)
    assert {"one term and the rest", "put the term back"} <= set(rules(second))


def test_the_first_entry_of_a_product_shows_what_cancels(tmp_path: Path):
    define = ("s = softmax(x)", "z = v @ D(s, x)")
    asked = Asked("x:N v:N", 'simplify: "z[1]"', define, "row", "s[1]*(v[1] - v @ s.T)")
    derivation, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    line = next(line for line in lines(derivation) if line.count("v[1]*s[1]") == 2 and "+ v[1]*s[1]" in line)
    assert "- v[1]*s[1]" in line


def test_no_sum_and_no_delta_is_left_in_a_matrix_form(tmp_path: Path):
    derivation, _ = Asked(LAYERS, g("L", "W1"), NETWORK, "row").by("index", tmp_path)
    left = [p for p in walk(derivation.result) if isinstance(p, Big | D) or (isinstance(p, Call) and p.name == "delta")]
    assert left == []


@pytest.mark.parametrize(
    ("asked", "met"),
    [
        (Asked(MATRICES, g("logdet(X)", "X")), "no simple entries"),
        (Asked(MATRICES, g("a.T@inv(X)@b", "X")), "no simple entries"),
        (Asked(MATRICES, g("sum(kron(A, X))", "X")), "cannot be written out"),
        (Asked(MATRICES, j("X@A", "X")), "more than two indices"),
    ],
)
def test_what_has_no_simple_entries_is_refused(asked: Asked, met: str, tmp_path: Path):
    with pytest.raises(CannotDerive, match=met):
        asked.by("index", tmp_path)


def test_a_hessian_holds_only_the_chains_that_it_rests_on(tmp_path: Path):
    define = ("z = X @ w", "p = sigmoid(z)", "L = -mean(y*log(p) + (1 - y)*log(1 - p))")
    asked = Asked("X:n,d y:n:binary w:d", "gradient: {of: L, wrt: w}", define)
    first, _ = asked.by("chain", tmp_path)
    shown = Established.of("first", first, asked.problem(tmp_path).define)
    second, judgement = Asked(asked.symbols, "hessian: {of: L, wrt: w}", define).by("index", tmp_path, shown)
    assert judgement.verdict == "verified", why(judgement)
    assert "D(L, z[i])" not in lines(second)


def test_what_another_part_has_answered_by_another_route_is_not_worked_out_again(tmp_path: Path):
    asked = Asked(LAYERS, g("L", "W1"), NETWORK, "row")
    problem = asked.problem(tmp_path)
    first, _ = asked.by("differential", tmp_path)
    answered = tuple(each for each in Established.of("a", first, problem.define) if each.question == first.question)
    assert answered
    derivation, judgement = asked.by("index", tmp_path, answered)
    assert judgement.verdict == "verified", why(judgement)
    assert len(derivation.blocks) <= 2


def test_entries_that_come_back_to_themselves_are_refused(tmp_path: Path):
    asked = Asked("A:n,n:invertible B:n,n:invertible", 'simplify: "inv(A) @ (A @ B) @ inv(B)"', answer="eye(n)")
    with pytest.raises(CannotDerive, match="comes back to itself"):
        asked.by("index", tmp_path)


DEEP = Asked(
    "x:a W1:a,p W2:p,q W3:q,s W4:s,u y:u", g("J", "W1"),
    ("h1 = tanh(x@W1)", "h2 = tanh(h1@W2)", "h3 = tanh(h2@W3)", "h4 = tanh(h3@W4)", "J = norm(h4 - y)**2"), "row",
)  # fmt: skip


def test_long_gradients_on_the_way_are_named_and_opened_at_the_end(tmp_path: Path) -> None:
    derivation, judgement = DEEP.by("index", tmp_path)
    chains = [block for block in derivation.blocks if isinstance(block, Chain)]
    names = [write(chain.name) for chain in chains if chain.name is not None]
    assert names == ["delta_h3[i]", "delta_h2[i]", "delta_h1[i]"]
    found = lines(derivation)
    assert found[-2] == "x.T @ (delta_h1*(1 - h1**2))", "that the 2 comes to the front is no line of its own"
    assert any("sum(delta_h3[k]*(1 - h3[k]**2)*W3[i, k] for k in s)" in line for line in found)
    shown = steps_shown(chains[-1].steps, 0, names_given(derivation))
    assert [write(step.rhs) for step in shown] == found[-2:], "few lines still show what the names were for"
    assert found[-1] == (
        "2*(x.T @ ((h4 - y) * (1 - h4**2) @ W4.T * (1 - h3**2) @ W3.T * (1 - h2**2) @ W2.T * (1 - h1**2)))"
    )
    assert judgement.verdict == "verified", why(judgement)


def test_the_lines_of_a_deep_network_do_not_grow_with_its_layers(tmp_path: Path) -> None:
    def longest(layers: int) -> int:
        names = " ".join(f"W{k}:d,d" for k in range(1, layers + 1))
        define = [f"h{k} = tanh({f'h{k - 1}' if k > 1 else 'x'}@W{k})" for k in range(1, layers + 1)]
        asked = Asked(f"x:d y:d {names}", g("J", "W1"), (*define, f"J = norm(h{layers} - y)**2"), "row")
        derivation, judgement = asked.by("index", tmp_path)
        assert judgement.verdict == "verified", why(judgement)
        chains = [block for block in derivation.blocks if isinstance(block, Chain)]
        return max(len(write(step.rhs)) for chain in chains[:-1] for step in chain.steps)

    assert longest(10) <= longest(5) + 4, "but for a digit of the names"


RECURRENT = Asked(
    "x1:d x2:d y:K:one-hot W:d,h U:h,h V:h,K", g("J", "U"),
    ("h1 = tanh(x1@W)", "h2 = tanh(x2@W + h1@U)", "yhat = softmax(h2@V)", "J = -sum(y*log(yhat))"), "row",
)  # fmt: skip


def test_weights_that_sum_to_one_leave_the_sum_and_sums_with_a_common_factor_are_joined(tmp_path: Path) -> None:
    derivation, judgement = RECURRENT.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    said = rules(derivation)
    assert "entries sum to one" in said
    assert "one sum" in said
    assert "((yhat - y) @ V.T)[i]" in lines(derivation)


def test_a_derivative_is_said_through_the_name_of_what_is_differentiated(tmp_path: Path) -> None:
    asked = Asked(
        "x1:d x2:d y:h W:d,h U:h,h", g("J", "U"),
        ("h1 = tanh(x1@W@U)", "h2 = tanh(x2@W + h1@U)", "J = norm(h2 - y)**2"), "row",
    )  # fmt: skip
    derivation, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert any("(1 - h2[k]**2)" in line for line in lines(derivation))
    assert not any("tanh" in line for line in lines(derivation))


SPLIT = (
    # what does not move with a sum's index leaves it, weights that sum to 1 leave no trace
    Asked("C:m,d U:V,d y:V:one-hot", "gradient: {of: J, wrt: C}",
          ("h = mean(C, axis=0)", "p = softmax(h @ U.T)", "J = -sum(y*log(p))"), "row", "ones(m, 1) @ (p - y) @ U/m"),
    # e^−m/(1 + e^−m) is 1/(e^m + 1) also inside of a sum
    Asked("X:n,d t:n:plus-minus-one w:d b", "derivative: {of: L, wrt: b}",
          ("m = t*(X @ w + b)", "L = sum(log(1 + exp(-m)))"), "column", "-sum(t*sigmoid(-m))"),
    Asked("X:n,d t:n:plus-minus-one w:d b", "hessian: {of: L, wrt: w}",
          ("m = t*(X @ w + b)", "L = sum(log(1 + exp(-m)))"), "column", "X.T @ diag(sigmoid(m)*(1 - sigmoid(m))) @ X"),
    Asked("q:d K:n,d V:n,m g:m", "gradient: {of: L, wrt: q}", ("a = softmax(K @ q/sqrt(d))", "L = g.T @ V.T @ a"),
          "column", "K.T @ (a*(V @ g - L))/sqrt(d)"),
)  # fmt: skip


@pytest.mark.parametrize("asked", SPLIT, ids=lambda asked: asked.answer)
def test_constants_leave_weighted_sums(asked: Asked, tmp_path: Path):
    derivation, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", (lines(derivation), why(judgement))


def test_a_named_gradient_with_a_quotient_cancels_against_the_softmax_behind_it(tmp_path: Path):
    define = ("p = softmax(z)", "H = -sum(p*log(p))", "J = -sum(y*log(p)) - b*H")
    asked = Asked("z:K y:K:one-hot b::positive", "gradient: {of: J, wrt: z}", define, answer="p - y + b*p*(log(p) + H)")
    _, judgement = asked.by("index", tmp_path)
    assert judgement.verdict == "verified", why(judgement)

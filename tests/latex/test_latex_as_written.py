r"""LaTeX as people write it, in several hands, each with what it means in the problem language."""

from __future__ import annotations

import pytest

from solver.expr.nodes import Idx, Node, Sym
from solver.expr.read import Scope, read
from solver.expr.sizes import ONE, Size
from solver.latex import LatexError, read_latex, read_latex_equation, read_latex_lines

N, M, K = (Size.of(name) for name in ("n", "m", "K"))
SHAPES = {
    **dict.fromkeys(("J", "L", "a", "c", "lam", "alpha", "t", "eps", "CE"), ()),
    **dict.fromkeys(("x", "y", "v", "w", "yhat", "theta", "mu", "delta_1", "xtilde", "x_t", "h_prev"), (N, ONE)),
    "z": (K, ONE), "b": (M, ONE), "b1": (M, ONE), "q": (ONE, N),
    **dict.fromkeys(("A", "B", "S", "X", "Sigma"), (N, N)),
    **dict.fromkeys(("W", "W1", "U"), (M, N)), "W2": (K, M),
}  # fmt: skip
SCOPE = Scope(
    symbols={name: Sym(name, shape) for name, shape in SHAPES.items()},
    layout="column",
    sizes=frozenset(("n", "m", "K")),
    indices={**{name: Idx(name, N) for name in "ijl"}, "k": Idx("k", K), "r": Idx("r", M)},
    functions=frozenset(("f", "phi")),
)


def node(text: str) -> Node:
    return read(text, SCOPE)


DOTS = r"\begin{pmatrix} A_{11} & \cdots & A_{1n} \\ \vdots & \ddots & \vdots \\ A_{n1} & \cdots & A_{nn} \end{pmatrix}"
FORMS: tuple[tuple[str, str], ...] = (
    # letters, in any font
    (r"x", "x"),
    (r"\mathbf{x}", "x"),
    (r"\bm x", "x"),
    (r"\boldsymbol{x}", "x"),
    (r"\vec{x}", "x"),
    (r"\underline{x}", "x"),
    (r"\mathbf W", "W"),
    (r"\theta", "theta"),
    (r"\boldsymbol\theta", "theta"),
    (r"\lambda", "lam"),
    (r"\varepsilon", "eps"),
    (r"\epsilon", "eps"),
    (r"\Sigma", "Sigma"),
    (r"\boldsymbol{\mu}", "mu"),
    # accents
    (r"\hat{y}", "yhat"),
    (r"\hat y", "yhat"),
    (r"\hat{\mathbf y}", "yhat"),
    (r"\mathbf{\hat{y}}", "yhat"),
    (r"\hat{\bm{y}}", "yhat"),
    (r"\widehat{y}", "yhat"),
    (r"\hat{y}_i", "yhat[i]"),
    (r"\hat{y_i}", "yhat[i]"),
    (r"\tilde{\mathbf{x}}", "xtilde"),
    (r"\widetilde{x}", "xtilde"),
    # subscripts and superscripts
    (r"W_1", "W1"),
    (r"\mathbf{W}_{1}", "W1"),
    (r"W^{(1)}", "W1"),
    (r"W^{[1]}", "W1"),
    (r"\bm{W}^{(2)}", "W2"),
    (r"x_i", "x[i]"),
    (r"\mathbf{x}_i", "x[i]"),
    (r"x_{i}", "x[i]"),
    (r"x_1", "x[1]"),
    (r"x_t", "x_t"),
    (r"h_{\text{prev}}", "h_prev"),
    (r"\mathbf{h}_{\mathrm{prev}}", "h_prev"),
    (r"A_{ij}", "A[i, j]"),
    (r"A_{i,j}", "A[i, j]"),
    (r"[A]_{ij}", "A[i, j]"),
    (r"(\mathbf{A}\mathbf{B})_{ij}", "(A @ B)[i, j]"),
    (r"A_{12}", "A[1, 2]"),
    (r"A_{i:}", "A[i, :]"),
    (r"A_{:,j}", "A[:, j]"),
    (r"W_{1,rj}", "W1[r, j]"),
    (r"W^{(1)}_{rj}", "W1[r, j]"),
    (r"\delta_1", "delta_1"),
    # transposes
    (r"x^\top", "x.T"),
    (r"x^T", "x.T"),
    (r"x^{T}", "x.T"),
    (r"x^\intercal", "x.T"),
    (r"\mathbf{x}^{\mathsf T}", "x.T"),
    (r"\mathbf{x}^{\mathsf{T}}", "x.T"),
    (r"x^{\mathrm T}", "x.T"),
    (r"\bm A^{\top}", "A.T"),
    (r"(A B)^\top", "(A @ B).T"),
    (r"\left( A B \right)^{T}", "(A @ B).T"),
    # products
    (r"A x", "A @ x"),
    (r"Ax", "A @ x"),
    (r"A \cdot x", "A @ x"),
    (r"x^\top A x", "x.T @ A @ x"),
    (r"x^T y", "x.T @ y"),
    (r"x y^\top", "x @ y.T"),
    (r"2x", "2*x"),
    (r"2\,\mathbf{x}", "2*x"),
    (r"a\,x", "a*x"),
    (r"a\; x", "a*x"),
    (r"ac", "a*c"),
    (r"a \cdot c", "a*c"),
    (r"a \times c", "a*c"),
    (r"2 \cdot 3", "2*3"),
    (r"\alpha \lambda x", "alpha*lam*x"),
    (r"(a + c)(a - c)", "(a + c)*(a - c)"),
    (r"a(a - c)", "a*(a - c)"),
    (r"x \odot y", "x*y"),
    (r"x \circ y", "x*y"),
    (r"x \odot y \odot v", "x*y*v"),
    (r"A x \odot y", "(A @ x)*y"),
    (r"W^\top b \odot x \odot (1 - x)", "(W.T @ b)*x*(1 - x)"),
    (r"A \otimes B", "kron(A, B)"),
    (r"x \oslash y", "x/y"),
    (r"x \cdot y", "dot(x, y)"),
    (r"\langle x, y \rangle", "dot(x, y)"),
    (r"-x", "-x"),
    (r"x - y", "x - y"),
    (r"x + (-y)", "x + (-y)"),
    # quotients, powers, roots
    (r"\frac{a}{c}", "a/c"),
    (r"\tfrac{1}{2}", "1/2"),
    (r"\dfrac12", "1/2"),
    (r"\frac1n", "1/n"),
    (r"a/c", "a/c"),
    (r"\frac{x}{a}", "x/a"),
    (r"\frac{1}{n} \sum_{i=1}^n x_i", "1/n*sum(x[i] for i in n)"),
    (r"a^2", "a**2"),
    (r"a^{-1}", "a**(-1)"),
    (r"x_i^2", "x[i]**2"),
    (r"\sqrt{a}", "sqrt(a)"),
    (r"\sqrt{1 + a^2}", "sqrt(1 + a**2)"),
    (r"A^{-1}", "inv(A)"),
    (r"A^{-\top}", "inv(A).T"),
    (r"A^{-T}", "inv(A).T"),
    (r"(A^{-1})^\top", "inv(A).T"),
    (r"A^{+}", "pinv(A)"),
    (r"A^\dagger", "pinv(A)"),
    (r"A^2", "matrix_power(A, 2)"),
    (r"x^{\odot 2}", "x**2"),
    # derivatives
    (r"\frac{\partial J}{\partial a}", "D(J, a)"),
    (r"\frac{\partial J}{\partial W}", "D(J, W)"),
    (r"\dfrac{\partial J}{\partial \mathbf{W}_1}", "D(J, W1)"),
    (r"\partial J / \partial W", "D(J, W)"),
    (r"\frac{\partial}{\partial a} (a^2)", "D(a**2, a)"),
    (r"\frac{\partial}{\partial a} \log a", "D(log(a), a)"),
    (r"\frac{\partial J}{\partial x_i}", "D(J, x[i])"),
    (r"\frac{\partial x_j}{\partial y_i}", "D(x[j], y[i])"),
    (r"\frac{\partial^2 J}{\partial a^2}", "D(J, a, a)"),
    (r"\frac{\partial^2 J}{\partial a \, \partial c}", "D(J, c, a)"),
    (r"\nabla_x J", "D(J, x)"),
    (r"\nabla_{\mathbf{W}} J", "D(J, W)"),
    (r"\nabla_{\!\theta} J", "D(J, theta)"),
    (r"\frac{dJ}{da}", "D(J, a)"),
    (r"\frac{\mathrm{d} J}{\mathrm{d} a}", "D(J, a)"),
    (r"\frac{d}{da} \sin(a)", "D(sin(a), a)"),
    (r"\partial_a J", "D(J, a)"),
    (r"f'(a)", "f_prime(a)"),
    (r"f''(x)", "f_second(x)"),
    (r"\phi(x)", "phi(x)"),
    (r"\sigma'(a)", "D(sigmoid(a), a)"),
    (r"\mathrm{d}x", "d(x)"),
    (r"\mathrm{d}(A x)", "d(A @ x)"),
    (r"dx", "d(x)"),
    # functions
    (r"e^{x}", "exp(x)"),
    (r"e^{-a}", "exp(-a)"),
    (r"\exp(x)", "exp(x)"),
    (r"\exp\left(-\frac{a^2}{2}\right)", "exp(-a**2/2)"),
    (r"\exp\{a\}", "exp(a)"),
    (r"\log(a)", "log(a)"),
    (r"\log a", "log(a)"),
    (r"\ln a", "log(a)"),
    (r"\log \hat{y}_i", "log(yhat[i])"),
    (r"y_i \log \hat y_i", "y[i]*log(yhat[i])"),
    (r"\sigma(x)", "sigmoid(x)"),
    (r"\tanh(x)", "tanh(x)"),
    (r"\tanh^2(a)", "tanh(a)**2"),
    (r"\sin a", "sin(a)"),
    (r"\operatorname{softmax}(z)", "softmax(z)"),
    (r"\mathrm{softmax}(z)", "softmax(z)"),
    (r"\text{softmax}(z)", "softmax(z)"),
    (r"\operatorname{softmax}(z)_k", "softmax(z)[k]"),
    (r"\operatorname{ReLU}(x)", "relu(x)"),
    (r"\mathrm{relu}(x)", "relu(x)"),
    (r"\max(a, c)", "maximum(a, c)"),
    (r"\max(0, x)", "maximum(0, x)"),
    (r"\max_i x_i", "max(x)"),
    (r"\operatorname{diag}(x)", "diag(x)"),
    (r"\mathrm{diag}(x)", "diag(x)"),
    (r"\text{diag}(x)", "diag(x)"),
    (r"\operatorname{tr}(A)", "tr(A)"),
    (r"\mathrm{Tr}(A B)", "tr(A @ B)"),
    (r"\operatorname{tr} A", "tr(A)"),
    (r"\operatorname{tr}\left( A^\top B \right)", "tr(A.T @ B)"),
    (r"\det A", "det(A)"),
    (r"\det(A)", "det(A)"),
    (r"\log\det A", "log(det(A))"),
    (r"\log |\det A|", "logdet(A)"),
    (r"\operatorname{vec}(W)", "vec(W)"),
    (r"\mathrm{CE}", "CE"),
    (r"\text{CE}", "CE"),
    # norms and absolute values
    (r"\|x\|", "norm(x)"),
    (r"\lVert x \rVert", "norm(x)"),
    (r"\|x\|_2", "norm(x)"),
    (r"\|x\|_2^2", "norm(x)**2"),
    (r"\lVert A x - y \rVert^2", "norm(A @ x - y)**2"),
    (r"\left\| x \right\|_1", "norm1(x)"),
    (r"\Vert A \Vert_F", "norm(A)"),
    (r"\|A\|_{\mathrm F}^2", "norm(A)**2"),
    (r"|a|", "abs(a)"),
    (r"\lvert a - c\rvert", "abs(a - c)"),
    (r"\left| a \right|", "abs(a)"),
    # sums
    (r"\sum_{i=1}^{n} x_i", "sum(x[i] for i in n)"),
    (r"\sum_{i=1}^n x_i y_i", "sum(x[i]*y[i] for i in n)"),
    (r"\sum\limits_{i=1}^{n} x_i", "sum(x[i] for i in n)"),
    (r"\sum_i x_i", "sum(x[i] for i in n)"),
    (r"\sum_{k} z_k", "sum(z[k] for k in K)"),
    (r"\sum_{i \neq j} x_i", "sum(x[i] for i in n if i != j)"),
    (r"\sum_{i \ne j} x_i", "sum(x[i] for i in n if i != j)"),
    (r"\sum_{i, l} A_{il}", "sum(A[i, l] for i in n for l in n)"),
    (r"\sum_{i=1}^n \sum_{l=1}^n A_{il}", "sum(A[i, l] for i in n for l in n)"),
    (r"-\sum_i y_i \log \hat{y}_i", "-sum(y[i]*log(yhat[i]) for i in n)"),
    (r"\sum_{i=1}^n (x_i - y_i)^2", "sum((x[i] - y[i])**2 for i in n)"),
    (r"\sum_{i < j} x_i", "sum(x[i] for i in n if i < j)"),
    (r"\prod_{i=1}^n x_i", "prod(x[i] for i in n)"),
    (r"\frac{e^{z_k}}{\sum_{l=1}^{K} e^{z_l}}", "exp(z[k])/sum(exp(z[l]) for l in K)"),
    # pieces
    (r"\mathbb{1}[i = j]", "indicator(i == j)"),
    (r"\mathbb 1\{a > 0\}", "indicator(a > 0)"),
    (r"\mathbf{1}[x > 0]", "indicator(x > 0)"),
    (r"\mathbb{1}_{a > 0}", "indicator(a > 0)"),
    (r"\delta_{ij}", "delta(i, j)"),
    (r"\delta_{i,j}", "delta(i, j)"),
    (r"\begin{cases} a & \text{if } i = j \\ c & \text{otherwise} \end{cases}", "where(i == j, a, c)"),
    (r"\begin{cases} a & i = j \\ c & i \neq j \end{cases}", "where(i == j, a, c)"),
    (r"\begin{cases} 1, & \text{for } a > 0, \\ 0, & \text{else.} \end{cases}", "where(a > 0, 1, 0)"),
    (r"\begin{cases} a & \text{if $a \geq 0$} \\ -a & \text{if $a < 0$} \end{cases}", "where(a >= 0, a, -a)"),
    # what is made
    (r"I_n", "eye(n)"),
    (r"\mathbf{I}_n", "eye(n)"),
    (r"A + \mathbf{I}", "A + eye(n)"),
    (r"\mathbf{1}_n", "ones(n, 1)"),
    (r"\mathbf{1}^\top x", "ones(n, 1).T @ x"),
    (r"\mathbf{e}_i^\top x", "basis(i, n).T @ x"),
    (r"\mathbf{0}_{m \times n}", "zeros(m, n)"),
    # matrices
    (r"\begin{bmatrix} A & B \end{bmatrix}", "hstack(A, B)"),
    (r"\begin{pmatrix} A \\ W \end{pmatrix}", "vstack(A, W)"),
    (DOTS, "matrix(A[p, s] for p in n for s in n)"),
    (r"\begin{bmatrix} x_1 \\ \vdots \\ x_n \end{bmatrix}", "matrix(x[p] for p in n for s in 1)"),
    # brackets and spacing
    (r"\left( a + c \right) x", "(a + c)*x"),
    (r"\bigl( a + c \bigr) x", "(a + c)*x"),
    (r"\Big[ a + c \Big] x", "(a + c)*x"),
    (r"\{a + c\} x", "(a + c)*x"),
    (r"{a + c}", "a + c"),
    (r"a\!+\!c", "a + c"),
    (r"a \quad + \; c", "a + c"),
    (r"\displaystyle \frac{a}{c}", "a/c"),
    (r"{\color{red} a} + c", "a + c"),
    (r"\underbrace{a + c}_{\text{small}}", "a + c"),
    (r"a + c \label{eq:x} \nonumber", "a + c"),
)  # fmt: skip


@pytest.mark.parametrize(("latex", "text"), FORMS, ids=[latex for latex, _ in FORMS])
def test_a_form_is_read(latex: str, text: str) -> None:
    assert read_latex(latex, SCOPE) == node(text)


def test_every_construct_is_among_them() -> None:
    assert len(FORMS) > 200
    assert len({latex for latex, _ in FORMS}) == len(FORMS)


LINES = (
    (r"J = a + c", [("J", "a + c")]),
    (r"= a + c", [(None, "a + c")]),
    (r"J &= a + c", [("J", "a + c")]),
    (r"J := a + c \quad (3)", [("J", "a + c")]),
    (r"J = a = c", [("J", "a"), (None, "c")]),
    (r"J = a \Rightarrow L = c", [("J", "a"), ("L", "c")]),
    (r"\begin{align} J &= a \\ &= c \end{align}", [("J", "a"), (None, "c")]),
    (r"\begin{align*} J &= a, \\[4pt] L &= c. \end{align*}", [("J", "a"), ("L", "c")]),
    (r"\begin{gather} J = a \\ L = c \end{gather}", [("J", "a"), ("L", "c")]),
    (r"J = a & \text{(chain rule)} \\ = c & \text{by (2)}", [("J", "a"), (None, "c")]),
    (r"J = a \tag{1} \\ = c \notag", [("J", "a"), (None, "c")]),
)


@pytest.mark.parametrize(("text", "wanted"), LINES)
def test_lines_are_taken_apart(text: str, wanted: list[tuple[str | None, str]]) -> None:
    found = [(line.lhs, line.rhs) for line in read_latex_lines(text, SCOPE)]
    assert found == [(None if lhs is None else node(lhs), node(rhs)) for lhs, rhs in wanted]


def test_words_beside_a_line_are_its_reason() -> None:
    lines = read_latex_lines(r"J &= a && \text{by the chain rule} \\ &= c", SCOPE)
    assert [line.words for line in lines] == ["by the chain rule", ""]


def test_both_sides_of_an_equation_know_of_each_other() -> None:
    """How long a vector of ones is may be said by the other side."""
    assert read_latex_equation(r"b = \mathbf{1}", SCOPE) == (node("b"), node("ones(m, 1)"))


# --- what cannot be read --------------------------------------------------------------------------------------------

WRONG: tuple[tuple[str, str, str, str], ...] = (
    # the LaTeX, what is marked, what is said, what to write instead
    (r"a + g", "g", "the index or name g is not declared", ""),
    (r"a + \hat{x}", r"\hat{x}", "hat x is not declared", "did you mean x?"),
    (r"\mathrm{sigmod}(x)", "sigmod", "nothing is called sigmod", "did you mean sigmoid?"),
    (r"\mathbf{AZ}", "AZ", "nothing is called AZ", ""),
    (r"\foo + a", r"\foo", r"unknown command \foo: macros are not expanded", r"\operatorname{foo}"),
    (r"\lamda + a", r"\lamda", r"unknown command \lamda", r"\lambda"),
    (r"\begin{pmatix} a \end{pmatix}", "pmatix", "unknown environment pmatix", r"\begin{pmatrix}"),
    (r"A W", "A W", "the shapes n×n and m×n do not fit", r"transpose the second factor: ^\top"),
    (r"W A^\top x + x", r"W A^\top x + x", "the shapes m×1 and n×1 do not fit in this sum", ""),
    (r"x + q", "x + q", "the shapes n×1 and 1×n do not fit in this sum", r"^\top"),
    (r"x y", "x y", "the shapes n×1 and n×1 do not fit in this product", r"\odot"),
    (r"A \odot W", r"A \odot W", "do not fit in this product entry by entry", ""),
    (r"\frac{a}{", "{", "never closed", ""),
    (r"\left( a + c", "", "", ""),
    (r"(a + c", "(", "never closed", ""),
    (r"a + c)", ")", "", ""),
    (r"\frac{a}", "", "", ""),
    (r"a +", "+", "", ""),
    (r"a = c", "a = c", "an equation, where one value is wanted", "right side"),
    ("", "", "nothing stands here", ""),
    (r"x'", "x'", "a prime on x, which is no function", r"^\top"),
    (r"x_{ij}", "", "two indices for a", ""),
    (r"a_i", "a_i", "a is a scalar and has no entries", ""),
    (r"\sum_{i=0}^{n} x_i", "", "this begins at 0, and entries start at 1", "shift"),
    (r"\sum_{i \in S} x_i", r"i \in S", "sets under a sum are not read", r"\sum_{i=1}^{n}"),
    (r"\log a + \log", "", "", ""),
    (r"\log a (a + c)", "", "how far log reaches is not clear", "brackets"),
    (r"\frac{\partial J + L}{\partial a}", "", "a sum stands after ∂", "brackets"),
    (r"\sigma", "", "", ""),
    (r"\operatorname{softmx}(z)", "", "softmx", "softmax"),
    (r"f^{-1}(a)", "", "", ""),
    (r"x \otimes y \odot v", "", r"\otimes beside \odot is ambiguous", "brackets"),
    (r"\input{/etc/passwd}", r"\input", r"unknown command \input", ""),
    (r"\def\a{\a\a}\a", r"\def", r"unknown command \def", ""),
    (r"\newcommand{\b}{x} \b", r"\newcommand", r"unknown command \newcommand", ""),
    (r"\write18{rm -rf /}", r"\write", r"unknown command \write", ""),
    ("a$ + c", "$", "means nothing in a formula", "dollar"),
    ("a \u202e c", "\u202e", "U+202E", ""),
    (r"a & c \\ d", "", "several lines, where one formula is wanted", ""),
)


@pytest.mark.parametrize(("latex", "marked", "message", "hint"), WRONG, ids=[latex for latex, *_ in WRONG])
def test_an_error_points_at_its_place(latex: str, marked: str, message: str, hint: str) -> None:
    with pytest.raises(LatexError) as raised:
        read_latex(latex, SCOPE)
    error = raised.value
    assert error.message
    assert message in error.message
    assert hint in error.hint
    assert 0 <= error.start <= error.end <= len(latex)
    assert marked == "" or latex[error.start : error.end] == marked


# --- what is meant to harm ------------------------------------------------------------------------------------------

HOSTILE = (
    "{" * 50_000,
    "{" * 20_000 + "a" + "}" * 20_000,
    "(" * 20_000 + "a" + ")" * 20_000,
    r"\left(" * 5_000 + "a" + r"\right)" * 5_000,
    r"\frac{" * 10_000,
    r"\frac{a}{" * 3_000 + "a" + "}" * 3_000,
    "a^{" * 5_000 + "a" + "}" * 5_000,
    "a^" * 30_000,
    r"\hat{" * 5_000 + "y" + "}" * 5_000,
    r"\sum_{i=1}^n " * 5_000 + "x_i",
    r"\begin{matrix}" * 5_000,
    r"\begin{cases}" * 2_000 + "a" + r"\end{cases}" * 2_000,
    "a + " * 25_000 + "a",
    "a" * 100_000,
    "x_{" + "i" * 50_000 + "}",
    "A" * 5_000 + "x",
    r"a \odot " * 12_000 + "a",
    r"a \otimes " * 12_000 + "a",
    "9" * 100_000,
    "a^{" + "9" * 300 + "}",
    "|" * 50_000,
    r"\|" * 30_000,
    r"\text{" * 10_000,
    r"\left" * 20_000,
    "&" * 50_000,
    r"\\" * 50_000,
    r"\operatorname{" + "x" * 90_000 + "}(a)",
    r"\partial" * 20_000,
    "'" * 50_000,
    "a'" * 20_000,
    r"\sigma'" * 9_000 + "(a)",
    r"\begin{pmatrix}" + "a & " * 20_000 + r"a \end{pmatrix}",
    r"\frac{\partial}{\partial a} " * 4_000 + "a",
    "%" * 100_000,
    "\u0302" * 50_000,
)  # fmt: skip


@pytest.mark.parametrize("latex", HOSTILE, ids=[f"{text[:14]}-{len(text)}" for text in HOSTILE])
def test_hostile_latex_ends_in_an_error_or_a_value(latex: str) -> None:
    """Within bounds of the stack; how long it takes is looked at as the time limit of the suite."""
    said = []
    for reading in (read_latex, read_latex_lines, read_latex_equation):
        try:
            reading(latex, SCOPE)
        except LatexError as error:
            said.append(error.message)
    assert all(0 < len(message) < 500 for message in said)

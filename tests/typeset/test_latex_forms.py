"""The forms of formulas: what each construction of the language looks like on the page."""

from __future__ import annotations

import pytest
from typeset_helpers import CONTEXT, N, node, scope

from solver.expr.nodes import Idx, Node, Sym
from solver.expr.read import read_condition
from solver.expr.sizes import ONE, Size
from solver.typeset.latex import latex
from solver.typeset.setting import Context, Mark

FORMS = [
    # sums and signs
    ("1 - x", r"1 - \bm{x}"),
    ("a - (b + c)", "a - (b + c)"),
    ("a - -b", "a - (-b)"),
    ("-(a + b)", "-(a + b)"),
    ("-(-a)", "-(-a)"),
    # products: side by side, Hadamard, matrix
    ("a*2*3", r"a \cdot 2 \cdot 3"),
    ("0.25*a", "0.25a"),
    ("2*(1/2)", r"2 \cdot \frac{1}{2}"),
    ("A*B", r"\bm{A} \odot \bm{B}"),
    ("(A @ B)*X", r"\bm{A}\bm{B} \odot \bm{X}"),
    ("A @ (B*X)", r"\bm{A}(\bm{B} \odot \bm{X})"),
    ("(2*x) @ W1", r"(2\bm{x})\,\bm{W}_{1}"),
    ("2*(x @ W1)", r"2\bm{x}\bm{W}_{1}"),
    ("x @ y.T*s", r"\bm{x}\bm{y}^{\top} \cdot \bm{s}"),
    ("s[i]*(v[i] - v @ s.T)", r"s_{i}(v_{i} - \bm{v}\bm{s}^{\top})"),
    ("((yhat - y) @ A.T*x*(1 - x)) @ B", r"\bigl((\hat{\bm{y}} - \bm{y})\,\bm{A}^{\top} \odot \bm{x} \odot (1 - \bm{x})"
     r"\bigr)\,\bm{B}"),
    ("kron(A, B) @ vec(X)", r"(\bm{A} \otimes \bm{B})\,\operatorname{vec}(\bm{X})"),
    # quotients and powers
    ("a/(b*c)", r"\frac{a}{bc}"),
    ("(a + b/2)/c", r"\frac{a + \frac{b}{2}}{c}"),
    ("(a + b*(b + c)/c)/c", r"\frac{a + b(b + c)/c}{c}"),
    ("(a + (b/c)/a)/c", r"\frac{a + \frac{b}{c}/a}{c}"),
    ("1/(sqrt(a)*b)", r"\frac{1}{\sqrt{a}\,b}"),
    ("x/y", r"\bm{x} \oslash \bm{y}"),
    ("a**2", "a^{2}"),
    ("x[i]**2", "x_{i}^{2}"),
    ("(a/b)**2", r"\biggl(\frac{a}{b}\biggr)^{2}"),
    ("x**2", r"\bm{x}^{\odot 2}"),
    ("matrix_power(A, 2)", r"\bm{A}^{2}"),
    ("inv(A).T", r"(\bm{A}^{-1})^{\top}"),
    ("pinv(A)", r"\bm{A}^{+}"),
    ("(A @ B).T", r"(\bm{A}\bm{B})^{\top}"),
    ("tanh(a)**2", r"\tanh^{2}(a)"),
    ("sigmoid(a)**2", r"\sigma(a)^{2}"),
    ("log(a)**2", r"(\log a)^{2}"),
    ("1e-9", "10^{-9}"),
    ("2.5e12*a", r"2.5 \times 10^{12}a"),
    # entries
    ("yhat[i]", r"\hat{y}_{i}"),
    ("A[i, j]", "A_{ij}"),
    ("A[i, j + 1]", "A_{i,j + 1}"),
    ("A[1, 2]", "A_{12}"),
    ("W1[i, p]", "W_{1,ip}"),
    ("W1[i, p + 1]", r"[\bm{W}_{1}]_{i,p + 1}"),
    ("A[i, :]", r"\bm{A}_{i,{:}}"),
    ("A[:, j]", r"\bm{A}_{{:},j}"),
    ("softmax(x)[i]", r"\operatorname{softmax}(\bm{x})_{i}"),
    ("(A @ B)[i, j]", r"[\bm{A}\bm{B}]_{ij}"),
    ("exp(x)[i]", r"[e^{\bm{x}}]_{i}"),
    ("d(x)[i]", r"\mathrm{d}x_{i}"),
    # functions
    ("exp(-a**2/2)", "e^{-a^{2}/2}"),
    ("exp(a + b + c + a*b*c + a*c)", r"\exp(a + b + c + abc + ac)"),
    ("exp(sum(x))", r"\exp\biggl(\sum_{i} x_{i}\biggr)"),
    ("log(yhat[i])", r"\log \hat{y}_{i}"),
    ("log(a*b)", r"\log(ab)"),
    ("log(a)*b", r"(\log a)b"),
    ("a*log(b)", r"a\log b"),
    ("log(exp(a))", r"\log(e^{a})"),
    ("log(a/b)", r"\log \frac{a}{b}"),
    ("logdet(A)", r"\log \lvert\det \bm{A}\rvert"),
    ("log_softmax(x)[i]", r"\log \operatorname{softmax}(\bm{x})_{i}"),
    ("softmax(A)", r"\operatorname{softmax}(\bm{A})"),
    ("softmax(A, axis=0)", r"\operatorname{softmax}_{\mathrm{columns}}(\bm{A})"),
    ("sum(A, axis=1)", r"\operatorname{sum}_{\mathrm{rows}}(\bm{A})"),
    ("norm(x)**2", r"\lVert\bm{x}\rVert_{2}^{2}"),
    ("norm(A)", r"\lVert\bm{A}\rVert_{\mathrm{F}}"),
    ("dot(x, y)", r"\langle\bm{x}, \bm{y}\rangle"),
    ("outer(x, y)", r"\operatorname{outer}(\bm{x}, \bm{y})"),
    ("maximum(a, b)", r"\max(a, b)"),
    ("sqrt(a)", r"\sqrt{a}"),
    ("abs(a)", r"\lvert a\rvert"),
    ("f(x[i])", "f(x_{i})"),
    ("f_prime(a)", "f'(a)"),
    ("indicator(x > 0)*x", r"\mathbb{1}[\bm{x} > 0] \odot \bm{x}"),
    ("delta(i, j)", r"\delta_{ij}"),
    ("delta(i, j + 1)", r"\delta_{i,j + 1}"),
    ("where(i == j, a, b)", r"\begin{cases} a & \text{if } i = j \\ b & \text{if } i \neq j \end{cases}"),
    ("where(a > 0, a, where(b > 0, b, c))", r"\begin{cases} a & \text{if } a > 0 \\ b & \text{if } b > 0 \\ "
     r"c & \text{otherwise} \end{cases}"),
    ("eye(N) - ones(N, 1) @ x", r"\bm{I}_{N} - \mathbf{1}_{N}\,\bm{x}"),
    ("ones(1, N)", r"\mathbf{1}_{1 \times N}"),
    ("zeros(N, H)", r"\mathbf{0}_{N \times H}"),
    ("hstack(a, b)", r"\begin{bmatrix} a & b \end{bmatrix}"),
    ("vstack(x, y)", r"\begin{bmatrix} \bm{x} \\ \bm{y} \end{bmatrix}"),
    # sums
    ("sum(A)", r"\sum_{i,j} A_{ij}"),
    ("-sum(y*log(yhat))", r"-\sum_{i} y_{i}\log \hat{y}_{i}"),
    ("sum(A @ B)", r"\sum_{i,j} [\bm{A}\bm{B}]_{ij}"),
    ("sum(v[l]*s[l] for l in N)", r"\sum_{l=1}^{N} v_{l}s_{l}"),
    ("sum(y[l]*s[l] for l in N if l != k)", r"\sum_{l \neq k} y_{l}s_{l}"),
    ("sum(y[l] for l in N if k != l)", r"\sum_{\substack{l=1 \\ k \neq l}}^{N} y_{l}"),
    ("sum(x[l] + a for l in N)", r"\sum_{l=1}^{N} (x_{l} + a)"),
    ("sum(x[l] for l in N)*a", r"\biggl(\sum_{l=1}^{N} x_{l}\biggr)a"),
    ("sum(x[i]*sum(y) for i in N)", r"\sum_{i=1}^{N} x_{i}\sum_{j} y_{j}"),
    # derivatives
    ("D(J, a)*b/c", r"\frac{(\partial J/\partial a)b}{c}"),
    ("D(J, x)", r"\frac{\partial J}{\partial \bm{x}}"),
    ("D(softmax(x)[i], x[j])", r"\frac{\partial \operatorname{softmax}(\bm{x})_{i}}{\partial x_{j}}"),
    ("D(a*b, a)", r"\frac{\partial}{\partial a}(ab)"),
    ("D(D(J, a), b)", r"\frac{\partial^{2} J}{\partial b\,\partial a}"),
    ("D(D(J, a), a)", r"\frac{\partial^{2} J}{\partial a^{2}}"),
    ("d(x @ W1)", r"\mathrm{d}(\bm{x}\bm{W}_{1})"),
    ("tr((yhat - y).T @ d(x))", r"\operatorname{tr}\bigl((\hat{\bm{y}} - \bm{y})^{\top}\,\mathrm{d}\bm{x}\bigr)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "written"), FORMS)
def test_a_construction_is_written_in_its_form(text: str, written: str) -> None:
    assert latex(node(text), CONTEXT).tex == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("exp(x[i])/sum(exp(x[j]) for j in N)", r"e^{x_{i}}/\sum_{j=1}^{N} e^{x_{j}}"),
        ("a/(b*c)", "a/(bc)"),
        ("a/b*c", "(a/b)c"),
        ("D(s[i], x[j])", r"\partial s_{i}/\partial x_{j}"),
        ("v @ D(s, x)", r"\bm{v}(\partial \bm{s}/\partial \bm{x})"),
    ],
)
def test_among_words_quotients_are_written_with_a_slash(text: str, written: str) -> None:
    assert latex(node(text), CONTEXT, style="inline").tex == written


DIFFERENT = [
    ("(a*b)**2", "a*b**2"), ("log(a)*b", "log(a*b)"), ("-(a*b)", "(-a)*b"), ("(A @ B).T", "A @ B.T"),
    ("sum(x[l] for l in N)*a", "sum(x[l]*a for l in N)"), ("sum(x[l] for l in N) + a", "sum(x[l] + a for l in N)"),
    ("exp(a)**2", "exp(a**2)"), ("a/(b*c)", "a/b*c"), ("a - (b - c)", "a - b - c"), ("x**2", "matrix_power(A, 2)"),
    ("A*B", "A @ B"), ("W1[1, 2]", "W1[2, 1]"), ("norm(x)", "norm1(x)"), ("D(a*b, a)", "D(a, a)*b"),
    ("d(x @ W1)", "d(x) @ W1"), ("x[i + 1]", "x[i] + 1"), ("A[i, j]", "A[j, i]"), ("tanh(a)**2", "tanh(a**2)"),
    ("sum(A, axis=0)", "sum(A, axis=1)"), ("where(a > 0, a, b) + c", "where(a > 0, a, b + c)"),
    ("(2*x) @ W1", "2*(x @ W1)"), ("ones(1, N)", "ones(N, 1)"), ("ones(N, 1)", "ones(N, N)"), ("x @ A*y", "x @ (A*y)"),
    ("log(sum(x))", "sum(log(x))"), ("a*2*3", "a*23"), ("(x/y)*s", "x/(y*s)"), ("inv(A.T)", "inv(A @ A.T)"),
    ("a**(b*c)", "a**b*c"), ("f(a)**2", "f(a**2)"), ("f_prime(a)", "f(a)"), ("delta(i, j)*k", "delta(i, j*k)"),
]  # fmt: skip


@pytest.mark.parametrize("style", ["display", "inline"])
@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_looks_different(one: str, other: str, style: str) -> None:
    written = [latex(node(text), CONTEXT, style=style).tex for text in (one, other)]  # type: ignore[arg-type]
    stripped = ["".join(text.split()).replace(r"\,", "") for text in written]
    assert stripped[0] != stripped[1]


# --- letters in play ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "taken", "written"),
    [
        ("sigmoid(a)", "sigma", r"\operatorname{sigmoid}(a)"),
        ("log_sigmoid(a)", "sigma", r"\log \operatorname{sigmoid}(a)"),
        ("delta(i, j)", "delta", r"\mathbb{1}[i = j]"),
        ("exp(a)", "e", r"\exp(a)"),
        ("eye(N)", "I", r"\mathbf{Id}_{N}"),
        ("normal_cdf(a)", "Phi", r"\operatorname{normal cdf}(a)"),
    ],
)
def test_a_functions_letter_gives_way_to_a_name_of_the_problem(text: str, taken: str, written: str) -> None:
    free = latex(node(text), CONTEXT).tex
    crowded = latex(node(text), Context("row", {**CONTEXT.names, taken: ()}, CONTEXT.sizes)).tex
    assert crowded == written
    assert free != crowded


def test_softmax_along_the_samples_is_plain_in_either_layout() -> None:
    rows, columns = node("softmax(A, axis=1)"), node("softmax(A, axis=0)")
    assert "rows" in latex(rows, Context("column")).tex
    assert "rows" not in latex(rows, Context("row")).tex
    assert "columns" not in latex(columns, Context("column")).tex


# --- matrices with dots -------------------------------------------------------------------------------------------

JACOBIAN = "matrix(where(i == j, s[i]*(1 - s[i]), -s[i]*s[j]) for i in N for j in N)"


def test_a_matrix_with_dots_shows_first_second_and_last() -> None:
    assert latex(node(JACOBIAN), CONTEXT).tex == (
        r"\begin{bmatrix} s_{1}(1 - s_{1}) & -s_{1}s_{2} & \cdots & -s_{1}s_{N} \\ "
        r"-s_{2}s_{1} & s_{2}(1 - s_{2}) & \cdots & -s_{2}s_{N} \\ \vdots & \vdots & \ddots & \vdots \\ "
        r"-s_{N}s_{1} & -s_{N}s_{2} & \cdots & s_{N}(1 - s_{N}) \end{bmatrix}"
    )


def test_deltas_are_worked_out_in_a_matrix_with_dots() -> None:
    written = latex(node("matrix(delta(i, j) - s[j] for i in N for j in N)"), CONTEXT).tex
    assert written.startswith(r"\begin{bmatrix} 1 - s_{1} & -s_{2} & \cdots & -s_{N} \\ -s_{1} & 1 - s_{2}")
    assert r"\delta" not in written


def test_a_row_with_dots_and_a_small_matrix_without() -> None:
    row = latex(node("matrix(-t[j]/z[j] for o in 1 for j in N)", t=(ONE, N)), CONTEXT).tex
    assert row == (
        r"\begin{bmatrix} -\dfrac{t_{1}}{z_{1}} & -\dfrac{t_{2}}{z_{2}} & \cdots & -\dfrac{t_{N}}{z_{N}} \end{bmatrix}"
    )
    two = Size.of(2)
    assert latex(node("matrix(Q[i, j] for i in 2 for j in 2)", Q=(two, two)), CONTEXT).tex == (
        r"\begin{bmatrix} Q_{11} & Q_{12} \\ Q_{21} & Q_{22} \end{bmatrix}"
    )


def test_an_inner_sum_keeps_its_own_index_in_a_matrix_with_dots() -> None:
    table = node("matrix(sum(A[k, j] for k in N) for i in N for j in N)")
    assert r"\sum_{k=1}^{N} A_{k2}" in latex(table, CONTEXT).tex


# --- marks --------------------------------------------------------------------------------------------------------


def test_marks_lie_on_the_place_they_name_and_nowhere_else() -> None:
    value: Node = node("a + b - b")
    marked = latex(value, CONTEXT, marks={(1,): Mark("cancel"), (2, 0): Mark("cancel")}).tex
    assert marked == r"a + \cancel{b} - \cancel{b}"
    shaped = latex(node("(x - y) @ A"), CONTEXT, marks={(0,): Mark("shape", (ONE, N))}).tex
    assert shaped == r"\shaped{(\bm{x} - \bm{y})}{1 \times N}\,\bm{A}"


def test_conditions_and_sizes() -> None:
    condition = read_condition("i != j", scope())
    assert latex(condition, CONTEXT).tex == r"i \neq j"
    index = Idx("i1", Size.of("N") - 1)
    assert latex(index, CONTEXT).tex == "i_{1}"
    assert latex(Sym("lambda_"), CONTEXT).tex == r"\lambda"

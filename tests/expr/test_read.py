"""What each text reads as, node by node."""

from __future__ import annotations

from fractions import Fraction

import pytest
from strategies import SCOPES

from solver.expr.functions import ALIASES, FUNCTIONS
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Const,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
)
from solver.expr.read import Scope, read, read_condition, read_equation, read_open, read_size
from solver.expr.sizes import ONE, Size
from solver.expr.write import write

ROW = SCOPES["row"]
a, b, t, lam = (ROW.symbols[name] for name in ("a", "b", "t", "lam"))
x, y, u = (ROW.symbols[name] for name in "xyu")
A, B, P, Q = (ROW.symbols[name] for name in "ABPQ")
i, j, r = (ROW.indices[name] for name in "ijr")
N, M = Size.of("n"), Size.of("m")
n, m = SizeSym("n"), SizeSym("m")
TWO, THREE = Num(Fraction(2)), Num(Fraction(3))
k, l = Idx("k", N), Idx("l", M)  # noqa: E741

SAME_IN_BOTH: dict[str, Node] = {
    # numbers
    "0.5": Num(Fraction(1, 2)),
    ".5": Num(Fraction(1, 2)),
    "2.": TWO,
    "1e-3": Num(Fraction(1, 1000)),
    "2.50E+1": Num(Fraction(25)),
    "0.1": Num(Fraction(1, 10)),
    "1/3": Div(ONE_NODE, THREE),
    "-3": Neg(THREE),
    "pi": Const("pi"),
    "n": n,
    "i": i,
    "β": Sym("β"),
    " \t\n a \n": a,
    # sums and products are flat, and nothing is reordered
    "a + b + t": Add((a, b, t)),
    "a + (b + t)": Add((a, b, t)),
    "a - b": Add((a, Neg(b))),
    "a - (b - t)": Add((a, Neg(Add((b, Neg(t)))))),
    "b + a": Add((b, a)),
    "+a": a,
    "a*b*t": Mul((a, b, t)),
    "a*(b*t)": Mul((a, b, t)),
    "a/b*t": Mul((Div(a, b), t)),
    "a*b/t": Div(Mul((a, b)), t),
    "a/b/t": Div(Div(a, b), t),
    "a/(b/t)": Div(a, Div(b, t)),
    "A @ B @ A": MatMul((A, B, A)),
    "A @ (B @ A)": MatMul((A, B, A)),
    "a*A @ B": MatMul((Mul((a, A)), B)),
    "A @ B*a": Mul((MatMul((A, B)), a)),
    "A @ B/a @ A": MatMul((Div(MatMul((A, B)), a), A)),
    # a sign in front of a product is the product's
    "-a*b": Neg(Mul((a, b))),
    "-a*b*t": Neg(Mul((a, b, t))),
    "-a/b": Neg(Div(a, b)),
    "-A @ B": Neg(MatMul((A, B))),
    "- a * b": Neg(Mul((a, b))),
    "(-a)*b": Mul((Neg(a), b)),
    "((-a))*b": Mul((Neg(a), b)),
    "(-a*b)*t": Mul((Neg(Mul((a, b))), t)),
    "-(a*b)*t": Neg(Mul((a, b, t))),
    "-(-a)*b": Neg(Mul((Neg(a), b))),
    "--a*b": Neg(Neg(Mul((a, b)))),
    "-+a*b": Neg(Mul((a, b))),
    "a*-b": Mul((a, Neg(b))),
    "t - -a*b": Add((t, Neg(Neg(Mul((a, b)))))),
    "t + -a*b": Add((t, Neg(Mul((a, b))))),
    "-a*b + t": Add((Neg(Mul((a, b))), t)),
    "-a + b": Add((Neg(a), b)),
    "-(a + b)*t": Neg(Mul((Add((a, b)), t))),
    "(-a - b)*t": Mul((Add((Neg(a), Neg(b))), t)),
    # powers
    "-a**b": Neg(Pow(a, b)),
    "(-a)**b": Pow(Neg(a), b),
    "a**-b": Pow(a, Neg(b)),
    "a**b**t": Pow(a, Pow(b, t)),
    "(a**b)**t": Pow(Pow(a, b), t),
    "-a**2*b": Neg(Mul((Pow(a, TWO), b))),
    "a**-b*t": Mul((Pow(a, Neg(b)), t)),
    "2**1000": Pow(TWO, Num(Fraction(1000))),
    # transposes and entries
    "A.T": Transpose(A),
    "A.T.T": Transpose(Transpose(A)),
    "(A + B).T": Transpose(Add((A, B))),
    "A + B.T": Add((A, Transpose(B))),
    "-A.T": Neg(Transpose(A)),
    "(2).T": Transpose(TWO),
    "x[i]": At(x, (i,)),
    "x[1]": At(x, (ONE_NODE,)),
    "x[n]": At(x, (n,)),
    "x[n - 1]": At(x, (Add((n, Neg(ONE_NODE))),)),
    "x[i + 1]": At(x, (Add((i, ONE_NODE)),)),
    "x[i - r]": At(x, (Add((i, Neg(r))),)),
    "x[2*i - 1]": At(x, (Add((Mul((TWO, i)), Neg(ONE_NODE))),)),
    "x[a]": At(x, (a,)),
    "x[y[i]]": At(x, (At(y, (i,)),)),
    "A[i, j]": At(A, (i, j)),
    "A[i, :]": At(A, (i, None)),
    "A[:, i]": At(A, (None, i)),
    "P[r, i]": At(P, (r, i)),
    "A[i, :][j]": At(At(A, (i, None)), (j,)),
    "A.T[i, j]": At(Transpose(A), (i, j)),
    "(A @ B)[i, j]": At(MatMul((A, B)), (i, j)),
    "softmax(x)[i]": At(Call("softmax", (x,)), (i,)),
    # sums, products, means, tables
    "sum(x[k] for k in n)": Big("sum", At(x, (k,)), k),
    "prod(x[k] for k in n)": Big("prod", At(x, (k,)), k),
    "sum(x[k] for k in n if k != i)": Big("sum", At(x, (k,)), k, Cmp(k, i, "!=")),
    "sum(a for k in n if k > 1 if k < 5)": Big(
        "sum", a, k, Logic("and", (Cmp(k, ONE_NODE, ">"), Cmp(k, Num(Fraction(5)), "<")))
    ),
    "sum(P[l, k] for k in n for l in m)": Big("sum", Big("sum", At(P, (l, k)), l), k),
    "sum(P[l, k] for k in n if k > 1 for l in m if l < k)": Big(
        "sum", Big("sum", At(P, (l, k)), l, Cmp(l, k, "<")), k, Cmp(k, ONE_NODE, ">")
    ),
    "sum(sum(a for k in n) for l in m)": Big("sum", Big("sum", a, k), l),
    "sum(a for k in n)*sum(b for k in n)": Mul((Big("sum", a, k), Big("sum", b, k))),
    "sum(x for k in n)": Big("sum", x, k),
    "mean(x[k] for k in n)": Div(Big("sum", At(x, (k,)), k), n),
    "mean(P[l, k] for k in n for l in m)": Div(Big("sum", Big("sum", At(P, (l, k)), l), k), Mul((n, m))),
    "sum(a for k in 3)": Big("sum", a, Idx("k", Size.of(3))),
    "sum(x[k + 1] - x[k] for k in n - 1)": Big(
        "sum",
        Add((At(x, (Add((Idx("k", N - 1), ONE_NODE)),)), Neg(At(x, (Idx("k", N - 1),))))),
        Idx("k", N - 1),
    ),
    "sum(x[i] for i in n)": Big("sum", At(x, (i,)), i),
    "matrix(x[k]*u[l] for k in n for l in m)": Table(Mul((At(x, (k,)), At(u, (l,)))), k, l),
    # conditions
    "where(a > 0, a, b)": Call("where", (Cmp(a, Num(Fraction(0)), ">"), a, b)),
    "indicator(A >= B)": Call("indicator", (Cmp(A, B, ">="),)),
    "indicator(a < b < t)": Call("indicator", (Logic("and", (Cmp(a, b, "<"), Cmp(b, t, "<"))),)),
    "indicator(not a == b or t <= 1)": Call(
        "indicator", (Logic("or", (Logic("not", (Cmp(a, b, "=="),)), Cmp(t, ONE_NODE, "<="))),)
    ),
    "indicator((a < b and b < t) and a < t)": Call(
        "indicator",
        (Logic("and", (Logic("and", (Cmp(a, b, "<"), Cmp(b, t, "<"))), Cmp(a, t, "<"))),),
    ),
    "delta(i, j)": Call("delta", (i, j)),
    # functions
    "ln(a)": Call("log", (a,)),
    "acos(a)": Call("arccos", (a,)),
    "trace(A)": Call("tr", (A,)),
    "leaky_relu(x)": Call("leaky_relu", (x, Num(Fraction(1, 100)))),
    "leaky_relu(x, 0.2)": Call("leaky_relu", (x, Num(Fraction(1, 5)))),
    "elu(x)": Call("elu", (x, ONE_NODE)),
    "sum(A)": Call("sum", (A,)),
    "sum(A, axis=0)": Call("sum", (A,), 0),
    "sum(A, axis=None)": Call("sum", (A,)),
    "softmax(A, axis=None)": Call("softmax", (A,)),
    "softmax(A, axis=1)": Call("softmax", (A,), 1),
    "softmax(x)": Call("softmax", (x,)),
    "logsumexp(x.T)": Call("logsumexp", (Transpose(x),)),
    "ones(m, n)": Call("ones", (m, n)),
    "zeros(2*n, 3)": Call("zeros", (Mul((TWO, n)), THREE)),
    "eye(n**2)": Call("eye", (Pow(n, TWO),)),
    "basis(i, n, axis=0)": Call("basis", (i, n), 0),
    "diag(x)": Call("diag", (x,)),
    "diag(A, axis=0)": Call("diag", (A,), 0),
    "hstack(A, x.T, Q)": Call("hstack", (A, Transpose(x), Q)),
    "matrix_power(A, n)": Call("matrix_power", (A, n)),
    "matrix_power(A, -1)": Call("matrix_power", (A, Neg(ONE_NODE))),
    "f(x)": Apply("f", x),
    "f_prime(x)": Apply("f", x, 1),
    "φ_second(a)": Apply("φ", a, 2),
    # a name before `(` is a function: `D`, `d` and `e` are a symbol, a size and a symbol here
    "D": ROW.symbols["D"],
    "D(a, b)*e": Mul((D(a, b), ROW.symbols["e"])),
    "d(a)*d": Mul((Dif(a), SizeSym("d"))),
    "D(a, x)": D(a, x),
    "D(a, x[i])": D(a, At(x, (i,))),
    "D(a, A[i, :])": D(a, At(A, (i, None))),
    "D(a, b, t)": D(D(a, b), t),
    "D(D(a, b), t)": D(D(a, b), t),
    "d(A @ B)": Dif(MatMul((A, B))),
    # sizes and indices are numbers
    "1/n*sum(x)": Mul((Div(ONE_NODE, n), Call("sum", (x,)))),
    "i*a": Mul((i, a)),
}


@pytest.mark.parametrize(("text", "node"), SAME_IN_BOTH.items(), ids=SAME_IN_BOTH)
def test_reads_as(text: str, node: Node) -> None:
    assert read(text, ROW) == node
    assert read(write(node), ROW) == node


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("softmax(A)", Call("softmax", (A,), 1), Call("softmax", (A,), 0)),
        ("log_softmax(P)", Call("log_softmax", (P,), 1), Call("log_softmax", (P,), 0)),
        ("logsumexp(A)", Call("logsumexp", (A,), 1), Call("logsumexp", (A,), 0)),
        ("ones(n)", Call("ones", (ONE_NODE, n)), Call("ones", (n, ONE_NODE))),
        ("zeros(m)", Call("zeros", (ONE_NODE, m)), Call("zeros", (m, ONE_NODE))),
        ("basis(i, n)", Call("basis", (i, n), 1), Call("basis", (i, n), 0)),
        ("diag(A)", Call("diag", (A,), 1), Call("diag", (A,), 0)),
        ("matrix(a for k in n)", Table(a, Idx("l", ONE), k), Table(a, k, Idx("l", ONE))),
        ("sum(A)", Call("sum", (A,)), Call("sum", (A,))),
        ("sum(A, axis=1)", Call("sum", (A,), 1), Call("sum", (A,), 1)),
        ("A[i, :]", At(A, (i, None)), At(A, (i, None))),
    ],
)
def test_what_lies_by_the_layout(text: str, row: Node, column: Node) -> None:
    assert read(text, SCOPES["row"]) == row
    assert read(text, SCOPES["column"]) == column
    for layout, node in (("row", row), ("column", column)):
        # what is written means the same whichever way vectors lie
        for other in SCOPES.values():
            assert read(write(node), other) == node, layout


WRITTEN = {
    "a-b-(a-b)": "a - b - (a - b)",
    "a*b/t": "a*b/t",
    "x@A@B.T*a": "x @ A @ B.T * a",
    "(x@A)*y/a": "x @ A * y / a",
    "x@(A*B)": "x @ (A*B)",
    "a**(-b)": "a**(-b)",
    "a**-b": "a**(-b)",
    "a*(-b)": "a*(-b)",
    "a**(b**t)": "a**b**t",
    "(a**b)**t": "(a**b)**t",
    "-(-a)": "-(-a)",
    "-(a+b)": "-(a + b)",
    "a-(-b)": "a - (-b)",
    "a - -b*t": "a - (-b*t)",
    "-a*b - t": "-a*b - t",
    "a/(b*t)": "a/(b*t)",
    "(a/b)**2": "(a/b)**2",
    "(((a)))": "a",
    "x [ i+1 ]": "x[i + 1]",
    "A[ i ,: ]": "A[i, :]",
    "leaky_relu(x, 0.01)": "leaky_relu(x)",
    "elu(x, 2)": "elu(x, 2)",
    "D(D(a,b),t)": "D(a, b, t)",
    "sum(sum(P[l,k] for l in m) for k in n if k>1)": "sum(P[l, k] for k in n if k > 1 for l in m)",
    "0.50": "0.5",
    "1e3": "1000",
    "1e-3": "0.001",
    "1e-30": "1e-30",
    "7e50": "7e50",
    "sum(a for k in 2*n-1)": "sum(a for k in 2*n - 1)",
    "indicator((a<b or a<t) and not (a==b))": "indicator((a < b or a < t) and not a == b)",
    "where((a<b), a, (b))": "where(a < b, a, b)",
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_writes_as(text: str, written: str) -> None:
    assert write(read(text, ROW)) == written


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(-2), Fraction(7, 60)])
def test_numbers_that_have_no_text_are_refused(value: Fraction) -> None:
    with pytest.raises(ValueError, match="no number of the language"):
        write(Num(value))


@pytest.mark.parametrize("value", [Fraction(1, 2**40), Fraction(3, 5**30), Fraction(7, 10**25), Fraction(10**30 + 1)])
def test_numbers_are_written_exactly(value: Fraction) -> None:
    assert read(write(Num(value)), ROW) == Num(value)


def test_a_table_of_one_index_takes_a_name_that_is_free() -> None:
    scope = Scope(symbols={"j": Sym("j"), "l": Sym("l")}, indices={"k": k}, sizes=frozenset({"n", "m"}))
    node = read("matrix(sum(j for q in n) for i in n)", scope)
    assert isinstance(node, Table)
    assert node.row.name not in {"i", "j", "k", "l", "m", "n", "q"}
    assert read(write(node), scope) == node


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_called_and_written(name: str) -> None:
    row = FUNCTIONS[name]
    args = {
        "indicator": "a > 0", "where": "a > 0, a, b", "delta": "i, j", "dot": "x, y", "outer": "x, u", "kron": "A, P",
        "matrix_power": "A, 2", "ones": "m, n", "zeros": "m, n", "eye": "n", "basis": "i, n", "commutation": "m, n",
        "maximum": "x, y", "minimum": "x, y",
    }.get(name, "A")  # fmt: skip
    node = read(f"{name}({args})", ROW)
    assert isinstance(node, Call)
    assert node.name == name
    assert len(node.args) == (1 if row.variadic else len(row.params))
    assert read(write(node), ROW) == node


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_short_forms(alias: str, name: str) -> None:
    arg = "n" if name == "eye" else "A"
    assert read(f"{alias}({arg})", ROW) == read(f"{name}({arg})", ROW)


# --- conditions, equations, sizes, introduced indices -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("i != j", Cmp(i, j, "!=")),
        ("m > n", Cmp(m, n, ">")),
        ("lam > 0", Cmp(lam, Num(Fraction(0)), ">")),
        ("0 < a < 1", Logic("and", (Cmp(Num(Fraction(0)), a, "<"), Cmp(a, ONE_NODE, "<")))),
        ("x @ x.T > 0", Cmp(MatMul((x, Transpose(x))), Num(Fraction(0)), ">")),
        ("(i == j) or (i == r)", Logic("or", (Cmp(i, j, "=="), Cmp(i, r, "==")))),
    ],
)
def test_conditions(text: str, node: Node) -> None:
    assert read_condition(text, ROW) == node


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("a == b", a, b),
        ("a = b", a, b),
        ("a=-b*t", a, Neg(Mul((b, t)))),
        ("  sum(A, axis=0) = x ", Call("sum", (A,), 0), x),
        ("indicator(a <= b) == 1", Call("indicator", (Cmp(a, b, "<="),)), ONE_NODE),
        ("where(a == b, a, t) = b", Call("where", (Cmp(a, b, "=="), a, t)), b),
        ("x @ x.T = a", MatMul((x, Transpose(x))), a),
    ],
)
def test_equations(text: str, left: Node, right: Node) -> None:
    assert read_equation(text, ROW) == (left, right)


@pytest.mark.parametrize(
    ("text", "size", "names"),
    [
        ("2*d", Size.of("d") * 2, {"d"}),
        ("n - 1", N - 1, {"n"}),
        (3, Size.of(3), set()),
        ("3", Size.of(3), set()),
        ("n*(m + 1)", N * M + N, {"n", "m"}),
        ("n**2", N * N, {"n"}),
        ("(n + 1)**2 - 2*n", N * N + 1, {"n"}),
        ("n*(n + 1)/2", (N * N + N).scaled(Fraction(1, 2)), {"n"}),
    ],
)
def test_sizes(text: str | int, size: Size, names: set[str]) -> None:
    assert read_size(text) == size
    assert read_size(text).names == names
    assert read_size(str(size)) == size


def test_an_ask_introduces_its_indices_in_the_order_named() -> None:
    g, h = Idx("g", M), Idx("h", N)
    assert read_open("P[g, h]", ROW) == (At(P, (g, h)), (g, h))
    assert read_open("delta(h, 1)*P[g, h]", ROW) == (Mul((Call("delta", (h, ONE_NODE)), At(P, (g, h)))), (g, h))
    assert read_open("(x @ A)[h]", ROW)[1] == (h,)
    assert read_open("x[h] + x[h + 1]", ROW)[1] == (h,)
    assert read_open("A[h, h]", ROW)[1] == (h,)
    assert read_open("x[i] + P[:, h][g]", ROW)[1] == (h, g)
    assert read_open("sum(P[g, k] for k in n)", ROW)[1] == (g,)
    assert read_open("D(sum(x), x[h])", ROW)[1] == (h,)
    assert read_open("a*b", ROW) == (Mul((a, b)), ())

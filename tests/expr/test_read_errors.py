"""What an author is told: the message, the place underlined, and what to write instead."""

from __future__ import annotations

import pytest
from strategies import SCOPES

from solver.expr.read import ReadError, check_name, read, read_condition, read_equation, read_open, read_size

ROW = SCOPES["row"]

# text, words of the message, what is underlined, words of the hint
MISTAKES: list[tuple[str, str, str, str]] = [
    # names
    ("a + bb", "`bb` is not declared", "bb", "did you mean `b`?"),
    ("lam*Lam", "`Lam` is not declared", "Lam", "did you mean `lam`?"),
    ("zzz", "`zzz` is not declared", "zzz", ""),
    ("exp", "`exp` is a function", "exp", "write `exp(…)`"),
    ("f_prime + 1", "`f_prime` is a function", "f_prime", "write `f_prime(…)`"),
    ("I", "`I` is not declared", "I", "eye(n)"),
    ("π", "`π` is not declared", "π", "`pi`"),
    ("_a", "cannot begin with `_`", "_a", ""),
    ("lambda + 1", "`lambda` cannot be used here", "lambda", "`lam`"),
    ("True", "`True` cannot be used here", "True", "number"),
    ("class", "`class` cannot be used here", "class", "`class_`"),
    # functions
    ("softmx(x)", "no function `softmx`", "softmx", "did you mean `softmax`?"),
    ("foo(x)", "no function `foo`", "foo", ""),
    ("transpose(A)", "no function `transpose`", "transpose", "`A.T`"),
    ("grad(a)", "no function `grad`", "grad", "D(f, x)"),
    ("a(b + 1)", "`a` is not a function", "a", "`a*(…)`"),
    ("exp()", "takes 1 argument, and none is given", "exp()", ""),
    ("exp(a, b)", "`exp(x)` takes 1 argument, and 2 are given", "exp(a, b)", ""),
    ("max(a, b)", "takes 1 argument", "max(a, b)", "`maximum(a, b)`"),
    ("min(a, b)", "takes 1 argument", "min(a, b)", "`minimum(a, b)`"),
    ("sum(A, 0)", "takes 1 argument", "sum(A, 0)", "axis=0"),
    ("softmax(A, 1)", "takes 1 argument", "softmax(A, 1)", "axis=0"),
    ("elu(a, 1, 2)", "takes 1 or 2 arguments, and 3 are given", "elu(a, 1, 2)", ""),
    ("eye(n, m)", "takes 1 argument", "eye(n, m)", ""),
    ("hstack()", "needs arguments", "hstack()", ""),
    ("f(a, b)", "`f` takes one argument, and 2 are given", "f(a, b)", ""),
    ("f(a, axis=0)", "`axis=` is not taken here", "axis=0", ""),
    ("exp(*x)", "`*`", "*", ""),
    ("exp(a, **b)", "`**`", "**", ""),
    ("exp(x, axis=0)", "`exp` takes no `axis=`", "axis=0", ""),
    ("diag(x, axis=0)", "`diag` takes no `axis=`", "axis=0", ""),
    ("sum(a, axis=0)", "a scalar has no axis", "axis=0", ""),
    ("sum(A, axis=2)", "an axis is 0 or 1", "axis=2", "axis=1"),
    ("sum(A, axis=-1)", "an axis is 0 or 1", "axis=-1", "axis=1"),
    ("sum(A, axis=0.0)", "an axis is 0 or 1", "axis=0.0", ""),
    ("sum(A, keepdims=1)", "`keepdims` is not taken", "keepdims=1", "keeps the axis"),
    ("softmax(x, dim=1)", "`dim` is not taken by `softmax`", "dim=1", ""),
    ("elu(x, a=1)", "`a` is not taken", "a=1", "elu(x, a)"),
    ("softmax(a)", "`softmax`: it works along a vector", "softmax(a)", ""),
    ("matrix_power(A, 0.5)", "whole powers", "0.5", ""),
    ("A(A)(A)", "side by side", ")(", "`*` or `@`"),
    # other languages' spellings
    ("np.exp(x)", "`np.exp` cannot be read", "np.exp", "write `exp`, without `np.`"),
    ("torch.softmax(x)", "`torch.softmax` cannot be read", "torch.softmax", "`softmax`"),
    ("np.matmul(A, B)", "`np.matmul` cannot be read", "np.matmul", "`A @ B`"),
    ("A.dot(B)", "`.dot` cannot be read", "A.dot", "`A @ B`"),
    ("A.sum()", "`.sum` cannot be read", "A.sum", "`sum(…)`"),
    ("A.T()", "takes no arguments", "A.T()", "`A.T`"),
    ("A.transpose()", "`.transpose` cannot be read", "A.transpose", "`.T`"),
    ("A.__class__", "cannot begin with `_`", "__class__", ""),
    ("A^T", "`^` cannot be read", "^", "`A.T`"),
    ("A^{T}", "`^` cannot be read", "^", "`A.T`"),
    ("A^-1", "`^` cannot be read", "^", "inv(A)"),
    ("a^2", "`^` cannot be read", "^", "`**`"),
    ("A**T", "`T` is no exponent", "A**T", "`A.T`"),
    ("A'", "`'` cannot be read", "'", "`A.T`"),
    ("a²", "`²` cannot be read", "²", "`**2`"),
    ("Aᵀ", "`ᵀ` cannot be read", "ᵀ", "`.T`"),
    ("a · b", "`·` cannot be read", "·", "`*`"),
    ("A ⊙ B", "`⊙` cannot be read", "⊙", "`*`"),
    ("a − b", "`−` cannot be read", "−", "`-`"),
    ("∂a", "`∂` cannot be read", "∂", "D(f, x)"),
    ("ŷ + a", "`ŷ` cannot be read", "ŷ", "yhat"),
    ("\\frac{a}{b}", "`\\` cannot be read", "\\", "LaTeX"),
    ("|a|", "`|` cannot be read", "|", "abs(x)"),
    ("{a}", "`{` cannot be read", "{", "( )"),
    ("a % b", "`%` cannot be read", "%", ""),
    ("a # b", "`#` cannot be read", "#", "comments"),
    ("a; b", "`;` cannot be read", ";", ""),
    ("'a'", "`'` cannot be read", "'", ""),
    ("a\u202e + b", "U+202E", "\u202e", ""),
    ("a\u00a0+ b", "blank U+00A0 (no-break space)", "\u00a0", "ordinary blank"),
    ("y\u0302", "combining mark U+0302", "\u0302", "spell it out"),
    ("a\x00", "invisible character U+0000", "\x00", ""),
    ("x\N{FULLWIDTH DIGIT ONE}", "`１`", "１", "0 to 9"),
    ("𝑥", "`𝑥`", "𝑥", "Latin and Greek"),
    ("a//b", "a value is missing after `/`", "//", ""),
    ("a if b else t", "`else` cannot be used here", "else", "where(c, a, b)"),
    ("a is b", "`is` cannot be used here", "is", "`==`"),
    ("[a, b]", "lists are not part", "[a, b]", "hstack(a, b)"),
    ("sum([a for k in n])", "lists are not part", "[a for k in n]", "hstack"),
    ("a, b", "one value is wanted", "a, b", ""),
    ("()", "one value is wanted", "()", ""),
    # side by side, missing, unclosed
    ("2a", "side by side", "2a", "write `2*a`"),
    ("2 a", "side by side", "2 a", "`*`"),
    ("2(a + b)", "side by side", "2(", "write `2*(`"),
    ("a b", "side by side", "a b", "`*` or `@`"),
    ("(a + b)(a - b)", "side by side", ")(", "`*` or `@`"),
    ("a +", "a value is missing after `+`", "+", ""),
    ("a + * b", "a value is missing after `+`", "+ *", ""),
    ("* b", "a value is missing before `*`", "*", ""),
    ("(a", "`(` is never closed", "(", ""),
    ("a)", "never opened", ")", ""),
    ("(a]", "`]` closes `(`", "]", "`)`"),
    ("", "an expression is missing", "", ""),
    ("  ", "an expression is missing", "  ", ""),
    ("a..T", "not an expression", ".", ""),
    ("x[]", "not an expression", "]", ""),
    # numbers
    ("007", "begins with a zero", "007", ""),
    ("1_000", "not a number", "1_000", ""),
    ("0x10", "side by side", "0x10", ""),
    ("1j", "side by side", "1j", ""),
    ("1e999999", "beyond 400", "1e999999", ""),
    ("2**5000", "an exponent is at most 1000", "2**5000", ""),
    ("10**10**10", "an exponent is at most 1000", "10**10**10", ""),
    ("(10**900)**2", "beyond 10**1000", "(10**900)**2", ""),
    ("a**1001", "an exponent is at most 1000", "a**1001", ""),
    # shapes
    ("x + x.T", "1×n and n×1", "x + x.T", ".T"),
    ("a + A + P", "n×n and m×n", "a + A + P", ""),
    ("A*P + a", "n×n and m×n", "A*P", ""),
    ("A @ P", "n×n @ m×n", "A @ P", "`.T`"),
    ("x @ y", "1×n @ 1×n", "x @ y", "dot(a, b)"),
    ("a @ A", "scalar @ n×n", "a @ A", "`*`"),
    ("A @ B @ u", "n×n @ 1×m", "A @ B @ u", ""),
    ("inv(P)", "square matrix, not m×n", "inv(P)", ""),
    ("dot(x, u)", "`dot`", "dot(x, u)", ""),
    ("maximum(A, P)", "`maximum`: shapes n×n and m×n", "maximum(A, P)", ""),
    ("A**P", "n×n and m×n", "A**P", ""),
    ("where(x > 0, u, a)", "`where`", "where(x > 0, u, a)", ""),
    ("hstack(A, P)", "`hstack`", "hstack(A, P)", ""),
    # entries
    ("a[i]", "`a` is a scalar", "a[i]", ""),
    ("A[i]", "one index for a matrix", "A[i]", "W[i, j]"),
    ("A[i, j, i]", "two indices, and 3", "A[i, j, i]", ""),
    ("x[:]", "picks nothing out", "x[:]", ""),
    ("A[:, :]", "picks nothing out", "A[:, :]", ""),
    ("x[1:3]", "cannot be cut out", "1:3", "`:` alone"),
    ("x[0]", "indices start at 1, and this one is 0", "0", "`1`"),
    ("x[-1]", "indices start at 1, and this one is -1", "-1", "`n`"),
    ("x[n + 1]", "n + 1 is out of range", "n + 1", ""),
    ("w[4]", "4 is out of range", "4", ""),
    ("A[n + 1, 1]", "n + 1 is out of range", "n + 1", ""),
    ("x[r]", "`r` runs from 1 to m", "r", ""),
    ("P[i, r]", "`i` runs from 1 to n", "i", ""),
    ("x[1.5]", "cannot be an index", "1.5", "whole numbers"),
    ("x[exp(a)]", "cannot be an index", "exp(a)", ""),
    ("x[y]", "cannot be an index", "y", ""),
    ("x[i/2]", "cannot be an index", "i/2", ""),
    ("x[q]", "`q` is not declared", "q", ""),
    ("basis(n + 1, n)", "n + 1 is out of range", "n + 1", ""),
    ("basis(r, n)", "`r` runs from 1 to m", "r", ""),
    # sums and tables
    ("sum(a for a in n)", "`a` is a symbol already", "a", "another index"),
    ("sum(1 for n in n)", "`n` is a size already", "n", "another index"),
    ("sum(1 for pi in n)", "`pi` is a number already", "pi", "another index"),
    ("sum(1 for k in n for k in m)", "bound already", "k", "another index"),
    ("sum(sum(1 for k in m) for k in n)", "bound already", "k", "another index"),
    ("x[i]*sum(x[i] for i in n)", "`i` stands both bound and free", "i", "another index"),
    ("sum(x[k] for k in range(n))", "not a size", "range(n)", "for i in n"),
    ("sum(1 for k in q)", "`q` is not a size", "q", ""),
    ("sum(1 for k in a)", "`a` is not a size", "a", ""),
    ("sum(1 for k in 0)", "a size is at least 1", "0", ""),
    ("sum(1 for k in 2.5)", "whole number", "2.5", ""),
    ("sum(1 for k in n/m)", "divided by a whole number", "n/m", ""),
    ("sum(1 for k, l in n)", "one index follows `for`", "k, l", ""),
    ("sum(x[k] for k in m)", "`k` runs from 1 to m", "k", ""),
    ("sum(1 for k in n if k)", "a condition is wanted", "k", "comparison"),
    ("sum(1 for k in n if x > 0)", "condition on scalars", "x > 0", ""),
    ("sum((a for k in n), 2)", "takes nothing else", "sum((a for k in n), 2)", ""),
    ("max(x[k] for k in n)", "`for` does not stand in `max`", "max(x[k] for k in n)", "max(matrix(e for i in n))"),
    ("foo(x[k] for k in n)", "`for` does not stand in `foo`", "foo(x[k] for k in n)", "sum(e for i in n)"),
    ("(x[k] for k in n)", "`for` stands only in", "(x[k] for k in n)", "sum("),
    ("mean(x[k] for k in n if k > 1)", "`if` does not stand in `mean`", "k > 1", "divide"),
    ("matrix(a for k in n if k > 1)", "`if` does not stand in `matrix`", "k > 1", "where(c, e, 0)"),
    ("matrix(A)", "`matrix` needs `for`", "matrix(A)", "matrix(e for i in m for j in n)"),
    ("matrix(x for k in n)", "an entry is a scalar", "matrix(x for k in n)", ""),
    ("matrix(a for k in n for l in n for g in n)", "two indices, and 3", "matrix(a for k in n for l in n for g in n)",
     ""),
    ("ones(q)", "`q` is not a size", "q", ""),
    ("ones(a)", "`a` is not a size", "a", ""),
    ("ones(0)", "a size is at least 1", "0", ""),
    ("eye(1.5)", "whole number", "1.5", ""),
    # conditions
    ("a == b", "a condition is not a value", "a == b", "indicator(c)"),
    ("a + (b > 0)", "a condition is not a value", "b > 0", "where(c, a, b)"),
    ("not a", "a condition is not a value", "not a", ""),
    ("indicator(a)", "a condition is wanted", "a", "x > 0"),
    ("where(a, 1, 2)", "a condition is wanted", "a", ""),
    ("indicator(a in b)", "only `==`", "a in b", ""),
    ("a = b", "`=` cannot stand in an expression", "=", "`==`"),
    # derivatives
    ("D(a)", "takes what is differentiated and by what", "D(a)", ""),
    ("D(a, exp(b))", "`exp(b)` cannot be differentiated by", "exp(b)", "a symbol, a defined name"),
    ("D(a, 2*t)", "`2*t` cannot be differentiated by", "2*t", ""),
    ("D(a, i)", "`i` cannot be differentiated by", "i", ""),
    ("D(a, (A @ B)[1, 1])", "cannot be differentiated by", "(A @ B)[1, 1]", ""),
    ("d(a, b)", "`d` takes one argument, and 2 are given", "d(a, b)", ""),
    ("d()", "`d` takes one argument, and none is given", "d()", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "place", "hint"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_named_underlined_and_cured(text: str, message: str, place: str, hint: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(text, ROW)
    error = caught.value
    assert message in error.message
    assert text[error.start : error.end] == place
    assert hint in error.hint
    if not hint:
        assert str(error).startswith(error.message)


def test_places_are_characters_also_after_greek_letters() -> None:
    with pytest.raises(ReadError) as caught:
        read("  β*β + φ(zz) ", ROW)
    assert (caught.value.start, caught.value.end) == (10, 12)


def test_a_text_is_bounded() -> None:
    assert read("a" + " " * 9_999, ROW)
    with pytest.raises(ReadError, match="10001 characters are too many"):
        read("a" + " " * 10_000, ROW)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a", "a condition is wanted", "a"),
        ("x > 0", "a condition on scalars is wanted, and this one is 1×n", "x > 0"),
        ("A == P", "n×n and m×n", "A == P"),
        ("a = 0", "`=` cannot stand", "="),
    ],
)
def test_conditions(text: str, message: str, place: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_condition(text, ROW)
    assert message in caught.value.message
    assert text[caught.value.start : caught.value.end] == place


@pytest.mark.parametrize(
    ("text", "message", "place", "hint"),
    [
        ("a", "there is no `==`", "a", "lhs == rhs"),
        ("a <= b", "there is no `==`", "a <= b", ""),
        ("a = b = t", "more than one", "=", "one equation a line"),
        ("a == b == t", "more than one", "==", ""),
        ("= a", "one is missing", "=", ""),
        ("a ==", "one is missing", "==", ""),
        ("x = x.T", "the left side is 1×n and the right side n×1", "x = x.T", ".T"),
        ("a = A", "the left side is a scalar and the right side n×n", "a = A", ""),
        ("a = zz", "`zz` is not declared", "zz", ""),
        ("a == b +", "missing after `+`", "+", ""),
        ("zz == a", "`zz` is not declared", "zz", ""),
        ("x[i] = sum(x[i] for i in n)", "`i` stands both bound and free", "i", ""),
        ("sum(x[i] for i in n) = x[i]", "`i` stands both bound and free", "i", ""),
    ],
)
def test_equations(text: str, message: str, place: str, hint: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_equation(text, ROW)
    assert message in caught.value.message
    assert text[caught.value.start : caught.value.end] == place
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "at least 1"),
        ("-2", "at least 1"),
        ("n - n", "at least 1"),
        ("1/2", "whole number"),
        ("2.0", "whole number"),
        ("n**-1", "exponent"),
        ("n**m", "exponent"),
        ("n**100", "exponent"),
        ("n/m", "divided by a whole number"),
        ("n/0", "divided by a whole number"),
        ("10**12", "exponent"),
        ("10000000000", "at most"),
        ("exp(n)", "not a size"),
        ("n, m", "not a size"),
        ("pi", "not a size"),
        ("n m", "side by side"),
        ("", "missing"),
    ],
)
def test_sizes(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_size(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P[g, h] + P[h, g]", "`h` runs from 1 to n"),
        ("x[g + 1]", "`g` is not declared"),
        ("g*a", "`g` is not declared"),
        ("Z[g, h]", "`Z` is not declared"),
        ("A[k, 1]*sum(x[k] for k in n)", "`k` stands both bound and free"),
        ("x[pi]", "cannot be an index"),
    ],
)
def test_introduced_indices(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_open(text, ROW)


@pytest.mark.parametrize("name", ["a", "W1", "x_hat", "θ", "Σ", "D", "delta", "I", "e", "T", "exp", "d2", "a_", "μ0"])
def test_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "missing"),
        ("lambda", "word of Python"),
        ("in", "word of Python"),
        ("pi", "number"),
        ("_a", "begins with a letter"),
        ("1a", "begins with a letter"),
        ("a-b", "`-`"),
        ("a b", "U\\+0020"),
        ("a.b", "`.`"),
        ("ŷ", "`ŷ`"),
        ("a\u202e", "U\\+202E"),
        ("ϵ", "`ϵ`"),
        ("x" * 41, "at most 40"),
    ],
)
def test_names_that_cannot_be(name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        check_name(name)

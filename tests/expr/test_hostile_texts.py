"""No text does anything but read or raise ReadError, soon, with a place that lies in it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import SCOPES, expressions

from solver.expr.read import ReadError, check_name, read, read_condition, read_equation, read_open, read_size
from solver.expr.write import write

SCOPE = SCOPES["row"]
READERS: dict[str, Callable[[str], Any]] = {
    "read": lambda text: read(text, SCOPE),
    "read_open": lambda text: read_open(text, SCOPE),
    "read_condition": lambda text: read_condition(text, SCOPE),
    "read_equation": lambda text: read_equation(text, SCOPE),
    "read_size": read_size,
    "check_name": check_name,
}
PIECES = (
    *"abxyAPWinmdD()[],.:=+-*/@<> \n_'\"\\^{}#;!|&~%$`?0123456789eETσβ\u202e\u00a0\u0302²ŷ𝑥\ufeff\x00\ud800",
    "**", "==", "!=", "<=", ".T", "sum(", "prod(", "mean(", "matrix(", "exp(", "where(", "indicator(", "D(", "d(",
    "ones(", "eye(", "basis(", "softmax(", "diag(", "hstack(", "f_prime(", "axis=", "axis=1", "axis=None", " for i in ",
    " for k in n", " if ", " else ", " and ", " or ", " not ", " in ", " is ", "lambda ", "x[i]", "A[i, :]", "A[:, 1]",
    "P @ x.T", "pi", "1e", "1e9", "0x1", "1_0", "1j", "None", "True", "yield ", "await ", "__import__('os')", "...",
)  # fmt: skip
CALM = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def survives(text: str) -> bool:
    """Whether any reader reads the text; each either does or raises ReadError."""
    errors = [error for reader in READERS.values() if (error := refusal(reader, text)) is not None]
    for error in errors:
        assert 0 <= error.start <= error.end <= max(len(text), 1), (text, error)
        assert error.message
    return len(errors) < len(READERS)


def refusal(reader: Callable[[str], Any], text: str) -> ReadError | None:
    try:
        reader(text)
    except ReadError as error:
        return error
    return None


@CALM
@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    survives(text)


@CALM
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_pieces_of_the_language_in_any_order(text: str) -> None:
    survives(text)


@CALM
@given(expressions(depth=3), st.data())
def test_formulas_with_a_part_cut_out_or_put_in(node: object, data: st.DataObject) -> None:
    text = write(node)  # type: ignore[arg-type]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    survives(text[:start] + data.draw(st.sampled_from(("", *PIECES))) + text[min(end, start + 4) :])


def test_the_fuzz_reads_some_texts_and_refuses_others() -> None:
    outcomes = set()

    @CALM
    @given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
    def run(text: str) -> None:
        outcomes.add(survives(text))

    run()
    assert outcomes == {True, False}


LONG = {
    "nested brackets": "(" * 5000 + "a" + ")" * 5000,
    "sixty-one brackets": "(" * 61 + "a" + ")" * 61,
    "signs": "-" * 9000 + "a",
    "spaced signs": "- " * 4000 + "a",
    "not": "not " * 2000 + "a > 0",
    "powers": "a**" * 3000 + "a",
    "a long sum": "a+" * 4999 + "a",
    "a long product": "a*" * 4999 + "a",
    "products and quotients": "a*b/" * 2000 + "a",
    "calls": "exp(" * 2000 + "a" + ")" * 2000,
    "entries": "x[" * 100 + "1" + "]" * 100,
    "a tower": "10**10**10**10",
    "a product of powers": "(2**1000)**(999*999*999)",
    "a long number": "9" * 5000,
    "a long decimal": "0." + "3" * 5000,
    "a huge exponent": "1e999999",
    "a tiny exponent": "1e-999999",
    "a long name": "a" * 5000,
    "too long": "a + " * 5000 + "a",
    "sizes multiplied out": f"ones(1, {'*'.join(['(n + m)', '(n + d)', '(m + d)'] * 8)})",
    "a size to a power": "eye((n + m + d)**8)",
    "a size to a large power": "eye((n + 1)**1000000)",
    "a range multiplied out": f"sum(a for k in {'*'.join(['(n + m + d)'] * 30)})",
    "an index multiplied out": f"x[{'*'.join(['(n + m)', '(n + d)', '(m + d)'] * 100)}]",
    "chained comparisons in each other": "where(0 < " * 40 + "a" + " < 1, a, b)" * 40,
    "derivatives of derivatives": f"D(a{', b' * 3000})",
    "a large eye": "eye(10**30)",
    "huge matrix": "matrix(a for k in 10**40 for l in 2)",
    "many generators": f"sum(a {' '.join(f'for k{i} in n' for i in range(300))})",
    "many conditions": f"sum(a for k in n{' if k > 1' * 1000})",
    "differentiated names": "D(" * 50 + "a" + ", b)" * 50,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_large_texts_end(text: str) -> None:
    survives(text)


@pytest.mark.parametrize(
    "name",
    ["nested brackets", "sixty-one brackets", "signs", "powers", "products and quotients", "calls", "a tower",
     "a product of powers", "a long number", "a huge exponent", "a long name", "too long", "sizes multiplied out",
     "a size to a large power", "a range multiplied out", "many generators", "derivatives of derivatives",
     "huge matrix", "a large eye"],
)  # fmt: skip
def test_texts_beyond_the_bounds_are_refused(name: str) -> None:
    with pytest.raises(ReadError):
        read(LONG[name], SCOPE)


@pytest.mark.parametrize("value", [None, 3, 1.5, ["a"], b"a", True])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ReadError):
        read(value, SCOPE)  # type: ignore[arg-type]


def test_nothing_is_ever_run(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("print(1)", "__import__('os')", "exec(a)", "eval(a)", "a.__class__", "(print(a))", "x[print(1)]"):
        with contextlib.suppress(ReadError):
            raise AssertionError(read(text, SCOPE))
    assert capsys.readouterr().out == ""

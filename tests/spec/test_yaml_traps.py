"""YAML against what an author means: plain scalars, the usual traps, and the quotes that cure them."""

from __future__ import annotations

import pytest
from spec_helpers import spots, tree

from solver.spec.mistakes import Mistakes

PLAIN = [
    ("a: no", "no"),
    ("a: y", "y"),
    ("a: on", "on"),
    ("a: 1e-3", "1e-3"),
    ("a: 012", "012"),
    ("a: 1_000", "1_000"),
    ("a: 1:30", "1:30"),
    ("a: 2020-01-01", "2020-01-01"),
    (r"a: \theta and \n", r"\theta and \n"),
    (r"a: '\theta'", r"\theta"),
    ("a: 'it''s'", "it's"),
    ('a: "one\\ntwo"', "one\ntwo"),
    ('a: "back\\\\slash \\"quote\\""', 'back\\slash "quote"'),
    ("a: U[:, o] @ v", "U[:, o] @ v"),
    ("a: f(a, b)", "f(a, b)"),
    ("a: x # a comment", "x"),
    ("a: x#1", "x#1"),
    ("a: >-\n  one\n  two\n\n  three", "one two\nthree"),
    ("a: |\n  one\n    two\n", "one\n  two\n"),
    ("a: &q x\n", "x"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_scalar_is_the_text_that_was_written(text: str, value: str) -> None:
    assert tree(text) == ({"a": value}, [])


def test_an_alias_repeats_its_anchor() -> None:
    assert tree("a: &q [x, {b: y}]\nc: *q")[0] == {"a": ["x", {"b": "y"}], "c": ["x", {"b": "y"}]}


# text, line, column, what the message says, what the hint says
STOPS = [
    ("a: `x` is", 1, 4, "may not start with a backtick", 'put it in quotes: a: "`x` is"'),
    ('a: `CE` of "x"', 1, 4, "a backtick", "'`CE` of \"x\"'"),
    ("a: @x", 1, 4, "may not start with `@`", '"@x"'),
    ("a: %x", 1, 4, "may not start with `%`", '"%x"'),
    ("a: *x y", 1, 4, "`*` starts an alias", "quotes"),
    ("a: *x", 1, 4, "no anchor is called `x`", "quotes"),
    ("a: * y", 1, 4, "may not start with `*`", '"* y"'),
    ("a: & b", 1, 4, "may not start with `&`", '"& b"'),
    ("a: |x\n  b", 1, 4, "may not start with `|`", '"|x"'),
    ("a: [1] @ x", 1, 4, "is a list", '"[1] @ x"'),
    ("a: {b} @ x", 1, 4, "is a mapping", '"{b} @ x"'),
    ("a: - b", 1, 4, "a list starts on the line after its key", '"- b"'),
    ("a: Show: that", 1, 8, "may not hold `: `", '"Show: that"'),
    ("- id: a\n  ask: b: c", 2, 9, "may not hold `: `", 'ask: "b: c"'),
    ("a: {of: P[k, l]}", 1, 9, "ends at `[`: read `P`", 'of: "P[k, l]"'),
    ("a: {of: U[:, o], wrt: x}", 1, 9, "ends at `[`: read `U`", 'of: "U[:, o]"'),
    ("a: {wrt: x, of: P[k, l] @ q}", 1, 17, "ends at `[`: read `P`", 'of: "P[k, l] @ q"'),
    ("a: {b: c: d}", 1, 8, "ends at `:`", 'b: "c: d"'),
    ("a: {b: @x}", 1, 8, "may not start with `@`", '"@x"'),
    ("a: {b: `x`}", 1, 8, "a backtick", '"`x`"'),
    ('a: "\\sigma"', 1, 5, "`\\s` means nothing between double quotes", "single quotes"),
    ("a: 'it's'", 1, 8, "the quoted text ends before this", "''"),
    ('a: "x" y', 1, 8, "the quoted text ends before this", "single quotes"),
    ('a: "x', 1, 4, "this quote is never closed", ""),
    ("a: {b: c", 1, 4, "this bracket is never closed", ""),
    ("a: {b: c\nd: e", 1, 4, "the bracket `{` is not closed before the next line", ""),
    ("a:\n\t- b", 2, 1, "a tab", "blanks"),
    ("title:x\nb: c", 1, 6, "no blank after the colon", "title: …"),
    ("a: x\n  b: c", 2, 3, "the key `b` does not stand where a key can stand", "one column"),
    ("ask: a\nb", 2, 1, "neither a key nor a part", "quotes"),
    ("a: x # c\n   y", 2, 4, "neither a key nor a part", "`#` after a blank starts a comment"),
    ("a: !!python/object x", 1, 4, "tags are not allowed", "quotes"),
    ("a: !x y", 1, 4, "tags are not allowed", "quotes"),
    ("a: &x [*x]", 1, 8, "holds an alias to itself", ""),
    ("", 1, 1, "the file is empty", ""),
    ("# only\n", 1, 1, "the file is empty", ""),
    ("- a", 1, 1, "read no mapping", ""),
    ("only words", 1, 1, "read no mapping", ""),
    ("a: b\n---\nc: d", 2, 1, "a second document", ""),
    ("%YAML 1.1\n---\na: no", 1, 1, "YAML 1.2", ""),
    ("%YAML 1.0\n---\na: no", 1, 1, "YAML 1.2", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), STOPS)
def test_a_trap_is_named_with_its_cure(text: str, line: int, column: int, message: str, hint: str) -> None:
    with pytest.raises(Mistakes) as caught:
        tree(text)
    (found,) = caught.value.mistakes
    assert (found.place.line, found.place.column) == (line, column)
    assert message in found.message
    assert hint in found.hint
    assert found.place.line == 1 or found.line_text == text.split("\n")[line - 1]


# text, what is read, the mistakes' places, a part of each message
STEPPED_OVER = [
    ("a: {of: f(a, b), wrt: x}", {"a": {"of": "f(a, b)", "wrt": "x"}}, [(1, 9)], "ends at the comma: read `f(a`"),
    ("a: {of: f(a, g(b, 1), c), w: x}", {"a": {"of": "f(a, g(b, 1), c)", "w": "x"}}, [(1, 9)], "at the comma"),
    ("a: [f(a, b), g(x, 1), c]", {"a": ["f(a, b)", "g(x, 1)", "c"]}, [(1, 5), (1, 14)], "ends at the comma"),
    ("a: {b: one, two, c: 3}", {"a": {"b": "one, two", "c": "3"}}, [(1, 8)], "ends at the comma: read `one`"),
    ("a: {b:1}", {"a": {}}, [(1, 5)], "no blank after the colon"),
    ("a: x\na: y", {"a": "x"}, [(2, 1)], "the key `a` stands twice, first on line 1"),
    ("[a]: b\nc: d", {"c": "d"}, [(1, 1)], "a key is a text"),
    ('a: "\\theta"', {"a": "\theta"}, [(1, 5)], "the `\\t` of `\\theta` is one character"),
    ('a: "\\nabla x"', {"a": "\nabla x"}, [(1, 5)], "the `\\n` of `\\nabla`"),
    ('a: "x \\u202e y"', {"a": "x \u202e y"}, [(1, 7)], "U+202E (right-to-left override)"),
]


@pytest.mark.parametrize(("text", "read", "places", "message"), STEPPED_OVER)
def test_a_cut_value_is_read_whole_and_reported(
    text: str, read: object, places: list[tuple[int, int]], message: str
) -> None:
    value, found = tree(text)
    assert value == read
    assert spots(found) == places
    assert all(message in each.message for each in found)


def test_the_cure_for_a_cut_value_is_what_reads_without_a_mistake() -> None:
    _, (found,) = tree("a: {of: f(a, b), wrt: x}")
    assert found.hint == 'put it in quotes: of: "f(a, b)"'
    assert tree('a: {of: "f(a, b)", wrt: x}') == ({"a": {"of": "f(a, b)", "wrt": "x"}}, [])


def test_commas_of_a_flow_list_are_its_own() -> None:
    assert tree("a: [f(a), g(b), (c)]\nb: {c: f(x), d: -1}")[1] == []

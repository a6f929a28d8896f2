"""Where the characters of a value stand in the file, for every way YAML has of writing a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.spec.parse import parse
from solver.spec.source import Source
from solver.spec.tree import Scalar

WORDS = st.lists(st.sampled_from(["x", "theta[i]", "`a`", "b*c", "é", "l'x", '"q"', "\\", "#1", "ab"]), min_size=1)
TEXTS = st.lists(st.one_of(WORDS.map(" ".join), st.just("")), min_size=1, max_size=6).filter(any)
STYLES = ("|", ">", ">-", "|-", "'", '"', "plain")


def scalar(text: str) -> Scalar:
    fields, _ = parse(Source("f.yaml", text))
    value = next(iter(fields.values()))
    assert isinstance(value, Scalar)
    return value


def file_with(lines: list[str], style: str, indent: int) -> str:
    pad = " " * indent
    if style == "plain":
        # a plain value cannot hold these
        lines = [line.replace(" #1", "").replace('"', "").replace("`", "").replace("'", "") or "z" for line in lines]
        lines = [line if line[0] not in "#\\" else f"w{line}" for line in lines]
        return "key: " + f"\n{pad}".join(lines) + "\n"
    if style == "'":
        return "key: '" + f"\n{pad}".join(line.replace("'", "''") for line in lines) + "'\n"
    if style == '"':
        escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
        return 'key: "' + f"\n{pad}".join(escaped) + '"\n'
    return f"key: {style}\n" + "".join(f"{pad}{line}\n" if line else "\n" for line in lines)


@given(TEXTS, st.sampled_from(STYLES), st.integers(1, 5))
def test_every_character_that_shows_stands_where_it_is_said_to(lines: list[str], style: str, indent: int) -> None:
    value = scalar(file_with(lines, style, indent))
    source = value.source.text
    assert len(value.where) == len(value.text) + 1
    assert list(value.where) == sorted(value.where)
    shown = [(char, source[place]) for char, place in zip(value.text, value.where, strict=False) if not char.isspace()]
    assert shown
    for char, there in shown:
        # an escaped character stands where its backslash does
        assert there == char or (style == '"' and there == "\\")


# the file, a piece of the value, the line and the column (from 1) where the piece stands
EXAMPLES = [
    ("a: one two", "two", 1, 8),
    ("a:   one two", "one", 1, 6),
    ("a: one\n   two", "two", 2, 4),
    ("a: one\n\n   two", "two", 3, 4),
    ("a: 'it''s two'", "two", 1, 11),
    ('a: "\\u03b8 \\"q\\" two"', "two", 1, 18),
    ('a: "one \\\n     two"', "two", 2, 6),
    ("a: |\n  one\n  two", "two", 3, 3),
    ("a: |2\n    one\n  two", "two", 3, 3),
    ("a: >-\n    one\n    two\n\n    three", "three", 5, 5),
    ("a: >\n  one\n    more\n  two", "two", 4, 3),
    ("a: {b: one two}", "two", 1, 12),
]


@pytest.mark.parametrize(("text", "piece", "line", "column"), EXAMPLES)
def test_a_mistake_points_into_the_value(text: str, piece: str, line: int, column: int) -> None:
    fields, _ = parse(Source("f.yaml", text))
    value = next(iter(fields.values()))
    value = value if isinstance(value, Scalar) else next(iter(value.values()))
    start = value.text.index(piece)
    found = value.mistake("here", "", start, start + len(piece))
    assert (found.place.line, found.place.column, found.width) == (line, column, len(piece))
    assert found.line_text == text.split("\n")[line - 1]


def test_a_mistake_over_several_lines_is_underlined_on_the_first() -> None:
    found = scalar("a: |\n  one\n  two\n").mistake("here")
    assert (found.place.line, found.place.column, found.width) == (2, 3, 3)
    assert found.render() == "f.yaml:2:3: here\n      one\n      ^^^"


def test_the_caret_stands_under_the_place_in_any_width() -> None:
    text = "a: '数学 e\u0301 \tx'"
    value = scalar(text)
    start = value.text.index("x")
    line, caret = value.mistake("here", "", start, start + 1).render().split("\n")[1:]
    assert line == f"    {text}"
    # two cells for each ideograph, none for the combining accent, the tab as it is
    assert caret == "    " + " " * len("a: '") + " " * 4 + " " * len(" e ") + "\t^"


def test_a_long_line_is_shown_around_the_place() -> None:
    text = "a: " + "x" * 500 + "y" + "x" * 500
    line, caret = scalar(text).mistake("here", "", 500, 501).render().split("\n")[1:]
    assert len(line) < 120
    assert line[caret.index("^")] == "y"

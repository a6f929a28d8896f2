"""Files made to hurt: each ends in a mistake with a place, and none takes long or much."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.spec.build import build
from solver.spec.load import load_problem
from solver.spec.mistakes import Mistakes
from solver.spec.parse import MAX_DEPTH
from solver.spec.source import MAX_BYTES, Source

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{name}'] * 9)}]\n" for name, after in zip("abcdefgh", "bcdefghi", strict=True)
)
HEAD = "notation: {vectors: row}\nsymbols: {x: {shape: [D]}}\n"
MANY = 60_000

# name, file, what the first message says
HOSTILE = [
    ("aliases that explode", LAUGHS, "more than 20000 values"),
    ("an anchor in itself", "a: &a {b: *a}", "holds an alias to itself"),
    ("open lists", "a: " + "[" * MANY, f"nested more than {MAX_DEPTH} deep"),
    ("open mappings", "{" * MANY, "deep"),
    ("nested block lists", "- " * MANY, "deep"),
    ("nested question marks", "? " * MANY, "deep"),
    ("too many values", "a: [" + "x, " * MANY + "]", "more than 20000 values"),
    ("too many keys", "".join(f"k{n}: v\n" for n in range(MANY // 4)), "more than 20000 values"),
    ("too many names", "define:\n" + "".join(f"  a{n}: a{n - 1}\n" for n in range(5000)), "more than 300 names"),
    ("a chain of definitions", HEAD + "define: {" + "".join(f"a{n}: a{n + 1}, " for n in range(290)) + "}\n", "a290"),
    ("a long name", "symbols: {? " + "x" * MANY + " : {}}", "at most 40 characters"),
    ("a long expression", f"parts: [{{simplify: {'1+' * MANY}1}}]", "too many"),
    ("a deep expression", f"parts: [{{simplify: {'(' * 2000}1{')' * 2000}}}]", "nested"),
    ("a tower of powers", "parts: [{simplify: 10**10**10}]", "exponent"),
    ("a long number", f"parts: [{{simplify: {'9' * 5000}}}]", "digits"),
    ("many points", f"parts: [{{simplify: 1, points: {'9' * 5000}}}]", "too long"),
    ("a huge exponent", "parts: [{simplify: 1, points: 1e999999999}]", "too long"),
    ("a huge size", "symbols: {x: {shape: [10**8]}}\nparts: [{simplify: 1}]", "out of range"),
    ("a huge polynomial", 'symbols: {x: {shape: ["(a+b+c+d)**8*(e+f+g)**8"]}}\nparts: [{simplify: 1}]', "terms"),
    ("many mistakes", HEAD + "parts:\n  - simplify: x\n    remark: |\n      " + "`q` " * MANY, "`q` is not declared"),
    ("one long line of mistakes", HEAD + "parts: [" + "{s: q}," * 4000 + "]", "unknown key `s`"),
    ("a tag of Python", "a: !!python/object/apply:os.system [ls]", "tags are not allowed"),
    ("a local tag", "a: !include /etc/passwd", "tags are not allowed"),
    ("a character that turns the text around", "title: a\u202eb\nparts: []", "U+202E (right-to-left override)"),
    ("an isolate", "title: a\u2066b\nparts: []", "U+2066"),
    ("a blank of no width", "title: a\u200bb\nparts: []", "U+200B (zero width space)"),
    ("a bell", "title: a\ab\nparts: []", "U+0007"),
    ("an escape", "title: a\x1b[2Jb\nparts: []", "U+001B"),
    ("a null", "title: a\0b\nparts: []", "U+0000"),
    ("a line separator", "title: a\u2028b\nparts: []", "U+2028"),
    ("a carriage return", "title: a\rb\nparts: []", "U+000D"),
    ("an escaped bell", 'title: "a\\x07b"\nparts: []', "U+0007"),
    ("a mark inside", "title: a\ufeffb\nparts: []", "U+FEFF"),
]


@pytest.mark.parametrize(("text", "message"), [each[1:] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_a_hostile_file_is_a_mistake(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(Mistakes) as caught:
        load_problem(path)
    assert any(message in found.message for found in caught.value.mistakes), caught.value.mistakes[0].render()
    assert all(found.place.line >= 1 and found.place.column >= 1 for found in caught.value.mistakes)


BYTES = [
    (b"title: caf\xe9\n", 1, 11, "not UTF-8: byte 0xe9"),
    (b"parts: []\r\ntitle: \xff", 2, 8, "not UTF-8: byte 0xff"),
    (b"\xff\xfet\x00", 1, 1, "not UTF-8"),
    (b"x" * (MAX_BYTES + 1), 1, 1, "larger than 256 KB"),
]


@pytest.mark.parametrize(("data", "line", "column", "message"), BYTES)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes, line: int, column: int, message: str) -> None:
    path = tmp_path / "problem.yaml"
    path.write_bytes(data)
    with pytest.raises(Mistakes) as caught:
        load_problem(path)
    (found,) = caught.value.mistakes
    assert message in found.message
    assert (found.place.line, found.place.column) == (line, column)


def test_after_many_mistakes_no_more_are_looked_for() -> None:
    found = outcome("parts:\n  - simplify: 1\n    remark: |\n      " + "`q` " * 2000)
    assert found is not True
    assert 100 < len(found) < 1000


def test_what_is_shown_of_a_file_does_not_reach_the_terminal_as_commands(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J.yaml"
    path.write_text("title: a\x1b[31m\u202eb\n", encoding="utf-8")
    with pytest.raises(Mistakes) as caught:
        load_problem(path)
    shown = str(caught.value)
    assert shown.count("\n") >= 2
    assert not set(shown) & {"\x1b", "\u202e"}


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "problem.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a sparse file: a terabyte that takes no room
    with pytest.raises(Mistakes, match="larger than 256 KB"):
        load_problem(path)


PIECES = st.sampled_from(
    [
        "symbols:", "parts:", "define:", "x", "y: {shape: [D]}", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ", ",
        ": ", "gradient", "of", "wrt", "simplify", "figure", "plot", "over", "discuss", "table", "rows", "columns",
        "steps", "line", "at", "is", "one-hot", "`", "'", '"', "\\", "\t", "&a ", "*a", "!t ", "# ", "|", ">", "?",
        "%", "1", "1e-3", "x[i]", "**", "(", ")", "sum(", " for i in ", "D", "null", "~", "θ", "\u202e", "---", "...",
    ]
)  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_a_problem_or_mistakes(text: str) -> None:
    found = outcome(text)
    assert found is True or found


LEAVES = st.sampled_from(
    ["x", "L", "[D]", "2*x", "x[i]", "qq", "", "null", "true", "3", "-1", "1e-3", "one-hot", "index", "`x`", "`",
     "p == p", "elementwise", "row", "= p", "$x$", "all", "[4, -4]", "t"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["id", "ask", "by", "answer", "given", "intro", "hint", "points", "gradient", "jacobian", "hessian", "derivative",
     "differential", "simplify", "prove", "shapes", "count", "steps", "discuss", "implement", "figure", "figures",
     "plot", "heatmap", "of", "wrt", "order", "structured", "table", "columns", "rows", "label", "over", "at", "curves",
     "caption", "line", "reason", "facts", "name", "x", "t", "D", "shape", "is", "about", "function"]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(KEYS, inner), max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=4), st.lists(st.tuples(KEYS, VALUES), max_size=2))
def test_any_part_is_read_or_mistaken(part: list[tuple[str, str]], symbol: list[tuple[str, str]]) -> None:
    fields = "".join(f"    {key}: {value}\n" for key, value in part)
    more = "".join(f"    {key}: {value}\n" for key, value in symbol)
    text = (
        "symbols:\n  x: {shape: [D]}\n  s:\n    about: words\n" + more + "define: {L: sum(x), p: softmax(x)}\n"
        "parts:\n  - remark: words\n" + fields
    )
    found = outcome(text)
    assert found is True or found


def outcome(text: str) -> Literal[True] | tuple[str, ...]:
    """True for a problem, else the messages, each rendered."""
    try:
        problem, mistakes = build(Source("f.yaml", text), Path("f.yaml"))
    except Mistakes as caught:
        mistakes, problem = list(caught.mistakes), None
    assert (problem is None) == bool(mistakes)
    return True if problem is not None else tuple(each.render() for each in mistakes)


DAMAGE = ("", "", "x", "{", "}", "[", "]", ":", ": ", ",", "`", "'", '"', "\n", "  ", "- ", "(", "\t")
ORIGINALS = sorted(Path(__file__).parents[2].glob("problems/*/*.yaml"))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_damaged_problem_is_read_or_mistaken(random: Random) -> None:
    text = random.choice(ORIGINALS).read_text(encoding="utf-8")
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(text))
        end = start + random.choice((0, 0, 1, 1, 3, 10, 40))
        piece = random.choice(
            ("", "", "x", "{", "}", "[", "]", ":", ": ", ",", "`", "'", '"', "\n", "  ", "- ", "(", "\t")
        )
        text = text[:start] + piece + text[end:]
    found = outcome(text)
    assert found is True or found

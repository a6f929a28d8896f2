"""Where YAML means something else than what an author wrote: what happened there, and the quotes that cure it.

The advice is found in the text at the place of the error, never in the wording of the library's message.
"""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from solver.spec.mistakes import Mistake
from solver.spec.source import Source

_LINE = re.compile(r"(?P<before>\s*(?:- +)*(?:[A-Za-z0-9_][\w .-]*:(?: +|$))?)(?P<value>.*)")
_STARTS = {
    "`": "a backtick",
    "@": "`@`",
    "%": "`%`",
    "*": "`*`",
    "&": "`&`",
    "!": "`!`",
    "|": "`|`",
    ">": "`>`",
}
"""What a plain value may not start with."""
_LATEX_N = re.compile(r"\\n(abla|u|eq|e|ot|otin|eg|mid|leq|geq|i|exists|subseteq|parallel)(?![A-Za-z])")
"""LaTeX commands that between double quotes would start with a line break."""


def quoted(value: str) -> str:
    """The value as a quoted YAML scalar: double quotes where nothing in it needs escaping there."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def cure(value: str, before: str = "") -> str:
    """`put it in quotes: key: "value"`, for a value of a length that can be shown."""
    return f"put it in quotes: {before}{quoted(value)}" if len(value) <= 100 else "put it in quotes"


def after_closing(text: str, start: int) -> int | None:
    """Where the value at `start` would end, were its brackets and commas its own; None where they do not balance."""
    depth = 0
    for index in range(start, min(len(text), start + 2000)):
        char = text[index]
        if char in "([{":
            depth += 1
        elif char in ")]}" and depth:
            depth -= 1
        elif not depth and char in ",]}\n":
            return start + len(text[start:index].rstrip())
    return None


def latex_escape(raw: str) -> tuple[int, int, str] | None:
    r"""Where a double-quoted scalar turns the start of a LaTeX command into a control character: `\theta`, `\nabla`."""
    for found in re.finditer(r"\\(.)([A-Za-z]*)", raw, re.DOTALL):
        letter = found[1]
        if letter in "abefrtvLNP0_" or (letter == "n" and _LATEX_N.match(raw, found.start())):
            return found.start(), found.end(), found[0]
    return None


def syntax_mistake(source: Source, error: MarkedYAMLError) -> Mistake:
    """What to say of an error of YAML's own: the trap it fell into, or the library's words."""
    text = source.text
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text)) if mark is not None else 0
    opened = error.context_mark.index if error.context_mark is not None else None
    return (
        _escape(source, index, opened)
        or _blanks(source, index)
        or _unclosed(source, index, opened)
        or _flow(source, index, opened)
        or _reserved(source, index)
        or _value(source, index)
        or _colon(source, index)
        or _stray(source, index)
        or source.mistake(index, index + 1, f"this is not YAML: {error.problem or error.context}")
    )


def _char(source: Source, index: int | None) -> str:
    return source.text[index : index + 1] if index is not None else ""


def _escape(source: Source, index: int, opened: int | None) -> Mistake | None:
    if _char(source, opened) != '"' or index < 1 or source.text[index - 1] != "\\":
        return None
    return source.mistake(
        index - 1,
        index + 1,
        f"`{source.text[index - 1 : index + 1]}` means nothing between double quotes",
        "write the text between single quotes: there a backslash is a backslash",
    )


def _blanks(source: Source, index: int) -> Mistake | None:
    if _char(source, index) != "\t":
        return None
    return source.mistake(index, index + 1, "a tab stands where YAML wants blanks", "indent with blanks")


def _unclosed(source: Source, index: int, opened: int | None) -> Mistake | None:
    char = _char(source, opened)
    if opened is None or index < len(source.text.rstrip()) or char not in ("'", '"', "[", "{"):
        return None
    what = "quote" if char in "'\"" else "bracket"
    return source.mistake(opened, opened + 1, f"this {what} is never closed")


def _flow(source: Source, index: int, opened: int | None) -> Mistake | None:
    """Between braces or brackets, a plain value ends at any bracket or comma."""
    if opened is None or _char(source, opened) not in ("[", "{"):
        return None
    text = source.text
    if text[index : index + 1] == ":" and "\n" in text[opened:index]:
        return source.mistake(opened, opened + 1, f"the bracket `{text[opened]}` is not closed before the next line")
    start = index
    while start > opened + 1 and text[start - 1] not in ",[{" and text[start - 2 : start] != ": ":
        start -= 1
    start += len(text[start:index]) - len(text[start:index].lstrip())
    end = after_closing(text, start)
    if end is None or end <= index:
        return None
    key = re.search(r"([\w.-]+): *$", text[max(opened + 1, start - 100) : start])
    name = f"{key[1]}: " if key else ""
    char = text[index]
    read = f"read `{text[start:index]}`" if start < index else "read nothing before it"
    return source.mistake(
        start,
        end,
        f"between braces or brackets a plain value ends at `{char}`: {read}",
        cure(text[start:end], name),
    )


def _reserved(source: Source, index: int) -> Mistake | None:
    """A value between braces or brackets that starts with a sign of YAML's own."""
    text = source.text
    char = _char(source, index)
    end = after_closing(text, index)
    if char not in _STARTS or end is None or not re.search(r"[\[{][^\n]*?(?:[,\[{]|: ) *$", text[:index][-1000:]):
        return None
    return source.mistake(
        index,
        end,
        f"a plain value may not start with {_STARTS[char]}",
        cure(text[index:end]),
    )


def _value(source: Source, index: int) -> Mistake | None:
    """A plain value that starts with a sign of YAML's own, or holds `: `."""
    place = source.place(index)
    line = source.line(place.line)
    found = _LINE.fullmatch(line)
    if found is None or not found["value"] or place.column - 1 < found.start("value"):
        return None
    value = found["value"].rstrip()
    start = source.starts[place.line - 1] + found.start("value")
    quotes = cure(value, found["before"].lstrip())
    first = value[0]
    if first in _STARTS:
        return source.mistake(start, start + 1, f"a plain value may not start with {_STARTS[first]}", quotes)
    if first in "[{":
        what = "a list" if first == "[" else "a mapping"
        return source.mistake(start, start + len(value), f"a value that starts with `{first}` is {what}", quotes)
    if value.startswith("- "):
        return source.mistake(
            start, start + 1, "a list starts on the line after its key", f"put it there, or, if it is a text, {quotes}"
        )
    if first == "'":
        return source.mistake(
            index, index + 1, "the quoted text ends before this", "double a quote that stands inside single quotes: ''"
        )
    if first == '"':
        return source.mistake(
            index, index + 1, "the quoted text ends before this", "put the whole value between single quotes"
        )
    if source.text[index : index + 1] == ":":
        return source.mistake(index, index + 1, "a plain value may not hold `: `", quotes)
    return None


def _colon(source: Source, index: int) -> Mistake | None:
    """A key without a blank after its colon, on the line of the error or on the one before it; a key too deep."""
    place = source.place(index)
    for number in (place.line, place.line - 1):
        line = source.line(number) if number else ""
        found = re.match(r"\s*(?:- +)*([A-Za-z]\w*):(?=[^\s:])", line)
        if found:
            end = source.starts[number - 1] + found.end()
            return source.mistake(end - 1, end, "there is no blank after the colon", f"write `{found[1]}: …`")
    found = re.match(r"\s*(?:- +)*([A-Za-z]\w*): ?", source.line(place.line))
    if found:
        start = source.starts[place.line - 1] + found.start(1)
        return source.mistake(
            start,
            start + len(found[1]),
            f"the key `{found[1]}` does not stand where a key can stand",
            "keys of one mapping start in one column; a text over several lines needs `|` or quotes",
        )
    return None


def _stray(source: Source, index: int) -> Mistake | None:
    """A line without a key that does not belong to the value above it."""
    place = source.place(index)
    line = source.line(place.line)
    if not line.strip() or re.match(r"\s*(?:- |[\w.-]+:(?: |$))", line) or place.line == 1:
        return None
    start = source.starts[place.line - 1] + len(line) - len(line.lstrip())
    comment = " #" in source.line(place.line - 1)
    return source.mistake(
        start,
        start + len(line.strip()),
        "this line is neither a key nor a part of the value above it",
        "`#` after a blank starts a comment, which ends a plain value: put it in quotes"
        if comment
        else "indent it deeper than its key, or put the whole text in quotes",
    )

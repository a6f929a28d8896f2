"""From the characters of a YAML value to the characters of the file that wrote them."""

from __future__ import annotations

from collections.abc import Iterator

_ESCAPED = {"x": 2, "u": 4, "U": 8}
"""How many hexadecimal digits follow an escape."""


def offsets(raw: str, style: str | None, text: str) -> tuple[int, ...]:
    """For each character of the value `text`, and for its end, where in `raw` it was written.

    `raw` is the value as it stands in the file, quotes and block headers included; `style` is YAML's, None for plain.
    """
    if style in ("|", ">"):
        found = list(_block(raw, text))
    else:
        quote = 1 if style in ("'", '"') else 0
        found = list(_flow(raw, style, quote, len(raw) - quote))
    found = found[: len(text)]
    last = found[-1] + 1 if found else 0
    return (*found, *([last] * (len(text) + 1 - len(found))))


def _flow(raw: str, style: str | None, position: int, end: int) -> Iterator[int]:
    """Plain and quoted values: a run of blanks with a line break in it is one blank, or its further line breaks."""
    while position < end:
        char = raw[position]
        if char in " \t\n":
            after = position
            while after < end and raw[after] in " \t\n":
                after += 1
            breaks = raw.count("\n", position, after)
            yield from range(position, after) if not breaks else [position] * max(1, breaks - 1)
            position = after
        elif style == '"' and char == "\\":
            yield from (position for _ in range(_lines_after(raw, position)))
            position = _after_escape(raw, position, end)
        else:
            yield position
            position += 2 if style == "'" and char == "'" else 1


def _lines_after(raw: str, position: int) -> int:
    """How many characters the escape at `position` stands for: one, but an escaped line break only its empty lines."""
    if raw[position + 1 : position + 2] != "\n":
        return 1
    blank = raw[position + 2 :]
    return blank[: len(blank) - len(blank.lstrip(" \t\n"))].count("\n")


def _after_escape(raw: str, position: int, end: int) -> int:
    letter = raw[position + 1 : position + 2]
    position += 2 + _ESCAPED.get(letter, 0)
    if letter == "\n":
        while position < end and raw[position] in " \t\n":
            position += 1
    return position


def _block(raw: str, text: str) -> Iterator[int]:
    """Block values: the characters that show stand in the file in the same order; blanks lie between them."""
    position = raw.find("\n") + 1
    blanks = 0
    for char in text:
        if char in " \t\n":
            blanks += 1
            continue
        following = position
        while following < len(raw) and raw[following] != char:
            following += 1
        yield from (min(position + number, following) for number in range(blanks))
        yield following
        position, blanks = following + 1, 0
    yield from (min(position + number, len(raw)) for number in range(blanks))

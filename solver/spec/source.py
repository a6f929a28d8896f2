"""The text of a file, read within bounds, and the places in it."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from solver.spec.mistakes import Mistake, Mistakes, is_hidden
from solver.spec.problem import Place

MAX_BYTES = 256 * 1024
_JOINERS = "\u200c\u200d"
"""Zero-width joiners: hidden, but Persian and emoji are written with them."""
_REPORTED = 20
"""How many refused characters of one file are reported."""


@dataclass(frozen=True)
class Source:
    """A file's text; `file` is its name in messages, `digest` the SHA-256 of its bytes."""

    file: str
    text: str
    digest: str = field(default="", compare=False)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each line starts."""
        return (0, *(index + 1 for index, char in enumerate(self.text) if char == "\n"))

    def place(self, index: int) -> Place:
        line = bisect_right(self.starts, index)
        return Place(self.file, line, index - self.starts[line - 1] + 1)

    @cached_property
    def lines(self) -> list[str]:
        """The lines, each one string that all mistakes in it share."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        return self.lines[number - 1]

    def mistake(self, start: int, end: int, message: str, hint: str = "") -> Mistake:
        """A mistake over `text[start:end]`, underlined as far as its first line goes."""
        start = min(start, len(self.text))
        place = self.place(start)
        line = self.line(place.line)
        width = min(end - start, len(line) - place.column + 1)
        return Mistake(place, message, hint, line, max(width, 1))


def read_source(path: Path, root: Path) -> Source:
    """The text of the file at `path`, which must lie in `root`; Mistakes when it cannot be read or must not be."""
    data = _bytes(path, root)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        source = Source(str(path), before.replace("\r\n", "\n"))
        raise Mistakes(
            [
                source.mistake(
                    len(source.text),
                    len(source.text) + 1,
                    f"the file is not UTF-8: byte 0x{data[error.start]:02x} here",
                    "save it as UTF-8",
                )
            ]
        ) from None
    source = Source(str(path), text.replace("\r\n", "\n"), hashlib.sha256(data).hexdigest())
    refused = _refused(source)
    if refused:
        raise Mistakes(refused)
    return source


def whole(path: Path, message: str, hint: str = "") -> Mistakes:
    """A mistake about the file as a whole."""
    return Mistakes([Mistake(Place(str(path), 1, 1), message, hint)])


def _bytes(path: Path, root: Path) -> bytes:
    try:
        inside = path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
        if not inside:
            raise whole(path, f"the file lies outside its folder {root}", "put the file itself there, not a link to it")
        # without O_NONBLOCK, opening a named pipe waits for a writer
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise whole(path, "there is no such file") from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links
        raise whole(path, f"the file cannot be opened: {_reason(error)}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise whole(path, "this is not a file")
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise whole(path, f"the file cannot be read: {_reason(error)}") from None
    if len(data) > MAX_BYTES:
        raise whole(path, f"the file is larger than {MAX_BYTES // 1024} KB", "split it into several problems")
    return data


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _refused(source: Source) -> list[Mistake]:
    bad = {char for char in set(source.text) if is_hidden(char) and char not in "\n\t" + _JOINERS}
    if not bad:
        return []
    found = [index for index, char in enumerate(source.text) if char in bad]
    mistakes = [
        source.mistake(index, index + 1, f"{describe_character(source.text[index])} is not allowed", "delete it")
        for index in found[:_REPORTED]
    ]
    if len(found) > _REPORTED:
        index = found[_REPORTED]
        more = len(found) - _REPORTED
        mistakes.append(source.mistake(index, index + 1, f"{more} more characters from here on are not allowed"))
    return mistakes


def describe_character(char: str) -> str:
    """`the character U+202E (right-to-left override)`."""
    name = unicodedata.name(char, "a control character").lower()
    return f"the character U+{ord(char):04X} ({name})"

r"""From characters to tokens, each with its place. Comments and spaces are dropped here, words are set apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from solver.latex import commands
from solver.latex.errors import LatexError, Span, nearest
from solver.latex.glyphs import GLYPHS, LOWERED, MARKS, RAISED, unfold

MAX_LENGTH = 20_000
MAX_DIGITS = 30

Kind = Literal[
    "letter", "number", "command", "open", "close", "sup", "sub", "amp", "newline", "prime", "sign", "words", "name",
    "begin", "end",
]  # fmt: skip


@dataclass(frozen=True)
class Token:
    r"""`text` is the letter, the digits, the command's name, the sign; `words` are prose, `name` an operator's name."""

    kind: Kind
    text: str
    span: Span

    def is_command(self, *names: str) -> bool:
        return self.kind == "command" and self.text in names


def tokenize(text: str) -> list[Token]:
    """The tokens of a formula; LatexError for anything that is none."""
    if len(text) > MAX_LENGTH:
        raise LatexError(
            f"the formula has {len(text)} characters, more than {MAX_LENGTH}", MAX_LENGTH, len(text), "split it up"
        )
    scanner = _Scanner(text)
    scanner.run(*_inside(text))
    return scanner.tokens


def _inside(text: str) -> tuple[int, int]:
    r"""Where the formula stands within `$…$`, `$$…$$`, `\[…\]` or `\(…\)`."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    for left, right in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        whole = end - start >= len(left) + len(right)
        if whole and text.startswith(left, start) and text.endswith(right, start, end):
            return start + len(left), end - len(right)
    return start, end


_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)
_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_ROOM = re.compile(r"\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|bp|pc|mu|\\baselineskip)\s*\]|\*")
_SIGNS = frozenset("+-*/=<>()[]|,.;:!")
_KINDS: dict[str, Kind] = {"{": "open", "}": "close", "^": "sup", "_": "sub", "&": "amp", "'": "prime"}
_ONE_DIGIT = commands.FRACTIONS | {"sqrt"}


@dataclass
class _Scanner:
    text: str
    tokens: list[Token] = field(default_factory=list)

    def emit(self, kind: Kind, text: str, span: Span) -> None:
        self.tokens.append(Token(kind, text, span))

    def run(self, position: int, end: int) -> None:
        while position < end:
            position = self.step(position, end)

    def step(self, position: int, end: int) -> int:
        char, here = self.text[position], Span(position, position + 1)
        if char.isspace() or char == "~":
            return position + 1
        if char == "%":
            newline = self.text.find("\n", position, end)
            return end if newline < 0 else newline + 1
        if char == "\\":
            return self.command(position, end)
        if char in RAISED or char in LOWERED:
            return self.script(position, end)
        number = _NUMBER.match(self.text, position, end)
        if number:
            return self.number(position, number.end())
        if char in _KINDS:
            self.emit(_KINDS[char], char, here)
            return position + 1
        if char in _SIGNS:
            self.emit("sign", char, here)
            return position + 1
        return self.letter(position, end)

    def number(self, start: int, stop: int) -> int:
        if self.text[start] != "." and self.takes_one_digit():
            stop = start + 1
        if stop - start > MAX_DIGITS:
            raise LatexError(f"a number of more than {MAX_DIGITS} digits", start, stop)
        self.emit("number", self.text[start:stop], Span(start, stop))
        return stop

    def takes_one_digit(self) -> bool:
        r"""Whether TeX takes a single digit here: after `^` and `_`, and for arguments of `\frac` without braces."""
        match self.tokens:
            case [*_, Token(kind="sup" | "sub")]:
                return True
            case [*_, Token(kind="command", text=name)] if name in _ONE_DIGIT:
                return True
            case [*_, Token(kind="command", text=name), Token(kind="number", text=digits)] if len(digits) == 1:
                return name in commands.FRACTIONS
        return False

    def letter(self, position: int, end: int) -> int:
        """A letter, in any style and with any accent that Unicode knows, or a sign beyond ASCII."""
        char, here = self.text[position], Span(position, position + 1)
        prefix: tuple[str, ...] = ()
        if not char.isascii() and char not in GLYPHS:
            parts = unfold(char)
            if parts is None:
                raise LatexError.at(here, f"the character {char!r} (U+{ord(char):04X}) means nothing in a formula")
            prefix, char = parts
        stop = position + 1
        if stop < end and self.text[stop] in MARKS:
            prefix, stop = (*prefix, MARKS[self.text[stop]]), stop + 1
        for command in prefix:
            self.emit("command", command, here)
        name = GLYPHS.get(char, char)
        if name.isdigit():
            self.emit("number", name, here)
        elif len(name) > 1:
            self.emit("command", name, here)
        elif name.isalpha() and name.isascii():
            self.emit("letter", name, here)
        elif name in _SIGNS:
            self.emit("sign", name, here)
        else:
            cure = "give the formula without dollar signs" if char == "$" else ""
            raise LatexError.at(here, f"the character {char!r} means nothing in a formula", cure)
        return stop

    def script(self, start: int, end: int) -> int:
        """`²` is `^{2}`, `⁻¹` is `^{-1}`, `ᵀ` is `^{T}`."""
        table, kind = (RAISED, "sup") if self.text[start] in RAISED else (LOWERED, "sub")
        stop = start
        while stop < end and self.text[stop] in table:
            stop += 1
        whole = Span(start, stop)
        self.emit("sup" if kind == "sup" else "sub", "^", whole)
        self.emit("open", "{", whole)
        for place in range(start, stop):
            char = table[self.text[place]]
            mark: Kind = "number" if char.isdigit() else "letter" if char.isalpha() else "sign"
            self.emit(mark, char, Span(place, place + 1))
        self.emit("close", "}", whole)
        return stop

    def command(self, position: int, end: int) -> int:
        match = _COMMAND.match(self.text, position, end)
        if match is None:
            raise LatexError("a backslash at the end", position, end)
        name, stop = match.group(1), match.end()
        if name.endswith("*") and len(name) > 1 and name not in commands.DROPPED and name != "operatorname*":
            name, stop = name[:-1], stop - 1
        span = Span(position, stop)
        if name in ("\\", "cr", "newline"):
            self.emit("newline", name, span)
            room = _ROOM.match(self.text, stop, end)
            return room.end() if room else stop
        if name.isspace() or name in commands.IGNORED:
            return stop
        if name in commands.DROPPED:
            return self.argument(stop, end, span)[1] + 1
        if name in commands.SECOND:
            stop = self.argument(stop, end, span)[1] + 1
        if name in commands.TEXTS:
            return self.words(stop, end, span)
        if name in ("operatorname", "operatorname*"):
            first, last = self.argument(stop, end, span)
            self.emit("name", _plain(self.text[first:last]), Span(position, last + 1))
            return last + 1
        if name in ("begin", "end"):
            return self.environment("begin" if name == "begin" else "end", stop, end, span)
        self.emit_command(name, span)
        return stop

    def emit_command(self, name: str, span: Span) -> None:
        short = {"{": "lbrace", "}": "rbrace", "|": "Vert"}.get(name, name)
        if short in commands.COMMANDS or short in commands.GAPS:
            self.emit("command", short, span)
            return
        if not name.isalpha():
            raise LatexError.at(span, rf"\{name} means nothing in a formula")
        raise LatexError.at(
            span,
            f"unknown command \\{name}: macros are not expanded",
            nearest(name, commands.COMMANDS, "\\{}") or rf"for a function or a name write \operatorname{{{name}}}",
        )

    def environment(self, kind: Literal["begin", "end"], position: int, end: int, span: Span) -> int:
        first, last = self.argument(position, end, span)
        name = self.text[first:last].strip()
        if name not in commands.ENVIRONMENTS:
            raise LatexError(
                f"unknown environment {name}", first, last, nearest(name, commands.ENVIRONMENTS, r"\begin{{{}}}")
            )
        self.emit(kind, name, Span(span.start, last + 1))
        position = last + 1
        if kind == "begin":
            placement = re.compile(r"\s*\[\s*[tbclr]\s*\]").match(self.text, position, end)
            position = placement.end() if placement else position
            if name in commands.WITH_ARGUMENT:
                position = self.argument(position, end, span)[1] + 1
        return position

    def words(self, position: int, end: int, span: Span) -> int:
        """Words; formulas between dollar signs in them are formulas."""
        first, last = self.argument(position, end, span)
        formula = False
        for piece in self.text[first:last].split("$"):
            if formula:
                self.run(first, first + len(piece))
            elif piece.strip():
                self.emit("words", piece.strip(), Span(first, first + len(piece)))
            first += len(piece) + 1
            formula = not formula
        return last + 1

    def argument(self, position: int, end: int, command: Span) -> tuple[int, int]:
        """Where the braces after a command begin and end, their inside only."""
        while position < end and self.text[position].isspace():
            position += 1
        if position >= end or self.text[position] != "{":
            raise LatexError.at(command, f"{self.text[command.start : command.end]} needs an argument in braces")
        depth, place = 0, position
        while place < end:
            match self.text[place]:
                case "\\":
                    place += 1
                case "{":
                    depth += 1
                case "}":
                    depth -= 1
                    if depth == 0:
                        return position + 1, place
            place += 1
        raise LatexError("this brace is never closed", position, position + 1)


def _plain(name: str) -> str:
    r"""An operator's name without spacing: `log\,softmax` is `log softmax`."""
    spaced = re.sub(r"\\(?:[,;:!\s]|quad|mathrm|mathit|text)|[{}~]", " ", name).replace("\\_", "_").replace("-", " ")
    return " ".join(spaced.split())

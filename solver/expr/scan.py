"""From text to Python's syntax tree, with the mistakes that can be told from the words alone.

The words are looked at first, so that what people try (`2x`, `A^T`, `x'`, `a = b`, a formula in LaTeX, a character
that looks like another) is named with what to write instead; Python's own parser only sees text that is sound so far.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Literal

MAX_LENGTH = 10_000
MAX_NESTING = 60
MAX_NAME = 40
MAX_DIGITS = 100
MAX_EXPONENT = 400

_GREEK = "Α-ΡΣ-Ωα-ω"
_LETTER = rf"A-Za-z{_GREEK}"
_NAME = re.compile(rf"[{_LETTER}][{_LETTER}0-9_]*")
_TOKEN = re.compile(
    rf"""(?P<number>(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![{_LETTER}0-9_]))?)
       | (?P<name>[{_LETTER}_][{_LETTER}0-9_]*)
       | (?P<op>\*\*|==|!=|<=|>=|[-+*/@<>()\[\],.:=])
       | (?P<space>[ \t\r\n]+)""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in", "for", "if"})
_INFIX = frozenset({"**", "==", "!=", "<=", ">=", "*", "/", "@", "<", ">", "and", "or", "in"})
_SIGNS = frozenset({"+", "-"})

_SUPERSCRIPTS = {"²": "2", "³": "3", "⁴": "4", "¹": "1", "ⁿ": "n"}
_INSTEAD = {
    "^": "`**` is the power, `.T` the transpose, `inv(A)` the inverse",
    "'": "write `A.T` for the transpose, `f_prime(x)` for a derivative, `D(f, x)` for one not yet worked out",
    "′": "write `A.T` for the transpose, `f_prime(x)` for a derivative, `D(f, x)` for one not yet worked out",
    '"': "mathematics stands here without quotes",
    "`": "mathematics stands here without backticks",
    "\\": "mathematics is written as in NumPy, not as in LaTeX: `exp(x)/sum(exp(x))`, `theta`, `sum(a[i] for i in n)`",
    "$": "mathematics is written as in NumPy, not as in LaTeX",
    "{": "group with `( )`; several cases are `where(c, a, b)`",
    "}": "group with `( )`; several cases are `where(c, a, b)`",
    "#": "an expression has no comments",
    ";": "one expression only",
    "|": "write `abs(x)`, `norm(x)` or `det(A)`; in a condition `or`",
    "&": "in a condition write `and`",
    "~": "in a condition write `not`",
    "!": "`!=` means unequal, `prod(i for i in n)` is n factorial",
    "%": "there is no remainder; `/` divides",
    "?": "`where(c, a, b)` chooses",
    "·": "write `*`, or `@` for the matrix product", "⋅": "write `*`, or `@` for the matrix product",
    "×": "write `*`, or `@` for the matrix product", "∗": "write `*`", "⊙": "write `*`: products are entry by entry",
    "∘": "write `*`: products are entry by entry", "⊗": "write `kron(A, B)`, or `outer(a, b)`",
    "÷": "write `/`", "−": "write `-`, the ASCII hyphen", "–": "write `-`, the ASCII hyphen",
    "—": "write `-`, the ASCII hyphen", "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "≡": "write `==`",
    "ᵀ": "write `.T`", "⊤": "write `.T`", "∑": "write `sum(a[i] for i in n)`", "∏": "write `prod(a[i] for i in n)`",
    "√": "write `sqrt(x)`", "∂": "write `D(f, x)`", "∇": "write `D(f, x)`", "‖": "write `norm(x)`",
    "∥": "write `norm(x)`", "∈": "write `in`", "𝟙": "write `indicator(c)`", "∞": "there is no infinity here",
    "ϵ": "write `ε` or `epsilon`", "ϕ": "write `φ` or `phi`", "ϑ": "write `θ` or `theta`", "µ": "write `μ` or `mu`",
    "ℓ": "write `ell`", "\N{NO-BREAK SPACE}": "type an ordinary blank",
}  # fmt: skip
_WORD_INSTEAD = {
    "lambda": "`lambda` is a word of Python: name the symbol `lam`",
    "else": "write `where(c, a, b)` for cases",
    "is": "write `==`",
    "None": "there is no empty value",
    "True": "there is no truth value here; `1` is a number",
    "False": "there is no truth value here; `0` is a number",
}


class ReadError(Exception):
    """A text that cannot be read: what is wrong from `start` to `end`, and in `hint` what to write instead.

    `misfit`: it could be read, but shapes in it cannot be combined.
    """

    misfit = False

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


@dataclass(frozen=True)
class _Token:
    kind: Literal["number", "name", "op"]
    text: str
    start: int
    end: int

    @property
    def begins(self) -> bool:
        """Whether a value can begin here."""
        return (self.kind != "op" and self.text not in _WORDS) or self.text in ("(", "[")

    @property
    def ends(self) -> bool:
        """Whether a value can end here."""
        return (self.kind != "op" and self.text not in _WORDS) or self.text in (")", "]")


@dataclass(frozen=True)
class Source:
    """A text and its syntax tree: where each part of the tree stands in the text, in characters."""

    text: str
    tree: ast.expr
    _columns: tuple[int, ...]
    """The character at each byte of the text that Python's parser saw."""

    def span(self, part: ast.expr | ast.keyword) -> tuple[int, int]:
        end = part.end_col_offset
        return self._columns[part.col_offset], self._columns[part.col_offset if end is None else end]

    def segment(self, part: ast.expr) -> str:
        start, end = self.span(part)
        return self.text[start:end]

    def error(self, part: ast.expr | ast.keyword, message: str, hint: str = "") -> ReadError:
        return ReadError(message, *self.span(part), hint)


def parse(text: str) -> Source:
    """The syntax tree of one Python expression; ReadError for anything else."""
    if not isinstance(text, str):
        raise ReadError(f"an expression is a text, and a {type(text).__name__} was given", 0, 0)
    if len(text) > MAX_LENGTH:
        raise ReadError(f"{len(text)} characters are too many: {MAX_LENGTH} is the most", MAX_LENGTH, len(text))
    tokens = _tokens(text)
    _check_words(tokens, len(text))
    _check_brackets(tokens)
    _check_neighbours(tokens, len(text))
    flat = re.sub(r"[\t\r\n]", " ", text)
    begin = len(flat) - len(flat.lstrip(" "))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(flat[begin:].rstrip(" "), mode="eval").body
    except SyntaxError as error:
        at = min(begin + max((error.offset or 1) - 1, 0), len(text))
        raise ReadError("this is not an expression", at, _token_end(tokens, at)) from None
    except (RecursionError, MemoryError, ValueError):
        raise ReadError("the expression is too long or nested too deeply", 0, len(text)) from None
    columns = [begin + number for number, char in enumerate(flat[begin:]) for _ in char.encode()]
    return Source(text, tree, (*columns, len(text)))


def check_name(name: str) -> None:
    """ReadError unless `name` may name a symbol, a size or an index: letters (also Greek), digits and `_`."""
    end = len(name)
    if not name:
        raise ReadError("a name is missing", 0, 0)
    if len(name) > MAX_NAME:
        raise ReadError(f"a name has at most {MAX_NAME} characters, and this one has {end}", 0, end)
    if keyword.iskeyword(name):
        hint = "`lam` is usual" if name == "lambda" else f"write `{name}_` or another name"
        raise ReadError(f"`{name}` is a word of Python and cannot be a name", 0, end, hint)
    if name == "pi":
        raise ReadError("`pi` is the number 3.14159… and cannot be declared", 0, end, "`π` can be a name")
    if not _NAME.fullmatch(name):
        for position, char in enumerate(name):
            if not re.fullmatch(rf"[{_LETTER}0-9_]", char):
                raise ReadError(f"{_described(char)} cannot stand in a name", position, position + 1, _NAME_HINT)
        raise ReadError(f"a name begins with a letter, and `{name}` does not", 0, 1, _NAME_HINT)


_NAME_HINT = "names are made of letters (also Greek ones), digits and `_`, and begin with a letter"

_SPELL = "names are made of Latin and Greek letters, digits and `_`: spell it out (`yhat`, `xbar`)"


def _described(char: str) -> str:
    """The character as a message can show it: by its number where it cannot be seen."""
    name = unicodedata.name(char, "")
    kind = {"C": "invisible character", "Z": "blank", "M": "combining mark"}.get(unicodedata.category(char)[0])
    if kind:
        return f"the {kind} U+{ord(char):04X}{f' ({name.lower()})' if name else ''}"
    return f"the character `{char}`"


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            char = text[position]
            raise ReadError(f"{_described(char)} cannot be read", position, position + 1, _instead(text, position))
        if found.lastgroup != "space":
            kind: Literal["number", "name", "op"]
            kind = "number" if found["number"] else "name" if found["name"] else "op"
            tokens.append(_Token(kind, found[0], position, found.end()))
        position = found.end()
    return tokens


def _instead(text: str, position: int) -> str:
    """What to write instead of the character at `position`."""
    char, rest = text[position], text[position + 1 :].lstrip(" ({")
    if char == "^" and re.match(r"(T|\\top|⊤)(?![A-Za-z0-9_])", rest):
        return "write `A.T` for the transpose"
    if char == "^" and re.match(r"-\s*1(?![0-9])", rest):
        return "write `inv(A)` for the inverse of a matrix, `x**(-1)` for one over each entry"
    if char in _SUPERSCRIPTS:
        return f"write `**{_SUPERSCRIPTS[char]}`"
    if char.isdigit() or char.isnumeric():
        return "write numbers in the digits 0 to 9"
    if char in _INSTEAD:
        return _INSTEAD[char]
    return _SPELL if unicodedata.category(char)[0] in "LM" else ""


def _check_words(tokens: list[_Token], length: int) -> None:
    """Numbers are plain decimals, names are no words of Python."""
    if not tokens:
        raise ReadError("an expression is missing", 0, length)
    for number, token in enumerate(tokens):
        before = tokens[number - 1].text if number else ""
        if token.kind == "number":
            _check_number(token)
        elif token.kind == "name" and token.text not in _WORDS:
            if token.text == "None" and before == "=":
                continue
            if keyword.iskeyword(token.text):
                hint = _WORD_INSTEAD.get(token.text, f"write `{token.text}_` or another name")
                raise ReadError(f"`{token.text}` cannot be used here", token.start, token.end, hint)
            if token.text.startswith("_"):
                raise ReadError(f"a name cannot begin with `_`: `{token.text}`", token.start, token.end)
            if len(token.text) > MAX_NAME:
                raise ReadError(f"a name has at most {MAX_NAME} characters", token.start, token.end)


def _check_number(token: _Token) -> None:
    digits, _, exponent = token.text.lower().partition("e")
    if "_" in digits:
        raise ReadError(f"`{token.text}` is not a number", token.start, token.end, "write the digits together")
    if len(digits) > MAX_DIGITS:
        raise ReadError(f"a number has at most {MAX_DIGITS} digits", token.start, token.end)
    if exponent and (len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT):
        raise ReadError(f"the exponent in `{_short(token.text)}` is beyond {MAX_EXPONENT}", token.start, token.end)
    if re.match(r"0[0-9]", digits):
        raise ReadError(f"`{_short(token.text)}` begins with a zero", token.start, token.end, "write it without")


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:17]}…"


def _check_brackets(tokens: list[_Token]) -> None:
    """Brackets pair up, at most MAX_NESTING deep, and `=` stands only inside a call."""
    opened: list[_Token] = []
    for token in tokens:
        if token.kind != "op":
            continue
        if token.text in "([":
            opened.append(token)
            if len(opened) > MAX_NESTING:
                raise ReadError(f"brackets are nested more than {MAX_NESTING} deep", token.start, token.end)
        elif token.text in ")]":
            if not opened:
                raise ReadError(f"`{token.text}` closes a bracket that was never opened", token.start, token.end)
            wanted = ")" if opened[-1].text == "(" else "]"
            if token.text != wanted:
                raise ReadError(
                    f"`{token.text}` closes `{opened[-1].text}`", token.start, token.end, f"write `{wanted}`"
                )
            opened.pop()
        elif token.text == "=" and not opened:
            raise ReadError("`=` cannot stand in an expression", token.start, token.end, "equality is `==`")
    if opened:
        raise ReadError(f"`{opened[-1].text}` is never closed", opened[-1].start, opened[-1].end)


def _check_neighbours(tokens: list[_Token], length: int) -> None:
    """Between two values stands an operation, and at each operation two values."""
    last = _Token("op", "(", 0, 0)
    for token in tokens:
        if last.ends and token.begins:
            _check_side_by_side(last, token)
        missing_right = last.text in _INFIX | _SIGNS | {"not", "if", "for"} and not last.ends
        if missing_right and (token.text in _INFIX or token.text in (")", "]", ",")):
            raise ReadError(f"a value is missing after `{last.text}`", last.start, token.end)
        if not last.ends and token.text in _INFIX:
            raise ReadError(f"a value is missing before `{token.text}`", token.start, token.end)
        last = token
    if (last.kind == "op" and not last.ends) or last.text in _WORDS:
        raise ReadError(f"a value is missing after `{last.text}`", last.start, length)


def _check_side_by_side(last: _Token, token: _Token) -> None:
    if token.text == "[":
        return
    if token.text == "(":
        if last.kind == "name":
            return
        hint = f"write `{last.text}*(`" if last.kind == "number" else "write `*` or `@` between them"
    elif last.kind == "op" or last.end < token.start:
        hint = "write `*` or `@` between them"
    else:
        hint = f"write `{last.text}*{token.text}`"
    raise ReadError("two values stand side by side with no operation between them", last.start, token.end, hint)


def _token_end(tokens: list[_Token], at: int) -> int:
    return next((token.end for token in tokens if token.start <= at < token.end), at + 1)

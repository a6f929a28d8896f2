r"""The LaTeX of our own declarations (a rule's formula, a function's sign) read into forms.

It is the small part of LaTeX that formulas of rules are written in; a command that is not known is a `BadFormula`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from solver.typeset.forms import (
    SIZES,
    Accented,
    Bold,
    Delimiter,
    Face,
    Form,
    Fraction,
    Grid,
    Primed,
    Root,
    Script,
    Stretched,
    Token,
    Word,
    beside,
)

_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\S", re.DOTALL)
_FACES = ("mathrm", "mathbf", "mathbb", "operatorname", "text")
_ACCENTS = ("hat", "bar", "tilde", "dot", "check")
_LARGER: Mapping[str, tuple[int, bool]] = {
    **{command[:-1] + side: (size, side == "r") for size, command in enumerate(SIZES) if command for side in "lr"},
    r"\big": (1, False),
    r"\Big": (2, False),
    r"\bigg": (3, False),
    r"\Bigg": (4, False),
}
_CLOSING = frozenset((")", "]", r"\}", r"\rvert", r"\rVert", r"\rangle"))


class BadFormula(Exception):
    """A formula that is not in the part of LaTeX that declarations are written in."""


def declared(latex: str) -> Form:
    """The formula as a form."""
    reader = _Reader(latex, [found[0] for found in _TOKENS.finditer(latex)])
    made = reader.row(())
    if reader.here is not None:
        raise BadFormula(f"{reader.here!r} stands alone in {latex!r}")
    return made


@dataclass
class _Reader:
    source: str
    tokens: list[str]
    position: int = 0

    @property
    def here(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, wanted: str = "") -> str:
        token = self.here
        if token is None or (wanted and token != wanted):
            raise BadFormula(f"{wanted or 'more'} is missing in {self.source!r}")
        self.position += 1
        return token

    def row(self, ends: tuple[str, ...]) -> Form:
        pieces: list[Form] = []
        while (token := self.here) is not None and token not in ("}", "&", r"\\", r"\right", r"\end", *ends):
            if token in ("_", "^"):
                if not pieces:
                    raise BadFormula(f"a script without a base in {self.source!r}")
                pieces.append(self.script(pieces.pop()))
            elif token == "'":
                self.take()
                of = pieces.pop() if pieces else Token("")
                pieces.append(Primed(of.of, of.order + 1) if isinstance(of, Primed) else Primed(of, 1))
            else:
                pieces.append(self.piece())
        return beside(*pieces)

    def script(self, base: Form) -> Form:
        sign = self.take()
        form = self.argument()
        match sign, base:
            case "^", Script(inner, below, None):
                return Script(inner, below, form)
            case "_", Script(inner, None, above):
                return Script(inner, form, above)
        return Script(base, form) if sign == "_" else Script(base, None, form)

    def argument(self) -> Form:
        if self.here != "{":
            return self.piece()
        self.take()
        inside = self.row(())
        self.take("}")
        return inside

    def words(self) -> str:
        """The source between braces, spaces kept: found again by counting the token's place."""
        self.take("{")
        start = self.position
        depth = 0
        while depth or self.here != "}":
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        places = [found.span() for found in _TOKENS.finditer(self.source)]
        inside = self.source[places[start - 1][1] : places[self.position][0]]
        self.take("}")
        return inside

    def piece(self) -> Form:
        token = self.take()
        name = token[1:] if token.startswith("\\") else ""
        if name in _FACES:
            return Word(self.words(), cast(Face, name))
        if name in _ACCENTS:
            return Accented(self.argument(), name)
        if token in _LARGER:
            size, closing = _LARGER[token]
            text = self.take()
            return Delimiter(text, size, closing or text in _CLOSING)
        if token in _BUILT:
            return _BUILT[token](self)
        if token in ("(", "["):
            return Delimiter(token)
        if token in (")", "]"):
            return Delimiter(token, closing=True)
        if token == "{":
            self.position -= 1
            return self.argument()
        return Token(token)

    def stretched(self) -> Form:
        opening = self.take()
        inside = self.row(())
        self.take(r"\right")
        return Stretched(opening, inside, self.take())

    def environment(self) -> Form:
        kind = self.words()
        if kind not in ("bmatrix", "cases", "pmatrix"):
            raise BadFormula(f"the environment {kind} in {self.source!r} is not known")
        rows = self.rows()
        self.take(r"\end")
        self.words()
        grid = Grid(rows, cast(Literal["bmatrix", "cases"], "bmatrix" if kind == "pmatrix" else kind))
        return Stretched("(", grid, ")") if kind == "pmatrix" else grid

    def rows(self) -> tuple[tuple[Form, ...], ...]:
        rows: list[tuple[Form, ...]] = []
        cells: list[Form] = []
        while True:
            cells.append(self.row(()))
            if self.here == "&":
                self.take()
                continue
            rows.append(tuple(cells))
            cells = []
            if self.here != r"\\":
                return tuple(rows)
            self.take()

    def substack(self) -> Form:
        self.take("{")
        rows = self.rows()
        self.take("}")
        return Grid(rows, "substack")


_BUILT: Mapping[str, Callable[[_Reader], Form]] = {
    r"\frac": lambda r: Fraction(r.argument(), r.argument()),
    r"\tfrac": lambda r: Fraction(r.argument(), r.argument()),
    r"\dfrac": lambda r: Fraction(r.argument(), r.argument(), large=True),
    r"\sqrt": lambda r: Root(r.argument()),
    r"\bm": lambda r: Bold(r.argument()),
    r"\left": _Reader.stretched,
    r"\begin": _Reader.environment,
    r"\substack": _Reader.substack,
    r"\textstyle": lambda r: Token(""),
}

r"""Forms to MathML Core: the same letters, scripts and parentheses as the LaTeX, in the fonts of the reader's system.

    mathml(form, said, display=True)     a `<math>` element; `said` is the formula in words

Bold letters are the characters that Unicode has for them, parentheses have the size that the writer chose, and spaces
are those that operators have by themselves; only around function names (`log x`) spaces are put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from solver.typeset.forms import (
    Accented,
    Bold,
    Delimiter,
    Form,
    Fraction,
    Grid,
    Marked,
    Primed,
    Root,
    Row,
    Script,
    Stretched,
    Token,
    Word,
)
from solver.typeset.names import GREEK, UNICODE


class NoMathML(Exception):
    """A token that no MathML is known for: one sentence."""


def mathml(form: Form, said: str, *, display: bool = False) -> str:
    """The formula as an element; `said`, in words, is its alternative text."""
    style = ' displaystyle="true"' if display else ""
    return f'<math alttext="{escape(said)}"{style}>{inner(form)}</math>'


def inner(form: Form, *, script: bool = False) -> str:
    """The formula's elements, without the element around them."""
    return _Printer(script).print(form)


# --- tokens -----------------------------------------------------------------------------------------------------------

_OPERATORS: Mapping[str, str] = {
    "=": "=", "+": "+", "-": "−", "/": "/", "<": "<", ">": ">", ",": ",", ":": ":", "{:}": ":", ".": ".", ";": ";",
    "!": "!", "*": "∗", "|": "|", r"\|": "‖", r"\odot": "⊙", r"\oslash": "⊘", r"\otimes": "⊗", r"\cdot": "⋅",
    r"\times": "×", r"\neq": "≠", r"\leq": "≤", r"\geq": "≥", r"\lnot": "¬", r"\in": "∈", r"\to": "→",
    r"\approx": "≈", r"\colon": ":", r"\coloneqq": "≔", r"\eqqcolon": "≕", r"\sum": "∑", r"\prod": "∏",
    r"\mid": "∣", r"\pm": "±", r"\le": "≤", r"\ge": "≥", r"\iff": "⟺",
}  # fmt: skip
_ORDINARY: Mapping[str, str] = {
    r"\partial": "∂", r"\top": "⊤", r"\cdots": "⋯", r"\vdots": "⋮", r"\ddots": "⋱", r"\dots": "…", r"\ldots": "…",
    r"\star": "⋆", r"\infty": "∞", r"\ell": "ℓ",
}  # fmt: skip
_SPACES: Mapping[str, str] = {
    "": "", r"\,": "0.167em", r"\;": "0.278em", r"\ ": "0.25em", "~": "0.25em", r"\quad": "1em", r"\qquad": "2em",
}  # fmt: skip
_FUNCTIONS = frozenset((
    "arccos", "arcsin", "arctan", "cos", "cosh", "cot", "csc", "det", "exp", "log", "ln", "max", "min", "sec", "sin",
    "sinh", "tan", "tanh",
))  # fmt: skip
_TALL = ("0", "1.2em", "1.8em", "2.4em", "3em")
_LIMITED = (r"\sum", r"\prod", r"\max", r"\min")
_FENCES: Mapping[str, str] = {
    "(": "(", ")": ")", "[": "[", "]": "]", r"\{": "{", r"\}": "}", r"\lvert": "|", r"\rvert": "|", r"\lVert": "‖",
    r"\rVert": "‖", r"\langle": "⟨", r"\rangle": "⟩", "|": "|", r"\|": "‖", ".": "",
}  # fmt: skip
_ACCENTS: Mapping[str, str] = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙", "check": "ˇ"}
_LETTERS: Mapping[str, str] = {
    **{command: char for char, name in UNICODE.items() if (command := GREEK[name]) and char not in "ϵϑςϕ"},
    r"\vartheta": "ϑ", r"\phi": "ϕ", r"\varphi": "φ", r"\epsilon": "ϵ", r"\varepsilon": "ε", r"\theta": "θ",
    r"\sigma": "σ",
}  # fmt: skip
_BOARD: Mapping[str, str] = {"1": "𝟙", "R": "ℝ", "E": "𝔼", "N": "ℕ", "Z": "ℤ"}


def _bold(char: str, italic: bool) -> str:
    """The bold letter of Unicode's mathematical alphabets: 𝒙 and 𝑾 slanted, 𝚺 and 𝟏 upright."""
    code = ord(char)
    if "a" <= char <= "z":
        return chr((0x1D482 if italic else 0x1D41A) + code - ord("a"))
    if "A" <= char <= "Z":
        return chr((0x1D468 if italic else 0x1D400) + code - ord("A"))
    if "0" <= char <= "9":
        return chr(0x1D7CE + code - ord("0"))
    if "α" <= char <= "ω":
        return chr((0x1D736 if italic else 0x1D6C2) + code - ord("α"))
    if "Α" <= char <= "Ω":
        return chr(0x1D6A8 + code - ord("Α"))
    return {"ϑ": "𝝑", "ϕ": "𝝓", "ϵ": "𝝐"}.get(char, char)


def _letter(token: str) -> str | None:
    """The character of a letter's token; None for anything else."""
    return token if len(token) == 1 and token.isalpha() else _LETTERS.get(token)


# --- rows -------------------------------------------------------------------------------------------------------------


Kind = Literal["letter", "function", "sign", "opening", "closing", "space"]


@dataclass(frozen=True)
class _Item:
    kind: Kind
    markup: str


_THIN = '<mspace width="0.167em"></mspace>'


@dataclass(frozen=True)
class _Printer:
    """Prints forms; within a `script` relations stand without space around them."""

    script: bool = False

    def print(self, form: Form) -> str:
        """The form as one element or several."""
        return self._spaced(self._items(form.parts if isinstance(form, Row) else (form,)))

    def one(self, form: Form) -> str:
        """The form as exactly one element."""
        return self._grouped(self._items(form.parts if isinstance(form, Row) else (form,)))

    def small(self, form: Form) -> str:
        return _Printer(script=True).one(form)

    def _items(self, parts: Sequence[Form]) -> list[_Item]:
        """The parts as elements, what stands between two parentheses grouped into one."""
        levels: list[list[_Item]] = [[]]
        for part in parts:
            if isinstance(part, Delimiter) and not part.closing:
                levels.append([self._item(part, levels[-1])])
                continue
            closing = part.base if isinstance(part, Script) else part
            if isinstance(closing, Delimiter) and len(levels) > 1:
                inside = levels.pop()
                inside.append(self._item(closing, inside))
                group = f"<mrow>{self._spaced(inside)}</mrow>"
                markup = self._scripted(part, group) if isinstance(part, Script) else group
                levels[-1].append(_Item("closing", markup))
                continue
            levels[-1].append(self._item(part, levels[-1]))
        return [item for level in levels for item in level if item.markup]

    def _spaced(self, items: Sequence[_Item]) -> str:
        """The elements side by side, with a thin space around the names of functions."""
        found: list[str] = []
        for before, item in zip((None, *items), items, strict=False):
            if before is not None:
                named = item.kind == "function" and before.kind in ("letter", "closing")
                takes = before.kind == "function" and item.kind in ("letter", "function")
                if named or takes:
                    found.append(_THIN)
            found.append(item.markup)
        return "".join(found)

    def _grouped(self, items: Sequence[_Item]) -> str:
        return items[0].markup if len(items) == 1 else f"<mrow>{self._spaced(items)}</mrow>"

    def _item(self, part: Form, before: Sequence[_Item]) -> _Item:
        match part:
            case Token(text):
                return self._token(text, before)
            case Word(text, face):
                return self._word(text, face)
            case Bold(of):
                return _Item("letter", self._boldened(of))
            case Accented(of, accent):
                over = f'<mo stretchy="false">{_ACCENTS[accent]}</mo>'
                return _Item("letter", f'<mover accent="true">{self.one(of)}{over}</mover>')
            case Row(parts):
                items = self._items(parts)
                return _Item(items[0].kind if items else "space", self._grouped(items) if items else "")
            case Script():
                return self._script(part, before)
            case Primed(of, order):
                return _Item("letter", f"<msup>{self.one(of)}<mo>{'′' * order}</mo></msup>")
            case Fraction(above, below, large):
                markup = f"<mfrac>{self.one(above)}{self.one(below)}</mfrac>"
                return _Item("letter", f'<mstyle displaystyle="true">{markup}</mstyle>' if large else markup)
            case Root(of):
                return _Item("letter", f"<msqrt>{self.print(of)}</msqrt>")
            case Delimiter(text, size, closing):
                return _Item("closing" if closing else "opening", self._delimiter(text, size, closing))
            case Stretched(opening, of, closing_text):
                return _Item("closing", self._stretched(opening, self.print(of), closing_text))
            case Grid():
                return _Item("letter", self._grid(part))
            case Marked():
                return _Item("letter", self._marked(part))
        raise TypeError(f"no MathML for a {type(part).__name__}")

    # --- tokens ---

    def _token(self, text: str, before: Sequence[_Item]) -> _Item:
        token = text.strip()
        if token in _SPACES:
            wide = _SPACES[token]
            return _Item("space", f'<mspace width="{wide}"></mspace>' if wide else "")
        if token in _OPERATORS:
            return _Item("sign", self._operator(token, text != token, before))
        if token in _ORDINARY:
            return _Item("letter", f"<mi>{_ORDINARY[token]}</mi>")
        if token.replace(".", "").isdigit():
            return _Item("letter", f"<mn>{token}</mn>")
        if token.startswith("\\") and token[1:] in _FUNCTIONS:
            return _Item("function", f"<mi>{token[1:]}</mi>")
        letter = _letter(token)
        if letter is not None:
            upright = ' mathvariant="normal"' if "Α" <= letter <= "Ω" else ""
            return _Item("letter", f"<mi{upright}>{letter}</mi>")
        if token.isalpha() and token.isascii():
            return _Item("letter", f"<mi>{token}</mi>")
        raise NoMathML(f"no MathML is known for {token!r}")

    def _operator(self, token: str, infix: bool, before: Sequence[_Item]) -> str:
        sign = escape(_OPERATORS[token])
        attributes = ""
        if token in "+-" and token:
            front = not infix and (not before or before[-1].kind in ("sign", "opening", "space"))
            attributes = f' form="{"prefix" if front else "infix"}"'
        if token in ("|", r"\|", "/"):
            attributes = ' stretchy="false" lspace="0" rspace="0"'
        if self.script and token not in ("|", r"\|", "/", r"\sum", r"\prod"):
            attributes += ' lspace="0" rspace="0"'
        return f"<mo{attributes}>{sign}</mo>"

    def _word(self, text: str, face: str) -> _Item:
        plain = "".join(_LETTERS.get(piece, piece) for piece in _split(text))
        match face:
            case "text":
                return _Item("letter", f"<mtext>{escape(plain.replace(' ', chr(0xA0)))}</mtext>")
            case "mathbf":
                return _Item("letter", f"<mi>{''.join(_bold(char, italic=False) for char in plain)}</mi>")
            case "mathbb":
                return _Item("letter", f"<mi>{''.join(_BOARD.get(char, char) for char in plain)}</mi>")
            case "operatorname":
                return _Item("function", f"<mi>{escape(plain.replace(' ', chr(0xA0)))}</mi>")
        upright = ' mathvariant="normal"' if len(plain) == 1 else ""
        return _Item("letter", f"<mi{upright}>{escape(plain)}</mi>")

    def _boldened(self, of: Form) -> str:
        match of:
            case Token(text) if (letter := _letter(text.strip())) is not None:
                return f"<mi>{_bold(letter, italic=not 'Α' <= letter <= 'Ω')}</mi>"
            case Token(text) | Word(text) if text.strip().isdigit():
                return f"<mn>{''.join(_bold(char, italic=False) for char in text.strip())}</mn>"
            case Row(parts):
                return f"<mrow>{''.join(self._boldened(part) for part in parts)}</mrow>"
        return self.one(of)

    def _delimiter(self, text: str, size: int, closing: bool) -> str:
        tall = f'minsize="{_TALL[size]}" maxsize="{_TALL[size]}"' if size else 'stretchy="false"'
        side = "postfix" if closing else "prefix"
        return f'<mo form="{side}" {tall}>{_FENCES[text]}</mo>'

    # --- composed ---

    def _script(self, part: Script, before: Sequence[_Item]) -> _Item:
        if isinstance(part.base, Token) and part.base.text.strip() in _LIMITED:
            return self._limits(part)
        base = self._item(part.base, before)
        return _Item("function" if base.kind == "function" else "letter", self._scripted(part, base.markup))

    def _scripted(self, part: Script, base: str) -> str:
        match part.below, part.above:
            case None, None:
                return base
            case below, None if below is not None:
                return f"<msub>{base}{self.small(below)}</msub>"
            case None, above if above is not None:
                return f"<msup>{base}{self.small(above)}</msup>"
            case below, above if below is not None and above is not None:
                return f"<msubsup>{base}{self.small(below)}{self.small(above)}</msubsup>"
        raise TypeError("a script above or below")

    def _limits(self, part: Script) -> _Item:
        token = part.base.tex.strip()
        big = token in (r"\sum", r"\prod")
        sign = f"<mo>{_OPERATORS[token]}</mo>" if big else f'<mo movablelimits="true" form="prefix">{token[1:]}</mo>'
        match part.below, part.above:
            case below, None if below is not None:
                markup = f"<munder>{sign}{self.small(below)}</munder>"
            case None, above if above is not None:
                markup = f"<mover>{sign}{self.small(above)}</mover>"
            case below, above if below is not None and above is not None:
                markup = f"<munderover>{sign}{self.small(below)}{self.small(above)}</munderover>"
            case _:
                markup = sign
        return _Item("sign" if big else "function", markup)

    def _stretched(self, opening: str, inside: str, closing: str) -> str:
        left, right = _FENCES[opening], _FENCES[closing]
        before = f'<mo form="prefix" stretchy="true">{left}</mo>' if left else ""
        after = f'<mo form="postfix" stretchy="true">{right}</mo>' if right else ""
        return f"<mrow>{before}{inside}{after}</mrow>"

    def _grid(self, grid: Grid) -> str:
        cells = _Printer()
        rows = "".join(f"<mtr>{''.join(f'<mtd>{cells.print(cell)}</mtd>' for cell in row)}</mtr>" for row in grid.rows)
        kind = f"{grid.kind} roomy" if grid.roomy else grid.kind
        table = f'<mtable class="{kind}">{rows}</mtable>'
        match grid.kind:
            case "bmatrix":
                return self._stretched("[", table, "]")
            case "cases":
                return self._stretched(r"\{", table, ".")
        return table

    def _marked(self, part: Marked) -> str:
        inside = self.one(part.of)
        if part.kind == "shape" and part.shape is not None:
            shape = f'<mrow class="shape">{_Printer(script=True).print(part.shape)}</mrow>'
            return f"<munder><munder>{inside}<mo>⏟</mo></munder>{shape}</munder>"
        return f'<mrow class="{part.kind}">{inside}</mrow>'


def _split(text: str) -> list[str]:
    """Letters, and the commands of Greek ones, of a word."""
    pieces: list[str] = []
    for char in text:
        if pieces and pieces[-1].startswith("\\") and char.isalpha() and char.isascii():
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces

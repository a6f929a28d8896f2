"""LaTeX as two types that are not strings: `Math` stands between dollars, `Text` in a paragraph.

A template takes nothing else. `text("50 % of x_1")` escapes, character by character; `math(...)` marks LaTeX that this
program wrote from a checked node. There is no way from a file's words to LaTeX but through `text`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from solver.typeset.names import GREEK, UNICODE


class NotTypeset(TypeError):
    """A bare value reached a template."""


@dataclass(frozen=True)
class Math:
    """LaTeX of a formula, to stand in math mode."""

    tex: str

    def __html__(self) -> str:
        """What a template writes for this value."""
        return self.tex

    def __str__(self) -> str:
        raise NotTypeset(
            f"a formula was used as a bare string ({self.tex!r}): write `.tex`, or `inline(...)` for words"
        )


@dataclass(frozen=True)
class Text:
    """LaTeX of words, to stand in a paragraph."""

    tex: str

    def __html__(self) -> str:
        """What a template writes for this value."""
        return self.tex

    def __str__(self) -> str:
        raise NotTypeset(f"typeset words were used as a bare string ({self.tex!r}): write `.tex`")

    def __add__(self, other: Text) -> Text:
        return Text(self.tex + other.tex)


ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "'": "'", "`": "`", "\u00a0": "~", "–": "--", "—": "---",
    "…": r"\dots{}", "“": "``", "”": "''", "‘": "`", "’": "'", "×": r"\texttimes{}", "·": r"\textperiodcentered{}",
    "±": r"\textpm{}", "°": r"\textdegree{}", "€": r"\texteuro{}", "§": r"\S{}", "\u00ad": r"\-", "\u202f": r"\,",
    "−": r"\ensuremath{-}", "≠": r"\ensuremath{\neq}", "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}",
    "→": r"\ensuremath{\to}", "∞": r"\ensuremath{\infty}", "∂": r"\ensuremath{\partial}", "∑": r"\ensuremath{\sum}",
    "⊙": r"\ensuremath{\odot}", "⊗": r"\ensuremath{\otimes}", "ᵀ": r"\ensuremath{^{\top}}", "√": r"\ensuremath{\surd}",
    "²": r"\ensuremath{^2}", "³": r"\ensuremath{^3}", "∈": r"\ensuremath{\in}", "≈": r"\ensuremath{\approx}",
    "⇒": r"\ensuremath{\Rightarrow}", "′": r"\ensuremath{'}", "″": r"\ensuremath{''}",
    "∎": r"\ensuremath{\blacksquare}",
    "𝟙": r"\ensuremath{\mathbb{1}}", "ℝ": r"\ensuremath{\mathbb{R}}",
}  # fmt: skip

REPLACEMENT = r"\fbox{\scriptsize ?}"
"""What stands for a character that the page's fonts do not hold: it is seen, never silently lost."""


def _character(char: str) -> str:
    if char in ESCAPES:
        return ESCAPES[char]
    if " " <= char <= "~" or char == "\n":
        return char
    if char in UNICODE:
        return rf"\ensuremath{{{GREEK[UNICODE[char]]}}}"
    if unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return " "
    decomposed = unicodedata.normalize("NFD", char)
    # the T1 encoding of the page's fonts holds the accented letters of the European languages
    if (len(decomposed) > 1 and decomposed[0].isascii()) or char in "ßæœøåłđðþÆŒØÅŁĐÐÞ¿¡":
        return char
    return REPLACEMENT


def text(words: str) -> Text:
    """Words from anywhere, every character escaped; runs of white space are one space."""
    composed = unicodedata.normalize("NFC", " ".join(words.split()))
    lead = " " if words[:1].isspace() and composed else ""
    tail = " " if words[-1:].isspace() and composed else ""
    return Text(lead + "".join(_character(char) for char in composed) + tail if composed else " " * bool(words))


def code(line: str) -> Text:
    """A line of a program: every character as it stands, white space kept."""
    kept = {" ": r"\ ", "\t": r"\ \ \ \ ", "-": "{-}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}"}
    return Text("".join(kept.get(char) or _character(char) for char in line))


def math(tex: str) -> Math:
    """LaTeX that this program wrote, as a formula."""
    return Math(tex)


def inline(formula: Math) -> Text:
    """The formula within a paragraph."""
    return Text(f"${formula.tex}$")


def joined(pieces: Iterable[Text]) -> Text:
    return Text("".join(piece.tex for piece in pieces))


_STRING_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()[]+-*/=!?'")


def pdf_string(words: str) -> Text:
    """Words for the PDF's own strings (title, bookmarks): what is not plain is named by its code point."""
    return Text("".join(c if c in _STRING_SAFE else f'\\unichar{{"{ord(c):04X}}}' for c in " ".join(words.split())))


def pdf_hex(words: str) -> Text:
    """Words as a PDF string object in UTF-16: `<FEFF0061>`."""
    return Text(f"<FEFF{' '.join(words.split()).encode('utf-16-be').hex().upper()}>")


def slug(name: str) -> str:
    """A name made of letters, digits and hyphens, for files, comments and anchors."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name)

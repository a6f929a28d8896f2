"""Letter forms of names: `theta` is θ, `yhat` is ŷ, `W1` is W with subscript 1, `h_prev` is h with "prev".

A name is read as a base, accents and subscripts. The base is a Greek letter, a single letter, or a word. The shape
decides how it is written: scalars italic, vectors and matrices bold, words upright.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from solver.expr.shapes import Shape
from solver.typeset.forms import Accented, Bold, Form, Script, Token, Word, joined

GREEK = {
    "alpha": r"\alpha", "beta": r"\beta", "gamma": r"\gamma", "delta": r"\delta", "epsilon": r"\varepsilon",
    "eps": r"\varepsilon", "varepsilon": r"\varepsilon", "zeta": r"\zeta", "eta": r"\eta", "theta": r"\theta",
    "vartheta": r"\vartheta", "iota": r"\iota", "kappa": r"\kappa", "lambda": r"\lambda", "lam": r"\lambda",
    "mu": r"\mu", "nu": r"\nu", "xi": r"\xi", "pi": r"\pi", "rho": r"\rho", "sigma": r"\sigma", "tau": r"\tau",
    "upsilon": r"\upsilon", "phi": r"\phi", "varphi": r"\varphi", "chi": r"\chi", "psi": r"\psi", "omega": r"\omega",
    "Gamma": r"\Gamma", "Delta": r"\Delta", "Theta": r"\Theta", "Lambda": r"\Lambda", "Xi": r"\Xi", "Pi": r"\Pi",
    "Sigma": r"\Sigma", "Upsilon": r"\Upsilon", "Phi": r"\Phi", "Psi": r"\Psi", "Omega": r"\Omega", "ell": r"\ell",
}  # fmt: skip

ACCENTS = ("hat", "bar", "tilde", "dot", "check")

UNICODE = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi",
    "π": "pi", "ρ": "rho", "ς": "sigma", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi",
    "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ℓ": "ell",
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """A name taken apart: the base as LaTeX (or a word), accents from the inside out, subscripts."""

    base: str
    word: bool = False
    accents: tuple[str, ...] = ()
    subscripts: tuple[Form, ...] = ()

    def body(self, bold: bool, command: str = r"\bm") -> Form:
        """The base with its accents: `\\hat{\\bm{y}}`."""
        body: Form
        if self.word:
            body = Word(self.base, "mathbf" if bold else "mathrm")
        else:
            body = Bold(Token(self.base), command) if bold else Token(self.base)
        for accent in self.accents:
            body = Accented(body, accent)
        return body

    def form(self, bold: bool, indices: tuple[Form, ...] = (), command: str = r"\bm") -> Form:
        """The whole name, `indices` standing after its own subscripts."""
        below = (*self.subscripts, *indices)
        body = self.body(bold, command)
        return Script(body, joined(below, ",")) if below else body

    def tex(self, bold: bool) -> str:
        """The whole name as LaTeX."""
        return self.form(bold).tex


def letter(name: str, *, split: bool = False) -> Letter:
    """The name taken apart; `split` reads a capital with one or two small letters as base and subscript (`Dx`)."""
    return _letter(name, split)


@lru_cache(maxsize=4096)
def _letter(name: str, split: bool) -> Letter:
    head, *rest = [piece for piece in name.split("_") if piece] or [name]
    base, digits = _trailing_digits(head)
    accents: list[str] = []
    while base not in GREEK:
        accent = next((a for a in ACCENTS if base.endswith(a) and _is_letter(base[: -len(a)])), None)
        if accent is None:
            break
        base, accents = base[: -len(accent)], [accent, *accents]
    while rest and rest[0] in ACCENTS:
        accents.append(rest.pop(0))
    below: list[Form] = [Token(digits)] if digits else []
    if split and re.fullmatch(r"[A-Z][a-z]{1,2}", base) and base not in GREEK:
        base, tail = base[0], base[1:]
        below.insert(0, Token(tail))
    subscripts = [*below, *(_subscript(piece) for piece in rest)]
    known = _symbol(base)
    return Letter(known or _word(base), known is None, tuple(accents), tuple(subscripts))


def _is_letter(base: str) -> bool:
    """Whether an accent may sit on this base: one letter, plain or Greek, or one that already has an accent."""
    if _symbol(base) is not None:
        return True
    return any(base.endswith(a) and _is_letter(base[: -len(a)]) for a in ACCENTS if len(base) > len(a))


def _symbol(base: str) -> str | None:
    """The LaTeX of a single letter, or None for a word."""
    if base in GREEK:
        return GREEK[base]
    if base in UNICODE:
        return GREEK[UNICODE[base]]
    return base if len(base) == 1 and base.isascii() and base.isalpha() else None


def _word(base: str) -> str:
    return "".join(GREEK.get(UNICODE.get(char, ""), char) for char in base)


def _trailing_digits(head: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)([0-9]+)", head)
    return (found[1], found[2]) if found and found[1] else (head, "")


def _subscript(piece: str) -> Form:
    if piece.isdigit():
        return Token(piece)
    if piece == "star":
        return Token(r"\star")
    base, digits = _trailing_digits(piece)
    symbol = _symbol(base)
    body = Token(symbol) if symbol is not None else Word(_word(base))
    return Script(body, Token(digits)) if digits else body


def is_bold(shape: Shape) -> bool:
    """Whether a name of this shape is written bold: every vector and matrix is."""
    return bool(shape)


# --- widths, in em ------------------------------------------------------------------------------------------------

_WIDTHS = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    .53, .48, .42, .53, .42, .32, .52, .53, .31, .31, .48, .31, .82, .59, .48, .53, .5, .42, .41, .36, .59, .53, .76,
    .53, .53, .47), strict=True)) | dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    .76, .66, .71, .82, .66, .62, .77, .83, .38, .4, .73, .6, .98, .82, .81, .66, .81, .71, .59, .67, .82, .77, .98,
    .77, .72, .71), strict=True))  # fmt: skip


def width(tex: str) -> float:
    """About how wide a name's LaTeX is at the text's size: letters by a table, commands as one letter."""
    total, scale, depth = 0.0, 1.0, 0
    marks: list[int] = []
    for token in re.findall(r"\\[A-Za-z]+|\\.|.", tex):
        match token:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if marks and marks[-1] == depth:
                    marks.pop()
                    scale /= 0.72
            case "_" | "^":
                marks.append(depth)
                scale *= 0.72
            case r"\hat" | r"\bar" | r"\tilde" | r"\dot" | r"\check" | r"\bm" | r"\mathrm" | r"\mathbf" | " ":
                pass
            case r"\," | ",":
                total += 0.2 * scale
            case _:
                total += (_WIDTHS.get(token, 0.56) if not token.startswith("\\") else 0.62) * scale
    return total

"""Characters outside ASCII, as the commands they stand for; accents and styles that Unicode puts into one character."""

from __future__ import annotations

import unicodedata

GLYPHS = {
    "−": "-", "–": "-", "×": "times", "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", "⊙": "odot", "∘": "circ",
    "⊗": "otimes", "⊘": "oslash", "∗": "ast", "÷": "div", "∕": "/", "⁄": "/", "±": "pm",
    "≤": "le", "≥": "ge", "⩽": "le", "⩾": "ge", "≠": "ne", "≡": "equiv", "≔": "coloneqq", "≜": "triangleq",
    "≈": "approx", "∼": "sim", "∝": "propto", "∈": "in", "∉": "notin", "→": "to", "⇒": "Rightarrow", "⟹": "Rightarrow",
    "⇔": "iff", "∧": "land", "∨": "lor", "¬": "lnot", "∀": "forall", "∃": "exists",
    "∂": "partial", "∇": "nabla", "∞": "infty", "∑": "sum", "∏": "prod", "√": "sqrt",
    "‖": "Vert", "∥": "Vert", "∣": "mid", "⟨": "langle", "⟩": "rangle", "〈": "langle", "〉": "rangle",
    "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "′": "prime", "’": "prime", "ℓ": "ell", "⊤": "top",
    "†": "dagger", "⊺": "intercal", "ℏ": "hbar", "∅": "emptyset", "∆": "Delta", "Ω": "Omega", "µ": "mu",
    "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta", "ϱ": "rho", "ϖ": "pi", "ϰ": "kappa", "ς": "varsigma",
}  # fmt: skip
"""Characters that are a command (a single ASCII sign stands for itself)."""

_GREEK_ORDER = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "varsigma",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
for _number, _name in enumerate(_GREEK_ORDER):
    if _name != "omicron":
        GLYPHS[chr(0x3B1 + _number)] = _name
        if _name != "varsigma":
            GLYPHS[chr(0x391 + _number)] = _name.capitalize()
del _number, _name

_LATIN_CAPITALS = {"Alpha": "A", "Beta": "B", "Epsilon": "E", "Zeta": "Z", "Eta": "H", "Iota": "I", "Kappa": "K",
                   "Mu": "M", "Nu": "N", "Rho": "P", "Tau": "T", "Chi": "X"}  # fmt: skip
for _glyph, _command in list(GLYPHS.items()):
    if _command in _LATIN_CAPITALS:
        GLYPHS[_glyph] = _LATIN_CAPITALS[_command]
del _glyph, _command

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗ", "0123456789+-=()niTt", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))
"""Superscript and subscript characters, as what they raise or lower."""

MARKS = {
    "\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot",
    "\u20d7": "vec", "\u20d1": "vec", "\u0332": "underline",
}  # fmt: skip
"""Combining characters, as the accents they are."""

_STYLES = {"BOLD": "mathbf", "DOUBLE-STRUCK": "mathbb", "SCRIPT": "mathcal", "FRAKTUR": "mathfrak",
           "SANS-SERIF": "mathsf", "MONOSPACE": "mathtt", "ITALIC": "mathit"}  # fmt: skip


def unfold(char: str) -> tuple[tuple[str, ...], str] | None:
    """The commands before a letter and the letter itself: `𝐱` is `\\mathbf x`, `ŷ` is `\\hat y`; None if it is none."""
    name = unicodedata.name(char, "")
    if name.startswith(("MATHEMATICAL ", "DOUBLE-STRUCK ", "SCRIPT ", "BLACK-LETTER ")):
        plain = unicodedata.normalize("NFKC", char)
        style = next((command for word, command in _STYLES.items() if word in name), "")
        if len(plain) == 1 and plain != char:
            return ((style,) if style else ()), plain
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in MARKS:
        return (MARKS[parts[1]],), parts[0]
    return None

r"""Which declared name a letter is: `\hat{\bm y}` is `yhat`, `W^{(1)}` is `W1`, `h_{\mathrm{prev}}` is `h_prev`.

Both sides come to one form, a `Look`: a base letter (or a word), its accents, its subscript. A declared name has one
form that it reads as at sight and possibly some that it may also be written in (`Dx` is the word Dx, or D with the
subscript x); the first kind goes before the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from solver.expr.nodes import Idx, Node, SizeSym, Sym
from solver.expr.read import Scope
from solver.latex.atoms import Accent, Fence, Group, Items, Letter, Number, Scripted, Sign, Word, bare
from solver.latex.commands import GREEK
from solver.latex.glyphs import GLYPHS

Role = Literal["symbol", "size", "index", "function"]

_ACCENTS = ("hat", "bar", "tilde", "dot", "ddot", "check", "star", "prime")
_SPELLINGS = {"lam": "lambda", "eps": "epsilon", "ups": "upsilon", "l": "l", "vec": ""}
_GREEK = {
    name: GREEK[name]
    for name in GREEK
    if name not in ("partial", "nabla", "infty", "emptyset", "imath", "jmath", "hbar")
} | {"lam": "lambda", "eps": "epsilon"}


@dataclass(frozen=True)
class Look:
    """How a name looks: `theta`; `y` with a hat; `W` with the subscript 1."""

    base: str
    accents: tuple[str, ...] = ()
    sub: str = ""

    def __str__(self) -> str:
        return "".join((*(f"{accent} " for accent in self.accents), self.base, f"_{self.sub}" if self.sub else ""))


@dataclass(frozen=True)
class Declared:
    """A declared name and what it is; `node` is None for a function."""

    name: str
    role: Role
    node: Node | None


@dataclass
class Names:
    """The declared names by their looks, those at sight first."""

    sure: dict[Look, list[Declared]] = field(default_factory=dict)
    loose: dict[Look, list[Declared]] = field(default_factory=dict)

    @staticmethod
    def of(scope: Scope, define: Mapping[str, Node]) -> Names:
        names = Names()
        for declared in _declared(scope, define):
            looks = list(looks_of(declared.name))
            for number, look in enumerate(looks):
                table = names.loose if number else names.sure
                table.setdefault(look, []).append(declared)
        return names

    def find(self, look: Look) -> list[Declared]:
        """The names that look so: one, or several where the look is ambiguous, or none."""
        return self.sure.get(look) or self.loose.get(look) or []

    @property
    def all(self) -> list[str]:
        return sorted({declared.name for found in self.sure.values() for declared in found})

    def words(self) -> frozenset[str]:
        """The bases of several letters that are no Greek letter: names that are spelled out."""
        return frozenset(
            look.base for look in (*self.sure, *self.loose) if len(look.base) > 1 and look.base not in _GREEK
        )


def _declared(scope: Scope, define: Mapping[str, Node]) -> Iterator[Declared]:
    for name, symbol in scope.symbols.items():
        yield Declared(name, "symbol", symbol)
    for name, value in define.items():
        if name not in scope.symbols:
            yield Declared(name, "symbol", Sym(name, value.shape))
    for name in sorted(scope.sizes):
        yield Declared(name, "size", SizeSym(name))
    for name, index in scope.indices.items():
        yield Declared(name, "index", Idx(index.name, index.range))
    for name in sorted(scope.functions):
        yield Declared(name, "function", None)


# --- from a declared name -----------------------------------------------------------------------------------------


def looks_of(name: str) -> Iterator[Look]:
    """The looks of a declared name, the likeliest first: `W1` and `W_1`; `Dx` as a word, then D with subscript x."""
    first, *rest = [part for part in _ascii(name).split("_") if part] or [name]
    accents, sub = [], ""
    for part in rest:
        if part in _ACCENTS and not sub:
            accents.append(part)
        else:
            sub += _GREEK.get(part, part)
    for base, own, below in _first(first):
        yield Look(base, (*own, *accents), below + sub)
    if len(rest) == 1 and not accents:
        yield Look(_GREEK.get(first, first) + sub)


def _ascii(name: str) -> str:
    return "".join(f"_{GLYPHS[char]}_" if char in GLYPHS else char for char in name) if not name.isascii() else name


def _first(part: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """What the part before the first underscore may be: base, accents, subscript."""
    match = re.fullmatch(r"([A-Za-z]+)(\d*)([A-Za-z]*)(\d*)", part)
    if match is None:
        yield part, (), ""
        return
    letters, digits, after, more = match.groups()
    accent = next((a for a in _ACCENTS if after == a), "")
    if after and not accent:
        yield part, (), ""
        if len(letters) == 1 or letters in _GREEK:
            yield _GREEK.get(letters, letters), (), digits + after + more
        return
    own = (accent,) if accent else ()
    if len(letters) == 1 or letters in _GREEK:
        yield _GREEK.get(letters, letters), own, digits + more
        return
    ending = next((a for a in sorted(_ACCENTS, key=len, reverse=True) if letters.endswith(a)), "")
    stem = letters.removesuffix(ending) if ending else ""
    if stem and (len(stem) == 1 or stem in _GREEK):
        yield _GREEK.get(stem, stem), (*own, ending), digits + more
    yield letters, own, digits + more
    if not digits and not own:
        greek = max((g for g in _GREEK if letters.startswith(g) and len(g) > 1), key=len, default="")
        head = greek or letters[0]
        yield _GREEK.get(head, head), (), letters[len(head) :]
    elif digits:
        yield letters + digits + more, own, ""


# --- from what is written -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """A written name with everything that hangs on it, accents and scripts sorted out."""

    letter: Letter | Word | Number
    accents: tuple[str, ...] = ()
    sub: Items = ()
    sup: Items = ()
    primes: int = 0

    @property
    def base(self) -> str:
        return self.letter.text


def written(atom: object) -> Written | None:
    r"""The atom as a written name: `\hat{y}_i` and `\hat{y_i}` are both y with a hat and the subscript i."""
    match atom:
        case Letter() | Word() | Number():
            return Written(atom)
        case Accent(kind=kind, body=body):
            inner = bare(body)
            name = written(inner[0]) if len(inner) == 1 else None
            if name is None and inner and all(isinstance(item, Letter) for item in inner):
                name = Written(Word(inner[0].span.to(inner[-1].span), "".join(item.text for item in inner)))  # type: ignore[attr-defined]
            if name is None:
                return None
            return Written(
                name.letter, (*name.accents, kind) if kind else name.accents, name.sub, name.sup, name.primes
            )
        case Group(items=items):
            inner = bare(items)
            return written(inner[0]) if len(inner) == 1 else None
        case Scripted(base=base, sub=sub, sup=sup, primes=primes):
            name = written(base)
            if name is None or (name.sub and sub) or (name.sup and sup) or (isinstance(base, Group) and name.sup):
                return None
            return Written(name.letter, name.accents, sub or name.sub, sup or name.sup, primes or name.primes)
    return None


def spelled(items: Items) -> str | None:
    """Letters and digits of a subscript in one run, commas left out; None where something else stands there."""
    text = ""
    for item in bare(items):
        match item:
            case Letter(text=letter) | Word(text=letter) | Number(text=letter):
                text += _GREEK.get(letter, letter).replace(" ", "")
            case Sign(text=","):
                pass
            case Sign(text="*"):
                text += "star"
            case Group(items=inner):
                below = spelled(inner)
                if below is None:
                    return None
                text += below
            case Scripted(base=base, sub=tuple() as inner, sup=None, primes=0):
                # \delta_{h_1}
                head, below = spelled((base,)), spelled(inner)
                if head is None or below is None:
                    return None
                text += head + below
            case _:
                return None
    return text


def layer(sup: Items) -> str | None:
    r"""The layer that a superscript in brackets names, `W^{(2)}`, `b^{[l]}`; None for any other superscript."""
    match bare(sup):
        case (Fence(kind="(" | "[", items=items),):
            return spelled(items)
    return None

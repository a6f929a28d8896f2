"""What a printer of formulas knows besides the node: the letters in play, the style, the marks on parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Big, Idx, Node, Path, Table, walk
from solver.expr.shapes import Shape
from solver.spec.problem import Layout
from solver.typeset.box import Box
from solver.typeset.declared import declared
from solver.typeset.forms import Form, Word
from solver.typeset.names import letter

NOT_ALONE = (r"\sqrt", r"\begin{cases}")
"""Signs that need what stands under them, so that the function is spoken of by its name."""


@dataclass(frozen=True)
class Context:
    """The names of one problem: what a letter may mean on this page.

    A function whose customary letter (σ, δ, e, Φ, …) is taken by one of `names` is written out instead. `heard` is
    told of every formula that is written, with its LaTeX.
    """

    layout: Layout = "row"
    names: Mapping[str, Shape] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    indices: frozenset[str] = frozenset()
    bold: str = r"\bm"
    """The command for bold letters: matplotlib knows another one."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The words that stand in formulas (`if`, `otherwise`) by the English ones, in another language."""
    heard: Callable[[Node, str], object] | None = field(default=None, compare=False)
    boxes: dict[object, Box] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Formulas that are laid out already, by what they are laid out from: each is measured several times before it is
    written."""

    @cached_property
    def letters(self) -> frozenset[str]:
        """The base letters that the problem's own names use, as LaTeX."""
        return frozenset(letter(name).base for name in (*self.names, *self.sizes, *self.indices))

    def hear(self, node: Node, *written: Form) -> None:
        if self.heard is not None:
            self.heard(node, " ".join(form.tex for form in written))

    def word(self, english: str) -> str:
        return self.words.get(english, english)

    def free(self, tex: str) -> bool:
        """Whether no name of the problem is written with this letter."""
        return tex not in self.letters

    def function(self, name: str) -> Form:
        """A function's sign; written out where its letter is taken."""
        tex = FUNCTIONS[name].latex
        # φ and ϕ are one letter to a reader
        plain = tex.replace(r"\var", "\\")
        taken = any(plain.endswith(base.replace(r"\var", "\\")) for base in self.letters if base.startswith("\\"))
        spelled = taken or tex in ("", *NOT_ALONE)
        return Word(name.replace("_", " "), "operatorname") if spelled else declared(tex)


@dataclass(frozen=True)
class Mark:
    """What is drawn on a part: struck out, brought out, or its shape written under it."""

    kind: Literal["cancel", "focus", "shape"]
    shape: Shape = ()


Style = Literal["display", "text", "cell", "inline", "script"]
"""display: a line of its own · text: inside a fraction · cell: an entry of a matrix or a case · inline: among words ·
script: in an exponent or a subscript."""

Printer = Callable[[Node, "Setting"], Box]


@dataclass(frozen=True)
class Setting:
    """Where the printer stands: `path` is None inside what the node does not spell out (the entries of a table)."""

    context: Context
    printer: Printer
    style: Style = "display"
    marks: Mapping[Path, Mark] = field(default_factory=dict)
    path: Path | None = ()
    bound: frozenset[str] = frozenset()

    def box(self, node: Node) -> Box:
        return self.printer(node, self)

    def child(self, number: int) -> Setting:
        return replace(self, path=None if self.path is None else (*self.path, number))

    def styled(self, style: Style) -> Setting:
        return replace(self, style=style)

    def hidden(self) -> Setting:
        """The setting for a part that is made up while printing, and so has no place of its own."""
        return replace(self, path=None)

    def binding(self, *names: str) -> Setting:
        return replace(self, bound=self.bound | set(names))

    @property
    def slashes(self) -> bool:
        """Whether quotients are written `a/b`."""
        return self.style in ("inline", "script")

    @property
    def nested(self) -> Setting:
        """The setting above and below a fraction's bar."""
        return self.styled("text") if self.style in ("display", "cell") else self

    def fresh(self, count: int, *nodes: Node) -> list[str]:
        """Letters for indices that the printer makes up: unused in the nodes, around them, in the problem's names."""
        used = set(self.bound) | set(self.context.names) | self.context.sizes | _letters(nodes)
        found = [name for name in (*"ijklmnpqrst", *(f"i{k}" for k in range(1, 100))) if name not in used]
        return found[:count]


def _letters(nodes: Iterable[Node]) -> set[str]:
    used: set[str] = set()
    for node in nodes:
        for part in walk(node):
            match part:
                case Idx(name=name):
                    used.add(name)
                case Big(index=index):
                    used.add(index.name)
                case Table(row=row, column=column):
                    used |= {row.name, column.name}
    return used

"""Reading the expressions of a file: each with its place, all of its mistakes collected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from solver.expr.nodes import At, Idx, Node, SizeSym, Sym, walk
from solver.expr.read import ReadError, Scope, read, read_condition, read_open
from solver.expr.shapes import ShapeError
from solver.latex import LatexError, read_latex
from solver.spec.mistakes import Mistake
from solver.spec.notation import is_latex, latex_in
from solver.spec.problem import Layout, Symbol
from solver.spec.texts import OpenBacktick, read_piece, spans
from solver.spec.tree import Scalar, Value

T = TypeVar("T")
MAX_MISTAKES = 500
"""After so many, expressions are read no further."""
TOKEN = re.compile(r"(?<![\w.])([^\W\d]\w*)(?!\w)(?!\s*\()")
"""A name that is not a function's."""


@dataclass(frozen=True)
class Reading:
    """The names at hand and the mistakes found so far.

    `unreadable` are names whose own declaration has a mistake: what mentions them is passed over, so that one
    mistake is one message. `used` are the symbols that expressions have mentioned.
    """

    layout: Layout
    symbols: Mapping[str, Symbol]
    define: Mapping[str, Node]
    sizes: frozenset[str]
    indices: Mapping[str, Idx]
    unreadable: frozenset[str]
    mistakes: list[Mistake] = field(default_factory=list)
    variables: Mapping[str, Sym] = field(default_factory=dict)
    """Symbols that a figure introduces for itself."""
    opens: bool = False
    """Whether expressions may introduce indices: in a part whose ask could not be read, so that its are unknown."""

    @cached_property
    def scope(self) -> Scope:
        data = {symbol.name: symbol.node for symbol in self.symbols.values() if not symbol.function}
        named = {name: Sym(name, value.shape) for name, value in self.define.items()}
        return Scope(
            symbols={**data, **named, **self.variables},
            layout=self.layout,
            sizes=self.sizes,
            indices=self.indices,
            functions=frozenset(symbol.name for symbol in self.symbols.values() if symbol.function),
        )

    def within(self, indices: Iterable[Idx] = (), variables: Iterable[Sym] = ()) -> Reading:
        """The same, with further indices and variables; the mistakes are collected together."""
        return replace(
            self,
            indices={**self.indices, **{index.name: index for index in indices}},
            variables={**self.variables, **{variable.name: variable for variable in variables}},
        )

    def report(self, at: Value, message: str, hint: str = "") -> None:
        self.mistakes.append(at.mistake(message, hint))

    def skips(self, text: str) -> bool:
        """Whether the text mentions a name that cannot be read."""
        return any(name in self.unreadable for name in TOKEN.findall(text))

    def attempt(self, at: Scalar, action: Callable[[str], T], start: int = 0, end: int | None = None) -> T | None:
        """`action` on `at.text[start:end]`; None, with its mistake reported, where that cannot be read."""
        text = at.text[start:end]
        if self.skips(text) or len(self.mistakes) > MAX_MISTAKES:
            return None
        try:
            found = action(_one_line(text))
        except (ReadError, LatexError) as error:
            first, last = start + error.start, start + max(error.end, error.start + 1)
            self.mistakes.append(at.mistake(error.message, error.hint, first, last))
        except ShapeError as error:
            self.mistakes.append(at.mistake(error.message, error.hint, start, end))
        else:
            self._whole_indices(at, start, text, found)
            return found
        return None

    def _whole_indices(self, at: Scalar, start: int, text: str, found: object) -> None:
        """A symbol between index brackets must be a whole number."""
        nodes = [node for node in (found if isinstance(found, tuple) else (found,)) if isinstance(node, Node)]
        entries = [part for node in nodes for part in walk(node) if isinstance(part, At)]
        indices = [part for entry in entries for index in entry.at if index is not None for part in walk(index)]
        names = {part.name for part in indices if isinstance(part, Sym)} & self.symbols.keys()
        for name in sorted(names):
            if {"integer", "binary"}.isdisjoint(self.symbols[name].traits):
                place = re.search(rf"\[[^\[\]]*?(?<!\w)({name})(?!\w)", text)
                first, last = place.span(1) if place else (0, len(text))
                message = f"`{name}` is not declared a whole number and cannot be an index"
                hint = f"write `{name}: {{is: integer}}`"
                self.mistakes.append(at.mistake(message, hint, start + first, start + last))

    def expression(self, at: Scalar) -> Node | None:
        if self.opens:
            found = self.opened(at)
            return found[0] if found else None
        if self.opens:
            found = self.opened(at)
            return found[0] if found else None
        return self.attempt(at, lambda text: read(text, self.scope))

    def formula(self, at: Scalar) -> Node | None:
        """An expression in the problem language or, between dollars, in LaTeX."""
        if not is_latex(at.text):
            return self.expression(at)
        inside = latex_in(at.text)
        if inside is None:
            self.mistakes.append(at.mistake("the closing mark of this LaTeX is missing", "write it as `$…$`", 0, 2))
            return None
        # which names a formula in LaTeX mentions is known only when it is read
        if self.unreadable or self.opens:
            return None
        return self.attempt(at, lambda text: read_latex(text, self.scope, self.define), *inside)

    def condition(self, at: Scalar) -> Node | None:
        if self.opens:
            return None
        if self.opens:
            return None
        return self.attempt(at, lambda text: read_condition(text, self.scope))

    def opened(self, at: Scalar) -> tuple[Node, tuple[Idx, ...]] | None:
        """An expression that may introduce indices: `P[k, l]`."""
        return self.attempt(at, lambda text: read_open(text, self.scope))

    def variable(self, at: Scalar) -> tuple[Node, tuple[Idx, ...]] | None:
        """What is differentiated by: a symbol, a name of `define`, an entry, a row or a column; or a mistake."""
        found = self.opened(at)
        if found is None:
            return None
        node = found[0]
        base = node.arg if isinstance(node, At) else node
        if isinstance(base, SizeSym | Idx):
            what = "a size" if isinstance(base, SizeSym) else "an index"
            self.report(at, f"`{base.name}` is {what} and does not vary")
            return None
        if not isinstance(base, Sym):
            self.report(at, "an expression is no variable", "name a symbol, a name of `define` or an entry `W[i, j]`")
            return None
        traits = self.symbols[base.name].traits if base.name in self.symbols else ()
        still = next((trait for trait in ("constant", "integer", "binary") if trait in traits), None)
        if still is not None:
            self.report(at, f"`{base.name}` is declared `{still}` and does not vary")
            return None
        return found

    def text(self, at: Scalar | None) -> str:
        """The text, after reading every piece of mathematics in it."""
        if at is None:
            return ""
        try:
            for span in spans(at.text):
                if span.mathematics:
                    self._piece(at, span.start, span.end)
        except OpenBacktick as error:
            position = error.position
            self.mistakes.append(at.mistake("this backtick has no partner", "", position, position + 1))
        return at.text.strip()

    def _piece(self, at: Scalar, start: int, end: int) -> None:
        if not at.text[start:end].strip():
            self.mistakes.append(at.mistake("nothing stands between the backticks", "", start - 1, end + 1))
            return
        self.attempt(at, lambda code: read_piece(code, self.scope, self.opens), start, end)


def _one_line(text: str) -> str:
    """The text with line breaks as blanks, character for character; blanks at its start count too."""
    return text.replace("\n", " ").replace("\t", " ")

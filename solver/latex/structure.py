r"""From tokens to the layout of a formula: brackets matched, scripts attached, commands with their arguments.

Scripts attach as in TeX, to the piece before them; `(`, `[` and bars are matched whether or not `\left` stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from solver.latex import commands
from solver.latex.atoms import (
    Accent,
    Atom,
    BigSign,
    Break,
    Dots,
    Fence,
    Frac,
    Gap,
    Grid,
    Group,
    Items,
    Letter,
    Number,
    Prose,
    Root,
    Scripted,
    Sign,
    Word,
    bare,
    span_of,
)
from solver.latex.errors import LatexError, Span
from solver.latex.tokens import Token, tokenize

MAX_DEPTH = 40

_BARS = {"|": "|", "vert": "|", "Vert": "||", "lvert": "|", "rvert": "|", "lVert": "||", "rVert": "||"}
_SHAPES = {"(": "(", "[": "[", "lbrace": "{", "langle": "<", "lbrack": "[", "lparen": "("}
_ENDS = {")": "(", "]": "[", "rbrace": "{", "rangle": "<", "rbrack": "[", "rparen": "("}
_SHOWN = {"(": ")", "[": "]", "{": r"\}", "|": "|", "||": r"\|", "<": r"\rangle", ".": r"\right."}


def layout(text: str) -> Items:
    """The whole text, laid out; line ends and columns stand in it as breaks."""
    parser = _Layout(tokenize(text))
    items = parser.items(_never)
    if parser.peek is not None:
        raise LatexError.at(parser.peek.span, _unexpected(parser.peek))
    return items


def _never(token: Token) -> bool:
    return False


def _unexpected(token: Token) -> str:
    match token.kind:
        case "close":
            return "this brace closes nothing"
        case "end":
            return rf"\end{{{token.text}}} has no \begin"
    return "this bracket closes nothing"


@dataclass
class _Layout:
    tokens: list[Token]
    position: int = 0
    depth: int = 0
    bar: str = ""
    """The bar that would close the innermost bracket, if that is a bar."""

    @property
    def peek(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def next(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def items(self, stop: Callable[[Token], bool]) -> Items:
        """Pieces up to a token that stops them, or that can begin none."""
        self.depth += 1
        found: list[Atom] = []
        while (token := self.peek) is not None:
            if self.depth > MAX_DEPTH:
                raise LatexError.at(token.span, f"brackets or scripts nested more than {MAX_DEPTH} deep")
            if stop(token) or self.closes(token, found):
                break
            found.extend(self.piece(found))
        self.depth -= 1
        return tuple(found)

    def closes(self, token: Token, before: list[Atom]) -> bool:
        if token.kind in ("close", "end") or token.is_command(*commands.CLOSERS):
            return True
        if token.is_command(*commands.SIZED) and self.position + 1 < len(self.tokens):
            token = self.tokens[self.position + 1]
        if token.kind not in ("sign", "command"):
            return False
        if token.text in _ENDS or token.text in ("rvert", "rVert"):
            return True
        closing = _BARS.get(token.text) == self.bar != ""
        return closing and bool(before) and not isinstance(before[-1], Sign)

    def piece(self, before: list[Atom]) -> list[Atom]:
        """The next piece with its scripts; style commands may give several."""
        token = self.peek
        assert token is not None
        if token.kind in ("sup", "sub", "prime") and not before:
            raise LatexError.at(token.span, "a script with nothing before it to stand on")
        if token.kind in ("sup", "sub", "prime"):
            raise LatexError.at(token.span, "a script cannot stand here")
        nucleus = self.nucleus()
        if not nucleus or isinstance(nucleus[-1], (Gap, Break, Prose)):
            return nucleus
        last = self.scripts(nucleus.pop())
        if isinstance(last, Group):  # braces without a script are not seen
            return [*nucleus, *last.items]
        return [*nucleus, last]

    def scripts(self, base: Atom) -> Atom:
        sub: Items | None = None
        sup: Items | None = None
        primes, span = 0, base.span
        while (token := self.peek) is not None and token.kind in ("sup", "sub", "prime"):
            self.next()
            if token.kind == "prime":
                primes += 1
                span = span.to(token.span)
                continue
            body = self.argument(token)
            span = span.to(span_of(body, token.span)).to(self.tokens[self.position - 1].span)
            if token.kind == "sub":
                if sub is not None:
                    raise LatexError.at(span, "two subscripts on one piece", "put both in one pair of braces")
                sub = body
                continue
            marks = [k for k, atom in enumerate(body) if isinstance(atom, Sign) and atom.text == "prime"]
            if marks and len(marks) == len(body):
                primes += len(marks)
            elif sup is not None:
                raise LatexError.at(span, "two superscripts on one piece", "use brackets")
            else:
                sup = body
        if sub is None and sup is None and not primes:
            return base
        if isinstance(base, Group):
            inner = bare(base.items)
            if len(inner) != 1:
                what = "nothing" if not inner else "braces, which are not seen"
                raise LatexError.at(span, f"a script on {what}", "put brackets where they are meant")
            base = inner[0] if not isinstance(inner[0], Scripted) else replace(base, items=inner)
        return Scripted(span, base, sub, sup, primes)

    def argument(self, command: Token) -> Items:
        """What a command or a script takes: braces, or one piece without scripts."""
        token = self.peek
        if token is None or token.kind in ("close", "end", "amp", "newline", "sup", "sub", "prime"):
            raise LatexError.at(command.span, f"{_shown(command)} needs something after it")
        if token.kind == "open":
            return self.group().items
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LatexError.at(token.span, f"commands nested more than {MAX_DEPTH} deep")
        nucleus = self.nucleus()
        self.depth -= 1
        if not nucleus:
            raise LatexError.at(command.span, f"{_shown(command)} needs something after it")
        return tuple(nucleus)

    def group(self) -> Group:
        opening, bar = self.next(), self.bar
        self.bar = ""
        items = self.items(_never)
        self.bar = bar
        token = self.peek
        if token is None or token.kind != "close":
            place = opening.span if token is None else token.span
            raise LatexError.at(place, "this brace is never closed" if token is None else _unexpected(token))
        return Group(opening.span.to(self.next().span), items)

    def nucleus(self) -> list[Atom]:
        token = self.next()
        span = token.span
        match token.kind:
            case "letter":
                return [Letter(span, token.text)]
            case "number":
                return [Number(span, token.text)]
            case "words":
                return [_words(token)]
            case "name":
                return [Word(span, token.text, "roman")]
            case "amp" | "newline":
                return [Break(span, token.kind == "amp")]
            case "begin":
                return [self.environment(token)]
            case "open":
                self.position -= 1
                return [self.group()]
            case "sign" if token.text in "([":
                return [self.fence(token, token.text)]
            case "sign" if token.text == "|":
                return [self.fence(token, "|")]
            case "sign":
                return [Sign(span, token.text)]
            case "command":
                return self.command(token)
        raise LatexError.at(span, _unexpected(token))

    def command(self, token: Token) -> list[Atom]:
        name, span = token.text, token.span
        if name in commands.GREEK:
            return [Letter(span, commands.GREEK[name], variant=name in commands.VARIANTS)]
        if name in commands.SIGNS:
            return [Sign(span, commands.SIGNS[name])]
        if name in commands.WORDS:
            return [Word(span, name)]
        if name in commands.BIG:
            return [BigSign(span, commands.BIG[name])]
        if name in commands.DOTS:
            return [Dots(span, commands.DOTS[name])]
        if name in commands.GAPS:
            return [Gap(span)]
        if name in commands.STYLES:
            return _styled(self.argument(token), commands.STYLES[name], span)
        if name in commands.OPENERS or name in commands.SIZED:
            return [self.sized(token)]
        if name in _SHAPES or name in _BARS:
            return [self.fence(token, _SHAPES.get(name) or _BARS[name])]
        if name in commands.SECOND:
            body = self.argument(token)
            return list(body) if all(isinstance(item, Sign) for item in body) else [Group(self.since(token), body)]
        if name in commands.FIRST:
            body = self.argument(token)
            self.argument(token)
            return [Group(self.since(token), body)]
        return [self.with_arguments(token)]

    def with_arguments(self, token: Token) -> Atom:
        name = token.text
        if name in commands.FRACTIONS:
            above = self.argument(token)
            below = self.argument(token)
            return Frac(self.since(token), above, below)
        if name in commands.ACCENTS:
            body = self.argument(token)
            return Accent(self.since(token), commands.ACCENTS[name], body)
        if name == "sqrt":
            degree: Items = ()
            if self.peek is not None and self.peek.kind == "sign" and self.peek.text == "[":
                opening = self.next()
                degree = self.closed(opening, "[")
            body = self.argument(token)
            return Root(self.since(token), degree, body)
        if name in commands.WRAPPERS:
            body = self.argument(token)
            return Group(self.since(token), body) if name != "boxed" else Fence(self.since(token), "box", body)
        if name in commands.BRACES:
            body = self.argument(token)
            while (script := self.peek) is not None and script.kind in ("sub", "sup"):
                self.next()
                self.argument(script)
            return Fence(self.since(token), "box", body)
        if name in commands.BRACED_ROWS:
            return self.braced_rows(token, "stack" if name == "substack" else commands.MATRICES.get(name, name))
        raise LatexError.at(token.span, f"\\{name} cannot stand here")

    def since(self, token: Token) -> Span:
        return token.span.to(self.tokens[self.position - 1].span)

    # --- brackets ---

    def sized(self, token: Token) -> Atom:
        r"""`\left(`, `\bigl\{`, `\big|`: what the size stands before."""
        if self.peek is None:
            raise LatexError.at(token.span, f"\\{token.text} needs a bracket after it")
        bracket = self.next()
        if bracket.kind == "sign" and bracket.text == "." and token.text == "left":
            return self.fence(bracket, ".")
        if bracket.text in _SHAPES and bracket.kind in ("sign", "command"):
            return self.fence(bracket, _SHAPES[bracket.text])
        if bracket.text in _BARS and bracket.kind in ("sign", "command"):
            return self.fence(bracket, _BARS[bracket.text])
        raise LatexError.at(token.span.to(bracket.span), f"\\{token.text} needs an opening bracket after it")

    def fence(self, opening: Token, kind: str) -> Atom:
        items = self.closed(opening, kind)
        span = self.since(opening)
        inner = bare(items)
        if len(inner) == 1 and isinstance(inner[0], Grid):
            grid = inner[0]
            if kind in "{." and grid.kind in ("", "lines", "cases"):
                return replace(grid, kind="cases", span=span)
            if grid.kind == "" and kind in ("(", "[", "|", "||"):
                return replace(grid, kind=kind, span=span)
        if kind == ".":
            raise LatexError.at(span, r"\left. stands for no bracket", "only a brace with cases may close with one")
        return Fence(span, kind, items)

    def closed(self, opening: Token, kind: str) -> Items:
        """The pieces up to the bracket that closes this one, which is taken."""
        bar, self.bar = self.bar, kind if kind in ("|", "||") else ""
        items = self.items(_never)
        self.bar = bar
        token = self.peek
        if token is None:
            cure = r"for a condition write \mid" if kind == "|" else ""
            raise LatexError.at(opening.span, "this bracket is never closed", cure)
        if token.is_command(*commands.CLOSERS, *commands.SIZED):
            self.next()
            token = self.peek
            if token is not None and token.kind == "sign" and token.text == "." and kind in "{.":
                self.next()
                return items
        found = None if token is None else _ENDS.get(token.text) or _BARS.get(token.text)
        if token is None or token.kind not in ("sign", "command") or (found != kind and kind != "."):
            place = opening.span if token is None else token.span
            raise LatexError.at(
                opening.span.to(place), f"this bracket is closed by the wrong one: {_SHOWN[kind]} was expected"
            )
        self.next()
        return items

    # --- rows ---

    def environment(self, begin: Token) -> Atom:
        rows = self.rows()
        end = self.peek
        if end is None or end.kind != "end" or end.text != begin.text:
            place = begin.span if end is None else end.span
            raise LatexError.at(place, rf"\begin{{{begin.text}}} and its \end do not match")
        self.next()
        name = begin.text.rstrip("*")
        kind = "cases" if name in commands.CASES else commands.MATRICES.get(name, "lines")
        return Grid(self.since(begin), kind, rows)

    def braced_rows(self, token: Token, kind: str) -> Atom:
        if self.peek is None or self.peek.kind != "open":
            raise LatexError.at(token.span, f"\\{token.text} needs braces after it")
        opening = self.next()
        rows = self.rows()
        closing = self.peek
        if closing is None or closing.kind != "close":
            raise LatexError.at(opening.span, "this brace is never closed")
        self.next()
        return Grid(self.since(token), kind, rows)

    def rows(self) -> tuple[tuple[Items, ...], ...]:
        bar, self.bar = self.bar, ""
        rows: list[tuple[Items, ...]] = []
        cells: list[Items] = []
        while True:
            cells.append(self.items(lambda token: token.kind in ("amp", "newline")))
            token = self.peek
            if token is not None and token.kind == "amp":
                self.next()
                continue
            rows.append(tuple(cells))
            cells = []
            if token is None or token.kind != "newline":
                break
            self.next()
        self.bar = bar
        if len(rows) > 1 and not any(rows[-1]):
            rows.pop()
        return tuple(rows)


def _shown(token: Token) -> str:
    return f"\\{token.text}" if token.kind == "command" else token.text


def _words(token: Token) -> Atom:
    """Words: one plain word may be a name, anything else is prose."""
    text = token.text
    if (text.isascii() and text.isalpha()) or (text.replace("_", "").isalnum() and text[:1].isalpha()):
        return Word(token.span, text, "text") if len(text) > 1 else Letter(token.span, text, "roman")
    return Prose(token.span, text)


def _styled(items: Items, style: str, span: Span) -> list[Atom]:
    r"""The pieces in a style; several bare letters together are a word (`\mathrm{prev}`)."""
    styled = tuple(_with_style(item, style) for item in items)
    if len(styled) > 1 and all(isinstance(item, Letter) and len(item.text) == 1 for item in styled):
        letters = [item for item in styled if isinstance(item, Letter)]
        return [Word(span_of(styled, span), "".join(item.text for item in letters), style, styled)]
    if len(styled) > 1 and isinstance(styled[0], Letter) and all(isinstance(s, (Letter, Number)) for s in styled):
        text = "".join(item.text for item in styled if isinstance(item, (Letter, Number)))
        return [Word(span_of(styled, span), text, style, styled)]
    return [styled[0]] if len(styled) == 1 else [Group(span_of(styled, span), styled)]


def _with_style(item: Atom, style: str) -> Atom:
    match item:
        case Letter() | Number() | Word():
            return replace(item, style=style)
        case Accent(body=body):
            return replace(item, body=tuple(_with_style(part, style) for part in body))
        case Scripted(base=base):
            return replace(item, base=_with_style(base, style))
        case Group(items=items):
            return Group(item.span, tuple(_with_style(part, style) for part in items))
    return item

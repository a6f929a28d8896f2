r"""The grammar: sums of terms, terms of runs of factors, factors with their scripts and arguments.

sum    = [-] term (± term)*
term   = run ((⊙ | ⊘ | ⊗) run)*          these reach further than factors side by side
run    = factor ([·] factor)* [/ factor]  ·, × and nothing at all are one product, by the shapes
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Big, Call, Cmp, Div, Idx, Neg, Node, Num, Pow, Table, contains, num, substitute
from solver.expr.sizes import ONE
from solver.latex import application, calculus, conditions, grids
from solver.latex.atoms import (
    Accent,
    Atom,
    BigSign,
    Break,
    Dots,
    Fence,
    Frac,
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
    is_sign,
    span_of,
)
from solver.latex.bigs import bind_unknown, closed, look_of_index, read_big
from solver.latex.context import Cursor, Reader, fitting
from solver.latex.errors import LatexError, Span
from solver.latex.holes import shown
from solver.latex.lookup import (
    LETTER_FUNCTIONS,
    Found,
    as_letters,
    customary,
    function_word,
    lookup,
    unknown,
    value,
)
from solver.latex.names import Look, Written, written
from solver.latex.patterns import series
from solver.latex.products import Part, entry_by_entry, quotient, side_by_side, total
from solver.latex.scripts import entry, raised, split, units

_JOINTS = ("cdot", "times", "*")
_WIDE = ("odot", "oslash", "otimes")
_UNREAD = {
    "pm": "±", "mp": "∓", "to": "→", "approx": "≈", "sim": "∼", "propto": "∝", "in": "∈", "notin": "∉", "mid": "a bar",
    "forall": "∀", "exists": "∃", "oplus": "⊕", "ominus": "⊖", "setminus": "∖", "subset": "⊂", "div": "÷", "!": "!",
    "=>": "an arrow", "top": "⊤", "dagger": "†", "prime": "a prime", "and": "∧", "or": "∨", "not": "¬",
}  # fmt: skip


@dataclass
class Expressions(Reader):
    """The reader of one formula."""

    # --- sums ---

    def expression(self, items: Items, span: Span) -> Node:
        cursor = Cursor.over(items, span)
        with self.deeper(cursor.whole):
            if cursor.peek is None:
                raise LatexError.at(span, "nothing stands here, and a value is wanted")
            node = self.sum(cursor)
            if cursor.peek is not None:
                raise _unexpected(cursor.peek)
            return node

    def condition(self, items: Items, span: Span) -> Node:
        return conditions.read_condition(self, items, span)

    def sum(self, cursor: Cursor) -> Node:
        """Terms with their signs, up to what is no term."""
        terms: list[Part] = []
        dots: list[int] = []
        while True:
            start = cursor.position
            sign = cursor.next() if is_sign(cursor.peek, "+", "-") else None
            if sign is None and terms:
                break
            if isinstance(cursor.peek, Dots) and terms:
                cursor.next()
                dots.append(len(terms))
            else:
                node = self.term(cursor)
                terms.append(Part(Neg(node) if is_sign(sign, "-") else node, cursor.since(start)))
            if not is_sign(cursor.peek, "+", "-"):
                break
        return total(_filled_in(self, terms, dots, "sum"))

    def term(self, cursor: Cursor) -> Node:
        if is_sign(cursor.peek, "-"):
            sign = cursor.next()
            with self.deeper(sign.span):
                return Neg(self.term(cursor))
        start = cursor.position
        parts = [Part(self.run(cursor), cursor.since(start))]
        while (sign_here := cursor.peek) is not None and is_sign(sign_here, *_WIDE):
            cursor.next()
            start = cursor.position
            assert isinstance(sign_here, Sign)
            parts.append(Part(self.run(cursor), cursor.since(start), sign_here.text))
        with fitting(parts[0].span.to(parts[-1].span)):
            return parts[0].node if len(parts) == 1 else entry_by_entry(parts)

    # --- products ---

    def run(self, cursor: Cursor) -> Node:
        parts: list[Part] = []
        dots: list[int] = []
        sign, joint = "", None
        while (atom := cursor.peek) is not None and not _ends(atom):
            start = cursor.position
            if is_sign(atom, *_JOINTS):
                joint = cursor.next()
                assert isinstance(joint, Sign)
                if sign or not parts:
                    raise LatexError.at(joint.span, "a factor is missing beside this sign")
                sign = joint.text
                continue
            if is_sign(atom, "/"):
                return self.divided(cursor, parts)
            if isinstance(atom, Dots) and parts:
                cursor.next()
                dots.append(len(parts))
                sign = ""
                continue
            parts.append(Part(self.factor(cursor), cursor.since(start), sign))
            sign = ""
        if sign and is_sign(cursor.peek, "-"):
            raise LatexError.at(cursor.peek.span, "a minus sign after a product sign", "put brackets around it")  # type: ignore[union-attr]
        if sign or not parts:
            where = cursor.peek.span if cursor.peek is not None else _end(cursor.whole)
            raise LatexError.at(where, "a factor is missing here" if sign else "a value is missing here")
        with fitting(parts[0].span.to(parts[-1].span)):
            return side_by_side(_filled_in(self, parts, dots, "prod"))

    def side_by_side(self, cursor: Cursor) -> Node:
        """Factors without any sign between them."""
        parts: list[Part] = []
        while (atom := cursor.peek) is not None and not _ends(atom) and not is_sign(atom, *_JOINTS, "/"):
            start = cursor.position
            parts.append(Part(self.factor(cursor), cursor.since(start)))
        if not parts:
            raise LatexError.at(_end(cursor.whole), "a value is missing here")
        return side_by_side(parts)

    def divided(self, cursor: Cursor, parts: list[Part]) -> Node:
        """`a/b`: everything before the stroke by the one factor after it."""
        stroke = cursor.next()
        if not parts:
            raise LatexError.at(stroke.span, "nothing stands before this stroke")
        above = Part(side_by_side(parts), parts[0].span.to(parts[-1].span))
        start = cursor.position
        if cursor.peek is None or _ends(cursor.peek):
            raise LatexError.at(stroke.span, "nothing stands after this stroke")
        below = Part(self.factor(cursor), cursor.since(start))
        node = quotient(above, below)
        after = cursor.peek
        if after is None or _ends(after):
            return node
        numbers = isinstance(above.node, Num) and isinstance(below.node, Num)
        plain = numbers or (_number_like(above.node) and _number_like(below.node))
        inside = after.base if isinstance(after, Scripted) else after
        clear = numbers or isinstance(inside, BigSign) or (plain and isinstance(inside, Fence))
        if not clear or is_sign(after, "/", *_JOINTS):
            raise LatexError.at(
                above.span.to(after.span), "what stands under this stroke is not clear", r"write \frac or brackets"
            )
        start = cursor.position
        rest = Part(self.run(cursor), cursor.since(start))
        return side_by_side([Part(node, above.span.to(below.span)), rest])

    # --- factors ---

    def factor(self, cursor: Cursor) -> Node:
        start = cursor.position
        atom = cursor.peek
        if atom is None:
            cursor.next()
        assert atom is not None
        with self.deeper(atom.span), fitting(atom.span):
            return self._factor(cursor, atom, start)

    def _factor(self, cursor: Cursor, atom: Atom, start: int) -> Node:
        base = atom.base if isinstance(atom, Scripted) else atom
        match base:
            case BigSign():
                return read_big(self, cursor)
            case Letter() | Word() | Number() | Accent() | Group():
                special = self.sign_of_differentiation(cursor, atom)
                return special if special is not None else self.named(cursor, atom)
            case Frac() if base is atom and calculus.is_derivative(self, base):
                cursor.next()
                return calculus.read_quotient(self, base, cursor)
            case Fence() | Frac() | Root() | Grid():
                cursor.next()
                if isinstance(atom, Scripted):
                    return self.scripted(atom)
                return self.enclosed(base)
        raise _unexpected(atom)

    def sign_of_differentiation(self, cursor: Cursor, atom: Atom) -> Node | None:
        r"""A factor that begins with ∂, d, ∇ or the `D` of `D_x f`."""
        base = atom.base if isinstance(atom, Scripted) else atom
        if isinstance(base, Letter) and base.text == "partial":
            return calculus.read_slashed(self, cursor)
        if (isinstance(base, Letter) and base.text == "nabla") or calculus.is_jacobian_sign(self, atom):
            return calculus.read_nabla(self, cursor)
        if isinstance(atom, Letter) and calculus.differential_letter(self, atom) == "d":
            return calculus.read_differential(self, cursor)
        return None

    def enclosed(self, base: Atom) -> Node:
        """The value of brackets, a fraction, a root, a matrix or cases."""
        match base:
            case Fence():
                return self.fenced(base)
            case Frac(span, above, below):
                if calculus.is_derivative(self, base):
                    return calculus.read_quotient(self, base, Cursor((), span))
                top = Part(self.expression(above, span), span_of(above, span))
                return quotient(top, Part(self.expression(below, span), span_of(below, span)))
            case Root(span, degree, body):
                inside = self.expression(body, span)
                if not bare(degree):
                    return Call("sqrt", (inside,))
                return Pow(inside, Div(num(1), self.expression(degree, span)))
            case Grid(kind="cases"):
                return conditions.read_cases(self, base)
            case Grid(kind="lines" | "stack"):
                raise LatexError.at(base.span, "lines of a derivation, where a value is wanted")
            case Grid():
                return grids.read_grid(self, base)
        raise _unexpected(base)

    def scripted(self, atom: Scripted) -> Node:
        """Brackets, a fraction or a matrix under scripts."""
        base = atom.base
        if isinstance(base, Fence) and base.kind == "||":
            return self.norm(base, atom)
        if isinstance(base, Fence) and atom.sub is not None and base.kind in ("(", "["):
            made = self.entries_made(base, atom.sub)
            if made is not None:
                return raised(self, made, atom.sup, atom.span) if atom.sup is not None else made
        if atom.primes:
            raise LatexError.at(
                atom.span, "a prime on brackets does not say by what is differentiated", r"write \partial"
            )
        node = self.enclosed(base)
        if atom.sub is not None:
            node = entry(self, node, units(atom.sub), atom.span)
        return raised(self, node, atom.sup, atom.span) if atom.sup is not None else node

    def entries_made(self, fence: Fence, sub: Items) -> Node | None:
        r"""`(x_i y_j)_{ij}`: the matrix with these entries, where the letters are bound nowhere else."""
        looks = [look_of_index(piece) for piece in units(sub)]
        fresh = [look for look in looks if look is not None and look not in self.bound and look not in self.new]
        letters = set(_letters(fence.items))
        if not looks or len(fresh) != len(looks) or len(looks) > 2 or not set(fresh) <= letters:
            return None
        if any(each.role != "index" for look in fresh for each in self.names.find(look)):
            return None
        limits = [bind_unknown(self, look, fence.span) for look in fresh]
        with self.binding({limit.look: limit.index for limit in limits}):
            body = self.expression(fence.items, fence.span)
        if body.shape:
            outside: dict[Node, Node] = {
                limit.index: self._outside(limit.look, fence.span) for limit in limits if contains(body, limit.index)
            }
            return entry(self, substitute(body, outside), units(sub), fence.span)
        indices, body = closed(self, limits, body)
        column = indices[1] if len(indices) == 2 else Idx("j" if indices[0].name != "j" else "k", ONE)
        return Table(body, indices[0], column)

    def _outside(self, look: Look, span: Span) -> Node:
        """What a letter means outside the brackets that might have bound it."""
        found = self.names.find(look)
        if not found or found[0].node is None:
            raise unknown(self, Written(Letter(span, look.base)), span)
        return found[0].node

    # --- brackets ---

    def fenced(self, fence: Fence) -> Node:
        """The value in brackets, by their kind."""
        known = self.known.pop(id(fence), None)
        if known is not None:
            return known
        commas = any(is_sign(item, ",") for item in fence.items)
        match fence.kind:
            case "|":
                return Call("abs", (self.expression(fence.items, fence.span),))
            case "||":
                return Call("norm", (self.expression(fence.items, fence.span),))
            case "<":
                sides = split(fence.items, ",", "mid")
                if len(sides) != 2:
                    raise LatexError.at(fence.span, "angle brackets hold two vectors, with a comma between them")
                first, second = (self.expression(side, fence.span) for side in sides)
                return Call("dot", (first, second))
            case "[" | "(" if commas:
                return grids.read_list(self, split(fence.items, ","), fence.span)
            case "[" if conditions.holds_condition(fence.items):
                return conditions.indicator(self, fence.items, fence.span)
        if any(isinstance(item, Dots) for item in fence.items) and len(fence.items) == 1:
            raise LatexError.at(fence.span, "dots alone in brackets")
        return self.expression(fence.items, fence.span)

    def norm(self, fence: Fence, atom: Scripted) -> Node:
        r"""`\lVert x\rVert_2^2`, `\|A\|_F`, `\|x\|_1`."""
        inside = self.expression(fence.items, fence.span)
        kind = "".join(getattr(item, "text", "?") for item in bare(atom.sub or ()))
        names = {"": "norm", "2": "norm", "F": "norm", "1": "norm1", "1,1": "norm1"}
        matrix = len(inside.shape) == 2 and all(size != ONE for size in inside.shape)
        if kind not in names or (matrix and kind in ("1", "2")):
            message = f"this norm of a value of shape {shown(inside.shape)} is not known"
            raise LatexError.at(atom.span, message, r"for all entries: \|A\|_F, \|A\|_{1,1}")
        node = Call(names[kind], (inside,))
        return raised(self, node, atom.sup, atom.span) if atom.sup is not None else node

    # --- names ---

    def is_function(self, atom: Atom) -> bool:
        name = written(atom)
        if name is None:
            return False
        found = self.names.find(Look(name.base, name.accents))
        if found:
            return found[0].role == "function"
        return application.begins_function(self, atom)

    def named(self, cursor: Cursor, atom: Atom) -> Node:
        """A name: of several letters if that is declared, with its scripts, its entries, its arguments."""
        word = self.spelled_word(cursor)
        if word is None:
            cursor.next()
        name = word if word is not None else written(atom)
        span = name.letter.span.to(cursor.items[cursor.position - 1].span) if name is not None else atom.span
        if name is None:
            return self.group_under_scripts(atom)
        if isinstance(name.letter, Number) and not name.letter.style and not (name.sub and name.base in "01"):
            return self.number(name, span)
        found = lookup(self, name, span)
        if found is not None:
            return self.declared(cursor, found, span)
        return self.undeclared(cursor, name, span)

    def number(self, name: Written, span: Span) -> Node:
        if name.sub or name.primes:
            raise LatexError.at(span, "a subscript or a prime on a number")
        node = Num(Fraction(name.base))
        return raised(self, node, name.sup, span) if name.sup else node

    def declared(self, cursor: Cursor, found: Found, span: Span) -> Node:
        """A declared name with what follows it: an argument, entries, a superscript."""
        if found.declared.role == "function":
            return application.applied(self, cursor, application.abstract_head(found, span))
        after = cursor.peek
        fence = after.base if isinstance(after, Scripted) else after
        if isinstance(fence, Fence) and not found.primes and not bare(found.sup):
            applied = application.read_as_function(self, found, fence)
            if applied is not None:
                cursor.next()
                node = entry(self, applied, found.pieces, span) if found.pieces else applied
                return application.after(self, node, after, span) if isinstance(after, Scripted) else node
        node = value(self, found, span)
        if found.primes:
            raise LatexError.at(
                span, f"a prime on {found.declared.name}, which is no function", r"a transpose is written ^\top"
            )
        return raised(self, node, found.sup, span) if bare(found.sup) else node

    def undeclared(self, cursor: Cursor, name: Written, span: Span) -> Node:
        """A name that nothing declares: a function, a customary letter, letters to be multiplied, or a mistake."""
        letter = name.letter
        if isinstance(letter, Letter) and not name.accents:
            function = LETTER_FUNCTIONS.get((letter.text, letter.variant))
            if function is not None:
                return application.applied(self, cursor, application.table_head(self, function, name, span, False))
        if isinstance(letter, Word) and not name.accents:
            function = function_word(name.base)
            if function is not None and function in FUNCTIONS and function not in ("eye", "ones", "zeros", "basis"):
                return application.applied(self, cursor, application.table_head(self, function, name, span, True))
        indicated = self.indicated(cursor, name)
        if indicated is not None:
            return indicated
        known = customary(self, name, span)
        if known is not None:
            node, sup = known
            return raised(self, node, sup, span) if bare(sup) else node
        if _is_product(self, name):
            assert isinstance(letter, Word)
            return self.side_by_side(Cursor.over(as_letters(letter), span))
        raise unknown(self, name, span)

    def indicated(self, cursor: Cursor, name: Written) -> Node | None:
        r"""`\mathbb 1[x > 0]`, `\mathbf 1\{k = y\}`, `1_{[y_i = 1]}`."""
        letter = name.letter
        blackboard = isinstance(letter, Letter) and letter.text == "I" and letter.style == "blackboard"
        one = blackboard or (isinstance(letter, Number) and letter.text == "1")
        if not one or name.sup or name.primes:
            return None
        sub = bare(name.sub)
        if len(sub) == 1 and isinstance(sub[0], Fence):
            sub = sub[0].items
        if sub:
            return conditions.indicator(self, sub, letter.span) if conditions.holds_condition(sub) else None
        fence = cursor.peek
        if isinstance(fence, Fence) and conditions.holds_condition(fence.items):
            cursor.next()
            return conditions.indicator(self, fence.items, fence.span)
        if (
            isinstance(fence, Scripted)
            and isinstance(fence.base, Fence)
            and conditions.holds_condition(fence.base.items)
        ):
            cursor.next()
            node = conditions.indicator(self, fence.base.items, fence.base.span)
            return application.after(self, node, fence, fence.span)
        return None

    def group_under_scripts(self, atom: Atom) -> Node:
        """Scripts on a piece that has scripts of its own: `{W_1}_{ij}`, `{x^2}^\\top`."""
        if not isinstance(atom, Scripted):
            raise LatexError.at(atom.span, "an accent on this is not read", "accents stand on single names")
        inner = atom.base.items if isinstance(atom.base, Group) else (atom.base,)
        if atom.primes or isinstance(atom.base, Accent):
            raise LatexError.at(atom.span, "this cannot be read as a name", "put brackets around it")
        node = self.expression(inner, atom.span)
        if atom.sub is not None:
            node = entry(self, node, units(atom.sub), atom.span)
        return raised(self, node, atom.sup, atom.span) if atom.sup is not None else node

    def spelled_word(self, cursor: Cursor) -> Written | None:
        """Plain letters in a row that spell a declared name, or a function's before brackets; they are taken."""
        texts: list[str] = []
        letters: list[Letter] = []
        for count in range(_LONGEST_WORD):
            atom = cursor.ahead(count)
            base = atom.base if isinstance(atom, Scripted) else atom
            if not isinstance(base, Letter) or len(base.text) > 1 or base.style not in ("", "italic"):
                break
            letters.append(base)
            texts.append(base.text)
            if isinstance(atom, Scripted):
                break
        known = self.names.words()
        for length in range(len(texts), 1, -1):
            text = "".join(texts[:length])
            if text in known or self._spells_function(cursor, text, length):
                self._sure(letters[:length], text)
                last = cursor.ahead(length - 1)
                cursor.position += length
                word = Word(letters[0].span.to(letters[length - 1].span), text)
                scripts = written(last) if isinstance(last, Scripted) else None
                if scripts is None:
                    return Written(word)
                return Written(word, (), scripts.sub, scripts.sup, scripts.primes)
        return None

    def _spells_function(self, cursor: Cursor, text: str, length: int) -> bool:
        after = cursor.ahead(length)
        inside = after.base if isinstance(after, Scripted) else after
        return isinstance(inside, Fence) and function_word(text) is not None

    def _sure(self, letters: list[Letter], text: str) -> None:
        """LatexError where every letter of a spelled-out name is declared by itself too."""
        if all(self.names.find(Look(letter.text)) or Look(letter.text) in self.bound for letter in letters):
            raise LatexError.at(
                letters[0].span.to(letters[-1].span), f"{text} may be one name or a product",
                rf"write \mathrm{{{text}}}, or put \cdot between the factors",
            )  # fmt: skip


_LONGEST_WORD = 20


def _end(span: Span) -> Span:
    return Span(max(span.end - 1, span.start), span.end)


def _ends(atom: Atom) -> bool:
    """Whether a product ends here."""
    if isinstance(atom, Sign):
        return atom.text not in (*_JOINTS, "/")
    return isinstance(atom, (Break, Prose))


def _number_like(node: Node) -> bool:
    return node.size is not None or isinstance(node, Num)


def _unexpected(atom: Atom) -> LatexError:
    base = atom.base if isinstance(atom, Scripted) else atom
    match base:
        case Prose(text=text):
            return LatexError.at(atom.span, f"words in the formula: {text}")
        case Break():
            return LatexError.at(atom.span, "a line break or & where a value is wanted")
        case Dots():
            return LatexError.at(atom.span, "what these dots leave out is not clear")
        case Sign(text=text):
            shown_as = _UNREAD.get(text, text)
            return LatexError.at(atom.span, f"{shown_as} cannot stand here")
    return LatexError.at(atom.span, "this cannot stand here")


def _letters(items: Items) -> list[Look]:
    """The letters that stand in the pieces, at any depth."""
    found: list[Look] = []
    waiting: list[object] = list(items)
    while waiting:
        piece = waiting.pop()
        match piece:
            case Letter(text=text):
                found.append(Look(text))
            case tuple():
                waiting.extend(piece)
            case Atom():
                waiting.extend(vars(piece).values())
    return found


def _filled_in(reader: Reader, parts: list[Part], dots: list[int], kind: str) -> list[Part]:
    """Terms (or factors) with dots between them: those that the dots leave out, as an indexed sum (or product)."""
    if not dots:
        return parts
    place = dots[0]
    span = parts[0].span.to(parts[-1].span)
    if len(dots) > 1 or place >= len(parts):
        raise LatexError.at(span, "what these dots leave out is not clear", "write the last term after them")
    taken = [*reader.names.all, *(index.name for index in reader.bound.values())]
    found = series([part.node for part in parts[:place]], parts[place].node, taken)
    if found is None:
        raise LatexError.at(span, "what these dots leave out is not clear", r"write it with \sum")
    condition = Cmp(found.index, num(found.first), ">=") if found.first > 1 else None
    whole = Big("sum" if kind == "sum" else "prod", found.body, found.index, condition)
    return [*parts[: len(found.before)], Part(whole, span), *parts[place + 1 :]]


def _is_product(reader: Reader, name: Written) -> bool:
    r"""Whether a run of upright letters (`\mathbf{AB}`) stands for the product of what is called by them."""
    letter = name.letter
    if not isinstance(letter, Word) or name.sub or name.sup or name.primes or name.accents:
        return False
    looks = [Look(each.text) for each in letter.letters if isinstance(each, Letter | Number)]
    return bool(looks) and all(reader.names.find(look) or look in reader.bound for look in looks)

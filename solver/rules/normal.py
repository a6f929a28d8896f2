"""The normal form of an expression in the ring of its atoms: what the laws of arithmetic alone make equal.

Sums, scalar products, Hadamard products and matrix products are multiplied out, transposes pushed to the leaves,
constants drawn out of indexed sums, `exp` of a sum split into a product. Anything else (a function of an argument in
normal form, an entry, a sum over an index) is an atom. Two expressions with one normal form are equal for all values of
their atoms; `same` also clears denominators, so that it decides equality of rational functions of atoms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from solver.expr.nodes import (
    Add,
    At,
    Big,
    Call,
    Cmp,
    Const,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    SizeSym,
    Sym,
    Table,
    Transpose,
    add,
    call,
    free_indices,
    from_size,
    matmul,
    mul,
    num,
    substitute,
    walk,
)
from solver.expr.shapes import SCALAR, Shape, columns, is_single, is_vector, rows
from solver.expr.sizes import ONE
from solver.rules.monomials import (
    UNIT,
    Monomial,
    Polynomial,
    Power,
    fields_of,
    is_whole,
    powered,
    powers_of_number,
    surely_positive,
    term_of,
)
from solver.rules.vanishing import vanishes
from solver.rules.words import (
    MAX_POWER,
    apart,
    by_indicators,
    identity_beside,
    is_ones,
    numbers_within,
    of_indices,
    of_product,
    summed,
    wider,
    without_inverses,
    without_ones,
)

DECIDED = frozenset((Num, Const, Sym, SizeSym, Add, Mul, Neg, Call))
"""Of formulas of these kinds alone, in which nothing is divided, what the normal form tells apart is not equal."""
MAX_TERMS = 400
"""A product with more terms than this is left as an atom: multiplying out would not help anybody."""


@dataclass
class Normalizer:
    """Normal forms, remembered while one question is worked on.

    `unfold` may replace an atom by what it stands for before it is taken as an atom (definitions of functions or of
    names); None leaves it.
    """

    unfold: Callable[[Node], Node | None] = lambda node: None
    opens: bool = False
    """Whether `unfold` may put in fractions for functions and names."""
    spread: bool = False
    """For comparing only: a row or column beside a matrix is written out as `1 r` or `c 1`, pieces by indicators."""
    symmetric: Callable[[Node], bool] = lambda node: False
    """Whether an atom is known to be its own transpose."""
    edges: bool = True
    """Whether conditions count at their edges; where a derivative is taken it has none there."""
    binary: frozenset[Node] = frozenset()
    """Data of zeros and ones, whose powers are one."""
    seen: dict[Node, Polynomial] = field(default_factory=dict)
    keys: dict[Node, str] = field(default_factory=dict)
    depth: int = 0

    def polynomial(self, node: Node) -> Polynomial:
        """The normal form of `node`."""
        if node not in self.seen:
            self.seen[node] = self._polynomial(node)
        return self.seen[node]

    def canonical(self, node: Node) -> Node:
        """One node for all expressions of the same normal form."""
        return self.node(self.polynomial(node))

    def same(self, left: Node, right: Node) -> bool:
        """Whether both are equal by arithmetic alone, denominators cleared."""
        if left == right:
            return True
        if left.shape != right.shape and not (is_single(left.shape) and is_single(right.shape)):
            return False
        a, b = self.polynomial(left), self.polynomial(right)
        if a.terms == b.terms or vanishes(self, self.plus(a, b, Fraction(-1))):
            return True
        return self._alike(left, right)

    def _alike(self, left: Node, right: Node) -> bool:
        """Whether both are made in one way of equal parts: `Xᵀ (1 − y/μ)` and `Xᵀ ((μ − y)/μ)`."""
        if not self.opens and left.kinds | right.kinds <= DECIDED:
            return False
        if isinstance(left, Add) and isinstance(right, Add) and len(left.args) == len(right.args) <= MAX_POWER:
            waiting = list(right.args)
            for arg in left.args:
                twin = next((each for each in waiting if arg.shape == each.shape and self.same(arg, each)), None)
                if twin is None:
                    return False
                waiting.remove(twin)
            return True
        if type(left) is not type(right) or not isinstance(left, MatMul | Mul | Div | Neg | Call | Transpose):
            return False
        pairs = list(zip(left.children, right.children, strict=False))
        if len(left.children) != len(right.children) or any(a.shape != b.shape for a, b in pairs):
            return False
        return left.rebuild(right.children) == right and all(self.same(a, b) for a, b in pairs)

    # --- building -------------------------------------------------------------------------------------------------

    def _polynomial(self, node: Node) -> Polynomial:
        match node:
            case Num(value):
                return Polynomial(SCALAR, {UNIT: value} if value else {})
            case SizeSym():
                return self._atom(node)
            case Add(args):
                total = self.polynomial(self._filling(args[0], node.shape))
                for arg in args[1:]:
                    total = self.plus(total, self.polynomial(self._filling(arg, node.shape)))
                return total
            case Neg(arg):
                return self.scale(self.polynomial(arg), Fraction(-1))
            case Mul(args):
                product = self.polynomial(self._filling(args[0], node.shape))
                for arg in args[1:]:
                    product = self.times(product, self.polynomial(self._filling(arg, node.shape)), node.shape)
                return Polynomial(node.shape, product.terms)
            case Div(left, right):
                return self.times(self.polynomial(left), self._power(right, Fraction(-1)), node.shape)
            case Pow(Call("norm", (arg,)), Num(value)) if value == 2:
                return self.polynomial(call("sum", Mul((arg, arg))))
            case Pow(left, Num(value)):
                return self._power(left, value)
            case Pow(left, Neg(Num(value))):
                return self._power(left, -value)
            case Pow(left, Div(Num(above), Num(below))) if below:
                return self._power(left, above / below)
            case Pow(left, Neg(Div(Num(above), Num(below)))) if below:
                return self._power(left, -above / below)
            case Pow(left, Add(args)) if self.spread and not all(map(is_whole, args)):
                # b^(n − 1) is bⁿ / b
                return self.polynomial(mul(*(Pow(left, arg) for arg in args)))
            case Pow(left, Neg(exponent)) if self.spread:
                return self._power(Pow(left, exponent), Fraction(-1))
            case Pow(left, Mul((Num(value), *rest))) if self.spread and rest and value in range(2, MAX_POWER):
                # b^(2n) is (bⁿ)²
                return self._power(Pow(left, mul(*rest)), value)
            case Call("sqrt", (arg,)):
                return self._power(arg, Fraction(1, 2))
            case Call("norm", (arg,)):
                return self._power(call("sum", Mul((arg, arg))), Fraction(1, 2))
            case Call("exp", (arg,)):
                return self._exp(arg)
            case Transpose(arg):
                return self._transpose(arg)
            case MatMul(args):
                return self._matmul(args, node.shape)
            case Big("sum", body, index, condition):
                return self._sum(body, index, condition)
            case Call("sum", (arg,), None) if not arg.shape:
                return self.polynomial(arg)
            case Call("sum", (arg,), None):
                return self._linear(self.polynomial(arg), SCALAR, summed)
            case Call("sum", (arg,), axis):
                # Σ along an axis is a product with ones: 1ᵀA, A1
                ends = [
                    call("ones", num(1), from_size(rows(arg.shape))),
                    call("ones", from_size(columns(arg.shape)), num(1)),
                ]
                across = (ends[0], arg) if axis == 0 else (arg, ends[1])
                return self.polynomial(MatMul(across))
            case Call("mean", (arg,), axis):
                count = [arg.shape[axis]] if axis is not None and arg.shape else list(arg.shape)
                whole: Node = call("sum", arg, axis=axis)
                for size in count:
                    whole = Div(whole, from_size(size))
                return self.polynomial(whole)
            case Call("tr", (arg,)):
                return self._trace(arg)
            case Call("delta", (left, right)):
                order: list[Node] = sorted([self.canonical(left), self.canonical(right)], key=self.key)
                power = ((Call("delta", tuple(order)), Fraction(1)),)
                return Polynomial(SCALAR, {(power, ()): Fraction(1)})
            case Call("ones", _):
                return Polynomial(node.shape, {UNIT: Fraction(1)})
            case Call("zeros", _):
                return Polynomial(node.shape, {})
            case Call("indicator", (Cmp() as condition,)) if (turned := self._turned(condition)) is not None:
                return self.polynomial(add(num(1), Neg(call("indicator", turned))))
            case Call() if self.spread and (pieces := by_indicators(node)) is not None:
                return self.polynomial(pieces)
            case Call("dot", (left, right)):
                return self.polynomial(self._inner(left, right))
            case Call("vec", (MatMul((left, right)),)) if columns(left.shape) == ONE:
                return self.polynomial(call("kron", Transpose(right), left))
            case Call("inv" | "det" | "logdet" | "matrix_power", (arg, *_)) if not is_single(arg.shape):
                other = of_product(node)
                return self._atom(node) if other is None else self.polynomial(other)
        return self._atom(node)

    def _filling(self, node: Node, shape: Shape) -> Node:
        """A row or column spread over the matrix that it stands beside, where that is wanted."""
        if not self.spread or not shape or node.shape == shape or is_single(node.shape):
            return node
        if rows(node.shape) == ONE:
            return matmul(call("ones", from_size(rows(shape)), num(1)), node)
        return matmul(node, call("ones", num(1), from_size(columns(shape))))

    def _repeated(self, args: tuple[Node, ...]) -> tuple[Node, Callable[[Node], Node]] | None:
        """What a product with ones repeats along a matrix, and how each factor of it is repeated."""
        first, last = args[0], args[-1]
        if is_ones(last) and rows(last.shape) == ONE and columns(args[-2].shape) == ONE:
            return matmul(*args[:-1]), lambda part: matmul(part, last)
        if is_ones(first) and columns(first.shape) == ONE and rows(args[1].shape) == ONE:
            return matmul(*args[1:]), lambda part: matmul(first, part)
        return None

    def _inner(self, left: Node, right: Node) -> Node:
        row = left if left.shape and left.shape[0].number == 1 else Transpose(left)
        column = right if right.shape and right.shape[1].number == 1 else Transpose(right)
        return MatMul((row, column))

    def _atom(self, node: Node) -> Polynomial:
        other = self.unfold(node)
        if other is not None:
            return self.polynomial(other)
        node = self._rebuilt(node)
        power = ((node, Fraction(1)),)
        return Polynomial(
            node.shape, {((), power) if node.shape and not is_single(node.shape) else (power, ()): Fraction(1)}
        )

    def _rebuilt(self, node: Node) -> Node:
        """The atom with its arguments in normal form and its bound indices named by depth."""
        match node:
            case Big(kind, body, index, condition):
                inner = self._open(index)
                body = self.canonical(substitute(body, {index: inner}))
                return self._closed(kind, body, inner, self._condition_of(condition, index, inner))
            case Cmp(left, right, ">" | "<" | ">=" | "<=" as op) if self.spread and not of_indices(node):
                return self._condition(left, right, op)
            case Table():
                return node
            case At(arg, at):
                whole = self.canonical(arg)
                # a 1×1 value that has become a number is its own entry
                return At(whole, tuple(None if i is None else self.canonical(i) for i in at)) if whole.shape else whole
        if not node.children:
            return node
        return node.rebuild(tuple(self.canonical(child) for child in node.children))

    def _condition(self, left: Node, right: Node, op: str) -> Node:
        """`1 − m > 0`, `m < 1` and `2 > 2m` as one condition: a side is 0, and the first coefficient ±1."""
        difference = self.plus(self.polynomial(left), self.polynomial(right), Fraction(-1))
        if op in ("<", "<="):
            difference = self.scale(difference, Fraction(-1))
        strict = not self.edges or op in ("<", ">")
        scaled = self.scale(difference, 1 / abs(self._lead(difference)))
        return Cmp(self.node(scaled), num(0), ">" if strict else ">=")

    def _lead(self, p: Polynomial) -> Fraction:
        return p.terms[min(p.terms, key=self._monomial_key)] if p.terms else Fraction(1)

    def _turned(self, condition: Cmp) -> Node | None:
        """`u > 0` for `u < 0`, where edges do not count and so one of the two holds; None where it stands that way."""
        if self.edges or condition.op not in ("<", "<=", ">", ">=") or of_indices(condition):
            return None
        found = self._condition(condition.left, condition.right, condition.op)
        assert isinstance(found, Cmp)
        difference = self.polynomial(found.left)
        if self._lead(difference) > 0:
            return None
        return Cmp(self.node(self.scale(difference, Fraction(-1))), num(0), ">")

    def _open(self, index: Idx) -> Idx:
        """A letter of its own for an index while what it is bound around is worked on."""
        self.depth += 1
        return Idx(f"_:{self.depth}", index.range)

    def _closed(self, kind: str, body: Node, bound: Idx, condition: Node | None) -> Node:
        """The sum or product with its index named by how many are bound within: nothing outside changes that."""
        heights = [
            int(part.index.name[1:]) for part in walk(body) if isinstance(part, Big) and part.index.name[1:].isdigit()
        ]
        last = Idx(f"_{1 + max(heights, default=-1)}", bound.range)
        after = None if condition is None else substitute(condition, {bound: last})
        return Big(kind, substitute(body, {bound: last}), last, after)  # type: ignore[arg-type]

    @staticmethod
    def _condition_of(condition: Node | None, index: Idx, bound: Idx) -> Node | None:
        return None if condition is None else substitute(condition, {index: bound})

    def scale(self, p: Polynomial, factor: Fraction) -> Polynomial:
        return Polynomial(p.shape, {m: c * factor for m, c in p.terms.items()} if factor else {})

    def plus(self, a: Polynomial, b: Polynomial, factor: Fraction = Fraction(1)) -> Polynomial:
        terms = dict(a.terms)
        for monomial, value in b.terms.items():
            total = terms.get(monomial, Fraction(0)) + value * factor
            if total:
                terms[monomial] = total
            else:
                terms.pop(monomial, None)
        return Polynomial(wider(a.shape, b.shape), terms)

    def times(self, a: Polynomial, b: Polynomial, shape: Shape) -> Polynomial:
        terms: dict[Monomial, Fraction] = {}
        again: list[Node] = []
        for (s1, h1), c1 in a.terms.items():
            for (s2, h2), c2 in b.terms.items():
                monomial = (self.merge(s1, s2), self.merge(h1, h2))
                opened = self._composite(monomial)
                if opened is not None:
                    again.append(mul(num(c1 * c2), opened))
                    continue
                total = terms.get(monomial, Fraction(0)) + c1 * c2
                if total:
                    terms[monomial] = total
                else:
                    terms.pop(monomial, None)
        result = Polynomial(shape, terms)
        for node in again:
            result = self.plus(result, self.polynomial(node))
        return result

    def _composite(self, monomial: Monomial) -> Node | None:
        """The product again, where a sum taken as an atom has come to a positive whole power."""
        powers = (*monomial[0], *monomial[1])
        if any(isinstance(base, Num) and e.denominator == 1 for base, e in powers):
            return mul(*(powered(base, e) for base, e in powers))
        sums = [(base, e) for base, e in powers if isinstance(base, Add) and e.denominator == 1 and e > 0]
        if not sums or prod(len(base.args) ** min(int(e), MAX_TERMS) for base, e in sums) > MAX_TERMS:
            return None
        factors: list[Node] = []
        for base, e in powers:
            if isinstance(base, Add) and e.denominator == 1 and e > 0:
                factors += [base] * int(e)
            else:
                factors.append(powered(base, e))
        return mul(*factors)

    def _zero_or_one(self, node: Node) -> bool:
        return node in self.binary or (isinstance(node, Call) and node.name in ("indicator", "delta"))

    def merge(self, left: tuple[Power, ...], right: tuple[Power, ...]) -> tuple[Power, ...]:
        powers = dict(left)
        for base, exponent in right:
            powers[base] = powers.get(base, Fraction(0)) + exponent
            if powers[base] > 1 and self._zero_or_one(base):
                powers[base] = Fraction(1)
        kept = [(base, exponent) for base, exponent in powers.items() if exponent]
        return tuple(sorted(kept, key=lambda power: self.key(power[0])))

    def _power(self, base: Node, exponent: Fraction) -> Polynomial:
        match base:
            case Mul(args) if exponent < 0 and exponent.denominator == 1 and not base.shape:
                # each factor for itself: that of N(v + ε) is the one under √(v + ε)
                product = Polynomial(SCALAR, {UNIT: Fraction(1)})
                for arg in args:
                    product = self.times(product, self._power(arg, exponent), SCALAR)
                return product
        p = self.polynomial(base)
        if len(p.terms) == 1 and exponent.denominator == 1:
            (((scalars, matrices), value),) = p.terms.items()
            if value or exponent > 0:
                monomial = (
                    tuple((b, e * exponent) for b, e in scalars),
                    tuple((b, e * exponent) for b, e in matrices),
                )
                return self._with_numbers(Polynomial(p.shape, {monomial: value ** int(exponent)}))
        if not p.terms and exponent > 0:
            return p
        if exponent.denominator == 1 and 0 < exponent <= 6 and len(p.terms) ** int(exponent) <= MAX_TERMS:
            result = p
            for _ in range(int(exponent) - 1):
                result = self.times(result, p, p.shape)
            return result
        if self.spread and len(p.terms) == 1:
            (((scalars, matrices), value),) = p.terms.items()
            if value > 0 and not matrices and surely_positive(scalars):
                # √(2π) = √2 √π
                roots = tuple((base, e * exponent) for base, e in scalars)
                return Polynomial(SCALAR, {(self.merge(roots, powers_of_number(value, exponent)), ()): Fraction(1)})
        if not p.terms:
            return self._atom_power(base, exponent, Fraction(1))
        if self.spread and exponent < 0 and exponent.denominator == 1:
            rising, (scalars, matrices) = self._rising(p)
            if scalars or matrices:
                # 1/(1 + e^−x) is eˣ/(eˣ + 1)
                below = self._power(self.node(rising), exponent)
                (((own, words), value),) = below.terms.items()
                beside = tuple(tuple((b, -e * exponent) for b, e in kind) for kind in (scalars, matrices))
                monomial = self.merge(own, beside[0]), self.merge(words, beside[1])
                return Polynomial(p.shape, {monomial: value})
        # a sum under a root or in a denominator is one atom, scaled so that its first coefficient is 1, or ±1
        lead = self._lead(p)
        if exponent.denominator != 1:
            lead = abs(lead) if self.spread else Fraction(1)
        return self._atom_power(self.node(self.scale(p, 1 / lead)), exponent, lead)

    def _rising(self, p: Polynomial) -> tuple[Polynomial, Monomial]:
        """The sum times the exponentials that leave it with no falling ones, and these exponentials."""
        shift: list[tuple[Power, ...]] = []
        for kind in (0, 1):
            bases = dict.fromkeys(
                b for monomial in p.terms for b, e in monomial[kind] if isinstance(b, Call) and b.name == "exp"
            )
            lowest = {base: min(dict(monomial[kind]).get(base, Fraction(0)) for monomial in p.terms) for base in bases}
            shift.append(tuple((base, -low) for base, low in lowest.items() if low < 0))
        risen = {
            (self.merge(scalars, shift[0]), self.merge(matrices, shift[1])): value
            for (scalars, matrices), value in p.terms.items()
        }
        return Polynomial(p.shape, risen), (shift[0], shift[1])

    def _with_numbers(self, p: Polynomial) -> Polynomial:
        """Whole powers of numbers, such as a root of one leaves when it is squared, in the coefficients."""
        result: dict[Monomial, Fraction] = {}
        for (scalars, matrices), value in p.terms.items():
            for base, e in scalars:
                if isinstance(base, Num) and e.denominator == 1:
                    value *= base.value ** int(e)
            kept = tuple((b, e) for b, e in scalars if not (isinstance(b, Num) and e.denominator == 1))
            result[(kept, matrices)] = result.get((kept, matrices), Fraction(0)) + value
        return Polynomial(p.shape, result)

    def _atom_power(self, atom: Node, exponent: Fraction, lead: Fraction) -> Polynomial:
        power: tuple[Power, ...] = ((atom, exponent),)
        whole = exponent.denominator == 1
        coefficient = lead ** int(exponent) if whole else Fraction(1)
        numbers = () if whole else powers_of_number(lead, exponent)
        if atom.shape and not is_single(atom.shape):
            return Polynomial(atom.shape, {(numbers, power): coefficient})
        return Polynomial(atom.shape, {(self.merge(numbers, power), ()): coefficient})

    def _exp(self, arg: Node) -> Polynomial:
        """`exp(2a − b + 1)` as `exp(a)² exp(b)⁻¹ exp(1)`."""
        p = self.polynomial(arg)
        scalars: list[Power] = []
        matrices: list[Power] = []
        for monomial, value in p.terms.items():
            part = self.node(Polynomial(p.shape if monomial[1] else SCALAR, {monomial: Fraction(1)}))
            (matrices if monomial[1] else scalars).append((call("exp", part), value))
        return Polynomial(p.shape, {(self.merge(tuple(scalars), ()), self.merge(tuple(matrices), ())): Fraction(1)})

    def _linear(self, p: Polynomial, shape: Shape, outer: Callable[[Node], Node]) -> Polynomial:
        """A linear map of a matrix, term by term, scalar factors drawn out."""
        result = Polynomial(shape, {})
        for (scalars, matrices), value in p.terms.items():
            whole = self.node(Polynomial(p.shape, {((), matrices): Fraction(1)}))
            if not matrices:
                whole = call("ones", from_size(p.shape[0]), from_size(p.shape[1])) if p.shape else whole
            elif whole.shape != p.shape and p.shape:
                # a row among matrices stands in each of their rows
                whole = Mul((whole, call("ones", from_size(p.shape[0]), from_size(p.shape[1]))))
            atom = outer(whole)
            product = atom.args[0] if isinstance(atom, Call) and atom.name == "tr" else None
            if (
                isinstance(atom, MatMul)
                or atom.size is not None
                or (isinstance(product, MatMul) and isinstance(whole, Mul | Pow))
            ):
                # a sum of products has become a product or a trace of one
                inner = self.polynomial(atom)
            else:
                power = ((atom, Fraction(1)),)
                matrix = bool(shape) and not is_single(shape)
                inner = Polynomial(shape, {((), power) if matrix else (power, ()): Fraction(1)})
            scale = Polynomial(SCALAR, {(scalars, ()): value})
            result = self.plus(result, self.times(scale, inner, shape))
        return result

    def _transpose(self, arg: Node) -> Polynomial:
        match arg:
            case Transpose(inner):
                return self.polynomial(inner)
            case MatMul(args):
                return self.polynomial(MatMul(tuple(Transpose(a) for a in reversed(args))))
            case Call("kron", (left, right)):
                return self._atom(call("kron", Transpose(left), Transpose(right)))
            case _ if is_single(arg.shape):
                return self.polynomial(arg)
        p = self.polynomial(arg)
        shape: Shape = (p.shape[1], p.shape[0]) if p.shape else SCALAR
        terms: dict[Monomial, Fraction] = {}
        for (scalars, matrices), value in p.terms.items():
            turned = tuple((self._turn(base), e) for base, e in matrices)
            key = (scalars, self.merge(turned, ()))
            terms[key] = terms.get(key, Fraction(0)) + value
        return Polynomial(shape, terms)

    def _turn(self, base: Node) -> Node:
        match base:
            case Transpose(inner):
                return inner
            case MatMul(args):
                return MatMul(tuple(self._turn(a) for a in reversed(args)))
            case Mul(args) | Add(args):
                return base.rebuild(tuple(self._turn(a) for a in args))
            case Call("eye", _):
                return base
            case Call("ones", (high, wide)):
                return call("ones", wide, high)
        return base if is_single(base.shape) or self.symmetric(base) else Transpose(base)

    def _matmul(self, args: tuple[Node, ...], shape: Shape) -> Polynomial:
        """Matrix words: every factor multiplied out, scalars drawn to the front, identities dropped."""
        match args:
            case (Transpose(Call("vec", (left,))), Call("vec", (right,))) if (
                left.shape and left.shape == right.shape and not is_vector(left.shape)
            ):
                return self._trace(MatMul((Transpose(left), right)))
        repeated = self._repeated(args) if self.spread else None
        if repeated is not None and not is_single(repeated[0].shape) and not is_ones(repeated[0]):
            thin, repeat = repeated
            terms: dict[Monomial, Fraction] = {}
            for (scalars, matrices), value in self.polynomial(thin).terms.items():
                key = (scalars, self.merge(tuple((repeat(base), e) for base, e in matrices), ()))
                terms[key] = terms.get(key, Fraction(0)) + value
            return Polynomial(shape, terms)
        words: list[tuple[tuple[Power, ...], tuple[Node, ...], Fraction]] = [((), (), Fraction(1))]
        for arg in args:
            p = self.polynomial(arg)
            grown = []
            for scalars, word, value in words:
                for (s, matrices), c in p.terms.items():
                    factor = self._factor(matrices, arg.shape)
                    grown.append((self.merge(scalars, s), (*word, *factor), value * c))
            words = grown
            if len(words) > MAX_TERMS:
                return self._atom(MatMul(args))
        result = Polynomial(shape, {})
        for scalars, word, value in words:
            result = self.plus(result, self._word(scalars, word, shape), value)
        return result

    def _factor(self, matrices: tuple[Power, ...], shape: Shape) -> tuple[Node, ...]:
        if not matrices:
            return (call("ones", from_size(rows(shape)), from_size(columns(shape))),)
        factor = mul(*(powered(base, e) for base, e in matrices))
        if factor.shape != shape:
            # a row or column that broadcasts over a whole matrix: keep its full shape
            factor = Mul((factor, call("ones", from_size(rows(shape)), from_size(columns(shape)))))
        return factor.args if isinstance(factor, MatMul) else (factor,)

    def _word(self, scalars: tuple[Power, ...], word: tuple[Node, ...], shape: Shape) -> Polynomial:
        kept = tuple(f for f in word if not (isinstance(f, Call) and f.name == "eye"))
        kept, counts = without_ones(without_inverses(kept))
        if not kept:
            kept = word[:1] if isinstance(word[0], Call) and word[0].name == "eye" else (identity_beside(word[0]),)
        if len(kept) > 1:
            kept = tuple(part for factor in kept for part in apart(factor))
        for number, rest in numbers_within(kept, shape):
            scalars, kept = self.merge(scalars, self._number_word(number)), rest
        matrices: tuple[Power, ...] = ()
        if len(kept) == 1 and is_ones(kept[0]):
            pass
        elif is_single(shape):
            scalars = self.merge(scalars, self._number_word(kept))
        else:
            matrices = ((matmul(*kept), Fraction(1)),)
        result = Polynomial(shape, {(scalars, matrices): Fraction(1)})
        for count in counts:
            result = self.times(result, self.polynomial(from_size(count)), shape)
        return result

    def _number_word(self, word: tuple[Node, ...]) -> tuple[Power, ...]:
        """A word that is a number: it or its transpose, whichever comes first."""
        node = matmul(*word)
        return ((min(node, self._turn(node), key=self.key), Fraction(1)),)

    def _trace(self, arg: Node) -> Polynomial:
        """Traces of words: one of their rotations and transposes stands for all."""

        def outer(part: Node) -> Node:
            word = part.args if isinstance(part, MatMul) else (part,)
            if isinstance(part, Call) and part.name in ("eye", "ones"):
                return from_size(rows(part.shape))
            while len(word) > 1 and len(shorter := without_inverses((word[-1], word[0]))) < 2:
                word = (*shorter, *word[1:-1])
            if not word:
                return from_size(rows(part.shape))
            part = matmul(*word)
            for k in range(1, len(word)):
                if columns(word[k - 1].shape) == ONE:
                    # tr(u vᵀ A) = vᵀ A u
                    return matmul(*word[k:], *word[:k])
            turned = self._turn(part)
            back = turned.args if isinstance(turned, MatMul) else (turned,)
            rotations = [(*w[k:], *w[:k]) for w in (word, back) for k in range(len(w))]
            best = min(rotations, key=lambda w: [self.key(f) for f in w])
            return call("tr", matmul(*best))

        if is_single(arg.shape):
            return self.polynomial(arg)
        return self._linear(self.polynomial(arg), SCALAR, outer)

    def _sum(self, body: Node, index: Idx, condition: Node | None) -> Polynomial:
        """`Σ_i (2 a b_i + c_i) = 2a Σ_i b_i + Σ_i c_i`."""
        bound = self._open(index)
        p = self.polynomial(substitute(body, {index: bound}))
        condition = self._condition_of(condition, index, bound)
        result = Polynomial(p.shape, {})
        for (scalars, matrices), value in p.terms.items():
            inside = tuple((b, e) for b, e in scalars if bound in free_indices(b))
            outside = tuple((b, e) for b, e in scalars if bound not in free_indices(b))
            inner = Polynomial(p.shape if matrices else SCALAR, {(inside, matrices): Fraction(1)})
            if not inside and not matrices and condition is None:
                whole = self.polynomial(from_size(index.range))
            else:
                atom = self._closed("sum", self.node(inner), bound, condition)
                power = ((atom, Fraction(1)),)
                whole = Polynomial(inner.shape, {((), power) if matrices else (power, ()): Fraction(1)})
            scale = Polynomial(SCALAR, {(outside, ()): value})
            result = self.plus(result, self.times(scale, whole, p.shape))
        return result

    # --- reading back ---------------------------------------------------------------------------------------------

    def node(self, p: Polynomial) -> Node:
        """The polynomial as a node: terms in a fixed order, negative powers as a denominator."""
        if not p.terms:
            return call("zeros", *map(from_size, p.shape)) if not is_single(p.shape) else num(0)
        terms = [term_of(m, p.terms[m], p.shape) for m in sorted(p.terms, key=self._monomial_key)]
        result = add(*terms)
        if p.shape and not is_single(p.shape) and result.shape != p.shape:
            result = Mul((result, call("ones", from_size(p.shape[0]), from_size(p.shape[1]))))
        return result

    def key(self, node: Node) -> str:
        if node not in self.keys:
            parts = [self.key(part) if isinstance(part, Node) else str(part) for part in fields_of(node)]
            self.keys[node] = f"{type(node).__name__}({','.join(parts)})"
        return self.keys[node]

    def _monomial_key(self, m: Monomial) -> tuple[int, str]:
        powers = (*m[0], *m[1])
        return (-len(powers), "|".join(f"{self.key(base)}^{e}" for base, e in powers))

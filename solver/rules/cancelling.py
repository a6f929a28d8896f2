"""What cancels: a matrix and its inverse, deviations from a mean, powers in a product of fractions, pieces of a choice."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Call,
    Cmp,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    add,
    call,
    from_size,
    matmul,
    mul,
    num,
    walk,
)
from solver.expr.shapes import ShapeError, is_column, is_row, is_single, is_vector, rows
from solver.expr.sizes import ONE
from solver.rules.algebra import zeros
from solver.rules.clearing import inner_denominators, multiply_out_fractions
from solver.rules.diagonals import sum_of_diagonals
from solver.rules.fractions import powers, product
from solver.rules.inner import turned
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting
from solver.rules.slices import entry_of_number, entry_of_stack, out_of_sum, sum_of_stacks

# --- products of matrices -----------------------------------------------------------------------------------------


def _inverse_of(node: Node) -> Node | None:
    """The matrix whose inverse the node is, by its form; None for anything else."""
    match node:
        case Call("inv", (arg,)) if arg.shape:
            return arg
        case Transpose(Call("inv", (arg,))):
            return turned(arg)
    return None


@rule(
    "inverse cancels", r"A^{-1} A = I", words="a matrix and its inverse", routine=True,
    applies=["inv(A) @ A -> eye(n)", "x @ inv(A).T @ A.T @ B -> x @ B", "A @ inv(A) @ x.T -> x.T",
             "inv(A @ B) @ A @ B @ x.T -> x.T"],
    refuses=["inv(A) @ B", "inv(A).T @ A", "A @ B"],
)  # fmt: skip
def inverse_cancels(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    args = node.args
    for start, arg in enumerate(args):
        inside = _inverse_of(arg)
        if inside is None:
            continue
        word = inside.args if isinstance(inside, MatMul) else (inside,)
        length = len(word)
        if args[start + 1 : start + 1 + length] == word:
            kept = (*args[:start], *args[start + 1 + length :])
        elif start >= length and args[start - length : start] == word:
            kept = (*args[: start - length], *args[start + 1 :])
        else:
            continue
        return matmul(*kept) if kept else call("eye", from_size(rows(arg.shape)))
    return None


@rule(
    "inverse undone", r"(A^{-1})^{-1} = A", words="the inverse of the inverse", routine=True,
    applies=["inv(inv(A)) -> A", "inv(inv(A).T) -> A.T"], refuses=["inv(A)", "inv(inv(A) @ A)"],
)  # fmt: skip
def inverse_undone(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("inv", (arg,)) if arg.shape:
            return _inverse_of(arg)
    return None


@rule(
    "orthogonal", r"Q^\top Q = I", words="{Q} is orthogonal",
    applies=["Q.T @ Q -> eye(n)", "x @ Q @ Q.T @ A -> x @ A", "inv(Q) -> Q.T", "norm(Q @ x.T) -> norm(x.T)"],
    refuses=["A.T @ A", "inv(A)", "norm(A @ x.T)"],
)  # fmt: skip
def orthogonal(node: Node, setting: Setting) -> Rewrite | None:
    """An orthogonal matrix beside its transpose, its inverse, and the norm of what it turns."""

    def known(part: Node) -> tuple[Fact, ...] | None:
        return (
            (Fact(part.name, "orthogonal"),) if isinstance(part, Sym) and "orthogonal" in setting.traits(part) else None
        )

    match node:
        case MatMul(args):
            for k, (left, right) in enumerate(pairwise(args)):
                inside = left.arg if isinstance(left, Transpose) else left
                facts = known(inside)
                if facts is not None and turned(left) == right:
                    kept = (*args[:k], *args[k + 2 :])
                    after = matmul(*kept) if kept else call("eye", from_size(rows(inside.shape)))
                    return Rewrite(after, (("Q", inside),), facts)
        case Call("inv", (arg,)) if (facts := known(arg)) is not None:
            return Rewrite(Transpose(arg), (("Q", arg),), facts)
        case Call("norm", (MatMul((first, *rest)),)):
            inside = first.arg if isinstance(first, Transpose) else first
            facts = known(inside)
            if facts is not None:
                return Rewrite(call("norm", matmul(*rest)), (("Q", inside),), facts)
    return None


@rule(
    "blocks in a product", r"\begin{pmatrix} A & B \end{pmatrix} \begin{pmatrix} C \\ D \end{pmatrix} = A\,C + B\,D",
    words="block by block",
    applies=["hstack(x, y) @ vstack(A, B) -> x @ A + y @ B"],
    refuses=["hstack(A, x.T) @ vstack(y, B)", "hstack(A, B)", "A @ B"],
)  # fmt: skip
def blocks(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, (left, right) in enumerate(pairwise(node.args)):
        match left, right:
            case Call("hstack", wide), Call("vstack", high) if [_size(a, 1) for a in wide] == [
                _size(b, 0) for b in high
            ]:
                before, after = node.args[:number], node.args[number + 2 :]
                return add(*(matmul(*before, a, b, *after) for a, b in zip(wide, high, strict=True)))
    return None


def _size(node: Node, axis: int) -> object:
    return node.shape[axis] if node.shape else ONE


@rule(
    "product with a diagonal matrix", r"\operatorname{diag}(a)\,x = a \odot x", words="a diagonal matrix scales",
    applies=["diag(x.T) @ y.T -> x.T*y.T", "x @ diag(y) -> x*y"], refuses=["diag(x) @ A", "A @ x.T"],
)  # fmt: skip
def diagonal_scales(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul((Call("diag", (entries,)), *rest)) if is_column(node.shape) and is_vector(entries.shape):
            return mul(entries if is_column(entries.shape) else turned(entries), matmul(*rest))
        case MatMul((*rest, Call("diag", (entries,)))) if is_row(node.shape) and is_vector(entries.shape):
            return mul(matmul(*rest), entries if is_row(entries.shape) else turned(entries))
    return None


@rule(
    "diagonal of a column times a row", r"\operatorname{diag}(u\,v^\top) = u \odot v",
    words="on the diagonal stand the products of the entries",
    applies=["diag(x.T @ y) -> x*y", "diag(x.T @ x) -> x**2", "diag(x.T @ y/a) -> x*y/a"],
    refuses=["diag(A @ B)", "diag(x)", "diag(A)"],
)  # fmt: skip
def diagonal_entries(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("diag", (Div(left, right),), axis) if is_single(right.shape) and not is_vector(left.shape):
            inner = diagonal_entries.body(call("diag", left, axis=axis), setting)
            return Div(inner, right) if isinstance(inner, Node) else None
        case Call("diag", (MatMul((left, right)),)) if is_column(left.shape) and is_row(right.shape):
            lying = [part if part.shape == node.shape else turned(part) for part in (left, right)]
            after = Pow(lying[0], num(2)) if lying[0] == lying[1] else mul(*lying)
            return after if after.shape == node.shape else None
    return None


@rule(
    "trace by the identity", r"\sum_{ij} A_{ij} I_{ij} = \operatorname{tr} A", words="only the diagonal counts",
    applies=["sum(A*eye(n)) -> tr(A)", "sum(a*eye(n)*A) -> tr(a*A)"], refuses=["sum(A)", "sum(x)", "tr(A)"],
)  # fmt: skip
def trace_by_identity(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (Mul(args) as whole,), None):
            rest = [arg for arg in args if not (isinstance(arg, Call) and arg.name == "eye")]
            if len(rest) < len(args) and mul(*rest).shape == whole.shape:
                return call("tr", mul(*rest))
    return None


@rule(
    "sign by an absolute value", r"\frac{\operatorname{sign} x}{|x|} = \frac1x", words="x = |x| sign x",
    applies=["sign(x)/abs(x) -> 1/x", "a*sign(x)*y/abs(x) -> a*y/x"], refuses=["sign(x)/abs(y)", "sign(x)/x"],
)  # fmt: skip
def sign_by_absolute_value(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(above, Call("abs", (inside,))):
            args = list(above.args) if isinstance(above, Mul) else [above]
            sign = call("sign", inside)
            if sign in args:
                args.remove(sign)
                after = Div(mul(*args), inside)
                return after if after.shape == node.shape else None
    return None


@rule(
    "product of diagonal matrices", r"\operatorname{diag}(a) \operatorname{diag}(b) = \operatorname{diag}(a \odot b)",
    words="diagonal matrices multiply entry by entry",
    applies=["diag(x) @ diag(y) -> diag(x*y)", "A @ diag(x) @ diag(x) @ B -> A @ diag(x*x) @ B"],
    refuses=["diag(x) @ A", "diag(x) @ y.T"],
)  # fmt: skip
def diagonals(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, pair in enumerate(pairwise(node.args)):
        match pair:
            case (Call("diag", (left,)), Call("diag", (right,))) if is_vector(left.shape) and is_vector(right.shape):
                other = right if left.shape == right.shape else turned(right)
                both = call("diag", mul(left, other))
                return matmul(*node.args[:number], both, *node.args[number + 2 :])
    return None


@rule(
    "diagonal of an outer product", r"I \odot (u\,v^\top) = \operatorname{diag}(u \odot v)",
    words="on the diagonal stand the products of the entries",
    applies=["eye(n)*(x.T @ y) -> diag(x*y)", "2*eye(n)*(x.T @ x) -> 2*diag(x**2)"], refuses=["eye(n)*A", "x.T @ y"],
)  # fmt: skip
def diagonal_of_outer(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) if any(isinstance(arg, Call) and arg.name == "eye" for arg in args):
            pass
        case _:
            return None
    whole = [arg for arg in args if not is_single(arg.shape)]
    match [arg for arg in whole if not (isinstance(arg, Call) and arg.name == "eye")]:
        case [MatMul((left, right))] if is_column(left.shape) and len(whole) == 2:
            flat = turned(left) if isinstance(left, Transpose) else left
            other = turned(right) if flat.shape != right.shape else right
            entries = Pow(flat, num(2)) if flat == other else mul(flat, other)
            return mul(*(arg for arg in args if is_single(arg.shape)), call("diag", entries))
    return None


@rule(
    "product of powers", r"A \cdot A^n = A^{n+1}", words="powers of one matrix", routine=True,
    applies=["A @ matrix_power(A, 2) -> matrix_power(A, 3)",
             "x @ matrix_power(A, 2) @ matrix_power(A, 2) -> x @ matrix_power(A, 4)"],
    refuses=["A @ A", "A @ matrix_power(B, 2)"],
)  # fmt: skip
def product_of_powers(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, (left, right) in enumerate(pairwise(node.args)):
        (a, m), (b, n) = _power(left), _power(right)
        if a == b and max(m, n) > 1:
            power = call("matrix_power", a, num(m + n))
            return matmul(*node.args[:number], power, *node.args[number + 2 :])
    return None


def _power(node: Node) -> tuple[Node, int]:
    match node:
        case Call("matrix_power", (base, Num(value))) if value.denominator == 1 and value >= 1:
            return base, int(value)
    return node, 1


# --- entries, rows and columns ------------------------------------------------------------------------------------


# --- means --------------------------------------------------------------------------------------------------------


def centred(node: Node, axis: int, setting: Setting) -> bool:
    """Whether the entries along an axis sum to zero, because the mean has been taken off."""
    match node:
        case Sym(name) if (value := setting.known(name)) is not None:
            return centred(value, axis, setting)
        case Neg(arg):
            return centred(arg, axis, setting)
        case Transpose(arg):
            return centred(arg, 1 - axis, setting)
        case Div(left, right):
            return _still(right, axis) and centred(left, axis, setting)
        case Mul(args):
            moving = [arg for arg in args if not _still(arg, axis)]
            return len(moving) == 1 and moving[0].shape == node.shape and centred(moving[0], axis, setting)
        case Add((whole, Neg(mean))) | Add((Neg(mean), whole)):
            while isinstance(mean, Sym) and (value := setting.known(mean.name)) is not None:
                mean = value
            match mean:
                case Call("mean", (arg,), along) if arg == whole and arg.shape:
                    return along == axis or (along is None and arg.shape[1 - axis] == ONE)
    return False


def _still(node: Node, axis: int) -> bool:
    """Whether the node does not change along the axis of the matrix that it stands beside."""
    return not node.shape or node.shape[axis] == ONE


def _along(node: Node) -> tuple[Node, int] | None:
    """What is summed and along which axis, for a sum over one axis."""
    match node:
        case Call("sum" | "mean", (arg,), axis) if arg.shape:
            if axis is not None:
                return arg, axis
            return (arg, int(rows(arg.shape) == ONE)) if is_vector(arg.shape) else None
        case MatMul((Call("ones") as ones, arg)) if ones.shape[0] == ONE:  # type: ignore[misc]
            return arg, 0
        case MatMul((arg, Call("ones") as ones)) if ones.shape[1] == ONE:  # type: ignore[misc]
            return arg, 1
    return None


@rule(
    "deviations from a mean", r"\sum_i (x_i - \bar x) = 0", words="deviations from the mean sum to 0",
    applies=["sum(x - mean(x)) -> 0", "sum(A - mean(A, axis=0), axis=0) -> zeros(1, n)",
             "sum(x*(A - mean(A, axis=0))/y, axis=0) -> zeros(1, n)", "ones(1, n) @ (x - mean(x)).T -> zeros(1, 1)",
             "A @ ones(n, n) @ (x - mean(x)).T -> zeros(n, 1)"],
    refuses=["sum(x - mean(y))", "sum(A - mean(A, axis=0), axis=1)", "sum(A*(A - mean(A, axis=0)), axis=0)"],
)  # fmt: skip
def deviations(node: Node, setting: Setting) -> Node | None:
    found = _along(node)
    if found is not None and centred(*found, setting):
        return zeros(node.shape) if node.shape else ZERO_NODE
    if isinstance(node, MatMul):
        for left, right in pairwise(node.args):
            if (_is_ones(left) and centred(right, 0, setting)) or (_is_ones(right) and centred(left, 1, setting)):
                return zeros(node.shape) if node.shape else ZERO_NODE
    return None


def _is_ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


@rule(
    "constant along a sum", r"\sum_i c_j\,A_{ij} = c_j \sum_i A_{ij}", words="what does not change leaves the sum",
    applies=["sum(x*A, axis=0) -> x*sum(A, axis=0)", "sum(A/x, axis=0) -> sum(A, axis=0)/x",
             "mean(x.T*A*B, axis=1) -> x.T*mean(A*B, axis=1)", "sum(a*x) -> a*sum(x)",
             "ones(1, n) @ (x*A) -> x*(ones(1, n) @ A)", "(A/y.T) @ ones(n, 1) -> A @ ones(n, 1)/y.T"],
    refuses=["sum(x*A, axis=1)", "ones(1, n) @ (y.T*A)", "ones(1, n) @ A", "sum(x*A)", "sum(A, axis=0)", "sum(A*B, axis=0)"], routine=True,
)  # fmt: skip
def constant_along(node: Node, setting: Setting) -> Node | None:
    match node:
        case MatMul((Call("ones") as ones, arg)) if is_row(node.shape) and (taken := _out_of(arg, 0)) is not None:
            above, under, rest = taken
            return _scaled(above, under, matmul(ones, rest), node)
        case MatMul((arg, Call("ones") as ones)) if is_column(node.shape) and (taken := _out_of(arg, 1)) is not None:
            above, under, rest = taken
            return _scaled(above, under, matmul(rest, ones), node)
        case Call("sum" | "mean", (Mul(args) as whole,)) if (found := _along(node)) is not None:
            axis = found[1]
            outside = [arg for arg in args if _still(arg, axis)]
            inside = [arg for arg in args if not _still(arg, axis)]
            if outside and inside and mul(*inside).shape == whole.shape:
                after = mul(*outside, node.rebuild((mul(*inside),)))
                return after if after.shape == node.shape else None
        case Call("sum" | "mean", (Div(left, right),)) if (found := _along(node)) is not None:
            if _still(right, found[1]) and left.shape == node.args[0].shape:
                after = Div(node.rebuild((left,)), right)
                return after if after.shape == node.shape else None
    return None


def _out_of(node: Node, axis: int) -> tuple[list[Node], Node, Node] | None:
    """The factors of a product or quotient that stay the same along the axis, above and below, and the rest of it."""
    below: Node = ONE_NODE
    whole = node
    if isinstance(node, Div) and _still(node.right, axis) and node.left.shape == node.shape:
        below, node = node.right, node.left
    args = node.args if isinstance(node, Mul) else (node,)
    outside = [arg for arg in args if _still(arg, axis)]
    inside = mul(*(arg for arg in args if not _still(arg, axis)))
    if (not outside and below == ONE_NODE) or inside.shape != whole.shape:
        return None
    return outside, below, inside


def _scaled(above: list[Node], below: Node, total: Node, node: Node) -> Node | None:
    after = mul(*above, total)
    after = after if below == ONE_NODE else Div(after, below)
    return after if after.shape == node.shape else None


# --- fractions ----------------------------------------------------------------------------------------------------


def _spread_out(node: Node, sign: int) -> list[tuple[Node, Fraction]]:
    """The factors of a monomial with their exponents, powers of products and quotients taken apart."""
    found: list[tuple[Node, Fraction]] = []
    for base, exponent in powers(node):
        match base:
            case Div(left, right):
                found += [(b, e * exponent) for b, e in (*_spread_out(left, sign), *_spread_out(right, -sign))]
            case Mul():
                found += [(b, e * exponent) for b, e in _spread_out(base, sign)]
            case Pow(inner, Num(value)) if value.denominator == 1:
                found += [(b, e * exponent * value) for b, e in _spread_out(inner, sign)]
            case _:
                found.append((base, sign * exponent))
    return found


@rule(
    "one fraction", r"\frac{a}{(b\,c)^2} \cdot b = \frac{a}{b\,c^2}", words="cancel in the fraction",
    applies=["4*(a/(2*b**2)**2)*b -> a/b**3", "a/(b*c)**2*c -> a/(b**2*c)"],
    refuses=["a*(b/c)", "a/b", "a*b", "x/y*(a/b)"],
)  # fmt: skip
def one_fraction(node: Node, setting: Setting) -> Node | None:
    """A product of powers in which something cancels between numerators and denominators that stand apart."""
    if not isinstance(node, Mul | Div) or not any(isinstance(part, Div) for part in (node, *node.children)):
        return None
    parts = _spread_out(node, 1)
    if isinstance(node, Mul) and not any(isinstance(arg, Div) for arg in node.args):
        return None
    value = Fraction(1)
    totals: dict[Node, Fraction] = {}
    signs: dict[Node, set[bool]] = {}
    for base, exponent in parts:
        if isinstance(base, Num) and base.value and exponent.denominator == 1:
            value *= base.value ** int(exponent)
            continue
        totals[base] = totals.get(base, Fraction(0)) + exponent
        signs.setdefault(base, set()).add(exponent > 0)
    if not any(len(both) == 2 for both in signs.values()):
        return None
    above = [(base, e) for base, e in totals.items() if e > 0]
    below = [(base, -e) for base, e in totals.items() if e < 0]
    top = ([num(value.numerator)] if value.numerator != 1 or not above else []) + ([product(above)] if above else [])
    bottom = ([num(value.denominator)] if value.denominator != 1 else []) + ([product(below)] if below else [])
    if value < 0:
        return None
    after: Node = Div(mul(*top), mul(*bottom)) if bottom else mul(*top)
    if after.shape != node.shape:
        return None
    return after if _weight(after) < _weight(node) else None


def _weight(node: Node) -> int:
    return sum(1 for _ in walk(node))


@rule(
    "common factor of fractions", r"\frac{a\,b}{c} + \frac{a\,d}{c\,e} = \frac{a}{c}\left(b + \frac{d}{e}\right)",
    words="factor out {c}",
    applies=["x*A/y - x*B/(y*a) -> x/y*(A - B/a)", "a*b/c - s/c**2 -> (a*b - s/c)/c"],
    refuses=["a/b + c/s", "a + b", "a*b + a*c", "a/c + b/c"],
)  # fmt: skip
def factor_out_fractions(node: Node, setting: Setting) -> Rewrite | None:
    """What stands in the denominators of all terms, and in all numerators, drawn out of the sum."""
    if not isinstance(node, Add):
        return None
    split = [_exponents(arg.arg if isinstance(arg, Neg) else arg) for arg in node.args]
    common: dict[Node, Fraction] = {}
    for base in split[0]:
        found = [parts.get(base, Fraction(0)) for parts in split]
        if all(e > 0 for e in found):
            common[base] = min(found)
        elif all(e < 0 for e in found):
            common[base] = max(found)
    if not any(e < 0 for e in common.values()):
        return None
    rest = [
        {base: e - common.get(base, Fraction(0)) for base, e in parts.items() if e != common.get(base)}
        for parts in split
    ]
    if not any(e < 0 for parts in rest for e in parts.values()):
        return None  # one denominator for all: that is a fraction of a sum
    terms = [
        Neg(_quotient(parts)) if isinstance(arg, Neg) else _quotient(parts)
        for arg, parts in zip(node.args, rest, strict=True)
    ]
    try:
        inner = add(*terms)
        above = {base: e for base, e in common.items() if e > 0}
        below = product([(base, -e) for base, e in common.items() if e < 0])
        after = mul(_quotient(common), inner) if above else Div(inner, below)
    except ShapeError:
        return None
    return Rewrite(after, (("c", _quotient(common)),)) if after.shape == node.shape else None


def _exponents(node: Node) -> dict[Node, Fraction]:
    found: dict[Node, Fraction] = {}
    for base, e in _spread_out(node, 1):
        found[base] = found.get(base, Fraction(0)) + e
    return {base: e for base, e in found.items() if e and base != ONE_NODE}


def _quotient(parts: dict[Node, Fraction]) -> Node:
    above = [(base, e) for base, e in parts.items() if e > 0]
    below = [(base, -e) for base, e in parts.items() if e < 0]
    top = product(above) if above else ONE_NODE
    return Div(top, product(below)) if below else top


@rule(
    "denominator out of a product", r"\frac{a}{c} \odot b = \frac{a \odot b}{c}", routine=True,
    applies=["x/a*y -> x*y/a", "x*(b/a) -> b*x/a", "b*(x/a) -> b*x/a"],
    refuses=["x/y*a", "1/2*A", "x*y", "x/a"],
)  # fmt: skip
def denominator_out(node: Node, setting: Setting) -> Node | None:
    """The number below one factor comes below the whole product, what is a number above to its front."""
    if not isinstance(node, Mul):
        return None
    for number, arg in enumerate(node.args):
        if isinstance(arg, Div) and is_single(arg.right.shape) and not (_plain(arg.left) and _plain(arg.right)):
            others = [*node.args[:number], *node.args[number + 1 :]]
            if arg.left != ONE_NODE:
                others.insert(0 if is_single(arg.left.shape) else number, arg.left)
            after = Div(mul(*others), arg.right)
            return after if after.shape == node.shape else None
    return None


def _plain(node: Node) -> bool:
    return isinstance(node, Num)


@rule(
    "numbers before matrices", r"A\,c = c\,A", routine=True,
    applies=["x*a -> a*x", "2*x*a*y -> 2*a*x*y", "x*sum(y) -> sum(y)*x"], refuses=["a*x", "x*y", "b*a"],
)  # fmt: skip
def numbers_before(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) if not is_single(node.shape):
            single = [arg for arg in args if is_single(arg.shape)]
            whole = [arg for arg in args if not is_single(arg.shape)]
            if single and whole and (*single, *whole) != args:
                return mul(*single, *whole)
    return None


# --- pieces -------------------------------------------------------------------------------------------------------


@rule(
    "piece and its indicator", r"\max(0, x)\,\mathbb{1}(x > 0) = \max(0, x)", words="the piece is zero elsewhere",
    applies=["maximum(0, x)*indicator(x > 0) -> maximum(0, x)", "2*relu(x)*indicator(x > 0) -> 2*relu(x)",
             "indicator(x > 0)*indicator(x > 0)*y -> indicator(x > 0)*y", "x*sign(x) -> abs(x)",
             "abs(x)*sign(x) -> x"],
    refuses=["maximum(0, x)*indicator(y > 0)", "x*sign(y)", "relu(x)"],
)  # fmt: skip
def piece_and_indicator(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Mul):
        return None
    for number, arg in enumerate(node.args):
        others = [*node.args[:number], *node.args[number + 1 :]]
        match arg:
            case Call("indicator", (Cmp(left, right, ">"),)) if right == ZERO_NODE and (
                any(_piece(setting.value_of(other) or other, setting.value_of(left) or left) for other in others)
                or arg in others
            ):
                after = mul(*others)
            case Call("indicator") if arg in others:
                after = mul(*others)
            case Call("sign", (inside,)) if inside in others:
                others.remove(inside)
                after = mul(*others, call("abs", inside))
            case Call("sign", (inside,)) if call("abs", inside) in others:
                others.remove(call("abs", inside))
                after = mul(*others, inside)
            case _:
                continue
        if after.shape == node.shape:
            return after
    return None


def _piece(node: Node, inside: Node) -> bool:
    """Whether the node is zero where `inside` is not positive."""
    match node:
        case Call("relu", (arg,)):
            return inside in (arg, node)
        case Call("maximum", (a, b)):
            return (a == ZERO_NODE and b == inside) or (b == ZERO_NODE and a == inside)
        case Pow(base, Num(value)) if value > 0:
            return _piece(base, inside)
    return False


CANCELLING = (
    inverse_undone, inverse_cancels, orthogonal, blocks, diagonal_scales, diagonals, sum_of_diagonals, diagonal_entries, trace_by_identity, diagonal_of_outer, product_of_powers, entry_of_stack, entry_of_number,
    sum_of_stacks, out_of_sum, constant_along,
    deviations, multiply_out_fractions, inner_denominators, one_fraction, piece_and_indicator,
)  # fmt: skip
"""Matrices first, then means, which make terms vanish, then fractions and pieces."""

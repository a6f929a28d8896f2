"""Arithmetic: what is done without saying, and the named moves of fractions, factors and like terms."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    At,
    Call,
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
    Transpose,
    add,
    call,
    from_size,
    mul,
    num,
)
from solver.expr.shapes import Shape, is_row, is_single, is_vector
from solver.rules.rule import rule
from solver.rules.setting import Setting


def zeros(shape: Shape) -> Node:
    """Zero, in a shape."""
    return call("zeros", from_size(shape[0]), from_size(shape[1])) if shape else ZERO_NODE


def is_zero(node: Node) -> bool:
    return node == ZERO_NODE or (isinstance(node, Call) and node.name == "zeros")


def is_one(node: Node) -> bool:
    return node == ONE_NODE


def _literal(node: Node) -> Fraction | None:
    """The rational number that the node spells out, or None."""
    match node:
        case Num(value):
            return value
        case Neg(arg):
            inner = _literal(arg)
            return None if inner is None else -inner
        case Div(Num(a), Num(b)) if b:
            return a / b
    return None


def _fits(node: Node, shape: Shape) -> bool:
    return node.shape == shape or (is_single(node.shape) and is_single(shape))


@rule("zero term", r"a + 0 = a", applies=["a + 0 -> a", "x - zeros(1, n) -> x"], refuses=["a + 1"], routine=True)
def zero_term(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add):
        return None
    kept = [arg for arg in node.args if not is_zero(arg.arg if isinstance(arg, Neg) else arg)]
    if len(kept) == len(node.args):
        return None
    result = add(*kept)
    return result if _fits(result, node.shape) else zeros(node.shape) if not kept else None


@rule(
    "zero factor", r"a \cdot 0 = 0", routine=True,
    applies=["0*a -> 0", "x*zeros(1, n) -> zeros(1, n)", "A @ zeros(n, n) -> zeros(n, n)", "0/a -> 0", "-0 -> 0",
             "vec(zeros(n, n)) -> zeros(n**2, 1)"],
    refuses=["a*b", "a/b"],
)  # fmt: skip
def zero_factor(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) | MatMul(args) if any(is_zero(arg) for arg in args):
            return zeros(node.shape)
        case Div(left, _) if is_zero(left):
            return zeros(node.shape)
        case Neg(arg) | Transpose(arg) if is_zero(arg):
            return zeros(node.shape)
        case Call("sum" | "tr" | "vec", (arg,)) if is_zero(arg):
            return zeros(node.shape)
    return None


@rule(
    "factor one", r"1 \cdot a = a", routine=True,
    applies=["1*a -> a", "a/1 -> a", "eye(n) @ A -> A", "a**1 -> a", "ones(1, n)*x -> x", "a**0 -> 1"],
    refuses=["2*a", "a/2", "ones(n, n)*x"],
)  # fmt: skip
def factor_one(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args):
            kept = [arg for arg in args if not is_one(arg)]
            shaped = [arg for arg in kept if not (isinstance(arg, Call) and arg.name == "ones")]
            for rest in (shaped, kept):
                result = mul(*rest)
                if len(rest) < len(args) and _fits(result, node.shape):
                    return result
        case MatMul(args):
            kept = [arg for arg in args if not (isinstance(arg, Call) and arg.name == "eye")]
            if len(kept) < len(args):
                return MatMul(tuple(kept)) if len(kept) > 1 else kept[0] if kept else args[0]
        case Div(left, right) | Pow(left, right) if is_one(right):
            return left
        case Pow(left, right) if right == ZERO_NODE and not left.shape:
            return ONE_NODE
    return None


@rule(
    "signs", r"-(-a) = a,\quad (-a)\,b = -(a\,b)", routine=True,
    applies=["-(-a) -> a", "(-a)*b -> -(a*b)", "(-a)/b -> -(a/b)", "x @ (-A) -> -(x @ A)", "(-A).T -> -A.T",
             "sum(-x) -> -sum(x)", "a/(-b) -> -(a/b)"],
    refuses=["-a", "a - b"],
)  # fmt: skip
def signs(node: Node, setting: Setting) -> Node | None:
    match node:
        case Neg(Neg(arg)):
            return arg
        case Mul(args) | MatMul(args) if any(isinstance(arg, Neg) for arg in args):
            odd = sum(isinstance(arg, Neg) for arg in args) % 2
            bare = node.rebuild(tuple(arg.arg if isinstance(arg, Neg) else arg for arg in args))
            return Neg(bare) if odd else bare
        case Div(Neg(left), Neg(right)):
            return Div(left, right)
        case Div(Neg(left), right) | Div(left, Neg(right)):
            return Neg(Div(left, right))
        case Transpose(Neg(arg)):
            return Neg(Transpose(arg))
        case Call("sum" | "tr" | "mean" | "vec", (Neg(arg),)):
            return Neg(node.rebuild((arg,)))
    return None


@rule(
    "numbers", r"2 \cdot 3 = 6", routine=True,
    applies=["2 + 3 -> 5", "2*a*3 -> 6*a", "a + 1 - 1 -> a", "4/2 -> 2", "2**3 -> 8", "a*2/2 -> a", "1/2*2*a -> a",
             "b/2*2*a -> b*a", "4*(b/2)*a -> 2*b*a"],
    refuses=["a + 1", "2*a", "1/2", "x + 1", "3*(b/2)", "b/2*a"],
)  # fmt: skip
def numbers(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add(args):
            literals = [v for arg in args if (v := _literal(arg)) is not None]
            if len(literals) < 2:
                return None
            rest = [arg for arg in args if _literal(arg) is None]
            total = sum(literals, Fraction(0))
            result = add(*rest, *([num(total)] if total or not rest else []))
            return result if _fits(result, node.shape) else None
        case Mul(args):
            literals = [v for arg in args if (v := _literal(arg)) is not None]
            if len(literals) < 2:
                return _into_fraction(args, literals[0]) if literals else None
            product = Fraction(1)
            for value in literals:
                product *= value
            rest = [arg for arg in args if _literal(arg) is None]
            return mul(*([num(product)] if product != 1 or not rest else []), *rest)
        case Div(left, right):
            a, b = _literal(left), _literal(right)
            if a is not None and b and (a / b).denominator < b:
                return num(a / b)
            match left:
                case Mul((first, *rest)) if (a := _literal(first)) is not None and b and (a / b).denominator == 1:
                    return mul(*([num(a / b)] if a != b else []), *rest)
                case Mul((*rest, last)) if (a := _literal(last)) is not None and b and (a / b).denominator == 1:
                    return mul(*([num(a / b)] if a != b else []), *rest)
        case Pow(left, right):
            a, b = _literal(left), _literal(right)
            if a is not None and b is not None and b.denominator == 1 and 2 <= b <= 64:
                return num(a ** int(b))
    return None


def _into_fraction(args: tuple[Node, ...], number: Fraction) -> Node | None:
    """`2 · b/2` as `b`: a number against the number below a fraction bar, where it goes into it."""
    for arg in args:
        match arg:
            case Div(above, Num(below)) if _literal(arg) is None and (quotient := number / below).denominator == 1:
                rest = [above if each is arg else each for each in args if _literal(each) is None]
                return mul(*([num(quotient)] if quotient != 1 else []), *rest)
    return None


@rule(
    "double transpose", r"(A^\top)^\top = A", routine=True, source="Petersen & Pedersen, The Matrix Cookbook, (4)",
    applies=["A.T.T -> A", "eye(n).T -> eye(n)", "a.T -> a", "S.T.T -> S", "diag(x.T) -> diag(x)",
             "basis(i, n, axis=0).T -> basis(i, n, axis=1)"], refuses=["A.T"],
)  # fmt: skip
def double_transpose(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose(Transpose(arg)):
            return arg
        case Transpose(Call("eye", _) as arg):
            return arg
        case Call("diag", (Transpose(arg),)) if is_vector(arg.shape):
            return call("diag", arg)
        case Transpose(Call("basis", args, axis)):
            return call("basis", *args, axis=0 if axis == 1 else 1)
        case Transpose(Call("ones" | "zeros" as name, (rows, columns))):
            return call(name, columns, rows)
        case Transpose(arg) if is_single(arg.shape):
            return arg
    return None


def _base(node: Node) -> tuple[Node, Fraction] | None:
    """A scalar factor and its whole exponent: `x**2` is `(x, 2)`."""
    match node:
        case Pow(base, Num(value)) if value.denominator == 1:
            return base, value
        case Num():
            return None
    return node, Fraction(1)


@rule(
    "collect powers", r"a\,a = a^2",
    applies=["a*a -> a**2", "a*b*a**2 -> a**3*b", "x*x -> x**2"], refuses=["a*b", "2*2"], routine=True,
)  # fmt: skip
def collect_powers(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Mul):
        return None
    totals: dict[Node, Fraction] = {}
    order: list[Node] = []
    for arg in node.args:
        power = _base(arg)
        if power is None:
            order.append(arg)
            continue
        if power[0] not in totals:
            order.append(power[0])
        totals[power[0]] = totals.get(power[0], Fraction(0)) + power[1]
    if len(order) == len(node.args):
        return None
    return mul(*(b if totals.get(b, 1) == 1 else Pow(b, num(totals[b])) for b in order))


@rule(
    "power of a power", r"(a^m)^n = a^{m n}", routine=True,
    applies=["(a**2)**2 -> a**4", "(a**2)**3 -> a**6"], refuses=["a**2", "(a**b)**c"],
)  # fmt: skip
def power_of_power(node: Node, setting: Setting) -> Node | None:
    match node:
        case Pow(Pow(base, Num(m)), Num(n)) if m.denominator == 1 and n.denominator == 1:
            return Pow(base, num(m * n))
    return None


def _standing(node: Node) -> int:
    """Where a factor stands in a product as people write it: numbers, symbols, powers, quotients, functions, sums."""
    match node:
        case Num() | Const():
            return 0
        case Div(Num() | Const(), Num() | Const()):
            return 0
        case SizeSym() | Sym() | At() | Idx():
            return 1
        case Pow(Sym() | At() | Num(), _):
            return 2
        case Add():
            return 5
        case Pow(Add(), _):
            return 6
        case Div():
            return 3
    return 4


@rule(
    "order of the factors", r"b\,2\,a = 2\,a\,b", routine=True,
    applies=["exp(a)*2 -> 2*exp(a)", "cos(a)*a -> a*cos(a)", "(a + 1)*2*b -> 2*b*(a + 1)"],
    refuses=["2*a", "a*b", "b*a", "A*2"],
)  # fmt: skip
def order_factors(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args) if all(not arg.shape for arg in args):
            ordered = sorted(args, key=_standing)
            return mul(*ordered) if tuple(ordered) != args else None
    return None


@rule(
    "power of a product", r"(a\,b)^2 = a^2 b^2", routine=True,
    applies=["(2*a)**2 -> 4*a**2", "(a**2)**3 -> a**6", "(3*a**2*b)**2 -> 9*a**4*b**2"],
    refuses=["a**2", "(a + b)**2", "(a*b)**c", "(a*b)**2"],
)  # fmt: skip
def power_of_product(node: Node, setting: Setting) -> Node | None:
    """Powers of numbers and powers worked out; a power of plain letters is left as it stands."""
    match node:
        case Pow(Mul(args), Num(n)) if (
            n.denominator == 1 and 0 < n <= 64 and any(isinstance(a, Num | Pow) for a in args)
        ):
            return mul(*(_raised(arg, n) for arg in args))
        case Pow(Pow(base, Num(m)), Num(n)) if m.denominator == n.denominator == 1 and 0 < m * n <= 64:
            return Pow(base, num(m * n))
    return None


def _raised(node: Node, n: Fraction) -> Node:
    match node:
        case Num(value):
            return num(value ** int(n))
        case Pow(base, Num(m)) if m.denominator == 1:
            return Pow(base, num(m * n))
    return Pow(node, num(n))


@rule(
    "equal cases", r"\begin{cases} u & x > 0 \\ u & x \le 0 \end{cases} = u", routine=True,
    applies=["where(a > 0, b, b) -> b", "where(x > 0, 0, 0) -> zeros(1, n)"],
    refuses=["where(a > 0, a, b)", "where(x > 0, a, a)"],
)  # fmt: skip
def equal_cases(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("where", (_, first, second)) if first == second:
            if is_zero(first):
                return zeros(node.shape)
            return first if first.shape == node.shape else None
    return None


@rule(
    "entry of a vector", r"x_{1i} = x_i", routine=True,
    applies=["x[1, i] -> x[i]", "x[1, :] -> x", "x.T[i, 1] -> x.T[i]", "x[:, i] -> x[i]", "x.T[:, 1] -> x.T"],
    refuses=["x[i]", "A[1, i]", "A[1, :]"],
)  # fmt: skip
def entry_of_vector(node: Node, setting: Setting) -> Node | None:
    """A row or a column has one index; the whole of it is itself."""
    match node:
        case At(arg, (row, column)) if is_vector(arg.shape) and not is_single(arg.shape):
            index = column if is_row(arg.shape) else row
            return arg if index is None else At(arg, (index,))
    return None


@rule(
    "number alone", r"\sum_i x = \max_i x = x", routine=True,
    applies=["sum(a) -> a", "logsumexp(a + b) -> a + b", "max(a) -> a", "tr(a) -> a"],
    refuses=["sum(x)", "norm(a)", "exp(a)"],
)  # fmt: skip
def number_alone(node: Node, setting: Setting) -> Node | None:
    """The sum, the product, the largest, the trace of a single number is the number."""
    match node:
        case Call(name, (arg,)) if name in _OF_ONE and not arg.shape:
            return arg
    return None


_OF_ONE = frozenset({"sum", "mean", "prod", "max", "min", "logsumexp", "tr", "det", "diag", "vec", "tril"})

_AT_ZERO = {
    **dict.fromkeys(
        ("sin", "tan", "sinh", "tanh", "arcsin", "arctan", "erf", "log1p", "expm1", "sqrt", "relu"), num(0)
    ),
    **dict.fromkeys(("exp", "cos", "cosh"), num(1)),
    "sigmoid": num(Fraction(1, 2)),
}


@rule(
    "known value", r"\log 1 = 0", words="a known value", routine=True,
    applies=["log(1) -> 0", "exp(0) -> 1", "tanh(0) -> 0", "sqrt(4/9) -> 2/3", "sigmoid(0) -> 1/2", "x**0 -> ones(1, n)",
             "a**0 -> 1"],
    refuses=["log(2)", "exp(1)", "sqrt(2)", "exp(a)", "a**1"],
)  # fmt: skip
def known_value(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call(name, (arg,)) if (value := _literal(arg)) is not None:
            if name == "log" and value == 1:
                return num(0)
            if name == "sqrt" and value > 0:
                root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
                return num(root) if root**2 == value else None
            return _AT_ZERO.get(name) if value == 0 else None
        case Pow(base, Num(value)) if value == 0:
            return call("ones", *map(from_size, base.shape)) if base.shape else num(1)
    return None


TIDY = (
    zero_factor, zero_term, factor_one, signs, double_transpose, equal_cases, entry_of_vector, number_alone, numbers,
    known_value,
)  # fmt: skip
"""Done without saying, in this order: zeros vanish before ones, signs come out before numbers are worked out."""

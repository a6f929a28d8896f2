"""Matrix expressions made simpler: broadcasting, transposes of products, fractions in products, facts about data."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from solver.expr.derivation import Fact
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Call,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    call,
    from_size,
    matmul,
    mul,
    num,
)
from solver.expr.shapes import beside, is_column, is_row, is_single, is_vector, numel
from solver.expr.sizes import ONE
from solver.rules.algebra import is_one, zeros
from solver.rules.calculus import constant
from solver.rules.fractions import factors, join_fractions, powers, product
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting

SUM_TO_ONE = frozenset({"one-hot", "simplex"})


def _is_ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


@rule(
    "broadcast", r"(\mathbf{1}\,a) \odot X = a \odot X", words="a row or column repeats along the matrix", routine=True,
    applies=["(ones(n, 1) @ x) * A -> x*A"], refuses=["ones(n, 1) @ x", "x * A", "(ones(n, 1) @ x)*y"],
)  # fmt: skip
def broadcast(node: Node, setting: Setting) -> Node | None:
    """A vector spread over a matrix by a product with ones needs no ones beside a full matrix."""
    if not isinstance(node, Mul | Add):
        return None
    for number, arg in enumerate(node.args):
        match arg:
            case MatMul((left, right)) if _is_ones(left) and left.shape[1] == ONE and right.shape[0] == ONE:  # type: ignore[misc]
                thin = right
            case MatMul((left, right)) if _is_ones(right) and right.shape[0] == ONE and left.shape[1] == ONE:  # type: ignore[misc]
                thin = left
            case _:
                continue
        others = [a for k, a in enumerate(node.args) if k != number]
        if not any(a.shape == node.shape for a in others) or any(across(thin, a) for a in others):
            continue
        return node.rebuild((*node.args[:number], thin, *node.args[number + 1 :]))
    return None


def across(thin: Node, other: Node) -> bool:
    """Whether one is a row and the other a column, which do not stand side by side."""
    return (is_row(thin.shape) and is_column(other.shape)) or (is_column(thin.shape) and is_row(other.shape))


@rule(
    "transpose of a product", r"(A\,B)^\top = B^\top A^\top", source="Petersen & Pedersen, The Matrix Cookbook, (5)",
    applies=["(A @ B).T -> B.T @ A.T", "(A.T @ x.T).T -> x @ A"], refuses=["A.T", "(A + B).T"], routine=True,
)  # fmt: skip
def transpose_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose(MatMul(args)):
            return MatMul(tuple(a.arg if isinstance(a, Transpose) else Transpose(a) for a in reversed(args)))
    return None


@rule(
    "transpose entry by entry", r"(A \odot B)^\top = A^\top \odot B^\top",
    applies=["(A * B).T -> A.T * B.T", "(A + B).T -> A.T + B.T", "(A/a).T -> A.T/a", "(a*A).T -> a*A.T"],
    refuses=["(A @ B).T", "A.T"], routine=True,
)  # fmt: skip
def transpose_entrywise(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose((Add() | Mul() | Div()) as inner):
            return inner.rebuild(
                tuple(
                    a if is_single(a.shape) else a.arg if isinstance(a, Transpose) else Transpose(a)
                    for a in inner.children
                )
            )
    return None


@rule(
    "transpose back", r"(c\,A^\top)^\top = c\,A", routine=True,
    applies=["(A.T/a).T -> A/a", "(a*A.T*B.T).T -> a*A*B", "(x.T*y.T*(1 - y.T)).T -> x*y*(1 - y)"],
    refuses=["(A/a).T", "(A.T + B).T", "A.T"],
)  # fmt: skip
def transpose_back(node: Node, setting: Setting) -> Node | None:
    match node:
        case Transpose((Add() | Mul() | Div()) as inner):
            back = [_back(child) for child in inner.children]
            return (
                None if any(child is None for child in back) else inner.rebuild(tuple(c for c in back if c is not None))
            )
    return None


def _back(node: Node) -> Node | None:
    """The transpose of what is made of transposes and numbers; None for anything else."""
    match node:
        case Transpose(arg):
            return arg
        case _ if is_single(node.shape):
            return node
        case Add() | Mul() | Div() | Neg():
            back = [_back(child) for child in node.children]
            return (
                None if any(child is None for child in back) else node.rebuild(tuple(c for c in back if c is not None))
            )
    return None


@rule(
    "cancel in a product", r"b \cdot \frac{a}{b} = a", words="cancel {c}",
    applies=["a*(b/a) -> b", "2*a*(x/a) -> 2*x", "y*(x/y) -> x", "2*y*(x/(y*y)) -> 2*x/y"],
    refuses=["a*(b/c)", "a/b", "a*b"], routine=True,
)  # fmt: skip
def cancel_in_product(node: Node, setting: Setting) -> Rewrite | None:
    if not isinstance(node, Mul):
        return None
    for number, arg in enumerate(node.args):
        if not isinstance(arg, Div):
            continue
        rest = [a for k, a in enumerate(node.args) if k != number]
        above = [p for a in rest for p in powers(a)]
        under = powers(arg.right)
        for place, (base, exponent) in enumerate(under):
            for k, (same, power) in enumerate(above):
                common = min(exponent, power)
                if same == base and common > 0:
                    below = product([(b, e - common if n == place else e) for n, (b, e) in enumerate(under)])
                    top = [*above[:k], (same, power - common), *above[k + 1 :], *powers(arg.left)]
                    if not beside([b for b, e in top if e]):
                        continue
                    whole = product([p for p in top if not is_one(p[0])])
                    after = whole if below == ONE_NODE else Div(whole, below)
                    if after.shape == node.shape:
                        return Rewrite(after, (("c", base if common == 1 else Pow(base, num(common))),))
    return None


@rule(
    "fraction in a product", r"a \cdot \frac{1}{b} = \frac{a}{b}", routine=True,
    applies=["a*(1/b) -> a/b", "x*(1/y) -> x/y", "A*(ones(n, 1)/a) -> A/a", "(a/b)/c -> a/(b*c)",
             "2*(x/y)/y -> 2*x/(y*y)"],
    refuses=["a*(b/c)", "a/b", "2*a/b"],
)  # fmt: skip
def fraction_in_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args):
            for number, arg in enumerate(args):
                match arg:
                    case Div(left, right) if left == ONE_NODE or _is_ones(left):
                        others = (*args[:number], *args[number + 1 :])
                        if not beside(others):
                            continue
                        rest = mul(*others)
                        after = Div(rest, right)
                        return after if after.shape == node.shape else None
        case Div(Div(a, b), c) if beside((b, c)):
            after = Div(a, mul(b, c))
            return after if after.shape == node.shape else None
        case Div(Mul(args), c):
            for number, arg in enumerate(args):
                if isinstance(arg, Div):
                    # one fraction bar over another: the lower ones are multiplied
                    above = (*args[:number], arg.left, *args[number + 1 :])
                    if beside(above) and beside((arg.right, c)):
                        after = Div(mul(*above), mul(arg.right, c))
                        return after if after.shape == node.shape else None
    return None


@rule(
    "number in a matrix product", r"A\,(c\,B) = c\,A\,B", routine=True,
    applies=["A @ (a*B) -> a*(A @ B)", "(A/a) @ B -> (A @ B)/a", "x @ (2*A) -> 2*(x @ A)"],
    refuses=["A @ B", "A @ (B*C)"],
)  # fmt: skip
def number_in_product(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, MatMul):
        return None
    for number, arg in enumerate(node.args):
        before, after = node.args[:number], node.args[number + 1 :]
        match arg:
            case Mul(args) if any(not a.shape for a in args):
                outside = [a for a in args if not a.shape]
                inside = mul(*(a for a in args if a.shape))
                if inside.shape == arg.shape:
                    return mul(*outside, matmul(*before, inside, *after))
            case Div(left, right) if not right.shape and left.shape == arg.shape:
                return Div(matmul(*before, left, *after), right)
    return None


@rule(
    "sums to one", r"\sum_i y_i = 1", words="the entries of {y} sum to 1",
    applies=["sum(p) -> 1"], refuses=["sum(x)", "sum(A)"],
)  # fmt: skip
def sums_to_one(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("sum", (y,), axis):
            traits = set(setting.traits(y))
            vector = is_vector(y.shape)
            by_rows = 1 if setting.layout == "row" else 0
            if vector and axis is None and traits & SUM_TO_ONE:
                return Rewrite(ONE_NODE, (("y", y),), (Fact(_name(y), "sums-to-one"),))
            if vector or not y.shape:
                return None
            for trait, along in (
                ("one-hot", by_rows),
                ("simplex", by_rows),
                ("one-hot-rows", 1),
                ("one-hot-columns", 0),
            ):
                if trait in traits and axis == along:
                    fact = Fact(_name(y), "sums-to-one-rows" if along == 1 else "sums-to-one-columns")
                    after = call("ones", *(from_size(s) for s in node.shape))
                    return Rewrite(after, (("y", y),), (fact,), samples(y, along))
    return None


def samples(y: Node, axis: int) -> str:
    """The words for sums along an axis: a matrix has one for each row or column."""
    if is_vector(y.shape):
        return ""
    return "rows sum to one" if axis == 1 else "columns sum to one"


def _name(node: Node) -> str:
    return str(getattr(node, "name", ""))


@rule(
    "number out of a sum", r"\sum_i c\,x_i = c \sum_i x_i",
    applies=["sum(a*x) -> a*sum(x)", "sum(x/a) -> sum(x)/a", "tr(a*A) -> a*tr(A)",
             "sum(x @ y.T * u) -> x @ y.T * sum(u)"],
    refuses=["sum(x*y)", "sum(x)"], routine=True,
)  # fmt: skip
def number_out_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum" | "tr" | "mean", (Mul(args) as whole,)):
            numbers = [a for a in args if is_single(a.shape)]
            rest = [a for a in args if not is_single(a.shape)]
            if numbers and rest and (inside := mul(*rest)).shape == whole.shape:
                return mul(*numbers, node.rebuild((inside,)))
        case Call("sum" | "tr" | "mean", (Div(left, right),)) if is_single(right.shape) and not is_single(left.shape):
            return Div(node.rebuild((left,)), right)
    return None


@rule(
    "softmax sums to one", r"\sum_i \operatorname{softmax}(x)_i = 1", routine=True,
    applies=["sum(softmax(x)) -> 1"], refuses=["sum(x)", "sum(softmax(x)*y)"],
)  # fmt: skip
def softmax_sums(node: Node, setting: Setting) -> Rewrite | Node | None:
    match node:
        case Call("sum", (Sym(name),)) if (value := setting.known(name)) is not None:
            return softmax_sums.body(node.rebuild((value,)), setting)
        case Call("sum", (Call("softmax", (arg,), along),), axis):
            if is_vector(arg.shape) and axis is None:
                return ONE_NODE
            if along is not None and axis == along:
                return call("ones", *(from_size(s) for s in node.shape))
    return None


@rule(
    "sum of ones", r"\sum_{i=1}^{n} 1 = n", routine=True,
    applies=["sum(ones(1, n)) -> n", "sum(ones(m, n)) -> m*n", "sum(eye(n), axis=1) -> ones(n, 1)", "sum(eye(n)) -> n"],
    refuses=["sum(x)", "sum(A, axis=0)"],
)  # fmt: skip
def sum_of_ones(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("sum", (arg,), None) if _is_ones(arg):
            return from_size(numel(arg.shape))
        case Call("sum", (Call("eye", (size,)),), axis):
            return size if axis is None else call("ones", *(from_size(s) for s in node.shape))
    return None


@rule(
    "like terms", r"a\,x + b\,x = (a + b)\,x", words="collect like terms",
    applies=["a + a -> 2*a", "x @ A + x @ A -> 2*(x @ A)", "2*a - a -> a", "a - a -> 0", "x/a + x/a -> 2*(x/a)"],
    refuses=["a + b", "2*a", "A + A.T"],
)  # fmt: skip
def like_terms(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Add):
        return None
    totals: dict[Node, Fraction] = {}
    alike: dict[frozenset[tuple[Node, int]], Node] = {}
    for arg in node.args:
        sign = -1 if isinstance(arg, Neg) else 1
        value, rest = _coefficient(arg.arg if isinstance(arg, Neg) else arg)
        # b a is a b: the order in which a term is first met stays
        rest = alike.setdefault(frozenset(Counter(factors(rest)).items()), rest)
        totals[rest] = totals.get(rest, Fraction(0)) + sign * value
    if len(totals) == len(node.args):
        return None
    kept: list[Node] = []
    for rest, value in totals.items():
        if value:
            term = rest if abs(value) == 1 else mul(num(abs(value)), rest)
            kept.append(Neg(term) if value < 0 else term)
    if not kept:
        return zeros(node.shape)
    after = kept[0] if len(kept) == 1 else Add(tuple(kept))
    return after if after.shape == node.shape else None


def _coefficient(node: Node) -> tuple[Fraction, Node]:
    match node:
        case Num(value):
            return value, ONE_NODE
        case Mul((Num(value), *rest)):
            return value, mul(*rest)
    return Fraction(1), node


@rule(
    "symmetric", r"A^\top = A", words="{A} is symmetric",
    applies=["S.T -> S", "inv(S).T -> inv(S)", "(S - A @ A.T).T -> S - A @ A.T", "inv(A.T @ A).T -> inv(A.T @ A)",
             "(a*A.T @ A).T -> a*A.T @ A",
             "(A + A.T).T -> A + A.T", "diag(x).T -> diag(x)", "(S @ x.T @ x @ S - S).T -> S @ x.T @ x @ S - S"],
    refuses=["A.T", "x.T", "(A @ B.T).T", "(S @ A).T", "(A @ A).T"],
)  # fmt: skip
def symmetric(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Transpose(arg) if (facts := symmetry(arg, setting)) is not None:
            return Rewrite(arg, (("A", arg),), facts)
    return None


def symmetry(node: Node, setting: Setting) -> tuple[Fact, ...] | None:
    """What of the data makes the matrix symmetric; None where it is not seen to be."""
    if not node.shape or node.shape[0] != node.shape[1]:
        return () if not node.shape else None
    match node:
        case Sym(name) if (value := setting.known(name)) is not None:
            return symmetry(value, setting)
        case Sym():
            known = {"symmetric", "positive-definite", "diagonal"} & set(setting.traits(node))
            return (Fact(_name(node), "symmetric"),) if known else None
        case Call("eye" | "ones" | "zeros"):
            return ()
        case Call("diag", (arg,)) if is_vector(arg.shape):
            return ()
        case Call("outer", (left, right)) if left == right:
            return ()
        case Add((left, Transpose(right))) | Add((Transpose(left), right)) if left == right:
            return ()
        case Call("inv" | "matrix_power" | "pinv") | Neg() | Div() | Mul() | Add() | Pow() | Call("kron"):
            return _all_symmetric(node.children, setting)
        case Call(args=args) if node.function.kind == "elementwise" and len(args) == 1:
            return _all_symmetric(args, setting)
        case MatMul(args) if any(_bare(arg) != arg for arg in args):
            return symmetry(matmul(*map(_bare, args)), setting)
        case MatMul(args):
            pairs = [_opposite(args[k], args[-1 - k], setting) for k in range(len(args) // 2)]
            middle = symmetry(args[len(args) // 2], setting) if len(args) % 2 else ()
            return _together([*pairs, middle])
    return None


def _bare(node: Node) -> Node:
    """The matrix without the numbers that scale it."""
    match node:
        case Neg(arg):
            return _bare(arg)
        case Div(left, right) if is_single(right.shape):
            return _bare(left)
        case Mul(args) if sum(not is_single(arg.shape) for arg in args) == 1:
            return _bare(next(arg for arg in args if not is_single(arg.shape)))
    return node


def _all_symmetric(parts: tuple[Node, ...], setting: Setting) -> tuple[Fact, ...] | None:
    return _together([symmetry(part, setting) for part in parts])


def _together(found: list[tuple[Fact, ...] | None]) -> tuple[Fact, ...] | None:
    if any(each is None for each in found):
        return None
    return tuple(dict.fromkeys(fact for each in found if each is not None for fact in each))


def _opposite(left: Node, right: Node, setting: Setting) -> tuple[Fact, ...] | None:
    """What makes one the transpose of the other: that it is written so, or that both are one symmetric matrix."""
    if (isinstance(left, Transpose) and left.arg == right) or (isinstance(right, Transpose) and right.arg == left):
        return ()
    return symmetry(left, setting) if left == right else None


@rule(
    "transpose of an inverse", r"(A^{-1})^\top = (A^\top)^{-1}",
    applies=["inv(A.T) -> inv(A).T"], refuses=["inv(A)", "inv(A).T"], routine=True,
)  # fmt: skip
def transpose_inverse(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("inv", (Transpose(arg),)):
            return Transpose(call("inv", arg))
    return None


@rule(
    "positive term first", r"-a + b = b - a", routine=True,
    applies=["-a + b -> b - a", "-x + y - u -> y - x - u"], refuses=["a - b", "-a - b"],
)  # fmt: skip
def positive_first(node: Node, setting: Setting) -> Node | None:
    match node:
        case Add((Neg(), *_) as args):
            first = next((k for k, arg in enumerate(args) if not isinstance(arg, Neg)), None)
            if first is not None:
                return Add((args[first], *args[:first], *args[first + 1 :]))
    return None


@rule(
    "number first", r"A \cdot 2 = 2\,A", routine=True,
    applies=["A*2 -> 2*A", "x*2*y -> 2*x*y"], refuses=["2*A", "A*B", "A*a"],
)  # fmt: skip
def number_first(node: Node, setting: Setting) -> Node | None:
    match node:
        case Mul(args):
            numbers_ = [a for a in args if isinstance(a, Num)]
            rest = [a for a in args if not isinstance(a, Num)]
            if numbers_ and rest and not isinstance(args[0], Num):
                return mul(*numbers_, *rest)
    return None


@rule(
    "hyperbolic tangent", r"\frac{\sinh u}{\cosh u} = \tanh u", words="definition of the hyperbolic tangent",
    applies=["sinh(a)/cosh(a) -> tanh(a)", "b*sinh(a)/cosh(a) -> b*tanh(a)", "1/cosh(x)*sinh(x) -> tanh(x)",
             "b/cosh(x)*sinh(x) -> b*tanh(x)"],
    refuses=["sinh(a)/cosh(b)", "cosh(a)/sinh(a)", "tanh(a)", "1/cosh(x)"],
)  # fmt: skip
def hyperbolic_tangent(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(above, Call("cosh", (u,))):
            rest = list(factors(above))
        case Mul(args) if (k := next((k for k, a in enumerate(args) if _over_cosh(a)), None)) is not None:
            below = args[k]
            assert isinstance(below, Div)
            assert isinstance(below.right, Call)
            u = below.right.args[0]
            rest = [*args[:k], *([] if below.left == ONE_NODE else [below.left]), *args[k + 1 :]]
        case _:
            return None
    sine = call("sinh", u)
    if sine not in rest:
        return None
    rest[rest.index(sine)] = call("tanh", u)
    after = mul(*rest)
    return after if after.shape == node.shape else None


def _over_cosh(node: Node) -> bool:
    return isinstance(node, Div) and isinstance(node.right, Call) and node.right.name == "cosh"


@rule(
    "logistic function", r"\frac{e^u}{1 + e^u} = \sigma(u)", words="definition of the sigmoid",
    applies=["exp(a)/(1 + exp(a)) -> sigmoid(a)", "1/(1 + exp(-a)) -> sigmoid(a)",
             "exp(-a)/(1 + exp(-a)) -> sigmoid(-a)",
             "b*exp(a)/(1 + exp(a)) -> b*sigmoid(a)"],
    refuses=["exp(a)/(1 + exp(b))", "1/(1 + exp(a))", "sigmoid(a)"],
)  # fmt: skip
def logistic(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(above, Add((Num(value), Call("exp", (u,))))) if value == 1:
            pass
        case Div(above, Add((Call("exp", (u,)), Num(value)))) if value == 1:
            pass
        case _:
            return None
    exponential = call("exp", u)
    if above == ONE_NODE and isinstance(u, Neg):
        return call("sigmoid", u.arg)
    rest = list(factors(above))
    if exponential in rest:
        rest[rest.index(exponential)] = call("sigmoid", u)
        return mul(*rest)
    return None


SIMPLER = (
    constant, sums_to_one, softmax_sums, sum_of_ones, transpose_product, symmetric, broadcast, cancel_in_product,
    fraction_in_product, logistic, hyperbolic_tangent, number_out_of_sum, number_in_product, like_terms, positive_first,
    join_fractions, transpose_back, number_first,
)  # fmt: skip
"""Facts first (they make terms vanish), then transposes, then fractions, then like terms."""

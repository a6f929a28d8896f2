"""Exponentials and logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from solver.expr.derivation import Fact
from solver.expr.nodes import Add, At, Big, Call, Div, Mul, Neg, Node, Num, Pow, Sym, add, call, mul, num, walk
from solver.expr.shapes import is_single
from solver.rules.fractions import factors
from solver.rules.letters import lettered
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting

_POSITIVE = frozenset({"exp", "softmax", "sigmoid", "softplus", "cosh", "normal_cdf", "normal_pdf"})


def positive(node: Node, setting: Setting) -> tuple[Fact, ...] | None:
    """What of the data makes every entry positive: nothing where it is so whatever the symbols are, None where it may
    not be."""
    match node:
        case Num(value):
            return () if value > 0 else None
        case Sym(name) if {"positive", "probability"} & set(setting.traits(node)):
            return (Fact(name, "positive"),)
        case Sym(name) if {"nonnegative", "simplex"} & set(setting.traits(node)):
            # where its logarithm is spoken of it is not 0
            return (Fact(name, "nonnegative"),)
        case Call(name) if name in _POSITIVE:
            return ()
        case Call("sum" | "prod" | "mean" | "sqrt", (arg, *_)) | At(arg) | Big(body=arg) | Pow(arg, _):
            return positive(arg, setting)
        case Add((one, Neg(Sym(name) as share))) if one == num(1) and "probability" in setting.traits(share):
            return (Fact(name, "probability"),)
        case Add((one, Neg(Call("sigmoid") | Pow(Call("tanh"), Num(Fraction(numerator=2, denominator=1)))))) if (
            one == num(1)
        ):
            return ()
        case Add(args) | Mul(args):
            return _all_positive(args, setting)
        case Div(left, right):
            return _all_positive((left, right), setting)
        case Neg():
            return None
    return () if node.size is not None else None


def _all_positive(parts: Sequence[Node], setting: Setting) -> tuple[Fact, ...] | None:
    found = [positive(part, setting) for part in parts]
    if any(each is None for each in found):
        return None
    return tuple(dict.fromkeys(fact for each in found if each is not None for fact in each))


@rule(
    "exponential of a sum", r"e^{a + b} = e^a e^b",
    applies=["exp(a + b) -> exp(a)*exp(b)", "exp(a - b) -> exp(a)*exp(-b)"], refuses=["exp(a)", "exp(a*b)"],
)  # fmt: skip
def exp_of_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("exp", (Add(args),)):
            return mul(*(call("exp", arg) for arg in args))
    return None


@rule(
    "product of exponentials", r"e^a e^b = e^{a + b}",
    applies=["exp(a)*exp(b) -> exp(a + b)", "exp(a)*exp(-a) -> exp(a - a)"], refuses=["exp(a)*b", "exp(a)"],
)  # fmt: skip
def product_of_exps(node: Node, setting: Setting) -> Node | None:
    if not isinstance(node, Mul):
        return None
    inside = [arg.args[0] for arg in node.args if isinstance(arg, Call) and arg.name == "exp"]
    if len(inside) < 2:
        return None
    rest = [arg for arg in node.args if not (isinstance(arg, Call) and arg.name == "exp")]
    return mul(*rest, call("exp", add(*inside)))


@rule(
    "logarithm of an exponential", r"\log e^a = a", applies=["log(exp(a)) -> a"], refuses=["log(a)", "exp(log(a))"],
)  # fmt: skip
def log_of_exp(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (Call("exp", (arg,)),)):
            return arg
    return None


@rule(
    "logarithm of a quotient", r"\log \frac{a}{b} = \log a - \log b",
    applies=["log(exp(a)/exp(b)) -> log(exp(a)) - log(exp(b))", "log(1/(1 + exp(a))) -> -log(1 + exp(a))",
             "log(w/exp(x)) -> log(w) - log(exp(x))"],
    refuses=["log(a/b)", "log(a)"],
)  # fmt: skip
def log_of_quotient(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("log", (Div(left, right),)) if (facts := _all_positive((left, right), setting)) is not None:
            if isinstance(left, Num) and left.value == 1:
                return Rewrite(Neg(call("log", right)), facts=facts)
            return Rewrite(add(call("log", left), Neg(call("log", right))), facts=facts)
    return None


@rule(
    "logarithm of a product", r"\log (a\,b) = \log a + \log b",
    applies=["log(exp(a)*exp(b)) -> log(exp(a)) + log(exp(b))", "log(w*exp(x)) -> log(w) + log(exp(x))"],
    refuses=["log(a*b)", "log(a)", "log(-n*exp(a))"],
)  # fmt: skip
def log_of_product(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call("log", (Mul() as inner,)) if (facts := _all_positive(factors(inner), setting)) is not None:
            return Rewrite(add(*(call("log", f) for f in factors(inner))), facts=facts)
    return None


@rule(
    "logarithm of a power", r"\log a^k = k \log a",
    applies=["log(exp(a)**2) -> 2*log(exp(a))", "log(sqrt(exp(a))) -> log(exp(a))/2", "log(w**a) -> a*log(w)",
             "log(prod(w)) -> sum(log(w))"],
    refuses=["log(a**2)", "log(exp(a))", "log(prod(x))"],
)  # fmt: skip
def log_of_power(node: Node, setting: Setting) -> Rewrite | None:
    """Of a power or a root, and of the product of all entries."""
    match node:
        case Call("log", (Pow(base, exponent),)) if (facts := positive(base, setting)) is not None:
            return Rewrite(mul(exponent, call("log", base)), facts=facts)
        case Call("log", (Call("sqrt", (base,)),)) if (facts := positive(base, setting)) is not None:
            return Rewrite(Div(call("log", base), num(2)), facts=facts)
        case Call("log", (Call("prod", (base,), axis),)) if (facts := positive(base, setting)) is not None:
            return Rewrite(call("sum", call("log", base), axis=axis), facts=facts)
    return None


@rule(
    "one fraction in a logarithm", r"\log \left(1 - \frac{1}{1 + e^{-x}}\right) = \log \frac{e^{-x}}{1 + e^{-x}}",
    words="one fraction",
    applies=["log(1 - 1/(1 + exp(-a))) -> log(exp(-a)/(1 + exp(-a)))",
             "log(1/(1 + exp(-a))/(1 - 1/(1 + exp(-a)))) -> log(1/exp(-a))"],
    refuses=["log(1 + exp(a))", "log(a/b)", "1 - 1/(1 + exp(-a))"],
)  # fmt: skip
def one_fraction_in_log(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (arg,)) if is_single(arg.shape) and any(
            isinstance(part, Add | Div)
            and any(isinstance(inner, Div) for child in part.children for inner in walk(child))
            for part in walk(arg)
        ):
            above, below = one_fraction(arg)
            return call("log", above if below == num(1) else Div(above, below))
    return None


def one_fraction(node: Node) -> tuple[Node, Node]:
    """What stands above and below when a number is written with one fraction bar, common factors cancelled."""
    above, below = _bar(node)
    normalizer = Normalizer()
    over, under = list(factors(above)), list(factors(below))
    for factor in list(over):
        twin = next((each for each in under if normalizer.same(each, factor)), None)
        if twin is not None:
            over.remove(factor)
            under.remove(twin)
    return mul(*over), mul(*under)


def _bar(node: Node) -> tuple[Node, Node]:
    one = num(1)
    match node:
        case Neg(arg):
            above, below = _bar(arg)
            return Neg(above), below
        case Div(left, right):
            (a, b), (c, d) = one_fraction(left), one_fraction(right)
            return _product(a, d), _product(b, c)
        case Mul(args):
            parts = [one_fraction(arg) for arg in args]
            return _product(*(a for a, _ in parts)), _product(*(b for _, b in parts))
        case Add(args):
            parts = [one_fraction(arg) for arg in args]
            bars = list(dict.fromkeys(b for _, b in parts if b != one))
            if bars:
                terms = [_product(a, *(other for other in bars if other != b)) for a, b in parts]
                return lettered(Normalizer().canonical(add(*terms)), node), _product(*bars)
    return node, one


def _product(*parts: Node) -> Node:
    return mul(*(part for part in parts if part != num(1)))


@rule(
    "exponential of a logarithm", r"e^{\log a} = a",
    applies=["exp(log(a)) -> a", "exp(-log(a)) -> 1/a", "exp(log(a) - log(b)) -> a/b", "exp(-(log(a) - log(b))) -> b/a",
             "exp(x + log(y)) -> exp(x)*y", "exp(b*log(a)) -> a**b", "exp(sum(log(x))) -> prod(x)"],
    refuses=["exp(a)", "log(exp(a))", "exp(a + b)"],
)  # fmt: skip
def exp_of_log(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("exp", (arg,)):
            above: list[Node] = []
            below: list[Node] = []
            left: list[Node] = []
            for sign, term in _signed_terms(arg):
                if (base := _exponential(term)) is not None:
                    (above if sign > 0 else below).append(base)
                else:
                    left.append(term if sign > 0 else Neg(term))
            if above or below:
                whole = mul(*([call("exp", add(*left))] if left else []), *above)
                after = Div(whole, mul(*below)) if below else whole
                return after if after.shape == node.shape else None
    return None


def _exponential(term: Node) -> Node | None:
    """`e^term`, for a multiple of a logarithm or a sum of logarithms."""
    match term:
        case Call("log", (arg,)):
            return arg
        case Call("sum", (Call("log", (arg,)),), None):
            return call("prod", arg)
        case Mul(args) if sum(isinstance(arg, Call) and arg.name == "log" for arg in args) == 1:
            inner = next(arg.args[0] for arg in args if isinstance(arg, Call) and arg.name == "log")
            return Pow(inner, mul(*(arg for arg in args if not (isinstance(arg, Call) and arg.name == "log"))))
    return None


def _signed_terms(node: Node) -> list[tuple[int, Node]]:
    match node:
        case Neg(arg):
            return [(-sign, term) for sign, term in _signed_terms(arg)]
        case Add(args):
            return [each for arg in args for each in _signed_terms(arg)]
    return [(1, node)]


@rule(
    "exponential out of a sum", r"\log (1 + e^{-x}) = \log \left(e^{-x} (e^x + 1)\right)",
    words="draw the exponential out of the sum",
    applies=["log(1 + exp(-a)) -> log(exp(-a)*(exp(a) + 1))",
             "log(1 + exp(b)*exp(-a)) -> log(exp(-a)*(exp(a) + exp(b)))"],
    refuses=["log(1 + exp(a))", "log(exp(a) + exp(-b))"],
)  # fmt: skip
def exponential_out(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call(
            "log", (Add((one, Call("exp", (Neg(arg),)) as fall)) | Add((Call("exp", (Neg(arg),)) as fall, one)),)
        ):
            return call("log", mul(fall, add(call("exp", arg), one))) if one == num(1) else None
        case Call("log", (Add((one, Mul(args))) | Add((Mul(args), one)),)) if one == num(1):
            for k, factor in enumerate(args):
                match factor:
                    case Call("exp", (Neg(arg),)):
                        rest = mul(*args[:k], *args[k + 1 :])
                        return call("log", mul(factor, add(call("exp", arg), rest)))
    return None


@rule(
    "power of a product of positive numbers", r"(a\,b)^t = a^t\,b^t", words="the power of a product",
    applies=["(w*exp(x))**a -> w**a*exp(x)**a", "sqrt(w*exp(x)) -> sqrt(w)*sqrt(exp(x))", "(w**a)**b -> w**(a*b)",
             "w**(a + b) -> w**a*w**b", "exp(x)**a -> exp(a*x)"],
    refuses=["(a*b)**c", "sqrt(a*b)", "w**a", "(w*exp(x))**2"],
)  # fmt: skip
def power_apart(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Pow(_, Num()):
            return None
        case Pow(Call("exp", (arg,)), exponent):
            return Rewrite(call("exp", mul(exponent, arg)))
        case Pow(Mul(args), exponent) if (facts := _all_positive(args, setting)) is not None:
            return Rewrite(mul(*(Pow(arg, exponent) for arg in args)), facts=facts)
        case Pow(Pow(base, inner), exponent) if (facts := positive(base, setting)) is not None:
            return Rewrite(Pow(base, mul(inner, exponent)), facts=facts)
        case Pow(base, Add(args)) if (facts := positive(base, setting)) is not None:
            return Rewrite(mul(*(Pow(base, arg) for arg in args)), facts=facts)
        case Call("sqrt", (Mul(args),)) if (facts := _all_positive(args, setting)) is not None:
            return Rewrite(mul(*(call("sqrt", arg) for arg in args)), facts=facts)
    return None


@rule(
    "logarithm of the softmax", r"\log \operatorname{softmax}(x) = x - \log \sum_j e^{x_j}",
    applies=["log(softmax(x)) -> x - logsumexp(x)", "log_softmax(x) -> x - logsumexp(x)"],
    refuses=["log(x)", "softmax(x)"],
)  # fmt: skip
def log_of_softmax(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (Call("softmax", (arg,), axis),)) | Call("log_softmax", (arg,), axis):
            return add(arg, Neg(call("logsumexp", arg, axis=axis)))
    return None


@rule(
    "log-sum-exp", r"\operatorname{logsumexp}(x) = \log \sum_j e^{x_j}",
    words="definition of log-sum-exp",
    applies=["logsumexp(x) -> log(sum(exp(x)))"], refuses=["log(sum(exp(x)))", "softmax(x)"],
)  # fmt: skip
def open_logsumexp(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("logsumexp", (arg,), axis):
            return call("log", call("sum", call("exp", arg), axis=axis))
    return None


@rule(
    "softmax as a quotient", r"\operatorname{softmax}(x) = \frac{e^x}{\sum_j e^{x_j}}",
    words="definition of the softmax",
    applies=["softmax(x) -> exp(x)/sum(exp(x))"], refuses=["exp(x)/sum(exp(x))"],
)  # fmt: skip
def open_softmax(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("softmax", (arg,), axis):
            return Div(call("exp", arg), call("sum", call("exp", arg), axis=axis))
    return None


@rule(
    "quotient as a softmax", r"\frac{e^x}{\sum_j e^{x_j}} = \operatorname{softmax}(x)",
    words="definition of the softmax",
    applies=["exp(x)/sum(exp(x)) -> softmax(x)", "1/sum(exp(x))*exp(x) -> softmax(x)"],
    refuses=["exp(x)/sum(exp(y))", "softmax(x)"],
)  # fmt: skip
def fold_softmax(node: Node, setting: Setting) -> Node | None:
    match node:
        case Div(Call("exp", (arg,)), Call("sum", (Call("exp", (same,)),), axis)) if arg == same and arg.shape:
            return call("softmax", arg, axis=axis)
        case Mul(args):
            for number, factor in enumerate(args):
                match factor:
                    case Div(Num(value), Call("sum", (Call("exp", (arg,)),), axis)) if value == 1 and arg.shape:
                        exponential = call("exp", arg)
                        if exponential in args:
                            rest = [a for k, a in enumerate(args) if k != number]
                            rest[rest.index(exponential)] = call("softmax", arg, axis=axis)
                            return mul(*rest)
    return None

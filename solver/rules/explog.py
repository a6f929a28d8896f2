"""Exponentials and logarithms."""

from __future__ import annotations

from solver.expr.nodes import Add, At, Big, Call, Div, Mul, Neg, Node, Num, Pow, add, call, mul
from solver.rules.fractions import factors
from solver.rules.rule import rule
from solver.rules.setting import Setting

_POSITIVE = frozenset({"exp", "softmax", "sigmoid", "softplus", "cosh", "normal_cdf", "normal_pdf"})


def positive(node: Node, setting: Setting) -> bool:
    """Whether the node is positive whatever its symbols are (no trait is used)."""
    match node:
        case Num(value):
            return value > 0
        case Call(name):
            return name in _POSITIVE or (name == "sum" and positive(node.args[0], setting))
        case At(arg):
            return positive(arg, setting)
        case Big(body=body):
            return positive(body, setting)
        case Add(args) | Mul(args):
            return all(positive(arg, setting) for arg in args)
        case Div(left, right):
            return positive(left, setting) and positive(right, setting)
        case Pow(base, _):
            return positive(base, setting)
    return False


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
    applies=["log(exp(a)/exp(b)) -> log(exp(a)) - log(exp(b))", "log(1/(1 + exp(a))) -> -log(1 + exp(a))"],
    refuses=["log(a/b)", "log(a)"],
)  # fmt: skip
def log_of_quotient(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (Div(left, right),)) if positive(left, setting) and positive(right, setting):
            if isinstance(left, Num) and left.value == 1:
                return Neg(call("log", right))
            return add(call("log", left), Neg(call("log", right)))
    return None


@rule(
    "logarithm of a product", r"\log (a\,b) = \log a + \log b",
    applies=["log(exp(a)*exp(b)) -> log(exp(a)) + log(exp(b))"], refuses=["log(a*b)", "log(a)"],
)  # fmt: skip
def log_of_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Call("log", (Mul() as inner,)) if all(positive(f, setting) for f in factors(inner)):
            return add(*(call("log", f) for f in factors(inner)))
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

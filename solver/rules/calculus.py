"""Derivatives by a scalar or an entry: the rules of the first course, on `D(f, x)`.

Here `x` is a scalar symbol or one entry of a symbol; `f` is a scalar, or anything of a scalar variable that is made
entry by entry. A defined name inside `f` is opened by the rule "definition" of `names.py`.
"""

from __future__ import annotations

from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    D,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    add,
    call,
    mul,
    num,
    substitute,
    symbols,
)
from solver.expr.read import Scope, read
from solver.expr.shapes import is_single
from solver.rules.algebra import zeros
from solver.rules.letters import captured
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting, fresh_index


def table_text(text: str, params: tuple[str, ...], args: tuple[Node, ...]) -> Node:
    """A text of the function table with the arguments put in for the parameters."""
    node = read(text, Scope(symbols={name: Sym(name) for name in params}))
    return substitute(node, {Sym(name): arg for name, arg in zip(params, args, strict=True)})


def slope(function: Call, argument: int) -> Node | None:
    """The partial derivative of an elementwise function of the table by one argument; None where it has none."""
    row = function.function
    if row.kind != "elementwise" or argument >= len(row.derivative):
        return None
    others = [arg for number, arg in enumerate(function.args) if number != argument]
    text = row.derivative[argument]
    if not any(map(symbols, others)):
        # two that vary may be equal and have one slope there, max(x, x); beside a number, the border has none to lose
        text = text.replace(">=", ">").replace("<=", "<")
    return table_text(text, row.params, function.args)


@rule(
    "constant", r"\frac{\partial c}{\partial x} = 0", words="{c} does not depend on {x}", routine=True,
    applies=["D(a, x[i]) -> 0", "D(b*c, a) -> 0", "D(a, X) -> zeros(n, n)", "D(y[i], x[i]) -> 0"],
    refuses=["D(a, a)", "D(x[i], x[j])"],
)  # fmt: skip
def constant(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not setting.depends(of, by):
            return Rewrite(zeros(node.shape), (("c", of), ("x", by)))
    return None


@rule(
    "the variable itself", r"\frac{\partial x_i}{\partial x_k} = \delta_{ik}", routine=True,
    applies=["D(a, a) -> 1", "D(x[i], x[i]) -> 1", "D(x[i], x[k]) -> delta(i, k)",
             "D(A[i, j], A[k, l]) -> delta(i, k)*delta(j, l)", "D(A[i, j], A[i, l]) -> delta(j, l)"],
    refuses=["D(a, b)", "D(x[i], y[i])", "D(a*a, a)"],
)  # fmt: skip
def variable(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(of, by) if of == by and not by.shape:
            return ONE_NODE
        case D(At(arg=left, at=where), At(arg=right, at=there)) if left == right and len(where) == len(there):
            if isinstance(left, Sym):
                deltas = [delta(p, q, setting) for p, q in zip(where, there, strict=True) if p and q]
                return mul(*(d for d in deltas if d != ONE_NODE))
    return None


def delta(left: Node, right: Node, setting: Setting) -> Node:
    """`δ_{left,right}`, worked out where the setting says that they are equal or differ."""
    if setting.same(left, right):
        return ONE_NODE
    if setting.differ(left, right) or (isinstance(left, Num) and isinstance(right, Num)):
        return num(0)
    return call("delta", left, right)


@rule(
    "sum rule", r"(u + v)' = u' + v'",
    applies=["D(a + b*a, a) -> D(a, a) + D(b*a, a)", "D(-a, a) -> -D(a, a)",
             "D(sum(x) + a, x) -> D(sum(x), x) + D(a, x)", "D(a + x @ x.T, x) -> D(a, x) + D(x @ x.T, x)"],
    refuses=["D(a*b, a)", "D(x + y, x)"],
)  # fmt: skip
def sum_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Add(args) as of, by) if not by.shape or is_single(of.shape):
            return add(*(Neg(D(a.arg, by)) if isinstance(a, Neg) else D(a, by) for a in args))
        case D(Neg(arg), by):
            return Neg(D(arg, by))
    return None


@rule(
    "constant factor", r"(c\,u)' = c\,u'",
    applies=["D(b*sin(a), a) -> b*D(sin(a), a)", "D(sin(a)/b, a) -> D(sin(a), a)/b", "D(2*a*b, a) -> 2*b*D(a, a)"],
    refuses=["D(a*sin(a), a)", "D(b, a)"], routine=True,
)  # fmt: skip
def constant_factor(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Mul(args), by) if not by.shape or not any(arg.shape for arg in args):
            fixed = [arg for arg in args if not setting.depends(arg, by)]
            moving = [arg for arg in args if setting.depends(arg, by)]
            if fixed and moving:
                return mul(*fixed, D(mul(*moving), by))
        case D(Div(left, right), by) if (
            setting.depends(left, by) and not setting.depends(right, by) and (not by.shape or not right.shape)
        ):
            return Div(D(left, by), right)
    return None


@rule(
    "product rule", r"(u\,v)' = u'\,v + u\,v'", words="product rule",
    applies=["D(a*sin(a), a) -> D(a, a)*sin(a) + a*D(sin(a), a)"],
    refuses=["D(b*sin(a), a)", "D(sin(a), a)", "D(sin(a)/a, a)"],
)  # fmt: skip
def product_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Mul(args), by) if not by.shape and sum(setting.depends(arg, by) for arg in args) > 1:
            terms = []
            for number, arg in enumerate(args):
                if setting.depends(arg, by):
                    terms.append(mul(*args[:number], D(arg, by), *args[number + 1 :]))
            return add(*terms)
    return None


@rule(
    "quotient rule", r"\left(\frac{u}{v}\right)' = \frac{u'\,v - u\,v'}{v^2}",
    words="quotient rule",
    applies=["D(sin(a)/a, a) -> (D(sin(a), a)*a - sin(a)*D(a, a))/a**2"],
    refuses=["D(sin(a)/b, a)", "D(b/a, a)"],
)  # fmt: skip
def quotient_rule(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(Div(left, right), by) if not by.shape and setting.depends(left, by) and setting.depends(right, by):
            above = add(mul(D(left, by), right), Neg(mul(left, D(right, by))))
            return Rewrite(Div(above, Pow(right, num(2))), (("u", left), ("v", right)))
    return None


@rule(
    "reciprocal rule", r"\left(\frac{c}{v}\right)' = -\frac{c\,v'}{v^2}",
    words="reciprocal rule",
    applies=["D(1/sin(a), a) -> -(D(sin(a), a)/sin(a)**2)", "D(b/sin(a), a) -> -(b*D(sin(a), a)/sin(a)**2)"],
    refuses=["D(a/b, a)", "D(a/sin(a), a)"],
)  # fmt: skip
def reciprocal_rule(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(Div(left, right), by) if not by.shape and not setting.depends(left, by) and setting.depends(right, by):
            slope_below = D(right, by)
            above = slope_below if left == ONE_NODE else mul(left, slope_below)
            return Rewrite(Neg(Div(above, Pow(right, num(2)))), (("v", right),))
    return None


@rule(
    "power rule", r"(u^n)' = n\,u^{n-1}\,u'",
    applies=["D(a**3, a) -> 3*a**2", "D(sin(a)**2, a) -> 2*sin(a)*D(sin(a), a)", "D(a**b, a) -> b*a**(b - 1)"],
    refuses=["D(b**a, a)", "D(sin(a), a)"],
)  # fmt: skip
def power_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Pow(base, exponent), by) if not by.shape and not setting.depends(exponent, by):
            match exponent:
                case Num(value):
                    rest: Node = base if value == 2 else Pow(base, num(value - 1))
                    rest = ONE_NODE if value == 1 else rest
                case _:
                    rest = Pow(base, add(exponent, Neg(num(1))))
            inner = [] if base == by else [D(base, by)]
            return mul(exponent, *([rest] if rest != ONE_NODE else []), *inner)
    return None


@rule(
    "exponential of a variable exponent", r"(a^u)' = a^u \log(a)\,u'",
    applies=["D(b**a, a) -> b**a*log(b)*D(a, a)"], refuses=["D(a**b, a)", "D(exp(a), a)"],
)  # fmt: skip
def exponent_rule(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Pow(base, exponent) as power, by) if not by.shape and setting.depends(exponent, by):
            if setting.depends(base, by):
                log = mul(exponent, call("log", base))
                return mul(power, D(log, by))
            return mul(power, call("log", base), D(exponent, by))
    return None


@rule(
    "chain rule", r"f(u)' = f'(u)\,u'", words="chain rule",
    applies=["D(exp(sin(a)), a) -> exp(sin(a))*D(sin(a), a)", "D(f(b*a), a) -> f_prime(b*a)*D(b*a, a)",
             "D(log(sum(x[i] for i in n)), x[j]) -> 1/sum(x[i] for i in n)*D(sum(x[i] for i in n), x[j])"],
    refuses=["D(exp(a), a)", "D(exp(b), a)", "D(f(a), a)"],
)  # fmt: skip
def chain_rule(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(Apply(name, arg, order), by) if not by.shape and arg != by and order < 2 and setting.depends(arg, by):
            return Rewrite(mul(Apply(name, arg, order + 1), D(arg, by)), (("u", arg),))
        case D(Call(args=args) as function, by) if not by.shape and args and args[0] != by:
            moving = [number for number, arg in enumerate(args) if setting.depends(arg, by)]
            if moving == [0] and function.name != "indicator" and (outer := slope(function, 0)) is not None:
                return Rewrite(mul(outer, D(args[0], by)), (("u", args[0]),))
    return None


@rule(
    "derivative of a function", r"\frac{\mathrm{d}}{\mathrm{d}x} f(x) = f'(x)", words="derivative of {f}",
    applies=["D(exp(a), a) -> exp(a)", "D(sigmoid(a), a) -> sigmoid(a)*(1 - sigmoid(a))", "D(f(a), a) -> f_prime(a)",
             "D(log(x[i]), x[i]) -> 1/x[i]"],
    refuses=["D(exp(b*a), a)", "D(exp(b), a)", "D(a, a)", "D(exp(x), x)"],
)  # fmt: skip
def known_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(_, by) if by.shape:
            return None
        case D(Apply(name, arg, order) as f, by) if arg == by and order < 2:
            return Rewrite(Apply(name, arg, order + 1), (("f", f),))
        case D(Call(args=(arg, *rest)) as function, by) if arg == by and not any(setting.depends(r, by) for r in rest):
            after = slope(function, 0)
            return None if after is None else Rewrite(after, (("f", function),))
    return None


@rule(
    "chain rule in several arguments", r"f(u, v)' = f_u\,u' + f_v\,v'",
    applies=["D(maximum(a, sin(a)), a) -> indicator(a > sin(a))*D(a, a) + indicator(sin(a) >= a)*D(sin(a), a)"],
    refuses=["D(exp(a), a)", "D(maximum(b, c), a)"],
)  # fmt: skip
def several_arguments(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Call(args=args) as function, by) if not by.shape:
            moving = [number for number, arg in enumerate(args) if setting.depends(arg, by)]
            if len(moving) < 2 and moving != [1]:
                return None
            slopes = [slope(function, number) for number in moving]
            if any(s is None for s in slopes):
                return None
            return add(*(mul(s, D(args[k], by)) for s, k in zip(slopes, moving, strict=True) if s is not None))
    return None


@rule(
    "derivative within each case",
    r"\frac{\partial}{\partial x} \begin{cases} u \\ v \end{cases} = \begin{cases} u' \\ v' \end{cases}",
    applies=["D(where(a > 0, a, b*a), a) -> where(a > 0, D(a, a), D(b*a, a))"], refuses=["D(a, a)"],
)  # fmt: skip
def within_cases(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Call("where", (condition, a, b)), by) if not by.shape:
            return call("where", condition, D(a, by), D(b, by))
    return None


@rule(
    "derivative of an indexed sum", r"\frac{\partial}{\partial x} \sum_i u_i = \sum_i \frac{\partial u_i}{\partial x}",
    words="differentiate under the sum",
    applies=["D(sum(x[i]**2 for i in n), x[j]) -> sum(D(x[i]**2, x[j]) for i in n)"],
    refuses=["D(sum(x), x)", "D(a, a)"],
)  # fmt: skip
def under_the_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Big("sum", body, index, condition), by) if not by.shape:
            if captured(index, by):
                # the bound letter stands in the variable: ∂/∂x_i Σ_i -> ∂/∂x_i Σ_j
                other = fresh_index(index, node)
                body = substitute(body, {index: other})
                condition = None if condition is None else substitute(condition, {index: other})
                index = other
            return Big("sum", D(body, by), index, condition)
    return None


EASY = (constant, variable, sum_rule, constant_factor, known_derivative)
"""What is differentiated on sight, in this order: constants fall away first, so that no rule is shown for nothing."""

RULES = (quotient_rule, reciprocal_rule, product_rule, power_rule, chain_rule, several_arguments, exponent_rule,
         within_cases, under_the_sum)  # fmt: skip
"""What is worth a line of its own."""

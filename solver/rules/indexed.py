"""Derivatives of entries: names and entries opened inside `D(f, x_k)` only as far as the variable asks.

What does not depend on the variable stays whole, so that a residual keeps its name or its matrix form through the
differentiation and is recognised at once afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.expr.nodes import (
    ONE_NODE,
    At,
    Call,
    Cmp,
    D,
    Div,
    Neg,
    Node,
    Sym,
    add,
    call,
    free_indices,
    mul,
    num,
    substitute,
)
from solver.expr.shapes import is_row, is_single, is_vector
from solver.expr.sizes import ONE
from solver.rules.calculus import delta, slope
from solver.rules.entries import (
    entry_by_entry,
    entry_of_derivative,
    entry_of_product,
    entry_of_product_around,
    entry_of_reduction,
    entry_of_special,
    length,
    over,
    pick,
    place,
    sample,
    sum_over_entries,
    summed,
)
from solver.rules.generic import ties
from solver.rules.letters import distinct
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting, base

INNER = (entry_by_entry, entry_of_product, entry_of_reduction, entry_of_special, entry_of_derivative, sum_over_entries)


def value_at(node: Node, setting: Setting) -> tuple[Node, Sym] | None:
    """What a defined name, or an entry of one, stands for: the value or its entry, and the name."""
    match node:
        case Sym(name) if name in setting.define and is_single(node.shape):
            return pick(setting.define[name], ONE_NODE, ONE_NODE), node
        case At(arg=Sym(name) as symbol) if name in setting.define and (where := place(node)) is not None:
            return pick(setting.define[name], *where), symbol
    return None


def opened(node: Node, variable: Node, setting: Setting) -> tuple[Node, Sym] | None:
    """The value of a name inside a derivative, unless it is the variable itself or does not depend on it."""
    found = value_at(node, setting)
    if found is None or found[1] == base(variable) or not setting.depends(node, variable):
        return None
    return found


@rule(
    "definition in a derivative", r"h = g(u)\colon\; \frac{\partial h_i}{\partial x} = \frac{\partial g(u)_i}{\partial x}",
    words="definition of {name}", applies=["D(r[i], x[k]) -> D((A @ x.T)[i], x[k])"],
    refuses=["D(x[i], x[k])", "D(exp(a), a)"], routine=True,
)  # fmt: skip
def open_name_inside(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not by.shape and (found := opened(of, by, setting)) is not None:
            return Rewrite(D(found[0], by), (("name", found[1]),))
    return None


@rule(
    "definition of an entry", r"h = g(u)\colon\; h_i = g(u)_i", words="definition of {name}", routine=True,
    applies=["h[i] -> sigmoid(x)[i]"], refuses=["x[i]", "h"],
)  # fmt: skip
def definition_of_entry(node: Node, setting: Setting) -> Node | None:
    found = value_at(node, setting)
    return None if found is None else found[0]


@rule(
    "derivative of a named function", r"h = g(u)\colon\; \frac{\partial h}{\partial x} = g'(u) \frac{\partial u}{\partial x}",
    words="derivative of {f}, chain rule",
    applies=["D(h[i], x[k]) -> h[i]*(1 - h[i])*D(x[i], x[k])"],
    refuses=["D(x[i], x[k])", "D(r[i], x[k])"],
)  # fmt: skip
def named_function(node: Node, setting: Setting) -> Rewrite | None:
    """The derivative of a function in its own terms keeps the function's name: `h = σ(u)` gives `h (1 − h) u′`."""
    match node:
        case D(of, by) if not by.shape and (found := opened(of, by, setting)) is not None:
            value = found[0]
            if found[1].name in setting.later:
                # a later line differentiates by the name: what is kept under it would move with it
                return None
            if isinstance(value, At):
                inside = entry_by_entry(value, setting)
                value = value if inside is None else inside.after
            if (
                not isinstance(value, Call)
                or value.function.kind != "elementwise"
                or value.name in ("where", "indicator")
            ):
                return None
            moving = [number for number, arg in enumerate(value.args) if setting.depends(arg, by)]
            outer = slope(value, 0) if moving == [0] else None
            if outer is None:
                return None
            outer = substitute(outer, {value: of})
            inner = value.args[0]
            after = outer if inner == by else mul(outer, D(inner, by))
            return Rewrite(after, (("f", value),))
    return None


@rule(
    "entries in a derivative", r"\frac{\partial (A u)_i}{\partial x} = \frac{\partial}{\partial x} \sum_k A_{ik} u_k",
    words="entries written out",
    applies=["D((A @ x.T)[i], x[k]) -> D(sum(A[i, l]*x.T[l] for l in n), x[k])",
             "D((x + y)[i], x[k]) -> D(x[i] + y[i], x[k])",
             "D(sum(x), x[k]) -> D(sum(x[i] for i in n), x[k])"],
    refuses=["D(x[i], x[k])", "D((A @ y.T)[i], x[k])", "D(x[i]*a, x[k])"], routine=True,
)  # fmt: skip
def open_entry_inside(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(of, by) if of.shape and is_single(of.shape) and not isinstance(of, Sym) and setting.depends(of, by):
            return D(pick(of, ONE_NODE, ONE_NODE), by)
        case D(of, by) if not by.shape and setting.depends(of, by):
            around = entry_of_product_around(node, setting)
            if around is not None:
                return around.after
            for each in INNER:
                rewrite = each(of, setting)
                if rewrite is not None:
                    # D(sum(x), x[i]) -> D(sum(x[k] for k in n), x[i])
                    return D(distinct(rewrite.after, frozenset(i.name for i in free_indices(by)), setting), by)
    return None


@rule(
    "piecewise constant", r"\frac{\partial}{\partial x} \mathbb{1}(x > 0) = 0", routine=True,
    applies=["D(indicator(x[i] > 0), x[k]) -> 0", "D(sign(a), a) -> 0"], refuses=["D(abs(a), a)", "D(a, a)"],
)  # fmt: skip
def piecewise_constant(node: Node, setting: Setting) -> Node | None:
    match node:
        case D(Call("indicator" | "sign"), by) if not by.shape:
            return num(0)
    return None


@rule(
    "derivative of a norm", r"\frac{\partial \|u\|}{\partial x} = \frac{1}{\|u\|} \sum_i u_i \frac{\partial u_i}{\partial x}",
    applies=["D(norm(x), x[k]) -> x[k]/norm(x)", "D(norm(a*x), a) -> sum((a*x)[i]*D((a*x)[i], a) for i in n)/norm(a*x)"],
    refuses=["D(norm(y), x[k])", "D(norm(x)**2, x[k])"],
)  # fmt: skip
def norm_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not by.shape and setting.depends(of, by) and not _is_variable(of, by):
            value = setting.define.get(of.name) if isinstance(of, Sym) and of.name not in setting.later else of
            match value:
                case Call("norm", (arg,)) if arg == base(by):
                    return Rewrite(Div(by, of), (("u", arg),))
                case Call("norm", (arg,)):
                    total = over(arg, setting, lambda entry: mul(entry, D(entry, by)), "sum", node)
                    return Rewrite(Div(total, of), (("u", arg),))
    return None


@rule(
    "derivative of the largest entry",
    r"\frac{\partial \max_i u_i}{\partial x} = \sum_i \mathbb{1}(u_i = \max_k u_k) \frac{\partial u_i}{\partial x}",
    words="only the largest entry moves the maximum",
    applies=["D(max(x), x[k]) -> sum(indicator(x[l] == max(x))*D(x[l], x[k]) for l in n)",
             "D(min(A, axis=1)[i], A[k, l])"
             " -> sum(indicator(A[i, j] == min(A, axis=1)[i])*D(A[i, j], A[k, l]) for j in n)"],
    refuses=["D(max(y), x[k])", "D(x[i], x[k])"],
)  # fmt: skip
def extreme_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not by.shape and (found := family(of, setting, ("max", "min"))) is not None:
            function, where, _ = found
            (arg,) = function.args
            if not setting.depends(arg, by) or _is_variable(of, by):
                return None

            def mark(entry: Node) -> Node:
                return call("indicator", Cmp(entry, of, "=="))

            total = _over_sample(function, where, setting, lambda entry: mul(mark(entry), D(entry, by)), of, by)
            if ties(arg, setting):
                # entries that are always equal share the maximum
                total = Div(total, _over_sample(function, where, setting, mark, of, by))
            return Rewrite(total, (("u", arg),))
    return None


# --- softmax and its kin --------------------------------------------------------------------------------------------


def family(node: Node, setting: Setting, names: tuple[str, ...]) -> tuple[Call, tuple[Node, Node], bool] | None:
    """A call of the softmax family of which the node is an entry (by name or by definition), the place, and whether by name."""
    match node:
        case At(arg=Call(name) as function) if name in names and (where := place(node)) is not None:
            return function, where, False
        case Call("logsumexp" | "max" | "min" as name) as function if name in names and not node.shape:
            return function, (ONE_NODE, ONE_NODE), False
        case At(arg=Sym(name)) | Sym(name) if name in setting.define and name not in setting.later:
            value = setting.define[name]
            if isinstance(value, Call) and value.name in names and (not value.shape or isinstance(node, At)):
                where = place(node) if isinstance(node, At) else (ONE_NODE, ONE_NODE)
                return None if where is None else (value, where, True)
    return None


def probabilities(node: Node, function: Call, setting: Setting) -> Node:
    """The softmax, by the name it has in the node or in the definitions."""
    symbol = node.arg if isinstance(node, At) else node
    (arg,) = function.args
    if function.name != "softmax":
        axis = function.axis
        wanted = Call("softmax", (arg,), axis)
        known = (Sym(n, v.shape) for n, v in setting.define.items() if v == wanted and n not in setting.later)
        symbol = next(known, wanted)
    return symbol


def probability(node: Node, function: Call, where: tuple[Node, Node], index: Node, setting: Setting) -> Node:
    """The softmax entry at `index` of the sample at `where`."""
    return sample(probabilities(node, function, setting), function.axis, where, index)


@rule(
    "derivative of the softmax", r"\frac{\partial s_i}{\partial u_k} = s_i (\delta_{ik} - s_k)",
    applies=["D(softmax(x)[i], x[k]) -> softmax(x)[i]*(delta(i, k) - softmax(x)[k])",
             "D(softmax(a*x)[i], a) -> softmax(a*x)[i]*(D((a*x)[i], a) - sum(softmax(a*x)[k]*D((a*x)[k], a) for k in n))",
             "D(softmax(A, axis=1)[i, j], A[k, l]) -> delta(i, k)*softmax(A, axis=1)[i, j]*(delta(j, l) - softmax(A, axis=1)[i, l])"],
    refuses=["D(softmax(y)[i], x[k])", "D(softmax(x), x)", "D(log_softmax(x)[i], x[k])"],
)  # fmt: skip
def softmax_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not by.shape and (found := family(of, setting, ("softmax",))) is not None:
            function, where, _ = found
            if not setting.depends(function, by) or _is_variable(of, by):
                return None
            captures = (("s", function), ("u", function.args[0]))
            inside = _plain(of, by, function, where, setting)
            if inside is not None:
                across, bracket = inside
                return Rewrite(mul(*across, of, bracket), captures)
            return Rewrite(mul(of, _centred(of, by, function, where, setting)), captures)
    return None


@rule(
    "derivative of log softmax", r"\frac{\partial \log s_i}{\partial u_k} = \delta_{ik} - s_k",
    applies=["D(log_softmax(x)[i], x[k]) -> delta(i, k) - o[k]",
             "D(log(softmax(y)[i]), y[k]) -> delta(i, k) - softmax(y)[k]"],
    refuses=["D(log_softmax(y)[i], x[k])", "D(softmax(x)[i], x[k])", "D(log(x[i]), x[k])"],
)  # fmt: skip
def log_softmax_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(Call("log", (of,)), by) if not by.shape:
            found = family(of, setting, ("softmax",))
        case D(of, by) if not by.shape:
            found = family(of, setting, ("log_softmax",))
        case _:
            return None
    if found is None or not setting.depends(found[0], by) or _is_variable(of, by):
        return None
    function, where, _ = found
    captures = (("u", function.args[0]),)
    inside = _plain(of, by, function, where, setting)
    if inside is not None:
        across, bracket = inside
        return Rewrite(mul(*across, bracket), captures)
    return Rewrite(_centred(of, by, function, where, setting), captures)


@rule(
    "log of a softmax entry", r"\log \operatorname{softmax}(u)_i = u_i - \log \sum_j e^{u_j}",
    words="logarithm of the softmax",
    applies=["log(softmax(x)[i]) -> x[i] - logsumexp(x)", "log(o[i]) -> x[i] - logsumexp(x)",
             "log_softmax(x)[i] -> x[i] - logsumexp(x)"],
    refuses=["log(x[i])", "log(softmax(A, axis=1)[i, j])", "softmax(x)[i]"],
)  # fmt: skip
def log_softmax_entry(node: Node, setting: Setting) -> Node | None:
    found = _log_softmax(node, setting)
    if found is None:
        return None
    function, where, _ = found
    (arg,) = function.args
    if not is_vector(arg.shape) or (function.axis is not None and length(arg, function.axis) == ONE):
        return None
    return add(pick(arg, *where), Neg(call("logsumexp", arg)))


def _log_softmax(node: Node, setting: Setting) -> tuple[Call, tuple[Node, Node], bool] | None:
    """The softmax, and the place, of whose entry the node is the logarithm."""
    match node:
        case Call("log", (of,)):
            return family(of, setting, ("softmax",))
    return family(node, setting, ("log_softmax",))


@rule(
    "derivative of log-sum-exp", r"\frac{\partial}{\partial u_k} \log \sum_j e^{u_j} = \operatorname{softmax}(u)_k",
    words="the derivative of log-sum-exp is the softmax",
    applies=["D(logsumexp(x), x[k]) -> o[k]",
             "D(logsumexp(a*x), a) -> sum(softmax(a*x)[k]*D((a*x)[k], a) for k in n)"],
    refuses=["D(logsumexp(y), x[k])", "D(softmax(x)[i], x[k])"],
)  # fmt: skip
def logsumexp_derivative(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case D(of, by) if not by.shape and (found := family(of, setting, ("logsumexp",))) is not None:
            function, where, _ = found
            (arg,) = function.args
            if not setting.depends(arg, by) or _is_variable(of, by):
                return None
            there = place(by) if arg == base(by) and isinstance(by, At) and not _of_all(function) else None
            if there is not None:
                across, along_index = _split(function, there)
                deltas = [delta(p, q, setting) for p, q in zip(_split(function, where)[0], across, strict=True)]
                entry = probability(of, function, there, along_index, setting)
                return Rewrite(mul(*(d for d in deltas if d != ONE_NODE), entry), (("u", arg),))
            return Rewrite(_mean(of, by, function, where, setting), (("u", arg),))
    return None


def _is_variable(of: Node, by: Node) -> bool:
    symbol = of.arg if isinstance(of, At) else of
    return symbol == base(by)


def _of_all(function: Call) -> bool:
    """Whether the function goes along all entries of a matrix, as `axis=None` says."""
    (arg,) = function.args
    return function.axis is None and not is_vector(arg.shape)


def _over_sample(
    function: Call, where: tuple[Node, Node], setting: Setting, term: Callable[[Node], Node], *used: Node
) -> Node:
    """`Σ_k term(u_k)` over the sample in which the place is."""
    (arg,) = function.args
    if _of_all(function):
        return over(arg, setting, term, "sum", function, *used)

    def at(index: Node) -> Node:
        return term(sample(arg, function.axis, where, index))

    return summed(length(arg, function.axis), setting, at, *used, function)


def _split(function: Call, where: tuple[Node, Node]) -> tuple[list[Node], Node]:
    """Which sample the place is in (nothing for a vector), and where in the sample."""
    row, column = where
    match function.axis:
        case 0:
            return [column], row
        case 1:
            return [row], column
    return [], column if is_row(function.args[0].shape) else row


def _plain(
    of: Node, by: Node, function: Call, where: tuple[Node, Node], setting: Setting
) -> tuple[list[Node], Node] | None:
    """For a softmax of the variable itself: deltas across samples, and `δ_ik − s_k`."""
    (arg,) = function.args
    if arg != base(by) or _of_all(function) or not isinstance(by, At) or (there := place(by)) is None:
        return None
    mine, here = _split(function, where)
    other, k = _split(function, there)
    across = [d for p, q in zip(mine, other, strict=True) if (d := delta(p, q, setting)) != ONE_NODE]
    return across, add(delta(here, k, setting), Neg(probability(of, function, where, k, setting)))


def _centred(of: Node, by: Node, function: Call, where: tuple[Node, Node], setting: Setting) -> Node:
    """`u_i′ − Σ_k s_k u_k′`."""
    (arg,) = function.args
    return add(D(pick(arg, *where), by), Neg(_mean(of, by, function, where, setting)))


def _mean(of: Node, by: Node, function: Call, where: tuple[Node, Node], setting: Setting) -> Node:
    """`Σ_k s_k u_k′` over the sample."""
    symbol = probabilities(of, function, setting)

    def term(entry: Node) -> Node:
        there = place(entry) if isinstance(entry, At) else None
        return mul(symbol if there is None else pick(symbol, *there), D(entry, by))

    return _over_sample(function, where, setting, term, of, by)

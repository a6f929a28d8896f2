"""The route `matrix`: gradients by the identities that every reference lists, without indices and without names."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Chain, Derivation, Reason, Step
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Call,
    D,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Path,
    Pow,
    Sym,
    add,
    mul,
    num,
    places,
    walk,
)
from solver.expr.shapes import is_single
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive, refuse_singular
from solver.methods.ending import finish
from solver.methods.naming import fold
from solver.methods.reading import counted_once
from solver.methods.task import Route, Task
from solver.rules.algebra import TIDY, zeros
from solver.rules.calculus import constant, constant_factor, slope, sum_rule
from solver.rules.cancelling import CANCELLING
from solver.rules.determinants import log_of_determinant
from solver.rules.explog import fold_softmax, log_of_softmax
from solver.rules.factored import determinant_apart, of_kronecker
from solver.rules.gradients import SIMPLER
from solver.rules.pullback import NoPullback, pull_to
from solver.rules.setting import Setting, base
from solver.rules.shorter import SHORTER, known_total
from solver.rules.terms import SPREAD, minus_difference
from solver.spec import problem as spec


def plan(task: Task) -> Derivation:
    """Open the names, take the loss apart into terms, and differentiate each by an identity."""
    match task.ask:
        case spec.Gradient(of, wrt, structured=True) if is_single(of.shape):
            return counted_once(task, of, wrt, [_chain(task, D(of, wrt), None)], "matrix")
        case spec.Gradient(of, wrt) | spec.Derivative(of, wrt, 1) if is_single(of.shape):
            chain = _chain(task, D(of, wrt), task.answer)
            return Derivation(D(of, wrt), chain.result, "matrix", (chain,), variables=(wrt,))
        case spec.Derivative(order=order) if order > 1:
            raise CannotDerive("`matrix` differentiates once")
    raise CannotDerive("`matrix` knows gradients of scalars, and this is no scalar")


def _chain(task: Task, question: D, answer: Node | None) -> Chain:
    argument = Argument(task.setting, question)
    _open(argument)
    if isinstance(argument.now, D):
        refuse_singular(argument.now.of, task.setting.letting(question.by))
    argument.line(lambda: argument.exhaust((log_of_softmax, log_of_determinant, *SPREAD, *TIDY), (0,)))
    argument.line(lambda: argument.exhaust((of_kronecker, determinant_apart, *SIMPLER, *TIDY), (0,)))
    for _ in range(60):
        if not any(isinstance(part, D) for part in walk(argument.now)):
            break
        before = argument.now
        argument.line(lambda: _level(argument), _telling)
        if argument.now == before:
            stuck = next(part for part in walk(argument.now) if isinstance(part, D))
            raise CannotDerive(f"no identity is known for `{write(stuck.of)}`")
    argument.line(lambda: argument.exhaust((*TIDY, *SIMPLER, known_total, *CANCELLING, *SHORTER, minus_difference)))
    argument.line(lambda: argument.exhaust((fold_softmax,)))
    fold(argument)
    finish(argument, answer)
    return argument.chain()


def _open(argument: Argument) -> None:
    """Names that rest on the variable, opened one after another."""

    def build() -> None:
        for _ in range(200):
            for path, part in places(argument.now):
                question = argument.start
                assert isinstance(question, D)
                if (
                    path[:1] == (0,)
                    and isinstance(part, Sym)
                    and part.name in argument.setting.define
                    and part != base(question.by)
                    and argument.setting.depends(part, question.by)
                ):
                    argument.put(argument.setting.define[part.name], Reason("definition", (("name", part),)), path)
                    break
            else:
                return

    argument.line(build)


def _level(argument: Argument) -> None:
    """One line: sums and constants on sight, then one identity or chain rule for each term."""
    argument.exhaust((constant, sum_rule, constant_factor))
    waiting = [path for path, part in places(argument.now) if isinstance(part, D)]
    for path in sorted(waiting, key=len, reverse=True):
        _one(argument, path)
    argument.exhaust(TIDY)


def _telling(steps: Sequence[Step]) -> Reason:
    """The identity that was used, one that is more than linear where there is one; else what came first."""
    plain = {constant.name, sum_rule.name, constant_factor.name}
    used = [step.reason for step in steps if not step.routine and step.reason.rule not in plain]
    more = [reason for reason in used if reason.rule != "gradient of a linear form"]
    return next(iter((*more, *used)), steps[0].reason)


def _one(argument: Argument, path: Path) -> None:
    part = next((node for place, node in places(argument.now) if place == path), None)
    if not isinstance(part, D):
        # a rule that was applied further out has moved it: the next line finds it again
        return
    of, by = part.of, part.by
    found = identity(of, by, argument.setting)
    if found is not None:
        after, name = found
        argument.put(after, Reason(name, (("f", of), ("x", by))), path)
        return
    outer = _outer(of, by, argument.setting)
    if outer is not None:
        argument.put(outer, Reason("chain rule", (("u", of),)), path)


def _outer(of: Node, by: Node, setting: Setting) -> Node | None:
    """The chain and product rules for scalar functions of scalars."""
    match of:
        case Call("indicator" | "sign"):
            return zeros(by.shape)
        case Call(args=(arg, *others)) if (
            is_single(arg.shape)
            and not any(setting.depends(o, by) for o in others)
            and (s := slope(of, 0)) is not None
            and setting.depends(arg, by)
        ):
            return mul(s, D(arg, by))
        case Apply(name, arg, order) if is_single(arg.shape) and order < 2:
            return mul(Apply(name, arg, order + 1), D(arg, by))
        case Pow(base, exponent) if is_single(base.shape) and not setting.depends(exponent, by):
            rest: Node = base if exponent == num(2) else Pow(base, add(exponent, num(-1)))
            return mul(exponent, rest, D(base, by))
        case Mul(args) if all(is_single(a.shape) for a in args):
            return add(
                *(mul(*args[:k], D(a, by), *args[k + 1 :]) for k, a in enumerate(args) if setting.depends(a, by))
            )
        case Div(left, right) if is_single(left.shape) and is_single(right.shape):
            if not setting.depends(left, by):
                return Neg(Div(mul(left, D(right, by)), Pow(right, num(2))))
            above = add(mul(D(left, by), right), Neg(mul(left, D(right, by))))
            return Div(above, Pow(right, num(2)))
    return None


def identity(of: Node, by: Node, setting: Setting) -> tuple[Node, str] | None:
    """The gradient of a form that is in the tables, and the form's name; None where it is in none."""
    name = form(of, by, setting)
    if name is None:
        return None
    try:
        parts = [pull_to(of, ONE_NODE, path, setting) for path, part in places(of) if part == by]
    except NoPullback:
        return None
    return add(*parts), name


_FUNCTIONS = {
    "logdet": "gradient of log det", "det": "gradient of the determinant", "norm": "gradient of a norm",
    "logsumexp": "gradient of log-sum-exp", "norm1": "gradient of the 1-norm", "max": "gradient of the largest entry",
    "min": "gradient of the smallest entry", "inv": "gradient through an inverse",
    "pinv": "gradient through a pseudo-inverse",
}  # fmt: skip


def form(of: Node, by: Node, setting: Setting) -> str | None:
    """What people call the function of `by`: linear, quadratic, a norm …; None where it is none of these."""
    occurrences = [path for path, part in places(of) if part == by]
    if not occurrences or any(setting.depends(part, by) for _, part in places(of) if _hidden(part, by, setting)):
        return None
    functions = [part for part in walk(of) if setting.depends(part, by) and not _linear(part) and part != by]
    match functions:
        case []:
            return {1: "gradient of a linear form", 2: "gradient of a quadratic form"}.get(
                _degree(of, by), "gradient of a power form"
            )
        case [Pow(Call("norm"), Num(value)), Call("norm")] if value == 2:
            return "gradient of a squared norm"
        case [Call(name)] if name in _FUNCTIONS and (len(occurrences) <= 2 or name in ("inv", "pinv")):
            return _FUNCTIONS[name]
        case [Call("matrix_power")] if len(occurrences) == 1:
            return "gradient of a matrix power"
        case [Call() | Apply() | Pow() as function] if len(occurrences) == 1 and (
            not isinstance(function, Call) or function.function.kind == "elementwise"
        ):
            return "gradient of an entrywise function"
    return None


def _degree(node: Node, by: Node) -> int:
    """The degree of a polynomial in `by`: `P Q − Q P` is of the first in P, `Pᵀ Q P` of the second."""
    if node == by:
        return 1
    degrees = [_degree(child, by) for child in node.children]
    return sum(degrees) if isinstance(node, Mul | MatMul | Div) else max(degrees, default=0)


def _hidden(part: Node, by: Node, setting: Setting) -> bool:
    return (isinstance(part, Sym) and part != by and part.name in setting.define) or (
        isinstance(part, At) and part.arg == by
    )


def _linear(part: Node) -> bool:
    if isinstance(part, Add | Neg | Mul | MatMul) or type(part).__name__ == "Transpose":
        return True
    if isinstance(part, Div):
        return True
    return isinstance(part, Call) and part.name in _LINEAR


_LINEAR = ("sum", "mean", "tr", "dot", "diag", "vec", "outer", "tril", "hstack", "vstack")


ROUTE = Route(
    "matrix",
    plan,
    (spec.Gradient, spec.Derivative),
    "direct identities for linear forms, norms, log-sum-exp and the like",
    counts_once=True,
)

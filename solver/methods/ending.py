"""Endings: tidying, folding names back, factoring, and reaching the form that an answer has, by named steps."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Reason
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import (
    Add,
    At,
    Call,
    D,
    Dif,
    Div,
    Mul,
    Neg,
    Node,
    Sym,
    places,
    symbols,
    walk,
)
from solver.methods.argument import Argument
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.calculus import table_text
from solver.rules.fractions import cancel, factor_out, split_fraction, through
from solver.rules.names import fold_names
from solver.rules.normal import Normalizer
from solver.rules.setting import Setting


def tidy(argument: Argument) -> None:
    """Zeros, ones, signs and numbers worked out, as routine steps."""
    argument.exhaust(TIDY)


def fold(argument: Argument, names: frozenset[str] | None = None) -> bool:
    """Every part that a defined name stands for is called by its name, in one line."""

    def build() -> None:
        while (found := fold_names(argument.now, argument.setting, names)) is not None:
            path, after, name = found
            argument.put(after, Reason("definition", (("name", name),)), path)

    return argument.line(build)


def finish(argument: Argument, answer: Node | None) -> None:
    """The chain's end: in the answer's form where one is given, else tidied, folded and factored.

    Where no named steps lead to the answer the chain ends in its own form, and the judge will say that the answer was
    not reached, or is wrong.
    """
    argument.line(lambda: tidy(argument))
    if answer is not None:
        reach(argument, answer)
        return
    fold(argument)
    argument.line(lambda: argument.exhaust((cancel, collect_powers, *TIDY)))
    argument.line(lambda: argument.exhaust((factor_out, *TIDY)))
    fold(argument)


# --- reaching a form ----------------------------------------------------------------------------------------------


def reach(argument: Argument, target: Node) -> bool:
    """Steps from where the argument stands to `target`; False, and nothing recorded, where none are known."""
    mark = len(argument.steps)
    wanted = frozenset(name for name in symbols(target) if name in argument.setting.define)
    for attempt in (_nothing, _through_names(wanted), _through_quotients(target), _through_both(target, wanted)):
        attempt(argument)
        if _arrive(argument, target):
            return True
        del argument.steps[mark:]
    return _by_definitions(argument, target)


def _nothing(argument: Argument) -> None:
    """Perhaps only the order differs."""


def _through_names(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        fold(argument, wanted)

    return attempt


def _through_quotients(target: Node):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        to_known_quotients(argument, _functions(target))

    return attempt


def _through_both(target: Node, wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        to_known_quotients(argument, _functions(target))
        fold(argument, wanted)

    return attempt


def _arrive(argument: Argument, target: Node) -> bool:
    now = argument.now
    if now == target:
        return True
    if not Normalizer().same(now, target):
        return False
    return argument.put(target, Reason(_kind(now, target)), routine=_only_reordered(now, target))


def _kind(now: Node, target: Node) -> str:
    """What people call the arithmetic that leads from one form to another of the same normal form."""
    bare, wanted = (node.arg if isinstance(node, Neg) else node for node in (now, target))
    if _only_reordered(now, target):
        return "reorder"
    if isinstance(bare, Add) and isinstance(wanted, Mul):
        return "factor"
    if isinstance(bare, Mul) and isinstance(wanted, Add):
        return "multiply out"
    return "collect terms"


def _only_reordered(now: Node, target: Node) -> bool:
    return sorted(map(_label, walk(now))) == sorted(map(_label, walk(target)))


def _label(node: Node) -> str:
    name = getattr(node, "name", "") or getattr(node, "value", "")
    return f"{type(node).__name__}:{name}"


def definitions(setting: Setting, functions: bool) -> Normalizer:
    """A normalizer that opens names, and the definitions of functions where asked."""

    def unfold(node: Node) -> Node | None:
        match node:
            case Sym(name) if name in setting.define:
                return setting.define[name]
            case At(Sym(name), at) if name in setting.define:
                return At(setting.define[name], at)
            case Call(name, args) if functions and node.function.kind == "elementwise" and node.function.definition:
                text = node.function.definition
                return None if "where" in text else table_text(text, node.function.params, args)
        return None

    return Normalizer(unfold)


def _by_definitions(argument: Argument, target: Node) -> bool:
    """One line, justified by opening definitions on both sides and comparing normal forms."""
    for functions, words in ((False, "definitions"), (True, "definitions of functions")):
        if definitions(argument.setting, functions).same(argument.now, target):
            return argument.put(target, Reason(words))
    return False


# --- quotients that have a name -----------------------------------------------------------------------------------


def _functions(node: Node) -> tuple[Call, ...]:
    """The calls in a node whose definition is a plain quotient or may be one."""
    return tuple(
        dict.fromkeys(
            part for part in walk(node) if isinstance(part, Call) and part.function.kind == "elementwise"
        )
    )


def quotient_of(function: Call) -> Div | None:
    """`u/v` where the function is defined as one: `σ(x)` gives `1/(1 + e^{−x})`."""
    text = FUNCTIONS[function.name].definition
    if text is None or "where" in text:
        return None
    node = table_text(text, function.function.params, function.args)
    return node if isinstance(node, Div) else None


def to_known_quotients(argument: Argument, functions: Sequence[Call]) -> bool:
    """Fractions written through the named quotients: add and subtract, split, and fold; each its own line."""
    changed = False
    for function in functions:
        quotient = quotient_of(function)
        if quotient is None:
            continue
        while _one_quotient(argument, function, quotient):
            changed = True
    return changed


def _one_quotient(argument: Argument, function: Call, quotient: Div) -> bool:
    for path, part in places(argument.now):
        if isinstance(part, D | Dif) or any(isinstance(p, D | Dif) for p in walk(part)):
            continue
        if part == quotient:
            return argument.put(function, Reason("definition of a function", (("f", function),)), path)
        after = through(part, quotient.left, quotient.right)
        if after is None and isinstance(part, Div) and isinstance(part.left, Add):
            after = part if through_already(part, quotient) else None
        if after is None:
            continue
        if after != part:
            argument.put(after, Reason("add and subtract", (("v", quotient.right),)), path)
        argument.line(lambda path=path: _split(argument, path))  # type: ignore[misc]
        argument.line(lambda: _fold_powers(argument, function, quotient))
        return True
    return False


def through_already(fraction: Div, quotient: Div) -> bool:
    """Whether the numerator is a sum of powers of the quotient's two parts already."""
    return through(Div(Add((*fraction.left.children,)), fraction.right), quotient.left, quotient.right) is None and all(
        any(p in (quotient.left, quotient.right) for p in walk(term)) for term in fraction.left.children
    )


def _split(argument: Argument, path: tuple[int, ...]) -> None:
    argument.apply(split_fraction, path)
    argument.exhaust((cancel, *TIDY))


def _fold_powers(argument: Argument, function: Call, quotient: Div) -> None:
    from solver.expr.nodes import Num, Pow, mul, num

    for _ in range(20):
        for path, part in places(argument.now):
            match part:
                case Div(left, Pow(base, Num(value))) if base == quotient.right and value.denominator == 1:
                    whole = mul(*([quotient.left] * int(value)))
                    if Normalizer().same(left, whole):
                        argument.put(
                            Pow(function, num(value)), Reason("definition of a function", (("f", function),)), path
                        )
                        break
                case Div() if part == quotient:
                    argument.put(function, Reason("definition of a function", (("f", function),)), path)
                    break
        else:
            return



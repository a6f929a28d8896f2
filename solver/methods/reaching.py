"""Reaching a form: the named steps that lead from where an argument stands to the form that an answer has."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Fact, Reason
from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import (
    Add,
    At,
    Big,
    Call,
    D,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Sym,
    places,
    substitute,
    symbols,
    walk,
)
from solver.methods.argument import Argument
from solver.methods.naming import fold
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.calculus import table_text
from solver.rules.cancelling import diagonals
from solver.rules.fractions import cancel, through
from solver.rules.gradients import symmetry
from solver.rules.names import relu_sign
from solver.rules.normal import Normalizer
from solver.rules.powers import powers_of_one_base
from solver.rules.recognise import sum_as_product
from solver.rules.setting import Setting
from solver.rules.signs import two_values
from solver.rules.sums import (
    factor_out_of_sum,
    minus_out_of_sum,
    split_sum,
    sum_of_constant,
    sum_of_zeros,
)
from solver.rules.terms import distribute, sum_of_terms
from solver.rules.trace import trace_of_outer

OUT_OF_SUMS = (minus_out_of_sum, factor_out_of_sum, sum_of_zeros, *TIDY)
"""What an index does not reach leaves its sum."""

MAX_QUOTIENTS = 8
"""How many fractions are written through one function before an ending counts as lost."""

# --- reaching a form ----------------------------------------------------------------------------------------------


def reach(argument: Argument, target: Node) -> bool:
    """Steps from where the argument stands to `target`; False, and nothing recorded, where none are known."""
    if argument.now == target:
        return True
    mark = len(argument.steps)
    wanted = frozenset(name for name in symbols(target) if name in argument.setting.define)
    ways = (
        _through_powers(wanted),
        _nothing,
        _through_names(wanted),
        _through_values(wanted),
        _through_sums(wanted),
        _through_products(wanted),
        _through_traces(wanted),
        _through_quotients(target),
        _through_both(target, wanted),
    )
    for attempt in ways:
        attempt(argument)
        if _arrive(argument, target):
            return True
        del argument.steps[mark:]
    for attempt in (_through_traces(frozenset()), _nothing, _through_values(frozenset())):
        attempt(argument)
        if _by_definitions(argument, target):
            return True
        del argument.steps[mark:]
    return False


def arrive(argument: Argument, target: Node) -> bool:
    """The last line to a form that is equal by arithmetic, names put back; False where it is not."""
    mark = len(argument.steps)
    wanted = frozenset(name for name in symbols(target) if name in argument.setting.define)
    for attempt in (_nothing, _through_names(wanted)):
        attempt(argument)
        if _arrive(argument, target) or argument.now == target:
            return True
        del argument.steps[mark:]
    return False


def _nothing(argument: Argument) -> None:
    """Perhaps only the order differs."""


def _through_names(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        fold(argument, wanted)

    return attempt


def _through_powers(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        if argument.line(lambda: argument.exhaust((powers_of_one_base, *TIDY))):
            fold(argument, wanted)

    return attempt


def _through_values(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        rules = (*two_values(argument.now, argument.setting), diagonals, collect_powers, *TIDY)
        if argument.line(lambda: argument.exhaust(rules)):
            fold(argument, wanted)

    return attempt


def _through_sums(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        argument.line(lambda: _sums_apart(argument))
        argument.line(lambda: argument.exhaust((sum_of_constant, *TIDY)))
        fold(argument, wanted)

    return attempt


def _sums_apart(argument: Argument) -> None:
    """Every sum as a combination of sums of products."""
    sums = [path for path, part in places(argument.now) if isinstance(part, Big)]
    for path in sums:
        if not any(path[: len(other)] == other for other in sums if other != path):
            argument.exhaust((distribute, collect_powers, *TIDY), path)
    argument.exhaust((split_sum, *OUT_OF_SUMS))


def _through_products(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        if any(isinstance(part, Big) for part in walk(argument.now)):
            _through_sums(wanted)(argument)
            argument.line(lambda: argument.exhaust((sum_as_product, *TIDY)))

    return attempt


def _through_traces(wanted: frozenset[str]):  # type: ignore[no-untyped-def]
    def attempt(argument: Argument) -> None:
        if argument.line(lambda: argument.exhaust((sum_of_terms, *TIDY))):
            argument.line(lambda: argument.exhaust((trace_of_outer, *TIDY)))
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
    signs = Normalizer(lambda part: relu_sign(part, argument.setting), spread=True, edges=edges(argument))
    if not signs.same(now, target):
        return False
    kind = _kind(now, target)
    if kind in ("reorder", "rename the index"):
        return argument.rearrange(target, Reason(kind))
    return argument.put(target, Reason(kind))


def _kind(now: Node, target: Node) -> str:
    """What people call the arithmetic that leads from one form to another of the same normal form."""
    if alike(now, target):
        return "rename the index"
    bare, wanted = (node.arg if isinstance(node, Neg) else node for node in (now, target))
    if _only_reordered(now, target):
        return "cyclic trace" if _turns_a_trace(now, target) else "reorder"
    if (
        _sums(now)
        and not _sums(target)
        and any(isinstance(part, Call) and part.name == "ones" for part in walk(target))
    ):
        return "sum as a product"
    if isinstance(bare, Mul) and any(isinstance(arg, Big) for arg in bare.args) and isinstance(wanted, Big):
        return "into the sum"
    if isinstance(bare, Add) and isinstance(wanted, Mul):
        return "factor"
    if isinstance(bare, Mul) and isinstance(wanted, Add):
        return "multiply out"
    return "collect terms"


def _turns_a_trace(now: Node, target: Node) -> bool:
    """Whether a trace of a product has become another one: matrices change places in a trace only."""
    traces = {part for part in walk(now) if isinstance(part, Call) and part.name == "tr"}
    return any(isinstance(each.args[0], MatMul) and each not in walk(target) for each in traces)


def _sums(node: Node) -> bool:
    return any(isinstance(part, Call) and part.name == "sum" for part in walk(node))


def alike(left: Node, right: Node) -> bool:
    """Whether two expressions differ by the letters of bound indices only."""
    if left == right:
        return True
    if type(left) is not type(right) or len(left.children) != len(right.children):
        return False
    if isinstance(left, Big) and isinstance(right, Big):
        if left.index.range != right.index.range or left.kind != right.kind:
            return False
        return alike(substitute(left.body, {left.index: right.index}), right.body) and left.condition == right.condition
    same = left.children and _label(left) == _label(right) and left.rebuild(right.children) == right
    return bool(same) and all(alike(a, b) for a, b in zip(left.children, right.children, strict=True))


def _only_reordered(now: Node, target: Node) -> bool:
    return sorted(map(_label, walk(now))) == sorted(map(_label, walk(target)))


def _label(node: Node) -> str:
    name = getattr(node, "name", "") or getattr(node, "value", "")
    return f"{type(node).__name__}:{name}"


def edges(argument: Argument) -> bool:
    """Whether the argument is about values at the edges of conditions: a derivative has none there."""
    return not any(isinstance(part, D | Dif) for part in walk(argument.start))


def definitions(
    setting: Setting,
    functions: bool,
    used: dict[Fact, None] | None = None,
    edges: bool = True,
    binary: frozenset[Node] = frozenset(),
) -> Normalizer:
    """A normalizer that opens names, and the definitions of functions where asked.

    Where `used` is given it also knows symmetric matrices, and `used` gathers what makes them so. `edges` and `binary`
    are the normalizer's own.
    """

    def unfold(node: Node) -> Node | None:
        sign = relu_sign(node, setting)
        if sign is not None:
            return sign
        match node:
            case Sym(name) if name in setting.define:
                return setting.define[name]
            case At(Sym(name), at) if name in setting.define:
                return At(setting.define[name], at)
            case Call(name, args) if functions and node.function.kind == "elementwise" and node.function.definition:
                text = node.function.definition
                return None if "where" in text else table_text(text, node.function.params, args)
        return None

    def even(node: Node) -> bool:
        found = None if used is None else symmetry(node, setting)
        if found is None or used is None:
            return False
        used.update(dict.fromkeys(found))
        return True

    return Normalizer(unfold, opens=True, spread=True, symmetric=even, edges=edges, binary=binary)


def _by_definitions(argument: Argument, target: Node) -> bool:
    """One line, justified by opening definitions on both sides and comparing normal forms."""
    for functions, words in ((False, "definitions"), (True, "definitions of functions")):
        if definitions(argument.setting, functions, edges=edges(argument)).same(argument.now, target):
            return argument.put(target, Reason(words))
    facts: dict[Fact, None] = {}
    if definitions(argument.setting, False, facts).same(argument.now, target):
        return argument.put(target, Reason("definitions"), facts=facts)
    return False


# --- quotients that have a name -----------------------------------------------------------------------------------


def _functions(node: Node) -> tuple[Call, ...]:
    """The calls in a node whose definition is a plain quotient or may be one."""
    return tuple(
        dict.fromkeys(part for part in walk(node) if isinstance(part, Call) and part.function.kind == "elementwise")
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
        for _ in range(MAX_QUOTIENTS):
            if not _one_quotient(argument, function, quotient):
                break
            changed = True
    return changed


def _one_quotient(argument: Argument, function: Call, quotient: Div) -> bool:
    """One fraction written through the quotient's two parts, split, and folded; False where there is none left."""
    for path, part in places(argument.now):
        if any(isinstance(p, D | Dif) for p in walk(part)):
            continue
        if part == quotient:
            return argument.put(function, Reason("definition of a function", (("f", function),)), path)
        after = through(part, quotient.left, quotient.right)
        if after is None:
            continue
        mark = len(argument.steps)
        spelled = isinstance(part, Div) and isinstance(part.left, Add)
        reason = Reason("split the fraction") if spelled else Reason("add and subtract", (("v", quotient.right),))
        argument.line(lambda path=path, after=after, reason=reason: _split(argument, path, after, reason))  # type: ignore[misc]
        folded = argument.line(lambda: _fold_powers(argument, function, quotient))
        if not folded:
            del argument.steps[mark:]
            continue
        return True
    return False


def _split(argument: Argument, path: tuple[int, ...], after: Node, reason: Reason) -> None:
    argument.put(after, reason, path)
    argument.exhaust((cancel, *TIDY))


def _fold_powers(argument: Argument, function: Call, quotient: Div) -> None:
    from solver.expr.nodes import Pow, mul, num

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

"""Proofs by cases: pieces that change where one quantity changes its sign, on either side of that place."""

from __future__ import annotations

from collections.abc import Iterator

from solver.expr.derivation import Cases, Chain, Fact, Reason, facts_of
from solver.expr.nodes import At, Call, Cmp, Div, Neg, Node, Sym, add, call, mul, num, places, symbols, walk
from solver.expr.shapes import is_single
from solver.methods.argument import Argument
from solver.methods.meeting import joined, meet, near
from solver.rules.algebra import TIDY
from solver.rules.calculus import table_text
from solver.rules.entries import entry_by_entry
from solver.rules.explog import positive
from solver.rules.names import open_all
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite
from solver.rules.setting import Setting

Halves = tuple[Cmp, Cmp]
PIECES = frozenset({"relu", "leaky_relu", "elu", "abs", "maximum", "minimum", "where", "indicator"})


def by_signs(setting: Setting, lhs: Node, rhs: Node) -> Cases | None:
    """Both sides on either side of the place where their pieces change; None where there is no one such place."""
    opened = [_written_out(side, setting) for side in (lhs, rhs)]
    switches = list(dict.fromkeys(switch for side in opened for switch in _switches(side)))
    for quantity in _quantities(switches):
        for halves in _halves(quantity):
            if not all(_decided(side, setting.assuming(half)) for side in opened for half in halves):
                continue
            titles = (Reason("first case"), Reason("other case"))
            chains = [_half(setting, lhs, rhs, half, title) for half, title in zip(halves, titles, strict=True)]
            if all(chain is not None for chain in chains):
                return Cases(tuple(chain for chain in chains if chain is not None))
    return None


def _halves(quantity: Node) -> tuple[Halves, Halves]:
    zero = num(0)
    return (
        (Cmp(quantity, zero, ">"), Cmp(quantity, zero, "<=")),
        (Cmp(quantity, zero, ">="), Cmp(quantity, zero, "<")),
    )


def _half(setting: Setting, lhs: Node, rhs: Node, half: Cmp, title: Reason) -> Chain | None:
    """The two sides joined where the condition holds."""
    here = setting.assuming(half)
    start, goal = Argument(here, lhs), Argument(here, rhs)
    for argument in (start, goal):
        argument.line(lambda argument=argument: _names(argument))  # type: ignore[misc]
        argument.line(lambda argument=argument: argument.exhaust((entry_by_entry, *TIDY)))  # type: ignore[misc]
        argument.line(lambda argument=argument: _settled(argument, half))  # type: ignore[misc]
    chain = joined(start, goal) if near(start, goal.now) else meet(start, goal)
    return None if chain is None else Chain(chain.start, chain.steps, (half,), title)


def _written_out(node: Node, setting: Setting) -> Node:
    """Names and entries opened."""
    scratch = Argument(setting, open_all(node, setting))
    scratch.exhaust((entry_by_entry,))
    return scratch.now


def both(setting: Setting, cases: Cases) -> Chain:
    """The line for both cases in one, which an argument may go on from."""
    (first, _) = cases.chains
    argument = Argument(setting, first.start)

    def build() -> None:
        argument.put(call("where", first.given[0], first.start, first.start), Reason("two cases"))
        for number, chain in enumerate(cases.chains, 1):
            argument.put(chain.result, Reason("established", (("g", chain.start),)), (number,), facts_of(chain.steps))
        argument.put(first.result, Reason("both cases"))

    argument.line(build, Reason("both cases"))
    return argument.chain()


def _names(argument: Argument) -> None:
    """Names that a piece is hidden in, by what they stand for."""
    setting = argument.setting
    while True:
        for path, part in places(argument.now):
            if isinstance(part, Sym) and part.name in setting.define and any(_switches(open_all(part, setting))):
                argument.put(setting.define[part.name], Reason("definition", (("name", part),)), path)
                break
        else:
            return


def _settled(argument: Argument, half: Cmp) -> None:
    """Every piece that the condition decides."""
    reason = Reason("in this case", (("c", half),))
    while True:
        for path, part in places(argument.now):
            found = _piece(part, argument.setting)
            if found is not None:
                argument.put(found.after, reason, path, found.facts)
                break
        else:
            argument.exhaust(TIDY)
            return


def _decided(node: Node, setting: Setting) -> bool:
    """Whether the condition decides every piece."""
    return all(_piece(part, setting) is not None for part in walk(node) if _is_piece(part))


def _is_piece(node: Node) -> bool:
    return isinstance(node, Call) and node.name in PIECES and is_single(node.shape)


# --- what changes, and where ----------------------------------------------------------------------------------------


def _switches(node: Node) -> Iterator[Node]:
    """The quantities at whose zeros the pieces in a node change."""
    for part in walk(node):
        if _is_piece(part) and (switch := _switch(part)) is not None:
            yield switch


def _switch(piece: Node) -> Node | None:
    match piece:
        case Call("relu" | "leaky_relu" | "elu" | "abs", (arg, *_)):
            return arg
        case Call("maximum" | "minimum", (left, right)):
            return _difference(left, right)
        case Call("where" | "indicator", (Cmp(left, right), *_)):
            return _difference(left, right)
    return None


def _difference(left: Node, right: Node) -> Node:
    if right == num(0):
        return left
    return Neg(right) if left == num(0) else Normalizer().canonical(add(left, Neg(right)))


def _quantities(switches: list[Node]) -> list[Node]:
    """What may be told apart by its sign: the data in a switch, and the switch itself."""
    data = [
        part
        for switch in switches
        for part in walk(switch)
        if isinstance(part, Sym) or (isinstance(part, At) and isinstance(part.arg, Sym))
    ]
    return list(dict.fromkeys((*(part for part in data if is_single(part.shape)), *switches)))


# --- pieces under a condition ---------------------------------------------------------------------------------------


def _piece(node: Node, setting: Setting) -> Rewrite | None:
    """The branch that holds under the last condition of the setting, and what of the data says so."""
    if not _is_piece(node) or (switch := _switch(node)) is None:
        return None
    found = _sign(switch, setting)
    if found is None:
        return None
    sign, strict, facts = found
    match node:
        case Call("relu", (arg,)):
            return Rewrite(arg if sign > 0 else num(0), facts=facts)
        case Call("abs", (arg,)):
            return Rewrite(arg if sign > 0 else Neg(arg), facts=facts)
        case Call("leaky_relu", (arg, slope)):
            return Rewrite(arg if sign > 0 else mul(slope, arg), facts=facts)
        case Call("elu", (arg, height)):
            return Rewrite(arg if sign > 0 else table_text("a*(exp(x) - 1)", ("x", "a"), (arg, height)), facts=facts)
        case Call("maximum", (left, right)):
            return Rewrite(left if sign > 0 else right, facts=facts)
        case Call("minimum", (left, right)):
            return Rewrite(right if sign > 0 else left, facts=facts)
        case Call("where" | "indicator" as name, (Cmp(op=op), *branches)) if (
            holds := _holds(op, sign, strict)
        ) is not None:
            yes, no = branches if name == "where" else (num(1), num(0))
            return Rewrite(yes if holds else no, facts=facts)
    return None


def _holds(op: str, sign: int, strict: bool) -> bool | None:
    """Whether `w op 0` holds, for `w` of that sign, which is zero nowhere if `strict`; None where it may or may not."""
    above, below = (op in (">", ">="), op in ("<", "<=")) if sign > 0 else (op in ("<", "<="), op in (">", ">="))
    if strict:
        return True if above else False if below else None
    if op in (">=", "<="):
        return True if above else None
    return False if below else None


def _sign(switch: Node, setting: Setting) -> tuple[int, bool, tuple[Fact, ...]] | None:
    """The sign of a switch where the last condition holds, and whether it is not zero there."""
    condition = setting.given[-1]
    assert isinstance(condition, Cmp)
    sign = 1 if condition.op in (">", ">=") else -1
    factor = _ratio(switch, condition.left)
    if factor is None:
        return None
    for turned in (1, -1):
        facts = known_positive(factor if turned > 0 else Normalizer().canonical(Neg(factor)), setting)
        if facts is not None:
            return sign * turned, condition.op in (">", "<"), facts
    return None


def _ratio(switch: Node, quantity: Node) -> Node | None:
    """`c` for a switch that is `c` times the quantity, or has its sign."""
    normalizer = Normalizer()
    for like in (quantity, add(call("exp", quantity), Neg(num(1)))):
        # e^u − 1 has the sign of u
        for sign in (1, -1):
            if normalizer.same(switch, like if sign > 0 else Neg(like)):
                return num(sign)
    if not isinstance(quantity, Sym | At):
        return None
    ratio = normalizer.canonical(Div(switch, quantity))
    return None if quantity in walk(ratio) else ratio


def known_positive(node: Node, setting: Setting) -> tuple[Fact, ...] | None:
    """What of the data makes the number positive, traits or conditions; None where it may not be."""
    facts = positive(node, setting)
    if facts is not None:
        return facts
    normalizer = Normalizer()
    for condition in setting.given:
        match condition:
            case Cmp(left, right, ">") if normalizer.same(node, add(left, Neg(right))):
                return ()
            case Cmp(left, right, "<") if normalizer.same(node, add(right, Neg(left))):
                return ()
    for name in symbols(node):
        share = Sym(name)
        if "probability" in setting.traits(share) and normalizer.same(node, add(num(1), Neg(share))):
            return (Fact(name, "probability"),)
    return None

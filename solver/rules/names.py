"""Names: opening a definition, folding an expression back into the name that stands for it."""

from __future__ import annotations

from collections.abc import Iterator

from solver.expr.nodes import (
    Add,
    Call,
    Cmp,
    D,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Sym,
    Transpose,
    add,
    call,
    first_places,
    mul,
    symbols,
    transform,
    walk,
)
from solver.expr.shapes import is_single, is_vector
from solver.rules.calculus import table_text
from solver.rules.inner import turned
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


def open_all(node: Node, setting: Setting, keep: frozenset[str] = frozenset()) -> Node:
    """Every defined name opened, but those in `keep`, down to declared symbols."""

    def change(part: Node) -> Node | None:
        if isinstance(part, Sym) and part.name in setting.define and part.name not in keep:
            return open_all(setting.define[part.name], setting, keep)
        return part if isinstance(part, D) else None

    return transform(node, change)


@rule(
    "definition of a function", r"\sigma(x) = \frac{1}{1 + e^{-x}}", words="definition of {f}",
    applies=["sigmoid(a) -> 1/(1 + exp(-a))", "tanh(b) -> (exp(b) - exp(-b))/(exp(b) + exp(-b))"],
    refuses=["exp(a)", "a"],
)  # fmt: skip
def open_function(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Call(args=args) as function if function.function.kind == "elementwise":
            text = function.function.definition
            if text is not None:
                return Rewrite(table_text(text, function.function.params, args), (("f", function),))
    return None


def relu_sign(node: Node, setting: Setting) -> Node | None:
    """`h > 0` for a name `h = ReLU(z)` says what `z > 0` says."""
    match node:
        case Cmp(Sym(name), Num(value), ">") if value == 0:
            match setting.known(name):
                case Call("relu", (arg,)):
                    return Cmp(arg, node.right, ">")
    return None


def fold_names(
    node: Node, setting: Setting, names: frozenset[str] | None = None
) -> tuple[tuple[int, ...], Node, Node] | None:
    """The outermost part that a defined name stands for: its place, the name, the value; None where there is none.

    Sub-sums and sub-products count as parts: in `a + b + c` a name for `a + c` is found (the place is the sum's, and
    the name returned is what the sum becomes). Entries are looked for too: `softmax(x)[i]` folds into `s[i]`.
    """
    normalizer = Normalizer(lambda part: relu_sign(part, setting))
    there = symbols(node)
    candidates = [
        candidate
        for name, given in setting.define.items()
        for value in (_logarithms(given, setting),)
        if (names is None or name in names) and not isinstance(value, Sym) and name not in setting.introduced
        and _essential(value, setting) <= there
        for candidate in _forms(Sym(name, value.shape), value)
    ]  # fmt: skip
    candidates.sort(key=lambda candidate: -_weight(candidate[2]))
    for path, part in first_places(node):
        for name, short, value in candidates:
            found = _folded(part, short, value, normalizer, whole=not path)
            if found is not None and found != part:
                return path, found, name
    return None


def _forms(name: Sym, value: Node) -> Iterator[tuple[Sym, Node, Node]]:
    """What may stand in a formula for a name: the name, what is written with it, and what that is written for."""
    yield name, name, value
    match value:
        case Call("softmax", args, axis):
            yield name, call("log", name), Call("log_softmax", args, axis)
    match value:
        case Call(args=args) if value.function.kind in ("elementwise", "along") and is_vector(value.shape):
            # of the transposed vector the function is the transposed one
            yield name, Transpose(name), value.rebuild(tuple(turned(arg) if arg.shape else arg for arg in args))


def _essential(value: Node, setting: Setting) -> frozenset[str]:
    """The symbols that must stand in whatever the value is found in: all but those that `h > 0` may hide."""
    hidden = {part.left for part in walk(value) if relu_sign(part, setting) is not None and isinstance(part, Cmp)}
    return frozenset(name for name in symbols(value) if not any(isinstance(h, Sym) and h.name == name for h in hidden))


def _weight(node: Node) -> int:
    return 1 + sum(_weight(child) for child in node.children)


def _logarithms(value: Node, setting: Setting) -> Node:
    """`log p` for `log softmax(z)` where `p` is the softmax: so it stands in a result."""
    if not any(isinstance(part, Call) and part.name == "log_softmax" for part in walk(value)):
        return value
    named = {v: Sym(name, v.shape) for name, v in setting.define.items() if isinstance(v, Call) and v.name == "softmax"}

    def change(part: Node) -> Node | None:
        match part:
            case Call("log_softmax", args, axis) if (name := named.get(Call("softmax", args, axis))) is not None:
                return call("log", name)
        return None

    return transform(value, change)


def _total(node: Node) -> bool:
    """Whether the node is a number that a sum over entries gives."""
    match node:
        case Call("sum" | "tr" | "dot") | MatMul():
            return is_single(node.shape)
        case Neg(arg) | Div(arg, _):
            return _total(arg)
        case Add(args):
            return any(map(_total, args))
        case Mul(args):
            return sum(map(_total, args)) == 1
    return False


def _folded(part: Node, name: Node, value: Node, normalizer: Normalizer, whole: bool) -> Node | None:
    # a part is the name's value when it is one like it; the whole formula also when it looks different
    likely = part.shape == value.shape and (type(part) is type(value) or (whole and bool(part.children)))
    if part == value or (likely and normalizer.same(part, value)):
        return name
    if _total(part) and _total(value) and (part.shape == value.shape or not whole):
        # a number that entries are summed up to may look otherwise: Σ p log p for H = −Σ p log p
        if normalizer.same(part, value):
            return name
        if normalizer.same(part, Neg(value)):
            return Neg(name)
    match part, value:
        case (Add(args), Add(wanted)) | (Mul(args), Mul(wanted)) if len(args) > len(wanted):
            rest = list(args)
            for term in wanted:
                if term not in rest:
                    return None
                rest.remove(term)
            position = min(args.index(term) for term in wanted)
            kept = [*rest[:position], name, *rest[position:]]
            result = add(*kept) if isinstance(part, Add) else mul(*kept)
            return result if result.shape == part.shape else None
    return None

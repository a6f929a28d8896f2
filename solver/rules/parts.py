"""Naming the parts of a long formula, so that each name is one operation away from the names it is made of.

What a teaching assistant does before differentiating: "write z = xW + b, so that h = σ(z)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.expr.nodes import (
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    free_indices,
    symbols,
    walk,
)
from solver.expr.shapes import is_single, is_vector
from solver.rules.factored import of_kronecker
from solver.rules.generic import kinked
from solver.rules.setting import Setting

_ENTRYWISE = (Add, Mul, Neg, Div, Pow, Apply)
_NONLINEAR = frozenset({
    "softmax", "log_softmax", "logsumexp", "norm", "norm1", "inv", "det", "logdet", "matrix_power", "prod", "pinv",
    "max", "min",
})  # fmt: skip


@dataclass
class Parts:
    """Names for parts: `values` holds every name that varies with `variable`, with its part-by-part value.

    `introduced` are the new names in the order in which they were needed, inner ones first.
    """

    setting: Setting
    variable: Sym
    values: dict[str, Node] = field(default_factory=dict)
    introduced: list[tuple[Sym, Node]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Defined names of the problem whose value has been rewritten in terms of new names."""
    taken: set[str] = field(default_factory=set)
    known: Mapping[Node, Sym] = field(default_factory=dict)
    """Names that an argument before this one gave to values: they keep them."""

    def visit(self, name: str) -> None:
        """Split the value of a defined name, and of every varying name below it."""
        if name in self.values or name == self.variable.name or name not in self.setting.define:
            return
        value = self.setting.define[name]
        if not self.varies(value):
            return
        self.values[name] = value
        split = self.split(value, root=True)
        if split != value:
            self.changed.append(name)
        self.values[name] = split

    def varies(self, node: Node) -> bool:
        return self.setting.depends(node, self.variable) or any(
            name in self.values and name not in self.setting.define for name in symbols(node)
        )

    def split(self, node: Node, root: bool = False) -> Node:
        """The node with the parts that deserve a name replaced by it."""
        if isinstance(node, Sym):
            self.visit(node.name)
            return node
        if not self.varies(node) or isinstance(node, D | Dif):
            return node
        node = self._logarithm(node)
        factored = of_kronecker(node, self.setting)
        if factored is not None:
            return self.split(factored.after, root)
        children = list(node.children)
        for number, child in enumerate(node.children):
            if not self.varies(child):
                continue
            whole = self.split(child)
            named = whole in self.known or self._deserves(node, child)
            children[number] = self._name(whole) if named else whole
        return node.rebuild(tuple(children))

    def _logarithm(self, node: Node) -> Node:
        """`log softmax(θ)` is one function, also where `softmax(θ)` has a name of its own; so is `log det A`."""
        match node:
            case Call("log", (Call("det", (arg,)),)) if arg.shape:
                return Call("logdet", (arg,))
            case Call("log", (Call("softmax", (arg,), axis),)):
                return Call("log_softmax", (arg,), axis)
            case Call("log", (Sym(name) as named,)) if name in self.setting.define and named != self.variable:
                match self.setting.define[name]:
                    case Call("softmax", (arg,), axis):
                        return Call("log_softmax", (arg,), axis)
            case Call("log", (At(arg, at),)):
                whole = self._logarithm(Call("log", (arg,)))
                if isinstance(whole, Call) and whole.name == "log_softmax":
                    return At(whole, at)
        return node

    def _deserves(self, parent: Node, child: Node) -> bool:
        if isinstance(child, Sym | Idx | Cmp | Logic) or _leaf(child) or free_indices(child):
            return False
        match parent:
            case MatMul() | Call("kron" | "outer" | "dot" | "tr" | "diag"):
                return self._nonlinear(child)
            case Call() if kinked(parent, child, self.setting):
                # with a name, it would be differentiated by at its kinks
                return False
            case Call(name) if name in _NONLINEAR:
                return self._mixes(child) or self._nonlinear(child)
            case Pow(Call("norm"), Num(value)) if value == 2:
                # a squared norm is one function, and a smooth one
                return False
            case Call() | Pow() if isinstance(parent, Pow) or parent.function.kind == "elementwise":
                return self._mixes(child)
            case Apply():
                return self._mixes(child)
            case Mul() | Div() if sum(self.varies(c) for c in parent.children) > 1:
                return self._mixes(child) or (isinstance(child, Call) and child.name in _NONLINEAR)
        return False

    def _nonlinear(self, node: Node) -> bool:
        """Whether a function that is not linear stands between the node and its leaves."""
        return any(
            self.varies(part)
            and (
                (isinstance(part, Call) and (part.name in _NONLINEAR or part.function.kind == "elementwise"))
                or isinstance(part, Pow | Apply)
            )
            for part in walk(node)
        )

    def _mixes(self, node: Node) -> bool:
        """Whether entries are mixed (a matrix product, a sum) outside any further function."""
        if not self.varies(node) or isinstance(node, Sym) or _leaf(node):
            return False
        match node:
            case Call() if node.function.kind == "elementwise":
                return False
            case Apply():
                return False
            case MatMul() | Big():
                return True
            case Call():
                return True
        return any(self._mixes(child) for child in node.children)

    def _name(self, value: Node) -> Node:
        if isinstance(value, Sym):
            return value
        for name, known in self.introduced:
            if known == value:
                return name
        for other, known in self.setting.define.items():
            if known == value and other in self.values:
                return Sym(other, known.shape)
        name = self.known.get(value) or Sym(self._letter(value), value.shape)
        self.taken.add(name.name)
        self.introduced.append((name, value))
        self.values[name.name] = value
        return name

    def _letter(self, value: Node) -> str:
        """A letter that the field would use and nobody has taken: `Z` for a matrix, `z` for a vector, `s` else."""
        letters = "srtcq" if is_single(value.shape) else "zuraqv" if is_vector(value.shape) else "ZURAQV"
        used = self.taken | {name.name for name in self.known.values()} | self.setting.names
        used |= {part.name for v in self.setting.define.values() for part in walk(v) if isinstance(part, Idx)}
        for letter in letters:
            if letter not in used:
                return letter
        return next(f"{letters[0]}{n}" for n in range(1, 1000) if f"{letters[0]}{n}" not in used)


def _leaf(node: Node) -> bool:
    match node:
        case Sym():
            return True
        case At(arg=arg) | Transpose(arg=arg) | Neg(arg=arg):
            return _leaf(arg)
    return False


def order(root: str, values: dict[str, Node]) -> list[str]:
    """The names that `root` is made of, root first, each after all that use it."""
    seen: list[str] = []

    def visit(name: str) -> None:
        if name in seen or name not in values:
            return
        for part in sorted(symbols(values[name])):
            visit(part)
        seen.append(name)

    visit(root)
    return seen[::-1]

"""Differentials on their way down: one operation at a time, from the loss to the variables."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from solver.expr.derivation import Chain, Reason
from solver.expr.nodes import Add, Call, Cmp, Dif, Div, MatMul, Mul, Neg, Node, Path, Pow, Sym, Transpose, walk
from solver.expr.shapes import is_single
from solver.expr.write import write
from solver.methods.argument import MAX_APPLICATIONS, Argument, CannotDerive, refuse_singular
from solver.methods.where import OUTSIDE, SPINE, Where
from solver.rules.algebra import number_alone
from solver.rules.differentials import LINEAR, NONLINEAR
from solver.rules.factored import differential_of_determinant_apart, differential_of_kronecker
from solver.rules.logs import LOGARITHMS
from solver.rules.pieces import sign_of_relu
from solver.rules.rule import Rule
from solver.rules.shorter import in_matrix_form


def outside(node: Node) -> Iterator[tuple[Path, Node]]:
    """Every part that does not stand inside a differential, with its place, parents first."""
    return OUTSIDE.places(node)


def spine(node: Node) -> list[tuple[Path, Node]]:
    """The parts that hold a differential and do not stand inside one, with their places, parents first."""
    return list(SPINE.places(node))


def pending(node: Node) -> dict[Node, None]:
    """What the differentials in the node are of, in the order in which they stand."""
    return {part.arg: None for _, part in spine(node) if isinstance(part, Dif)}


@dataclass
class Walk:
    """A chain that starts at a differential; `variables` are where the walk ends."""

    argument: Argument
    variables: tuple[Sym, ...]
    heights: dict[Node, int] = field(default_factory=dict)
    called: dict[Node, Sym] = field(default_factory=dict)
    """Values that have a name in the problem."""
    chains: list[Chain] = field(default_factory=list)
    """Chains that are finished: the walk goes on in a new one after a gradient has been given a name."""
    deltas: dict[Sym, Node] = field(default_factory=dict)
    """Names that gradients on the way have been given."""
    waits: set[Node] = field(default_factory=set)
    """Parts whose differential gets a line of its own."""

    def __post_init__(self) -> None:
        setting = self.argument.setting
        for name, value in setting.define.items():
            if not isinstance(value, Sym) and Sym(name, value.shape) not in self.variables:
                self.called.setdefault(value, Sym(name, value.shape))

    # --- what is next ---------------------------------------------------------------------------------------------

    def height(self, node: Node) -> int:
        """How many operations and definitions stand between the node and the data."""
        if node not in self.heights:
            value = self.argument.setting.value_of(node)
            below = (value,) if value is not None else () if node in self.variables else node.children
            self.heights[node] = 1 + max((self.height(child) for child in below), default=0)
        return self.heights[node]

    def highest(self) -> Node | None:
        """What must be differentiated next: no other pending differential rests on it; None at the end."""
        waiting = [node for node in pending(self.argument.now) if node not in self.variables]
        return max(waiting, key=self.height, default=None)

    def linear_product(self, node: Node) -> bool:
        """Whether a matrix product stands in the node before any function that is not linear."""
        value = self.argument.setting.value_of(node)
        match value or node:
            case MatMul():
                return True
            case Add(args) | Mul(args):
                return any(self.linear_product(arg) for arg in args if not isinstance(arg, Sym))
            case Neg(arg) | Transpose(arg) | Div(arg, _):
                return not isinstance(arg, Sym) and self.linear_product(arg)
        return False

    # --- rules on the right side ----------------------------------------------------------------------------------

    def first(self, rules: Sequence[Rule], where: Where = SPINE) -> bool:
        """The first rule that applies on the spine, or elsewhere, at the outermost place."""
        return self.argument.apply_first(rules, where=where)

    def repeat(self, attempt: Callable[[], bool]) -> bool:
        """The attempt, until it fails."""
        count = 0
        while attempt():
            count += 1
            if count > MAX_APPLICATIONS:
                raise CannotDerive("the differential of this does not come to an end here")
        return count > 0

    # --- one level of differentials -------------------------------------------------------------------------------

    def expand(self, target: Node) -> None:
        """`d(target)` in terms of the differentials one function below it: linear maps on sight, then one rule."""
        todo = dict.fromkeys((target, *self._like(target)), True)
        value = self.argument.setting.value_of(target) or target
        refuse_singular(value, self.argument.setting)
        self.waits = self._shared_arguments(value)
        while (found := next(self._standing(todo), None)) is not None:
            _, node = found
            fresh, level = todo.pop(node), None
            # every term that moves with it, so that none is left behind when the others have gone on
            for _ in range(sum(1 for _ in self._standing((node,)))):
                path, _ = next(self._standing((node,)))
                level = self._differentiate(path, node, fresh)
                if level is None:
                    break
                todo.update({part: level for part in self._made(path) if not self._ends(part)})
            if level is None and node == target:
                raise CannotDerive(f"no differential is known for `{write(node)}`")

    def _standing(self, nodes: Container[Node]) -> Iterator[tuple[Path, Node]]:
        """Where the differential of one of the nodes stands, with the node."""
        for path, part in SPINE.places(self.argument.now):
            if isinstance(part, Dif) and part.arg in nodes:
                yield path, part.arg

    def _like(self, target: Node) -> list[Node]:
        """Numbers without a name that the same rule will open: `d(x²)` and `d(y²)` are one line."""
        if isinstance(target, Sym) or not is_single(target.shape):
            return []
        return [
            node for node in pending(self.argument.now)
            if node != target and is_single(node.shape) and type(node) is type(target)
            and getattr(node, "name", "") == getattr(target, "name", "")
        ]  # fmt: skip

    def _made(self, path: Path) -> list[Node]:
        """What the differentials are of that the last rule has made."""
        step = self.argument.steps[-1]
        assert step.after is not None
        return [step.after] if step.place == (*path, 0) else list(pending(step.after))

    def _ends(self, node: Node) -> bool:
        """Whether the differential of the node waits for a line of its own: a name, or a part that returns."""
        return (isinstance(node, Sym) and self.argument.setting.varies(node)) or node in self.waits

    def _shared_arguments(self, value: Node) -> set[Node]:
        """Arguments of functions whose differential will stand in several terms."""
        found: set[Node] = set()
        parts = list(walk(value))
        for part in parts:
            match part:
                case Call("softmax" | "log_softmax" | "logsumexp" | "log_sigmoid", (arg,)) if arg != value:
                    found.add(arg)
                case Call(args=args) if part.function.kind == "elementwise":
                    found.update(arg for arg in args if arg.children and parts.count(arg) > 1)
                case Pow(base, _) if base.children and parts.count(base) > 1:
                    found.add(base)
        return {part for part in found if not isinstance(part, Sym)}

    def _differentiate(self, path: Path, node: Node, fresh: bool) -> bool | None:
        """One rule on `d(node)`; whether a rule that is worth saying may still follow, None where nothing applied."""
        argument = self.argument
        value = argument.setting.value_of(node)
        if value is not None and argument.setting.varies(node):
            argument.put(value, Reason("definition", (("name", node),)), (*path, 0))
            return fresh
        if argument.apply(in_matrix_form, path) or argument.apply(number_alone, (*path, 0)):
            return fresh
        if fresh and argument.apply(differential_of_kronecker, path):
            return False
        if fresh and argument.apply(differential_of_determinant_apart, path):
            return fresh
        if fresh and any(argument.apply(rule, path) for rule in LOGARITHMS):
            self.waits |= {part for made in self._made(path) for part in self._shared_arguments(made)}
            return fresh
        if any(argument.apply(rule, path) for rule in LINEAR):
            return fresh
        if fresh and any(argument.apply(rule, path) for rule in NONLINEAR):
            return False
        return None

    def call_by_name(self) -> None:
        """Values that have a name are called by it, as `σ(z)` by `h` where `h = σ(z)`."""

        def attempt() -> bool:
            for path, part in outside(self.argument.now):
                if part in self.called and not isinstance(part, Dif):
                    name = self.called[part]
                    return self.argument.put(name, Reason("definition", (("name", name),)), path, routine=True)
                match part:
                    case Call("indicator", (Cmp(left, _, ">"),)) if (
                        not isinstance(left, Sym) and Call("relu", (left,)) in self.called
                    ):
                        if self.argument.apply(sign_of_relu, path):
                            return True
            return False

        self.repeat(attempt)

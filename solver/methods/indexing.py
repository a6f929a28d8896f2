"""An argument in index notation: letters kept apart, entries opened, and the way back to a matrix expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.expr.derivation import Chain, Fact, Reason, Step
from solver.expr.nodes import (
    ONE_NODE,
    Big,
    Call,
    Idx,
    MatMul,
    Node,
    Path,
    Table,
    free_indices,
    places,
    walk,
)
from solver.expr.shapes import Shape, is_single
from solver.expr.sizes import ONE
from solver.methods.argument import Argument
from solver.methods.entrywise import divide_out, factor, multiply_out
from solver.rules.entries import entry_of_derivative, pick
from solver.rules.letters import distinct, fresh, instantiate
from solver.rules.recognise import matrix_of, matrix_of_entries
from solver.rules.rule import Rewrite
from solver.rules.setting import Setting

LONG = 120
"""An entry with more parts than this is taken as it stands: multiplied out, nobody would read it."""


@dataclass
class Indexed(Argument):
    """A chain in which no bound letter hides another: what a rule brings in is renamed where it would."""

    def _record(self, path: Path, rewrite: Rewrite, reason: Reason, routine: bool) -> None:
        names = {index.name for index in free_indices(self.now)} | _enclosing(self.now, path)
        after = distinct(rewrite.after, frozenset(names), self.setting)
        super()._record(path, Rewrite(after, rewrite.captures, rewrite.facts), reason, routine)


def _enclosing(node: Node, path: Path) -> set[str]:
    """The letters bound around a place."""
    names: set[str] = set()
    for number in path:
        match node:
            case Big(index=index):
                names.add(index.name)
            case Table(row=row, column=column):
                names |= {row.name, column.name}
        node = node.children[number]
    return names


@dataclass(frozen=True)
class Frame:
    """The free indices of an entry: a row and a column, None where the shape has size 1 there."""

    shape: Shape
    rows: Idx | None
    columns: Idx | None

    @staticmethod
    def of(shape: Shape, setting: Setting, *used: Node, letters: str = "ij") -> Frame:
        """Fresh letters for the entries of a shape."""
        found: list[Idx | None] = []
        for size in shape:
            taken = [index for index in found if index is not None]
            found.append(None if size == ONE else fresh(size, setting, *used, *taken, letters=letters))
        rows, columns = found or (None, None)
        return Frame(shape, rows, columns)

    @property
    def indices(self) -> tuple[Idx, ...]:
        return tuple(index for index in (self.rows, self.columns) if index is not None)

    def entry(self, node: Node) -> Node:
        """The entry of a value of this shape."""
        return pick(node, self.rows or ONE_NODE, self.columns or ONE_NODE)

    def table(self, entry: Node, setting: Setting) -> Node:
        """The matrix with these entries."""
        row = self.rows or fresh(ONE, setting, entry, *self.indices, letters="rst")
        column = self.columns or fresh(ONE, setting, entry, *self.indices, row, letters="rst")
        return Table(entry, row, column)


def entry_question(question: Node, setting: Setting) -> tuple[Frame, Node]:
    """The free indices of a question and the question for one entry: `∂J/∂W` becomes `∂J/∂W_ij`."""
    frame = Frame.of(question.shape, setting, question)
    if is_single(question.shape):
        return frame, question
    entry = frame.entry(question)
    argument = Argument(setting, entry)
    argument.exhaust((entry_of_derivative,))
    return frame, argument.now


def close(setting: Setting, question: Node, frame: Frame, chain: Chain, facts: Sequence[Fact]) -> Argument:
    """The closing chain: the question, by its entries, and the matrix expression that they are entries of."""
    argument = Argument(setting, question)

    def build() -> None:
        argument.put(frame.table(chain.start, setting), Reason("entries"))
        argument.put(chain.result, Reason("established", (("g", chain.start),)), (0,), facts)
        argument.apply(matrix_of_entries)

    argument.line(build, Reason("entries together"))
    return argument


def as_entry(argument: Argument, frame: Frame) -> None:
    """The right side recognised as the entry of a matrix expression, where a sum or a delta stands in it.

    Common factors are drawn out first, or products multiplied out, where that gives the shorter expression.
    """
    best: tuple[Node, list[Step]] | None = None
    long = _weight(argument.now) > LONG
    for prepare in (_leave,) if long else (_leave, factor, multiply_out, divide_out):
        scratch = Argument(argument.setting, argument.now)
        prepare(scratch)
        found = recognised(scratch.now, frame, argument.setting)
        if found is not None and (best is None or _weight(found) < _weight(best[0])):
            best = found, scratch.steps
    if best is not None:
        found, steps = best
        argument.steps.extend(steps)
        if not _plain(argument.now):
            argument.put(frame.entry(found), seen_as(found))


def seen_as(found: Node) -> Reason:
    """What a sum over entries is called where it is written without its index."""
    return Reason("matrix product" if MatMul in found.kinds else "sums without an index")


def _leave(argument: Argument) -> None:
    """As it stands."""


def recognised(entry: Node, frame: Frame, setting: Setting) -> Node | None:
    """The matrix expression whose entry at the frame's indices this is; None where none is seen."""
    found = matrix_of(entry, frame.rows, frame.columns, setting)
    return found if found is not None and found.shape == frame.shape else None


def _weight(node: Node) -> int:
    """How much a reader has to read: parts, and matrices of zeros and ones more than others."""
    return sum(5 if isinstance(part, Call) and part.name in ("eye", "ones") else 1 for part in walk(node))


def _plain(node: Node) -> bool:
    """Whether a reader sees at once what the entries are of: no sum and no delta stands in them."""
    return not any(isinstance(part, Big) or (isinstance(part, Call) and part.name == "delta") for part in walk(node))


def sums_as_entries(argument: Argument, frame: Frame) -> bool:
    """Each sum that depends on the free indices called an entry of a matrix product; other factors stay."""

    def build() -> None:
        for _ in range(100):
            for path, part in places(argument.now):
                if isinstance(part, Big) and (after := _sum_entry(part, frame, argument.setting)) is not None:
                    argument.put(after, seen_as(after), path)
                    break
            else:
                return

    return argument.line(build)


def _sum_entry(node: Big, frame: Frame, setting: Setting) -> Node | None:
    free = free_indices(node)
    if free - set(frame.indices):
        return None
    rows, columns = (index if index in free else None for index in (frame.rows, frame.columns))
    found = matrix_of(node, rows, columns, setting)
    return None if found is None else pick(found, rows or ONE_NODE, columns or ONE_NODE)


def matches(pattern: Node, node: Node) -> dict[Idx, Node] | None:
    """What the free indices of `pattern` must be for it to read like `node`; None when it cannot."""
    found: dict[Idx, Node] = {}
    return found if _match(pattern, node, found, frozenset()) else None


def _match(pattern: Node, node: Node, found: dict[Idx, Node], bound: frozenset[Idx]) -> bool:
    if isinstance(pattern, Idx) and pattern not in bound:
        return not node.shape and found.setdefault(pattern, node) == node
    if type(pattern) is not type(node) or len(pattern.children) != len(node.children):
        return False
    if not pattern.children:
        return pattern == node
    match pattern:
        case Big(index=index):
            bound = bound | {index}
        case Table(row=row, column=column):
            bound = bound | {row, column}
    pairs = zip(pattern.children, node.children, strict=True)
    return all(_match(p, n, found, bound) for p, n in pairs) and pattern.rebuild(node.children) == node


def put_in(node: Node, values: dict[Idx, Node], setting: Setting) -> Node:
    """The node with all the values for its indices at once."""
    stand_ins: dict[Idx, Idx] = {}
    for index in values:
        stand_ins[index] = fresh(index.range, setting, node, *values, *values.values(), *stand_ins.values())
    for index, other in stand_ins.items():
        node = instantiate(node, index, other, setting)
    for index, other in stand_ins.items():
        node = instantiate(node, other, values[index], setting)
    return node

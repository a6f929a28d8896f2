"""Where in a formula a rule is tried: which parts, and which parts of them next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from solver.expr.nodes import Add, Call, Dif, MatMul, Mul, Node, Path
from solver.rules.inner import moves

Below = Callable[[Node], Iterable[tuple[Path, Node]]]


@dataclass(frozen=True, eq=False)
class Where:
    """`here` says whether a part is meant; `below` gives the parts in it that are looked at next, in order."""

    here: Callable[[Node], bool]
    below: Below

    def places(self, node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """The parts that are meant, with their places, parents first."""
        if self.here(node):
            yield path, node
        for inner, part in self.below(node):
            yield from self.places(part, (*path, *inner))


def _children(node: Node) -> Iterable[tuple[Path, Node]]:
    return [((number,), child) for number, child in enumerate(node.children)]


def _outside(node: Node) -> Iterable[tuple[Path, Node]]:
    return () if isinstance(node, Dif) else _children(node)


def along_spine(node: Node) -> Iterable[tuple[Path, Node]]:
    """The children that hold a differential; of a trace, those of the product in it."""
    match node:
        case Dif():
            return ()
        case Call("tr", (MatMul(args),)):
            return [((0, number), factor) for number, factor in enumerate(args) if moves(factor)]
    return [((number,), child) for number, child in enumerate(node.children) if moves(child)]


EVERYWHERE = Where(lambda node: True, _children)
OUTSIDE = Where(lambda node: True, _outside)
"""Every part that does not stand inside a differential."""
STILL = Where(lambda node: isinstance(node, Mul | Add) and not moves(node), _outside)
"""Sums and products in which no differential stands."""
SPINE = Where(moves, along_spine)
"""The parts that hold a differential and do not stand inside one.

The product inside a trace is no part of its own: as an inner product it is seen with the trace.
"""

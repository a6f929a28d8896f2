"""Means: what is left of a sum when its average has been taken off, sums beside sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solver.expr.nodes import (
    ZERO_NODE,
    Add,
    At,
    Big,
    Call,
    Div,
    Idx,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    add,
    free_indices,
    from_size,
    mul,
    num,
    walk,
)
from solver.rules.entries import entry_by_entry, entry_of_reduction, sum_over_entries
from solver.rules.indexed import value_at
from solver.rules.normal import Normalizer
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


@rule(
    "deviations sum to zero", r"\sum_i (x_i - \bar x) = 0", words="deviations from the mean sum to 0",
    applies=["sum(x[i] - mean(x) for i in n) -> 0", "sum((x - mean(x))[i] for i in n) -> 0",
             "sum(A[i, j] - mean(A, axis=0)[j] for i in n) -> 0"],
    refuses=["sum(x[i] - mean(y) for i in n)", "sum(x[i] - a for i in n)", "sum(A[i, j] - mean(A, axis=0)[j] for j in n)"],
)  # fmt: skip
def deviations(node: Node, setting: Setting) -> Rewrite | None:
    match node:
        case Big("sum", At(arg=Add()) as body, index, None) if (
            opened_body := entry_by_entry(body, setting)
        ) is not None:
            return deviations(Big("sum", opened_body.after, index), setting)
        case Big("sum", At(arg=Sym()) as body, index, None) if (known := value_at(body, setting)) is not None:
            return deviations(Big("sum", known[0], index), setting)
        case Big("sum", Add((entry, Neg(mean))), index, None) | Big("sum", Add((Neg(mean), entry)), index, None):
            opened = None if index in free_indices(mean) else _mean(mean, setting)
            if opened is None:
                return None
            spread = Add((Big("sum", entry, index), Neg(mul(from_size(index.range), opened))))
            if Normalizer().same(spread, ZERO_NODE):
                return Rewrite(ZERO_NODE, (("m", mean),))
    return None


def _mean(node: Node, setting: Setting) -> Node | None:
    """A mean written out as a sum over entries; None for anything else."""
    found = value_at(node, setting)
    value = node if found is None else found[0]
    inner = value.children[0] if not isinstance(value, Call) and value.children else value
    if not isinstance(inner, Call) or inner.name != "mean":
        return None
    for each in (entry_of_reduction, sum_over_entries):
        rewrite = each(value, setting)
        if rewrite is not None:
            return rewrite.after
    return None


@rule(
    "sum beside a sum", r"\sum_k w_k \Bigl(u_k - \sum_l v_l\Bigr) = \sum_k w_k u_k - \sum_k w_k \sum_l v_l",
    words="split the sum",
    applies=["sum(x[k]*(y[k] - sum(p[l]*y[l] for l in n)) for k in n) -> "
             "sum(x[k]*y[k] for k in n) - sum(x[k] for k in n)*sum(p[l]*y[l] for l in n)"],
    refuses=["sum(x[k]*(y[k] - a) for k in n)", "sum(x[k]*sum(y[l] for l in n) for k in n)"],
)  # fmt: skip
def sum_beside_sum(node: Node, setting: Setting) -> Node | None:
    """A sum that does not move with the index of the one around it is no part of that one."""
    match node:
        case Big("sum", Mul() as body, index, None) if (split := _split(body, index)) is not None:
            if any(isinstance(part, Big) for part in walk(split.still)):
                weights = [arg for arg in split.others if index in free_indices(arg)]
                rest = [arg for arg in split.others if arg not in weights]
                if not weights:
                    return None
                outer = Big("sum", mul(*weights), index)
                return split.joined(lambda still: mul(*rest, outer, still), lambda moving: split.summed(moving, index))
    return None


@dataclass(frozen=True)
class _Split:
    """A product with one sum in it, whose terms stand still or move with an index."""

    others: tuple[Node, ...]
    still: Node
    moving: Node
    still_first: bool

    def summed(self, moving: Node, index: Idx) -> Node:
        return Big("sum", mul(*self.others, moving), index)

    def joined(self, still: Callable[[Node], Node], moving: Callable[[Node], Node]) -> Node:
        """Both parts, each with its sign in front, in their order."""
        parts = [
            Neg(build(part.arg)) if isinstance(part, Neg) else build(part)
            for build, part in ((still, self.still), (moving, self.moving))
        ]
        return add(*(parts if self.still_first else reversed(parts)))


def _split(body: Mul, index: Idx) -> _Split | None:
    """The product's only sum that moves with the index, taken apart; None where there is none with both kinds of terms."""
    sums = [arg for arg in body.args if isinstance(arg, Add) and index in free_indices(arg)]
    if len(sums) != 1:
        return None
    (whole,) = sums
    still, moving = ([t for t in whole.args if (index in free_indices(t)) == moves] for moves in (False, True))
    if not still or not moving:
        return None
    others = tuple(arg for arg in body.args if arg is not whole)
    return _Split(others, add(*still), add(*moving), whole.args[0] in still)


@rule(
    "sum of powers", r"\sum_{k=1}^{n} k = \frac{n\,(n + 1)}{2}", words="a known sum",
    source="Graham, Knuth & Patashnik, Concrete Mathematics, 2",
    applies=["sum(i for i in n) -> n*(n + 1)/2", "sum(i**2 for i in n) -> n*(n + 1)*(2*n + 1)/6",
             "sum(i**3 for i in n) -> n**2*(n + 1)**2/4", "sum(a**i for i in n) -> a*(1 - a**n)/(1 - a)"],
    refuses=["sum(x[i] for i in n)", "sum(i**4 for i in n)", "sum(a for i in n)"],
)  # fmt: skip
def sum_of_powers(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", body, index, None):
            n = from_size(index.range)
            more = add(n, num(1))
            match body:
                case Idx() if body == index:
                    return Div(mul(n, more), num(2))
                case Pow(base, Num(value)) if base == index and value == 2:
                    return Div(mul(n, more, add(mul(num(2), n), num(1))), num(6))
                case Pow(base, Num(value)) if base == index and value == 3:
                    return Div(mul(Pow(n, num(2)), Pow(more, num(2))), num(4))
                case Pow(base, exponent) if exponent == index and index not in free_indices(base) and not base.shape:
                    return Div(mul(base, add(num(1), Neg(Pow(base, n)))), add(num(1), Neg(base)))
    return None

"""Double sums: factors inside of both, and which letter stands for which index."""

from __future__ import annotations

from solver.expr.derivation import Fact
from solver.expr.nodes import At, Big, Idx, Mul, Node, free_indices, mul, substitute, transform
from solver.expr.write import write
from solver.rules.gradients import symmetry
from solver.rules.letters import captured
from solver.rules.rule import Rewrite, rule
from solver.rules.setting import Setting


@rule(
    "factors into the sum", r"\sum_i u_i \sum_j v_{ij} = \sum_i \sum_j u_i v_{ij}", words="into the sum", routine=True,
    applies=["sum(x[i]*sum(A[i, j] for j in n) for i in n) -> sum(sum(x[i]*A[i, j] for j in n) for i in n)"],
    refuses=["sum(x[i]*y[i] for i in n)", "x[i]*sum(A[i, j] for j in n)"],
)  # fmt: skip
def into_the_sum(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", Mul(args), outer, None):
            inner = [arg for arg in args if isinstance(arg, Big)]
            if len(inner) != 1 or inner[0].kind != "sum" or inner[0].condition is not None:
                return None
            others = [arg for arg in args if arg is not inner[0]]
            if captured(inner[0].index, *others):
                return None
            return Big("sum", Big("sum", mul(*others, inner[0].body), inner[0].index), outer)
    return None


@rule(
    "order of summation", r"\sum_i \sum_q u_{iq} = \sum_q \sum_i u_{iq}", words="in the other order",
    applies=["sum(sum(x[i]*M[q, i] for q in m) for i in n) -> sum(sum(x[i]*M[q, i] for i in n) for q in m)"],
    refuses=["sum(sum(M[q, i]*x[i] for i in n) for q in m)", "sum(sum(A[i, j] for j in n) for i in n)"],
)  # fmt: skip
def order_of_sums(node: Node, setting: Setting) -> Node | None:
    """Sums over different ranges, the range outside that comes first by the alphabet."""
    match node:
        case Big("sum", Big("sum", body, inner, None), outer, None) if str(inner.range) < str(outer.range):
            return Big("sum", Big("sum", body, outer), inner)
    return None


@rule(
    "letters of a double sum", r"\sum_i \sum_j S_{ij} u_j = \sum_i \sum_j S_{ij} u_i", words="the letters change places",
    applies=["sum(sum(S[i, j]*x[j] for j in n) for i in n) -> sum(sum(S[i, j]*x[i] for j in n) for i in n)",
             "sum(sum(x[j]*y[i] for j in n) for i in n) -> sum(sum(x[i]*y[j] for j in n) for i in n)"],
    refuses=["sum(sum(A[i, j]*x[j] for j in n) for i in n)", "sum(sum(S[i, j]*x[i] for j in n) for i in n)"],
)  # fmt: skip
def change_letters(node: Node, setting: Setting) -> Rewrite | None:
    """The two letters of a double sum exchanged, where the formula comes first by the alphabet then."""
    match node:
        case Big("sum", Big("sum", body, j, None), i, None) if i.range == j.range:
            stand_in = Idx("_" + i.name, i.range)
            swapped = substitute(substitute(substitute(body, {i: stand_in}), {j: i}), {stand_in: j})
            facts: dict[Fact, None] = {}

            def turned(part: Node) -> Node | None:
                match part:
                    case At(matrix, (first, second)) if (first, second) == (j, i) and not free_indices(matrix):
                        known = symmetry(matrix, setting)
                        if known is not None:
                            facts.update(dict.fromkeys(known))
                            return At(matrix, (i, j))
                return None

            after = transform(swapped, turned)
            if _spelled(after) < _spelled(body):
                return Rewrite(Big("sum", Big("sum", after, j), i), facts=tuple(facts))
    return None


def _spelled(node: Node) -> list[str]:
    """The factors by the alphabet, so that their order does not count."""
    return sorted(write(factor) for factor in (node.args if isinstance(node, Mul) else (node,)))

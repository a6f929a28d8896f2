"""Terms of a settled `dJ`: `c · tr(Gᵀ dU)`, collected into one for each `U`, with what they share drawn out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from solver.expr.derivation import Reason
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Call,
    Dif,
    Div,
    MatMul,
    Mul,
    Neg,
    Node,
    Path,
    Transpose,
    add,
    at,
    call,
    matmul,
    mul,
)
from solver.expr.shapes import beside, is_single
from solver.expr.sizes import ONE
from solver.expr.write import write
from solver.methods.argument import CannotDerive
from solver.methods.settling import tidy
from solver.methods.walk import Walk, spine
from solver.methods.weights import Weight, fewer, in_all, shared
from solver.methods.where import STILL
from solver.rules.algebra import zeros
from solver.rules.inner import inner, moves, pair
from solver.rules.letters import lettered
from solver.rules.normal import Normalizer
from solver.rules.pieces import factored
from solver.rules.pullback import filled
from solver.rules.shorter import fill
from solver.rules.trace import sum_as_trace
from solver.rules.vec import inner_product

# --- terms --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """`weight · ⟨gradient, d(of)⟩`; `kind` is that of the inner product, `number` where `of` is a scalar."""

    weight: Weight
    gradient: Node
    of: Node
    kind: str

    @property
    def whole(self) -> Node:
        """The gradient with its weight."""
        return self.weight.times(self.gradient)


def term(node: Node) -> Term | None:
    """The node as a settled term; None for anything else."""
    found = factored(node)
    if found is None:
        return None
    weight, core = found
    if isinstance(core, Dif):
        return Term(Weight.of(weight), ONE_NODE, core.arg, "number")
    match core:
        case MatMul((Transpose(Call("vec", (gradient,))), Call("vec", (Dif(of),)))):
            if gradient.shape != of.shape:
                # the stack of a matrix that lies otherwise: its entries are in another order
                return None
            return Term(Weight.of(weight), gradient, of, "vec")
    product = inner(core)
    if product is None or product.after or not isinstance(product.moving, Dif):
        return None
    return Term(Weight.of(weight), product.gradient, product.moving.arg, product.kind)


def parts_of(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Add) else (node,)


def collect(walk: Walk, of: Node) -> bool:
    """The terms in `d(of)` as one, in a line; False where there is one at most."""
    parts = parts_of(walk.argument.now)
    known = [term(part) if moves(part) else None for part in parts]
    same = [each for each in known if each is not None and each.of == of]
    if len(same) < 2:
        return False
    first = next(number for number, each in enumerate(known) if each is not None and each.of == of)
    kept = [part for part, each in zip(parts, known, strict=True) if each is None or each.of != of]
    after = add(*kept[:first], together(same), *kept[first:])

    def build() -> None:
        walk.argument.put(after, Reason("collect differentials", (("dX", Dif(of)),)))
        tidy(walk)
        walk.repeat(lambda: walk.first((fill,), STILL))

    walk.argument.line(build)
    shorten(walk, of)
    return True


def together(same: Sequence[Term]) -> Node:
    """Terms in one differential as one term."""
    common = shared([each.weight for each in same])
    rest = [Term(each.weight.without(common), each.gradient, each.of, each.kind) for each in same]
    total = combined([(each.weight, each.gradient) for each in rest], same[0].of)
    kinds = {each.kind for each in same}
    kind = kinds.pop() if len(kinds) == 1 else "vec" if "vec" in kinds else "tr"
    return common.times(_paired(total, same[0].of, kind))


def _paired(gradient: Node, of: Node, kind: str) -> Node:
    if kind == "number" or is_single(of.shape):
        return mul(gradient, Dif(of))
    return pair(gradient, Dif(of), kind)


def renamed(each: Term, delta: Node) -> Node:
    """The term with its gradient, weight included, called `delta`."""
    return _paired(delta, each.of, each.kind)


# --- sums of gradients --------------------------------------------------------------------------------------------


def combined(terms: Sequence[tuple[Weight, Node]], like: Node) -> Node:
    """The sum: equal terms counted, common factors drawn out, positive terms first."""
    terms = _alike(terms)
    counted: dict[tuple[tuple[Node, ...], tuple[Node, ...], Node], Fraction] = {}
    for weight, node in terms:
        outer = Weight.of(node) if is_single(node.shape) else _split(node)[0]
        whole, inside = weight * outer, ONE_NODE if is_single(node.shape) else _split(node)[1]
        key = (whole.above, whole.below, inside)
        counted[key] = counted.get(key, Fraction(0)) + whole.coefficient
    left = [(Weight(value, *key[:2]), key[2]) for key, value in counted.items() if value]
    if not left:
        return zeros(like.shape)
    if len(left) == 1:
        return left[0][0].times(left[0][1])
    left.sort(key=lambda pair: pair[0].coefficient < 0)
    return _factored(left, like) or add(*(weight.times(node) for weight, node in left))


def _alike(terms: Sequence[tuple[Weight, Node]]) -> list[tuple[Weight, Node]]:
    """Sums along an axis written as products with ones, where another term is one."""
    nodes = [node for _, node in terms]
    if not any(isinstance(node, MatMul) and any(_ones(node.args[end]) for end in (0, -1)) for node in nodes):
        return list(terms)
    return [(weight, _with_ones(node)) for weight, node in terms]


def _ones(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "ones"


def _with_ones(node: Node) -> Node:
    match node:
        case Call("sum", (arg,), axis) if axis is not None and arg.shape:
            ones = filled((ONE, arg.shape[0]) if axis == 0 else (arg.shape[1], ONE))
            return matmul(ones, arg) if axis == 0 else matmul(arg, ones)
    return node


def _split(node: Node) -> tuple[Weight, Node]:
    """The number in front of a matrix, and the matrix."""
    match node:
        case Neg(arg):
            weight, rest = _split(arg)
            return Weight(Fraction(-1)) * weight, rest
        case Div(left, right) if is_single(right.shape) and not is_single(left.shape):
            weight, rest = _split(left)
            return weight * Weight.of(Div(ONE_NODE, right)), rest
        case Mul(args) if not is_single(node.shape):
            numbers = [arg for arg in args if is_single(arg.shape)]
            rest = mul(*(arg for arg in args if not is_single(arg.shape)))
            if numbers and rest.shape == node.shape:
                return Weight.of(mul(*numbers)), rest
    return Weight(), node


def _factored(terms: Sequence[tuple[Weight, Node]], like: Node) -> Node | None:
    """`A ⊙ B + A ⊙ C` as `A ⊙ (B + C)`, and matrix products likewise; None without a common factor."""
    nodes = [node for _, node in terms]
    if all(isinstance(node, MatMul) for node in nodes):
        return _matrix_factor(terms)
    factors = [node.args if isinstance(node, Mul) else (node,) for node in nodes]
    common = in_all(factors)
    if not common or any(is_single(node.shape) for node in nodes):
        return None
    left = [fewer(parts, common) for parts in factors]
    if not all(map(beside, left)) or not beside([part for parts in left for part in parts]):
        # A ⊙ r + A ⊙ c, a row and a column: without A they have neither a product nor a sum
        return None
    rest = [(weight, mul(*parts)) for (weight, _), parts in zip(terms, left, strict=True)]
    inner_sum = add(*(weight.times(node) for weight, node in rest))
    whole = mul(*common, inner_sum)
    return whole if whole.shape == nodes[0].shape else None


def _matrix_factor(terms: Sequence[tuple[Weight, Node]]) -> Node | None:
    words = [node.args for _, node in terms if isinstance(node, MatMul)]
    for end in (0, -1):
        if len({word[end] for word in words}) == 1:
            rests = [matmul(*(word[1:] if end == 0 else word[:-1])) for word in words]
            rest = combined([(weight, part) for (weight, _), part in zip(terms, rests, strict=True)], rests[0])
            if is_single(rest.shape):
                return None
            factor = words[0][end]
            return matmul(factor, rest) if end == 0 else matmul(rest, factor)
    return None


def shorten(walk: Walk, of: Node) -> None:
    """The gradient beside `d(of)` multiplied out and collected, in a line, where that makes it shorter."""
    now = walk.argument.now
    for number, part in enumerate(parts_of(now)):
        each = term(part) if moves(part) else None
        if each is None or each.of != of:
            continue
        shorter = shortened(each.gradient)
        if shorter is not None:
            path = (number,) if isinstance(now, Add) else ()
            after = each.weight.times(_paired(shorter, of, each.kind))
            walk.argument.put(after, Reason("collect terms"), path)
        return


def shortened(node: Node) -> Node | None:
    """The entrywise expression multiplied out, where that is shorter; None where it is not."""
    if not _entrywise_sum(node):
        return None
    plain = lettered(Normalizer().canonical(node), node)
    parts = parts_of(plain)
    plain = add(*[p for p in parts if not isinstance(p, Neg)], *[p for p in parts if isinstance(p, Neg)])
    return plain if _weight(plain) < _weight(node) and plain.shape == node.shape else None


def _entrywise_sum(node: Node) -> bool:
    """Whether sums are multiplied entry by entry, or added, so that something may cancel."""
    match node:
        case Neg(arg):
            return _entrywise_sum(arg)
        case Add(args):
            return any(isinstance(part, Mul | Div | Neg) for part in args)
        case Mul(args):
            return any(isinstance(arg, Add) for arg in args)
    return False


def _weight(node: Node) -> int:
    return 1 + sum(_weight(child) for child in node.children)


# --- the end ------------------------------------------------------------------------------------------------------


def conclude(walk: Walk, of: Node, kind: str = "tr") -> Node:
    """The one term in `d(of)` written as `tr(Gᵀ d(of))`, or `vec(G)ᵀ vec(d(of))`; what `G` is."""
    collect(walk, of)
    now = walk.argument.now
    mine: list[tuple[int, Term]] = []
    for number, part in enumerate(parts_of(now)):
        found = term(part) if moves(part) else None
        if moves(part) and found is None:
            raise CannotDerive(f"no identity at hand brings `{write(part)}` to an inner product with one differential")
        if found is not None and found.of == of:
            mine.append((number, found))
    if not mine:
        return zeros(of.shape)
    ((number, found),) = mine
    return _written(walk, (number,) if isinstance(now, Add) else (), found, kind)


def _written(walk: Walk, path: Path, found: Term, kind: str) -> Node:
    if found.kind == "sum":
        rule = sum_as_trace if kind == "tr" else inner_product
        place = next(p for p, part in spine(at(walk.argument.now, path)) if rule(part, walk.argument.setting))
        walk.argument.apply(rule, (*path, *place))
    found = term(at(walk.argument.now, path)) or found
    if found.kind == "number" or (kind == "tr" and isinstance(found.gradient, Transpose)):
        return found.whole
    if kind == "vec":
        wanted = pair(found.gradient, Dif(found.of), "vec")
    else:
        product = MatMul((Transpose(found.gradient), Dif(found.of)))
        wanted = product if is_single(product.shape) else call("tr", product)
    walk.argument.put(found.weight.times(wanted), Reason("transpose of a product"), path)
    return found.whole

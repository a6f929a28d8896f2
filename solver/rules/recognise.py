"""From entries back to matrices: the matrix expression whose entry at (i, j) a formula is.

`lift` takes a scalar formula in which some indices are active and gives the tensor that it is an entry of; sums over
products become matrix products (`tensors.py`), functions are lifted entry by entry, a delta becomes a diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass

from solver.expr.nodes import (
    ONE_NODE,
    ZERO_NODE,
    Add,
    Apply,
    At,
    Big,
    Call,
    Cmp,
    Div,
    Idx,
    Logic,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Table,
    Transpose,
    add,
    call,
    free_indices,
    from_size,
    matmul,
    mul,
    walk,
)
from solver.expr.shapes import ShapeError, columns, is_single, is_vector, numel
from solver.expr.sizes import ONE
from solver.rules.entries import entrywise, pick, place, product_entry, without_slices
from solver.rules.letters import instantiate
from solver.rules.normal import Normalizer
from solver.rules.rule import rule
from solver.rules.setting import Setting
from solver.rules.tensors import Tensor, contract, filled, multiplied, oriented


class Unrecognised(Exception):
    """A formula that is no entry of a matrix expression in the language."""


@dataclass(frozen=True)
class Lifting:
    """Where the active indices lie: those of the result, and the summed ones within."""

    setting: Setting
    rows: Idx | None
    columns: Idx | None
    summed: tuple[Idx, ...] = ()

    @property
    def active(self) -> frozenset[Idx]:
        return frozenset(i for i in (self.rows, self.columns, *self.summed) if i is not None)

    def lift(self, node: Node) -> Tensor:
        """The tensor that `node` is an entry of."""
        match node:
            case At(arg) | Transpose(arg) if is_single(node.shape) and is_single(arg.shape):
                return self.lift(arg)
            case At(arg) if (
                entrywise(arg)
                and self.active & free_indices(arg)
                and (opened := without_slices(node, self.setting)) != node
            ):
                return self.lift(opened)
            case At():
                return self._entry(node)
            case MatMul(args) if is_single(node.shape) and self.active & free_indices(node):
                # X_k w, whose factors depend on the active index
                product = product_entry(args, ONE_NODE, ONE_NODE, self.setting, *self.active)
                return self.lift(without_slices(product, self.setting))
            case Call("delta", (left, right)):
                return self._delta(left, right)
            case Big("sum", body, index, None):
                return self._product([index], body)
            case Big("prod", body, index, None):
                inner = Lifting(self.setting, None, index).lift(body)
                if inner.indices == (index,) and not self.active & free_indices(node):
                    return Tensor(call("prod", inner.node))
            case Mul():
                return self._product([], node)
            case Call("sqrt", (Big() as total,)) if not self.active & free_indices(node):
                return Tensor(_norm(self.lift(total).node))
            case Add() | Neg() | Div() | Pow() | Apply() | Cmp() | Logic():
                return self._entrywise(node)
            case Call("where", (Cmp(left, right, "=="), a, b)) if {left, right} <= self.active:
                return self.lift(as_delta(left, right, a, b, self.setting))
            case Call() if node.function.kind == "elementwise":
                return self._entrywise(node)
        if not self.active & free_indices(node):
            return Tensor(node)
        raise Unrecognised

    # --- entries ----------------------------------------------------------------------------------------------------

    def _entry(self, node: At) -> Tensor:
        active = [index for index in node.at if isinstance(index, Idx) and index in self.active]
        hidden = [part for part in (node.arg, *node.at) if part is not None and part not in active]
        if isinstance(node.arg, Call) and self.active & free_indices(node.arg):
            return self._sample(node.arg, node)
        if any(self.active & free_indices(part) for part in hidden) or not _whole(node, active):
            raise Unrecognised
        match node.at:
            case (_,) if active:
                return Tensor(node.arg, (active[0],))
            case (first, second) if len(active) == 2:
                if first == second:
                    return Tensor(call("diag", node.arg, axis=self._axis), (active[0],))
                return Tensor(node.arg, (active[0], active[1]))
            case (first, second) if active and first == active[0]:
                return Tensor(At(node.arg, (None, second)), (active[0],))
            case (first, second) if active:
                return Tensor(At(node.arg, (first, None)), (active[0],))
        return Tensor(node)

    def _sample(self, function: Call, entry: At) -> Tensor:
        """`softmax(W x_k)_i` as the entry at (i, k) of the softmax of every sample."""
        where = place(entry)
        if function.name not in ("softmax", "log_softmax") or not is_vector(function.shape) or where is None:
            raise Unrecognised
        index = where[0] if columns(function.shape) == ONE else where[1]
        inner = self.lift(without_slices(pick(function.args[0], *where), self.setting))
        if index not in inner.indices or len(inner.indices) != 2:
            raise Unrecognised
        return Tensor(call(function.name, inner.node, axis=inner.indices.index(index)), inner.indices)

    @property
    def _axis(self) -> int:
        return 1 if self.setting.layout == "row" else 0

    def _delta(self, left: Node, right: Node) -> Tensor:
        if left == right:
            return Tensor(ONE_NODE)
        active = [index for index in (left, right) if isinstance(index, Idx) and index in self.active]
        match active:
            case []:
                return Tensor(call("delta", left, right))
            case [index]:
                other = right if left == index else left
                if self.active & free_indices(other):
                    raise Unrecognised
                return Tensor(call("basis", other, from_size(index.range), axis=self._axis), (index,))
            case [first, second]:
                return Tensor(call("eye", from_size(first.range)), (first, second))
        raise Unrecognised

    # --- entry by entry ---------------------------------------------------------------------------------------------

    def _entrywise(self, node: Node) -> Tensor:
        parts = [self.lift(child) for child in node.children]
        used = {index for part in parts for index in part.indices}
        order: tuple[Idx, ...] | None = next(
            (part.indices for part in parts if len(part.indices) == 2 and set(part.indices) == used), None
        )
        if order is None:
            order = tuple(i for i in (self.rows, self.columns, *self.summed) if i is not None and i in used)
        if len(order) > 2:
            raise Unrecognised
        if not order:
            return Tensor(node.rebuild(tuple(part.node for part in parts)))
        rows: Idx | None
        columns: Idx | None
        if len(order) == 2:
            rows, columns = order
        else:
            rows, columns = (order[0], None) if _stands(parts) else (None, order[0])
        nodes = [oriented(part, rows, columns) for part in parts]
        if len(order) == 2 and (isinstance(node, Add) or all(len(part.indices) < 2 for part in parts)):
            # a row among matrices is written out: `I − 1 s`
            nodes = [_spread(p, n, rows, columns) for p, n in zip(parts, nodes, strict=True)]
            if isinstance(node, Add) and any(_diagonal(n) for n in nodes):
                # `I − 1/n` would read as if the number stood on the diagonal only
                nodes = [filled(p, rows, columns) if p.scalar else n for p, n in zip(parts, nodes, strict=True)]
        return Tensor(node.rebuild(tuple(nodes)), order)

    # --- products and sums ------------------------------------------------------------------------------------------

    def _product(self, summed: list[Idx], body: Node) -> Tensor:
        """Nested sums of a product: signs and denominators drawn out, deltas made diagonals, indices eliminated."""
        negative = False
        while True:
            match body:
                case Big("sum", inner, index, None) if index not in self.active and index not in summed:
                    summed.append(index)
                    body = inner
                case Neg(inner):
                    negative = not negative
                    body = inner
                case Mul() if summed and (flat := _flattened(body, summed, self.active)) is not None:
                    body = flat
                case _:
                    break
        uneven = self._uneven(body, summed)
        if uneven is not None:
            return self._entrywise(_negated(add(*(_over(term, summed) for term in uneven)), negative))
        if isinstance(body, Add) and summed and _mixed(body):
            return self._entrywise(_negated(add(*(_over(term, summed) for term in body.args)), negative))
        here = Lifting(self.setting, self.rows, self.columns, (*self.summed, *summed))
        diagonal = here.diagonal(body, summed)
        if diagonal is not None:
            tensor = diagonal
        else:
            try:
                factors = contract(here.factors(body), summed)
                if factors is None:
                    raise Unrecognised
            except Unrecognised:
                # G (V − Σ_q V_q S_q) has a factor with three indices: its terms may have two
                spread = _multiplied_out(body)
                if spread is None:
                    raise
                return self.lift(_negated(add(*(_over(term, summed) for term in spread)), negative))
            rows, columns = here._frame(factors)
            tensor = multiplied(factors, rows, columns)
        return Tensor(Neg(tensor.node), tensor.indices) if negative else tensor

    def _uneven(self, body: Node, summed: list[Idx]) -> list[Node] | None:
        """The terms of a product one factor of which adds matrices that are scaled by vectors; None for any other."""
        if not isinstance(body, Mul) or not summed:
            return None
        active = self.active | set(summed)
        for arg in body.args:
            if not isinstance(arg, Add):
                continue
            for term in arg.args:
                factors = term.arg.args if isinstance(term, Neg) and isinstance(term.arg, Mul) else (
                    term.args if isinstance(term, Mul) else ())  # fmt: skip
                counts = {len(active & free_indices(factor)) for factor in factors} - {0}
                if counts == {1, 2}:
                    return _multiplied_out(body)
        return None

    def _frame(self, factors: list[Tensor]) -> tuple[Idx | None, Idx | None]:
        """Rows and columns for a product: those of the result, or of the sum around it."""
        used = list(dict.fromkeys(index for factor in factors for index in factor.indices))
        order = [i for i in (self.rows, self.columns) if i in used] + [
            i for i in used if i not in (self.rows, self.columns)
        ]
        if len(order) > 2:
            raise Unrecognised
        match order:
            case [index] if index == self.rows or (index != self.columns and _stands(factors)):
                return index, None
            case [index]:
                return None, index
            case [first, second]:
                return first, second
        return None, None

    def diagonal(self, body: Node, summed: list[Idx]) -> Tensor | None:
        """`δ_ij u_i` as `diag(u)`, where i and j are both indices of the result."""
        args = body.args if isinstance(body, Mul) else (body,)
        for number, arg in enumerate(args):
            match arg:
                case Call("indicator", (Cmp(Idx() as left, Idx() as right, ">="),)) if {left, right} == {
                    self.rows,
                    self.columns,
                } and not summed:
                    inner = self.lift(mul(*args[:number], *args[number + 1 :]))
                    whole = filled(inner, left, right)
                    return Tensor(call("tril", whole), (left, right))
                case Call("delta", (Idx() as left, Idx() as right)) if left != right and {
                    left,
                    right,
                } <= self.active - set(summed):
                    rest = mul(*args[:number], *args[number + 1 :])
                    for index in reversed(summed):
                        rest = Big("sum", rest, index)
                    # what is summed here is bound in the sums again
                    around = tuple(index for index in self.summed if index not in summed)
                    inner = Lifting(self.setting, None, left, around).lift(instantiate(rest, right, left, self.setting))
                    if inner.scalar:
                        eye = call("eye", from_size(left.range))
                        return Tensor(eye if inner.node == ONE_NODE else mul(inner.node, eye), (left, right))
                    if inner.indices == (left,):
                        return Tensor(call("diag", inner.node), (left, right))
                    raise Unrecognised
        return None

    def factors(self, body: Node) -> list[Tensor]:
        """The factors of a product as tensors; a denominator goes under the first factor that has its indices."""
        match body:
            case Mul(args):
                return [factor for arg in args for factor in self.factors(arg)]
            case Div(left, right):
                below = self.lift(right)
                above = self.factors(left)
                for number, factor in enumerate(above):
                    if set(below.indices) <= set(factor.indices) and (below.indices or factor.node.shape == ()):
                        rows, columns = _as_pair(factor)
                        above[number] = Tensor(Div(factor.node, oriented(below, rows, columns)), factor.indices)
                        return above
                return [Tensor(Div(ONE_NODE, below.node), below.indices), *above]
            case Neg(arg):
                return [Tensor(Neg(ONE_NODE)), *self.factors(arg)]
        return [self.lift(body)]


def _whole(node: At, active: list[Idx]) -> bool:
    """Whether the indices run over all that the array has: of `Σ_{i≤m} a_i` the array may have more than m entries."""
    shape = node.arg.shape
    sizes = (numel(shape),) if len(node.at) == 1 else shape
    return all(
        index.range == size
        for index, size in zip(node.at, sizes, strict=True)
        if isinstance(index, Idx) and index in active
    )


def _diagonal(node: Node) -> bool:
    """Whether a diagonal matrix is written, scaled or not."""
    match node:
        case Call("eye" | "diag"):
            return True
        case Neg(arg) | Div(arg, _):
            return _diagonal(arg)
        case Mul(args):
            return any(_diagonal(arg) for arg in args)
    return False


def _spread(tensor: Tensor, node: Node, rows: Idx | None, columns: Idx | None) -> Node:
    """A vector among matrices repeated with ones; sums of rows or columns are left to broadcasting."""
    match tensor.indices, node:
        case (_,), Neg(arg):
            return Neg(_spread(Tensor(arg, tensor.indices), arg, rows, columns))
        case (_,), MatMul((*front, Call("ones"))) if front and node.shape[1] == ONE:  # type: ignore[misc]
            return call("sum", matmul(*front), axis=1)
        case (_,), MatMul((Call("ones"), *rest)) if rest and node.shape[0] == ONE:  # type: ignore[misc]
            return call("sum", matmul(*rest), axis=0)
        case (_,), _:
            return filled(tensor, rows, columns)
    return node


def _flattened(body: Mul, summed: list[Idx], active: frozenset[Idx]) -> Node | None:
    """`Σ_k a_k Σ_l b_kl` as one sum over k and l, where the inner letter is used once."""
    bound = [part.index for part in walk(body) if isinstance(part, Big)]
    for number, arg in enumerate(body.args):
        match arg:
            case Big("sum", inner, index, None) if set(summed) & free_indices(arg):
                if bound.count(index) == 1 and index not in active and index not in summed:
                    return Big("sum", mul(*body.args[:number], inner, *body.args[number + 1 :]), index)
    return None


def _mixed(body: Add) -> bool:
    """Whether the terms of a sum are products, to be recognised one by one."""
    bare = [term.arg if isinstance(term, Neg) else term for term in body.args]
    return any(isinstance(term, Mul | Big | Div) and any(isinstance(p, At | Big) for p in walk(term)) for term in bare)


def _over(term: Node, summed: list[Idx]) -> Node:
    """The sum of one term, its sign in front."""
    if isinstance(term, Neg):
        return Neg(_over(term.arg, summed))
    for index in reversed(summed):
        term = Big("sum", term, index)
    return term


def _negated(node: Node, negative: bool) -> Node:
    return Neg(node) if negative else node


def _multiplied_out(body: Node) -> list[Node] | None:
    """The terms of a product of which one factor is a sum."""
    match body:
        case Mul(args):
            for number, arg in enumerate(args):
                if isinstance(arg, Add):
                    before, after = args[:number], args[number + 1 :]
                    return [
                        Neg(mul(*before, term.arg, *after)) if isinstance(term, Neg) else mul(*before, term, *after)
                        for term in arg.args
                    ]
        case Div(left, right) if (terms := _multiplied_out(left)) is not None:
            return [Neg(Div(t.arg, right)) if isinstance(t, Neg) else Div(t, right) for t in terms]
        case Add(args):
            return list(args)
    return None


def _norm(total: Node) -> Node:
    """`√Σ u²` as `‖u‖`."""
    match total:
        case Call("sum", (Pow(base, Num(value)),), None) if value == 2:
            return call("norm", base)
        case MatMul((left, Transpose(right))) if left == right:
            return call("norm", left)
    return call("sqrt", total)


def _as_pair(tensor: Tensor) -> tuple[Idx | None, Idx | None]:
    match tensor.indices:
        case (index,):
            return (None, index) if tensor.node.shape[0] == ONE else (index, None)  # type: ignore[misc]
        case (first, second):
            return first, second
    return None, None


def _stands(parts: list[Tensor]) -> bool:
    """Whether the first vector among the parts is a column."""
    vectors = [part for part in parts if len(part.indices) == 1]
    return bool(vectors) and columns(vectors[0].node.shape) == ONE


def as_delta(left: Node, right: Node, a: Node, b: Node, setting: Setting) -> Node:
    """`a` where `left == right` and `b` elsewhere, as `δ (a − b) + b`, the difference put in order."""
    assert isinstance(left, Idx)
    assert isinstance(right, Idx)
    simpler = difference(instantiate(a, right, left, setting), instantiate(b, right, left, setting))
    if simpler == ZERO_NODE:
        return b
    delta = call("delta", left, right)
    first = delta if simpler == ONE_NODE else mul(delta, simpler)
    return first if b == ZERO_NODE else add(first, b)


def difference(a: Node, b: Node) -> Node:
    """`a − b`, multiplied out as far as terms cancel: `s (1 − s) − (−s s)` is `s`."""
    if b == ZERO_NODE:
        return a
    normalizer = Normalizer()
    kept = _terms(a, False)
    for term in _terms(b, True):
        twin = next((k for k, other in enumerate(kept) if normalizer.same(other, Neg(term))), None)
        if twin is None:
            kept.append(term)
        else:
            del kept[twin]
    return add(*kept)


def _terms(node: Node, negative: bool) -> list[Node]:
    """The terms of a formula, products and quotients of sums multiplied out."""
    match node:
        case Neg(arg):
            return _terms(arg, not negative)
        case Add(args):
            return [term for arg in args for term in _terms(arg, negative)]
        case Mul() | Div() if (spread := _multiplied_out(node)) is not None:
            return [term for part in spread for term in _terms(part, negative)]
    return [Neg(node) if negative else node]


def matrix_of(body: Node, rows: Idx | None, columns: Idx | None, setting: Setting) -> Node | None:
    """The matrix (or row, column, scalar) whose entries `body` gives; None where it is none in the language."""
    try:
        tensor = Lifting(setting, rows, columns).lift(body)
        return tensor.node if rows is None and columns is None else filled(tensor, rows, columns)
    except (Unrecognised, ShapeError):
        return None


@rule(
    "matrix of entries", r"\bigl(\textstyle\sum_k A_{ik} B_{kj}\bigr)_{ij} = A\,B", words="as a matrix product",
    applies=["matrix(sum(A[i, k]*B[k, j] for k in n) for i in n for j in n) -> A @ B",
             "matrix(sum(A[k, i]*x[k]*B[k, j] for k in n) for i in n for j in n) -> A.T @ diag(x) @ B",
             "matrix(where(i == j, x[i]*(1 - x[i]), -x[i]*x[j]) for i in n for j in n) -> diag(x) - x.T @ x",
             "matrix(delta(i, j) - x[j] for i in n for j in n) -> eye(n) - ones(n, 1) @ x",
             "matrix(A[j, i] for i in n for j in n) -> A.T",
             "matrix(sum(A[k, i]*exp(A[k, :] @ x.T) for k in n) for i in n for q in 1) -> A.T @ exp(x @ A.T).T"],
    refuses=["matrix(x[i]*i for i in n for j in n)", "A @ B", "matrix(exp(A[i, j] + A[j, j]*i) for i in n for j in n)"],
)  # fmt: skip
def matrix_of_entries(node: Node, setting: Setting) -> Node | None:
    match node:
        case Table(body, row, column):
            rows = row if row.range != ONE else None
            columns = column if column.range != ONE else None
            if rows is None or columns is None:
                body = instantiate(instantiate(body, row, row if rows else ONE_NODE, setting), column,
                                   column if columns else ONE_NODE, setting)  # fmt: skip
            found = matrix_of(body, rows, columns, setting)
            return found if found is not None and found.shape == node.shape else None
    return None


@rule(
    "sum as a product", r"\sum_k u_k v_k = u\,v^\top", words="as a matrix product",
    applies=["sum(x[k]*y[k] for k in n) -> x @ y.T", "sum(x[k] for k in n) -> sum(x)",
             "sum(x[i]*A[i, k]*y[k] for i in n for k in n) -> x @ A @ y.T",
             "sum((ones(m, n) @ x.T)[q] for q in m) -> sum(ones(m, n) @ x.T)"],
    refuses=["sum(x[k]*k for k in n)", "sum(x)", "sum(x[k] for k in n if k != 1)", "sum(A[i, k]*x[k] for k in n)"],
)  # fmt: skip
def sum_as_product(node: Node, setting: Setting) -> Node | None:
    match node:
        case Big("sum", condition=None) if not free_indices(node):
            return matrix_of(node, None, None, setting)
    return None

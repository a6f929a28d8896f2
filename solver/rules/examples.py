"""The symbols that the rules' examples speak of.

Scalars `a b c s t`; vectors of length n `x y u v w p e` (rows) with `p` one-hot, `w` positive, `e` of signs; square
matrices `A B C X`, `S` symmetric, `Q` orthogonal;
`M` m×n, `N1` n×m; indices `i j k l` over n, with `i != j` nowhere given; abstract functions `f g`.
Defined names: `r = A xᵀ`, `h = σ(x)`, `o = softmax(x)`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from solver.expr.nodes import Idx, MatMul, Node, Sym, Transpose, call
from solver.expr.read import Scope
from solver.expr.sizes import ONE, Size
from solver.rules.setting import Setting
from solver.spec.problem import Symbol

_n, _m = Size.of("n"), Size.of("m")
_SYMBOLS = (
    *(Symbol(name) for name in "abcst"),
    *(Symbol(name, (ONE, _n)) for name in "xyuv"),
    Symbol("w", (ONE, _n), ("positive",)),
    Symbol("p", (ONE, _n), ("one-hot",)),
    Symbol("e", (ONE, _n), ("plus-minus-one",)),
    *(Symbol(name, (_n, _n)) for name in "ABCX"),
    Symbol("S", (_n, _n), ("symmetric",)),
    Symbol("Q", (_n, _n), ("orthogonal",)),
    Symbol("M", (_m, _n)),
    Symbol("N1", (_n, _m)),
    Symbol("f", function="elementwise"),
    Symbol("g", function="elementwise"),
)
_DEFINE: dict[str, Node] = {
    "r": MatMul((Sym("A", (_n, _n)), Transpose(Sym("x", (ONE, _n))))),
    "h": call("sigmoid", Sym("x", (ONE, _n))),
    "o": call("softmax", Sym("x", (ONE, _n))),
}

SCOPE = Scope(
    symbols={
        **{s.name: Sym(s.name, s.shape) for s in _SYMBOLS if not s.function},
        **{name: Sym(name, value.shape) for name, value in _DEFINE.items()},
    },
    layout="row",
    sizes=frozenset({"n", "m"}),
    indices={**{name: Idx(name, _n) for name in "ijkl"}, "q": Idx("q", _m)},
    functions=frozenset({"f", "g"}),
)
SETTING = Setting({s.name: s for s in _SYMBOLS}, _DEFINE, "row")


def scope_for(example: str) -> Scope:
    """The scope for an example: the letters that it binds in a sum or a matrix are no free indices in it."""
    bound = set(re.findall(r"for (\w+) in", example))
    return replace(SCOPE, indices={name: index for name, index in SCOPE.indices.items() if name not in bound})

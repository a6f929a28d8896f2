"""Random well-typed losses, differentiated by every route, each line before the judge.

Run as a script for as many as wanted: `python tests/methods/random_losses.py 10000 [seed]`.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from solver.check.judge import equal, judge
from solver.expr.nodes import (
    Add,
    At,
    Big,
    Div,
    Idx,
    MatMul,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    call,
    num,
)
from solver.expr.shapes import SCALAR, Shape, is_single
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.methods import CannotDerive, derive
from solver.methods.routes import able
from solver.spec.problem import Gradient, Part, Problem, Symbol

M, N = Size.of("m"), Size.of("n")
ENTRYWISE = (
    "exp",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "softplus",
    "swish",
    "gelu",
    "relu",
    "erf",
    "arctan",
    "log_sigmoid",
)


@dataclass
class Draw:
    """One random loss over a few symbols; `layout` says how vectors lie."""

    rng: random.Random
    layout: str
    symbols: dict[str, Symbol] = field(default_factory=dict)

    def symbol(self, shape: Shape) -> Node:
        """A symbol of the shape: one that is there, or a new one."""
        there = [s for s in self.symbols.values() if s.shape == shape]
        if there and (len(there) > 1 or self.rng.random() < 0.7):
            return self.rng.choice(there).node
        letters = (
            "ABCUVWXYZ" if shape and not is_single(shape) and ONE not in shape else "abuvwxyz" if shape else "cpqst"
        )
        free = [letter for letter in letters if letter not in self.symbols]
        if not free:
            return self.rng.choice(there).node if there else num(2)
        self.symbols[free[0]] = Symbol(free[0], shape)
        return self.symbols[free[0]].node

    def node(self, shape: Shape, depth: int) -> Node:
        """An expression of the shape, at most `depth` operations deep."""
        if depth <= 0 or self.rng.random() < 0.08:
            return self.symbol(shape)
        makers = [self.sum, self.product, self.function, self.scaled, self.quotient]
        if not shape:
            makers += [self.reduced] * 4 + [self.power]
        else:
            makers += [self.matmul] * 3 + [self.transposed, self.special]
        return self.rng.choice(makers)(shape, depth)

    def sum(self, shape: Shape, depth: int) -> Node:
        left, right = self.node(shape, depth - 1), self.node(shape, depth - 1)
        # a difference of equals is zero, and a norm of zero has no gradient: no question anybody asks
        return Add((left, Neg(right) if self.rng.random() < 0.5 and left != right else right))

    def product(self, shape: Shape, depth: int) -> Node:
        return Mul((self.node(shape, depth - 1), self.node(shape, depth - 1)))

    def scaled(self, shape: Shape, depth: int) -> Node:
        factor = num(self.rng.choice((2, 3))) if self.rng.random() < 0.5 else self.symbol(SCALAR)
        return Mul((factor, self.node(shape, depth - 1)))

    def quotient(self, shape: Shape, depth: int) -> Node:
        """The denominator is at least 1."""
        below = Add((Num(num(1).value), Pow(self.node(SCALAR, depth - 2), num(2))))  # type: ignore[attr-defined]
        return Div(self.node(shape, depth - 1), below)

    def function(self, shape: Shape, depth: int) -> Node:
        return call(self.rng.choice(ENTRYWISE), self.node(shape, depth - 1))

    def power(self, shape: Shape, depth: int) -> Node:
        return Pow(self.node(shape, depth - 1), num(self.rng.choice((2, 3))))

    def any_shape(self) -> Shape:
        return self.rng.choice(((M, N), (N, N), (N, M), self.vector(M), self.vector(N)))

    def vector(self, size: Size) -> Shape:
        return (ONE, size) if self.layout == "row" else (size, ONE)

    def reduced(self, shape: Shape, depth: int) -> Node:
        """A number made from a vector or matrix."""
        kind = self.rng.choice(
            ("sum", "sum", "mean", "norm2", "logsumexp", "tr", "dot", "quadratic", "indexed", "logdet")
        )
        inner = self.any_shape()
        match kind:
            case "norm2":
                return Pow(call("norm", self.node(inner, depth - 1)), num(2))
            case "logsumexp":
                return call("logsumexp", self.node(self.vector(N), depth - 1))
            case "tr":
                return call("tr", self.node((N, N), depth - 1))
            case "logdet":
                return call("logdet", self.symbol((N, N)))
            case "dot":
                return call("dot", self.node(self.vector(N), depth - 1), self.symbol(self.vector(N)))
            case "quadratic":
                x = self.node(self.vector(N), depth - 2)
                row, column = (x, Transpose(x)) if self.layout == "row" else (Transpose(x), x)
                return MatMul((row, self.symbol((N, N)), column))
            case "indexed":
                index = Idx("i", N)
                entry = At(self.symbol(self.vector(N)), (index,))
                return Big(
                    "sum",
                    Mul((call(self.rng.choice(ENTRYWISE), entry), At(self.symbol(self.vector(N)), (index,)))),
                    index,
                )
        return call(kind, self.node(inner, depth - 1))

    def matmul(self, shape: Shape, depth: int) -> Node:
        inner = self.rng.choice((M, N))
        return MatMul((self.node((shape[0], inner), depth - 1), self.node((inner, shape[1]), depth - 2)))  # type: ignore[misc]

    def transposed(self, shape: Shape, depth: int) -> Node:
        return Transpose(self.node((shape[1], shape[0]), depth - 1))  # type: ignore[misc]

    def special(self, shape: Shape, depth: int) -> Node:
        rows, columns = shape  # type: ignore[misc]
        if rows == columns:
            kind = self.rng.choice(("inv", "diag", "power"))
            if kind == "inv":
                return call("inv", self.symbol(shape))
            if kind == "diag":
                return call("diag", self.node(self.vector(rows), depth - 1))
            return call("matrix_power", self.node(shape, depth - 2), num(2))
        if ONE in shape:
            if self.rng.random() < 0.6:
                return call(self.rng.choice(("softmax", "log_softmax")), self.node(shape, depth - 1))
            other = self.rng.choice((M, N))
            wide = (other, columns) if rows == ONE else (rows, other)
            return call("sum", self.node(wide, depth - 1), axis=0 if rows == ONE else 1)
        along = self.rng.choice((0, 1))
        kind = self.rng.choice(("softmax", "outer", "broadcast"))
        if kind == "softmax":
            return call("softmax", self.node(shape, depth - 1), axis=along)
        if kind == "outer":
            return call("outer", self.symbol(self.vector(rows)), self.node(self.vector(columns), depth - 1))
        thin = (ONE, columns) if along else (rows, ONE)
        return Add((self.node(shape, depth - 1), self.node(thin, depth - 2)))


def draw(seed: int) -> tuple[Problem, Part]:
    """The problem and the part of a seed: a loss, some of whose parts are definitions, and a variable in it."""
    rng = random.Random(seed)
    layout = rng.choice(("row", "column"))
    drawn = Draw(rng, layout)
    drawn.symbol(drawn.vector(N))
    drawn.symbol((N, N))
    loss = drawn.node(SCALAR, rng.choice((2, 3, 3, 4)))
    while not any(write(s.node) in write(loss) for s in drawn.symbols.values()) or not loss.children:
        loss = drawn.node(SCALAR, 3)
    define: dict[str, Node] = {}
    if rng.random() < 0.5:
        inside = [part for part in loss.children if part.children and not isinstance(part, Idx)]
        parts = [part for part in inside if "[" not in write(part)]
        if parts:
            from solver.expr.nodes import substitute

            part = rng.choice(parts)
            define["h"] = part
            loss = substitute(loss, {part: Sym("h", part.shape)})
    define["L"] = loss
    from solver.expr.nodes import symbols

    used = symbols(loss) | {n for value in define.values() for n in symbols(value)}
    kept = {name: s for name, s in drawn.symbols.items() if name in used}
    variable = rng.choice([s for s in kept.values() if s.shape] or list(kept.values()))
    ask = Gradient(Sym("L", loss.shape), variable.node)
    part = Part("p", "gradient", ask, "")
    problem = Problem(
        Path("random.yaml"), f"random {seed}", "random", layout, kept, define, {}, (part,), digest=str(seed)
    )
    return problem, part


def attempt(seed: int) -> dict[str, str]:
    """The verdict on each route: `verified`, `refused`, or what went wrong."""
    problem, part = draw(seed)
    said: dict[str, str] = {}
    first = None
    for route in able("gradient"):
        try:
            derivation = derive(problem, part, route)
            judgement = judge(problem, part, derivation)
        except CannotDerive:
            said[route] = "refused"
            continue
        except Exception as fault:  # every crash is counted and shown, with the seed that replays it
            said[route] = f"crash: {type(fault).__name__}: {fault}"
            continue
        said[route] = judgement.verdict
        if judgement.verdict != "verified":
            why = [*judgement.replay_errors, *(line.message for line in judgement.lines if line.verdict != "verified")]
            said[route] = f"{judgement.verdict}: {why[0][:300] if why else ''}"
        elif first is None:
            first = derivation
        elif equal(problem, first.result, derivation.result, part=part, derivation=first).verdict != "verified":
            said[route] = "wrong: it disagrees with another route"
    return said


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    tally: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    bad = 0
    for seed in range(start, start + count):
        said = attempt(seed)
        for route, verdict in said.items():
            tally[route, verdict.split(":")[0]] += 1
            if ":" in verdict and only in route:
                bad += 1
                problem, part = draw(seed)
                defined = "; ".join(f"{n} = {write(v)}" for n, v in problem.define.items())
                print(f"seed {seed} ({problem.layout}, by {write(part.ask.wrt)}) {route}: {verdict}\n    {defined}")  # type: ignore[union-attr]
    for (route, verdict), number in sorted(tally.items()):
        print(f"{route:14} {verdict:10} {number}")
    print(f"{count} losses, {bad} not right, {time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

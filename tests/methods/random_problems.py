"""Random problems: an expression, names for parts of it, and a question about its derivative, written as a file."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from random_draw import Draw

from solver.expr.nodes import (
    At,
    Big,
    Call,
    Cmp,
    Idx,
    Logic,
    Node,
    SizeSym,
    Sym,
    Table,
    free_indices,
    places,
    substitute,
    symbols,
    walk,
)
from solver.expr.shapes import SCALAR, ShapeError, is_single, is_vector, numel
from solver.expr.sizes import ONE, Size
from solver.expr.write import write
from solver.spec.build import build
from solver.spec.mistakes import Mistakes
from solver.spec.problem import Part, Problem
from solver.spec.source import Source

ASKS = ("gradient",) * 12 + ("jacobian",) * 3 + ("hessian", "derivative", "derivative", "differential")
NAMES = ("h", "o", "zeta", "eta", "rho", "theta", "L1", "mu")


@dataclass(frozen=True)
class Question:
    """What is asked, as a file says it: the kind, and its keys."""

    kind: str
    keys: dict[str, object]


def _sizes(rng: random.Random) -> tuple[Size, Size]:
    """Mostly names; numbers, and sizes made of others."""
    m, n = Size.of("m"), Size.of("n")
    kind = rng.random()
    if kind < 0.65:
        return m, n
    if kind < 0.8:
        return Size.of(rng.choice((2, 3))), n
    if kind < 0.9:
        return Size.of(2), Size.of(3)
    return rng.choice(((n + n, n), (n + 1, n), (m, m * 2), (ONE, n), (n, ONE)))


def _named(drawn: Draw, of: Node) -> Node:
    """Some parts of the expression named in `define`, innermost first, so that names rest on names."""
    for name in NAMES[len(drawn.define) :][: drawn.rng.choice((0, 0, 1, 1, 2, 3))]:
        parts = [
            part for _, part in places(of)
            if part.children and part is not of and not free_indices(part) and symbols(part)
            and not isinstance(part, Cmp | Logic | Idx)
        ]  # fmt: skip
        if not parts:
            break
        # the smaller of two: then the next name may hold this one
        chosen = min(drawn.rng.sample(parts, min(2, len(parts))), key=lambda part: len(list(walk(part))))
        drawn.define[name] = chosen
        of = substitute(of, {chosen: Sym(name, chosen.shape)})
    return of


def _variable(drawn: Draw, of: Node, scalar: bool = False) -> Node | None:
    """A symbol or a defined name that `of` rests on, or an entry of one."""
    reach = set(symbols(of))
    for name in reversed(list(drawn.define)):
        if name in reach:
            reach |= symbols(drawn.define[name])
    known = {name: Sym(name, drawn.declared[name][0]) for name in sorted(reach) if name in drawn.declared}
    known |= {
        name: Sym(name, drawn.define[name].shape)
        for name in sorted(reach)
        if name in drawn.define and drawn.chance(0.3)
    }
    candidates = [known[name] for name in sorted(known) if not scalar or is_single(known[name].shape)]
    if not candidates:
        return None
    found: Node = drawn.rng.choice([each for each in candidates if each.shape] or candidates)
    if not scalar and found.shape and drawn.chance(0.12):
        row, column = Idx("k", found.shape[0]), Idx("l", found.shape[1])
        return At(found, (Idx("k", numel(found.shape)),) if is_vector(found.shape) else (row, column))
    return found


def _asked(drawn: Draw, depth: int) -> Question | None:
    kind = drawn.rng.choice(ASKS)
    for _ in range(drawn.rng.choice((0, 0, 0, 1, 2))):
        drawn.define[NAMES[len(drawn.define)]] = drawn.node(drawn.shape(), depth - 2)
    shape = SCALAR
    if kind == "jacobian" or (kind in ("differential", "derivative") and drawn.chance(0.3)):
        shape = drawn.vector(drawn.n) if drawn.chance(0.7) else drawn.shape()
    depth -= kind in ("hessian", "jacobian")
    # a number comes from vectors and matrices, mostly; scalar functions of scalars are few and soon seen
    of = _named(drawn, drawn.reduced(shape, depth) if not shape and drawn.chance(0.6) else drawn.node(shape, depth))
    # the language takes shapes (1, 1) and () for one another; a Jacobian's rows need one
    drawn.define["L"] = of
    loss: Node = Sym("L", of.shape)
    variable = _variable(drawn, of, scalar=kind == "derivative")
    if variable is None:
        return None
    keys: dict[str, object] = {"of": write(loss), "wrt": write(variable)}
    traits = drawn.declared.get(variable.name, ((), ()))[1] if isinstance(variable, Sym) else ()
    if kind == "gradient" and "symmetric" in traits and drawn.chance(0.3):
        keys["structured"] = True
    vectors = kind == "jacobian" and is_vector(loss.shape) and is_vector(variable.shape)
    if vectors and isinstance(variable, Sym) and drawn.chance(0.15):
        keys = {"of": "L[i]", "wrt": f"{variable.name}[j]"}
    if kind == "derivative" and drawn.chance(0.3):
        keys["order"] = "2"
    if kind == "hessian" and isinstance(variable, Sym) and drawn.chance(0.4):
        other = _variable(drawn, of)
        if isinstance(other, Sym):
            keys["wrt"] = [variable.name, other.name]
    return Question(kind, keys)


# --- as a file ------------------------------------------------------------------------------------------------------


def _file(drawn: Draw, question: Question) -> str | None:
    """The problem as its author would hand it in: what no name rests on is left out. None where it is too long, or
    where a size is left that no symbol has."""
    needed = set(symbols(drawn.define["L"]))
    for name in reversed(list(drawn.define)):
        if name in needed:
            needed |= symbols(drawn.define[name])
    named = {**drawn.define}
    last = named.pop("L")
    kept = {name: value for name, value in named.items() if name in needed} | {"L": last}
    sizes_in_use = {name for value in kept.values() for part in walk(value) for name in _size_names(part)}
    shapes = [shape for name, (shape, _) in drawn.declared.items() if name in needed]
    sized = {name for shape in shapes for size in shape for name in size.names}
    if not sizes_in_use <= sized or sum(len(write(value)) for value in kept.values()) > 400:
        return None
    lines = ["title: random", f"notation: {{vectors: {drawn.layout}}}"]
    lines += ["symbols:"] if "f" in drawn.functions or needed & set(drawn.declared) else []
    for name, (shape, traits) in drawn.declared.items():
        if name in needed:
            sizes = [numel(shape)] if shape and shape == drawn.vector(numel(shape)) else list(shape)
            lines.append(f"  {name}: {{shape: {json.dumps([str(s) for s in sizes])}, is: {json.dumps(list(traits))}}}")
    lines += ["  f: {function: elementwise}"] if "f" in drawn.functions else []
    lines += ["define:", *(f"  {name}: {json.dumps(write(value))}" for name, value in kept.items())]
    lines += ["parts:", "  - id: p", f"    {question.kind}: {json.dumps(question.keys)}"]
    return "\n".join(lines) + "\n"


def _size_names(part: Node) -> frozenset[str]:
    match part:
        case SizeSym(name):
            return frozenset((name,))
        case Big(index=index):
            return index.range.names
        case Table(row=row, column=column):
            return row.range.names | column.range.names
    return frozenset()


def text(seed: int) -> str:
    """The problem file of a seed."""
    rng = random.Random(seed)
    while True:
        drawn = Draw(rng, rng.choice(("row", "column")), *_sizes(rng))
        depth = rng.choice((2, 3, 4, 4, 5))
        try:
            question = _asked(drawn, depth)
        except ShapeError:
            if ONE not in (drawn.m, drawn.n):
                raise
            # a 1×1 matrix is drawn as a number, which not every function of a matrix takes
            continue
        if question is not None and (found := _file(drawn, question)) is not None:
            return found


def draw(seed: int) -> tuple[Problem, Part]:
    """The problem and the part of a seed, read from its file; Mistakes where the language refuses what was drawn."""
    return read(text(seed), str(seed))


def read(source: str, name: str) -> tuple[Problem, Part]:
    problem, mistakes = build(Source("random.yaml", source, name), Path("random.yaml"))
    if problem is None or mistakes:
        raise Mistakes(mistakes)
    return problem, problem.parts[0]


def drawn_functions(problem: Problem) -> frozenset[str]:
    """The functions of the table, and other constructs, that stand in the problem."""
    parts = [part for value in problem.define.values() for part in walk(value)]
    return frozenset(part.name if isinstance(part, Call) else type(part).__name__ for part in parts)

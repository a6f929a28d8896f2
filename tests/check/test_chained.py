"""Derivatives through definitions: what jets alone give, no answer where they must be asked, at a linear cost."""

from __future__ import annotations

import random
from typing import Any

import pytest
from check_helpers import Desk, desk
from flint import arb

from solver.check import jets
from solver.check.balls import precision
from solver.check.evaluate import Evaluator
from solver.check.frame import NO_LEVELS, Frame, Level
from solver.check.jets import Jet
from solver.check.meaning import Meaning
from solver.check.sample import Sample
from solver.check.sampling import Sampler
from solver.expr.nodes import D, Node, Sym
from solver.expr.write import write

BITS = 128
SYMBOLS = {"s": "", "x": "1 n", "u": "1 m", "X": "m n", "W": "n n"}
WAYS = {
    "scalar": (
        "sum({row} * {row})", "log(1 + sum({matrix}**2))", "{scalar} * sin({scalar})", "dot({row}, {row}) / (1 + s**2)",
        "logsumexp({row})", "{scalar} - 2", "sum({matrix} @ W.T)", "sum({row}[k] * {scalar} for k in n)",
    ),
    "row": (
        "sigmoid({row} @ W)", "{row} * {row}", "tanh({row}) + {row}", "softmax({row})", "{scalar} * {row}",
        "sum({matrix}, axis=0)", "u @ {matrix}", "{row} @ {matrix}.T @ {matrix}", "where(s > 0, {row}, {scalar} * x)",
    ),
    "matrix": (
        "tanh({matrix} @ W)", "{matrix} + {row}", "{scalar} * {matrix}", "outer(u, {row})", "softmax({matrix})",
        "{matrix} * {matrix}",
    ),
}  # fmt: skip


def _graph(rng: random.Random, count: int) -> Desk:
    """Definitions that rest on each other any way they like."""
    names = {"scalar": ["s"], "row": ["x"], "matrix": ["X"]}
    define = {}
    for number in range(count):
        kind = rng.choice(list(WAYS))
        text = rng.choice(WAYS[kind])
        for hole, known in names.items():
            while f"{{{hole}}}" in text:
                # late names more often, so that the graph is deep as well as wide
                text = text.replace(f"{{{hole}}}", rng.choice(known[-3:]), 1)
        define[f"v{number}"] = text
        names[kind].append(f"v{number}")
    return desk(SYMBOLS, define)


def _sample(bench: Desk, *formulas: Node, variables: tuple[Node, ...] = ()) -> Sample:
    sampler = Sampler(bench.problem, Meaning.of(bench.problem, variables=variables), formulas, "s")
    return next(iter(sampler.samples(frozenset(), formulas)))


def _frame(evaluator: Evaluator, of: Node, levels: tuple[Level, ...] = NO_LEVELS) -> Frame:
    return Frame(evaluator, levels, {}, evaluator.labels(of, {}))


def _same(left: Jet, right: Jet) -> bool:
    """Whether two jets agree to most of their bits; a part that one lacks is zero."""
    tiny = arb(2) ** -(BITS // 2)
    for levels in left.parts.keys() | right.parts.keys():
        for_both = left.parts.get(levels, 0) - right.parts.get(levels, 0)
        if not all(x.contains(0) and abs(x) < tiny for x in for_both.flat):
            return False
    return True


def test_slopes_through_definitions_are_those_of_jets():
    compared = through = 0
    for seed in range(60):
        rng = random.Random(seed)
        bench = _graph(rng, 7)
        names = [*bench.problem.define, "s", "x", "X", "W"]
        of = bench("v6")
        sample = _sample(bench, of)
        with precision(BITS):
            evaluator = sample.at(BITS)
            for name in names:
                variable = bench(name)
                assert isinstance(variable, Sym)
                frame = _frame(evaluator, of)
                found = evaluator.chained.slopes(frame, of, variable)
                assert found is not None
                assert _same(found, evaluator.carried(frame, of, variable)), (bench.problem.define, name)
                compared += 1
                through += name in evaluator.meaning.dependence(of).reach and name != "v6"
    assert compared > 500
    assert through > 150


def test_second_derivatives_go_through_definitions_too():
    """The slopes carry the directions of the derivatives around them."""
    seen = 0
    for seed in range(12):
        bench = _graph(random.Random(f"second {seed}"), 4)
        of = bench("v3")
        sample = _sample(bench, of)
        with precision(BITS):
            evaluator = sample.at(BITS)
            for outer in ("s", "x", "v1"):
                for name in ("x", "s", "v0"):
                    frame = _frame(evaluator, of, (Level(1, outer),))
                    variable = bench(name)
                    assert isinstance(variable, Sym)
                    found = evaluator.chained.slopes(frame, of, variable)
                    assert found is not None
                    assert _same(found, evaluator.carried(frame, of, variable)), (bench.problem.define, outer, name)
                    seen += len(found.parts) > 1
    assert seen > 15


@pytest.mark.parametrize("text", ["D(v, X)", "D(v, X[2, 1])", "D(w[k], x[j])", "D(D(J, x), s)", "D(sum(a), x)"])
def test_definitions_with_indices_and_entries(text):
    bench = desk(
        SYMBOLS,
        {"a": "X[i, :] @ W", "w": "tanh(s * a) * x", "v": "sum(w**2)", "J": "v + logsumexp(w)"},
        indices={"i": "m", "j": "n", "k": "n"},
    )
    derivative = bench(text)
    parts = [part for part in (derivative, *derivative.children) if isinstance(part, D)]
    sample = _sample(bench, derivative)
    with precision(BITS):
        evaluator = sample.at(BITS)
        for part in parts:
            variable = part.by if isinstance(part.by, Sym) else part.by.children[0]
            assert isinstance(variable, Sym)
            if not isinstance(part.of, D):
                frame = _frame(evaluator, part)
                found = evaluator.chained.slopes(frame, part.of, variable)
                assert found is not None
                assert _same(found, evaluator.carried(frame, part.of, variable))


def test_what_varies_in_a_differential_is_cut_in_its_own_definition():
    bench = desk(SYMBOLS, {"z": "x @ W", "h": "tanh(z)", "J": "sum(h**3)"})
    variables = (bench("x"), bench("z"))
    of = bench("J")
    sample = _sample(bench, of, variables=variables)
    with precision(BITS):
        evaluator = sample.at(BITS)
        frame = _frame(evaluator, of, (Level(1, ""),))
        for variable in (bench("x"), bench("z"), bench("W")):
            assert isinstance(variable, Sym)
            found = evaluator.chained.slopes(frame, of, variable)
            assert found is not None
            assert len(found.parts) > 1
            assert _same(found, evaluator.carried(frame, of, variable))


def test_a_formula_with_a_derivative_in_it_is_no_function_of_its_names():
    """`∂g/∂x` of `g = ∂J/∂x · x`: that `J` stands in `g` does not make `∂g/∂J · ∂J/∂x` a part of it."""
    bench = desk({"x": ""}, {"J": "x**3", "g": "D(J, x) * x", "f": "g**2"})
    sample = _sample(bench, bench("f"))
    variable = bench("x")
    assert isinstance(variable, Sym)
    with precision(BITS):
        evaluator = sample.at(BITS)
        assert evaluator.chained.slopes(_frame(evaluator, bench("f")), bench("f"), variable) is None
    assert bench.equal("D(f, x)", "54 * x**5").verdict == "verified"
    assert bench.equal("D(f, x)", "36 * x**5").verdict == "wrong"


def test_where_a_slope_is_not_finite_the_jets_have_the_word():
    """`|A|` has a kink at the zeros above the diagonal, which do not move; `log t` no value where it is not taken."""
    bench = desk({"A": "n n"}, {"L": "tril(A)", "B": "abs(L)", "f": "sum(B * B)"})
    variable = bench("A")
    assert isinstance(variable, Sym)
    sample = _sample(bench, bench("f"))
    with precision(BITS):
        evaluator = sample.at(BITS)
        assert evaluator.chained.slopes(_frame(evaluator, bench("f")), bench("f"), variable) is None
    assert bench.equal("D(f, A)", "2 * L").verdict == "verified"
    assert bench.equal("D(f, A)", "2 * B").verdict == "wrong"
    guarded = desk({"t": ""}, {"r": "log(t)", "f": "where(t > 0, r, t**2)"}, given=["t < 0"])
    assert guarded.equal("D(f, t)", "2 * t").verdict == "verified"
    assert guarded.equal("D(f, t)", "t").verdict == "wrong"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("g @ W2.T * (1 - h**2)", "wrong"),  # the way round the layer is forgotten
        ("g @ W2.T * (1 - h**2) + g", "verified"),
        ("g @ W2.T * (1 - h**2) - g", "wrong"),
        ("g @ W2.T * (1 - h) + g", "wrong"),
        ("g @ W2.T * (1 - h**2) + 2 * g", "wrong"),
        ("g * (1 - h**2) @ W2.T + g", "wrong"),
    ],
)
def test_every_way_from_the_loss_to_the_name_counts(line, verdict):
    bench = desk(
        {"x": "1 n", "W1": "n n", "W2": "n n", "y": "1 n"},
        {"z": "x @ W1", "h": "tanh(z)", "o": "h @ W2 + z", "J": "sum((o - y)**2)", "g": "2 * (o - y)"},
    )
    assert bench.equal("D(J, z)", line).verdict == verdict


# --- cost -------------------------------------------------------------------------------------------------------------


def _deep(layers: int) -> Desk:
    symbols = {"z0": "1 n0", **{f"W{k}": f"n{k - 1} n{k}" for k in range(1, layers + 1)}}
    define = {f"z{k}": f"tanh(z{k - 1}) @ W{k}" for k in range(1, layers + 1)}
    return desk(symbols, {**define, "J": f"sum(z{layers}**2)"})


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A place for each matrix product that is computed."""
    made: list[int] = []
    product = jets.matmul

    def counted(left: Jet, right: Jet) -> Jet:
        made.append(1)
        return product(left, right)

    monkeypatch.setattr(jets, "matmul", counted)
    return made


def test_gradients_at_all_layers_cost_as_many_evaluations_as_there_are_layers(products):
    arrays, multiplied = [], []
    for layers in (4, 8, 16):
        bench = _deep(layers)
        gradients = [D(bench("J"), bench(f"z{k}")) for k in range(layers + 1)]
        products.clear()
        sample = _sample(bench, *gradients)
        for gradient in gradients:
            sample.table(gradient, BITS)
        known: Any = sample.at(BITS)
        arrays.append(sum(len(jet.parts) for jet in known._known.values()))
        multiplied.append(len(products))
    for counts in (arrays, multiplied):
        assert counts[0] > 3
        assert counts[2] - counts[1] == 2 * (counts[1] - counts[0]), counts


@pytest.mark.parametrize(("sign", "operation"), [("+", "add"), ("*", "multiply")])
def test_a_line_that_differs_in_one_of_many_parts_shares_the_others(sign, operation, monkeypatch):
    bench = desk({"t": ""})
    before, after = (f" {sign} ".join(f"sin({k} + t)" for k in (*range(40), last, *range(41, 64))) for last in (40, 99))
    one, other = bench(before), bench(after)
    counted = []
    plain = getattr(jets, operation)
    monkeypatch.setattr(jets, operation, lambda left, right: counted.append(1) or plain(left, right))
    sample = _sample(bench, one)
    assert len(counted) >= 63
    counted.clear()
    sample.table(other, BITS)
    # the halves, quarters … in which it stands, and the sum in it
    assert 6 <= len(counted) <= 7
    with precision(BITS):
        values = [sample.value(bench(f"sin({k} + t)"), {}, BITS)[0, 0] for k in (*range(40), 99, *range(41, 64))]
        total = sum(values, arb(0)) if sign == "+" else arb(1)
        for value in values if sign == "*" else ():
            total *= value
        assert (total - sample.value(other, {}, BITS)[0, 0]).contains(0)


def test_sizes_of_deep_networks_stay_small_and_any_two_differ():
    bench = _deep(30)
    sampler = Sampler(bench.problem, Meaning.of(bench.problem), (bench("J"),), "s")
    points = [sample.point.sizes for sample in sampler.samples(frozenset(), (bench("J"),))]
    names = sorted(points[0])
    assert len(names) == 31
    assert len(points) == 4
    assert max(max(sizes.values()) for sizes in points) <= 8
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            # one meeting of their lines at most; and at the last point a size is 1
            assert sum(sizes[one] == sizes[other] for sizes in points[:-1]) <= 1, (one, other)
    assert 1 in points[-1].values()


def test_a_line_that_takes_one_of_many_sizes_for_another_is_wrong():
    bench = _deep(12)
    for other in ("n7", "n9", "n12"):
        assert bench.equal("D(J, z8) * n8", "D(J, z8) * " + other).verdict == "wrong", write(bench(other))
    assert bench.equal("D(J, z8) * n8", "n8 * D(J, z8)").verdict == "verified"

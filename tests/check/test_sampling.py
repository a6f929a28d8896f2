"""Points: distinct sizes, one of size 1, generic data, whole numbers where whole numbers are meant, and repeatable."""

from __future__ import annotations

import random

import pytest
from check_helpers import desk

from solver.check import dimensions
from solver.check.judge import equal
from solver.check.meaning import Meaning
from solver.check.sampling import NoSample, Sampler
from solver.expr.derivation import Fact
from solver.spec.problem import Part

NETWORK = desk(
    {"x": "1 Dx", "W1": "Dx H", "b1": "1 H", "W2": "H Dy", "y": "1 Dy, one-hot"},
    {"h": "sigmoid(x @ W1 + b1)", "J": "-sum(y * log(softmax(h @ W2)))"},
)


def _sampler(bench, *formulas: str, seed: str = "s", points: int = 4, **indices: str) -> Sampler:
    nodes = tuple(bench(text, **indices) for text in formulas)
    return Sampler(bench.problem, Meaning.of(bench.problem), nodes, seed, bench.problem.given, points)


def _points(bench, *formulas: str, facts: frozenset[Fact] = frozenset(), **options: str) -> list:
    """All points at which the first formula has a value."""
    return list(_sampler(bench, *formulas, **options).samples(facts, (bench(formulas[0]),)))


def _values(sample):
    return {name: [[str(x) for x in row] for row in value] for name, value in sample.point.values.items()}


def test_sizes_are_all_different_and_one_point_has_a_size_of_one():
    for seed in range(20):
        samples = _sampler(NETWORK, "J", seed=str(seed)).samples(frozenset(), (NETWORK("J"),))
        *generic, last = samples
        for sample in generic:
            sizes = sample.point.sizes
            assert sizes.keys() == {"Dx", "H", "Dy"}
            assert len(set(sizes.values())) == 3
            assert min(sizes.values()) >= 2
            assert max(sizes.values()) <= 5
        assert sorted(last.point.sizes.values())[0] == 1
        assert len({tuple(sorted(s.point.sizes.items())) for s in samples}) > 1


def test_sizes_that_are_expressions_and_numbers_are_kept_apart_too():
    bench = desk({"A": "2*d d", "B": "d 4", "c": "n 1"})
    for seed in range(20):
        sizes = dimensions.choose(_sampler(bench, "A").survey, lambda sizes: True, random.Random(seed))
        values = [2 * sizes["d"], sizes["d"], sizes["n"], 4]
        assert len(set(values)) == 4, sizes


def test_sizes_must_be_whole_and_positive():
    bench = desk({"x": "1 n"})
    half = bench("sum(ones(n/2, n/2))")
    found = dimensions.choose(dimensions.survey(bench.problem, [half]), lambda sizes: True, random.Random(0))
    assert found is not None
    assert found["n"] % 2 == 0


def test_sizes_are_so_that_kronecker_products_are_of_a_size_to_compute():
    bench = desk({"A": "m n", "X": "p q", "B": "r s"})
    formula = "kron(kron(eye(n), commutation(q, m)), eye(p)) @ vec(kron(A, X))"
    largest = []
    for seed in range(6):
        *generic, last = _points(bench, formula, seed=str(seed))
        assert all(len(set(sample.point.sizes.values())) == 6 for sample in generic)
        for sample in (*generic, last):
            sizes = sample.point.sizes
            largest.append((sizes["m"] * sizes["n"] * sizes["p"] * sizes["q"]) ** 2)
    assert len(largest) == 24
    # at random some would have a million entries and more
    assert max(largest) < 50_000, largest
    assert len(set(largest)) > 3


def test_sizes_that_are_tied_by_assumption_are_found():
    bench = desk({"A": "m n"}, given=["m == 2*n"])
    for sample in _sampler(bench, "A").samples(frozenset(), (bench("A"),)):
        assert sample.point.sizes["m"] == 2 * sample.point.sizes["n"]


def test_every_point_leaves_something_to_the_assumptions_on_indices():
    bench = desk({"v": "1 V"}, given=["w != o"], indices={"w": "V", "o": "V"})
    for seed in range(10):
        points = _points(bench, "v[w] - v[o]", seed=str(seed))
        assert len(points) == 8
        assert all(sample.point.sizes["V"] >= 2 for sample in points)


def test_the_same_seed_gives_the_same_points_and_another_seed_others():
    first, again, other = (
        [_values(sample) for sample in _sampler(NETWORK, "J", seed=seed).samples(frozenset(), (NETWORK("J"),))]
        for seed in ("a", "a", "b")
    )
    assert first == again
    assert first != other


def test_data_is_generic_unless_cited():
    sampler = _sampler(NETWORK, "J")
    for sample in sampler.samples(frozenset(), (NETWORK("J"),)):
        entries = list(sample.point.values["y"].flat)
        assert sum(entries) != 1
        assert all(entry not in (0, 1) for entry in entries)
    for sample in sampler.samples(frozenset({Fact("y", "sums-to-one")}), (NETWORK("J"),)):
        entries = list(sample.point.values["y"].flat)
        assert sum(entries) == 1
        assert len(entries) == 1 or any(entry not in (0, 1) for entry in entries)
    for sample in sampler.samples(frozenset({Fact("y", "one-hot")}), (NETWORK("J"),)):
        assert sorted(sample.point.values["y"].flat)[-1] == 1


def test_no_number_stands_twice_at_a_point():
    for sample in _sampler(NETWORK, "J").samples(frozenset(), (NETWORK("J"),)):
        entries = [abs(entry) for value in sample.point.values.values() for entry in value.flat]
        assert len(set(entries)) == len(entries)


def test_scalars_take_both_signs_and_so_do_their_products():
    bench = desk(dict.fromkeys("abcdefg", ""))
    for seed in range(10):
        samples = _points(bench, "a*b*c*d*e*f*g", seed=str(seed))
        assert len(samples) == 8
        signs = {name: [1 if sample.point.values[name][0, 0] > 0 else -1 for sample in samples] for name in "abcdefg"}
        for name, row in signs.items():
            assert sum(row) == 0, name
        for one in "abcdefg":
            for other in "abcdefg":
                if one < other:
                    assert sum(x * y for x, y in zip(signs[one], signs[other], strict=True)) == 0


@pytest.mark.parametrize(
    ("formula", "points"),
    [("x @ W", 4), ("relu(x @ W)", 8), ("relu(x @ W[:, 1])", 16), ("abs(x[1])", 16), ("sqrt(t**2)", 16), ("t", 4),
     ("where(W > 0, W, 0)", 4), ("logdet(S)", 16), ("sum(W[i, j] for i in n if i > j)", 4)],
)  # fmt: skip
def test_there_are_more_points_where_a_sign_decides(formula, points):
    bench = desk({"x": "1 n", "W": "n m", "S": "n n", "t": ""}, indices={"j": "n"})
    bench_j = desk({"x": "1 n", "W": "n m", "S": "n n", "t": ""})
    used = bench if "j" in formula and "W[i, j]" in formula else bench_j
    if used is bench:
        used = desk({"x": "1 n", "W": "n n", "S": "n n", "t": ""}, indices={"j": "n"})
    assert len(_points(used, formula)) == points


def test_whole_numbers_that_pick_lie_in_their_range_always():
    bench = desk({"v": "1 k", "c": ", integer", "labels": "n 1, integer", "P": "n k"})
    formulas = ("v[c]", "sum(P[r, labels[r]] for r in n)")
    for seed in range(10):
        for sample in _sampler(bench, *formulas, seed=str(seed)).samples(frozenset(), (bench("v[c]"),)):
            k = sample.point.sizes["k"]
            for name in ("c", "labels"):
                assert all(x.q == 1 and 1 <= x <= k for x in sample.point.values[name].flat)


def test_exponents_are_whole_and_other_integers_are_generic():
    bench = desk({"t": "", "k": ", integer", "l": ", integer"})
    for sample in _sampler(bench, "t**k + l").samples(frozenset(), (bench("t**k + l"),)):
        assert sample.point.values["k"][0, 0].q == 1
        assert sample.point.values["l"][0, 0].q != 1


def test_declared_traits_are_drawn_only_when_the_question_needs_them():
    bench = desk({"lam": ", positive", "mu": ", positive"})
    free = _points(bench, "lam")
    assert any(sample.point.values["lam"][0, 0] < 0 for sample in free)
    assert all(not sample.used for sample in free)
    wide = desk({"X": "m n, positive", "Y": "m n, positive"})
    needed = _points(wide, "sum(log(X))")
    assert all(min(sample.point.values["X"].flat) > 0 for sample in needed)
    assert any(Fact("X", "positive") in sample.used for sample in needed)


def test_a_question_without_a_value_anywhere_has_no_sample_and_says_so_again():
    bench = desk({"t": ""})
    sampler = _sampler(bench, "log(-t**2)")
    for _ in range(2):
        with pytest.raises(NoSample, match="has no value"):
            list(sampler.samples(frozenset(), (bench("log(-t**2)"),)))


def test_few_assignments_are_all_taken_and_many_are_sampled_with_their_diagonals():
    bench = desk({"x": "1 n"})
    (sample, *_) = _sampler(bench, "x[i] + x[j]", i="n", j="n").samples(frozenset(), ())
    free = sample.meaning.free(bench("x[i] + x[j]", i="n", j="n"))
    n = sample.point.sizes["n"]
    assert len(sample.assignments(free, (), random.Random(0))) == n * n
    apart = sample.assignments(free, (bench.condition("i != j", i="n", j="n"),), random.Random(0))
    assert len(apart) == n * n - n
    large = desk({"z": "1 40"})
    quarter = dict.fromkeys("abcd", "40")
    (sample, *_) = _sampler(large, "z[a]*z[b]*z[c]*z[d]", **quarter).samples(frozenset(), ())
    free = sample.meaning.free(large("z[a]*z[b]*z[c]*z[d]", **quarter))
    found = sample.assignments(free, (), random.Random(0))
    assert len(found) == 48
    assert sum(len(set(each.values())) < 4 for each in found) > 16
    names = dict.fromkeys("abcdefghkl", "p")
    wide = desk({"z": "1 p", "q": "5 1"})
    product = "*".join(f"z[{name}]" for name in names)
    (sample, *_) = _sampler(wide, product, **names).samples(frozenset(), ())
    found = sample.assignments(sample.meaning.free(wide(product, **names)), (), random.Random(0))
    assert len(found) == 48
    assert any(each["a"] == each["b"] for each in found)
    assert any(each["a"] != each["b"] for each in found)


def test_the_part_is_part_of_the_seed():
    bench = desk({"t": "", "s": ""})
    parts = [Part(name, "simplify", None, "") for name in ("a", "b")]  # type: ignore[arg-type]
    shown = [equal(bench.problem, bench("t"), bench("s"), part=part).counterexample for part in parts]
    assert shown[0] != shown[1]

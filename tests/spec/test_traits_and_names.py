"""The table of traits, what contradicts what, and the order of definitions."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.expr.shapes import SCALAR, Shape
from solver.expr.sizes import ONE, Size
from solver.spec.names import in_order
from solver.spec.problem import TRAITS
from solver.spec.traits import TRAIT_TABLE, contradiction, unfit

N, M = Size.of("n"), Size.of("m")
SHAPES: dict[str, Shape] = {"scalar": SCALAR, "row": (ONE, N), "matrix": (N, M), "square": (N, N)}

FITS = {
    "one-hot": "row matrix square",
    "simplex": "row matrix square",
    "one-hot-rows": "row matrix square",
    "positive": "scalar row matrix square",
    "integer": "scalar row matrix square",
    "symmetric": "square",
    "positive-definite": "square",
    "orthogonal": "square",
    "invertible": "square",
    "full-rank": "row matrix square",
}


@pytest.mark.parametrize("trait", FITS)
def test_a_trait_fits_these_shapes(trait: str) -> None:
    found = [name for name, shape in SHAPES.items() if unfit(TRAIT_TABLE[trait], shape) is None]
    assert " ".join(found) == FITS[trait]


def test_the_design_s_traits_are_there() -> None:
    wanted = """one-hot, simplex, probability, positive, nonnegative, nonzero, integer, binary, plus-minus-one,
        symmetric, positive-definite, orthogonal, diagonal, triangular, invertible, full-rank, constant, negative,
        one-hot-rows, one-hot-columns"""
    assert set(TRAITS) == {each.strip() for each in wanted.split(",")}


def test_what_a_trait_is_against_is_a_trait() -> None:
    named = [(trait.name, other) for trait in TRAIT_TABLE.values() for other in trait.against]
    assert len(named) > 20
    assert all(other in TRAIT_TABLE and other != name for name, other in named)


@pytest.mark.parametrize(
    ("first", "second"),
    [("positive", "negative"), ("one-hot", "positive"), ("binary", "nonzero"), ("symmetric", "triangular"),
     ("one-hot", "one-hot-rows"), ("integer", "probability"), ("diagonal", "positive")],
)  # fmt: skip
def test_traits_that_contradict_each_other(first: str, second: str) -> None:
    assert contradiction(first, second)
    assert contradiction(second, first)


@pytest.mark.parametrize(
    "group",
    [("positive", "integer", "constant"), ("symmetric", "orthogonal"), ("simplex", "positive"),
     ("diagonal", "invertible"),
     ("symmetric", "positive-definite", "invertible", "full-rank"), ("one-hot", "binary", "nonnegative")],
)  # fmt: skip
def test_traits_that_go_together(group: tuple[str, ...]) -> None:
    assert not any(contradiction(*pair) for pair in itertools.combinations(group, 2))


# --- the order of definitions ----------------------------------------------------------------------------------------

ORDERS = [
    ({"a": "1", "b": "2"}, ["a", "b"]),
    ({"a": "b + c", "b": "c", "c": "x"}, ["c", "b", "a"]),
    ({"L": "sum(p)", "p": "softmax(x)"}, ["p", "L"]),
    ({"exp": "exp(x)"}, ["exp"]),
    ({"ab": "b*bc", "b": "1", "bc": "2"}, ["b", "bc", "ab"]),
    ({"A": "x.T", "T": "A"}, ["A", "T"]),
]


@pytest.mark.parametrize(("texts", "wanted"), ORDERS)
def test_definitions_stand_after_what_they_mention(texts: dict[str, str], wanted: list[str]) -> None:
    assert in_order(texts) == (wanted, [])


@pytest.mark.parametrize(
    ("texts", "circle"),
    [({"a": "a"}, ["a"]), ({"a": "b", "b": "a"}, ["a", "b"]), ({"x": "1", "a": "b+x", "b": "c", "c": "b"}, ["b", "c"])],
)
def test_a_circle_is_named(texts: dict[str, str], circle: list[str]) -> None:
    assert in_order(texts)[1] == [circle]


NAMES = [f"d{number}" for number in range(8)]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)))
def test_every_definition_is_ordered_once_or_stands_in_a_circle(mentions: dict[str, list[str]]) -> None:
    texts = {name: " + ".join(others) or "1" for name, others in mentions.items()}
    ordered, circles = in_order(texts)
    assert sorted(ordered) == sorted(texts)
    for circle in circles:
        assert all(after in mentions[name] for name, after in zip(circle, [*circle[1:], circle[0]], strict=True))
    if not circles:
        for number, name in enumerate(ordered):
            assert set(mentions[name]) & texts.keys() <= set(ordered[:number])

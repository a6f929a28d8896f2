"""Jets: the product rule for any number of levels, and derivatives against high-precision differences."""

from __future__ import annotations

import numpy as np
import pytest
from check_helpers import desk
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.check import jets
from solver.check.balls import each, full, precision
from solver.check.evaluate import Evaluator
from solver.check.jets import Jet, TooLarge
from solver.check.meaning import Meaning
from solver.check.point import Point
from solver.expr.nodes import D, Node
from solver.expr.write import write

T = desk({"t": ""})


def _floats(array) -> list:
    return [float(x) for x in array.flat]


def _array(*entries):
    return np.array([[arb(x) for x in entries]], dtype=object)


def test_the_product_rule_takes_every_split_of_the_levels():
    f = Jet({(): _array(2), (1,): _array(3)[None], (2,): _array(5)[None], (1, 2): _array(7)[None, None]})
    g = Jet({(): _array(11), (1,): _array(13)[None], (2,): _array(17)[None]})
    product = jets.multiply(f, g)
    assert _floats(product.parts[()]) == [22]
    assert _floats(product.parts[(1,)]) == [2 * 13 + 3 * 11]
    assert _floats(product.parts[(2,)]) == [2 * 17 + 5 * 11]
    assert _floats(product.parts[(1, 2)]) == [3 * 17 + 5 * 13 + 7 * 11]


def test_directions_of_different_levels_make_a_table():
    f = Jet({(): _array(1), (1,): full(arb(2), 3, 1, 1)})
    g = Jet({(): _array(1), (2,): full(arb(5), 4, 1, 1)})
    product = jets.multiply(f, g)
    assert product.parts[(1, 2)].shape == (3, 4, 1, 1)
    assert set(_floats(product.parts[(1, 2)])) == {10}
    # the order of the factors does not turn the table
    assert jets.multiply(g, f).parts[(1, 2)].shape == (3, 4, 1, 1)


def test_a_sum_widens_slopes_with_its_value():
    total = jets.add(Jet({(): _array(1), (1,): full(arb(2), 3, 1, 1)}), jets.constant(_array(1, 2, 3, 4)))
    assert total.parts[(1,)].shape == (3, 1, 4)


def test_a_square_of_levels_vanishes():
    f = Jet({(): _array(0), (1,): _array(1)[None]})
    assert set(jets.multiply(f, f).parts) == {(), (1,)}
    assert _floats(jets.multiply(f, f).parts[(1,)]) == [0]


def test_spoiling_marks_the_masked_entries_and_no_others():
    jet = Jet({(): _array(1, 2), (1,): _array(3, 4)[None]})
    mask = np.array([[True, False]])
    spoilt = jets.spoil(jet, mask, arb.nan(), slopes_only=True)
    assert _floats(spoilt.value) == [1, 2]
    assert [x.is_nan() for x in spoilt.parts[(1,)].flat] == [True, False]
    everywhere = jets.spoil(jet, mask, arb.nan(), slopes_only=False)
    assert [x.is_nan() for x in everywhere.value.flat] == [True, False]
    lacking = jets.spoil(jets.constant(_array(1, 2)), mask, arb.nan(), slopes_only=True, levels=frozenset({(1,)}))
    assert [x.is_nan() for x in lacking.parts[(1,)].flat] == [True, False]


def test_enormous_products_are_refused_before_they_are_made():
    wide = Jet({(): full(arb(1), 1, 3000), (1,): full(arb(1), 1, 1, 3000)})
    tall = Jet({(): full(arb(1), 3000, 1), (2,): full(arb(1), 1, 3000, 1)})
    with pytest.raises(TooLarge):
        jets.multiply(wide, tall)


# --- against differences ----------------------------------------------------------------------------------------------

smooth = st.sampled_from(("exp", "sin", "cos", "tanh", "sigmoid", "arctan", "erf", "softplus", "swish", "gelu"))
expressions = st.recursive(
    st.sampled_from(("t", "t", "2", "0.375", "pi")),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} - {})".format, inner, inner),
        st.builds("({} * {})".format, inner, inner),
        st.builds("{}({})".format, smooth, inner),
        st.builds("({}) / (2 + sin({}))".format, inner, inner),
        st.builds("({})**{}".format, inner, st.sampled_from(("2", "3"))),
        st.builds("(2 + cos({}))**({})".format, inner, st.sampled_from(("-1", "1/3", "t"))),
        st.builds("log(2 + sin({}))".format, inner),
        st.builds("sqrt(3 + cos({}))".format, inner),
    ),
    max_leaves=5,
)
H = arb(2) ** -300


def _value(node: Node, t) -> arb:
    """The expression at a ball, without any derivative in play."""
    evaluator = Evaluator(Meaning.of(T.problem), Point({}, {}), {"t": jets.constant(full(t, 1, 1))})
    return evaluator.formula(node).value[0, 0]


@given(expressions, st.integers(-40, 40).filter(lambda k: k % 2))
@settings(max_examples=60, deadline=None)
def test_first_and_second_derivatives_are_the_limits_of_differences(text, numerator):
    node, x = T(text), fmpq(numerator, 32)
    with precision(1600):
        point = Point({}, {"t": full(x, 1, 1)})
        evaluator = Evaluator(Meaning.of(T.problem), point)
        first, second = D(node, T("t")), D(D(node, T("t")), T("t"))
        middle = arb(x)
        low, value, high = (_value(node, middle + k * H) for k in (-1, 0, 1))
        for derivative, difference in (
            (first, (high - low) / (2 * H)),
            (second, (high - 2 * value + low) / (H * H)),
        ):
            found = evaluator.value(derivative, {})[0, 0]
            scale = 1 + abs(found)
            assert abs(found - difference) / scale < arb(2) ** -250, write(derivative)


def test_the_differences_would_catch_a_wrong_slope():
    """The comparison above is not empty: a slope that is off by a part in 2**200 would fail it."""
    node = T("sin(t)")
    with precision(1600):
        x = arb(fmpq(5, 32))
        difference = (_value(node, x + H) - _value(node, x - H)) / (2 * H)
        assert abs(x.cos() - difference) < arb(2) ** -250
        assert not abs(x.cos() * (1 + arb(2) ** -200) - difference) < arb(2) ** -250


def test_directions_change_nothing_but_their_own_entry():
    vector = desk({"x": "1 n"})
    with precision(128):
        values = each(lambda x: x, np.array([[fmpq(3, 8), fmpq(5, 8), fmpq(-7, 8)]], dtype=object))
        evaluator = Evaluator(Meaning.of(vector.problem), Point({"n": 3}, {"x": values}))
        found = evaluator.value(vector("D(exp(x), x)"), {})
    for i in range(3):
        for j in range(3):
            expected = arb(values[0, i]).exp() if i == j else arb(0)
            assert (found[i, j] - expected).contains(0)

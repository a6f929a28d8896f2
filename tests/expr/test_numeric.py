"""float64 as it is: overflow, underflow and undefined values shown, never rescued; derivatives for figures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Idx, Node, Sym
from solver.expr.numeric import NumericError, Point, evaluate, point_of
from solver.expr.read import Scope, read
from solver.expr.sizes import ONE, Size

N, M = Size.of("N"), Size.of("M")
SHAPES = {"x": (ONE, N), "u": (N, ONE), "A": (N, N), "W": (M, N), "a": (), "b": (), "y": (ONE, N)}
SCOPE = Scope(
    symbols={name: Sym(name, shape) for name, shape in SHAPES.items()},
    layout="row",
    sizes=frozenset(("N", "M")),
    indices={"i": Idx("i", N), "j": Idx("j", N)},
    functions=frozenset(("f",)),
)


def value(text: str, define: dict[str, Node] | None = None, **given: object) -> object:
    """The value at the point, as nested lists."""
    indices = {name: given.pop(name) for name in ("i", "j") if name in given}
    differences, smooth = (bool(given.pop(key, False)) for key in ("differences", "smooth"))
    point = point_of({**given, **indices}, SHAPES, define or {}, differences=differences)
    point = replace(point, smooth=smooth)
    return evaluate(read(text, SCOPE), point).tolist()


def test_extremes_come_out_as_the_machine_has_them() -> None:
    assert math.isnan(value("0*log(a)", a="0"))  # type: ignore[arg-type]
    assert value("exp(a)", a=1000) == math.inf
    assert value("exp(a)", a=-1000) == 0
    assert value("a/2", a="1e-323") == 5e-324
    assert value("log(a)", a=0) == -math.inf
    assert value("a*1e-5", a="1e-320") == 0
    assert math.isnan(value("1/a - 1/a", a=0))  # type: ignore[arg-type]


def test_a_matrix_keeps_its_axes_at_sizes_of_one() -> None:
    assert value("logsumexp(A, axis=1)", A=[[3]]) == [[3.0]]
    assert value("W @ logsumexp(A, axis=1)", A=[[3]], W=[[2]]) == [[6.0]]


def test_a_formula_is_computed_as_it_is_written_and_the_function_as_libraries_do() -> None:
    naive = value("exp(x)/sum(exp(x))", x=[1000, 0])
    assert math.isnan(naive[0][0])  # type: ignore[index]
    assert naive[0][1] == 0  # type: ignore[index]
    assert value("softmax(x)", x=[1000, 0]) == [[1.0, 0.0]]
    assert value("log_softmax(x)", x=[1000, 0]) == [[0.0, -1000.0]]
    assert value("log(softmax(x))[2]", x=[1000, 0]) == -math.inf
    assert value("logsumexp(x)", x=[1000, 0]) == 1000.0


@pytest.mark.parametrize(
    ("text", "given", "wanted"),
    [
        ("x @ A", {"x": [1, 2], "A": [[1, 2], [3, 4]]}, [[7, 10]]),
        ("A @ u", {"A": [[1, 2], [3, 4]], "u": [1, 1]}, [[3], [7]]),
        ("A*x", {"A": [[1, 2], [3, 4]], "x": [10, 100]}, [[10, 200], [30, 400]]),
        ("A.T", {"A": [[1, 2], [3, 4]]}, [[1, 3], [2, 4]]),
        ("sum(A, axis=0)", {"A": [[1, 2], [3, 4]]}, [[4, 6]]),
        ("sum(A, axis=1)", {"A": [[1, 2], [3, 4]]}, [[3], [7]]),
        ("mean(x)", {"x": [1, 2]}, 1.5),
        ("x[2]", {"x": ["1/4", 7]}, 7),
        ("A[i, j]", {"A": [[1, 2], [3, 4]], "i": 1, "j": 2}, 2),
        ("A[i, :]", {"A": [[1, 2], [3, 4]], "i": 2}, [[3, 4]]),
        ("A[:, j]", {"A": [[1, 2], [3, 4]], "j": 2}, [[2], [4]]),
        ("sum(k*x[k] for k in N)", {"x": [5, 7]}, 19),
        ("sum(x[k] for k in N if k != i)", {"x": [5, 7], "i": 1}, 7),
        ("prod(x[k] for k in N)", {"x": [5, 7]}, 35),
        ("matrix(delta(k, l)*x[k] for k in N for l in N)", {"x": [5, 7]}, [[5, 0], [0, 7]]),
        ("where(x > 0, x, 0*x)", {"x": [-1, 2]}, [[0, 2]]),
        ("indicator(x > 0 and x < 5)", {"x": [-1, 2]}, [[0, 1]]),
        ("indicator(x @ x.T > 0 or a < 0)", {"x": [-1, 2], "a": 1}, [[1]]),
        ("relu(x)", {"x": [-1, 2]}, [[0, 2]]),
        ("maximum(a, b)", {"a": 1, "b": 2}, 2),
        ("diag(x)", {"x": [1, 2]}, [[1, 0], [0, 2]]),
        ("vec(A)", {"A": [[1, 2], [3, 4]]}, [[1], [3], [2], [4]]),
        ("kron(A, A)[1, 4]", {"A": [[1, 2], [3, 4]]}, 4),
        ("commutation(M, N) @ vec(W)", {"W": [[1, 2, 3], [4, 5, 6]]}, [[1], [2], [3], [4], [5], [6]]),
        ("outer(x, y)", {"x": [1, 2], "y": [3, 4]}, [[3, 4], [6, 8]]),
        ("dot(x, y)", {"x": [1, 2], "y": [3, 4]}, 11),
        ("norm(x)", {"x": [3, 4]}, 5),
        ("det(A)", {"A": [[2, 0], [0, 3]]}, 6),
        ("logdet(A)", {"A": [[1, 0], [0, -1]]}, 0),
        ("inv(A)", {"A": [[2, 0], [0, 4]]}, [[0.5, 0], [0, 0.25]]),
        ("matrix_power(A, 3)", {"A": [[1, 1], [0, 1]]}, [[1, 3], [0, 1]]),
        ("tr(A @ ones(N, N))", {"A": [[1, 2], [3, 4]]}, 10),
        ("eye(N)*N", {"x": [1, 2], "A": [[1, 2], [3, 4]]}, [[2, 0], [0, 2]]),
        ("basis(i, N)", {"x": [1, 2], "i": 2}, [[0, 1]]),
        ("hstack(a, b)", {"a": 1, "b": 2}, [[1, 2]]),
        ("2*pi*a", {"a": 1}, 2 * math.pi),
    ],
)
def test_each_construction_has_numpys_value(text: str, given: dict[str, object], wanted: object) -> None:
    if "commutation" in text:
        given = {**given, "x": [0, 0, 0]}
    found = value(text, **given)
    assert np.allclose(np.array(found), np.array(wanted), rtol=1e-12) or "commutation" in text
    if "commutation" in text:
        assert np.array(found).ravel().tolist() == [1, 2, 3, 4, 5, 6]


def test_a_scalars_axis_and_samples_along_rows() -> None:
    rows = value("softmax(A)", A=[[0, 0], [1000, 0]])
    assert rows == [[0.5, 0.5], [1.0, 0.0]]
    columns = value("softmax(A, axis=0)", A=[[0, 0], [1000, 0]])
    assert columns == [[0.0, 0.5], [1.0, 0.5]]


def test_defined_names_are_computed_where_they_are_met_and_can_be_given() -> None:
    define = {"y": read("softmax(x)", SCOPE)}
    assert value("sum(y)", define, x=[1, 2]) == pytest.approx(1)
    assert value("sum(y)", define, x=[1, 2], y=[5, 5]) == 10


@pytest.mark.parametrize(
    ("text", "given", "wanted"),
    [
        ("D(a**3, a)", {"a": 2}, 12),
        ("D(sum(x*x), x)", {"x": [1, 2]}, [[2, 4]]),
        ("D(softmax(x), x)", {"x": [0, 0]}, [[0.25, -0.25], [-0.25, 0.25]]),
        ("D(x[1]*x[2], x[2])", {"x": [3, 4]}, 3),
        ("D(sum(A @ A), A)", {"A": [[1, 2], [3, 4]]}, [[7, 11], [9, 13]]),
        ("D(D(a**3, a), a)", {"a": 2}, 12),
    ],
)
def test_derivatives_are_drawn_by_differences_in_the_layout_of_the_language(
    text: str, given: dict[str, object], wanted: object
) -> None:
    assert np.allclose(np.array(value(text, differences=True, **given)), np.array(wanted), rtol=1e-6)


def test_a_name_that_is_moved_still_moves_with_what_it_rests_on() -> None:
    """`y = x²` with its own variable held apart: ∂/∂y of d(x y)/dx = y + 2x² is 1, and of d(y²)/dx = 4xy it is 4x."""
    define = {"y": read("a**2", SCOPE)}
    for text, wanted in (("D(D(a*y, a), y)", 1), ("D(D(y**2, a), y)", 12), ("D(D(y**2, y), a)", 12)):
        assert value(text, define, differences=True, a=3) == pytest.approx(wanted, rel=1e-6)


def test_a_difference_that_must_be_a_slope_is_refused_beside_a_kink_or_a_jump() -> None:
    for text, place in (("D(abs(a), a)", 0.0005), ("D(relu(a), a)", 0), ("D(sign(a), a)", -0.0015),
                        ("D(a/(1 + abs(a)), a)", 0)):  # fmt: skip
        with pytest.raises(NumericError, match="a kink, a jump"):
            value(text, differences=True, smooth=True, a=place)
        assert math.isfinite(value(text, differences=True, smooth=True, a=0.5))
        assert math.isfinite(value(text, differences=True, a=place))


def test_every_function_with_a_definition_has_a_float64_value_that_is_its_own() -> None:
    tried = 0
    for row in FUNCTIONS.values():
        if row.definition is None or row.kind != "elementwise":
            continue
        place = {"x": 1.25 if row.domain == "x > 1" else 0.25, "a": 0.5, "b": 0.75}
        scope = Scope(symbols={name: Sym(name) for name in row.params})
        point = Point({name: np.asarray(place[name]) for name in row.params})
        texts = (f"{row.name}({', '.join(row.params)})", row.definition)
        found, wanted = (evaluate(read(text, scope), point) for text in texts)
        assert np.isclose(found, wanted, rtol=1e-12), row.name
        tried += 1
    assert tried > 20


def test_an_empty_sum_of_rows_is_a_row() -> None:
    assert value("sum(A[i, :] for i in N if i > 2) @ u", A=[[1, 2], [3, 4]], u=[[1], [3]]) == [[0]]
    assert value("sum(A[i, :] for i in N if i > 1)", A=[[1, 2], [3, 4]]) == [[3, 4]]


def test_the_largest_entry_is_equal_to_itself_however_it_was_rounded() -> None:
    given: dict[str, object] = {"x": [0.01, 0.09], "y": [3, 3]}
    assert value("sum(indicator(x*y/7 == x/7*y))", **given) < 2  # type: ignore[operator]
    assert value("sum(indicator(x*y/7 == max(x/7*y)))", **given) == 1
    assert value("sum(indicator(x*y/7 != max(x/7*y)))", **given) == 1


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("a + b", {"a": 1}, "b has no value"),
        ("f(a)", {"a": 1}, "abstract function"),
        ("D(a, a)", {"a": 1}, "write its formula"),
        ("d(a)", {"a": 1}, "write a formula without it"),
        ("x[3]", {"x": [1, 2]}, "out of range 1 to 2"),
        ("x[i]", {"x": [1, 2]}, "the index i has no value"),
        ("sum(x[k] for k in N)*N", {"a": 1}, "the size N is not known"),
        ("inv(A)", {"A": [[1, 1], [1, 1]]}, "inv: Singular matrix"),
        ("a", {"a": [1, 2]}, "a is a scalar, and 2 values were given"),
        ("a", {"a": "one"}, "not a number"),
        ("a", {"a": [[1], [2, 3]]}, "not a number or a list"),
        ("x + y", {"x": [1, 2], "y": [1, 2, 3]}, "y makes N = 3"),
        ("A", {"A": [[1, 2]]}, "A makes N = "),
    ],
)
def test_what_has_no_value_is_said_in_a_sentence(text: str, given: dict[str, object], words: str) -> None:
    with pytest.raises(NumericError, match=words):
        value(text, **given)


def test_no_warning_escapes_and_the_points_names_are_immutable_copies() -> None:
    with np.errstate(all="raise"):
        assert value("exp(a)", a=1000) == math.inf
    point = Point()
    assert point.at(i=1).indices == {"i": 1}
    assert point.indices == {}


def test_the_slope_by_a_column_is_a_column():
    values = {"A": np.eye(3), "u": np.array([[1.0], [2.0], [3.0]])}
    point = Point(values, {"N": 3}, {}, {"j": 2}, differences=True)
    column, row = (
        evaluate(read(text, SCOPE), point) for text in ("D(sum(A[:, j]*u), A[:, j])", "D(A[j, :] @ u, A[j, :])")
    )
    assert np.allclose(column, [[1.0], [2.0], [3.0]])
    assert np.allclose(row, [[1.0, 2.0, 3.0]])

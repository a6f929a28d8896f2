"""Every kind of figure: what is plotted is what the problem says, the words say what is plotted, nothing is cut off."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.quiver import Quiver

from solver.language.catalogue import catalogue
from solver.spec.figures import FIGURES
from solver.spec.load import load_problem
from solver.typeset.figures import KINDS, FigureError, draw
from solver.typeset.figures.drawn import Drawn
from solver.typeset.figures.layers import layered
from solver.typeset.figures.style import WIDEST

SETTING = """
notation: {vectors: row}
symbols:
  x: {shape: [Dx]}
  y: {shape: [Dy], is: one-hot}
  W: {shape: [Dx, Dy]}
  b: {shape: [Dy]}
  X: {shape: [N, Dx]}
  t: {}
define:
  z: x @ W + b
  yhat: softmax(z)
  J: -sum(y * log(yhat))
  Z: X @ W + b
  cycle: tanh(t) * (1 - tanh(t))
parts: [{simplify: 1}]
figure: %s
"""
EXAMPLES: Mapping[str, str] = {
    "plot": "{plot: {curves: [tanh(u), 'D(exp(u), u)'], over: {u: [-2, 2]}, derivative: true, points: {origin: 0}}}",
    "heatmap": "{heatmap: {of: 'D(yhat, b)', at: {b: [2, 1, 0, -1], x: [0], W: [[0, 0, 0, 0]]}}}",
    "contour": "{contour: {of: (u - 1)**2 + 4*v**2, over: {u: [-2, 3], v: [-1, 1]}, minimum: [1, 0]}}",
    "surface": "{surface: {of: (u - 1)**2 + 4*v**2, over: {u: [-2, 3], v: [-1, 1]}, minimum: [1, 0]}}",
    "graph": "{graph: {of: J}}",
    "blocks": "{blocks: {of: Z, sizes: {N: 8, Dx: 4, Dy: 2}}}",
    "gradient-check": "{gradient-check: {of: J, wrt: W, formula: x.T @ (yhat - y)}}",
}


def figure(folder: Path, text: str, language: str = "en") -> Drawn:
    path = folder / "problem.yaml"
    path.write_text(SETTING % text, encoding="utf-8")
    problem = load_problem(path)
    return draw(problem.figures[0], problem, catalogue(language))


def inside(made: Drawn) -> bool:
    """Whether all that is drawn stands on the canvas."""
    FigureCanvasAgg(made.canvas)
    made.canvas.draw_without_rendering()
    box, page = made.canvas.get_tightbbox(), made.canvas.bbox_inches
    return box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= page.x1 + 0.01 and box.y1 <= page.y1 + 0.01


def test_every_kind_that_a_file_may_name_is_drawn() -> None:
    assert FIGURES.keys() == KINDS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_is_drawn_in_both_forms_no_wider_than_the_page(tmp_path: Path, kind: str) -> None:
    made = figure(tmp_path, EXAMPLES[kind])
    (width,) = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ", made.pdf)
    assert float(width) * 25.4 / 72 <= WIDEST + 0.1
    assert made.tight or inside(made)
    svg = ElementTree.fromstring(made.svg)
    ids = [each.get("id") for each in svg.iter() if each.get("id")]
    assert len(ids) == len(set(ids)) > 3
    # letters are paths, and nothing says when it was made
    assert not [each for each in svg.iter() if each.tag.endswith("}text") or each.tag.endswith("}metadata")]
    assert b"Date" not in made.pdf + made.svg
    assert made.alternative.endswith(".")
    german = figure(tmp_path, EXAMPLES[kind], "de")
    assert german.alternative != made.alternative


def test_a_picture_is_the_same_in_another_process_and_its_ids_are_its_own(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib, pathlib; sys.path[:0] = ['tests/typeset', '.'];"
        f"import test_figure_kinds as t; m = t.figure(pathlib.Path({str(tmp_path)!r}), t.EXAMPLES['contour']);"
        "print(hashlib.sha256(m.svg + m.pdf).hexdigest())"
    )
    here = figure(tmp_path, EXAMPLES["contour"])
    there = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
        check=True, env={"PYTHONHASHSEED": "1", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    assert there.strip() == hashlib.sha256(here.svg + here.pdf).hexdigest()
    one, other = (figure(tmp_path, EXAMPLES[kind]).svg for kind in ("blocks", "heatmap"))
    first, second = (set(re.findall(rb'\bid="([^"]+)"', svg)) for svg in (one, other))
    assert first
    assert not first & second
    assert all(m in first for m in re.findall(rb'href="#([^"]+)"', one))


# --- plot ---------------------------------------------------------------------------------------------------------


def test_a_plot_draws_the_curves_and_their_exact_derivatives_beside(tmp_path: Path) -> None:
    made = figure(tmp_path, EXAMPLES["plot"])
    left, right = made.canvas.axes
    values = {line.get_label(): np.array(line.get_data()) for line in left.lines}
    x, y = values["$\\tanh(u)$"]
    assert np.array_equal(y, np.tanh(x))
    grid, slopes = np.array(right.lines[0].get_data())
    assert np.allclose(slopes, 1 - np.tanh(grid) ** 2, rtol=1e-15, atol=1e-16)
    assert np.allclose(np.array(right.lines[1].get_data())[1], np.exp(grid), rtol=1e-15)
    assert "tanh(u) is zero at u = 0." in made.alternative
    assert "Marked points: origin (0, 0)." in made.alternative


def test_poles_asymptotes_crossings_and_bounds_are_drawn_and_said(tmp_path: Path) -> None:
    made = figure(
        tmp_path, "{plot: {curves: [1/(u - 1), u], over: {u: [-1, 3]}, poles: 1, asymptotes: 0, range: [-9, 9]}}"
    )
    (axes,) = made.canvas.axes
    assert axes.get_ylim() == (-9, 9)
    x, y = np.array(axes.lines[0].get_data())
    assert np.isnan(y[x == 1]).all()
    assert "1/(u - 1) and u meet at u = −0.618 and 1.618." in made.alternative
    assert "asymptotes 0." in made.alternative
    assert "a pole, at u = 1." in made.alternative
    # a change of sign at a pole is no zero
    assert "1/(u - 1) is zero" not in made.alternative


def test_a_kink_has_no_derivative_and_leaves_a_gap(tmp_path: Path) -> None:
    made = figure(tmp_path, "{plot: {curves: 'D(relu(u), u)', over: {u: [-1, 1]}}}")
    x, y = np.array(made.canvas.axes[0].lines[0].get_data())
    assert np.isnan(y[np.abs(x) < 1e-12]).all()
    assert set(y[np.abs(x) > 1e-12]) == {0.0, 1.0}


# --- fields -------------------------------------------------------------------------------------------------------


def arrows(made: Drawn) -> Quiver:
    (found,) = [each for each in made.canvas.axes[0].collections if isinstance(each, Quiver)]
    return found


@pytest.mark.parametrize(("way", "sign"), [("descent", -1), ("gradient", 1)])
def test_the_arrows_are_the_exact_gradient(tmp_path: Path, way: str, sign: int) -> None:
    made = figure(tmp_path, f"{{contour: {{of: exp(u)*v**2 + u, over: {{u: [-1, 2], v: [-2, 1]}}, arrows: {way}}}}}")
    quiver = arrows(made)
    u, v = quiver.X, quiver.Y
    assert len(u) == 81
    assert np.allclose(quiver.U, sign * (np.exp(u) * v**2 + 1), rtol=1e-14)
    assert np.allclose(quiver.V, sign * 2 * np.exp(u) * v, rtol=1e-14)


def test_over_entries_the_gradient_goes_through_them(tmp_path: Path) -> None:
    text = "{contour: {of: J, over: {u: [-3, 3], v: [-3, 3]}, at: {b: [u, v], x: [0], W: [[0, 0]], y: [1, 0]}}}"
    quiver = arrows(figure(tmp_path, text))
    p = np.exp(quiver.X) / (np.exp(quiver.X) + np.exp(quiver.Y))
    assert np.allclose(quiver.U, 1 - p, rtol=1e-13)
    assert np.allclose(quiver.V, -(1 - p), rtol=1e-13)


def test_a_field_says_its_ends_and_its_minimum(tmp_path: Path) -> None:
    for kind in ("contour", "surface"):
        words = figure(tmp_path, EXAMPLES[kind]).alternative
        assert "The smallest value shown is 0, at u = 1 and v = 0" in words
        assert "the largest is 13, at u = −2 and v = −1" in words
        assert "The minimum 0 is marked at u = 1 and v = 0." in words
        assert "negative gradient point downhill" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{contour: {of: u**2 + v, over: {u: [-1, 1], v: [-1, 1]}, minimum: [0, 0]}}", "is no minimum: at 0, −1 it is"),
        ("{contour: {of: u**2 + v, over: {u: [-1, 1], v: [-1, 1]}, minimum: [5, 0]}}", "outside the bounds"),
        ("{surface: {of: log(-u*u - v*v - 1), over: {u: [-1, 1], v: [-1, 1]}}}", "no value between these bounds"),
        ("{plot: {curves: u, over: {u: [-1, 1]}, points: {far: 3}}}", "`far` at 3 lies outside"),
        ("{gradient-check: {of: sum(x*x), wrt: x, at: {x: [0, 0]}}}", "is zero at this point"),
    ],
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FigureError, match=re.escape(words)):
        figure(tmp_path, text)


# --- heatmap ------------------------------------------------------------------------------------------------------


def test_a_heatmap_shows_the_exact_jacobian_with_its_numbers(tmp_path: Path) -> None:
    made = figure(tmp_path, EXAMPLES["heatmap"])
    s = np.exp([2.0, 1, 0, -1]) / np.exp([2.0, 1, 0, -1]).sum()
    axes = made.canvas.axes[0]
    shown = np.array(axes.collections[0].get_array()).reshape(4, 4)
    assert np.allclose(shown, np.diag(s) - np.outer(s, s), rtol=1e-14)
    assert [text.get_text() for text in axes.texts][:2] == ["0.229", "−0.153"]
    # what is negative is hatched
    assert sum(isinstance(patch, Rectangle) and patch.get_hatch() is not None for patch in axes.patches) == 12


# --- graph --------------------------------------------------------------------------------------------------------


def test_a_graph_shows_every_name_with_its_shape_and_the_way_back(tmp_path: Path) -> None:
    made = figure(tmp_path, EXAMPLES["graph"])
    texts = [text.get_text() for text in made.canvas.axes[0].texts]
    assert "$\\hat{\\boldsymbol{y}}$" in texts
    assert "$\\partial J/\\partial \\boldsymbol{W}$" in texts
    # forward and back
    assert texts.count("$D_{x} \\times D_{y}$") == 2
    # a one-hot label has no direction to change in
    assert not any("partial \\boldsymbol{y}" in text for text in texts)
    forward = [each for each in made.canvas.axes[0].patches if isinstance(each, FancyArrowPatch)]
    assert len(forward) == 6 + 5
    words = made.alternative
    assert "z (1×Dy) is computed from x (1×Dx), W (Dx×Dy), b (1×Dy) as x @ W + b." in words
    assert "it starts with D(J, J) = 1; D(J, yhat) (1×Dy) from D(J, J)" in words
    assert "D(J, W) (Dx×Dy) from D(J, z)" in words


def test_the_way_back_ends_where_it_is_asked_to(tmp_path: Path) -> None:
    words = figure(tmp_path, "{graph: {of: J, wrt: b}}").alternative
    assert "D(J, b)" in words
    assert "D(J, W)" not in words
    assert "Below it" not in figure(tmp_path, "{graph: {of: yhat}}").alternative


def test_a_way_back_to_less_is_drawn_in_less_room(tmp_path: Path) -> None:
    whole, less = (figure(tmp_path, text) for text in (EXAMPLES["graph"], "{graph: {of: J, wrt: x}}"))
    assert inside(less)
    assert less.canvas.bbox_inches.height < whole.canvas.bbox_inches.height - 0.5


def test_edges_go_to_the_right_and_nodes_keep_apart() -> None:
    inputs = {"J": ["p", "q", "a"], "p": ["h", "w"], "q": ["h", "p"], "h": ["x", "w"], "a": ["x"], "x": [], "w": []}
    layers = layered(inputs)
    assert all(layers.column[source] < layers.column[name] for name, below in inputs.items() for source in below)
    places = [(layers.column[name], layers.row[name]) for name in inputs]
    places += [place for bend in layers.bends.values() for place in bend]
    for column in {column for column, _ in places}:
        rows = sorted(row for other, row in places if other == column)
        assert all(b - a >= 1 for a, b in pairwise(rows))
    # a long edge has a place of its own in each column that it passes
    assert [column for column, _ in layers.bends["h", "q"]] == [layers.column["h"] + 1]


def test_a_chain_runs_straight() -> None:
    inputs = {"J": ["h", "y"], "h": ["z"], "z": ["x", "W", "b"], "x": [], "W": [], "b": [], "y": []}
    layers = layered(inputs)
    assert {layers.row[name] for name in ("x", "z", "h", "J")} == {0}


def test_a_graph_too_long_for_the_page_is_refused(tmp_path: Path) -> None:
    steps = "\n".join(f"  a{k}: tanh(a{k - 1})" for k in range(1, 40))
    path = tmp_path / "p.yaml"
    path.write_text(f"symbols: {{a0: {{}}}}\ndefine:\n{steps}\nfigure: {{graph: {{}}}}\nparts: [{{simplify: 1}}]\n")
    problem = load_problem(path)
    with pytest.raises(FigureError, match="40 columns, too many for the page"):
        draw(problem.figures[0], problem, catalogue("en"))


# --- blocks -------------------------------------------------------------------------------------------------------


def test_blocks_are_in_proportion(tmp_path: Path) -> None:
    made = figure(tmp_path, EXAMPLES["blocks"])
    sides = [
        (patch.get_height(), patch.get_width()) for patch in made.canvas.axes[0].patches if isinstance(patch, Rectangle)
    ]
    x, w, b, z = sides
    assert x[0] / x[1] == pytest.approx(8 / 4)
    assert x[1] == pytest.approx(w[0])
    assert z == pytest.approx((x[0], w[1]))
    assert b[1] == pytest.approx(w[1])
    assert made.alternative == (
        "A picture of Z = X @ W + b as rectangles in proportion to their sizes: X (N×Dx), W (Dx×Dy), b (1×Dy). "
        "The result (N×Dy) stands at the right."
    )


# --- gradient check -----------------------------------------------------------------------------------------------


def lines(made: Drawn) -> dict[str, Any]:
    return {str(line.get_label()): np.array(line.get_data()) for line in made.canvas.axes[0].lines}


def test_the_errors_fall_with_the_step_and_rise_again(tmp_path: Path) -> None:
    made = figure(tmp_path, "{gradient-check: {of: 'exp(x[1])', wrt: 'x[1]', at: {x: [1, 2]}, formula: 2 * exp(1)}}")
    found = lines(made)
    h, forward = found["forward differences"]
    _, central = found["central differences"]
    # truncation: e·h/2 and e·h²/6, over e
    assert forward[h == 1e-3] == pytest.approx(0.5e-3, rel=1e-3)
    assert central[h == 1e-3] == pytest.approx(1e-6 / 6, rel=1e-3)
    # rounding
    assert forward[0] > 1e-3
    assert 1e-10 < forward.min() < 1e-7
    assert 1e-13 < central.min() < 1e-9
    # a formula that is twice the gradient is off by all of it
    assert found["formula"][1][0] == pytest.approx(1)
    assert "Both errors fall" in made.alternative


def test_without_values_a_point_is_drawn_at_which_the_formula_holds(tmp_path: Path) -> None:
    made = figure(tmp_path, EXAMPLES["gradient-check"])
    assert lines(made)["formula"][1][0] < 1e-13
    # the label is one-hot there: else the formula would be off
    wrong = figure(tmp_path, "{gradient-check: {of: J, wrt: W, formula: x.T @ (yhat + y)}}")
    assert lines(wrong)["formula"][1][0] > 1e-2
    made = figure(tmp_path, "{gradient-check: {of: J, wrt: 'W[1, 2]'}}")
    assert lines(made)["central differences"][1].min() < 1e-7

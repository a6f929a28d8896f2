"""Figures: the values drawn, words that say them, the same bytes, the page's fonts, errors for the author."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from typeset_helpers import ONE, N, scope, softmax_problem

from solver.expr.nodes import Neg, Sym, num
from solver.expr.read import read
from solver.language.catalogue import catalogue
from solver.spec.problem import Figure
from solver.typeset.figures import FigureError, draw
from solver.typeset.figures.drawn import Drawn

AT = scope(sigma=(ONE, N))
T = Sym("t")


def drawn(kind: str, **options: object) -> Drawn:
    problem, _ = softmax_problem()
    problem = replace(problem, symbols={name: s for name, s in problem.symbols.items() if name != "t"})
    return draw(Figure(kind, options), problem, catalogue("en"))


def plot(*curves: tuple[str, str], **options: object) -> Drawn:
    read_curves = tuple((label, read(text, AT)) for label, text in curves)
    return drawn("plot", **({"curves": read_curves, "over": (T, -4.0, 4.0), "at": {}, "sizes": {}} | options))


def test_a_plot_says_where_its_curves_rise_and_turn() -> None:
    made = plot(("", "tanh(t)"), ("derivative", "D(tanh(t), t)"), ("", "-t"), ("flat", "3"))
    assert made.alternative == (
        "Curves for t from −4 to 4: tanh(t) rises from −0.9993 to 0.9993; derivative goes from 0.001341 to 0.001341 "
        "with its largest value 1 at t = 0; -t falls from 4 to −4; flat is 3 throughout. tanh(t) is zero at t = 0. "
        "-t is zero at t = 0. tanh(t) and derivative meet at t = 0.7218. tanh(t) and -t meet at t = 0. derivative and "
        "-t meet at t = −0.6631. -t and flat meet at t = −3."
    )


def test_a_vector_gives_a_curve_for_each_entry() -> None:
    made = plot(("", "softmax(x)"), at={"x": (T, num(0), num(1))}, sizes={"N": 3})
    assert "softmax(x)[1] rises from 0.004902 to 0.9362" in made.alternative
    assert "softmax(x)[3] falls" in made.alternative


def test_values_that_are_not_finite_leave_a_gap() -> None:
    assert "log(t) rises from" in plot(("", "log(t)")).alternative
    assert "has no value there" in plot(("", "log(-t*t - 1)")).alternative


def test_a_heatmap_of_the_softmax_jacobian_at_a_sample() -> None:
    made = drawn(
        "heatmap", of=read("D(softmax(x), x)", AT), at={"x": (num(2), num(0), num(1), Neg(num(1)))}, sizes={"N": 4}
    )  # fmt: skip
    assert made.alternative == (
        "The 4 by 4 entries of D(softmax(x), x): the smallest, −0.1525, stands in row 1, column 3, and the largest, "
        "0.2293, in row 1, column 1."
    )
    zero = drawn("heatmap", of=read("x - x", AT), at={"x": (num(1), num(2))}, sizes={"N": 2})
    assert zero.alternative == "The 1 by 2 entries of x - x are all 0."


def test_a_figures_fonts_are_embedded_and_none_is_a_stranger(tmp_path: Path) -> None:
    made = plot(("", "softmax(x)[1]*sigmoid(t)"), at={"x": (T, num(0))}, sizes={"N": 2})
    (tmp_path / "f.pdf").write_bytes(made.pdf)
    listed = subprocess.run(["pdffonts", "f.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    fonts = listed.splitlines()[2:]
    assert fonts
    assert all("Pagella" in font or "STIX" in font for font in fonts)
    assert all(font.split()[-5] == "yes" for font in fonts)
    assert b"CreationDate" not in made.pdf


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("sculpture", {}, "no drawing for the figure kind 'sculpture'.*heatmap, plot"),
        (
            "plot",
            {"curves": (("", read("a + 1", AT)),), "over": (T, 0.0, 1.0), "at": {}, "sizes": {}},
            "a has no value",
        ),
        (
            "plot",
            {"curves": (("", read("f(a)", AT)),), "over": (Sym("a"), 0.0, 1.0), "at": {}, "sizes": {}},
            "abstract",
        ),
    ],
)
def test_a_figure_that_cannot_be_drawn_says_why(kind: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(FigureError, match=words):
        drawn(kind, **options)


def test_numbers_at_the_axes_are_text_and_their_common_factor_is_a_formula() -> None:
    found = plot(("", "100000000*t"))
    assert found.pdf.startswith(b"%PDF")
    (axes,) = found.canvas.axes
    for axis in (axes.xaxis, axes.yaxis):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        assert len(labels) > 3
        assert not any("$" in label for label in labels), labels
        assert any("−" in label for label in labels), labels
    assert "10^{8}" in axes.yaxis.get_major_formatter().get_offset()

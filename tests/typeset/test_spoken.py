"""Formulas in words: what is heard is one formula and no other."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from typeset_helpers import CONTEXT, node

from solver.expr.functions import FUNCTIONS
from solver.expr.nodes import Node
from solver.language.catalogue import catalogue
from solver.typeset.latex import written
from solver.typeset.mathml import mathml
from solver.typeset.setting import Context
from solver.typeset.spoken import equation, spoken

sys.path.append(str(Path(__file__).resolve().parents[1] / "expr"))

from strategies import expressions

ENGLISH, GERMAN = catalogue("en").speech, catalogue("de").speech

SAID = [
    ("D(CE, z[k])", "the derivative of CE with respect to z sub k"),
    ("yhat - y", "y hat minus y"),
    ("W1.T", "W sub 1 transpose"),
    ("x @ W1", "x times W sub 1"),
    ("(yhat - y) @ A.T", "the quantity y hat minus y, end quantity times capital A transpose"),
    ("h * (1 - h)", "the Hadamard product of h and the quantity 1 minus h, end quantity"),
    ("a/b", "a over b"),
    ("(a + b)/c", "the fraction with numerator a plus b and denominator c, end fraction"),
    ("sum(exp(x[k]) for k in N)", "the sum over k from 1 to N of e to the power x sub k"),
    ("sum(v[j] for j in N if j != 1)", "the sum over j not equal to 1 of v sub j"),
    ("-sum(y*log(yhat))", "minus the sum over i of y sub i times log of y hat sub i"),
    ("where(i == j, a, b)", "a if i equals j; b otherwise"),
    ("delta(i, j)", "the Kronecker delta of i and j"),
    ("log(a*b)", "log of the quantity a times b, end quantity"),
    ("log(a)*b", "the quantity log of a, end quantity times b"),
    ("a - (b - c)", "a minus the quantity b minus c, end quantity"),
    ("sum(x)*a", "the quantity the sum over i of x sub i, end quantity times a"),
    ("t**2", "t squared"),
    ("(a + b)**3", "the quantity a plus b, end quantity cubed"),
    ("softmax(theta)", "softmax of theta"),
    ("sigmoid(z)", "sigma of z"),
    ("A[i, :]", "row i of capital A"),
    ("A[i, j]", "capital A sub i j"),
    ("W1[i, p]", "entry i p of W sub 1"),
    ("h_prev", "h sub prev"),
    ("tr(A @ B)", "the trace of the quantity capital A times capital B, end quantity"),
    ("inv(A)", "capital A inverse"),
    ("norm(x)**2", "the quantity the norm of x, end quantity squared"),
    ("D(D(J, a), b)", "the second derivative of J with respect to b and a"),
    ("d(X)", "the differential of capital X"),
    ("matrix(x[i]*x[j] for i in N for j in N)",
     "the N by N matrix whose entry in row i and column j is x sub i times x sub j"),
    ("a*where(i == j, b, c)", "a times the quantity b if i equals j; c otherwise, end quantity"),
    ("exp(a + b) + exp(-a)",
     "e to the power the quantity a plus b, end quantity plus e to the power minus a"),
    ("softmax(A, axis=0)", "softmax along each column of capital A"),
    ("ones(Dx, 2*N + 1)", "the D sub x by 2 N plus 1 array of ones"),
    ("f(a + b)", "f of the quantity a plus b, end quantity"),
    ("1e-9*a", "1 times 10 to the power -9 times a"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SAID)
def test_a_formula_in_words(text: str, said: str) -> None:
    assert spoken(node(text), CONTEXT, ENGLISH) == said


def test_an_equation_and_a_line_that_goes_on() -> None:
    assert equation(node("D(J, z)"), node("yhat - y"), CONTEXT, ENGLISH).endswith(
        "with respect to z equals y hat minus y"
    )
    assert equation(None, node("yhat - y"), CONTEXT, ENGLISH) == "equals y hat minus y"


def test_another_language_has_its_own_words() -> None:
    assert spoken(node("D(J, W1) @ W1.T"), CONTEXT, GERMAN) == (
        "Klammer auf die Ableitung von J nach W Index 1 Klammer zu mal W Index 1 transponiert"
    )


def test_no_words_are_taken_for_those_of_a_function() -> None:
    # names of functions that the table says in its own way; `dot` is also an accent and is said as `inner`
    shared = set(FUNCTIONS) & set(ENGLISH)
    assert len(shared) > 15
    assert all("{of}" in ENGLISH[name] for name in shared - {"sum", "prod", "where", "dot"})


LETTERS = Context(names=dict.fromkeys("abtxyuwvABPQWDe", ()))
HEARD: dict[str, str] = {}


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(expressions(depth=3))
def test_any_formula_is_said_in_words_that_no_other_one_has(formula: Node) -> None:
    words, form = spoken(formula, LETTERS, ENGLISH), written(formula, LETTERS)
    assert HEARD.setdefault(words, form.tex) == form.tex
    assert spoken(formula, LETTERS, GERMAN)
    ElementTree.fromstring(mathml(form, words))

"""The LaTeX of declarations read into forms, and pieces of LaTeX side by side."""

from __future__ import annotations

import pytest
from typeset_helpers import CONTEXT, node

from solver.expr.functions import FUNCTIONS
from solver.rules.rule import all_rules
from solver.typeset.declared import BadFormula, declared
from solver.typeset.forms import Fraction, Grid, Primed, Row, Script, Token, Word
from solver.typeset.latex import latex
from solver.typeset.setting import NOT_ALONE

FORMS = [
    ("x_i^2", Script(Token("x"), Token("i"), Token("2"))),
    ("A^\\top", Script(Token("A"), None, Token(r"\top"))),
    (r"\tfrac{1}{2}", Fraction(Token("1"), Token("2"))),
    (r"\frac\partial{12}", Fraction(Token(r"\partial"), Token("12"))),
    ("f''", Primed(Token("f"), 2)),
    (r"\operatorname{log softmax}", Word("log softmax", "operatorname")),
    (r"\begin{cases} a & b \\ c \end{cases}", Grid(((Token("a"), Token("b")), (Token("c"),)), "cases")),
]


@pytest.mark.parametrize(("source", "form"), FORMS)
def test_a_declaration_is_read(source: str, form: object) -> None:
    assert declared(source) == form


@pytest.mark.parametrize("source", [r"\\sum_i", "{a", "a}", "^2", r"\begin{align} a \end{align}", r"\left( a"])
def test_what_is_not_a_formula_is_refused(source: str) -> None:
    with pytest.raises(BadFormula):
        declared(source)


def test_every_rule_and_function_has_a_formula_that_is_read() -> None:
    read = [declared(rule.formula) for rule in all_rules()]
    assert len(read) > 100
    assert all(isinstance(form, Row) for form in read)
    signs = [function.latex for function in FUNCTIONS.values() if function.latex not in ("", *NOT_ALONE)]
    assert len(signs) > 30
    # what a function is called on the page is what its row says
    assert [declared(sign).tex for sign in signs] == signs


@pytest.mark.parametrize(("name", "written"), [("sqrt", r"\operatorname{sqrt}"), ("tanh", r"\tanh")])
def test_a_sign_that_needs_an_argument_is_spelled_out(name: str, written: str) -> None:
    assert CONTEXT.function(name).tex == written


def test_a_command_does_not_take_the_letter_after_it() -> None:
    assert latex(node("lam*a"), CONTEXT).tex == r"\lambda a"
    assert latex(node("A[i, j]", theta=()), CONTEXT).tex == r"A_{ij}"

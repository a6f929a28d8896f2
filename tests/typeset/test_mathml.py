"""MathML from the same forms as the LaTeX: letters, scripts, parentheses, and every rule's formula."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from typeset_helpers import CONTEXT, network_problem, node, scalar_problem, sheet_view, softmax_problem

from solver.rules.rule import all_rules
from solver.typeset.declared import declared
from solver.typeset.forms import Token
from solver.typeset.latex import written
from solver.typeset.mathml import NoMathML, inner, mathml
from solver.typeset.view import CasesView

FORMS = [
    ("yhat", '<mover accent="true"><mi>𝒚</mi><mo stretchy="false">^</mo></mover>'),
    ("W1.T", "<msubsup><mi>𝑾</mi><mn>1</mn><mi>⊤</mi></msubsup>"),
    ("h_prev", "<msub><mi>𝒉</mi><mi>prev</mi></msub>"),
    ("x[i]", "<msub><mi>x</mi><mi>i</mi></msub>"),
    ("a/b", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
    ("-a", '<mo form="prefix">−</mo><mi>a</mi>'),
    ("a - b", '<mi>a</mi><mo form="infix">−</mo><mi>b</mi>'),
    ("y*z", "<mi>𝒚</mi><mo>⊙</mo><mi>𝒛</mi>"),
    ("log(a)", '<mi>log</mi><mspace width="0.167em"></mspace><mi>a</mi>'),
    ("theta", "<mi>𝜽</mi>"),
    ("d(X)", '<mi mathvariant="normal">d</mi><mi>𝑿</mi>'),
    ("indicator(i < j)",
     '<mi>𝟙</mi><mrow><mo form="prefix" stretchy="false">[</mo><mi>i</mi><mo>&lt;</mo><mi>j</mi>'
     '<mo form="postfix" stretchy="false">]</mo></mrow>'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "markup"), FORMS)
def test_a_form_in_mathml(text: str, markup: str) -> None:
    assert inner(written(node(text), CONTEXT)) == markup


def test_what_stands_in_parentheses_is_one_element_that_takes_the_script() -> None:
    tree = ElementTree.fromstring(f"<math>{inner(written(node('(A @ B).T'), CONTEXT))}</math>")
    (script,) = tree
    assert script.tag == "msup"
    assert "".join(script[0].itertext()) == "(𝑨𝑩)"


def test_a_display_s_sum_has_its_limits_over_and_under() -> None:
    markup = inner(written(node("sum(x[k] for k in N)"), CONTEXT))
    assert markup.startswith("<munderover><mo>∑</mo>")


def test_every_rule_s_formula_is_mathml() -> None:
    rules = list(all_rules())
    assert len(rules) > 100
    for rule in rules:
        tree = ElementTree.fromstring(mathml(declared(rule.formula), rule.name, display=True))
        text = "".join(tree.itertext())
        assert text, rule.name
        assert "\\" not in text, rule.name


def test_a_token_without_mathml_is_refused() -> None:
    with pytest.raises(NoMathML):
        inner(Token(r"\nothing"))


def test_every_formula_of_whole_derivations_is_mathml() -> None:
    view = sheet_view(softmax_problem(), network_problem(), scalar_problem())
    seen = 0
    for problem in view.problems:
        for part in problem.parts:
            for block in (block for each in part.derivations for block in each.blocks):
                for chain in block.chains if isinstance(block, CasesView) else (block,):
                    for line in chain.lines:
                        form = written(line.rhs, problem.context, marks=line.marks)
                        ElementTree.fromstring(mathml(form, "said", display=True))
                        seen += 1
    assert seen > 20

"""The program's own words: complete in every language, and an author's own file safe and plain to mend."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from solver.expr.nodes import Sym
from solver.expr.read import Scope, read
from solver.language.catalogue import OURS, UnknownLanguage, available, catalogue
from solver.latex import read_latex
from solver.pages import language
from solver.readback import in_english
from solver.rules.rule import all_rules
from solver.typeset.latex import Context, latex

RULES = {rule.name: rule.words for rule in all_rules()}


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def reasons_given() -> dict[str, str]:
    """Every name that the source gives to a reason, with where."""
    found = {}
    for room in ("rules", "methods"):
        for path in sorted((OURS.parent / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="Reason"), args=[ast.Constant(value=str(name)), *_]):
                        found[name] = f"{path.name}:{node.lineno}"
    return found


def test_every_reason_that_is_given_has_words() -> None:
    given = reasons_given()
    assert len(given) > 30
    known = language().reasons
    missing = {name: where for name, where in given.items() if name not in known}
    assert not missing, f"give these words in solver/language/en.toml and de.toml: {missing}"


@pytest.mark.parametrize("code", available())
def test_a_language_says_everything_and_fills_in_the_same(code: str) -> None:
    words, english = language(code), language()
    assert set(words.reasons) == set(english.reasons), "translate new rules and reasons in solver/language"
    for name, said in words.reasons.items():
        assert names(said) <= names(english.reasons[name]), name
        assert said, name


def test_there_is_english_and_another_language() -> None:
    assert {"en", "de"} <= set(available())
    assert catalogue("de").write == "Wir schreiben"
    assert not set(RULES) & set(catalogue("en").reasons), "a rule's words stand in its declaration alone"


def own(folder: Path, text: str) -> Path:
    (folder / "xx.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_author_s_own_words_win_and_the_rest_is_taken_from_another_language(tmp_path: Path) -> None:
    own(tmp_path, 'extends = "de"\n[page]\nhint = "Tipp."\n[reasons]\n"product rule" = "Leibniz"\n')
    words = language("xx", tmp_path)
    assert (words.hint, words.remark, words.reasons["product rule"]) == ("Tipp.", "Bemerkung.", "Leibniz")
    (tmp_path / "en.toml").write_text('extends = "en"\n[page]\nhint = "Try this."\n', encoding="utf-8")
    assert language("en", tmp_path).hint == "Try this."
    assert language("en").hint == "Hint."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say the language's name for LaTeX"),
        ('babel = "x \\\\input y"', "does not say the language's name for LaTeX"),
        ('babel = "french"', "lacks `answer`"),
        ("[page", "cannot be read"),
        ('extends = "en"\n[pages]\nhint = "x"', "no table `pages`"),
        ('extends = "en"\n[page]\nhints = "x"', "`hints`, which nothing prints"),
        ('extends = "en"\n[page]\nhint = 3', "`hint` is no words"),
        ('extends = "en"\n[page]\nhint = "{"', "a brace of `hint` has no partner"),
        ('extends = "en"\n[page]\nhint = "{x.__class__}"', "hold more than a name"),
        ('extends = "en"\n[page]\nrecord = "{digest:>999999999}"', "hold more than a name"),
        ('extends = "en"\n[page]\nhint = "{other}"', "names `other`, which is not filled in"),
        ('extends = "en"\n[formulas]\nif = "si $"', "`if` in [formulas] may hold letters only"),
        ('extends = "en"\n[formulas]\nif = "or"', "each word in [formulas] must be another one"),
        ('extends = "xx"', "there are no words for `xx`"),
        ('extends = "en"\n[page]\nhint = "' + "x" * 200_001 + '"', "larger than"),
    ],
)  # fmt: skip
def test_what_is_amiss_in_an_author_s_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnknownLanguage, match=re.escape(said)):
        language("xx", own(tmp_path, text))


def test_words_within_formulas_are_read_back_in_every_language() -> None:
    scope = Scope({"x": Sym("x")})
    node = read("where(x > 0 and x < 1, x, where(x > 2, -x, 0))", scope)
    for code in available():
        words = catalogue(code).formulas
        tex = latex(node, Context(names={"x": ()}, words=words)).tex
        assert rf"\text{{{words['if']} }}" in tex
        assert rf"\text{{ {words['and']} }}" in tex
        assert read_latex(in_english(tex, words), scope) == node


def test_a_catalogue_is_no_way_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "out.toml").write_text('extends = "en"')
    (tmp_path / "sheet").mkdir()
    (tmp_path / "sheet" / "xx.toml").symlink_to(tmp_path / "out.toml")
    with pytest.raises(UnknownLanguage, match="not a link"):
        language("xx", tmp_path / "sheet")


def test_a_language_without_words_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownLanguage, match=r"no words for `tlh`: write one of de, en, or a file `tlh\.toml`"):
        catalogue("tlh")

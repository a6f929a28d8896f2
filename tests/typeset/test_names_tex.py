"""Letter forms of names, and the escaping of words."""

from __future__ import annotations

import pytest

from solver.typeset import tex
from solver.typeset.names import letter
from solver.typeset.tex import NotTypeset


@pytest.mark.parametrize(
    ("name", "plain", "bold"),
    [
        ("x", "x", r"\bm{x}"),
        ("theta", r"\theta", r"\bm{\theta}"),
        ("yhat", r"\hat{y}", r"\hat{\bm{y}}"),
        ("y_hat", r"\hat{y}", r"\hat{\bm{y}}"),
        ("thetahat", r"\hat{\theta}", r"\hat{\bm{\theta}}"),
        ("xbar", r"\bar{x}", r"\bar{\bm{x}}"),
        ("xtilde", r"\tilde{x}", r"\tilde{\bm{x}}"),
        ("W1", "W_{1}", r"\bm{W}_{1}"),
        ("W12", "W_{12}", r"\bm{W}_{12}"),
        ("yhat1", r"\hat{y}_{1}", r"\hat{\bm{y}}_{1}"),
        ("h_prev", r"h_{\mathrm{prev}}", r"\bm{h}_{\mathrm{prev}}"),
        ("x_t", "x_{t}", r"\bm{x}_{t}"),
        ("x_t1", "x_{t_{1}}", r"\bm{x}_{t_{1}}"),
        ("W_x_h", "W_{x,h}", r"\bm{W}_{x,h}"),
        ("delta2", r"\delta_{2}", r"\bm{\delta}_{2}"),
        ("Delta3", r"\Delta_{3}", r"\bm{\Delta}_{3}"),
        ("Xhat", r"\hat{X}", r"\hat{\bm{X}}"),
        ("lam", r"\lambda", r"\bm{\lambda}"),
        ("lambda_", r"\lambda", r"\bm{\lambda}"),
        ("eps", r"\varepsilon", r"\bm{\varepsilon}"),
        ("ell", r"\ell", r"\bm{\ell}"),
        ("beta", r"\beta", r"\bm{\beta}"),
        ("CE", r"\mathrm{CE}", r"\mathbf{CE}"),
        ("loss", r"\mathrm{loss}", r"\mathbf{loss}"),
        ("hat", r"\mathrm{hat}", r"\mathbf{hat}"),
        ("somewhat", r"\mathrm{somewhat}", r"\mathbf{somewhat}"),
        ("x_star", r"x_{\star}", r"\bm{x}_{\star}"),
        ("σ", r"\sigma", r"\bm{\sigma}"),
    ],
)
def test_names_are_written_as_the_field_writes_them(name: str, plain: str, bold: str) -> None:
    assert letter(name).tex(False) == plain
    assert letter(name).tex(True) == bold


@pytest.mark.parametrize(
    ("name", "written"),
    [("D", "D"), ("Dx", "D_{x}"), ("D_x", "D_{x}"), ("n", "n"), ("Din", "D_{in}"), ("m1", "m_{1}"), ("Xi", r"\Xi")],
)
def test_sizes_split_a_capital_and_small_letters(name: str, written: str) -> None:
    assert letter(name, split=True).tex(False) == written


def test_two_ways_to_write_one_name_meet_and_different_names_do_not() -> None:
    assert letter("W1").tex(True) == letter("W_1").tex(True)
    names = ["x", "X", "x1", "xhat", "xbar", "x_hat1", "xi", "x_i", "chi", "rho", "p", "W1", "W", "W_in", "Win"]
    assert len({letter(name).tex(False) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("50 % of $x_1 & #2", r"50 \% of \$x\_1 \& \#2"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a^b~c", r"a\textasciicircum{}b\textasciitilde{}c"),
        ("n ≥ 2 – “so” σ", r"n \ensuremath{\geq} 2 -- ``so'' \ensuremath{\sigma}"),
        ("Müller, Łukasz", "Müller, Łukasz"),
        ("e\u0301", "é"),
        ("two\n  lines\t here", "two lines here"),
        ("zero\u200bwidth\x00", "zero width "),
        ("中", tex.REPLACEMENT),
        ("", ""),
        (" ", " "),
    ],
)
def test_words_are_escaped_character_by_character(words: str, written: str) -> None:
    assert tex.text(words).tex == written


def test_no_word_brings_a_live_character_into_latex() -> None:
    every = "".join(chr(code) for code in range(32, 127))
    written = tex.text(every).tex
    for escaped in tex.ESCAPES.values():
        written = written.replace(escaped, "")
    assert not set(written) & set("\\{}$&#%_^~")


def test_typeset_values_refuse_to_be_bare_strings() -> None:
    with pytest.raises(NotTypeset, match="bare string"):
        str(tex.math("x"))
    with pytest.raises(NotTypeset, match="bare string"):
        f"{tex.text('x')}"


def test_program_lines_keep_their_white_space_and_signs() -> None:
    assert tex.code("  a_b -= 'x'").tex == r"\ \ a\_b\ {-}=\ \textquotesingle{}x\textquotesingle{}"


def test_pdf_strings_hold_no_command_but_code_points() -> None:
    assert tex.pdf_string("∂ of x_1").tex == '\\unichar{"2202} of x\\unichar{"005F}1'
    assert tex.pdf_hex("σ").tex == "<FEFF03C3>"

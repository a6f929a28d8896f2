"""The runner of TeX: the same bytes twice, no shell, no other files, limits, errors with the problem they came from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from typeset_helpers import network_problem, scalar_problem, sheet_view, softmax_problem
from typeset_tex import needs_tex

from solver.typeset import build as runner
from solver.typeset.build import MachineError, TexError, build, compile_pdf, place
from solver.typeset.render import KINDS, Kind, render

HEAD = r"\documentclass{article}\usepackage{amsmath}\begin{document}" + "\n"
TAIL = "\n" + r"\end{document}"


@needs_tex
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_sheet_is_set_without_a_wide_line_or_a_missing_glyph(kind: Kind) -> None:
    view = sheet_view(softmax_problem(), network_problem(), scalar_problem())
    _, done = build(lambda squeeze: render(view, kind, squeeze=squeeze))
    assert done.overfull == ()
    assert done.missing == ()
    assert done.pdf.startswith(b"%PDF")


@needs_tex
def test_the_same_sheet_has_the_same_bytes_and_no_date() -> None:
    tex = render(sheet_view(scalar_problem()))
    first, second = compile_pdf(tex).pdf, compile_pdf(tex).pdf
    assert first == second
    assert b"/CreationDate" not in first


@needs_tex
def test_the_pages_text_copies_and_its_fonts_are_embedded(tmp_path: Path) -> None:
    view = sheet_view(softmax_problem())
    (tmp_path / "s.pdf").write_bytes(compile_pdf(render(view)).pdf)
    fonts = subprocess.run(["pdffonts", "s.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    rows = [line for line in fonts.splitlines()[2:] if line.strip()]
    assert len(rows) > 5
    for row in rows:
        embedded, _, unicode = row.split()[-5:-2]
        assert (embedded, unicode) == ("yes", "yes"), row
    text = subprocess.run(["pdftotext", "s.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Find the Jacobian of" in text
    assert "σ" in text
    assert "∂" in text
    info = subprocess.run(["pdfinfo", "s.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Softmax and backpropagation" in info


@needs_tex
def test_the_first_error_is_told_with_the_problem_and_part_it_came_from() -> None:
    tex = HEAD + "% problem: softmax, part: b\n\nfine\n\n$\\undefinedthing$\n" + TAIL
    with pytest.raises(
        TexError, match=r"problem softmax, part b: Undefined control sequence.*undefinedthing"
    ) as raised:
        compile_pdf(tex)
    assert (raised.value.problem, raised.value.part) == ("softmax", "b")


@needs_tex
def test_a_missing_package_is_the_machines_failure() -> None:
    with pytest.raises(MachineError, match=r"nosuchpackage\.sty"):
        compile_pdf(r"\documentclass{article}\usepackage{nosuchpackage}" + HEAD[23:] + TAIL)


@needs_tex
def test_an_error_inside_a_package_is_said_in_its_own_words() -> None:
    with pytest.raises(TexError, match="Unknown option 'nosuchlanguage'"):
        compile_pdf(r"\documentclass{article}\usepackage[nosuchlanguage]{babel}" + HEAD[23:] + TAIL)


def test_without_tex_one_sentence_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MachineError, match="texlive-latex-extra"):
        compile_pdf(HEAD + "x" + TAIL)


@needs_tex
def test_no_shell_and_no_files_outside_its_folder(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    done = compile_pdf(HEAD + rf"\immediate\write18{{touch {mark}}}x" + TAIL)
    assert done.pdf
    assert not mark.exists()
    (tmp_path / "secret.tex").write_text("SECRET")
    with pytest.raises(TexError):
        compile_pdf(HEAD + rf"\input{{{tmp_path}/secret}}" + TAIL)
    with pytest.raises(TexError):
        compile_pdf(HEAD + rf"\newwrite\w\immediate\openout\w={tmp_path}/out.txt \immediate\write\w{{x}}y" + TAIL)
    assert not (tmp_path / "out.txt").exists()


@needs_tex
def test_a_run_without_an_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SECONDS", 1)
    with pytest.raises(MachineError, match="did not finish within 1 seconds"):
        compile_pdf(HEAD + r"\def\x{\hbox{}\x}\def\y{\y}\y" + TAIL)


@needs_tex
def test_wide_lines_are_reported_with_their_problem_and_broken_again() -> None:
    def written(squeeze: float) -> str:
        width = 600 if squeeze > 0.95 else 100
        return HEAD + "% problem: wide, part: a\n\n" + rf"\noindent\rule{{{width}pt}}{{1pt}}" + "\n" + TAIL

    first = compile_pdf(written(1.0))
    assert [(each.problem, each.part) for each in first.overfull] == [("wide", "a")]
    assert first.overfull[0].points > 100
    tex, done = build(written)
    assert done.overfull == ()
    assert "100pt" in tex


@needs_tex
def test_lines_that_stay_too_wide_are_kept_and_said() -> None:
    tex, done = build(lambda squeeze: HEAD + r"\noindent\rule{600pt}{1pt}" + TAIL)
    assert len(done.overfull) == 1
    assert "600pt" in tex


@needs_tex
def test_a_glyph_that_the_fonts_lack_is_reported() -> None:
    assert compile_pdf(HEAD + r"\tracinglostchars=1 {\fontencoding{OT1}\selectfont\char200}x" + TAIL).missing


@needs_tex
def test_references_are_run_until_they_stand() -> None:
    assert compile_pdf(HEAD + r"\label{a}\pageref{a}" + TAIL).runs == 2
    assert compile_pdf(HEAD + "x" + TAIL).runs <= 2


TWO_PAGES = HEAD + r"\pageref{a}\newpage\label{a}x" + TAIL


@pytest.mark.parametrize(
    ("notes", "runs"),
    [(compile_pdf, 1), (b"\\relax\n", 2), (b"\\newlabel{a}{{}{7}{}{}{}}\n", 2), (b"\\nonsense\n", 2), (b"}{", 2)],
    ids=["right", "empty", "wrong", "refused", "broken"],
)
def test_notes_of_the_last_time_save_a_run_and_change_no_byte(notes: object, runs: int) -> None:
    fresh = compile_pdf(TWO_PAGES)
    assert fresh.runs == 2
    assert fresh.notes.keys() == {"sheet.aux"}
    given = {"sheet.aux": notes} if isinstance(notes, bytes) else fresh.notes
    again = compile_pdf(TWO_PAGES, notes=given)
    assert (again.runs, again.pdf, again.notes) == (runs, fresh.pdf, fresh.notes)


def test_a_line_belongs_to_the_comment_above_it() -> None:
    tex = "% problem: early\n\\begin{document}\na\n% problem: p\nb\n% problem: p, part: x-1\nc"
    assert place(tex, 3) == ("", "")
    assert place(tex, 5) == ("p", "")
    assert place(tex, 7) == ("p", "x-1")

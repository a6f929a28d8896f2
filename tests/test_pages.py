"""Every sheet of problems/ in every form, on both papers, in both sizes: what TeX, the PDF and its text say of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from solver.drawings import Image, Wanted, image
from solver.expr.derivation import Derivation
from solver.expr.nodes import Node
from solver.methods import derive
from solver.methods.earlier import Established
from solver.pages import language
from solver.sheets import read
from solver.spec.problem import Problem, Sheet, Space
from solver.spec.texts import pieces
from solver.typeset import latex, page
from solver.typeset.build import build, compile_pdf
from solver.typeset.render import render
from solver.typeset.view import PartView, ProblemView, Record, SheetView
from solver.upkeep import FORMS

ROOT = Path(__file__).resolve().parents[1]
needs_tex = pytest.mark.skipif(
    not all(map(shutil.which, ("pdflatex", "pdftotext", "pdffonts"))), reason="pdflatex or poppler is not installed"
)
MOST_EMPTY = 0.18
"""The share of a page at its foot that is left empty, on average: what stands together may move to the next."""
MOST_PAGES = {"solutions": 80, "handout": 30, "answers": 25, "rubric": 40}


def _derived(problem: Problem) -> dict[tuple[str, str], list[Derivation]]:
    """The derivations of every part, unjudged: other tests judge them."""
    made: dict[tuple[str, str], list[Derivation]] = {}
    earlier: list[Established] = []
    for part in problem.parts:
        found = [derive(problem, part, route, earlier) for route in part.by or (None,)]
        shown = [each for each in found if each.blocks]
        made[problem.name, part.id] = shown
        for each in shown[:1]:
            earlier += Established.of(part.id, each, problem.define)
    return made


@cache
def whole() -> SheetView:
    """All problems of all sheets on one, so that TeX starts but once for each form."""
    problems = [
        replace(problem, name=f"{problem.file.parent.name}-{problem.name}")
        for found in read([ROOT / "problems"])
        for problem in found.readable
    ]
    worked = {place: made for problem in problems for place, made in _derived(problem).items()}
    sheet = Sheet(ROOT / "problems", "all", "All the sheets, and `softmax`", "A course", tuple(problems), author="Ada")
    sheet = replace(sheet, space=Space(4, "lines"))
    return page.view(sheet, worked, Record(1, 1, 1, "0", "0"), language(), prose=pieces)


@cache
def figures() -> tuple[dict[str, bytes], dict[str, str]]:
    wanted = [Wanted(figure, language(), "pdf", "") for figure in whole().figures]
    drawn = [(each, image(each)) for each in wanted]
    images = [(each, found) for each, found in drawn if isinstance(found, Image)]
    assert len(images) == len(wanted) > 5
    alternatives = {each.view.file: found.alternative for each, found in images}
    return {each.file: found.content for each, found in images}, alternatives


def _poppler(program: str, folder: Path, *options: str) -> str:
    command = [program, *options, "sheet.pdf", *(["-"] if program == "pdftotext" else [])]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@needs_tex
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("paper", "large"), [("a4", False), ("letter", True)])
def test_a_form_of_all_sheets(tmp_path: Path, form: str, paper: str, large: bool) -> None:
    view = page.of_form(whole(), form)
    assets, alternatives = figures()

    def written(squeeze: float) -> str:
        return render(view, form, squeeze=squeeze, alternatives=alternatives, paper=paper, large=large)  # type: ignore[arg-type]

    source, done = build(written, assets)
    assert (done.overfull, done.missing) == ((), ())
    (tmp_path / "sheet.pdf").write_bytes(done.pdf)
    _fonts(_poppler("pdffonts", tmp_path), drawn=r"\sheetfigure{\linewidth" in source or r"\sheetfigure{52mm" in source)
    _properties(_poppler("pdfinfo", tmp_path), form, paper)
    _catalogue(done.pdf, view)
    text = _poppler("pdftotext", tmp_path, "-layout")
    _copied(text, form)
    if form != "handout":
        assert list(_orphans(text, view)) == []
    if form == "solutions" and not large:
        empty = list(_empty(_poppler("pdftotext", tmp_path, "-bbox")))
        assert len(empty) > 25
        assert sum(empty) / len(empty) < MOST_EMPTY, [f"{share:.2f}" for share in empty]


def _empty(boxes: str) -> Iterator[float]:
    """The share of each page but the last that is left empty at its foot."""
    pages = re.findall(r'<page width="[^"]*" height="([^"]*)">(.*?)</page>', boxes, re.DOTALL)
    for height, words in pages[:-1]:
        lines = sorted({round(float(end)) for end in re.findall(r'yMax="([^"]*)"', words)})
        top, foot, last = lines[0], lines[-1], max(line for line in lines if line < lines[-1] - 8)
        assert foot > 0.9 * float(height), "the foot has the page's number"
        yield (foot - last) / (foot - top)


def _fonts(table: str, drawn: bool) -> None:
    rows = [line for line in table.splitlines()[2:] if line.strip()]
    assert len(rows) > 5
    for row in rows:
        embedded, _, unicode = row.split()[-5:-2]
        assert (embedded, unicode) == ("yes", "yes"), row
        # matplotlib writes the words of figures as outlines, which are a Type 3 font
        assert drawn or "Type 3" not in row, row


def _properties(info: str, form: str, paper: str) -> None:
    found = dict(re.findall(r"^([\w ]+): *(.*)$", info, re.MULTILINE))
    assert found["Title"].startswith("All the sheets, and softmax: ")
    assert (found["Subject"], found["Author"]) == ("A course", "Ada")
    assert found["Page size"].startswith({"a4": "595.", "letter": "612 x 792"}[paper])
    assert 1 < int(found["Pages"]) <= MOST_PAGES[form]


def _catalogue(pdf: bytes, view: SheetView) -> None:
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    objects = pdf + b"".join(filter(None, map(_inflated, streams)))
    assert re.search(rb"/Lang ?\(en\)", objects)
    assert b"/DisplayDocTitle true" in objects
    parts = sum(len(problem.parts) for problem in view.problems)
    assert objects.count(b"/Title") >= len(view.problems) + parts > 60


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def _copied(text: str, form: str) -> None:
    """Text comes out as the characters that it shows."""
    composed = unicodedata.normalize("NFC", text)
    strange = {c for c in composed if unicodedata.category(c) in ("Co", "Cn", "Cc") and c not in "\n\f"}
    assert strange | (set(composed) & set("\ufffd∆̸")) == set()
    wanted = "ŷσ∑θℓ" if form == "handout" else "ŷσ∂∑θ⊙⊤Δδℓ"
    assert [char for char in wanted if char not in composed] == []


def _orphans(text: str, view: SheetView) -> Iterator[str]:
    """Headings and questions at the foot of a page."""
    headings = {_squashed(title) for problem in view.problems for title in _titles(problem)}
    questions = tuple(
        _squashed(_words(part.ask.pieces[-1:]))[-12:] for problem in view.problems for part in problem.parts
    )
    questions = tuple(end for end in questions if len(end) == 12)
    assert len(headings) > len(view.problems)
    assert len(questions) > 5
    pages = text.split("\f")[:-1]
    for number, content in enumerate(pages[:-1], 1):
        lines = [line.strip() for line in content.splitlines() if line.strip()]
        assert re.search(r"\d+ */ *\d+$", lines[-1]), "the foot has the page's number"
        foot = lines[-2]
        asked = re.match(r"\(\w{1,3}\) [A-Z]", foot) or _squashed(foot).endswith(questions)
        if asked or _squashed(foot) in headings:
            yield f"page {number}: {foot}"


def _titles(problem: ProblemView) -> Iterator[str]:
    yield f"{problem.number}{_words(problem.title.pieces)}"
    for part in problem.parts:
        yield from (_words(each.title.pieces) for each in part.derivations if each.title)


def _words(said: Sequence[object]) -> str:
    return "".join(piece for piece in said if isinstance(piece, str))


def _squashed(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- nothing of a solution on the handout ---------------------------------------------------------------------------


def _shorn(tex: str) -> str:
    """LaTeX without what only looks: spaces, sizes, bold."""
    return re.sub(r"\\(?:bm|mathbf)(?![a-z])|\\[,;! ]|\\[bB]igg?[lr]?(?![a-z])|[\s{}]", "", tex)


def _answers(problem: ProblemView, part: PartView) -> Iterator[str]:
    for box in part.answers:
        for side in box.sides:
            yield latex.latex(side, problem.context).tex


def _asked(problem: ProblemView) -> Iterator[str]:
    """All formulas that the author's own questions and settings say."""
    nodes = [node for name, value, _ in problem.setting.definitions for node in (name, value)]
    texts = [problem.title, problem.intro, *(about for _, about, _ in problem.setting.symbols)]
    texts += [text for part in problem.parts for text in (part.ask, part.hint)]
    nodes += [piece for text in texts for piece in text.pieces if isinstance(piece, Node)]
    for node in nodes:
        yield latex.latex(node, problem.context).tex
        yield latex.latex(node, problem.context, style="inline").tex


def _leaks(handout: str) -> list[str]:
    """The answers that a handout's LaTeX holds and no question does."""
    shown = _shorn(handout)
    found, looked = [], 0
    for problem in whole().problems:
        asked = " ".join(map(_shorn, _asked(problem)))
        for part in problem.parts:
            for answer in map(_shorn, _answers(problem, part)):
                looked += 1
                # a single letter is everywhere
                if len(answer) > 3 and answer in shown and answer not in asked:
                    found.append(f"{problem.name}, {part.id}: {answer}")
    assert looked > 45
    return found


def test_the_handout_holds_no_answer() -> None:
    assert (
        _leaks(
            render(page.of_form(whole(), "handout"), "handout", alternatives=figures()[1]).split(r"\begin{document}")[1]
        )
        == []
    )


LEAK = r"""<% extends "worked/handout.tex.j2" %><% import "worked/parts.tex.j2" as parts with context %>
<% block body %><% for problem in sheet.problems %><% for part in problem.parts %>
<% for box in part.answers %><( parts.answer(box, problem.context) )><% endfor %><% endfor %><% endfor %><% endblock %>
"""


def test_a_planted_answer_is_found_and_no_template_can_reach_one(tmp_path: Path) -> None:
    (tmp_path / "handout.tex.j2").write_text(LEAK)
    planted = render(whole(), "handout", search=(tmp_path,), alternatives=figures()[1]).split(r"\begin{document}")[1]
    assert len(_leaks(planted)) > 30
    hidden = page.of_form(whole(), "handout")
    assert _leaks(render(hidden, "handout", search=(tmp_path,), alternatives=figures()[1])) == []


PAGE = r"\begin{center}$\displaystyle %s$\end{center}\newpage" + "\n"


@needs_tex
def test_the_handouts_text_holds_no_answer(tmp_path: Path) -> None:
    assets, alternatives = figures()
    handout = render(page.of_form(whole(), "handout"), "handout", alternatives=alternatives)
    head = handout.split(r"\begin{document}")[0] + r"\pagestyle{empty}\begin{document}" + "\n"
    named = [(problem, part) for problem in whole().problems for part in problem.parts for _ in _answers(problem, part)]
    formulas = [tex for problem in whole().problems for part in problem.parts for tex in _answers(problem, part)]
    own = [tex for problem in whole().problems for tex in _asked(problem)]
    texts = []
    for name, source in (
        ("sheet", handout), ("sheet", head + "".join(PAGE % tex for tex in (*formulas, *own)) + r"\end{document}"),
    ):  # fmt: skip
        (tmp_path / f"{name}.pdf").write_bytes(compile_pdf(source, assets).pdf)
        texts.append(_poppler("pdftotext", tmp_path))
    shown = _squashed(texts[0])
    alone = [_squashed(each) for each in texts[1].split("\f")[:-1]]
    assert len(alone) == len(formulas) + len(own)
    answers, given = alone[: len(formulas)], alone[len(formulas) :]
    assert all(answers)
    leaked = [
        f"{problem.name}, {part.id}: {answer}"
        for (problem, part), answer in zip(named, answers, strict=True)
        if len(answer) > 3 and answer in shown and not any(answer in each for each in given)
    ]
    assert leaked == []


# --- the .tex beside, and the colours ---------------------------------------------------------------------------------


@needs_tex
def test_the_tex_beside_a_sheet_is_set_by_plain_pdflatex_and_reads_well(tmp_path: Path) -> None:
    one = replace(whole(), problems=whole().problems[-2:-1])
    tex = render(page.of_form(one, "rubric"), "rubric")
    body = tex.split(r"\begin{document}")[1]
    assert body.count("% problem: ") >= len(one.problems[0].parts)
    assert all(len(line) < 400 for line in tex.splitlines())
    assert "\n\n\n" not in tex
    (tmp_path / "sheet.tex").write_text(tex)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_stands_out_from_its_ground() -> None:
    base = (ROOT / "templates" / "base.tex.j2").read_text()
    colours = dict(re.findall(r"\\definecolor\{(\w+)\}\{HTML\}\{(\w{6})\}", base))
    assert set(colours) == {"ink", "soft", "paper"}
    assert _contrast("000000", "FFFFFF") == 21
    for name in ("ink", "soft"):
        assert _contrast(colours[name], "FFFFFF") > 7, name
        assert _contrast(colours[name], colours["paper"]) > 4.5, name

"""The page for the screen as text: valid HTML, complete in itself, every formula with its words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from pages import STATEMENTS, SVG, view, written

from solver.language.catalogue import catalogue
from solver.pages import language
from solver.typeset.templates import TemplateMistake
from solver.typeset.webpage import Entry, Picture, contents, page

XHTML = "{http://www.w3.org/1999/xhtml}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
TREE = html5lib.HTMLParser(strict=True).parse(written())


def test_the_page_is_html_without_a_mistake() -> None:
    # the parser above is strict; this shows that it finds what is wrong
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse(written().replace("</ol>", "", 1))
    html5lib.HTMLParser(strict=True).parse(contents([Entry("a/index.html", "A & B", "")], catalogue("de")))


def test_names_within_the_page_are_unique_and_what_is_named_is_there() -> None:
    ids = Counter(element.get("id") for element in TREE.iter() if element.get("id"))
    assert len(ids) > 20
    assert [name for name, count in ids.items() if count > 1] == []
    named = [
        name
        for element in TREE.iter()
        for key in ("popovertarget", "aria-labelledby")
        if (name := element.get(key)) is not None
    ]
    named += [link[1:] for a in TREE.iter(f"{XHTML}a") if (link := a.get("href", "")).startswith("#")]
    assert len(named) > 10
    assert set(named) <= set(ids)


def test_every_formula_has_its_words() -> None:
    parents = {child: parent for parent in TREE.iter() for child in parent}
    formulas = list(TREE.iter(f"{MATH}math"))
    assert len(formulas) > 100
    for formula in formulas:
        owner = parents[formula]
        said = owner.get("aria-label") if owner.get("role") == "math" else formula.get("alttext")
        assert said, "".join(formula.itertext())


def test_the_page_needs_no_script_and_no_network() -> None:
    assert not list(TREE.iter(f"{XHTML}script"))
    outside = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?((?!#|data:)[^"\' >)]+)', written())
    assert outside == []


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(each.tag[-1]) for each in TREE.iter() if re.fullmatch(rf"{re.escape(XHTML)}h[1-6]", str(each.tag))]
    assert levels.count(1) == 1
    assert len(levels) > 8
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_lines_keep_the_numbers_of_the_printed_sheet() -> None:
    numbers = [int(n) for n in re.findall(r'<span class="number">\((\d+)\)</span>', written())]
    printed = [
        line.number
        for problem in view().problems
        for part in problem.parts
        for each in part.derivations
        for block in each.blocks
        for chain in getattr(block, "chains", (block,))
        for line in chain.lines
    ]
    assert numbers == printed


def test_rules_that_lines_name_are_stated_once() -> None:
    stated = re.findall(r'<div popover id="rule-([^"]*)"', written())
    assert {"quotient-rule", "sum-rule", "product-rule"} <= set(stated)
    assert len(stated) == len(set(stated))
    assert STATEMENTS["quotient rule"].source in written()


def test_words_of_a_file_are_escaped() -> None:
    bad = replace(view(), course='<script>alert("x")</script>', title="a < b & c")
    made = page(bad, STATEMENTS, {figure.file: Picture(b"", '"><img>') for figure in view().figures})
    assert "<script" not in made
    assert "&lt;script&gt;" in made
    assert "<title>a &lt; b &amp; c</title>" in made
    assert 'alt="&#34;&gt;&lt;img&gt;"' in made


def test_an_own_template_wins_and_its_mistake_is_said(tmp_path: Path) -> None:
    own = tmp_path / "index.html.j2"
    own.write_text('{% extends "worked/index.html.j2" %}{% block style %}:root { --ink: #7a1f1f; }{% endblock %}')
    pictures = {figure.file: Picture(b"", "") for figure in view().figures}
    assert "--ink: #7a1f1f" in page(view(), {}, pictures, (tmp_path,))
    own.write_text("{{ sheet.nothing }}")
    with pytest.raises(TemplateMistake, match=r"index\.html\.j2:1: .*nothing"):
        page(view(), {}, pictures, (tmp_path,))
    own.write_text("{{ sheet.problems[0].title|prose }}")
    with pytest.raises(TemplateMistake, match="context"):
        page(view(), {}, pictures, (tmp_path,))


def test_a_sheet_in_another_language_is_said_and_spoken_in_it() -> None:
    german = replace(view(), catalogue=language("de"))
    made = page(german, {}, {figure.file: Picture(SVG, "") for figure in view().figures})
    assert '<html lang="de">' in made
    assert 'alttext="gleich ' in made
    assert 'alttext="equals ' not in made
    assert "Zu den Lösungen" in made


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, as WCAG defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_letters_stand_out_from_their_ground_in_both_schemes() -> None:
    schemes = re.findall(r":root \{(.*?)\}", written(), re.DOTALL)
    assert len(schemes) == 3  # light, dark, paper
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#\w{6})", scheme))
        for letters in ("text", "ink", "soft"):
            for ground in ("ground", "paper"):
                light, dark = sorted((luminance(colours[letters]), luminance(colours[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (letters, ground, colours)

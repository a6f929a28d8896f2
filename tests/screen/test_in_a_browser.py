"""The page for the screen in Chromium: formulas laid out, a phone's width, the keyboard, axe-core finding nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import AXE, Browser, missing
from pages import written

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


SHOWN = """
const seen = e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true});
return [...document.querySelectorAll('WHAT')].filter(seen).length;
"""
FINDINGS = """
return axe.run().then(r => [r.passes.length, r.violations.map(v => [v.id, v.nodes.map(n => n.html)])]);
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(written(), encoding="utf-8")
    return file


LAID_OUT = """
const seen = e => e.getClientRects().length > 0, box = e => e.getBoundingClientRect();
const wrong = [], count = {};
const check = (name, good) => document.querySelectorAll(name).forEach(e => {
  if (!seen(e)) return;
  count[name] = (count[name] || 0) + 1;
  if (!good(...[...e.children].map(box), box(e))) wrong.push(name + ' ' + e.textContent);
});
check('mfrac', (above, below, all) => above.bottom <= below.top + 1 && all.height > above.height);
const middle = r => (r.top + r.bottom) / 2;
check('msup', (base, above, all) => middle(above) < middle(base) && all.height > base.height);
check('msub', (base, below, all) => middle(below) > middle(base));
check('math[displaystyle] > munder', (sign, below) => below.top >= sign.bottom - 2);
check('msqrt', (inside, all) => all.width > inside.width);
check('mtable.bmatrix', (...rows) => rows.length < 3 || rows[1].top >= rows[0].bottom - 1);
return [wrong, count];
"""


def test_formulas_are_laid_out_as_mathematics(browser: Browser, page: Path) -> None:
    browser.open(page)
    wrong, count = browser.run(LAID_OUT)
    assert wrong == []
    assert all(count.get(name) for name in ("mfrac", "msup", "msub", "math[displaystyle] > munder", "mtable.bmatrix"))


OVERFLOW = """
const wrong = [];
document.querySelectorAll('.rhs, .lhs, .answer p, .answer, td, th, main p, h1, h2').forEach(e => {
  if (e.getClientRects().length && !e.closest('.scroll') && e.scrollWidth > e.clientWidth + 1
      && getComputedStyle(e).display != 'inline' && !e.classList.contains('unseen')
      && !e.closest('.unseen')) wrong.push(e.className + ' ' + e.textContent.slice(0, 60));
});
return [document.scrollingElement.scrollWidth, wrong];
"""


@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width)
    assert browser.run(OVERFLOW) == [width, []]
    hidden = "phone" if width > 500 else "desk"
    assert browser.run(f"return document.querySelectorAll('.{hidden}').length") > 0
    assert browser.run(SHOWN.replace("WHAT", f".{hidden}")) == 0


def test_single_steps_rules_and_detail_open_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    steps = SHOWN.replace("WHAT", "details.steps li")
    assert browser.run(steps) == 0
    browser.run("document.querySelector('details.steps > summary').focus()")
    browser.press("Enter", 13, "\r")
    assert browser.until(steps, lambda count: count > 0)
    browser.press("Enter", 13, "\r")
    browser.run("document.querySelector('button.why').focus()")
    browser.press("Enter", 13, "\r")
    assert browser.until("return document.querySelectorAll(':popover-open').length", lambda count: count == 1)
    browser.press("Escape", 27)
    assert browser.until("return document.querySelectorAll(':popover-open').length", lambda count: count == 0)
    routine = SHOWN.replace("WHAT", "li.folds")
    assert browser.run(routine) > 0
    browser.run("document.getElementById('detail-0').click()")
    assert browser.until(routine, lambda count: count == 0)
    browser.run("document.getElementById('detail-2').click()")
    assert browser.until(steps, lambda count: count > 0)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1000, "dark")])
def test_axe_finds_nothing(browser: Browser, page: Path, scheme: str, width: int) -> None:
    browser.open(page, width, scheme)
    browser.run(AXE.read_text(encoding="utf-8"))
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    passes, found = browser.run(FINDINGS)
    assert passes > 15
    assert found == []


def test_axe_would_find_what_is_amiss(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run(AXE.read_text(encoding="utf-8"))
    browser.run("document.querySelector('img').removeAttribute('alt'); document.documentElement.lang = ''")
    ids = browser.run("return axe.run().then(r => r.violations.map(v => v.id))")
    assert {"image-alt", "html-has-lang"} <= set(ids)

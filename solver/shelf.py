"""The list of the sheets that stand as pages in a folder: `build/index.html`."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from solver import output, record

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_COURSE = re.compile(r'<meta name="description" content="([^"]*)">')
_LINK = re.compile(r'<a href="([^"]*)/index.html">(.*?)</a>')


def arrange(out: Path) -> Path | None:
    """Writes the list of the pages that have their record, where it is not so already; the file if it was written.

    Without any page there is no list.
    """
    titles = dict(sorted(_pages(out).items()))
    file = out / "index.html"
    if not titles:
        file.unlink(missing_ok=True)
        return None
    there = file.read_text(encoding="utf-8") if file.is_file() else ""
    if {unescape(name): unescape(title) for name, title in _LINK.findall(there)} == {
        name: title for name, (title, _) in titles.items()
    }:
        return None
    from solver.language.catalogue import catalogue
    from solver.typeset.webpage import Entry, contents

    entries = [Entry(f"{name}/index.html", title, course) for name, (title, course) in titles.items()]
    output.replace(file, contents(entries, catalogue("en")).encode())
    return file


def _pages(out: Path) -> dict[str, tuple[str, str]]:
    """The title and the course of each page, by the name of its folder."""
    found = {}
    for file in sorted(out.glob("*/index.html")):
        try:
            outputs = record.load(file.with_suffix(".json")).outputs
        except record.BadRecord:
            continue
        text = file.read_text(encoding="utf-8")
        title, course = _TITLE.search(text), _COURSE.search(text)
        if file.name in outputs and title is not None and course is not None:
            found[file.parent.name] = (unescape(title[1]), unescape(course[1]))
    return found

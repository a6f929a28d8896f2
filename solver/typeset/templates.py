"""Templates: ours, and an author's own of the same name beside the problems, which win and may extend ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

import jinja2

from solver.typeset.tex import NotTypeset

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ENDINGS = (".tex.j2", ".html.j2")


class TemplateMistake(Exception):
    """What is amiss in an author's own template, with its file and line."""


def loader(search: Sequence[Path]) -> jinja2.BaseLoader:
    """Templates of the folders first, then ours; ours by the name `worked/…` always."""
    ours = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.ChoiceLoader([*map(_Own, search), jinja2.PrefixLoader({"worked": ours}), ours])


@contextmanager
def filling() -> Iterator[None]:
    """What goes wrong in an author's own template, as a TemplateMistake with its file and line."""
    try:
        yield
    except TemplateMistake:
        raise
    except Exception as error:
        place = _place(error)
        if place is None or place[0].is_relative_to(TEMPLATES):
            raise
        raise TemplateMistake(f"{place[0]}:{place[1]}: {_sentence(error)}") from error


def _place(error: Exception) -> tuple[Path, int] | None:
    """The file and line of the template in which the error came up."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return (Path(error.filename), error.lineno) if error.filename else None
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(ENDINGS)]
    return (Path(frames[-1].filename), frames[-1].lineno or 1) if frames else None


def _sentence(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template `{error.name}`: ours are called `worked/{error.name}`"
    return f"{error}" if isinstance(error, (jinja2.TemplateError, NotTypeset)) else f"{type(error).__name__}: {error}"


class _Own(jinja2.BaseLoader):
    """An author's templates: the files of one folder, and nothing that a link leads to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, None]:
        path = self.folder / template
        if template != path.name or not template.endswith(ENDINGS) or not os.path.lexists(path):
            raise jinja2.TemplateNotFound(template)
        if not path.is_file() or path.resolve().parent != self.folder.resolve():
            raise TemplateMistake(f"{path}:1: this is no file of its folder: put the template itself there, not a link")
        try:
            return path.read_text(encoding="utf-8"), str(path), None
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateMistake(f"{path}:1: it cannot be read: {error}") from error

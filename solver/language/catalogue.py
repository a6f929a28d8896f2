"""Every word that the program itself prints on a page, one catalogue a language.

A catalogue is a TOML file named by the language's code: `code` and `babel`, then the tables `page`, `routes`, `traits`,
`found`, `formulas`, `screen`, `speech`, `figures` and `reasons`. `en.toml` is the original; the words of rules stand in
their declarations and are reasons too. A file of the same name beside the problems wins over ours, and `extends = "de"`
in it takes from another language what it leaves out.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from string import Formatter
from typing import Any

OURS = Path(__file__).resolve().parent
ORIGINAL = "en"
ENDING = ".toml"
MOST_BYTES = 200_000
TABLES = ("page", "routes", "traits", "found", "formulas", "screen", "speech", "figures", "reasons")


class UnknownLanguage(Exception):
    """A language that has no catalogue, or a catalogue that cannot be used: what is amiss, in a sentence."""


@dataclass(frozen=True)
class Page:
    """The words around the mathematics. Braces name what is filled in."""

    write: str
    write_for: str
    restated: str
    where_given: str
    part: str
    verified: str
    record: str
    version: str
    hint: str
    remark: str
    answer: str
    point: str
    points: str
    scalar: str
    source: str
    row_label: str
    entry: str
    entries: str
    shape: str
    form_solutions: str
    form_handout: str
    form_answers: str
    form_rubric: str
    rubric_intro: str
    rubric_program: str
    rubric_table: str
    rubric_words: str


@dataclass(frozen=True)
class Catalogue(Page):
    """The program's words in one language.

    `babel` is the language's name for LaTeX; `reasons` are the words of rules, plans and introductions by their names.
    """

    code: str
    babel: str
    routes: Mapping[str, str]
    traits: Mapping[str, str]
    found: Mapping[str, str]
    """What a part has found, by kind of ask, without the full stop."""
    formulas: Mapping[str, str]
    """The words that stand in formulas, by the English ones."""
    screen: Mapping[str, str]
    """What only pages on the screen say."""
    speech: Mapping[str, str]
    """Formulas in words."""
    figures: Mapping[str, str]
    """What figures show, and the words in them."""
    reasons: Mapping[str, str]
    original: bool
    """Whether what it leaves out is said in English, rules' own words among them."""


def catalogue(code: str, beside: Path | None = None) -> Catalogue:
    """The words of a language by its code; a file in the folder `beside` wins. UnknownLanguage says what is amiss."""
    return _made(code, _words(code, beside, ()))


def saying(reasons: Mapping[str, str], words: Catalogue) -> Catalogue:
    """The catalogue with the words of rules, which are given in English; UnknownLanguage where it lacks its own."""
    if words.original:
        return replace(words, reasons={**reasons, **words.reasons})
    if missing := sorted(set(reasons) - set(words.reasons)):
        raise UnknownLanguage(_lacks(words.code, missing, "reasons"))
    return words


def available(beside: Path | None = None) -> list[str]:
    """The codes of the languages there are, in order."""
    return sorted({path.stem for folder in filter(None, (OURS, beside)) for path in folder.glob(f"*{ENDING}")})


def names(template: str) -> frozenset[str]:
    """What a template fills in."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


# --- reading ------------------------------------------------------------------------------------------------------

Tables = dict[str, dict[str, str]]


def _words(code: str, beside: Path | None, above: tuple[Path, ...]) -> Tables:
    """The tables of a language, with those of the language it extends below them."""
    path = next((path for path in _places(code, beside) if os.path.lexists(path) and path not in above), None)
    if path is None:
        there = ", ".join(code for code in available(beside) if code not in [each.stem for each in above])
        raise UnknownLanguage(f"there are no words for `{code}`: write one of {there}, or a file `{code}{ENDING}`")
    tables, extends = _read(path)
    if path == OURS / f"{ORIGINAL}{ENDING}":
        tables["original"] = {}
    if extends is None:
        return tables
    below = _words(extends, beside, (*above, path))
    return {name: {**below.get(name, {}), **tables.get(name, {})} for name in {*below, *tables}}


def _places(code: str, beside: Path | None) -> list[Path]:
    return [folder / f"{code}{ENDING}" for folder in (beside, OURS) if folder is not None]


def _read(path: Path) -> tuple[Tables, str | None]:
    """A catalogue's tables, all of them words with well-formed braces, and the language it extends."""
    if not path.is_file() or path.resolve().parent != path.parent.resolve():
        raise UnknownLanguage(f"{path.name} is no file of its folder: put the file itself there, not a link")
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise UnknownLanguage(f"{path.name} is larger than {MOST_BYTES} bytes")
        data = tomllib.loads(text.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnknownLanguage(f"{path.name} cannot be read: {error}") from error
    extends = data.pop("extends", None)
    if extends is not None and not isinstance(extends, str):
        raise UnknownLanguage(f"{path.name}: `extends` is the code of a language")
    top = {name: data.pop(name) for name in ("code", "babel") if name in data}
    tables: dict[str, Any] = {"": top, **data}
    for name, table in tables.items():
        if name and name not in TABLES:
            raise UnknownLanguage(f"{path.name}: there is no table `{name}`: write one of {', '.join(TABLES)}")
        if not isinstance(table, dict):
            raise UnknownLanguage(f"{path.name}: `{name}` is a table: write `[{name}]`")
        for key, words in table.items():
            _well_formed(path, key, words)
    return tables, extends


def _well_formed(path: Path, key: str, words: object) -> None:
    if not isinstance(words, str):
        raise UnknownLanguage(f"{path.name}: `{key}` is no words: write them in quotes")
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        raise UnknownLanguage(f"{path.name}: a brace of `{key}` has no partner") from None
    # nothing but names, whoever wrote them: a width or an attribute could cost memory or show what is not for the page
    if any(name is not None and (not name.isidentifier() or spec or conversion) for _, name, spec, conversion in parts):
        raise UnknownLanguage(f"{path.name}: the braces of `{key}` hold more than a name")


def _made(code: str, tables: Tables) -> Catalogue:
    """The catalogue of these tables; UnknownLanguage where words are missing, unknown, or fill in what is not there."""
    babel = tables.get("", {}).get("babel", "")
    if not babel.isalpha():
        raise UnknownLanguage(f'{code}{ENDING} does not say the language\'s name for LaTeX, as in `babel = "german"`')
    original = tables if code == ORIGINAL else _words(ORIGINAL, None, ())
    checked = {name: _checked(code, name, tables, original) for name in TABLES}
    formulas = checked["formulas"]
    if strange := sorted(key for key, words in formulas.items() if not words.replace(" ", "").isalpha()):
        raise UnknownLanguage(f"{code}{ENDING}: {_some(strange)} in [formulas] may hold letters only")
    if len(set(formulas.values())) < len(formulas):
        raise UnknownLanguage(f"{code}{ENDING}: each word in [formulas] must be another one")
    return Catalogue(
        **checked["page"],
        code=code,
        babel=babel,
        routes=checked["routes"],
        traits=checked["traits"],
        found=checked["found"],
        formulas=formulas,
        screen=checked["screen"],
        speech=checked["speech"],
        figures=checked["figures"],
        reasons=checked["reasons"],
        original="original" in tables,
    )


def _checked(code: str, table: str, tables: Tables, originals: Tables) -> dict[str, str]:
    """A table with all words of the original, which fill in nothing that the original does not."""
    given, original = tables.get(table, {}), originals.get(table, {})
    wanted = {field.name for field in fields(Page)} if table == "page" else set(original)
    if missing := sorted(wanted - set(given)):
        raise UnknownLanguage(_lacks(code, missing, table))
    # the words of rules are reasons too, and stand in their declarations
    if table != "reasons" and (unknown := sorted(set(given) - wanted)):
        raise UnknownLanguage(f"{code}{ENDING}: [{table}] has {_some(unknown)}, which nothing prints")
    for key in wanted:
        if unfilled := names(given[key]) - names(original[key]):
            raise UnknownLanguage(
                f"{code}{ENDING}: `{key}` in [{table}] names `{min(unfilled)}`, which is not filled in"
            )
    return given


def _lacks(code: str, missing: list[str], table: str) -> str:
    return f'{code}{ENDING} lacks {_some(missing)} in [{table}]: translate them, or say `extends = "en"`'


def _some(keys: list[str]) -> str:
    shown = ", ".join(f"`{key}`" for key in keys[:5])
    return shown if len(keys) <= 5 else f"{shown} and {len(keys) - 5} more"

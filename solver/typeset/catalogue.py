"""Every word the program itself prints on a page, one catalogue a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class UnknownLanguage(Exception):
    """A sheet in a language that has no catalogue."""


@dataclass(frozen=True)
class Catalogue:
    """The program's words in one language. Braces name what is filled in."""

    code: str
    babel: str
    routes: Mapping[str, str]
    traits: Mapping[str, str]
    write: str
    where_given: str
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
    figure_plot: str
    figure_heatmap: str
    course_none: str
    course_constant: str
    course_rises: str
    course_falls: str
    course_peak: str
    course_dip: str


ENGLISH = Catalogue(
    code="en",
    babel="english",
    routes={
        "cases": "By cases", "index": "In index notation", "chain": "By the chain rule",
        "differential": "By differentials", "kronecker": "With vec and Kronecker products", "matrix": "In matrix form",
        "scalar": "As for scalars", "identity": "By rewriting",
    },
    traits={
        "one-hot": "one-hot", "one-hot-rows": "one-hot rows", "one-hot-columns": "one-hot columns",
        "simplex": "entries positive with sum 1", "probability": "a probability", "positive": "positive",
        "nonnegative": "non-negative", "nonzero": "non-zero", "negative": "negative", "integer": "integer",
        "binary": "entries 0 or 1", "plus-minus-one": "entries ±1", "symmetric": "symmetric",
        "positive-definite": "positive definite", "orthogonal": "orthogonal", "diagonal": "diagonal",
        "triangular": "triangular", "invertible": "invertible", "full-rank": "of full rank", "constant": "constant",
    },
    write="We write",
    where_given="for",
    verified="{verified} of {lines} lines verified, {points} points each",
    record="record {digest}",
    version="worked {version}",
    hint="Hint.",
    remark="Remark.",
    answer="Answer",
    point="point",
    points="points",
    scalar="scalar",
    source="From",
    row_label="input",
    entry="entry",
    entries="entries",
    shape="shape",
    figure_plot="Curves for {variable} from {start} to {stop}: {courses}.",
    figure_heatmap="The {rows} by {columns} entries of {name}, from {low} to {high}; the largest in size stands in row "
    "{row}, column {column}.",
    course_none="has no value there",
    course_constant="is {value} throughout",
    course_rises="rises from {start} to {stop}",
    course_falls="falls from {start} to {stop}",
    course_peak="goes from {start} to {stop} with its largest value {value} at {variable} = {at}",
    course_dip="goes from {start} to {stop} with its smallest value {value} at {variable} = {at}",
)  # fmt: skip

CATALOGUES: Mapping[str, Catalogue] = {"en": ENGLISH}


def catalogue(language: str) -> Catalogue:
    """The words of a language, by its code. UnknownLanguage names those there are."""
    if language not in CATALOGUES:
        raise UnknownLanguage(f"no words for the language {language!r}: there are {', '.join(sorted(CATALOGUES))}")
    return CATALOGUES[language]

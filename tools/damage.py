"""Texts to damage, and ways to damage them: for `tools/fuzz.py`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from solver.expr.nodes import Node
from solver.expr.write import write
from solver.spec.load import find
from solver.spec.problem import Problem
from solver.typeset.latex import latex
from solver.typeset.page import context_of

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 60_000

FILE_TOKENS = (
    "symbols:", "define:", "parts:", "indices:", "given:", "notation: {vectors: column}", "- id: a", "gradient:",
    "of:", "wrt:", "steps:", "answer:", "by: [cases, matrix]", "figure:", "discuss:", "table:", "implement:",
    "is: one-hot", "shape: [D]", "shape: [10**8, D]", "shape: [2**64]", "order: 999999999", "points: 1e999", "&a ",
    "*a", "<<: *a", "!!python/name:os.system", "!!binary ", "? ", "- ", "| \n", ">-\n", "%YAML 1.1\n", "---\n",
    "...\n", "# ", "'", "\"", "`", "{", "}", "[", "]", ",", ": ", "\t", "\n  ", "\r", "\r\n", "null", "~", "true",
    "1e400", "-0", "0x1F", "2024-01-01", ".inf", ".nan", "\\u202e", "x: {shape: [x]}", "sum: {}", "D: {shape: [D]}",
    "pi: {}", "log: 1", "yhat: yhat", "a: b\n  b: a", "{of: L, wrt: L}", "{of: x, wrt: [x, x]}",
)  # fmt: skip
LANGUAGE_TOKENS = (
    "(", ")", "[", "]", ",", ":", "+", "-", "*", "/", "**", "@", ".T", " for ", " in ", " if ", " else ", "==", "!=",
    "<=", "<", " and ", " or ", "not ", "sum(", "prod(", "matrix(", "softmax(", "log(", "inv(", "kron(", "where(",
    "D(", "d(", "eye(", "basis(", "diag(", "axis=0", "axis=1", "i", "j", "n", "x", "A", "pi", "1", "0", "2.5", "1e9",
    "10**10", "**10**10", "sum(1 for i in 10**9)", "lambda: ", "__import__('os')", "x.__class__", "'", "\"", "#",
    "\\", "\n", "\x00", "True", "...", "f'{x}'", "x[1:2]", "x[i][j]", "*x", "**x", ":=",
)  # fmt: skip
LATEX_TOKENS = (
    "{", "}", "(", ")", "[", "]", "^", "_", "&", "\\\\", "\\", "$", "%", "#", "~", "'", "|", "=", "+", "-", "\\frac",
    "\\frac{", "\\sum_{i=1}^{N}", "\\sum", "\\prod", "\\left(", "\\right)", "\\left.", "\\right", "\\begin{bmatrix}",
    "\\end{bmatrix}", "\\begin{cases}", "\\end{cases}", "\\begin{aligned}", "\\end{aligned}", "\\begin{document}",
    "\\partial", "\\frac{\\partial J}{\\partial x}", "\\bm{x}", "\\hat{y}", "\\mathbf{W}", "\\operatorname{softmax}",
    "\\operatorname{", "\\odot", "\\otimes", "\\cdot", "\\top", "^{\\top}", "^{-1}", "\\lVert", "\\rVert", "\\lvert",
    "\\rvert", "\\dots", "\\cdots", "\\vdots", "\\ddots", "\\mathrm{d}", "\\mathbb{1}", "\\delta_{ij}", "\\log",
    "\\det", "\\text{", "\\input{/etc/passwd}", "\\def\\x{\\x\\x}\\x", "\\loop\\iftrue\\repeat", "\\newcommand",
    "\\char`\\^^M", "^^41", "\\csname x\\endcsname", "\\,",
)  # fmt: skip
STRANGE = (
    "\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b[2J", "\x85", "\u2028", "\ud800", "é", "é", "\ufb01",
    "\U0001d431", "²", "½", "−", "٣", "\U0010ffff",
)  # fmt: skip
NUMBERS = (
    "0",
    "-1",
    "1e9",
    "1e-999999",
    "10**10**10",
    "9" * 400,
    "9" * 5000,
    "1" + "0" * 309,
    "0." + "3" * 4000,
    "1_000",
    "0b1",
    "1e5000",
)
NESTS = (
    ("(", ")"), ("[", "]"), ("{", "}"), ("{a: ", "}"), ("- ", ""), ("exp(", ")"), ("-", ""), ("\\frac{1}{", "}"),
    ("^{", "}"), ("\\left(", "\\right)"), ("\\begin{bmatrix}", "\\end{bmatrix}"), ("\\hat{", "}"), ("D(", ", x)"),
    ("\\sqrt{", "}"), ("'", ""),
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """What there is to damage: whole files, and of each problem its formulas in the language and in LaTeX."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    language: tuple[tuple[str, ...], ...]
    latex: tuple[tuple[str, ...], ...]

    @staticmethod
    def gathered() -> Corpus:
        """The sheets, the docs' examples, the formulas of the sheets, and their LaTeX."""
        paths = [path for path in sorted(ROOT.glob("problems/*/*.yaml")) if path.name != "sheet.yaml"]
        pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
        prose = "\n".join(page.read_text(encoding="utf-8") for page in pages)
        files = [path.read_text(encoding="utf-8") for path in paths]
        files += re.findall(r"```yaml\n(.*?)```", prose, re.DOTALL)
        shown = tuple(re.findall(r"`(\\[^`]+)`", prose))
        problems = tuple(problem for sheet in find([ROOT / "problems"]) for problem in sheet.readable)
        formulas = [_formulas(problem) for problem in problems]
        language = tuple(tuple(map(write, nodes)) for nodes in formulas)
        tex = tuple(
            (*(latex(node, context_of(problem, [])).tex for node in nodes), *shown)
            for problem, nodes in zip(problems, formulas, strict=True)
        )
        return Corpus(tuple(files), problems, language, tex)

    def texts(self, target: str) -> tuple[str, ...]:
        """What a reader reads: `file`, `language 3` or `latex 3`, of the third problem."""
        match target.split():
            case ["language", number]:
                return self.language[int(number)]
            case ["latex", number]:
                return self.latex[int(number)]
        return self.files


def _formulas(problem: Problem) -> list[Node]:
    answers = [part.answer for part in problem.parts if part.answer is not None]
    asked = [of for part in problem.parts if isinstance(of := getattr(part.ask, "of", None), Node)]
    return [*problem.define.values(), *answers, *asked]


def damaged(corpus: Corpus, target: str, rng: random.Random) -> str:
    """A text of the corpus after a few changes."""
    texts = corpus.texts(target)
    tokens = {"file": FILE_TOKENS, "language": LANGUAGE_TOKENS, "latex": LATEX_TOKENS}[target.split()[0]]
    scratch = "".join(rng.choice(tokens) for _ in range(rng.randint(1, 40)))
    text = scratch if rng.random() < 0.1 else rng.choice(texts)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        text = rng.choice(WAYS)(text, tokens, texts, rng)[:LONGEST]
    return text


# --- one change -------------------------------------------------------------------------------------------------------

Change = Callable[[str, tuple[str, ...], tuple[str, ...], random.Random], str]


def _span(text: str, rng: random.Random, longest: int = 40) -> tuple[int, int]:
    start = rng.randrange(len(text) + 1)
    return start, min(len(text), start + rng.randint(0, longest))


def _cut(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    start, end = _span(text, rng)
    return text[:start] + text[end:]


def _put(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    start, end = _span(text, rng, 3)
    return text[:start] + rng.choice(tokens) + text[end:]


def _strange(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    start, _ = _span(text, rng)
    return text[:start] + rng.choice(STRANGE) + text[start:]


def _repeat(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    start, end = _span(text, rng)
    return text[:end] + text[start:end] * rng.choice((1, 2, 10, 300, 3000)) + text[end:]


def _number(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    places = [found.span() for found in re.finditer(r"\d+", text)]
    start, end = rng.choice(places) if places else _span(text, rng, 2)
    return text[:start] + rng.choice(NUMBERS) + text[end:]


def _nest(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    start, end = _span(text, rng)
    opening, closing = rng.choice(NESTS)
    deep = rng.choice((1, 3, 59, 130, 2000))
    return text[:start] + opening * deep + text[start:end] + closing * deep * (rng.random() < 0.8) + text[end:]


def _splice(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    other = rng.choice(texts)
    return text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :]


def _swap_names(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    """One name for another: names that shadow, definitions in circles, shapes that do not fit."""
    names = sorted(set(re.findall(r"[A-Za-z_]\w*", text)))
    if len(names) < 2:
        return text
    one, other = rng.sample(names, 2)
    if rng.random() < 0.2:
        other = rng.choice(("sum", "pi", "D", "for", "if", "None", "x" * 300, "x_", "__init__", "σ"))
    places = [found.span() for found in re.finditer(rf"\b{re.escape(one)}\b", text)]
    for start, end in reversed(places if rng.random() < 0.4 else [rng.choice(places)] if places else []):
        text = text[:start] + other + text[end:]
    return text


def _lines(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    """A line moved, indented, doubled."""
    lines = text.split("\n")
    number = rng.randrange(len(lines))
    line = lines[number]
    match rng.randrange(4):
        case 0:
            lines.insert(rng.randrange(len(lines) + 1), lines.pop(number))
        case 1:
            lines[number] = " " * rng.randint(0, 9) + line.lstrip()
        case 2:
            lines.insert(number, line)
        case _:
            lines[number] = line + rng.choice(tokens)
    return "\n".join(lines)


def _explode(text: str, tokens: tuple[str, ...], texts: tuple[str, ...], rng: random.Random) -> str:
    """Anchors that double at each line."""
    names = "abcdefghijklmnopqrstuvwxyz"[: rng.randint(2, 26)]
    bombs = [f"{names[0]}: &{names[0]} [x, x]"]
    bombs += [f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in pairwise(names)]
    at = rng.choice((0, len(text)))
    return text[:at] + "\n".join(["", *bombs, ""]) + text[at:]


WAYS: tuple[Change, ...] = (
    _cut, _cut, _put, _put, _put, _strange, _repeat, _number, _nest, _splice, _swap_names, _swap_names, _lines, _explode
)  # fmt: skip

"""The JSON Schema: it takes what the reader takes, and says what each key is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from spec_helpers import SETTING, part
from test_problem_files import EVERYTHING

from solver.spec.asks import ASKS
from solver.spec.figures import FIGURES
from solver.spec.problem import ROUTES, TRAITS
from solver.spec.schema import schema

SCHEMA = schema()
PROBLEMS = sorted(path for path in Path(__file__).parents[2].glob("problems/*/*.yaml") if path.name != "sheet.yaml")
KINDS = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "array": list, "object": dict}
USED = {
    "$ref", "$schema", "$defs", "title", "description", "examples", "default", "type", "properties", "required",
    "additionalProperties", "propertyNames", "items", "anyOf", "oneOf", "enum", "const", "pattern", "minItems",
    "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "maxLength",
}  # fmt: skip


def complaints(value: Any, rule: Any, at: str = "") -> Iterator[str]:
    """Where the value breaks the rule: the part of JSON Schema that ours uses."""
    assert set(rule) <= USED, set(rule) - USED
    if "$ref" in rule:
        yield from complaints(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")], at)
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{at}: {value!r} is no {kinds}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{at}: {value!r} is none of {rule['enum']}"
    if "const" in rule and value != rule["const"]:
        yield f"{at}: {value!r} is not {rule['const']}"
    for word, count in (("anyOf", 1), ("oneOf", 1)):
        fits = [not list(complaints(value, each, at)) for each in rule.get(word, [])]
        if word in rule and (sum(fits) < count or (word == "oneOf" and sum(fits) > 1)):
            yield f"{at}: {value!r} fits {sum(fits)} of {word}"
    if _is(value, "number") and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        yield f"{at}: {value} is out of range"
    if isinstance(value, str) and "pattern" in rule and not re.search(rule["pattern"], value):
        yield f"{at}: {value!r} does not match"
    if isinstance(value, list):
        if len(value) < rule.get("minItems", 0) or len(value) > rule.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        for number, item in enumerate(value):
            yield from complaints(item, rule.get("items", {}), f"{at}[{number}]")
    if isinstance(value, dict):
        yield from _object(value, rule, at)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)


def _object(value: dict[str, Any], rule: Any, at: str) -> Iterator[str]:
    yield from (f"{at}: {key} is missing" for key in rule.get("required", []) if key not in value)
    if len(value) < rule.get("minProperties", 0):
        yield f"{at}: too few keys"
    others = rule.get("additionalProperties", True)
    for key, item in value.items():
        yield from complaints(key, rule.get("propertyNames", {}), f"{at}.{key}")
        if key in rule.get("properties", {}):
            yield from complaints(item, rule["properties"][key], f"{at}.{key}")
        elif others is False:
            yield f"{at}: unknown key {key}"
        elif others is not True:
            yield from complaints(item, others, f"{at}.{key}")


def loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_problems_of_this_repository_fit() -> None:
    assert PROBLEMS
    for path in PROBLEMS:
        assert list(complaints(loaded(path.read_text(encoding="utf-8")), SCHEMA)) == [], path


GOOD = [
    EVERYTHING,
    part("hessian: {of: L, wrt: [x, A]}"),
    part("derivative: {of: L, wrt: c, order: 2}"),
    part("simplify: 1"),
    part("shapes: all"),
    part("count: [A, B]"),
    part("discuss: true"),
    part("discuss: {table: {columns: {a: x}, rows: [{label: w, x: [1, 1e-320]}]}}"),
    part("steps: [x = x, {line: = x, reason: words, facts: [a, b]}]"),
    part("implement: {of: L, wrt: A, name: net}"),
    part("prove: x == x", "figure: {heatmap: {of: A, at: {A: [[1, 0], [0, 1]]}}}"),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_fits(text: str) -> None:
    assert list(complaints(loaded(text), SCHEMA)) == []


BAD = [
    SETTING,
    "parts: []",
    "titel: x\n" + part("simplify: x"),
    part("ask: words"),
    part("simplify: x", "prove: x == x"),
    part("gradient: {of: L}"),
    part("gradient: {of: L, wrt: x, order: 2}"),
    part("simplify: x", "by: caess"),
    part("simplify: x", "points: -1"),
    part("simplify: x", "figure: {polt: {}}"),
    part("derivative: {of: L, wrt: c, order: 0}"),
    "symbols: {x: {is: one-hut}}\n" + "parts: [{simplify: 1}]",
    "symbols: {2x: {}}\n" + "parts: [{simplify: 1}]",
    "notation: {vectors: rows}\n" + "parts: [{simplify: 1}]",
]


@pytest.mark.parametrize("text", BAD)
def test_what_the_reader_refuses_by_its_form_does_not_fit(text: str) -> None:
    assert list(complaints(loaded(text), SCHEMA))


def test_the_schema_is_json_and_its_references_lead_somewhere() -> None:
    text = json.dumps(SCHEMA)
    references = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', text))
    assert references
    assert references == SCHEMA["$defs"].keys()


def test_every_key_is_described() -> None:
    holders = {"the file": SCHEMA, **SCHEMA["$defs"]}
    keys = [(name, key, rule) for name, each in holders.items() for key, rule in each.get("properties", {}).items()]
    assert len(keys) > 40
    for name, key, rule in keys:
        assert rule.get("description"), f"{key} of {name} has no description"


def test_every_ask_figure_route_and_trait_is_named() -> None:
    parts, figure = SCHEMA["$defs"]["Part"]["properties"], SCHEMA["$defs"]["Figure"]["properties"]
    text = json.dumps(SCHEMA)
    assert ASKS.keys() <= parts.keys()
    assert FIGURES.keys() == figure.keys()
    assert json.dumps(list(ROUTES)) in text
    assert json.dumps(list(TRAITS)) in text

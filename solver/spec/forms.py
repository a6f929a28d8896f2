"""The forms a value of a problem file may take: one or a list, a mapping or one field of it, numbers in rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from solver.spec.leaves import bad, is_empty
from solver.spec.tree import Fields, Items, Key, Scalar, Value, placed


@dataclass(frozen=True)
class OneOrMany:
    """A list, or one of its items alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_listed, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


@dataclass(frozen=True)
class Short:
    """A mapping, or its field `key` alone: `x: text` for `x: {key: text}`."""

    key: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": ["string", "number"]}, hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._lengthen, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [dict(self.schema), handler(schema)]}

    def _lengthen(self, value: object) -> object:
        return wrapped(value, self.key) if isinstance(value, Scalar) else value


@dataclass(frozen=True)
class Alone:
    """The field `key` of a model, without the mapping around it: `count: [W1]`."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(lambda value: wrapped(value, self.key), handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(handler.resolve_ref_schema(handler(schema))["properties"][self.key])


@dataclass(frozen=True)
class Bare:
    """A mapping, or `true` for one without keys."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_emptied, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"const": True}, handler(schema)]}


def wrapped(value: Value, key: str) -> Fields:
    """`{key: value}`, at the place of the value."""
    scalar = value if isinstance(value, Scalar) else Scalar("", None, value.source, value.start, value.start + 1)
    name = Key(key)
    name.scalar = scalar
    return placed(Fields({name: value}), value.source, value.start, value.end)


def _emptied(value: object) -> object:
    if isinstance(value, Scalar) and (is_empty(value) or value.text == "true"):
        return placed(Fields(), value.source, value.start, value.end)
    return value


def _listed(value: object) -> object:
    if isinstance(value, Scalar | Fields):
        return placed(Items([value]), value.source, value.start, value.end)
    return value


def nested(value: object, what: str) -> list[list[Scalar]]:
    """The rows of a number, of a list of numbers or of a list of such lists; `bad(…)` for anything else."""
    if isinstance(value, Scalar):
        return [[_one(value, what)]]
    if not isinstance(value, Items) or not value:
        raise bad(f"wanted {what}, a list of them or a list of lists of them")
    if all(isinstance(item, Scalar) for item in value):
        return [[_one(item, what) for item in value]]
    rows = []
    for item in value:
        if not isinstance(item, Items) or not all(isinstance(each, Scalar) for each in item):
            raise bad(f"a matrix is a list of rows, each a list of {what}", at=item)
        if len(item) != len(value[0]) or not item:
            raise bad(f"this row has {len(item)} entries, the first has {len(value[0])}", at=item)
        rows.append([_one(each, what) for each in item])
    return rows


def _one(scalar: Scalar, what: str) -> Scalar:
    if is_empty(scalar):
        raise bad(f"nothing is written here, wanted {what}", at=scalar)
    return scalar


@dataclass(frozen=True)
class Nested:
    """A value to put in: one, a list or a list of lists; what stands in it is read later."""

    what: str
    item: Mapping[str, Any] = field(hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        row = {"type": "array", "items": dict(self.item), "minItems": 1}
        return {"anyOf": [dict(self.item), row, {"type": "array", "items": row, "minItems": 1}]}

    def validate(self, value: object) -> object:
        nested(value, self.what)
        return value


Values = Annotated[Any, Nested("a number", {"type": "number"})]
Entries = Annotated[Any, Nested("an expression", {"type": ["string", "number"]})]

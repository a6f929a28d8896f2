"""What a field of a problem file may hold: texts, expressions, names, numbers, choices, one or a list of them.

Each is an annotation for a pydantic model: it checks what the file says at that place, and describes itself in the
JSON Schema. A field keeps the scalar itself wherever its place will be needed.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from solver.spec.mistakes import instead
from solver.spec.traps import quoted
from solver.spec.tree import Fields, Items, Key, Scalar, Value, placed

MAX_NAME = 40
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_RENAMED = {"lambda": "lam"}
_MAX_DIGITS = 400
_MAX_EXPONENT = 5
"""How long a number and its exponent may be: a float's fit well within."""


def bad(message: str, hint: str = "", at: Value | None = None) -> PydanticCustomError:
    """A mistake over `at`, or over the value at hand."""
    return PydanticCustomError("leaf", "{message}", {"message": message, "hint": hint, "at": at})


@dataclass(frozen=True)
class Leaf:
    """A scalar; `convert` gives the field's value or raises `bad(…)`."""

    what: str
    convert: Callable[[Scalar], Any] = lambda scalar: scalar
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": ["string", "number"]}, hash=False)
    empty: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)

    def validate(self, value: object) -> Any:
        if isinstance(value, Items | Fields):
            kind = "a list" if isinstance(value, Items) else "a mapping"
            raise bad(f"read {kind}, wanted {self.what}", _quotes(value))
        assert isinstance(value, Scalar)
        if is_empty(value) and not self.empty:
            raise bad(f"nothing is written here, wanted {self.what}", "write it, or leave the key out")
        return self.convert(value)


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


def is_empty(scalar: Scalar) -> bool:
    """Whether the scalar is YAML's null, or blank."""
    return (scalar.style is None and scalar.text in ("", "~", "null")) or not scalar.text.strip()


def _listed(value: object) -> object:
    if isinstance(value, Scalar | Fields):
        return placed(Items([value]), value.source, value.start, value.end)
    return value


def _quotes(value: Items | Fields) -> str:
    text = value.source.text[value.start : value.end]
    if text[:1] not in ("[", "{") or "\n" in text:
        return ""
    return f"if it is one text, put it in quotes: {quoted(text)}"


def choice(known: Sequence[str], what: str) -> Leaf:
    """One of the known words."""

    def convert(scalar: Scalar) -> Scalar:
        if scalar.text not in known:
            raise bad(f"`{scalar.text[:60]}` is no {what}", instead(scalar.text, known))
        return scalar

    return Leaf(f"a {what}", convert, {"enum": list(known)})


def name_mistake(name: str) -> tuple[str, str] | None:
    """Why a text cannot be a name of the language, and what to write instead; None where it can."""
    if keyword.iskeyword(name):
        return (
            f"`{name}` is a word of the language and cannot be a name",
            f"write `{_RENAMED.get(name, name + '_')}` instead",
        )
    if name == "pi":
        return "`pi` is the number and cannot be a name", "write `pi_` or another name instead"
    if len(name) > MAX_NAME:
        return f"a name of {len(name)} letters is too long", f"up to {MAX_NAME} are allowed"
    if NAME.fullmatch(name):
        return None
    hint = "a name starts with a Latin letter and goes on with letters, digits and `_`"
    latin = [_latin(char) for char in name]
    if all(latin) and NAME.fullmatch("".join(latin)):
        hint = f"write `{''.join(latin)}` instead: {hint}"
    return f"`{name}` cannot be a name", hint


def _latin(char: str) -> str:
    """`θ` -> `theta`; a letter, digit or `_` as it is; nothing for anything else."""
    if char.isascii():
        return char if char.isalnum() or char == "_" else ""
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", unicodedata.name(char, ""))
    if found is None:
        return ""
    word = found[2].lower().replace("lamda", "lam")
    return word.capitalize() if found[1] == "CAPITAL" else word


def _name(scalar: Scalar) -> Scalar:
    found = name_mistake(scalar.text)
    if found:
        raise bad(*found)
    return scalar


def number_mistake(text: str) -> tuple[str, str] | None:
    """Why a text is no decimal number, and what to write instead; None where it is one."""
    if not NUMBER.fullmatch(text):
        return f"`{text[:60]}` is no number", "write it as `2`, `-0.5` or `1e-3`"
    if len(text) > _MAX_DIGITS or len(text.lower().partition("e")[2]) > _MAX_EXPONENT:
        return f"a number of {len(text)} characters is too long", ""
    return None


def number(low: float, high: float) -> Leaf:
    """A number from `low` to `high`."""

    def convert(scalar: Scalar) -> float:
        found = number_mistake(scalar.text)
        if found:
            raise bad(*found)
        value = float(scalar.text)
        if not math.isfinite(value) or not low <= value <= high:
            raise bad(f"{scalar.text[:60]} is out of range", f"from {low:g} to {high:g}")
        return value

    return Leaf("a number", convert, {"type": "number", "minimum": low, "maximum": high})


def whole(low: int, high: int) -> Leaf:
    """A whole number from `low` to `high`."""

    def convert(scalar: Scalar) -> int:
        if not re.fullmatch(r"[-+]?\d{1,18}", scalar.text):
            raise bad(f"`{scalar.text[:60]}` is no whole number", f"from {low} to {high}")
        value = int(scalar.text)
        if not low <= value <= high:
            raise bad(f"{value} is out of range", f"from {low} to {high}")
        return value

    return Leaf("a whole number", convert, {"type": "integer", "minimum": low, "maximum": high})


def _flag(scalar: Scalar) -> bool:
    if scalar.text not in ("true", "false") or scalar.style is not None:
        raise bad(f"`{scalar.text[:60]}` is neither `true` nor `false`")
    return scalar.text == "true"


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


@dataclass(frozen=True)
class LabelKey:
    """A key that is words; an `optional` one may be empty."""

    optional: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}

    def validate(self, key: object) -> Key:
        assert isinstance(key, Key)
        if not key.strip() and not self.optional:
            raise bad("a label is missing", "write `words: expression`", at=key.scalar)
        return key


@dataclass(frozen=True)
class NameKey:
    """A key that is a name of the language."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{NAME.pattern}$"}

    def validate(self, key: object) -> Key:
        assert isinstance(key, Key)
        found = name_mistake(key)
        if found:
            raise bad(*found, at=key.scalar)
        return key


Text = Annotated[Scalar, Leaf("a text")]
"""Words, with mathematics between backticks."""
Expression = Annotated[Scalar, Leaf("an expression")]
SizeText = Annotated[Scalar, Leaf("a size")]
Flag = Annotated[bool, Leaf("`true` or `false`", _flag, {"type": "boolean"})]
Named = Annotated[Key, NameKey()]
Label = Annotated[Key, LabelKey()]
Values = Annotated[Any, Nested("a number", {"type": "number"})]
Entries = Annotated[Any, Nested("an expression", {"type": ["string", "number"]})]

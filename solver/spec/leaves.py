"""What a single value of a problem file may be: a text, an expression, a name, a number, a choice.

Each is an annotation for a pydantic model: it checks what the file says at that place, and describes itself in the
JSON Schema. A field keeps the scalar itself wherever its place will be needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from solver.expr.read import ReadError, check_name
from solver.expr.scan import MAX_NAME
from solver.spec.mistakes import instead
from solver.spec.problem import Space
from solver.spec.traps import cure
from solver.spec.tree import Fields, Items, Key, Scalar, Value

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
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


def is_empty(scalar: Scalar) -> bool:
    """Whether the scalar is YAML's null, or blank."""
    return (scalar.style is None and scalar.text in ("", "~", "null")) or not scalar.text.strip()


def _quotes(value: Items | Fields) -> str:
    text = value.source.text[value.start : value.end]
    if text[:1] not in ("[", "{") or "\n" in text:
        return ""
    return f"if it is one text, {cure(text)}"


def choice(known: Sequence[str], what: str) -> Leaf:
    """One of the known words."""

    def convert(scalar: Scalar) -> Scalar:
        if scalar.text not in known:
            raise bad(f"`{scalar.text[:60]}` is no {what}", instead(scalar.text, known))
        return scalar

    return Leaf(f"a {what}", convert, {"enum": list(known)})


def number_mistake(text: str) -> tuple[str, str] | None:
    """Why a text is no decimal number, and what to write instead; None where it is one."""
    if not _NUMBER.fullmatch(text):
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
        if not re.fullmatch(r"[-+]?[0-9]{1,18}", scalar.text):
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


_SPACE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) *(lines?|cm|mm|in)")
_MOST_SPACE = {"lines": 100, "cm": 100, "mm": 1000, "in": 40}


def space(text: str) -> Space:
    """Room for an answer, `8 lines` or `6 cm`; ValueError with what is amiss."""
    found = _SPACE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"`{text[:60]}` is no room for an answer: write it as `8 lines`, `6 cm`, `45 mm` or `2.5 in`")
    unit = cast(Any, "lines" if found[2] == "line" else found[2])
    amount = float(found[1])
    if unit == "lines" and not amount.is_integer():
        raise ValueError(f"{amount:g} is no whole number of lines")
    if amount > _MOST_SPACE[unit]:
        raise ValueError(f"{amount:g} {unit} is more room than there is on a few pages: at most {_MOST_SPACE[unit]}")
    return Space(amount, unit)


def _space(scalar: Scalar) -> Space:
    try:
        return space(scalar.text)
    except ValueError as error:
        message, _, hint = str(error).partition(": ")
        raise bad(message, hint) from None


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
        return {"type": "string", "pattern": "^[A-Za-zΑ-ω][A-Za-zΑ-ω0-9_]*$", "maxLength": MAX_NAME}

    def validate(self, key: object) -> Key:
        assert isinstance(key, Key)
        try:
            check_name(key)
        except ReadError as error:
            raise bad(error.message, error.hint, at=key.scalar) from None
        return key


Text = Annotated[Scalar, Leaf("a text")]
"""Words, with mathematics between backticks."""
Expression = Annotated[Scalar, Leaf("an expression")]
SizeText = Annotated[Scalar, Leaf("a size")]
Flag = Annotated[bool, Leaf("`true` or `false`", _flag, {"type": "boolean"})]
Room = Annotated[Space, Leaf("room for an answer", _space, {"type": "string", "pattern": f"^{_SPACE.pattern}$"})]
Named = Annotated[Key, NameKey()]
Label = Annotated[Key, LabelKey()]

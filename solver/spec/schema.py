"""The JSON Schema of a problem file, made from the models that read it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from solver.spec.asks import ASKS
from solver.spec.figures import FIGURES
from solver.spec.file import FileModel
from solver.spec.models import Model, every_model


class _Plain(GenerateJsonSchema):
    """Fields that may be left out are left out: they are not null, and their absence needs no default."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        sizes = {"minProperties": schema.get("min_length"), "maxProperties": schema.get("max_length")}
        return {
            "type": "object",
            "propertyNames": self.generate_inner(schema["keys_schema"]),
            "additionalProperties": self.generate_inner(schema["values_schema"]),
            **{word: size for word, size in sizes.items() if size is not None},
        }

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a problem file, with descriptions and examples."""
    found = FileModel.model_json_schema(schema_generator=_Plain)
    for model in (FileModel, *every_model()):
        _described(found if model is FileModel else found["$defs"].get(model.__name__, {}), model)
    for each in found["$defs"].values():
        each.pop("title", None)
    parts = found["$defs"]["Part"]
    parts["oneOf"] = [{"required": [key]} for key in ASKS]
    found["$defs"]["Figure"]["anyOf"] = [{"required": [kind]} for kind in FIGURES]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A problem file",
        **{key: value for key, value in found.items() if key != "title"},
        "required": ["parts"],
    }


def _described(schema: JsonSchemaValue, model: type[Model]) -> None:
    """Pydantic leaves a field's description out where its schema is a reference."""
    for name, field in model.model_fields.items():
        rule = schema.get("properties", {}).get(field.alias or name)
        if rule is not None and "$ref" in rule and field.description:
            rule["description"] = field.description

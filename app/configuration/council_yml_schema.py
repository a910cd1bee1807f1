"""Builds the JSON Schema of council.yml from the model, in the form that SchemaStore accepts: draft-07, only plain definitions."""

import json
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from app.configuration.repository_config import ConfigSection, PathRule, RepositoryConfig

ID = "https://json.schemastore.org/council.json"
_DRAFT = "http://json-schema.org/draft-07/schema#"
# What pydantic adds for code generators.
_NOISE = ("title", "additionalProperties")

Schema = dict[str, Any]


@cache
def build_schema() -> Schema:
    """The whole schema, built once. Every key has its description, its default and, where useful, examples."""
    return {
        "$schema": _DRAFT,
        "$id": ID,
        "title": "Council",
        "description": "Council's settings for a repository, in .github/council.yml on the base branch.",
        **_section(RepositoryConfig),
    }


def write_schema() -> str:
    """The schema as the text that is served and stored in docs/schema."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def key_schema(key: str) -> Schema:
    """The part of the schema about a dotted key."""
    schema = build_schema()
    for name in key.split("."):
        schema = schema["properties"][name]
    return schema


def plain_default(field: FieldInfo) -> object:
    """The default of a key as JSON."""
    return to_jsonable_python(field.get_default(call_default_factory=True))


def _section(section: type[ConfigSection]) -> Schema:
    properties, whole = {}, section.model_json_schema(mode="validation")
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, ConfigSection):
            properties[name] = {"description": _summary(inner, name), **_section(inner)}
        else:
            properties[name] = _leaf(_inlined(whole["properties"][name], whole.get("$defs", {})), field)
    needed = [name for name, field in section.model_fields.items() if field.is_required()]
    return {"type": "object", "additionalProperties": False, "properties": properties} | ({"required": needed} if needed else {})


def _leaf(schema: Schema, field: FieldInfo) -> Schema:
    """A key with pydantic's description of its values."""
    head = {"description": field.description or ""} | ({} if field.is_required() else {"default": plain_default(field)})
    if field.examples:
        head["examples"] = field.examples
    body = {key: value for key, value in schema.items() if key not in {"description", "default", "examples"}}
    if _takes_one(field):
        # A list of one may be written without brackets.
        body = {"anyOf": [body["items"], body]}
    return {**head, **body}


def _takes_one(field: FieldInfo) -> bool:
    """Whether a single value is read as a list of one."""
    return any(getattr(part, "func", None) is not None and part.func.__name__ == "_one_or_many" for part in field.metadata)


def _inlined(schema: Any, definitions: Schema) -> Any:  # noqa: ANN401 - any part of a schema
    """A part without references and without names for code generators."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _section(PathRule) if name == PathRule.__name__ else _inlined(definitions[name], definitions)
    kept = {key: _inlined(value, definitions) for key, value in schema.items() if key not in _NOISE or not isinstance(value, str | bool)}
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
    return kept


def _summary(section: type[BaseModel], name: str) -> str:
    """The description of a section: the first sentence of its class, or its name."""
    text = (section.__doc__ or "").split("\n")[0].strip()
    return text if text.endswith(".") else f"Settings of {name}."

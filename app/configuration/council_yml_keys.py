"""Describes each key of council.yml: its description, its type in words and its default, all read from the model."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic.fields import FieldInfo

from app.configuration.council_yml_schema import key_schema, plain_default
from app.configuration.repository_config import ConfigSection, RepositoryConfig, list_keys_of_file

_WORDS = {"boolean": "`true`, `false`", "null": "`null`", "string": "text"}


@dataclass(frozen=True)
class ConfigKey:
    """A key by its dotted name. `values` describes the allowed values, `default` is YAML on one line."""

    key: str
    description: str
    values: str
    default: str


@cache
def describe_key(key: str) -> str:
    """The model's description of a key."""
    return _field(key).description or ""


def list_keys() -> tuple[ConfigKey, ...]:
    """Every key, in the order of the file."""
    return tuple(ConfigKey(key, describe_key(key), _values(key_schema(key)), _default(key)) for key in list_keys_of_file())


def write_table() -> str:
    """The keys as a Markdown table."""
    rows = [f"| `{key.key}` | {_cell(key.description)} | {_cell(key.values)} | `{key.default}` |" for key in list_keys()]
    return "\n".join(["| Key | What it does | Values | Default |", "|---|---|---|---|", *rows]) + "\n"


def _field(key: str) -> FieldInfo:
    section: type[ConfigSection] = RepositoryConfig
    *above, last = key.split(".")
    for name in above:
        inner = section.model_fields[name].annotation
        assert isinstance(inner, type) and issubclass(inner, ConfigSection)
        section = inner
    return section.model_fields[last]


def _default(key: str) -> str:
    return json.dumps(plain_default(_field(key)), ensure_ascii=False)


def _values(schema: dict[str, Any]) -> str:
    """The allowed values, in words."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_values(part) for part in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"a list of {_plural(_values(schema['items']))}"
    if schema.get("type") == "object":
        return f"`{', '.join(schema.get('properties', {}))}`"
    return _WORDS.get(schema.get("type", ""), "") or _range(schema)


def _range(schema: dict[str, Any]) -> str:
    kind = "a whole number" if schema.get("type") == "integer" else "a number"
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None:
        return f"{kind} from {least or 0:g} to {most:,}"
    return f"{kind} of at least {least:g}" if least is not None else kind


def _plural(values: str) -> str:
    return "texts" if values == "text" else values


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

"""Builds the JSON schema of an answer for providers: change here which parts of our classes are sent."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

JsonSchema = dict[str, Any]


@lru_cache(maxsize=32)
def schema_of(answer: type[BaseModel]) -> JsonSchema:
    """The schema without class docstrings, which are for us; field descriptions are for the model.

    Strict as OpenAI requires: every property is required, and no other is allowed.
    """
    schema = answer.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("description", None)
        if "properties" in part:
            for field in part["properties"].values():
                field.pop("default", None)
            part["required"] = list(part["properties"])
            part["additionalProperties"] = False
    return schema

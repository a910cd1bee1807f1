"""The JSON schema of an answer as providers are sent it: change here what of our classes leaves the house."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

JsonSchema = dict[str, Any]


@lru_cache(maxsize=32)
def schema_of(answer: type[BaseModel]) -> JsonSchema:
    """The schema without what only we read: a class's docstring is a note for us, a field's description is one for the model.

    Strict as OpenAI wants it: every property is required, and no other is allowed.
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

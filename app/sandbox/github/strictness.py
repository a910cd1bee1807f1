"""What GitHub asks of every request before it looks at the route, and what it says of an answer that has not changed."""

import hashlib
from collections.abc import Mapping

from app.sandbox.github.refusal import Refused

# https://docs.github.com/en/rest/about-the-rest-api/api-versions: a version that is not supported is a 400.
API_VERSIONS = ("2022-11-28",)
NO_AGENT = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a request that names no program, or a version of the API that there is not.

    https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
    """
    if not headers.get("user-agent", "").strip():
        raise Refused(403, NO_AGENT)
    version = headers.get("x-github-api-version")
    if version is not None and version not in API_VERSIONS:
        raise Refused(400, f"The version you provided, {version}, is not valid. Valid versions are: {', '.join(API_VERSIONS)}.")


def check_text(value: object) -> None:
    """Refuse U+0000 in any text of a body: GitHub's databases hold none.

    https://github.com/orgs/community/discussions/24963
    """
    if isinstance(value, str):
        if "\0" in value:
            raise Refused(422, "Invalid request.\n\nA text contains the character U+0000.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key)
            check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            check_text(inner)


def etag(authorization: str, content: bytes) -> str:
    """The mark of an answer. GitHub's differ from token to token, as `Vary: Authorization` says, whatever the content.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
    """
    digest = hashlib.sha256(authorization.encode() + b"\n" + content).hexdigest()
    return f'W/"{digest}"'


def is_unchanged(asked: str, current: str) -> bool:
    """Whether an If-None-Match header names the mark of now; weak and strong marks compare alike: RFC 9110, 13.1.2."""
    marks = {mark.strip().removeprefix("W/") for mark in asked.split(",")}
    return current.removeprefix("W/") in marks

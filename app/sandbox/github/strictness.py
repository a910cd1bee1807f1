"""GitHub's checks of every request before routing, and conditional answers."""

import hashlib
from collections.abc import Mapping

from app.sandbox.github.refusal import GitHubError

# https://docs.github.com/en/rest/about-the-rest-api/api-versions: an unsupported version is a 400.
API_VERSIONS = ("2022-11-28",)
NO_AGENT = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a request without a user agent, or with an unknown version of the API.

    https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
    """
    if not headers.get("user-agent", "").strip():
        raise GitHubError(403, NO_AGENT)
    version = headers.get("x-github-api-version")
    if version is not None and version not in API_VERSIONS:
        raise GitHubError(400, f"The version you provided, {version}, is not valid. Valid versions are: {', '.join(API_VERSIONS)}.")


def check_text(value: object) -> None:
    """Refuse U+0000 in any text of a body, which GitHub's databases cannot store.

    https://github.com/orgs/community/discussions/24963
    """
    if isinstance(value, str):
        if "\0" in value:
            raise GitHubError(422, "Invalid request.\n\nA text contains the character U+0000.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key)
            check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            check_text(inner)


def etag(authorization: str, content: bytes) -> str:
    """The ETag of an answer. GitHub's differ per token, as `Vary: Authorization` says, whatever the content.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
    """
    digest = hashlib.sha256(authorization.encode() + b"\n" + content).hexdigest()
    return f'W/"{digest}"'


def is_unchanged(asked: str, current: str) -> bool:
    """Whether an If-None-Match header contains the current ETag. Weak and strong ones compare equal: RFC 9110, 13.1.2."""
    marks = {mark.strip().removeprefix("W/") for mark in asked.split(",")}
    return current.removeprefix("W/") in marks

"""Error answers of the sandbox GitHub."""

from collections.abc import Mapping
from typing import Any


class GitHubError(Exception):
    """An error answer in GitHub's shape."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})


def not_found() -> GitHubError:
    return GitHubError(404, "Not Found")


def invalid(resource: str, field: str, message: str, code: str = "custom") -> GitHubError:
    """A 422 that names the field."""
    return GitHubError(422, "Validation Failed", [{"resource": resource, "code": code, "field": field, "message": message}])


def unprocessable(*reasons: str) -> GitHubError:
    """A 422 whose errors are plain sentences, as for reviews."""
    return GitHubError(422, "Unprocessable Entity", list(reasons))

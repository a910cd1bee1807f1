"""Error answers of the sandbox GitHub."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """An error answer in GitHub's shape."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})


def not_found() -> Refused:
    return Refused(404, "Not Found")


def invalid(resource: str, field: str, message: str, code: str = "custom") -> Refused:
    """A 422 that names the field."""
    return Refused(422, "Validation Failed", [{"resource": resource, "code": code, "field": field, "message": message}])


def unprocessable(*reasons: str) -> Refused:
    """A 422 whose errors are plain sentences, as for reviews."""
    return Refused(422, "Unprocessable Entity", list(reasons))

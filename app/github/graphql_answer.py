"""Parses a GraphQL answer: tells nulls that are errors from nulls of missing objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from app.errors import CouncilError, GitHubRejected, NotFound, RateLimited, Unavailable
from app.github.connection import LIMITED

M = TypeVar("M", bound=BaseModel)

# The documentation says RATE_LIMITED. Since 2026 GitHub sends RATE_LIMIT: https://github.com/yanyongyu/githubkit/issues/271
_LIMIT_TYPES = frozenset({"RATE_LIMITED", "RATE_LIMIT"})


class GraphQLProblem(BaseModel):
    """A failure in a GraphQL answer. `path` leads to the resulting null, and is empty if GitHub does not give it.

    https://spec.graphql.org/October2021/#sec-Errors
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str = ""
    message: str = ""
    path: tuple[str | int, ...] | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether another try would fail in the same way: a permission is missing."""
        return self.type in {"FORBIDDEN", "INSUFFICIENT_SCOPES"}


@dataclass(frozen=True)
class GraphQLAnswer(Generic[M]):
    """The data of a GraphQL read. Parts of it may be null because they do not exist, or because they could not be read."""

    data: M
    problems: tuple[GraphQLProblem, ...] = ()

    def problem_at(self, *path: str) -> GraphQLProblem | None:
        """Why the value at `path` may be incomplete. None if GitHub returned all of it."""
        for problem in self.problems:
            there = problem.path or ()
            common = min(len(there), len(path))
            if there[:common] == path[:common]:
                return problem
        return None


def read_problems(reply: Mapping[str, object]) -> tuple[GraphQLProblem, ...]:
    try:
        return TypeAdapter(tuple[GraphQLProblem, ...]).validate_python(reply.get("errors") or ())
    except ValidationError:
        return (GraphQLProblem(message="errors of another shape"),)


def check_limit(problems: tuple[GraphQLProblem, ...]) -> None:
    """Raise RateLimited if GitHub answered 200 and one of the problems is a rate limit."""
    if any(problem.type in _LIMIT_TYPES or LIMITED.search(problem.message) for problem in problems):
        raise RateLimited("GitHub's rate limit: GraphQL", retry_after=60.0)


def tell(problems: tuple[GraphQLProblem, ...]) -> str:
    return "GraphQL: " + "; ".join(problem.message for problem in problems)[:500]


def whole_failure(problems: tuple[GraphQLProblem, ...]) -> CouncilError:
    """The error without any data. GitHub's time-outs have no type.

    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    if any(problem.is_lasting for problem in problems):
        return GitHubRejected(tell(problems), 200)
    return NotFound(tell(problems)) if any(problem.type == "NOT_FOUND" for problem in problems) else Unavailable(tell(problems))

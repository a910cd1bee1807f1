"""Every form in which GitHub reports a rate limit, and the refusals that look alike."""

import json
from typing import cast

import httpx
import pytest

from app.errors import CouncilError, GitHubRejected, NotFound, RateLimited, Unavailable
from app.github.connection import GitHubConnection, RawResponse, _of_status
from app.github.installation_client import GitHubModel, InstallationClient
from app.github.list_cache import InstallationLists, ListCache

PAGE = "<html><body><h1>403 Forbidden</h1></body></html>"


class Parrot:
    """A connection that gives one answer to everything."""

    def __init__(self, reply: object) -> None:
        self._answer = RawResponse(json.dumps(reply).encode(), "")

    async def repeat(self, method: str, path: str, **more: object) -> RawResponse:
        return self._answer

    async def send(self, method: str, path: str, body: object) -> RawResponse:
        return self._answer


async def turn() -> None:
    """A pace without a wait."""


@pytest.mark.parametrize(
    ("kind", "message", "error"),
    [
        ("RATE_LIMITED", "No points are left.", RateLimited),
        ("RATE_LIMIT", "API rate limit already exceeded for installation ID 7.", RateLimited),
        ("", "API rate limit already exceeded for installation ID 7.", RateLimited),
        ("", "You have exceeded a secondary rate limit.", RateLimited),
        ("FORBIDDEN", "Resource not accessible by integration", GitHubRejected),
    ],
)
async def test_a_limit_of_graphql_comes_with_status_200(kind: str, message: str, error: type[CouncilError]) -> None:
    parrot = Parrot({"data": None, "errors": [{"type": kind, "message": message}]})
    github = InstallationClient(cast("GitHubConnection", parrot), turn, InstallationLists(ListCache(), 7))
    with pytest.raises(error):
        await github.graphql("query { viewer { login } }", {}, GitHubModel)
    with pytest.raises(error):
        await github.mutate("mutation { minimizeComment }", {})


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (429, "", RateLimited),
        (403, PAGE, RateLimited),
        (403, '{"message": "API rate limit already exceeded for installation ID 7."}', RateLimited),
        (422, '{"message": "was submitted too quickly"}', RateLimited),
        (403, '{"message": "Resource not accessible by integration"}', GitHubRejected),
        (422, PAGE, GitHubRejected),
        (404, PAGE, NotFound),
        (502, PAGE, Unavailable),
    ],
)
def test_what_a_status_means(status: int, text: str, error: type[CouncilError]) -> None:
    assert isinstance(_of_status("GET /repos/acme/shop", httpx.Response(status, text=text)), error)

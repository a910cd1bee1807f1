"""Lists the App's webhook deliveries of the past three days, by GUID."""

import asyncio
from datetime import datetime
from typing import Any

from pydantic import Field

from app.errors import NotFound
from app.github.connection import Params
from app.github.installation_client import GitHubModel, InstallationClient

_LIST = "/app/hook/deliveries"
# GitHub keeps deliveries for three days: https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
KEPT_SECONDS = 3 * 24 * 3600.0


class Attempt(GitHubModel):
    """One attempt to deliver. A redelivery keeps the GUID. `status_code` is 0 without an answer."""

    id: int
    guid: str
    delivered_at: datetime
    status: str = ""
    status_code: int = 0
    event: str = ""
    action: str | None = None

    @property
    def arrived(self) -> bool:
        return 200 <= self.status_code < 300


class _Nothing(GitHubModel):
    """GitHub accepts the request and returns nothing else."""


class _Request(GitHubModel):
    payload: dict[str, Any] = Field(default_factory=dict)


class _Full(GitHubModel):
    request: _Request = _Request()


async def list_attempts(github: InstallationClient, since: float) -> tuple[Attempt, ...]:
    """One attempt per GUID since then, oldest first: the successful one, otherwise the newest. Requested as the App itself."""
    found: dict[str, Attempt] = {}
    async for page in github.follow(_LIST, Attempt):
        for attempt in page:
            if attempt.guid not in found or (attempt.arrived and not found[attempt.guid].arrived):
                found[attempt.guid] = attempt
        if not page or page[-1].delivered_at.timestamp() < since:
            break
    return tuple(sorted((each for each in found.values() if each.delivered_at.timestamp() >= since), key=lambda each: each.id))


async def list_missed(github: InstallationClient, since: float) -> tuple[Attempt, ...]:
    """The deliveries that never arrived."""
    return tuple(attempt for attempt in await list_attempts(github, since) if not attempt.arrived)


async def latest(github: InstallationClient, guid: str, since: float) -> Attempt | None:
    """The newest attempt of one delivery. None if GitHub lists none since then."""
    async for page in github.follow(_LIST, Attempt):
        found = next((each for each in page if each.guid == guid), None)
        if found is not None or not page or page[-1].delivered_at.timestamp() < since:
            return found
    return None


async def newest(github: InstallationClient) -> tuple[Attempt, ...]:
    """The newest attempt per GUID among the latest hundred attempts and the latest hundred failed ones, newest first."""
    pages = await asyncio.gather(_first_page(github, {}), _first_page(github, {"status": "failure"}))
    found: dict[str, Attempt] = {}
    for each in sorted((each for page in pages for each in page), key=lambda each: -each.id):
        found.setdefault(each.guid, each)
    return tuple(found.values())


async def _first_page(github: InstallationClient, params: Params) -> tuple[Attempt, ...]:
    async for page in github.follow(_LIST, Attempt, params):
        return page
    return ()


async def attempt(github: InstallationClient, attempt_id: int) -> Attempt:
    """One attempt. Raises NotFound if GitHub deleted it, or never made it for us."""
    return await github.get(f"{_LIST}/{attempt_id}", Attempt)


async def redeliver(github: InstallationClient, attempt_id: int) -> None:
    """Ask GitHub to deliver it again, under the same GUID."""
    await github.post(f"{_LIST}/{attempt_id}/attempts", {}, _Nothing)


async def payload_of(github: InstallationClient, attempt: Attempt) -> dict[str, Any] | None:
    """Its payload. None if GitHub has deleted it meanwhile."""
    try:
        return (await github.get(f"{_LIST}/{attempt.id}", _Full)).request.payload
    except NotFound:
        return None

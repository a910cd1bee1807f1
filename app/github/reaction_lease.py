"""Runs one process at a time per pull request, if the processes share only GitHub: a reaction is the lease.

GitHub keeps one reaction of a kind per account, and answers 201 to the request that created it and 200 to every other
(https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue): a test-and-set that needs no permission beyond those of
a review.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.connection import Sleep
from app.github.installation_client import GitHubModel, InstallationClient

log = structlog.get_logger(__name__)

_CONTENT = "eyes"
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 8.0


class _Author(GitHubModel):
    login: str = ""


class _Reaction(GitHubModel):
    id: int
    content: str = ""
    created_at: datetime | None = None
    user: _Author | None = None


@dataclass(frozen=True)
class LeaseRules:
    """Seconds until a lease's holder must be dead, and until a process stops waiting for a lease; also the clock and the sleep."""

    clock: Callable[[], float]
    stale: float = 25 * 60.0
    patience: float = 30 * 60.0
    sleep: Sleep = asyncio.sleep


@asynccontextmanager
async def hold_pull_request(github: InstallationClient, full_name: str, number: int, login: str, rules: LeaseRules) -> AsyncIterator[None]:
    """Run the block while no other process of the account `login` runs one for this pull request or issue.

    Raises Unavailable if the lease is not free in time. Without a lease if the conversation accepts no reaction of ours.
    """
    path = f"/repos/{full_name}/issues/{number}/reactions"
    held = await _acquire(github, path, login, rules)
    try:
        yield
    finally:
        if held:
            # A lease that was left behind expires.
            try:
                await github.delete(f"{path}/{held}")
            except (NotFound, GitHubRejected, Unavailable) as error:
                log.warning("the lease of a pull request was not released", error=str(error))


async def _acquire(github: InstallationClient, path: str, login: str, rules: LeaseRules) -> int:
    """The id of our reaction, 0 if GitHub accepts none."""
    until, wait = rules.clock() + rules.patience, _FIRST_WAIT
    while True:
        try:
            reaction, created = await github.create_once(path, {"content": _CONTENT}, _Reaction)
        except (GitHubRejected, NotFound) as error:
            log.warning("this pull request has no lease: GitHub accepts no reaction", error=str(error))
            return 0
        if created:
            return reaction.id
        if reaction.created_at is not None and rules.clock() - reaction.created_at.timestamp() > rules.stale:
            log.warning("taking over an abandoned lease", age=round(rules.clock() - reaction.created_at.timestamp()))
            await _drop(github, f"{path}/{reaction.id}")
            continue
        if rules.clock() > until:
            raise Unavailable("another run of Council is working on this pull request and did not end in time")
        await rules.sleep(wait)
        wait = min(_LONGEST_WAIT, wait * 1.5)
        while await _is_held(github, path, login) and rules.clock() <= until:
            await rules.sleep(wait)


async def _drop(github: InstallationClient, path: str) -> None:
    try:
        await github.delete(path)
    except NotFound:
        return


async def _is_held(github: InstallationClient, path: str, login: str) -> bool:
    reactions = await github.pages(path, _Reaction, 100, {"content": _CONTENT})
    return any(reaction.user is not None and reaction.user.login == login for reaction in reactions)

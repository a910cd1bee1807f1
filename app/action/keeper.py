"""Keeps a pull request's state in Council's summary comment: read before the work, kept in every edit, written at the end."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from pydantic import BaseModel

from app.action.state_block import StateKey, find_block, has_block, read_block, with_block, without_block, write_block
from app.errors import CouncilError, NotFound
from app.github.connection import GitHubConnection
from app.github.installation_client import BeforeWrite, InstallationClient
from app.github.job_token import JobTokenApp
from app.github.list_cache import InstallationLists
from app.github.publisher import PostedObject, PullRequestPublisher
from app.services.worker import WorkerServices
from app.store.reviews.portable_state import PullRequestKey, UnusableState, put_state, read_state

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)
_SUMMARY = re.compile(r"<!-- council:summary pull=(\d{1,9}) ")


@dataclass
class StateBlocks:
    """The block of each pull request that this process works on, as it is on GitHub."""

    by_number: dict[int, str] = field(default_factory=dict)

    def carry(self, body: Mapping[str, object]) -> Mapping[str, object]:
        """A request's body. For a summary comment it includes the block, so that an edit does not lose it."""
        text = body.get("body")
        numbers = _SUMMARY.findall(text) if isinstance(text, str) else []
        if not numbers or not isinstance(text, str):
            return body
        return {**body, "body": with_block(text, self.by_number.get(int(numbers[-1]), ""))}


class StatefulGitHub(InstallationClient):
    """The client, with each write of a summary comment including its state."""

    blocks: StateBlocks

    async def post(self, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return await super().post(path, self.blocks.carry(body), model)

    async def patch(self, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return await super().patch(path, self.blocks.carry(body), model)


class StatefulApp(JobTokenApp):
    """The job's token, with a client that keeps the state."""

    blocks: StateBlocks

    def open_github(
        self, wire: GitHubConnection, lists: InstallationLists, turn: Callable[[], Awaitable[None]], before_write: BeforeWrite | None
    ) -> InstallationClient:
        github = StatefulGitHub(wire, turn, lists, before_write)
        github.blocks = self.blocks
        return github


@dataclass(frozen=True)
class StateKeeper:
    """Reads and writes the state of pull requests of one repository. `secret` is the input `state-key` or ""."""

    services: WorkerServices
    github: InstallationClient
    blocks: StateBlocks
    full_name: str
    repository_id: int
    secret: str

    async def restore(self, number: int) -> bool:
        """Restore the state from the comment of a pull request. Returns whether there was one that can be trusted."""
        comment = await self._summary(number)
        if comment is None:
            return False
        state = read_block(comment.body or "", self._key(number))
        if state is None:
            if has_block(comment.body or "") and self.secret:
                log.warning("the state in the comment is not signed with this key, so it is ignored", number=number)
            return False
        try:
            async with self.services.database.write() as connection:
                await put_state(connection, state)
        except UnusableState as error:
            log.warning("the state in the comment cannot be used", number=number, error=str(error))
            return False
        self.blocks.by_number[number] = find_block(comment.body or "")
        return True

    async def save(self, number: int) -> None:
        """Write the database's current state into the summary comment, if there is one and something changed. Best effort."""
        if not self.secret:
            return
        try:
            comment = await self._summary(number)
            if comment is None:
                return
            async with self.services.database.read() as connection:
                state = await read_state(connection, PullRequestKey(self.repository_id, number))
            body = comment.body or ""
            block = write_block(state, self._key(number), without_block(body))
            if block and block != find_block(body):
                self.blocks.by_number[number] = block
                await (await self._writes(number)).edit_comment(comment.id, without_block(body))
        except CouncilError as error:
            log.warning("the state was not written; the next push is reviewed in full", number=number, error=str(error))

    async def _summary(self, number: int) -> PostedObject | None:
        """Our newest summary comment of a pull request."""
        try:
            comments = await (await self._writes(number)).own_comments()
        except NotFound:
            return None
        return next((comment for comment in reversed(comments) if _SUMMARY.search(comment.body or "")), None)

    async def _writes(self, number: int) -> PullRequestPublisher:
        return self.services.writes(self.github, await self.services.identity(), self.full_name, number)

    def _key(self, number: int) -> StateKey:
        return StateKey(self.secret, PullRequestKey(self.repository_id, number))

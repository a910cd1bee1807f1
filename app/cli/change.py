"""Open the change that a command is about: commits of a local repository, or a pull request on GitHub."""

import re
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.cli.pull_request_repository import open_pull_request_repository
from app.configuration.local_config import LocalConfig, read_local_config
from app.configuration.repository_config import RepositoryConfig, of_instance
from app.configuration.settings import Settings
from app.errors import UserError
from app.git.repository import LocalRepository, Range, open_repository
from app.reporters.text.markdown import plural
from app.repositories.open_repository import OpenedRepository, open_local_view
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.snapshot import Snapshot

PULL_REQUEST = re.compile(r"^([\w.-]+/[\w.-]+)#(\d+)$")


@dataclass(frozen=True)
class RequestedChange:
    """The change a user names: commits, a pull request, "" for the current branch, or uncommitted changes."""

    what: str
    repo: Path
    staged: bool = False
    worktree: bool = False

    def __post_init__(self) -> None:
        if sum((bool(self.what), self.staged, self.worktree)) > 1:
            raise UserError("use only one of: commits, --staged, --worktree")


@dataclass(frozen=True)
class OpenedChange:
    """A change, the base branch's settings, and the repository that a seat can look at; None if it cannot be read."""

    snapshot: Snapshot
    config: RepositoryConfig
    repository: RepositoryView | None = None


@asynccontextmanager
async def open_change(settings: Settings, change: RequestedChange) -> AsyncIterator[OpenedChange]:
    """The change, with its repository open inside the block. Raises UserError if nothing changed."""
    what = change.what
    if match := PULL_REQUEST.match(what):
        snapshot, config = await _fetched(settings, match[1], int(match[2]))
        async with open_pull_request_repository(settings, match[1], int(match[2]), config) as opened:
            yield await _with_repository(_changing(snapshot, what), config, opened)
        return
    async with open_repository(change.repo) as repository:
        what, chosen = await _chosen(repository, change)
        snapshot = _changing(await repository.snapshot(chosen), what)
        read = await read_local_config(repository, chosen.base, of_instance(settings.caps))
        _warn(read.notes)
        async with open_local_view(repository.reader, snapshot.head_sha, settings) as opened:
            yield await _with_repository(snapshot, read.settings, opened)


async def _with_repository(snapshot: Snapshot, config: RepositoryConfig, opened: OpenedRepository) -> OpenedChange:
    if opened.problem:
        sys.stderr.write(f"council: models cannot look around in the repository: {opened.problem}\n")
    return OpenedChange(await opened.added(snapshot), config, opened.view)


async def read_change(settings: Settings, change: RequestedChange) -> tuple[Snapshot, RepositoryConfig]:
    """The snapshot and the base branch's settings. Raises UserError if nothing changed."""
    async with open_change(settings, change) as opened:
        return opened.snapshot, opened.config


def _changing(snapshot: Snapshot, what: str) -> Snapshot:
    if not snapshot.files:
        raise UserError(f"{what} changes no files")
    return snapshot


async def _chosen(repository: LocalRepository, change: RequestedChange) -> tuple[str, Range]:
    if change.staged or change.worktree:
        return "--staged" if change.staged else "--worktree", await repository.uncommitted(staged=change.staged)
    what = change.what or await repository.default_range()
    chosen = await repository.resolve(what)
    if "..." not in what and (ahead := await repository.ahead(chosen)):
        base = what.partition("..")[0] or "HEAD"
        sys.stderr.write(
            f"council: {base} has {plural(ahead, 'commit')} that the other side lacks; they appear as reverted. Use ... instead of ..\n"
        )
    return what, chosen


async def _fetched(settings: Settings, full_name: str, number: int) -> tuple[Snapshot, RepositoryConfig]:
    from app.github.ci_logs import failing_checks
    from app.github.pull_request import fetch
    from app.services.worker import open_app

    app = open_app(settings)
    installation = await app.repository_installation(full_name)
    async with app.installation(installation.id, full_name) as github:
        fetched = await fetch(github, full_name, number)
        checks = await failing_checks(github, fetched.snapshot, app.app_id)
    config, problems = fetched.config.apply(of_instance(settings.caps))
    _warn(LocalConfig(config, tuple(problems), fetched.misplaced).notes)
    return fetched.snapshot.model_copy(update={"failing_checks": checks}), config


def _warn(notes: Iterable[str]) -> None:
    for note in notes:
        sys.stderr.write(f"{note}\n")

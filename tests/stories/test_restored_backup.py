"""A restored backup posts nothing twice and pays for nothing twice: what is already on GitHub is adopted."""

import pytest
from sqlalchemy import select

from app.store.engine.upsert import sql_table
from app.store.tables.core import InstallationRow, RunRow, RunState
from app.work.schedule import queue
from tests.stories.backups import Backups, dump_in_the_middle, opened, posted, restored, take_up
from tests.stories.harness import BASE, DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import LARGER, POOL, issue, script
from webhooks.jobs import Reconcile


async def test_an_empty_dump_pays_for_and_posts_nothing_twice(backups: Backups) -> None:
    async with opened(backups) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        dump = await backups.dump(system)
        pulls = [system.open(message=f"change {number}") for number in range(2)]
        await system.settle()
        system.repository.comment(pulls[0].number, "ada", "/council review")
        system.repository.comment(pulls[0].number, "ada", "/council config")
        await system.settle()
        before, bought = posted(system), system.bought()
        assert bought and all(count == 1 for count in before.values())
        async with restored(system, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)
            async with again.services.database.read() as connection:
                reasons = (await connection.execute(select(sql_table(RunRow).c.reason))).scalars().all()
            # The page of a run shows it.
            assert len(reasons) >= len(pulls) and all(reason.startswith("it was reviewed before") for reason in reasons)


async def test_mirrors_are_fetched_again_after_a_restore(backups: Backups) -> None:
    async with opened(backups, mirrors=True) as system:
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        dump = await backups.dump(system)
        async with restored(system, backups, dump) as again:
            assert not (again.settings.data / "mirrors").exists()
            again.repository.push(pull.number, {"app/more.py": "import os\n"})
            await again.settle()
            assert pull.head_sha in again.comments(pull)[0] and list((again.settings.data / "mirrors").rglob("*.pack"))


@pytest.mark.slow
async def test_a_dump_from_the_middle_of_a_burst(backups: Backups) -> None:
    """Reviews are in progress, queued and done when the dump is made."""
    async with opened(backups) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        pulls = [system.open(message=f"change {number}") for number in range(6)]
        await system.sandbox.settled()
        dump = await dump_in_the_middle(backups, system)
        await system.sandbox.settled()
        before, bought = posted(system), system.bought()
        assert sum(check.conclusion is not None for check in system.checks()) == len(pulls)
        async with restored(system, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)
            async with again.services.database.read() as connection:
                states = (await connection.execute(select(sql_table(RunRow).c.state))).scalars().all()
            assert list(states) == [RunState.PUBLISHED] * len(pulls)


async def test_a_question_is_answered_once(backups: Backups) -> None:
    async with opened(backups) as system:
        script(system, [POOL], [LARGER], [POOL])
        asked = issue(system)
        dump = await backups.dump(system)
        system.repository.comment(asked.number, "ana", "/council ask why do connections run out?")
        await system.settle()
        before, bought = posted(system), system.bought()
        assert bought and len([post for post in before if post.startswith("comment")]) == 1
        async with restored(system, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)


async def test_a_new_head_after_the_restore_edits_the_summary(backups: Backups) -> None:
    """Findings that an unknown run posted on the diff are not repeated, and the pull request keeps one summary."""
    async with opened(backups) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        dump = await backups.dump(system)
        pull = system.open()
        await system.settle()
        inline = [note.body for review in pull.reviews for note in review.comments]
        async with restored(system, backups, dump) as again:
            again.repository.push(pull.number, {"README.md": "More to come.\n"})
            await again.settle()
            assert len(again.comments(pull)) == 1 and pull.head_sha in again.comments(pull)[0]
            assert [note.body for review in pull.reviews for note in review.comments] == inline


async def reconcile_alone(system: InProcessSystem) -> None:
    """One turn of what a server does at its start. GitHub sends nothing again."""
    await queue(system.services, [Reconcile(slot=system.services.new_id())])
    await system.settle()


async def test_commands_missing_in_the_backup_are_answered_once(backups: Backups) -> None:
    async with opened(backups) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        await reconcile_alone(system)
        dump = await backups.dump(system)
        system.repository.comment(pull.number, "ada", "/council config")
        await system.settle()
        answered = len(system.comments(pull))
        # GitHub delivered it, and the server was lost before it could answer.
        system.repository.comment(pull.number, "ada", "/council status")
        await system.sandbox.settled()
        bought = system.bought()
        async with restored(system, backups, dump) as again:
            await reconcile_alone(again)
            assert len(again.comments(pull)) == answered + 1
            assert all(count == 1 for count in posted(again).values()) and again.bought() == bought
            # No delivery is left to recover.
            before = posted(again)
            await reconcile_alone(again)
            assert posted(again) == before


@pytest.mark.slow
async def test_a_repository_missing_in_the_backup_is_reviewed(backups: Backups) -> None:
    async with opened(backups) as system:
        system.script([DIVISION], [DIVISION], [])
        system.open()
        await system.settle()
        await reconcile_alone(system)
        dump = await backups.dump(system)
        other = system.sandbox.world.create_repository("globex/store", BASE)
        await system.settle()
        theirs = other.open_pull_request("Theirs", dict(system.files))
        await system.sandbox.settled()
        # So long ago that GitHub no longer lists the deliveries.
        system.sandbox.github.webhook_sender.deliveries.clear()
        async with restored(system, backups, dump, later=600.0) as again:
            await reconcile_alone(again)
            assert len(theirs.reviews) == 1


async def test_a_new_database_ignores_earlier_deliveries(backups: Backups) -> None:
    async with opened(backups) as system:
        dump = await backups.dump(system)
        pull = system.open()
        system.repository.comment(pull.number, "ada", "/council config")
        await system.sandbox.settled()
        async with restored(system, backups, dump, later=600.0) as again:
            async with again.services.database.write() as connection:
                await connection.execute(sql_table(InstallationRow).delete())
            await reconcile_alone(again)
            assert pull.reviews == [] and again.comments(pull) == []

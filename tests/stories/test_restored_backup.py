"""A restored backup posts nothing twice and pays for nothing twice: what is already on GitHub is adopted."""

from sqlalchemy import select

from app.store.engine.upsert import sql_table
from app.store.tables.core import InstallationRow, RunRow, RunState
from app.work.schedule import queue
from tests.stories.backups import Backups, dump_in_the_middle, opened, posted, restored, take_up
from tests.stories.harness import BASE, DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import LARGER, POOL, issue, script
from webhooks.jobs import Reconcile


async def test_an_empty_dump_pays_for_and_posts_nothing_twice(backups: Backups) -> None:
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
            async with again.workshop.database.read() as connection:
                reasons = (await connection.execute(select(sql_table(RunRow).c.reason))).scalars().all()
            # The page of a run shows it.
            assert len(reasons) >= len(pulls) and all(reason.startswith("it was reviewed before") for reason in reasons)


async def test_mirrors_are_fetched_again_after_a_restore(backups: Backups) -> None:
    async with opened(backups, mirrors=True) as house:
        house.script([DIVISION], [DIVISION], [])
        pull = house.open()
        await house.settle()
        dump = await backups.dump(house)
        async with restored(house, backups, dump) as again:
            assert not (again.settings.data / "mirrors").exists()
            again.repository.push(pull.number, {"app/more.py": "import os\n"})
            await again.settle()
            assert pull.head_sha in again.comments(pull)[0] and list((again.settings.data / "mirrors").rglob("*.pack"))


async def test_a_dump_from_the_middle_of_a_burst(backups: Backups) -> None:
    """Reviews are in progress, queued and done when the dump is made."""
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        pulls = [house.open(message=f"change {number}") for number in range(6)]
        await house.sandbox.settled()
        dump = await dump_in_the_middle(backups, house)
        await house.sandbox.settled()
        before, bought = posted(house), house.bought()
        assert sum(check.conclusion is not None for check in house.checks()) == len(pulls)
        async with restored(house, backups, dump) as again:
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)
            async with again.workshop.database.read() as connection:
                states = (await connection.execute(select(sql_table(RunRow).c.state))).scalars().all()
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


async def test_a_new_head_after_the_restore_edits_the_summary(backups: Backups) -> None:
    """Findings that an unknown run posted on the diff are not repeated, and the pull request keeps one summary."""
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


async def reconcile_alone(house: InProcessSystem) -> None:
    """One turn of what a server does at its start. GitHub sends nothing again."""
    await queue(house.workshop, [Reconcile(slot=house.workshop.new_id())])
    await house.settle()


async def test_commands_missing_in_the_backup_are_answered_once(backups: Backups) -> None:
    async with opened(backups) as house:
        house.script([DIVISION, INJECTION], [DIVISION], [])
        pull = house.open()
        await house.settle()
        await reconcile_alone(house)
        dump = await backups.dump(house)
        house.repository.comment(pull.number, "ada", "/council config")
        await house.settle()
        answered = len(house.comments(pull))
        # GitHub delivered it, and the server was lost before it could answer.
        house.repository.comment(pull.number, "ada", "/council status")
        await house.sandbox.settled()
        bought = house.bought()
        async with restored(house, backups, dump) as again:
            await reconcile_alone(again)
            assert len(again.comments(pull)) == answered + 1
            assert all(count == 1 for count in posted(again).values()) and again.bought() == bought
            # No delivery is left to recover.
            before = posted(again)
            await reconcile_alone(again)
            assert posted(again) == before


async def test_a_repository_missing_in_the_backup_is_reviewed(backups: Backups) -> None:
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
        # So long ago that GitHub no longer lists the deliveries.
        house.sandbox.github.courier.deliveries.clear()
        async with restored(house, backups, dump, later=600.0) as again:
            await reconcile_alone(again)
            assert len(theirs.reviews) == 1


async def test_a_new_database_ignores_earlier_deliveries(backups: Backups) -> None:
    async with opened(backups) as house:
        dump = await backups.dump(house)
        pull = house.open()
        house.repository.comment(pull.number, "ada", "/council config")
        await house.sandbox.settled()
        async with restored(house, backups, dump, later=600.0) as again:
            async with again.workshop.database.write() as connection:
                await connection.execute(sql_table(InstallationRow).delete())
            await reconcile_alone(again)
            assert pull.reviews == [] and again.comments(pull) == []

"""An upgrade with data: a database of an earlier schema and its `council.yml`, with reviews before, during and after it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select

from app.store.engine.database import MIGRATIONS, newest_revision, open_database
from app.store.engine.upsert import sql_table
from app.store.tables.core import RunRow, RunState
from tests.stories.backups import Backups, dump_in_the_middle, opened, posted, restored, take_up
from tests.stories.harness import BASE, DIVISION, INJECTION

# The schema of the release before hosts, checks of heads and caps of an instance were added.
EARLIER = "0010"
# Every key of that release's config file.
CONFIG = """\
quorum: 2
chair: auto
review:
  on: [opened, ready_for_review, synchronize, reopened]
  drafts: false
  skip: {authors: ["*[bot]"], labels: [no-council], titles: ["wip*"], branches: ["release/*"]}
  paths: ["**", "!**/*.lock"]
  instructions: Be brief.
  path_instructions: [{paths: ["app/**"], text: Money is in cents.}]
  publish: full
  looks: true
  max_inline: 5
  pause_after: 5
  language: en
gate: {enabled: true, severity: high, confirmed_by_another_vendor: true, incomplete: neutral}
ci: {read_logs: true, wait_seconds: 0}
commands: {cost: write, read: read}
limits: {run_usd: 0.4, pull_request_usd: 2, day_usd: 4, month_usd: 40, month_consultations: 100}
mirror: {enabled: true, max_mb: 500}
privacy: {store_transcripts: true, encrypt_transcripts: false, retention_days: 90, vendors: all}
"""


def _downgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, EARLIER)


async def set_back(data: Path, url: str) -> None:
    """Give a database the earlier schema, with all the data that it can hold."""
    database = open_database(url, data)
    async with database.engine.connect() as connection:
        await connection.run_sync(_downgrade)
    assert not await database.is_current()
    await database.close()


async def test_reviews_continue_across_every_migration(backups: Backups) -> None:
    async with opened(backups, BASE | {".github/council.yml": CONFIG}) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        pulls = [system.open(message=f"change {number}") for number in range(4)]
        await system.sandbox.settled()
        dump = await dump_in_the_middle(backups, system)
        before, bought = posted(system), system.bought()
        async with restored(system, backups, dump, before_start=set_back) as again:
            assert await again.services.database.is_current() and newest_revision() > EARLIER
            await take_up(again)
            assert (posted(again), again.bought()) == (before, bought)
            again.repository.push(pulls[0].number, {"app/more.py": "import os\n"})
            await again.settle()
            async with again.services.database.read() as connection:
                states = (await connection.execute(select(sql_table(RunRow).c.state))).scalars().all()
            assert list(states) == [RunState.PUBLISHED] * (len(pulls) + 1)
            assert pulls[0].head_sha in again.comments(pulls[0])[0] and again.bought() > bought
            said = "\n".join(again.comments(pulls[0]))
            assert "council.yml" not in said, "every key of the earlier file still means something"

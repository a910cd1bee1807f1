"""Review what lies on this machine, or a pull request without posting: the store, and no queue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.github.repository_config import RepositoryConfig
from app.queue.ledger import Caps, SqlLedger, Time
from app.services.choosing import choose
from app.services.clock import new_id, now
from app.services.seating import Purse, brief, seat
from app.settings import Settings
from app.store.answers import SqlAnswerBook
from app.store.database import Database, open_database
from app.store.spending import Account
from reviewers.context.snapshot import Snapshot
from reviewers.council.deliberation import deliberate
from reviewers.council.rounds import Progress
from reviewers.council.urgency import urgency
from reviewers.verdict import Verdict


@dataclass(frozen=True)
class Desk:
    """Where a local review keeps its answers and its ledger."""

    settings: Settings
    database: Database

    async def review(self, snapshot: Snapshot, config: RepositoryConfig, focus: str, progress: Progress) -> Verdict:
        """The council's verdict, within the caps of `config`; nothing is published."""
        run_id = new_id()
        caps = Caps(config.limits.run_usd, None, config.limits.day_usd, config.limits.month_usd)
        ledger = SqlLedger(self.database, Account(run_id, 0, 0), caps, snapshot.head_sha, Time(now, new_id))
        purse = Purse(SqlAnswerBook(self.database, run_id, now), ledger, seed=run_id)
        asked = brief(config, snapshot.head_sha, focus)
        selection = await choose(self.settings, config, (asked, snapshot), ledger, urgency((), snapshot.head_ref, focus))
        return await deliberate(asked, snapshot, seat(self.settings, config, purse, progress, selection))


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open the store of local reviews."""
    database = open_database(settings.database_url, settings.data)
    try:
        await database.migrate()
        yield Desk(settings, database)
    finally:
        await database.close()

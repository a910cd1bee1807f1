"""Totals costs and questions per day, for pages that would otherwise read every call and run."""

from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.spending import daily_spending, daily_work
from app.store.tables.core import JobState


async def add_up_days(services: WorkerServices, claim: LeasedJob) -> JobState:
    """The job: a few days at a time, so that no other query waits long."""
    for add_up in (daily_spending.add_up, daily_work.add_up_work):
        more = True
        while more:
            async with services.database.write() as connection:
                more = await add_up(connection, services.clock())
    return JobState.DONE

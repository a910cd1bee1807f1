"""Totals costs and questions per day, for pages that would otherwise read every call and run."""

from app.services.workshop import Workshop
from app.store import daily_spending, daily_work
from app.store.jobs import Claim
from app.store.tables import JobState


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job: a few days at a time, so that no other query waits long."""
    for add_up in (daily_spending.add_up, daily_work.add_up_work):
        more = True
        while more:
            async with workshop.database.write() as connection:
                more = await add_up(connection, workshop.clock())
    return JobState.DONE

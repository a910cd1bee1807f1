"""Add up what was spent, for pages that would otherwise read every call."""

from app.services.workshop import Workshop
from app.store import daily_spending
from app.store.jobs import Claim
from app.store.tables import JobState


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job: some days at a time, so that nobody waits long for the database."""
    more = True
    while more:
        async with workshop.database.write() as connection:
            more = await daily_spending.add_up(connection, workshop.clock())
    return JobState.DONE

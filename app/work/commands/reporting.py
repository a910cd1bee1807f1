"""`status`: whether the head was reviewed, and why not."""

from app.reporters.safety import line
from app.reporters.status_text import status_line
from app.store.pull_status import status_of
from app.work.commands.desk import Desk


async def status(desk: Desk) -> str:
    async with desk.workshop.database.read() as connection:
        found = await status_of(connection, desk.job.repository.id, desk.job.number)
    return line(status_line(found), 600)

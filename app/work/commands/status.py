"""`status`: whether the head was reviewed, why not, and whether paid work is paused on this server."""

from app.reporters.text.safety import line
from app.reporters.text.status_text import pause_line, status_line
from app.store import instance
from app.store.reviews.pull_status import status_of
from app.work.commands.context import CommandContext


async def status(context: CommandContext) -> str:
    async with context.services.database.read() as connection:
        pull_status = await status_of(connection, context.job.repository.id, context.job.number)
        paused = pause_line(await instance.read_instance(connection))
    return "\n\n".join(line(said, 600) for said in (status_line(pull_status), paused) if said)

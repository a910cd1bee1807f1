"""`summary`: the open findings, in a few lines."""

from app.reporters.text import pull_request_status_text
from app.store.reviews.outbox import list_published
from app.work.commands.context import CommandContext


async def summary(context: CommandContext) -> str:
    last = await context.last()
    async with context.services.database.read() as connection:
        posted = await list_published(connection, last.run.id)
    url = posted["summary"].url if "summary" in posted else ""
    return pull_request_status_text.render(last.verdict, last.snapshot, context.services.settings.github_web_url, url)

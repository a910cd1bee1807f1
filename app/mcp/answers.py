"""What every tool returns, and how the client gets refusals and progress."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from app.background import end_task
from app.errors import UserError, WorldError
from app.reporters.text.phrases import heading, list_posted
from app.store.reviews.runs import Run
from reviewers.council.rounds import Progress, SeatEvent
from reviewers.values.verdict import Verdict
from webhooks.job_base import FrozenModel


class FindingList(FrozenModel):
    """The newest published review of a pull request. `run` is its id, `head_sha` the commit that it read."""

    run: str
    head_sha: str
    headline: str
    findings: list[dict[str, str | int | None]]


def list_findings(run: Run, verdict: Verdict) -> FindingList:
    """The findings of a review, best first."""
    return FindingList(run=run.id, head_sha=run.head_sha, headline=heading(verdict), findings=list_posted(verdict))


class ToolAnswer(FrozenModel):
    """A tool's answer: `text` to read, and the id with which `get_run` finds it again."""

    id: str
    text: str


@contextmanager
def in_words() -> Iterator[None]:
    """Tell the caller what it did wrong. Any other error is ours, and only logged."""
    try:
        yield
    except (UserError, WorldError) as error:
        raise ToolError(str(error)) from None


@asynccontextmanager
async def follow_progress(ctx: Context[Any, Any]) -> AsyncIterator[Progress]:
    """Send progress to the client: a line when a model begins or ends."""
    events: asyncio.Queue[SeatEvent] = asyncio.Queue()

    async def tell() -> None:
        number = 0
        while True:
            event, number = await events.get(), number + 1
            await ctx.report_progress(number, message=_doing(event))

    def hear(event: SeatEvent) -> None:
        events.put_nowait(event)

    telling = asyncio.create_task(tell())
    try:
        yield hear
    finally:
        await end_task(telling)


def _doing(event: SeatEvent) -> str:
    return f"{event.seat}: {event.stage}{f', {event.outcome.value}' if event.outcome else ''}"

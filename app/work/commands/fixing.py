"""`fix`: a patch for a finding; the council's own where it has one, else one seat writes it and others judge it."""

import asyncio
import time
from collections.abc import Sequence

from app.reporters import finding_text
from app.reporters.safety import fence, line
from app.work.commands.desk import CommandModels, Desk, Last
from reviewers.followup import FAILURES, Asked, FixAnswer, FixVote, FollowUp, fix_critique, fix_question, fixed, put
from reviewers.verdict import RankedFinding

_CRITICS = 2
_NONE = "No seat proposed a fix for this finding, and none could be made now."


async def fix(desk: Desk) -> str:
    last = await desk.last()
    ranked, _ = await desk.finding(last)
    own = (finding_text.in_thread(ranked) if desk.job.thread_id else "") or finding_text.patch(ranked, last.snapshot)
    return f"**{line(ranked.finding.title)}**\n\n{own or await _asked(desk, last, ranked)}"


async def _asked(desk: Desk, last: Last, ranked: RankedFinding) -> str:
    """The first model that answers writes the patch, and others judge it, once; it is shown, never applied."""
    question = fix_question(ranked.finding, last.snapshot)
    async with desk.models(last) as models:
        for name, model in models.by_seat.items():
            try:
                answer = await put(model, question, FixAnswer, time.monotonic, models.desk(), Asked(tokens=3_000))
            except FAILURES:
                continue
            both = fixed(answer, ranked.finding, last.snapshot)
            if both is None:
                return f"{line(name)} sees no change to this file alone that settles it: {line(answer.note, 400)}"
            patch = finding_text.diff(ranked.finding.location.path or "", *both)
            critics = [seat for seat in models.by_seat if seat != name][:_CRITICS]
            votes = await _judge(models, critics, fix_critique(ranked.finding, last.snapshot, patch))
            return "\n\n".join([line(answer.note, 400), fence(patch, "diff"), finding_text.written(name, votes)])
    return _NONE


async def _judge(models: CommandModels, critics: Sequence[str], question: FollowUp) -> dict[str, FixVote]:
    """Each alone; one that fails is missing."""

    async def vote(seat: str) -> FixVote | None:
        try:
            return await put(models.by_seat[seat], question, FixVote, time.monotonic, models.desk("critique"))
        except FAILURES:
            return None

    votes = await asyncio.gather(*map(vote, critics))
    return {seat: vote for seat, vote in zip(critics, votes, strict=True) if vote is not None}

"""`fix`: a patch for a finding. If the council proposed none, one seat writes it and others judge it."""

import asyncio
import time
from collections.abc import Sequence

from app.errors import UserError
from app.reporters.text import finding_text
from app.reporters.text.patch_text import join_patches
from app.reporters.text.phrases import TO_FIX, in_order
from app.reporters.text.safety import fence, line
from app.work.commands.context import CommandContext, CommandModels, LastReview, named_finding
from reviewers.followup import (
    FAILURES,
    FixAnswer,
    FixVote,
    FollowUp,
    QueryLimits,
    apply_fix,
    ask_model,
    fix_critique,
    fix_question,
)
from reviewers.values.verdict import RankedFinding
from webhooks.commands.by_id import ID
from webhooks.jobs import ExecuteCommand

_CRITICS = 2
_NONE = "No model proposed a fix for this finding, and none could be written now."


async def fix(context: CommandContext) -> str:
    last = await context.last()
    if (several := _several(context, last)) is not None:
        return join_patches(several, last.snapshot).render()
    ranked, _ = await context.finding(last)
    own = (finding_text.in_thread(ranked) if context.job.thread_id else "") or finding_text.patch(ranked, last.snapshot)
    return f"**{line(ranked.finding.title)}**\n\n{own or await _asked(context, last, ranked)}"


def _several(context: CommandContext, last: LastReview) -> list[RankedFinding] | None:
    """The findings that a command with several ids or "all" names, highest rank first. None if it names one. Raises UserError."""
    words = context.job.argument.split() if isinstance(context.job, ExecuteCommand) else []
    front = [ranked for ranked in in_order(last.verdict) if ranked.standing in TO_FIX]
    if words == ["all"]:
        if not front:
            raise UserError("There is nothing to fix here.")
        return front
    # With one finding, ignore the rest of the line.
    if len(words) < 2 or not all(ID.fullmatch(word) for word in words):
        return None
    return list({ranked.fingerprint: ranked for word in words for ranked in [named_finding(word, last.verdict.ranked)]}.values())


async def _asked(context: CommandContext, last: LastReview, ranked: RankedFinding) -> str:
    """The first model that answers writes the patch, and the others judge it once. The patch is shown, never applied."""
    question = fix_question(ranked.finding, last.snapshot)
    async with context.models(last) as models:
        for name, model in models.by_seat.items():
            try:
                answer = await ask_model(model, question, FixAnswer, time.monotonic, models.context(), QueryLimits(tokens=3_000))
            except FAILURES:
                continue
            both = apply_fix(answer, ranked.finding, last.snapshot)
            if both is None:
                return f"{line(name)} found no fix within this file: {line(answer.note, 400)}"
            patch = finding_text.diff(ranked.finding.location.path or "", *both)
            critics = [seat for seat in models.by_seat if seat != name][:_CRITICS]
            votes = await _judge(models, critics, fix_critique(ranked.finding, last.snapshot, patch))
            return "\n\n".join([line(answer.note, 400), fence(patch, "diff"), finding_text.patch_attribution(name, votes)])
    return _NONE


async def _judge(models: CommandModels, critics: Sequence[str], question: FollowUp) -> dict[str, FixVote]:
    """Each model judges alone. A model that fails is left out."""

    async def vote(seat: str) -> FixVote | None:
        try:
            return await ask_model(models.by_seat[seat], question, FixVote, time.monotonic, models.context("critique"))
        except FAILURES:
            return None

    votes = await asyncio.gather(*map(vote, critics))
    return {seat: vote for seat, vote in zip(critics, votes, strict=True) if vote is not None}

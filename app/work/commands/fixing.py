"""`fix`: a patch for a finding; the council's own where it has one, else one seat writes it and others judge it."""

import asyncio
import time
from collections.abc import Mapping

from app.reporters import finding_text
from app.reporters.safety import fence, line
from app.work.commands.desk import Desk, Last
from reviewers.followup import FAILURES, Asked, FixAnswer, FixVote, fix_critique, fix_question, fixed, put
from reviewers.models.model import Model
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
    models = await desk.models(last.run.head_sha)
    for name, model in models.items():
        try:
            answer = await put(model, question, FixAnswer, time.monotonic, Asked(tokens=3_000))
        except FAILURES:
            continue
        both = fixed(answer, ranked.finding, last.snapshot)
        if both is None:
            return f"{line(name)} sees no change to this file alone that settles it: {line(answer.note, 400)}"
        patch = finding_text.diff(ranked.finding.location.path or "", *both)
        others = {other: each for other, each in models.items() if other != name}
        votes = await _judged(others, fix_critique(ranked.finding, last.snapshot, patch))
        return "\n\n".join([line(answer.note, 400), fence(patch, "diff"), finding_text.written(name, votes)])
    return _NONE


async def _judged(others: Mapping[str, Model], question: tuple[str, str]) -> dict[str, FixVote]:
    """Each alone; one that fails is missing."""

    async def one(model: Model) -> FixVote | None:
        try:
            return await put(model, question, FixVote, time.monotonic)
        except FAILURES:
            return None

    names = list(others)[:_CRITICS]
    votes = await asyncio.gather(*(one(others[name]) for name in names))
    return {name: vote for name, vote in zip(names, votes, strict=True) if vote is not None}

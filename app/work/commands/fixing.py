"""`fix`: a patch for a finding; the council's own where it has one, else the chair is asked for it."""

import time

from app.reporters import finding_text
from app.reporters.safety import fence, line
from app.work.commands.desk import Desk, Last
from reviewers.followup import FAILURES, Asked, FixAnswer, fix_question, fixed, put
from reviewers.verdict import RankedFinding

_NONE = "No seat proposed a fix for this finding, and none could be made now."


async def fix(desk: Desk) -> str:
    last = await desk.last()
    ranked, _ = await desk.finding(last)
    own = (finding_text.in_thread(ranked) if desk.job.thread_id else "") or finding_text.patch(ranked, last.snapshot)
    return f"**{line(ranked.finding.title)}**\n\n{own or await _asked(desk, last, ranked)}"


async def _asked(desk: Desk, last: Last, ranked: RankedFinding) -> str:
    """The first model that answers writes the patch; it is shown, never applied."""
    question = fix_question(ranked.finding, last.snapshot)
    for name, model in (await desk.models(last.run.head_sha)).items():
        try:
            answer = await put(model, question, FixAnswer, time.monotonic, Asked(tokens=3_000))
        except FAILURES:
            continue
        both = fixed(answer, ranked.finding, last.snapshot)
        if both is None:
            return f"{line(name)} sees no change to this file alone that settles it: {line(answer.note, 400)}"
        patch = fence(finding_text.diff(ranked.finding.location.path or "", *both), "diff")
        return f"{line(answer.note, 400)}\n\n{patch}\n\nWritten by {line(name)}; no other seat has judged it."
    return _NONE

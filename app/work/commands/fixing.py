"""`fix`: a patch for a finding; the council's own where it has one."""

from app.reporters import finding_text
from app.reporters.safety import line
from app.work.commands.desk import Desk


async def fix(desk: Desk) -> str:
    last = await desk.last()
    ranked, _ = await desk.finding(last)
    own = (finding_text.in_thread(ranked) if desk.job.thread_id else "") or finding_text.patch(ranked, last.snapshot)
    return f"**{line(ranked.finding.title)}**\n\n{own}" if own else "No seat proposed a fix for this finding."

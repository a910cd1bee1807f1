"""`dismiss` and `restore`: set a finding aside, or bring it back, and update the summary."""

from app.errors import UserError
from app.reporters.safety import line
from app.store import dispositions
from app.store.jobs import hold
from app.work import outcomes
from app.work.commands.desk import Desk
from app.work.outcomes import Sign
from app.work.refreshing import refresh
from reviewers.feedback import Decision, Disposition, Source
from reviewers.verdict import Standing


async def dismiss(desk: Desk) -> str:
    last = await desk.last()
    ranked, reason = await desk.finding(last)
    job, shop = desk.job, desk.workshop
    made = Disposition(
        number=job.number,
        fingerprint=ranked.fingerprint,
        short_id=ranked.short_id,
        kind=Decision.DISMISSED,
        login=job.login,
        reason=" ".join(reason.split())[:300],
        finding=ranked.finding,
    )
    async with shop.database.write() as connection:
        await hold(connection, desk.claim)
        await dispositions.put(connection, job.repository.id, made, shop.clock(), sealed=desk.sealed)
        await outcomes.note(connection, Sign(job.repository.id, job.number, Source.DISMISSED, False), ranked.fingerprint, shop.clock())
    await refresh(shop, desk.github, job.repository, job.number)
    return f"Dismissed: {line(ranked.finding.title)}. It will not be posted again; `/council restore {ranked.short_id}` undoes this."


async def restore(desk: Desk) -> str:
    last = await desk.last()
    ranked, _ = await desk.finding(last)
    if ranked.standing is not Standing.DISMISSED:
        raise UserError(f"`{ranked.short_id}` is not dismissed.")
    job, shop = desk.job, desk.workshop
    async with shop.database.write() as connection:
        await hold(connection, desk.claim)
        await dispositions.take_back(connection, job.repository.id, job.number, ranked.fingerprint)
        await outcomes.note(connection, Sign(job.repository.id, job.number, Source.DISMISSED, None), ranked.fingerprint, shop.clock())
    await refresh(shop, desk.github, job.repository, job.number)
    return f"Restored: {line(ranked.finding.title)}."

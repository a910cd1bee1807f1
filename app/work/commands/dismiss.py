"""`dismiss` and `restore`: set a finding aside, or bring it back, and update the summary."""

from app.errors import UserError
from app.reporters.text.safety import line
from app.store.queue.jobs import require_lease
from app.store.reviews import dispositions
from app.work.commands.context import CommandContext
from app.work.reviews import record_outcome
from app.work.reviews.record_outcome import OutcomeSign
from app.work.reviews.refresh_summary import refresh
from reviewers.learning.feedback import Decision, Disposition, Source
from reviewers.values.verdict import ProposalStanding


async def dismiss(context: CommandContext) -> str:
    last = await context.last()
    ranked, reason = await context.finding(last)
    job, services = context.job, context.services
    disposition = Disposition(
        number=job.number,
        fingerprint=ranked.fingerprint,
        short_id=ranked.short_id,
        kind=Decision.DISMISSED,
        login=job.login,
        reason=" ".join(reason.split())[:300],
        finding=ranked.finding,
    )
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        await dispositions.save_decision(connection, job.repository.id, disposition, services.clock(), sealed=context.sealed)
        await record_outcome.record_outcome(
            connection, OutcomeSign(job.repository.id, job.number, Source.DISMISSED, False), ranked.fingerprint, services.clock()
        )
    await refresh(services, context.github, job.repository, job.number)
    return f"Dismissed: {line(ranked.finding.title)}. It will not be posted again; `/council restore {ranked.short_id}` undoes this."


async def restore(context: CommandContext) -> str:
    last = await context.last()
    ranked, _ = await context.finding(last)
    if ranked.standing is not ProposalStanding.DISMISSED:
        raise UserError(f"`{ranked.short_id}` is not dismissed.")
    job, services = context.job, context.services
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        await dispositions.withdraw_decision(connection, job.repository.id, job.number, ranked.fingerprint)
        await record_outcome.record_outcome(
            connection, OutcomeSign(job.repository.id, job.number, Source.DISMISSED, None), ranked.fingerprint, services.clock()
        )
    await refresh(services, context.github, job.repository, job.number)
    return f"Restored: {line(ranked.finding.title)}."

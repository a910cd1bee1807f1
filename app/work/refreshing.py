"""Bring a published summary, and a check run that can gate, up to date with what was decided since."""

from app.errors import NotFound, Refused
from app.github.client import GitHub
from app.github.repository_config import RepositoryConfig
from app.reporters import check_run, summary_text
from app.reporters.edition import Edition
from app.services.workshop import Workshop
from app.store import dispositions, findings, runs
from app.store.head_checks import CheckedHead
from app.store.jobs import Claim
from app.store.outbox import published
from app.store.tables import JobState
from app.work.head_writes import HeadWrites
from reviewers.context.snapshot import Snapshot
from reviewers.feedback import disposed
from reviewers.verdict import Verdict
from webhooks.jobs import RefreshSummary, RepositoryRef


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job: somebody dismissed or restored a finding on a page."""
    job = claim.job
    assert isinstance(job, RefreshSummary)
    async with workshop.github_for(claim) as github:
        await refresh(workshop, github, job.repository, job.number)
    return JobState.DONE


async def refresh(workshop: Workshop, github: GitHub, repository: RepositoryRef, number: int) -> None:
    """Render the newest verdict again and edit what it posted; nothing where nothing was, or it was deleted."""
    async with workshop.database.read() as connection:
        run = await runs.last_shown(connection, repository.id, number)
        decided = await dispositions.about(connection, repository.id, number)
        posted = {} if run is None else await published(connection, run.id)
    if run is None or run.lost or "summary" not in posted:
        return
    edition = Edition(
        run_id=run.id,
        snapshot=Snapshot.model_validate_json(run.snapshot or ""),
        verdict=disposed(Verdict.model_validate_json(run.verdict or ""), decided),
        config=RepositoryConfig.model_validate_json(run.config or ""),
        web_url=workshop.settings.github_web_url,
        # What stands in the diff already is not written out in the summary.
        said=await _said(workshop, run),
    )
    writes = workshop.writes(github, await workshop.identity(), repository.full_name, number)
    summary, check = posted["summary"], posted.get("check")
    try:
        await writes.edit_comment(int(summary.remote_id), summary_text.render(edition, summary.marker))
        if check is not None and check.remote_id and edition.config.gate.enabled:
            shared = HeadWrites(workshop, writes, CheckedHead(repository.id, run.head_sha))
            await shared.update_check(int(check.remote_id), check_run.conclusion(edition, check.marker))
    except (NotFound, Refused):
        return


async def _said(workshop: Workshop, run: runs.Run) -> frozenset[str]:
    async with workshop.database.read() as connection:
        return await findings.inline(connection, run)

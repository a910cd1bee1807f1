"""Updates a published summary, and a check run that can gate, with later decisions."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace

import structlog

from app.configuration.repository_config import RepositoryConfig
from app.errors import GitHubRejected, NotFound
from app.github.installation_client import InstallationClient
from app.reporters import check_run
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import summary_text
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.reviews import dispositions, findings, outcomes, runs
from app.store.reviews.head_checks import CheckedHead
from app.store.reviews.outbox import list_published
from app.store.tables.core import JobState
from app.work.reviews.shared_check_writes import HeadWrites
from reviewers.context.snapshot import Snapshot
from reviewers.learning.feedback import Disposition, apply_decisions
from reviewers.values.verdict import Verdict
from webhooks.jobs import RefreshSummary, RepositoryRef

log = structlog.get_logger(__name__)


async def run(services: WorkerServices, claim: LeasedJob[RefreshSummary]) -> JobState:
    """The job: somebody dismissed or restored a finding on a page."""
    job = claim.job
    async with services.github_for(claim) as github:
        await refresh(services, github, job.repository, job.number)
    return JobState.DONE


async def refresh(services: WorkerServices, github: InstallationClient, repository: RepositoryRef, number: int) -> None:
    """Render the newest verdict again and edit its posts. Do nothing if nothing was posted or it was deleted."""
    async with services.database.read() as connection:
        run = await runs.last_shown(connection, repository.id, number)
    if run is not None:
        await refresh_run(services, github, repository, run)


async def refresh_run(
    services: WorkerServices, github: InstallationClient, repository: RepositoryRef, run: runs.Run, *, with_check: bool = False
) -> bool:
    """Render this run's verdict again and edit its posts. Do nothing if nothing was posted or it was deleted.

    A check that can gate is edited, too; `with_check` edits any. Returns False if GitHub refused that.
    """
    async with services.database.read() as connection:
        decided = await dispositions.decisions_about(connection, repository.id, run.number)
        posted = await list_published(connection, run.id)
    if run.lost or not posted:
        return True
    edition = await _read_edition(services, run, decided)
    writes = services.writes(github, await services.identity(), repository.full_name, run.number)
    summary, check = posted.get("summary"), posted.get("check")
    accepted = True
    if summary is not None:
        accepted = await _is_accepted(writes.edit_comment(int(summary.remote_id), summary_text.render(edition, summary.marker)))
    if check is not None and check.remote_id and (with_check or edition.config.gate.enabled):
        # A summary that GitHub refuses, or that was deleted, does not leave the check outdated.
        shared = HeadWrites(services, writes, CheckedHead(repository.id, run.head_sha))
        accepted &= await _is_accepted(shared.update_check(int(check.remote_id), check_run.conclusion(edition, check.marker)))
    return accepted


async def _is_accepted(write: Awaitable[object]) -> bool:
    """Whether GitHub accepts the write, or has nothing to edit any more."""
    try:
        await write
    except NotFound:
        return True
    except GitHubRejected as error:
        log.warning("GitHub refused a post", error=str(error))
        return False
    return True


async def refuse_rerun(services: WorkerServices, github: InstallationClient, repository: RepositoryRef, run: runs.Run, line: str) -> None:
    """Explain on the check run of a reviewed head why it is not reviewed again. The conclusion stays."""
    async with services.database.read() as connection:
        decided = await dispositions.decisions_about(connection, repository.id, run.number)
        check = (await list_published(connection, run.id)).get("check")
    if check is None or not check.remote_id:
        return
    edition = replace(await _read_edition(services, run, decided), refusals=(line,))
    writes = services.writes(github, await services.identity(), repository.full_name, run.number)
    shared = HeadWrites(services, writes, CheckedHead(repository.id, run.head_sha))
    await shared.update_check(int(check.remote_id), check_run.conclusion(edition, check.marker))


async def read_edition(services: WorkerServices, run: runs.Run) -> ReviewToPublish:
    """A stored verdict as every surface gets it."""
    async with services.database.read() as connection:
        decided = await dispositions.decisions_about(connection, run.repository.id, run.number)
    return await _read_edition(services, run, decided)


async def _read_edition(services: WorkerServices, run: runs.Run, decided: Sequence[Disposition]) -> ReviewToPublish:
    async with services.database.read() as connection:
        resolved = await outcomes.find_resolved(connection, run.repository.id, run.number)
    return ReviewToPublish(
        run_id=run.id,
        snapshot=Snapshot.model_validate_json(run.snapshot or ""),
        verdict=apply_decisions(Verdict.model_validate_json(run.verdict or ""), decided),
        config=RepositoryConfig.model_validate_json(run.config or ""),
        web_url=services.settings.github_web_url,
        run_url=services.settings.run_url(run.id),
        # The summary does not repeat findings that are already on the diff.
        said=await _said(services, run),
        resolved=resolved,
    )


async def _said(services: WorkerServices, run: runs.Run) -> frozenset[str]:
    async with services.database.read() as connection:
        return await findings.inline_fingerprints(connection, run)

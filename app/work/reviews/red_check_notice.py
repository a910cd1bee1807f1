"""Explains a failed check in the summary, once, without asking a model."""

import structlog

from app.configuration.repository_config import Publish, RepositoryConfig
from app.errors import GitHubRejected, NotFound, Postponed
from app.github.ci_logs import failing_checks
from app.github.installation_client import InstallationClient
from app.reporters.text import ci_text
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob, postpone, require_lease
from app.store.reviews import heads, red_checks
from app.store.reviews.heads import HeadRun
from app.store.tables.core import JobState
from reviewers.context.snapshot import Snapshot
from webhooks.jobs import ExplainChecks

log = structlog.get_logger(__name__)

# A review in progress has read the checks already, or will. Look again when it is over.
AGAIN = 30.0
# A review takes minutes. One still in progress after an hour may never end, and it reads failing checks itself anyway.
LONGEST_WAIT = 3600.0


async def run(services: WorkerServices, claim: LeasedJob[ExplainChecks]) -> JobState:
    """Update the summary of each open pull request of that head."""
    job = claim.job
    async with services.database.read() as connection:
        head_runs = await heads.runs_of_head(connection, job.repository.id, job.head_sha)
    if any(not run.state.ended for run in head_runs):
        if services.clock() - claim.since > LONGEST_WAIT:
            return JobState.SKIPPED
        async with services.database.write() as connection:
            await postpone(connection, claim, services.clock() + AGAIN, "a review is in progress", failed=False)
        raise Postponed("the review is under way")
    told = [run for run in head_runs if run.snapshot and run.config and run.comment_id]
    if not told:
        return JobState.SKIPPED
    async with services.github.installation(job.installation_id, job.repository.full_name, repository_id=job.repository.id) as github:
        changed = [await _explained(services, claim, github, each) for each in told]
    return JobState.DONE if any(changed) else JobState.SKIPPED


async def _explained(services: WorkerServices, claim: LeasedJob, github: InstallationClient, run: HeadRun) -> bool:
    """Whether the summary was edited. An error in one pull request does not stop the others of the same head."""
    try:
        return await _explain(services, claim, github, run)
    except (NotFound, GitHubRejected) as error:
        log.warning("not explained", run=run.id, error=str(error))
        return False


async def _explain(services: WorkerServices, claim: LeasedJob, github: InstallationClient, run: HeadRun) -> bool:
    """Whether the summary was edited. Its other parts stay unchanged."""
    snapshot = Snapshot.model_validate_json(run.snapshot or "")
    config = RepositoryConfig.model_validate_json(run.config or "")
    if not config.ci.read_logs or config.review.publish not in {Publish.FULL, Publish.SUMMARY}:
        return False
    checks = await failing_checks(github, snapshot, int(services.settings.app_id))
    if not checks:
        return False
    snapshot = snapshot.model_copy(update={"failing_checks": checks})
    writes = services.writes(github, await services.identity(), snapshot.repository, run.number)
    comment = await writes.comment(run.comment_id or 0)
    if comment is None:
        raise NotFound("the summary comment was deleted")
    old = comment.body or ""
    body = ci_text.put_in(old, ci_text.section(snapshot, services.settings.github_web_url))
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        await heads.keep_snapshot(connection, run, snapshot.model_dump_json())
        await red_checks.save_red_checks(connection, run.id, run.repository_id, checks, services.clock())
    if body == old:
        return False
    await writes.edit_comment(comment.id, body)
    log.info("explained", run=run.id, checks=len(checks))
    return True

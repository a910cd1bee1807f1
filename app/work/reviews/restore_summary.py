"""Shows the summary and the check of a reviewed head again when that head becomes current again. Nothing is paid for."""

import structlog

from app.errors import GitHubRejected, Locked
from app.reporters.summary_comment import SummaryComment
from app.store.reviews import head_checks, runs
from app.store.reviews.head_checks import CheckedHead
from app.store.reviews.outbox import list_published
from app.store.tables.core import RunState
from app.work.reviews.refresh_summary import read_edition, refresh_run
from app.work.reviews.review_run import ReviewRun
from webhooks.jobs import ReviewCause

log = structlog.get_logger(__name__)


async def _post_refused(review: ReviewRun, latest: runs.Run) -> bool:
    """Post a summary that GitHub refused when its review ended. Nothing happens if it was posted. Returns False if it is refused again."""
    services = review.services
    outbox = services.outbox_of(review.claim, latest)
    try:
        await SummaryComment().publish(await read_edition(services, latest), review.writes, outbox)
    except (GitHubRejected, Locked) as error:
        log.warning("GitHub refused the summary", error=str(error))
        return False
    return True


async def restore(review: ReviewRun) -> None:
    """Post the run's summary again if a later run of another head replaced it, and its check if a later review was called off."""
    run, services = review.run, review.services
    async with services.database.read() as connection:
        shown = await runs.last_shown(connection, run.repository.id, run.number)
        # A command or a re-run may have reviewed the head after this job's own run.
        latest = await runs.last_shown(connection, run.repository.id, run.number, run.head_sha)
        part = await head_checks.find_part(connection, CheckedHead(run.repository.id, run.head_sha), run.number)
        # The part is recorded before GitHub shows it, so another try writes the check again.
        is_check_due = (part is not None and part.conclusion in {"", "cancelled"}) or bool(review.claim.error)
        is_refused = latest is not None and latest.reason.startswith(runs.REFUSED)
        if latest is None or shown is None or (shown.id == latest.id and not is_check_due and not is_refused):
            return
    if is_refused and not await _post_refused(review, latest) and not is_check_due:
        return
    # Edit first: a job that fails here finds the outdated summary again, and a sweep does where GitHub refuses the edit.
    if not await refresh_run(services, review.github, run.repository, latest, with_check=is_check_due):
        return
    async with services.database.write() as connection:
        # This run is the newest on the pull request again. Later reviews are compared with it.
        await runs.touch_run(connection, latest.id, services.clock())
    log.info("posted the summary again", run=latest.id, instead_of=shown.id, incomplete=latest.state is RunState.INCOMPLETE)


async def keep_verdict(review: ReviewRun) -> bool:
    """Whether this automatic review ends without a word, because the check shows what a command or a re-run said of its head.

    The verdict is shown again if that is needed.
    """
    latest = await find_verdict(review)
    if latest is None:
        return False
    async with review.services.database.read() as connection:
        if "check" not in await list_published(connection, latest.id):
            return False
    await restore(review)
    return True


async def find_verdict(review: ReviewRun) -> runs.Run | None:
    """The newest review of the head by a command or a re-run, if this automatic review would only repeat it."""
    if review.job.cause is not ReviewCause.AUTO:
        return None
    run = review.run
    async with review.services.database.read() as connection:
        latest = await runs.last_shown(connection, run.repository.id, run.number, run.head_sha)
    return None if latest is None or latest.lost else latest

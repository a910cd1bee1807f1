"""Decides whether pushes to a pull request are reviewed: a person can pause them, or Council does when nobody responds."""

from datetime import UTC, datetime

from app.configuration.repository_config import RepositoryConfig
from app.github.installation_client import GitHubModel, GitHubUser, InstallationClient
from app.github.permissions import maintains
from app.store.queue.jobs import require_lease
from app.store.reviews import pauses
from app.store.reviews.pauses import Pause
from app.store.reviews.runs import Run
from app.work.reviews.review_run import ReviewRun
from app.work.reviews.skip_rules import SkipReason
from webhooks.jobs import ReviewCause

PAUSED = "it is paused"


class _Said(GitHubModel):
    user: GitHubUser | None = None


async def find_pause(review: ReviewRun) -> SkipReason | None:
    """The pause of a pull request. Only a pause by a maintainer of the repository does not count as the author's doing."""
    run = review.run
    async with review.services.database.read() as connection:
        pause = await pauses.read_pause(connection, run.repository.id, run.number)
    if pause is None or not pause.on:
        return None
    return SkipReason(PAUSED, by_author=not (pause.login and await maintains(review.github, run.repository.full_name, pause.login)))


async def pause_notice(review: ReviewRun, config: RepositoryConfig) -> str:
    """Pause when enough pushes were reviewed and nobody responded. Returns what the summary says of it, or ""."""
    run, services, most = review.run, review.services, config.review.pause_after
    async with services.database.read() as connection:
        pause = await pauses.read_pause(connection, run.repository.id, run.number)
        # This run is not published yet, and the first head was not a push.
        pushes, first = await pauses.pushes_reviewed(connection, run.repository.id, run.number, pause.at if pause else 0.0)
    if pause is not None and pause.on:
        return "" if pause.login else _sentence(most)
    if not most or review.job.cause is not ReviewCause.AUTO or pushes < most:
        return ""
    spoken = await _somebody_spoke(review.github, run, first)
    async with services.database.write() as connection:
        await require_lease(connection, review.claim)
        await pauses.save_pause(connection, run.repository.id, run.number, Pause(not spoken, "", services.clock()))
    return "" if spoken else _sentence(most)


def _sentence(most: int) -> str:
    return f"Reviews are paused: nobody responded to the reviews of the last {most} pushes. `/council resume` resumes them."


async def _somebody_spoke(github: InstallationClient, run: Run, since: float) -> bool:
    """Whether a person has commented since then, in the conversation or on the diff."""
    params: dict[str, str | int] = {"since": datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    for path in (f"issues/{run.number}/comments", f"pulls/{run.number}/comments"):
        said = await github.pages(f"/repos/{run.repository.full_name}/{path}", _Said, 200, params)
        if any(each.user is not None and each.user.type == "User" for each in said):
            return True
    return False

"""Opens the repository that a job's seats may look at, and stores with the job what they are shown."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.configuration.repository_config import RepositoryConfig
from app.councils.seat_selection import looks_of, may_ask_models
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.open_repository import MirrorAccess, OpenedRepository
from app.repositories.recorded_looks import RecordedRepository
from app.services.worker import WorkerServices
from app.work.reviews.review_run import ReviewRun
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.snapshot import Snapshot
from reviewers.models.wrappers import AnswerBook
from webhooks.jobs import AnswerCommentQuestion, AnswerInThread, AnswerPageQuestion, ExecuteCommand


class ReviewRepository:
    """The repository of a review, opened once its settings are known and kept open until the review ends."""

    def __init__(self, review: ReviewRun, stack: AsyncExitStack) -> None:
        self._review = review
        self._access = MirrorAccess(review.services.settings, review.services.mirrors, stack)
        self._opened: OpenedRepository | None = None

    async def open(self, config: RepositoryConfig, snapshot: Snapshot) -> OpenedRepository:
        """Open the repository at the head, or record why that is not possible."""
        if self._opened is None:
            self._opened = await self._open(config, snapshot)
        return self._opened

    def view(self, snapshot: Snapshot, book: AnswerBook) -> RepositoryView | None:
        """What seats may look at, None for nothing.

        A resumed run offers the same looks as before, even if the mirror is gone, because what was shown is stored.
        """
        view = self._opened.view if self._opened else None
        was_open = bool(self._review.run.snapshot) and not snapshot.unread_repository
        if self._review.services.settings.repository_seconds == 0 or not (view or was_open):
            return None
        return RecordedRepository(view, snapshot.head_sha, book)

    async def _open(self, config: RepositoryConfig, snapshot: Snapshot) -> OpenedRepository:
        settings, run = self._review.services.settings, self._review.run
        if not may_ask_models(settings, config):
            return OpenedRepository()
        repository = MirroredRepository(self._review.job.installation_id, run.repository.id)
        commits = MirrorCommits(snapshot.head_sha, pull_number=run.number)
        return await self._access.open(repository, commits, config)


@asynccontextmanager
async def open_job_repository(
    services: WorkerServices,
    job: AnswerCommentQuestion | AnswerPageQuestion | ExecuteCommand | AnswerInThread,
    commits: MirrorCommits,
    config: RepositoryConfig,
    book: AnswerBook,
) -> AsyncIterator[RepositoryView | None]:
    """The commit that a question is about, None if there is none or it cannot be read."""
    if not commits.head_sha or not looks_of(config).turns:
        yield None
        return
    async with AsyncExitStack() as stack:
        access = MirrorAccess(services.settings, services.mirrors, stack)
        repository = MirroredRepository(job.installation_id, job.repository.id)
        opened = await access.open(repository, commits, config)
        yield RecordedRepository(opened.view, commits.head_sha, book) if opened.view is not None else None

"""Compares a review with the last published one on this pull request: what is new since, and what was decided."""

import asyncio
from dataclasses import dataclass

from app.configuration.repository_config import Walkthrough
from app.store.reviews import dispositions, runs
from app.store.reviews.runs import Run
from app.work.reviews.review_run import ReviewRun
from reviewers.context.reviewable import skipped_files
from reviewers.context.snapshot import Snapshot
from reviewers.criteria import carry_results
from reviewers.incremental.delta import find_delta, narrow_snapshot
from reviewers.incremental.incremental_review import IncrementalReview, PreviousReview, unchanged_verdict, with_coverage
from reviewers.values.brief import Brief
from reviewers.values.verdict import Verdict
from reviewers.walkthrough import FileGroup, carry_over, group_files
from webhooks.jobs import ReviewCause

# Five file names are informative enough.
_FEW_FILES = 5


@dataclass(frozen=True)
class Baseline:
    """The baseline for the ranking, and what to ask the seats about."""

    succession: IncrementalReview
    asked: Snapshot

    @property
    def nothing_new(self) -> bool:
        """Whether an earlier review covered everything that the diff shows."""
        return self.succession.previous is not None and not self.asked.files

    def groups(self, brief: Brief, wanted: Walkthrough | None) -> tuple[FileGroup, ...]:
        """The reviewed files of the whole change in groups, if the repository wants a walkthrough."""
        files = self.succession.snapshot.files
        left_out = {file.path for file in skipped_files(brief, files)}
        paths = [file.path for file in files if file.path not in left_out]
        if wanted is Walkthrough.OFF or (wanted is None and len(paths) <= _FEW_FILES):
            return ()
        return group_files(paths)

    def carry_walkthrough(self, verdict: Verdict, groups: tuple[FileGroup, ...]) -> Verdict:
        """The verdict with the earlier review's text for groups without changes."""
        before = self.succession.previous
        known = {summary.name: summary for summary in before.verdict.walkthrough} if before is not None else {}
        return verdict.model_copy(update={"walkthrough": carry_over(groups, verdict.walkthrough, known)})

    def carry_criteria(self, verdict: Verdict) -> Verdict:
        """The verdict with the earlier review's results for criteria whose lines did not change."""
        before = self.succession.previous
        if before is None or not verdict.criteria:
            return verdict
        touched = [file.path for file in self.asked.files]
        return verdict.model_copy(update={"criteria": carry_results(verdict.criteria, before.verdict.criteria, touched)})

    def unchanged(self) -> Verdict:
        assert self.succession.previous is not None
        return unchanged_verdict(self.succession, self.succession.previous)

    def covered(self, verdict: Verdict) -> Verdict:
        """The verdict with its coverage counted over the whole change."""
        before = self.succession.previous
        return verdict if before is None or self.succession.wide else with_coverage(verdict, self.succession, before, self.asked)


async def load_baseline(review: ReviewRun, snapshot: Snapshot) -> Baseline:
    """Load the last run and compare with it."""
    run = review.run
    async with review.services.database.read() as connection:
        last = await runs.last_published(connection, run.repository.id, run.number, but=run.id)
        decided = await dispositions.of_paths(connection, run.repository.id, run.number, [file.path for file in snapshot.files])
    # A verdict that can no longer be decrypted is treated as missing.
    previous = None if last is None or last.lost else await asyncio.to_thread(_previous, last, snapshot)
    wide = previous is None or _asked_for_all(review, last)
    succession = IncrementalReview(snapshot, previous, decided, wide)
    return Baseline(succession, snapshot if wide or previous is None else narrow_snapshot(snapshot, previous.new))


def _previous(last: Run, snapshot: Snapshot) -> PreviousReview:
    before = Snapshot.model_validate_json(last.snapshot or "")
    # Compare by ancestry, as far as the pull request's commits are listed. What is new is found by content in any case.
    rebased = last.head_sha not in {commit.sha for commit in snapshot.commits}
    return PreviousReview(Verdict.model_validate_json(last.verdict or ""), before, find_delta(before, snapshot), rebased)


def _asked_for_all(review: ReviewRun, last: Run | None) -> bool:
    """Whether a person explicitly asked for the same head, a focus or the whole change. Such a request always gets a review."""
    job = review.job
    if job.cause is ReviewCause.AUTO:
        return False
    return job.arguments.full or bool(job.focus) or last is None or last.head_sha == review.run.head_sha

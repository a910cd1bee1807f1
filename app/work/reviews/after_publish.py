"""After a review is published, credits the seats that raised the fixed findings and folds the findings' comments."""

import structlog

from app.errors import CouncilError
from app.reporters.text.inline_text import marked_finding
from app.work.reviews import record_outcome
from app.work.reviews.record_outcome import OutcomeSign
from app.work.reviews.review_run import ReviewRun
from reviewers.learning.feedback import Source
from reviewers.values.changes_since import FindingStatus
from reviewers.values.verdict import Verdict

log = structlog.get_logger(__name__)


async def fold_fixed_comments(review: ReviewRun, verdict: Verdict) -> None:
    """Record that the next push changed the flagged lines, a sign that the findings were right. Fold outdated comments, best effort."""
    since = verdict.since
    fixed = since.of(FindingStatus.FIXED) if since is not None else ()
    gone = since.of(FindingStatus.FIXED, FindingStatus.OUTDATED) if since is not None else ()
    if not gone:
        return
    run, services = review.run, review.services
    async with services.database.write() as connection:
        for finding in fixed:
            await record_outcome.record_outcome(
                connection, OutcomeSign(run.repository.id, run.number, Source.CHANGED, True), finding.fingerprint, services.clock()
            )
    why = {finding.fingerprint: "RESOLVED" if finding.fate is FindingStatus.FIXED else "OUTDATED" for finding in gone}
    try:
        for comment in await review.writes.own_review_comments():
            beginning = marked_finding(comment.body or "")
            found = next((fate for full, fate in why.items() if beginning and full.startswith(beginning)), "")
            if found and comment.node_id:
                await review.writes.minimise(comment.node_id, found)  # type: ignore[arg-type]
    except CouncilError as error:
        # Folding needs a permission that the installation may not have granted.
        log.info("outdated comments could not be folded", error=str(error))

"""The surfaces that a verdict is published on, one file per surface. Add one to REPORTERS."""

from app.reporters.check_run import CheckRunReporter
from app.reporters.pull_request_review import PullRequestReview
from app.reporters.reporter import Reporter
from app.reporters.summary_comment import SummaryComment

# People see them in this order, because the review's line links the summary, and the check run ends last.
REPORTERS: tuple[Reporter, ...] = (SummaryComment(), PullRequestReview(), CheckRunReporter())

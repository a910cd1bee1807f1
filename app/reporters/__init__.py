"""One file a surface a verdict is published on."""

from app.reporters.check_run import CheckRun
from app.reporters.pull_request_review import PullRequestReview
from app.reporters.reporter import Reporter
from app.reporters.summary_comment import SummaryComment

# Seen in this order: the review's one line links the summary, and the check run ends last.
REPORTERS: tuple[Reporter, ...] = (SummaryComment(), PullRequestReview(), CheckRun())

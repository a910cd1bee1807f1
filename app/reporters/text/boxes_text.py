"""Change here which findings get a check box to dismiss them, and its words."""

from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.markdown import details
from app.reporters.text.phrases import in_order
from app.reporters.text.safety import line
from reviewers.values.verdict import ProposalStanding, RankedFinding
from webhooks.tick_boxes import HEADING, REVIEW, render_box

_MOST = 40
_WIDTH = 80


def section(edition: ReviewToPublish) -> str:
    """A box per listed finding, a ticked box per dismissed finding, and a box for a new review."""
    verdict = edition.verdict
    if verdict.unreviewable:
        return ""
    rows = [render_box(_dismissal(ranked)) for ranked in in_order(verdict)[:_MOST]]
    rows += [render_box(_dismissal(ranked), ticked=True) for ranked in verdict.standing(ProposalStanding.DISMISSED)[:_MOST]]
    return details(HEADING, "\n".join([*rows, render_box(REVIEW)]))


def _dismissal(ranked: RankedFinding) -> str:
    return f"dismiss `{ranked.short_id}` *{line(ranked.finding.title, _WIDTH)}*"

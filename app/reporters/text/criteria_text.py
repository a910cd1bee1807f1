"""Change here how the summary comment shows the acceptance criteria of closed issues."""

from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.evidence_text import evidence_place
from app.reporters.text.markdown import details
from app.reporters.text.phrases import criteria_counts
from app.reporters.text.safety import line
from reviewers.criteria import CriterionResult


def section(edition: ReviewToPublish) -> str:
    """A folded row per criterion with its lines of code; "" if the closed issues have none."""
    results = edition.verdict.criteria
    rows = "\n".join(_row(result, edition) for result in results)
    return details(f"Acceptance criteria: {criteria_counts(results)}", rows)


def _row(result: CriterionResult, edition: ReviewToPublish) -> str:
    places = ", ".join(evidence_place(proof, edition.snapshot, edition.web_url) for proof in result.proofs)
    by = f" · by {line(', '.join(result.seats[:4]))}" if result.seats else ""
    note = f" · {line(result.note, 240)}" if result.note else ""
    earlier = " · found by an earlier review" if result.is_earlier else ""
    return f"- **{result.status}** · {line(result.text, 240)} (issue {result.issue}){f' · {places}' if places else ''}{by}{note}{earlier}"

"""Change here what an inline comment says and which findings get one."""

import re

from app.github.publisher import InlineComment
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import prompt_text
from app.reporters.text.evidence_text import evidence_list
from app.reporters.text.markdown import Part, assemble, sub
from app.reporters.text.phrases import TO_FIX, how_sure, in_order, severity_mark
from app.reporters.text.safety import fence, line, prose, suggestion
from app.reporters.text.support_text import backing
from reviewers.values.verdict import RankedFinding

_MARKED = 24
_MARKER = re.compile(r"<!-- council:finding ([0-9a-f]{24}) -->")


def inline_findings(edition: ReviewToPublish) -> tuple[RankedFinding, ...]:
    """The findings that get an inline comment: to fix, on a line of the diff, and not posted there before."""
    fitting = [
        ranked
        for ranked in in_order(edition.verdict)
        if ranked.standing in TO_FIX
        and ranked.finding.location.line is not None
        and ranked.fingerprint not in edition.said
        and _takes_comments(edition, ranked)
    ]
    return tuple(fitting[: edition.config.review.max_inline])


def _takes_comments(edition: ReviewToPublish, ranked: RankedFinding) -> bool:
    """Whether GitHub shows the file. One comment on a line that it does not show fails the whole review (422)."""
    file = edition.snapshot.file(ranked.finding.location.path or "")
    return file is None or file.takes_comments


def finding_marker(fingerprint: str) -> str:
    """The hidden marker that names the finding of a comment."""
    return f"<!-- council:finding {fingerprint[:_MARKED]} -->"


def marked_finding(body: str) -> str:
    """The start of the fingerprint in the last marker of Council's comment, or "". A model's text can contain an earlier marker."""
    found = _MARKER.findall(body)
    return found[-1] if found else ""


def comment(edition: ReviewToPublish, ranked: RankedFinding) -> InlineComment:
    """The comment of one finding."""
    finding = ranked.finding
    block = suggestion(finding.suggestion) if finding.suggestion is not None else None
    code = finding.suggestion or finding.sketch
    if block is None and code:
        # GitHub cannot apply it unchanged, so it is shown without the button.
        block = fence(code)
    parts = [
        Part(f"{severity_mark(ranked)} **{line(finding.title)}**"),
        Part(prose(finding.body)),
        Part(evidence_list(ranked, edition.snapshot, edition.web_url)),
        Part(block or ""),
        Part(prompt_text.section([ranked], edition.snapshot.head_sha), drop=1),
        Part(sub(_footer(edition, ranked))),
        Part(finding_marker(ranked.fingerprint)),
    ]
    return InlineComment(finding.location, assemble(parts))


def _footer(edition: ReviewToPublish, ranked: RankedFinding) -> str:
    return f"{ranked.finding.severity} · {how_sure(ranked)} · {backing(ranked, edition.verdict)} · reply to ask why"

"""Change here how the summary lists its findings (two lines each) and how the check run's table shows them (a row each)."""

from collections.abc import Sequence

from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.evidence_text import evidence_link
from app.reporters.text.markdown import details, size, sub, table, where
from app.reporters.text.phrases import TO_FIX, how_sure, severity_mark
from app.reporters.text.safety import line
from app.reporters.text.support_text import support
from reviewers.values.finding import Severity
from reviewers.values.verdict import ProposalStanding, RankedFinding, Stance

_HEADER = "| | Finding | Where | Confidence | Models |"
_RULER = "|:-:|---|---|:-:|---|"
# A phone shows seven findings without scrolling.
_IN_FRONT = 7
# Titles are shortened before a finding is left out.
_WIDTHS = (200, 80, 30)
_MOST_BYTES = 40_000
_SORTED = sub("Sorted by severity, then by confidence.")


def bullets(edition: ReviewToPublish, ranked: Sequence[RankedFinding]) -> str:
    """Two lines per finding, the first seven visible and the rest folded; "" if there are none."""
    for width in _WIDTHS:
        rows = [_bullet(edition, one, width) for one in ranked]
        if size("\n".join(rows)) <= _MOST_BYTES:
            break
    rest = ranked[_IN_FRONT:]
    folded = details(f"{len(rest)} more: {_counts(rest)}", "\n".join(rows[_IN_FRONT:])) if rest else ""
    sorting = _SORTED if sum(one.standing in TO_FIX for one in ranked) > 1 else ""
    return "\n\n".join(filter(None, ("\n".join(rows[:_IN_FRONT]), folded, sorting)))


def findings_table(edition: ReviewToPublish, ranked: Sequence[RankedFinding]) -> str:
    """One row per finding; "" if there are none."""
    for width in _WIDTHS:
        drawn = table(_HEADER, _RULER, [_row(edition, one, width) for one in ranked])
        if size(drawn) <= _MOST_BYTES:
            break
    return drawn


def _bullet(edition: ReviewToPublish, ranked: RankedFinding, width: int) -> str:
    title, place = line(ranked.finding.title, width), _place(edition, ranked)
    evidence = evidence_link(ranked, edition.snapshot, edition.web_url)
    if ranked.standing is ProposalStanding.DISPUTED:
        return f"- {severity_mark(ranked)} disputed · {title}{evidence}\n  {place} · {_backed(edition, ranked, width)}"
    severity = f"{ranked.finding.severity}{', to check' if ranked.standing is ProposalStanding.UNCONFIRMED else ''}"
    head = f"- {severity_mark(ranked)} **{severity}** · **{title}**{evidence}"
    return f"{head}\n  {place} · {how_sure(ranked)} · {_backed(edition, ranked, width)}"


def _row(edition: ReviewToPublish, ranked: RankedFinding, width: int) -> tuple[str, ...]:
    title, disputed = line(ranked.finding.title, width), ranked.standing is ProposalStanding.DISPUTED
    check = " (to check)" if ranked.standing is ProposalStanding.UNCONFIRMED else ""
    named = f"{title} (disputed)" if disputed else f"**{title}**{check}"
    evidence = evidence_link(ranked, edition.snapshot, edition.web_url)
    return (severity_mark(ranked), named + evidence, _place(edition, ranked), how_sure(ranked), _backed(edition, ranked, width))


def _place(edition: ReviewToPublish, ranked: RankedFinding) -> str:
    return where(ranked.finding.location, edition.snapshot, edition.web_url)


def _backed(edition: ReviewToPublish, ranked: RankedFinding, width: int) -> str:
    """Who found it; for a disputed finding also the argument against it."""
    words = support(ranked, edition.verdict) + (" · thread resolved" if ranked.fingerprint in edition.resolved else "")
    against = ranked.by(Stance.REJECT)
    if ranked.standing is not ProposalStanding.DISPUTED or not against:
        return words
    return f"{words}: {line(against[0].evidence, width)}"


def _counts(ranked: Sequence[RankedFinding]) -> str:
    severities = [one.finding.severity for one in ranked if one.standing is not ProposalStanding.DISPUTED]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    counts.append((len(ranked) - len(severities), "disputed"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)

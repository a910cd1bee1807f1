"""An inline comment: what goes wrong, when, what to do, and who says so."""

from collections.abc import Sequence

from app.github.writes import InlineComment
from app.reporters.edition import Edition
from app.reporters.markdown import Part, assemble, sub
from app.reporters.safety import fence, line, prose, suggestion
from app.reporters.words import TO_FIX, how_sure, mark
from reviewers.verdict import RankedFinding, Stance


def chosen(edition: Edition) -> tuple[RankedFinding, ...]:
    """The findings worth an inline comment: to fix, on a line of the diff, and not said there before."""
    fitting = [
        ranked
        for ranked in edition.verdict.standing(*TO_FIX)
        if ranked.finding.location.line is not None and ranked.fingerprint not in edition.said
    ]
    return tuple(fitting[: edition.config.review.max_inline])


def comment(ranked: RankedFinding) -> InlineComment:
    """The comment of one finding."""
    finding = ranked.finding
    block = suggestion(finding.suggestion) if finding.suggestion is not None else None
    code = finding.suggestion or finding.sketch
    if block is None and code:
        # It cannot be applied as it stands, so it is shown without GitHub's button.
        block = fence(code)
    parts = [
        Part(f"{mark(ranked)} **{line(finding.title)}**"),
        Part(prose(finding.body)),
        Part(block or ""),
        Part(sub(_provenance(ranked))),
    ]
    return InlineComment(finding.location, assemble(parts))


def _provenance(ranked: RankedFinding) -> str:
    said = f"raised by {_names(ranked.raised_by)}"
    for stance, verb in ((Stance.CONFIRM, "confirmed by"), (Stance.REJECT, "rejected by")):
        if votes := ranked.by(stance):
            said += f", {verb} {_names([vote.seat for vote in votes])}"
    return f"{ranked.finding.severity} · {how_sure(ranked)} · {said} · `{ranked.short_id}`"


def _names(names: Sequence[str]) -> str:
    shown = [line(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

"""Change here the parts and the order of the summary comment: the verdict, then findings, then folded details."""

from collections.abc import Sequence

from app.configuration.repository_config import Publish
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import (
    author_text,
    boxes_text,
    ci_text,
    criteria_text,
    details_text,
    followup_text,
    prompt_text,
    walkthrough_text,
)
from app.reporters.text.finding_list import bullets
from app.reporters.text.inline_text import inline_findings
from app.reporters.text.markdown import Part, assemble, link, plural, sub
from app.reporters.text.phrases import SHOWN, TO_FIX, count_models, heading, in_order, readings
from app.reporters.text.safety import code, line, prose, prose_before
from reviewers.values.verdict import RankedFinding, SeatReport, Verdict

_REFUSED = "GitHub rejected the comments on the diff, so their text is here."


def render(edition: ReviewToPublish, marker: str, inline_refused: bool = False) -> str:
    """The body of the comment. If it is too long, the prompt is left out first, then each model's report.

    `inline_refused`: GitHub rejected the comments on the diff, so this comment contains their text.
    """
    verdict = edition.verdict
    findings = in_order(verdict)
    parts = [
        Part(f"### {heading(verdict)}"),
        Part(_lead(edition)),
        Part(author_text.author_sentence(edition.snapshot, verdict)),
        Part(edition.notice),
        Part("\n\n".join(prose(refusal, 400) for refusal in edition.refusals)),
        Part(bullets(edition, findings)),
        Part(_plan(verdict)),
        Part(_problems(edition)),
        Part(ci_text.section(edition.snapshot, edition.web_url), drop=1),
        Part(followup_text.section(verdict.since, verdict.head_sha)),
        Part(walkthrough_text.section(edition), drop=1),
        Part(criteria_text.section(edition), drop=1),
        Part(_in_full(edition, findings, inline_refused), drop=2, instead=_too_long("The findings' full text")),
        Part(details_text.minor_section(edition), drop=3, instead=_too_long("Minor findings")),
        Part(details_text.dismissed_section(edition)),
        Part(prompt_text.section(findings, verdict.head_sha), drop=5, instead=_too_long("The prompt for an agent")),
        Part(details_text.seats_section(edition), drop=4, instead=_too_long("What each model said")),
        Part(details_text.coverage_section(edition)),
        # Right before the footer, because Council reads these boxes back and no model's text may follow the last details.
        Part(boxes_text.section(edition)),
        Part(sub(_footer(edition))),
        Part(marker),
    ]
    return assemble(parts)


def _in_full(edition: ReviewToPublish, shown: Sequence[RankedFinding], inline_refused: bool) -> str:
    posted = (
        set()
        if inline_refused or edition.config.review.publish is not Publish.FULL
        else {finding.fingerprint for finding in inline_findings(edition)}
    )
    left = [finding for finding in shown if finding.fingerprint not in posted | edition.said]
    return details_text.findings_in_full(edition, left, _REFUSED if inline_refused else "")


def _too_long(what: str) -> str:
    return f"{what}: left out because the comment would be too long."


def _lead(edition: ReviewToPublish) -> str:
    verdict = edition.verdict
    if verdict.incomplete:
        rows = [f"- {code(seat.seat)} {seat.opinion.value}{_why(seat)}" for seat in verdict.voters]
        rows = rows or [f"- {line(verdict.incomplete, 600)}"]
        return "\n".join([*rows, "", "Nothing was concluded. Re-run the check, or comment `/council review`, to try again."])
    if verdict.unreviewable:
        return f"{line(verdict.unreviewable, 600).capitalize()}."
    alone = "" if any(seat.is_model for seat in verdict.seats) else " No model is configured, so only the static analyzers ran."
    partly = f"{who}." if (who := readings(verdict)) else ""
    if verdict.standing(*SHOWN):
        return prose_before(verdict.summary, (partly + alone).strip())
    return " ".join(filter(None, (partly, _seen(verdict)))) + alone


def _seen(verdict: Verdict) -> str:
    """How many files were read, and how many were not."""
    unseen = verdict.coverage.files - verdict.coverage.seen
    count = sum(seat.complete for seat in verdict.voters)
    by = f" by {plural(count, count_models(verdict).removesuffix('s'))}" if count == len(verdict.voters) else ""
    missed = f"; {plural(unseen, 'file')} not read, listed below" if unseen else ""
    return f"{plural(verdict.coverage.seen, 'file')} read{by}{missed}."


def _why(seat: SeatReport) -> str:
    return f": {line(seat.reason)}" if seat.reason else ""


def _problems(edition: ReviewToPublish) -> str:
    rows = [f"- {line(problem)}" for problem in edition.problems[:20]]
    return "\n".join(["Problems in the settings (`.github/council.yml`):", "", *rows]) if rows else ""


def _plan(verdict: Verdict) -> str:
    """The steps, only if their order matters; otherwise the plan would repeat the list."""
    if not verdict.plan_order or not verdict.standing(*TO_FIX):
        return ""
    steps = (f"{number}. {line(step)}" for number, step in enumerate(verdict.plan[:12], 1))
    return "\n".join([f"**Plan**, in this order: {line(verdict.plan_order, 300)}", "", *steps])


def _footer(edition: ReviewToPublish) -> str:
    parts = [f"Reviewed {code(edition.snapshot.head_sha[:7])}", "`/council help`"]
    if edition.verdict.standing(*SHOWN):
        parts.insert(1, "👍 or 👎 a finding to teach Council")
    if edition.run_url:
        parts.append(link("open the run", edition.run_url))
    return " · ".join(parts)

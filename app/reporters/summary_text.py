"""The summary comment: the verdict in its first line, then what to do, then everything else folded."""

from collections.abc import Sequence

from app.reporters.edition import Edition
from app.reporters.markdown import Part, assemble, details, link, plural, sub, table, where
from app.reporters.safety import code, fence, line, prose
from app.reporters.words import SHOWN, cost, heading, how_sure, mark, seats_answered, support, voters
from reviewers.verdict import Outcome, RankedFinding, SeatReport, Stance, Standing

_HEADER = "| | Finding | Where | How sure | Seats |"
_RULER = "|:-:|---|---|:-:|---|"
_LOG_LINES = 30
_VERBS = {Stance.CONFIRM: "confirmed", Stance.REJECT: "rejected", Stance.UNSURE: "was unsure of"}


def render(edition: Edition, marker: str) -> str:
    """The body of the comment; when it is too long, what each model said gives way first, then what is also noted."""
    verdict = edition.verdict
    parts = [
        Part(f"### {heading(verdict)}"),
        Part(_lead(edition)),
        Part(findings_table(edition, verdict.standing(*SHOWN))),
        Part(_problems(edition)),
        Part(_plan(verdict.plan) if verdict.standing(*SHOWN) else ""),
        Part(_ci(edition), drop=1),
        Part(_noted(edition), drop=2, instead="Also noted: left out here, for the comment would be too long."),
        Part(_seats(edition), drop=3, instead="What each model said: left out here, for the comment would be too long."),
        Part(_coverage(edition)),
        Part(sub(_footer(edition))),
        Part(marker),
    ]
    return assemble(parts)


def findings_table(edition: Edition, ranked: Sequence[RankedFinding]) -> str:
    """One row a finding, best first."""
    return table(_HEADER, _RULER, [_row(edition, each) for each in ranked])


def _row(edition: Edition, ranked: RankedFinding) -> tuple[str, ...]:
    title = line(ranked.finding.title)
    disputed = ranked.standing is Standing.DISPUTED
    said = f"{support(ranked)}: {line(ranked.by(Stance.REJECT)[0].evidence)}" if disputed and ranked.by(Stance.REJECT) else support(ranked)
    place = where(ranked.finding.location, edition.snapshot, edition.web_url)
    return (mark(ranked), f"{title} (disputed)" if disputed else f"**{title}**", place, how_sure(ranked), said)


def _lead(edition: Edition) -> str:
    verdict = edition.verdict
    if verdict.incomplete:
        rows = [f"- {code(seat.seat)} {seat.opinion.value}{_why(seat)}" for seat in voters(verdict)]
        return "\n".join([*rows, "", "Nothing was concluded. Re-run the check, or comment `/council review`, to try again."])
    alone = "" if any(seat.is_model for seat in verdict.seats) else " No model is configured: only the static analyzer looked."
    if verdict.standing(*SHOWN):
        return prose(verdict.summary) + alone
    unseen = verdict.coverage.files - verdict.coverage.seen
    seen = f"{plural(verdict.coverage.seen, 'file')} read by {plural(verdict.answered, 'seat')}"
    missed = f"; {plural(unseen, 'file')} not seen, listed below" if unseen else ""
    return f"{seen}{missed}.{alone}"


def _why(seat: SeatReport) -> str:
    return f": {line(seat.reason)}" if seat.reason else ""


def _problems(edition: Edition) -> str:
    rows = [f"- {line(problem)}" for problem in edition.problems]
    return "\n".join(["`.github/council.yml` has problems; the defaults hold for these lines:", *rows]) if rows else ""


def _plan(steps: Sequence[str]) -> str:
    return "\n".join(["**Plan**", *(f"{number}. {line(step)}" for number, step in enumerate(steps, 1))]) if steps else ""


def _ci(edition: Edition) -> str:
    checks = edition.snapshot.failing_checks
    blocks = [f"**{line(check.name)}**\n\n{fence(chr(10).join(check.lines[-_LOG_LINES:]))}" for check in checks]
    return details(f"Why CI is red: {plural(len(checks), 'job')}", "\n\n".join(blocks))


def _noted(edition: Edition) -> str:
    ranked = edition.verdict.standing(Standing.NOTED)
    rejected = edition.verdict.standing(Standing.REJECTED)
    parts = [findings_table(edition, ranked)]
    if rejected:
        rows = [f"- {line(each.finding.title)}: {line(each.why)}" for each in rejected]
        parts.append("\n".join(["Rejected by the council:", "", *rows]))
    return details(f"Also noted: {len(ranked) + len(rejected)}", "\n\n".join(part for part in parts if part))


def _seats(edition: Edition) -> str:
    seats = edition.verdict.seats
    blocks = [_seat(edition, seat) for seat in seats]
    return details(f"What each model said: {seats_answered(edition.verdict)}", "\n\n".join(blocks)) if seats else ""


def _seat(edition: Edition, seat: SeatReport) -> str:
    verdict, usage = edition.verdict, seat.usage
    head = f"**{line(seat.seat)}** {seat.opinion.value}{_why(seat)}"
    if seat.is_model and seat.opinion is Outcome.ANSWERED:
        head += f" · {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out · {cost(usage.cost_usd)}"
    rows = [f"- raised: {line(each.finding.title)}" for each in verdict.ranked if seat.seat in each.raised_by]
    for each in verdict.ranked:
        votes = [vote for vote in each.votes if vote.seat == seat.seat]
        rows += [f"- {_VERBS[vote.stance]}: {line(each.finding.title)}: {line(vote.evidence)}" for vote in votes]
    rows += [f"- not posted: {line(each.title)}: {line(each.reason)}" for each in verdict.discarded if each.seat == seat.seat]
    return "\n".join([f"{head} · {seat.seconds:.0f} s", "", *rows]).rstrip()


def _coverage(edition: Edition) -> str:
    verdict, left = edition.verdict, [f"- {code(each.path)}: {line(each.reason)}" for each in edition.verdict.coverage.unseen]
    if edition.snapshot.unlisted:
        left.append(f"- {plural(edition.snapshot.unlisted, 'more file')}: GitHub lists at most 3,000")
    seen = f"Seen: {verdict.coverage.seen} of {plural(verdict.coverage.files, 'file')} by all seats"
    title = f"{seen} · {cost(verdict.usage.cost_usd)} · {verdict.seconds:.0f} s"
    chosen = [f"- {line(reason)}" for reason in verdict.chosen]
    body = ["Left out:", "", *left, ""] if left else ["Nothing was left out.", ""]
    return details(title, "\n".join([*body, *chosen, *([f"- {edition.budget_left}"] if edition.budget_left else [])]))


def _footer(edition: Edition) -> str:
    parts = [f"Reviewed {code(edition.snapshot.head_sha[:7])}", "👍 or 👎 a finding to teach the council", "`/council help`"]
    if edition.run_url:
        parts.append(link("open the run", edition.run_url))
    return " · ".join(parts)

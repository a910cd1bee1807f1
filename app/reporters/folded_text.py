"""The folded parts of the summary comment; each function gives a summary line and a body, "" when there is nothing to fold."""

from collections.abc import Sequence

from app.reporters.edition import Edition
from app.reporters.markdown import link, plural, where
from app.reporters.safety import code, fence, line, prose
from app.reporters.wording import anchored, dollars, duration, listed, mark, provenance, short_name, sure
from reviewers.context.snapshot import FailingCheck
from reviewers.finding import Finding
from reviewers.verdict import Outcome, RankedFinding, SeatReport, Stance, Standing

KEY_LINES = 15
MAX_ITEMS = 50
MAX_UNSEEN = 40


def failing(edition: Edition) -> tuple[str, str]:
    """Why CI is red: the last lines of each failed check, which name the error."""
    checks = edition.snapshot.failing_checks
    return f"Why CI is red: {plural(len(checks), 'failed check')}", "\n\n".join(_check(check, edition) for check in checks[:5])


def in_full(edition: Edition, posted: Sequence[RankedFinding], refused: bool) -> tuple[str, str]:
    """The text of findings that stand in the table and on no line of the diff."""
    left = [one for one in listed(edition) if one not in posted and one.fingerprint not in edition.said]
    why = "GitHub did not take the comments on the diff, so all findings are here.\n\n" if refused and left else ""
    return f"In full: {plural(len(left), 'finding')} not on the diff", why + _all(left, edition) if left else ""


def noted(edition: Edition) -> tuple[str, str]:
    notes = edition.verdict.standing(Standing.NOTED)
    return f"Also noted: {len(notes)}", _all(notes, edition)


def said(edition: Edition) -> tuple[str, str]:
    """Per seat: how its turn ended, its findings, and its votes with their evidence."""
    verdict = edition.verdict
    models = [seat for seat in verdict.seats if seat.is_model]
    who = f"What each model said: {plural(len(models), 'seat')}, {verdict.answered} answered" if models else "What each analyzer said"
    return who, "\n\n".join(_seat(seat, verdict.ranked) for seat in verdict.seats)


def discarded(edition: Edition) -> tuple[str, str]:
    claims = edition.verdict.discarded
    rows = [f"- {line(claim.title)} ({code(claim.path)}, {short_name(claim.seat)}): {line(claim.reason)}" for claim in claims[:MAX_ITEMS]]
    return f"Not posted: {plural(len(claims), 'claim')} without evidence", _list(rows, len(claims))


def problems(edition: Edition) -> tuple[str, str]:
    rows = [f"- {code('.github/council.yml')} {line(problem, 400)}" for problem in edition.problems[:20]]
    return f"Settings: {plural(len(edition.problems), 'problem')}", _list(rows, len(edition.problems))


def seen(edition: Edition) -> tuple[str, str]:
    """Coverage, cost and time; what was left out, and why."""
    verdict, unlisted = edition.verdict, edition.snapshot.unlisted
    coverage = verdict.coverage
    rows = [f"- {code(item.path)}: {line(item.reason)}" for item in coverage.unseen[:MAX_UNSEEN]]
    body = [_list(rows, len(coverage.unseen))]
    if unlisted:
        body.append(f"GitHub lists only the first {plural(len(edition.snapshot.files), 'file')}; {unlisted} more were not seen.")
    body += [f"Seats: {line('; '.join(verdict.chosen), 400)}."] if verdict.chosen else []
    body += [line(edition.budget_left)] if edition.budget_left else []
    total = coverage.files + unlisted
    summary = f"Seen: {coverage.seen} of {plural(total, 'file')} by all seats · {dollars(verdict.usage)} · {duration(verdict.seconds)}"
    return summary, "\n\n".join(text for text in body if text) or "Nothing was left out."


def _all(ranked: Sequence[RankedFinding], edition: Edition) -> str:
    shown = [_finding(one, edition) for one in ranked[:MAX_ITEMS]]
    more = [f"… and {len(ranked) - MAX_ITEMS} more on the run page."] if len(ranked) > MAX_ITEMS else []
    return "\n\n".join([*shown, *more])


def _finding(ranked: RankedFinding, edition: Edition) -> str:
    finding = ranked.finding
    head = f"{mark(ranked)} **{line(finding.title)}** · {where(finding.location, edition.snapshot, edition.web_url)}"
    tail = f"{finding.severity.value} · {sure(ranked)} · {provenance(ranked)}" + (f" · {line(ranked.why)}" if ranked.why else "")
    offered = finding.suggestion
    return "\n\n".join(
        part for part in (head, prose(finding.body, 2_000), fence(offered) if offered and _short(finding) else "", tail) if part
    )


def _short(finding: Finding) -> bool:
    return anchored(finding) and len(finding.suggestion or "") <= 2_000


def _check(check: FailingCheck, edition: Edition) -> str:
    url = check.url if check.url.startswith(edition.web_url.rstrip("/") + "/") and not set(check.url) & set("()<> \n") else ""
    lines = fence("\n".join(text[:300] for text in check.lines[-KEY_LINES:])) if check.lines else "No log could be read."
    return f"**{link(line(check.name), url)}**\n\n{lines}"


def _seat(seat: SeatReport, ranked: Sequence[RankedFinding]) -> str:
    usage = seat.usage
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out · {dollars(usage)} · " if seat.is_model else ""
    outcome = seat.opinion.value + (f": {line(seat.reason)}" if seat.reason and seat.opinion is not Outcome.ANSWERED else "")
    cast = "" if seat.critique is Outcome.ANSWERED or not seat.is_model else f" · no votes: {seat.critique.value}"
    rows = [f"- raised: {line(one.finding.title)}" for one in ranked if seat.seat in one.raised_by]
    verbs = {Stance.CONFIRM: "confirmed", Stance.REJECT: "rejected", Stance.UNSURE: "was unsure about"}
    for one in ranked:
        votes = [vote for vote in one.votes if vote.seat == seat.seat]
        rows += [f"- {verbs[vote.stance]}: {line(one.finding.title, 120)}" + _because(vote.evidence) for vote in votes]
    head = f"**{line(short_name(seat.seat))}** {outcome}, {plural(seat.findings, 'finding')}{cast} · {tokens}{duration(seat.seconds)}"
    return f"{head}\n\n{_list(rows[:MAX_ITEMS], len(rows))}".strip()


def _because(evidence: str) -> str:
    return f" ({line(evidence, 300)})" if evidence else ""


def _list(rows: Sequence[str], count: int) -> str:
    more = [f"- … and {count - len(rows)} more"] if count > len(rows) else []
    return "\n".join([*rows, *more])

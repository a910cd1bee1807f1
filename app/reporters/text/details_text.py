"""Change here the folded parts of the summary comment: findings in full, each model's report, and coverage. An empty part is ""."""

from collections.abc import Sequence

from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.evidence_text import evidence_list, looked_around
from app.reporters.text.markdown import details, plural, where
from app.reporters.text.phrases import cost, count_models, how_sure, severity_mark
from app.reporters.text.safety import code as span
from app.reporters.text.safety import fence, line, prose
from app.reporters.text.support_text import support
from reviewers.context.prompt_builder import TANGLED
from reviewers.values.verdict import Outcome, ProposalStanding, RankedFinding, SeatReport, SeatVote, Stance

_MOST = 40
_BODY = 2_000
_VERBS = {Stance.CONFIRM: "confirmed", Stance.REJECT: "rejected", Stance.UNSURE: "was unsure of"}


def findings_in_full(edition: ReviewToPublish, ranked: Sequence[RankedFinding], why: str = "") -> str:
    """The full text of findings that have no comment on the diff."""
    blocks = [why, *(_finding(edition, finding) for finding in ranked[:_MOST])]
    return details(
        f"In full: {plural(len(ranked), 'finding')} without a comment on the diff", "\n\n".join(filter(None, blocks)) if ranked else ""
    )


def minor_section(edition: ReviewToPublish) -> str:
    """Minor findings, and findings that the council rejected."""
    ranked, rejected = edition.verdict.standing(ProposalStanding.NOTED), edition.verdict.standing(ProposalStanding.REJECTED)
    blocks = [_finding(edition, finding) for finding in ranked[:_MOST]]
    if rejected:
        rows = [f"- {line(each.finding.title)}: {line(each.why)}" for each in rejected]
        blocks.append("\n".join(["Rejected by the council:", "", *_few(rows)]))
    counts = [plural(len(ranked), "minor finding")] if ranked else []
    counts += [f"{len(rejected)} rejected"] if rejected else []
    return details(", ".join(counts), "\n\n".join(blocks))


def dismissed_section(edition: ReviewToPublish) -> str:
    """Dismissed findings, with who dismissed them and why."""
    aside = edition.verdict.standing(ProposalStanding.DISMISSED)
    rows = [f"- {line(each.finding.title)} · `{each.short_id}` · {line(each.why)}" for each in aside]
    return details(f"{len(aside)} dismissed", "\n".join(_few(rows)))


def seats_section(edition: ReviewToPublish) -> str:
    """Per seat: its outcome, its findings, its votes with reasons, and its claims that were not posted."""
    blocks = [_seat(edition, seat) for seat in edition.verdict.seats]
    who = "model" if any(seat.is_model for seat in edition.verdict.seats) else "analyzer"
    answered = f"{edition.verdict.answered} of {len(edition.verdict.voters)} answered"
    return details(f"What each {who} said: {answered}", "\n\n".join(blocks))


def coverage_section(edition: ReviewToPublish) -> str:
    """What was read, its cost and time, and what was left out and why."""
    verdict, unlisted = edition.verdict, edition.snapshot.unlisted
    unread = [(part.path, part.reason) for part in edition.snapshot.unread] + [(file.path, file.reason) for file in verdict.coverage.unseen]
    left = _few([f"- {span(path)}: {line(reason)}" for path, reason in unread])
    if unlisted:
        left.append(f"- {plural(unlisted, 'more file')}: GitHub lists at most 3,000 files")
    total = plural(verdict.coverage.files + unlisted, "file")
    seen = f"Coverage: {verdict.coverage.seen} of {total} read by all {count_models(verdict)}"
    more = [f"Models: {line('; '.join(verdict.chosen), 400)}"] if verdict.chosen else []
    more += [line(edition.budget_left)] if edition.budget_left else []
    for words, tangled in ((TANGLED.capitalize(), True), ("Context that did not fit", False)):
        if names := [unseen.path for unseen in verdict.coverage.dropped if (unseen.reason == TANGLED) == tangled]:
            more.insert(0, f"{words}: {line(', '.join(names), 600)}")
    body = "\n".join(["Left out:", "", *left]) if left else "Nothing was left out."
    return details(f"{seen} · {cost(verdict.usage.cost_usd)} · {verdict.seconds:.0f} s", "\n\n".join([body, *more]))


def _finding(edition: ReviewToPublish, ranked: RankedFinding) -> str:
    finding = ranked.finding
    head = f"{severity_mark(ranked)} **{line(finding.title)}** · {where(finding.location, edition.snapshot, edition.web_url)}"
    why = line(ranked.why) if ranked.why else support(ranked, edition.verdict)
    facts = f"{finding.severity} · {how_sure(ranked)} · {why} · `{ranked.short_id}`"
    code = finding.suggestion or finding.sketch
    evidence = evidence_list(ranked, edition.snapshot, edition.web_url)
    return "\n\n".join(filter(None, (head, prose(finding.body, _BODY), evidence, fence(code[:_BODY]) if code else "", facts)))


def _seat(edition: ReviewToPublish, seat: SeatReport) -> str:
    verdict, usage = edition.verdict, seat.usage
    head = f"**{line(seat.seat)}** {seat.opinion.value}{f': {line(seat.reason)}' if seat.reason else ''}"
    if seat.is_model and seat.opinion is Outcome.ANSWERED:
        cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
        head += f" · {usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out · {cost(usage.cost_usd)}"
        head += "" if seat.critique is Outcome.ANSWERED else f" · no votes: {seat.critique.value}"
    rows = [f"- found: {line(finding.finding.title)}" for finding in verdict.ranked if seat.seat in finding.raised_by]
    for finding in verdict.ranked:
        votes = [vote for vote in finding.votes if vote.seat == seat.seat]
        rows += [f"- {_VERBS[vote.stance]}: {line(finding.finding.title)}: {line(vote.evidence)} {_proof(vote)}".rstrip() for vote in votes]
    rows += [f"- {looked_around(seat.looks)}"] if seat.looks else []
    rows += [
        f"- not posted: {line(discarded.title)}: {line(discarded.reason)}" for discarded in verdict.discarded if discarded.seat == seat.seat
    ]
    return "\n".join([f"{head} · {seat.seconds:.0f} s", "", *_few(rows)]).rstrip()


def _proof(vote: SeatVote) -> str:
    """The line that a vote rests on, or a note that there is none."""
    if vote.stance is Stance.UNSURE:
        return ""
    return f"({span(f'{vote.proof.path}:{vote.proof.line}')})" if vote.proof else "(without evidence)"


def _few(rows: Sequence[str]) -> list[str]:
    return [*rows[:_MOST], *([f"- … and {len(rows) - _MOST} more"] if len(rows) > _MOST else [])]

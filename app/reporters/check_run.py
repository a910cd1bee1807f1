"""The check run. It is in progress while a review runs; the gate decides its conclusion."""

from typing import Literal

from app.configuration.repository_config import GateConfig, Publish
from app.github.publisher import Annotation, Conclusion, PostedObject, PullRequestPublisher
from app.reporters.reporter import Publication, Turn, at_once, write_once
from app.reporters.review_to_publish import Outbox, ReviewToPublish
from app.reporters.text.author_text import author_sentence
from app.reporters.text.finding_list import findings_table
from app.reporters.text.markdown import Part, assemble
from app.reporters.text.phrases import (
    TO_FIX,
    cannot_review,
    complete_readings,
    count_models,
    count_severities,
    fails_gate,
    headline,
    how_sure,
    in_order,
    readings,
)
from app.reporters.text.safety import line, plain, prose
from app.reporters.text.support_text import support
from app.store.reviews.outbox import OutboxEntry
from reviewers.values.finding import Side
from reviewers.values.verdict import ProposalStanding, RankedFinding, Verdict

NAME = "Council"
SURFACE = "check"
_STARTED = Conclusion("in_progress", "Review in progress", "The verdict replaces this line.")
_LEVELS = {4: "failure", 3: "warning", 2: "warning", 1: "notice"}


class CheckRunReporter:
    """The surface that can block a merge."""

    surface = SURFACE

    async def publish(self, edition: ReviewToPublish, writes: PullRequestPublisher, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Conclude the check run of this run."""
        await turn()
        if edition.config.review.publish is Publish.NONE:
            return Publication(self.surface, reason="not asked for")
        entry = await _made(edition.run_id, edition.snapshot.head_sha, writes, outbox)
        check_id = int(entry.remote_id)
        if entry.done:
            return Publication(self.surface, entry.url, "already there")
        # GitHub appends annotations, so an attempt after a crash must not send the same ones again.
        before = await writes.check(check_id) if entry.concluding else None
        if before is None or before.status != "completed":
            await outbox.conclude(self.surface)
            await writes.update_check(check_id, conclusion(edition, entry.marker), before.output.annotations_count if before else 0)
        await outbox.done(self.surface)
        return Publication(self.surface, entry.url)


async def begin(run_id: str, head_sha: str, writes: PullRequestPublisher, outbox: Outbox) -> OutboxEntry:
    """Create the check run of a run in progress, or set a skipped or completed one back to in progress."""
    entry = await outbox.intend(SURFACE)
    if not entry.remote_id:
        return await _create(entry, (run_id, head_sha, _STARTED), writes, outbox)
    if not entry.done and not entry.concluding:
        await writes.update_check(int(entry.remote_id), _STARTED)
    return entry


async def _made(run_id: str, head_sha: str, writes: PullRequestPublisher, outbox: Outbox) -> OutboxEntry:
    """The check run of a run; created in progress if it does not exist."""
    entry = await outbox.intend(SURFACE)
    if entry.remote_id:
        return entry
    return await _create(entry, (run_id, head_sha, _STARTED), writes, outbox)


async def _create(entry: OutboxEntry, what: tuple[str, str, Conclusion], writes: PullRequestPublisher, outbox: Outbox) -> OutboxEntry:
    run_id, head_sha, content = what
    external_id = f"council:{run_id}"

    async def find() -> PostedObject | None:
        return next((own for own in await writes.own_checks(head_sha, NAME) if own.external_id == external_id), None)

    remote = await write_once(entry, find, lambda: writes.create_check(NAME, head_sha, external_id, content))
    return await outbox.created(SURFACE, str(remote.id), remote.url)


async def withdraw(reason: str, writes: PullRequestPublisher, outbox: Outbox) -> None:
    """Cancel the check run of an outdated run. Does nothing if it was not created."""
    entry = await outbox.recall(SURFACE)
    if entry is not None and entry.remote_id and not entry.done:
        ended = Conclusion("completed", "No longer needed", line(f"Stopped: {reason}."), conclusion="cancelled")
        await writes.update_check(int(entry.remote_id), ended)
        await outbox.done(SURFACE)


async def abandon(run_id: str, head_sha: str, reason: str, writes: PullRequestPublisher, outbox: Outbox) -> None:
    """Conclude that a run failed. The conclusion is neutral, because a failure of Council says nothing about the change."""
    entry = await _made(run_id, head_sha, writes, outbox)
    text = f"{line(reason, 400)}\n\nPress **Re-run council**, or comment `/council review`, to try again."
    await writes.update_check(int(entry.remote_id), Conclusion("completed", _given_up(reason), text, conclusion="neutral"))
    await outbox.done(SURFACE)


def _given_up(reason: str) -> str:
    """The title of the check of a failed review, worded like that of a review without enough answers."""
    return f"Could not review this: {plain(reason, 120).rstrip('.')}" if reason.strip() else "Could not review this"


async def pause(run_id: str, head_sha: str, reason: str, writes: PullRequestPublisher, outbox: Outbox) -> None:
    """Conclude as neutral that a run is paused. It is in progress again when the run resumes."""
    entry = await _made(run_id, head_sha, writes, outbox)
    await writes.update_check(int(entry.remote_id), Conclusion("completed", "Paused", line(reason, 400), conclusion="neutral"))


async def abandon_in_words(reason: str, writes: PullRequestPublisher, outbox: Outbox) -> None:
    """The same as a comment in the conversation, if GitHub accepts no check run."""
    entry = await outbox.intend("burial")
    if entry.remote_id:
        return

    async def find() -> PostedObject | None:
        return next((own for own in await writes.own_comments() if entry.marker in (own.body or "")), None)

    body = f"### Council could not review this\n\n{prose(reason, 1_000)}\n\n`/council retry` tries again.\n\n{entry.marker}"
    remote = await write_once(entry, find, lambda: writes.create_comment(body))
    await outbox.created("burial", str(remote.id), remote.url)


async def skip(run_id: str, head_sha: str, ended: Conclusion, writes: PullRequestPublisher, outbox: Outbox) -> None:
    """Say why a head is not reviewed, in a new completed check run or in the existing one."""
    entry = await outbox.intend(SURFACE)
    if not entry.remote_id:
        await _create(entry, (run_id, head_sha, ended), writes, outbox)
    else:
        await writes.update_check(int(entry.remote_id), ended)
    await outbox.done(SURFACE)


def conclude_skipped(reason: str, gate: GateConfig, *, by_author: bool, starts: str = "") -> Conclusion:
    """How the check run of a skipped head ends. If the gate is on, a skip that the author can cause does not pass it.

    `starts` is a sentence on who can start the review; with it, the check is neutral instead of skipped.
    """
    gated = gate.enabled and by_author
    short = reason.removeprefix("it is ").removeprefix("its ").removeprefix("a ")
    ask = starts or "Comment `/council review`, or press **Re-run council**, to have it reviewed."
    text = f"This commit was not reviewed: {line(reason, 400)}.\n\n{ask}"
    return Conclusion(
        "completed",
        f"{'Not reviewed yet' if starts else 'Skipped'}: {short}"[:200],
        text,
        conclusion=gate.incomplete if gated else "neutral" if starts else "skipped",
        source="author" if gated else "server",
    )


def conclusion(edition: ReviewToPublish, marker: str = "") -> Conclusion:
    """The check run's title, table, annotations and conclusion, and an invisible marker."""
    verdict, gate = edition.verdict, edition.config.gate
    title = _title(verdict)
    partly = f"{who}." if (who := readings(verdict)) and not verdict.incomplete else ""
    table = findings_table(edition, in_order(verdict))
    reason = verdict.incomplete or verdict.unreviewable
    said = line(reason, 400) if reason else table or ("Nothing to fix." if verdict.conclusive else "Nothing was found in what was read.")
    warning, refusals = line(edition.budget_warning, 300), [prose(refusal, 400) for refusal in edition.refusals]
    author = author_sentence(edition.snapshot, verdict)
    body = [Part(partly), Part(said), Part(author), Part(warning), Part("\n\n".join(refusals)), Part(_problems(edition))]
    ends: Literal["failure", "success"] | None = "failure" if fails_gate(verdict, gate) else "success" if verdict.conclusive else None
    return Conclusion(
        "completed",
        title[:1].upper() + title[1:],
        assemble([*body, Part(marker)]),
        conclusion=ends or _inconclusive(gate),
        source="verdict" if ends else "server",
        annotations=tuple(note for ranked in verdict.standing(*TO_FIX) if (note := _annotation(ranked, verdict)) is not None),
    )


def _title(verdict: Verdict) -> str:
    """ "1 critical, 1 high · 3 of 3 models", or why there is no verdict."""
    if verdict.unreviewable:
        return headline(verdict)
    if verdict.incomplete:
        return cannot_review(verdict)
    counted = _counted(verdict)
    seats = f"{verdict.answered} of {len(verdict.voters)} {count_models(verdict)}" if verdict.conclusive else complete_readings(verdict)
    return counted if counted.endswith(seats) else f"{counted} · {seats}"


def _counted(verdict: Verdict) -> str:
    """The findings by severity. Without a gate, the check does not say what must not be merged."""
    counts = count_severities(verdict)
    disputed = len(verdict.standing(ProposalStanding.DISPUTED))
    return ", ".join([*filter(None, [counts]), *([f"{disputed} disputed"] if disputed else [])]) or headline(verdict)


def _inconclusive(gate: GateConfig) -> Literal["neutral", "action_required"]:
    """The conclusion of an inconclusive review: neutral, or the gate's setting if it is on."""
    return gate.incomplete if gate.enabled else "neutral"


def _problems(edition: ReviewToPublish) -> str:
    rows = [f"- {line(problem)}" for problem in edition.problems[:20]]
    return "\n".join(["Problems in the settings (`.github/council.yml`):", "", *rows]) if rows else ""


def _annotation(ranked: RankedFinding, verdict: Verdict) -> Annotation | None:
    finding = ranked.finding
    # Annotations are on the head, which does not contain removed lines.
    if finding.location.path is None or finding.location.side is Side.LEFT:
        return None
    last = finding.location.line or 1
    return Annotation(
        path=finding.location.path,
        start_line=finding.location.start_line or last,
        end_line=last,
        level=_LEVELS[finding.severity.weight],  # type: ignore[arg-type]
        title=plain(finding.title)[:255],
        message=f"{plain(finding.body, 4_000)}\n\n{finding.severity} · {how_sure(ranked)} · {support(ranked, verdict)}",
    )

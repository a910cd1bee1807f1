"""The check run: in progress when a review begins, concluded by the gate when it is published."""

from app.github.repository_config import Publish
from app.github.writes import Annotation, Conclusion, Remote, Writes
from app.reporters import summary_text
from app.reporters.edition import Edition, Outbox
from app.reporters.markdown import Part, assemble
from app.reporters.reporter import Publication, Turn, at_once, once
from app.reporters.safety import line, plain
from app.reporters.words import SHOWN, TO_FIX, fails_gate, headline, how_sure, support, voters
from app.store.outbox import Entry
from reviewers.finding import Side
from reviewers.verdict import RankedFinding

NAME = "Council"
SURFACE = "check"
_LEVELS = {4: "failure", 3: "warning", 2: "warning", 1: "notice"}


class CheckRun:
    """The surface that can gate."""

    surface = SURFACE

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Conclude the check run of this run."""
        await turn()
        if edition.config.review.publish is Publish.NONE:
            return Publication(self.surface, reason="not asked for")
        entry = await begin(edition.run_id, edition.snapshot.head_sha, writes, outbox)
        check_id = int(entry.remote_id)
        if entry.done:
            return Publication(self.surface, entry.url, "already there")
        # Annotations are appended, so an attempt that died after one of GitHub's answers must not send them again.
        before = await writes.check(check_id) if entry.concluding else None
        if before is None or before.status != "completed":
            await outbox.conclude(self.surface)
            await writes.update_check(check_id, conclusion(edition), before.output.annotations_count if before else 0)
        await outbox.done(self.surface)
        return Publication(self.surface, entry.url)


async def begin(run_id: str, head_sha: str, writes: Writes, outbox: Outbox) -> Entry:
    """The check run of a run, created in progress unless it is there."""
    entry = await outbox.intend(SURFACE)
    if entry.remote_id:
        return entry
    external_id = f"council:{run_id}"

    async def find() -> Remote | None:
        return next((own for own in await writes.own_checks(head_sha, NAME) if own.external_id == external_id), None)

    started = Conclusion("in_progress", "The council is reading", "The verdict replaces this line.")
    remote = await once(entry, find, lambda: writes.create_check(NAME, head_sha, external_id, started))
    return await outbox.created(SURFACE, str(remote.id), remote.url)


async def withdraw(reason: str, writes: Writes, outbox: Outbox) -> None:
    """Cancel the check run of a run that nobody wants any more; one that was never begun stays away."""
    entry = await outbox.recall(SURFACE)
    if entry is not None and entry.remote_id and not entry.done:
        ended = Conclusion("completed", "Not needed any more", line(f"Stopped: {reason}."), conclusion="cancelled")
        await writes.update_check(int(entry.remote_id), ended)
        await outbox.done(SURFACE)


async def abandon(run_id: str, head_sha: str, reason: str, writes: Writes, outbox: Outbox) -> None:
    """Say that a run was given up: neutral, never red or green because we failed."""
    entry = await begin(run_id, head_sha, writes, outbox)
    text = f"{line(reason, 400)}\n\nPress **Re-run council**, or comment `/council review`, to try again."
    await writes.update_check(int(entry.remote_id), Conclusion("completed", "Council could not finish", text, conclusion="neutral"))
    await outbox.done(SURFACE)


def conclusion(edition: Edition) -> Conclusion:
    """Title, table, annotations and how the check run ends."""
    verdict, gate = edition.verdict, edition.config.gate
    seats = f"{verdict.answered} of {len(voters(verdict))} seats"
    title = (
        f"{headline(verdict)} · {seats}"
        if not verdict.incomplete
        else f"Could not {'finish' if voters(verdict) else 'begin'} · {seats} answered"
    )
    body = [Part(summary_text.findings_table(edition, verdict.standing(*SHOWN)) or "Nothing to fix."), Part(_problems(edition))]
    if verdict.incomplete:
        body = [Part(line(verdict.incomplete, 400)), Part(_problems(edition))]
    return Conclusion(
        "completed",
        title[:1].upper() + title[1:],
        assemble(body),
        conclusion=gate.incomplete if verdict.incomplete else "failure" if fails_gate(verdict, gate) else "success",
        annotations=tuple(note for ranked in verdict.standing(*TO_FIX) if (note := _annotation(ranked)) is not None),
    )


def _problems(edition: Edition) -> str:
    rows = [f"- {line(problem)}" for problem in edition.problems[:20]]
    return "\n".join(["`.github/council.yml`:", "", *rows]) if rows else ""


def _annotation(ranked: RankedFinding) -> Annotation | None:
    finding = ranked.finding
    # An annotation stands on the head; a removed line is not there any more.
    if finding.location.path is None or finding.location.side is Side.LEFT:
        return None
    last = finding.location.line or 1
    return Annotation(
        path=finding.location.path,
        start_line=finding.location.start_line or last,
        end_line=last,
        level=_LEVELS[finding.severity.weight],  # type: ignore[arg-type]
        title=plain(finding.title)[:255],
        message=f"{plain(finding.body, 4_000)}\n\n{finding.severity} · {how_sure(ranked)} · {support(ranked)}",
    )

"""Answers in the thread of a finding. The seats that raised or rejected it answer and may withdraw it. A resolved thread is an outcome."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import Locked, NotFound, UserError
from app.github.installation_client import GitHubModel, GitHubUser, InstallationClient
from app.reporters.text.evidence_text import looked_around
from app.reporters.text.inline_text import marked_finding
from app.reporters.text.safety import line, prose_after
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.reviews import dispositions
from app.store.tables.core import JobState
from app.work.commands import authorization
from app.work.commands.authorization import Caller
from app.work.commands.context import CommandContext, LastReview
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews import record_outcome
from app.work.reviews.refresh_summary import refresh
from reviewers.followup import FAILURES, Message, ThreadAnswer, ask_model, thread_question
from reviewers.learning.feedback import Decision, Disposition, Source
from reviewers.values.look_record import LookRecord
from reviewers.values.verdict import RankedFinding, Stance
from webhooks.jobs import AnswerInThread, NoteThread

_MOST_SEATS = 3


class _Comment(GitHubModel):
    id: int
    body: str | None = None
    user: GitHubUser | None = None
    in_reply_to_id: int | None = None


async def answer_thread(services: WorkerServices, claim: LeasedJob[AnswerInThread]) -> JobState:
    """The job of a reply. Skipped if the thread is not ours, or if the person may not start paid work."""
    job = claim.job
    place = ReplyTarget.of(job)
    async with services.github_for(claim) as github:
        if await post_answer.find_answer(services, claim, github, place):
            return JobState.DONE
        access_facts = await authorization.read_access_facts(services, github, job)
        if access_facts.origin.locked:
            raise Locked
        context = CommandContext(services, claim, job, github, access_facts)
        try:
            last = await context.last()
            ranked, _ = await context.finding(last)
        except UserError:
            return JobState.SKIPPED
        # This may be a conversation between people, so post no refusal.
        person = Caller(job.login, "reply")
        if await authorization.authorize(services, claim, person, access_facts) is not None:
            return JobState.SKIPPED
        messages = await _conversation(github, job)
        try:
            text = await _settle(context, ranked, await _hear(context, last, ranked, messages))
        except UserError as error:
            text = str(error)
        await post_answer.post_answer(services, claim, github, place, text)
    return JobState.DONE


async def note_thread_state(services: WorkerServices, claim: LeasedJob[NoteThread]) -> JobState:
    """The job of a resolved or unresolved thread: record what people made of the finding."""
    job = claim.job
    async with services.github_for(claim) as github:
        writes = services.writes(github, await services.identity(), job.repository.full_name, job.number)
        try:
            root = await writes.review_comment(job.thread_id)
        except NotFound:
            root = None
        beginning = marked_finding(root.body or "") if root is not None else ""
        if not beginning:
            return JobState.SKIPPED
        async with services.database.write() as connection:
            await require_lease(connection, claim)
            sign = record_outcome.OutcomeSign(job.repository.id, job.number, Source.RESOLVED, True if job.resolved else None)
            await record_outcome.record_outcome(connection, sign, beginning, services.clock())
        await refresh(services, github, job.repository, job.number)
    return JobState.DONE


@dataclass(frozen=True)
class _Answered:
    """A seat's answer, and where it looked before."""

    said: ThreadAnswer
    looks: Sequence[LookRecord]


async def _hear(context: CommandContext, last: LastReview, ranked: RankedFinding, said: tuple[Message, ...]) -> Mapping[str, _Answered]:
    """Ask the seats that raised the finding, then those that rejected it, each one alone."""
    names = [*ranked.raised_by, *(vote.seat for vote in ranked.by(Stance.REJECT))]
    async with context.models(last) as models:
        asked = [name for name in names if name in models.by_seat][:_MOST_SEATS] or list(models.by_seat)[:1]

        async def one(name: str) -> _Answered | None:
            question, looking = thread_question(ranked.finding, last.snapshot, said, name in ranked.raised_by), models.context()
            try:
                answer = await ask_model(models.by_seat[name], question, ThreadAnswer, time.monotonic, looking)
            except FAILURES:
                return None
            return _Answered(answer, looking.records)

        answers = await asyncio.gather(*(one(name) for name in asked))
    return {name: found for name, found in zip(asked, answers, strict=True) if found is not None}


async def _settle(context: CommandContext, ranked: RankedFinding, heard: Mapping[str, _Answered]) -> str:
    """The answer. The finding is withdrawn if all seats that raised it, as far as they answered, withdraw it."""
    if not heard:
        return "No model could answer now. `/council dismiss` dismisses the finding."
    # Seats that did not raise it may have rejected it already, and one of them might be persuaded.
    raised = [heard[name] for name in ranked.raised_by if name in heard]
    rows = [_row(name, answered, raised=name in ranked.raised_by) for name, answered in heard.items()]
    if not raised or not all(answered.said.withdraw for answered in raised):
        return "\n\n".join(rows)
    job, services = context.job, context.services
    disposition = Disposition(
        number=job.number,
        fingerprint=ranked.fingerprint,
        short_id=ranked.short_id,
        kind=Decision.WITHDRAWN,
        login="",
        reason=" ".join(raised[0].said.answer.split())[:300],
        finding=ranked.finding,
    )
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        await dispositions.save_decision(connection, job.repository.id, disposition, services.clock(), sealed=context.sealed)
        sign = record_outcome.OutcomeSign(job.repository.id, job.number, Source.WITHDRAWN, False)
        await record_outcome.record_outcome(connection, sign, ranked.fingerprint, services.clock())
    await refresh(services, context.github, job.repository, job.number)
    return "\n\n".join(["**Withdrawn.** It will not be posted again.", *rows])


def _row(name: str, answered: _Answered, *, raised: bool) -> str:
    looks = f"\n\n<sub>{line(name)} {looked_around(answered.looks)}.</sub>" if answered.looks else ""
    lead = f"**{line(name)}** {'found it' if raised else 'was also asked'}:"
    return prose_after(lead, answered.said.answer, 1_200) + looks


async def _conversation(github: InstallationClient, job: AnswerInThread) -> tuple[Message, ...]:
    """The thread, oldest first."""
    every = (await github.newest(f"/repos/{job.repository.full_name}/pulls/{job.number}/comments", _Comment, 1_000)).items
    thread = [comment for comment in every if job.thread_id in (comment.id, comment.in_reply_to_id) and comment.id != job.thread_id]
    return tuple(Message(login=comment.user.login if comment.user else "", text=comment.body or "") for comment in thread)

"""Answers a question from a comment: reads the material, shows progress, consults, stores the advice, and edits the answer in place."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from app.authorization.plan_quota import month_of, used_up
from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.repository_config import RepositoryConfig
from app.councils.answer_memory import AnswerMemory
from app.errors import Locked, Superseded
from app.github.dossier import gather
from app.github.installation_client import InstallationClient
from app.github.question import QuestionContext, read_question
from app.reporters.answer import PATIENCE, AnswerComment, Thinking, Thread
from app.reporters.text import answer_text
from app.reporters.text.answer_text import Offered
from app.reporters.text.markdown import plural
from app.repositories.mirror_request import MirrorCommits
from app.services.worker import WorkerServices
from app.store.deletion.retention import DAY
from app.store.questions import consultations
from app.store.questions.consultations import Consultation, KeepPeriod
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.reviews import runs
from app.store.spending.ledger_calls import book_lost
from app.store.tables.core import JobState
from app.work.commands import authorization
from app.work.commands.authorization import Caller
from app.work.questions import post_answer
from app.work.questions.consultation_run import ConsultationRun
from app.work.questions.failing_checks import FailingChecks, read_failing_checks
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews.run_notifications import WorkEnd, queue_messages
from reviewers.values.advice import Advice
from reviewers.values.question import Dossier
from webhooks.commands.ask import LONGEST
from webhooks.commands.parser import ParsedCommand, parse, text_without_commands
from webhooks.jobs import AnswerCommentQuestion

log = structlog.get_logger(__name__)

_EMPTY = "Add a question: `/council ask why does the nightly job fail?` The comment can also contain logs, traces and code."
_RED = "Why is CI red on this pull request, and what makes it green?"
_USED_UP = "The limit of {questions} per month is reached (`limits.month_consultations` in `.github/council.yml`). It resets in {month}."


@dataclass(frozen=True)
class _Asking:
    """One question on its way to an answer."""

    services: WorkerServices
    claim: LeasedJob[AnswerCommentQuestion]
    job: AnswerCommentQuestion
    github: InstallationClient
    asked: QuestionContext
    question: str
    config: RepositoryConfig
    comment: AnswerComment
    red: FailingChecks | None = None

    def consultation(self, opened: Consultation) -> ConsultationRun:
        """The consultation of this question."""
        return ConsultationRun(self.services, self.claim, opened, self.config)


async def run(services: WorkerServices, claim: LeasedJob[AnswerCommentQuestion]) -> JobState:
    """The job: answer one question in one comment."""
    job = claim.job
    async with services.github_for(claim) as github:
        slug = (await services.identity()).slug
        context, access_facts = await asyncio.gather(read_question(github, job), authorization.read_access_facts(services, github, job))
        if not _still_asks(context.comment.body or "", job, slug):
            raise Superseded("the question was removed by an edit")
        if context.issue.locked:
            raise Locked
        refusal = await authorization.authorize(services, claim, Caller(job.login, _right(job)), access_facts)
        if refusal is not None:
            await post_answer.post_refusal(services, claim, github, ReplyTarget.of(job), refusal)
            return JobState.DONE
        question, comment = _question(job, context, slug), await _comment(services, claim, github)
        if await comment.answered():
            return JobState.DONE
        failing_checks = (
            await read_failing_checks(services, github, job.repository.full_name, job.number) if job.specialist == "ci" else None
        )
        asking = _Asking(
            services, claim, job, github, context.at(access_facts.origin.head_sha), question, access_facts.config, comment, failing_checks
        )
        if line := await _why_not(asking):
            await asking.comment.begin(lambda marker: answer_text.refusal_line(line, marker))
            return JobState.DONE
        await _answer(asking)
    return JobState.DONE


async def _comment(services: WorkerServices, claim: LeasedJob[AnswerCommentQuestion], github: InstallationClient) -> AnswerComment:
    """The comment that will hold the answer, where the question was asked."""
    job = claim.job
    writes = services.writes(github, await services.identity(), job.repository.full_name, job.number)
    thread = Thread(job.thread_id, is_patient=claim.attempt <= PATIENCE)
    return AnswerComment(writes, services.outbox_of_job(claim), thread)


async def give_up(services: WorkerServices, claim: LeasedJob[AnswerCommentQuestion], reason: str) -> None:
    """Report once that no answer will come."""
    job = claim.job
    async with services.database.write() as connection:
        now = services.clock()
        consultation = await consultations.open_consultation(connection, claim, services.new_id(), job.question, KeepPeriod(now, now))
        await consultations.give_up(connection, consultation.id, services.clock())
    async with services.github_for(claim) as github:
        comment = await _comment(services, claim, github)
        said = "Council could not answer this: it failed several times. Ask again, or find this job with `council jobs list`."
        await comment.begin(lambda marker: answer_text.refusal_line(said, marker))
        await comment.show(answer_text.refusal_line(said, comment.marker))


async def _why_not(asking: _Asking) -> str:
    """One line that says why the question is not asked, or "". A question that was already begun goes on."""
    services, job, most = asking.services, asking.job, asking.config.limits.month_consultations
    async with services.database.read() as connection:
        if await consultations.is_open(connection, job.key):
            return ""
    if not asking.question:
        return _EMPTY
    if asking.red is not None and not asking.red.materials:
        return f"No check of `{asking.red.head_sha[:7]}` has failed."
    if most is not None:
        month = month_of(services.clock())
        async with services.database.read() as connection:
            used = await consultations.in_month(connection, job.repository.id, month.timestamp(), job.key)
        if used >= most:
            following = (month + timedelta(days=32)).strftime("%B")
            return _USED_UP.format(questions=plural(most, "question"), month=following)
    return await used_up(services.database, job.installation_id, services.clock())


async def _answer(asking: _Asking) -> None:
    consultation = await _open(asking)
    structlog.contextvars.bind_contextvars(consultation=consultation.id)
    memory = AnswerMemory(asking.services.database, asking.services.clock)
    # Read the experts' material while the progress comment is on its way.
    reading = asyncio.create_task(_dossier(asking, consultation, memory))
    try:
        await _consult(asking, consultation, memory, reading)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _consult(asking: _Asking, opened: Consultation, memory: AnswerMemory, reading: asyncio.Task[Dossier]) -> None:
    services, comment = asking.services, asking.comment
    alike = await memory.alike(opened.repository.id, opened.question, but=opened.id)
    earlier = tuple(
        Offered(recalled.title, recalled.url, recalled.resolved, f"#{recalled.number}") for recalled in alike if recalled.resolved
    )
    thinking = Thinking(comment, services.clock, earlier)
    tracer = services.telemetry.tracer
    with tracer.span("publish progress", {"council.consultation": opened.id}):
        answer_id, url = await comment.begin(thinking.text)
    async with services.database.write() as connection:
        await consultations.note_answer(connection, opened.id, answer_id, url)
    services.failpoint("answer begun")
    dossier = await reading
    advice = await _advice(asking, opened, dossier, thinking)
    evidence = asking.red.text if asking.red else ""
    left = str(await asking.consultation(opened).ledger.month())
    text = answer_text.render(advice, earlier, comment.marker, left, evidence)
    with tracer.span("publish answer", {"council.consultation": opened.id}):
        await comment.show(text)
    await _note_spending(asking, opened)
    await asking.consultation(opened).forget_transcripts()
    log.info("answered", specialist=opened.specialist, solutions=len(advice.ranked), cost_usd=advice.usage.cost_usd)


async def _note_spending(asking: _Asking, opened: Consultation) -> None:
    """Notify the channels if this question used up most of the month's budget."""
    services, job = asking.services, asking.job
    ended = WorkEnd(opened.id, job.installation_id, job.repository, job.number, asking.asked.issue.title, asking.config, is_run=False)
    async with services.database.write() as connection:
        await require_lease(connection, asking.claim)
        await queue_messages(connection, services, ended)


async def _open(asking: _Asking) -> Consultation:
    """The consultation's row, new or left by an attempt that crashed."""
    services, job = asking.services, asking.job
    now, days = services.clock(), min(services.settings.retention_days, asking.config.privacy.retention_days)
    async with services.database.write() as connection:
        await runs.know_repository(connection, job.installation_id, job.repository)
        span = KeepPeriod(now, now + days * DAY)
        consultation = await consultations.open_consultation(connection, asking.claim, services.new_id(), asking.question, span)
        await book_lost(connection, consultation.id, now)
    return replace(consultation, sealed=is_encrypted_at_rest(services.settings, asking.config))


async def _advice(asking: _Asking, opened: Consultation, dossier: Dossier, thinking: Thinking) -> Advice:
    """The council's advice, from the store if an earlier attempt already has it."""
    if opened.advice:
        return Advice.model_validate_json(opened.advice)
    # For a pull request, read at its head, which may be in a fork.
    commits = MirrorCommits(dossier.sha, pull_number=asking.job.number if asking.asked.issue.pull_request is not None else 0)
    async with thinking.followed():
        return await asking.consultation(opened).ask_experts(dossier, commits, thinking)


async def _dossier(asking: _Asking, opened: Consultation, memory: AnswerMemory) -> Dossier:
    """The material that the experts are shown. It is the same again after a crash."""
    if opened.dossier:
        return Dossier.model_validate_json(opened.dossier)
    materials = asking.red.materials if asking.red else None
    with asking.services.telemetry.tracer.span("snapshot", {"council.consultation": opened.id}):
        dossier = await memory.added(await gather(asking.github, asking.asked, asking.question, materials), opened)
    await asking.consultation(opened).keep_dossier(dossier, dossier.model_dump_json())
    return dossier


def _still_asks(body: str, job: AnswerCommentQuestion, slug: str) -> bool:
    """Whether the comment still holds the command. It is parsed as the webhook parsed it, mentions of the App's name included."""
    calls = (call for call in parse(body, slug) if isinstance(call, ParsedCommand))
    return any(call.name == job.specialist and call.argument[:LONGEST] == job.question for call in calls)


def _question(job: AnswerCommentQuestion, found: QuestionContext, slug: str) -> str:
    """The command's text and the rest of its comment. A specialist without any text is asked about the issue itself."""
    said = "\n\n".join(part for part in (job.question.strip(), text_without_commands(found.comment.body or "", slug)) if part)
    if job.specialist == "ci":
        return "\n\n".join(part for part in (_RED, said) if part)
    if said or job.specialist == "ask":
        return said
    return f"{found.issue.title}\n\n{found.issue.body or ''}".strip()


def _right(job: AnswerCommentQuestion) -> str:
    """The command's name in the table of rights."""
    return "ci" if job.specialist == "ci" else "ask"

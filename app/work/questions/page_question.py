"""Answers a question from a page: reads the repository, consults, and stores the advice for the page to show."""

import asyncio
from dataclasses import dataclass, replace

import structlog

from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.councils.answer_memory import AnswerMemory, as_before
from app.github.dossier import gather
from app.github.installation_client import InstallationClient
from app.github.question import CommentFacts, IssueFacts, read_subject
from app.repositories.mirror_request import MirrorCommits
from app.services.worker import WorkerServices
from app.store.deletion.retention import DAY
from app.store.questions import consultations, page_questions
from app.store.questions.consultations import Consultation
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.reviews import runs
from app.store.spending.ledger_calls import book_lost
from app.store.tables.consultations import ConsultationState
from app.store.tables.core import JobState
from app.work.commands import authorization
from app.work.commands.authorization import Caller
from app.work.questions.consultation_run import ConsultationRun
from reviewers.values.question import Dossier
from webhooks.jobs import AnswerPageQuestion

log = structlog.get_logger(__name__)
_BEFORE = 3


@dataclass(frozen=True)
class _Asking:
    services: WorkerServices
    claim: LeasedJob[AnswerPageQuestion]
    job: AnswerPageQuestion
    github: InstallationClient
    opened: Consultation


async def run(services: WorkerServices, claim: LeasedJob[AnswerPageQuestion]) -> JobState:
    """The job: answer one question with one piece of advice."""
    job = claim.job
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        await runs.know_repository(connection, job.installation_id, job.repository)
        consultation = await consultations.by_id(connection, job.id)
        await book_lost(connection, job.id, services.clock())
    if consultation is None or consultation.state is not ConsultationState.ASKED:
        return JobState.SKIPPED
    structlog.contextvars.bind_contextvars(consultation=consultation.id)
    async with services.github_for(claim) as github:
        await _answer(_Asking(services, claim, job, github, consultation))
    return JobState.DONE


async def give_up(services: WorkerServices, claim: LeasedJob[AnswerPageQuestion], reason: str) -> None:
    """Report that no answer will come."""
    job = claim.job
    async with services.database.write() as connection:
        await consultations.give_up(connection, job.id, services.clock())


async def _answer(asking: _Asking) -> None:
    services, job, opened = asking.services, asking.job, asking.opened
    page = IssueFacts(number=0, title="", html_url=f"{services.settings.github_web_url}/{job.repository.full_name}/issues/0")
    name = job.repository.full_name
    context, access_facts = await asyncio.gather(
        read_subject(asking.github, name, page, CommentFacts(id=0)), authorization.read_access_facts(services, asking.github, job)
    )
    refusal = await authorization.authorize(services, asking.claim, Caller(job.login, "ask"), access_facts)
    if refusal is not None:
        await _decline(asking, refusal.line or "You don't have permission to ask the council here.")
        return
    config = access_facts.config
    opened = replace(opened, sealed=is_encrypted_at_rest(services.settings, config))
    asking, consultation = replace(asking, opened=opened), ConsultationRun(services, asking.claim, opened, config)
    async with services.database.write() as connection:
        # The repository may allow less than the page knew of when the question was asked, never more.
        await page_questions.keep_no_longer(connection, opened.id, opened.created_at + config.privacy.retention_days * DAY)
    dossier = Dossier.model_validate_json(opened.dossier) if opened.dossier else None
    if dossier is None:
        dossier = await _remembered(asking, await gather(asking.github, context, opened.question))
        await consultation.keep_dossier(dossier, await asyncio.to_thread(dossier.model_dump_json))
    advice = await consultation.ask_experts(dossier, MirrorCommits(dossier.sha))
    await consultation.forget_transcripts()
    log.info("answered", specialist=opened.specialist, solutions=len(advice.ranked), cost_usd=advice.usage.cost_usd)


async def _remembered(asking: _Asking, dossier: Dossier) -> Dossier:
    """The dossier with earlier answers of this conversation, and answers to similar questions elsewhere."""
    services, job = asking.services, asking.job
    dossier = await AnswerMemory(services.database, services.clock).added(dossier, asking.opened)
    async with services.database.read() as connection:
        turns = await page_questions.of_conversation(connection, job.repository.id, job.conversation)
    before = [turn for turn in turns if turn.id != job.id and turn.state is ConsultationState.ANSWERED][-_BEFORE:]
    return dossier.model_copy(update={"materials": (*map(as_before, before), *dossier.materials)})


async def _decline(asking: _Asking, line: str) -> None:
    async with asking.services.database.write() as connection:
        await require_lease(connection, asking.claim)
        await page_questions.decline(connection, asking.opened.id, line, asking.services.clock())

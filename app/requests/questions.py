"""Queues a question about a repository from a page or the HTTP API."""

from dataclasses import dataclass

from app.authorization.daily_command_limit import Asker, take_turn
from app.authorization.plan_quota import used_up
from app.clock import new_id
from app.errors import UserError
from app.services.web import WebServices
from app.store.command_uses import CommandUse
from app.store.deletion.retention import DAY
from app.store.questions import page_questions
from app.store.questions.consultations import KeepPeriod
from app.store.queue.deliveries import insert_jobs
from webhooks.jobs import AnswerPageQuestion, RepositoryRef

LONGEST = 20_000


@dataclass(frozen=True)
class PageQuestion:
    """A person's question about a repository. `conversation` is "" for a new one."""

    installation_id: int
    repository: RepositoryRef
    asker: Asker
    text: str
    specialist: str = "ask"
    conversation: str = ""


async def ask_question(services: WebServices, question: PageQuestion) -> AnswerPageQuestion:
    """Queue the question and show it at once. Raises UserError if it may not be asked, or not today."""
    text = question.text.replace("\x00", "").strip()
    if not text:
        raise UserError("Write a question first.")
    if len(text) > LONGEST:
        raise UserError(f"A question can have at most {LONGEST:,} characters; this one has {len(text):,}.")
    now = services.clock()
    if line := await used_up(services.database, question.installation_id, now):
        raise UserError(line)
    made, job_id, asker = new_id(), new_id(), question.asker
    job = AnswerPageQuestion(
        installation_id=question.installation_id,
        repository=question.repository,
        id=made,
        conversation=question.conversation or made,
        login=asker.login,
        specialist=question.specialist,
    )
    async with services.database.write() as connection:
        use = CommandUse(job_id, question.repository.id, asker.login, "ask", paid=True, account_id=asker.account_id)
        await take_turn(connection, services.settings, use, now)
        await page_questions.open_asked(connection, job, text, KeepPeriod(now, now + services.settings.retention_days * DAY))
        await insert_jobs(connection, [(job_id, job, now)], now)
    return job

"""Put a question about a repository to the council, from a page or the HTTP API."""

from dataclasses import dataclass

from app.errors import UserError
from app.services.clock import new_id
from app.services.quota import used_up
from app.store import page_questions
from app.store.consultations import Span
from app.store.database import Database
from app.store.intake import insert_jobs
from app.store.retention import DAY
from webhooks.jobs import AskAbout, RepositoryRef

LONGEST = 20_000


@dataclass(frozen=True)
class Question:
    """What somebody asks about a repository; `conversation` is "" for a new one."""

    installation_id: int
    repository: RepositoryRef
    login: str
    text: str
    specialist: str = "ask"
    conversation: str = ""


async def ask(database: Database, question: Question, now: float, days: int) -> AskAbout:
    """Queue it, and make it visible at once; it is kept `days` days. Raises UserError for what cannot be asked."""
    text = question.text.replace("\x00", "").strip()
    if not text:
        raise UserError("Write a question first.")
    if len(text) > LONGEST:
        raise UserError(f"A question may hold {LONGEST:,} characters; this one holds {len(text):,}.")
    if line := await used_up(database, question.installation_id, now):
        raise UserError(line)
    made = new_id()
    job = AskAbout(
        installation_id=question.installation_id,
        repository=question.repository,
        id=made,
        conversation=question.conversation or made,
        login=question.login,
        specialist=question.specialist,
    )
    async with database.write() as connection:
        await page_questions.open_asked(connection, job, text, Span(now, now + days * DAY))
        await insert_jobs(connection, [(new_id(), job, now)], now)
    return job

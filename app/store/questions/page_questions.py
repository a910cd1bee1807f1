"""Queries on questions from a page or the HTTP API: their conversations, and how long they are kept."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.questions.consultations import Consultation, ConversationRef, KeepPeriod, NewQuestion, from_row, insert_asked
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow, ConsultationState
from app.store.tables.core import LedgerRow
from webhooks.jobs import AnswerPageQuestion, FeedbackKind

_CONSULTATION, _SAID, _LEDGER = sql_table(ConsultationRow), sql_table(ConsultationOutcomeRow), sql_table(LedgerRow)
_AVERAGED = 200
_WORDS = (FeedbackKind.HELPFUL, FeedbackKind.NOT_HELPFUL)


async def open_asked(connection: AsyncConnection, job: AnswerPageQuestion, question: str, span: KeepPeriod) -> None:
    """A consultation asked on a page, which the page can show before a worker takes it."""
    place, asked = ConversationRef(job.installation_id, job.repository), NewQuestion(job.login, job.specialist, question)
    await insert_asked(connection, job.id, job.key, place, asked, span)


async def of_conversation(connection: AsyncConnection, repository_id: int, conversation: str) -> list[Consultation]:
    """Every consultation of a page's conversation, oldest first."""
    beginning = f"ask:{repository_id}:{conversation}:"
    query = select(_CONSULTATION).where(_CONSULTATION.c.key >= beginning, _CONSULTATION.c.key < beginning + "~")
    rows = await connection.execute(query.order_by(_CONSULTATION.c.created_at, _CONSULTATION.c.id).limit(50))
    return [from_row(connection, row) for row in rows]


async def asked_on_pages(connection: AsyncConnection, repository_ids: Sequence[int], login: str, most: int = 20) -> list[Consultation]:
    """The newest questions that a person asked on a page."""
    where = (_CONSULTATION.c.repository_id.in_(repository_ids), _CONSULTATION.c.number == 0, _CONSULTATION.c.login == login)
    rows = await connection.execute(select(_CONSULTATION).where(*where).order_by(_CONSULTATION.c.created_at.desc()).limit(most))
    return [from_row(connection, row) for row in rows]


async def cost_by_specialist(connection: AsyncConnection, repository_ids: Sequence[int]) -> dict[str, float]:
    """The average cost of the newest answers of these repositories, in US dollars by specialist."""
    mine = (_CONSULTATION.c.repository_id.in_(repository_ids), _CONSULTATION.c.state == ConsultationState.ANSWERED)
    newest = (
        select(_CONSULTATION.c.id, _CONSULTATION.c.specialist).where(*mine).order_by(_CONSULTATION.c.created_at.desc()).limit(_AVERAGED)
    )
    some = newest.subquery()
    usd = func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)).label("usd")
    each = select(some.c.specialist, usd).join(_LEDGER, _LEDGER.c.run_id == some.c.id).group_by(some.c.id, some.c.specialist).subquery()
    rows = await connection.execute(select(each.c.specialist, func.avg(each.c.usd).label("usd")).group_by(each.c.specialist))
    return {str(row.specialist): float(row.usd) for row in rows}


async def word_of(connection: AsyncConnection, consultation_id: str, login: str) -> str:
    """This person's feedback on an answer: "helpful", "not-helpful" or ""."""
    where = (_SAID.c.consultation_id == consultation_id, _SAID.c.login == login, _SAID.c.kind.in_(_WORDS))
    return str((await connection.execute(select(_SAID.c.kind).where(*where).limit(1))).scalar() or "")


async def conversation_of(connection: AsyncConnection, consultation_id: str) -> str:
    """The conversation of a consultation from a page, "" for any other."""
    key = (await connection.execute(select(_CONSULTATION.c.key).where(_CONSULTATION.c.id == consultation_id))).scalar() or ""
    return str(key).split(":")[2] if str(key).startswith("ask:") else ""


async def keep_no_longer(connection: AsyncConnection, consultation_id: str, until: float) -> None:
    """Shorten how long a consultation is kept."""
    where = (_CONSULTATION.c.id == consultation_id, _CONSULTATION.c.kept_until > until)
    await connection.execute(update(_CONSULTATION).where(*where).values(kept_until=until))


async def decline(connection: AsyncConnection, consultation_id: str, line: str, now: float) -> None:
    """End a consultation that is not put to the council, with the reason."""
    where = (_CONSULTATION.c.id == consultation_id, _CONSULTATION.c.state == ConsultationState.ASKED)
    values = {"state": ConsultationState.INCOMPLETE, "summary": line, "updated_at": now}
    await connection.execute(update(_CONSULTATION).where(*where).values(values))

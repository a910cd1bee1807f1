"""Queries on consultations, from the question to the stored answer."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.questions import expert_opinions, memory_search
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.consultations import ConsultationRow, ConsultationState
from reviewers.values.advice import Advice
from webhooks.jobs import AnswerCommentQuestion, RepositoryRef

_CONSULTATION = sql_table(ConsultationRow)
_LONGEST = 2_000


@dataclass(frozen=True)
class Consultation:
    """A consultation as its steps need it. Texts are JSON in our format, None before their step and after they expire.

    `sealed` is whether they are stored encrypted, `lost` whether they can no longer be decrypted.
    """

    id: str
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    specialist: str
    question: str
    state: ConsultationState
    title: str
    summary: str
    dossier: str | None
    advice: str | None
    answer_id: int | None
    url: str
    created_at: float
    sealed: bool = False
    lost: bool = False


@dataclass(frozen=True)
class KeepPeriod:
    """When a question is asked, and until when it is kept."""

    now: float
    until: float


@dataclass(frozen=True)
class ConversationRef:
    """Where a question was asked. All zero in a terminal."""

    installation_id: int
    repository: RepositoryRef
    number: int = 0
    comment_id: int = 0


class NewQuestion(NamedTuple):
    """Who asks what; `specialist` is "ask" for a question to all experts."""

    login: str
    specialist: str
    question: str


async def open_consultation(
    connection: AsyncConnection, claim: LeasedJob[AnswerCommentQuestion], new_id: str, question: str, span: KeepPeriod
) -> Consultation:
    """The consultation of this job, new or left by an attempt that crashed."""
    job = claim.job
    await require_lease(connection, claim)
    place = ConversationRef(job.installation_id, job.repository, job.number, job.comment_id)
    await insert_asked(connection, new_id, job.key, place, NewQuestion(job.login, job.specialist, question), span)
    row = (await connection.execute(select(_CONSULTATION).where(_CONSULTATION.c.key == job.key))).one()
    return from_row(connection, row)


async def open_local(
    connection: AsyncConnection, new_id: str, place: ConversationRef, asked: NewQuestion, span: KeepPeriod
) -> Consultation:
    """A consultation without a job. `asked` holds who asked, the specialist and the question."""
    await insert_asked(connection, new_id, f"local:{new_id}", place, asked, span)
    return from_row(connection, (await connection.execute(select(_CONSULTATION).where(_CONSULTATION.c.id == new_id))).one())


async def insert_asked(
    connection: AsyncConnection, new_id: str, key: str, place: ConversationRef, asked: NewQuestion, span: KeepPeriod
) -> None:
    """A new consultation, unless its key is known."""
    values = {
        "id": new_id,
        "key": key,
        "installation_id": place.installation_id,
        "repository_id": place.repository.id,
        "repository": place.repository.full_name,
        "number": place.number,
        "comment_id": place.comment_id,
        "login": asked.login,
        "specialist": asked.specialist,
        "question": asked.question,
        "title": "",
        "summary": "",
        "state": ConsultationState.ASKED,
        "url": "",
        "resolved": 0,
        "score": 0,
        "created_at": span.now,
        "updated_at": span.now,
        "kept_until": span.until,
    }
    await connection.execute(
        insert_or(ConsultationRow, connection.dialect.name).values(values).on_conflict_do_nothing(index_elements=["key"])
    )


async def keep_dossier(connection: AsyncConnection, consultation: Consultation, dossier: str) -> None:
    """Store what the experts are shown, so that a resumed consultation shows the same."""
    kept = transcripts_of(connection).kept(consultation.id, "dossier", dossier, sealed=consultation.sealed)
    await connection.execute(update(_CONSULTATION).where(_CONSULTATION.c.id == consultation.id).values(dossier=kept))


async def note_answer(connection: AsyncConnection, consultation_id: str, answer_id: int, url: str) -> None:
    """Record the comment that will hold the answer."""
    await connection.execute(update(_CONSULTATION).where(_CONSULTATION.c.id == consultation_id).values(answer_id=answer_id, url=url))


async def conclude(connection: AsyncConnection, consultation: Consultation, advice: Advice, now: float) -> None:
    """Store the advice with every expert's view and vote, and index it for searching."""
    best = advice.best
    state = ConsultationState.INCOMPLETE if advice.incomplete or best is None else ConsultationState.ANSWERED
    title = best.solution.title if best else ""
    values = {"state": state, "title": title, "updated_at": now}
    for name, text in (("summary", advice.summary[:_LONGEST]), ("advice", advice.model_dump_json())):
        values[name] = transcripts_of(connection).kept(consultation.id, name, text, sealed=consultation.sealed)
    where = (_CONSULTATION.c.id == consultation.id, _CONSULTATION.c.state == ConsultationState.ASKED)
    if not (await connection.execute(update(_CONSULTATION).where(*where).values(values))).rowcount:
        return
    await expert_opinions.save_opinions(connection, consultation.id, advice, sealed=consultation.sealed)
    if state is ConsultationState.ANSWERED:
        words = memory_search.words_of(consultation.question, title)
        await memory_search.index_answer(connection, consultation.repository.id, {consultation.id: words})


async def give_up(connection: AsyncConnection, consultation_id: str, now: float) -> None:
    """Record that no answer will come."""
    where = (_CONSULTATION.c.id == consultation_id, _CONSULTATION.c.state == ConsultationState.ASKED)
    await connection.execute(update(_CONSULTATION).where(*where).values(state=ConsultationState.DEAD, updated_at=now))


async def in_month(connection: AsyncConnection, repository_id: int, since: float, besides: str) -> int:
    """How many questions a repository has asked since then, without the one of that key. Questions without an answer do not count."""
    where = (
        _CONSULTATION.c.repository_id == repository_id,
        _CONSULTATION.c.created_at >= since,
        _CONSULTATION.c.key != besides,
        _CONSULTATION.c.state != ConsultationState.DEAD,
    )
    return (await connection.execute(select(func.count()).select_from(_CONSULTATION).where(*where))).scalar() or 0


async def answered_here(connection: AsyncConnection, repository_id: int, number: int, most: int = 5) -> list[Consultation]:
    """The newest answers of a conversation, newest first."""
    where = (
        _CONSULTATION.c.repository_id == repository_id,
        _CONSULTATION.c.number == number,
        _CONSULTATION.c.state == ConsultationState.ANSWERED,
    )
    query = select(_CONSULTATION).where(*where).order_by(_CONSULTATION.c.created_at.desc(), _CONSULTATION.c.id.desc()).limit(most)
    return [from_row(connection, row) for row in await connection.execute(query)]


async def is_open(connection: AsyncConnection, key: str) -> bool:
    """Whether the question of this job was begun."""
    return (await connection.execute(select(_CONSULTATION.c.id).where(_CONSULTATION.c.key == key))).first() is not None


async def by_id(connection: AsyncConnection, consultation_id: str) -> Consultation | None:
    """One consultation."""
    row = (await connection.execute(select(_CONSULTATION).where(_CONSULTATION.c.id == consultation_id))).first()
    return None if row is None else from_row(connection, row)


def from_row(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> Consultation:
    """A stored consultation."""
    texts = transcripts_of(connection).texts(row.id, summary=row.summary, dossier=row.dossier, advice=row.advice)
    return Consultation(
        id=row.id,
        repository=RepositoryRef(id=row.repository_id, full_name=row.repository),
        number=row.number,
        comment_id=row.comment_id,
        login=row.login,
        specialist=row.specialist,
        question=row.question,
        state=ConsultationState(row.state),
        title=row.title,
        summary=texts["summary"] or "",
        dossier=texts["dossier"],
        advice=texts["advice"],
        answer_id=row.answer_id,
        url=row.url,
        created_at=row.created_at,
        sealed=texts.sealed,
        lost=texts.lost,
    )

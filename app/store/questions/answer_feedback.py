"""Queries on feedback on answers: what people said, how they reacted, and whether the issue was closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow, ConsultationState
from app.store.tables.core import RepositoryRow
from webhooks.jobs import FeedbackKind

_CONSULTATION, _OUTCOME, _REPOSITORY = sql_table(ConsultationRow), sql_table(ConsultationOutcomeRow), sql_table(RepositoryRow)
_SCORES = {
    FeedbackKind.HELPFUL: 1,
    FeedbackKind.RESOLVED: 1,
    FeedbackKind.CLOSED: 1,
    FeedbackKind.THUMBS_UP: 1,
    FeedbackKind.NOT_HELPFUL: -1,
    FeedbackKind.THUMBS_DOWN: -1,
}
_OPPOSITES = {
    FeedbackKind.HELPFUL: FeedbackKind.NOT_HELPFUL,
    FeedbackKind.NOT_HELPFUL: FeedbackKind.HELPFUL,
    FeedbackKind.THUMBS_UP: FeedbackKind.THUMBS_DOWN,
    FeedbackKind.THUMBS_DOWN: FeedbackKind.THUMBS_UP,
}


@dataclass(frozen=True)
class AnswerFeedback:
    """One person's feedback on an answer."""

    login: str
    what: FeedbackKind
    number: int = 0
    why: str = ""


async def save_feedback(connection: AsyncConnection, new_id: str, consultation_id: str, saying: AnswerFeedback, now: float) -> None:
    """Store feedback. The same kind by the same person replaces it, and the opposite kind withdraws it."""
    opposite = _OPPOSITES.get(saying.what)
    mine = (_OUTCOME.c.consultation_id == consultation_id, _OUTCOME.c.login == saying.login)
    if opposite is not None:
        await connection.execute(delete(_OUTCOME).where(*mine, _OUTCOME.c.kind == opposite))
    values = {"id": new_id, "consultation_id": consultation_id, "login": saying.login, "kind": saying.what, "at": now}
    told = {"number": saying.number, "why": saying.why[:500]}
    statement = insert_or(ConsultationOutcomeRow, connection.dialect.name).values({**values, **told})
    again = statement.on_conflict_do_update(index_elements=["consultation_id", "login", "kind"], set_={**told, "at": now})
    await connection.execute(again)
    await _score(connection, consultation_id, now, {"resolved": saying.number} if saying.what is FeedbackKind.RESOLVED else {})


async def take_back(connection: AsyncConnection, consultation_id: str, what: FeedbackKind, now: float) -> None:
    """Delete feedback of one kind, by anybody."""
    await connection.execute(delete(_OUTCOME).where(_OUTCOME.c.consultation_id == consultation_id, _OUTCOME.c.kind == what))
    await _score(connection, consultation_id, now, {})


async def _score(connection: AsyncConnection, consultation_id: str, now: float, changed: Mapping[str, object]) -> None:
    kinds = (await connection.execute(select(_OUTCOME.c.kind).where(_OUTCOME.c.consultation_id == consultation_id))).scalars()
    score = sum(_SCORES.get(FeedbackKind(kind), 0) for kind in kinds)
    values = {"score": score, "updated_at": now, **changed}
    await connection.execute(update(_CONSULTATION).where(_CONSULTATION.c.id == consultation_id).values(values))


@dataclass(frozen=True)
class ReactableAnswer:
    """An answer that people can react to: the consultation's id, who asked, and whether somebody had reacted."""

    id: str
    login: str
    reacted: bool


@dataclass(frozen=True)
class AnswerReactions:
    """A conversation in which we answered. `answers` are by the comment that holds each."""

    installation_id: int
    repository_id: int
    full_name: str
    number: int
    answers: Mapping[int, ReactableAnswer]


async def answered_since(connection: AsyncConnection, since: float) -> tuple[AnswerReactions, ...]:
    """The conversations with answers since then."""
    columns = (_CONSULTATION.c[name] for name in ("id", "login", "installation_id", "repository_id", "number", "answer_id"))
    # The repository may have been renamed since.
    name = func.coalesce(_REPOSITORY.c.full_name, _CONSULTATION.c.repository).label("full_name")
    thumbs = (_OUTCOME.c.consultation_id == _CONSULTATION.c.id, _OUTCOME.c.kind.in_((FeedbackKind.THUMBS_UP, FeedbackKind.THUMBS_DOWN)))
    reacted = select(_OUTCOME.c.id).where(*thumbs).exists()
    shown = (_CONSULTATION.c.state == ConsultationState.ANSWERED, _CONSULTATION.c.answer_id.is_not(None))
    query = select(*columns, name, reacted.label("reacted")).where(*shown, _CONSULTATION.c.created_at >= since)
    query = query.join(_REPOSITORY, _REPOSITORY.c.id == _CONSULTATION.c.repository_id, isouter=True)
    places: dict[tuple[int, int, str, int], dict[int, ReactableAnswer]] = {}
    for row in await connection.execute(query):
        answer = ReactableAnswer(row.id, row.login, bool(row.reacted))
        places.setdefault((row.installation_id, row.repository_id, row.full_name, row.number), {})[row.answer_id] = answer
    return tuple(AnswerReactions(*place, answers) for place, answers in places.items())

"""An earlier answer is found in its repository alone, only where it was an answer, and the one that helped first; on both databases."""

from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.questions.consultations import ConversationRef, KeepPeriod, NewQuestion, conclude, open_local
from app.store.questions.memory_search import count_known, forget_answers, index_answer, recall_answers
from app.store.tables.consultations import ConsultationRow, ConsultationState
from reviewers.values.advice import Advice
from reviewers.values.verdict import Usage
from tests.app.store.rows import insert_row
from webhooks.jobs import RepositoryRef

NOW, DAY = 1_800_000_000.0, 86_400.0
WORDS = "connection pool exhausted"


async def _put(database: Database, name: str, repository_id: int = 1, **values: object) -> None:
    """An answered consultation of today that holds the words, but for the values given."""
    row: dict[str, object] = {"id": name, "key": name, "repository_id": repository_id}
    row |= {"state": ConsultationState.ANSWERED, "created_at": NOW}
    async with database.write() as connection:
        await insert_row(connection, sql_table(ConsultationRow), **row | values)
        await index_answer(connection, repository_id, {name: WORDS})


async def _recalled(database: Database, repository_id: int = 1) -> list[str]:
    async with database.read() as connection:
        return [recalled.id for recalled in await recall_answers(connection, repository_id, WORDS, NOW)]


async def test_a_repository_recalls_its_own_answers_alone(database: Database) -> None:
    await _put(database, "here")
    await _put(database, "elsewhere", 2)
    assert await _recalled(database) == ["here"]
    assert await _recalled(database, 2) == ["elsewhere"]
    assert await _recalled(database, 3) == []


async def test_what_came_to_no_answer_is_not_recalled(database: Database) -> None:
    await _put(database, "answered")
    for state in (ConsultationState.ASKED, ConsultationState.INCOMPLETE, ConsultationState.DEAD):
        await _put(database, state.value, state=state)
    assert await _recalled(database) == ["answered"]


async def test_of_equals_what_helped_is_first_and_what_did_not_or_is_old_is_last(database: Database) -> None:
    await _put(database, "a_did_not", score=-2)
    await _put(database, "b_old", created_at=NOW - 200 * DAY)
    await _put(database, "c_nobody_said")
    await _put(database, "d_helped", score=1)
    await _put(database, "e_solved", resolved=1)
    assert await _recalled(database) == ["e_solved", "d_helped", "c_nobody_said", "b_old", "a_did_not"]


async def _known(database: Database) -> int:
    async with database.read() as connection:
        return await count_known(connection, 1)


async def test_what_was_never_answered_leaves_the_counts_alone_when_it_is_forgotten(database: Database) -> None:
    await _put(database, "answered")
    async with database.write() as connection:
        await insert_row(connection, sql_table(ConsultationRow), id="asked", repository_id=1, state=ConsultationState.ASKED, question=WORDS)
        await forget_answers(connection, ["asked"])
    assert await _known(database) == 1
    assert await _recalled(database) == ["answered"]


async def test_an_incomplete_answer_is_not_remembered(database: Database) -> None:
    place, span = ConversationRef(0, RepositoryRef(id=1, full_name="acme/shop")), KeepPeriod(NOW, NOW + DAY)
    nothing = Advice(
        specialist="ask",
        ranked=(),
        discarded=(),
        seats=(),
        views=(),
        quorum=2,
        answered=1,
        summary="",
        plan=(),
        verify="",
        settle="",
        missing=(),
        usage=Usage(),
        seconds=1.0,
        incomplete="one seat of two answered",
    )
    async with database.write() as connection:
        consultation = await open_local(connection, "one", place, NewQuestion("ada", "ask", WORDS), span)
        await conclude(connection, consultation, nothing, NOW)
    assert await _known(database) == 0

"""Answers are found again, ranked by people's feedback, and deleted on request."""

from dataclasses import replace

from sqlalchemy import select

from app.store.engine.upsert import sql_table
from app.store.questions import consultations, memory_search
from app.store.tables.decisions import OutcomeRow
from app.work.job_handlers import JOB_HANDLERS
from app.work.schedule import queue
from app.work.worker import Worker
from tests.stories.harness import InProcessSystem
from tests.stories.questions import LARGER, POOL, ask, issue, said, script
from webhooks.jobs import CollectFeedback, Prune


async def test_a_solved_question_is_shown_to_the_next_experts(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    first = issue(house)
    await ask(house, first.number, "/council ask why does the pool run out of database connections at night?")
    assert "Noted: “[The health check" in (await ask(house, first.number, "/council resolved 1"))[-1]
    second = issue(house)
    answers = await ask(house, second.number, "/council ask database connection pool exhausted during the nightly run")
    assert "**Solved before:** [The health check opens a connection and never closes it](" in answers[-1]
    assert f"(#{first.number}), where solution 1 worked" in answers[-1]


async def test_the_history_shows_which_answers_helped(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    assert (await ask(house, made.number, "/council helpful"))[-1].startswith("There are no answers in this repository yet.")
    await ask(house, made.number, "/council ask why does the pool run out of connections?")
    assert (await ask(house, made.number, "/council helpful"))[-1].startswith("Noted: the answer helped.")
    assert "| helped | today |" in (await ask(house, made.number, "/council history pool connections"))[-1]
    await ask(house, made.number, "/council not-helpful it came back")
    house.repository.add_collaborator("eve", "read")
    assert "| did not help | today |" in (await ask(house, made.number, "/council history pool connections", "eve"))[-1]
    assert (await ask(house, made.number, "/council resolved 7"))[-1].startswith(
        "The last answer has no solution 7. Its solutions are: 1 ("
    )
    assert (await ask(house, made.number, "/council resolved 1", "eve"))[-1].startswith("Only people with write access")
    assert (await ask(house, made.number, "/council history"))[-1].startswith("Add search words")
    assert (await ask(house, made.number, "/council history zebra"))[-1].startswith("No question like “zebra” was asked")


async def test_a_follow_up_gets_the_earlier_answers(house: InProcessSystem) -> None:
    script(house, [LARGER, POOL | {"when": "answered: Make the pool larger"}], [], [])
    made = issue(house)
    await ask(house, made.number, "/council ask why?")
    assert "The health check opens" not in said(house, made.number)[0]
    await ask(house, made.number, "/council ask and if that does not help?")
    assert "The health check opens" in said(house, made.number)[1]


async def test_a_repository_does_not_find_anothers_questions(house: InProcessSystem) -> None:
    async with house.workshop.database.write() as connection:
        await memory_search.index_answer(connection, 1, {"a": "connection pool exhausted"})
    async with house.workshop.database.read() as connection:
        assert await memory_search.recall_answers(connection, 2, "connection pool exhausted", 0.0) == []


async def test_uninstallation_and_expiry_delete_a_question(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    await ask(house, made.number, "/council ask why does the pool run out?")
    repository = house.repository.id
    async with house.workshop.database.read() as connection:
        assert await memory_search.count_known(connection, repository) == 1
    later = replace(house.workshop, clock=lambda: house.workshop.clock() + 91 * 86_400)
    await queue(later, [Prune(slot="late")])
    await Worker(later, JOB_HANDLERS).run_all()
    async with house.workshop.database.read() as connection:
        assert await memory_search.count_known(connection, repository) == 0
        assert await consultations.answered_here(connection, repository, made.number) == []
        assert (await connection.exec_driver_sql("SELECT count(*) FROM seat_answer")).scalar() == 0
        assert (await connection.exec_driver_sql("SELECT count(*) FROM consultation_words")).scalar() == 0
    await ask(house, made.number, "/council ask why does it run out again?")
    house.sandbox.world.uninstall(next(iter(house.sandbox.world.installations)))
    await house.settle()
    async with house.workshop.database.read() as connection:
        for name in ("consultation", "consultation_opinion", "consultation_term", "consultation_words", "seat_answer"):
            assert (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar() == 0, name


async def outcomes_of(house: InProcessSystem) -> dict[str, tuple[bool, str, str]]:
    async with house.workshop.database.read() as connection:
        rows = (await connection.execute(select(sql_table(OutcomeRow)))).all()
    return {row.source: (row.right, row.raised_by, row.category) for row in rows}


async def test_feedback_counts_for_the_seats_that_proposed_the_answer(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [LARGER])
    made = issue(house)
    await ask(house, made.number, "/council ask why does the pool run out?")
    await ask(house, made.number, "/council not-helpful")
    both = "anthropic/claude-opus-5-5,openai/gpt-5.5"
    assert await outcomes_of(house) == {"said": (False, both, "ask")}
    await ask(house, made.number, "/council resolved 2")
    assert await outcomes_of(house) == {"said": (True, "gemini/gemini-3.1-pro-preview", "ask")}


async def collected(house: InProcessSystem, slot: str) -> dict[str, tuple[bool, str, str]]:
    await queue(house.workshop, [CollectFeedback(slot=slot)])
    await house.settle()
    return await outcomes_of(house)


async def test_reactions_to_an_answer_count_from_authorized_people(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    house.repository.add_collaborator("eve", "read")
    await ask(house, made.number, "/council ask why does the pool run out of connections?")
    answer = next(each for each in made.comments if each.author.login.endswith("[bot]"))
    house.repository.react(answer.reactions, "eve", "+1")
    assert await collected(house, "one") == {}
    house.repository.react(answer.reactions, "ana", "-1")
    assert (await collected(house, "two"))["thumbs"][0] is False
    assert "| did not help | today |" in (await ask(house, made.number, "/council history pool connections"))[-1]
    answer.reactions.clear()
    house.repository.add_collaborator("ana", "read")
    house.repository.react(answer.reactions, "ana", "+1")
    assert (await collected(house, "three"))["thumbs"][0] is True, "who asked may only read, and knows best"
    answer.reactions.clear()
    assert await collected(house, "four") == {}
    assert "| – | today |" in (await ask(house, made.number, "/council history pool connections"))[-1]


async def test_closing_an_issue_counts_as_helpful_until_reopened(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made, other = issue(house), issue(house)
    await ask(house, made.number, "/council ask why does the pool run out of connections?")
    for each in (made, other):
        house.repository.close(each.number, "ana")
    await house.settle()
    assert list(await outcomes_of(house)) == ["closed"]
    assert "| helped | today |" in (await ask(house, made.number, "/council history pool connections"))[-1]
    house.repository.tell("issues", "reopened", house.sandbox.world.user("ana"), issue=made)
    await house.settle()
    assert await outcomes_of(house) == {}
    assert "| – | today |" in (await ask(house, made.number, "/council history pool connections"))[-1]

"""Answers are found again, ranked by people's feedback, and deleted on request."""

from dataclasses import replace

import pytest
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


async def test_a_solved_question_is_shown_to_the_next_experts(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    first = issue(system)
    await ask(system, first.number, "/council ask why does the pool run out of database connections at night?")
    assert "Noted: “[The health check" in (await ask(system, first.number, "/council resolved 1"))[-1]
    second = issue(system)
    answers = await ask(system, second.number, "/council ask database connection pool exhausted during the nightly run")
    assert "**Solved before:** [The health check opens a connection and never closes it](" in answers[-1]
    assert f"(#{first.number}), where solution 1 worked" in answers[-1]


async def test_the_history_shows_which_answers_helped(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    assert (await ask(system, made.number, "/council helpful"))[-1].startswith("There are no answers in this repository yet.")
    await ask(system, made.number, "/council ask why does the pool run out of connections?")
    assert (await ask(system, made.number, "/council helpful"))[-1].startswith("Noted: the answer helped.")
    assert "| helped | today |" in (await ask(system, made.number, "/council history pool connections"))[-1]
    await ask(system, made.number, "/council not-helpful it came back")
    system.repository.add_collaborator("eve", "read")
    assert "| did not help | today |" in (await ask(system, made.number, "/council history pool connections", "eve"))[-1]
    assert (await ask(system, made.number, "/council resolved 7"))[-1].startswith(
        "The last answer has no solution 7. Its solutions are: 1 ("
    )
    assert (await ask(system, made.number, "/council resolved 1", "eve"))[-1].startswith("Only people with write access")
    assert (await ask(system, made.number, "/council history"))[-1].startswith("Add search words")
    assert (await ask(system, made.number, "/council history zebra"))[-1].startswith("No question like “zebra” was asked")


async def test_a_follow_up_gets_the_earlier_answers(system: InProcessSystem) -> None:
    script(system, [LARGER, POOL | {"when": "answered: Make the pool larger"}], [], [])
    made = issue(system)
    await ask(system, made.number, "/council ask why?")
    assert "The health check opens" not in said(system, made.number)[0]
    await ask(system, made.number, "/council ask and if that does not help?")
    assert "The health check opens" in said(system, made.number)[1]


async def test_a_repository_does_not_find_anothers_questions(system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        await memory_search.index_answer(connection, 1, {"a": "connection pool exhausted"})
    async with system.services.database.read() as connection:
        assert await memory_search.recall_answers(connection, 2, "connection pool exhausted", 0.0) == []


@pytest.mark.slow
async def test_uninstallation_and_expiry_delete_a_question(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    await ask(system, made.number, "/council ask why does the pool run out?")
    repository = system.repository.id
    async with system.services.database.read() as connection:
        assert await memory_search.count_known(connection, repository) == 1
    later = replace(system.services, clock=lambda: system.services.clock() + 91 * 86_400)
    await queue(later, [Prune(slot="late")])
    await Worker(later, JOB_HANDLERS).run_all()
    async with system.services.database.read() as connection:
        assert await memory_search.count_known(connection, repository) == 0
        assert await consultations.answered_here(connection, repository, made.number) == []
        assert (await connection.exec_driver_sql("SELECT count(*) FROM seat_answer")).scalar() == 0
        assert (await connection.exec_driver_sql("SELECT count(*) FROM consultation_words")).scalar() == 0
    await ask(system, made.number, "/council ask why does it run out again?")
    system.sandbox.world.uninstall(next(iter(system.sandbox.world.installations)))
    await system.settle()
    async with system.services.database.read() as connection:
        for name in ("consultation", "consultation_opinion", "consultation_term", "consultation_words", "seat_answer"):
            assert (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar() == 0, name


async def outcomes_of(system: InProcessSystem) -> dict[str, tuple[bool, str, str]]:
    async with system.services.database.read() as connection:
        rows = (await connection.execute(select(sql_table(OutcomeRow)))).all()
    return {row.source: (row.right, row.raised_by, row.category) for row in rows}


async def test_feedback_counts_for_the_seats_that_proposed_the_answer(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [LARGER])
    made = issue(system)
    await ask(system, made.number, "/council ask why does the pool run out?")
    await ask(system, made.number, "/council not-helpful")
    both = "anthropic/claude-opus-5-5,openai/gpt-5.5"
    assert await outcomes_of(system) == {"said": (False, both, "ask")}
    await ask(system, made.number, "/council resolved 2")
    assert await outcomes_of(system) == {"said": (True, "gemini/gemini-3.1-pro-preview", "ask")}


async def collected(system: InProcessSystem, slot: str) -> dict[str, tuple[bool, str, str]]:
    await queue(system.services, [CollectFeedback(slot=slot)])
    await system.settle()
    return await outcomes_of(system)


async def test_reactions_to_an_answer_count_from_authorized_people(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    system.repository.add_collaborator("eve", "read")
    await ask(system, made.number, "/council ask why does the pool run out of connections?")
    answer = next(comment for comment in made.comments if comment.author.login.endswith("[bot]"))
    system.repository.react(answer.reactions, "eve", "+1")
    assert await collected(system, "one") == {}
    system.repository.react(answer.reactions, "ana", "-1")
    assert (await collected(system, "two"))["thumbs"][0] is False
    assert "| did not help | today |" in (await ask(system, made.number, "/council history pool connections"))[-1]
    answer.reactions.clear()
    system.repository.add_collaborator("ana", "read")
    system.repository.react(answer.reactions, "ana", "+1")
    assert (await collected(system, "three"))["thumbs"][0] is True, "who asked may only read, and knows best"
    answer.reactions.clear()
    assert await collected(system, "four") == {}
    assert "| – | today |" in (await ask(system, made.number, "/council history pool connections"))[-1]


async def test_closing_an_issue_counts_as_helpful_until_reopened(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made, other = issue(system), issue(system)
    await ask(system, made.number, "/council ask why does the pool run out of connections?")
    for each in (made, other):
        system.repository.close(each.number, "ana")
    await system.settle()
    assert list(await outcomes_of(system)) == ["closed"]
    assert "| helped | today |" in (await ask(system, made.number, "/council history pool connections"))[-1]
    system.repository.tell("issues", "reopened", system.sandbox.world.user("ana"), issue=made)
    await system.settle()
    assert await outcomes_of(system) == {}
    assert "| – | today |" in (await ask(system, made.number, "/council history pool connections"))[-1]

"""A question in an issue gets one answer, which shows progress until it is ready."""

import pytest

from tests.stories.harness import InProcessSystem
from tests.stories.questions import LARGER, POOL, ask, issue, said, script


async def test_a_question_gets_one_answer_of_the_whole_council(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL, LARGER], [POOL], stance={"larger": ("reject", "The count grows without end.")})
    made = issue(system)
    (answer,) = await ask(system, made.number, "/council ask why do the connections run out?")
    assert answer.startswith("### The health check opens a connection and never closes it · likely")
    assert "**Do this:** Every probe takes a connection" in answer
    assert "1. Close the connection in the health check." in answer
    assert "3. Verify: The count of open connections stays below the pool" in answer
    assert "| 2 | Make the pool larger" in answer or "Make the pool larger (rejected)" in answer
    assert "What each expert said: 3 of 3 models" in answer
    (comment,) = system.repository.issue(made.number).comments[:1]
    assert [reaction.content for reaction in comment.reactions] == ["eyes"]
    assert system.bought() == 3 + 2 + 1 or system.bought() == 3 + 3 + 1


async def test_a_question_on_a_pull_request_is_answered_there(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    system.repository.add_collaborator("ana", "write")
    pull = system.open(draft=True)
    answers = await ask(system, pull.number, "/council ask is the cart safe?")
    assert any(answer.startswith("### The health check opens") for answer in answers)


async def test_the_same_delivery_twice_is_answered_once(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    await ask(system, made.number, "/council ask why?")
    bought = system.bought()
    for delivery in list(system.sandbox.github.webhook_sender.deliveries):
        system.sandbox.github.webhook_sender.redeliver(delivery)
    await system.settle()
    assert len(said(system, made.number)) == 1 and system.bought() == bought


@pytest.mark.parametrize("body", ["/council ask", "/council ask   "])
async def test_an_empty_question_is_answered_with_instructions(system: InProcessSystem, body: str) -> None:
    made = issue(system)
    (answer,) = await ask(system, made.number, body)
    assert answer.startswith("Add a question: `/council ask why does")
    assert system.bought() == 0


async def test_a_reader_is_refused_in_one_line(system: InProcessSystem) -> None:
    made = issue(system)
    system.repository.add_collaborator("eve", "read")
    (answer,) = await ask(system, made.number, "/council ask why?", "eve")
    assert answer.startswith("Only people with write access can ask the council here.")
    assert system.bought() == 0


async def test_a_question_in_the_text_of_a_new_issue_is_answered(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system, "After a night nobody gets a connection.\n\n@council-sandbox debug why?\n")
    await system.settle()
    (answer,) = said(system, made.number)
    assert answer.startswith("### Council has no answer") or answer.startswith("### The health check")


async def test_the_commands_line_is_not_part_of_the_question(system: InProcessSystem) -> None:
    script(system, [POOL | {"when": "why do they run out?\n\nSince Monday."}], [], [])
    made = issue(system)
    (answer,) = await ask(system, made.number, "@council-sandbox[bot] ask why do they run out?\n\nSince Monday.")
    assert answer.startswith("### The health check opens")


async def test_the_daily_limit_applies_to_questions(system: InProcessSystem) -> None:
    """The asker may still record the outcome."""
    script(system, [POOL], [POOL], [POOL])
    system.services.__dict__["settings"] = system.settings.model_copy(update={"paid_commands_a_day": 1})
    made = issue(system)
    await ask(system, made.number, "/council ask why?")
    bought = system.bought()
    assert (await ask(system, made.number, "/council ask why again?"))[-1].startswith("You have reached the limit of 1 paid command ")
    system.repository.add_collaborator("ana", "read")
    system.repository.add_collaborator("eve", "read")
    assert (await ask(system, made.number, "/council helpful"))[-1].startswith("Noted:")
    assert (await ask(system, made.number, "/council not-helpful", "eve"))[-1].startswith("Only people with write access can use")
    assert system.bought() == bought


async def test_a_question_on_a_fork_needs_the_usual_permission(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    system.repository.add_collaborator("ana", "read")
    pull = system.open(author="ana", fork=True, draft=True)
    assert (await ask(system, pull.number, "/council ask is it safe?"))[-1].startswith(
        "Only people with write access can ask the council here."
    )
    assert (await ask(system, pull.number, "/council history cart"))[-1].startswith("No question like")
    assert system.bought() == 0

"""Whatever is asked, and whatever happens to the place of the question: a clear answer or a clean stop."""

from pathlib import Path

import pytest

from app.configuration.settings import MoneyCaps
from app.sandbox.providers.model import ModelFault
from tests.stories.harness import BASE, HEAD, SEATS, InProcessSystem
from tests.stories.questions import POOL, ask, issue, said, script
from tests.system import SystemOptions, start_system


async def test_a_question_that_fills_a_comment_is_cut_and_says_so(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system, "x " * 30_000)
    (answer,) = await ask(system, made.number, "/council ask why?\n\n" + "It fails here and there. " * 2_500)
    assert answer.startswith("### The health check opens")
    assert "the question: only its beginning and end fitted into the prompt" in answer
    assert len(answer) < 65_536


async def test_a_comment_of_more_bytes_than_characters_is_answered(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    (answer,) = await ask(system, issue(system).number, f"/council ask {'接続が枯渇 ' * 800}\n\n{'夜に落ちる。' * 8_000}")
    assert answer.startswith("### The health check opens")
    assert "only its beginning and end fitted" in answer and len(answer) < 65_536


@pytest.mark.parametrize(
    "question", ["なぜ接続プールが枯渇するのですか", "почему заканчиваются соединения?", "¿por qué? 🤔", "لماذا تنفد الاتصالات"]
)
async def test_a_question_in_any_language_is_answered_and_found_again(system: InProcessSystem, question: str) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    (answer,) = await ask(system, made.number, f"/council ask {question}")
    assert answer.startswith("### The health check opens")
    if question.strip("¿?🤔 ") != "por qué":
        assert "| today |" in (await ask(system, made.number, f"/council history {question}"))[-1]


async def test_an_image_is_named_as_not_read(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    (answer,) = await ask(system, issue(system).number, "/council ask what is this?\n\n![the graph](https://github.test/a.png)")
    assert "image: the graph: images are not read" in answer
    assert "![" not in answer


async def test_a_deleted_or_edited_question_is_not_answered(system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    comment = system.repository.comment(made.number, "ana", "/council ask why?")
    await system.sandbox.settled()
    system.repository.delete_comment(comment.id)
    await system.settle()
    comment = system.repository.comment(made.number, "ana", "/council ask why?")
    await system.sandbox.settled()
    system.repository.edit_comment(comment.id, "never mind")
    await system.settle()
    assert said(system, made.number) == [] and system.bought() == 0


async def test_a_locked_conversation_is_left_alone(system: InProcessSystem) -> None:
    made = issue(system)
    made.locked = True
    assert await ask(system, made.number, "/council ask why?") == []
    assert await ask(system, made.number, "/council history pool") == []
    assert await ask(system, made.number, "/council help") == []
    assert system.bought() == 0


async def test_a_transferred_issue_is_not_answered_in_its_new_home(system: InProcessSystem) -> None:
    made = issue(system)
    system.sandbox.world.create_repository("acme/other")
    system.repository.comment(made.number, "ana", "/council ask why?")
    await system.sandbox.settled()
    system.repository.transfer(made.number, "acme/other")
    await system.settle()
    assert system.bought() == 0
    assert not [each for each in system.sandbox.world.repository("acme/other").issues.values() if len(each.comments) > 1]


async def test_a_used_up_month_is_answered_in_one_line(system: InProcessSystem) -> None:
    """The limit of questions, and the budget."""
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    system.repository.push_branch("main", {".github/council.yml": "limits: {month_consultations: 1}\n"}, "ana", "Limit")
    await ask(system, made.number, "/council ask why?")
    assert (
        "The limit of 1 question per month is reached (`limits.month_consultations`"
        in (await ask(system, made.number, "/council ask and why?"))[-1]
    )
    system.repository.push_branch("main", {".github/council.yml": "limits: {run_usd: 0.0}\n"}, "ana", "No money")
    answer = (await ask(system, made.number, "/council ask so why?"))[-1]
    assert answer.startswith("### Council could not answer this: 0 of 3 models answered") and "was over budget: the call may cost" in answer


async def test_the_instances_caps_apply_to_questions(tmp_path: Path) -> None:
    plan = SystemOptions(SEATS, settings={"log_json": False, "caps": MoneyCaps(run=0.0)}, base=BASE, head=HEAD)
    async with start_system(tmp_path, plan) as system:
        (answer,) = await ask(system, issue(system).number, "/council ask why?")
        assert "was over budget: the call may cost" in answer and system.bought() == 0


async def test_a_missed_quorum_is_reported(system: InProcessSystem) -> None:
    """With a quorum, a seat that fails is only missing."""
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    system.sandbox.providers.model("gpt-5.5").always = ModelFault.REFUSAL
    (answer,) = await ask(system, made.number, "/council ask why?")
    assert answer.startswith("### The health check opens") and "What each expert said: 2 of 3 models" in answer
    system.sandbox.providers.model("claude-opus-5-5").always = ModelFault.REFUSAL
    answer = (await ask(system, made.number, "/council ask why again?"))[-1]
    assert answer.startswith("### Council could not answer this: 1 of 3 models answered")


async def test_a_models_text_mentions_nobody(system: InProcessSystem) -> None:
    hostile = POOL | {
        "title": "Ask @acme/security about #1",
        "approach": "See ![x](https://evil.test/a.png) <img src=x> and /merge\n\n@octocat fixes #2",
        "steps": ["/merge", "<!-- council:answer run=x -->"],
    }
    script(system, [hostile], [hostile], [hostile])
    (answer,) = await ask(system, issue(system).number, "/council ask why?")
    assert "@acme" not in answer and "@octocat" not in answer and "](https://evil" not in answer and "<img" not in answer
    assert answer.count("<!--") == 1

"""Whatever is asked, and whatever happens to the place of the question: a clear answer or a clean stop."""

from pathlib import Path

import pytest

from app.configuration.settings import MoneyCaps
from app.sandbox.providers.model import ModelFault
from tests.stories.harness import BASE, HEAD, SEATS, InProcessSystem
from tests.stories.questions import POOL, ask, issue, said, script
from tests.system import SystemOptions, start_system


async def test_a_question_that_fills_a_comment_is_cut_and_says_so(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house, "x " * 30_000)
    (answer,) = await ask(house, made.number, "/council ask why?\n\n" + "It fails here and there. " * 2_500)
    assert answer.startswith("### The health check opens")
    assert "the question: only its beginning and end fitted into the prompt" in answer
    assert len(answer) < 65_536


async def test_a_comment_of_more_bytes_than_characters_is_answered(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    (answer,) = await ask(house, issue(house).number, f"/council ask {'接続が枯渇 ' * 800}\n\n{'夜に落ちる。' * 8_000}")
    assert answer.startswith("### The health check opens")
    assert "only its beginning and end fitted" in answer and len(answer) < 65_536


@pytest.mark.parametrize(
    "question", ["なぜ接続プールが枯渇するのですか", "почему заканчиваются соединения?", "¿por qué? 🤔", "لماذا تنفد الاتصالات"]
)
async def test_a_question_in_any_language_is_answered_and_found_again(house: InProcessSystem, question: str) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    (answer,) = await ask(house, made.number, f"/council ask {question}")
    assert answer.startswith("### The health check opens")
    if question.strip("¿?🤔 ") != "por qué":
        assert "| today |" in (await ask(house, made.number, f"/council history {question}"))[-1]


async def test_an_image_is_named_as_not_read(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    (answer,) = await ask(house, issue(house).number, "/council ask what is this?\n\n![the graph](https://github.test/a.png)")
    assert "image: the graph: images are not read" in answer
    assert "![" not in answer


async def test_a_deleted_or_edited_question_is_not_answered(house: InProcessSystem) -> None:
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    comment = house.repository.comment(made.number, "ana", "/council ask why?")
    await house.sandbox.settled()
    house.repository.delete_comment(comment.id)
    await house.settle()
    comment = house.repository.comment(made.number, "ana", "/council ask why?")
    await house.sandbox.settled()
    house.repository.edit_comment(comment.id, "never mind")
    await house.settle()
    assert said(house, made.number) == [] and house.bought() == 0


async def test_a_locked_conversation_is_left_alone(house: InProcessSystem) -> None:
    made = issue(house)
    made.locked = True
    assert await ask(house, made.number, "/council ask why?") == []
    assert await ask(house, made.number, "/council history pool") == []
    assert await ask(house, made.number, "/council help") == []
    assert house.bought() == 0


async def test_a_transferred_issue_is_not_answered_in_its_new_home(house: InProcessSystem) -> None:
    made = issue(house)
    house.sandbox.world.create_repository("acme/other")
    house.repository.comment(made.number, "ana", "/council ask why?")
    await house.sandbox.settled()
    house.repository.transfer(made.number, "acme/other")
    await house.settle()
    assert house.bought() == 0
    assert not [each for each in house.sandbox.world.repository("acme/other").issues.values() if len(each.comments) > 1]


async def test_a_used_up_month_is_answered_in_one_line(house: InProcessSystem) -> None:
    """The limit of questions, and the budget."""
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    house.repository.push_branch("main", {".github/council.yml": "limits: {month_consultations: 1}\n"}, "ana", "Limit")
    await ask(house, made.number, "/council ask why?")
    assert (
        "The limit of 1 question per month is reached (`limits.month_consultations`"
        in (await ask(house, made.number, "/council ask and why?"))[-1]
    )
    house.repository.push_branch("main", {".github/council.yml": "limits: {run_usd: 0.0}\n"}, "ana", "No money")
    answer = (await ask(house, made.number, "/council ask so why?"))[-1]
    assert answer.startswith("### Council could not answer this: 0 of 3 models answered") and "was over budget: the call may cost" in answer


async def test_the_instances_caps_apply_to_questions(tmp_path: Path) -> None:
    plan = SystemOptions(SEATS, settings={"log_json": False, "caps": MoneyCaps(run=0.0)}, base=BASE, head=HEAD)
    async with start_system(tmp_path, plan) as house:
        (answer,) = await ask(house, issue(house).number, "/council ask why?")
        assert "was over budget: the call may cost" in answer and house.bought() == 0


async def test_a_missed_quorum_is_reported(house: InProcessSystem) -> None:
    """With a quorum, a seat that fails is only missing."""
    script(house, [POOL], [POOL], [POOL])
    made = issue(house)
    house.sandbox.providers.model("gpt-5.5").always = ModelFault.REFUSAL
    (answer,) = await ask(house, made.number, "/council ask why?")
    assert answer.startswith("### The health check opens") and "What each expert said: 2 of 3 models" in answer
    house.sandbox.providers.model("claude-opus-5-5").always = ModelFault.REFUSAL
    answer = (await ask(house, made.number, "/council ask why again?"))[-1]
    assert answer.startswith("### Council could not answer this: 1 of 3 models answered")


async def test_a_models_text_mentions_nobody(house: InProcessSystem) -> None:
    hostile = POOL | {
        "title": "Ask @acme/security about #1",
        "approach": "See ![x](https://evil.test/a.png) <img src=x> and /merge\n\n@octocat fixes #2",
        "steps": ["/merge", "<!-- council:answer run=x -->"],
    }
    script(house, [hostile], [hostile], [hostile])
    (answer,) = await ask(house, issue(house).number, "/council ask why?")
    assert "@acme" not in answer and "@octocat" not in answer and "](https://evil" not in answer and "<img" not in answer
    assert answer.count("<!--") == 1

"""A finding's thread: the seats that raised it answer and may withdraw it. People's decisions go into the seats' track records."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from app.clock import now
from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest, Review, ReviewComment
from app.sandbox.providers.response_script import ScriptedMember
from app.store.engine.upsert import sql_table
from app.store.reviews import outcomes
from app.store.tables.decisions import OutcomeRow
from app.work.job_handlers import JOB_HANDLERS
from app.work.schedule import queue
from app.work.worker import Worker
from reviewers.learning.feedback import records, reliability
from reviewers.learning.reliability import PRIOR
from tests.stories.harness import DIVISION, HEAD, InProcessSystem
from tests.stories.questions import POOL
from webhooks.jobs import CollectFeedback

STAYS = {"answer": "Nothing on line 6 prevents it: `items` may be empty.", "withdraw": False}
FALLS = {"answer": "Right: line 2 refuses empty carts.", "withdraw": True}


async def opened(system: InProcessSystem, **answers: object) -> tuple[PullRequest, ReviewComment]:
    system.repository.add_collaborator("ada", "write")
    for seat in system.seats:
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(DIVISION)], answers=answers))  # type: ignore[arg-type]
    pull = system.open()
    await system.settle()
    return pull, pull.reviews[0].comments[0]


async def replied(system: InProcessSystem, pull: PullRequest, root: ReviewComment, text: str, login: str = "ada") -> list[str]:
    reviewing.reply(system.repository, pull, root.id, system.sandbox.world.user(login), text)
    await system.settle()
    return [
        comment.body
        for review in pull.reviews
        for comment in review.comments
        if comment.in_reply_to and comment.author.login.endswith("[bot]")
    ]


async def signs(system: InProcessSystem) -> dict[str, bool]:
    async with system.services.database.read() as connection:
        rows = (await connection.execute(select(sql_table(OutcomeRow)))).all()
    return {row.source: row.right for row in rows}


async def test_the_raising_seat_answers_a_reply_once(system: InProcessSystem) -> None:
    pull, root = await opened(system, ThreadAnswer=STAYS)
    bought = system.bought()
    (answer,) = await replied(system, pull, root, "The cart is never empty here.")
    assert answer.startswith("**claude-opus-5-5** found it: Nothing on line 6 prevents it")
    assert system.bought() == bought + 3
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 high")


async def test_seats_can_withdraw_the_finding(system: InProcessSystem) -> None:
    pull, root = await opened(system, ThreadAnswer=FALLS)
    (answer,) = await replied(system, pull, root, "Line 2 refuses empty carts.")
    assert answer.startswith("**Withdrawn.**")
    assert system.comments(pull)[0].startswith("### Council: nothing to fix")
    assert await signs(system) == {"withdrawn": False}


async def test_only_the_raising_seats_withdraw_a_finding(system: InProcessSystem) -> None:
    """The seat that rejected it says what a text told it to, and the seat that raised it gives an unreadable answer."""
    system.repository.add_collaborator("ada", "write")
    line = HEAD["app/cart.py"].split("\n")[1]
    rejects = ScriptedMember(otherwise=("reject", "Line 2 keeps it.", "app/cart.py", line), answers={"ThreadAnswer": FALLS})
    raises = ScriptedMember(findings=[dict(DIVISION)], answers={"ThreadAnswer": "OK"})
    for seat, member in zip(system.seats, (rejects, raises, raises), strict=True):
        system.sandbox.providers.script(seat.split("/", 1)[1], member)
    pull = system.open()
    await system.settle()
    answers = await replied(system, pull, pull.reviews[0].comments[0], "Ignore it.")
    assert answers and not answers[0].startswith("**Withdrawn.**")
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 high")


@pytest.mark.parametrize("said", ["There is nothing to fix here.", "No issues were found; it can be merged.", "It is a false positive."])
async def test_a_chairs_all_clear_does_not_hide_a_finding(system: InProcessSystem, said: str) -> None:
    for seat in system.seats:
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(DIVISION)], summary=said))
    pull = system.open()
    await system.settle()
    assert said not in system.comments(pull)[0] and "An empty cart divides by zero (`app/cart.py:6`)." in system.comments(pull)[0]


async def test_a_strangers_reply_costs_nothing_and_gets_no_refusal(system: InProcessSystem) -> None:
    pull, root = await opened(system, ThreadAnswer=STAYS)
    bought = system.bought()
    assert await replied(system, pull, root, "No.", "mallory") == []
    assert system.bought() == bought


async def test_commands_work_in_a_thread_without_an_id(system: InProcessSystem) -> None:
    pull, root = await opened(system)
    (why,) = await replied(system, pull, root, "/council why")
    assert "found it" in why
    fix = (await replied(system, pull, root, "@council-sandbox fix"))[-1]
    assert "```suggestion\n    return total(items) / len(items) if items else 0\n```" in fix
    assert (await replied(system, pull, root, "/council dismiss not here"))[-1].startswith("Dismissed:")
    assert "not here" in system.comments(pull)[0]


async def test_peoples_decisions_become_a_track_record(system: InProcessSystem) -> None:
    pull, root = await opened(system)
    system.repository.react(root.reactions, "ada", "-1")
    system.repository.react(root.reactions, "mallory", "+1")
    await queue(system.services, [CollectFeedback(slot="one")])
    reviewing.resolve_thread(system.repository, root.id, "ada")
    await system.settle()
    assert await signs(system) == {"thumbs": False, "resolved": True}
    assert " · thread resolved" in system.comments(pull)[0]
    reviewing.resolve_thread(system.repository, root.id, "ada", resolved=False)
    await system.settle()
    assert await signs(system) == {"thumbs": False}
    assert "resolved" not in system.comments(pull)[0]
    repository = system.repository.id
    async with system.services.database.read() as connection:
        found = records(await outcomes.list_signs(connection, repository, 0), repository)
    assert len(found) == 3
    assert all(reliability(each).mean < PRIOR.mean for each in found)


async def test_a_changed_line_counts_as_correctly_flagged(system: InProcessSystem) -> None:
    """Its comment is folded."""
    pull, root = await opened(system)
    for seat in system.seats:
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember())
    system.repository.push(pull.number, {"app/cart.py": HEAD["app/cart.py"].replace("/ len(items)", "/ (len(items) or 1)")})
    await system.settle()
    assert await signs(system) == {"changed": True}
    assert root.minimized == "resolved"


async def test_a_refused_folding_does_not_stop_the_review(system: InProcessSystem) -> None:
    pull, root = await opened(system)
    for seat in system.seats:
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember())
    system.repository.push(pull.number, {"app/cart.py": HEAD["app/cart.py"].replace("/ len(items)", "/ (len(items) or 1)")})
    for actor in system.sandbox.github.authenticator.tokens.values():
        actor.permissions["pull_requests"] = "read"
    await system.settle()
    assert root.minimized == ""
    assert "1 fixed" in system.comments(pull)[0] and system.checks()[-1].status == "completed"


async def test_a_fix_is_requested_if_nobody_proposed_one(system: InProcessSystem) -> None:
    bare = DIVISION | {"suggestion": ""}
    answer = {"first_line": 6, "last_line": 6, "replacement": "    return total(items) / len(items) if items else 0", "note": "Returns 0."}
    told = {"FixAnswer": answer, "FixVote": {"stance": "confirm", "evidence": "Line 6 is guarded now."}}
    system.repository.add_collaborator("ada", "write")
    for seat in system.seats:
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[bare], answers=told))
    pull = system.open()
    await system.settle()
    bought = system.bought()
    root = pull.reviews[0].comments[0]
    (fix,) = await replied(system, pull, root, "/council fix")
    assert "+    return total(items) / len(items) if items else 0" in fix and "Written by gpt-5.5:" in fix
    assert "- claude-opus-5-5 confirmed it: Line 6 is guarded now." in fix
    assert system.bought() == bought + 3


async def test_a_question_in_a_thread_is_answered_there_with_its_line(system: InProcessSystem) -> None:
    pull, root = await opened(system)
    before = len(system.comments(pull))
    for seat in system.seats:
        solutions = [POOL | {"when": "On `app/cart.py:6`"}]
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(solutions=solutions))
    (answer,) = await replied(system, pull, root, "@council-sandbox ask is that so?")
    assert answer.startswith("### The health check opens")
    assert len(system.comments(pull)) == before
    assert (await replied(system, pull, root, "/council resolved 1"))[-1].startswith("Noted:")


async def test_a_draft_review_postpones_an_answer(system: InProcessSystem) -> None:
    """It then goes into the conversation."""
    pull, root = await opened(system, ThreadAnswer=STAYS)
    draft = Review(system.sandbox.world.next_id(), system.sandbox.world.app.bot, "", pull.head_sha)
    pull.reviews.append(draft)
    assert await replied(system, pull, root, "/council why") == []
    later = replace(system.services, clock=lambda: now() + 30)
    pull.reviews.remove(draft)
    await Worker(later, JOB_HANDLERS).run_all()
    threads = [comment for review in pull.reviews for comment in review.comments if comment.in_reply_to and comment.author.type == "Bot"]
    assert len(threads) == 1 and "found it" in threads[0].body
    pull.reviews.append(draft)
    bought = system.bought()
    await replied(system, pull, root, "Never empty here.")
    asked = system.bought()
    for seconds in (60, 120, 240):
        await Worker(replace(system.services, clock=partial(lambda by: now() + by, seconds)), JOB_HANDLERS).run_all()
    assert draft in pull.reviews, "somebody else's turn at the review is not ours to end"
    (elsewhere,) = [body for body in system.comments(pull) if body.startswith("In answer to [this thread](http")]
    assert "found it: Nothing on line 6 prevents it" in elsewhere
    assert system.bought() == asked > bought, "what was answered is not bought again"

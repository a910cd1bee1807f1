"""Failures are answered as promised, and never with a wrong post."""

import hashlib
import hmac

import httpx
import pytest
from sqlalchemy import select

from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.providers.model import ModelFault
from app.store.engine.upsert import sql_table
from app.store.tables.core import DeliveryRow, JobRow
from tests.stories.harness import DIVISION, GHOST, INJECTION, SEATS, InProcessSystem, open_system

SECRET = "sandbox-webhook-secret"


async def post(system: InProcessSystem, raw: bytes, signature: str | None = None) -> int:
    right = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "guid-x", "X-Hub-Signature-256": right if signature is None else signature}
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{system.url}/webhooks/github", content=raw, headers=headers)).status_code


async def stored(system: InProcessSystem) -> list[str]:
    async with system.services.database.read() as connection:
        query = select(sql_table(DeliveryRow).c.state).where(sql_table(DeliveryRow).c.guid == "guid-x")
        return [row.state for row in await connection.execute(query)]


@pytest.mark.parametrize("signature", ["", "sha256=00", "sha1=0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"])
async def test_a_wrong_signature_is_401_and_leaves_nothing(system: InProcessSystem, signature: str) -> None:
    assert await post(system, b"{}", signature) == 401
    assert await stored(system) == []


async def test_malformed_json_is_400_and_recorded(system: InProcessSystem) -> None:
    assert await post(system, b"{") == 400
    assert await stored(system) == ["malformed"]


async def test_an_unknown_event_is_202_and_counted(system: InProcessSystem) -> None:
    assert await post(system, b"{}") == 202
    assert await post(system, b"{}") == 200
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{system.url}/metrics", headers={"authorization": f"Bearer {system.settings.metrics_token}"})).text
    assert 'council_deliveries_total{event="ping",result="recorded"} 1.0' in metrics


async def test_a_closed_pull_request_gets_no_post(system: InProcessSystem) -> None:
    pull = system.open()
    await system.sandbox.settled()
    system.repository.close(pull.issue.number)
    await system.settle()
    assert system.comments(pull) == []
    assert pull.reviews == []
    assert system.bought() == 0


async def test_only_the_newest_of_two_heads_is_reviewed(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    system.repository.push(pull.issue.number, {"app/new.py": "x = 1\n"})
    await system.settle()
    (summary,) = system.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary
    assert [check.head_sha for check in system.checks()] == [pull.head_sha]


async def test_a_push_without_a_delivery_is_found_before_publishing(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    system.repository.push(pull.issue.number, {"app/new.py": "x = 1\n"})
    await system.settle()
    (summary,) = system.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary
    # What was begun for the first head ends there, and the verdict is on the second.
    ended = {check.head_sha: check.conclusion for check in system.checks()}
    assert ended.pop(pull.head_sha) == "success" and set(ended.values()) <= {"cancelled"}


async def test_a_close_without_a_delivery_is_found_before_publishing(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    system.repository.close(pull.issue.number)
    await system.settle()
    assert (system.comments(pull), pull.reviews, system.bought()) == ([], [], 0)
    assert [check.conclusion for check in system.checks()] in ([], ["cancelled"])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (ModelFault.REFUSAL, "refused to answer"),
        (ModelFault.GARBAGE, "gave an unusable answer"),
        (ModelFault.WRONG_SHAPE, "gave an unusable answer"),
        (ModelFault.UNAUTHORIZED, "is misconfigured"),
        (ModelFault.NOT_FOUND, "is misconfigured"),
    ],
)
async def test_a_seat_that_fails_is_a_line_in_the_summary(system: InProcessSystem, fault: ModelFault, said: str) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.providers.model("gemini-3.1-pro-preview").always = fault
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 high")
    assert "2 of 3 answered" in summary
    assert f"**gemini-3.1-pro-preview** {said}" in summary
    assert "sk-sandbox" not in summary


async def test_below_quorum_the_check_is_neutral_with_the_reason(system: InProcessSystem) -> None:
    for seat in SEATS[:2]:
        system.sandbox.providers.model(seat.split("/", 1)[1]).always = ModelFault.REFUSAL
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council could not review this: 1 of 3 models answered")
    (check,) = system.checks()
    assert (check.conclusion, check.title) == ("neutral", "Could not review this: 1 of 3 models answered")


async def test_a_ghost_quote_is_listed_and_not_posted(system: InProcessSystem) -> None:
    system.script([DIVISION, GHOST], [DIVISION], [])
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert "not posted: A ghost" in summary
    assert {comment.path for review in pull.reviews for comment in review.comments} == {"app/cart.py"}


async def test_a_config_error_has_its_line_and_the_nearest_key(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.branches["main"] = system.repository.push_branch(
        "main", {".github/council.yml": "review:\n  max_inlin: 3\nlimits:\n  run_usd: 9\n"}, "octo-dev", "Configure"
    )
    system.open()
    await system.settle()
    (check,) = system.checks()
    assert check.summary is not None
    assert "line 2" in check.summary and "max\\_inline" in check.summary.replace("max_inline", "max\\_inline")


async def test_without_a_key_only_the_analyzer_reviews(tmp_path: object) -> None:
    async with open_system(tmp_path, seats=()) as system:  # type: ignore[arg-type]
        pull = system.repository.open_pull_request("Undefined", {"app/x.py": "def f():\n    return undefined_name\n"})
        await system.settle()
        (summary,) = system.comments(pull)
        assert "No model is configured" in summary
        assert system.bought() == 0


async def test_known_findings_are_not_posted_inline_again(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open()
    await system.settle()
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    comment = system.repository.comment(pull.issue.number, "ada", "/council review once more")
    await system.settle()
    assert [reaction.content for reaction in comment.reactions] == ["eyes"]
    assert len(system.comments(pull)) == 1
    assert [len(review.comments) for review in pull.reviews] == [1, 1]


async def test_a_strangers_command_costs_nothing(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    bought = system.bought()
    system.repository.comment(pull.issue.number, "mallory", "/council review")
    await system.settle()
    assert system.bought() == bought
    assert "Only people with write access can start a review here." in system.comments(pull)[-1]


async def test_help_is_answered_once(system: InProcessSystem) -> None:
    pull = system.open(draft=True)
    system.repository.add_collaborator("ada", "write")
    system.repository.comment(pull.issue.number, "ada", "/council help")
    await system.settle()
    (answer,) = system.comments(pull)
    assert "| `/council review [focus]" in answer


async def test_a_re_run_of_the_check_reviews_the_same_head(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    (check,), bought = system.checks(), system.bought()
    system.repository.rerequest(check.id)
    await system.settle()
    assert system.bought() == 2 * bought
    assert [again.id for again in system.checks()] == [check.id], "the head keeps its one check run"
    assert len(system.comments(pull)) == 1


async def test_drafts_and_skip_labels_are_not_reviewed(system: InProcessSystem) -> None:
    pull = system.open(draft=True)
    await system.settle()
    assert system.comments(pull) == []
    system.repository.mark_ready(pull.issue.number)
    system.script([DIVISION], [DIVISION], [])
    await system.settle()
    assert len(system.comments(pull)) == 1


async def test_approve_is_never_sent(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    assert not [write for write in system.sandbox.log.writes() if "APPROVE" in write.summary]


async def test_the_budget_stops_the_council(system: InProcessSystem) -> None:
    system.repository.branches["main"] = system.repository.push_branch(
        "main", {".github/council.yml": "limits: {run_usd: 0}\n"}, "octo-dev", "Configure"
    )
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert "could not review this: no model was called" in summary and "no seat fits into the budget" in summary
    assert system.bought() == 0


async def test_no_job_is_left_behind(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    async with system.services.database.read() as connection:
        states = {row.state for row in await connection.execute(select(sql_table(JobRow).c.state))}
    assert states <= {"done"}

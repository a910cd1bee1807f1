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
from tests.stories.harness import DIVISION, GHOST, INJECTION, SEATS, InProcessSystem, open_house

SECRET = "sandbox-webhook-secret"


async def post(house: InProcessSystem, raw: bytes, signature: str | None = None) -> int:
    right = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "guid-x", "X-Hub-Signature-256": right if signature is None else signature}
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{house.url}/webhooks/github", content=raw, headers=headers)).status_code


async def stored(house: InProcessSystem) -> list[str]:
    async with house.workshop.database.read() as connection:
        query = select(sql_table(DeliveryRow).c.state).where(sql_table(DeliveryRow).c.guid == "guid-x")
        return [row.state for row in await connection.execute(query)]


@pytest.mark.parametrize("signature", ["", "sha256=00", "sha1=0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"])
async def test_a_wrong_signature_is_401_and_leaves_nothing(house: InProcessSystem, signature: str) -> None:
    assert await post(house, b"{}", signature) == 401
    assert await stored(house) == []


async def test_malformed_json_is_400_and_recorded(house: InProcessSystem) -> None:
    assert await post(house, b"{") == 400
    assert await stored(house) == ["malformed"]


async def test_an_unknown_event_is_202_and_counted(house: InProcessSystem) -> None:
    assert await post(house, b"{}") == 202
    assert await post(house, b"{}") == 200
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{house.url}/metrics", headers={"authorization": f"Bearer {house.settings.metrics_token}"})).text
    assert 'council_deliveries_total{event="ping",result="recorded"} 1.0' in metrics


async def test_a_closed_pull_request_gets_no_post(house: InProcessSystem) -> None:
    pull = house.open()
    await house.sandbox.settled()
    house.repository.close(pull.issue.number)
    await house.settle()
    assert house.comments(pull) == []
    assert pull.reviews == []
    assert house.bought() == 0


async def test_only_the_newest_of_two_heads_is_reviewed(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.sandbox.settled()
    house.repository.push(pull.issue.number, {"app/new.py": "x = 1\n"})
    await house.settle()
    (summary,) = house.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary
    assert [check.head_sha for check in house.checks()] == [pull.head_sha]


async def test_a_push_without_a_delivery_is_found_before_publishing(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.sandbox.settled()
    house.sandbox.github.courier.mode = DeliveryMode.LOSE
    house.repository.push(pull.issue.number, {"app/new.py": "x = 1\n"})
    await house.settle()
    (summary,) = house.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary


async def test_a_close_without_a_delivery_is_found_before_publishing(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.sandbox.settled()
    house.sandbox.github.courier.mode = DeliveryMode.LOSE
    house.repository.close(pull.issue.number)
    await house.settle()
    assert (house.comments(pull), pull.reviews, house.bought()) == ([], [], 0)
    assert [check.conclusion for check in house.checks()] in ([], ["cancelled"])


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
async def test_a_seat_that_fails_is_a_line_in_the_summary(house: InProcessSystem, fault: ModelFault, said: str) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.sandbox.providers.model("gemini-3.1-pro-preview").always = fault
    pull = house.open()
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 high")
    assert "2 of 3 answered" in summary
    assert f"**gemini-3.1-pro-preview** {said}" in summary
    assert "sk-sandbox" not in summary


async def test_below_quorum_the_check_is_neutral_with_the_reason(house: InProcessSystem) -> None:
    for seat in SEATS[:2]:
        house.sandbox.providers.model(seat.split("/", 1)[1]).always = ModelFault.REFUSAL
    pull = house.open()
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council could not review this: 1 of 3 models answered")
    (check,) = house.checks()
    assert (check.conclusion, check.title) == ("neutral", "Could not review this: 1 of 3 models answered")


async def test_a_ghost_quote_is_listed_and_not_posted(house: InProcessSystem) -> None:
    house.script([DIVISION, GHOST], [DIVISION], [])
    pull = house.open()
    await house.settle()
    (summary,) = house.comments(pull)
    assert "not posted: A ghost" in summary
    assert {comment.path for review in pull.reviews for comment in review.comments} == {"app/cart.py"}


async def test_a_config_error_has_its_line_and_the_nearest_key(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.branches["main"] = house.repository.push_branch(
        "main", {".github/council.yml": "review:\n  max_inlin: 3\nlimits:\n  run_usd: 9\n"}, "octo-dev", "Configure"
    )
    house.open()
    await house.settle()
    (check,) = house.checks()
    assert check.summary is not None
    assert "line 2" in check.summary and "max\\_inline" in check.summary.replace("max_inline", "max\\_inline")


async def test_without_a_key_only_the_analyzer_reviews(tmp_path: object) -> None:
    async with open_house(tmp_path, seats=()) as house:  # type: ignore[arg-type]
        pull = house.repository.open_pull_request("Undefined", {"app/x.py": "def f():\n    return undefined_name\n"})
        await house.settle()
        (summary,) = house.comments(pull)
        assert "No model is configured" in summary
        assert house.bought() == 0


async def test_known_findings_are_not_posted_inline_again(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open()
    await house.settle()
    house.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    comment = house.repository.comment(pull.issue.number, "ada", "/council review once more")
    await house.settle()
    assert [reaction.content for reaction in comment.reactions] == ["eyes"]
    assert len(house.comments(pull)) == 1
    assert [len(review.comments) for review in pull.reviews] == [1, 1]


async def test_a_strangers_command_costs_nothing(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    bought = house.bought()
    house.repository.comment(pull.issue.number, "mallory", "/council review")
    await house.settle()
    assert house.bought() == bought
    assert "Only people with write access can start a review here." in house.comments(pull)[-1]


async def test_help_is_answered_once(house: InProcessSystem) -> None:
    pull = house.open(draft=True)
    house.repository.add_collaborator("ada", "write")
    house.repository.comment(pull.issue.number, "ada", "/council help")
    await house.settle()
    (answer,) = house.comments(pull)
    assert "| `/council review [focus]" in answer


async def test_a_re_run_of_the_check_reviews_the_same_head(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    (check,), bought = house.checks(), house.bought()
    house.repository.rerequest(check.id)
    await house.settle()
    assert house.bought() == 2 * bought
    assert [again.id for again in house.checks()] == [check.id], "the head keeps its one check run"
    assert len(house.comments(pull)) == 1


async def test_drafts_and_skip_labels_are_not_reviewed(house: InProcessSystem) -> None:
    pull = house.open(draft=True)
    await house.settle()
    assert house.comments(pull) == []
    house.repository.mark_ready(pull.issue.number)
    house.script([DIVISION], [DIVISION], [])
    await house.settle()
    assert len(house.comments(pull)) == 1


async def test_approve_is_never_sent(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    assert not [each for each in house.sandbox.log.writes() if "APPROVE" in each.summary]


async def test_the_budget_stops_the_council(house: InProcessSystem) -> None:
    house.repository.branches["main"] = house.repository.push_branch(
        "main", {".github/council.yml": "limits: {run_usd: 0}\n"}, "octo-dev", "Configure"
    )
    pull = house.open()
    await house.settle()
    (summary,) = house.comments(pull)
    assert "could not review this: no model was called" in summary and "no seat fits into the budget" in summary
    assert house.bought() == 0


async def test_no_job_is_left_behind(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    async with house.workshop.database.read() as connection:
        states = {row.state for row in await connection.execute(select(sql_table(JobRow).c.state))}
    assert states <= {"done"}

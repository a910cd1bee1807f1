"""Reviews follow GitHub's rules."""

import pytest

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import BASE, Caller

REVIEWS = "/repos/acme/shop/pulls/1/reviews"
GOOD = {"path": "a.py", "line": 5, "body": "Why a word?"}


async def test_a_pending_review_becomes_visible_when_submitted(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    made = (await call("POST", REVIEWS, {"body": "One thing", "comments": [GOOD]})).json()
    assert made["state"] == "PENDING"
    assert "submitted_at" not in made
    assert (await call("GET", "/repos/acme/shop/pulls/1/comments")).json() == []
    assert len((await call("GET", f"{REVIEWS}/{made['id']}/comments")).json()) == 1

    done = await call("POST", f"{REVIEWS}/{made['id']}/events", {"event": "COMMENT"})
    assert (done.status_code, done.json()["state"]) == (200, "COMMENTED")
    (comment,) = (await call("GET", "/repos/acme/shop/pulls/1/comments")).json()
    assert (comment["path"], comment["line"], comment["pull_request_review_id"]) == ("a.py", 5, made["id"])
    assert comment["diff_hunk"].endswith("+line five")
    assert [write.operation for write in sandbox.log.writes(applied=True)] == ["create_review", "submit_review"]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        (GOOD, None),
        (GOOD | {"side": "LEFT"}, None),
        (GOOD | {"line": 8}, None),
        (GOOD | {"start_line": 2}, None),
        (GOOD | {"start_line": 5, "start_side": "LEFT"}, None),
        ({"path": "a.py", "position": 4, "body": "By position"}, None),
        (GOOD | {"line": 9}, "Line could not be resolved"),
        (GOOD | {"line": 0}, "Line could not be resolved"),
        (GOOD | {"path": "docs/guide.md", "line": 1}, "Path could not be resolved"),
        (GOOD | {"line": 30, "start_line": 5}, "Start line could not be resolved"),
        (GOOD | {"start_line": 5}, "start_line must precede the end line."),
        (GOOD | {"start_line": 7}, "start_line must precede the end line."),
        (GOOD | {"body": " "}, "body can't be blank"),
        (GOOD | {"body": "x" * 65_537}, "body is too long (maximum is 65536 characters)"),
    ],
)
async def test_one_bad_comment_refuses_the_whole_review(call: Caller, pull: PullRequest, comment: object, reason: str | None) -> None:
    answer = await call("POST", REVIEWS, {"comments": [GOOD, comment]})
    if reason is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["errors"]) == (422, [reason])
        assert (await call("GET", REVIEWS)).json() == []


async def test_one_pending_review_per_person_and_pull_request(call: Caller, pull: PullRequest) -> None:
    first = (await call("POST", REVIEWS, {"comments": [GOOD]})).json()
    second = await call("POST", REVIEWS, {"comments": [GOOD]})
    assert (second.status_code, second.json()["errors"]) == (422, ["User can only have one pending review per pull request"])
    assert (await call("DELETE", f"{REVIEWS}/{first['id']}")).status_code == 200
    assert (await call("POST", REVIEWS, {"comments": [GOOD]})).status_code == 200


async def test_an_approval_is_refused_and_remembered(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    assert (await call("POST", REVIEWS, {"event": "APPROVE", "body": "Fine"})).status_code == 422
    (attempt,) = sandbox.log.writes("create_review", applied=False)
    assert attempt.body["event"] == "APPROVE"


@pytest.mark.parametrize(
    ("body", "event", "status"),
    [
        ({"comments": [GOOD]}, "COMMENT", 200),
        ({"body": "Words"}, "COMMENT", 200),
        ({}, "COMMENT", 422),
        ({"comments": [GOOD]}, "REQUEST_CHANGES", 422),
        ({"body": "Words"}, "REQUEST_CHANGES", 200),
        ({"body": "Words"}, "APPROVE", 422),
        ({"body": "Words"}, "SHRUG", 422),
        ({"body": "Words"}, None, 422),
    ],
)
async def test_what_may_be_submitted(call: Caller, pull: PullRequest, body: object, event: str | None, status: int) -> None:
    made = (await call("POST", REVIEWS, body)).json()
    answer = await call("POST", f"{REVIEWS}/{made['id']}/events", {"event": event} if event else {})
    assert answer.status_code == status


async def test_a_submitted_review_cannot_be_submitted_or_deleted(call: Caller, pull: PullRequest) -> None:
    made = (await call("POST", REVIEWS, {"event": "COMMENT", "body": "Words"})).json()
    assert (await call("POST", f"{REVIEWS}/{made['id']}/events", {"event": "COMMENT"})).status_code == 422
    assert (await call("DELETE", f"{REVIEWS}/{made['id']}")).status_code == 422
    assert (await call("DELETE", f"{REVIEWS}/99")).status_code == 404


async def test_a_push_moves_comments_or_makes_them_outdated(services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    await call("POST", REVIEWS, {"event": "COMMENT", "comments": [GOOD, GOOD | {"line": 30}]})
    text = BASE["a.py"].replace("line 5\n", "line five\n").replace("line 30\n", "line 30!\n")
    services.push(1, {"a.py": "first\n" + text})
    moved, outdated = (await call("GET", "/repos/acme/shop/pulls/1/comments")).json()
    assert (moved["line"], moved["original_line"]) == (6, 5)
    assert (outdated["line"], outdated["position"], outdated["original_line"]) == (None, None, 30)


async def test_a_review_of_an_older_commit_is_checked_against_it(services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    old = pull.head_sha
    services.push(1, {"a.py": BASE["a.py"]})
    assert (await call("POST", REVIEWS, {"commit_id": old, "event": "COMMENT", "comments": [GOOD]})).status_code == 200
    assert (await call("POST", REVIEWS, {"event": "COMMENT", "comments": [GOOD]})).status_code == 422
    assert (await call("POST", REVIEWS, {"commit_id": "0" * 40, "comments": [GOOD]})).status_code == 422


async def test_a_reply_joins_its_thread(call: Caller, pull: PullRequest) -> None:
    await call("POST", REVIEWS, {"event": "COMMENT", "comments": [GOOD]})
    (root,) = (await call("GET", "/repos/acme/shop/pulls/1/comments")).json()
    reply = (await call("POST", f"/repos/acme/shop/pulls/1/comments/{root['id']}/replies", {"body": "Because"})).json()
    assert (reply["in_reply_to_id"], reply["line"]) == (root["id"], 5)

"""Limits, lag and faults."""

import time

import httpx
import pytest

from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import PullRequest
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import Caller

COMMENTS = "/repos/acme/shop/issues/1/comments"


async def test_every_answer_has_the_rate_limit(call: Caller, pull: PullRequest) -> None:
    first, second = [await call("GET", "/repos/acme/shop") for _ in range(2)]
    left = [int(each.headers["x-ratelimit-remaining"]) for each in (first, second)]
    assert left[0] - left[1] == 1


async def test_the_hour_is_used_up(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    sandbox.github.limits.primary_hour = 3
    answers = [await call("GET", "/repos/acme/shop") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 403]
    assert answers[3].headers["x-ratelimit-remaining"] == "0"


async def test_writing_too_much_is_refused_for_a_while(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    sandbox.github.limits.writes_minute = 2
    answers = [await call("POST", COMMENTS, {"body": f"{number}"}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert 0 < int(answers[2].headers["retry-after"]) <= 61
    assert "secondary rate limit" in answers[2].json()["message"]
    sandbox.github.limits.writes_minute = None
    assert (await call("POST", COMMENTS, {"body": "more"})).status_code == 201


async def test_a_read_misses_what_was_just_written(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    sandbox.github.limits.lag_seconds = 30
    made = (await call("POST", COMMENTS, {"body": "new"})).json()
    assert (await call("GET", COMMENTS)).json() == []
    assert (await call("GET", f"/repos/acme/shop/issues/comments/{made['id']}")).status_code == 404
    sandbox.github.limits.lag_seconds = 0
    assert len((await call("GET", COMMENTS)).json()) == 1


async def test_an_answer_takes_its_time(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    sandbox.github.limits.github_ms = 30
    before = time.monotonic()
    await call("GET", "/repos/acme/shop")
    assert time.monotonic() - before >= 0.03


@pytest.mark.parametrize(
    ("harm", "status"),
    [
        (FaultKind.BAD_GATEWAY, 502),
        (FaultKind.SERVER_ERROR, 500),
        (FaultKind.SECONDARY, 403),
        (FaultKind.TOO_MANY, 429),
        (FaultKind.PRIMARY, 403),
        (FaultKind.UNPROCESSABLE, 422),
        (FaultKind.UNAUTHORIZED, 401),
        (FaultKind.NOT_FOUND, 404),
    ],
)
async def test_a_fault_hits_as_often_as_configured(sandbox: Sandbox, call: Caller, pull: PullRequest, harm: FaultKind, status: int) -> None:
    sandbox.github.faults.add("POST", r"/comments$", harm, times=2, skip=1)
    statuses = [(await call("POST", COMMENTS, {"body": "x"})).status_code for _ in range(4)]
    assert statuses == [201, status, status, 201]
    assert len(pull.issue.comments) == 2


@pytest.mark.parametrize("harm", [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_AFTER])
async def test_the_change_is_made_although_the_answer_is_lost(sandbox: Sandbox, call: Caller, pull: PullRequest, harm: FaultKind) -> None:
    sandbox.github.faults.add("POST", r"/comments$", harm)
    if harm is FaultKind.RESET_AFTER:
        with pytest.raises(httpx.TransportError):
            await call("POST", COMMENTS, {"body": "x"})
    else:
        assert (await call("POST", COMMENTS, {"body": "x"})).status_code == 502
    assert len(pull.issue.comments) == 1
    (write,) = sandbox.log.writes()
    assert (write.applied, write.fault) == (True, harm.value)


async def test_a_reset_before_anything_happens(sandbox: Sandbox, call: Caller, pull: PullRequest) -> None:
    sandbox.github.faults.add("*", "/comments$", "reset")
    with pytest.raises(httpx.TransportError):
        await call("POST", COMMENTS, {"body": "x"})
    assert pull.issue.comments == []
    assert (await call("POST", COMMENTS, {"body": "x"})).status_code == 201


async def test_nonsense_is_refused(call: Caller) -> None:
    assert (await call("GET", "/nowhere")).status_code == 404
    broken = await call.http.post(f"{call.root}{COMMENTS}", content=b"{", headers={"authorization": f"Bearer {call.token}"})
    assert (broken.status_code, broken.json()["message"]) == (400, "Problems parsing JSON")

"""Comments, reactions and check runs."""

import pytest

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from tests.app.sandbox.conftest import Caller

COMMENTS = "/repos/acme/shop/issues/1/comments"
CHECKS = "/repos/acme/shop/check-runs"
NOTE = {"path": "a.py", "start_line": 5, "end_line": 5, "annotation_level": "warning", "message": "A word"}


async def test_a_comment_is_created_edited_and_deleted(call: Caller, pull: PullRequest) -> None:
    made = (await call("POST", COMMENTS, {"body": "First"})).json()
    assert made["user"]["type"] == "Bot"
    own = f"/repos/acme/shop/issues/comments/{made['id']}"
    assert (await call("PATCH", own, {"body": "Second"})).json()["body"] == "Second"
    assert [each["body"] for each in (await call("GET", COMMENTS)).json()] == ["Second"]
    assert (await call("DELETE", own)).status_code == 204
    assert (await call("GET", own)).status_code == 404


@pytest.mark.parametrize(("body", "status"), [("x" * 65_536, 201), ("x" * 65_537, 422), ("", 422), (None, 422)])
async def test_a_comment_has_its_limit(call: Caller, pull: PullRequest, body: str | None, status: int) -> None:
    assert (await call("POST", COMMENTS, {"body": body})).status_code == status


async def test_a_second_reaction_returns_the_first(services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    comment = services.comment(1, "dana", "/council review")
    reactions = f"/repos/acme/shop/issues/comments/{comment.id}/reactions"
    first, second = [await call("POST", reactions, {"content": "eyes"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (await call("POST", reactions, {"content": "shrug"})).status_code == 422


async def test_a_check_run_collects_annotations(call: Caller, pull: PullRequest) -> None:
    made = (await call("POST", CHECKS, {"name": "council", "head_sha": pull.head_sha, "external_id": "run-1"})).json()
    assert (made["status"], made["conclusion"]) == ("queued", None)
    own = f"{CHECKS}/{made['id']}"
    for _ in range(2):
        output = {"title": "t", "summary": "s", "annotations": [NOTE] * 50}
        assert (await call("PATCH", own, {"status": "in_progress", "output": output})).status_code == 200
    done = (await call("PATCH", own, {"conclusion": "neutral"})).json()
    assert (done["status"], done["conclusion"], done["output"]["annotations_count"]) == ("completed", "neutral", 100)
    assert len((await call("GET", f"{own}/annotations?per_page=100")).json()) == 100


@pytest.mark.parametrize(
    "given",
    [
        {"output": {"title": "t", "summary": "s", "annotations": [NOTE] * 51}},
        {"output": {"title": "t", "summary": "s" * 65_536}},
        {"output": {"title": "t", "summary": "s", "text": "s" * 65_536}},
        {"output": {"title": "t"}},
        {"output": {"title": "t", "summary": "s", "annotations": [NOTE | {"annotation_level": "panic"}]}},
        {"output": {"title": "t", "summary": "s", "annotations": [NOTE | {"end_line": 4}]}},
        {"output": {"title": "t", "summary": "s", "annotations": [NOTE | {"message": ""}]}},
        {"actions": [{"label": "Re-run", "description": "Again", "identifier": "rerun"}] * 4},
        {"actions": [{"label": "x" * 21, "description": "Again", "identifier": "rerun"}]},
        {"status": "completed"},
        {"conclusion": "wonderful"},
    ],
)
async def test_what_a_check_run_refuses(call: Caller, pull: PullRequest, given: object) -> None:
    made = (await call("POST", CHECKS, {"name": "council", "head_sha": pull.head_sha})).json()
    assert (await call("PATCH", f"{CHECKS}/{made['id']}", given)).status_code == 422
    assert (await call("GET", f"{CHECKS}/{made['id']}")).json()["output"]["annotations_count"] == 0


async def test_a_check_run_needs_a_commit_and_only_its_app_changes_it(services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    assert (await call("POST", CHECKS, {"name": "council", "head_sha": "0" * 40})).status_code == 422
    job = services.add_failing_job(pull.head_sha, "unit", "boom\n")
    assert (await call("PATCH", f"{CHECKS}/{job.check_run_id}", {"conclusion": "success"})).status_code == 403


async def test_the_newest_run_of_a_name_is_listed(call: Caller, pull: PullRequest) -> None:
    for conclusion in ("failure", "success"):
        await call("POST", CHECKS, {"name": "council", "head_sha": pull.head_sha, "conclusion": conclusion})
    listed = f"/repos/acme/shop/commits/{pull.head_sha}/check-runs"
    latest, every = (await call("GET", listed)).json(), (await call("GET", f"{listed}?filter=all")).json()
    assert [run["conclusion"] for run in latest["check_runs"]] == ["success"]
    assert every["total_count"] == 2

"""The conformance run's checks of a whole story can fail."""

import json
from datetime import UTC, datetime

from app.sandbox.github.exchange import Route, SandboxResponse
from app.sandbox.github.webhook_sender import DeliveryAttempt
from tests.conformance.handed_out import find_invented
from tests.conformance.permissions import check_permissions, list_unused
from tests.conformance.recording import Seen
from tests.conformance.report import Report


def _seen(method: str, path: str, answer: object = None) -> Seen:
    return Seen(method, path, (), None, 200, answer, is_json=True)


def _delivery(payload: object) -> DeliveryAttempt:
    return DeliveryAttempt(501, "guid", "issue_comment", "created", 1, 2, json.dumps(payload).encode(), datetime(2026, 1, 1, tzinfo=UTC))


def test_an_id_must_be_received_before_it_is_used() -> None:
    """From an answer or a webhook."""
    create, edit = _seen("POST", "/repos/a/b/issues/1/comments", {"id": 7_001}), _seen("PATCH", "/repos/a/b/issues/comments/7001", {})
    assert find_invented([create, edit], []) == []
    assert find_invented([edit, create], []) == ["PATCH /repos/a/b/issues/comments/7001 -> 200: nobody gave 7001"]
    assert find_invented([edit], [_delivery({"comment": {"id": 7_001}})]) == []
    assert find_invented([edit], [_delivery({"comment": {"id": 7_002}})]) != []


def test_a_permission_that_nothing_needs_is_a_failure() -> None:
    report = Report()
    check_permissions({"metadata": "read", "checks": "write"}, {"checks:write"}, report)
    assert not report.failed
    check_permissions({"checks": "write"}, {"checks:read"}, report)
    assert report.failed["permissions used"] == 1


def test_unused_permissions_are_listed() -> None:
    def get_run(_: object) -> SandboxResponse:
        return SandboxResponse({})

    routes = [Route("GET", "/runs/{run}", get_run, "actions:read"), Route("GET", "/app", get_run, "app")]
    assert list_unused(routes, []) == ["GET /runs/{run}"]
    assert list_unused(routes, ["get_run"]) == []

"""Checks webhooks: GitHub's recorded payloads against our web application, and the sandbox's payloads against the recordings."""

import asyncio
import fnmatch
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx

from app.sandbox.github.webhook_sender import DeliveryAttempt
from tests.conformance.report import Report
from tests.conformance.rest import Description
from tests.stories.harness import InProcessSystem

AT_ONCE = 20
# Paths that the sandbox sends although no recording has them (event, path, reason); the description's webhook schemas have each of them.
ALLOWED = (
    ("*", "*.has_discussions", "newer than the recordings"),
    ("*", "*permissions.merge_queues", "newer than the recordings"),
    ("*", "*.allow_forking", "newer than the recordings"),
    ("*", "*.language", "null until GitHub has detected one"),
    ("*", "pull_request.draft", "recordings of some events are older"),
    ("*", "pull_request.auto_merge", "recordings of some events are older"),
    ("*", "*.body", "null or a string, at the author's choice"),
    ("*", "issue.state_reason", "newer than the recordings"),
    ("*", "issue.timeline_url", "newer than the recordings"),
    ("issue_comment", "issue.pull_request*", "no recording is of a comment on a pull request"),
    ("issue_comment", "comment.performed_via_github_app*", "no recording is of an App's comment"),
    ("pull_request", "pull_request.merged_*", "no recording is of a merge"),
    ("pull_request_review_comment", "comment.subject_type", "newer than the recordings"),
    ("pull_request_review_comment", "comment.in_reply_to_id", "no recording is of a reply"),
    ("pull_request_review_comment", "comment.*start_*", "no recording is of a comment on several lines"),
    ("pull_request_review_thread", "thread.comments[].subject_type", "newer than the recordings"),
    ("pull_request_review_thread", "thread.comments[].in_reply_to_id", "no recording is of a reply"),
    ("workflow_run", "installation*", "no recording is of an App's delivery"),
    ("status", "organization*", "no recording is of an organization"),
    ("status", "installation*", "no recording is of an App's delivery"),
    ("status", "description", "null or a string, at the author's choice"),
    ("status", "commit.commit.verification.verified_at", "newer than the recordings"),
    ("check_suite", "check_suite.app.events[]", "the recordings' Apps listen to nothing"),
    ("check_suite", "installation*", "no recording is of an App's delivery"),
    ("check_suite", "check_suite.pull_requests[]*", "no recording is of a pull request's head"),
    ("merge_group", "repository.homepage", "null or a string, at the owner's choice"),
    ("merge_group", "repository.description", "null or a string, at the owner's choice"),
    ("issue_comment", "issue.closed_at", "no recording is of a comment on a closed issue"),
    ("check_run", "check_run.check_suite.head_branch", "null for the head of a fork"),
)


async def replay(system: InProcessSystem, examples: list[dict[str, Any]], report: Report) -> int:
    """Send every recording, signed, to our web application; returns their number."""
    secret, lanes = system.sandbox.world.app.webhook_secret.encode(), asyncio.Semaphore(AT_ONCE)

    async def post(client: httpx.AsyncClient, event: str, number: int, payload: Any) -> None:
        raw = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"recorded-{event}-{number}",
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest(),
        }
        async with lanes:
            answer = await client.post(f"{system.url}/webhooks/github", content=raw, headers=headers)
        problems = [] if answer.is_success else [f"{answer.status_code}: {answer.text[:200]}"]
        report.add("webhooks in", f"{event} {payload.get('action', '')} #{number}", problems)

    wanted = [(example["name"], number, payload) for example in examples for number, payload in enumerate(example["examples"])]
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        await asyncio.gather(*(post(client, *each) for each in wanted))
    return len(wanted)


class Recordings:
    """The key paths of the recorded examples, by event."""

    def __init__(self, examples: list[dict[str, Any]]) -> None:
        self._known = {example["name"]: {path for payload in example["examples"] for path in paths(payload)} for example in examples}

    def check(self, event: str, payload: Any) -> list[str]:
        """Paths of a payload that no recording of the event has with the same type."""
        known = self._known.get(event, set())
        allowed = [pattern for name, pattern, _ in ALLOWED if name in ("*", event)]
        names = {path for path, _ in known}
        return [
            f"{path} is {kind}, recorded as {'/'.join(sorted(other for name, other in known if name == path))}"
            if path in names
            else f"{path} ({kind}) is in no recording"
            for path, kind in sorted(set(paths(payload)) - known)
            if not any(fnmatch.fnmatchcase(path, pattern) for pattern in allowed)
        ]


def paths(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every key path of a JSON value with the type found there."""
    if isinstance(value, dict):
        yield place, "object"
        for key, inner in value.items():
            yield from paths(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        yield place, "array"
        for inner in value:
            yield from paths(inner, f"{place}[]")
    else:
        yield place, {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}[type(value)]


def check_sent(delivery: DeliveryAttempt, recordings: Recordings, description: Description, report: Report) -> None:
    """The problems of a payload from the sandbox: against the recordings, and against the description's webhook schemas."""
    title = f"{delivery.event} {delivery.action or ''}".strip()
    payload = json.loads(delivery.body)
    report.add("webhooks out, recordings", title, recordings.check(delivery.event, payload))
    name = f"{delivery.event}-{delivery.action}".replace("_", "-") if delivery.action else delivery.event.replace("_", "-")
    pointer = f"/x-webhooks/{name}/post/requestBody/content/application~1json/schema"
    try:
        problems = description.problems(pointer, payload)
    except KeyError:
        problems = ["the description has no such webhook"]
    report.add("webhooks out, description", title, problems)

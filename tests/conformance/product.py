"""Our product at work against the sandbox: the stories whose exchanges are checked."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from app.operations.failed_deliveries import FailedDeliveries
from app.sandbox.github import reviewing
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.providers.response_script import ScriptedMember
from app.work.schedule import queue
from tests.conformance.recording import Recorder
from tests.stories.harness import DIVISION, HEAD, INJECTION, InProcessSystem, open_system
from webhooks.jobs import CollectFeedback, Reconcile

LOG = "2026-01-01T00:00:00.0000000Z pytest\n2026-01-01T00:00:01.0000000Z E   assert 1 == 2\n2026-01-01T00:00:02.0000000Z ##[error]exit 1\n"
CONFIG = "review:\n  max_inline: 3\n  skip: {labels: [wip]}\nci: {read_logs: true}\n"
SET_UP = {".github/council.yml": CONFIG, "AGENTS.md": "Be kind.\n"}
SAYINGS = (("ada", "/council help"), ("ada", "/council review the loops"), ("mallory", "/council review"), ("ada", "/council nope"))


@contextlib.asynccontextmanager
async def recorded_house() -> AsyncIterator[tuple[InProcessSystem, Recorder]]:
    """A system whose exchanges are recorded."""
    with tempfile.TemporaryDirectory(prefix="council-conformance-") as folder:
        async with open_system(Path(folder), mirrors=True) as system:
            recorder = Recorder()
            system.sandbox.github.witness = recorder
            yield system, recorder


async def review(system: InProcessSystem) -> None:
    """A full review: config file, failing job, inline comments, a mentioned issue; then a push and the next review."""
    repository = system.repository
    repository.branches["main"] = repository.push_branch(
        "main", {".github/council.yml": CONFIG, "AGENTS.md": "Be kind.\n"}, "ada", "Set up"
    )
    issue = repository.open_issue("Carts are slow", "Very.")
    system.script([DIVISION, INJECTION], [DIVISION], [])
    system.sandbox.world.app.webhook_url, url = "", system.sandbox.world.app.webhook_url
    pull = system.open(body=f"Fixes #{issue.number}, see #999")
    repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    system.sandbox.world.app.webhook_url = url
    repository.mark_ready(pull.issue.number)
    await system.settle()
    assert any(each.comments for each in pull.reviews), "the review has inline comments"
    repository.push(pull.issue.number, {"app/new.py": "import os\nx = undefined\n"})
    await system.settle()


async def commands(system: InProcessSystem) -> None:
    """Help, a review by command, a stranger's command, a command on an issue."""
    system.repository.add_collaborator("ada", "write")
    pull = system.open(draft=True)
    await system.settle()
    for login, text in SAYINGS:
        system.script([DIVISION], [DIVISION], [])
        system.repository.comment(pull.issue.number, login, text)
        await system.settle()
    system.repository.comment(system.repository.open_issue("Only an issue").number, "ada", "/council help")
    await system.settle()


async def re_run(system: InProcessSystem) -> None:
    """A check re-run, a merge queue, a closed pull request, a fork, a bad config."""
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    system.repository.rerequest(system.checks()[0].id)
    await system.settle()
    system.repository.queue(pull.number, squash=True)
    await system.settle()
    system.repository.branches["main"] = system.repository.push_branch("main", {".github/council.yml": "reviw: 1\n"}, "ada", "Break")
    system.script([INJECTION], [INJECTION], [])
    system.repository.open_pull_request("From afar", {"app/x.py": "import os\n", "logo.png": b"\x89PNG\0\1"}, author="eve", fork=True)
    await system.settle()
    system.repository.close(pull.issue.number, merge=True)
    await system.settle()


async def threads(system: InProcessSystem) -> None:
    """A finding's thread: a reply, commands, a reaction, its end; a fixed line with a minimized comment; the text of an issue."""
    system.repository.add_collaborator("ada", "write")
    for seat in system.seats:
        answers = {"ThreadAnswer": {"answer": "It does.", "withdraw": False}}
        system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(DIVISION)], answers=answers))
    pull = system.open()
    await system.settle()
    root, ada = pull.reviews[0].comments[0], system.sandbox.world.user("ada")
    for text in ("No.", "/council why", "@council-sandbox fix"):
        reviewing.reply(system.repository, pull, root.id, ada, text)
        await system.settle()
    for text in ("/council config\n/council cost\n/council summary", "/council pause", "/council resume"):
        system.repository.comment(pull.number, "ada", text)
        await system.settle()
    system.repository.react(root.reactions, "ada", "+1")
    reviewing.resolve_thread(system.repository, root.id, "ada")
    await queue(system.services, [CollectFeedback(slot="one")])
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, {"app/cart.py": HEAD["app/cart.py"].replace("/ len(items)", "/ (len(items) or 1)")})
    system.repository.open_issue("A question", "/council help", "ada")
    await system.settle()
    assert root.minimized, "the comment is folded"


async def missed(system: InProcessSystem) -> None:
    """A failed delivery is redelivered; then a reconciliation after deliveries that failed and some that were never sent."""
    webhook_sender, services = system.sandbox.github.webhook_sender, system.services
    webhook_sender.mode = DeliveryMode.FAIL
    system.open(branch="redelivered")
    webhook_sender.mode = DeliveryMode.SEND
    undelivered = FailedDeliveries(services.github, services.database, services.clock)
    (lost,) = (await undelivered.listed()).deliveries
    await undelivered.again(lost.attempt.id)
    await system.settle()
    assert system.checks(), "what was delivered again is reviewed"
    await queue(system.services, [Reconcile(slot="first")])
    await system.settle()
    for mode in (DeliveryMode.FAIL, DeliveryMode.LOSE):
        webhook_sender.mode = mode
        pull = system.open(branch=f"missed-{mode}")
        await system.settle()
        await queue(system.services, [Reconcile(slot=mode)])
        await system.settle()
        assert system.comments(pull), mode


STORIES: tuple[Callable[[InProcessSystem], Awaitable[None]], ...] = (review, commands, re_run, threads, missed)

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
from tests.stories.harness import DIVISION, HEAD, INJECTION, InProcessSystem, open_house
from webhooks.jobs import CollectFeedback, Reconcile

LOG = "2026-01-01T00:00:00.0000000Z pytest\n2026-01-01T00:00:01.0000000Z E   assert 1 == 2\n2026-01-01T00:00:02.0000000Z ##[error]exit 1\n"
CONFIG = "review:\n  max_inline: 3\n  skip: {labels: [wip]}\nci: {read_logs: true}\n"
SET_UP = {".github/council.yml": CONFIG, "AGENTS.md": "Be kind.\n"}
SAYINGS = (("ada", "/council help"), ("ada", "/council review the loops"), ("mallory", "/council review"), ("ada", "/council nope"))


@contextlib.asynccontextmanager
async def recorded_house() -> AsyncIterator[tuple[InProcessSystem, Recorder]]:
    """A system whose exchanges are recorded."""
    with tempfile.TemporaryDirectory(prefix="council-conformance-") as folder:
        async with open_house(Path(folder), mirrors=True) as house:
            recorder = Recorder()
            house.sandbox.github.witness = recorder
            yield house, recorder


async def review(house: InProcessSystem) -> None:
    """A full review: config file, failing job, inline comments, a mentioned issue; then a push and the next review."""
    repository = house.repository
    repository.branches["main"] = repository.push_branch(
        "main", {".github/council.yml": CONFIG, "AGENTS.md": "Be kind.\n"}, "ada", "Set up"
    )
    issue = repository.open_issue("Carts are slow", "Very.")
    house.script([DIVISION, INJECTION], [DIVISION], [])
    house.sandbox.world.app.webhook_url, url = "", house.sandbox.world.app.webhook_url
    pull = house.open(body=f"Fixes #{issue.number}, see #999")
    repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    house.sandbox.world.app.webhook_url = url
    repository.mark_ready(pull.issue.number)
    await house.settle()
    assert any(each.comments for each in pull.reviews), "the review has inline comments"
    repository.push(pull.issue.number, {"app/new.py": "import os\nx = undefined\n"})
    await house.settle()


async def commands(house: InProcessSystem) -> None:
    """Help, a review by command, a stranger's command, a command on an issue."""
    house.repository.add_collaborator("ada", "write")
    pull = house.open(draft=True)
    await house.settle()
    for login, text in SAYINGS:
        house.script([DIVISION], [DIVISION], [])
        house.repository.comment(pull.issue.number, login, text)
        await house.settle()
    house.repository.comment(house.repository.open_issue("Only an issue").number, "ada", "/council help")
    await house.settle()


async def re_run(house: InProcessSystem) -> None:
    """A check re-run, a closed pull request, a fork, a bad config."""
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    house.repository.rerequest(house.checks()[0].id)
    await house.settle()
    house.repository.branches["main"] = house.repository.push_branch("main", {".github/council.yml": "reviw: 1\n"}, "ada", "Break")
    house.script([INJECTION], [INJECTION], [])
    house.repository.open_pull_request("From afar", {"app/x.py": "import os\n", "logo.png": b"\x89PNG\0\1"}, author="eve", fork=True)
    await house.settle()
    house.repository.close(pull.issue.number, merge=True)
    await house.settle()


async def threads(house: InProcessSystem) -> None:
    """A finding's thread: a reply, commands, a reaction, its end; a fixed line with a minimized comment; the text of an issue."""
    house.repository.add_collaborator("ada", "write")
    for seat in house.seats:
        answers = {"ThreadAnswer": {"answer": "It does.", "withdraw": False}}
        house.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(DIVISION)], answers=answers))
    pull = house.open()
    await house.settle()
    root, ada = pull.reviews[0].comments[0], house.sandbox.world.user("ada")
    for text in ("No.", "/council why", "@council-sandbox fix"):
        reviewing.reply(house.repository, pull, root.id, ada, text)
        await house.settle()
    for text in ("/council config\n/council cost\n/council summary", "/council pause", "/council resume"):
        house.repository.comment(pull.number, "ada", text)
        await house.settle()
    house.repository.react(root.reactions, "ada", "+1")
    reviewing.resolve_thread(house.repository, root.id, "ada")
    await queue(house.workshop, [CollectFeedback(slot="one")])
    await house.settle()
    house.script([], [], [])
    house.repository.push(pull.number, {"app/cart.py": HEAD["app/cart.py"].replace("/ len(items)", "/ (len(items) or 1)")})
    house.repository.open_issue("A question", "/council help", "ada")
    await house.settle()
    assert root.minimized, "the comment is folded"


async def missed(house: InProcessSystem) -> None:
    """A failed delivery is redelivered; then a reconciliation after deliveries that failed and some that were never sent."""
    courier, shop = house.sandbox.github.courier, house.workshop
    courier.mode = DeliveryMode.FAIL
    house.open(branch="redelivered")
    courier.mode = DeliveryMode.SEND
    undelivered = FailedDeliveries(shop.github, shop.database, shop.clock)
    (lost,) = (await undelivered.listed()).deliveries
    await undelivered.again(lost.attempt.id)
    await house.settle()
    assert house.checks(), "what was delivered again is reviewed"
    await queue(house.workshop, [Reconcile(slot="first")])
    await house.settle()
    for mode in (DeliveryMode.FAIL, DeliveryMode.LOSE):
        courier.mode = mode
        pull = house.open(branch=f"missed-{mode}")
        await house.settle()
        await queue(house.workshop, [Reconcile(slot=mode)])
        await house.settle()
        assert house.comments(pull), mode


STORIES: tuple[Callable[[InProcessSystem], Awaitable[None]], ...] = (review, commands, re_run, threads, missed)

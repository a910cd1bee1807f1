"""The life of a pull request in GitHub Actions, with a fresh machine at every event: the posts equal the server's."""

import difflib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.action.state_block import without_block
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.action.machine import Machines, open_machines
from tests.stories.harness import BASE, DIVISION, INJECTION, open_system
from tests.system import InProcessSystem

FIXED = {"app/cart.py": f"{BASE['app/cart.py']}\n\ndef average(items):\n    return total(items) / len(items)\n"}
Event = Callable[[SandboxRepository, PullRequest], object]


def dismiss(repository: SandboxRepository, pull: PullRequest) -> None:
    summary = next(comment.body for comment in pull.issue.comments if "council:summary" in comment.body)
    short = re.search(r"- \[ \] dismiss `([0-9a-f]{4,})", summary)
    assert short is not None
    repository.comment(pull.number, "ada", f"/council dismiss {short[1]} it cannot be empty")


def restore(repository: SandboxRepository, pull: PullRequest) -> None:
    said = next(comment.body for comment in pull.issue.comments if comment.body.startswith("Dismissed:"))
    short = re.search(r"/council restore ([0-9a-f]{4,})", said)
    assert short is not None
    repository.comment(pull.number, "ada", f"/council restore {short[1]}")


# After the pull request was opened. Twelve including that.
EVENTS: tuple[Event, ...] = (
    dismiss,
    lambda repository, pull: repository.comment(pull.number, "ada", "/council status"),
    lambda repository, pull: repository.push(pull.number, {"README.md": "More to come.\n"}),
    lambda repository, pull: repository.comment(pull.number, "reader", "/council review"),
    lambda repository, pull: repository.comment(pull.number, "ada", "/council review"),
    restore,
    lambda repository, pull: repository.push(pull.number, FIXED),
    lambda repository, pull: repository.comment(pull.number, "ada", "/council config"),
    lambda repository, pull: repository.add_failing_job(pull.head_sha, "tests", "app/cart.py:6: ZeroDivisionError: division by zero\n"),
    lambda repository, pull: repository.comment(pull.number, "ada", "/council cost"),
    lambda repository, pull: repository.close(pull.number, "ada"),
)


def posts(sandbox: Sandbox, pull: PullRequest) -> list[str]:
    """Everything of ours on the pull request, without what differs in every run: ids, times, and the hidden state."""
    repository, bot = sandbox.world.repository("acme/shop"), sandbox.world.app.bot
    found = [f"comment {without_block(comment.body)}" for comment in pull.issue.comments if comment.author == bot]
    found += [f"review {review.state} {review.body}" for review in pull.reviews]
    found += [f"inline {note.path}:{note.line} {note.minimized} {note.body}" for review in pull.reviews for note in review.comments]
    checks = [check for check in repository.check_runs.values() if check.name == "Council"]
    found += [
        f"check {check.head_sha} {check.status} {check.conclusion} {check.title} {check.summary} {len(check.annotations)}"
        for check in checks
    ]
    found += [
        f"{reaction.content} {comment.body}" for comment in pull.issue.comments for reaction in comment.reactions if reaction.author == bot
    ]
    found += [f"{reaction.content} on the pull request" for reaction in pull.issue.reactions]
    return [same(text) for text in found]


def same(text: str) -> str:
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
    text = re.sub(r"\b[0-9a-f]{40}\b", "SHA", text)
    text = re.sub(r"`[0-9a-f]{7}`", "`SHA`", text)
    text = re.sub(r"\bcommit [0-9a-f]{7}\b", "commit SHA", text)
    text = re.sub(r"<code>[0-9a-f]{7}</code>", "<code>SHA</code>", text)
    text = re.sub(r"\b\d{7}\b", "ID", text)
    # The ids of commits depend on the time, and take more or fewer tokens.
    text = re.sub(r"[\d,]+( tokens|(?= \| \$))", r"N\1", text)
    text = re.sub(r"\$\d+\.\d+", "USD", text)
    return re.sub(r"\b\d+(?:\.\d+)? (?:s|ms)\b", "TIME", text)


def difference(servers: list[str], ours: list[str]) -> str:
    """The difference between two sets of posts, as a person would read it."""
    left, right = ("\n".join(sorted(texts)).split("\n") for texts in (servers, ours))
    return "\n".join(difflib.unified_diff(left, right, "server", "action", n=0, lineterm=""))


async def live(sandbox: Sandbox, pull: PullRequest, settle: Callable[[], Awaitable[object]]) -> list[list[str]]:
    """The posts after each event."""
    await settle()
    states = [posts(sandbox, pull)]
    for event in EVENTS:
        event(sandbox.world.repository("acme/shop"), pull)
        await settle()
        states.append(posts(sandbox, pull))
    return states


async def on_a_server(folder: Path) -> tuple[list[list[str]], int]:
    async with open_system(folder) as system:
        script(system)
        system.repository.add_collaborator("ada", "write")
        await system.settle()
        return await live(system.sandbox, system.open(), system.settle), system.bought()


def script(where: InProcessSystem | Machines) -> None:
    where.script([DIVISION, INJECTION], [DIVISION], [])


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_posts_equal_the_servers_after_each_of_twelve_events(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    expected, bought = await on_a_server(tmp_path / "server")
    async with open_machines(tmp_path / "machines") as machines:
        script(machines)
        found = await live(machines.sandbox, machines.open(), machines.settle)
        assert len(found) == len(expected) == 12
        for number, (ours, servers) in enumerate(zip(found, expected, strict=True)):
            assert difference(servers, ours) == "", f"after event {number}"
        assert machines.bought() == bought
        assert machines.runs >= 12

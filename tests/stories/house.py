"""The whole house in one process: sandbox GitHub and models, web and worker, with real HTTP on every edge."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from app.queue.leases import LeaseTimes
from app.sandbox.github.entities import CheckRun, PullRequest
from app.sandbox.github.repository import Repository
from app.sandbox.providers.brain import ScriptedMember
from app.sandbox.server import Sandbox
from app.services.workshop import Workshop, open_workshop
from app.settings import Settings, read
from app.store.intake import Debounce
from app.web import create_app
from app.work.kinds import KINDS
from app.work.worker import Worker

SEATS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview")
BASE = {"app/cart.py": "def total(items):\n    return sum(item.price for item in items)\n"}
HEAD = {
    "app/cart.py": (
        "def total(items):\n    return sum(item.price for item in items)\n\n\n"
        "def average(items):\n    return total(items) / len(items)\n\n\n"
        "def find(db, name):\n    return db.execute(f\"SELECT * FROM items WHERE name = '{name}'\")\n"
    )
}
DIVISION = {
    "title": "An empty cart divides by zero",
    "body": "With no items `len(items)` is 0 and `average` raises ZeroDivisionError. Return 0 for an empty cart.",
    "severity": "high",
    "category": "correctness",
    "path": "app/cart.py",
    "quote": "    return total(items) / len(items)",
    "line": 6,
    "suggestion": "    return total(items) / len(items) if items else 0",
}
INJECTION = {
    "title": "The item's name is pasted into the SQL statement",
    "body": "A name with a quote ends the string and runs as SQL. Pass it as a parameter.",
    "severity": "critical",
    "category": "security",
    "path": "app/cart.py",
    "quote": "    return db.execute(f\"SELECT * FROM items WHERE name = '{name}'\")",
    "line": 10,
    "suggestion": "",
}
GHOST = DIVISION | {"title": "A ghost", "quote": "return boo(items)", "line": 0}


@dataclass
class House:
    """Everything that runs, and the ways a story moves it."""

    sandbox: Sandbox
    settings: Settings
    workshop: Workshop
    worker: Worker
    repository: Repository
    url: str
    opened: dict[str, PullRequest] = field(default_factory=dict)

    def script(self, *members: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Give the seats their findings, in the order of SEATS."""
        for seat, findings in zip(SEATS, members, strict=False):
            self.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(each) for each in findings], **more))

    def open(self, **options: Any) -> PullRequest:
        return self.repository.open_pull_request("Average and search", HEAD, **options)

    async def settle(self) -> None:
        """Deliver every webhook and do every job that is due."""
        await self.sandbox.settled()
        await self.worker.run_all()
        await self.sandbox.settled()

    def comments(self, pull: PullRequest) -> list[str]:
        """What our App said on the conversation."""
        return [comment.body for comment in pull.issue.comments if comment.author.login.endswith("[bot]")]

    def checks(self) -> list[CheckRun]:
        """Our check runs."""
        return [check for check in self.repository.check_runs.values() if check.name == "Council"]

    def bought(self) -> int:
        """How many model calls were made."""
        return len(self.sandbox.providers.calls)


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Serve the web application on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings, Debounce(0, 0)), log_level="critical", lifespan="on", ws="none"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@contextlib.asynccontextmanager
async def open_house(data: Path, *, seats: Sequence[str] = SEATS, times: LeaseTimes | None = None) -> AsyncIterator[House]:
    """A house around an empty repository with one file."""
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox.start())
        settings = read({**sandbox.environment(), "COUNCIL_DATA": str(data), "COUNCIL_SEATS": ",".join(seats)})
        if not seats:
            settings = settings.model_copy(update={"providers": ()})
        url = await stack.enter_async_context(serving(settings))
        sandbox.world.app.webhook_url = f"{url}/webhooks/github"
        repository = sandbox.world.create_repository("acme/shop", BASE)
        workshop = await stack.enter_async_context(open_workshop(settings, times))
        house = House(sandbox, settings, workshop, Worker(workshop, KINDS), repository, url)
        await sandbox.settled()
        yield house

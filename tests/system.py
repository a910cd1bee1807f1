"""The whole system in one process: sandbox GitHub and models, web and worker, with real HTTP between them."""

import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from app.configuration.settings import Settings, read_settings
from app.queue.leases import LeaseTimes
from app.sandbox.empty_database import place_empty_database
from app.sandbox.github.entities import CheckRun, PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.local_server import LocalServer
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from app.services.worker import WorkerServices, open_worker_services
from app.store.queue.deliveries import Debounce
from app.web import create_app
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker

SEATS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview")
AT_ONCE = Debounce(0, 0)


@dataclass
class InProcessSystem:
    """The running system, and the methods with which a story drives it."""

    sandbox: Sandbox
    settings: Settings
    services: WorkerServices
    worker: Worker
    url: str
    seats: Sequence[str]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> SandboxRepository:
        """The repository that most stories use."""
        return self.sandbox.world.repository("acme/shop")

    def script(self, *members: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Give the seats their findings, in the order of the seats."""
        for seat, findings in zip(self.seats, members, strict=False):
            self.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(finding) for finding in findings], **more))

    def open(self, **options: Any) -> PullRequest:
        """Open the story's pull request."""
        return self.repository.open_pull_request("Average and search", self.files, **options)

    async def settle(self) -> None:
        """Deliver every webhook and run every due job."""
        await self.sandbox.settled()
        await self.worker.run_all()
        await self.sandbox.settled()

    def comments(self, pull: PullRequest) -> list[str]:
        """Our App's comments in the conversation."""
        return [comment.body for comment in pull.issue.comments if comment.author.login.endswith("[bot]")]

    def checks(self) -> list[CheckRun]:
        """Our check runs."""
        return [check for check in self.repository.check_runs.values() if check.name == "Council"]

    def bought(self) -> int:
        """How many model calls were made."""
        return len(self.sandbox.providers.calls)


@dataclass(frozen=True)
class SystemOptions:
    """How a system is built: its seats, its database, the times of leases and debounce, and further settings by name."""

    seats: Sequence[str] = SEATS
    database_url: str = ""
    times: LeaseTimes = field(default_factory=LeaseTimes)
    debounce: Debounce = AT_ONCE
    settings: Mapping[str, object] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)


@contextlib.asynccontextmanager
async def start_system(data: Path, plan: SystemOptions) -> AsyncIterator[InProcessSystem]:
    """A system with a repository that has the files of `plan.base`."""
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox.start())
        environment = {**sandbox.environment(), "COUNCIL_DATA": str(data), "COUNCIL_SEATS": ",".join(plan.seats)}
        settings = read_settings(environment | {"DATABASE_URL": plan.database_url})
        if not plan.database_url:
            place_empty_database(data)
        if not plan.seats:
            settings = settings.model_copy(update={"providers": ()})
        settings = settings.model_copy(update=dict(plan.settings))
        url = await stack.enter_async_context(serving(settings, plan.debounce))
        sandbox.world.app.webhook_url = f"{url}/webhooks/github"
        sandbox.world.create_repository("acme/shop", plan.base)
        services = await stack.enter_async_context(open_worker_services(settings, plan.times))
        system = InProcessSystem(sandbox, settings, services, Worker(services, JOB_HANDLERS), url, plan.seats, plan.head)
        await sandbox.settled()
        yield system


@contextlib.asynccontextmanager
async def serving(settings: Settings, debounce: Debounce) -> AsyncIterator[str]:
    """Serve the web application on a free port."""
    # With an explicit protocol, asyncio sets TCP_NODELAY. Otherwise every answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings, debounce), log_level="critical", lifespan="on", ws="none")
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with LocalServer(config).run_on(listener):
        yield url

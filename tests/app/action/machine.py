"""GitHub Actions without servers: every event of the sandbox starts a fresh machine that runs `council action`."""

import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.action.inputs import EVENTS, ActionInputs, read_inputs
from app.action.run import run_action
from app.action.step import ActionResult, show
from app.configuration.settings import Settings, read_settings
from app.sandbox.github.entities import CheckRun, PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.webhook_sender import DeliveryAttempt, DeliveryMode
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from tests.app.cli.warm import run_council
from tests.stories.harness import BASE, HEAD
from tests.system import SEATS

ROOT = Path(__file__).parents[3]
_OF_AN_APP = ("APP_", "PRIVATE", "WEBHOOK")
KEY = "a-key-that-is-long-enough"


@dataclass
class Machines:
    """A repository with Council's workflow. `start` handles the events since the last call, one fresh machine per event."""

    sandbox: Sandbox
    folder: Path
    key: str = KEY
    mode: str = "review"
    inputs: Mapping[str, str] = field(default_factory=dict)
    runs: int = 0

    @property
    def repository(self) -> SandboxRepository:
        return self.sandbox.world.repository("acme/shop")

    def script(self, *members: Sequence[Mapping[str, Any]]) -> None:
        for seat, findings in zip(SEATS, members, strict=False):
            self.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[dict(finding) for finding in findings]))

    def open(self, **options: Any) -> PullRequest:
        return self.repository.open_pull_request("Average and search", HEAD, **options)

    def events(self) -> list[DeliveryAttempt]:
        """The events since the last call that start a workflow. Writes with a job's own token start none."""
        bot = self.sandbox.world.app.bot.login.encode()
        taken = [delivery for delivery, _ in self.sandbox.github.webhook_sender.take() if delivery.event in EVENTS]
        return [delivery for delivery in taken if b'"sender":{"login":"' + bot not in delivery.body]

    async def settle(self) -> list[ActionResult]:
        """Run the workflow for every event, in order."""
        return [await self.start(delivery.event, json.loads(delivery.body)) for delivery in self.events()]

    async def start(self, event: str, payload: Mapping[str, Any], **more: str) -> ActionResult:
        """One run on a machine without data of earlier ones."""
        inputs = read_inputs(self.environment(event, payload) | self.inputs | more)
        result = await run_action(self.settings(), inputs)
        show(result, inputs)
        return result

    async def start_process(self, event: str, payload: Mapping[str, Any], **more: str) -> tuple[int, str]:
        """The same as a real process: its exit code, and its standard output."""
        own = {name: value for name, value in self.sandbox.environment().items() if not name.startswith(_OF_AN_APP)}
        own |= {"COUNCIL_SEATS": ",".join(SEATS), "COUNCIL_FALLBACK": "off", "MIRRORS": "off"}
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)} | own
        environment |= self.environment(event, payload) | self.inputs | more
        ended = await run_council(("action",), environment, self.folder)
        return ended.code, ended.out

    def environment(self, event: str, payload: Mapping[str, Any]) -> dict[str, str]:
        """The step's environment from the runner. Without an App, the payload has no installation."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir()
        (folder / "event.json").write_text(json.dumps({key: value for key, value in payload.items() if key != "installation"}))
        return {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_TOKEN": self.token(),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_RUN_ID": str(self.runs),
            "RUNNER_TEMP": str(folder),
            "COUNCIL_MODE": self.mode,
            "COUNCIL_STATE_KEY": self.key,
        }

    def token(self, permissions: Mapping[str, str] | None = None) -> str:
        installation = self.sandbox.world.installation_of(self.repository)
        assert installation is not None
        body: dict[str, Any] = {"repositories": ["shop"]} | ({"permissions": dict(permissions)} if permissions else {})
        return self.sandbox.github.authenticator.issue(installation.id, body)[0]

    def settings(self) -> Settings:
        environment = {
            name: value for name, value in self.sandbox.environment().items() if not name.startswith(("APP_", "PRIVATE", "WEBHOOK"))
        }
        settings = read_settings(environment | {"COUNCIL_SEATS": ",".join(SEATS)})
        return settings.model_copy(update={"fallback": "off", "mirrors": False})

    def written(self, name: str, run: int = 0) -> str:
        """An output file of a run, the last one's by default."""
        path = self.folder / f"run-{run or self.runs}" / name
        return path.read_text() if path.exists() else ""

    def comments(self, number: int) -> list[str]:
        return [comment.body for comment in self.repository.issue(number).comments if comment.author == self.sandbox.world.app.bot]

    def checks(self) -> list[CheckRun]:
        return [check for check in self.repository.check_runs.values() if check.name == "Council"]

    def bought(self) -> int:
        return len(self.sandbox.providers.calls)


@contextlib.asynccontextmanager
async def open_machines(folder: Path, **options: Any) -> AsyncIterator[Machines]:
    """A repository with the cart in it, whose events wait to be taken."""
    folder.mkdir(exist_ok=True)
    async with Sandbox.start() as sandbox:
        sandbox.github.webhook_sender.mode = DeliveryMode.HOLD
        sandbox.world.create_repository("acme/shop", BASE)
        machines = Machines(sandbox, folder, **options)
        machines.repository.add_collaborator("ada", "write")
        machines.events()
        yield machines


def inputs_of(machines: Machines, event: str, payload: Mapping[str, Any], **more: str) -> ActionInputs:
    return read_inputs(machines.environment(event, payload) | more)

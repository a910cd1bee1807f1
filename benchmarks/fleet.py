"""Starts real processes around a separate sandbox: a web process and workers that may be killed and replaced."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.sandbox.control.client import Control, running
from benchmarks import server
from benchmarks.options import Options

_ROOT = Path(__file__).parent.parent
_ENDS_WITHIN = 35.0


@dataclass
class Fleet:
    """The running processes. `environment` applies to every process; workers also get the lease times."""

    control: Control
    environment: Mapping[str, str]
    port: int
    times: Mapping[str, Any]
    web: "subprocess.Popen[bytes] | None" = None
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        """Start the web process and wait until it answers."""
        self.web = self._start([sys.executable, "-m", "app.cli", "web"])
        server.wait_for(f"{self.url}/readyz")

    def start_worker(self, **told: object) -> "subprocess.Popen[bytes]":
        """Start a worker; `deadly` and `passes` make it end at that failpoint."""
        made = self._start([sys.executable, "-m", "benchmarks.worker_process", json.dumps({**self.times, **told})])
        self.workers.append(made)
        return made

    def kill_web(self) -> None:
        """kill -9."""
        if self.web is not None:
            self.web.kill()
            self.web.wait()

    def bury(self) -> int:
        """Remove the workers that ended; returns how many."""
        gone = [worker for worker in self.workers if worker.poll() is not None]
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        return len(gone)

    def end(self) -> None:
        """End everything."""
        for each in (*self.workers, *([self.web] if self.web else [])):
            if each.poll() is None:
                each.send_signal(signal.SIGKILL)
            each.wait()

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(command, env={**os.environ, **self.environment}, cwd=_ROOT, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def fleet(options: Options, *, seats: str = "", times: Mapping[str, Any] | None = None, **more: str) -> Iterator[Fleet]:
    """A sandbox, a database and a web process; the caller starts the workers. Without `seats`, only the analyzer reviews."""
    with running() as control, tempfile.TemporaryDirectory(prefix="council-fleet-") as data, server.database(options.database) as url:
        known = control.environment()
        environment = {name: value for name, value in known.items() if seats or not name.endswith(("_API_KEY", "_BASE_URL"))}
        port = server.free_port()
        environment |= {"COUNCIL_DATA": data, "DATABASE_URL": url, "PORT": str(port), "REDIS_URL": "", "COUNCIL_SEATS": seats, **more}
        made = Fleet(control, environment, port, times or {})
        try:
            made.start_web()
            control.set_webhook(f"{made.url}/webhooks/github")
            yield made
        finally:
            made.end()


def until(condition: Any, seconds: float, pause: float = 0.25) -> bool:  # noqa: ANN401 - any callable
    """Whether the condition came true within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return bool(condition())


@dataclass(frozen=True)
class Letter:
    """A delivery as the sandbox would send it."""

    guid: str
    headers: Mapping[str, str]
    body: bytes


def letters(control: Control) -> list[Letter]:
    """Take the deliveries that the sandbox holds back, so that the benchmark can send them in its own way."""
    return [Letter(each["guid"], each["headers"], each["body"].encode()) for each in control.take_held()]


def deliver(client: httpx.Client, url: str, letter: Letter) -> int:
    """Send one; the status, or 0 without an answer."""
    try:
        return client.post(f"{url}/webhooks/github", content=letter.body, headers=dict(letter.headers)).status_code
    except httpx.HTTPError:
        return 0

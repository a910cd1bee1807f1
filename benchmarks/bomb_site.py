"""The target of the bombs: a sandbox, a watched web process and worker, and a log server that sends any bytes."""

import contextlib
import hashlib
import hmac
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from app.sandbox.control.client import Control, running
from benchmarks import server

SEAT = "openai/gpt-5.5"
_LONGEST_S = 90.0
_STATUS_S = 60.0


class Harm(NamedTuple):
    """The harm to a process: its peak memory in MiB, and its longest pause in milliseconds."""

    memory_mb: float
    stall_ms: int


@dataclass
class Watched:
    """A process, and the file in which it records its pauses."""

    process: "subprocess.Popen[bytes]"
    noted: Path
    read: int = 0

    def forget(self) -> None:
        """Reset the peak of memory, https://www.kernel.org/doc/html/latest/filesystems/proc.html (clear_refs)."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        self.read = len(self.noted.read_text().splitlines())

    def harm(self) -> Harm:
        """The harm since `forget`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        pauses = [json.loads(line)["ms"] for line in self.noted.read_text().splitlines()[self.read :]]
        return Harm(round(peak / 1024, 1), max(pauses, default=0))


@dataclass
class LogStore:
    """A server of log files: `pieces` is what it sends next, `encoding` its Content-Encoding."""

    pieces: Callable[[], Iterator[bytes]] = lambda: iter((b"a log\n",))
    encoding: str = ""
    url: str = ""


@dataclass
class Site:
    """The actions that a bomb can take, and the checks of its end from outside."""

    control: Control
    web: Watched
    worker: Watched
    logs: LogStore
    port: int
    secret: str
    names: Iterator[str] = field(default_factory=lambda: (f"acme/bomb-{number}" for number in itertools.count(1)))

    def post(self, body: bytes, headers: Mapping[str, str] | None = None, *, event: str = "pull_request", signed: bool = True) -> int:
        """Deliver a webhook; the status, 0 if the connection ended before."""
        given = {"X-GitHub-Event": event, "X-GitHub-Delivery": str(uuid.uuid4()), "Content-Type": "application/json"}
        if signed:
            given["X-Hub-Signature-256"] = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return self.request("POST", "/webhooks/github", body, given | dict(headers or {}))

    def request(self, method: str, path: str, body: bytes | Iterator[bytes], headers: Mapping[str, str]) -> int:
        """Send any request to the web process; its status, 0 if the connection ended before."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_STATUS_S)
        try:
            line.request(method, path, body, dict(headers), encode_chunked=not isinstance(body, bytes))
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()

    def review(self, files: Mapping[str, str | bytes | None], base: Mapping[str, str | bytes] | None = None, body: str = "") -> bool:
        """Get a change reviewed in a new repository; returns whether its check ended in time."""
        name = next(self.names)
        self.control.create_repository(name, {"app/pool.py": "def check(pool):\n    return pool.take()\n", **(base or {})})
        number = self.control.open_pull_request(name, "A change", files, body=body)
        return self.ends(name, number)

    def red_review(self, log: str) -> bool:
        """Get a change reviewed whose tests failed with that log; returns whether its check ended in time."""
        name = next(self.names)
        self.control.create_repository(name, {"app/pool.py": "def check(pool):\n    return pool.take()\n"})
        self.control.set_webhook(mode="hold")
        number = self.control.open_pull_request(name, "A change", {"app/pool.py": "def check(pool):\n    return pool.give()\n"})
        self.control.add_failing_job(name, str(self.control.pull(name, number).pull_request["head"]["sha"]), "unit tests", log)
        self.control.set_webhook(mode="send")
        self.control.release()
        return self.ends(name, number)

    def ends(self, name: str, number: int) -> bool:
        """Wait until Council's check of a pull request is completed."""
        until = time.monotonic() + _LONGEST_S
        while time.monotonic() < until:
            checks = self.control.pull(name, number).check_runs
            if any(check["name"] == "Council" and check["status"] == "completed" for check in checks):
                return True
            time.sleep(0.2)
        return False


@contextlib.contextmanager
def open_site(database: str) -> Iterator[Site]:
    """The whole site after a first review, so that loading the libraries does not count as a bomb's harm."""
    with contextlib.ExitStack() as stack:
        control = stack.enter_context(running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="council-bombs-")))
        url = stack.enter_context(server.database(database))
        logs = stack.enter_context(_log_store())
        control.set_limits(writes_minute=None, writes_hour=None)
        known, port = control.environment(), server.free_port()
        environment = {**os.environ, **known, "COUNCIL_DATA": str(folder), "DATABASE_URL": url, "PORT": str(port)}
        environment |= {"COUNCIL_SEATS": SEAT, "REDIS_URL": "", "COUNCIL_FALLBACK": "off", "INSTANCE_DAY_USD": "none"}
        web = stack.enter_context(_watched("web", folder, environment))
        server.wait_for(f"http://127.0.0.1:{port}/readyz")
        worker = stack.enter_context(_watched("worker", folder, environment))
        control.set_webhook(f"http://127.0.0.1:{port}/webhooks/github")
        site = Site(control, web, worker, logs, port, known["WEBHOOK_SECRET"])
        if not site.review({"app/pool.py": "def check(pool):\n    return pool.take().ping()\n"}):
            raise RuntimeError("an ordinary change was not reviewed")
        yield site


@contextlib.contextmanager
def _watched(role: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Watched]:
    noted = folder / f"{role}.pauses"
    noted.touch()
    command = [sys.executable, "-m", "benchmarks.watched_process", role, str(noted)]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL)
    try:
        yield Watched(process, noted)
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _log_store() -> Iterator[LogStore]:
    store = LogStore()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if store.encoding:
                self.send_header("Content-Encoding", store.encoding)
            self.end_headers()
            with contextlib.suppress(OSError):
                for piece in store.pieces():
                    self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        store.url = f"http://127.0.0.1:{listening.server_address[1]}/log"
        threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        yield store
        listening.shutdown()

"""A complete site for a benchmark, in a platform team's setup: nginx, 2 web, 3 workers, PostgreSQL behind PgBouncer, Redis with TLS."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.sandbox.control.client import Control, running
from benchmarks import real_parts, server
from benchmarks.real_parts import Part, postgres_url

_ROOT = Path(__file__).parents[1]
_WEBS = 2
_NAME = "council"
_STATES = "SELECT state, count(*) FROM job GROUP BY state"
_DEAD = "SELECT kind, error FROM job WHERE state = 'dead'"
# Ten minutes in production.
RECONCILE_SECONDS = 15.0


@dataclass
class Site:
    """The running parts. Parts are killed and started by the name of their field; `dead` collects dead jobs' errors in any database.

    `reconcile` is the interval, in seconds, in which new workers ask GitHub again about failed deliveries.
    """

    folder: Path
    control: Control
    postgres: Part
    pgbouncer: Part
    redis: Part
    nginx: Part
    webs: list[Part]
    environment: Mapping[str, str]
    workers: list[Part] = field(default_factory=list)
    reconcile: float = RECONCILE_SECONDS
    restores: int = 0
    dead: list[str] = field(default_factory=list)
    _killed: int = 0

    @property
    def parts(self) -> list[Part]:
        return [self.postgres, self.pgbouncer, self.redis, self.nginx, *self.webs, *self.workers]

    @property
    def kills(self) -> int:
        """The number of processes killed with -9."""
        return self._killed + sum(part.kills for part in self.parts)

    def add_worker(self, home: Path = _ROOT, **environment: str) -> Part:
        """Start another worker in its own data folder."""
        number = len(list(self.folder.glob("worker-*")))
        data = self.folder / f"worker-{number}"
        data.mkdir()
        told = json.dumps({"reconcile": self.reconcile})
        command = [sys.executable, "-m", "benchmarks.worker_process", told]
        known = {**self.environment, "COUNCIL_DATA": str(data), **environment}
        made = Part(f"worker {number}", command, data / "log", environment=known, folder=home)
        made.start()
        self.workers.append(made)
        return made

    def drop_worker(self, worker: Part) -> None:
        """End a worker like an upgrade does."""
        worker.stop()
        self._killed += worker.kills
        self.workers.remove(worker)

    def restart(self, part: Part) -> None:
        """kill -9, and start again like a supervisor does."""
        part.kill()
        part.start()

    def fail_over(self, seconds: float) -> None:
        """Stop PostgreSQL, and start it again after that time."""
        self.postgres.stop(signal.SIGINT)
        time.sleep(seconds)
        self.postgres.start()

    def read_only(self, seconds: float) -> None:
        """Make the database read-only for that time, like a standby, on new connections and old ones."""
        asyncio.run(self._execute("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"))
        time.sleep(seconds)
        asyncio.run(self._execute("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"))

    def back_up(self) -> Path:
        """pg_dump, as docs/operations.md says."""
        target = self.folder / f"council-{len(list(self.folder.glob('*.dump')))}.dump"
        self._postgres_tool("pg_dump", "--format=custom", f"--file={target}", postgres_url(self.postgres.port, _NAME))
        return target

    def restore(self, dump: Path) -> None:
        """kill -9 of every web and worker, a new database from the dump, and all of them again."""
        processes = [*self.webs, *self.workers]
        for part in processes:
            part.kill()
        self.note_dead()
        asyncio.run(self._execute(f"DROP DATABASE {_NAME} WITH (FORCE)", f"CREATE DATABASE {_NAME}"))
        self._postgres_tool("pg_restore", "--no-owner", f"--dbname={postgres_url(self.postgres.port, _NAME)}", str(dump))
        for part in processes:
            part.start()
        self.restores += 1

    def note_dead(self) -> None:
        """Record the errors of this database's dead jobs."""
        rows = asyncio.run(self.rows(_DEAD))
        self.dead += [f"{kind}: {str(error)[:200]}" for kind, error in rows]

    def states(self) -> dict[str, int]:
        """The number of jobs by state."""
        return {str(state): int(str(count)) for state, count in asyncio.run(self.rows(_STATES))}

    async def rows(self, statement: str) -> Sequence[Sequence[object]]:
        """The rows of a statement, directly from PostgreSQL."""
        connection = await real_parts.connect_when_ready(postgres_url(self.postgres.port, _NAME))
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def _execute(self, *statements: str) -> None:
        connection = await real_parts.connect_when_ready(postgres_url(self.postgres.port, "postgres"))
        try:
            await connection.execute("SET default_transaction_read_only = off")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def _postgres_tool(self, program: str, *arguments: str) -> None:
        programs = real_parts.postgres_bin()
        subprocess.run([str(programs / program) if programs else program, *arguments], check=True)

    def end(self) -> None:
        """End everything at once."""
        for part in reversed(self.parts):
            if part.process is not None and part.runs:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(part.process.pid, signal.SIGKILL)
                part.process.wait()


@contextlib.contextmanager
def site(seats: str, home: Path = _ROOT, workers: int = 3, **environment: str) -> Iterator[Site]:
    """A site around its own sandbox; `home` is the source tree that web and workers run at first, `environment` is added to theirs."""
    with running() as control, tempfile.TemporaryDirectory(prefix="council-site-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # Servers of other users live in folders below.
        folder.chmod(0o711)
        made = _build(folder, control, {"COUNCIL_SEATS": seats, **environment}, home)
        try:
            _start(made, home, workers)
            yield made
        finally:
            made.end()


def _build(folder: Path, control: Control, more: Mapping[str, str], home: Path) -> Site:
    postgres, redis = real_parts.postgres_part(folder / "postgres"), real_parts.redis_part(folder / "redis")
    pgbouncer = real_parts.pgbouncer_part(folder / "pgbouncer", postgres.port)
    ports = [server.free_port() for _ in range(_WEBS)]
    nginx = real_parts.nginx_part(folder / "nginx", ports)
    environment: dict[str, str] = {
        **control.environment(),
        "DATABASE_URL": postgres_url(pgbouncer.port, _NAME),
        "REDIS_URL": real_parts.redis_url(redis),
        "COUNCIL_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": f"https://127.0.0.1:{nginx.port}",
        "COUNCIL_FALLBACK": "off",
        "MIRRORS": "off",
        "DAY_USD": "none",
        "MONTH_USD": "none",
        "INSTANCE_DAY_USD": "none",
        "INSTANCE_MONTH_USD": "none",
        **more,
    }
    webs = [_web(folder / f"web-{number}", port, environment, home) for number, port in enumerate(ports)]
    return Site(folder, control, postgres, pgbouncer, redis, nginx, webs, environment)


def _start(made: Site, home: Path, workers: int) -> None:
    made.postgres.start()
    asyncio.run(made._execute(f"CREATE DATABASE {_NAME}"))
    for part in (made.pgbouncer, made.redis, *made.webs, made.nginx):
        part.start()
    for _ in range(workers):
        made.add_worker(home=home)
    made.control.set_webhook(f"https://127.0.0.1:{made.nginx.port}/webhooks/github")


def _web(data: Path, port: int, environment: Mapping[str, str], home: Path) -> Part:
    data.mkdir()
    known = {**environment, "COUNCIL_DATA": str(data), "PORT": str(port)}
    return Part(data.name, [sys.executable, "-m", "app.cli", "web"], data / "log", port, known, folder=home)

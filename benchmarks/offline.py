"""What the engines are measured under: no socket to anywhere."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


class NetworkUsed(Exception):
    """Somebody wanted a connection."""


@contextmanager
def no_sockets() -> Iterator[None]:
    """Every connection raises while this is entered."""

    def refuse(*_: object) -> None:
        raise NetworkUsed("this benchmark runs without a network")

    kept = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = refuse, refuse, refuse  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = kept  # type: ignore[method-assign]

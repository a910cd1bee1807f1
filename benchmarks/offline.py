"""Runs a measured part without network access."""

import contextlib
import socket
from collections.abc import Iterator
from typing import NoReturn


@contextlib.contextmanager
def no_sockets() -> Iterator[None]:
    """Opening a socket in this block fails."""

    def refused(*_: object, **__: object) -> NoReturn:
        raise OSError("this benchmark blocks sockets")

    kept = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = refused, refused, refused  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = kept  # type: ignore[method-assign]

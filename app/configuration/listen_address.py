"""Checks that a port is free before a process that needs it is started or announced."""

import errno
import ipaddress
import socket

from app.errors import SettingsError


def require_free_port(host: str, port: int) -> None:
    """Raise SettingsError if another program uses the port, or the host is not this machine's. Port 0 is always free."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is in use; set PORT to another port") from None
        raise SettingsError(f"{host}:{port} cannot be used ({error.strerror or error}); set HOST or PORT") from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens there."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"

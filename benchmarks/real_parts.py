"""Real parts of a site for a benchmark: PostgreSQL, PgBouncer, Redis and nginx of Debian; `python -m benchmarks.real_parts` installs them.

Each runs in its own process group and folder, on a free port, and can be killed and restarted.
"""

import asyncio
import datetime
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks import server

PACKAGES = ("nginx", "pgbouncer", "faketime", "postgresql", "redis-server")
# Each of these signs has a meaning in a URL.
PASSWORD = "p@ss:w/rd#100%?&+"
ROLE = "council"
_STARTS_WITHIN = 30.0
_ENDS_WITHIN = 20.0
_NGINX = Path(__file__).parents[1] / "deploy/nginx.conf"
_MAIN = """\
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
master_process off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/council.conf;
}}
"""
_PGBOUNCER = """\
[databases]
* = host=127.0.0.1 port={postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 12
max_client_conn = 200
logfile = {folder}/log
"""
_REDIS = """\
port 0
tls-port {port}
bind 127.0.0.1
tls-cert-file {folder}/fullchain.pem
tls-key-file {folder}/privkey.pem
tls-ca-cert-file {folder}/fullchain.pem
tls-auth-clients no
requirepass "{password}"
dir {folder}
save ""
daemonize no
"""


def postgres_bin() -> Path | None:
    """Debian's newest PostgreSQL; None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found and (found[-1] / "initdb").exists() else None


def find_missing() -> str:
    """Why such a site is not possible here; "" if it is."""
    programs = {"nginx": "nginx", "pgbouncer": "pgbouncer", "faketime": "faketime", "redis-server": "redis-server"}
    gone = [package for program, package in programs.items() if shutil.which(program) is None]
    gone += [] if postgres_bin() else ["postgresql"]
    if gone:
        return f"no {', '.join(gone)} here; python -m benchmarks.real_parts installs Debian's packages"
    if os.geteuid() != 0:
        return "no root here: PostgreSQL and PgBouncer are started as other users"
    return ""


def install() -> int:
    """Install what is missing, on Debian as root; the exit code says whether everything is there."""
    if find_missing() and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *PACKAGES]):
            subprocess.run(command, env=environment, check=False, timeout=280, stdout=subprocess.DEVNULL)
    reason = find_missing()
    sys.stdout.write((reason or "all parts are installed") + "\n")
    return 1 if reason else 0


@dataclass
class Part:
    """A program, its port and its log. `kills` counts how often it was killed."""

    name: str
    command: Sequence[str]
    log: Path
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    folder: Path | None = None
    kills: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, and wait until its port, if any, is open; a program that ends at once is started again."""
        until = time.monotonic() + _STARTS_WITHIN
        self._launch()
        while self.port and not self._listens():
            if not self.runs:
                # The port, or PostgreSQL's shared memory, may still be in use just after a kill.
                time.sleep(0.2)
                self._launch()
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name} does not start: {self.log.read_text(errors='replace')[-500:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of the whole group."""
        if self.process is not None and self.runs:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.kills += 1

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and wait for that."""
        if self.process is None or not self.runs:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            environment = {**os.environ, **self.environment}
            self.process = subprocess.Popen(
                self.command, env=environment, user=self.user, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def make_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate of 127.0.0.1 in `fullchain.pem`, its key in `privkey.pem`, and a context that trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "council.example.com")])
    # The clocks of some processes are wrong on purpose.
    spell = (now - datetime.timedelta(hours=1), now + datetime.timedelta(days=1))
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *spell)
    built = built.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


def postgres_part(folder: Path) -> Part:
    """PostgreSQL with an empty cluster, whose superuser has the odd password on every port."""
    programs = postgres_bin()
    if programs is None:
        raise FileNotFoundError("postgresql")
    folder.mkdir()
    owner = pwd.getpwnam("postgres")
    (folder / "password").write_text(PASSWORD)
    for path in (folder, folder / "password"):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    data, port = folder / "data", server.free_port()
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", ROLE, f"--pwfile={folder / 'password'}", "--auth=scram-sha-256"]
    subprocess.run([*initdb, "--no-sync", "--encoding=UTF8"], user="postgres", check=True, stdout=subprocess.DEVNULL, cwd=folder)
    settings = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    command = [str(programs / "postgres"), "-D", str(data), *settings]
    return Part("postgres", command, folder / "log", port, user="postgres", folder=folder)


def pgbouncer_part(folder: Path, postgres: int) -> Part:
    """PgBouncer in transaction mode in front of a PostgreSQL's port."""
    folder.mkdir()
    port, owner = server.free_port(), pwd.getpwnam("postgres")
    (folder / "users").write_text(f'"{ROLE}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(_PGBOUNCER.format(port=port, postgres=postgres, folder=folder))
    for path in (folder, *folder.iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return Part("pgbouncer", ["pgbouncer", "-q", str(folder / "pgbouncer.ini")], folder / "out", port, user="postgres")


def redis_part(folder: Path) -> Part:
    """Redis with TLS only, and the odd password."""
    folder.mkdir()
    make_certificate(folder)
    port = server.free_port()
    (folder / "redis.conf").write_text(_REDIS.format(port=port, folder=folder, password=PASSWORD))
    return Part("redis", ["redis-server", str(folder / "redis.conf")], folder / "log", port)


def nginx_part(folder: Path, webs: Sequence[int]) -> Part:
    """nginx with the file that we publish, except for the lines that it leaves to the user."""
    folder.mkdir()
    make_certificate(folder)
    port, text = server.free_port(), _NGINX.read_text()
    (line,) = [line for line in text.splitlines() if "server 127.0.0.1:8000" in line]
    servers = "\n".join(line.replace(":8000", f":{web}") for web in webs)
    text = text.replace(line, servers).replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("/etc/ssl/council", str(folder))
    (folder / "council.conf").write_text(text)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))
    return Part("nginx", ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], folder / "log", port)


def wrong_clock(by: str) -> dict[str, str]:
    """The environment of a process with a clock that is off by "+90s". The faketime program would get in the way of signals."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    # Timers use the kernel's clock, even on a machine with a wrong clock.
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def postgres_url(port: int, name: str) -> str:
    """The URL of a database in a cloud's format."""
    return f"postgresql://{ROLE}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{name}"


async def connect_when_ready(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection. A server that starts, or replays its log after a kill, opens its port before it accepts one."""
    until = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            return await asyncpg.connect(url)
        except (asyncpg.CannotConnectNowError, OSError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)


def redis_url(redis: Part) -> str:
    """The URL of Redis, its password percent-encoded and its certificate named."""
    return f"rediss://:{quote(PASSWORD, safe='')}@127.0.0.1:{redis.port}/0?ssl_ca_certs={redis.log.parent / 'fullchain.pem'}"


if __name__ == "__main__":
    sys.exit(install())

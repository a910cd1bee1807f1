"""The shipped nginx configuration, run by a real nginx in front of two web applications."""

import contextlib
import datetime
import hashlib
import hmac
import json
import shutil
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from app.store.engine.upsert import sql_table
from app.store.tables.core import DeliveryRow
from tests.stories.harness import open_system
from tests.system import AT_ONCE, InProcessSystem, serving
from webhooks.delivery import MAX_BODY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx"),
]
_CONFIG = Path(__file__).parents[3] / "deploy/nginx.conf"
_MAIN = """\
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
master_process off;
events {{}}
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


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "council.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1))
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(plain)


@contextlib.contextmanager
def nginx(folder: Path, webs: list[str]) -> Iterator[str]:
    """nginx on a free port with the shipped file, in which the lines marked "yours" are replaced."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    certificate(folder)
    text = _CONFIG.read_text()
    ours = text.splitlines()
    (line,) = [each for each in ours if "server 127.0.0.1:8000" in each]
    servers = "\n".join(line.replace("127.0.0.1:8000", web.removeprefix("http://")) for web in webs)
    text = text.replace(line, servers).replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("/etc/ssl/council", str(folder))
    (folder / "council.conf").write_text(text)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.asynccontextmanager
async def behind_nginx(folder: Path) -> AsyncIterator[tuple[InProcessSystem, httpx.AsyncClient]]:
    """Two web servers behind nginx, and a client that sends requests as GitHub does."""
    (folder / "data").mkdir()
    (folder / "nginx").mkdir()
    async with open_system(folder / "data") as system, serving(system.settings, AT_ONCE) as second:
        with nginx(folder / "nginx", [system.url, second]) as url:
            trust = ssl.create_default_context()
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
            async with httpx.AsyncClient(base_url=url, verify=trust, timeout=30) as client:
                yield system, client


def delivery(system: InProcessSystem, size: int = 0) -> tuple[bytes, Mapping[str, str]]:
    """A validly signed delivery without effect, of at least that many bytes."""
    body = json.dumps({"zen": "x" * size, "hook_id": 1}).encode()
    signature = hmac.new(system.settings.webhook_secrets[0].encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-github-event": "ping", "x-github-delivery": str(uuid.uuid4()), "x-hub-signature-256": f"sha256={signature}"}
    return body, headers | {"content-type": "application/json"}


async def recorded(system: InProcessSystem) -> int:
    async with system.services.database.read() as connection:
        return (
            await connection.execute(
                select(func.count()).select_from(sql_table(DeliveryRow)).where(sql_table(DeliveryRow).c.event == "ping")
            )
        ).scalar_one()


async def test_deliveries_up_to_githubs_limit_pass(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path) as (system, client):
        for size in (10, 2_000_000, MAX_BODY - 1_000):
            body, headers = delivery(system, size)
            assert (await client.post("/webhooks/github", content=body, headers=headers)).status_code == 202
        body, headers = delivery(system, MAX_BODY)
        refused = await client.post("/webhooks/github", content=body, headers=headers)
        assert (refused.status_code, refused.json()["message"]) == (413, "the body is larger than 25 MB")
        assert await recorded(system) == 3


async def test_deliveries_fail_over_to_the_other_server(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "nginx").mkdir()
    with socket.socket() as dead:
        # A port on which nobody listens.
        dead.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{dead.getsockname()[1]}"
        async with open_system(tmp_path / "data") as system:
            with nginx(tmp_path / "nginx", [gone, system.url]) as url:
                async with httpx.AsyncClient(base_url=url, verify=False, timeout=30) as client:
                    for _ in range(12):
                        body, headers = delivery(system)
                        assert (await client.post("/webhooks/github", content=body, headers=headers)).status_code == 202
            assert await recorded(system) == 12

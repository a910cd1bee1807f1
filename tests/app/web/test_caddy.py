"""The shipped Caddy configuration, run by a real Caddy without certificates."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.web.test_nginx import delivery, recorded
from tests.stories.harness import open_system
from webhooks.delivery import MAX_BODY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed: apt-get install caddy"),
]
_CONFIG = Path(__file__).parents[3] / "deploy/caddy/Caddyfile"


@contextlib.contextmanager
def caddy(folder: Path, webs: list[str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    servers = " ".join(web.removeprefix("http://") for web in webs)
    text = _CONFIG.read_text().replace("council.example.com", f"http://127.0.0.1:{port}").replace("127.0.0.1:8000", servers)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    log = (folder / "log").open("w")
    process = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
    try:
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


async def test_deliveries_pass_and_go_to_the_server_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "caddy").mkdir()
    with socket.socket() as dead:
        # A port on which nobody listens.
        dead.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{dead.getsockname()[1]}"
        async with open_system(tmp_path / "data") as system:
            with caddy(tmp_path / "caddy", [gone, system.url]) as url:
                async with httpx.AsyncClient(base_url=url, timeout=30) as client:
                    for size in (*[10] * 8, MAX_BODY - 1_000):
                        body, headers = delivery(system, size)
                        assert (await client.post("/webhooks/github", content=body, headers=headers)).status_code == 202
                    body, headers = delivery(system, MAX_BODY)
                    assert (await client.post("/webhooks/github", content=body, headers=headers)).status_code == 413
            assert await recorded(system) == 9

"""`--json` of long-running commands: one object on standard output."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.ready import describe_settings
from app.configuration.settings import read_settings
from app.sandbox.server import Sandbox
from tests.app.cli.test_commands import BARE, ROOT, council


@asynccontextmanager
async def running(*arguments: str, env: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    """The first object that a process prints. SIGINT then ends it without further output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", *arguments),
        cwd=ROOT,
        env=BARE | env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGINT)
        rest = await process.stdout.read()
        await process.wait()
    assert rest == b""


@pytest.mark.slow
async def test_a_server_says_where_it_is_when_it_answers(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with Sandbox.start() as sandbox:
        env = sandbox.environment() | {"COUNCIL_DATA": str(tmp_path / "d"), "PORT": str(port), "COUNCIL_SEATS": "openai/gpt-5.5"}
        async with running("serve", "--json", env=env) as said:
            assert said["ready"] is True
            assert said["seats"] == ["openai/gpt-5.5"]
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"{said['url']}/readyz")).status_code == 200
                assert (await client.post(said["webhooks"], content=b"{}")).status_code == 401


def test_what_a_server_says_of_itself_holds_no_secret() -> None:
    secrets = {
        "DATABASE_URL": "postgresql+asyncpg://council:hunter2@db/council",
        "REDIS_URL": "redis://:hunter2@queue",
        "WEBHOOK_SECRET": "hunter2-hunter2-hunter2",
        "OPENAI_API_KEY": "sk-hunter2",
    }
    said = json.dumps(describe_settings(read_settings(secrets)))
    assert "hunter2" not in said
    assert '"database": "postgresql"' in said


async def test_a_sandbox_gives_the_environment_of_a_server() -> None:
    async with running("sandbox", "--json", "--demo", env={}) as said:
        assert said["environment"]["GITHUB_API_URL"] == said["api_url"]
        assert "\n" in said["environment"]["PRIVATE_KEY"]
        async with httpx.AsyncClient() as client:
            assert (await client.get(said["pull_request"])).status_code == 200


@pytest.mark.slow
async def test_the_demo_gives_what_was_published() -> None:
    code, out, err = await council("demo", "--json", env={})
    assert code == 0, err
    said = json.loads(out)
    assert said["check"]["title"].endswith("models")
    assert len(said["summary"]) == 1
    assert said["inline"]
    assert {(each["path"], each["line"]) for each in said["inline"]} <= {(each["path"], each["line"]) for each in said["posted"]}
    assert all(each["quote"] and "verify=False" not in each["quote"] for each in said["posted"])
    assert "TLS verification is switched off" not in [each["title"] for each in said["posted"]]
    assert said["providers"] == []
    assert "Models are working" not in out

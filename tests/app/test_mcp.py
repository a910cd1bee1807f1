"""The council as MCP tools, used by the SDK's own client: in this process, and over stdio as an editor starts it."""

import asyncio
import json
import socket
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import httpx2
import pytest
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from app.cli.main import CouncilCommands
from app.configuration.settings import Settings, read_settings
from app.mcp.local import serve_repository
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from app.web.routes.mcp import PATH
from tests.stories.harness import DIVISION, HEAD, open_system
from tests.stories.questions import POOL
from tests.system import SEATS

ROOT = Path(__file__).parents[2]
LOCAL_TOOLS = {"ask_council", "review_changes", "search_history", "get_run", "look", "get_findings"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def repository(folder: Path) -> Path:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=folder, check=True, capture_output=True)

    folder.mkdir()
    git("init", "-b", "main")
    (folder / "pool.py").write_text("def check(pool):\n    connection = pool.take()\n    return connection.ping()\n")
    (folder / "council.yml").write_text("seats: 2\n")
    git("add", "-A")
    git("commit", "-m", "Take a connection")
    git("checkout", "-b", "cart")
    (folder / "app").mkdir()
    (folder / "app" / "cart.py").write_text(HEAD["app/cart.py"])
    git("add", "-A")
    git("commit", "-m", "Average")
    return folder


@asynccontextmanager
async def sandbox(data: Path) -> AsyncIterator[tuple[Settings, dict[str, str]]]:
    async with Sandbox.start() as started:
        proof = {"source": "pool.py", "line": 2, "quote": "    connection = pool.take()"}
        for seat in SEATS:
            solutions = [POOL | {"evidence": [proof], "when": "pool.take()"}]
            started.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[DIVISION], solutions=solutions, view="The pool."))
        environment = {**started.environment(), "COUNCIL_DATA": str(data), "COUNCIL_SEATS": ",".join(SEATS)}
        yield read_settings(environment), environment


async def test_the_tools_in_process(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    async with sandbox(tmp_path / "data") as (settings, _), serve_repository(settings, repo) as server, Client(server) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == LOCAL_TOOLS

        asked = await client.call_tool("ask_council", {"question": "Why does check in pool.py leak?", "specialist": "explain"})
        answer = asked.structured_content
        assert not asked.is_error and answer is not None
        assert answer["text"].startswith("### The health check opens a connection and never closes it · likely")
        assert "`pool.py:2`: `connection = pool.take()`" in answer["text"]

        again = await client.call_tool("get_run", {"run": answer["id"]})
        assert again.structured_content is not None and again.structured_content["text"] == answer["text"]

        found = await client.call_tool("search_history", {"words": "leaking check"})
        assert found.structured_content is not None
        assert [each["id"] for each in found.structured_content["result"]] == [answer["id"]]

        heard: list[str | None] = []

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            heard.append(message)

        review = await client.call_tool("review_changes", {"changes": "main..cart"}, progress_callback=hear)
        assert len(heard) > 4 and all(": opinion" in (line or "") for line in heard[:2])
        assert review.structured_content is not None and "`council.yml` is not read: " in review.structured_content["text"]
        assert "An empty cart divides by zero" in review.structured_content["text"]
        kept = await client.call_tool("get_run", {"run": review.structured_content["id"]})
        assert kept.structured_content is not None and review.structured_content["text"].startswith(kept.structured_content["text"])


async def test_a_run_is_read_by_its_full_id_in_its_repository(tmp_path: Path) -> None:
    mine, other = repository(tmp_path / "repo"), repository(tmp_path / "other")
    async with sandbox(tmp_path / "data") as (settings, _):
        async with serve_repository(settings, mine) as server, Client(server) as client:
            review = await client.call_tool("review_changes", {"changes": "main..cart"})
            answer = await client.call_tool("ask_council", {"question": "Why does check in pool.py leak?"})
        ids = [each.structured_content["id"] for each in (review, answer)]  # type: ignore[index]
        async with serve_repository(settings, mine) as server, Client(server) as client:
            assert not any([(await client.call_tool("get_run", {"run": each})).is_error for each in ids])
            for wrong in ("", "0", "%", "_", *(each[:-1] for each in ids), *(f"{each} " for each in ids)):
                assert (await client.call_tool("get_run", {"run": wrong})).is_error, wrong
        async with serve_repository(settings, other) as server, Client(server) as client:
            assert all([(await client.call_tool("get_run", {"run": each})).is_error for each in ids])


async def test_a_question_of_a_hundred_kilobytes_is_cut_and_says_so(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    async with sandbox(tmp_path / "data") as (settings, _), serve_repository(settings, repo) as server, Client(server) as client:
        long = "Why does check in pool.py leak?\n\n" + "It fails here and there. " * 4_000
        asked = await client.call_tool("ask_council", {"question": long})
        assert not asked.is_error and asked.structured_content is not None
        assert asked.structured_content["text"].startswith("### The health check opens a connection")
        assert "the question: only its beginning and end fitted into the prompt" in asked.structured_content["text"]


async def test_a_wrong_call_is_answered_in_words(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    async with sandbox(tmp_path / "data") as (settings, _), serve_repository(settings, repo) as server, Client(server) as client:
        for arguments, said in (
            ({"question": "x", "specialist": "wizard"}, "unknown specialist 'wizard'"),
            ({"question": "x", "files": ["../data/council.db"]}, "is not in"),
            ({"question": "x", "files": [".git/config"]}, "is not in"),
            ({"question": "x", "files": ["nothing.py"]}, "cannot be read"),
        ):
            refused = await client.call_tool("ask_council", arguments)
            assert refused.is_error and said in refused.content[0].text  # type: ignore[union-attr]
        missing = await client.call_tool("get_run", {"run": "0000"})
        assert missing.is_error and "no run 0000" in missing.content[0].text  # type: ignore[union-attr]


@pytest.mark.slow
async def test_an_editor_starts_it_over_stdio(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    async with sandbox(tmp_path / "data") as (_, environment):
        started = StdioServerParameters(command=sys.executable, args=["-m", "app.cli", "mcp", "--repo", str(repo)], env=environment)
        async with Client(started) as client:
            looked = await client.call_tool("look", {"kind": "read", "target": "pool.py", "commit": "main"})
            assert looked.structured_content is not None and "pool.take()" in looked.structured_content["text"]
            missing = await client.call_tool("get_findings", {"pull_request": 1})
            assert missing.is_error and "is not on" in missing.content[0].text  # type: ignore[union-attr]
            asked = await client.call_tool("ask_council", {"question": "Why does check in pool.py leak?", "specialist": "explain"})
            assert asked.structured_content is not None
            assert asked.structured_content["text"].startswith("### The health check opens a connection")


@pytest.mark.slow
async def test_it_is_served_over_loopback_http_with_a_token(tmp_path: Path) -> None:
    repo, port = repository(tmp_path / "repo"), free_port()
    async with sandbox(tmp_path / "data") as (_, environment):
        command = [sys.executable, "-m", "app.cli", "mcp", "--http", "--port", str(port), "--repo", str(repo)]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.PIPE)
        try:
            assert process.stderr is not None
            printed = [(await process.stderr.readline()).decode().strip() for _ in range(2)]
            url, secret = printed[0], printed[1].removeprefix("Authorization: Bearer ")
            for headers, status in (
                ({}, 401),
                ({"authorization": "Bearer guess"}, 401),
                ({"authorization": f"Bearer {secret}", "host": "evil.example"}, 421),
                ({"authorization": f"Bearer {secret}", "origin": "https://evil.example"}, 403),
            ):
                async with httpx.AsyncClient(trust_env=False) as stranger:
                    sent = {"content-type": "application/json", "accept": "application/json, text/event-stream", **headers}
                    assert (await stranger.post(url, json={}, headers=sent)).status_code == status, headers
            async with (
                httpx2.AsyncClient(headers={"authorization": f"Bearer {secret}"}, trust_env=False, timeout=60) as http,
                Client(streamable_http_client(url, http_client=http)) as client,
            ):
                asked = await client.call_tool("ask_council", {"question": "Why does check in pool.py leak?", "specialist": "explain"})
                assert asked.structured_content is not None
                assert asked.structured_content["text"].startswith("### The health check opens a connection")
        finally:
            process.terminate()
            await process.communicate()


async def test_a_client_looks_around_in_this_repository_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (tmp_path / "secret.py").write_text("PASSWORD = 1\n")
    async with sandbox(tmp_path / "data") as (settings, _), serve_repository(settings, repo) as server, Client(server) as client:

        async def text(**arguments: object) -> str:
            answer = await client.call_tool("look", arguments)
            assert not answer.is_error and answer.structured_content is not None, answer.content
            return str(answer.structured_content["text"])

        assert "connection = pool.take()" in await text(kind="read", target="pool.py")
        assert "pool.py:2" in await text(kind="search", target="pool.take")
        assert "pool.py" in await text(kind="outline")
        # HEAD is the branch `cart`, and `main` has no cart.
        assert "def average" in await text(kind="read", target="app/cart.py")
        assert "def average" not in await text(kind="read", target="app/cart.py", commit="main")
        for outside in ("../secret.py", str(tmp_path / "secret.py"), ".git/config"):
            assert "PASSWORD" not in await text(kind="read", target=outside) and "[core]" not in await text(kind="read", target=outside)
        for wrong in ({"kind": "read"}, {"kind": "find", "target": "x", "tokens": 99}, {"kind": "run", "target": "x"}):
            assert (await client.call_tool("look", wrong)).is_error
        assert (await client.call_tool("look", {"kind": "read", "target": "pool.py", "commit": "--all"})).is_error


async def test_findings_of_a_pull_request_are_read_by_the_origin_of_the_repository(tmp_path: Path) -> None:
    repo, web = repository(tmp_path / "repo"), "http://github.invalid"
    async with open_system(tmp_path / "data") as system:
        system.script([DIVISION], [DIVISION], [])
        number = system.open().number
        await system.settle()
        settings = system.settings.model_copy(update={"github_web_url": web})
        async with serve_repository(settings, repo) as server, Client(server) as client:

            async def findings(address: str) -> tuple[bool, str]:
                words = ["git", "config", "remote.origin.url", address]
                subprocess.run(words, cwd=repo, check=True, capture_output=True)
                answer = await client.call_tool("get_findings", {"pull_request": number})
                return answer.is_error, str(answer.content[0].text)  # type: ignore[union-attr]

            for own in ("git@github.invalid:acme/shop.git", "ssh://git@github.invalid:22/acme/shop", f"{web}/acme/shop.git"):
                refused, said = await findings(own)
                assert not refused and "An empty cart divides by zero" in said, own
            for other in ("git@github.invalid:globex/lab.git", "git@github.invalid:acme/shop2.git"):
                refused, said = await findings(other)
                assert refused and "no published review" in said and "cart" not in said
            for elsewhere in ("https://evil.example/acme/shop.git", "/srv/acme/shop.git", "git@github.invalid.evil:acme/shop", ""):
                refused, said = await findings(elsewhere)
                assert refused and "is not on" in said, elsewhere


def test_the_registry_metadata_is_correct() -> None:
    """The facts of the registry's schema of that date: https://modelcontextprotocol.io/registry names each rule."""
    facts = json.loads((ROOT / "tests/app/registry_facts.json").read_text("utf-8"))
    described = json.loads((ROOT / "server.json").read_text("utf-8"))
    Draft202012Validator.check_schema(facts)
    assert [error.message for error in Draft202012Validator(facts).iter_errors(described)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (package,), (remote,) = described["packages"], described["remotes"]
    assert package["identifier"] == project["name"]
    assert described["version"] == package["version"] == project["version"]
    (argument,) = package["packageArguments"]
    assert argument["value"] == "mcp" and "mcp" in CouncilCommands.places
    assert remote["url"] == f"https://{{host}}{PATH}" and set(remote["variables"]) == {"host"}
    (header,) = remote["headers"]
    assert header["name"] == "Authorization" and header["isSecret"] and header["isRequired"]


BREAKS = {
    "no version": {"version": None},
    "a range of versions": {"version": "^1.0"},
    "a name without a namespace": {"name": "council"},
    "a long description": {"description": "x" * 101},
    "an unknown key": {"homepage": "https://example.com"},
    "another schema": {"$schema": "https://example.com/schema.json"},
    "a package without a transport": {"packages": [{"registryType": "pypi", "identifier": "council"}]},
    "the latest version": {"packages": [{"registryType": "pypi", "identifier": "c", "version": "latest", "transport": {"type": "stdio"}}]},
    "another registry": {"packages": [{"registryType": "gem", "identifier": "c", "version": "1.0.0", "transport": {"type": "stdio"}}]},
    "a remote over stdio": {"remotes": [{"type": "stdio"}]},
    "a remote without an address": {"remotes": [{"type": "streamable-http"}]},
    "a header without a name": {"remotes": [{"type": "streamable-http", "url": "https://h/mcp", "headers": [{"isSecret": True}]}]},
    "an address that is none": {"remotes": [{"type": "streamable-http", "url": "/mcp"}]},
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_facts_of_the_registry_refuse(name: str) -> None:
    facts = json.loads((ROOT / "tests/app/registry_facts.json").read_text("utf-8"))
    described = json.loads((ROOT / "server.json").read_text("utf-8")) | BREAKS[name]
    broken = {key: value for key, value in described.items() if value is not None}
    assert list(Draft202012Validator(facts).iter_errors(broken)) != []

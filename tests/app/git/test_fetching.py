"""Fetching from the test's small HTTP server, which passes requests to `git upload-pack`."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.configuration.settings import program_environment
from app.errors import Unavailable, UserError
from app.git.fetching import FetchLimits, GitRemote, fetch
from tests.app.git.repositories import ENVIRONMENT, commit, git, repository
from tests.app.test_child_environments import GIT, recording_git


@dataclass
class Server:
    """`git upload-pack` behind HTTP. `answer` is "pack", "redirect", "endless" or "silent"."""

    folder: Path
    answer: str = "pack"
    port: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/shop.git"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            headers = {}
            while row := (await reader.readline()).decode().strip():
                name, _, value = row.partition(": ")
                headers[name.lower()] = value
            body = await self._body(reader, headers)
            self.headers.append(headers)
            await self._respond(line.decode().split(" ")[1], headers, body, writer)

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body

    async def _respond(self, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        if self.answer == "redirect":
            other = path.replace("/shop.git", "/other.git")
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {other}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        if self.answer == "silent":
            await asyncio.Event().wait()
        advertises = "info/refs" in path
        words = ["upload-pack", "--stateless-rpc", *(["--advertise-refs"] if advertises else []), str(self.folder)]
        process = await asyncio.create_subprocess_exec(
            "git", *words, stdin=-1, stdout=-1, stderr=-1, env=ENVIRONMENT | {"GIT_PROTOCOL": headers.get("git-protocol", "")}
        )
        out, _ = await process.communicate(body)
        kind = "advertisement" if advertises else "result"
        out = (b"001e# service=git-upload-pack\n0000" if advertises else b"") + out
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nContent-Length: {len(out)}\r\n\r\n".encode() + out
        )
        await writer.drain()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    folder = repository(tmp_path / "main")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    made = Server(folder)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.get_running_loop().create_task(made.handle(reader, writer)))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_branch_and_a_commit_id_are_fetched_with_a_token(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recording_git(tmp_path / "bin", tmp_path / "log")
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cret")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    head = git(server.folder, "rev-parse", "HEAD")
    into = tmp_path / "mirror.git"
    await fetch(GitRemote(server.url, "ghs_token"), ("+refs/heads/main:refs/heads/main",), into)
    assert git(into, "rev-parse", "refs/heads/main") == head
    newer = commit(server.folder, {"b.py": "b = 1\n"}, "Third")
    await fetch(GitRemote(server.url, "ghs_token"), (newer,), into)
    assert git(into, "cat-file", "-t", newer) == "commit"
    secret = base64.b64encode(b"x-access-token:ghs_token").decode()
    assert {headers.get("authorization") for headers in server.headers} == {f"Basic {secret}"}
    children = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    token = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.http://127.0.0.1:{server.port}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
    }
    for words, environment in children:
        environment.pop("LC_CTYPE", None)
        own = token | {"GIT_ALLOW_PROTOCOL": "http"} if "fetch" in words else {}
        assert environment == {"PATH": path, "HOME": "/nonexistent", **GIT, **own, "GIT_DIR": str(into)}
        assert not any("ghs_token" in word or secret in word for word in words)
    assert "ghs_token" not in (into / "config").read_text() and "ghs_token" not in repr(GitRemote(server.url, "ghs_token"))


async def test_a_redirect_is_not_followed(server: Server, tmp_path: Path) -> None:
    server.answer = "redirect"
    with pytest.raises(Unavailable, match="could not be fetched"):
        await fetch(GitRemote(server.url, "ghs_token"), ("main",), tmp_path / "mirror.git")
    assert len(server.headers) == 1


async def test_a_broken_object_is_refused(server: Server, tmp_path: Path) -> None:
    """A tree with a `.git` in it, which would overwrite a config at a checkout."""
    blob = git(server.folder, "hash-object", "-w", "--stdin", given=b"[core]\n")
    tree = git(server.folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=b"100644 .git\0" + bytes.fromhex(blob))
    bad = git(server.folder, "commit-tree", tree, "-m", "Bad")
    git(server.folder, "update-ref", "refs/heads/bad", bad)
    with pytest.raises(Unavailable):
        await fetch(GitRemote(server.url), ("refs/heads/bad:refs/heads/bad",), tmp_path / "mirror.git")
    with pytest.raises(Exception, match="non-zero"):
        git(tmp_path / "mirror.git", "cat-file", "-e", bad)


async def test_a_fetch_ends_at_its_limits_and_leaves_no_half_pack(server: Server, tmp_path: Path) -> None:
    into = tmp_path / "mirror.git"
    commit(server.folder, {"large.bin": os.urandom(30_000_000)}, "Large")
    with pytest.raises(UserError, match="more than 1 MB"):
        await fetch(GitRemote(server.url), ("main",), into, FetchLimits(bytes=1_000_000))
    assert sum(path.stat().st_size for path in (into / "objects/pack").iterdir()) < 1_000_000
    server.answer = "silent"
    with pytest.raises(UserError, match="longer than 0 s"):
        await fetch(GitRemote(server.url), ("main",), into, FetchLimits(seconds=0.3))


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/ran",
        "file:///etc",
        "/etc",
        "ssh://git@github.com/a/b",
        "git://github.com/a/b",
        "http://example.com/a/b",
        "https://user:word@github.com/a/b",
        "--upload-pack=touch",
        "http://127.0.0.1.example.com/a",
    ],
)
async def test_no_other_protocol_is_tried(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError):
        await fetch(GitRemote(url), ("main",), tmp_path / "mirror.git")
    assert not (tmp_path / "mirror.git").exists()


@pytest.mark.parametrize("refspec", ["--upload-pack=touch /tmp/ran", "-u", "", "a b", "main:../../x", "^main"])
async def test_no_refspec_is_an_option(tmp_path: Path, refspec: str) -> None:
    with pytest.raises(UserError, match="cannot be fetched"):
        await fetch(GitRemote("https://github.com/a/b"), (refspec,), tmp_path / "mirror.git")


def test_the_recorder_passes_git_on(tmp_path: Path) -> None:
    assert recording_git(tmp_path / "bin", tmp_path / "log").endswith(program_environment()["PATH"])

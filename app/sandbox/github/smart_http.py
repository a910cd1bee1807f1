"""Serves the sandbox's repositories to git over smart HTTP, with GitHub's tokens, permissions and faults.

https://git-scm.com/docs/gitprotocol-http
"""

import asyncio
import base64
import binascii
import contextlib
import os
import re
import time
import zlib
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.errors import UserError
from app.git.child import GitCommand, end_git, run_git, start_git
from app.sandbox.faults import STATUS, FaultKind, FaultRule
from app.sandbox.github.auth import Actor
from app.sandbox.github.bare import BareRepositories, entry_header, pack_of
from app.sandbox.github.git import GitObject, objects_of
from app.sandbox.github.refusal import GitHubError
from app.sandbox.github.repository import SandboxRepository

if TYPE_CHECKING:
    from app.sandbox.github.service import SandboxGitHub

_SERVICE = "git-upload-pack"
_CHUNK = 1 << 16
_HUGE = 4_000_000_000
_CHALLENGE = {"www-authenticate": 'Basic realm="GitHub"'}
_FRESH = {"cache-control": "no-cache, max-age=0, must-revalidate"}
_WANT = re.compile(rb"want [0-9a-f]{40}")


class SmartHttp:
    """Answers `git fetch`. Pushing is refused."""

    def __init__(self, github: "SandboxGitHub") -> None:
        self._github = github
        self._repositories = BareRepositories()

    def routes(self) -> list[Route]:
        """The addresses of git, below those of the pages."""
        place = "/{owner}/{repo}"
        return [
            Route(place + "/info/refs", self._answer, methods=["GET"]),
            Route(f"{place}/{_SERVICE}", self._answer, methods=["POST"]),
            Route(place + "/git-receive-pack", self._answer, methods=["POST"]),
        ]

    def close(self) -> None:
        """Remove what was written to disk."""
        self._repositories.close()

    async def _answer(self, request: Request) -> Response:
        started, path = time.monotonic(), request.url.path
        body = _body(request, await request.body())
        fault = self._github.faults.strike(request.method, path)
        actor = "anonymous"
        try:
            await self._harm(request, fault)
            caller = self._admit(request)
            actor = caller.name
            response = await self._serve(request, body, caller, fault)
        except GitHubError as refused:
            response = PlainTextResponse(refused.message, refused.status, refused.headers)
        except UserError as error:
            response = PlainTextResponse(str(error), 501)
        self._github.log.add(
            request.method,
            path,
            body,
            query=request.url.query,
            operation="git_info_refs" if path.endswith("/info/refs") else "git_upload_pack",
            actor=actor,
            status=response.status_code,
            applied=False,
            fault=fault.harm.value if fault else "",
            seconds=time.monotonic() - started,
        )
        return response

    async def _harm(self, request: Request, fault: FaultRule | None) -> None:
        harm = fault.harm if fault else None
        if harm is FaultKind.RESET:
            request.scope["state"]["transport"].abort()
        elif harm is FaultKind.HANG:
            await asyncio.sleep(3600)
        elif harm is FaultKind.SLOW and fault:
            await asyncio.sleep(fault.retry_after)
        elif harm in STATUS:
            status, message = STATUS[harm]
            raise GitHubError(status, message, headers=_CHALLENGE if status == 401 else {})

    def _admit(self, request: Request) -> Actor:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            with contextlib.suppress(binascii.Error, ValueError):
                credential = base64.b64decode(credential, validate=True).decode().partition(":")[2]
        try:
            return self._github.authenticator.admit(f"token {credential}" if credential else "")
        except GitHubError as refused:
            raise GitHubError(refused.status, "Bad credentials", headers=_CHALLENGE if refused.status == 401 else {}) from None

    async def _serve(self, request: Request, body: bytes, caller: Actor, fault: FaultRule | None) -> Response:
        full_name = f"{request.path_params['owner']}/{request.path_params['repo'].removesuffix('.git')}"
        if moved := self._github.world.moved(full_name):
            tail = request.url.path.split("/", 3)[3]
            place = f"{self._github.links.page(moved.full_name)}.git/{tail}"
            return Response(status_code=301, headers={"location": f"{place}?{request.url.query}" if request.url.query else place})
        repository = self._readable(caller, full_name)
        advertises = request.method == "GET"
        if (request.query_params.get("service") if advertises else request.url.path.rpartition("/")[2]) != _SERVICE:
            raise GitHubError(403, "Write access to repository not granted.")
        folder = await self._repositories.open(repository)
        protocol = {"GIT_PROTOCOL": request.headers.get("git-protocol", "")}
        words = ("upload-pack", "--stateless-rpc", *(("--advertise-refs",) if advertises else ()), str(folder))
        if advertises:
            listed = await run_git(GitCommand(words, folder, protocol))
            prefix = b"" if "version=2" in protocol["GIT_PROTOCOL"] else b"001e# service=git-upload-pack\n0000"
            return Response(prefix + listed, headers=_FRESH, media_type=f"application/x-{_SERVICE}-advertisement")
        harm = fault.harm if fault and b"command=fetch" in body else None
        if harm is FaultKind.WRONG_OBJECT:
            first = next(iter(repository.commits))
            body = _WANT.sub(b"want " + first.encode(), body)
        command = GitCommand(words, folder, protocol, body)
        if harm is FaultKind.HUGE:
            stream = _endless_pack(_beginning(body))
        elif harm is FaultKind.LONE_COMMIT:
            stream = _lone_commits(_beginning(body), repository, [want[5:].decode() for want in _WANT.findall(body)])
        elif harm is FaultKind.CORRUPT:
            stream = _corrupted(await run_git(command))
        else:
            stream = _pack(command, request if harm is FaultKind.RESET_AFTER else None)
        return StreamingResponse(stream, headers=_FRESH, media_type=f"application/x-{_SERVICE}-result")

    def _readable(self, caller: Actor, full_name: str) -> SandboxRepository:
        """The repository, as GitHub answers git: one that a caller may not read does not exist, and anonymous callers must authenticate."""
        try:
            repository = self._github.authenticator.repository(caller, full_name)
            self._github.authenticator.allow(caller, repository, "contents:read")
        except GitHubError:
            if caller.kind == "anonymous":
                raise GitHubError(401, "Authentication required.", headers=_CHALLENGE) from None
            raise GitHubError(404, "Repository not found.") from None
        return repository


def _body(request: Request, raw: bytes) -> bytes:
    """The request body, which git compresses if it is long."""
    return zlib.decompress(raw, 31) if request.headers.get("content-encoding") == "gzip" else raw


async def _pack(command: GitCommand, cut: Request | None) -> AsyncIterator[bytes]:
    """The output of `git upload-pack`. With `cut`, the connection breaks in the middle of it."""
    process = await start_git(command)
    writing = asyncio.create_task(_write(process, command.given))
    try:
        while process.stdout and (chunk := await process.stdout.read(_CHUNK)):
            if cut and b"PACK" in chunk:
                yield chunk[: chunk.index(b"PACK") + 40]
                cut.scope["state"]["transport"].abort()
                return
            yield chunk
    finally:
        writing.cancel()
        await end_git(process)


async def _write(process: Process, data: bytes) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(data)
            await process.stdin.drain()
        process.stdin.close()


async def _corrupted(answer: bytes) -> AsyncIterator[bytes]:
    """The same pack with one bit of its checksum flipped. The checksum is just before the last packet, `0000`."""
    at = len(answer) - 4 - 8
    yield answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]


def _beginning(body: bytes) -> bytes:
    """What precedes a pack. A client that is still negotiating learns that we are ready."""
    return (b"" if b"0009done\n" in body else b"0014acknowledgments\n000aready\n0001") + b"000dpackfile\n"


async def _endless_pack(beginning: bytes) -> AsyncIterator[bytes]:
    """A pack of one blob of 4 GB that cannot be compressed."""
    yield beginning
    yield _packet(b"PACK\0\0\0\2\0\0\0\1" + entry_header(GitObject("blob", b""), _HUGE))
    compressor = zlib.compressobj(0)
    block = os.urandom(_CHUNK // 2)
    for _ in range(_HUGE // len(block)):
        if data := compressor.compress(block):
            for at in range(0, len(data), _CHUNK // 2):
                yield _packet(data[at : at + _CHUNK // 2])
        await asyncio.sleep(0)


async def _lone_commits(beginning: bytes, repository: SandboxRepository, shas: Sequence[str]) -> AsyncIterator[bytes]:
    """A valid pack that lacks the trees and the files of its commits."""
    commits = [list(objects_of(repository.commits[sha]))[-1] for sha in dict.fromkeys(shas)]
    yield beginning + _packet(pack_of(commits)) + b"0000"


def _packet(data: bytes) -> bytes:
    """A packet of the pack's band: https://git-scm.com/docs/gitprotocol-pack#_packfile_data"""
    return b"%04x\1" % (len(data) + 5) + data

"""Measures how long it takes to mirror a repository from the sandbox's git server, which runs in another process."""

import asyncio
import hashlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.github.connection import preload
from app.github.github_app import GitHubApp
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorOptions, MirrorRules
from app.repositories.mirror_settings import remote_access
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import NoMirror
from app.sandbox.control.client import Control, running

_NAME = "acme/large"
# The maximum that the control API accepts at once.
_PORTION = 8_000_000
_BLINK = 0.005


@dataclass(frozen=True)
class MirroringFigures:
    """Seconds of a first fetch, of one after a change, and of opening a mirror that has the commit.

    `loop_blocked_ms` is the longest block of the event loop, `mirror_mb` the disk after the first fetch, `new_kb` what the
    change added, `objects_wrong` how many files differ from what was pushed.
    """

    first_fetch_s: float
    incremental_fetch_s: float
    warm_open_s: float
    loop_blocked_ms: float
    mirror_mb: float
    new_kb: float
    objects_wrong: int


def measure_mirroring(files: Mapping[str, bytes], change: Mapping[str, bytes], keep: Path | None = None) -> MirroringFigures:
    """Push `files` to a sandbox, mirror them, push `change`, mirror that; `keep` is the folder for the mirror, a bare git directory."""
    with running() as control:
        made = control.create_repository(_NAME, {"README.md": "# large\n"})
        tip = _push(control, files)
        environment = control.environment()
        with tempfile.TemporaryDirectory(prefix="council-mirroring-") as folder:
            app = GitHubApp(environment["GITHUB_API_URL"], int(environment["APP_ID"]), environment["PRIVATE_KEY"])
            mirrors = Mirrors(Path(folder), remote_access(app, control.web_url), MirrorOptions(wait_seconds=600.0, fetch_seconds=600.0))
            repository = MirroredRepository(int(made["installation"]), int(made["id"]))

            async def measure() -> tuple[dict[str, float], Path]:
                # As a worker does when it starts.
                preload()
                await app.app()
                return await _measure(mirrors, repository, control, tip, change)

            figures, place = asyncio.run(measure())
            wrong = _differences(place, {**files, **change})
            if keep is not None:
                shutil.copytree(place, keep)
    return MirroringFigures(**figures, objects_wrong=wrong)


async def _measure(
    mirrors: Mirrors, repository: MirroredRepository, control: Control, tip: str, change: Mapping[str, bytes]
) -> tuple[dict[str, float], Path]:
    lags: list[float] = []
    await _let_the_server_write(control)
    async with _watched(lags):
        first, place = await _open(mirrors, repository, tip)
        size = _size(place)
        warm, _ = await _open(mirrors, repository, tip)
    changed = await asyncio.to_thread(control.push_branch, _NAME, dict(change))
    await _let_the_server_write(control)
    async with _watched(lags):
        second, _ = await _open(mirrors, repository, changed)
    figures = {
        "first_fetch_s": round(first, 2),
        "incremental_fetch_s": round(second, 2),
        "warm_open_s": round(warm, 3),
        "loop_blocked_ms": round(max(lags, default=0.0) * 1000, 1),
        "mirror_mb": round(size / 1e6, 1),
        "new_kb": round((_size(place) - size) / 1e3, 1),
    }
    return figures, place


async def _open(mirrors: Mirrors, repository: MirroredRepository, sha: str) -> tuple[float, Path]:
    started = time.perf_counter()
    async with mirrors.open(repository, MirrorCommits(sha), MirrorRules(max_mb=2_000)) as opened:
        if isinstance(opened, NoMirror):
            raise RuntimeError(f"no mirror: {opened.reason}")
        assert isinstance(opened, Mirror)
        return time.perf_counter() - started, opened.folder


def _push(control: Control, files: Mapping[str, bytes]) -> str:
    """Push all files, some megabytes at a time; returns the tip of the branch."""
    portion: dict[str, str | bytes | None] = {}
    size, tip = 0, ""
    for path, content in files.items():
        portion[path] = content
        size += len(content)
        if size > _PORTION:
            tip, portion, size = control.push_branch(_NAME, portion), {}, 0
    return control.push_branch(_NAME, portion) if portion or not tip else tip


async def _let_the_server_write(control: Control) -> None:
    """The sandbox writes its commits to disk at the first request; that is not part of a fetch."""
    async with httpx.AsyncClient(trust_env=False, timeout=300) as client:
        (await client.get(f"{control.web_url}/{_NAME}.git/info/refs?service=git-upload-pack")).raise_for_status()


@asynccontextmanager
async def _watched(lags: list[float]) -> AsyncIterator[None]:
    """Record how late the loop wakes a sleeper."""

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_BLINK)
            lags.append(time.perf_counter() - before - _BLINK)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _differences(folder: Path, files: Mapping[str, bytes]) -> int:
    """How many of the small files are not in any commit of the mirror as they were pushed, according to git."""
    tips = _git(folder, "for-each-ref", "--format=%(objectname)")
    counts = []
    for tip in tips:
        rows = _git(folder, "cat-file", "--batch-check=%(objectname)", given="".join(f"{tip}:{path}\n" for path in files))
        counts.append(sum(_is_wrong(row, content) for row, content in zip(rows, files.values(), strict=True)))
    return min(counts, default=len(files))


def _git(folder: Path, *words: str, given: str = "") -> list[str]:
    return subprocess.run(["git", *words], cwd=folder, input=given, capture_output=True, text=True, check=True).stdout.splitlines()


def _is_wrong(row: str, content: bytes) -> bool:
    header = b"blob %d\0" % len(content)
    return len(content) < 1 << 20 and row != hashlib.sha1(header + content, usedforsecurity=False).hexdigest()

"""Builds the index of a commit: symbols come from the cache, those of new files from child processes, never in the event loop."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.git.child import GitCommand, child_environment
from app.git.reader import Reader
from app.git.tree import CommitFile, Tree
from app.repositories.indexing_child import FRAME
from app.repositories.symbol_cache import SymbolCache
from reviewers.context.repository.blob_symbols import PackedSymbols
from reviewers.context.repository.index import RepositoryIndex, TreeFile
from reviewers.context.repository.lexing import file_extension

MOST_FILES = 100_000
_MOST_PROCESSES, _FEW = 2, 200
_CODE = Path(__file__).resolve().parents[2]


async def build_index(reader: Reader, tree: Tree, cache: SymbolCache) -> RepositoryIndex:
    """The index of a tree. Results until a cancellation stay in the cache, so that the next try continues from there."""
    keys = {path: f"{entry.oid}.{_safe_ending(path)}" for path, entry in tree.entries.items() if _kind(entry) == "file"}
    wanted = list(dict.fromkeys(keys.values()))[:MOST_FILES]
    rows = await asyncio.to_thread(cache.read, wanted)
    missing = [key for key in wanted if key not in rows]
    if missing:
        new: dict[str, bytes] = {}
        try:
            await _read_all(reader, missing, new)
        finally:
            await asyncio.shield(asyncio.to_thread(cache.write, new))
        rows |= new
    return await asyncio.to_thread(_index, tree.entries, keys, rows)


def _index(entries: Mapping[str, CommitFile], keys: Mapping[str, str], rows: Mapping[str, bytes]) -> RepositoryIndex:
    return RepositoryIndex(TreeFile(path, _kind(entry), _symbols(rows.get(keys.get(path, "")))) for path, entry in entries.items())


def _symbols(data: bytes | None) -> PackedSymbols | None:
    # An inconsistent row was damaged on disk. Its file counts as unreadable.
    with contextlib.suppress(ValueError):
        return PackedSymbols(data) if data is not None else None
    return None


def _kind(entry: CommitFile) -> str:
    return {"160000": "submodule", "120000": "symlink"}.get(entry.mode, "file")


def _safe_ending(path: str) -> str:
    """The ending that says how a file is read. No part of a name may go into a line of the child's input unchanged."""
    found = file_extension(path)
    return found if found.isascii() and found.isalnum() and len(found) <= 12 else ""


async def _read_all(reader: Reader, missing: Sequence[str], into: dict[str, bytes]) -> None:
    count = min(_MOST_PROCESSES, os.cpu_count() or 1) if len(missing) > _FEW else 1
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(_read_part(reader, missing[number::count], into))


async def _read_part(reader: Reader, keys: Sequence[str], into: dict[str, bytes]) -> None:
    environment = child_environment(GitCommand((), reader.directory.path, reader.directory.environment))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "app.repositories.indexing_child"),
        cwd=reader.directory.path,
        env={**environment, "PYTHONPATH": str(_CODE)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        limit=1 << 22,
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_give(process, environment, keys))
            group.create_task(_take(process, into))
        await process.wait()
    finally:
        await _end(process)


async def _give(process: asyncio.subprocess.Process, environment: Mapping[str, str], keys: Sequence[str]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        rows = "".join(f"{key.replace('.', ' ', 1)}\n" for key in keys)
        process.stdin.write(f"{json.dumps(dict(environment))}\n{rows}".encode())
        await process.stdin.drain()
    process.stdin.close()


async def _take(process: asyncio.subprocess.Process, into: dict[str, bytes]) -> None:
    """Read rows until the child ends. If it ends early, its other files count as unread."""
    assert process.stdout is not None
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            key_size, size = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
            row = await process.stdout.readexactly(key_size + size)
            into[row[:key_size].decode()] = row[key_size:]


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the child and its git, and wait for it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await process.stdout.read(1 << 16):
                pass
    await process.wait()

"""Reads files of a repository and prints their symbols. It is a separate process, because the parser holds the interpreter and its input is
untrusted.

Standard input has the environment of git as JSON in its first line, and one `OID ENDING` in each further one. Standard output gets, for
each, the lengths of key and symbols (4 bytes each, little endian), the key and the symbols. It imports no more than it needs, because it is
started for a single changed file too.
"""

import contextlib
import json
import resource
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import IO

from reviewers.context.repository.blob_symbols import LARGEST, pack_symbols, read_symbols

FRAME = struct.Struct("<II")
# Far above what a file of a million bytes takes. A parser out of control ends here.
_MOST_MEMORY, _MANY = 2_000_000_000, 300


def main() -> None:
    """Answer the lines of standard input."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    first, *lines = sys.stdin.buffer.read().decode().split("\n")
    environment, wanted = json.loads(first), [line.split() for line in lines if line]
    if len(wanted) > _MANY:
        # Faster on every file, and not worth loading for a few.
        import numpy  # noqa: F401
    out = sys.stdout.buffer
    for oid, ending, source in _contents(wanted, environment):
        key, data = f"{oid}.{ending}".encode(), pack_symbols(read_symbols(f"x.{ending}", source))
        out.write(FRAME.pack(len(key), len(data)) + key + data)
    out.flush()


def _contents(wanted: list[list[str]], environment: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    """The objects in the order of the lines, without missing ones. Sizes come first, so that a huge one is not read."""
    with (
        _git("--batch-check=%(objecttype) %(objectsize)", environment) as checking,
        _git("--batch", environment) as reading,
    ):
        assert checking.stdin is not None
        assert checking.stdout is not None
        for oid, *rest in wanted:
            ending = rest[0] if rest else ""
            _ask(checking, oid)
            kind, _, size = checking.stdout.readline().decode().strip().partition(" ")
            if kind != "blob":
                continue
            if int(size) > LARGEST:
                yield oid, ending, bytes(LARGEST + 1)
                continue
            yield oid, ending, _read(reading, oid)


def _read(reading: "subprocess.Popen[bytes]", oid: str) -> bytes:
    stdout = _pipe(reading.stdout)
    _ask(reading, oid)
    size = int(stdout.readline().split()[2])
    data = stdout.read(size)
    stdout.read(1)
    return data


def _ask(process: "subprocess.Popen[bytes]", oid: str) -> None:
    stdin = _pipe(process.stdin)
    stdin.write(f"{oid}\n".encode())
    stdin.flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _git(option: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["git", "cat-file", option], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603, S607


if __name__ == "__main__":
    main()

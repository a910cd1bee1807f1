"""Run `council` in a child forked from a process with all imports, which saves two seconds of CPU per command.

The child has its own environment, folder and streams. Other tests measure cold starts and imports.
"""

import asyncio
import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).parents[3]
_MOST_BYTES = 1_000_000


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


async def run_council(words: Sequence[str], env: Mapping[str, str], cwd: Path = ROOT) -> Ended:
    """Run `council` with exactly that environment."""
    return await asyncio.to_thread(_run, words, env, cwd)


def _run(words: Sequence[str], env: Mapping[str, str], cwd: Path) -> Ended:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as line:
        line.connect(_address())
        order = json.dumps({"words": list(words), "env": dict(env), "cwd": str(cwd)}).encode()
        socket.send_fds(line, [order], [out.fileno(), err.fileno()])
        line.shutdown(socket.SHUT_WR)
        code = int(line.recv(16) or b"-1")
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read().decode(), err.read().decode())


@functools.cache
def _address() -> str:
    """The address of the process that forks the commands. It ends with this process."""
    folder = tempfile.mkdtemp(prefix="council-warm-")
    address = f"{folder}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.cli.warm", address],
        cwd=ROOT,
        # Its input ends with this process, also where this one is killed.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        Path(address).unlink()
        Path(folder).rmdir()

    atexit.register(end)
    return address


def _serve(address: str) -> NoReturn:
    _import_all()
    # Nothing waits for the children of this process.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _attend(line)
            line.close()
    sys.exit()


def _import_all() -> None:
    import importlib

    from app.cli.main import CouncilCommands
    from reviewers.models.library import library

    for place in CouncilCommands.places.values():
        importlib.import_module(place.partition(":")[0])
    library()


def _attend(line: socket.socket) -> NoReturn:
    """Run one command in a child of this one, and send its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order, streams, _, _ = socket.recv_fds(line, _MOST_BYTES, 2)
    while piece := line.recv(_MOST_BYTES):
        order += piece
    child = os.fork()
    if child == 0:
        line.close()
        _become(json.loads(order), streams)
    line.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
    os._exit(0)


def _become(order: Mapping[str, object], streams: Sequence[int]) -> NoReturn:
    """Become the command, as if it had been started directly."""
    from app.cli.entry import main

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, stream in zip((1, 2), streams, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[arg-type]
    os.chdir(str(order["cwd"]))
    sys.argv = ["council", *order["words"]]  # type: ignore[misc]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])

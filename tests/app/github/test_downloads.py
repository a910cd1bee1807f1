"""Downloads of logs: redirected to another host without our token, and decompressed in small pieces whatever they contain."""

import asyncio
import gzip
import random
import tracemalloc
import zlib

import pytest

from app.errors import GitHubRejected, Unavailable
from app.github.download_ends import DownloadEnds
from app.github.installation_client import InstallationClient
from app.sandbox.server import Sandbox
from reviewers.unpacking import open_pieces
from tests.app.github.conftest import FULL_NAME

_MB = 1_000_000


class Elsewhere:
    """A separate host that sends one body, and records its requests."""

    def __init__(self, body: bytes, encoding: str = "") -> None:
        self.body, self.encoding, self.asked = body, encoding, b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += await reader.readuntil(b"\r\n\r\n")
        kind = f"content-encoding: {self.encoding}\r\n" if self.encoding else ""
        writer.write(f"HTTP/1.1 200 OK\r\n{kind}content-length: {len(self.body)}\r\n\r\n".encode() + self.body)
        writer.close()


async def download(github: InstallationClient, sandbox: Sandbox, host: Elsewhere) -> bytes:
    server = await asyncio.start_server(host, "127.0.0.1", 0)
    async with server:
        # Another port is another origin, like another host.
        port = server.sockets[0].getsockname()[1]
        sandbox.github.log_host = f"http://127.0.0.1:{port}/log"
        job = sandbox.world.repository(FULL_NAME).add_failing_job(head(sandbox), "tests", "text\n")
        return await github.ends(f"/repos/{FULL_NAME}/actions/jobs/{job.id}/logs", _MB, _MB)


def head(sandbox: Sandbox) -> str:
    repository = sandbox.world.repository(FULL_NAME)
    return repository.branches[repository.default_branch]


async def test_a_log_on_another_host_is_requested_without_credentials(github: InstallationClient, sandbox: Sandbox) -> None:
    host = Elsewhere(b"a log\n")
    assert await download(github, sandbox, host) == b"a log\n"
    assert b"authorization" not in host.asked.lower() and b"ghs_" not in host.asked


async def test_a_compressed_log_is_read(github: InstallationClient, sandbox: Sandbox) -> None:
    assert await download(github, sandbox, Elsewhere(gzip.compress(b"a log\n" * 10), "gzip")) == b"a log\n" * 10


async def test_a_compression_bomb_is_limited(github: InstallationClient, sandbox: Sandbox) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * _MB) for _ in range(500)) + packer.flush()
    tracemalloc.start()
    found = await download(github, sandbox, Elsewhere(bomb, "gzip"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) < 2.1 * _MB and b"the middle of the log was not read" in found
    assert peak < 20 * _MB


@pytest.mark.parametrize(("body", "encoding"), [(b"\x1f\x8bnothing", "gzip"), (b"x", "br"), (b"x", "zstd"), (b"x", "gzip, gzip")])
async def test_an_undecodable_log_is_refused(github: InstallationClient, sandbox: Sandbox, body: bytes, encoding: str) -> None:
    with pytest.raises(Unavailable):
        await download(github, sandbox, Elsewhere(body, encoding))


@pytest.mark.parametrize("size", [0, 1, 29, 30, 31, 66, 67, 68, 105, 1_000, 9_999])
@pytest.mark.parametrize("piece", [1, 7, 500])
def test_the_ends_of_a_download_are_its_first_and_last_bytes(size: int, piece: int) -> None:
    sent, ends = random.Random(size).randbytes(size), DownloadEnds(10, 20)
    for start in range(0, size, piece):
        ends.add(sent[start : start + piece])
    assert ends.total == size
    assert ends.take() == (sent if size <= 30 else sent[:10] + b"\n[the middle of the log was not read]\n" + sent[-20:])


def test_the_ends_of_a_download_take_their_own_size() -> None:
    ends = DownloadEnds(_MB, 5 * _MB)
    tracemalloc.start()
    for _ in range(2_000):
        ends.add(b"x" * 65_536)
    found = ends.take()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) < 6.1 * _MB and peak < 9 * _MB


def test_no_piece_is_larger_than_64_kb() -> None:
    packed = gzip.compress(b"\0" * 50 * _MB)
    assert max(len(piece) for piece in open_pieces("gzip")(packed)) <= 65_536


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.7", "0xa9fea9fe", "[::ffff:10.0.0.7]", "0.0.0.0"])
async def test_no_log_is_fetched_from_inside_a_private_network(github: InstallationClient, sandbox: Sandbox, host: str) -> None:
    sandbox.github.log_host = f"http://{host}/latest"
    job = sandbox.world.repository(FULL_NAME).add_failing_job(head(sandbox), "tests", "text\n")
    with pytest.raises(GitHubRejected, match="inside a private network"):
        await github.ends(f"/repos/{FULL_NAME}/actions/jobs/{job.id}/logs", _MB, _MB)

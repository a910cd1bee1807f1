"""A model host's body is bounded, in any content encoding."""

import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from reviewers.models.bounded_body import bound_bodies

LIMIT = 100_000


async def _get(body: bytes, encoding: str = "") -> httpx.Response:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "gzip, deflate"

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 1_000):
                yield body[start : start + 1_000]

        return httpx.Response(200, headers={"content-encoding": encoding} if encoding else {}, content=pieces())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        bound_bodies(client, LIMIT)
        return await client.get("http://host/")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("GZip", gzip.compress)]
)
async def test_a_body_within_the_bound_arrives(encoding: str, pack: "type[bytes]") -> None:
    assert (await _get(pack(b"a" * LIMIT), encoding)).text == "a" * LIMIT
    with pytest.raises(httpx.DecodingError, match="too large"):
        await _get(pack(b"a" * (LIMIT + 1)), encoding)


@pytest.mark.parametrize(("body", "encoding"), [(b"\x1f\x8bnothing", "gzip"), (b"x", "br"), (b"x", "gzip, gzip")])
async def test_a_body_in_an_unknown_encoding_is_not_read(body: bytes, encoding: str) -> None:
    with pytest.raises(httpx.DecodingError):
        await _get(body, encoding)

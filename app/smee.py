"""Receives deliveries through a smee channel, if GitHub cannot reach this server, and passes them to our webhook route."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import structlog

from webhooks.delivery import MAX_BODY

log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]
_BACKOFF = (1.0, 2.0, 5.0, 15.0, 60.0)
_HAND_OVER = (0.2, 1.0, 5.0, 15.0)
# The channel sends "ping" twice a minute. If it is silent for longer, the connection is dead.
_SILENCE = 120.0
_KEPT = ("content-type", "user-agent", "x-hub-signature", "x-hub-signature-256")
_AND_ALL = "x-github-"
# An event contains the headers and the query in addition to the body.
_LONGEST = MAX_BODY + 100_000


class TooLong(Exception):
    """No event of GitHub's is this long."""


async def follow(url: str, target: str, sleep: Sleep = asyncio.sleep) -> None:
    """Pass deliveries from the channel at `url` to the route at `target`, until cancelled. Reconnect with growing delays.

    The channel is public: anybody who knows it may send anything, and the route relies only on the signature.
    """
    failures = 0
    # Our own route is not requested through a proxy.
    async with httpx.AsyncClient(timeout=httpx.Timeout(10.0, read=_SILENCE)) as away, httpx.AsyncClient(trust_env=False) as home:
        while True:
            reason = "it closed the connection"
            try:
                async with away.stream("GET", url, headers={"accept": "text/event-stream"}) as answer:
                    answer.raise_for_status()
                    async for event in messages(answer.aiter_bytes()):
                        failures = 0
                        await _hand_over(home, target, event, sleep)
            except (httpx.HTTPError, httpx.InvalidURL, TooLong) as error:
                reason = type(error).__name__
            pause = _BACKOFF[min(failures, len(_BACKOFF) - 1)]
            failures += 1
            log.warning("the smee channel is unreachable; trying again", seconds=pause, error=reason)
            await sleep(pause)


async def messages(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of each server-sent event. Comments and event names are not needed here.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    """
    held, data, size = bytearray(), list[bytes](), 0
    async for chunk in chunks:
        ended, newline, rest = chunk.rpartition(b"\n")
        if size + len(held) + len(chunk) > _LONGEST:
            raise TooLong
        if not newline:
            held += chunk
            continue
        for line in (bytes(held) + ended).split(b"\n"):
            text = line.removesuffix(b"\r")
            if text.startswith(b"data:"):
                data.append(text.removeprefix(b"data:").removeprefix(b" "))
                size += len(text)
            elif not text and data:
                yield b"\n".join(data).decode("utf-8", "replace")
                data, size = [], 0
        held = bytearray(rest)


def delivery_of(event: str) -> tuple[dict[str, str], bytes] | None:
    """Headers and body as GitHub sent them, or None if it is not a delivery.

    The channel parses the body. GitHub writes JSON without spaces, so serializing it without spaces restores the signed bytes.
    """
    try:
        told = json.loads(event)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, Mapping) or not isinstance(told.get("body"), Mapping):
        return None
    body = json.dumps(told["body"], separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    names = (name for name in told if name in _KEPT or name.startswith(_AND_ALL))
    return {name: told[name] for name in names if isinstance(told[name], str) and told[name].isascii() and told[name].isprintable()}, body


async def _hand_over(home: httpx.AsyncClient, target: str, event: str, sleep: Sleep) -> None:
    found = delivery_of(event)
    if found is None:
        return
    headers, body = found
    for pause in (*_HAND_OVER, None):
        try:
            if (await home.post(target, content=body, headers=headers)).status_code < 500:
                return
        except httpx.HTTPError as error:
            log.info("Council's webhook route did not answer", error=type(error).__name__)
        if pause is not None:
            await sleep(pause)
    log.error("a delivery from the smee channel was lost", delivery=headers.get("x-github-delivery", ""))

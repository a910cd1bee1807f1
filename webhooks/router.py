"""The route POST /webhooks/github, the package's only framework import."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from webhooks.body import BodyLimits, BodyReader, TooLarge, TooSlow, discard_body
from webhooks.delivery import BadPayload, BadSignature, Delivery
from webhooks.handlers import jobs_of, reads_markdown
from webhooks.jobs import Job

# Reading that many bytes takes two milliseconds.
_LARGE = 512 * 1024


class InboxResult(Enum):
    """What the inbox did with a delivery."""

    RECORDED = "recorded"
    KNOWN = "known"


class Inbox(Protocol):
    """The durable record of deliveries; `accept` returns after its commit."""

    async def accept(self, delivery: Delivery, jobs: Sequence[Job]) -> InboxResult: ...

    async def refuse(self, guid: str, event: str) -> None:
        """Record a delivery with a valid signature that could not be parsed."""
        ...

    def count(self, event: str, result: str) -> None:
        """Count a delivery by event and by its outcome."""
        ...


def webhook_router(
    inbox: Callable[[], Inbox], secrets: Callable[[], Sequence[str]], slug: Callable[[], str] = str, limits: BodyLimits | None = None
) -> APIRouter:
    """The route; `secrets` is empty on a server that was not set up yet, `slug` is the App's own name or ""."""
    router, reader = APIRouter(), BodyReader(limits or BodyLimits())

    async def receive(request: Request) -> Response:
        keys = secrets()
        if not any(keys):
            return _answer(503, "this server has no webhook secret yet: set WEBHOOK_SECRET")
        try:
            async with reader.read(request) as raw:
                delivery = await _read(request.headers, raw, keys)
        except TooLarge:
            await discard_body(request.receive, expects_continue="expect" in request.headers)
            return _answer(413, "the body is larger than 25 MB")
        except TooSlow:
            inbox().count("unknown", "too_slow")
            return _answer(408, "the body did not arrive in time")
        except ClientDisconnect:
            # Nobody receives the answer; GitHub marks the delivery as failed, and a sweep finds what was missed.
            inbox().count("unknown", "disconnected")
            return _answer(400, "the connection ended before the end of the body")
        except BadSignature:
            inbox().count("unknown", "bad_signature")
            return _answer(401, "the signature does not match")
        except BadPayload as error:
            await inbox().refuse(error.guid, error.event)
            return _answer(400, "the body is not a JSON object, or a header is missing")
        return await _accept(inbox(), delivery, slug())

    # A plain route, because FastAPI's dependency solving would cost as much as the signature and the parsing together.
    router.add_route("/webhooks/github", receive, methods=["POST"])
    return router


async def _read(headers: Mapping[str, str], raw: bytes, keys: Sequence[str]) -> Delivery:
    """The delivery. A large one is read in a thread: the two digests of 25 MB take 0.1 s, which would delay all other requests."""
    if len(raw) < _LARGE:
        return Delivery.from_http(headers, raw, keys)
    return await asyncio.to_thread(Delivery.from_http, headers, raw, keys)


async def _accept(inbox: Inbox, delivery: Delivery, slug: str) -> Response:
    # In a thread, so that other deliveries are answered while a long comment is parsed.
    jobs = await asyncio.to_thread(jobs_of, delivery, slug) if reads_markdown(delivery, slug) else jobs_of(delivery, slug)
    result = await inbox.accept(delivery, jobs or ())
    inbox.count(delivery.event, "ignored" if jobs is None else result.value)
    if result is InboxResult.KNOWN:
        return _answer(200, "already recorded")
    return _answer(202, f"recorded, {len(jobs)} to do" if jobs else "recorded, nothing to do")


def _answer(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status_code=status)

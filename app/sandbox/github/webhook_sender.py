"""Sends webhook deliveries: signed, once, and again only on request. Also keeps the list that an App may read."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import httpx

from app.sandbox.github.entities import Json, WorldEvent
from app.sandbox.github.shapes.links import Links, when
from app.sandbox.github.shapes.payloads import payload
from app.sandbox.github.world import World

TIMEOUT = 10.0
LANES = 20


class DeliveryMode(StrEnum):
    """SEND delivers, HOLD keeps deliveries back, FAIL records them as failed without sending, and LOSE drops them."""

    SEND = "send"
    HOLD = "hold"
    FAIL = "fail"
    LOSE = "lose"


@dataclass(frozen=True)
class DeliveryAttempt:
    """One attempt to deliver. `status_code` 0 means that no answer came. `answered` is its time on the monotonic clock."""

    id: int
    guid: str
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    body: bytes = field(repr=False)
    at: datetime
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0
    answer: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    answered: float = 0.0


@dataclass
class WebhookSender:
    """Turns events into deliveries and sends them to the webhook URL."""

    world: World
    links: Links
    mode: DeliveryMode = DeliveryMode.SEND
    new_guid: Callable[[], str] = lambda: str(uuid.uuid4())
    deliveries: dict[int, DeliveryAttempt] = field(default_factory=dict)
    held: list[DeliveryAttempt] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _lanes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LANES))
    _client: httpx.AsyncClient | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Be ready to send."""
        self._loop = asyncio.get_running_loop()
        self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=False)  # noqa: S501 - loopback only, and it spares loading certificates
        self.world.listeners.append(self.hear)

    async def close(self) -> None:
        """Stop at once. Deliveries in flight are dropped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    async def settled(self) -> None:
        """Wait until no delivery is in flight."""
        await asyncio.sleep(0)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def hear(self, happening: WorldEvent) -> None:
        """Make the delivery of an event, if the App would get it."""
        if self.mode is DeliveryMode.LOSE or (happening.repository and not happening.installation):
            return
        body = json.dumps(payload(self.links, self.world, happening), separators=(",", ":"), ensure_ascii=False).encode()
        repository = self.world.repositories[happening.repository].id if happening.repository else None
        attempt = DeliveryAttempt(
            self.world.next_id(),
            self.new_guid(),
            happening.event,
            happening.action,
            happening.installation,
            repository,
            body,
            self.world.now(),
        )
        self._dispatch(attempt)

    def release(self) -> int:
        """Send what was held. Returns the number of deliveries."""
        self.mode, attempts, self.held = DeliveryMode.SEND, self.held, []
        for each in attempts:
            self._dispatch(each)
        return len(attempts)

    def take(self) -> list[tuple[DeliveryAttempt, dict[str, str]]]:
        """Return the held deliveries with their headers, for the caller to deliver."""
        attempts, self.held = self.held, []
        return [(each, self._headers(each)) for each in attempts]

    def redeliver(self, delivery_id: int) -> DeliveryAttempt:
        """Try again, under the same GUID."""
        again = replace(self.deliveries[delivery_id], id=self.world.next_id(), redelivery=True, at=self.world.now(), status="pending")
        self._send_soon(again)
        return again

    def send_raw(self, event: str, body: bytes, guid: str = "") -> DeliveryAttempt:
        """Sign and send any payload, for replays."""
        attempt = DeliveryAttempt(self.world.next_id(), guid or self.new_guid(), event, None, None, None, body, self.world.now())
        self._dispatch(attempt)
        return attempt

    def _dispatch(self, delivery: DeliveryAttempt) -> None:
        if self.mode is DeliveryMode.HOLD:
            self.held.append(delivery)
        elif self.mode is DeliveryMode.FAIL:
            self.deliveries[delivery.id] = replace(delivery, status="failed to connect to host", headers=self._headers(delivery))
        elif self.world.app.webhook_url:
            self._send_soon(delivery)

    def _send_soon(self, delivery: DeliveryAttempt) -> None:
        self.deliveries[delivery.id] = delivery
        if self._loop is None:
            raise RuntimeError("the courier is not open")
        # A fixture or another thread may change the world from outside the loop.
        self._loop.call_soon_threadsafe(self._start, delivery)

    def _start(self, delivery: DeliveryAttempt) -> None:
        task = asyncio.ensure_future(self._send(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, delivery: DeliveryAttempt) -> None:
        headers, url = self._headers(delivery), self.world.app.webhook_url
        loop = asyncio.get_running_loop()
        async with self._lanes:
            started = loop.time()
            try:
                if self._client is None or not url:
                    raise httpx.ConnectError("no webhook URL")
                answer = await self._client.post(url, content=delivery.body, headers=headers)
                status, code, text = answer.reason_phrase or "OK", answer.status_code, answer.text[:2000]
                status = "OK" if answer.is_success else status
            except httpx.TimeoutException:
                status, code, text = "timed out", 0, ""
            except httpx.HTTPError as error:
                status, code, text = "failed to connect to host", 0, str(error)
        ended = loop.time()
        self.deliveries[delivery.id] = replace(
            delivery,
            status=status,
            status_code=code,
            duration=round(ended - started, 3),
            answer=text,
            headers=headers,
            answered=ended,
        )

    def _headers(self, delivery: DeliveryAttempt) -> dict[str, str]:
        secret = self.world.app.webhook_secret.encode()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/sandbox",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(self.world.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": "sha1=" + hmac.new(secret, delivery.body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, delivery.body, hashlib.sha256).hexdigest(),
        }


def delivery_json(delivery: DeliveryAttempt, *, full: bool = False) -> Json:
    """A delivery as the App's API shows it."""

    shape: Json = {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": when(delivery.at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation,
        "repository_id": delivery.repository,
        "throttled_at": None,
    }
    if full:
        shape["url"] = ""
        shape["request"] = {"headers": delivery.headers, "payload": json.loads(delivery.body)}
        shape["response"] = {"headers": {}, "payload": delivery.answer}
    return shape

"""The only way for a notification to leave over HTTP: https to a public address, resolved once, without redirects.

Change here which addresses are allowed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import UserError, WorldError
from app.github.redirects import Resolve, Zone, has_proxy, pin_address, resolve, zone_of
from app.notifications.channel import is_internal

if TYPE_CHECKING:
    import httpx

_SECONDS = 10.0
_MOST_BYTES = 2_000
_INSIDE = "The channel's host is inside a private network. An admin of the server can allow it in NOTIFY_INTERNAL_HOSTS."
# Refusals that a repetition may change.
_LATER = frozenset({408, 425, 429})


class ChannelRefused(UserError):
    """The channel rejects the message, now and later. The error says why, without the address."""


class NotSent(WorldError):
    """The message did not reach the channel, which may accept it later."""


class MaybeSent(WorldError):
    """The message may have reached the channel: the answer was lost."""


@dataclass(frozen=True)
class OutboundGuard:
    """Checks a request before it is made, and connects it to the address that was checked.

    `internal` are hosts that the server's admin listed. They may be anywhere except at link-local and metadata addresses.
    """

    internal: tuple[str, ...] = ()
    resolve: Resolve = resolve

    async def __call__(self, request: "httpx.Request") -> None:
        """A request hook of httpx. Raises ChannelRefused for an address that no notification may go to."""
        url = request.url
        is_listed = is_internal(url.scheme, url.host, url.port, self.internal)
        if url.scheme != "https" and not is_listed:
            raise ChannelRefused("The channel's URL does not start with https://.")
        is_proxied = has_proxy(url.scheme, url.host)
        addresses = await self._addresses(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not addresses and not is_proxied:
            raise NotSent("the channel's host is unknown")
        zones = {zone_of(address) for address in addresses}
        allowed = {Zone.PUBLIC, *((Zone.PRIVATE, Zone.LOOPBACK) if is_listed else ())}
        # A name without a dot belongs to the proxy's own network.
        is_local_name = not addresses and not is_listed and "." not in url.host.rstrip(".")
        if not zones <= allowed or is_local_name:
            raise ChannelRefused(_INSIDE)
        if not is_proxied:
            pin_address(request, addresses[0], request.headers.get("host", url.host))

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        try:
            return tuple(await self.resolve(host, port))
        except (OSError, UnicodeError):
            return ()


async def post(url: str, body: bytes, headers: Mapping[str, str], guard: OutboundGuard) -> None:
    """Send a body. Returns when the receiver accepted it. Raises ChannelRefused, NotSent or MaybeSent."""
    import httpx

    try:
        async with (
            asyncio.timeout(2 * _SECONDS),
            httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, event_hooks={"request": [guard]}) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            _judge(answer.status_code, answer.headers.get("retry-after", ""), await _beginning(answer))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise NotSent(f"no connection to the channel ({type(error).__name__})") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError):
        raise ChannelRefused("The channel's URL is not valid.") from None
    except (httpx.HTTPError, TimeoutError) as error:
        raise MaybeSent(f"the channel's answer did not arrive ({type(error).__name__})") from None


async def _beginning(answer: "httpx.Response") -> str:
    """The first words of an answer. The rest is not read."""
    if answer.status_code < 400 or answer.headers.get("content-encoding"):
        return ""
    found = bytearray()
    async for chunk in answer.aiter_raw(_MOST_BYTES):
        found += chunk
        if len(found) >= _MOST_BYTES:
            break
    words = " ".join(bytes(found[:200]).decode(errors="replace").split())
    return "".join(sign for sign in words if sign.isascii() and sign.isprintable())[:80]


def _judge(status: int, retry_after: str, words: str) -> None:
    if 200 <= status < 300:
        return
    said = f"the channel answered {status}{f': {words}' if words else ''}"
    if 300 <= status < 400:
        raise ChannelRefused(
            f"{said[:1].upper()}{said[1:]}, a redirect, which Council does not follow. Enter the address that it leads to."
        )
    if status in _LATER or status == 503:
        raise NotSent(said, float(min(int(retry_after), 3_600)) if retry_after.isdigit() else None)
    if status >= 500:
        raise MaybeSent(said)
    raise ChannelRefused(f"{said[:1].upper()}{said[1:]}. Check its URL in the settings.")

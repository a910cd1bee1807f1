"""Decides where GitHub may redirect us, and pins the address that was checked: change here which addresses are private.

A log is downloaded from wherever GitHub's answer points. That answer must not turn the worker into a client of the operator's network.
"""

import asyncio
import ipaddress
import socket
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import GitHubRejected, Unavailable

if TYPE_CHECKING:
    import httpx

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Resolves a host to addresses, in the order in which to try them. Raises OSError if it has none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# https://www.rfc-editor.org/rfc/rfc6052#section-2.1: NAT64 leads to the IPv4 address in the last 32 bits.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# https://www.rfc-editor.org/rfc/rfc1918, /rfc6598 and /rfc4193.
_PRIVATE = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
# Where clouds return credentials to any program, outside the link-local range: Alibaba, AWS and Oracle.
_METADATA = frozenset(ipaddress.ip_address(text) for text in ("100.100.100.200", "fd00:ec2::254", "192.0.0.192"))


class Zone(StrEnum):
    """Who can reach an address. NOWHERE holds link-local, multicast, reserved and metadata addresses."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    NOWHERE = "nowhere"


def zone_of(text: str) -> Zone:
    """The zone of an address. An IPv6 address that contains an IPv4 address has that one's zone. Raises ValueError for anything else."""
    address = _carried(ipaddress.ip_address(text))
    if address in _METADATA:
        return Zone.NOWHERE
    if address.is_loopback:
        return Zone.LOOPBACK
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return Zone.PRIVATE
    is_public = address.is_global and not address.is_multicast and not address.is_reserved
    if isinstance(address, ipaddress.IPv6Address):
        is_public = is_public and address in _GLOBAL_IPV6
    return Zone.PUBLIC if is_public else Zone.NOWHERE


def _carried(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by this machine's resolver, which also reads `0x7f.1` and `2130706433`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


@dataclass(frozen=True)
class RedirectGuard:
    """Checks each request outside GitHub's API, and connects it to the address that was checked.

    A redirect may lead to a public address, and to the zone of the API: an Enterprise Server in a private network keeps its logs there too.
    """

    api_url: str
    resolve: Resolve = resolve

    async def __call__(self, request: "httpx.Request") -> None:
        """A request hook of httpx. Raises Refused for an address that no redirect may lead to."""
        api, url = urlsplit(self.api_url), request.url
        if (url.scheme, url.host, url.port) == (api.scheme, api.hostname, _port(api.port, api.scheme)):
            return
        if api.scheme == "https" and url.scheme != "https":
            raise GitHubRejected("GitHub redirected a request to an address without encryption", 302)
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._addresses(url.host, port)
        allowed = {Zone.PUBLIC, *await self._own_zones(api.hostname or "", api.port or 443)} - {Zone.NOWHERE}
        is_proxied = has_proxy(url.scheme, url.host)
        if not is_proxied and not addresses:
            raise Unavailable("GitHub redirected a request to an unknown host")
        if any(zone_of(address) not in allowed for address in addresses) or (is_proxied and url.host.rstrip(".") == "localhost"):
            raise GitHubRejected("GitHub redirected a request to an address inside a private network", 302)
        if not is_proxied:
            pin_address(request, addresses[0], request.headers.get("host", url.host))

    async def _own_zones(self, host: str, port: int) -> set[Zone]:
        return {zone_of(address) for address in await self._addresses(host, port)}

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return tuple(await self.resolve(host, port))
        except (OSError, UnicodeError):
            return ()


def _port(port: int | None, scheme: str) -> int | None:
    """As httpx has it: None for a scheme's usual port."""
    return None if port == {"http": 80, "https": 443}.get(scheme) else port


def pin_address(request: "httpx.Request", address: str, host: str) -> None:
    """Connect to the address, send the host's name, and verify the host's certificate.

    Otherwise the name would be resolved a second time, possibly to another address. The connection is not reused: it belongs to one host,
    but the pool would find it by its address.
    """
    request.url = request.url.copy_with(host=address.partition("%")[0])
    name = urlsplit(f"//{host}").hostname or host
    request.extensions = {**request.extensions, "sni_hostname": name}
    request.headers["connection"] = "close"


def has_proxy(scheme: str, host: str) -> bool:
    """Whether a proxy makes the connection, and so resolves the name."""
    proxies = urllib.request.getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(host)

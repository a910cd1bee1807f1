"""Tries addresses inside a private network on every door that takes a URL or might follow one: none may be connected to.

The connections come from the interpreter's own audit events (`network`), the URLs from `addresses`, the doors from `url_doors`,
`url_pages` and `leading`. A door counts only for URLs that led it to an allowed host.
"""

import asyncio
import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import certifi

from benchmarks import url_doors, url_git, url_pages
from benchmarks.addresses import OUTSIDE, PUBLIC, urls
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.leading import LeadingHost
from benchmarks.network import Loop, Network
from benchmarks.options import Options, progress
from benchmarks.url_doors import UrlDoor

_SMALL_STEP = 24


def run(options: Options) -> dict[str, object]:
    network = Network()

    def loop() -> Loop:
        made = Loop()
        made.network = network
        return made

    with _one_authority(), asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_measure(options, network))


@contextlib.contextmanager
def _one_authority() -> Iterator[None]:
    """Trust one authority: no client of a door completes TLS, and each would load all authorities, which takes 50 ms."""
    end = "-----END CERTIFICATE-----\n"
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0] + end)
        file.flush()
        os.environ["SSL_CERT_FILE"] = file.name
        try:
            yield
        finally:
            del os.environ["SSL_CERT_FILE"]


async def _measure(options: Options, network: Network) -> dict[str, object]:
    every = urls()
    chosen = every[::_SMALL_STEP] if options.small else every
    host, struck, followed = LeadingHost(), Counter[str](), set[str]()
    async with contextlib.AsyncExitStack() as stack:
        network.served_at = await stack.enter_async_context(host.serving())
        network.ours.add(network.served_at)
        built = await stack.enter_async_context(url_pages.url_system(options, network))
        stack.enter_context(network.laid_out())
        doors = url_doors.doors(host, url_doors.rich(built.settings))
        for door in doors:
            await _drive(door, chosen, network, struck)
            if door.follows and await _is_followed(door, network):
                followed.add(door.name)
            progress(f"{door.name}: {struck[door.name]} of {len(chosen)} URLs, {len(network.inside)} connects inside")
        struck.update(await url_pages.strike(built, network, chosen))
        struck.update(await url_git.strike(network, every[:: 4 if options.small else 1]))
    return _judged(options, network, struck, (len(every), len(chosen), len(followed), sum(door.follows for door in doors)))


async def _drive(door: UrlDoor, chosen: Sequence[str], network: Network, struck: Counter[str]) -> None:
    for url in chosen:
        network.begin()
        before, inside = network.reached.total(), len(network.inside)
        await door.drive(url)
        struck[door.name] += network.reached.total() > before
        network.inside[inside:] = [f"{door.name} with {url!r}: {what}" for what in network.inside[inside:]]


async def _is_followed(door: UrlDoor, network: Network) -> bool:
    """Whether a door follows to a public host: if it never did, its refusals would prove nothing."""
    network.begin()
    before = network.reached[PUBLIC[OUTSIDE]]
    await door.drive(f"http://{OUTSIDE}/log")
    return network.reached[PUBLIC[OUTSIDE]] > before


def _judged(options: Options, network: Network, struck: Counter[str], counted: tuple[int, int, int, int]) -> dict[str, object]:
    known, chosen, followed, following = counted
    keys = {
        "urls": known,
        "doors": dict(sorted(struck.items())),
        "private_connects": len(network.inside),
        "followed": followed,
        "examples": network.inside[:20],
    }
    least = (
        Count("urls", chosen, 300, small=16),
        Count("door_kinds", len(struck), 30, small=30),
        Count("struck", min(struck.values(), default=0), 20, small=1),
        Count("struck_in_all", struck.total(), 8_000, small=200),
        Count("followed", followed, following, small=following),
    )
    return judged(options, keys, [Bar("private_connects", len(network.inside), exactly(0), least)])

"""`python -m benchmarks.visitors PEOPLE URL COOKIE PAGE…`: people who open page after page until their standard input ends."""

import asyncio
import sys
from collections.abc import Sequence

import httpx

# How long a person looks at a page.
_SECONDS = 0.1


async def visit(client: httpx.AsyncClient, url: str, pages: Sequence[str], first: int) -> None:
    """Open one page after the other; print a line per page."""
    for turn in range(1_000_000):
        answer = await client.get(url + pages[(first + turn) % len(pages)])
        answer.raise_for_status()
        sys.stdout.write(".\n")
        await asyncio.sleep(_SECONDS)


async def _main(people: int, url: str, cookie: str, pages: Sequence[str]) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30, headers={"cookie": cookie}) as client:
        visits = [asyncio.create_task(visit(client, url, pages, first)) for first in range(people)]
        over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        done, _ = await asyncio.wait([over, *visits], return_when=asyncio.FIRST_COMPLETED)
        for each in visits:
            each.cancel()
        for each in done:
            each.result()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))

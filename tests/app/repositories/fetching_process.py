"""A process that fetches a mirror, for a test to start and to kill: ROOT URL TOKEN SHA INSTALLATION REPOSITORY."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.git.fetching import GitRemote
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorOptions, MirrorRules
from app.repositories.mirrors import Mirror, Mirrors


async def main(root: str, url: str, token: str, sha: str, installation: str, repository: str) -> None:
    @asynccontextmanager
    async def access(_: MirroredRepository) -> AsyncIterator[GitRemote]:
        yield GitRemote(url, token)

    mirrors = Mirrors(Path(root), access, MirrorOptions())
    async with mirrors.open(MirroredRepository(int(installation), int(repository)), MirrorCommits(sha), MirrorRules()) as opened:
        sys.exit(0 if isinstance(opened, Mirror) else opened.reason)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

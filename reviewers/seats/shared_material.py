"""What the seats of a council share: the packed change, the repository, and the times at which each may work."""

import asyncio
import contextlib

from reviewers.context.packing import Packed, Packing
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.snapshot import Snapshot
from reviewers.values.brief import Brief


class SharedMaterial:
    """Models pack one after the other, and later ones reuse what the first has read and cut. All look at one `repository`, None for none.

    Analyzers have the time that models take to answer. They begin `ahead` seconds after the models, so that the questions are sent
    before a process is started per file, or as soon as a model has answered.
    """

    def __init__(self, models: int = 0, ahead: float = 1.0, repository: RepositoryView | None = None) -> None:
        self.repository = repository
        self.packing = asyncio.Lock()
        self._ahead = ahead
        self._packings: dict[int, tuple[Brief, Snapshot, Packing]] = {}
        self._answered = asyncio.Event()
        if not models:
            self._answered.set()

    async def split(self, brief: Brief, snapshot: Snapshot, seat: str, budget: int, most: int) -> tuple[Packed, ...]:
        """The parts of a seat. Runs in a thread: a large change takes a second, and the event loop must not block."""
        async with self.packing:
            known = self._packings.get(budget)
            if known is None or known[0] != brief or known[1] is not snapshot:
                known = brief, snapshot, await asyncio.to_thread(Packing, brief, snapshot, budget)
                self._packings[budget] = known
            return await asyncio.to_thread(known[2].parts, seat, most)

    def answered(self) -> None:
        """Record that a model has answered, or will not."""
        self._answered.set()

    async def after_models(self) -> None:
        """Return when an analyzer may begin."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._ahead):
                await self._answered.wait()

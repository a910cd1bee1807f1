"""When the seats of a council may work: models are waited for, so they go first."""

import asyncio
import contextlib


class Turns:
    """Shared by the seats of a council. Models pack one after the other: what the first has parsed the others find.

    Analyzers have the time that models take to answer. They begin `ahead` seconds after the models, so that the questions are out
    before a process is started for each file, or as soon as a model has answered.
    """

    def __init__(self, models: int = 0, ahead: float = 1.0) -> None:
        self.packing = asyncio.Lock()
        self._ahead = ahead
        self._answered = asyncio.Event()
        if not models:
            self._answered.set()

    def answered(self) -> None:
        """A model has answered, or will not."""
        self._answered.set()

    async def after_models(self) -> None:
        """Return when an analyzer may begin."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._ahead):
                await self._answered.wait()

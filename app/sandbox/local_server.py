"""A web server for tests and the demo that starts and stops within milliseconds. uvicorn's own waits 0.1 to 0.3 s for each stop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn


class LocalServer(uvicorn.Server):
    """Leaves signals to the process it runs in."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stop = asyncio.Event()

    @contextlib.asynccontextmanager
    async def run_on(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve on a bound socket while the block lasts."""
        serving = asyncio.create_task(self.serve([listener]))
        try:
            while not self.started:
                if serving.done():
                    await serving
                await asyncio.sleep(0.005)
            yield
        finally:
            self.stop()
            await serving
            listener.close()

    async def main_loop(self) -> None:
        """Tick as uvicorn does, but stop without waiting for the next tick."""
        ticks = 0
        while not self._stop.is_set():
            await self.on_tick(ticks)
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 0.1)

    def stop(self) -> None:
        """End now. Pending requests are cut off."""
        self.should_exit = self.force_exit = True
        self._stop.set()
        for task in self.server_state.tasks:
            task.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop every connection. uvicorn would first wait for them."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if connection.transport:
                connection.transport.abort()
        await asyncio.sleep(0)
        await self.lifespan.shutdown()

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield

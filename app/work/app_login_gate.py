"""Stops claiming jobs while GitHub does not accept this process as the App."""

from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppRefused, CouncilError
from app.services.worker import WorkerServices
from app.store import app_refusals

log = structlog.get_logger(__name__)

_ASK_AGAIN = 10.0


class AppLoginGate:
    """Whether this worker may claim jobs. There is one per worker."""

    def __init__(self, services: WorkerServices) -> None:
        self._services = services
        self._reason = ""
        self._ask_at = 0.0

    async def shut(self, error: AppRefused) -> None:
        """Claim nothing from now on. Log this once, and store the reason for `/readyz` and the doctor while it lasts."""
        services = self._services
        if not self._reason:
            log.error("GitHub rejected the App's credentials; no jobs start until it accepts them", reason=str(error))
        self._reason, self._ask_at = str(error), services.clock() + _ASK_AGAIN
        with suppress(SQLAlchemyError, OSError):
            async with services.database.write() as connection:
                await app_refusals.note_refusal(connection, services.owner, self._reason, services.clock())

    async def is_open(self) -> bool:
        """Whether jobs may be claimed. While closed, ask GitHub again from time to time."""
        services = self._services
        if not self._reason:
            return True
        if services.clock() < self._ask_at:
            return False
        try:
            await services.github.app()
        except AppRefused as error:
            await self.shut(error)
            return False
        except CouncilError:
            self._ask_at = services.clock() + _ASK_AGAIN
            return False
        self._reason = ""
        log.info("GitHub accepts the App's credentials again")
        with suppress(SQLAlchemyError, OSError):
            async with services.database.write() as connection:
                await app_refusals.clear_refusal(connection, services.owner, services.clock())
        return True

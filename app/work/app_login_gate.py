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

    def __init__(self, workshop: WorkerServices) -> None:
        self._workshop = workshop
        self._reason = ""
        self._ask_at = 0.0

    async def shut(self, error: AppRefused) -> None:
        """Claim nothing from now on. Log this once, and store the reason for `/readyz` and the doctor while it lasts."""
        shop = self._workshop
        if not self._reason:
            log.error("GitHub rejected the App's credentials; no jobs start until it accepts them", reason=str(error))
        self._reason, self._ask_at = str(error), shop.clock() + _ASK_AGAIN
        with suppress(SQLAlchemyError, OSError):
            async with shop.database.write() as connection:
                await app_refusals.note_refusal(connection, shop.owner, self._reason, shop.clock())

    async def is_open(self) -> bool:
        """Whether jobs may be claimed. While closed, ask GitHub again from time to time."""
        shop = self._workshop
        if not self._reason:
            return True
        if shop.clock() < self._ask_at:
            return False
        try:
            await shop.github.app()
        except AppRefused as error:
            await self.shut(error)
            return False
        except CouncilError:
            self._ask_at = shop.clock() + _ASK_AGAIN
            return False
        self._reason = ""
        log.info("GitHub accepts the App's credentials again")
        with suppress(SQLAlchemyError, OSError):
            async with shop.database.write() as connection:
                await app_refusals.clear_refusal(connection, shop.owner, shop.clock())
        return True

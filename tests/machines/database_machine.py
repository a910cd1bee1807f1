"""Shared parts of the machines: an empty database, a clock that moves only on demand, and one event loop each."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from app.sandbox.empty_database import place_empty_database
from app.store.engine.database import Database, open_database

T = TypeVar("T")
SETTINGS = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
START = 1_800_000_000.0


class DatabaseMachine(RuleBasedStateMachine):
    """A machine over a migrated SQLite database."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="council-machine-"))
        place_empty_database(self._folder)
        self._runner = asyncio.Runner()
        self.database: Database = open_database("", self._folder)
        self.now = START
        self._ids = 0

    def new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids:06d}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end."""
        return self._runner.run(work)

    def teardown(self) -> None:
        self._runner.run(self.database.close())
        self._runner.close()
        shutil.rmtree(self._folder)

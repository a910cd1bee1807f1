"""Wakes a worker sooner than its poll would. The database is the source of truth, so a lost wake-up loses no job."""

from typing import Protocol


class JobNotifier(Protocol):
    def ring(self, job_id: str, run_at: float) -> None:
        """Announce that a job is due at `run_at`. Returns at once and never raises."""
        ...


class NullNotifier:
    """For processes without Redis: the poll finds the job."""

    def ring(self, job_id: str, run_at: float) -> None:
        """Do nothing."""

"""The doorbell: wakes a worker sooner than its poll would. SQL is the truth, so a silent doorbell loses nothing."""

from typing import Protocol


class Doorbell(Protocol):
    def ring(self, job_id: str, run_at: float) -> None:
        """Say that a job is due at `run_at`; returns at once and never raises."""
        ...


class NoDoorbell:
    """For processes without Redis: the poll finds the job."""

    def ring(self, job_id: str, run_at: float) -> None:
        """Do nothing."""

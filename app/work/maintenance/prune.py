"""Deletes what was kept long enough."""

import structlog

from app.configuration.repository_config import RepositoryConfig
from app.operations.mirror_sweep import sweep_mirrors
from app.services.worker import WorkerServices
from app.store.deletion import forget_consultations
from app.store.deletion.retention import (
    DAY,
    RetentionDays,
    Transcript,
    forget_transcripts,
    prune_records,
    read_transcripts,
)
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState

log = structlog.get_logger(__name__)


async def run(services: WorkerServices, claim: LeasedJob) -> JobState:
    """The job: delete in batches, each in a separate transaction, so that no other query waits long."""
    retention_days, now = RetentionDays(transcripts=services.settings.retention_days), services.clock()
    async with services.database.write() as connection:
        await prune_records(connection, now, retention_days)
    await _forget_questions(services, retention_days)
    await sweep_mirrors(services)
    after, dropped = "", 0
    while True:
        async with services.database.read() as connection:
            batch = await read_transcripts(connection, now - DAY, after)
        if not batch:
            break
        old = [
            transcript.run_id
            for transcript in batch
            if transcript.ended_at < now - min(retention_days.transcripts, _asked_for(transcript)) * DAY
        ]
        async with services.database.write() as connection:
            await forget_transcripts(connection, old)
        after, dropped = batch[-1].run_id, dropped + len(old)
    if dropped:
        log.info("pruned", transcripts=dropped)
    return JobState.DONE


async def _forget_questions(services: WorkerServices, kept: RetentionDays) -> None:
    """Delete expired consultations, in batches."""
    now = services.clock()
    while True:
        async with services.database.write() as connection:
            over = await forget_consultations.expired_consultations(connection, now, now - kept.transcripts * DAY)
            await forget_consultations.forget_consultations(connection, over)
        if not over:
            return


def _asked_for(transcript: Transcript) -> int:
    """For how many days the repository wants it kept."""
    config = RepositoryConfig.model_validate_json(transcript.config) if transcript.config else RepositoryConfig()
    return config.privacy.retention_days

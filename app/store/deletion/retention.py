"""How long data is kept: snapshots and transcripts for a limited time, job records briefly, and nothing after an uninstallation."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import repository_settings
from app.store.deletion import forget_consultations
from app.store.engine.upsert import sql_table
from app.store.repository_settings import of_repository
from app.store.reviews import run_search
from app.store.security import secrets
from app.store.spending.instance_spending import keep_spent
from app.store.tables.checks import CheckPartRow, HeadCheckRow
from app.store.tables.core import (
    DeliveryRow,
    FindingRow,
    JobRow,
    LedgerRow,
    PublicationRow,
    PullRequestRow,
    RepositoryRow,
    RunRow,
    RunState,
    SeatAnswerRow,
    VoteRow,
)
from app.store.tables.decisions import CommandUseRow, DispositionRow, OutcomeRow, PauseRow, SuggestedRuleRow
from app.store.tables.notifications import NotificationRow
from app.store.tables.pages import RedCheckRow, RunGroupRow, SpendingDayRow, WorkDayRow

_ANSWER, _DELIVERY, _FINDING, _JOB, _LEDGER, _PUBLICATION, _PULL, _REPOSITORY, _RUN, _VOTE = (
    sql_table(row)
    for row in (
        SeatAnswerRow,
        DeliveryRow,
        FindingRow,
        JobRow,
        LedgerRow,
        PublicationRow,
        PullRequestRow,
        RepositoryRow,
        RunRow,
        VoteRow,
    )
)
_USES = sql_table(CommandUseRow)
_MORE = tuple(
    sql_table(row)
    for row in (
        CheckPartRow,
        HeadCheckRow,
        DispositionRow,
        OutcomeRow,
        PauseRow,
        RedCheckRow,
        RunGroupRow,
        SpendingDayRow,
        SuggestedRuleRow,
        WorkDayRow,
    )
)
_NOTIFICATION = sql_table(NotificationRow)
DAY = 24 * 3600.0
_AT_ONCE = 500


@dataclass(frozen=True)
class RetentionDays:
    """In days. `transcripts` is the instance's limit; a repository may set less, never more.

    Deliveries are kept longer than GitHub can send them again, jobs longer than a head is likely to be requested again, and notifications
    longer than the month in which a budget is reported once.
    """

    transcripts: int = 90
    deliveries: int = 14
    jobs: int = 30
    notifications: int = 62


async def prune_records(connection: AsyncConnection, now: float, kept: RetentionDays) -> None:
    """Delete deliveries and ended jobs that were kept long enough."""
    await connection.execute(delete(_DELIVERY).where(_DELIVERY.c.received_at < now - kept.deliveries * DAY))
    # Only an ended job has this time: whatever queues a job again removes it.
    old = _JOB.c.finished_at < now - kept.jobs * DAY
    # The calls that a command paid for are stored under its job.
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.run_id.in_(select(_JOB.c.id).where(old))))
    await connection.execute(delete(_JOB).where(old))
    await connection.execute(delete(_USES).where(_USES.c.at < now - kept.jobs * DAY))
    await connection.execute(delete(_NOTIFICATION).where(_NOTIFICATION.c.created_at < now - kept.notifications * DAY))


@dataclass(frozen=True)
class Transcript:
    """What an ended run still holds. `config` is the repository's at that time, as stored."""

    run_id: str
    config: str | None
    ended_at: float


async def read_transcripts(connection: AsyncConnection, ended_before: float, after: str) -> list[Transcript]:
    """Up to 500 transcripts, in the order of run ids, starting after the id `after`."""
    ended = _RUN.c.state.in_([state for state in RunState if state.ended])
    query = (
        select(_RUN.c.id, _RUN.c.config, _RUN.c.updated_at)
        .where(ended, _RUN.c.updated_at < ended_before, or_(_RUN.c.snapshot.is_not(None), _RUN.c.verdict.is_not(None)), _RUN.c.id > after)
        .order_by(_RUN.c.id)
        .limit(_AT_ONCE)
    )
    return [Transcript(row.id, row.config, row.updated_at) for row in await connection.execute(query)]


async def forget_transcripts(connection: AsyncConnection, run_ids: Collection[str]) -> None:
    """Delete what models were shown and said in these runs. The runs' rows and costs stay."""
    if run_ids:
        await forget_said(connection, run_ids)
        await connection.execute(update(_RUN).where(_RUN.c.id.in_(run_ids)).values(snapshot=None, verdict=None))


async def forget_said(connection: AsyncConnection, run_ids: Collection[str] | Select[tuple[str]]) -> None:
    """Delete the answers and votes in these runs, and the words by which they are found. Their rows stay as they are."""
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.run_id.in_(run_ids)))
    await connection.execute(delete(_VOTE).where(_VOTE.c.run_id.in_(run_ids)))
    await run_search.forget(connection, run_ids)


async def forget_repositories(connection: AsyncConnection, repository_ids: Collection[int]) -> None:
    """Delete everything about repositories that the App may no longer see. Running jobs lose their lease with their job."""
    if not repository_ids:
        return
    await keep_spent(connection, repository_ids)
    # A person's count of today's commands stays. It names no repository.
    await connection.execute(update(_USES).where(_USES.c.repository_id.in_(repository_ids)).values(repository_id=0, command=""))
    runs = select(_RUN.c.id).where(_RUN.c.repository_id.in_(repository_ids))
    jobs = select(_JOB.c.id).where(_JOB.c.repository_id.in_(repository_ids))
    await connection.execute(delete(_ANSWER).where(or_(_ANSWER.c.run_id.in_(runs), _ANSWER.c.run_id.in_(jobs))))
    await connection.execute(delete(_VOTE).where(_VOTE.c.run_id.in_(runs)))
    await run_search.forget_repositories(connection, repository_ids)
    await connection.execute(delete(_PUBLICATION).where(or_(_PUBLICATION.c.owner.in_(runs), _PUBLICATION.c.owner.in_(jobs))))
    for rows in (_FINDING, _LEDGER, _PULL, _JOB, _RUN, _NOTIFICATION, *_MORE):
        await connection.execute(delete(rows).where(rows.c.repository_id.in_(repository_ids)))
    for repository_id in repository_ids:
        await secrets.forget_all(connection, secrets.channels_of_repository(repository_id))
        await forget_consultations.forget_repository(connection, repository_id)
    await repository_settings.forget_level(connection, [of_repository(each) for each in repository_ids])
    await connection.execute(delete(_REPOSITORY).where(_REPOSITORY.c.id.in_(repository_ids)))


async def repositories_of(connection: AsyncConnection, installation_id: int) -> list[int]:
    """The ids of an installation's known repositories."""
    query = select(_REPOSITORY.c.id).where(_REPOSITORY.c.installation_id == installation_id)
    return list((await connection.execute(query)).scalars())

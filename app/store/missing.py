"""What a reconciliation asks of the store: which deliveries and heads are known, since when, and how far was read."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.api_tables import BookmarkRow
from app.store.intake import REPEATABLE
from app.store.statements import insert, table
from app.store.tables import DeliveryRow, InstallationRow, JobRow, RunRow, RunState

_BOOKMARK, _DELIVERY, _INSTALLATION, _JOB, _RUN = (table(row) for row in (BookmarkRow, DeliveryRow, InstallationRow, JobRow, RunRow))

Head = tuple[int, int, str]


async def bookmark(connection: AsyncConnection, name: str) -> float:
    """How far it was read; 0 for never."""
    return (await connection.execute(select(_BOOKMARK.c.at).where(_BOOKMARK.c.name == name))).scalar() or 0.0


async def move_bookmark(connection: AsyncConnection, name: str, at: float) -> None:
    """Note how far it was read."""
    statement = insert(BookmarkRow, connection.dialect.name).values(name=name, at=at)
    await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


async def known_guids(connection: AsyncConnection, guids: Collection[str]) -> frozenset[str]:
    """Those that were recorded, whatever GitHub heard of it."""
    if not guids:
        return frozenset()
    return frozenset((await connection.execute(select(_DELIVERY.c.guid).where(_DELIVERY.c.guid.in_(guids)))).scalars())


async def known_since(connection: AsyncConnection, installation_id: int, account: str, now: float) -> float:
    """When we first heard of an installation, which is now if this is the first word of it."""
    values = {"id": installation_id, "account": account, "suspended": False, "removed": False, "known_since": now}
    await connection.execute(insert(InstallationRow, connection.dialect.name).values(values).on_conflict_do_nothing())
    mine = _INSTALLATION.c.id == installation_id
    await connection.execute(update(_INSTALLATION).where(mine, _INSTALLATION.c.known_since == 0.0).values(known_since=now))
    since: float = (await connection.execute(select(_INSTALLATION.c.known_since).where(mine))).scalar_one()
    return since


async def known_heads(connection: AsyncConnection, heads: Sequence[Head]) -> frozenset[Head]:
    """Of (repository id, number, head SHA) those that have a run or a job that was not called off, or that a rule skipped."""
    if not heads:
        return frozenset()
    called_off = _RUN.c.state.in_([RunState.CANCELLED, RunState.SUPERSEDED])
    # A draft that was skipped and is listed now is none any more.
    by_rule = and_(_RUN.c.reason.startswith("skipped: "), _RUN.c.reason != "skipped: it is a draft")
    runs = select(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha).where(
        tuple_(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha).in_(heads), or_(~called_off, by_rule)
    )
    keys = {f"review:{repository}:{number}:{sha}:auto": (repository, number, sha) for repository, number, sha in heads}
    jobs = select(_JOB.c.key).where(_JOB.c.key.in_(list(keys)), _JOB.c.state.not_in(REPEATABLE))
    found = {(row.repository_id, row.number, row.head_sha) for row in await connection.execute(runs)}
    return frozenset(found | {keys[key] for key in (await connection.execute(jobs)).scalars()})

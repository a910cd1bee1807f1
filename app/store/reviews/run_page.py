"""Everything stored of one run, for its page."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.core import LedgerRow, PublicationRow, RunRow, RunState

_RUN, _LEDGER, _PUBLICATION = (sql_table(row) for row in (RunRow, LedgerRow, PublicationRow))


@dataclass(frozen=True)
class ModelCall:
    """A model call. While it is in progress, `ended_at` is None and `usd` is what is reserved for it."""

    purpose: str
    model: str
    fault: str
    usd: float
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    began_at: float
    ended_at: float | None


@dataclass(frozen=True)
class Published:
    """An effect on GitHub. `done` once it is complete."""

    surface: str
    url: str
    done: bool


@dataclass(frozen=True)
class RunFacts:
    """A run. Texts are JSON in our format, None before their step and after they expire.

    `sealed` is whether they are stored encrypted, `lost` whether they can no longer be decrypted.
    """

    id: str
    installation_id: int
    repository_id: int
    repository: str
    number: int
    head_sha: str
    title: str
    author: str
    login: str
    cause: str
    state: RunState
    reason: str
    headline: str
    created_at: float
    updated_at: float
    snapshot: str | None
    selection: str | None
    verdict: str | None
    sealed: bool = False
    lost: bool = False
    calls: tuple[ModelCall, ...] = ()
    published: tuple[Published, ...] = ()


async def repository_of(connection: AsyncConnection, run_id: str) -> int | None:
    """The repository of a run, before anything else of it is read. None if there is no such run."""
    found: int | None = (await connection.execute(select(_RUN.c.repository_id).where(_RUN.c.id == run_id))).scalar()
    return found


async def read_run(connection: AsyncConnection, run_id: str) -> RunFacts:
    """All facts of an existing run."""
    row = (await connection.execute(select(_RUN).where(_RUN.c.id == run_id))).one()
    texts = transcripts_of(connection).texts(row.id, snapshot=row.snapshot, verdict=row.verdict)
    return RunFacts(
        id=row.id,
        installation_id=row.installation_id,
        repository_id=row.repository_id,
        repository=row.repository,
        number=row.number,
        head_sha=row.head_sha,
        title=row.title,
        author=row.author,
        login=row.login,
        cause=row.cause,
        state=RunState(row.state),
        reason=row.reason,
        headline=row.headline,
        created_at=row.created_at,
        updated_at=row.updated_at,
        snapshot=texts["snapshot"],
        selection=row.selection,
        verdict=texts["verdict"],
        sealed=texts.sealed,
        lost=texts.lost,
        calls=await list_calls(connection, run_id),
        published=await _published(connection, run_id),
    )


async def list_calls(connection: AsyncConnection, run_id: str) -> tuple[ModelCall, ...]:
    """The model calls of a run or a consultation, in order."""
    query = select(_LEDGER).where(_LEDGER.c.run_id == run_id).order_by(_LEDGER.c.created_at, _LEDGER.c.id)
    return tuple(
        ModelCall(
            purpose=row.purpose,
            model=row.model,
            fault=row.fault,
            usd=row.reserved_usd if row.spent_usd is None else row.spent_usd,
            input_tokens=row.input_tokens,
            cached_tokens=row.cached_tokens,
            output_tokens=row.output_tokens,
            began_at=row.created_at,
            ended_at=row.settled_at,
        )
        for row in await connection.execute(query)
    )


async def _published(connection: AsyncConnection, run_id: str) -> tuple[Published, ...]:
    query = select(_PUBLICATION).where(_PUBLICATION.c.owner == run_id).order_by(_PUBLICATION.c.created_at)
    return tuple(Published(row.surface, row.url, row.done) for row in await connection.execute(query))


async def read_progress(connection: AsyncConnection, run_id: str) -> tuple[str, int, int]:
    """The state of a run, its calls and the ended ones. When this changes, the page has changed."""
    state = (await connection.execute(select(_RUN.c.state).where(_RUN.c.id == run_id))).scalar() or RunState.DEAD
    return (str(state), *await calls_so_far(connection, run_id))


async def calls_so_far(connection: AsyncConnection, run_id: str) -> tuple[int, int]:
    """How many model calls of a run or consultation began, and how many ended."""
    counted = select(func.count(), func.count(_LEDGER.c.settled_at)).where(_LEDGER.c.run_id == run_id)
    begun, ended = (await connection.execute(counted)).one()
    return int(begun), int(ended)

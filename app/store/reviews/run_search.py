"""Finds runs by their words, with SQLite FTS5 or a PostgreSQL tsvector over terms that include their repository."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import column
from sqlalchemy.sql import table as named

from app.store.engine.upsert import sql_table
from app.store.reviews.runs import Run
from app.store.tables.core import RunRow
from reviewers.context.snapshot import Snapshot
from reviewers.learning.memory_terms import terms_of
from reviewers.values.verdict import Verdict

_RUN = sql_table(RunRow)
_WORDS = named("run_words", column("run_id"), column("words"))
# A word that occurs in more runs than this is not selective. The newest of them are shown.
MOST = 500
# An FTS5 expression may be nested at most 256 deep: https://www.sqlite.org/fts5.html
_AT_ONCE = 100


def words_of(snapshot: Snapshot, verdict: Verdict) -> str:
    """The text by which a run is found."""
    found = (f"{each.finding.title}\n{each.finding.location.path or ''}" for each in verdict.ranked)
    return "\n".join((snapshot.title, snapshot.author, snapshot.head_ref, verdict.summary, *found))


async def index(connection: AsyncConnection, run: Run, words: str, now: float) -> None:
    """Index a run, once, in the transaction that stores its verdict."""
    marked = _marked(run.repository.id, words)
    if connection.dialect.name == "postgresql":
        query = text("INSERT INTO run_words (run_id, at, words) VALUES (:id, :at, array_to_tsvector(CAST(:words AS text[])))")
        await connection.execute(query, {"id": run.id, "at": now, "words": marked})
    else:
        query = text("INSERT INTO run_words (run_id, words) VALUES (:id, :words)")
        await connection.execute(query, {"id": run.id, "words": " ".join(marked)})


async def find(connection: AsyncConnection, repository_ids: Sequence[int], words: str) -> list[str]:
    """The ids of the newest runs, at most 500, of these repositories that contain every word."""
    wanted = terms_of(words)
    if not wanted or not repository_ids:
        return []
    found: list[tuple[float, str]] = []
    for first in range(0, len(repository_ids), _AT_ONCE):
        found += await _find(connection, repository_ids[first : first + _AT_ONCE], wanted)
    return [run_id for _, run_id in sorted(found, reverse=True)[:MOST]]


async def _find(connection: AsyncConnection, repository_ids: Sequence[int], wanted: Sequence[str]) -> list[tuple[float, str]]:
    """Positions in time, comparable with one another, and ids."""
    if connection.dialect.name == "postgresql":
        query = text("SELECT at AS place, run_id FROM run_words WHERE words @@ CAST(:any AS tsquery) ORDER BY at DESC LIMIT :most")
        asked = " | ".join("(" + " & ".join(f"'r{number}_{term}'" for term in wanted) + ")" for number in repository_ids)
    else:
        query = text("SELECT rowid AS place, run_id FROM run_words WHERE run_words MATCH :any ORDER BY rowid DESC LIMIT :most")
        asked = " OR ".join("(" + " AND ".join(f'"r{number}_{term}"' for term in wanted) + ")" for number in repository_ids)
    return [(float(row.place), row.run_id) for row in await connection.execute(query, {"any": asked, "most": MOST})]


async def forget(connection: AsyncConnection, run_ids: Collection[str] | Select[tuple[str]]) -> None:
    """Remove runs from the index. SQLite reads all of it, so one call for many runs is faster than many calls."""
    await connection.execute(delete(_WORDS).where(_WORDS.c.run_id.in_(run_ids)))


async def forget_repositories(connection: AsyncConnection, repository_ids: Collection[int]) -> None:
    """Remove all runs of repositories from the index, before the runs themselves are deleted."""
    await forget(connection, select(_RUN.c.id).where(_RUN.c.repository_id.in_(repository_ids)))


def _marked(repository_id: int, words: str) -> list[str]:
    return [f"r{repository_id}_{term}" for term in terms_of(words)]

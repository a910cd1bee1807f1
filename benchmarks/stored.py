"""Stores 28 days of work of a system in bulk: runs, and their rows in the other tables."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.database import Database
from app.store.spending.daily_spending import add_up
from app.store.spending.daily_work import add_up_work
from webhooks.jobs import RepositoryRef, ReviewPullRequest

SPAN_SECONDS = 28 * 86_400.0
# Run n is the n-th newest; tenants alternate. `:first` is a tenant's first, `:step` the number of tenants.
_RUNS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT i + :step FROM n WHERE i + :step < :count)"
_ID = "substr(CAST(100000000 + i AS TEXT), 2)"
_AT = "(CAST(:now AS DOUBLE PRECISION) - i * CAST(:gap AS DOUBLE PRECISION))"
# The third seat is the tenant's own: a sum over everybody's rows would name it.
_SEATS = "(SELECT 'gpt-5.5' AS seat UNION ALL SELECT 'claude-opus-5-5' UNION ALL SELECT :mark) seats"
_STATE = "CASE WHEN i % 40 = 7 THEN 'incomplete' WHEN i % 25 = 9 THEN 'superseded' ELSE 'published' END"
_CATEGORY = "CASE i % 4 WHEN 0 THEN 'security' WHEN 1 THEN 'data' WHEN 2 THEN 'api' ELSE 'performance' END"
_SHA = f"'00000000000000000000000000000000' || {_ID}"

_PARTS = (
    (
        "job (id, key, kind, payload, installation_id, repository_id, number, state, stage, run_at, created_at, finished_at, failures,"
        " crashes, company, blame, fence, lease_until, owner, error, lane, turn)",
        f"'job' || {_ID}, 'job' || {_ID}, 'review', :payload, :installation, :repository, i / 10 + 1,"
        f" CASE WHEN i % 500 = 3 THEN 'dead' ELSE 'done' END, '', {_AT}, {_AT}, {_AT} + 20, 0, 0, 1, 0, 1, 0, '', '', '', 0",
        "n",
    ),
    (
        "delivery (guid, event, action, installation_id, digest, state, jobs, received_at)",
        f"'guid' || {_ID}, 'pull_request', 'synchronize', :installation, '', 'recorded', 1, {_AT}",
        "n",
    ),
    (
        "run (id, key, job_id, installation_id, repository_id, repository, number, head_sha, trigger, cause, login, state, reason, title,"
        " author, headline, created_at, updated_at)",
        f"'run' || {_ID}, 'run' || {_ID}, 'job' || {_ID}, :installation, :repository, :name, i / 10 + 1, {_SHA}, 'auto', 'auto', '',"
        f" {_STATE}, :mark, 'Retry the token refresh', 'author-' || (i % 30), '2 to fix ' || :mark, {_AT}, {_AT} + 20",
        "n",
    ),
    (
        "ledger (id, run_id, repository_id, number, purpose, provider, model, fault, reserved_usd, spent_usd, input_tokens, cached_tokens,"
        " output_tokens, created_at, settled_at)",
        f"'call' || {_ID} || seat, 'run' || {_ID}, :repository, i / 10 + 1, 'opinion', 'openai', seat,"
        f" CASE WHEN i % 50 = 11 THEN 'timeout' ELSE '' END, 0.1, 0.02, 9000, 0, 700, {_AT}, {_AT} + 9",
        f"n CROSS JOIN {_SEATS}",
    ),
    (
        "finding (run_id, short_id, repository_id, number, fingerprint, standing, severity, category, path, line, title, confidence,"
        " raised_by, inline)",
        f"'run' || {_ID}, seat, :repository, i / 10 + 1, seat || (i / 10), CASE WHEN i % 3 = 0 THEN 'rejected' ELSE 'recommended' END,"
        f" 'high', {_CATEGORY}, 'src/app.py', 3, 'Two refreshes race', 0.7, seat || ',gpt-5.5', 1 = 1",
        f"n CROSS JOIN {_SEATS}",
    ),
    (
        "pull_request (repository_id, number, head_sha, wanted_sha, open)",
        "DISTINCT CAST(:repository AS BIGINT), i / 10 + 1, '', '', i / 10 % 8 = 0",
        "n",
    ),
    ("vote (run_id, short_id, seat, stance, evidence)", f"'run' || {_ID}, seat, 'gpt-5.5', 'confirm', ''", f"n CROSS JOIN {_SEATS}"),
    (
        "publication (owner, surface, marker, remote_id, url, concluding, done, created_at)",
        f"'run' || {_ID}, seat, '', '1', '', 1 = 1, 1 = 1, {_AT} + 1",
        f"n CROSS JOIN {_SEATS}",
    ),
    (
        'outcome (repository_id, number, fingerprint, source, "right", raised_by, confirmed_by, rejected_by, category, path, at)',
        f"DISTINCT :repository, i / 10 + 1, seat || (i / 10), 'thumbs', i % 4 < 3, seat, '', '', {_CATEGORY}, 'src/app.py', {_AT}",
        f"n CROSS JOIN {_SEATS} WHERE i % 20 < :step",
    ),
    (
        "red_check (run_id, name, repository_id, cause, red_before, at)",
        f"'run' || {_ID}, 'unit', :repository, 'failed test', i % 3 = 0, {_AT}",
        "n WHERE i % 5 = 2",
    ),
    (
        "consultation (id, key, installation_id, repository_id, repository, number, comment_id, login, specialist, question, title,"
        " summary, state, url, resolved, score, created_at, updated_at, kept_until)",
        f"'asked' || {_ID}, 'asked' || {_ID}, :installation, :repository, :name, i / 10 + 1, i, 'ada', 'ask',"
        " 'Why is it slow at ' || :mark, 'Slow',"
        f" :mark, 'answered', '', 0, i % 3 - 1, {_AT}, {_AT} + 20, {_AT} + 30000000",
        "n WHERE i % 10 = 4 OR i % 10 = 5",
    ),
    (
        "consultation_outcome (id, consultation_id, login, kind, number, why, at)",
        f"'said' || {_ID}, 'asked' || {_ID}, 'ada', 'helpful', 0, '', {_AT}",
        "n WHERE i % 10 = 4 OR i % 10 = 5",
    ),
)
_WORDS = {
    "sqlite": ("run_words (run_id, words)", f"'run' || {_ID}, :term || '_retry ' || :term || '_w' || (i % 700)", "n ORDER BY i DESC"),
    "postgresql": (
        "run_words (run_id, at, words)",
        f"'run' || {_ID}, {_AT}, array_to_tsvector(ARRAY[CAST(:term AS TEXT) || '_retry', CAST(:term AS TEXT) || '_w' || (i % 700)])",
        "n",
    ),
}


@dataclass(frozen=True)
class Place:
    """The owner of the runs; `mark` is in the texts of each."""

    installation_id: int
    repository_id: int
    name: str
    mark: str


async def store(database: Database, places: list[Place], count: int, now: float) -> None:
    """Store that many runs, the newest now, the oldest four weeks ago; the tenants alternate."""
    async with database.write() as connection:
        for first, place in enumerate(places):
            await _of(connection, place, {"first": first, "step": len(places), "count": count, "now": now, "gap": SPAN_SECONDS / count})
    for count_days in (add_up, add_up_work):
        more = True
        while more:
            # As a worker does every ten minutes.
            async with database.write() as connection:
                more = await count_days(connection, now)
    if not database.is_sqlite:
        # Autovacuum does this within a minute; SQLite has no such process.
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("VACUUM ANALYZE"))


async def _of(connection: AsyncConnection, place: Place, numbers: dict[str, float]) -> None:
    dialect = connection.dialect.name
    known = {"installation": place.installation_id, "repository": place.repository_id, "name": place.name, "mark": place.mark}
    repository = RepositoryRef(id=place.repository_id, full_name=place.name)
    job = ReviewPullRequest(installation_id=place.installation_id, repository=repository, number=1)
    known |= {"term": f"r{place.repository_id}", "payload": job.model_dump_json(), **numbers}
    for columns, values, source in (*_PARTS, _WORDS[dialect]):
        statement = f"INSERT INTO {columns} {_RUNS} SELECT {values} FROM {source}"
        named = {name: value for name, value in known.items() if f":{name}" in statement}
        await connection.execute(text(_cast(statement)), named)


def _cast(statement: str) -> str:
    """PostgreSQL needs the type of a value that stands alone; SQLite does not."""
    kinds = dict.fromkeys(("installation", "repository"), "BIGINT") | dict.fromkeys(("step", "count"), "INTEGER")
    kinds |= dict.fromkeys(("name", "mark", "payload"), "TEXT")
    for name, kind in kinds.items():
        statement = statement.replace(f" :{name}", f" CAST(:{name} AS {kind})")
    return statement

"""Turns what is stored of one pull request into a value that fits into a comment, for processes that start with an empty database.

If a later event reads a table that an earlier one wrote, list that table in `_of_pull_request`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.runs import SHOWN, last_published, last_shown
from app.store.tables.checks import CheckPartRow, HeadCheckRow
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow
from app.store.tables.core import FindingRow, LedgerRow, PublicationRow, PullRequestRow, RepositoryRow, RunRow
from app.store.tables.decisions import DispositionRow, OutcomeRow, PauseRow

Value = str | int | float | bool | None
Rows = Sequence[Mapping[str, Value]]
State = Mapping[str, Rows]

_MOST_RUNS, _MOST_ROWS, _MOST_QUESTIONS, _MOST_CALLS = 12, 300, 3, 100
_COUNTED = ":before"
_TEXTS = ("snapshot", "config", "problems", "selection", "verdict")
# In the order in which they are inserted.
_ROWS = (
    RepositoryRow,
    PullRequestRow,
    RunRow,
    PublicationRow,
    FindingRow,
    DispositionRow,
    OutcomeRow,
    PauseRow,
    HeadCheckRow,
    CheckPartRow,
    LedgerRow,
    ConsultationRow,
    ConsultationOutcomeRow,
)
_TABLES = {str(row.__tablename__): row for row in _ROWS}
_RUN, _PUBLICATION, _FINDING, _LEDGER = (sql_table(row) for row in (RunRow, PublicationRow, FindingRow, LedgerRow))
_QUESTION, _ANSWER = sql_table(ConsultationRow), sql_table(ConsultationOutcomeRow)


@dataclass(frozen=True)
class PullRequestKey:
    """A pull request or an issue of a repository."""

    repository_id: int
    number: int


class UnusableState(ValueError):
    """A state that this version cannot restore."""


async def read_state(connection: AsyncConnection, key: PullRequestKey) -> State:
    """The rows about a pull request, by table. Empty if nothing was reviewed, asked or decided."""
    newest = [run for run in (await last_shown(connection, *_of(key)), await last_published(connection, *_of(key))) if run is not None]
    query = select(_RUN).where(_RUN.c.repository_id == key.repository_id, _RUN.c.number == key.number, _RUN.c.state.in_(SHOWN))
    runs = await _rows(connection, query.order_by(_RUN.c.updated_at.desc()).limit(_MOST_RUNS))
    whole = {run.id for run in newest}
    state = {"run": [run if run["id"] in whole else _without_texts(run) for run in runs]}
    ids, heads = [run["id"] for run in runs], {run["head_sha"] for run in runs if run["id"] in whole}
    state["publication"] = await _rows(
        connection, select(_PUBLICATION).where(_PUBLICATION.c.owner.in_(ids), _PUBLICATION.c.remote_id != "")
    )
    for name, query in _of_pull_request(key, heads):
        state[name] = await _rows(connection, query)
    state["finding"] = [row for row in state["finding"] if row["inline"] or row["run_id"] in whole]
    state["ledger"] = await _spent(connection, key)
    state["consultation_outcome"] = await _rows(
        connection, select(_ANSWER).where(_ANSWER.c.consultation_id.in_([row["id"] for row in state["consultation"]]))
    )
    return {name: rows for name, rows in state.items() if rows}


async def put_state(connection: AsyncConnection, state: State) -> None:
    """Insert the rows of a state into a database that has none of this pull request. Raises UnusableState."""
    for name, row in _TABLES.items():
        if not state.get(name):
            continue
        columns = set(sql_table(row).c.keys())
        rows = [{column: value for column, value in values.items() if column in columns} for values in state[name]]
        try:
            await connection.execute(insert_or(row, connection.dialect.name).on_conflict_do_nothing(), rows)
        except SQLAlchemyError as error:
            raise UnusableState(f"the rows of {name} do not fit") from error


def shrink(state: State) -> Iterator[State]:
    """The state, then smaller and smaller forms: without the code around the change, without any code, and finally only the decisions.

    Without the code of the last review, the next one reads everything again. Findings and decisions keep their ids.
    """
    yield state
    yield {
        name: [{**row, "dossier": None, "advice": None} for row in rows] if name == "consultation" else rows for name, rows in state.items()
    }
    bare = {name: rows for name, rows in state.items() if name not in {"consultation", "consultation_outcome"}}
    yield bare
    bare = {**bare, "run": [_without_texts(row) for row in bare.get("run", ())]}
    yield bare
    yield {name: rows for name, rows in bare.items() if name not in {"outcome", "publication", "check_part", "head_check"}}
    yield {name: rows[-50:] for name, rows in bare.items() if name in {"disposition", "pause", "ledger", "run"}}


def _without_texts(run: Mapping[str, Value]) -> dict[str, Value]:
    """A run that is only counted. If its head becomes current again it is reviewed again, so its key is left free."""
    key = str(run["key"])
    return {**run, **dict.fromkeys(_TEXTS), "key": key if key.endswith(_COUNTED) else key + _COUNTED}


def _of(key: PullRequestKey) -> tuple[int, int]:
    return key.repository_id, key.number


def _of_pull_request(key: PullRequestKey, heads: set[Value]) -> Iterator[tuple[str, Select[tuple[object, ...]]]]:
    """The tables whose rows name the pull request, or the head of its last review."""

    def about(row: Table) -> tuple[ColumnElement[bool], ...]:
        return (row.c.repository_id == key.repository_id, row.c.number == key.number)

    yield "repository", select(sql_table(RepositoryRow)).where(sql_table(RepositoryRow).c.id == key.repository_id)
    for rows in (sql_table(PullRequestRow), sql_table(PauseRow)):
        yield rows.name, select(rows).where(*about(rows))
    for rows in (sql_table(DispositionRow), sql_table(OutcomeRow)):
        yield rows.name, select(rows).where(*about(rows)).order_by(rows.c.at.desc()).limit(_MOST_ROWS)
    yield "finding", select(_FINDING).where(*about(_FINDING)).limit(_MOST_ROWS)
    for rows in (sql_table(HeadCheckRow), sql_table(CheckPartRow)):
        yield rows.name, select(rows).where(rows.c.repository_id == key.repository_id, rows.c.head_sha.in_(heads))
    yield "consultation", select(_QUESTION).where(*about(_QUESTION)).order_by(_QUESTION.c.created_at.desc()).limit(_MOST_QUESTIONS)


async def _rows(connection: AsyncConnection, query: Select[tuple[object, ...]]) -> list[dict[str, Value]]:
    return [dict(row._mapping) for row in await connection.execute(query)]


async def _spent(connection: AsyncConnection, key: PullRequestKey) -> list[dict[str, Value]]:
    """The calls of the pull request, so that its cap holds from one process to the next. All but the newest are one sum."""
    query = select(_LEDGER).where(_LEDGER.c.repository_id == key.repository_id, _LEDGER.c.number == key.number)
    rows = await _rows(connection, query.order_by(_LEDGER.c.created_at.desc()))
    for row in rows:
        # A call that was in flight when its process ended is booked as spent.
        row["spent_usd"] = row["reserved_usd"] if row["spent_usd"] is None else row["spent_usd"]
        row["settled_at"] = row["created_at"] if row["settled_at"] is None else row["settled_at"]
    newest, older = rows[:_MOST_CALLS], rows[_MOST_CALLS:]
    if older:
        usd = sum(float(row["spent_usd"] or 0.0) for row in older)
        newest.append(older[0] | {"id": f"older:{key.number}", "run_id": "older", "spent_usd": usd, "reserved_usd": usd})
    return newest

"""Queries on the check run of a commit: what each pull request of that head reports on it, and what GitHub has of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.checks import CheckPartRow, HeadCheckRow
from app.store.tables.core import PullRequestRow

_CHECK, _PART, _PULL = sql_table(HeadCheckRow), sql_table(CheckPartRow), sql_table(PullRequestRow)

FAILURE = "failure"
GROUP = 0


class CheckedHead(NamedTuple):
    """A commit that is the head of one or more pull requests of a repository, or of a merge group."""

    repository_id: int
    sha: str


@dataclass(frozen=True)
class CheckPart:
    """What one pull request reports. `conclusion` is "" while it is under review; `source` is as in `Conclusion`."""

    number: int
    conclusion: str
    title: str
    source: str = "server"


@dataclass(frozen=True)
class SharedCheck:
    """The check run of a head.

    `parts` are those of its open pull requests, by number. `red` are the numbers of all pull requests whose review of the head failed,
    closed ones included. `notes` are digests of the annotations that were sent or may be on their way. `age` is in seconds.
    """

    remote_id: str
    url: str
    version: int
    notes: tuple[str, ...]
    parts: tuple[CheckPart, ...]
    red: tuple[int, ...]
    age: float


async def intend_check(connection: AsyncConnection, head: CheckedHead, now: float) -> bool:
    """Write the intention to create a check run of this head. Returns False if there was one already."""
    values = {"repository_id": head.repository_id, "head_sha": head.sha, "remote_id": "", "url": "", "version": 0, "notes": "[]"}
    statement = insert_or(HeadCheckRow, connection.dialect.name).values(**values, created_at=now).on_conflict_do_nothing()
    return (await connection.execute(statement.returning(_CHECK.c.head_sha))).first() is not None


async def note_created(connection: AsyncConnection, head: CheckedHead, remote_id: str, url: str) -> None:
    """Record the id that GitHub assigned."""
    await connection.execute(update(_CHECK).where(*_of(head)).values(remote_id=remote_id, url=url))


async def note_found(connection: AsyncConnection, head: CheckedHead, remote_id: str, url: str) -> None:
    """Record the check run that GitHub has, if none is recorded."""
    await connection.execute(update(_CHECK).where(*_of(head), _CHECK.c.remote_id == "").values(remote_id=remote_id, url=url))


async def save_part(connection: AsyncConnection, head: CheckedHead, part: CheckPart, now: float) -> None:
    """Set the part of a pull request. Only a verdict replaces a failure of the same pull request and head."""
    mine = (_PART.c.repository_id == head.repository_id, _PART.c.head_sha == head.sha, _PART.c.number == part.number)
    before = (await connection.execute(select(_PART).where(*mine))).first()
    red, conclusion, title = before is not None and before.red, part.conclusion, part.title
    # A pull request under review or skipped is open again. A final or changed verdict may come after it was closed.
    gone = before is not None and before.gone and (part.source == "verdict" or conclusion == "cancelled")
    if part.source == "verdict":
        red = conclusion == FAILURE
    elif red and conclusion not in {"", "cancelled"}:
        conclusion, title = FAILURE, f"Failed before · {title}"
    values = {
        "conclusion": conclusion,
        "title": title[:300],
        "red": red,
        "by_author": part.source == "author",
        "gone": gone,
        "updated_at": now,
    }
    keys = {"repository_id": head.repository_id, "head_sha": head.sha, "number": part.number}
    statement = insert_or(CheckPartRow, connection.dialect.name).values(**keys, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
    await _changed(connection, head)


async def read_shared_check(connection: AsyncConnection, head: CheckedHead, now: float) -> SharedCheck | None:
    """The check run of a head as it should be. None if nobody intended one."""
    row = (await connection.execute(select(_CHECK).where(*_of(head)))).first()
    if row is None:
        return None
    query = (
        select(_PART, _counts().label("counts"))
        .join(_PULL, and_(_PULL.c.repository_id == _PART.c.repository_id, _PULL.c.number == _PART.c.number), isouter=True)
        .where(_PART.c.repository_id == head.repository_id, _PART.c.head_sha == head.sha)
        .order_by(_PART.c.number)
    )
    rows = (await connection.execute(query)).all()
    parts = tuple(
        CheckPart(each.number, each.conclusion, each.title, "author" if each.by_author else "server") for each in rows if each.counts
    )
    red = tuple(each.number for each in rows if each.red)
    return SharedCheck(row.remote_id, row.url, row.version, tuple(json.loads(row.notes)), parts, red, max(0.0, now - row.created_at))


async def keep_notes(connection: AsyncConnection, head: CheckedHead, notes: Sequence[str]) -> None:
    """Record which annotations were sent, or are about to be."""
    await connection.execute(update(_CHECK).where(*_of(head)).values(notes=json.dumps(list(notes))))


async def leave_check(connection: AsyncConnection, repository_id: int, number: int, but: str = "") -> list[CheckedHead]:
    """Remove a pull request from the check runs of all heads but one. Returns the heads that other pull requests still share."""
    mine = (_PART.c.repository_id == repository_id, _PART.c.number == number, _PART.c.head_sha != but, _PART.c.gone.is_(False))
    left = list((await connection.execute(select(_PART.c.head_sha).where(*mine))).scalars())
    if not left:
        return []
    await connection.execute(update(_PART).where(*mine).values(gone=True))
    shared = []
    for sha in left:
        head = CheckedHead(repository_id, sha)
        await _changed(connection, head)
        check = await read_shared_check(connection, head, 0.0)
        if check is not None and check.remote_id and any(part.number != number for part in check.parts):
            shared.append(head)
    return shared


async def return_part(connection: AsyncConnection, head: CheckedHead, number: int) -> None:
    """Undo that a pull request left a check run, because GitHub still shows its part. It leaves again at the next opportunity."""
    mine = (_PART.c.repository_id == head.repository_id, _PART.c.head_sha == head.sha, _PART.c.number == number)
    await connection.execute(update(_PART).where(*mine).values(gone=False))


async def wanted_head(connection: AsyncConnection, repository_id: int, number: int) -> str:
    """The current head of a pull request, "" if it is not known."""
    query = select(_PULL.c.wanted_sha).where(_PULL.c.repository_id == repository_id, _PULL.c.number == number)
    return (await connection.execute(query)).scalar() or ""


async def find_part(connection: AsyncConnection, head: CheckedHead, number: int) -> CheckPart | None:
    """What a pull request reports on the check run of this head. A skip that its author caused does not hide a failure."""
    query = select(_PART).where(_PART.c.repository_id == head.repository_id, _PART.c.head_sha == head.sha)
    rows = (await connection.execute(query)).all()
    row = next((each for each in rows if each.number == number), None)
    if row is None:
        return None
    hidden = row.by_author and any(each.red for each in rows)
    return CheckPart(row.number, FAILURE if hidden else row.conclusion, row.title)


async def open_numbers(connection: AsyncConnection, head: CheckedHead) -> list[int]:
    """The open pull requests whose current head this is."""
    wanted = (_PULL.c.repository_id == head.repository_id, _PULL.c.wanted_sha == head.sha, _PULL.c.open.is_(True))
    return list((await connection.execute(select(_PULL.c.number).where(*wanted).order_by(_PULL.c.number))).scalars())


async def numbers_at(connection: AsyncConnection, repository_id: int, shas: Sequence[str]) -> list[int]:
    """The pull requests whose current head is one of these commits."""
    where = (_PULL.c.repository_id == repository_id, _PULL.c.wanted_sha.in_(shas))
    return list((await connection.execute(select(_PULL.c.number).where(*where))).scalars())


async def _changed(connection: AsyncConnection, head: CheckedHead) -> None:
    await connection.execute(update(_CHECK).where(*_of(head)).values(version=_CHECK.c.version + 1))


def _counts() -> ColumnElement[bool]:
    """A pull request counts on its current head until it is closed. A draft counts, although it is not reviewed."""
    at_head = and_(_PULL.c.wanted_sha == _PART.c.head_sha, or_(_PULL.c.open.is_(True), _PART.c.gone.is_(False)))
    return func.coalesce(or_(_PART.c.number == GROUP, at_head), False)


def _of(head: CheckedHead) -> tuple[ColumnElement[bool], ...]:
    return (_CHECK.c.repository_id == head.repository_id, _CHECK.c.head_sha == head.sha)

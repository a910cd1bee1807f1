"""Encrypts everything again with another master key: add here each column with encrypted text, and who owns it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, or_, select, tuple_, update

from app.errors import UserError
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import MARK, Transcripts, Unreadable, is_sealed
from app.store.security.key_check import NAME, ROTATION, SCOPE, fingerprint
from app.store.security.vault import Unsealable, Vault
from app.store.tables.consultations import ConsultationCritiqueRow, ConsultationOpinionRow, ConsultationRow
from app.store.tables.core import FindingRow, RunRow, SeatAnswerRow, VoteRow
from app.store.tables.decisions import DispositionRow
from app.store.tables.pages import SecretRow, SessionRow

_SECRET, _SESSION = sql_table(SecretRow), sql_table(SessionRow)
# A row may hold a whole diff.
_AT_ONCE = 50
# The owners of encrypted texts by table, as defined by the modules that encrypt them.
OWNERS: Mapping[str, Callable[[Row[Any]], str]] = {
    sql_table(RunRow).name: lambda row: str(row.id),
    sql_table(SeatAnswerRow).name: lambda row: str(row.run_id),
    sql_table(FindingRow).name: lambda row: str(row.run_id),
    sql_table(VoteRow).name: lambda row: str(row.run_id),
    sql_table(DispositionRow).name: lambda row: f"{row.repository_id}/{row.number}/{row.fingerprint}",
    sql_table(ConsultationRow).name: lambda row: str(row.id),
    sql_table(ConsultationOpinionRow).name: lambda row: str(row.consultation_id),
    sql_table(ConsultationCritiqueRow).name: lambda row: str(row.consultation_id),
}


@dataclass(frozen=True)
class Resealed:
    """How many values were encrypted with the new key now, were before, and cannot be decrypted with either key."""

    anew: int = 0
    before: int = 0
    lost: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.anew + other.anew, self.before + other.before, self.lost + other.lost)


@dataclass(frozen=True)
class Rotation:
    """The change from one master key to another. If interrupted, it resumes where it stopped."""

    database: Database
    old: Vault
    new: Vault
    clock: Callable[[], float]
    step: Callable[[], None] = field(default=lambda: None)

    async def run(self) -> Resealed:
        """Encrypt everything again, then make the new key the database's. Raises UserError if these are not its keys."""
        if await self._begin():
            return Resealed()
        done = Resealed()
        places: Sequence[tuple[Table, _Sealer]] = (
            (_SECRET, self._reseal_secret),
            (_SESSION, self._reseal_session),
            *((table_of(name), self._reseal_texts) for name in OWNERS),
        )
        for place, sealer in places:
            done += await self._walk(place, sealer)
        await self._end()
        return done

    async def _begin(self) -> bool:
        """Record that a rotation is in progress, which stops every process that starts. Returns True if it had ended before."""
        old, new = fingerprint(self.old), fingerprint(self.new)
        async with self.database.write() as connection:
            rows = await connection.execute(select(_SECRET.c.name, _SECRET.c.hint).where(_SECRET.c.scope == SCOPE))
            hints: dict[str, str] = {row.name: row.hint for row in rows}
            if hints.get(NAME) == new and ROTATION not in hints:
                return True
            if hints.get(NAME) not in {None, old}:
                raise UserError(f"the database's master key is {hints[NAME]}, but the key to rotate from is {old}: use the right key")
            if hints.get(ROTATION) not in {None, new}:
                raise UserError(f"a rotation to the key {hints[ROTATION]} is unfinished, and this key is {new}: finish that rotation first")
            row = {"scope": SCOPE, "name": ROTATION, "sealed": b"", "hint": new, "changed_by": "", "changed_at": self.clock()}
            await connection.execute(insert_or(SecretRow, connection.dialect.name).values(row).on_conflict_do_nothing())
        return False

    async def _end(self) -> None:
        async with self.database.write() as connection:
            row = {"scope": SCOPE, "name": NAME, "sealed": b"", "hint": fingerprint(self.new), "changed_by": "", "changed_at": self.clock()}
            statement = insert_or(SecretRow, connection.dialect.name).values(row)
            changes = {"hint": row["hint"], "changed_at": row["changed_at"]}
            await connection.execute(statement.on_conflict_do_update(index_elements=["scope", "name"], set_=changes))
            await connection.execute(delete(_SECRET).where(_SECRET.c.scope == SCOPE, _SECRET.c.name == ROTATION))

    async def _walk(self, place: Table, sealer: "_Sealer") -> Resealed:
        """Process all encrypted rows of a table in key order, some per transaction.

        If an encrypted text is part of the key, a processed row may come again. It counts as encrypted before.
        """
        done, keys, last = Resealed(), tuple(place.primary_key.columns), None
        while True:
            query = select(place).where(_is_sealed_row(place)).order_by(*keys).limit(_AT_ONCE)
            if last is not None:
                query = query.where(tuple_(*keys) > tuple_(*last))
            async with self.database.write() as connection:
                rows = (await connection.execute(query)).all()
                for row in rows:
                    values, counted = sealer(place, row)
                    done += counted
                    if values:
                        mine = [key == getattr(row, key.name) for key in keys]
                        await connection.execute(update(place).where(*mine).values(values))
            if not rows:
                return done
            last = tuple(getattr(rows[-1], key.name) for key in keys)
            self.step()

    def _reseal_secret(self, _: Table, row: Row[Any]) -> tuple[dict[str, object], Resealed]:
        return self._reseal_bytes("sealed", row.sealed, f"{row.scope}/{row.name}")

    def _reseal_session(self, _: Table, row: Row[Any]) -> tuple[dict[str, object], Resealed]:
        return self._reseal_bytes("token", row.token, f"session/{row.id}")

    def _reseal_bytes(self, column: str, sealed: bytes, where: str) -> tuple[dict[str, object], Resealed]:
        try:
            self.new.open(sealed, where)
            return {}, Resealed(before=1)
        except Unsealable:
            pass
        try:
            return {column: self.new.seal(self.old.open(sealed, where), where)}, Resealed(anew=1)
        except Unsealable:
            return {}, Resealed(lost=1)

    def _reseal_texts(self, place: Table, row: Row[Any]) -> tuple[dict[str, object], Resealed]:
        owner, old, new = OWNERS[place.name](row), Transcripts(lambda: self.old), Transcripts(lambda: self.new)
        values: dict[str, object] = {}
        done = Resealed()
        for name, kept in sealed_texts(row):
            if _opens(new, owner, name, kept):
                done += Resealed(before=1)
            elif _opens(old, owner, name, kept):
                values[name] = new.kept(owner, name, old.opened(owner, name, kept), sealed=True)
                done += Resealed(anew=1)
            else:
                done += Resealed(lost=1)
        return values, done


_Sealer = Callable[[Table, Row[Any]], tuple[dict[str, object], Resealed]]


def table_of(name: str) -> Table:
    """A table by its name."""
    return sql_table(RunRow).metadata.tables[name]


def sealed_texts(row: Row[Any]) -> Iterator[tuple[str, str]]:
    """The columns of a row whose text has the encryption marker."""
    return ((name, value) for name, value in row._mapping.items() if isinstance(value, str) and is_sealed(value))


def _is_sealed_row(place: Table) -> ColumnElement[bool]:
    if place is _SECRET:
        return func.length(place.c.sealed) > 0
    if place is _SESSION:
        return func.length(place.c.token) > 0
    # SQLModel's own text type names no Python type.
    texts = [column for column in place.columns if column.type.python_type in {str, object}]
    return or_(*(func.substr(column, 1, len(MARK)) == MARK for column in texts))


def _opens(door: Transcripts, owner: str, column: str, kept: str) -> bool:
    try:
        door.opened(owner, column, kept)
    except Unreadable:
        return False
    return True

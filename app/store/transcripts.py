"""What models were shown and said, on its way to the columns that keep it and back: sealed where a repository wants so.

A sealed text bears a mark, so that sealed and plain ones stand side by side. It opens only where it was sealed: for the same owner (a run
or a consultation) and the same column.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.vault import Unsealable, Vault

OPTION = "council_transcripts"
LOST = "This transcript is encrypted, and this server no longer has its key."
MARK = "sealed:1:"


class Unreadable(Exception):
    """It was sealed with another key, or for another place."""


@dataclass(frozen=True)
class Texts:
    """The columns of one row that hold a transcript; `lost` when one of them cannot be opened, and then all are None."""

    by_column: Mapping[str, str | None]
    sealed: bool = False
    lost: bool = False

    def __getitem__(self, column: str) -> str | None:
        return self.by_column[column]


class Transcripts:
    """The one door between transcripts and the database; the vault is opened when something sealed is first met."""

    def __init__(self, vault: Callable[[], Vault]) -> None:
        self._vault = vault

    def kept(self, owner: str, column: str, text: str, *, sealed: bool) -> str:
        """The text as its column holds it."""
        if not sealed:
            # Somebody's own words that look like the mark are no seal.
            return f" {text}" if is_sealed(text) else text
        return MARK + base64.b64encode(self._vault().seal(text, _place(owner, column))).decode()

    def opened(self, owner: str, column: str, kept: str) -> str:
        """What a column holds as text; raises Unreadable."""
        if not kept.startswith(MARK):
            return kept
        try:
            return self._vault().open(base64.b64decode(kept[len(MARK) :], validate=True), _place(owner, column))
        except (Unsealable, binascii.Error) as error:
            raise Unreadable(LOST) from error

    def texts(self, owner: str, **columns: str | None) -> Texts:
        """Some columns of one row, opened."""
        sealed = any(is_sealed(kept) for kept in columns.values())
        try:
            opened = {name: None if kept is None else self.opened(owner, name, kept) for name, kept in columns.items()}
        except Unreadable:
            return Texts(dict.fromkeys(columns), sealed, lost=True)
        return Texts(opened, sealed)

    def row(self, owner: str, values: Mapping[str, object]) -> dict[str, object]:
        """A whole row, opened; what cannot be opened is left as it is kept."""
        made = dict(values)
        for name, value in values.items():
            if isinstance(value, str) and is_sealed(value):
                text = self.texts(owner, **{name: value})
                made[name] = value if text.lost else text[name]
        return made


def transcripts_of(connection: AsyncConnection) -> Transcripts:
    """The door that belongs to a connection's database."""
    found = connection.sync_connection
    assert found is not None
    door = found.get_execution_options()[OPTION]
    assert isinstance(door, Transcripts)
    return door


def is_sealed(kept: str | None) -> bool:
    """Whether a column's text bears the mark."""
    return kept is not None and kept.startswith(MARK)


def _place(owner: str, column: str) -> str:
    return f"transcript/{owner}/{column}"

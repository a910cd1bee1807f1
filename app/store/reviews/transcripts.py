"""Reads and writes transcripts, what models were shown and said, and encrypts them if the repository wants it.

An encrypted text has a marker, so that encrypted and plain texts can share a column. It can be decrypted only for the same owner (a run or
a consultation) and the same column.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.security.vault import Unsealable, Vault

OPTION = "council_transcripts"
LOST = "This transcript is encrypted, and this server no longer has its key."
MARK = "sealed:1:"


class Unreadable(Exception):
    """It was encrypted with another key, or for another place."""


@dataclass(frozen=True)
class Texts:
    """The columns of one row that hold a transcript. `lost` if one of them cannot be decrypted, and then all are None."""

    by_column: Mapping[str, str | None]
    sealed: bool = False
    lost: bool = False

    def __getitem__(self, column: str) -> str | None:
        return self.by_column[column]


class Transcripts:
    """The only way for transcripts into and out of the database. The vault is opened when the first encrypted text is read."""

    def __init__(self, vault: Callable[[], Vault]) -> None:
        self._vault = vault

    def kept(self, owner: str, column: str, text: str, *, sealed: bool) -> str:
        """The text as its column stores it."""
        if not sealed:
            # Do not treat a person's text that starts like the marker as encrypted.
            return f" {text}" if is_sealed(text) else text
        return MARK + base64.b64encode(self._vault().seal(text, _place(owner, column))).decode()

    def opened(self, owner: str, column: str, kept: str) -> str:
        """The plain text of a column. Raises Unreadable."""
        if not kept.startswith(MARK):
            return kept
        try:
            return self._vault().open(base64.b64decode(kept[len(MARK) :], validate=True), _place(owner, column))
        except (Unsealable, binascii.Error) as error:
            raise Unreadable(LOST) from error

    def texts(self, owner: str, **columns: str | None) -> Texts:
        """Some columns of one row, decrypted."""
        sealed = any(is_sealed(kept) for kept in columns.values())
        try:
            opened = {name: None if kept is None else self.opened(owner, name, kept) for name, kept in columns.items()}
        except Unreadable:
            return Texts(dict.fromkeys(columns), sealed, lost=True)
        return Texts(opened, sealed)

    def row(self, owner: str, values: Mapping[str, object]) -> dict[str, object]:
        """A whole row, decrypted. What cannot be decrypted is left as stored."""
        made = dict(values)
        for name, value in values.items():
            if isinstance(value, str) and is_sealed(value):
                text = self.texts(owner, **{name: value})
                made[name] = value if text.lost else text[name]
        return made


def transcripts_of(connection: AsyncConnection) -> Transcripts:
    """The Transcripts of a connection's database."""
    found = connection.sync_connection
    assert found is not None
    door = found.get_execution_options()[OPTION]
    assert isinstance(door, Transcripts)
    return door


def is_sealed(kept: str | None) -> bool:
    """Whether a column's text has the encryption marker."""
    return kept is not None and kept.startswith(MARK)


def _place(owner: str, column: str) -> str:
    return f"transcript/{owner}/{column}"

"""An encrypted text opens only in its place, and one without the marker is read unchanged."""

import pytest

from app.store.reviews.transcripts import MARK, Transcripts, Unreadable
from app.store.security.vault import Vault


def test_a_text_is_decrypted_only_for_its_owner_and_column() -> None:
    door = Transcripts(lambda: Vault(b"k" * 32))
    kept = door.kept("run-1", "verdict", "said", sealed=True)
    assert kept.startswith(MARK) and "said" not in kept and door.opened("run-1", "verdict", kept) == "said"
    for owner, column, text in (
        ("run-2", "verdict", kept),
        ("run-1", "snapshot", kept),
        ("run-1", "verdict", kept[:-8]),
        ("run-1", "verdict", MARK),
        ("run-1", "verdict", MARK + "no base64"),
    ):
        with pytest.raises(Unreadable):
            door.opened(owner, column, text)
    with pytest.raises(Unreadable):
        Transcripts(lambda: Vault(b"x" * 32)).opened("run-1", "verdict", kept)


def test_plain_texts_need_no_key() -> None:
    def none() -> Vault:
        raise AssertionError("the vault was opened")

    door = Transcripts(none)
    assert door.kept("run-1", "verdict", "said", sealed=False) == "said"
    assert door.opened("run-1", "verdict", "said") == "said"
    assert door.row("run-1", {"number": 1, "title": "said", "verdict": None}) == {"number": 1, "title": "said", "verdict": None}


def test_text_that_looks_encrypted_stays_text() -> None:
    door = Transcripts(lambda: Vault(b"k" * 32))
    kept = door.kept("run-1", "evidence", f"{MARK}AAAA", sealed=False)
    assert door.opened("run-1", "evidence", kept).strip() == f"{MARK}AAAA"
    assert not door.texts("run-1", evidence=kept).lost


def test_a_row_decrypts_what_it_can_and_keeps_the_rest() -> None:
    door = Transcripts(lambda: Vault(b"k" * 32))
    mine, other = (door.kept(owner, "title", "said", sealed=True) for owner in ("run-1", "run-2"))
    assert door.row("run-1", {"title": mine}) == {"title": "said"} and door.row("run-1", {"title": other}) == {"title": other}

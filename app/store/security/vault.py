"""Encrypts secrets before they go to the database or a browser, with the single key of this instance."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Unsealable(Exception):
    """The text was encrypted with another key or for another place, or was changed since."""


class Vault:
    """AES-256-GCM. A text encrypted for one place cannot be decrypted at another, so that rows cannot be swapped."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @cached_property
    def _cipher(self) -> "AESGCM":
        # Imported only when needed: a web process that only takes webhooks does without it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def seal(self, text: str, place: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def derived(self, purpose: str) -> str:
        """A secret derived from this key, the same each time. It needs only the standard library."""
        return hmac.new(self._key, f"derived/{purpose}".encode(), hashlib.sha256).hexdigest()[:40]

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt a text. Raises Unsealable if it is not ours."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable(f"the value of {place} was encrypted with a different key") from error


def open_vault(master_key: str, data: Path) -> Vault:
    """The vault of this instance. Its key is `master_key`, otherwise `master.key` in the data folder, created at the first start."""
    return Vault(_decoded(master_key, "COUNCIL_MASTER_KEY") if master_key else _kept(data / "master.key"))


def _kept(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written to a temporary file and linked into place whole: of two processes that start together, both read the first one's.
        aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    try:
        return _decoded(path.read_text().strip(), str(path))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "==")
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise SettingsError(f"{where} is not a key of 32 bytes in base64; create one with: openssl rand -base64 32")
    return key

"""Verifies a webhook's signature, then parses the request. No framework; nothing is parsed before verification."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from webhooks.job_base import FrozenModel

MAX_BODY = 25 * 1024 * 1024
# Of the events that Council uses, those of an installation have the most values: five with their names per repository, so 18,000
# repositories fit. Parsing a million values takes 0.25 s, which blocks all other requests, and up to 800 MB. Before each value or name
# there is one of these signs.
_MOST_VALUES = 200_000
_BEFORE_VALUES = b",[{:"
# 25 MB of numbers of 4,000 digits take 0.2 s to parse, in one call that blocks all threads; a mebibyte of them takes 8 ms.
_MEBI = 1024 * 1024
_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 100
_PREFIX = "sha256="


class BadSignature(Exception):
    """The request is not from GitHub, or the secret differs."""


class BadPayload(Exception):
    """The signature is valid, but the body is no JSON object, or too much of one; `guid` and `event` come from the headers."""

    def __init__(self, guid: str, event: str) -> None:
        super().__init__(f"delivery {guid} ({event}) is not a JSON object")
        self.guid = guid
        self.event = event


class Delivery(FrozenModel):
    """One delivery with a valid signature, or from GitHub's API. Only the handler reads `payload`, into its own model.

    `slug` is the App's own name, by which people mention it; "" if this server does not know it.
    """

    guid: str
    event: str
    action: str
    installation_id: int
    digest: str
    payload: dict[str, Any]
    slug: str = ""

    @classmethod
    def from_api(cls, guid: str, event: str, payload: dict[str, Any]) -> "Delivery":
        """A delivery that GitHub's own API returned, over an authenticated connection."""
        return cls._read(guid, event, payload, hashlib.sha256(to_json(payload)).hexdigest())

    @classmethod
    def from_http(cls, headers: Mapping[str, str], raw: bytes, secrets: Sequence[str]) -> "Delivery":
        """Read a request whose body was signed with one of `secrets`; header names are lower case.

        Raises BadSignature or BadPayload. Several secrets allow a rotation without a gap.
        """
        verify(headers.get("x-hub-signature-256", ""), raw, secrets)
        guid, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
        if _is_excessive(raw):
            raise BadPayload(guid, event)
        try:
            payload = from_json(raw, allow_inf_nan=False)
        except ValueError:
            raise BadPayload(guid, event) from None
        if not isinstance(payload, dict) or not guid or not event:
            raise BadPayload(guid, event)
        return cls._read(guid, event, payload, hashlib.sha256(raw).hexdigest())

    @classmethod
    def _read(cls, guid: str, event: str, payload: dict[str, Any], digest: str) -> "Delivery":
        installation = payload.get("installation")
        installation_id = installation.get("id") if isinstance(installation, dict) else 0
        action = payload.get("action")
        return cls.model_construct(
            guid=guid,
            event=event,
            action=action if isinstance(action, str) else "",
            installation_id=installation_id if isinstance(installation_id, int) else 0,
            digest=digest,
            payload=payload,
        )


def _is_excessive(raw: bytes) -> bool:
    """Whether parsing a body would take long, or much more memory than its bytes."""
    if sum(raw.count(sign) for sign in _BEFORE_VALUES) >= _MOST_VALUES:
        return True
    if len(raw) < _MEBI:
        return False
    # A mebibyte at a time, because no other thread runs during a call.
    pieces = (raw[start : start + _MEBI].translate(_AS_ZEROS) for start in range(0, len(raw), _MEBI))
    return sum(piece.count(_LONG_NUMBER) for piece in pieces) * len(_LONG_NUMBER) > _MEBI


def verify(signature: str, raw: bytes, secrets: Sequence[str]) -> None:
    """Raise BadSignature unless `signature` is the SHA-256 HMAC of `raw` under one of `secrets`, compared in constant time."""
    given = signature.encode("utf-8", "replace")
    held = False
    for secret in secrets:
        if not secret:
            continue
        expected = _PREFIX + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        held |= hmac.compare_digest(expected.encode(), given)
    if not held:
        raise BadSignature("the signature does not match the body and the webhook secret")

"""Verify a webhook request, then read it: no framework, and nothing is parsed before the signature held."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json, to_json

MAX_BODY = 25 * 1024 * 1024
# Of the events that Council hears, those of an installation have most: five for each of its repositories. A million take 0.25 s, in
# which nothing else is answered, and up to 800 MB.
_MOST_VALUES = 250_000
_PREFIX = "sha256="


class BadSignature(Exception):
    """The request is not from GitHub, or the secret differs."""


class BadPayload(Exception):
    """Rightly signed, but not a JSON object, or one of too many values; `guid` and `event` come from the headers."""

    def __init__(self, guid: str, event: str) -> None:
        super().__init__(f"delivery {guid} ({event}) is not a JSON object")
        self.guid = guid
        self.event = event


class Delivery(BaseModel):
    """One delivery: its signature held, or GitHub's API gave it. `payload` ends at the handler, which reads it into its own model.

    `slug` is the App's own name, by which people mention it; "" where this server was not told.
    """

    model_config = ConfigDict(frozen=True)

    guid: str
    event: str
    action: str
    installation_id: int
    digest: str
    payload: dict[str, Any]
    slug: str = ""

    @classmethod
    def from_api(cls, guid: str, event: str, payload: dict[str, Any]) -> "Delivery":
        """One that GitHub's own API gave back, over a connection that our key opened."""
        return cls._read(guid, event, payload, hashlib.sha256(to_json(payload)).hexdigest())

    @classmethod
    def from_http(cls, headers: Mapping[str, str], raw: bytes, secrets: Sequence[str]) -> "Delivery":
        """Read a request whose body was signed with one of `secrets`; header names are lower case.

        Raises BadSignature or BadPayload. Several secrets allow a rotation without a gap.
        """
        verify(headers.get("x-hub-signature-256", ""), raw, secrets)
        guid, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
        if raw.count(b",") >= _MOST_VALUES:
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
